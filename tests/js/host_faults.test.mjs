// Faults of the host: no random numbers, crypto that fails, hangs or begins to lie, exhausted memory and stack, threads.
// The result is a correct signature or a CountersignError.
import assert from "node:assert/strict";
import { constants, createPrivateKey, createPublicKey, sign as nodeSign, verify as nodeVerify } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { inspect } from "node:util";
import { Worker } from "node:worker_threads";

import { AsyncSigner, CountersignError, Signer, Verifier, inspect as inspectUrl, derivePublicKey, stripSignature, toSetCookie } from "countersign";

import { HOST, KEY_PAIR_ID, pem, publicKeys } from "./keys.mjs";
import { runAlone } from "./run_alone.mjs";
import { writeModuleThatCannotGrow } from "./small_memory.mjs";
import { verifyUrl } from "./signed_url.mjs";

const url = `https://${HOST}/a.jpg`;
const until = { dateLessThan: "2h" };

/** Runs a script with this project's package, and returns its JSON output. */
function alone(source, ...options) {
  const { stdout, stderr, status } = runAlone(
    `import { readFileSync } from "node:fs";
     const key = (name) => readFileSync(new URL("../keys/" + name + ".pem", "file://" + process.cwd() + "/"), "utf8");
     const until = { dateLessThan: "2h" };
     const url = ${JSON.stringify(url)};
     const keyPairId = ${JSON.stringify(KEY_PAIR_ID)};
     const codeOf = async (call) => { try { return { result: await call() }; } catch (error) { return { code: error.code ?? String(error), message: error.message, own: error instanceof CountersignError }; } };
     let CountersignError;
     ${source}`,
    ...options,
  );
  assert.equal(status, 0, stderr);
  return JSON.parse(stdout);
}

/** A correct signature, or our error. */
function rightOrRefused({ result, code, own, message }, type, codes) {
  if (result !== undefined) verifyUrl(result, publicKeys[type]);
  else assert.ok(own && codes.includes(code), `${code}: ${message}`);
  return result === undefined ? code : "signed";
}

test("random numbers that fail, are missing, are none or not enough", () => {
  for (const [what, spoil, rsa] of [
    ["throws", "crypto.getRandomValues = () => { throw new Error('none') }", "RANDOM_UNAVAILABLE"],
    ["throws no error", "crypto.getRandomValues = () => { throw undefined }", "RANDOM_UNAVAILABLE"],
    ["is missing", "crypto.getRandomValues = undefined", "RANDOM_UNAVAILABLE"],
    ["is missing with its object", "Object.defineProperty(globalThis, 'crypto', { value: undefined })", "RANDOM_UNAVAILABLE"],
    ["leaves zeros", "crypto.getRandomValues = () => undefined", "RANDOM_UNAVAILABLE"],
    ["fills with zeros", "crypto.getRandomValues = (bytes) => bytes.fill(0)", "RANDOM_UNAVAILABLE"],
    ["fills with the same byte", "crypto.getRandomValues = (bytes) => bytes.fill(7)", "signed"],
  ]) {
    const [first, second, ecdsa] = alone(`
      ${spoil};
      const module = await import("countersign");
      CountersignError = module.CountersignError;
      const sign = (name) => codeOf(() => new module.Signer({ keyPairId, privateKey: key(name), engine: "wasm" }).signUrl(url, until));
      console.log(JSON.stringify([await sign("rsa2048"), await sign("rsa2048"), await sign("p256")]));`);
    assert.equal(rightOrRefused(first, "RSA", [rsa]), rsa, what);
    assert.equal(rightOrRefused(second, "RSA", [rsa]), rsa, what);
    // Its nonce is derived from the key and the message.
    assert.equal(rightOrRefused(ecdsa, "ECDSA", []), "signed", what);
  }
});

