// AsyncSigner signs what Signer signs, with WebCrypto and with a function; checks what comes back; and rejects, never throws.
import assert from "node:assert/strict";
import { constants, createPrivateKey, sign as nodeSign } from "node:crypto";
import { test } from "node:test";
import { inspect } from "node:util";

import { AsyncSigner, CountersignError, Grant, Signer } from "countersign";

import { HOST, KEY_PAIR_ID, PASSPHRASE, der, keyFile, pem, publicKeys } from "./keys.mjs";
import { runAlone } from "./run_alone.mjs";
import { verifyCookies, verifyUrl } from "./signed_url.mjs";

const url = `https://${HOST}/films/1.mp4?size=hd`;
const until = { dateLessThan: "2h", now: 1_893_456_000 };
const KEYS = { RSA: "rsa2048", ECDSA: "p256" };
const HASHES = { SHA1: "sha1", SHA256: "sha256" };

async function rejected(call, code, words = /./) {
  // An error that is thrown, not rejected, fails the test here.
  const promise = call();
  await assert.rejects(promise, (error) => {
    assert.ok(error instanceof CountersignError, `it is no CountersignError: ${error?.code}`);
    assert.equal(error.code, code, error.message);
    assert.match(error.message, words);
    return true;
  });
}

/** An external signer: node:crypto, as DER or as r and s. */
const elsewhere = (type, algorithm, dsaEncoding = "der") => {
  const key = createPrivateKey(pem(KEYS[type]));
  return (message) => new Uint8Array(nodeSign(HASHES[algorithm], message, { key, dsaEncoding, padding: constants.RSA_PKCS1_PADDING }));
};

for (const [keyType, name] of Object.entries(KEYS)) {
  for (const algorithm of Object.keys(HASHES)) {
    const same = new Signer({ keyPairId: KEY_PAIR_ID, privateKey: pem(name), algorithm });

    async function check(signer, engine) {
      assert.deepEqual([signer.keyPairId, signer.keyType, signer.algorithm, signer.engine], [KEY_PAIR_ID, keyType, algorithm, engine]);
      const policy = JSON.stringify({ Statement: [{ Resource: `https://${HOST}/*`, Condition: { DateLessThan: { "AWS:EpochTime": 2_000_000_000 } } }] });
      const resource = `https://${HOST}/films/*`;
      const calls = [
        [(signer) => signer.signUrl(url, until), (signed) => verifyUrl(signed, publicKeys[keyType])],
        [(signer) => signer.signUrl(url, { ...until, ipAddress: "192.0.2.1", resource }), (signed) => verifyUrl(signed, publicKeys[keyType])],
        [(signer) => signer.signUrl(url, { policy }), (signed) => verifyUrl(signed, publicKeys[keyType])],
        [(signer) => signer.signCookies(resource, until), (cookies) => verifyCookies(cookies, url, publicKeys[keyType])],
        [(signer) => signer.signCookies({ policy }), (cookies) => verifyCookies(cookies, url, publicKeys[keyType])],
        [async (signer) => (await signer.grant(resource, until)).url(url), (signed) => verifyUrl(signed, publicKeys[keyType])],
        [async (signer) => (await signer.signUrls(new Set([url, `${url}2`, `${url}3`]), until)).join("\n"), (signed) => signed.split("\n").forEach((one) => verifyUrl(one, publicKeys[keyType]))],
      ];
      for (const [call, verify] of calls) {
        const result = await call(signer);
        verify(result);
        if (keyType === "RSA") assert.deepEqual(result, await call(same));
      }
      assert.ok((await signer.grant(resource, until)) instanceof Grant);
    }

    test(`fromKey: ${keyType} with ${algorithm} in WebCrypto`, async () => {
      for (const privateKey of [pem(name), der(pem(name)), pem(name).replaceAll("\n", "\\n")]) {
        await check(await AsyncSigner.fromKey({ keyPairId: KEY_PAIR_ID, privateKey, algorithm }), "host");
      }
    });

    test(`fromSign: ${keyType} with ${algorithm}, sync and async, in DER and raw, checked and not`, async () => {
      for (const dsaEncoding of keyType === "RSA" ? ["der"] : ["der", "ieee-p1363"]) {
        const sign = elsewhere(keyType, algorithm, dsaEncoding);
        for (const publicKey of [undefined, publicKeys[keyType], der(publicKeys[keyType])]) {
          await check(AsyncSigner.fromSign({ keyPairId: KEY_PAIR_ID, keyType, algorithm, publicKey, sign }), "external");
          await check(AsyncSigner.fromSign({ keyPairId: KEY_PAIR_ID, keyType, algorithm, publicKey, sign: async (message) => sign(message) }), "external");
        }
      }
    });
  }
}

