// Private keys with wrong numbers or DER are refused with their code or, if the fault is harmless, sign correctly: in the
// binary, in WebAssembly, with the host and with WebCrypto. OpenSSL makes new keys each time, and the tests damage them.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createPrivateKey, createPublicKey, generateKeyPairSync, generatePrimeSync } from "node:crypto";
import { test } from "node:test";

import { AsyncSigner, CountersignError, Signer } from "countersign";

import { required } from "./environment.mjs";
import { HOST, KEY_PAIR_ID } from "./keys.mjs";
import { verifyUrl } from "./signed_url.mjs";

const url = `https://${HOST}/a.jpg`;
const conditions = { dateLessThan: 2_000_000_000, now: 1_000_000_000 };

// DER (ITU-T X.690).
function tlv(tag, ...contents) {
  const content = Buffer.concat(contents);
  const bytes = content.length < 128 ? [content.length] : content.length < 256 ? [0x81, content.length] : [0x82, content.length >> 8, content.length & 255];
  return Buffer.concat([Buffer.from([tag, ...bytes]), content]);
}
const sequence = (...members) => tlv(0x30, ...members);
const octets = (content) => tlv(0x04, content);
const NULL = tlv(0x05);
const oid = (hex) => tlv(0x06, Buffer.from(hex, "hex"));
const RSA_ENCRYPTION = oid("2a864886f70d010101");
const EC_PUBLIC_KEY = oid("2a8648ce3d0201");
const P256 = oid("2a8648ce3d030107");
const P384 = oid("2b81040022");

const hex = (number) => (number.toString(16).length % 2 ? "0" : "") + number.toString(16);
/** A non-negative number in as few bytes as possible, or the given bytes. */
const integer = (number) => {
  if (Buffer.isBuffer(number)) return tlv(0x02, number);
  const digits = hex(number);
  return tlv(0x02, Buffer.from((digits[0] >= "8" ? "00" : "") + digits, "hex"));
};
const big = (base64url) => BigInt(`0x${Buffer.from(base64url, "base64url").toString("hex")}`);
const modulo = (a, n) => ((a % n) + n) % n;
function inverse(a, n) {
  let [r, next, t, following] = [n, modulo(a, n), 0n, 1n];
  while (next) [r, next, t, following] = [next, r % next, following, t - (r / next) * following];
  assert.equal(r, 1n, "there is no inverse");
  return modulo(t, n);
}

const NUMBERS = ["n", "e", "d", "p", "q", "dp", "dq", "qi"];
const pkcs1 = (key, version = 0n) => sequence(integer(version), ...NUMBERS.map((name) => integer(key[name])));
const pkcs8 = (key, ...parameters) => sequence(integer(0n), sequence(RSA_ENCRYPTION, ...parameters), octets(key));

/**
 * A new pair: the private key's numbers, and the public key in PEM. Node 20 hangs if memory is collected while a key that was just made is
 * exported as JWK: its lock is taken twice. So it is written as PEM first.
 */
function newPair(type, options) {
  const { privateKey, publicKey } = generateKeyPairSync(type, {
    ...options,
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "pem" },
  });
  return [createPrivateKey(privateKey).export({ format: "jwk" }), publicKey];
}

const [jwk, rsaPublic] = newPair("rsa", { modulusLength: 2048 });
const good = Object.fromEntries(NUMBERS.map((name) => [name, big(jwk[name])]));
const { n, e, d, p, q, dp, dq, qi } = good;
const phi = (p - 1n) * (q - 1n);
const gcd = (a, b) => (b ? gcd(b, a % b) : a);
const lambda = phi / gcd(p - 1n, q - 1n);

/** A key with these two factors, prime or not, and an exponent. */
const from = (p, q, e, order = (p - 1n) * (q - 1n)) => {
  const d = inverse(e, order);
  return { n: p * q, e, d, p, q, dp: d % (p - 1n || 1n), dq: d % (q - 1n || 1n), qi: p === q ? 0n : inverse(q, p) };
};
const prime = (bits, fits = () => true) => {
  for (;;) {
    const number = generatePrimeSync(bits, { bigint: true });
    // Set the two highest bits, so that a product has twice the length.
    if (number >> BigInt(bits - 2) === 3n && fits(number)) return number;
  }
};
const coprimeTo = (e) => (number) => gcd(number - 1n, e) === 1n;
const [one, two] = [prime(1024, coprimeTo(3n)), prime(1024, coprimeTo(3n))];

