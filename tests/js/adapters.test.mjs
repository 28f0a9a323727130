// countersign/express and countersign/hono in the real frameworks: Express 5 and 4, Fastify with @fastify/middie, plain node:http, Hono by
// itself and on Node. Unsigned requests get CloudFront's 403; signed ones reach the handler without parameters and cookies; manifests are signed.
import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, request as ask } from "node:http";
import { connect as connectHttp2, createServer as createHttp2Server } from "node:http2";
import { createRequire } from "node:module";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { brotliCompressSync, gzipSync } from "node:zlib";

import middie from "@fastify/middie";
import { serve } from "@hono/node-server";
import { CountersignError, Signer, Verifier } from "countersign";
import * as forExpress from "countersign/express";
import * as forHono from "countersign/hono";
import express5 from "express";
import express4 from "express4";
import fastify from "fastify";
import { Hono } from "hono";

import { KEY_PAIR_ID, pem, publicKeys } from "./keys.mjs";

const TYPE = "application/vnd.apple.mpegurl";
const LIST = "#EXTM3U\n#EXTINF:4,\n1.ts\n#EXT-X-ENDLIST\n";
const options = { publicKeys: { [KEY_PAIR_ID]: publicKeys.ECDSA } };
const verifier = new Verifier(options);
const signer = new Signer({ keyPairId: KEY_PAIR_ID, privateKey: pem("p256") });
const until = { dateLessThan: "1h" };
const decisions = [];
const settings = (more) => ({ ...options, manifests: true, clientAddress: () => "192.0.2.1", onDecision: (decision) => void decisions.push(decision), ...more });

let folder;
before(() => {
  folder = mkdtempSync(join(tmpdir(), "countersign-adapters-"));
  for (const [name, content] of Object.entries({ "index.m3u8": LIST, "1.ts": "segment", "big.m3u8": LIST.padEnd(1_048_577, "\n"), "bad.m3u8": `${LIST}/music/1.ts\n`, "packed.m3u8": gzipSync(LIST) })) {
    writeFileSync(join(folder, name), content);
  }
});
after(() => rmSync(folder, { recursive: true }));

/** What a handler sees of a request, as JSON. */
const seen = (request) => ({ method: request.method, url: request.url, original: request.originalUrl, query: { ...request.query }, cookie: request.headers.cookie, raw: request.rawHeaders.filter((one) => /CloudFront/.test(one)), range: request.headers.range, cookies: request.cookies });

const listening = async (server) => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { address: `http://127.0.0.1:${server.address().port}`, stop: () => (server.close(), server.closeAllConnections()) };
};

/** A program for each framework: files of `folder` below /films, what the handler saw at /films/seen, a manifest without a file extension at /films/live. */
const PROGRAMS = {
  "Express 5": (more) => listening(createServer(expressApp(express5, more))),
  "Express 4": (more) => listening(createServer(expressApp(express4, more))),
  "node:http": (more) => {
    const check = forExpress.guard(settings(more));
    return listening(
      createServer((request, response) =>
        check(request, response, (error) => {
          if (error) return response.writeHead(500).end(error.code);
          const name = request.url.split("?")[0];
          if (name === "/films/seen") return response.end(JSON.stringify(seen(request)));
          if (name === "/films/live") return response.writeHead(200, { "Content-Type": `${TYPE}; charset=utf-8`, "content-length": LIST.length }).end(LIST);
          if (name === "/films/untyped.m3u8") return response.end(LIST);
          if (name === "/films/packed.m3u8") response.setHeader("content-encoding", "gzip");
          return express5.static(folder, { setHeaders })(Object.assign(request, { url: request.url.replace("/films", "") }), response, () => response.writeHead(404).end());
        }),
      ),
    );
  },
  "Fastify with @fastify/middie": async (more) => {
    const app = fastify({ forceCloseConnections: true });
    await app.register(middie);
    app.use("/films", forExpress.guard(settings(more)));
    app.use("/films", (request, response, next) => (request.url.startsWith("/packed.m3u8") && response.setHeader("content-encoding", "gzip"), next()));
    app.use("/films", express5.static(folder, { setHeaders }));
    app.get("/films/seen", (request) => seen(request.raw));
    app.get("/films/live", (_, reply) => reply.type(TYPE).send(LIST));
    app.setErrorHandler((error, _, reply) => reply.code(500).send(error.code));
    return { address: await app.listen({ host: "127.0.0.1", port: 0 }), stop: () => app.close() };
  },
};

