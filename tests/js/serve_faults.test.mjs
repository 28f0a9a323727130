// Whatever clients do or fail to do, and whatever happens to its log, `countersign serve` keeps serving others, in bounded
// memory, and stops properly.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import { folderWith, serveWith, signer } from "./distribution.mjs";
import { LINUX_ONLY, UNIX_ONLY, residentMemory } from "./operating_system.mjs";
import { inTime } from "./waiting.mjs";

const until = { dateLessThan: "1h" };
const BIG = 64 << 20;
let files;
before(() => (files = folderWith({ "a.txt": "a file", "big.bin": Buffer.alloc(BIG, 1) })));
after(() => files.remove());

const start = (how) => serveWith(how, "--root", files.folder);
const sign = (server, path) => signer.signUrl(`${server.address}${path}`, until);

/** Another client's request gets the right response. */
async function serves(server) {
  const response = await fetch(sign(server, "/a.txt"), { headers: { connection: "close" }, signal: AbortSignal.timeout(30_000) });
  assert.deepEqual([response.status, await response.text()], [200, "a file"]);
}

/** A client that begins with these bytes. `closed` resolves to what it got once the server has closed the connection. */
async function client(server, first = "", options = {}) {
  const { hostname, port } = new URL(server.address);
  const socket = connect({ host: hostname, port: Number(port), ...options });
  socket.on("error", () => {});
  await once(socket, "connect");
  let got = "";
  if (!options.deaf) socket.on("data", (data) => (got += data));
  // A client that is cut off while it sends gets an error first.
  const closed = inTime(new Promise((resolve) => socket.on("close", () => resolve(got))), "a closed connection", () => got.slice(0, 1_000));
  closed.catch(() => {});
  socket.write(first);
  return { socket, closed };
}

/** Resident memory in MiB. */
const memory = ({ pid }) => residentMemory(pid);

const HEADERS = "GET /a.txt HTTP/1.1\r\nHost: x\r\nX-Slow: ";
const path = (url) => url.replace(/^https?:\/\/[^/]+/, "");

/** As many requests as fill any pipe's buffer with log lines. */
async function many(server) {
  const request = (more = "") => `GET /${"a".repeat(200)} HTTP/1.1\r\nHost: x\r\n${more}\r\n`;
  const { closed } = await client(server, request().repeat(5_999) + request("Connection: close\r\n"));
  assert.equal([...(await closed).matchAll(/HTTP\/1\.1 403 /g)].length, 6_000);
}

