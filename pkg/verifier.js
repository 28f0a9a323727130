// CloudFront's decision. Thin, like countersign.js.
import * as core from "./dist/glue.js";
import { callMethods, called, fromCaller, showAs } from "./called.js";

export class Verifier {
  #core;

  constructor(options) {
    try {
      this.#core = new core.VerifierCore(options);
    } catch (error) {
      throw fromCaller(error, Verifier);
    }
  }

  get engine() {
    return this.#core.engine;
  }

  get keyPairIds() {
    return this.#core.keyPairIds;
  }

  verify(request) {
    return this.#core.verify(request);
  }
}

callMethods(Verifier.prototype, ["verify"]);
showAs(Verifier, "Verifier", ({ keyPairIds, engine }) => ({ keyPairIds, engine }));

export const inspect = called("inspect", (urlOrCookies, options) => core.inspect(urlOrCookies, options));
export const stripSignature = called("stripSignature", (url) => core.stripSignature(url));