function setHeaders(response, name) {
  if (name.endsWith(".m3u8")) response.setHeader("content-type", TYPE);
}

function expressApp(express, more) {
  const app = express();
  app.use((request, _, next) => {
    // As cookie-parser does.
    request.cookies = Object.fromEntries((request.headers.cookie ?? "").split("; ").filter(Boolean).map((one) => one.split("=")));
    next();
  });
  app.use("/films", forExpress.guard(settings(more)));
  app.get("/films/seen", (request, response) => response.json(seen(request)));
  app.get("/films/live", (_, response) => response.type(TYPE).send(LIST));
  app.use("/films/packed.m3u8", (_, response, next) => (response.setHeader("content-encoding", "gzip"), next()));
  // As the middleware `compression` does.
  app.get("/films/compressed.m3u8", (request, response) => {
    const encoding = request.acceptsEncodings("br", "gzip", "identity");
    const compress = { br: brotliCompressSync, gzip: gzipSync }[encoding];
    if (compress) response.setHeader("content-encoding", encoding);
    response.type(TYPE).send(compress ? compress(LIST) : LIST);
  });
  app.use("/films", express.static(folder, { setHeaders }));
  app.use((error, _, response, __) => response.status(500).send(error.code));
  return app;
}

/** Requests each address of a signed playlist. */
function assertSigned(text, url) {
  const [, , address] = text.split("\n");
  assert.ok(verifier.verify({ url: new URL(address, url).href }).allowed, text);
  assert.equal(text.replace(/\?Policy=.*/, ""), LIST);
}