/** What a host's crypto may do instead of signing, and a host that signs unless `fault` is one of them. */
const FAULTY_HOST = `
const real = process.getBuiltinModule("node:crypto");
let fault;
process.getBuiltinModule = () => ({ ...real, sign: (...parameters) => (fault ?? real.sign)(...parameters) });
const { Signer, ...module } = await import("countersign");
CountersignError = module.CountersignError;
const faults = {
  "throws an error": () => { throw new Error("gone") },
  "throws what is no error": () => { throw undefined },
  "throws what looks like ours": () => { throw Object.assign(new Error(), { code: "FREED" }) },
  "returns undefined": () => undefined,
  "returns text": () => "signature",
  "returns nothing": () => Buffer.alloc(0),
  "returns a byte too few": (...parameters) => real.sign(...parameters).subarray(1),
  "returns far too much": () => Buffer.alloc(100_000),
  "returns another view": () => new Uint16Array(128),
  "returns a promise": (...parameters) => Promise.resolve(real.sign(...parameters)),
  "returns the other kind's": (hash, message, { asymmetricKeyType }) => Buffer.alloc(asymmetricKeyType === "rsa" ? 70 : 256, 0x30),
};`;

test("the host's crypto fails when it is first used: the module signs from then on", () => {
  const answers = alone(`
    ${FAULTY_HOST}
    const answers = [];
    for (const [name, type] of [["rsa2048", "RSA"], ["p256", "ECDSA"]]) {
      for (const what of Object.keys(faults)) {
        for (const first of [(signer) => signer.signUrl(url, until), (signer) => signer.engine]) {
          const signer = new Signer({ keyPairId, privateKey: key(name) });
          fault = faults[what];
          const answer = await codeOf(() => first(signer));
          fault = undefined;
          answers.push({ what: name + " " + what, type, answer, engine: signer.engine, later: signer.signUrl(url, until) });
        }
      }
    }
    console.log(JSON.stringify(answers));`);
  assert.equal(answers.length, 44);
  for (const { what, type, answer, engine, later } of answers) {
    assert.equal(engine, "wasm", what);
    if (answer.result !== "wasm") verifyUrl(answer.result, publicKeys[type]);
    verifyUrl(later, publicKeys[type]);
  }
});

test("the host's crypto fails after it was tried", () => {
  const answers = alone(`
    ${FAULTY_HOST}
    const answers = [];
    for (const name of ["rsa2048", "p256"]) {
      const signer = new Signer({ keyPairId, privateKey: key(name) });
      signer.signUrl(url, until);
      for (const what of Object.keys(faults)) {
        fault = faults[what];
        for (const call of [() => signer.signUrl(url, until), () => signer.signUrls([url], until)[0], () => signer.grant(url, until).url(url)]) {
          answers.push({ what: name + " " + what, engine: signer.engine, ...(await codeOf(call)) });
        }
        fault = undefined;
        signer.signUrl(url, until);
      }
    }
    console.log(JSON.stringify(answers));`);
  assert.equal(answers.length, 66);
  for (const { what, engine, code, own, result } of answers) assert.deepEqual([engine, code, own, result], ["host", "SIGNING_FAILED", true, undefined], what);
});

// We do not verify each of the host's signatures again (see SECURITY.md). OpenSSL checks its own.
test("OpenSSL checks what it calculates from the CRT values of a key: wrong ones give no wrong signature", () => {
  const jwk = createPrivateKey(pem("rsa2048")).export({ format: "jwk" });
  const publicKey = createPublicKey(publicKeys.RSA);
  for (const name of ["dp", "dq", "qi"]) {
    const bytes = Buffer.from(jwk[name], "base64url");
    bytes[40] ^= 1;
    const key = createPrivateKey({ key: { ...jwk, [name]: bytes.toString("base64url") }, format: "jwk" });
    const signature = nodeSign("sha256", Buffer.from("message"), key);
    assert.ok(nodeVerify("sha256", Buffer.from("message"), publicKey, signature), name);
  }
});

