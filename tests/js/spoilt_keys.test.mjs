// An RSA key with a wrong number is refused or signs correctly, whichever engine signs: a key's numbers are checked against one another
// before the host gets them, and its first signature is verified.
import assert from "node:assert/strict";
import crypto, { createPrivateKey, createPublicKey } from "node:crypto";
import { test } from "node:test";

import { Signer, getSignedUrl, derivePublicKey } from "countersign";

import { HOST, KEY_PAIR_ID, pem } from "./keys.mjs";
import { verifyUrl } from "./signed_url.mjs";

const url = `https://${HOST}/a.jpg`;
const NAMES = ["n", "e", "d", "p", "q", "dp", "dq", "qi"];
const jwk = createPrivateKey(pem("rsa2048")).export({ format: "jwk" });
const right = NAMES.map((name) => Buffer.from(jwk[name], "base64url"));

const tagged = (tag, content) => {
  const length = content.length < 128 ? [content.length] : content.length < 256 ? [0x81, content.length] : [0x82, content.length >> 8, content.length & 255];
  return Buffer.concat([Buffer.from([tag, ...length]), content]);
};
const integer = (bytes) => tagged(2, bytes[0] & 128 ? Buffer.concat([Buffer.of(0), bytes]) : bytes);
/** PKCS#1 in DER (RFC 8017, appendix A.1.2). */
const pkcs1 = (numbers) => tagged(0x30, Buffer.concat([integer(Buffer.of(0)), ...numbers.map(integer)]));

function outcome(call, key) {
  try {
    verifyUrl(call(), key);
    return "signs right";
  } catch (error) {
    return error.code === undefined ? error : `${error.code}: ${error.message}`;
  }
}

const open = { keyPairId: KEY_PAIR_ID, url, dateLessThan: "2040-01-01" };
const engines = {
  host: (privateKey) => new Signer({ keyPairId: KEY_PAIR_ID, privateKey, engine: "host" }).signUrl(url, { dateLessThan: "2h" }),
  auto: (privateKey) => new Signer({ keyPairId: KEY_PAIR_ID, privateKey }).signUrl(url, { dateLessThan: "2h" }),
  "drop-in": (privateKey) => getSignedUrl({ ...open, privateKey }),
};
const wasm = (privateKey) => new Signer({ keyPairId: KEY_PAIR_ID, privateKey, engine: "wasm" }).signUrl(url, { dateLessThan: "2h" });

test("the whole key signs, and is the one of OpenSSL's DER", () => {
  assert.deepEqual(pkcs1(right), createPrivateKey(pem("rsa2048")).export({ type: "pkcs1", format: "der" }));
  for (const sign of [...Object.values(engines), wasm]) assert.equal(outcome(() => sign(pkcs1(right)), pem("rsa2048.pub")), "signs right");
});

for (const [at, name] of NAMES.entries()) {
  test(`a wrong ${name}: the host's engine says of it what WebAssembly's says, and nothing is signed wrong`, () => {
    const bits = right[at].length * 8;
    for (const bit of [0, 1, bits >> 1, bits - 2]) {
      const numbers = right.map((bytes) => Buffer.from(bytes));
      numbers[at][numbers[at].length - 1 - (bit >> 3)] ^= 1 << (bit & 7);
      const der = pkcs1(numbers);
      const expected = outcome(() => wasm(der), pem("rsa2048.pub"));
      assert.equal(typeof expected, "string", `${bit}: ${expected}`);
      // The values for the Chinese remainder theorem are recalculated. Any other wrong number makes the key useless.
      if (["dp", "dq", "qi"].includes(name)) assert.equal(expected, "signs right");
      else assert.match(expected, /^(INVALID_PRIVATE_KEY|UNSUPPORTED_KEY): /, `${bit}`);
      for (const [engine, sign] of Object.entries(engines)) {
        assert.equal(outcome(() => sign(der), pem("rsa2048.pub")), expected, `${engine}, bit ${bit}`);
      }
    }
  });
}

test("what a host gets of a key with wrong values for the Chinese remainder theorem is the key with right ones", () => {
  const { createPrivateKey: create } = crypto;
  const given = [];
  crypto.createPrivateKey = (options) => (given.push(Buffer.from(options.key)), create(options));
  try {
    for (const name of ["dp", "dq", "qi"]) {
      const numbers = right.map((bytes) => Buffer.from(bytes));
      numbers[NAMES.indexOf(name)][9] ^= 1;
      engines.host(pkcs1(numbers));
    }
  } finally {
    crypto.createPrivateKey = create;
  }
  const whole = createPrivateKey(pem("rsa2048")).export({ type: "pkcs1", format: "der" });
  assert.deepEqual(given, [whole, whole, whole]);
  assert.equal(derivePublicKey(whole), createPublicKey(pem("rsa2048.pub")).export({ type: "spki", format: "pem" }));
});
