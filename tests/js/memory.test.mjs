// After free(), nothing of a private key, its PEM or its passphrase is left in WebAssembly memory. The same holds for keys that were
// refused or only read.
import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { test } from "node:test";

import { HOST, KEY_PAIR_ID, PASSPHRASE, der, pem } from "./keys.mjs";
import { runAlone } from "./run_alone.mjs";
import { countersign, found, numbersOf, textOf } from "./wasm_memory.mjs";

const { AsyncSigner, CountersignError, Signer, generateKeyPair, getSignedCookies, getSignedUrl, derivePublicKey } = countersign;

const url = `https://${HOST}/a.jpg`;
const until = { dateLessThan: "2h" };
const passphraseOf = (text) => [{ name: "passphrase", window: Buffer.from(text) }];

// [what, the key as it is passed, passphrase, the same key as PEM]
const KEYS = [
  ["RSA, PKCS#8 as text", pem("rsa2048"), undefined, pem("rsa2048")],
  ["RSA, PKCS#8 as bytes", Buffer.from(pem("rsa2048")), undefined, pem("rsa2048")],
  ["RSA, PKCS#1 as text", pem("rsa2048.pkcs1"), undefined, pem("rsa2048.pkcs1")],
  ["RSA, DER", der(pem("rsa2048")), undefined, pem("rsa2048")],
  ["RSA, mangled text", pem("rsa2048").replaceAll("\n", "\\n"), undefined, pem("rsa2048")],
  ["RSA, Base64 of the PEM", Buffer.from(pem("rsa2048")).toString("base64"), undefined, pem("rsa2048")],
  ["RSA, encrypted PKCS#8", pem("rsa2048.encrypted"), PASSPHRASE, pem("rsa2048.encrypted")],
  ["RSA, encrypted PKCS#8 as bytes", Buffer.from(pem("rsa2048.encrypted")), PASSPHRASE, pem("rsa2048.encrypted")],
  ["RSA, encrypted as OpenSSL did before", pem("rsa2048.traditional"), PASSPHRASE, pem("rsa2048.traditional")],
  ["P-256, PKCS#8 as text", pem("p256"), undefined, pem("p256")],
  ["P-256, PKCS#8 as bytes", Buffer.from(pem("p256")), undefined, pem("p256")],
  ["P-256, SEC1 as text", pem("p256.sec1"), undefined, pem("p256.sec1")],
];

for (const [what, privateKey, passphrase, text] of KEYS) {
  const numbers = numbersOf(text, passphrase);
  const passed = [textOf(text), passphrase ? passphraseOf(passphrase) : []];
  const options = { keyPairId: KEY_PAIR_ID, privateKey, passphrase };

  test(`${what}: nothing is left after free(), engine wasm`, () => {
    assert.deepEqual(found(numbers, ...passed), [], "before");
    const signer = new Signer({ ...options, engine: "wasm" });
    assert.ok(found(numbers).length > 0, "the numbers of a key that signs should be found, or this test finds nothing");
    assert.deepEqual(found(...passed), [], "what was passed is left beside the key");
    const use = () => {
      signer.signUrl(url, until);
      signer.signUrls([url, url], { ...until, ipAddress: "192.0.2.1" });
      signer.signCookies(`https://${HOST}/*`, until);
      return signer.grant(`https://${HOST}/*`, until);
    };
    const grant = use();
    assert.throws(() => signer.signUrl("nope", until), CountersignError);
    signer.free();
    assert.deepEqual(found(numbers, ...passed), []);
    grant.urls([url]);
    assert.deepEqual(found(numbers, ...passed), []);
  });

  test(`${what}: nothing is left once WebCrypto has the key, or after free() where it refused`, async () => {
    const held = await AsyncSigner.fromKey(options);
    await held.signUrl(url, until);
    assert.deepEqual(found(numbers, ...passed), [], "in WebCrypto");
    held.free();

    const { importKey } = crypto.subtle;
    Object.defineProperty(crypto.subtle, "importKey", { value: async () => { throw new Error("refused"); }, configurable: true });
    try {
      await assert.rejects(AsyncSigner.fromKey(options), { code: "HOST_CRYPTO_UNAVAILABLE" });
      assert.deepEqual(found(numbers, ...passed), [], "refused");
      const signer = await AsyncSigner.fromKey({ ...options, fallback: "wasm" });
      await signer.signUrl(url, until);
      assert.ok(found(numbers).length > 0);
      signer.free();
      assert.deepEqual(found(numbers, ...passed), [], "after free()");
    } finally {
      Object.defineProperty(crypto.subtle, "importKey", { value: importKey, configurable: true });
    }
  });

  test(`${what}: engine auto keeps the key until its first signature decides for the host, or until free()`, () => {
    for (const use of [(signer) => signer.signUrl(url, until), (signer) => signer.engine]) {
      const signer = new Signer(options);
      assert.deepEqual(found(...passed), [], "what was passed is left beside the key");
      assert.ok(found(numbers).length > 0, "the host could still turn out to sign wrong");
      use(signer);
      assert.equal(signer.engine, "host");
      assert.deepEqual(found(numbers, ...passed), [], "after the first signature");
      signer.free();
    }
    const unused = new Signer(options);
    unused.free();
    assert.deepEqual(found(numbers, ...passed), [], "after free()");
  });

  test(`${what}: nothing is left once the host has the key`, () => {
    const signer = new Signer({ ...options, engine: "host" });
    assert.deepEqual(found(numbers, ...passed), [], "after the constructor");
    signer.signUrl(url, until);
    assert.deepEqual(found(numbers, ...passed), [], "after a signature");
    signer.free();
  });

  test(`${what}: nothing is left of a key that was only read`, () => {
    derivePublicKey(privateKey, passphrase);
    assert.deepEqual(found(numbers, ...passed), []);
  });
}

