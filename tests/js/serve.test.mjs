// `countersign serve` answers real clients as a distribution with a trusted key group: curl with a URL and with cookies, ranges,
// conditions, an origin behind it, a stop in the middle of a download, and 200 connections for half a minute.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { symlinkSync } from "node:fs";
import { createServer } from "node:http";
import { connect } from "node:net";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import autocannon from "autocannon";

import { folderWith, serve, signer } from "./distribution.mjs";
import { required } from "./environment.mjs";
import { keyFile } from "./keys.mjs";
import { UNIX_ONLY, residentMemory } from "./operating_system.mjs";
import { matched } from "./waiting.mjs";

const xml = (code, message) => `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>${message}</Message></Error>`;
const ACCESS_DENIED = xml("AccessDenied", "Access denied");
const MISSING_KEY = xml("MissingKey", "Missing Key-Pair-Id query parameter or cookie value");
const until = { dateLessThan: "1h" };
const film = randomBytes(300_000);

let files, outside, server;
before(async () => {
  files = folderWith({ "films/1.bin": film, "page.html": "<p>", "with space.txt": "space", "films/é.txt": "accent", "a+b.txt": "plus", "a b.txt": "blank", "empty.txt": "" });
  outside = folderWith({ "secret.txt": "root:" });
  symlinkSync(join(outside.folder, "secret.txt"), join(files.folder, "films/link.txt"));
  symlinkSync(join(files.folder, "page.html"), join(files.folder, "films/inside.html"));
  server = await serve("--root", files.folder);
});
after(async () => {
  await server.stop();
  files.remove();
  outside.remove();
});

/** What curl gets: status, headers in lower case, body. */
function curl(...options) {
  const { status, stdout, stderr } = spawnSync("curl", ["--silent", "--show-error", "--include", "--max-time", "20", ...options], { maxBuffer: 1 << 26 });
  assert.equal(status, 0, String(stderr));
  const end = stdout.indexOf("\r\n\r\n");
  const [line, ...headers] = stdout.subarray(0, end).toString("latin1").split("\r\n");
  return { status: Number(line.split(" ")[1]), headers: new Headers(headers.map((header) => header.split(/: (.*)/s, 2))), body: stdout.subarray(end + 4) };
}

const sign = (path, conditions = until) => signer.signUrl(`${server.address}${path}`, conditions);

function assertDenied({ status, headers, body }, expected = ACCESS_DENIED) {
  assert.equal(status, 403);
  assert.equal(headers.get("content-type"), "text/xml");
  assert.equal(headers.get("server"), "CloudFront");
  assert.equal(headers.get("x-cache"), "Error from cloudfront");
  assert.equal(headers.get("content-length"), String(expected.length));
  assert.equal(String(body), expected);
}

test("curl with a signed URL gets the file, and nothing without", () => {
  const { status, headers, body } = curl(sign("/films/1.bin"));
  assert.equal(status, 200);
  assert.equal(headers.get("content-length"), String(film.length));
  assert.ok(body.equals(film));
  assert.equal(curl(sign("/page.html")).headers.get("content-type"), "text/html");
  assert.equal(String(curl(sign("/with space.txt?x=1")).body), "space");
  assert.equal(String(curl(sign("/films/é.txt")).body), "accent");
  assertDenied(curl(`${server.address}/films/1.bin`), MISSING_KEY);
  assertDenied(curl(`${server.address}/nothing/here`), MISSING_KEY);
});

test("each code of CloudFront's", () => {
  const signed = sign("/films/1.bin");
  assertDenied(curl(signed.replace("1.bin", "2.bin")));
  assertDenied(curl(sign("/films/1.bin", { dateLessThan: "-1m", allowExpired: true })));
  assertDenied(curl(sign("/films/1.bin", { ...until, dateGreaterThan: "10m" })));
  assertDenied(curl(sign("/films/1.bin", { ...until, ipAddress: "192.0.2.0/24" })));
  assert.equal(curl(sign("/films/1.bin", { ...until, ipAddress: "127.0.0.0/8" })).status, 200);
  assertDenied(curl("--header", "X-Forwarded-For: 192.0.2.1", sign("/films/1.bin", { ...until, ipAddress: "192.0.2.0/24" })));
  assertDenied(curl(signed.replace("Key-Pair-Id=K", "Key-Pair-Id=L")), xml("InvalidKey", "Unknown Key"));
  assertDenied(curl(signed.replace("Signature=", "Signature=!")), xml("MalformedSignature", "Could not unencode Signature"));
  assertDenied(curl(signed.replace("Expires=", "Policy=!&Expires=")), xml("MalformedPolicy", "Malformed Policy"));
});

