// Grant: one signature for many URLs. Thin, as countersign.js is.
import * as core from "./dist/glue.js";
import { CountersignError } from "./errors.js";

export class Grant {
  #core;

  constructor(made) {
    if (!(made instanceof core.GrantCore)) {
      throw new CountersignError("INVALID_OPTION", "a Grant is not made with new", "Call grant() of a Signer.");
    }
    this.#core = made;
  }

  get policy() {
    return this.#core.policy;
  }

  url(url) {
    return this.#core.url(url);
  }

  urls(urls) {
    return this.#core.urls(urls);
  }

  cookies() {
    return this.#core.cookies();
  }
}
