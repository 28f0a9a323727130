// Whatever is passed to an export ends in a result or a CountersignError, and the module still signs afterwards:
// 100,000 argument lists, made by fast-check from valid values, nearly valid ones, and values that run code, lie about
// themselves or are incomplete.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import * as countersign from "countersign";
import fc from "fast-check";
import { HOST, KEY_PAIR_ID, PASSPHRASE, der, pem, publicKeys } from "./keys.mjs";
import { verifyUrl } from "./signed_url.mjs";

const { AsyncSigner, CountersignError, Grant, Signer, Verifier } = countersign;
const SEED = Number(process.env.ARGUMENTS_SEED ?? 20_261_124);
const CODES = new Set([...readFileSync(new URL("../../pkg/index.d.cts", import.meta.url), "utf8").matchAll(/^ {2}\| "([A-Z0-9_]+)"/gm)].map(([, code]) => code));
const dispose = Symbol.dispose ?? Symbol.for("Symbol.dispose");
const shown = Symbol.for("nodejs.util.inspect.custom");
const url = `https://${HOST}/a`;
const until = { dateLessThan: "2h" };

// The objects under test, so that a value can call or free them while it is read.
const live = {};

function renew() {
  try {
    live.signer.keyPairId;
    live.asyncSigner.keyPairId;
  } catch {
    live.signer = new Signer({ keyPairId: KEY_PAIR_ID, privateKey: pem("p256"), engine: "wasm" });
    live.asyncSigner = AsyncSigner.fromSign({ keyPairId: KEY_PAIR_ID, keyType: "ECDSA", sign: () => live.answer });
    live.grant = live.signer.grant(`https://${HOST}/*`, until);
    live.verifier = new Verifier({ publicKeys: { [KEY_PAIR_ID]: publicKeys.ECDSA }, engine: "wasm" });
  }
}

/** A value made anew for each call, with a name for reports, because many of these throw when they are printed. */
class Made {
  constructor(label, make) {
    this.make = make;
    this[fc.toStringMethod] = () => label;
  }
}

const made = (value) => (value instanceof Made ? value.make() : value);
const show = (value) => (value instanceof Made ? value[fc.toStringMethod]() : fc.stringify(value));