test("HEAD, ranges and conditions are signed and answered like everything else", () => {
  const signed = sign("/films/1.bin");
  const head = curl("--head", signed);
  assert.deepEqual([head.status, head.headers.get("content-length"), head.body.length], [200, String(film.length), 0]);
  const denied = curl("--head", `${server.address}/films/1.bin`);
  assert.deepEqual([denied.status, denied.headers.get("content-length"), denied.body.length], [403, String(MISSING_KEY.length), 0]);
  for (const [range, from, to] of [["0-9", 0, 10], ["1000-", 1000, film.length], ["-5", film.length - 5, film.length]]) {
    const part = curl("--range", range, signed);
    assert.equal(part.status, 206);
    assert.equal(part.headers.get("content-range"), `bytes ${from}-${to - 1}/${film.length}`);
    assert.ok(part.body.equals(film.subarray(from, to)));
  }
  assert.equal(curl("--range", "999999-", signed).status, 416);
  assertDenied(curl("--range", "0-9", `${server.address}/films/1.bin`), MISSING_KEY);
  const tag = head.headers.get("etag");
  assert.equal(curl("--header", `If-None-Match: ${tag}`, signed).status, 304);
  assert.equal(curl("--header", `If-Modified-Since: ${head.headers.get("last-modified")}`, signed).status, 304);
  assertDenied(curl("--header", `If-None-Match: ${tag}`, `${server.address}/films/1.bin`), MISSING_KEY);
  // A download goes on only where the file is still the same (RFC 9110, section 13.1.5).
  const same = [tag, head.headers.get("last-modified")];
  const changed = ['"other"', `W/${tag}`, "Thu, 01 Jan 1970 00:00:00 GMT"];
  for (const [validators, status] of [[same, 206], [changed, 200]]) {
    for (const validator of validators) assert.equal(curl("--range", "0-9", "--header", `If-Range: ${validator}`, signed).status, status, validator);
  }
  assert.equal(curl("--range", "999999-", "--header", 'If-Range: "other"', signed).status, 200);
});

test("curl with cookies gets what they cover", () => {
  const cookies = signer.signCookies(`${server.address}/films/*`, until);
  const plain = Object.entries(cookies).map(([name, value]) => `${name}=${value}`).join("; ");
  for (const options of [["--cookie", plain], ["--cookie", `session=x; ${plain}; a=b`]]) {
    assert.ok(curl(...options, `${server.address}/films/1.bin`).body.equals(film));
    assert.equal(curl(...options, "--range", "0-1", `${server.address}/films/1.bin`).status, 206);
    assertDenied(curl(...options, `${server.address}/page.html`));
    // A wrongly signed URL is denied even with good cookies.
    assertDenied(curl(...options, sign("/films/1.bin", { dateLessThan: "-1m", allowExpired: true })));
  }
});

test("nothing outside of the folder is served", () => {
  const cookies = Object.entries(signer.signCookies(`${server.address}/*`, until)).map(([name, value]) => `${name}=${value}`).join("; ");
  for (const path of ["/../../etc/passwd", "/films/../../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/..%2f..%2fetc%2fpasswd", "/films/..%2f..%2f..%2fetc/passwd", "//etc/passwd", "/films/link.txt", "/films/%00", "/..%5c..%5cetc%5cpasswd", "/films", "/films/"]) {
    const { status, body } = curl("--path-as-is", "--cookie", cookies, `${server.address}${path}`);
    // Dot segments that lead out of the folder are denied before any file is looked up.
    assert.ok(status === 404 || (status === 403 && /\.\.|%2e/.test(path)), `${status} ${path}`);
    assert.ok(!String(body).includes("root:"), path);
  }
  assert.equal(String(curl("--cookie", cookies, `${server.address}/films/inside.html`).body), "<p>", "a link that stays inside");
});