// Each has its own server and mostly waits for it.
describe("clients and logs", { concurrency: true }, () => {
  test("clients that are slow, silent, half there or gone are cut off; others are served meanwhile", async () => {
    const server = await start({});
    const early = memory(server);
    const slow = await client(server, HEADERS);
    const dribble = setInterval(() => slow.socket.write("a"), 500);
    const cutOff = [
      slow,
      await client(server),
      await client(server, HEADERS),
      await client(server, "G"),
      await client(server, "\r\n\r\n"),
      // A connection that was used once and stays open.
      await client(server, `GET ${path(sign(server, "/a.txt"))} HTTP/1.1\r\nHost: ${new URL(server.address).host}\r\n\r\n`),
      // It has closed its side and waits.
      await client(server, HEADERS, { allowHalfOpen: true }).then((half) => (half.socket.end(), half)),
    ];
    // No more at once than any system's backlog holds: clients beyond it believe that they are connected.
    for (let i = 0; i < 12; i++) {
      cutOff.push(...(await Promise.all(Array.from({ length: 50 }, () => client(server)))));
      await serves(server);
    }
    let done = false;
    const all = Promise.all(cutOff.map(({ closed }) => closed)).finally(() => ((done = true), clearInterval(dribble)));
    while (!done) {
      await serves(server);
      await sleep(200);
    }
    const [, , , , , kept] = await all;
    assert.match(kept, /^HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\na file$/);
    assert.ok(memory(server) < early + 32, `memory grew from ${early} to ${memory(server)} MiB`);
    await server.stop();
  });

  test("more connections than it may have open: it serves again when they are cut off", UNIX_ONLY, async () => {
    const server = await start({ shell: "ulimit -n 48" });
    const silent = await Promise.all(Array.from({ length: 45 }, () => client(server)));
    await serves(server);
    await Promise.all(silent.map(({ closed }) => closed));
    await serves(server);
    assert.match(server.log(), /a connection cannot be accepted: Too many open files/);
    await server.stop();
  });

  test("what is too long, too many or no HTTP is refused", async () => {
    const server = await start({});
    const early = memory(server);
    for (const [what, sent, expected] of [
      ["a URL of 100,000 bytes", `GET /${"a".repeat(100_000)} HTTP/1.1\r\nHost: x\r\n\r\n`, /^HTTP\/1\.1 (414|431) /],
      ["a URL without an end", `GET /${"a".repeat(10_000_000)}`, /^HTTP\/1\.1 (414|431) |^$/],
      ["a header of 100,000 bytes", `GET / HTTP/1.1\r\nHost: x\r\nX: ${"a".repeat(100_000)}\r\n\r\n`, /^HTTP\/1\.1 431 /],
      ["a header without an end", `GET / HTTP/1.1\r\nHost: x\r\nX: ${"a".repeat(10_000_000)}`, /^HTTP\/1\.1 431 |^$/],
      ["1,000 headers", `GET / HTTP/1.1\r\nHost: x\r\n${"X: y\r\n".repeat(1_000)}\r\n`, /^HTTP\/1\.1 431 /],
      ["100,000 cookies", `GET / HTTP/1.1\r\nHost: x\r\nCookie: ${"a=b; ".repeat(100_000)}\r\n\r\n`, /^HTTP\/1\.1 431 |^$/],
      ["no host", "GET / HTTP/1.1\r\n\r\n", /^HTTP\/1\.1 400 /],
      ["TLS", Buffer.from("160301020001000000fc0303", "hex"), /^(HTTP\/1\.1 400 |$)/],
      ["noise", Buffer.from(Array.from({ length: 5_000 }, (_, i) => (i * 7919) % 256)), /^(HTTP\/1\.1 400 |$)/],
      ["HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", /^(HTTP\/1\.1 (400|505) |$)/],
      ["two lengths", "GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", /^HTTP\/1\.1 400 /],
      ["a folded header", "GET / HTTP/1.1\r\nHost: x\r\nX: a\r\n b\r\n\r\n", /^HTTP\/1\.1 400 /],
    ]) {
      const { socket, closed } = await client(server, sent);
      const answer = await Promise.race([closed, sleep(15_000, "it is open still")]);
      assert.match(answer, expected, what);
      socket.destroy();
    }
    // An endless body that nobody asked for.
    const endless = await client(server, "GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000000\r\n\r\n");
    const pour = setInterval(() => endless.socket.writableNeedDrain || endless.socket.write(Buffer.alloc(1 << 20)), 1);
    assert.match(await endless.closed, /^(HTTP\/1\.1 403 |$)/);
    clearInterval(pour);
    await serves(server);
    assert.ok(memory(server) < early + 32, `memory grew from ${early} to ${memory(server)} MiB`);
    await server.stop();
  });

  test("pipelined requests are answered in their order, and those of a client that does not read are not hoarded", async () => {
    const server = await start({});
    const request = (path, more = "") => `GET ${path} HTTP/1.1\r\nHost: ${new URL(server.address).host}\r\n${more}\r\n`;
    const allowed = path(sign(server, "/a.txt"));
    const { closed } = await client(server, Array.from({ length: 1_000 }, (_, i) => request(i % 3 ? "/" : allowed, i === 999 ? "Connection: close\r\n" : "")).join(""));
    const statuses = [...(await closed).matchAll(/HTTP\/1\.1 (\d+) /g)].map(([, status]) => Number(status));
    assert.deepEqual(statuses, Array.from({ length: 1_000 }, (_, i) => (i % 3 ? 403 : 200)));

    const early = memory(server);
    const deaf = await Promise.all(Array.from({ length: 8 }, () => client(server, request("/").repeat(100_000), { deaf: true })));
    await sleep(1_000);
    await serves(server);
    assert.ok(memory(server) < early + 32, `memory grew from ${early} to ${memory(server)} MiB`);
    for (const { socket } of deaf) socket.destroy();
    await server.stop();
  });

  test("downloads that nobody takes cost little, and hold up neither others nor the end for long", async () => {
    const server = await start({});
    const early = memory(server);
    const request = `GET ${path(sign(server, "/big.bin"))} HTTP/1.1\r\nHost: ${new URL(server.address).host}\r\n\r\n`;
    const deaf = await Promise.all(Array.from({ length: 50 }, () => client(server, request, { deaf: true })));
    const silent = await client(server, HEADERS);
    await sleep(1_000);
    await serves(server);
    const late = memory(server);
    assert.ok(late < early + 48, `memory grew from ${early} to ${late} MiB with ${deaf.length} times ${BIG >> 20} MiB`);
    await server.stop();
    assert.match(server.log(), /some were cut off after 10 seconds\n$/);
    await silent.closed;
    for (const { socket } of deaf) socket.destroy();
  });

  test("a log on a full disk", LINUX_ONLY, async () => {
    const full = openSync("/dev/full", "w");
    const server = await start({ stderr: full });
    closeSync(full);
    await many(server);
    await serves(server);
    await server.stop();
  });

  test("a log whose reader is gone", async () => {
    const server = await start({});
    server.hangUp();
    await many(server);
    await serves(server);
    await server.stop();
  });

  test("a log whose reader does not read, and goes on later", UNIX_ONLY, async () => {
    const fifo = join(files.folder, "log");
    assert.equal(spawnSync("mkfifo", [fifo]).status, 0);
    const held = openSync(fifo, "r+");
    const server = await start({ stderr: held });
    await many(server);
    await serves(server);
    await server.stop();
    closeSync(held);

    const stuck = openSync(fifo, "r+");
    const other = await start({ stderr: stuck });
    await many(other);
    await serves(other);
    // When somebody reads again, the waiting lines arrive, and a count of those that were dropped.
    const reader = spawnSync("sh", ["-c", "timeout 2 cat <&3 | grep 'left out'"], { stdio: ["ignore", "pipe", "inherit", stuck], encoding: "utf8" });
    assert.match(reader.stdout, /^\d+ lines were left out: nobody read them\n$/);
    await serves(other);
    await other.stop();
    closeSync(stuck);
  });
});