const INVALID = "INVALID_PRIVATE_KEY";
const SIGNS = "signs";

const bytes = (number) => Buffer.from(hex(number), "hex");

/** Wrong numbers, each tried as PKCS#1 and as PKCS#8. [what, numbers, expected result] */
const FAULTS = [
  ["nothing wrong", {}, SIGNS],
  // The file's CRT values are recomputed and never used: the first signature with a wrong one would reveal a prime.
  ["dP is wrong", { dp: dp ^ 2n }, SIGNS],
  ["dQ is wrong", { dq: dq ^ (1n << 700n) }, SIGNS],
  ["qInv is wrong", { qi: qi ^ 1n }, SIGNS],
  ["dP, dQ and qInv are zero", { dp: 0n, dq: 0n, qi: 0n }, SIGNS],
  ["dP is not reduced", { dp: dp + p - 1n }, SIGNS],
  ["p and q are swapped", { p: q, q: p, dp: dq, dq: dp, qi: inverse(p, q) }, SIGNS],
  ["p and q are swapped, and nothing else", { p: q, q: p }, SIGNS],
  ["d is modulo the least common multiple", { d: d % lambda }, SIGNS],
  ["d is zero", { d: 0n }, INVALID],
  ["d is one", { d: 1n }, INVALID],
  ["d is one too large", { d: d + 1n }, INVALID],
  ["d is a bit wrong", { d: d ^ (1n << 1000n) }, INVALID],
  ["d is the modulus", { d: n }, INVALID],
  ["d is larger than the modulus, though it fits", { d: d + phi * 3n }, INVALID],
  ["e is one", { e: 1n }, INVALID],
  ["e and d are one", { e: 1n, d: 1n, dp: 1n, dq: 1n }, INVALID],
  ["e is zero", { e: 0n }, INVALID],
  ["e is even", { e: 65536n }, INVALID],
  ["e is another odd number", { e: 65539n }, INVALID],
  ["e is too large for anyone", { e: 2n ** 64n + 13n }, INVALID],
  ["e and d are exchanged", { e: d, d: e }, INVALID],
  ["e is 3", from(one, two, 3n), SIGNS],
  ["the modulus is even", { n: n - 1n }, INVALID],
  ["the modulus is two too large", { n: n + 2n }, INVALID],
  ["the modulus has a bit that is wrong", { n: n ^ (1n << 1024n) }, INVALID],
  ["the modulus is zero", { n: 0n }, "UNSUPPORTED_KEY"],
  ["the modulus is one", { n: 1n }, "UNSUPPORTED_KEY"],
  ["the modulus is p", { n: p }, "UNSUPPORTED_KEY"],
  ["a bit less: 2047", from(prime(1023), prime(1024), 65537n), "UNSUPPORTED_KEY"],
  ["a bit more: 2049", { n: n + (1n << 2048n) }, "UNSUPPORTED_KEY"],
  ["p is q", from(one, one, 65537n, one * (one - 1n)), INVALID],
  ["p is one and q the modulus", { p: 1n, q: n, dp: 0n, dq: d, qi: 1n }, INVALID],
  ["p is zero", { p: 0n }, INVALID],
  ["p is two too large", { p: p + 2n }, INVALID],
  ["p and q are not the modulus's", { p: one, q: two }, INVALID],
  ["n is negative", { n: bytes(n) }, INVALID],
  ["d is negative", { d: Buffer.concat([Buffer.from([0xff]), bytes(d)]) }, INVALID],
  ["e is negative", { e: Buffer.from([0xff, 0x00, 0x01]) }, INVALID],
  ["p is negative", { p: bytes(p) }, INVALID],
  ["n begins with a zero too many", { n: Buffer.concat([Buffer.alloc(2), bytes(n)]) }, INVALID],
  ["e begins with a zero", { e: Buffer.from([0, 1, 0, 1]) }, INVALID],
  ["an integer without bytes", { qi: Buffer.alloc(0) }, INVALID],
].map(([what, change, expected]) => [what, { ...good, ...change }, expected]);

const cases = FAULTS.flatMap(([what, key, expected]) => [
  [`PKCS#1: ${what}`, pkcs1(key), expected, key],
  [`PKCS#8: ${what}`, pkcs8(pkcs1(key), NULL), expected, key],
]);

