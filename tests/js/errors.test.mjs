// Every error code is provoked from JavaScript. Whatever is passed, a CountersignError is thrown that shows no secret.
import assert from "node:assert/strict";
import { createPrivateKey } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { inspect } from "node:util";

import { AsyncSigner, CountersignError, Signer, Verifier, generateKeyPair, getSignedCookies, getSignedUrl, derivePublicKey, toSetCookie } from "countersign";

import { run as runCase } from "../packaging/suite/conformance.js";
import { HOST, KEY_PAIR_ID, PASSPHRASE, pem, publicKeys } from "./keys.mjs";
import { runAlone } from "./run_alone.mjs";
import { writeModuleThatCannotGrow } from "./small_memory.mjs";

const { cases } = JSON.parse(readFileSync(new URL("../vectors/errors.json", import.meta.url), "utf8"));
const provoked = new Set();

/** Checks everything about an error except its words. */
function assertError(call, code, what, secrets = []) {
  let error;
  try {
    const result = call();
    assert.fail(`${what}: no error, but ${inspect(result)}`);
  } catch (thrown) {
    error = thrown;
  }
  if (error instanceof assert.AssertionError) throw error;
  assert.ok(error instanceof CountersignError && error instanceof Error, `${what}: ${inspect(error)}`);
  assert.equal(error.name, "CountersignError");
  assert.equal(error.code, code, `${what}: ${inspect(error)}`);
  assert.ok(error.message.trim().length > 0, what);
  assert.ok(error.hint === undefined || (typeof error.hint === "string" && error.hint.trim().length > 0), what);
  const shown = `${error.message}\n${error.hint}\n${JSON.stringify(error)}\n${inspect(error, { showHidden: true, depth: 9 })}`;
  for (const secret of secrets) assert.ok(!shown.includes(secret), `${what}: the error shows ${secret}`);
  provoked.add(code);
}

/** The same for a rejected promise. */
async function assertRejects(call, code, what) {
  const outcome = await call().then((result) => () => result, (error) => () => { throw error; });
  assertError(outcome, code, what);
}

/** Twelve Base64 characters are nine bytes of a key. Names and words are shorter than a key's shortest line. */
function secretsOf({ privateKey = "", passphrase }) {
  const texts = [privateKey, Buffer.from(privateKey, "base64").toString("latin1")];
  const runs = texts.flatMap((text) => text.match(/[A-Za-z0-9+/]{40,}/g) ?? []);
  const windows = runs.flatMap((run) => Array.from({ length: run.length - 11 }, (_, at) => run.slice(at, at + 12)));
  return [...windows, ...(passphrase ? [passphrase] : [])];
}

function run(one, options) {
  const signer = new Signer(options);
  try {
    return runCase({ toSetCookie }, signer, one);
  } finally {
    signer.free();
  }
}

const forJavaScript = cases.filter(({ hosts }) => hosts === undefined || hosts.includes("js"));

for (const code of new Set(forJavaScript.map((one) => one.code))) {
  const own = forJavaScript.filter((one) => one.code === code);
  test(`${code}: the ${own.length} of errors.json`, () => {
    for (const one of own) {
      const options = { keyPairId: one.keyPairId ?? KEY_PAIR_ID, privateKey: one.keyText ?? pem(one.key ?? "p256") };
      if (one.passphrase !== undefined) options.passphrase = one.passphrase;
      if (one.algorithm !== undefined) options.algorithm = one.algorithm;
      assertError(() => run(one, options), code, one.name, secretsOf(options));
      // The other way to read a key.
      if (one.call === "privateKey" && one.keyPairId === undefined && one.algorithm === undefined) {
        assertError(() => derivePublicKey(options.privateKey, options.passphrase), code, `derivePublicKey, ${one.name}`, secretsOf(options));
      }
    }
  });
}

const good = { keyPairId: KEY_PAIR_ID, privateKey: pem("p256") };
const url = `https://${HOST}/a.jpg`;
const until = { dateLessThan: "2h" };
const signer = new Signer(good);
const cookies = signer.signCookies(url, until);

