// The suite in headless Chromium: a page without a bundler, pages and workers by bundlers; and countersign/slim over the network.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { build as esbuild } from "esbuild";
import { chromium } from "playwright-core";
import { build as vite } from "vite";

import { required } from "../js/environment.mjs";
import { keyFile } from "../js/keys.mjs";
import { html, htmlWithImports, serveFiles } from "./file_server.mjs";
import { conforms, project } from "./project.mjs";
import { SIGNED, example } from "./runtime_examples.mjs";
import { bundledByWebpack } from "./webpack.mjs";

let browser, origin, stop;
// Each page has its own process, and they run at the same time.
const pages = [];
function conformsOn(name, prepare) {
  const page = { prepare };
  pages.push(page);
  conforms(`Chromium, ${name}`, "wasm", () => page.report);
}

before(async () => {
  ({ origin, stop } = await serveFiles());
  const args = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--host-resolver-rules=MAP insecure.test 127.0.0.1"];
  browser = await chromium.launch({ executablePath: required("CHROMIUM"), chromiumSandbox: process.getuid?.() !== 0, args });
  for (const page of pages) {
    page.report = page.prepare().then((path) => open(path, reported));
    page.report.catch(() => {});
  }
});
after(async () => {
  await browser?.close();
  stop?.();
});

/** Opens a page and returns what a function in it returns. Anything that the page reports on its console is an error. */
async function open(path, look, from = origin) {
  const page = await browser.newPage();
  const complaints = [];
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  try {
    // The suite may take longer than the load of a page.
    await page.goto(`${from}/${path}`, { waitUntil: "commit" });
    const result = await page.evaluate(look).catch((error) => complaints.push(String(error)));
    assert.deepEqual(complaints.filter((text) => !text.includes("favicon")), []);
    return result;
  } finally {
    await page.close();
  }
}

/** What the page reports. One whose scripts do not load reports nothing. */
const reported = () =>
  new Promise((resolve, reject) => {
    setTimeout(() => reject(new Error(`120 s have passed ${globalThis.report ? "without an end of the report" : "without a report"}`)), 120_000);
    const look = () => (globalThis.report ? resolve(globalThis.report) : setTimeout(look, 20));
    look();
  });

conformsOn("a page without a bundler", async () => {
  project("page", { "index.html": htmlWithImports("page.js") });
  return "page/";
});

conformsOn("a page built by Vite", async () => {
  const root = project("vite", { "index.html": html("/page.js") });
  await vite({ root, base: "./", logLevel: "error", configFile: false, build: { chunkSizeWarningLimit: 4000 } });
  return "vite/dist/";
});

conformsOn("a page built by webpack", async () => {
  const folder = project("webpack", { "index.html": html("out/page.js", "text/javascript") });
  await bundledByWebpack({ context: folder, entry: "./page.js", target: "web", output: { path: join(folder, "out"), filename: "page.js" } });
  return "webpack/";
});

conformsOn("a Web Worker built by webpack", async () => {
  const folder = project("webworker", { "index.html": html("start.js"), "start.js": 'globalThis.report = new Promise((resolve) => (new Worker("out/worker.js").onmessage = ({ data }) => resolve(data)));' });
  await bundledByWebpack({ context: folder, entry: "./web_worker.js", target: "webworker", output: { path: join(folder, "out"), filename: "worker.js" } });
  return "webworker/";
});

conformsOn("a Service Worker built by esbuild", async () => {
  const folder = project("service-worker", {
    "index.html": html("start.js"),
    "start.js": `
      globalThis.report = (async () => {
        const registration = await navigator.serviceWorker.register("worker.js");
        const worker = registration.installing ?? registration.active;
        const answer = new Promise((resolve) => (navigator.serviceWorker.onmessage = ({ data }) => resolve(data)));
        worker.postMessage("report");
        return answer;
      })();`,
  });
  await esbuild({ absWorkingDir: folder, entryPoints: ["service_worker.js"], bundle: true, minify: true, platform: "browser", format: "iife", outfile: join(folder, "worker.js"), logLevel: "error" });
  return "service-worker/";
});

const SIGN = 'generateKeyPair({ type: "ECDSA" }).then(({ privateKey }) => privateKey.length > 100)';

test("slim gets its module from beside it, without a bundler and with Vite and webpack", async () => {
  const source = `
    import { generateKeyPair, init } from "countersign/slim";
    globalThis.report = init().then(() => ${SIGN});`;
  const folder = project("slim-page", {
    "index.html": htmlWithImports("page.js", { "countersign/slim": "../node_modules/countersign/slim.js" }), "page.js": source,
  }, { suite: false });
  assert.equal(await open("slim-page/", reported), true);

  const root = project("slim-vite", { "index.html": html("/page.js"), "page.js": source }, { suite: false });
  await vite({ root, base: "./", logLevel: "error", configFile: false });
  assert.equal(await open("slim-vite/dist/", reported), true);

  const packed = project("slim-webpack", { "index.html": html("out/page.js", "text/javascript"), "page.js": source }, { suite: false });
  await bundledByWebpack({ context: packed, entry: "./page.js", target: "web", output: { path: join(packed, "out"), filename: "page.js" } });
  assert.equal(await open("slim-webpack/", reported), true);
});

