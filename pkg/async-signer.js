// AsyncSigner: keys in WebCrypto, a KMS or an HSM. Thin, as countersign.js is.
import * as core from "./dist/glue.js";
import { attempt } from "./attempt.js";
import { callMethods, called, calledLater, showAs } from "./called.js";
import { CountersignError } from "./errors.js";
import { Grant } from "./grant.js";
import { host, messageOf } from "./host.js";
import { plainCopy } from "./options.js";

const dispose = Symbol.dispose ?? Symbol.for("Symbol.dispose");
const made = Symbol("made by fromKey or fromSign");

function failed(code, message, hint, cause) {
  const error = new CountersignError(code, message, hint);
  if (cause !== undefined) Object.defineProperty(error, "cause", { value: cause, configurable: true, writable: true });
  return error;
}

const subtleCrypto = () => {
  const subtle = host("crypto")?.subtle;
  if (!subtle) throw new Error("this runtime, or this page, which is not secure, has no WebCrypto");
  return subtle;
};

/** As WebCrypto calls them. */
const parametersOf = (keyType, algorithm) => ({
  __proto__: null,
  name: keyType === "RSA" ? "RSASSA-PKCS1-v1_5" : "ECDSA",
  hash: algorithm === "SHA1" ? "SHA-1" : "SHA-256",
  namedCurve: "P-256",
});

const signingWith = (key, keyType, algorithm) => async (message) =>
  new Uint8Array(await subtleCrypto().sign(parametersOf(keyType, algorithm), key, message));

/** A function that signs with a key that WebCrypto holds and gives back to nobody. */
async function importIntoWebCrypto(key, { keyType, algorithm }) {
  const der = key.pkcs8();
  try {
    const own = await subtleCrypto().importKey("pkcs8", der, parametersOf(keyType, algorithm), false, ["sign"]);
    return signingWith(own, keyType, algorithm);
  } finally {
    der.fill(0);
  }
}

/** A key that WebCrypto holds, of whatever realm. */
const isCryptoKey = (value) => attempt(() => typeof value === "object" && Object.prototype.toString.call(value) === "[object CryptoKey]") ?? false;

/** What a key says of itself: the Rust core decides. Undefined, if it is none after all. */
function describeCryptoKey(key) {
  return attempt(() => {
    const { type, usages, algorithm } = key;
    const { name, modulusLength, namedCurve, hash } = algorithm;
    const text = (value) => (typeof value === "string" ? value : undefined);
    const bits = Number.isInteger(modulusLength) ? modulusLength : undefined;
    return { type: text(type), canSign: usages.includes("sign") === true, name: text(name), modulusLength: bits, namedCurve: text(namedCurve), hash: text(hash?.name) };
  });
}

/** What the options of fromSign have: whatever the function throws is the signer's failure, and no error of this package. */
function external(sign) {
  return async (message) => {
    try {
      return await sign(message);
    } catch (cause) {
      throw failed("SIGNING_FAILED", "the signer threw an error, which is this one's cause", undefined, cause);
    }
  };
}

export class AsyncSigner {
  // What is to be freed: who signs and, where WebAssembly signs, the key.
  #held;
  #sign;
  #engine;
  // How many calls are under way: they are finished after free(), which a getter of an option or the signer itself may call.
  #uses = 0;

  constructor(token, held, sign, engine) {
    if (token !== made) throw new CountersignError("INVALID_OPTION", "an AsyncSigner is not made with new", "Call AsyncSigner.fromKey or AsyncSigner.fromSign.");
    this.#held = held;
    this.#sign = sign;
    this.#engine = engine;
  }

  static fromKey(options) {
    // What is no plain object, or throws when it is read, is told by the module.
    const own = attempt(() => plainCopy(options));
    if (own && isCryptoKey(own.privateKey)) return AsyncSigner.#ofCryptoKey(own);
    return AsyncSigner.#ofKey(new core.KeyCore(own ?? options));
  }

  /** WebCrypto's own key: it gives nothing away, so that its signatures cannot be checked here. */
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
      throw failed("HOST_CRYPTO_UNAVAILABLE", `WebCrypto does not sign with this key and hash: ${messageOf(cause)}`, 'Set fallback: "wasm" to sign in WebAssembly there, or use Signer.', cause);
    }
  }

  static fromSign(options) {
    const identity = new core.IdentityCore(options);
    const { sign } = identity;
    return new AsyncSigner(made, { identity }, external((message) => sign(message)), "external");
  }

  get #live() {
    if (this.#sign) return this.#held.identity;
    throw new CountersignError("FREED", "this signer was freed; it holds no key any more", "Make a new one, or call free() later.");
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

  /** Prepares messages, has each signed, and gives what is made of the signatures. */
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
    // The first failure is told at once; the others may still be under way.
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