test("WebCrypto rejects, hangs or lies, at first and later", async () => {
  const { importKey, sign } = crypto.subtle;
  const replace = (name, value) => Object.defineProperty(crypto.subtle, name, { value, configurable: true });
  const make = (more) => AsyncSigner.fromKey({ keyPairId: KEY_PAIR_ID, privateKey: pem("rsa2048"), ...more });
  const never = () => new Promise(() => {});
  const lies = async () => new ArrayBuffer(256);
  const rejects = async () => {
    throw new DOMException("not now", "OperationError");
  };
  const within = (promise, milliseconds) => Promise.race([promise, new Promise((resolve) => setTimeout(resolve, milliseconds, "given up"))]);
  try {
    for (const [name, fault] of [["importKey", rejects], ["importKey", lies], ["sign", rejects], ["sign", lies], ["sign", async () => new ArrayBuffer(0)], ["sign", async () => "text"], ["sign", () => undefined]]) {
      replace(name, fault);
      await assert.rejects(make(), (error) => error instanceof CountersignError && error.code === "HOST_CRYPTO_UNAVAILABLE", `${name} ${fault}`);
      const fallback = await make({ fallback: "wasm" });
      assert.equal(fallback.engine, "wasm");
      verifyUrl(await fallback.signUrl(url, until), publicKeys.RSA);
      fallback.free();
      replace("importKey", importKey);
      replace("sign", sign);
    }

    replace("importKey", never);
    assert.equal(await within(make(), 50), "given up");
    replace("importKey", importKey);

    const signer = await make();
    for (const fault of [rejects, async () => new ArrayBuffer(0), async () => new ArrayBuffer(255), async () => "text", async () => undefined, () => null]) {
      replace("sign", fault);
      for (const call of [() => signer.signUrl(url, until), () => signer.signUrls([url, url], until), () => signer.signCookies(url, until), () => signer.grant(url, until)]) {
        await assert.rejects(call(), (error) => error instanceof CountersignError && error.code === "SIGNING_FAILED", `${fault}`);
      }
    }
    replace("sign", never);
    const hanging = [signer.signUrl(url, until), signer.grant(url, until)];
    assert.equal(await within(Promise.race(hanging), 50), "given up");
    replace("sign", sign);
    // A call that hangs does not block later ones.
    verifyUrl(await signer.signUrl(url, until), publicKeys.RSA);
    signer.free();
    signer.free();
    await assert.rejects(signer.signUrl(url, until), { code: "FREED" });
  } finally {
    replace("importKey", importKey);
    replace("sign", sign);
  }
});

test("an external signer that returns another key's signature, or hangs", async () => {
  const other = createPrivateKey(pem("rsa4096"));
  const own = createPrivateKey(pem("rsa2048"));
  const sign = (key, message) => nodeSign("sha1", message, { key, padding: constants.RSA_PKCS1_PADDING });
  let earlier;
  for (const fault of [
    (message) => sign(other, message),
    (message) => sign(other, message).subarray(0, 256),
    (message) => Buffer.from(sign(own, message)).reverse(),
    (message) => Buffer.concat([sign(own, message), Buffer.alloc(1)]),
    // The signature of an earlier message.
    (message) => [(earlier ??= sign(own, Buffer.from("another"))), message][0],
  ]) {
    const signer = AsyncSigner.fromSign({ keyPairId: KEY_PAIR_ID, keyType: "RSA", publicKey: publicKeys.RSA, sign: fault });
    await assert.rejects(signer.signUrl(url, until), { code: "SIGNING_FAILED" });
    await assert.rejects(signer.signCookies(url, until), { code: "SIGNING_FAILED" });
  }
  const hangs = AsyncSigner.fromSign({ keyPairId: KEY_PAIR_ID, keyType: "RSA", sign: () => new Promise(() => {}) });
  const waiting = hangs.signUrl(url, until);
  hangs.free();
  hangs.free();
  assert.equal(await Promise.race([waiting, new Promise((resolve) => setTimeout(resolve, 50, "given up"))]), "given up");
  await assert.rejects(hangs.signUrl(url, until), { code: "FREED" });
});

test("free twice, and in every order with what was made", () => {
  for (const engine of ["wasm", "host"]) {
    for (let i = 0; i < 50; i++) {
      const signer = new Signer({ keyPairId: KEY_PAIR_ID, privateKey: pem("p256"), engine });
      const grant = signer.grant(url, until);
      signer.free();
      signer.free();
      signer[Symbol.dispose ?? Symbol.for("Symbol.dispose")]();
      assert.throws(() => signer.signUrl(url, until), { code: "FREED" });
      verifyUrl(grant.url(url), publicKeys.ECDSA);
    }
  }
});

const LONG = 1_000_001;

