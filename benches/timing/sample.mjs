// The same samples in Node, engine wasm: FOLDER is what `timing prepare` has written.
//
//     node sample.mjs FOLDER SUBJECT COUNT
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { Signer } from "../../pkg/dist/index.js";

const [folder, subject, count] = process.argv.slice(2);
const MESSAGES = 64;
const COPIES = 16;
const until = { dateLessThan: 1_893_456_000, now: 1 };
const file = (name) => readFileSync(join(folder, name), "utf8");
const url = (number) => `https://d111111abcdef8.cloudfront.net/${String(number).padStart(8, "0")}.jpg`;

const any = Array.from({ length: MESSAGES }, (_, at) => 90_000_000 + at);
const KEYS = { "rsa-key": ["rsa-sparse", "rsa-dense"] };

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
  const make = (name) => new Signer({ keyPairId: "K2JCJMDEHXQW5F", privateKey: file(`${name}.pem`), engine: "wasm", algorithm });
  // In turns, because a key's place in memory makes more difference than anything else.
  const copies = Array.from({ length: COPIES }, () => names.map(make));
  return (kind, url, copy = 0) => copies[copy % COPIES][kind].signUrl(url, until);
}

const call = work();
const urls = [any, any].map((numbers) => numbers.map(url));
if (subject.endsWith("-message")) urls[0] = urls[0].map((_, __, [first]) => Buffer.from(first).toString());
const warmUp = Math.ceil(count / 20);
const lines = [];
for (let at = 0; at < Number(count) + warmUp; at++) {
  const [random, which, copy] = randomBytes(3);
  const kind = random & 1;
  const message = urls[kind][which % MESSAGES];
  const begin = process.hrtime.bigint();
  call(kind, message, copy);
  const taken = process.hrtime.bigint() - begin;
  if (at >= warmUp) lines.push(`${kind} ${taken}`);
}
console.log(lines.join("\n"));
