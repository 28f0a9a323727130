// Grant: one signature for many URLs. Thin, like countersign.js.
import * as core from "./dist/glue.js";
import { callMethods, showAs } from "./called.js";
import { CountersignError } from "./errors.js";

function isCore(value) {
  try {
    return value instanceof core.GrantCore;
  } catch {
    // A proxy may throw at any access.
    return false;
  }
}

export class Grant {
  #core;

  constructor(made) {
    if (!isCore(made)) {
      throw new CountersignError("INVALID_OPTION", "Grant has no public constructor", "Call grant() of a Signer.");
    }
    this.#core = made;
  }

  get policy() {
    return this.#core.policy;
  }

  get keyPairId() {
    return this.#core.keyPairId;
  }

  get resource() {
    return this.#core.resource;
  }

  get expires() {
    return new Date(this.#core.expires * 1000);
  }

  url(url) {
    return this.#core.url(url);
  }

  urls(urls) {
    return this.#core.urls(urls);
  }

  manifest(text, url, options) {
    const [marked, parameters] = this.#core.manifest(text, url, options);
    return marked.split("\0").join(parameters);
  }

  static fromUrl(url) {
    return new Grant(core.GrantCore.fromUrl(url));
  }

  cookies() {
    return this.#core.cookies();
  }
}

callMethods(Grant.prototype, ["url", "urls", "manifest", "cookies"]);
callMethods(Grant, ["fromUrl"]);
showAs(Grant, "Grant", ({ keyPairId, resource, expires }) => ({ keyPairId, resource, expires }));
