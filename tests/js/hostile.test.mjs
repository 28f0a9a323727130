// Values that run the caller's code or imitate others end in a result or a CountersignError, and leave the module intact.
import assert from "node:assert/strict";
import crypto from "node:crypto";
import { test } from "node:test";
import { inspect } from "node:util";

import { CountersignError, Grant, Signer, getSignedUrl, toSetCookie } from "countersign";
import { HOST, KEY_PAIR_ID, PASSPHRASE, pem } from "./keys.mjs";

const url = `https://${HOST}/a`;
const until = { dateLessThan: "2h" };
const make = () => new Signer({ keyPairId: KEY_PAIR_ID, privateKey: pem("p256"), engine: "wasm" });

function refused(call, code) {
  assert.throws(call, (error) => {
    assert.ok(error instanceof CountersignError, inspect(error));
    assert.equal(error.code, code, error.message);
    return true;
  });
}

const boom = () => {
  throw new Error("the caller's own");
};
const ITERABLES = {
  "a next that gives nothing": { [Symbol.iterator]: () => ({ next: () => undefined }) },
  "a next that throws": { [Symbol.iterator]: () => ({ next: boom }) },
  "a getter of next that throws": { [Symbol.iterator]: () => ({ get next() { return boom(); } }) },
  "a getter of done that throws": { [Symbol.iterator]: () => ({ next: () => ({ get done() { return boom(); } }) }) },
  "a getter of value that throws": { [Symbol.iterator]: () => ({ next: () => ({ done: false, get value() { return boom(); } }) }) },
  "no iterator": { [Symbol.iterator]: () => 1 },
  "a getter of the iterator that throws": { get [Symbol.iterator]() { return boom(); } },
  "an array-like": { length: 1, 0: url },
};

for (const [what, urls] of Object.entries(ITERABLES)) {
  test(`${what}, a thousand times, and the signer still signs and is freed`, () => {
    const signer = make();
    const grant = signer.grant(`https://${HOST}/*`, until);
    for (let i = 0; i < 1000; i++) {
      refused(() => signer.signUrls(urls, until), "INVALID_URL");
      refused(() => grant.urls(urls), "INVALID_URL");
    }
    assert.match(signer.signUrl(url, until), /&Signature=/);
    signer.free();
    refused(() => signer.signUrl(url, until), "FREED");
  });
}

test("an option is read once, whichever way it goes", () => {
  const signer = make();
  for (const more of [{}, { ipAddress: "192.0.2.1" }]) {
    for (const address of [url, `${url} b`]) {
      let reads = 0;
      const options = Object.defineProperty({ ...more }, "dateLessThan", { enumerable: true, get: () => ((reads += 1), "2h") });
      assert.match(signer.signUrl(address, options), /&Signature=/);
      assert.equal(reads, 1, `${address} ${inspect(more)}`);
    }
  }
});

test("what others put on Object.prototype is no option, and nothing that is not the caller's own is read", () => {
  const signer = make();
  Object.prototype.ipAddress = "192.0.2.1";
  Object.prototype.dateLessThan = "2h";
  try {
    assert.match(signer.signUrl(url, { dateLessThan: "2h" }), /\?Expires=/);
    refused(() => signer.signUrl(url, {}), "INVALID_OPTION");
    refused(() => signer.signUrl(url, { x: 1 }), "INVALID_OPTION");
  } finally {
    delete Object.prototype.ipAddress;
    delete Object.prototype.dateLessThan;
  }
  const array = new Proxy([], { getPrototypeOf: () => Object.prototype, ownKeys: () => ["length", "dateLessThan"], get: () => "2h" });
  refused(() => signer.signUrl(url, array), "INVALID_OPTION");
  const date = new Date("2040-01-01");
  date.getTime = boom;
  assert.match(signer.signUrl(url, { dateLessThan: date }), /\?Expires=2208988800&/);
  refused(() => signer.signUrl(url, { dateLessThan: Object.create(Date.prototype) }), "INVALID_OPTION");
});

