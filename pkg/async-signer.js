// AsyncSigner: keys in WebCrypto, a KMS or an HSM. Thin, as countersign.js is.
import * as core from "./dist/glue.js";
import { CountersignError } from "./errors.js";
import { Grant } from "./grant.js";
import { host, messageOf } from "./host.js";

const dispose = Symbol.dispose ?? Symbol.for("Symbol.dispose");
const made = Symbol("made by fromKey or fromSign");

function failed(code, message, hint, cause) {
  const error = new CountersignError(code, message, hint);
  if (cause !== undefined) Object.defineProperty(error, "cause", { value: cause, configurable: true, writable: true });
  return error;
}

/** A function that signs with a key that WebCrypto holds and gives back to nobody. */
async function importIntoWebCrypto(key, { keyType, algorithm }) {
  const subtle = host("crypto")?.subtle;
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

  static async fromKey(options) {
    const key = new core.KeyCore(options);
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
  async #run(method, first, second) {
    const identity = this.#live;
    const sign = this.#sign;
    let work = [];
    this.#uses++;
    try {
      work = identity.prepare(method, first, second).map(async (unsigned) => {
        try {
          return unsigned.finish(await sign(unsigned.message));
        } finally {
          unsigned.free();
        }
      });
      return await Promise.all(work);
    } finally {
      // The first failure is told at once; the others may still be under way.
      Promise.allSettled(work).then(() => {
        this.#uses--;
        this.#release();
      });
    }
  }

  async signUrl(url, options) {
    return (await this.#run("signUrl", url, options))[0];
  }

  async signUrls(urls, conditions) {
    return this.#run("signUrls", urls, conditions);
  }

  async signCookies(resource, conditions) {
    return (await this.#run("signCookies", resource, conditions))[0];
  }

  async grant(resource, conditions) {
    return new Grant((await this.#run("grant", resource, conditions))[0]);
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
