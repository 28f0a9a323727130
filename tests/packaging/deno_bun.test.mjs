// The suite in Deno and in Bun.
import assert from "node:assert/strict";
import { test } from "node:test";
import { pathToFileURL } from "node:url";

import { KEY_PAIR_ID, pem } from "../js/keys.mjs";
import { DENO_ENV, DENO_RUN, binaryOf } from "./programs.mjs";
import { conforms, project, run, tool } from "./project.mjs";
import { SIGNED, example } from "./runtime_examples.mjs";

// For P-256, OpenSSL through Deno is slower than WebAssembly.
conforms("Deno", "host", () => JSON.parse(run(binaryOf("deno"), [...DENO_RUN, "print.js"], project("deno"), DENO_ENV)), "wasm");
conforms("Bun", "host", () => JSON.parse(run(binaryOf("bun"), ["run", "print.js"], project("bun"))));

/** Sends three requests to each adapter, in its real framework: a signed one, a changed one and a DELETE. */
const ADAPTERS = `
import { once } from "node:events";
import { createServer } from "node:http";
import { Signer } from "countersign";
import { guard as guardOfExpress } from "countersign/express";
import { guard as guardOfHono } from "countersign/hono";
import { Hono } from ${JSON.stringify(pathToFileURL(tool("hono/dist/index.js")).href)};

const [keyPairId, privateKey, publicKey] = ${JSON.stringify([KEY_PAIR_ID, pem("rsa2048"), pem("rsa2048.pub")])};
const signer = new Signer({ keyPairId, privateKey });
const options = { publicKeys: { [keyPairId]: publicKey } };

async function statuses(origin, send) {
  const url = signer.signUrl(origin + "/a.txt?x=1", { dateLessThan: "1h" });
  const answers = [await send(url), await send(url.replace("a.txt", "b.txt")), await send(url, { method: "DELETE" })];
  return [...answers.map(({ status }) => status), await answers[0].text()];
}

const check = guardOfExpress(options);
const server = createServer((request, response) => check(request, response, () => response.end(request.url))).listen(0, "127.0.0.1");
await once(server, "listening");
const node = await statuses("http://127.0.0.1:" + server.address().port, fetch);
server.close();

const app = new Hono().use(guardOfHono(options)).get("/*", ({ req }) => new Response(new URL(req.url).pathname + new URL(req.url).search));
const hono = await statuses("https://example.com", (url, init) => app.request(url, init));
console.log(JSON.stringify({ node, hono }));
process.exit();
`;

for (const [name, program, args] of [["deno", binaryOf("deno"), ["run", "--no-remote", "--cached-only", "--allow-read"]], ["bun", binaryOf("bun"), ["run"]]]) {
  test(`the guide's example for ${name}`, () => {
    const folder = project(`${name}-readme`, { "example.js": example(name), "private_key.pem": pem("rsa2048") }, { suite: false });
    assert.match(run(program, [...args, "example.js"], folder, DENO_ENV).trim(), SIGNED);
  });

  test(`the adapters in ${name}`, () => {
    const folder = project(`${name}-adapters`, { "adapters.js": ADAPTERS }, { suite: false });
    const answers = [200, 403, 405, "/a.txt?x=1"];
    assert.deepEqual(JSON.parse(run(program, [...args, ...(name === "deno" ? ["--allow-net=127.0.0.1", "--allow-env"] : []), "adapters.js"], folder, DENO_ENV)), { node: answers, hono: answers });
  });
}

test("a runtime without SIMD is told what the module needs", () => {
  const program = `
for (const start of [async () => new (await import("countersign")).Signer({}), async () => (await import("countersign/slim")).init()])
  await start().catch(({ code, message, hint }) => console.log(JSON.stringify({ code, message, hint })));`;
  const folder = project("bun-without-simd", { "program.js": program }, { suite: false });
  const told = run(binaryOf("bun"), ["run", "program.js"], folder, { BUN_JSC_useWasmSIMD: "0" }).trim().split("\n").map((line) => JSON.parse(line));
  assert.equal(told.length, 2);
  for (const { code, message, hint } of told) {
    assert.equal(code, "NOT_INITIALIZED");
    assert.match(message, /the module cannot be compiled here: /);
    assert.match(hint, /WebAssembly with SIMD.*Node 16\.4.*Firefox 89.*Safari 16\.4/);
  }
});