for (const [name, program] of Object.entries(PROGRAMS)) {
  describe(name, () => {
    let site, films;
    before(async () => {
      site = await program();
      films = signer.grant(`${site.address}/films/*`, until);
    });
    after(() => site?.stop());
    const signed = (path, query = "") => films.url(`${site.address}/films/${path}${query}`);

    test("what is not signed gets CloudFront's answer", async () => {
      const response = await fetch(`${site.address}/films/1.ts`);
      assert.deepEqual([response.status, response.headers.get("content-type"), response.headers.get("x-cache")], [403, "text/xml", "Error from cloudfront"]);
      assert.match(await response.text(), /<Code>MissingKey<\/Code>/);
      const head = await fetch(`${site.address}/films/1.ts`, { method: "HEAD" });
      assert.deepEqual([head.status, Number(head.headers.get("content-length")) > 100, await head.text()], [403, true, ""]);
      assert.equal((await fetch(signed("1.ts").replace("1.ts", "../films2/1.ts"))).status, name === "node:http" ? 403 : 404);
      assert.equal(decisions.at(-1).allowed, false);
    });

    test("what is signed goes on without parameters and cookies", async () => {
      assert.equal(await (await fetch(signed("1.ts"))).text(), "segment");
      assert.equal((await fetch(signed("1.ts"), { headers: { range: "bytes=0-2" } })).status, 206);
      const cookies = Object.entries(films.cookies()).map(([name, value]) => `${name}=${value}`).join("; ");
      for (const [url, headers] of [[signed("seen", "?a=b&c"), { cookie: "session=1; CloudFront-Policy=x" }], [`${site.address}/films/seen?a=b&c`, { cookie: `session=1; ${cookies}` }]]) {
        const found = await (await fetch(url, { headers })).json();
        assert.deepEqual(found.raw, []);
        assert.equal(found.cookie, "session=1");
        assert.match(found.url, /seen\?a=b&c$/);
        if (found.original) assert.equal(found.original, "/films/seen?a=b&c");
        if (name.startsWith("Express")) assert.deepEqual([found.query, found.cookies], [{ a: "b", c: "" }, { session: "1" }]);
      }
      assert.equal((await (await fetch(`${site.address}/films/seen`, { headers: { cookie: cookies } })).json()).cookie, undefined);
    });

    test("other methods get 405, and a preflight too", async () => {
      for (const method of ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"]) {
        const response = await fetch(signed("seen"), { method });
        assert.deepEqual([response.status, response.headers.get("allow")], [405, "GET, HEAD"], method);
      }
    });

    test("a Host that is none, or two, are refused", async () => {
      const status = (lines) =>
        new Promise((resolve, reject) => {
          const socket = connect(new URL(site.address).port, "127.0.0.1", () => socket.write(`${lines.join("\r\n")}\r\nConnection: close\r\n\r\n`));
          let text = "";
          socket.setEncoding("utf8").on("data", (part) => (text += part)).on("end", () => resolve(Number(text.split(" ")[1]))).on("error", reject);
        });
      const host = site.address.slice("http://".length);
      const path = signed("1.ts").slice(site.address.length);
      assert.equal(await status([`GET ${path} HTTP/1.1`, `Host: ${host}`]), 200);
      assert.equal(await status([`GET ${path} HTTP/1.1`, `Host: ${host}/films`]), 400);
      assert.equal(await status([`GET ${path} HTTP/1.1`, `Host: ${host}`, `Host: ${host}`]), 400);
      assert.notEqual(await status([`GET ${signed("1.ts")} HTTP/1.1`, `Host: ${host}`]), 200);
    });

    test("the path counts as it came", async () => {
      // Signed for the folder, but the server would route to a sibling.
      const ways = ["..", "%2e%2e", ".%2e", "%2E.", "..;", "..;x", "%2e%2e;x=1", "..%00", "..%09", "%c0%ae%c0%ae", "x/../..", "/..", "./.."].map((way) => `/films/${way}/secret`);
      const status = async (path) => {
        const url = films.url(`${site.address}/films/x`).replace("/films/x", path);
        const { port } = new URL(site.address);
        const [response] = await once(ask({ host: "127.0.0.1", port, path: url.slice(site.address.length) }).end(), "response");
        response.resume();
        return response.statusCode;
      };
      for (const path of [...ways, "/films/..%2fsecret", "/films/..%5csecret", "/films/..\\secret", "/films/%2e%2e%2fsecret%ff"]) {
        const decided = decisions.length;
        const found = await status(path);
        // Fastify refuses a path that is not UTF-8 before the guard sees it.
        if (found === 400 && /%c0|%ff/.test(path) && name.startsWith("Fastify")) continue;
        assert.deepEqual([found, decisions.length - decided, decisions.at(-1).reasonCode], [403, 1, "ambiguous-path"], path);
      }
      // Where the guard stands before `/films`, this is not below it, and nothing is there.
      assert.equal(await status("//films/../secret"), name === "node:http" ? 403 : 404);
      // Whoever decodes once reads `%2e%2e`, which is an ordinary name.
      assert.deepEqual([await status("/films/%252e%252e/secret"), decisions.at(-1).allowed], [404, true]);
    });

    test("a manifest is signed on its way, by the viewer's own grant", async () => {
      for (const path of ["index.m3u8", "packed.m3u8", "live"]) {
        const response = await fetch(signed(path), { headers: { "if-modified-since": new Date().toUTCString(), "cache-control": "max-age=0" } });
        const text = await response.text();
        assert.equal(response.status, 200);
        assertSigned(text, `${site.address}/films/${path}`);
        assert.equal(Number(response.headers.get("content-length")), text.length);
        assert.deepEqual(["content-encoding", "last-modified", "accept-ranges"].map((header) => response.headers.get(header)), [null, null, null]);
        assert.equal(response.headers.get("cache-control"), "private, no-cache");
      }
    });

    if (name === "node:http") {
      test("one without a type is known by its name", async () => {
        assertSigned(await (await fetch(signed("untyped.m3u8"))).text(), `${site.address}/films/`);
      });
    }

    if (name.startsWith("Express")) {
      test("a handler that compresses is asked for what can be undone", async () => {
        for (const accepted of ["gzip, deflate, br", "br", "identity"]) {
          const response = await fetch(signed("compressed.m3u8"), { headers: { "accept-encoding": accepted } });
          assert.deepEqual([response.status, response.headers.get("content-encoding")], [200, null]);
          assertSigned(await response.text(), `${site.address}/films/compressed.m3u8`);
        }
      });
    }

    test("its length and its tag are those of what is sent, to HEAD and to conditions too", async () => {
      const get = await fetch(signed("index.m3u8"));
      const length = String((await get.arrayBuffer()).byteLength);
      const etag = get.headers.get("etag");
      assert.match(etag, /^"[0-9a-f]{32}"$/);
      const head = await fetch(signed("index.m3u8"), { method: "HEAD" });
      assert.deepEqual([head.status, head.headers.get("content-length"), head.headers.get("etag"), await head.text()], [200, length, etag, ""]);
      const again = await fetch(signed("index.m3u8"), { headers: { "if-none-match": `"x", W/${etag}`, "cache-control": "max-age=0" } });
      assert.deepEqual([again.status, await again.text(), again.headers.get("etag")], [304, "", etag]);
      const part = await fetch(signed("index.m3u8"), { headers: { range: "bytes=0-6" } });
      assert.deepEqual([part.status, String((await part.arrayBuffer()).byteLength)], [200, length]);
    });

    test("with cookies it stays as it is", async () => {
      const cookie = Object.entries(films.cookies()).map(([name, value]) => `${name}=${value}`).join("; ");
      assert.equal(await (await fetch(`${site.address}/films/index.m3u8`, { headers: { cookie } })).text(), LIST);
    });

    test("one that cannot be signed, or is too long, is an error of the program's", async () => {
      for (const [path, code] of [["bad.m3u8", "RESOURCE_MISMATCH"], ["big.m3u8", "INVALID_MANIFEST"]]) {
        const response = await fetch(signed(path));
        assert.deepEqual([response.status, await response.text()], [500, code]);
      }
      const canned = await fetch(signer.signUrl(`${site.address}/films/index.m3u8`, until));
      assert.deepEqual([canned.status, await canned.text()], [500, "RESOURCE_MISMATCH"]);
      assert.equal((await fetch(signer.signUrl(`${site.address}/films/none.m3u8`, until))).status, 404);
    });

    test("a grant of the program's own, and a higher limit", async () => {
      const own = await program({ manifests: { grant: (request) => (request.url.includes("stay") ? undefined : signer.grant(`${site.address}/films/*`, until)), maximumBytes: 2_000_000 }, url: (request) => `${site.address}${request.originalUrl ?? request.url}` });
      try {
        const asked = (path) => fetch(signer.signUrl(`${site.address}/films/${path}`, until).replace(site.address, own.address));
        assertSigned(await (await asked("index.m3u8")).text(), `${site.address}/films/index.m3u8`);
        assert.equal((await (await asked("big.m3u8")).text()).length > 1_048_577, true);
        assert.equal(await (await asked("index.m3u8?stay")).text(), LIST);
      } finally {
        await own.stop();
      }
    });
  });
}