test("a + in a path is a space, as S3 reads it", () => {
  const paths = { "/a+b.txt": "blank", "/a%20b.txt": "blank", "/a%2Bb.txt": "plus", "/a%2bb.txt": "plus" };
  for (const [path, body] of Object.entries(paths)) assert.equal(String(curl(sign(path)).body), body, path);
});

test("ranges of another unit, several, and what is none are as if they were not there", () => {
  for (const range of ["items=0-1", "seconds=0-", "rows", "bytes=0-0,2-2", "bytes=a-b", "bytes=3-1", "bytes=-", "bytes=", "bytes= 0-1", "bytes=00-1", "bytes=0-99999999999999999999", "bytes=99999999999999999999-"]) {
    const { status, body } = curl("--header", `Range: ${range}`, sign("/films/1.bin"));
    assert.deepEqual([status, body.length], [200, film.length], range);
  }
  assert.equal(curl("--header", "Range: Bytes=0-4", sign("/films/1.bin")).body.length, 5);
});

// RFC 9110, section 14.1.2: the last 20 bytes of a file of 5 are all 5, and an empty file has no byte to begin at.
test("ranges at the edges of a file", () => {
  const whole = curl("--range", "-20", sign("/with space.txt"));
  assert.deepEqual([whole.status, whole.headers.get("content-range"), String(whole.body)], [206, "bytes 0-4/5", "space"]);
  for (const range of ["0-", "0-0", "-20"]) {
    const none = curl("--range", range, sign("/empty.txt"));
    assert.deepEqual([none.status, none.headers.get("content-range")], [416, "bytes */0"], range);
  }
  assert.equal(curl("--range", "-0", sign("/with space.txt")).status, 416);
  assert.equal(curl(sign("/empty.txt")).status, 200);
});

/** Sends raw bytes and returns the first line of each response. */
async function raw(text) {
  const socket = connect(Number(new URL(server.address).port), "127.0.0.1");
  socket.write(text);
  let answer = "";
  for await (const part of socket.setEncoding("latin1")) answer += part;
  return answer.split("\r\n", 1)[0];
}

test("a request has one host, and its Host is nothing but a host", async () => {
  const { pathname, search, host } = new URL(sign("/films/1.bin"));
  const ask = (hosts, target = pathname + search) => raw(`GET ${target} HTTP/1.1\r\n${hosts.map((name) => `Host: ${name}\r\n`).join("")}Connection: close\r\n\r\n`);
  assert.equal(await ask([host]), "HTTP/1.1 200 OK");
  assert.equal(await ask([host], server.address + pathname + search), "HTTP/1.1 200 OK");
  // Signed for /public/films/1.bin. With the Host below, the server once judged that URL and served /films/1.bin.
  const shifted = new URL(signer.signUrl(`http://${host}/public/films/1.bin`, until)).search;
  for (const hosts of [[], [host, host], [host, "other.example"], [`${host}/public`], [`${host}/public/`], [`${host}?`], [`user@${host}`], ["a b"]]) {
    assert.equal(await ask(hosts, `/films/1.bin${shifted}`), "HTTP/1.1 400 Bad Request", `${hosts}`);
  }
  assert.equal(await ask([host], `http://other.example${pathname}${search}`), "HTTP/1.1 400 Bad Request");
});

test("other methods, and what is too long", () => {
  const signed = sign("/films/1.bin");
  for (const method of ["POST", "PUT", "DELETE", "OPTIONS", "PATCH"]) {
    const { status, headers } = curl("--request", method, signed);
    assert.deepEqual([status, headers.get("allow")], [405, "GET, HEAD"], method);
  }
  assert.equal(curl(`${server.address}/${"a".repeat(8_200)}`).status, 414);
  assert.equal(curl("--header", `X-Long: ${"a".repeat(40_000)}`, signed).status, 431);
});

