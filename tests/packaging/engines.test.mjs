// The suite in Firefox and in WebKit, Safari's engine: in a page without a bundler and in a Worker; and what goes wrong there.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { inEachEngine } from "../browsers/each_engine.mjs";
import { keyFile } from "../js/keys.mjs";
import { html, htmlWithImports, serveFiles } from "./file_server.mjs";
import { conforms, project } from "./project.mjs";

const reported = () => globalThis.report;

let server;
before(async () => {
  server = await serveFiles();
  project("engines-page", { "index.html": htmlWithImports("page.js") });
  project("engines-worker", {
    "index.html": html("start.js"),
    "start.js": 'const worker = new Worker("worker.js", { type: "module" }); worker.onmessage = ({ data }) => (globalThis.report = data); worker.onerror = (event) => console.error(event.message);',
    // A module Worker has no import map.
    "worker.js": 'import "./memory.js";\nconst { conform } = await import("./conformance.js");\nconst [countersign, { default: expected }, { memories }] = await Promise.all([import("../node_modules/countersign/dist/index.js"), import("./expected.js"), import("./memory.js")]);\npostMessage(await conform({ countersign, expected, memories, signatures: 1000 }));\n',
  });
});
after(() => server?.stop());

inEachEngine((name, open) => {
  /** What a page returns. Anything that it reports on its console is an error. */
  async function opened(path, look = reported) {
    const page = await open(`${server.origin}/${path}`);
    try {
      const found = await page.waitFor(look);
      assert.deepEqual(await page.complaints(), []);
      return found;
    } finally {
      await page.close();
    }
  }

  conforms("a page without a bundler", "wasm", () => opened("engines-page/", () => globalThis.report.then((report) => report)));
  conforms("a Worker that is a module", "wasm", () => opened("engines-worker/"));

  test("the first signature of a page is right, and opens nothing else", async () => {
    project(`engines-first-${name}`, {
      "index.html": htmlWithImports("page.js"),
      "page.js": `
        import { Signer, Verifier } from "countersign";
        const keyPairId = "K2JCJMDEHXQW5F";
        const signer = new Signer({ keyPairId, privateKey: ${JSON.stringify(readFileSync(keyFile("rsa2048"), "utf8"))} });
        const url = signer.signUrl("https://d111111abcdef8.cloudfront.net/a", { dateLessThan: "1h" });
        const verifier = new Verifier({ publicKeys: { [keyPairId]: ${JSON.stringify(readFileSync(keyFile("rsa2048.pub"), "utf8"))} } });
        globalThis.report = { engine: signer.engine, allowed: verifier.verify({ url }).allowed, changed: verifier.verify({ url: url.replace("/a?", "/b?") }).allowed };`,
    }, { suite: false });
    assert.deepEqual(await opened(`engines-first-${name}/`), { engine: "wasm", allowed: true, changed: false });
  });

  test("slim gets its module from beside it, and says what came instead of another", async () => {
    project(`engines-slim-${name}`, {
      "index.html": htmlWithImports("page.js", { "countersign/slim": "../node_modules/countersign/slim.js" }),
      "page.js": `
        import { CountersignError, describeKey, init } from "countersign/slim";
        const failure = (input) => init(input).then(() => "no error", (error) => error instanceof CountersignError && [error.code, error.message].join(": "));
        const page = await failure(fetch("fallback.wasm"));
        const other = await failure(new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]));
        await init();
        globalThis.report = { page, other, key: describeKey(${JSON.stringify(readFileSync(keyFile("p256"), "utf8"))}) };`,
    }, { suite: false });
    const { page, other, key } = await opened(`engines-slim-${name}/`);
    assert.match(page, /^NOT_INITIALIZED: .*begins with "<!doctype html>/);
    assert.match(other, /^NOT_INITIALIZED: this is not the module of this version/);
    assert.equal(key.keyType, "ECDSA");
  });

  test("a page whose Content-Security-Policy forbids WebAssembly is told which word it lacks", async () => {
    const folder = project(`engines-csp-${name}`, {}, { suite: false });
    const files = { "index.html": html("page.js"), "page.js": 'import("../../node_modules/countersign/dist/index.js").then(() => (globalThis.report = "no error"), ({ code, hint }) => (globalThis.report = { code, hint }));' };
    mkdirSync(join(folder, "strict"));
    for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, "strict", file), text);
    const page = await open(`${server.origin}/engines-csp-${name}/strict/`);
    try {
      // The engine itself reports the policy on the console.
      const { code, hint } = await page.waitFor(reported);
      assert.equal(code, "NOT_INITIALIZED");
      assert.match(hint, /script-src 'wasm-unsafe-eval'/);
    } finally {
      await page.close();
    }
  });
});