describe("Hono", () => {
  const app = new Hono();
  app.use("/films/*", forHono.guard(settings()));
  app.all("/films/seen", (context) => context.json({ url: context.req.url, query: context.req.query(), cookie: context.req.header("cookie"), method: context.req.method }));
  app.get("/films/index.m3u8", (context) => context.body(LIST, 200, { "content-type": TYPE, etag: '"origin"', "last-modified": "Sat, 28 Nov 2026 00:00:00 GMT" }));
  app.get("/films/live", (context) => (context.req.header("range") ? context.body("#EX", 206, { "content-type": TYPE }) : context.body(LIST, 200, { "content-type": TYPE, etag: '"origin"' })));
  app.get("/films/bad.m3u8", (context) => context.body(`${LIST}/music/1.ts`, 200, { "content-type": TYPE }));
  app.get("/films/1.ts", (context) => context.text("segment"));
  app.onError((error, context) => context.text(error.code, 500));
  const site = "https://media.example.com";
  const films = signer.grant(`${site}/films/*`, until);
  const cookie = Object.entries(films.cookies()).map(([name, value]) => `${name}=${value}`).join("; ");
  const signed = (path) => films.url(`${site}/films/${path}`);

  test("what is not signed gets CloudFront's answer, what is goes on without parameters and cookies", async () => {
    const denied = await app.request(`${site}/films/1.ts`);
    assert.equal(denied.status, 403);
    assert.match(await denied.text(), /MissingKey/);
    assert.equal(await (await app.request(signed("1.ts"))).text(), "segment");
    for (const [url, header] of [[signed("seen?a=b"), "session=1; CloudFront-Policy=x"], [`${site}/films/seen?a=b`, `session=1; ${cookie}`]]) {
      assert.deepEqual(await (await app.request(url, { headers: { cookie: header } })).json(), { url: `${site}/films/seen?a=b`, query: { a: "b" }, cookie: "session=1", method: "GET" });
    }
    for (const method of ["POST", "DELETE", "OPTIONS"]) assert.equal((await app.request(signed("seen"), { method })).status, 405);
  });

  test("a manifest is signed on its way", async () => {
    const response = await app.request(signed("index.m3u8"), { headers: { "if-none-match": '"origin"' } });
    const text = await response.text();
    assertSigned(text, `${site}/films/`);
    const etag = response.headers.get("etag");
    assert.deepEqual([response.headers.get("content-length"), response.headers.get("last-modified"), etag === '"origin"'], [String(text.length), null, false]);
    assert.equal((await app.request(signed("index.m3u8"), { headers: { "if-none-match": etag } })).status, 304);
    const head = await app.request(signed("index.m3u8"), { method: "HEAD" });
    assert.deepEqual([head.status, head.headers.get("content-length"), head.headers.get("etag"), await head.text()], [200, String(text.length), etag, ""]);
    assertSigned(await (await app.request(signed("live"))).text(), `${site}/films/`);
    assert.equal(await (await app.request(`${site}/films/index.m3u8`, { headers: { cookie } })).text(), LIST);
    assert.equal(await (await app.request(signed("bad.m3u8"))).text(), "RESOURCE_MISMATCH");
    assert.equal(await (await app.request(signed("live"), { headers: { range: "bytes=0-2" } })).text(), "INVALID_MANIFEST");
  });

  test("on Node", async () => {
    const server = serve({ fetch: app.fetch, hostname: "127.0.0.1", port: 0 });
    await once(server, "listening");
    try {
      const address = `http://127.0.0.1:${server.address().port}`;
      const local = signer.grant(`${address}/films/*`, until);
      assert.equal((await fetch(`${address}/films/1.ts`)).status, 403);
      assert.equal(await (await fetch(local.url(`${address}/films/1.ts`))).text(), "segment");
      assertSigned(await (await fetch(local.url(`${address}/films/index.m3u8`))).text(), `${address}/films/`);
      const found = await (await fetch(local.url(`${address}/films/seen?a=b`), { headers: { cookie: "session=1; CloudFront-Policy=x" } })).json();
      assert.deepEqual(found, { url: `${address}/films/seen?a=b`, query: { a: "b" }, cookie: "session=1", method: "GET" });
    } finally {
      server.close();
      server.closeAllConnections();
    }
  });
});