test("a host whose crypto signs another URL meanwhile signs both right", () => {
  const { sign } = crypto;
  const keyPair = { keyPairId: KEY_PAIR_ID, privateKey: pem("rsa2048") };
  const other = `https://${HOST}/${"other/".repeat(1000)}`;
  const expected = [url, other].map((one) => new Signer({ ...keyPair, engine: "wasm" }).signUrl(one, { dateLessThan: 2e9 }));
  // With "auto" the first signature decides whether the host's crypto is taken.
  for (const engine of ["host", "auto"]) {
    const signer = new Signer({ ...keyPair, engine });
    const signed = [];
    crypto.sign = (hash, message, key) => {
      if (message.length < 4000) signed.push(signer.signUrl(other, { dateLessThan: 2e9 }));
      return sign(hash, message, key);
    };
    try {
      signed.unshift(signer.signUrl(url, { dateLessThan: 2e9 }));
    } finally {
      crypto.sign = sign;
    }
    assert.deepEqual(signed, expected);
    assert.equal(signer.engine, "host");
  }
});

test("a bad passphrase is refused whatever was signed before", () => {
  const input = { url, keyPairId: KEY_PAIR_ID, privateKey: pem("rsa2048"), dateLessThan: "2030-01-01" };
  for (const passphrase of [null, 123, {}]) {
    refused(() => getSignedUrl({ ...input, passphrase }), "INVALID_OPTION");
    getSignedUrl(input);
    refused(() => getSignedUrl({ ...input, passphrase }), "INVALID_OPTION");
  }
  refused(() => getSignedUrl({ ...input, privateKey: pem("rsa2048.encrypted"), passphrase: `${PASSPHRASE} ` }), "WRONG_PASSPHRASE");
});

test("a key in the wrong place is not shown", () => {
  const signer = make();
  const secret = pem("rsa2048");
  for (const call of [
    () => signer.signUrl(secret, until),
    () => signer.signUrl(url, { dateLessThan: secret }),
    () => signer.signUrl(url, { ...until, ipAddress: secret }),
    () => new Signer({ keyPairId: secret, privateKey: secret }),
    () => new Signer({ keyPairId: secret.split("\n")[1], privateKey: secret }),
    () => new Signer({ keyPairId: KEY_PAIR_ID, privateKey: secret, algorithm: secret }),
    () => new Signer({ keyPairId: KEY_PAIR_ID, privateKey: secret.slice(0, 900) }),
  ]) {
    assert.throws(call, (error) => {
      const shown = `${error.message} ${error.hint}`;
      const parts = secret.split("\n").slice(1, -2).map((line) => line.slice(0, 16));
      return error instanceof CountersignError && !parts.some((part) => shown.includes(part));
    });
  }
});

test("a pattern with a line break after it means what it means without", () => {
  const signer = make();
  for (const pattern of ["https://d.net*", "*", `https://${HOST}/a/*`]) {
    const policy = signer.grant(pattern, { dateLessThan: 2e9, now: 1e9 }).policy;
    for (const around of [`${pattern}\n`, ` ${pattern} `, `\t${pattern}\r\n`]) {
      assert.equal(signer.grant(around, { dateLessThan: 2e9, now: 1e9 }).policy, policy, inspect(around));
    }
  }
});

test("what looks like the right thing is not taken for it", () => {
  refused(() => new Signer({ keyPairId: KEY_PAIR_ID, privateKey: new DataView(new ArrayBuffer(8)) }), "INVALID_PRIVATE_KEY");
  refused(() => new Signer({ keyPairId: KEY_PAIR_ID, privateKey: new Uint16Array(8) }), "INVALID_PRIVATE_KEY");
  refused(() => new Grant({}), "INVALID_OPTION");
  const cookies = make().signCookies(url, until);
  refused(() => toSetCookie({ ...cookies, "CloudFront-Hash-Algorithm": "MD5" }), "INVALID_OPTION");
  const { policy } = make().grant(url, until);
  refused(() => make().signUrl(url, { policy, now: "nonsense", allowExpired: true }), "INVALID_DATE");
});