test("a page that is not secure has no WebCrypto: AsyncSigner says so, or signs in WebAssembly if it is asked to; Signer signs", async () => {
  project("insecure", {
    "index.html": html("page.js"),
    "page.js": `
      import { AsyncSigner, Signer } from "../node_modules/countersign/dist/index.js";
      const options = { keyPairId: "K1", privateKey: ${JSON.stringify(readFileSync(keyFile("rsa2048"), "utf8"))} };
      const sign = (signer) => signer.signUrl("https://d.net/a", { dateLessThan: 2e9, now: 1e9 });
      globalThis.report = (async () => {
        const { code, message } = await AsyncSigner.fromKey(options).catch((error) => error);
        const fallback = await AsyncSigner.fromKey({ ...options, fallback: "wasm" });
        return { isSecureContext, code, message, engine: fallback.engine, same: (await sign(fallback)) === sign(new Signer(options)) };
      })();`,
  }, { suite: false });
  const { isSecureContext, code, message, engine, same } = await open("insecure/", reported, origin.replace("127.0.0.1", "insecure.test"));
  assert.deepEqual({ isSecureContext, code, engine, same }, { isSecureContext: false, code: "HOST_CRYPTO_UNAVAILABLE", engine: "wasm", same: true });
  assert.match(message, /needs HTTPS/);
});

test("slim says what came instead of its module, and can be tried again", async () => {
  project("slim-missing", {
    "index.html": html("page.js"),
    "page.js": `
      import { CountersignError, generateKeyPair, init } from "../node_modules/countersign/slim.js";
      const failure = (input) => init(input).then(() => "no error", (error) => ({ own: error instanceof CountersignError, code: error.code, message: error.message, hint: error.hint }));
      globalThis.report = (async () => {
        const missing = await failure("fallback.wasm.not-here").catch(String);
        const page = await failure(fetch("fallback.wasm"));
        const nowhere = await failure("http://127.0.0.1:1/core.wasm");
        const other = await failure(new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]));
        const broken = await failure(new Uint8Array([0, 0x61, 0x73, 0x6d, 9, 9, 9, 9]));
        const [one, two] = [init(), init()];
        await one;
        await init("not read any more");
        return { failures: { missing, page, nowhere, other, broken }, shared: one === two, signs: await ${SIGN} };
      })();`,
  }, { suite: false });
  // Chromium itself reports the 404 and the refused connection on the console.
  const page = await browser.newPage();
  try {
    await page.goto(`${origin}/slim-missing/`);
    const { failures, shared, signs } = await page.evaluate(reported);
    for (const [name, { own, code, message, hint }] of Object.entries(failures)) assert.ok(own && code === "NOT_INITIALIZED" && message && hint, `${name}: ${JSON.stringify(failures[name])}`);
    assert.match(failures.missing.message, /status 404/);
    assert.match(failures.page.message, /text\/html.*begins with "<!doctype html>/);
    assert.match(failures.nowhere.message, /cannot be read/);
    assert.match(failures.other.message, /not the module of this version/);
    assert.match(failures.broken.message, /cannot be compiled here/);
    assert.deepEqual({ shared, signs }, { shared: true, signs: true });
  } finally {
    await page.close();
  }
});

test("a page whose Content-Security-Policy forbids WebAssembly is told which word it lacks", async () => {
  const folder = project("csp", {}, { suite: false });
  const files = { "index.html": html("page.js"), "page.js": 'globalThis.report = import("../../node_modules/countersign/dist/index.js").then(() => "no error", ({ code, hint }) => ({ code, hint }));' };
  mkdirSync(join(folder, "strict"));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, "strict", name), text);
  const page = await browser.newPage();
  try {
    await page.goto(`${origin}/csp/strict/`);
    const { code, hint } = await page.evaluate(reported);
    assert.equal(code, "NOT_INITIALIZED");
    assert.match(hint, /script-src 'wasm-unsafe-eval'/);
  } finally {
    await page.close();
  }
});

test("a page that may not connect anywhere signs: the module is inside the JavaScript", async () => {
  const folder = project("csp-unconnected", {}, { suite: false });
  const source = `
    import { Signer } from "../../node_modules/countersign/dist/index.js";
    const signer = new Signer({ keyPairId: "K1", privateKey: ${JSON.stringify(readFileSync(keyFile("p256"), "utf8"))} });
    const connected = fetch(import.meta.url).then(() => true, () => false);
    globalThis.report = connected.then((connected) => ({ connected, url: signer.signUrl("https://d.net/a", { dateLessThan: 2e9, now: 1e9 }) }));`;
  mkdirSync(join(folder, "unconnected"));
  for (const [name, text] of Object.entries({ "index.html": html("page.js"), "page.js": source })) writeFileSync(join(folder, "unconnected", name), text);
  const page = await browser.newPage();
  try {
    await page.goto(`${origin}/csp-unconnected/unconnected/`);
    const { connected, url } = await page.evaluate(reported);
    assert.equal(connected, false, "the policy forbids it");
    assert.match(url, /^https:\/\/d\.net\/a\?Expires=2000000000&Signature=[\w~-]+&Key-Pair-Id=K1&Hash-Algorithm=SHA256$/);
  } finally {
    await page.close();
  }
});

test("the guide's example for a page", async () => {
  project("page-readme", { "index.html": example("page").replace("./node_modules", "../node_modules") }, { suite: false });
  const page = await browser.newPage();
  try {
    await page.goto(`${origin}/page-readme/`);
    await page.setInputFiles("#key", keyFile("rsa2048"));
    await page.waitForFunction(() => globalThis.document.querySelector("#url").textContent);
    assert.match(await page.textContent("#url"), SIGNED);
  } finally {
    await page.close();
  }
});
