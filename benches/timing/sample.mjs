// The same samples in Node, engine wasm: FOLDER is what `timing prepare` has written.
//
//     node sample.mjs FOLDER SUBJECT COUNT
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { Signer } from "../../pkg/index.js";

const [folder, subject, count] = process.argv.slice(2);
const MESSAGES = 64;
const until = { dateLessThan: 1_893_456_000, now: 1 };
const file = (name) => readFileSync(join(folder, name), "utf8");
const url = (number) => `https://d111111abcdef8.cloudfront.net/${String(number).padStart(8, "0")}.jpg`;

const any = Array.from({ length: MESSAGES }, (_, at) => 90_000_000 + at);
const NUMBERS = {
  "rsa-message": [Array(MESSAGES).fill(12_345_678), any],
  "ecdsa-message": [Array(MESSAGES).fill(12_345_678), any],
  "ecdsa-nonce": [JSON.parse(file("short-nonces.json")), any],
};
const KEYS = { "rsa-key": ["rsa-sparse", "rsa-dense"], "ecdsa-key": ["ecdsa-sparse", "ecdsa-dense"] };

/** Squaring, and multiplying where a bit is set, as in a textbook. */
function textbook(kind) {
  const modulus = (1n << 1024n) - 105n;
  const exponent = [0x0f0f0f0f0f0f0f0cn, 0x0f0f0f0f0f0f0f3fn][kind];
  let power = 3n;
  for (let bit = 63n; bit >= 0n; bit--) {
    power = (power * power) % modulus;
    if ((exponent >> bit) & 1n) power = (power * 3n) % modulus;
  }
  return power;
}

function work() {
  if (subject === "control") return textbook;
  const algorithm = "SHA256";
  const names = KEYS[subject] ?? Array(2).fill(`${subject.split("-")[0]}-dense`);
  const signers = names.map((name) => new Signer({ keyPairId: "K2JCJMDEHXQW5F", privateKey: file(`${name}.pem`), engine: "wasm", algorithm }));
  return (kind, url) => signers[kind].signUrl(url, until);
}

const call = work();
const urls = (NUMBERS[subject] ?? [any, any]).map((numbers) => numbers.map(url));
const warmUp = Math.ceil(count / 20);
const lines = [];
for (let at = 0; at < Number(count) + warmUp; at++) {
  const [random, which] = randomBytes(2);
  const kind = random & 1;
  const message = urls[kind][which % MESSAGES];
  const begin = process.hrtime.bigint();
  call(kind, message);
  const taken = process.hrtime.bigint() - begin;
  if (at >= warmUp) lines.push(`${kind} ${taken}`);
}
console.log(lines.join("\n"));