const boom = () => {
  throw new Error("the caller's own");
};
const traps = (trap) => Object.fromEntries(["get", "has", "ownKeys", "getPrototypeOf", "getOwnPropertyDescriptor", "apply", "construct"].map((name) => [name, trap]));
const revoked = (target) => {
  const { proxy, revoke } = Proxy.revocable(target, {});
  revoke();
  return proxy;
};
const resizable = (length, to) => {
  const buffer = new ArrayBuffer(length, { maxByteLength: 64 });
  const view = new Uint8Array(buffer, 8);
  buffer.resize(to);
  return view;
};
const detached = () => {
  const bytes = new Uint8Array(16);
  structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
  return bytes;
};
class LateDate extends Date {
  getTime = boom;
  valueOf = boom;
  toString = boom;
}
class OddBytes extends Uint8Array {
  get length() {
    return boom();
  }
  get [Symbol.toStringTag]() {
    return "Uint8Array";
  }
  static get [Symbol.species]() {
    return boom();
  }
}
const shared = () => new Uint8Array(new SharedArrayBuffer(8));
const sparse = () => Object.assign([], { 3: url, length: 6 });
const HOSTILE = {
  "a revoked proxy": () => revoked({}),
  "a revoked proxy of a function": () => revoked(() => {}),
  "a revoked proxy of an array": () => revoked([]),
  "a proxy whose traps throw": () => new Proxy({}, traps(boom)),
  "a proxy whose traps throw a CountersignError's like": () => new Proxy({}, traps(() => { throw { code: "INVALID_URL", message: 1 }; })),
  "a proxy whose traps give undefined": () => new Proxy({}, { get: () => undefined, ownKeys: () => ["dateLessThan", "url"], getOwnPropertyDescriptor: () => ({ enumerable: true, configurable: true, value: 1 }) }),
  "a proxy of a Date": () => new Proxy(new Date(), {}),
  "a proxy of bytes": () => new Proxy(new Uint8Array(8), {}),
  "a proxy of a function": () => new Proxy(() => {}, {}),
  "getters that throw": () => ({ get dateLessThan() { return boom(); }, get url() { return boom(); }, get length() { return boom(); } }),
  "a getter that throws undefined": () => ({ get dateLessThan() { throw undefined; } }),
  "a getter that frees the signer": () => ({ get dateLessThan() { live.signer.free(); live.asyncSigner.free(); return "2h"; } }),
  "a getter that signs": () => ({ get dateLessThan() { return live.signer.signUrl(url, until) && "2h"; } }),
  "an iterator that frees the signer": () => ({ *[Symbol.iterator]() { live.signer.free(); yield url; } }),
  "an iterator that signs": () => ({ *[Symbol.iterator]() { yield live.signer.signUrl(url, until); } }),
  "an iterator that throws": () => ({ *[Symbol.iterator]() { yield url; boom(); } }),
  "an iterator whose next and return throw": () => ({ [Symbol.iterator]: () => ({ next: boom, return: boom }) }),
  "a getter of the iterator that throws": () => ({ get [Symbol.iterator]() { return boom(); } }),
  "a thenable that throws": () => ({ then: boom }),
  "a getter of then that throws": () => ({ get then() { return boom(); } }),
  "a thenable that rejects": () => ({ then: (_, reject) => reject(Symbol("no")) }),
  "a thenable of a thenable": () => ({ then: (resolve) => resolve({ then: (resolve) => resolve(new Uint8Array(64)) }) }),
  "a thenable that resolves twice": () => ({ then: (resolve, reject) => (resolve("x"), reject(1), resolve("y")) }),
  "conversions that throw": () => ({ toString: boom, valueOf: boom, [Symbol.toPrimitive]: boom }),
  "a conversion to a URL": () => ({ toString: () => url, [Symbol.toPrimitive]: () => url }),
  "detached bytes": detached,
  "bytes that are out of bounds": () => resizable(16, 4),
  "bytes that grew": () => resizable(16, 48),
  "shared bytes": shared,
  "a shared buffer": () => shared().buffer,
  "bytes of the module's kind": () => new Uint8Array(new WebAssembly.Memory({ initial: 1 }).buffer, 0, 9),
  "a subclass of bytes that throws": () => new OddBytes(8),
  "bytes under another name": () => Object.defineProperty(new Float64Array(4), Symbol.toStringTag, { value: "Uint8Array" }),
  "a key as bytes": () => new Uint8Array(der(pem("p256"))),
  "a DataView": () => new DataView(new ArrayBuffer(8)),
  "a BigInt array": () => new BigInt64Array(2),
  "a subclass of Date that throws": () => new LateDate(),
  "a date that is none": () => new Date(NaN),
  "a Date with a prototype of another": () => Object.setPrototypeOf(new Date(), Map.prototype),
  "what looks like a Date": () => Object.create(Date.prototype),
  "an array with holes": sparse,
  "an array whose items throw": () => Object.defineProperty([url, url], 1, { get: boom }),
  "a frozen object": () => Object.freeze({ ...until, url }),
  "an object without prototype": () => Object.assign(Object.create(null), until),
  "an own __proto__": () => JSON.parse('{"__proto__":{"ipAddress":"192.0.2.1"},"dateLessThan":"2h"}'),
  "own constructor and prototype": () => ({ constructor: boom, prototype: null, hasOwnProperty: 1, ...until }),
  "symbols as names": () => ({ [Symbol("a")]: 1, [Symbol.iterator]: 1, ...until }),
  "inherited options": () => Object.create(until),
  "an instance of a class": () => new (class { dateLessThan = "2h"; })(),
  "Object.prototype": () => Object.prototype,
  "the global object": () => globalThis,
  "arguments": () => (function () { return arguments; })(url, until),
  "a class": () => class {},
  "an async function": () => async () => boom(),
  "a generator": () => (function* () { yield url; })(),
  "a module": () => countersign,
  "a live Signer": () => live.signer,
  "a live Grant": () => live.grant,
  "a boxed string": () => new String(url),
  "a boxed number": () => new Number(2e9),
  "a rejected promise": () => { const rejected = Promise.reject(new Error("the caller's own")); rejected.catch(() => {}); return rejected; },
  "a Map": () => new Map([["dateLessThan", "2h"]]),
  "a symbol": () => Symbol("dateLessThan"),
  "a BigInt": () => 2n ** 70n,
  "an object that holds itself": () => { const object = { ...until }; object.url = object; return object; },
  "nesting of a thousand": () => { let object = until; for (let i = 0; i < 1000; i++) object = { dateLessThan: object }; return object; },
  "a long string": () => "a".repeat(200_000),
  "a long URL": () => `${url}?${"&".repeat(20_000)}${"é".repeat(5_000)}`,
  "many stars": () => `https://${HOST}/${"*a".repeat(2_000)}`,
  "half a surrogate pair": () => `https://${HOST}/\ud800`,
  "the other half": () => "\udc00",
  "a string of zeros": () => "\0".repeat(50),
};

