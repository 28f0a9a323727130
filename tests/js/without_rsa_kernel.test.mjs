// The module that is built without our RSA arithmetic signs the same bytes as OpenSSL and as the module with it: the crate `rsa` alone is
// enough, and it signs wherever our arithmetic gives no result.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { test } from "node:test";

import * as without from "countersign/slim";
import { required } from "./environment.mjs";
import { HOST, KEY_PAIR_ID, PASSPHRASE, pem, publicKeys } from "./keys.mjs";
import { verifyUrl } from "./signed_url.mjs";

const url = `https://${HOST}/a.jpg`;
const until = { dateLessThan: 2e9, now: 1e9 };
// An instance of its own: the ES modules share one.
const whole = createRequire(import.meta.url)("countersign");
without.initSync(readFileSync(required("WITHOUT_RSA_KERNEL")));

test("it has no signature by our arithmetic in it, and the module that is shipped has", () => {
  const file = required("WITHOUT_RSA_KERNEL");
  const names = (file) => WebAssembly.Module.customSections(new WebAssembly.Module(readFileSync(file)), "name").map((section) => Buffer.from(section).toString("latin1")).join();
  const has = (file) => [/RsaKernel::sign/, /key::rsa_key/].map((name) => name.test(names(file)));
  assert.deepEqual(has(file), [false, true]);
  // As linked: what is shipped is without names.
  assert.deepEqual(has(join(dirname(file), "../bindgen/countersign_bg.wasm")), [true, true]);
});

const KEYS = [["rsa2048", {}], ["rsa2048.pkcs1", {}], ["rsa2048.encrypted", { passphrase: PASSPHRASE }], ["rsa2048.traditional", { passphrase: PASSPHRASE }], ["p256", {}], ["p256.sec1", {}],
  ["rsa1024", { allowUnsupportedKey: true }], ["rsa4096", { allowUnsupportedKey: true }]];

for (const [name, options] of KEYS) {
  for (const algorithm of ["SHA1", "SHA256"]) {
    test(`${name}, ${algorithm}`, () => {
      const sign = ({ Signer }) => {
        const signer = new Signer({ keyPairId: KEY_PAIR_ID, privateKey: pem(name), algorithm, engine: "wasm", ...options });
        assert.equal(signer.engine, "wasm");
        return Array.from({ length: 3 }, (_, at) => signer.signUrl(`${url}?${at}`, until));
      };
      const signed = sign(without);
      assert.deepEqual(signed, sign(whole));
      if (!options.allowUnsupportedKey) for (const url of signed) verifyUrl(url, publicKeys[name.startsWith("rsa") ? "RSA" : "ECDSA"]);
    });
  }
}

test("its verifier decides the same", () => {
  for (const [name, type] of [["rsa2048", "RSA"], ["p256", "ECDSA"]]) {
    const signed = new without.Signer({ keyPairId: KEY_PAIR_ID, privateKey: pem(name), engine: "wasm" }).signUrl(url, until);
    for (const { Verifier } of [without, whole]) {
      const verifier = new Verifier({ publicKeys: { [KEY_PAIR_ID]: publicKeys[type] } });
      assert.equal(verifier.verify({ url: signed, now: 1e9 }).allowed, true);
      assert.equal(verifier.verify({ url: signed.replace("a.jpg", "b.jpg"), now: 1e9 }).allowed, false);
    }
  }
});
