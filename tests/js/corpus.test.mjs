// WebAssembly gives what the native build gives, byte for byte, over the whole corpus. The host's crypto gives the same for RSA.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { CountersignError, Signer } from "countersign";

import { required } from "./environment.mjs";
import { KEY_PAIR_ID, pem } from "./keys.mjs";

const { cases } = JSON.parse(readFileSync(new URL("../vectors/corpus.json", import.meta.url), "utf8"));

function run(signer, { call, url, resource, policy, conditions }) {
  switch (call) {
    case "signUrl":
      return { url: signer.signUrl(url, policy === undefined ? { ...conditions, resource } : { ...conditions, policy }) };
    case "signCookies":
      return { cookies: policy === undefined ? signer.signCookies(resource, conditions) : signer.signCookies({ ...conditions, policy }) };
    case "grantUrl":
      return { url: signer.grant(resource, conditions).url(url) };
    default:
      throw new Error(`no call is named ${call}`);
  }
}

function outcome(signer, one) {
  try {
    return run(signer, one);
  } catch (error) {
    if (!(error instanceof CountersignError)) throw error;
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
      if (!signers.has(id)) signers.set(id, new Signer({ keyPairId: KEY_PAIR_ID, privateKey: pem(one.key), algorithm: one.algorithm ?? undefined, engine }));
      const [mine, theirs] = [outcome(signers.get(id), one), native[one.name]];
      if (JSON.stringify(sorted(mine)) !== JSON.stringify(sorted(theirs))) differences.push({ one, mine, theirs });
    }
    for (const signer of signers.values()) signer.free();
    assert.deepEqual(differences.slice(0, 5), [], `${differences.length} of ${own.length} differ`);
    t.diagnostic(`engine ${engine}: equal: ${own.length}, of them refused with the same code: ${own.filter(({ name }) => native[name].error).length}`);
  });
}

/** Cookies in one order and as text, as the native build writes them. */
const sorted = ({ cookies, ...rest }) =>
  cookies ? { ...rest, cookies: Object.fromEntries(Object.entries(cookies).map(([name, value]) => [name, String(value)]).sort()) } : rest;
