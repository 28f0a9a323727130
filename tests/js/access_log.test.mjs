// `countersign logs` finds in the log what `countersign serve` decided, for many requests of a real client, one in ten
// of them damaged in a known way. The report's page needs no other file, in light and dark mode.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createReadStream, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";
import { after, before, test } from "node:test";

import autocannon from "autocannon";
import axe from "axe-core";
import { chromium } from "playwright-core";

import { folderWith, serve, signer } from "./distribution.mjs";
import { required } from "./environment.mjs";
import { KEY_PAIR_ID, keyFile } from "./keys.mjs";
import { matched } from "./waiting.mjs";

/** `ACCESS_LOG_REQUESTS=100000` makes more requests and takes minutes. */
const REQUESTS = Number(process.env.ACCESS_LOG_REQUESTS ?? 20_000);
const KEY = ["--public-key", `${KEY_PAIR_ID}=${keyFile("rsa2048.pub")}`];
const until = { dateLessThan: "2h" };

let files, log;
before(() => {
  files = folderWith({ "films/1.bin": "film", "films/a~b c.txt": "text" });
  log = join(files.folder, "access.log");
});
after(() => files.remove());

function logs(...options) {
  const { status, stdout, stderr, error } = spawnSync(required("COUNTERSIGN_BIN"), ["logs", log, ...options], { encoding: "utf8", maxBuffer: 1 << 28 });
  assert.equal(error, undefined);
  assert.equal(status, 0, stderr);
  return stdout;
}

/** Ten requests, one of them damaged; each kind of damage takes its turn. */
function requests(address) {
  const url = (path, conditions = until) => signer.signUrl(address + path, conditions);
  const cookie = Object.entries(signer.signCookies(`${address}/films/*`, until)).map(([name, value]) => `${name}=${value}`).join("; ");
  const custom = url("/films/1.bin", { ...until, dateGreaterThan: "-1h" });
  const damaged = {
    expired: { url: url("/films/1.bin", { dateLessThan: "-1m", allowExpired: true }) },
    "not-yet-valid": { url: url("/films/1.bin", { ...until, dateGreaterThan: "1h" }) },
    "other-address": { url: url("/films/1.bin", { ...until, ipAddress: "192.0.2.0/24" }) },
    "other-resource": { url: `${address}/elsewhere`, cookie },
    "wrong-signature": { url: url("/films/1.bin").replace("/films/1.bin", "/films/2.bin") },
    "unknown-key": { url: url("/films/1.bin").replace("Key-Pair-Id=K", "Key-Pair-Id=L") },
    "not-base64": { url: url("/films/1.bin").replace("Signature=", "Signature=!") },
    "malformed-expires": { url: url("/films/1.bin").replace("Expires=", "Expires=x") },
    "not-signed": { url: `${address}/films/1.bin`, cookie: "session=1" },
  };
  const good = [
    { url: url("/films/1.bin") },
    { url: url("/films/a~b%20c.txt?x=%7E&y='(1)'&z=a%2520b") },
    { url: custom },
    { url: `${address}/films/1.bin`, cookie: `session="1 2"; ${cookie}` },
    { url: url("/films/a~b%20c.txt", { ...until, ipAddress: "127.0.0.0/8" }) },
  ];
  const all = [];
  for (const [reason, request] of Object.entries(damaged)) {
    for (let index = 0; index < 9; index += 1) all.push({ reason: "allowed", ...good[index % good.length] });
    all.push({ reason, ...request });
  }
  return all;
}

test(`${REQUESTS} requests: the log says what the server decided`, async (t) => {
  const server = await serve("--root", files.folder, "--access-log", log);
  const seen = {};
  const wrong = [];
  try {
    const sent = requests(server.address).map(({ reason, url, cookie }) => ({
      path: url.slice(server.address.length),
      headers: cookie ? { cookie } : {},
      onResponse(status) {
        seen[reason] = (seen[reason] ?? 0) + 1;
        if (status !== (reason === "allowed" ? 200 : 403)) wrong.push(`${reason}: ${status}`);
      },
    }));
    const { errors, timeouts } = await autocannon({ url: server.address, connections: 20, amount: REQUESTS, requests: sent });
    assert.deepEqual([errors, timeouts, wrong.slice(0, 5)], [0, 0, []]);
  } finally {
    await server.stop();
  }
  t.diagnostic(JSON.stringify(seen));
  assert.equal(statSync(log).mode & 0o077, process.platform === "win32" ? statSync(log).mode & 0o077 : 0, "a log holds links");
  const damaged = REQUESTS - seen.allowed;
  assert.ok(Math.abs(damaged - REQUESTS / 10) < REQUESTS / 50, `${damaged} damaged`);

  const read = {};
  const differing = [];
  for (const line of logs(...KEY, "--output", "json").trimEnd().split("\n")) {
    const row = JSON.parse(line);
    read[row.reasonCode] = (read[row.reasonCode] ?? 0) + 1;
    if (row.agrees !== true && differing.length < 5) differing.push(row);
  }
  assert.deepEqual(differing, []);
  assert.deepEqual(read, seen);

  // There is one header, and every line has a value for each column that it names.
  let lines = 0;
  let names = 0;
  for await (const line of createInterface({ input: createReadStream(log) })) {
    lines += 1;
    if (lines === 2) names = line.split(" ").length - 1;
    if (lines > 2) assert.equal(line.split("\t").length, names);
  }
  assert.deepEqual([lines, names], [REQUESTS + 2, 33]);
});

