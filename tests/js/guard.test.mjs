// guard with real Requests and Responses: alone, in front of a handler, and as Hono middleware.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { brotliCompressSync, gzipSync } from "node:zlib";

import { CountersignError, Signer, Verifier, guard, stripSignature } from "countersign";
import { Hono } from "hono";

import { HOST, KEY_PAIR_ID, pem, publicKeys } from "./keys.mjs";

const options = { publicKeys: { [KEY_PAIR_ID]: publicKeys.ECDSA } };
const signer = new Signer({ keyPairId: KEY_PAIR_ID, privateKey: pem("p256") });
const address = `https://${HOST}/films/1.mp4?size=hd`;
const signed = signer.signUrl(address, { dateLessThan: "1h" });
const header = (cookies) => ({ cookie: Object.entries(cookies).map(([name, value]) => `${name}=${value}`).join("; ") });

const MISSING_KEY = '<?xml version="1.0" encoding="UTF-8"?><Error><Code>MissingKey</Code><Message>Missing Key-Pair-Id query parameter or cookie value</Message></Error>';

for (const [what, init] of Object.entries({ GET: {}, HEAD: { method: "HEAD" }, Range: { headers: { range: "bytes=0-9" } }, POST: { method: "POST", body: "x" } })) {
  test(`${what} needs the signature like every other request`, async () => {
    const check = guard({ ...options, methods: ["GET", "HEAD", "POST"] });
    assert.equal(await check(new Request(signed, init)), undefined);
    const denied = await check(new Request(address, init));
    assert.equal(denied.status, 403);
    assert.equal(denied.headers.get("content-type"), "text/xml");
    assert.equal(denied.headers.get("x-cache"), "Error from cloudfront");
    assert.equal(await denied.text(), what === "HEAD" ? "" : MISSING_KEY);
    assert.equal((await check(new Request(signed.replace("1.mp4", "2.mp4"), init))).status, 403);
  });
}

test("cookies open what they cover", async () => {
  const check = guard(options);
  const headers = header(signer.signCookies(`https://${HOST}/films/*`, { dateLessThan: "1h" }));
  assert.equal(await check(new Request(address, { headers })), undefined);
  assert.equal((await check(new Request(`https://${HOST}/music/1.mp3`, { headers }))).status, 403);
});

test("what comes after gets the request without its signature, and everything else of it", async () => {
  let seen;
  const handler = guard({
    ...options,
    methods: ["GET", "PUT"],
    next: async (request, decision) => {
      seen = { url: request.url, method: request.method, range: request.headers.get("range"), body: await request.text(), remaining: decision.remaining };
      return new Response("film", { status: 206 });
    },
  });
  const response = await handler(new Request(signed, { method: "PUT", headers: { range: "bytes=0-3" }, body: "content" }));
  assert.equal(response.status, 206);
  assert.equal(await response.text(), "film");
  assert.equal(seen.url, address);
  assert.deepEqual([seen.method, seen.range, seen.body], ["PUT", "bytes=0-3", "content"]);
  assert.ok(seen.remaining > 3500 && seen.remaining <= 3600);
  seen = undefined;
  assert.equal((await handler(new Request(address))).status, 403);
  assert.equal(seen, undefined, "a denied request goes no further");
});

test("the address comes from where it is said to come from, and from nowhere else", async () => {
  const url = signer.signUrl(address, { dateLessThan: "1h", ipAddress: "192.0.2.0/24" });
  const request = () => new Request(url, { headers: { "x-forwarded-for": "192.0.2.1", "x-real-ip": "192.0.2.1", forwarded: "for=192.0.2.1" } });
  assert.equal((await guard(options)(request())).status, 403);
  assert.equal((await guard({ ...options, clientAddress: () => null })(request())).status, 403);
  assert.equal((await guard({ ...options, clientAddress: async () => "198.51.100.1" })(request())).status, 403);
  assert.equal(await guard({ ...options, clientAddress: (request) => request.headers.get("x-real-ip") })(request()), undefined);
  assert.equal(await guard({ ...options, clientAddress: async () => "::ffff:192.0.2.9" })(request()), undefined);
});

