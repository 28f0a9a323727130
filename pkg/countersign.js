// The API: thin classes and functions over the WebAssembly module, which decides everything.
import * as core from "./dist/glue.js";
import { attempt } from "./attempt.js";
import { callMethods, called, fromCaller, showAs } from "./called.js";
import { CountersignError, freed } from "./errors.js";
import { Grant } from "./grant.js";
import { dispose } from "./host.js";
import { isStarting } from "./host-crypto.js";
import { signUrl } from "./plain-call.js";

export { CountersignError, Grant };
export { AsyncSigner } from "./async-signer.js";
export { guard } from "./guard.js";
export { generateKeyPair } from "./key-pair.js";
export { Verifier, inspect, stripSignature } from "./verifier.js";

export class Signer {
  #core;
  // How many calls are running: an option's getter may call free().
  #uses = 0;

  constructor(options) {
    try {
      this.#core = new core.SignerCore(options);
    } catch (error) {
      throw fromCaller(error, Signer);
    }
    if (isStarting()) attempt(() => signUrl(this.#core, "https://d111111abcdef8.cloudfront.net/", { dateLessThan: "1d" }));
  }

  get #live() {
    if (this.#core) return this.#core;
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
    return this.#use((core) => core.engine());
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

callMethods(Signer.prototype, ["signUrl", "signUrls", "signCookies", "grant"]);
showAs(Signer, "Signer", ({ keyPairId, keyType, algorithm, engine }) => ({ keyPairId, keyType, algorithm, engine }));

export const toSetCookie = called("toSetCookie", (cookies, attributes) => core.toSetCookie(cookies, attributes));
export const clearCookies = called("clearCookies", (attributes) => core.clearCookies(attributes));
export const derivePublicKey = called("derivePublicKey", (privateKey, passphrase) => core.derivePublicKey(privateKey, passphrase));
export const describeKey = called("describeKey", (privateKey, passphrase) => core.describeKey(privateKey, passphrase));
export const getSignedUrl = called("getSignedUrl", (input) => core.getSignedUrl(input));
export const getSignedCookies = called("getSignedCookies", (input) => core.getSignedCookies(input));