const hostile = fc.oneof(
  { arbitrary: fc.constantFrom(...Object.entries(HOSTILE).map(([label, make]) => new Made(label, make))), weight: 6 },
  { arbitrary: fc.anything({ withBigInt: true, withBoxedValues: true, withDate: true, withMap: true, withSet: true, withNullPrototype: true, withTypedArray: true, withSparseArray: true, maxDepth: 2 }), weight: 3 },
  { arbitrary: fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 8 }).map((units) => String.fromCharCode(...units)), weight: 1 },
  { arbitrary: fc.constantFrom(NaN, Infinity, -Infinity, -0, 0, 1e308, Number.MAX_SAFE_INTEGER, 2 ** 53, -1, 0.5, "", " ", null, undefined, true, false), weight: 3 },
);

/** A valid value, and sometimes an invalid one. */
const mostly = (...right) => fc.oneof({ arbitrary: fc.constantFrom(...right), weight: 6 }, { arbitrary: hostile, weight: 1 });

const WRAPPINGS = {
  "": (options) => options,
  "frozen ": Object.freeze,
  "without prototype ": (options) => Object.assign(Object.create(null), options),
  "behind getters ": (options) => Object.defineProperties({}, Object.fromEntries(Object.entries(options).map(([name, value]) => [name, { get: () => value, enumerable: true }]))),
  "behind a proxy ": (options) => new Proxy(options, {}),
  "of a class ": (options) => Object.assign(new (class {})(), options),
  "in an array ": (options) => [options],
};

/** An options object: some members missing, one unknown, wrapped in some way. */
function object(members, required = Object.keys(members)) {
  const names = fc.oneof({ arbitrary: fc.constant({}), weight: 9 }, { arbitrary: fc.dictionary(fc.constantFrom("__proto__", "constructor", "toString", "datelessthan", "\ud800", ""), hostile, { maxKeys: 2 }), weight: 1 });
  const wrapping = fc.oneof({ arbitrary: fc.constant(""), weight: 9 }, { arbitrary: fc.constantFrom(...Object.keys(WRAPPINGS)), weight: 1 });
  return fc.tuple(fc.record(members, { requiredKeys: required }), names, wrapping).map(([options, unknown, wrapping]) => {
    const all = [...Object.entries(options), ...Object.entries(unknown)];
    return new Made(`${wrapping}{ ${all.map(([name, value]) => `${name}: ${show(value)}`).join(", ")} }`, () => {
      const object = {};
      for (const [name, value] of all) Object.defineProperty(object, name, { value: made(value), enumerable: true, configurable: true, writable: true });
      return WRAPPINGS[wrapping](object);
    });
  });
}

const ends = mostly("2h", "2030-01-01", "PT15M", 2e9, 2e12, new Date(2e12), "1893456000");
const starts = mostly("-5m", "2020-01-01T00:00:00+09:00", 1e9, new Date(1e12));
const moments = mostly(1.7e9, new Date(1.7e12), "2026-01-01", "-1d");
const urls = mostly(url, url, new URL(url), new URL(`${url}?y#z`), `${url}?x=1`, `${url}?x=1#top`, "HTTP://A.example:80/../é", `https://${HOST}/*`, `${url}?Expires=1`);
const resources = mostly(url, new URL(url), `https://${HOST}/*`, "http*://*", "*", `*.example.com/a?x=*`);
const addresses = mostly("192.0.2.1", "192.0.2.0/24", "0.0.0.0/0");
const ids = mostly(KEY_PAIR_ID, "APKAEXAMPLE");
const keys = fc.oneof(
  { arbitrary: fc.constantFrom(pem("p256"), pem("p256.sec1"), der(pem("p256")), pem("p256").replaceAll("\n", "\\n")), weight: 8 },
  { arbitrary: fc.constantFrom(pem("p384"), pem("ed25519"), pem("certificate"), pem("p256.pub"), pem("rsa4096")), weight: 1 },
  { arbitrary: hostile, weight: 2 },
);
const passphrases = mostly(undefined, PASSPHRASE);
const algorithms = mostly("SHA1", "SHA256");
const engines = mostly("auto", "wasm", "host");
const flags = mostly(true, false);
const json = (resource, seconds) => JSON.stringify({ Statement: [{ Resource: resource, Condition: { DateLessThan: { "AWS:EpochTime": seconds } } }] });
const policies = mostly(json(url, 2e9), json(`https://${HOST}/*`, 2e9), json("*", 1), "{}");