class Instance {
  dateLessThan = "2h";
  keyPairId = KEY_PAIR_ID;
  privateKey = good.privateKey;
}
const revoked = () => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
};
const boom = () => {
  throw new Error("boom");
};
const throwing = (name, thrown) =>
  Object.defineProperty({}, name, {
    enumerable: true,
    get() {
      throw thrown;
    },
  });

/** Values that are no plain options object. */
const NOT_OPTIONS = () => [
  null, true, 1, 1n, "text", Symbol("s"), [], [until], () => until, class {}, new Map([["dateLessThan", "2h"]]), new Date(), new Uint8Array(4), new Instance(), /x/, Promise.resolve(until),
  Object.create(until), new Proxy({}, { ownKeys: boom }), new Proxy({}, { getPrototypeOf: boom }), new Proxy(until, { get: boom }), new Proxy(until, { getOwnPropertyDescriptor: boom }), revoked(),
  throwing("dateLessThan", new Error("boom")), throwing("dateLessThan", null), throwing("dateLessThan", undefined),
];

test("INVALID_OPTION: options that are no plain object", async () => {
  for (const options of NOT_OPTIONS()) {
    const what = (call) => `${call}: ${typeof options}`;
    assertError(() => signer.signUrl(url, options), "INVALID_OPTION", what("signUrl"));
    assertError(() => signer.signUrls([url], options), "INVALID_OPTION", what("signUrls"));
    assertError(() => signer.signCookies(url, options), "INVALID_OPTION", what("signCookies"));
    assertError(() => signer.grant(url, options), "INVALID_OPTION", what("grant"));
    assertError(() => new Signer(options), "INVALID_OPTION", what("new Signer"));
    assertError(() => getSignedUrl(options), "INVALID_OPTION", what("getSignedUrl"));
    assertError(() => getSignedCookies(options), "INVALID_OPTION", what("getSignedCookies"));
    await assertRejects(() => generateKeyPair(options), "INVALID_OPTION", what("generateKeyPair"));
    assertError(() => toSetCookie(options), "INVALID_OPTION", what("toSetCookie, cookies"));
    assertError(() => toSetCookie(cookies, options), "INVALID_OPTION", what("toSetCookie, attributes"));
  }
  for (const call of [() => signer.signUrl(url), () => signer.signUrls([url]), () => signer.signCookies(url), () => signer.grant(url), () => new Signer(), getSignedUrl, getSignedCookies, toSetCookie]) {
    assertError(() => call(undefined), "INVALID_OPTION", call.toString());
  }
});

const WRONG = [null, 0, 1, 1n, true, {}, [], Symbol("s"), () => "2h", new String("2h"), NaN];

/** Options with one changed. */
const each = (base, name, values) => values.map((value) => [{ ...base, [name]: value }, `${name}: ${inspect(value)}`]);
const except = (...kinds) => WRONG.filter((value) => !kinds.includes(typeof value));

test("INVALID_OPTION: what follows the parameters and would be ignored", async () => {
  const more = { ipAddress: "192.0.2.1" };
  const grant = signer.grant(`https://${HOST}/*`, until);
  const verifier = new Verifier({ publicKeys: { [KEY_PAIR_ID]: publicKeys.RSA } });
  for (const call of [
    () => signer.signUrl(url, until, more), () => signer.signUrl(url, until, () => {}), () => signer.signUrl(url, until, "192.0.2.1"), () => signer.signUrl(url, until, null),
    () => signer.signUrls([url], until, more), () => signer.signCookies(url, until, more), () => signer.grant(url, until, more), () => toSetCookie(cookies, {}, { path: "/" }),
    () => getSignedUrl({ ...good, url, dateLessThan: "2100-01-01" }, more), () => getSignedCookies({ ...good, url, dateLessThan: "2100-01-01" }, () => {}),
    () => grant.url(url, more), () => grant.urls([url], more), () => grant.cookies({ path: "/" }), () => grant.manifest("#EXTM3U", url, {}, more), () => verifier.verify({ url }, { now: 0 }),
  ]) {
    assertError(call, "INVALID_OPTION", call.toString());
    assert.throws(call, /: \w+ takes \d arguments?, and what follows, .*, would be ignored$/);
  }
  const later = await AsyncSigner.fromKey(good);
  await assertRejects(() => later.signUrl(url, until, more), "INVALID_OPTION", "AsyncSigner.signUrl");
  // An index and the array, as `map` passes them, and undefined change nothing.
  assert.deepEqual([url, url].map(grant.url, grant), grant.urls([url, url]));
  assert.match(signer.signUrl(url, until, undefined), /Signature=/);
});