test("behind a proxy, the URL that the viewer asked for is verified, and the request's own goes on", async () => {
  const seen = [];
  const handler = guard({ ...options, url: (request) => request.url.replace("http://127.0.0.1:8080", `https://${HOST}`), next: ({ url }) => { seen.push(url); return new Response(); } });
  assert.equal((await handler(new Request(signed.replace(`https://${HOST}`, "http://127.0.0.1:8080")))).status, 200);
  assert.deepEqual(seen, ["http://127.0.0.1:8080/films/1.mp4?size=hd"]);
});

test("time is the clock's, a moment, or a function's", async () => {
  for (const now of ["2h", () => "2h", () => Date.now() + 7_200_000]) {
    assert.equal((await guard({ ...options, now })(new Request(signed))).status, 403);
  }
  for (const now of [undefined, "30m", () => undefined]) assert.equal(await guard({ ...options, now })(new Request(signed)), undefined);
});

test("decisions are told, and reasons do not reach the viewer", async () => {
  const decisions = [];
  const check = guard({ ...options, onDecision: async (decision, request) => void decisions.push([decision, request.url]) });
  await check(new Request(signed));
  const denied = await check(new Request(signed.replace("films", "music")));
  assert.deepEqual(decisions.map(([{ allowed }, url]) => [allowed, url]), [[true, signed], [false, signed.replace("films", "music")]]);
  assert.match(decisions[1][0].reason, /the signature does not match/);
  assert.ok(!(await denied.text()).includes("signature"));
});