test("the message is the policy, and a copy", async () => {
  const sign = elsewhere("RSA", "SHA1");
  const seen = [];
  const signer = AsyncSigner.fromSign({
    keyPairId: KEY_PAIR_ID,
    keyType: "RSA",
    sign: (message) => {
      const signature = sign(message);
      seen.push(new TextDecoder().decode(message));
      message.fill(0);
      return signature;
    },
  });
  const { policy } = verifyUrl(await signer.signUrl(url, until), publicKeys.RSA);
  assert.deepEqual(seen, [policy]);
});

/** Throws, whatever is done with it. */
const HOSTILE = new Proxy({}, { get(_, name) { if (name === "then") return undefined; throw new Error("the proxy's"); }, getPrototypeOf() { throw new Error("the proxy's"); } });

test("what comes back is checked", async () => {
  const right = { RSA: elsewhere("RSA", "SHA256"), ECDSA: elsewhere("ECDSA", "SHA256") };
  const boom = new Error("the KMS is not there");
  for (const [keyType, sign, words, cause] of [
    ["RSA", () => { throw boom; }, /threw/, boom],
    ["RSA", async () => { throw boom; }, /threw/, boom],
    ["RSA", () => Promise.reject(undefined), /threw/],
    ["RSA", () => undefined, /undefined/],
    ["RSA", () => null, /null/],
    ["RSA", () => "c2lnbmF0dXJl", /a string/],
    ["RSA", () => new Uint16Array(128), /object/],
    ["RSA", () => new ArrayBuffer(256), /does not match the public key/],
    ["RSA", () => { throw new CountersignError("FREED", "somebody else's"); }, /threw/],
    ["RSA", () => { throw HOSTILE; }, /threw/],
    ["RSA", () => Promise.reject(HOSTILE), /threw/],
    ["RSA", () => HOSTILE, /returned/],
    ["RSA", () => ({ get then() { throw HOSTILE; } }), /threw/],
    ["RSA", () => Symbol("x"), /a symbol/],
    ["RSA", () => new Uint8Array(), /0 bytes/],
    ["RSA", () => new Uint8Array(512), /512 bytes/],
    ["RSA", (message) => right.ECDSA(message), /bytes/],
    ["RSA", () => new Uint8Array(256), /does not match the public key/],
    ["RSA", (message) => elsewhere("RSA", "SHA1")(message), /with SHA1; SHA256 was asked for/],
    ["RSA", (message) => right.RSA(message.subarray(1)), /does not match the public key/],
    ["ECDSA", () => new Uint8Array(64), /not an ECDSA signature/],
    ["ECDSA", (message) => right.ECDSA(message).subarray(1), /not an ECDSA signature/],
    ["ECDSA", (message) => elsewhere("ECDSA", "SHA1")(message), /with SHA1; SHA256 was asked for/],
  ]) {
    const signer = AsyncSigner.fromSign({ keyPairId: KEY_PAIR_ID, keyType, algorithm: "SHA256", publicKey: publicKeys[keyType], sign });
    for (const call of [() => signer.signUrl(url, until), () => signer.signUrls([url], until), () => signer.signCookies(url, until), () => signer.grant(url, until)]) {
      await rejected(call, "SIGNING_FAILED", words);
    }
    if (cause) assert.equal(await signer.signUrl(url, until).catch((error) => error.cause), cause);
  }
});