test("the log has a line for each request, and no signature", async () => {
  const signed = sign("/films/1.bin?logged=yes");
  curl(signed);
  curl(`${server.address}/films/%1b%5b31m`);
  await matched(server.log, /GET \/films\/%1b%5b31m 403 /);
  const log = server.log();
  assert.match(log, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ 127\.0\.0\.1 GET \/films\/1\.bin 200 allowed by url, K2JCJMDEHXQW5F, for another (60|59) minutes$/m);
  assert.match(log, /403 AccessDenied: expired \d+ (seconds|minutes?) ago, at /);
  assert.ok(!log.includes("\u001b"));
  assert.ok(!log.includes(new URL(signed).searchParams.get("Signature").slice(0, 40)));
});

test("signed for the distribution, served here", async () => {
  const local = await serve("--root", files.folder, "--viewer-url", "https://d111111abcdef8.cloudfront.net");
  try {
    const signed = signer.signUrl("https://d111111abcdef8.cloudfront.net/films/1.bin", until);
    assert.equal(curl(signed.replace("https://d111111abcdef8.cloudfront.net", local.address)).status, 200);
    assertDenied(curl(signer.signUrl(`${local.address}/films/1.bin`, until)));
  } finally {
    await local.stop();
  }
});

test("in front of an origin", async () => {
  const seen = [];
  const origin = createServer((request, response) => {
    seen.push({ url: request.url, method: request.method, headers: request.headers });
    response.writeHead(request.headers.range ? 206 : 200, { "content-type": "application/x-film", "x-origin": "yes", connection: "keep-alive, x-private", "x-private": "1" });
    response.end("from the origin");
  }).listen(0, "127.0.0.1");
  await once(origin, "listening");
  const base = `http://127.0.0.1:${origin.address().port}`;
  const local = await serve("--origin", base);
  try {
    const signed = signer.signUrl(`${local.address}/a%20b/é?x=1&y=%7E&x=2`, until);
    const response = await fetch(signed, { headers: { range: "bytes=0-3", "x-own": "1", connection: "close", cookie: "session=1; CloudFront-Policy=x; CloudFront-Signature=y; a=b; CloudFront-Key-Pair-Id=K; CloudFront-Own=2" } });
    assert.equal(response.status, 206);
    assert.equal(await response.text(), "from the origin");
    assert.equal(response.headers.get("content-type"), "application/x-film");
    assert.equal(response.headers.get("x-origin"), "yes");
    assert.equal(response.headers.get("x-private"), null);
    const [request] = seen;
    assert.equal(request.url, "/a%20b/%C3%A9?x=1&y=%7E&x=2");
    assert.equal(request.headers.host, new URL(base).host);
    assert.equal(request.headers.range, "bytes=0-3");
    assert.equal(request.headers["x-own"], "1");
    assert.equal(request.headers.cookie, "session=1; a=b; CloudFront-Own=2");
    assert.equal(request.headers["x-forwarded-for"], "127.0.0.1");
    assert.equal(request.headers.via, "1.1 countersign");
    assert.equal((await fetch(`${local.address}/a`)).status, 403);
    assert.equal(seen.length, 1, "a denied request does not reach the origin");
    assert.equal((await fetch(signed, { method: "HEAD" })).status, 200);
    origin.close();
    origin.closeAllConnections();
    const broken = await fetch(signed);
    assert.equal(broken.status, 502);
    assert.match(await broken.text(), /does not answer/);
  } finally {
    await local.stop();
    origin.close();
  }
});

test("a download that is under way ends before the server does", UNIX_ONLY, async () => {
  const big = folderWith({ "big.bin": randomBytes(30_000_000) });
  const local = await serve("--root", big.folder);
  try {
    const response = await fetch(signer.signUrl(`${local.address}/big.bin`, until));
    const reader = response.body.getReader();
    let received = (await reader.read()).value.length;
    local.signal("SIGTERM");
    await matched(local.log, /stopping/);
    await assert.rejects(fetch(local.address), "it takes no new connection");
    for (let part; !(part = await reader.read()).done; ) received += part.value.length;
    assert.equal(received, 30_000_000);
    assert.deepEqual(await local.ended, [0, null]);
  } finally {
    local.signal("SIGKILL");
    big.remove();
  }
});

