// The API: thin classes and functions over the WebAssembly module, which decides everything.
import * as core from "./dist/glue.js";
import { CountersignError } from "./errors.js";
import { Grant } from "./grant.js";
import { signUrl } from "./plain-call.js";

export { CountersignError, Grant };
export { AsyncSigner } from "./async-signer.js";
export { guard } from "./guard.js";
export { generateKeyPair } from "./key-pair.js";
export { Verifier, inspect, stripSignature } from "./verifier.js";

const dispose = Symbol.dispose ?? Symbol.for("Symbol.dispose");

export class Signer {
  #core;
  // How many calls are under way: an option's getter may call free().
  #uses = 0;

  constructor(options) {
    this.#core = new core.SignerCore(options);
  }

  get #live() {
    if (this.#core) return this.#core;
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
    return this.#live.describe().engine;
  }

  #use(work) {
    const core = this.#live;
    this.#uses++;
    try {
      return work(core);
    } finally {
      this.#uses--;
      if (!this.#core && this.#uses === 0) core.free();
    }
  }

  signUrl(url, options) {
    return this.#use((core) => signUrl(core, url, options));
  }

  signUrls(urls, conditions) {
    return this.#use((core) => core.sign("signUrls", urls, conditions));
  }

  signCookies(resource, conditions) {
    return this.#use((core) => core.sign("signCookies", resource, conditions)[0]);
  }

  grant(resource, conditions) {
    return new Grant(this.#use((core) => core.sign("grant", resource, conditions)[0]));
  }

  free() {
    const core = this.#core;
    this.#core = undefined;
    if (this.#uses === 0) core?.free();
  }

  [dispose]() {
    this.free();
  }
}

export function toSetCookie(cookies, attributes) {
  return core.toSetCookie(cookies, attributes);
}

export function publicKey(privateKey, passphrase) {
  return core.publicKey(privateKey, passphrase);
}

export function describeKey(privateKey, passphrase) {
  return core.describeKey(privateKey, passphrase);
}

export function getSignedUrl(input) {
  return core.getSignedUrl(input);
}

export function getSignedCookies(input) {
  return core.getSignedCookies(input);
}