test("bad input is a rejection, and nothing is signed", async () => {
  let signed = 0;
  const signer = AsyncSigner.fromSign({ keyPairId: KEY_PAIR_ID, keyType: "RSA", sign: (message) => (signed++, elsewhere("RSA", "SHA1")(message)) });
  await rejected(() => signer.signUrl("no url", until), "INVALID_URL");
  await rejected(() => signer.signUrl(), "INVALID_URL");
  await rejected(() => signer.signUrl(url), "INVALID_OPTION");
  await rejected(() => signer.signUrl(url, { ...until, ipAddress: null }), "INVALID_OPTION");
  await rejected(() => signer.signUrl(url, { get dateLessThan() { throw new Error("the caller's own"); } }), "INVALID_OPTION");
  await rejected(() => signer.signUrls([url, "no url"], until), "INVALID_URL");
  await rejected(() => signer.signUrls(url, until), "INVALID_URL");
  await rejected(() => signer.grant(1, until), "INVALID_URL");
  await rejected(() => signer.signCookies({ policy: "{}" }), "INVALID_POLICY");
  assert.equal(signed, 0);

  for (const [options, code] of [
    [{}, "INVALID_KEY_PAIR_ID"],
    [{ keyPairId: KEY_PAIR_ID }, "INVALID_OPTION"],
    [{ keyPairId: KEY_PAIR_ID, keyType: "EC", sign: () => {} }, "INVALID_OPTION"],
    [{ keyPairId: KEY_PAIR_ID, keyType: "RSA" }, "INVALID_OPTION"],
    [{ keyPairId: KEY_PAIR_ID, keyType: "RSA", sign: "sign" }, "INVALID_OPTION"],
    [{ keyPairId: KEY_PAIR_ID, keyType: "RSA", sign: () => {}, publicKey: publicKeys.ECDSA }, "INVALID_OPTION"],
    [{ keyPairId: KEY_PAIR_ID, keyType: "RSA", sign: () => {}, publicKey: pem("rsa2048") }, "INVALID_PUBLIC_KEY"],
    [{ keyPairId: KEY_PAIR_ID, keyType: "RSA", sign: () => {}, algorithm: "sha256" }, "UNSUPPORTED_ALGORITHM"],
    [{ keyPairId: KEY_PAIR_ID, keyType: "RSA", sign: () => {}, engine: "wasm" }, "INVALID_OPTION"],
  ]) {
    assert.throws(() => AsyncSigner.fromSign(options), (error) => error instanceof CountersignError && error.code === code, inspect(options));
  }
  assert.throws(() => new AsyncSigner(), { code: "INVALID_OPTION" });
  const key = { keyPairId: KEY_PAIR_ID, privateKey: pem("rsa2048") };
  await rejected(() => AsyncSigner.fromKey(), "INVALID_OPTION");
  await rejected(() => AsyncSigner.fromKey({ ...key, engine: "host" }), "INVALID_OPTION");
  await rejected(() => AsyncSigner.fromKey({ ...key, fallback: "host" }), "INVALID_OPTION");
  await rejected(() => AsyncSigner.fromKey({ ...key, privateKey: "x" }), "INVALID_PRIVATE_KEY");
  await rejected(() => AsyncSigner.fromKey({ ...key, privateKey: pem("rsa4096") }), "UNSUPPORTED_KEY");
  await rejected(() => AsyncSigner.fromKey({ ...key, privateKey: pem("rsa2048.encrypted") }), "PASSPHRASE_REQUIRED");
  const opened = await AsyncSigner.fromKey({ ...key, privateKey: pem("rsa2048.encrypted"), passphrase: PASSPHRASE });
  verifyUrl(await opened.signUrl(url, until), publicKeys.RSA);
});

test("free, while a signature is under way and after", async () => {
  let answer;
  const sign = elsewhere("RSA", "SHA1");
  const signer = AsyncSigner.fromSign({ keyPairId: KEY_PAIR_ID, keyType: "RSA", sign: (message) => new Promise((resolve) => (answer = () => resolve(sign(message)))) });
  const underWay = signer.signUrl(url, until);
  signer.free();
  signer.free();
  answer();
  verifyUrl(await underWay, publicKeys.RSA);
  await rejected(() => signer.signUrl(url, until), "FREED");
  assert.throws(() => signer.keyPairId, { code: "FREED" });
});

