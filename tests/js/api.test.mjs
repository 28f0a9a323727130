// The API of the package, against OpenSSL and node:crypto: both module formats, every method, every form of key and date.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createPrivateKey, createPublicKey } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { inspect } from "node:util";
import { runInNewContext } from "node:vm";

import * as esm from "countersign";

import { HOST, KEY_PAIR_ID, PASSPHRASE, der, keyFile, pem, publicKeys } from "./keys.mjs";
import { cannedPolicy, decodeBase64, takeApart, verifyCookies, verifyUrl } from "./signed_url.mjs";

const cjs = createRequire(import.meta.url)("countersign");
const { Signer, derivePublicKey, generateKeyPair, toSetCookie } = esm;

const url = `https://${HOST}/a.jpg`;
const NOW = 1_790_000_000;
const rsa = { keyPairId: KEY_PAIR_ID, privateKey: pem("rsa2048") };
const ecdsa = { keyPairId: KEY_PAIR_ID, privateKey: pem("p256"), engine: "wasm" };

function withFile(contents, use) {
  const directory = mkdtempSync(join(tmpdir(), "countersign-test-"));
  try {
    const file = join(directory, "file");
    writeFileSync(file, contents, { mode: 0o600 });
    return use(file);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

const openssl = (args, input) => execFileSync("openssl", args, { input, stdio: ["pipe", "pipe", "pipe"] });

test("both formats export the same names and sign the same bytes", () => {
  assert.deepEqual(Object.keys(cjs).sort(), Object.keys(esm).sort());
  assert.notEqual(cjs.Signer, esm.Signer, "these should be two copies");
  for (const options of [rsa, { ...rsa, algorithm: "SHA256" }, { ...rsa, engine: "wasm" }, ecdsa]) {
    const outputs = [cjs, esm].map(({ Signer }) => {
      const signer = new Signer(options);
      const conditions = { dateLessThan: "2h", ipAddress: "192.0.2.1", now: NOW };
      return [signer.signUrl(url, conditions), signer.signCookies(`https://${HOST}/*`, conditions), signer.grant(`https://${HOST}/*`, conditions).url(url)];
    });
    assert.deepEqual(outputs[0], outputs[1]);
  }
});

test("errors of one format are recognised by the other", () => {
  for (const [a, b] of [[cjs, esm], [esm, cjs]]) {
    assert.throws(() => new a.Signer({}), (error) => error instanceof b.CountersignError && error instanceof a.CountersignError && error instanceof Error);
    for (const other of [new Error("x"), { code: "INVALID_URL" }, null, undefined, "INVALID_URL"]) assert.ok(!(other instanceof a.CountersignError));
  }
});

test("an RSA signature is the one that openssl dgst -sign makes", () => {
  for (const [algorithm, hash] of [["SHA1", "-sha1"], ["SHA256", "-sha256"]]) {
    for (const engine of ["wasm", "host"]) {
      const { parameters, resource } = takeApart(new Signer({ ...rsa, algorithm, engine }).signUrl(`${url}?x=1&y=é`, { dateLessThan: "2030-01-01" }));
      assert.equal(parameters.get("Expires"), "1893456000");
      const expected = openssl(["dgst", hash, "-sign", keyFile("rsa2048")], cannedPolicy(resource, 1893456000));
      assert.deepEqual(decodeBase64(parameters.get("Signature")), expected);
      assert.equal(parameters.get("Hash-Algorithm"), algorithm === "SHA256" ? "SHA256" : undefined);
    }
  }
});

test("an ECDSA signature is one that openssl dgst -verify accepts", () => {
  for (const [algorithm, hash] of [["SHA1", "-sha1"], ["SHA256", "-sha256"], [undefined, "-sha256"]]) {
    for (const engine of ["wasm", "host"]) {
      const signer = new Signer({ ...ecdsa, algorithm, engine });
      const { parameters, resource } = takeApart(signer.signUrl(url, { dateLessThan: "2030-01-01" }));
      const output = withFile(decodeBase64(parameters.get("Signature")), (file) =>
        openssl(["dgst", hash, "-verify", keyFile("p256.pub"), "-signature", file], cannedPolicy(resource, 1893456000)),
      );
      assert.match(output.toString(), /Verified OK/);
      assert.equal(parameters.get("Hash-Algorithm"), hash === "-sha256" ? "SHA256" : undefined);
    }
  }
});

test("the parameters and the conditions stand in the documented order", () => {
  const signed = new Signer({ ...rsa, algorithm: "SHA256" }).signUrl(url, { dateLessThan: "2h", dateGreaterThan: "-5m", ipAddress: "192.0.2.1", now: NOW });
  const { parameters, policy } = verifyUrl(signed, publicKeys.RSA);
  assert.deepEqual([...parameters.keys()], ["Policy", "Signature", "Key-Pair-Id", "Hash-Algorithm"]);
  assert.equal(
    policy,
    `{"Statement":[{"Resource":"${url}","Condition":{"DateLessThan":{"AWS:EpochTime":${NOW + 7200}},"IpAddress":{"AWS:SourceIp":"192.0.2.1/32"},"DateGreaterThan":{"AWS:EpochTime":${NOW - 300}}}}]}`,
  );
  const canned = takeApart(new Signer(rsa).signUrl(url, { dateLessThan: "2h" })).parameters;
  assert.deepEqual([...canned.keys()], ["Expires", "Signature", "Key-Pair-Id"]);
});

test("a signer says what it is", () => {
  for (const [options, keyType, algorithm, engine] of [
    [rsa, "RSA", "SHA1", "host"], [{ ...rsa, engine: "wasm" }, "RSA", "SHA1", "wasm"], [{ ...rsa, engine: "auto", algorithm: "SHA256" }, "RSA", "SHA256", "host"],
    [{ ...ecdsa, engine: undefined }, "ECDSA", "SHA256", "host"], [{ ...ecdsa, algorithm: "SHA1" }, "ECDSA", "SHA1", "wasm"],
  ]) {
    const signer = new Signer(options);
    assert.deepEqual([signer.keyPairId, signer.keyType, signer.algorithm, signer.engine], [KEY_PAIR_ID, keyType, algorithm, engine]);
  }
});

test("a key in every form", () => {
  const rsaForms = [
    [pem("rsa2048")], [Buffer.from(pem("rsa2048"))], [new TextEncoder().encode(pem("rsa2048"))], [pem("rsa2048.pkcs1")], [der(pem("rsa2048"))], [new Uint8Array(der(pem("rsa2048.pkcs1")))],
    [pem("rsa2048.encrypted"), PASSPHRASE], [der(pem("rsa2048.encrypted")), PASSPHRASE], [pem("rsa2048.traditional"), PASSPHRASE],
    // A view of a larger buffer.
    [Buffer.concat([Buffer.alloc(7), Buffer.from(pem("rsa2048")), Buffer.alloc(7)]).subarray(7, -7)],
  ];
  const ecdsaForms = [[pem("p256")], [Buffer.from(pem("p256.sec1"))], [der(pem("p256"))], [der(pem("p256.sec1"))]];
  for (const [file, base, forms] of [["rsa2048", rsa, rsaForms], ["p256", ecdsa, ecdsaForms]]) {
    const expected = new Signer({ ...base, engine: "wasm" }).signUrl(url, { dateLessThan: "2h", now: NOW });
    for (const [privateKey, passphrase] of forms) {
      const before = Buffer.from(privateKey);
      const signer = new Signer({ ...base, privateKey, passphrase, engine: "wasm" });
      assert.equal(signer.signUrl(url, { dateLessThan: "2h", now: NOW }), expected);
      assert.equal(derivePublicKey(privateKey, passphrase), pem(`${file}.pub`));
      assert.ok(Buffer.from(privateKey).equals(before), "the caller's bytes were changed");
    }
  }
});

test("a PEM that was mangled on its way is repaired", () => {
  const text = pem("p256");
  const manglings = {
    "literal \\n": text.replaceAll("\n", "\\n"),
    "literal \\r\\n": text.replaceAll("\n", "\\r\\n"),
    spaces: text.replaceAll("\n", " "),
    "no line breaks": text.replaceAll("\n", ""),
    quotes: `"${text.replaceAll("\n", "\\n")}"`,
    "single quotes": `'${text}'`,
    indentation: text.replace(/^/gm, "    "),
    CRLF: text.replaceAll("\n", "\r\n"),
    "a byte order mark": `\ufeff${text}`,
    "Base64 of the PEM": Buffer.from(text).toString("base64"),
    "UTF-16": Buffer.from(`\ufeff${text}`, "utf16le"),
    "text before and after": `# my key\n${text}\n# the end\n`,
  };
  for (const [what, privateKey] of Object.entries(manglings)) {
    assert.equal(derivePublicKey(privateKey), pem("p256.pub"), what);
    verifyUrl(new Signer({ ...ecdsa, privateKey }).signUrl(url, { dateLessThan: "2h" }), publicKeys.ECDSA);
  }
});

test("derivePublicKey gives what openssl pkey -pubout gives", () => {
  for (const name of ["rsa2048", "rsa2048.pkcs1", "p256", "p256.sec1"]) {
    assert.equal(derivePublicKey(pem(name)), openssl(["pkey", "-in", keyFile(name), "-pubout"]).toString());
  }
});

test("generateKeyPair makes pairs that OpenSSL accepts and that sign", async () => {
  const seen = new Set();
  for (const [options, keyType, text] of [[undefined, "RSA", /2048 bit/], [{}, "RSA", /2048 bit/], [{ type: "RSA" }, "RSA", /2048 bit/], [{ type: "ECDSA" }, "ECDSA", /prime256v1/], [{ type: undefined }, "RSA", /2048 bit/]]) {
    const pair = await generateKeyPair(options);
    assert.deepEqual(Object.keys(pair), ["privateKey", "publicKey"]);
    assert.match(openssl(["pkey", "-check", "-noout", "-text"], pair.privateKey).toString(), text);
    assert.equal(openssl(["pkey", "-pubout"], pair.privateKey).toString(), pair.publicKey);
    assert.match(pair.privateKey, /^-----BEGIN PRIVATE KEY-----\n/);
    assert.equal(derivePublicKey(pair.privateKey), pair.publicKey);
    const signer = new Signer({ keyPairId: KEY_PAIR_ID, privateKey: pair.privateKey });
    assert.equal(signer.keyType, keyType);
    verifyUrl(signer.signUrl(url, { dateLessThan: "2h" }), pair.publicKey);
    seen.add(pair.privateKey);
  }
  assert.equal(seen.size, 5, "a key was made twice");
});

test("every form of a date", () => {
  const signer = new Signer(ecdsa);
  const seconds = 1_924_959_599;
  for (const date of [
    new Date(seconds * 1000), new Date(seconds * 1000 + 999), seconds, seconds + 0.9, seconds * 1000, seconds * 1000 + 999, String(seconds), "2030-12-31T14:59:59Z", "2030-12-31T23:59:59+09:00",
    "20301231T23:59:59+09:00", "20301231T235959+0900", "2030-12-31T14:59:59", "2030-12-31 14:59:59.999", runInNewContext(`new Date(${seconds * 1000})`), `${seconds - NOW}s`,
  ]) {
    assert.equal(takeApart(signer.signUrl(url, { dateLessThan: date, now: NOW })).parameters.get("Expires"), String(seconds), inspect(date));
  }
  for (const [duration, length] of [["90s", 90], ["30m", 1800], ["2h", 7200], ["7d", 604800], ["1h30m", 5400], ["PT15M", 900], ["P1DT12H", 129600]]) {
    for (const now of [NOW, new Date(NOW * 1000 + 700), NOW * 1000, new Date(NOW * 1000).toISOString(), String(NOW)]) {
      assert.equal(takeApart(signer.signUrl(url, { dateLessThan: duration, now })).parameters.get("Expires"), String(NOW + length), `${duration} from ${inspect(now)}`);
    }
    const before = Math.floor(Date.now() / 1000);
    const expires = Number(takeApart(signer.signUrl(url, { dateLessThan: duration })).parameters.get("Expires"));
    assert.ok(expires >= before + length && expires <= Date.now() / 1000 + length, duration);
  }
});

test("the past is signed only if it is asked for", () => {
  const signer = new Signer(ecdsa);
  const past = { dateLessThan: NOW - 1, now: NOW };
  const expired = (error) => error.code === "ALREADY_EXPIRED";
  assert.throws(() => signer.signUrl(url, past), expired);
  assert.throws(() => signer.signUrl(url, { ...past, dateLessThan: NOW }), expired, "the second itself is no longer allowed");
  assert.throws(() => signer.signUrl(url, { dateLessThan: "2020-01-01" }), expired);
  verifyUrl(signer.signUrl(url, { ...past, allowExpired: true }), publicKeys.ECDSA);
  verifyUrl(signer.signUrl(url, { dateLessThan: NOW + 1, now: NOW }), publicKeys.ECDSA);
  const policy = cannedPolicy(url, NOW - 1);
  for (const sign of [(extra) => signer.signUrl(url, { policy, now: NOW, ...extra }), (extra) => signer.signCookies({ policy, now: NOW, ...extra })]) {
    assert.throws(() => sign({}), expired);
    sign({ allowExpired: true });
    sign({ now: NOW - 2 });
  }
});

test("signUrls: arrays and other iterables, each URL with a policy of its own", () => {
  const signer = new Signer(ecdsa);
  const urls = [url, `${url}?x=1`, `https://${HOST}/é`];
  const conditions = { dateLessThan: "2h", now: NOW };
  const expected = urls.map((one) => signer.signUrl(one, conditions));
  for (const iterable of [urls, new Set(urls), urls.values(), (function* () { yield* urls; })(), { [Symbol.iterator]: () => urls[Symbol.iterator]() }]) {
    assert.deepEqual(signer.signUrls(iterable, conditions), expected);
  }
  assert.deepEqual(signer.signUrls([], conditions), []);
  assert.throws(() => signer.signUrls([url, "nope", url], conditions), (error) => error.code === "INVALID_URL");
});

test("a grant is signed once, for many URLs and for cookies", () => {
  const signer = new Signer(ecdsa);
  const grant = signer.grant(`https://${HOST}/films/*`, { dateLessThan: "2h", ipAddress: "192.0.2.0/24", now: NOW });
  assert.ok(grant instanceof esm.Grant);
  assert.equal(grant.policy, `{"Statement":[{"Resource":"https://${HOST}/films/*","Condition":{"DateLessThan":{"AWS:EpochTime":${NOW + 7200}},"IpAddress":{"AWS:SourceIp":"192.0.2.0/24"}}}]}`);
  const urls = [1, 2, 3].map((number) => `https://${HOST}/films/${number}.ts?q=${number}`);
  for (const iterable of [urls, new Set(urls)]) {
    const signed = grant.urls(iterable);
    assert.deepEqual(signed, urls.map((one) => grant.url(one)));
    for (const one of signed) assert.equal(verifyUrl(one, publicKeys.ECDSA).policy, grant.policy);
    assert.equal(new Set(signed.map((one) => takeApart(one).parameters.get("Signature"))).size, 1);
  }
  // Some stay as they are, others are brought to their wire form.
  const mixed = [urls[0], `HTTPS://${HOST}/films/4.ts`, `https://${HOST}/films/5.ts#t=1`, `https://${HOST}/films/`, `https://${HOST}/films/é \ud800?a&&b`, urls[1]];
  assert.deepEqual(grant.urls(mixed), mixed.map((one) => grant.url(one)));
  assert.equal(verifyCookies(grant.cookies(), urls[0], publicKeys.ECDSA), grant.policy);
  assert.throws(() => grant.url(`https://${HOST}/music/1.mp3`), (error) => error.code === "RESOURCE_MISMATCH");
  const one = signer.grant(url, { dateLessThan: "2h", now: NOW });
  assert.equal(one.url(url), signer.signUrl(url, { dateLessThan: "2h", now: NOW }));
  signer.free();
  assert.equal(grant.urls(urls).length, 3);
});

test("a resource with wildcards and one address that it covers", () => {
  const signer = new Signer(ecdsa);
  const resource = `https://${HOST}/*.jpg`;
  const { policy } = verifyUrl(signer.signUrl(url, { dateLessThan: "2h", resource }), publicKeys.ECDSA);
  assert.equal(JSON.parse(policy).Statement[0].Resource, resource);
  assert.throws(() => signer.signUrl(`https://${HOST}/a.png`, { dateLessThan: "2h", resource }), (error) => error.code === "RESOURCE_MISMATCH");
});

test("a ready policy is signed byte for byte", () => {
  const signer = new Signer(rsa);
  const write = (resource) => JSON.stringify({ Statement: [{ Condition: { DateLessThan: { "AWS:EpochTime": 1893456000 } }, Resource: resource }] }, null, 2);
  const policy = write(`http*://${HOST}/*`);
  assert.equal(verifyUrl(signer.signUrl(`https://${HOST}/é.jpg`, { policy }), publicKeys.RSA).policy, policy);
  const unicode = write(`http*://${HOST}/é*`);
  assert.equal(verifyCookies(signer.signCookies({ policy: unicode }), url, publicKeys.RSA), unicode);
});

test("cookies: canned for one address, custom for a wildcard, in the documented order", () => {
  const signer = new Signer({ ...rsa, algorithm: "SHA256" });
  const canned = signer.signCookies(url, { dateLessThan: "2h", now: NOW });
  assert.deepEqual(Object.keys(canned), ["CloudFront-Expires", "CloudFront-Signature", "CloudFront-Key-Pair-Id", "CloudFront-Hash-Algorithm"]);
  assert.equal(canned["CloudFront-Expires"], NOW + 7200);
  assert.equal(canned["CloudFront-Hash-Algorithm"], "SHA256");
  verifyCookies(canned, url, publicKeys.RSA);
  const custom = new Signer(rsa).signCookies(`http*://${HOST}/*`, { dateLessThan: "2h", now: NOW });
  assert.deepEqual(Object.keys(custom), ["CloudFront-Policy", "CloudFront-Signature", "CloudFront-Key-Pair-Id"]);
  assert.equal(JSON.parse(verifyCookies(custom, url, publicKeys.RSA)).Statement[0].Resource, `http*://${HOST}/*`);
  assert.equal(Object.getPrototypeOf(canned), Object.prototype);
});

test("toSetCookie", () => {
  const signer = new Signer({ ...rsa, algorithm: "SHA256" });
  const cookies = signer.signCookies(url, { dateLessThan: "2030-01-01" });
  const lines = (suffix) => Object.entries(cookies).map(([name, value]) => `${name}=${value}${suffix}`);
  assert.deepEqual(toSetCookie(cookies), lines("; Secure; HttpOnly"));
  assert.deepEqual(toSetCookie(cookies, undefined), lines("; Secure; HttpOnly"));
  assert.deepEqual(toSetCookie(cookies, { secure: false, httpOnly: false }), lines(""));
  assert.deepEqual(
    toSetCookie(cookies, { domain: "example.com", path: "/films", maxAge: 3600, expires: new Date(1893456000000), sameSite: "None", partitioned: true }),
    lines(`; Domain=example.com; Path=/films; Max-Age=3600; Expires=${new Date(1893456000000).toUTCString()}; Secure; HttpOnly; SameSite=None; Partitioned`),
  );
  for (const expires of [new Date(0), new Date("2024-02-29T12:34:56.789Z"), new Date("2100-12-31T23:59:59Z")]) {
    assert.ok(toSetCookie(cookies, { expires })[0].includes(`; Expires=${expires.toUTCString()};`));
  }
  // The drop-in function's cookies have another order.
  const theirs = esm.getSignedCookies({ ...rsa, url, dateLessThan: "2030-01-01" });
  assert.deepEqual(toSetCookie(theirs).map((line) => line.split("=")[0]).sort(), Object.keys(theirs).sort());
  // What browsers and Node read from it.
  const response = new Response(null, { headers: toSetCookie(cookies, { path: "/" }).map((line) => ["set-cookie", line]) });
  assert.deepEqual(response.headers.getSetCookie(), toSetCookie(cookies, { path: "/" }));
});

test("free() may be called twice, and Symbol.dispose frees", () => {
  const signer = new Signer(rsa);
  signer.free();
  signer.free();
  const disposed = new Signer(rsa);
  const dispose = Symbol.dispose ?? Symbol.for("Symbol.dispose");
  disposed[dispose]();
  disposed[dispose]();
  disposed.free();
  assert.throws(() => disposed.signUrl(url, { dateLessThan: "2h" }), (error) => error.code === "FREED");
});

test("nothing that shows a signer shows its key", () => {
  for (const [file, engine] of [["rsa2048", "host"], ["rsa2048", "wasm"], ["p256", "wasm"]]) {
    const signer = new Signer({ keyPairId: KEY_PAIR_ID, privateKey: pem(file), engine });
    const shown = [JSON.stringify(signer), JSON.stringify({ signer }), String(signer), inspect(signer, { showHidden: true, depth: 20, getters: true }), JSON.stringify(Object.getOwnPropertyDescriptors(signer))].join("\n");
    const jwk = createPrivateKey(pem(file)).export({ format: "jwk" });
    const secrets = [...Object.entries(jwk).filter(([name]) => !["kty", "crv", "n", "e", "x", "y"].includes(name)).map(([, value]) => value.slice(0, 12)), ...pem(file).split("\n").slice(1, -2).map((line) => line.slice(0, 16))];
    for (const secret of secrets) assert.ok(!shown.includes(secret), shown);
    assert.deepEqual(Reflect.ownKeys(signer), []);
  }
});

test("options from another realm, without a prototype, frozen, or with undefined members", () => {
  const signer = new Signer(ecdsa);
  const expected = signer.signUrl(url, { dateLessThan: "2h", now: NOW });
  for (const options of [
    runInNewContext(`({ dateLessThan: "2h", now: ${NOW} })`), Object.assign(Object.create(null), { dateLessThan: "2h", now: NOW }), Object.freeze({ dateLessThan: "2h", now: NOW }),
    { dateLessThan: "2h", now: NOW, ipAddress: undefined, dateGreaterThan: undefined, resource: undefined, allowExpired: undefined, policy: undefined }, new Proxy({ dateLessThan: "2h", now: NOW }, {}),
    { get dateLessThan() { return "2h"; }, now: NOW },
  ]) {
    assert.equal(signer.signUrl(url, options), expected);
  }
  assert.equal(new Signer({ ...ecdsa, passphrase: undefined, algorithm: undefined, allowUnsupportedKey: undefined }).signUrl(url, { dateLessThan: "2h", now: NOW }), expected);
});

test("what others put on Object.prototype is no option", () => {
  Object.defineProperty(Object.prototype, "ipAddress", { value: "192.0.2.1", configurable: true, enumerable: true, writable: true });
  try {
    assert.ok(takeApart(new Signer(ecdsa).signUrl(url, { dateLessThan: "2h" })).parameters.has("Expires"));
  } finally {
    delete Object.prototype.ipAddress;
  }
});

test("an RSA key of another size signs only if it is asked for", () => {
  for (const name of ["rsa1024", "rsa4096"]) {
    const options = { ...rsa, privateKey: pem(name) };
    assert.throws(() => new Signer(options), (error) => error.code === "UNSUPPORTED_KEY");
    for (const engine of ["wasm", "host"]) {
      const signed = new Signer({ ...options, allowUnsupportedKey: true, engine }).signUrl(url, { dateLessThan: "2h" });
      verifyUrl(signed, createPublicKey(pem(name)));
    }
  }
  assert.throws(() => new Signer({ ...rsa, privateKey: pem("p384"), allowUnsupportedKey: true }), (error) => error.code === "UNSUPPORTED_KEY");
  assert.throws(() => new Signer({ ...rsa, privateKey: pem("rsa4096") }), /Your request contains empty\/invalid\/out of limits RSA Encoded Key/);
});
