// The Cloudflare Worker example, started by its one command, `wrangler dev`, with R2 on this machine; and the size of its upload.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { cpSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";

import { required } from "../js/environment.mjs";
import { KEY_PAIR_ID, pem } from "../js/keys.mjs";
import { endGroup } from "../js/operating_system.mjs";
import { printed } from "../js/waiting.mjs";
import { newestNode, project, run, tool } from "./project.mjs";
import { bundle } from "./worker_bundle.mjs";

const example = fileURLToPath(new URL("../../examples/worker/", import.meta.url));
const wrangler = tool("wrangler/bin/wrangler.js");
const env = (folder) => ({ WRANGLER_SEND_METRICS: "false", WRANGLER_SEND_ERROR_REPORTS: "false", WRANGLER_HIDE_BANNER: "true", WRANGLER_LOG_PATH: join(folder, "logs"), CI: "true" });
const CONTENT = "0123456789";

let folder, program, origin, log = "";
before(async () => {
  folder = project("example-worker", {}, { suite: false });
  for (const file of ["worker.js", "wrangler.json"]) cpSync(join(example, file), join(folder, file));
  const variables = { PRIVATE_KEY: pem("rsa2048"), PUBLIC_KEY: pem("rsa2048.pub"), SIGNING_TOKEN: "secret" };
  writeFileSync(join(folder, ".dev.vars"), Object.entries(variables).map(([name, value]) => `${name}="${value.trim()}"\n`).join(""));
  writeFileSync(join(folder, "film.txt"), CONTENT);
  run(newestNode, [wrangler, "r2", "object", "put", "private-files/films/film.txt", "--file", "film.txt", "--content-type", "text/plain", "--local"], folder, env(folder));
  program = spawn(newestNode, [wrangler, "dev", "--ip", "127.0.0.1", "--port", "0", "--inspector-port", "0", "--show-interactive-dev-session", "false"], { cwd: folder, env: { ...process.env, ...env(folder) }, stdio: ["ignore", "pipe", "pipe"], detached: true });
  for (const stream of [program.stdout, program.stderr]) stream.setEncoding("utf8").on("data", (text) => (log += text));
  [origin] = await printed(program, /http:\/\/127\.0\.0\.1:\d+/);
});
after(async () => {
  if (program?.exitCode !== null) return;
  const ended = new Promise((resolve) => program.once("exit", resolve));
  // It has started workerd, which must end too.
  endGroup(program);
  await ended;
});

const { Signer } = await import(pathToFileURL(join(required("PACKAGE_INSTALLED"), "node_modules/countersign/dist/index.js")));
const signer = new Signer({ keyPairId: KEY_PAIR_ID, privateKey: pem("rsa2048") });

test("/sign signs for who has the token", async () => {
  const sign = (path, authorization) => fetch(`${origin}/sign?path=${encodeURIComponent(path)}`, { headers: authorization ? { authorization } : {} });
  assert.equal((await sign("/films/1.mp4")).status, 401);
  assert.equal((await sign("/films/1.mp4", "Bearer guess")).status, 401);
  const url = await (await sign("/films/1.mp4", "Bearer secret")).text();
  assert.match(url, /^https:\/\/d111111abcdef8\.cloudfront\.net\/films\/1\.mp4\?Expires=\d+&Signature=[\w~-]+&Key-Pair-Id=K2JCJMDEHXQW5F$/);
  const refused = await sign("/films/*", "Bearer secret");
  assert.deepEqual([refused.status, (await refused.text()).split(":")[0]], [400, "WILDCARD_IN_URL"]);
});

test("without a token of its own, /sign signs for nobody", async () => {
  const { default: worker } = await import(pathToFileURL(join(folder, "worker.js")));
  for (const SIGNING_TOKEN of [undefined, ""]) {
    const env = { KEY_PAIR_ID, PRIVATE_KEY: pem("rsa2048"), DISTRIBUTION: "https://d111111abcdef8.cloudfront.net", SIGNING_TOKEN };
    for (const token of ["undefined", ""]) {
      const request = new Request(`${origin}/sign?path=/films/1.mp4`, { headers: { authorization: `Bearer ${token}` } });
      assert.equal((await worker.fetch(request, env)).status, 401);
    }
  }
});

test("/files/ hands out what is signed, and nothing else", async () => {
  const url = `${origin}/files/films/film.txt`;
  const signed = signer.signUrl(url, { dateLessThan: "5m" });
  const get = async (url, init) => {
    const response = await fetch(url, init);
    return { status: response.status, text: await response.text(), headers: response.headers };
  };
  const whole = await get(signed);
  assert.deepEqual([whole.status, whole.text, whole.headers.get("content-type")], [200, CONTENT, "text/plain"], log);
  const part = await get(signed, { headers: { range: "bytes=2-4" } });
  assert.deepEqual([part.status, part.text, part.headers.get("content-range")], [206, "234", "bytes 2-4/10"]);
  const tail = await get(signed, { headers: { range: "bytes=-3" } });
  assert.deepEqual([tail.status, tail.text, tail.headers.get("content-range")], [206, "789", "bytes 7-9/10"]);
  const head = await get(signed, { method: "HEAD" });
  assert.deepEqual([head.status, head.text, head.headers.get("content-length")], [200, "", "10"]);
  assert.equal((await get(signed, { headers: { "if-none-match": whole.headers.get("etag") } })).status, 304);
  assert.equal((await get(signer.signUrl(`${origin}/files/none`, { dateLessThan: "5m" }))).status, 404);

  for (const [what, address] of Object.entries({ unsigned: url, expired: signer.signUrl(url, { dateLessThan: "-1m", allowExpired: true }), tampered: signed.replace("film.txt", "film2.txt"), elsewhere: signer.signUrl(url, { dateLessThan: "5m", ipAddress: "192.0.2.1" }) })) {
    const { status, text, headers } = await get(address);
    assert.equal(status, 403, what);
    assert.match(text, /^<\?xml .*<Error><Code>(MissingKey|AccessDenied)</, what);
    assert.equal(headers.get("content-type"), "text/xml");
  }
  const cookies = signer.signCookies(`${origin}/files/*`, { dateLessThan: "5m" });
  assert.equal((await get(url, { headers: { cookie: Object.entries(cookies).map(([name, value]) => `${name}=${value}`).join("; ") } })).text, CONTENT);
});

test("as it would be uploaded it is far below the limit of 3 MiB compressed", (t) => {
  const { gzip } = bundle(folder);
  t.diagnostic(`the example, compressed by gzip: ${gzip} bytes`);
  assert.ok(gzip < 3 * 2 ** 20, `${gzip} bytes`);
});