const clock = { now: moments, allowExpired: flags };
const conditions = object({ dateLessThan: ends, roundUpTo: mostly("15m", "1d", "0s"), dateGreaterThan: starts, ipAddress: addresses, ...clock }, ["dateLessThan"]);
const ready = object({ policy: policies, ...clock }, ["policy"]);
const urlConditions = fc.oneof(conditions, object({ dateLessThan: ends, resource: resources }), ready);
const lists = fc.oneof({ arbitrary: fc.array(urls, { maxLength: 3 }).map((urls) => new Made(`[${urls.map(show)}]`, () => urls.map(made))), weight: 4 }, { arbitrary: hostile, weight: 1 });
const forCookies = [fc.tuple(resources, conditions), fc.tuple(ready)];
const base64 = mostly("eyJ9_", "a-~_");
const credentials = { "CloudFront-Signature": base64, "CloudFront-Key-Pair-Id": ids, "CloudFront-Hash-Algorithm": algorithms };
const cookies = fc.oneof(
  object({ "CloudFront-Expires": mostly(2e9), ...credentials }, ["CloudFront-Expires", "CloudFront-Signature", "CloudFront-Key-Pair-Id"]),
  object({ "CloudFront-Policy": base64, ...credentials }, ["CloudFront-Policy", "CloudFront-Signature", "CloudFront-Key-Pair-Id"]),
  object({ "CloudFront-Expires": mostly("1893456000"), "CloudFront-Policy": base64, ...credentials }),
);
const attributes = object({ domain: mostly("example.com"), path: mostly("/"), maxAge: mostly(60), expires: mostly(new Date(2e12)), secure: flags, httpOnly: flags, sameSite: mostly("None", "Lax"), partitioned: flags }, []);
const signedUrls = mostly(
  ...["", "%45"].map((escape) => `${url}?${escape}Expires=2000000000&Signature=${"A".repeat(342)}__&Key-Pair-Id=${KEY_PAIR_ID}`),
  new Signer({ keyPairId: KEY_PAIR_ID, privateKey: pem("p256") }).signUrl(url, { ...until, ipAddress: "192.0.2.0/24" }),
  new Signer({ keyPairId: KEY_PAIR_ID, privateKey: pem("p256") }).signUrl(`${url}?x=1`, until),
);
const manifests = mostly("#EXTM3U\n1.ts\n", '#EXTM3U\n#EXT-X-KEY:URI="k"\n{$a}', "<MPD><BaseURL>a.mp4</BaseURL></MPD>", "<MPD>", "#EXTM3U\n\ud800", "#EXTM3U\n\0");
const group = object({ [KEY_PAIR_ID]: mostly(publicKeys.ECDSA, publicKeys.RSA, der(publicKeys.ECDSA)), K2: mostly(publicKeys.ECDSA) }, [KEY_PAIR_ID]);
const request = object({ url: signedUrls, cookies: fc.oneof(cookies, mostly(null, "a=b; CloudFront-Policy=x")), ipAddress: fc.oneof(addresses, fc.constant(null)), now: moments }, ["url"]);
const sdkKey = { keyPairId: ids, privateKey: keys, passphrase: passphrases, algorithm: algorithms };
const signInput = fc.oneof(
  object({ url: urls, dateLessThan: mostly("2030-01-01", 2e12, new Date(2e12)), dateGreaterThan: mostly("2020-01-01", 1e12), ipAddress: addresses, ...sdkKey }, ["url", "keyPairId", "privateKey", "dateLessThan"]),
  object({ url: urls, policy: policies, ...sdkKey }, ["policy", "keyPairId", "privateKey"]),
);
const answers = mostly(new Made("64 bytes", () => new Uint8Array(64).fill(1)), new Made("a buffer", () => new ArrayBuffer(72)), new Made("a promise of 64 bytes", async () => new Uint8Array(64).fill(1)));

