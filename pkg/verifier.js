// The edge's decision: thin, as countersign.js is.
import * as core from "./dist/glue.js";

export class Verifier {
  #core;

  constructor(options) {
    this.#core = new core.VerifierCore(options);
  }

  get engine() {
    return this.#core.engine;
  }

  verify(request) {
    return this.#core.verify(request);
  }
}

export function inspect(urlOrCookies, options) {
  return core.inspect(urlOrCookies, options);
}

export function stripSignature(url) {
  return core.stripSignature(url);
}
