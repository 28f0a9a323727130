// WebAssembly gives what the native build gives, byte for byte, over the whole corpus. The host's crypto gives the same for RSA.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import * as countersign from "countersign";

import { run, text } from "../packaging/suite/conformance.js";
import { required } from "./environment.mjs";
import { KEY_PAIR_ID, pem } from "./keys.mjs";

const { cases } = JSON.parse(readFileSync(new URL("../vectors/corpus.json", import.meta.url), "utf8"));

function outcome(signer, one) {
  try {
    return run(countersign, signer, one);
  } catch (error) {
    if (!(error instanceof countersign.CountersignError)) throw error;
    return { error: error.code };
  }
}

for (const engine of ["wasm", "host"]) {
  const own = cases.filter(({ key }) => engine === "wasm" || key === "rsa2048");
  test(`${own.length} cases, engine ${engine}, as the native build`, (t) => {
    const native = JSON.parse(readFileSync(required("CORPUS_NATIVE"), "utf8"));
    assert.deepEqual(Object.keys(native).sort(), cases.map(({ name }) => name).sort(), "corpus-native.json is of another corpus.json");
    const signers = new Map();
    const differences = [];
    for (const one of own) {
      const id = `${one.key} ${one.algorithm}`;
      if (!signers.has(id)) signers.set(id, new countersign.Signer({ keyPairId: KEY_PAIR_ID, privateKey: pem(one.key), algorithm: one.algorithm ?? undefined, engine }));
      const [mine, theirs] = [outcome(signers.get(id), one), native[one.name]];
      if (text(mine) !== text(theirs)) differences.push({ one, mine, theirs });
    }
    for (const signer of signers.values()) signer.free();
    assert.deepEqual(differences.slice(0, 5), [], `${differences.length} of ${own.length} differ`);
    t.diagnostic(`engine ${engine}: equal: ${own.length}, of them refused with the same code: ${own.filter(({ name }) => native[name].error).length}`);
  });
}