const called = (name) => (args) => live.signer[name](...args);
const awaited = (name) => ([answer, ...args]) => {
  live.answer = answer;
  return live.asyncSigner[name](...args);
};
const nothing = fc.tuple();

// Every member that can be called or read: how many argument lists, of what, and how it is called.
const MEMBERS = {
  Signer: [2500, fc.tuple(object({ keyPairId: ids, privateKey: keys, passphrase: passphrases, algorithm: algorithms, allowUnsupportedKey: flags, engine: engines }, ["keyPairId", "privateKey"])), ([options]) => new Signer(options).free()],
  "Signer#keyPairId": [100, nothing, () => live.signer.keyPairId],
  "Signer#keyType": [100, nothing, () => live.signer.keyType],
  "Signer#algorithm": [100, nothing, () => live.signer.algorithm],
  "Signer#engine": [100, nothing, () => live.signer.engine],
  "Signer#signUrl": [12000, fc.tuple(urls, urlConditions), called("signUrl")],
  "Signer#signUrls": [5000, fc.tuple(lists, conditions), called("signUrls")],
  "Signer#signCookies": [7000, fc.oneof(...forCookies), called("signCookies")],
  "Signer#grant": [6000, fc.tuple(resources, conditions), called("grant")],
  "Signer#Symbol(nodejs.util.inspect.custom)": [200, fc.tuple(hostile, hostile, hostile), called(shown)],
  "Signer#free": [200, fc.tuple(hostile), called("free")],
  "Signer#dispose": [200, fc.tuple(hostile), called(dispose)],
  AsyncSigner: [500, fc.tuple(hostile, hostile, hostile, hostile), (args) => new AsyncSigner(...args)],
  "AsyncSigner.fromKey": [1000, fc.tuple(object({ keyPairId: ids, privateKey: keys, passphrase: passphrases, algorithm: algorithms, allowUnsupportedKey: flags, fallback: mostly("wasm") }, ["keyPairId", "privateKey"])), async ([options]) => (await AsyncSigner.fromKey(options)).free()],
  "AsyncSigner.fromSign": [4000, fc.tuple(object({ keyPairId: ids, keyType: mostly("RSA", "ECDSA"), algorithm: algorithms, publicKey: mostly(publicKeys.ECDSA), sign: mostly(() => new Uint8Array(64)) }, ["keyPairId", "keyType", "sign"])), ([options]) => AsyncSigner.fromSign(options)],
  "AsyncSigner#keyPairId": [100, nothing, () => live.asyncSigner.keyPairId],
  "AsyncSigner#keyType": [100, nothing, () => live.asyncSigner.keyType],
  "AsyncSigner#algorithm": [100, nothing, () => live.asyncSigner.algorithm],
  "AsyncSigner#engine": [100, nothing, () => live.asyncSigner.engine],
  "AsyncSigner#signUrl": [5000, fc.tuple(answers, urls, urlConditions), awaited("signUrl")],
  "AsyncSigner#signUrls": [3000, fc.tuple(answers, lists, conditions), awaited("signUrls")],
  "AsyncSigner#signCookies": [3000, fc.tuple(answers, fc.oneof(...forCookies)).map(([answer, list]) => [answer, ...list]), awaited("signCookies")],
  "AsyncSigner#grant": [3000, fc.tuple(answers, resources, conditions), awaited("grant")],
  "AsyncSigner#Symbol(nodejs.util.inspect.custom)": [100, fc.tuple(hostile, hostile, hostile), (args) => live.asyncSigner[shown](...args)],
  "AsyncSigner#free": [100, fc.tuple(hostile), ([argument]) => live.asyncSigner.free(argument)],
  "AsyncSigner#dispose": [100, fc.tuple(hostile), ([argument]) => live.asyncSigner[dispose](argument)],
  Grant: [500, fc.tuple(hostile), ([argument]) => new Grant(argument)],
  "Grant#policy": [100, nothing, () => live.grant.policy],
  "Grant#keyPairId": [100, nothing, () => live.grant.keyPairId],
  "Grant#resource": [100, nothing, () => live.grant.resource],
  "Grant#expires": [100, nothing, () => live.grant.expires],
  "Grant#Symbol(nodejs.util.inspect.custom)": [200, fc.tuple(hostile, hostile, hostile), (args) => live.grant[shown](...args)],
  "Grant#url": [9000, fc.tuple(urls), ([url]) => live.grant.url(url)],
  "Grant#urls": [4000, fc.tuple(lists), ([urls]) => live.grant.urls(urls)],
  "Grant#manifest": [4000, fc.tuple(manifests, urls, fc.oneof(fc.constant(undefined), object({ absolute: mostly(true, false) }, []))), ([text, url, options]) => live.grant.manifest(text, url, options)],
  "Grant.fromUrl": [2000, fc.tuple(signedUrls), ([url]) => Grant.fromUrl(url)],
  "Grant#cookies": [100, fc.tuple(hostile), ([argument]) => live.grant.cookies(argument)],
  Verifier: [3000, fc.tuple(object({ publicKeys: group, engine: engines }, ["publicKeys"])), ([options]) => new Verifier(options)],
  "Verifier#engine": [100, nothing, () => live.verifier.engine],
  "Verifier#keyPairIds": [100, nothing, () => live.verifier.keyPairIds],
  "Verifier#Symbol(nodejs.util.inspect.custom)": [200, fc.tuple(hostile, hostile, hostile), (args) => live.verifier[shown](...args)],
  "Verifier#verify": [9000, fc.tuple(request), ([request]) => live.verifier.verify(request)],
  // What callbacks throw is the caller's own; guard.test.mjs covers it.
  guard: [3000, fc.tuple(object({ publicKeys: group, engine: engines, now: moments, clientAddress: mostly(() => null), url: mostly(() => url), onDecision: mostly(() => {}), next: mostly(() => {}), methods: mostly(["GET"], ["get"]), manifests: mostly(true, { grant: () => {} }, { maximumBytes: 7 }) }, ["publicKeys"])), ([options]) => countersign.guard(options)],
  inspect: [8000, fc.tuple(fc.oneof(signedUrls, cookies), fc.oneof(fc.constant(undefined), object({ now: moments }))), (args) => countersign.inspect(...args)],
  stripSignature: [7000, fc.tuple(signedUrls), (args) => countersign.stripSignature(...args)],
  clearCookies: [1000, fc.tuple(fc.oneof(fc.constant(undefined), attributes)), (args) => countersign.clearCookies(...args)],
  toSetCookie: [5000, fc.tuple(cookies, fc.oneof(fc.constant(undefined), attributes)), (args) => countersign.toSetCookie(...args)],
  // A new RSA key takes a fifth of a second, so "ECDSA" replaces it.
  generateKeyPair: [1000, fc.tuple(object({ type: mostly("ECDSA").filter((type) => type !== undefined && type !== "RSA") })), (args) => countersign.generateKeyPair(...args)],
  derivePublicKey: [2000, fc.tuple(keys, passphrases), (args) => countersign.derivePublicKey(...args)],
  describeKey: [2000, fc.tuple(keys, passphrases), (args) => countersign.describeKey(...args)],
  getSignedUrl: [3000, fc.tuple(signInput), (args) => countersign.getSignedUrl(...args)],
  getSignedCookies: [2000, fc.tuple(signInput), (args) => countersign.getSignedCookies(...args)],
  CountersignError: [300, fc.tuple(hostile, fc.string(), hostile), (args) => new CountersignError(...args)],
  "CountersignError.Symbol(Symbol.hasInstance)": [300, fc.tuple(hostile), ([value]) => value instanceof CountersignError],
};