test("text that is held is found, so that what is not found is not there", () => {
  const signer = new Signer({ keyPairId: KEY_PAIR_ID, privateKey: pem("p256"), engine: "wasm" });
  const secret = "not-the-passphrase-of-anything";
  // No test looks for this key.
  const key = generateKeyPairSync("ec", { namedCurve: "prime256v1" }).privateKey.export({ type: "pkcs8", format: "pem" });
  const line = key.split("\n")[2];
  const grants = [secret, line].map((text) => signer.grant(`https://${HOST}/${text}/*`, until));
  signer.free();
  assert.deepEqual(found(passphraseOf(secret)), ["passphrase"]);
  assert.deepEqual(found(textOf(key)), ["PEM"]);
  assert.equal(grants.length, 2);
});

test("nothing is left of what was refused", () => {
  const refusals = [
    [{ privateKey: pem("rsa4096") }, numbersOf(pem("rsa4096")), textOf(pem("rsa4096"))],
    [{ privateKey: pem("p384") }, numbersOf(pem("p384")), textOf(pem("p384"))],
    [{ privateKey: pem("ed25519") }, numbersOf(pem("ed25519")), textOf(pem("ed25519"))],
    [{ privateKey: pem("rsa2048.encrypted") }, textOf(pem("rsa2048.encrypted"))],
    [{ privateKey: pem("rsa2048.encrypted"), passphrase: "not the passphrase" }, textOf(pem("rsa2048.encrypted")), passphraseOf("not the passphrase")],
    [{ privateKey: pem("rsa2048.traditional"), passphrase: "not the passphrase" }, textOf(pem("rsa2048.traditional")), passphraseOf("not the passphrase")],
    // Half of the file.
    [{ privateKey: pem("rsa2048").slice(0, 900) }, textOf(pem("rsa2048").slice(0, 900))],
    [{ privateKey: pem("rsa2048"), keyPairId: "" }, numbersOf(pem("rsa2048")), textOf(pem("rsa2048"))],
    [{ privateKey: pem("rsa2048"), engine: "nope" }, numbersOf(pem("rsa2048")), textOf(pem("rsa2048"))],
    // Passed in the wrong place.
    [{ privateKey: pem("p256"), keyPairId: pem("rsa2048") }, numbersOf(pem("p256")), textOf(pem("p256"))],
  ];
  for (const [options, ...secrets] of refusals) {
    for (const engine of ["wasm", "host"]) {
      assert.throws(() => new Signer({ keyPairId: KEY_PAIR_ID, engine, ...options }), CountersignError);
      assert.deepEqual(found(...secrets), [], Object.keys(options).join());
    }
  }
});

test("getSignedUrl and getSignedCookies keep the last key, and no other", () => {
  const other = generateKeyPairSync("ec", { namedCurve: "prime256v1" }).privateKey.export({ type: "pkcs8", format: "pem" });
  const input = { keyPairId: KEY_PAIR_ID, url, dateLessThan: "2030-01-01" };
  for (const [what, privateKey, passphrase, text] of KEYS) {
    for (const call of [getSignedUrl, getSignedCookies]) {
      call({ ...input, privateKey, passphrase });
      call({ ...input, privateKey: other });
      assert.deepEqual(found(numbersOf(text, passphrase), textOf(text), passphrase ? passphraseOf(passphrase) : []), [], what);
    }
  }
});

test("the drop-in functions, where WebAssembly signs, keep the numbers of the last key, and nothing that it was read from", () => {
  const { stdout, stderr, status } = runAlone(`
    process.getBuiltinModule = undefined;
    const { countersign, found, numbersOf, textOf } = await import("./wasm_memory.mjs");
    const { pem, PASSPHRASE } = await import("./keys.mjs");
    const answers = [];
    const input = { keyPairId: "K1", url: "https://d.net/a", dateLessThan: "2099-01-01" };
    for (const [name, passphrase] of [["rsa2048.encrypted", PASSPHRASE], ["p256", undefined], ["rsa2048.traditional", PASSPHRASE], ["p256.sec1", undefined]]) {
      const numbers = numbersOf(pem(name), passphrase);
      const passed = [textOf(pem(name)), passphrase ? [{ name: "passphrase", window: Buffer.from(passphrase) }] : []];
      for (const call of ["getSignedUrl", "getSignedCookies"]) {
        countersign[call]({ ...input, privateKey: pem(name), passphrase });
        const held = found(numbers);
        const read = found(...passed);
        countersign[call]({ ...input, privateKey: (await countersign.generateKeyPair({ type: "ECDSA" })).privateKey });
        answers.push({ held: held.length, read, left: found(numbers, ...passed) });
      }
    }
    console.log(JSON.stringify(answers));`);
  assert.equal(status, 0, stderr);
  const answers = JSON.parse(stdout);
  assert.equal(answers.length, 8);
  for (const { held, read, left } of answers) assert.deepEqual([held > 0, read, left], [true, [], []]);
});

test("nothing is left of a new key", async () => {
  for (const type of ["RSA", "ECDSA"]) {
    const { privateKey } = await generateKeyPair({ type });
    assert.deepEqual(found(numbersOf(privateKey), textOf(privateKey)), [], type);
  }
});