test("free, from an option's getter and from the signer itself: what is under way is finished", async () => {
  const sign = elsewhere("RSA", "SHA1");
  const make = (sign) => AsyncSigner.fromSign({ keyPairId: KEY_PAIR_ID, keyType: "RSA", sign });
  const one = make(sign);
  const frees = (signer) => ({ get dateLessThan() { signer.free(); return "1h"; } });
  verifyUrl(await one.signUrl(url, frees(one)), publicKeys.RSA);
  await rejected(() => one.signUrl(url, until), "FREED");
  assert.throws(() => one.engine, { code: "FREED" });
  const two = make((message) => (two.free(), sign(message)));
  for (const signed of await two.signUrls([url, `${url}2`, `${url}3`], until)) verifyUrl(signed, publicKeys.RSA);
  await rejected(() => two.grant(url, until), "FREED");
  const three = await AsyncSigner.fromKey({ keyPairId: KEY_PAIR_ID, privateKey: pem("rsa2048") });
  verifyUrl(await three.signUrl(url, frees(three)), publicKeys.RSA);
  await rejected(() => three.signUrl(url, until), "FREED");
});

test("WebCrypto's own answer, an ArrayBuffer, is taken", async () => {
  const key = await crypto.subtle.importKey("pkcs8", createPrivateKey(pem("p256")).export({ type: "pkcs8", format: "der" }), { name: "ECDSA", namedCurve: "P-256" }, false, ["sign"]);
  const signer = AsyncSigner.fromSign({ keyPairId: KEY_PAIR_ID, keyType: "ECDSA", publicKey: publicKeys.ECDSA, sign: (message) => crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, key, message) });
  verifyUrl(await signer.signUrl(url, until), publicKeys.ECDSA);
});

test("a signer that hangs holds up nobody else, and many at once keep their order", async () => {
  const sign = elsewhere("RSA", "SHA1");
  let calls = 0;
  const signer = AsyncSigner.fromSign({
    keyPairId: KEY_PAIR_ID,
    keyType: "RSA",
    sign: async (message) => {
      const own = calls++;
      if (own === 0) return new Promise(() => {});
      await new Promise((resolve) => setTimeout(resolve, (100 - own) / 5));
      return sign(message);
    },
  });
  signer.signUrl(url, until);
  const urls = Array.from({ length: 90 }, (_, i) => `https://${HOST}/${i}`);
  const signed = await signer.signUrls(urls, until);
  assert.deepEqual(signed.map((one) => verifyUrl(one, publicKeys.RSA).resource), urls);
});

const withoutWebCrypto = (fallback) => `
  import { AsyncSigner } from "countersign";
  import { readFileSync } from "node:fs";
  Object.defineProperty(globalThis, "crypto", { value: { getRandomValues: crypto.getRandomValues.bind(crypto), ...(${fallback.subtle}) } });
  const signer = await AsyncSigner.fromKey({ keyPairId: "K1", privateKey: readFileSync(${JSON.stringify(keyFile("rsa2048"))}), ${fallback.option} }).catch((error) => console.log(error.code, error.message));
  if (signer) console.log(signer.engine, await signer.signUrl("https://d.net/a", { dateLessThan: 2000000000, now: 1 }));`;

test("where WebCrypto is missing or refuses, there is an error, or WebAssembly if it is asked for", () => {
  const refuses = '{ subtle: { importKey: async () => { throw new Error("SHA-1 is not allowed here") } } }';
  const wrong = '{ subtle: { importKey: async () => ({}), sign: async () => new ArrayBuffer(256) } }';
  const expected = new Signer({ keyPairId: "K1", privateKey: pem("rsa2048") }).signUrl("https://d.net/a", { dateLessThan: 2000000000, now: 1 });
  for (const [subtle, words] of [["{}", /needs HTTPS/], [refuses, /SHA-1 is not allowed here/], [wrong, /do not verify/]]) {
    const refused = runAlone(withoutWebCrypto({ subtle, option: "" })).stdout;
    assert.match(refused, /^HOST_CRYPTO_UNAVAILABLE /);
    assert.match(refused, words);
    assert.equal(runAlone(withoutWebCrypto({ subtle, option: 'fallback: "wasm"' })).stdout.trim(), `wasm ${expected}`);
  }
});
