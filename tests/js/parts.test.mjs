// A program compiles what a first signature needs when it imports the package, and the rest of the module when it is first called.
import assert from "node:assert/strict";
import { test } from "node:test";

import { HOST, KEY_PAIR_ID, publicKeys } from "./keys.mjs";
import { runAlone } from "./run_alone.mjs";
import { verifyUrl } from "./signed_url.mjs";

const url = `https://${HOST}/a.jpg`;

/** Runs a script that counts what is compiled, and returns its JSON output. */
function counting(source) {
  const { stdout, stderr, status } = runAlone(`
    import { readFileSync } from "node:fs";
    const { Module } = WebAssembly;
    let compiled = 0;
    let refused = false;
    WebAssembly.Module = new Proxy(Module, { construct: (target, given) => {
      if (refused) throw new RangeError("no memory is left");
      compiled++;
      return new target(...given);
    } });
    const { Signer, getSignedCookies, inspect } = await import("countersign");
    const privateKey = readFileSync("../keys/rsa2048.pem", "utf8");
    const [url, keyPairId, until] = [${JSON.stringify(url)}, ${JSON.stringify(KEY_PAIR_ID)}, { dateLessThan: "2h", now: "2040-01-01T00:00:00Z" }];
    const sign = (engine) => new Signer({ keyPairId, privateKey, engine }).signUrl(url, until);
    ${source}`);
  assert.equal(status, 0, stderr);
  return JSON.parse(stdout);
}

test("first signatures need the first part only, and every engine signs the same", () => {
  const { counts, signed } = counting(`
    const counts = [compiled];
    const signed = [sign("host")];
    new Signer({ keyPairId, privateKey }).signCookies(url, until);
    getSignedCookies({ url, keyPairId, privateKey, dateLessThan: "2060-01-01" });
    counts.push(compiled);
    signed.push(sign("wasm"));
    inspect(url);
    counts.push(compiled);
    console.log(JSON.stringify({ counts, signed }));`);
  assert.deepEqual(counts, [1, 1, 2]);
  assert.equal(signed[1], signed[0]);
  verifyUrl(signed[0], publicKeys.RSA);
});

test("what was made before the rest was loaded goes on working", () => {
  const [before, after] = counting(`
    const signer = new Signer({ keyPairId, privateKey });
    const grant = signer.grant("${url.replace("a.jpg", "*")}", until);
    const before = [grant.url(url), signer.signUrl(url, until)];
    sign("wasm");
    console.log(JSON.stringify([before, [grant.url(url), signer.signUrl(url, until)]]));`);
  assert.deepEqual(after, before);
});

test("where the rest cannot be compiled, the module has stopped", () => {
  const { code, message, again } = counting(`
    const codeOf = (call) => { try { return call(); } catch (error) { return error; } };
    sign("host");
    refused = true;
    const { code, message } = codeOf(() => sign("wasm"));
    console.log(JSON.stringify({ code, message, again: codeOf(() => sign("host")).code }));`);
  assert.equal(code, "MODULE_STOPPED");
  assert.match(message, /no memory is left/);
  assert.equal(again, "MODULE_STOPPED");
});

test("a signer that is made while a Worker starts has signed before the first request; others sign nothing in advance", () => {
  const { stdout, stderr, status } = runAlone(`
    import { readFileSync } from "node:fs";
    import { default as loading, Signer } from "../../pkg/dist/api.js";
    const real = process.getBuiltinModule("node:crypto");
    let signed = 0;
    let starting = true;
    loading.findCrypto({ ...real, sign: (...given) => { signed++; return real.sign(...given); } }, () => starting);
    loading.instantiate(loading.compile(readFileSync("../../pkg/dist/core.wasm")));
    const options = { keyPairId: ${JSON.stringify(KEY_PAIR_ID)}, privateKey: readFileSync("../keys/rsa2048.pem") };
    const atStart = new Signer(options);
    // Outside of requests, workerd has no random numbers.
    const { getRandomValues } = crypto;
    crypto.getRandomValues = () => { throw new Error("not here"); };
    const inWasm = new Signer({ ...options, engine: "wasm" });
    crypto.getRandomValues = getRandomValues;
    const counts = [signed];
    starting = false;
    const later = new Signer(options);
    counts.push(signed);
    const urls = [atStart, inWasm, later].map((signer) => signer.signUrl(${JSON.stringify(url)}, { dateLessThan: "2h", now: "2040-01-01T00:00:00Z" }));
    counts.push(signed);
    console.log(JSON.stringify({ counts, urls }));`);
  assert.equal(status, 0, stderr);
  const { counts, urls } = JSON.parse(stdout);
  assert.deepEqual(counts, [1, 1, 3]);
  assert.equal(new Set(urls).size, 1);
  verifyUrl(urls[0], publicKeys.RSA);
});
