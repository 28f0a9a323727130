// The Fastify example: a login, a signed link, signed cookies and a signed HLS playlist, in front of `countersign serve`.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import http from "node:http";
import { syncBuiltinESMExports } from "node:module";
import { after, before, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";

import { folderWith, serve } from "./distribution.mjs";
import { KEY_PAIR_ID, keyFile, pem } from "./keys.mjs";
import { WITHOUT_AWS } from "./operating_system.mjs";
import { matched, printed } from "./waiting.mjs";

const example = fileURLToPath(new URL("../../examples/node/", import.meta.url));
const PLAYLIST = '#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-KEY:METHOD=AES-128,URI="key.bin",IV=0x1\n#EXT-X-KEY:METHOD=SAMPLE-AES,URI="skd://123"\n#EXT-X-MAP:URI="init.mp4"\n#EXTINF:4,\n1.ts\n#EXTINF:4,\nparts/2.ts?a=b\n#EXT-X-ENDLIST\n';

let files, distribution, site, address;
before(async () => {
  files = folderWith({
    "files/my invoice.txt": "invoice",
    "films/1.txt": "film",
    "streams/news/index.m3u8": PLAYLIST,
    ...Object.fromEntries(["key.bin", "init.mp4", "1.ts", "parts/2.ts"].map((name) => [`streams/news/${name}`, `content of ${name}`])),
  });
  distribution = await serve("--root", files.folder);
  const env = { ...process.env, KEY_PAIR_ID, PRIVATE_KEY_FILE: keyFile("rsa2048"), DISTRIBUTION: distribution.address, PASSWORD: "secret", PORT: "0" };
  site = spawn(process.execPath, ["server.mjs"], { cwd: example, env, stdio: ["ignore", "pipe", "inherit"] });
  [address] = await printed(site, /http:\S+/);
});
after(async () => {
  site?.kill("SIGTERM");
  await distribution?.stop();
  files?.remove();
});

const login = (password) => fetch(`${address}/login`, { method: "POST", body: new URLSearchParams({ password }) });
const session = async () => ({ cookie: (await login("secret")).headers.getSetCookie()[0].split(";")[0] });

test("without a login there is nothing", async () => {
  assert.equal((await login("guess")).status, 401);
  for (const path of ["/files/my%20invoice.txt", "/streams/news.m3u8"]) assert.equal((await fetch(address + path, { redirect: "manual" })).status, 401);
  assert.equal((await fetch(`${address}/films`, { method: "POST" })).status, 401);
});

test("a link leads to the file, and to no other", async () => {
  const headers = await session();
  const { status, headers: answer } = await fetch(`${address}/files/my%20invoice.txt`, { headers, redirect: "manual" });
  assert.equal(status, 302);
  const link = answer.get("location");
  assert.equal(await (await fetch(link)).text(), "invoice");
  assert.equal((await fetch(link.replace("my%20invoice", "other"))).status, 403);
  const outside = await fetch(`${address}/files/..%2ffilms%2f1.txt`, { headers });
  assert.deepEqual([outside.status, await outside.text()], [404, "there is no such file\n"], "what is below /films takes cookies");
});

test("a * in a name is no wildcard", async () => {
  const headers = await session();
  const link = await fetch(`${address}/files/a*b.txt`, { headers, redirect: "manual" });
  assert.match(link.headers.get("location"), /\/files\/a%2Ab\.txt\?Expires=/);
  assert.equal((await fetch(`${address}/streams/*.m3u8`, { headers })).status, 404);
  await matched(distribution.log, /GET \/streams\/%2A\/index\.m3u8 404 allowed/);
});

test("cookies open the films", async () => {
  const answer = await fetch(`${address}/films`, { method: "POST", headers: await session() });
  const lines = answer.headers.getSetCookie();
  assert.ok(lines.every((line) => /; Path=\/films\/; Secure; HttpOnly; SameSite=Lax$/.test(line)), lines.join("\n"));
  const cookie = lines.map((line) => line.split(";")[0]).join("; ");
  assert.equal(await (await fetch(`${distribution.address}/films/1.txt`, { headers: { cookie } })).text(), "film");
  assert.equal((await fetch(`${distribution.address}/files/my%20invoice.txt`, { headers: { cookie } })).status, 403);
});

test("every address of a playlist opens, by one signature", async () => {
  const headers = await session();
  const answer = await fetch(`${address}/streams/news.m3u8`, { headers });
  assert.equal(answer.headers.get("content-type"), "application/vnd.apple.mpegurl");
  const text = await answer.text();
  const addresses = [...text.matchAll(/https?:[^"\s]+/g)].map(([address]) => address);
  assert.deepEqual(await Promise.all(addresses.map(async (one) => (await fetch(one)).text())), ["key.bin", "init.mp4", "1.ts", "parts/2.ts"].map((name) => `content of ${name}`));
  assert.equal(new Set(addresses.map((one) => new URL(one).searchParams.get("Signature"))).size, 1);
  const plain = text.replaceAll(/http:[^"\s]*\/streams\/news\/([^?"\s]*)\?(a=b)?[^"\s]*/g, (_, name, own) => (own ? `${name}?${own}` : name));
  assert.equal(plain, PLAYLIST, "the rest is untouched");
  assert.equal((await fetch(`${address}/streams/none.m3u8`, { headers })).status, 404);
});

test("the stand-in hands out nothing that its guard could not decide on", async (t) => {
  const createServer = http.createServer;
  let handler;
  t.mock.method(http, "createServer", (listener) => createServer((handler = listener)));
  syncBuiltinESMExports();
  const { startDistribution } = await import(pathToFileURL(`${example}distribution.mjs`));
  const { stop } = await startDistribution(files.folder, { [KEY_PAIR_ID]: pem("rsa2048.pub") });
  t.mock.restoreAll();
  syncBuiltinESMExports();
  try {
    const request = { method: "GET", url: "/films/1.txt", headers: { host: "localhost" }, get socket() { throw new Error("gone"); } };
    const answered = await new Promise((resolve) => {
      const answer = { status: 200, writeHead: (status) => Object.assign(answer, { status }), end: (body) => resolve({ status: answer.status, body }) };
      handler(request, answer);
    });
    assert.deepEqual(answered, { status: 500, body: undefined });
  } finally {
    stop();
  }
});

test("without its settings it says which are missing", () => {
  const { status, stderr } = spawnSync(process.execPath, ["server.mjs"], { cwd: example, encoding: "utf8", env: WITHOUT_AWS });
  assert.equal(status, 2);
  assert.match(stderr, /KEY_PAIR_ID, DISTRIBUTION/);
});
