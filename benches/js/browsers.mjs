// The browsers' engines: V8 in Chromium, SpiderMonkey in Firefox, JavaScriptCore in WebKit. Each has `open(url)`, which returns a page with
// `evaluate(function, ...values)` and `close()`.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { programsOf } from "../../tests/js/environment.mjs";
import { ENGINES } from "../../tests/browsers/engines.mjs";

const packaging = createRequire(new URL("../../tests/packaging/package.json", import.meta.url));

async function startChromium(executablePath) {
  const args = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
  const browser = await packaging("playwright-core").chromium.launch({ executablePath, chromiumSandbox: process.getuid?.() !== 0, args });
  const open = async (url) => {
    const page = await browser.newPage();
    await page.goto(url, { waitUntil: "load" });
    // playwright's evaluate takes one value.
    const evaluate = (work, ...values) => page.evaluate(`(${work})(...${JSON.stringify(values)})`);
    return { evaluate, close: () => page.close() };
  };
  return { open, close: () => browser.close() };
}

/** The installed engines, and how to start each. */
export function browsers(chromium) {
  const others = Object.entries(ENGINES).flatMap(([name, start]) => {
    const { programs, skip } = programsOf(name);
    if (skip) console.error(`  ${name} is left out: ${skip}`);
    return skip ? [] : [[name, () => start(programs)]];
  });
  return Object.fromEntries([["Chromium", () => startChromium(chromium)], ...others]);
}

const TYPES = { html: "text/html", js: "text/javascript", wasm: "application/wasm" };

/** Serves the bundled page.mjs, and the crate `rsa` beside it if its folder is given. On localhost pages have WebCrypto. */
export async function servePage(rsaCrate) {
  const outfile = fileURLToPath(new URL("../../target/bench/page.js", import.meta.url));
  await packaging("esbuild").build({ absWorkingDir: import.meta.dirname, entryPoints: ["page.mjs"], bundle: true, format: "esm", platform: "browser", outfile, logLevel: "error" });
  const files = new Map([
    ["/", '<!doctype html><title>page</title><script type="module" src="page.js"></script>'],
    ["/page.js", readFileSync(outfile)],
    ...(rsaCrate ? ["rsa_wasm_peer_bg.js", "rsa_wasm_peer_bg.wasm"].map((name) => [`/${name}`, readFileSync(join(rsaCrate, name))]) : []),
  ]);
  const server = createServer(({ url }, response) => {
    const body = files.get(url);
    response.writeHead(body ? 200 : 404, { "content-type": TYPES[url === "/" ? "html" : url.split(".").pop()] ?? "text/plain" }).end(body);
  });
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  return { url: `http://127.0.0.1:${server.address().port}/`, stop: () => server.close() };
}

/** Opens a page and waits for its script. */
export async function opened(browser, url) {
  const page = await browser.open(url);
  while (!(await page.evaluate(() => typeof globalThis.firstSignature === "function"))) await new Promise((later) => setTimeout(later, 20));
  return page;
}