test("HTTP/2, whose requests have no Host", async () => {
  const check = forExpress.guard(settings());
  const server = createHttp2Server((request, response) =>
    check(request, response, (error) => {
      if (error) return response.writeHead(500).end(error.code);
      if (request.url.endsWith(".m3u8")) return response.writeHead(200, { "content-type": TYPE }).end(LIST);
      response.end(JSON.stringify({ url: request.url, headers: request.headers, raw: request.rawHeaders }));
    }),
  );
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const site = `http://127.0.0.1:${server.address().port}`;
  const client = connectHttp2(site);
  try {
    const get = async (url, headers = {}) => {
      const stream = client.request({ ":path": url.slice(site.length), ...headers });
      const [answered] = await once(stream, "response");
      return { status: answered[":status"], text: (await stream.setEncoding("utf8").toArray()).join("") };
    };
    const films = signer.grant(`${site}/films/*`, until);
    const cookie = Object.entries(films.cookies()).map(([name, value]) => `${name}=${value}`).join("; ");
    assert.equal((await get(`${site}/films/1.ts`)).status, 403);
    for (const [url, headers] of [[films.url(`${site}/films/1.ts?a=b`), { cookie: "session=1" }], [`${site}/films/1.ts?a=b`, { cookie: `session=1; ${cookie}` }]]) {
      const found = JSON.parse((await get(url, headers)).text);
      assert.deepEqual([found.url, found.headers[":path"], found.headers.cookie], ["/films/1.ts?a=b", "/films/1.ts?a=b", "session=1"]);
      assert.doesNotMatch(found.raw.join(), /Signature/);
    }
    const { text } = await get(films.url(`${site}/films/index.m3u8`));
    assertSigned(text, `${site}/films/`);
    // A `host` that says something else does not count.
    assert.equal((await get(films.url(`${site}/films/1.ts`), { ":authority": site.slice("http://".length), host: "other.example.com" })).status, 200);
  } finally {
    client.destroy();
    server.close();
  }
});

