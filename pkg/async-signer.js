// AsyncSigner: keys in WebCrypto, a KMS or an HSM. Thin, as countersign.js is.
import * as core from "./dist/glue.js";
import { CountersignError } from "./errors.js";
import { Grant } from "./grant.js";

const dispose = Symbol.dispose ?? Symbol.for("Symbol.dispose");
const made = Symbol("made by fromKey or fromSign");

function failed(code, message, hint, cause) {
  const error = new CountersignError(code, message, hint);
  if (cause !== undefined) Object.defineProperty(error, "cause", { value: cause, configurable: true, writable: true });
  return error;
}

/** A function that signs with a key that WebCrypto holds and gives back to nobody. */
async function importIntoWebCrypto(key, { keyType, algorithm }) {
  const subtle = globalThis.crypto?.subtle;
  if (!subtle) throw new Error("this runtime, or this page, which is not secure, has no WebCrypto");
  const hash = algorithm === "SHA1" ? "SHA-1" : "SHA-256";
  const name = keyType === "RSA" ? "RSASSA-PKCS1-v1_5" : "ECDSA";
  const der = key.pkcs8();
  let own;
  try {
    own = await subtle.importKey("pkcs8", der, { name, hash, namedCurve: "P-256" }, false, ["sign"]);
  } finally {
    der.fill(0);
  }
  return async (message) => new Uint8Array(await subtle.sign({ name, hash }, own, message));
}

export class AsyncSigner {
  #identity;
  #sign;
  #engine;

  constructor(token, identity, sign, engine) {
    if (token !== made) throw new CountersignError("INVALID_OPTION", "an AsyncSigner is not made with new", "Call AsyncSigner.fromKey or AsyncSigner.fromSign.");
    this.#identity = identity;
    this.#sign = sign;
    this.#engine = engine;
  }

  static async fromKey(options) {
    const key = new core.KeyCore(options);
    const identity = key.identity();
    try {
      const sign = await importIntoWebCrypto(key, identity);
      const probe = new TextEncoder().encode("countersign");
      if (!key.verify(probe, await sign(probe))) throw new Error("its signatures do not verify");
      key.free();
      return new AsyncSigner(made, identity, sign, "host");
    } catch (cause) {
      if (key.mayFallBack) return new AsyncSigner(made, identity, (message) => key.sign(message), "wasm");
      key.free();
      throw failed("HOST_CRYPTO_UNAVAILABLE", `WebCrypto does not sign with this key and hash: ${cause?.message}`, 'Set fallback: "wasm" to sign in WebAssembly there, or use Signer.', cause);
    }
  }

  static fromSign(options) {
    const identity = new core.IdentityCore(options);
    const { sign } = identity;
    return new AsyncSigner(made, identity, (message) => sign(message), "external");
  }

  get #live() {
    if (this.#identity) return this.#identity;
    throw new CountersignError("FREED", "this signer was freed; it holds no key any more", "Make a new one, or call free() later.");
  }

  get keyPairId() {
    return this.#live.keyPairId;
  }

  get keyType() {
    return this.#live.keyType;
  }

  get algorithm() {
    return this.#live.algorithm;
  }

  get engine() {
    this.#live;
    return this.#engine;
  }

  /** Has the message signed, and hands the signature to `finish`. */
  async #seal(unsigned, finish) {
    try {
      let signature;
      try {
        signature = await this.#sign(unsigned.message);
      } catch (cause) {
        if (cause instanceof CountersignError) throw cause;
        throw failed("SIGNING_FAILED", "the signer threw an error, which is this one's cause", undefined, cause);
      }
      return finish(signature);
    } finally {
      unsigned.free();
    }
  }

  async signUrl(url, options) {
    const unsigned = this.#live.prepareUrl(url, options);
    return this.#seal(unsigned, (signature) => unsigned.url(signature));
  }

  async signUrls(urls, conditions) {
    const all = this.#live.prepareUrls(urls, conditions);
    return Promise.all(all.map((unsigned) => this.#seal(unsigned, (signature) => unsigned.url(signature))));
  }

  async signCookies(resource, conditions) {
    const unsigned = this.#live.prepareCookies(resource, conditions);
    return this.#seal(unsigned, (signature) => unsigned.cookies(signature));
  }

  async grant(resource, conditions) {
    const unsigned = this.#live.prepareGrant(resource, conditions);
    return this.#seal(unsigned, (signature) => new Grant(unsigned.grant(signature)));
  }

  free() {
    this.#identity?.free();
    this.#identity = this.#sign = undefined;
  }

  [dispose]() {
    this.free();
  }
}