test("wrong use has its status and its words", () => {
  const run = (...options) => spawnSync(required("COUNTERSIGN_BIN"), ["serve", ...options], { encoding: "utf8", timeout: 30_000 });
  const key = ["--public-key", `K1=${keyFile("rsa2048.pub")}`];
  for (const [status, words, ...options] of [
    [2, /--public-key/, "--root", "."],
    [2, /--root/, ...key],
    [2, /cannot be used with/, "--root", ".", "--origin", "http://127.0.0.1:1", ...key],
    [1, /no-such-folder/, "--root", "no-such-folder", ...key],
    [2, /https?:\/\//, "--origin", "127.0.0.1:3000", ...key],
    [2, /https?:\/\//, "--origin", "http://user:password@127.0.0.1:3000", ...key],
    [2, /--viewer-url/, "--root", ".", "--viewer-url", "d.net", ...key],
    [1, /INVALID_PUBLIC_KEY/, "--root", ".", "--public-key", "public.pem"],
    [2, /ID=SOURCE/, "--root", ".", "--public-key", "public.pem", ...key],
    [2, /a port, such as 8080/, "--root", ".", "--listen", "everywhere", ...key],
    [1, /INVALID_PUBLIC_KEY/, "--root", ".", "--public-key", "K1=no-such-file"],
    [1, /cannot be used to listen on/, "--root", ".", "--listen", new URL(server.address).host, ...key],
  ]) {
    const { status: got, stderr } = run(...options);
    assert.equal(got, status, `${options}: ${stderr}`);
    assert.match(stderr, words);
  }
});

test("200 connections for 30 seconds: no wrong answer, and flat memory", async (t) => {
  const cookie = Object.entries(signer.signCookies(`${server.address}/films/*`, until)).map(([name, value]) => `${name}=${value}`).join("; ");
  const path = (url) => url.slice(server.address.length);
  const wrong = [];
  const expect = (what, status, check) => ({
    onResponse: (got, body) => {
      if ((got !== status || !check(body)) && wrong.length < 5) wrong.push(`${what}: ${got} ${body.slice(0, 200)}`);
    },
  });
  const range = { range: "bytes=0-99" };
  const requests = [
    { path: path(sign("/films/1.bin")), headers: range, ...expect("URL", 206, (body) => body.length > 0) },
    { path: "/films/1.bin", headers: { ...range, cookie }, ...expect("cookies", 206, (body) => body.length > 0) },
    { path: path(sign("/page.html")), ...expect("page", 200, (body) => body === "<p>") },
    { path: "/films/1.bin", ...expect("nothing", 403, (body) => body === MISSING_KEY) },
    { path: path(sign("/films/1.bin", { dateLessThan: "-1m", allowExpired: true })), ...expect("expired", 403, (body) => body === ACCESS_DENIED) },
    { path: path(sign("/films/2.bin")).replace("2.bin", "1.bin"), ...expect("tampered", 403, (body) => body === ACCESS_DENIED) },
    { path: "/page.html", headers: { cookie }, ...expect("not covered", 403, (body) => body === ACCESS_DENIED) },
  ];
  const run = autocannon({ url: server.address, connections: 200, duration: 30, requests });
  await sleep(5_000);
  const early = residentMemory(server.pid);
  const result = await run;
  const late = residentMemory(server.pid);
  t.diagnostic(`${result.requests.total} requests; ${early.toFixed(1)} MiB after 5 s, ${late.toFixed(1)} MiB after 30 s`);
  assert.deepEqual(wrong, []);
  assert.deepEqual([result.errors, result.timeouts, result.mismatches], [0, 0, 0]);
  assert.ok(result.requests.total > 2_000, `${result.requests.total} requests`);
  const denied = result.statusCodeStats[403].count;
  assert.equal(result.requests.total - denied, (result.statusCodeStats[200].count ?? 0) + result.statusCodeStats[206].count);
  assert.ok(late < early * 1.2 + 4, `memory grew from ${early} to ${late} MiB`);
});
