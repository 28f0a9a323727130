// What a program and its author see: URL objects everywhere, grants that describe themselves, objects and errors on a console, all wrong
// options reported at once, CryptoKeys, rounded expiries, cookies that are deleted, and CommonJS exports that a test can replace.
import assert from "node:assert/strict";
import { createPrivateKey, createPublicKey, verify as nodeVerify, webcrypto } from "node:crypto";
import { createRequire } from "node:module";
import { test } from "node:test";
import { inspect as shown } from "node:util";
import vm from "node:vm";

import {
  AsyncSigner, CountersignError, Grant, Signer, Verifier, clearCookies, getSignedCookies, getSignedUrl, guard, inspect, stripSignature, toSetCookie,
} from "countersign";

import { HOST, KEY_PAIR_ID, der, pem, publicKeys } from "./keys.mjs";

const require = createRequire(import.meta.url);
const ADDRESS = `https://${HOST}/films/1.mp4`;
const until = { dateLessThan: "2030-01-01", now: "2029-01-01" };
const signer = new Signer({ keyPairId: KEY_PAIR_ID, privateKey: pem("p256"), engine: "wasm" });

test("a URL object is taken wherever a URL or a resource is, also one of another realm", async () => {
  class OfAnotherRealm {
    get [Symbol.toStringTag]() {
      return "URL";
    }
    get href() {
      return ADDRESS;
    }
  }
  for (const url of [new URL(ADDRESS), new OfAnotherRealm()]) {
    const signed = signer.signUrl(ADDRESS, until);
    assert.equal(signer.signUrl(url, until), signed);
    assert.deepEqual(signer.signUrls([url], until), [signed]);
    assert.equal(signer.signUrl(ADDRESS, { ...until, resource: url }), signed);
    assert.deepEqual(signer.signCookies(url, until), signer.signCookies(ADDRESS, until));
    const grant = signer.grant(url, until);
    assert.equal(grant.url(url), signed);
    assert.deepEqual(grant.urls([url, ADDRESS]), [signed, signed]);
    const drop = { keyPairId: KEY_PAIR_ID, privateKey: pem("rsa2048"), dateLessThan: "2030-01-01" };
    assert.equal(getSignedUrl({ ...drop, url }), getSignedUrl({ ...drop, url: ADDRESS }));
    assert.deepEqual(getSignedCookies({ ...drop, url }), getSignedCookies({ ...drop, url: ADDRESS }));
    const verifier = new Verifier({ publicKeys: { [KEY_PAIR_ID]: publicKeys.ECDSA } });
    assert.equal(verifier.verify({ url: new URL(signed), now: "2029-01-01" }).allowed, true);
    assert.equal(stripSignature(new URL(signed)), ADDRESS);
    assert.equal(inspect(new URL(signed), { now: "2029-01-01" }).url, ADDRESS);
    assert.equal(Grant.fromUrl(new URL(signed)).url(url), signed);
    const films = signer.grant(`https://${HOST}/films/*`, until);
    assert.equal(films.manifest("#EXTM3U\n2.ts\n", url), films.manifest("#EXTM3U\n2.ts\n", ADDRESS));
    const check = guard({ publicKeys: { [KEY_PAIR_ID]: publicKeys.ECDSA }, now: "2029-01-01", url: () => new URL(signed) });
    assert.equal(await check(new Request("http://localhost/")), undefined);
  }
  for (const value of [{ href: ADDRESS }, { toString: () => ADDRESS }, new Proxy(new URL(ADDRESS), {})]) {
    assert.throws(() => signer.signUrl(value, until), { code: "INVALID_URL", option: "url" });
  }
});

test("a grant says whose it is, for what and until when", () => {
  const grant = signer.grant(`https://${HOST}/films/*`, until);
  assert.equal(grant.keyPairId, KEY_PAIR_ID);
  assert.equal(grant.resource, `https://${HOST}/films/*`);
  assert.deepEqual(grant.expires, new Date("2030-01-01"));
  assert.deepEqual(Grant.fromUrl(grant.url(ADDRESS)).expires, grant.expires);
});