test("methods can be allowed, and wrong options are errors at once", async () => {
  const app = new Hono();
  app.use(forHono.guard({ ...options, methods: ["GET", "DELETE"] }));
  app.delete("/x", (context) => context.text("deleted"));
  assert.equal(await (await app.request(signer.signUrl("https://media.example.com/x", until), { method: "DELETE" })).text(), "deleted");
  for (const guard of [forExpress.guard, forHono.guard]) {
    for (const bad of [undefined, {}, { ...options, next: () => {} }, { ...options, methods: "GET" }, { ...options, methods: [] }, { ...options, methods: ["get"] }, { ...options, manifests: null }, { ...options, manifests: "yes" }, { ...options, manifests: { grant: true } }, { ...options, manifests: { maximumBytes: 0 } }, { ...options, manifests: { max: 1 } }]) {
      assert.throws(() => guard(bad), (error) => error instanceof CountersignError && error.code === "INVALID_OPTION");
    }
  }
});

test("what the callbacks throw goes to next, and lets nothing through", async () => {
  const boom = () => {
    throw new Error("the caller's own");
  };
  for (const name of ["clientAddress", "url", "onDecision", "now"]) {
    const passed = [];
    const request = { method: "GET", url: "/a", headers: { host: "d.net" } };
    await forExpress.guard({ ...options, [name]: boom })(request, {}, (error) => passed.push(error?.message));
    assert.deepEqual(passed, ["the caller's own"]);
  }
});

test("in another kind of server, each says where the right one is", async () => {
  const isNamed = (error) => error instanceof CountersignError && error.code === "INVALID_OPTION" && /countersign/.test(error.hint);
  await assert.rejects(forExpress.guard(options)(new Request("https://media.example.com/x")), isNamed);
  await assert.rejects(forHono.guard(options)(new Request("https://media.example.com/x"), {}, () => {}), isNamed);
});

test("CommonJS has the same", () => {
  const require = createRequire(import.meta.url);
  for (const name of ["countersign/express", "countersign/hono"]) {
    assert.equal(typeof require(name).guard(options), "function");
    assert.throws(() => require(name).guard({}), (error) => error instanceof CountersignError);
  }
});
