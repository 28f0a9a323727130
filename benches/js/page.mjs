// A browser's side. The AWS SDK needs node:crypto and does not run there.
import * as countersign from "countersign";

import { host } from "./host.mjs";
import { cratesKey } from "./rsa_crate.mjs";

const message = new TextEncoder().encode("a policy");

/** The crate `rsa` signs here too, if its module is served. */
globalThis.answer = host(countersign, undefined, async (keys) => {
  const crate = await cratesKey(keys.RSA.privateKey);
  return crate && { "rsa-crate": () => crate.sign(message) };
});

/** Microseconds of the first signature of this page, by our module or the crate's. The key is loaded before. */
globalThis.firstSignature = async (privateKey, whose) => {
  const sign = await (whose === "ours" ? own : crates)(privateKey);
  const start = performance.now();
  sign();
  return (performance.now() - start) * 1000;
};

function own(privateKey) {
  const signer = new countersign.Signer({ keyPairId: "K2JCJMDEHXQW5F", privateKey, engine: "wasm" });
  return () => signer.signUrl("https://d111111abcdef8.cloudfront.net/a", { dateLessThan: 1_924_959_599 });
}

async function crates(privateKey) {
  const key = await cratesKey(privateKey);
  return () => key.sign(message);
}