const inner = pkcs1(good);
const longForm = (der) => Buffer.concat([der.subarray(0, 1), Buffer.from([0x83, 0]), der.subarray(2)]);
for (const [what, der, expected] of [
  ["a byte after it", Buffer.concat([inner, Buffer.alloc(1)]), INVALID],
  ["a second key after it", Buffer.concat([inner, inner]), INVALID],
  ["a byte missing", inner.subarray(0, -1), INVALID],
  ["its length in three bytes", longForm(inner), INVALID],
  ["an indefinite length, as BER has", Buffer.concat([Buffer.from([0x30, 0x80]), inner.subarray(4), Buffer.alloc(2)]), INVALID],
  ["one number more", sequence(inner.subarray(4), integer(1n)), INVALID],
  ["one number less", sequence(integer(0n), ...NUMBERS.slice(0, -1).map((name) => integer(good[name]))), INVALID],
  ["version 1, for more primes, without them", pkcs1(good, 1n), INVALID],
  ["version 2", pkcs1(good, 2n), INVALID],
]) {
  cases.push([`PKCS#1: ${what}`, der, expected, good], [`in PKCS#8: ${what}`, pkcs8(der, NULL), expected, good]);
}
cases.push(
  ["PKCS#8: a byte after it", Buffer.concat([pkcs8(inner, NULL), Buffer.alloc(1)]), INVALID],
  ["PKCS#8: no parameters", pkcs8(inner), SIGNS, good],
  ["PKCS#8: parameters of a curve", pkcs8(inner, P256), SIGNS, good],
  ["PKCS#8: version 2", sequence(integer(2n), sequence(RSA_ENCRYPTION, NULL), octets(inner)), INVALID],
  ["PKCS#8: the public key in place of the private one", pkcs8(sequence(integer(n), integer(e)), NULL), INVALID],
  ["PKCS#8: RSA said to be EC", sequence(integer(0n), sequence(EC_PUBLIC_KEY, P256), octets(inner)), INVALID],
);