/** The members of the exports, found by reflection. */
function reflected() {
  const found = [];
  for (const [name, value] of Object.entries(countersign)) {
    assert.equal(typeof value, "function", name);
    found.push(name);
    for (const [separator, owner] of [[".", value], ["#", value.prototype]]) {
      for (const member of owner ? Reflect.ownKeys(owner) : []) {
        if (["length", "name", "prototype", "constructor"].includes(member) || (value === CountersignError && separator === "#")) continue;
        found.push(`${name}${separator}${member === dispose ? "dispose" : String(member)}`);
      }
    }
  }
  return found;
}

test("every export has its lists of arguments, 100,000 in all", () => {
  assert.deepEqual(Object.keys(MEMBERS).sort(), reflected().sort());
  const all = Object.values(MEMBERS).reduce((sum, [runs]) => sum + runs, 0);
  assert.ok(all >= 100_000, `${all}`);
  console.log(`${all} lists of arguments; ARGUMENTS_SEED=${SEED}`);
});

function signsRight() {
  const signer = new Signer({ keyPairId: KEY_PAIR_ID, privateKey: pem("p256"), engine: "wasm" });
  verifyUrl(signer.signUrl(`${url}?x=1`, { ...until, ipAddress: "192.0.2.1" }), publicKeys.ECDSA);
  signer.free();
  verifyUrl(countersign.getSignedUrl({ url, keyPairId: KEY_PAIR_ID, privateKey: pem("p256"), dateLessThan: "2030-01-01" }), publicKeys.ECDSA);
}