test("INVALID_OPTION: an option that is null, of the wrong type or not known", async () => {
  for (const [options, what] of [
    ...each(until, "dateLessThan", [...except("number"), undefined]), ...each(until, "dateGreaterThan", except("number")), ...each(until, "now", except("number")),
    ...each(until, "ipAddress", WRONG), ...each(until, "allowExpired", except("boolean")), ...each(until, "datelessthan", ["2h"]), ...each(until, "expires", [1]), ...each(until, "__proto__x", [undefined]),
  ]) {
    assertError(() => signer.signUrl(url, options), "INVALID_OPTION", what);
    assertError(() => signer.signUrls([url], options), "INVALID_OPTION", what);
    assertError(() => signer.signCookies(url, options), "INVALID_OPTION", what);
    assertError(() => signer.grant(url, options), "INVALID_OPTION", what);
  }
  for (const [options, what] of [...each(until, "resource", WRONG), ...each({}, "policy", WRONG)]) assertError(() => signer.signUrl(url, options), "INVALID_OPTION", what);
  for (const name of ["resource", "policy"]) assertError(() => signer.signCookies(url, { ...until, [name]: url }), "INVALID_OPTION", name);
  const policy = JSON.stringify({ Statement: [{ Resource: url, Condition: { DateLessThan: { "AWS:EpochTime": 4102444800 } } }] });
  for (const condition of [until, { dateGreaterThan: "-5m" }, { ipAddress: "192.0.2.1" }, { resource: url }]) {
    assertError(() => signer.signUrl(url, { policy, ...condition }), "INVALID_OPTION", inspect(condition));
  }
  assertError(() => signer.signCookies({ policy }, until), "INVALID_OPTION", "conditions beside a policy");
  assertError(() => signer.signCookies({ policy, ...until }), "INVALID_OPTION", "conditions in a policy");
  assertError(() => signer.signCookies({}), "INVALID_OPTION", "no policy");
  for (const [options, what] of [
    ...each(good, "passphrase", WRONG), ...each(good, "engine", [...WRONG, "native", "", "WASM"]), ...each(good, "allowUnsupportedKey", [...except("boolean"), "true"]), ...each(good, "key", [1]),
  ]) {
    assertError(() => new Signer(options), "INVALID_OPTION", what, secretsOf(good));
  }
  for (const [options, what] of [...each({}, "type", [...WRONG, "rsa", "", "EC"]), ...each({}, "bits", [2048])]) await assertRejects(() => generateKeyPair(options), "INVALID_OPTION", what);
  await assert.rejects(generateKeyPair({ type: "rsa" }), { option: "type" });
  for (const [attributes, what] of [
    ...["domain", "path", "sameSite"].flatMap((name) => each({}, name, WRONG)), ...each({}, "maxAge", [...except("number"), NaN, 0.5, Infinity, "60"]), ...each({}, "expires", except("number")),
    ...["secure", "httpOnly", "partitioned"].flatMap((name) => each({}, name, except("boolean"))), ...each({}, "samesite", ["Lax"]),
    // RFC 6265bis, section 5.6: browsers ignore an attribute of more than 1,024 bytes. A request's path has no space, query or fragment.
    ...each({}, "path", [`/${"a".repeat(1_024)}`, "/my films", "/films ", "/films?a=1", "/films#a"]), ...each({}, "domain", [`${"a.".repeat(511)}net`]),
  ]) {
    assertError(() => toSetCookie(cookies, attributes), "INVALID_OPTION", what);
  }
  for (const [set, what] of [
    ...Object.keys(cookies).flatMap((name) => each(cookies, name, [undefined, null, {}, "", "a b", "a;b"])), ...each(cookies, "Session", ["x"]), ...each(cookies, "CloudFront-Policy", ["x"]), [{}, "{}"],
  ]) {
    if (what !== "CloudFront-Hash-Algorithm: undefined") assertError(() => toSetCookie(set), "INVALID_OPTION", what);
  }
});