test("console.log shows what an object is, and never a key", async () => {
  const asyncSigner = await AsyncSigner.fromKey({ keyPairId: KEY_PAIR_ID, privateKey: pem("p256") });
  const verifier = new Verifier({ publicKeys: { [KEY_PAIR_ID]: publicKeys.ECDSA }, engine: "wasm" });
  assert.equal(shown(signer, { breakLength: Infinity }), `Signer { keyPairId: '${KEY_PAIR_ID}', keyType: 'ECDSA', algorithm: 'SHA256', engine: 'wasm' }`);
  assert.match(shown(asyncSigner), /^AsyncSigner \{\s+keyPairId: /);
  assert.match(shown(signer.grant(ADDRESS, until)), /^Grant \{\s+keyPairId: .*resource: .*expires: 2030-01-01T00:00:00\.000Z/s);
  assert.equal(shown(verifier, { breakLength: Infinity }), `Verifier { keyPairIds: [ '${KEY_PAIR_ID}' ], engine: 'wasm' }`);
  const freed = new Signer({ keyPairId: KEY_PAIR_ID, privateKey: pem("p256") });
  freed.free();
  assert.match(shown(freed), /^Signer /);
});

test("an error has its name, begins at the caller and names the option", async () => {
  function caller() {
    return signer.signUrl(ADDRESS, { dateLessThan: "tomorrow" });
  }
  for (const call of [caller, () => require("countersign").getSignedUrl({}), () => new Signer({}), () => toSetCookie({})]) {
    assert.throws(call, (error) => {
      assert.ok(error instanceof CountersignError);
      const [head, first] = error.stack.split("\n");
      assert.ok(head.startsWith("CountersignError: "), head);
      assert.ok(first.includes("interface.test.mjs"), error.stack);
      assert.ok(shown(error).startsWith("CountersignError: "), shown(error));
      return true;
    });
  }
  await assert.rejects(AsyncSigner.fromKey({ keyPairId: KEY_PAIR_ID, privateKey: "x" }), (error) => error.stack.split("\n")[1].includes("interface.test.mjs"));
  assert.throws(caller, (error) => {
    assert.equal(error.option, "dateLessThan");
    assert.deepEqual(error.values, { problem: "unreadable", given: "tomorrow" });
    const json = JSON.parse(JSON.stringify(error));
    assert.deepEqual(json, { name: "CountersignError", code: "INVALID_DATE", message: error.message, hint: error.hint, option: "dateLessThan", values: error.values });
    return true;
  });
  assert.throws(() => signer.signUrl(ADDRESS, { ...until, ipaddress: "x" }), { code: "INVALID_OPTION", option: "ipaddress" });
  assert.throws(() => new Signer({ keyPairId: "", privateKey: pem("p256") }), { option: "keyPairId" });
});

test("every wrong option of a call is told at once", () => {
  const wrong = (call) => {
    let error;
    try {
      call();
    } catch (thrown) {
      error = thrown;
    }
    assert.ok(error instanceof CountersignError);
    assert.ok(error.errors.every((one) => one instanceof CountersignError && one.errors === undefined));
    assert.equal(error.errors[0].message, error.message);
    return error.errors.map(({ code, option }) => `${option} ${code}`);
  };
  assert.deepEqual(wrong(() => new Signer({ keyPairId: "", privateKey: "x", algorithm: "MD5", engine: "fast" })), [
    "keyPairId INVALID_KEY_PAIR_ID", "algorithm UNSUPPORTED_ALGORITHM", "engine INVALID_OPTION", "privateKey INVALID_PRIVATE_KEY",
  ]);
  assert.deepEqual(wrong(() => signer.signUrl(ADDRESS, { dateLessThan: "soon", dateGreaterThan: "later", ipAddress: "::1", roundUpTo: "x" })), [
    "dateLessThan INVALID_DATE", "dateGreaterThan INVALID_DATE", "ipAddress IPV6_NOT_SUPPORTED", "roundUpTo INVALID_DATE",
  ]);
  assert.deepEqual(wrong(() => signer.signUrl(ADDRESS, { dateLessThan: null, ipAddress: 1 })), ["dateLessThan INVALID_OPTION", "ipAddress INVALID_OPTION"]);
  assert.deepEqual(wrong(() => signer.signUrl(ADDRESS, { ...until, a: 1, b: 2 })), ["a INVALID_OPTION", "b INVALID_OPTION"]);
});

test("AsyncSigner signs with a CryptoKey, and refuses one that cannot", async () => {
  const { subtle } = webcrypto;
  const importKey = (name, algorithm, usages = ["sign"]) => subtle.importKey("pkcs8", der(pem(name)), algorithm, false, usages);
  const cases = [
    ["p256", { name: "ECDSA", namedCurve: "P-256" }, "SHA256", "sha256"],
    ["rsa2048", { name: "RSASSA-PKCS1-v1_5", hash: "SHA-1" }, "SHA1", "sha1"],
    ["rsa2048", { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" }, "SHA256", "sha256"],
  ];
  for (const [name, algorithm, expected, hash] of cases) {
    const asyncSigner = await AsyncSigner.fromKey({ keyPairId: KEY_PAIR_ID, privateKey: await importKey(name, algorithm) });
    assert.equal(asyncSigner.algorithm, expected);
    const grant = await asyncSigner.grant(`https://${HOST}/*`, until);
    const signature = grant.cookies()["CloudFront-Signature"].replaceAll("-", "+").replaceAll("~", "/").replaceAll("_", "=");
    const publicKey = createPublicKey(createPrivateKey(pem(name)));
    assert.ok(nodeVerify(hash, Buffer.from(grant.policy), publicKey, Buffer.from(signature, "base64")), name);
  }
  const p256 = await importKey("p256", cases[0][1]);
  const sha1 = await importKey("rsa2048", cases[1][1]);
  const { publicKey } = await subtle.generateKey(cases[0][1], false, ["sign", "verify"]);
  const { privateKey: p384 } = await subtle.generateKey({ name: "ECDSA", namedCurve: "P-384" }, false, ["sign", "verify"]);
  const { privateKey: derives } = await subtle.generateKey({ name: "ECDH", namedCurve: "P-256" }, false, ["deriveBits"]);
  const pss = await importKey("rsa2048", { name: "RSA-PSS", hash: "SHA-256" });
  const refused = async (options, code, option) => assert.rejects(AsyncSigner.fromKey({ keyPairId: KEY_PAIR_ID, ...options }), { code, option });
  await refused({ privateKey: publicKey }, "NOT_A_PRIVATE_KEY", "privateKey");
  for (const privateKey of [p384, derives, pss]) await refused({ privateKey }, "UNSUPPORTED_KEY", "privateKey");
  await refused({ privateKey: sha1, algorithm: "SHA256" }, "UNSUPPORTED_ALGORITHM", "algorithm");
  await refused({ privateKey: p256, passphrase: "x" }, "INVALID_OPTION", "passphrase");
  await refused({ privateKey: p256, fallback: "wasm" }, "INVALID_OPTION", "fallback");
  const pretender = { get [Symbol.toStringTag]() { return "CryptoKey"; } };
  await refused({ privateKey: pretender }, "UNSUPPORTED_KEY", "privateKey");
});

test("roundUpTo gives everyone who asks within it the same URL", () => {
  const rsa = new Signer({ keyPairId: KEY_PAIR_ID, privateKey: pem("rsa2048") });
  for (const one of [signer, rsa]) {
    const at = (now) => one.signUrl(ADDRESS, { dateLessThan: "1h", roundUpTo: "15m", now });
    assert.equal(at("2030-01-01T10:00:01Z"), at("2030-01-01T10:15:00Z"));
    assert.notEqual(at("2030-01-01T10:00:01Z"), at("2030-01-01T10:15:01Z"));
    assert.equal(new URL(at("2030-01-01T10:00:01Z")).searchParams.get("Expires"), `${Date.UTC(2030, 0, 1, 11, 15) / 1000}`);
  }
  assert.throws(() => signer.signUrl(ADDRESS, { ...until, policy: "{}", dateLessThan: undefined, roundUpTo: "1h" }), { option: "roundUpTo" });
});

test("clearCookies ends what toSetCookie began", () => {
  const attributes = { domain: "example.com", path: "/films", sameSite: "Lax", maxAge: 60 };
  const set = toSetCookie(signer.signCookies(`https://${HOST}/films/*`, until), attributes);
  const ended = clearCookies(attributes);
  const parts = (line) => line.split("; ").map((part) => part.split("=")[0]);
  for (const line of set) {
    const other = ended.find((one) => one.startsWith(`${line.split("=")[0]}=;`));
    assert.ok(other.includes("; Domain=example.com; Path=/films; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT;"), other);
    assert.deepEqual(parts(other).filter((part) => part !== "Expires"), parts(line));
  }
  assert.equal(ended.length, 5);
  for (const call of [clearCookies, (wrong) => toSetCookie(signer.signCookies(`https://${HOST}/*`, until), wrong)]) {
    assert.throws(() => call({ path: "/films/*" }), { code: "INVALID_OPTION", option: "path" });
  }
});

test("exports of the CommonJS copy can be replaced, as by jest.spyOn and sinon.stub", () => {
  const copy = require("countersign");
  const original = copy.getSignedUrl;
  for (const name of Object.keys(copy)) {
    const { writable, configurable, value } = Object.getOwnPropertyDescriptor(copy, name);
    assert.ok(writable && configurable && typeof value === "function", name);
  }
  copy.getSignedUrl = () => "replaced";
  assert.equal(require("countersign").getSignedUrl(), "replaced");
  copy.getSignedUrl = original;
  assert.equal(copy.__esModule, true);
  assert.ok(!Object.keys(copy).includes("__esModule"));
});

test("options of another realm are taken", () => {
  const options = vm.runInNewContext(`({ dateLessThan: "2030-01-01", now: "2029-01-01" })`);
  assert.equal(signer.signUrl(ADDRESS, options), signer.signUrl(ADDRESS, until));
});

test("all wrong options of a call are told at once", async () => {
  const H = `https://${HOST}`;
  const wrong = (call) => {
    try {
      call();
    } catch (error) {
      assert.ok(error instanceof CountersignError, error);
      const { errors = [error] } = error;
      assert.equal(errors[0].message, error.message);
      assert.ok(errors.every((one) => one instanceof CountersignError && one.errors === undefined));
      return errors.map(({ option, code }) => option ?? code);
    }
    assert.fail("no error");
  };
  const rejected = async (call) => {
    const outcome = await call().then(() => () => {}, (error) => () => { throw error; });
    return wrong(outcome);
  };
  const sign = () => new Uint8Array(256);
  const signer = new Signer({ keyPairId: KEY_PAIR_ID, privateKey: pem("rsa2048") });
  const bad = { dateLessThan: "soon", ipAddress: "everywhere" };
  const ofBad = ["dateLessThan", "ipAddress"];
  // A wrong URL and wrong conditions.
  for (const url of ["/a.jpg", `${H}/a?Expires=1`, `${H}/*`, `${H}/${"a".repeat(9_000)}`, `${H}/..%2fa`, 7]) {
    const [first, ...others] = wrong(() => signer.signUrl(url, bad));
    assert.equal(first, "url", `${url}`);
    assert.deepEqual(others, ofBad, `${url}`);
  }
  assert.deepEqual(wrong(() => signer.signCookies("/a", bad)).slice(1), ofBad);
  assert.deepEqual(wrong(() => signer.grant("/a", bad)).slice(1), ofBad);
  assert.deepEqual(wrong(() => signer.signUrl("/a", { dateLessThan: 7n, ipAddress: 8 })).slice(1), ofBad);
  assert.equal(wrong(() => signer.signUrl("/a.jpg", { dateLessThan: "1h" })).length, 1);
  assert.deepEqual(wrong(() => signer.signUrl(`${H}/${"a".repeat(8_100)}`, { dateLessThan: "1h" })), ["url"]);
  assert.deepEqual(wrong(() => Grant.fromUrl(H)), ["url"]);
  assert.deepEqual(wrong(() => signer.grant(`${H}/a?b=?`, { dateLessThan: "1h" })), ["resource"]);
  assert.deepEqual(wrong(() => signer.signUrl(H, { policy: "x".repeat(9_000) })), ["policy"]);
  // AsyncSigner.
  assert.deepEqual(await rejected(() => AsyncSigner.fromKey({ keyPairId: "", privateKey: "x", algorithm: "MD5", fallback: "none" })), ["keyPairId", "algorithm", "fallback", "privateKey"]);
  assert.deepEqual(wrong(() => AsyncSigner.fromSign({ keyPairId: "-", keyType: "DSA", algorithm: "MD5", publicKey: "x", sign: 1 })), ["keyPairId", "keyType", "publicKey", "sign", "algorithm"]);
  const external = AsyncSigner.fromSign({ keyPairId: KEY_PAIR_ID, keyType: "RSA", sign });
  assert.deepEqual((await rejected(() => external.signUrl("/a", bad))).slice(1), ofBad);
  // Verifier and guard.
  assert.deepEqual(wrong(() => new Verifier({ publicKeys: { K1: "x", "-": "y" }, engine: "fast" })), ["engine", "publicKeys", "publicKeys", "publicKeys"]);
  const verifier = new Verifier({ publicKeys: { [KEY_PAIR_ID]: publicKeys.RSA } });
  assert.deepEqual(wrong(() => verifier.verify({ cookies: 7, ipAddress: 7, now: "soon" })), ["url", "cookies", "ipAddress", "now"]);
  assert.deepEqual(wrong(() => guard({ publicKeys: {}, methods: "GET", onDecision: 1, colour: 2 })), ["onDecision", "colour", "methods", "publicKeys"]);
  // Attributes of cookies.
  const attributes = { domain: "https://x", path: "a", maxAge: "1", expires: "soon", secure: 1, sameSite: "lax" };
  const ofAttributes = ["maxAge", "expires", "secure", "sameSite", "domain", "path"];
  assert.deepEqual(wrong(() => clearCookies(attributes)), ofAttributes);
  assert.deepEqual(wrong(() => toSetCookie({}, attributes)).slice(0, 7), ["cookies", ...ofAttributes]);
  assert.deepEqual(wrong(() => toSetCookie(signer.signCookies(`${H}/*`, { dateLessThan: "1h" }), { domain: "a..b", path: "/*", secure: false, sameSite: "None" })), ["domain", "path", "secure"]);
});