/** The list as it is, too short or too long; sometimes something that is no list. */
const spoilt = (lists) =>
  fc.tuple(lists, fc.integer({ min: 0, max: 19 }), hostile).map(([list, how, value]) => {
    if (how === 0) return list.slice(0, -1);
    if (how === 1) return [...list, value];
    if (how === 2 && list.length) return list.with ? list.with(0, value) : [value, ...list.slice(1)];
    return list;
  });

/** Names of options on Object.prototype during a call, with values that would grant access. */
const POLLUTION = { ipAddress: "0.0.0.0/0", dateGreaterThan: "-5m", allowExpired: true, policy: json("*", 2e9), now: 0, passphrase: "x", allowUnsupportedKey: true, resource: "*" };

for (const [name, [runs, lists, call]] of Object.entries(MEMBERS)) {
  test(`${name}: a result or a CountersignError, ${runs} times`, async () => {
    const known = (error) => error instanceof CountersignError && Object.getPrototypeOf(error) === CountersignError.prototype && CODES.has(error.code);
    let results = 0;
    const property = fc.asyncProperty(spoilt(lists), fc.integer({ min: 0, max: 19 }), async (list, pollute) => {
      renew();
      const args = list.map(made);
      // Do not make a thousand RSA keys.
      if (name === "generateKeyPair" && args[0] === undefined) return;
      let result;
      try {
        if (pollute === 0) Object.assign(Object.prototype, POLLUTION);
        result = call(args);
      } catch (error) {
        if (!known(error)) throw error;
        assert.ok(!/^(AsyncSigner(#sign|#grant|\.fromKey)|generateKeyPair)/.test(name), "what is asynchronous rejects");
        return;
      } finally {
        if (pollute === 0) for (const name of Object.keys(POLLUTION)) delete Object.prototype[name];
      }
      try {
        await result;
        results++;
      } catch (error) {
        if (!known(error)) throw error;
      }
    });
    await fc.assert(property, { numRuns: runs, seed: SEED, endOnFailure: true });
    // Some of what is passed must be accepted; but `new` makes neither of these two.
    if (name !== "Grant" && name !== "AsyncSigner") assert.ok(results > runs / 10, `${results} results`);
    signsRight();
  });
}

test("what is on Object.prototype changes nothing that is signed", () => {
  const signer = new Signer({ keyPairId: KEY_PAIR_ID, privateKey: pem("p256"), engine: "wasm" });
  const fixed = { dateLessThan: 2e9, now: 1e9 };
  const all = () => [
    signer.signUrl(url, fixed),
    signer.signCookies(`https://${HOST}/*`, fixed)["CloudFront-Policy"],
    signer.grant(url, { ...fixed, ipAddress: "192.0.2.1" }).policy,
    countersign.toSetCookie(signer.signCookies(url, fixed)).join(),
  ];
  const before = all();
  for (const [name, value] of Object.entries({ ...POLLUTION, domain: "example.com", secure: false, engine: "host", keyPairId: "K2", urls: 1 })) {
    for (const descriptor of [{ value }, { get: boom }]) {
      Object.defineProperty(Object.prototype, name, { ...descriptor, configurable: true, enumerable: true });
      try {
        assert.deepEqual(all(), before, name);
      } finally {
        delete Object.prototype[name];
      }
    }
  }
});