test("wrong types where a code of its own says more", () => {
  for (const value of [...WRONG, undefined]) {
    const what = inspect(value);
    assertError(() => new Signer({ ...good, keyPairId: value }), "INVALID_KEY_PAIR_ID", what);
    assertError(() => new Signer({ ...good, privateKey: value }), "INVALID_PRIVATE_KEY", what);
    assertError(() => derivePublicKey(value), "INVALID_PRIVATE_KEY", what);
    if (value !== undefined) assertError(() => new Signer({ ...good, algorithm: value }), "UNSUPPORTED_ALGORITHM", what);
    assertError(() => signer.signUrl(value, until), "INVALID_URL", what);
    if (typeof value !== "object" || value === null) assertError(() => signer.signCookies(value, until), "INVALID_URL", what);
    assertError(() => signer.grant(value, until), "INVALID_URL", what);
    if (!Array.isArray(value)) assertError(() => signer.signUrls(value, until), "INVALID_URL", what);
    assertError(() => signer.signUrls([url, value], until), "INVALID_URL", what);
    assertError(() => signer.grant(url, until).urls([value]), "INVALID_URL", what);
  }
  for (const value of [{ href: url }, { toString: () => url }]) assertError(() => signer.signUrl(value, until), "INVALID_URL", inspect(value));
  for (const urls of [url, new String(url), { [Symbol.iterator]: 1 }, { [Symbol.iterator]: boom }, { [Symbol.iterator]: () => ({ next: boom }) }, revoked()]) {
    assertError(() => signer.signUrls(urls, until), "INVALID_URL", typeof urls);
    assertError(() => signer.grant(url, until).urls(urls), "INVALID_URL", typeof urls);
  }
  const keyObject = createPrivateKey(good.privateKey);
  for (const value of [keyObject, keyObject.export({ format: "jwk" }), new Uint8Array(good.privateKey.length).buffer, new DataView(new ArrayBuffer(8)), new Uint8Array(0), new Uint16Array(100)]) {
    assertError(() => new Signer({ ...good, privateKey: value }), "INVALID_PRIVATE_KEY", typeof value, secretsOf(good));
  }
  for (const value of [NaN, Infinity, -1, 1e300, new Date(NaN), new Date(-1)]) assertError(() => signer.signUrl(url, { dateLessThan: value }), "INVALID_DATE", inspect(value));
});

test("INVALID_POLICY: arrays instead of objects", () => {
  const condition = { DateLessThan: { "AWS:EpochTime": 4102444800 }, IpAddress: { "AWS:SourceIp": "192.0.2.0/24" } };
  const statement = { Resource: url, Condition: condition };
  for (const policy of [
    [[statement]], { Statement: [Object.values(statement)] }, { Statement: [{ ...statement, Condition: Object.values(condition) }] },
    { Statement: [{ ...statement, Condition: { ...condition, DateLessThan: [4102444800] } }] }, { Statement: [{ ...statement, Condition: { ...condition, IpAddress: ["192.0.2.0/24"] } }] },
  ]) {
    assertError(() => signer.signUrl(url, { policy: JSON.stringify(policy) }), "INVALID_POLICY", JSON.stringify(policy));
    assertError(() => signer.signCookies({ policy: JSON.stringify(policy) }), "INVALID_POLICY", JSON.stringify(policy));
  }
});

test("FREED: everything after free()", () => {
  const freed = new Signer(good);
  const grant = freed.grant(url, until);
  freed.free();
  for (const call of [
    () => freed.signUrl(url, until), () => freed.signUrls([url], until), () => freed.signCookies(url, until), () => freed.grant(url, until),
    () => freed.keyPairId, () => freed.keyType, () => freed.algorithm, () => freed.engine,
  ]) {
    assertError(call, "FREED", call.toString());
  }
  assert.ok(grant.url(url).startsWith(url), "a grant holds no key, and goes on");
});