const [ecJwk, ecPublic] = newPair("ec", { namedCurve: "prime256v1" });
const [secret, x, y] = [ecJwk.d, ecJwk.x, ecJwk.y].map((text) => Buffer.from(text, "base64url"));
const [other] = newPair("ec", { namedCurve: "prime256v1" });
const order = BigInt("0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
const scalar = (number) => Buffer.from(number.toString(16).padStart(64, "0"), "hex");
const point = (...parts) => tlv(0x03, Buffer.from([0]), ...parts);
const uncompressed = point(Buffer.from([4]), x, y);
const sec1 = (secret, { version = 1n, curve = P256, publicKey = uncompressed } = {}) =>
  sequence(integer(version), octets(secret), ...(curve ? [tlv(0xa0, curve)] : []), ...(publicKey ? [tlv(0xa1, publicKey)] : []));
const ecPkcs8 = (key, ...parameters) => sequence(integer(0n), sequence(EC_PUBLIC_KEY, ...parameters), octets(key));
const publicOf = (bytes) => ({ publicKey: bytes && point(bytes) });
for (const [what, der, expected] of [
  ["nothing wrong", sec1(secret), SIGNS],
  ["no public key", sec1(secret, { publicKey: undefined }), SIGNS],
  ["no curve", sec1(secret, { curve: undefined }), SIGNS],
  ["a compressed public key", sec1(secret, publicOf(Buffer.concat([Buffer.from([2 + (y.at(-1) & 1)]), x]))), SIGNS],
  ["d is zero", sec1(scalar(0n), { publicKey: undefined }), INVALID],
  ["d is the order", sec1(scalar(order), { publicKey: undefined }), INVALID],
  ["d is the order and one", sec1(scalar(order + 1n), { publicKey: undefined }), INVALID],
  ["d has all bits", sec1(Buffer.alloc(32, 0xff), { publicKey: undefined }), INVALID],
  ["d is empty", sec1(Buffer.alloc(0), { publicKey: undefined }), INVALID],
  ["d has a byte too many", sec1(Buffer.concat([Buffer.from([1]), secret]), { publicKey: undefined }), INVALID],
  ["d has one byte", sec1(Buffer.from([5]), { publicKey: undefined }), INVALID],
  ["the public key of another", sec1(secret, publicOf(Buffer.concat([Buffer.from([4]), Buffer.from(other.x, "base64url"), Buffer.from(other.y, "base64url")]))), INVALID],
  ["the public key with the wrong sign", sec1(secret, publicOf(Buffer.concat([Buffer.from([3 - (y.at(-1) & 1)]), x]))), INVALID],
  ["a public key beside the curve", sec1(secret, publicOf(Buffer.concat([Buffer.from([4]), x, x]))), INVALID],
  ["the point at infinity for a public key", sec1(secret, publicOf(Buffer.alloc(1))), INVALID],
  ["a public key that is too short", sec1(secret, publicOf(Buffer.concat([Buffer.from([4]), x]))), INVALID],
  ["a byte after it", Buffer.concat([sec1(secret), Buffer.alloc(1)]), INVALID],
  ["a byte missing", sec1(secret).subarray(0, -1), INVALID],
  ["version 0", sec1(secret, { version: 0n }), INVALID],
  ["version 2", sec1(secret, { version: 2n }), INVALID],
]) {
  cases.push([`SEC1: ${what}`, der, expected, "EC"], [`SEC1 in PKCS#8: ${what}`, ecPkcs8(der, P256), expected, "EC"]);
}
const plain = sec1(secret, { curve: undefined });
cases.push(
  ["SEC1: another curve", sec1(secret, { curve: P384 }), "UNSUPPORTED_KEY"],
  ["SEC1 in PKCS#8: another curve outside", ecPkcs8(plain, P384), "UNSUPPORTED_KEY"],
  ["SEC1 in PKCS#8: another curve inside", ecPkcs8(sec1(secret, { curve: P384 }), P256), INVALID],
  ["SEC1 in PKCS#8: no curve outside", ecPkcs8(sec1(secret)), "UNSUPPORTED_KEY"],
  ["SEC1 in PKCS#8: NULL for a curve", ecPkcs8(plain, NULL), "UNSUPPORTED_KEY"],
  ["SEC1 in PKCS#8: EC said to be RSA", pkcs8(sec1(secret), NULL), INVALID],
);

/** The public key of the intended key. */
function publicKeyOf(key) {
  if (key === "EC") return ecPublic;
  if (key === good || key.n === n) return rsaPublic;
  return createPublicKey({ key: { kty: "RSA", n: bytes(key.n).toString("base64url"), e: bytes(key.e).toString("base64url") }, format: "jwk" }).export({ type: "spki", format: "pem" });
}

/** The result of a key: "signs" if its signature is right, otherwise the code. */
async function outcome(sign, key) {
  let signed;
  try {
    signed = await sign();
  } catch (error) {
    assert.ok(error instanceof CountersignError, `${error}`);
    return error.code;
  }
  verifyUrl(signed, publicKeyOf(key));
  return SIGNS;
}

function byBinary(privateKey) {
  const options = ["sign", "--url", url, "--key-pair-id", KEY_PAIR_ID, "--private-key", "-", "--date-less-than", "2000000000", "--now", "1000000000"];
  const { status, stdout, stderr } = spawnSync(required("COUNTERSIGN_BIN"), options, { input: privateKey, encoding: "utf8" });
  if (status === 0) return stdout.trim();
  const [, code] = /^error\[([A-Z0-9_]+)\]: /.exec(stderr) ?? assert.fail(`${status}: ${stderr}`);
  throw new CountersignError(code, stderr);
}

const SIGNERS = {
  "the binary": byBinary,
  "engine wasm": (privateKey) => new Signer({ keyPairId: KEY_PAIR_ID, privateKey, engine: "wasm" }).signUrl(url, conditions),
  "engine host": (privateKey) => new Signer({ keyPairId: KEY_PAIR_ID, privateKey, engine: "host" }).signUrl(url, conditions),
  WebCrypto: async (privateKey) => (await AsyncSigner.fromKey({ keyPairId: KEY_PAIR_ID, privateKey })).signUrl(url, conditions),
};

for (const [who, sign] of Object.entries(SIGNERS)) {
  test(`${cases.length} keys, by ${who}`, async () => {
    const wrong = [];
    for (const [what, der, expected, key] of cases) {
      const got = await outcome(() => sign(der), key).catch((error) => error.message);
      if (got !== expected) wrong.push(`${what}: ${got}, not ${expected}`);
    }
    assert.deepEqual(wrong, []);
  });
}