test("a log is added to, and a file that cannot be written is an error", async () => {
  const length = readFileSync(log, "utf8").split("\n").length;
  const server = await serve("--root", files.folder, "--access-log", log);
  await fetch(signer.signUrl(`${server.address}/films/1.bin`, until), { headers: { range: "bytes=1-2", referer: "https://www.example.com/a b" } });
  await server.stop();
  const lines = readFileSync(log, "utf8").split("\n");
  assert.equal(lines.length, length + 1);
  const values = lines.at(-2).split("\t");
  const names = lines[1].split(" ").slice(1);
  const value = (name) => values[names.indexOf(name)];
  assert.deepEqual(["sc-status", "sc-bytes", "sc-range-start", "sc-range-end", "cs(Referer)", "cs-method", "c-ip"].map(value), ["206", "2", "1", "2", "https://www.example.com/a%20b", "GET", "127.0.0.1"]);
  const { status, stderr } = spawnSync(required("COUNTERSIGN_BIN"), ["serve", "--root", files.folder, ...KEY, "--access-log", "/no/such/folder/log"], { encoding: "utf8", timeout: 10_000 });
  assert.equal(status, 1);
  assert.match(stderr, /access-log/);
});

test("--access-log - writes to standard output, and nothing else does", async () => {
  const server = await serve("--root", files.folder, "--access-log", "-");
  await fetch(signer.signUrl(`${server.address}/films/1.bin`, until));
  await matched(server.out, /films.*\n/);
  await server.stop();
  const { status, stdout, stderr } = spawnSync(required("COUNTERSIGN_BIN"), ["logs", "-", ...KEY, "--output", "json"], { encoding: "utf8", input: server.out() });
  assert.deepEqual([status, stderr], [0, ""]);
  const rows = stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
  assert.deepEqual(rows.map(({ decision, path, agrees }) => [decision, path, agrees]), [["allowed", "/films/1.bin", true]]);
  assert.match(server.out(), /^#Version: 1\.0\n#Fields: /);
});

test("the page of the report asks for nothing, and is right in light and dark", async () => {
  const page = join(files.folder, "report.html");
  logs(...KEY, "--html", page);
  const browser = await chromium.launch({ executablePath: required("CHROMIUM"), args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"] });
  try {
    const backgrounds = [];
    for (const colorScheme of ["light", "dark"]) {
      const tab = await browser.newPage({ colorScheme, viewport: { width: 900, height: 900 } });
      const asked = [];
      const complaints = [];
      tab.on("request", (request) => asked.push(request.url()));
      tab.on("console", (message) => complaints.push(message.text()));
      tab.on("pageerror", (error) => complaints.push(String(error)));
      await tab.goto(pathToFileURL(page).href);
      assert.deepEqual([asked, complaints], [[pathToFileURL(page).href], []]);
      const look = await tab.evaluate(() => ({
        background: getComputedStyle(document.body).backgroundColor,
        ink: getComputedStyle(document.querySelector("svg text")).fill,
        text: getComputedStyle(document.body).color,
        bars: [...document.querySelectorAll("svg rect")].filter((bar) => bar.getBoundingClientRect().height > 0).length,
        plots: document.querySelectorAll("svg").length,
        overflow: document.documentElement.scrollWidth > document.documentElement.clientWidth,
        words: document.body.innerText,
      }));
      assert.equal(look.ink, look.text, "the plots have the colours of the page");
      assert.equal(look.plots, 2);
      assert.ok(look.bars >= 10, `${look.bars} bars`);
      assert.equal(look.overflow, false);
      for (const word of ["wrong-signature", "not-base64", KEY_PAIR_ID, "Nowhere."]) assert.ok(look.words.includes(word), word);
      assert.ok(!/Signature=|127\.0\.0\.1\b(?!:)/.test(look.words.replaceAll(/127\.0\.0\.1:\d+/g, "")), "no link and no address");
      backgrounds.push(look.background);
      await tab.addScriptTag({ content: axe.source }).catch(() => tab.evaluate(axe.source));
      const { violations } = await tab.evaluate(() => globalThis.axe.run());
      assert.deepEqual(violations.map(({ id, nodes }) => [id, nodes[0].html]), []);
      await tab.close();
    }
    assert.notEqual(...backgrounds);
  } finally {
    await browser.close();
  }
});