test("text that is too long is refused before it is copied, whatever it is passed for", () => {
  const signer = new Signer({ keyPairId: KEY_PAIR_ID, privateKey: pem("p256"), engine: "wasm" });
  const grant = signer.grant(`https://${HOST}/*`, until);
  const long = "a".repeat(LONG);
  const refused = (call, code) =>
    assert.throws(call, (error) => {
      assert.ok(error instanceof CountersignError, inspect(error));
      assert.equal(error.code, code);
      assert.match(`${error.message}`, /a string of more than 1,000,000 characters|an object/);
      return true;
    });
  for (const text of [long, "é".repeat(LONG), "\ud800".repeat(LONG)]) {
    refused(() => signer.signUrl(`https://${HOST}/${text}`, until), "INVALID_URL");
    refused(() => signer.signUrl(url, { dateLessThan: text }), "INVALID_OPTION");
    refused(() => signer.signUrl(url, { ...until, ipAddress: text }), "INVALID_OPTION");
    refused(() => signer.signUrl(url, { ...until, resource: `https://${HOST}/${text}` }), "INVALID_OPTION");
    refused(() => signer.signUrl(url, { policy: text }), "INVALID_OPTION");
    refused(() => signer.signUrls([url, `https://${HOST}/${text}`], until), "INVALID_URL");
    refused(() => signer.signCookies(`https://${HOST}/${text}`, until), "INVALID_URL");
    refused(() => signer.grant(`https://${HOST}/${text}`, until), "INVALID_URL");
    refused(() => grant.url(`https://${HOST}/${text}`), "INVALID_URL");
    refused(() => grant.urls([url, `https://${HOST}/${text}`]), "INVALID_URL");
    refused(() => new Signer({ keyPairId: text, privateKey: pem("p256") }), "INVALID_KEY_PAIR_ID");
    refused(() => new Signer({ keyPairId: KEY_PAIR_ID, privateKey: text }), "INVALID_PRIVATE_KEY");
    refused(() => new Signer({ keyPairId: KEY_PAIR_ID, privateKey: pem("rsa2048.encrypted"), passphrase: text }), "INVALID_OPTION");
    refused(() => derivePublicKey(text), "INVALID_PRIVATE_KEY");
    refused(() => inspectUrl(text), "INVALID_OPTION");
    refused(() => stripSignature(text), "INVALID_OPTION");
    refused(() => toSetCookie({ ...signer.signCookies(url, until), "CloudFront-Signature": text }), "INVALID_OPTION");
    refused(() => new Verifier({ publicKeys: { [KEY_PAIR_ID]: text } }), "INVALID_PUBLIC_KEY");
  }
  refused(() => derivePublicKey(new Uint8Array(LONG)), "INVALID_PRIVATE_KEY");
  // A request is denied, however long it is.
  const verifier = new Verifier({ publicKeys: { [KEY_PAIR_ID]: publicKeys.ECDSA } });
  for (const request of [{ url: `${url}?${long}` }, { url, cookies: long }, { url, cookies: { "CloudFront-Policy": long } }]) {
    assert.equal(verifier.verify(request).allowed, false);
  }
  // Many that are not too long are accepted, even if together they are longer.
  const many = Array.from({ length: 200 }, (_, i) => `https://${HOST}/${"a".repeat(7_000)}${i}`);
  assert.equal(grant.urls(many).length, many.length);
  verifyUrl(grant.urls(many).at(-1), publicKeys.ECDSA);
  verifyUrl(signer.signUrl(url, until), publicKeys.ECDSA);
});

test("MODULE_STOPPED: memory that does not grow ends in an error of ours, wiped, and stays one", (t) => {
  const stopped = alone(`
    const bytes = readFileSync(${JSON.stringify(writeModuleThatCannotGrow(t))});
    let memory;
    const { Instance } = WebAssembly;
    WebAssembly.Instance = class extends Instance { constructor(...parameters) { super(...parameters); memory = this.exports.memory; } };
    const module = await import("countersign/slim");
    CountersignError = module.CountersignError;
    module.initSync(bytes);
    const { Grant, Signer, Verifier, generateKeyPair, getSignedUrl, derivePublicKey } = module;
    const signer = new Signer({ keyPairId, privateKey: key("p256"), engine: "wasm" });
    const other = new Signer({ keyPairId, privateKey: key("p256") });
    const grant = signer.grant("https://${HOST}/*", until);
    const verifier = new Verifier({ publicKeys: { [keyPairId]: key("p256.pub") } });
    const before = await codeOf(() => signer.signUrl(url, until));
    // All are prepared before the first is signed.
    const urls = Array.from({ length: 2_000 }, (_, i) => url + "?" + "a".repeat(1_000) + i);
    const stops = await codeOf(() => signer.signUrls(urls, until));
    const wiped = new Uint8Array(memory.buffer).every((byte) => byte === 0);
    const after = [];
    for (const call of [
      () => signer.signUrl(url, until), () => signer.signUrls([url], until), () => other.signUrl(url, { dateLessThan: "1h", ipAddress: "192.0.2.1" }), () => grant.url(url), () => grant.policy,
      () => verifier.verify({ url }), () => generateKeyPair({ type: "ECDSA" }), () => derivePublicKey(key("p256")), () => new Signer({ keyPairId, privateKey: key("p256") }),
      () => getSignedUrl({ keyPairId, privateKey: key("p256"), url, dateLessThan: "2099-01-01" }), () => signer.engine,
    ]) after.push(await codeOf(call));
    other.free();
    signer.free();
    global.gc();
    await new Promise((resolve) => setTimeout(resolve, 50));
    console.log(JSON.stringify({ before, stops, wiped, after, freed: await codeOf(() => signer.signUrl(url, until)) }));`, "--expose-gc");
  verifyUrl(stopped.before.result, publicKeys.ECDSA);
  assert.deepEqual([stopped.stops.code, stopped.stops.own, stopped.wiped], ["MODULE_STOPPED", true, true], stopped.stops.message);
  for (const { code, own, message } of stopped.after) assert.deepEqual([code, own], ["MODULE_STOPPED", true], message);
  assert.equal(stopped.freed.code, "FREED");
});

