// guard, between real Requests and Responses: alone, in front of a handler, and as middleware of Hono.
import assert from "node:assert/strict";
import { test } from "node:test";

import { CountersignError, Signer, guard, stripSignature } from "countersign";
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
    const check = guard(options);
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
  assert.match(decisions[1][0].reason, /the signature is not one of the key/);
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