test("what the callbacks throw ends the request, and lets nothing through", async () => {
  const boom = () => { throw new Error("the caller's own"); };
  for (const name of ["clientAddress", "url", "onDecision", "now", "next"]) {
    await assert.rejects(guard({ ...options, [name]: boom })(new Request(signed)), /the caller's own/, name);
  }
});

test("a wrong use is an error at once", () => {
  for (const bad of [undefined, {}, { ...options, clientAddress: "192.0.2.1" }, { ...options, next: null }, { ...options, trustProxy: true }, { ...options, engine: "x" }, { get publicKeys() { throw new Error("the caller's own"); } }, null, "options"]) {
    assert.throws(() => guard(bad), (error) => error instanceof CountersignError && error.code === "INVALID_OPTION" && error.message.length > 0);
  }
});

test("a guard in another kind of server says where its own is", async () => {
  for (const request of [undefined, null, signed, new URL(signed), { url: "/a", method: "GET", headers: { host: HOST } }]) {
    await assert.rejects(guard(options)(request, {}, () => {}), (error) => error instanceof CountersignError && error.code === "INVALID_OPTION" && /countersign\/express/.test(error.hint));
  }
});

test("a manifest without a type of its own is known by its name and its text", async () => {
  const grant = signer.grant(`https://${HOST}/films/*`, { dateLessThan: "1h" });
  const list = "#EXTM3U\n#EXTINF:4,\n1.ts\n";
  const answer = (name, body, type) => {
    const handler = guard({ ...options, manifests: true, next: () => new Response(new TextEncoder().encode(body), { headers: type ? { "content-type": type } : {} }) });
    return handler(new Request(grant.url(`https://${HOST}/films/${name}`))).then((response) => response.text());
  };
  // Hono's static files and many buckets have no type for it.
  for (const type of [undefined, "application/octet-stream", "binary/octet-stream", "text/plain; charset=utf-8"]) {
    assert.match(await answer("index.m3u8", list, type), /\n1\.ts\?Policy=/, type);
    assert.match(await answer("index.mpd", "\ufeff<?xml version='1.0'?><MPD><BaseURL>1.mp4</BaseURL></MPD>", type), />1\.mp4\?Policy=/, type);
    assert.equal(await answer("index.txt", list, type), list);
    assert.equal(await answer("index.m3u8", "something else", type), "something else");
  }
  assert.equal(await answer("index.m3u8", list, "text/html"), list);
});

test("what is no Response passes, and what is no Grant is named", async () => {
  const grant = signer.grant(`https://${HOST}/films/*`, { dateLessThan: "1h" });
  const request = () => new Request(grant.url(`https://${HOST}/films/index.m3u8`));
  assert.equal(await guard({ ...options, manifests: true, next: () => undefined })(request()), undefined);
  const next = () => new Response("#EXTM3U\n1.ts\n", { headers: { "content-type": "audio/mpegurl" } });
  await assert.rejects(guard({ ...options, manifests: { grant: () => grant.cookies() }, next })(request()), { code: "INVALID_OPTION" });
});

test("other methods than those that are named get 405, signed or not", async () => {
  for (const method of ["POST", "PUT", "DELETE", "OPTIONS", "PROPFIND"]) {
    for (const url of [signed, address]) {
      const refused = await guard({ ...options, next: () => assert.fail("it went on") })(new Request(url, { method }));
      assert.deepEqual([refused.status, refused.headers.get("allow")], [405, "GET, HEAD"]);
    }
  }
});

test("CloudFront's cookies are taken off, and no others", async () => {
  const seen = [];
  const handler = guard({ ...options, next: ({ headers }) => (seen.push(headers.get("cookie")), new Response()) });
  const cookies = header(signer.signCookies(`https://${HOST}/films/*`, { dateLessThan: "1h" })).cookie;
  for (const cookie of [cookies, `a=1; ${cookies}; b=2`, `CloudFront-Other=1; ${cookies}`]) await handler(new Request(address, { headers: { cookie } }));
  await handler(new Request(signed, { headers: { cookie: "a=1;  b=2" } }));
  assert.deepEqual(seen, [null, "a=1; b=2", "CloudFront-Other=1", "a=1;  b=2"]);
});

test("what somebody put on Object.prototype is no option", async () => {
  Object.prototype.now = 0;
  Object.prototype.methods = ["DELETE"];
  Object.prototype.next = () => assert.fail("it went on");
  Object.prototype.grant = () => assert.fail("it was asked");
  try {
    const expired = signer.signUrl(address, { dateLessThan: "1h", now: "-2h", allowExpired: true });
    assert.equal((await guard(options)(new Request(expired))).status, 403);
    assert.equal(await guard(options)(new Request(signed)), undefined);
    assert.equal((await guard(options)(new Request(signed, { method: "DELETE" }))).status, 405);
    assert.equal(await guard({ ...options, manifests: true })(new Request(signed)), undefined);
  } finally {
    for (const name of ["now", "methods", "next", "grant"]) delete Object.prototype[name];
  }
});

describe("manifests on their way", () => {
  const LIST = "#EXTM3U\n1.ts\n";
  const films = signer.grant(`https://${HOST}/films/*`, { dateLessThan: "1h" });
  const url = (name) => films.url(`https://${HOST}/films/${name}`);
  const answering = (answer, more) => guard({ ...options, manifests: true, ...more, next: answer });
  const isSigned = (text) => /^#EXTM3U\n1\.ts\?Policy=[^\n]*\n$/.test(text);
  const verifier = new Verifier(options);

  test("each of their types, whatever its case and parameters", async () => {
    for (const type of ["application/vnd.apple.mpegurl", "application/x-mpegURL", "audio/mpegurl; charset=utf-8", "Application/Vnd.Apple.MPEGURL"]) {
      const text = await (await answering(() => new Response(LIST, { headers: { "content-type": type } }))(new Request(url("x")))).text();
      assert.ok(isSigned(text), text);
      assert.ok(verifier.verify({ url: `https://${HOST}/films/${text.split("\n")[1]}` }).allowed);
    }
    const mpd = await answering(() => new Response("<MPD><BaseURL>a.mp4</BaseURL></MPD>", { headers: { "content-type": "application/dash+xml" } }))(new Request(url("x")));
    assert.match(await mpd.text(), /a\.mp4\?Policy=[^<&]*&amp;Signature=/);
    for (const type of ["text/plain", "video/mp2t", ""]) assert.equal(await (await answering(() => new Response(LIST, { headers: { "content-type": type } }))(new Request(url("x")))).text(), LIST);
  });

  test("without the option, and for other statuses, nothing is touched", async () => {
    const headers = { "content-type": "application/vnd.apple.mpegurl", etag: '"a"' };
    const plain = await guard({ ...options, next: () => new Response(LIST, { headers }) })(new Request(url("x")));
    assert.deepEqual([await plain.text(), plain.headers.get("etag")], [LIST, '"a"']);
    for (const status of [404, 500]) assert.equal(await (await answering(() => new Response(LIST, { status, headers }))(new Request(url("x.m3u8")))).text(), LIST);
  });

  test("a handler is asked for the whole: ranges, conditions and HEAD", async () => {
    const asked = [];
    // Like the response of a bucket or of fetch.
    const handler = answering((request) => {
      asked.push([request.method, request.headers.get("range"), request.headers.get("if-none-match")].join());
      const headers = { "content-type": "application/vnd.apple.mpegurl", etag: '"origin"', "content-length": String(LIST.length), "accept-ranges": "bytes" };
      if (request.headers.get("if-none-match") === '"origin"') return new Response(null, { status: 304, headers });
      if (request.headers.has("range")) return new Response("#EX", { status: 206, headers });
      return new Response(request.method === "HEAD" ? null : LIST, { headers });
    });
    const get = await handler(new Request(url("index.m3u8")));
    const [length, etag] = [String((await get.text()).length), get.headers.get("etag")];
    for (const name of ["index.m3u8", "live"]) {
      const expected = await handler(new Request(url(name)));
      const head = await handler(new Request(url(name), { method: "HEAD" }));
      assert.deepEqual([head.status, head.headers.get("content-length"), head.headers.get("etag"), head.body], [200, expected.headers.get("content-length"), expected.headers.get("etag"), null]);
      const range = await handler(new Request(url(name), { headers: { range: "bytes=0-2" } }));
      assert.ok(isSigned(await range.text()) && range.status === 200);
      const origins = await handler(new Request(url(name), { headers: { "if-none-match": '"origin"' } }));
      assert.ok(isSigned(await origins.text()) && origins.status === 200);
    }
    const own = await handler(new Request(url("index.m3u8"), { headers: { "if-none-match": etag } }));
    assert.deepEqual([own.status, own.body, own.headers.get("etag"), own.headers.get("content-length")], [304, null, etag, null]);
    assert.ok(Number(length) > 300 && asked.includes("GET,,"));
  });

  test("compressed ones, and those that are no text", async () => {
    const headers = { "content-type": "application/vnd.apple.mpegurl", "content-encoding": "gzip" };
    const packed = await answering(() => new Response(gzipSync(LIST), { headers }))(new Request(url("x")));
    assert.ok(isSigned(await packed.text()));
    assert.equal(packed.headers.get("content-encoding"), null);
    // fetch has removed the compression and kept the header.
    assert.ok(isSigned(await (await answering(() => new Response(LIST, { headers }))(new Request(url("x")))).text()));
    await assert.rejects(answering(() => new Response(new Uint8Array([1, 0xff]), { headers: { ...headers, "content-encoding": "br" } }))(new Request(url("x"))), { code: "INVALID_MANIFEST", message: /br/ });
    await assert.rejects(answering(() => new Response("<html>", { headers }))(new Request(url("x"))), { code: "INVALID_MANIFEST" });
  });

  test("a handler that compresses is asked for what can be undone", async () => {
    const type = { "content-type": "application/vnd.apple.mpegurl" };
    const asked = [];
    // As servers do: the best encoding that the client accepts.
    const handler = answering((request) => {
      const accepted = request.headers.get("accept-encoding") ?? "";
      asked.push(accepted);
      if (/\bbr\b/.test(accepted)) return new Response(brotliCompressSync(LIST), { headers: { ...type, "content-encoding": "br" } });
      if (/\bgzip\b/.test(accepted)) return new Response(gzipSync(LIST), { headers: { ...type, "content-encoding": "gzip" } });
      return new Response(LIST, { headers: type });
    });
    for (const [accepted, expected] of [["gzip, deflate, br, zstd", "gzip"], ["br", "identity"], ["br;q=1, GZIP;q=0.5", "gzip"], ["br, gzip;q=0", "identity"], ["gzip;q=0.000,br", "identity"], ["*", "identity"]]) {
      assert.ok(isSigned(await (await handler(new Request(url("index.m3u8"), { headers: { "accept-encoding": accepted } }))).text()), accepted);
      assert.equal(asked.pop(), expected, accepted);
    }
    assert.ok(isSigned(await (await handler(new Request(url("index.m3u8")))).text()));
    assert.equal(asked.pop(), "");
    // The request for a segment is passed on unchanged.
    await handler(new Request(url("1.ts"), { headers: { "accept-encoding": "br" } })).catch(() => {});
    assert.equal(asked.pop(), "br");
  });

  test("their size is bounded, unpacked too, and endless ones are given up", async () => {
    const headers = { "content-type": "application/vnd.apple.mpegurl" };
    const long = LIST.padEnd(1_048_577, "\n");
    for (const body of [long, gzipSync(long)]) await assert.rejects(answering(() => new Response(body, { headers }))(new Request(url("x"))), { code: "INVALID_MANIFEST", message: /1048576/ });
    let isCancelled = false;
    const endless = new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(100_000)), cancel: () => void (isCancelled = true) });
    await assert.rejects(answering(() => new Response(endless, { headers }))(new Request(url("x"))), { code: "INVALID_MANIFEST" });
    assert.ok(isCancelled);
    const longest = await answering(() => new Response(long.slice(1), { headers }))(new Request(url("x"))).catch((error) => error);
    assert.match(longest.message, /begins with "EXTM3U/, "one of a byte less is looked at");
    assert.ok((await (await answering(() => new Response(long.slice(0, -1), { headers }))(new Request(url("x")))).text()).length > 1_048_576);
    assert.equal((await (await answering(() => new Response(long, { headers }), { manifests: { maximumBytes: 2_000_000 } })(new Request(url("x")))).text()).length > long.length, true);
  });

  test("by cookies they stay, by a grant of the program's own they are signed", async () => {
    const headers = { "content-type": "application/vnd.apple.mpegurl", "cache-control": "no-store" };
    const request = () => new Request(`https://${HOST}/films/x`, { headers: header(films.cookies()) });
    assert.equal(await (await answering(() => new Response(LIST, { headers }))(request())).text(), LIST);
    const own = await answering(() => new Response(LIST, { headers }), { manifests: { grant: async (_, { source }) => source === "cookies" && films } })(request());
    assert.ok(isSigned(await own.text()));
    assert.equal(own.headers.get("cache-control"), "no-store");
    await assert.rejects(answering(() => new Response(LIST, { headers }))(new Request(signer.signUrl(`https://${HOST}/films/x`, { dateLessThan: "1h" }))), { code: "RESOURCE_MISMATCH" });
  });
});

test("as middleware of Hono", async () => {
  const check = guard(options);
  const app = new Hono();
  app.use("/films/*", async (context, next) => (await check(context.req.raw)) ?? next());
  app.get("/films/:name", (context) => context.text(`film ${context.req.param("name")} ${stripSignature(context.req.url)}`));
  assert.equal(await (await app.request(signed)).text(), `film 1.mp4 ${address}`);
  const denied = await app.request(address);
  assert.equal(denied.status, 403);
  assert.equal(await denied.text(), MISSING_KEY);
  assert.equal((await app.request(address, { method: "HEAD" })).status, 403);
});