test("MODULE_STOPPED: a stack that runs out, at any depth, gives a right signature, an error of the caller's depth, or ours", () => {
  const { outcomes, wrong } = alone(`
    const module = await import("countersign");
    CountersignError = module.CountersignError;
    const signer = new module.Signer({ keyPairId, privateKey: key("p256"), engine: "wasm" });
    const expected = signer.signUrl(url, { dateLessThan: 2e9, now: 1e9 });
    const outcomes = {};
    const wrong = [];
    function descend() {
      let deeper = true;
      try { descend(); } catch { deeper = false; }
      let outcome;
      try {
        outcome = signer.signUrl(url, { dateLessThan: 2e9, now: 1e9 });
        if (outcome !== expected) wrong.push(outcome);
        outcome = "signed";
      } catch (error) {
        outcome = error instanceof CountersignError ? error.code : error instanceof RangeError ? "RangeError" : String(error);
      }
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    }
    descend();
    console.log(JSON.stringify({ outcomes, wrong }));`, "--stack-size=200");
  assert.deepEqual(wrong, []);
  assert.deepEqual(Object.keys(outcomes).filter((outcome) => !["signed", "RangeError", "MODULE_STOPPED"].includes(outcome)), [], inspect(outcomes));
  assert.ok((outcomes.MODULE_STOPPED ?? 0) + (outcomes.signed ?? 0) > 0, inspect(outcomes));
});

test("two threads at once, with one compiled module and with one each", async () => {
  const module = new WebAssembly.Module(readFileSync(new URL("../../pkg/dist/core.wasm", import.meta.url)));
  const source = `
    const { parentPort, workerData } = require("node:worker_threads");
    (async () => {
      const { address, module, keys, url, keyPairId } = workerData;
      const countersign = await import(address);
      if (module) countersign.initSync(module);
      const made = {};
      for (const [type, privateKey] of Object.entries(keys)) {
        for (const engine of ["wasm", "host"]) {
          const signer = new countersign.Signer({ keyPairId, privateKey, engine });
          made[type + engine] = Array.from({ length: 60 }, (_, i) => signer.signUrl(url + "?" + i, { dateLessThan: "2h" }));
          signer.free();
        }
      }
      parentPort.postMessage(made);
    })();`;
  const run = (module) =>
    new Promise((resolve, reject) => {
      const keys = { RSA: pem("rsa2048"), ECDSA: pem("p256") };
      // Code without a file resolves packages from the tests' folder.
      const address = import.meta.resolve(module ? "countersign/slim" : "countersign");
      const worker = new Worker(source, { eval: true, workerData: { address, module, keys, url, keyPairId: KEY_PAIR_ID } });
      worker.once("message", resolve).once("error", reject);
    });
  const all = await Promise.all([run(module), run(module), run(undefined), run(undefined)]);
  for (const made of all) {
    for (const [name, urls] of Object.entries(made)) {
      assert.equal(urls.length, 60);
      for (const one of urls) verifyUrl(one, publicKeys[name.startsWith("RSA") ? "RSA" : "ECDSA"]);
    }
  }
});