test("FREED: freed by the caller's own code, while it signs", () => {
  for (const sign of [
    (freed) => freed.signUrl(url, { get dateLessThan() { freed.free(); return "2h"; } }),
    (freed) => freed.signUrls((function* () { yield url; freed.free(); yield url; })(), until),
  ]) {
    const freed = new Signer(good);
    try {
      sign(freed);
    } catch (error) {
      assert.ok(error instanceof CountersignError, inspect(error));
    }
    assertError(() => freed.signUrl(url, until), "FREED", "afterwards");
  }
});

/** Runs a script in a process with a broken host, and returns what it says about its error. */
function inSpoiltHost(spoil, call) {
  const { stdout, stderr, status } = runAlone(`
    ${spoil}
    const { readFileSync } = await import("node:fs");
    const { CountersignError, Signer, generateKeyPair } = await import("countersign");
    const key = (name) => readFileSync(new URL("../keys/" + name + ".pem", "file://" + process.cwd() + "/"));
    const sign = (name, engine) => new Signer({ keyPairId: "${KEY_PAIR_ID}", privateKey: key(name), engine }).signUrl("${url}", { dateLessThan: "2h" });
    try {
      console.log(JSON.stringify({ result: await ${call} }));
    } catch (error) {
      console.log(JSON.stringify({ code: error.code, own: error instanceof CountersignError && error instanceof Error, message: error.message, hint: error.hint }));
    }`);
  assert.equal(status, 0, stderr);
  const answer = JSON.parse(stdout);
  if (answer.code) {
    assert.ok(answer.own && answer.message, stdout);
    provoked.add(answer.code);
  }
  return answer;
}

const NO_HOST_CRYPTO = "process.getBuiltinModule = undefined;";
const NO_RANDOM = 'crypto.getRandomValues = () => { throw new Error("no randomness here"); };';
const fakeCrypto = (sign) => `
  const real = process.getBuiltinModule("node:crypto");
  let calls = 0;
  process.getBuiltinModule = () => ({ ...real, sign(...parameters) { calls += 1; ${sign} } });`;

test("HOST_CRYPTO_UNAVAILABLE: a host without synchronous crypto, or with one that does not sign", () => {
  assert.equal(inSpoiltHost(NO_HOST_CRYPTO, 'sign("rsa2048", "host")').code, "HOST_CRYPTO_UNAVAILABLE");
  assert.equal(inSpoiltHost(fakeCrypto('throw new Error("FIPS")'), 'sign("rsa2048", "host")').code, "HOST_CRYPTO_UNAVAILABLE");
  assert.equal(inSpoiltHost(fakeCrypto("return Buffer.alloc(256, 1)"), 'sign("rsa2048", "host")').code, "HOST_CRYPTO_UNAVAILABLE");
});

test("a host without synchronous crypto signs in Wasm, if it is not told otherwise", () => {
  for (const spoil of [NO_HOST_CRYPTO, fakeCrypto('throw new Error("FIPS")'), fakeCrypto("return Buffer.alloc(256, 1)")]) {
    assert.match(inSpoiltHost(spoil, 'sign("rsa2048")').result, /Signature=/);
  }
});

test("RANDOM_UNAVAILABLE: RSA in Wasm", () => {
  assert.equal(inSpoiltHost(NO_RANDOM, 'sign("rsa2048", "wasm")').code, "RANDOM_UNAVAILABLE");
});

test("HOST_CRYPTO_UNAVAILABLE: new keys where there is no WebCrypto, or one that makes none", () => {
  for (const spoil of ["delete globalThis.crypto;", 'crypto.subtle.generateKey = async () => { throw new Error("not here"); };', "Object.defineProperty(globalThis, 'crypto', { get() { throw new Error(); } });"]) {
    for (const type of ["RSA", "ECDSA"]) assert.equal(inSpoiltHost(spoil, `generateKeyPair({ type: "${type}" })`).code, "HOST_CRYPTO_UNAVAILABLE", spoil);
  }
});

