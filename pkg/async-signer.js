// AsyncSigner: keys in WebCrypto, a KMS or an HSM. Thin, like countersign.js.
import * as core from "./dist/glue.js";
import { attempt } from "./attempt.js";
import { callMethods, called, calledLater, showAs } from "./called.js";
import { CountersignError, caused, freed } from "./errors.js";
import { Grant } from "./grant.js";
import { dispose, messageOf, subtleCrypto } from "./host.js";
import { plainCopy } from "./options.js";

const made = Symbol("made by fromKey or fromSign");

/** As WebCrypto calls them. */
const parametersOf = (keyType, algorithm) => ({
  __proto__: null,
  name: keyType === "RSA" ? "RSASSA-PKCS1-v1_5" : "ECDSA",
  hash: algorithm === "SHA1" ? "SHA-1" : "SHA-256",
  namedCurve: "P-256",
});

const signingWith = (key, keyType, algorithm) => async (message) =>
  new Uint8Array(await subtleCrypto().sign(parametersOf(keyType, algorithm), key, message));

/** A function that signs with a key that WebCrypto holds and does not export. */
async function importIntoWebCrypto(key, { keyType, algorithm }) {
  const der = key.pkcs8();
  try {
    const own = await subtleCrypto().importKey("pkcs8", der, parametersOf(keyType, algorithm), false, ["sign"]);
    return signingWith(own, keyType, algorithm);
  } finally {
    der.fill(0);
  }
}

/** Whether it is a CryptoKey of any realm. */
const isCryptoKey = (value) => attempt(() => typeof value === "object" && Object.prototype.toString.call(value) === "[object CryptoKey]") ?? false;

/** The key's own description, for the Rust core to judge; undefined if it is not a key. */
function describeCryptoKey(key) {
  return attempt(() => {
    const { type, usages, algorithm } = key;
    const { name, modulusLength, namedCurve, hash } = algorithm;
    const text = (value) => (typeof value === "string" ? value : undefined);
    const bits = Number.isInteger(modulusLength) ? modulusLength : undefined;
    return { type: text(type), canSign: usages.includes("sign") === true, name: text(name), modulusLength: bits, namedCurve: text(namedCurve), hash: text(hash?.name) };
  });
}

/** Wraps the function of fromSign: whatever it throws is SIGNING_FAILED. */
function external(sign) {
  return async (message) => {
    try {
      return await sign(message);
    } catch (cause) {
      throw caused("SIGNING_FAILED", "the signer threw an error: see cause", undefined, cause);
    }
  };
}

export class AsyncSigner {
  // What to free: the signer and, if WebAssembly signs, the key.
  #held;
  #sign;
  #engine;
  // How many calls are running: they finish even after free(), which an option's getter or the signer itself may call.
  #uses = 0;

  constructor(token, held, sign, engine) {
    if (token !== made) throw new CountersignError("INVALID_OPTION", "AsyncSigner has no public constructor", "Call AsyncSigner.fromKey or AsyncSigner.fromSign.");
    this.#held = held;
    this.#sign = sign;
    this.#engine = engine;
  }

  static fromKey(options) {
    // The module reports anything that is not a plain object or throws when it is read.
    const own = attempt(() => plainCopy(options));
    if (own && isCryptoKey(own.privateKey)) return AsyncSigner.#ofCryptoKey(own);
    return AsyncSigner.#ofKey(new core.KeyCore(own ?? options));
  }

  /** A CryptoKey does not reveal its public key, so its signatures cannot be checked here. */
  static #ofCryptoKey(options) {
    const key = options.privateKey;
    const identity = core.IdentityCore.ofCryptoKey(options, describeCryptoKey(key));
    const { keyType, algorithm } = identity.describe();
    return Promise.resolve(new AsyncSigner(made, { identity }, external(signingWith(key, keyType, algorithm)), "host"));
  }

  static async #ofKey(key) {
    const identity = key.identity();
    try {
      const sign = await importIntoWebCrypto(key, identity.describe());
      const probe = new TextEncoder().encode("countersign");
      if (!key.verify(probe, await sign(probe))) throw new Error("its signatures do not verify");
      key.free();
      return new AsyncSigner(made, { identity }, external(sign), "host");
    } catch (cause) {
      if (key.mayFallBack) return new AsyncSigner(made, { identity, key }, async (message) => key.sign(message), "wasm");
      key.free();
      identity.free();
      throw caused("HOST_CRYPTO_UNAVAILABLE", `WebCrypto cannot sign with this key and hash: ${messageOf(cause)}`, 'Set fallback: "wasm" to sign in WebAssembly there, or use Signer.', cause);
    }
  }

  static fromSign(options) {
    const identity = new core.IdentityCore(options);
    const { sign } = identity;
    return new AsyncSigner(made, { identity }, external((message) => sign(message)), "external");
  }

  get #live() {
    if (this.#sign) return this.#held.identity;
    throw freed();
  }

  get keyPairId() {
    return this.#live.describe().keyPairId;
  }

  get keyType() {
    return this.#live.describe().keyType;
  }

  get algorithm() {
    return this.#live.describe().algorithm;
  }

  get engine() {
    this.#live;
    return this.#engine;
  }

  /** Prepares messages, has them signed, and returns what is made of the signatures. */
  #run(method, first, second) {
    const identity = this.#live;
    const sign = this.#sign;
    this.#uses++;
    let waiting;
    try {
      waiting = identity.prepare(method, first, second);
    } catch (error) {
      this.#done();
      throw error;
    }
    const work = waiting.map(async (unsigned) => {
      try {
        return unsigned.finish(await sign(unsigned.message));
      } finally {
        unsigned.free();
      }
    });
    // The first failure rejects at once; others may still be running.
    Promise.allSettled(work).then(() => this.#done());
    return Promise.all(work);
  }

  #done() {
    this.#uses--;
    this.#release();
  }

  signUrl(url, options) {
    return this.#run("signUrl", url, options).then(([signed]) => signed);
  }

  signUrls(urls, conditions) {
    return this.#run("signUrls", urls, conditions);
  }

  signCookies(resource, conditions) {
    return this.#run("signCookies", resource, conditions).then(([cookies]) => cookies);
  }

  grant(resource, conditions) {
    return this.#run("grant", resource, conditions).then(([grant]) => new Grant(grant));
  }

  free() {
    this.#sign = undefined;
    this.#release();
  }

  #release() {
    if (this.#sign || this.#uses > 0) return;
    this.#held?.identity.free();
    this.#held?.key?.free();
    this.#held = undefined;
  }

  [dispose]() {
    this.free();
  }
}

callMethods(AsyncSigner.prototype, ["signUrl", "signUrls", "signCookies", "grant"], calledLater);
callMethods(AsyncSigner, ["fromKey"], calledLater);
callMethods(AsyncSigner, ["fromSign"], called);
showAs(AsyncSigner, "AsyncSigner", ({ keyPairId, keyType, algorithm, engine }) => ({ keyPairId, keyType, algorithm, engine }));
