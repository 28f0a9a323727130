// One of the threads of load.test.mjs: signs, verifies, and reports.
import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { parentPort, workerData } from "node:worker_threads";

import { HOST, KEY_PAIR_ID, pem, publicKeys } from "./keys.mjs";
import { verifyUrl } from "./signed_url.mjs";
import { countersign, memorySize } from "./wasm_memory.mjs";

const { AsyncSigner, Signer, Verifier, getSignedUrl } = countersign;
setFlagsFromString("--expose-gc");
const gc = runInNewContext("gc");

const KEYS = { RSA: pem("rsa2048"), ECDSA: pem("p256") };
const options = (type, more) => ({ keyPairId: KEY_PAIR_ID, privateKey: KEYS[type], ...more });
const verifiers = Object.fromEntries(
  Object.entries(publicKeys).map(([type, key]) => [type, Object.fromEntries(["host", "wasm"].map((engine) => [engine, new Verifier({ publicKeys: { [KEY_PAIR_ID]: key }, engine })]))]),
);
const until = { dateLessThan: "2h" };

const held = {
  ECDSA: new Signer(options("ECDSA")),
  RSA: new Signer(options("RSA")),
  "ECDSA in Wasm": new Signer(options("ECDSA", { engine: "wasm" })),
  "RSA in Wasm": new Signer(options("RSA", { engine: "wasm" })),
};
const webCrypto = await AsyncSigner.fromKey(options("ECDSA"));

/** Ways to make a signed URL, how many of a thousand signatures use each, and the engine that verifies them. */
const WAYS = [
  [700, "ECDSA", "host", (url) => held.ECDSA.signUrl(url, until)],
  [100, "RSA", "host", (url) => held.RSA.signUrl(url, until)],
  [60, "ECDSA", "host", (url) => held["ECDSA in Wasm"].signUrl(url, until)],
  [60, "ECDSA", "host", (url) => getSignedUrl({ ...options("ECDSA"), url, dateLessThan: Date.now() + 7_200_000, algorithm: "SHA256" })],
  [40, "ECDSA", "host", (url) => held.ECDSA.grant(`https://${HOST}/*`, until).url(url)],
  [20, "ECDSA", "host", (url) => webCrypto.signUrl(url, until)],
  [10, "ECDSA", "wasm", (url) => held.ECDSA.signUrl(url, until)],
  [5, "RSA", "wasm", (url) => held["RSA in Wasm"].signUrl(url, until)],
  ...["host", "wasm"].map((engine) => [
    2,
    "ECDSA",
    "host",
    (url) => {
      const signer = new Signer(options("ECDSA", { engine }));
      const signed = signer.signUrl(url, until);
      signer.free();
      return signed;
    },
  ]),
  // Without free(): the garbage collector finds it.
  [1, "RSA", "host", (url) => new Signer(options("RSA", { engine: "host" })).signUrl(url, until)],
];
const thousand = WAYS.flatMap((way) => Array(way[0]).fill(way));
assert.equal(thousand.length, 1_000);

/** Collects garbage until nothing more is found. Finalisers free WebAssembly memory in later turns. */
async function settled() {
  let used = Infinity;
  for (;;) {
    gc();
    await setImmediate();
    const now = process.memoryUsage().heapUsed;
    if (now > used * 0.999) return { heapUsed: now, wasm: memorySize() };
    used = now;
  }
}

const counts = { signed: 0, verified: 0, denied: 0, spotChecked: 0 };
async function run(signatures) {
  for (let at = 0; at < signatures; at++) {
    // All ways in turn; 7 and 1,000 have no common divisor.
    const [, type, engine, sign] = thousand[(at * 7) % 1_000];
    const made = sign(`https://${HOST}/${workerData.thread}/${counts.signed}.jpg?size=hd`);
    const url = typeof made === "string" ? made : await made;
    counts.signed++;
    const decision = verifiers[type][engine].verify({ url });
    assert.equal(decision.allowed, true, url);
    counts.verified++;
    if (at % 100 === 0) {
      verifyUrl(url, publicKeys[type]);
      counts.spotChecked++;
      assert.equal(verifiers[type][engine].verify({ url: url.replace(".jpg", ".png") }).allowed, url.includes("Policy="), url);
      counts.denied++;
    }
    if (at % 200 === 0) await setImmediate();
    // What is not freed stays in WebAssembly until V8 collects it, which may be late. That is no leak.
    if (at % 2_000 === 0) gc();
  }
}

const { warmUp, rest } = workerData;
await run(warmUp);
const before = await settled();
await run(rest);
const after = await settled();
for (const signer of [...Object.values(held), webCrypto]) signer.free();
parentPort.postMessage({ counts, before, after });