test("INVALID_MANIFEST", () => {
  const grant = new Signer({ keyPairId: KEY_PAIR_ID, privateKey: pem("p256") }).grant(`https://${HOST}/*`, { dateLessThan: "2h" });
  for (const text of [undefined, null, 7, "", "1.ts", "#EXTM3U\n\0", "#EXTM3U\n\ud800", "<html/>", "<!DOCTYPE MPD><MPD/>", "#EXTM3U\n#".padEnd(10_000_001)]) {
    assertError(() => grant.manifest(text, `https://${HOST}/index.m3u8`), "INVALID_MANIFEST", String(text).slice(0, 40));
  }
});

test("NOT_INITIALIZED: slim before its module is there; tests/packaging has the other ways", () => {
  const { code, own } = JSON.parse(runAlone(`
    const { CountersignError, generateKeyPair } = await import("countersign/slim");
    try {
      await generateKeyPair();
    } catch (error) {
      console.log(JSON.stringify({ code: error.code, own: error instanceof CountersignError }));
    }`).stdout);
  assert.deepEqual({ code, own }, { code: "NOT_INITIALIZED", own: true });
  provoked.add(code);
});

test("MODULE_STOPPED: memory runs out; host_faults.test.mjs says what follows", (t) => {
  const { stdout, stderr } = runAlone(`
    import { readFileSync } from "node:fs";
    const { CountersignError, initSync, Signer } = await import("countersign/slim");
    initSync(readFileSync(${JSON.stringify(writeModuleThatCannotGrow(t))}));
    const signer = new Signer({ keyPairId: "${KEY_PAIR_ID}", privateKey: readFileSync("../keys/p256.pem"), engine: "wasm" });
    try {
      signer.signUrls(Array(5_000).fill("${url}?" + "a".repeat(1_000)), { dateLessThan: "2h" });
    } catch (error) {
      console.log(JSON.stringify({ code: error.code, own: error instanceof CountersignError }));
    }`);
  assert.deepEqual(JSON.parse(stdout || "{}"), { code: "MODULE_STOPPED", own: true }, stderr);
  provoked.add("MODULE_STOPPED");
});

test("SIGNING_FAILED: a host whose crypto fails after its key was taken", () => {
  assert.equal(inSpoiltHost(fakeCrypto('if (calls > 1) throw new Error("gone"); return real.sign(...parameters);'), 'sign("rsa2048", "host")').code, "SIGNING_FAILED");
  assert.equal(inSpoiltHost(fakeCrypto('if (calls > 1) return "no bytes"; return real.sign(...parameters);'), 'sign("rsa2048", "host")').code, "SIGNING_FAILED");
});

test("a wrong passphrase is not shown", () => {
  for (const name of ["rsa2048.encrypted", "rsa2048.traditional"]) {
    const options = { ...good, privateKey: pem(name), passphrase: `${PASSPHRASE}!` };
    assertError(() => new Signer(options), "WRONG_PASSPHRASE", name, secretsOf(options));
  }
});

test("INVALID_PUBLIC_KEY: a key group of what is no public key", () => {
  for (const key of ["", "not a key", pem("rsa2048"), pem("certificate"), pem("ed25519")]) {
    assertError(() => new Verifier({ publicKeys: { [KEY_PAIR_ID]: key } }), "INVALID_PUBLIC_KEY", key, secretsOf({ privateKey: key }));
  }
});

test("every code of the declarations is provoked", () => {
  const [, union] = /export type ErrorCode =([^;]*);/.exec(readFileSync(new URL("../../pkg/index.d.cts", import.meta.url), "utf8"));
  const codes = union.match(/"[A-Z0-9_]+"/g).map((code) => code.slice(1, -1));
  assert.ok(codes.length > 20);
  assert.deepEqual(codes.filter((code) => !provoked.has(code)), [], "never provoked");
  assert.deepEqual([...provoked].filter((code) => !codes.includes(code)), [], "not declared");
});
