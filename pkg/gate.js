// The decision behind `guard` and the adapters: who is let in, and what is removed from a request before a handler sees it. The adapters
// are separate files, so this one gets what it needs of the package as arguments.
import { attempt } from "./attempt.js";
import { manifestsOption } from "./manifest-answers.js";

const FUNCTIONS = ["clientAddress", "url", "onDecision"];
const COOKIE = /^CloudFront-(?:Expires|Policy|Signature|Key-Pair-Id|Hash-Algorithm)$/;

/** Own members only: a member of `Object.prototype` is not an option. */
export function ownMembers(object, what, { CountersignError }) {
  try {
    return Object.assign(Object.create(null), object);
  } catch {
    throw new CountersignError("INVALID_OPTION", `${what}: reading an option threw an error`);
  }
}

function methodsOption(methods, { CountersignError }) {
  if (methods === undefined) return ["GET", "HEAD"];
  const list = attempt(() => (Array.isArray(methods) ? Array.from(methods) : undefined));
  if (list?.length > 0 && list.every((method) => typeof method === "string" && /^[A-Z]+$/.test(method))) return list;
  throw new CountersignError("INVALID_OPTION", "methods is not a list of methods", 'Write them in capitals: ["GET", "HEAD", "POST"].', "methods");
}

/**
 * Reads the options. `decide(request, { method, url, cookies })` gives `{ decision, url }` for a request that is let in, the URL
 * as the viewer asked for it, and else `{ refusal }`: status, headers and body.
 */
export function gate(api, options, more = []) {
  const { CountersignError, Verifier } = api;
  const { publicKeys, engine, now, methods: givenMethods, manifests: givenManifests, ...callbacks } = ownMembers(options, "options", api);
  const known = [...FUNCTIONS, ...more];
  // Report all wrong options at once.
  const errors = [];
  const take = (read) => {
    try {
      return read();
    } catch (error) {
      errors.push(...(error?.errors ?? [error]));
    }
  };
  for (const [name, value] of Object.entries(callbacks)) {
    if (!known.includes(name)) errors.push(new CountersignError("INVALID_OPTION", `options: the option ${JSON.stringify(name)} is unknown; known are ${["publicKeys", "engine", "now", "methods", "manifests", ...known].join(", ")}`, undefined, name));
    else if (value !== undefined && typeof value !== "function") errors.push(new CountersignError("INVALID_OPTION", `${name} is not a function`, undefined, name));
  }
  const functions = Object.assign(Object.create(null), callbacks);
  const methods = take(() => methodsOption(givenMethods, api));
  const manifests = take(() => manifestsOption(givenManifests, api));
  const verifier = take(() => new Verifier({ publicKeys, engine }));
  if (errors.length > 0) {
    const [first] = errors;
    if (errors.length === 1 || !(first instanceof CountersignError)) throw first;
    throw new CountersignError(first.code, first.message, first.hint, first.option, first.values, errors);
  }

  async function decide(request, { method, url, cookies }) {
    // The signature does not cover the method: a link to a file must not delete it.
    if (!methods.includes(method)) {
      const text = `${methods.join(" and ")} ${methods.length > 1 ? "are" : "is"} answered here.\n`;
      return { refusal: { status: 405, headers: { allow: methods.join(", "), "content-type": "text/plain", "cache-control": "no-store" }, body: text } };
    }
    const asked = functions.url ? await functions.url(request) : url;
    const decision = verifier.verify({
      url: asked,
      cookies,
      ipAddress: await functions.clientAddress?.(request),
      now: typeof now === "function" ? now() : now,
    });
    await functions.onDecision?.(decision, request);
    if (decision.allowed) return { decision, url: asked };
    const headers = { "content-type": "text/xml", "cache-control": "no-store", "x-cache": "Error from cloudfront" };
    return { refusal: { status: decision.status, headers, body: decision.body } };
  }
  return { decide, manifests, functions };
}

/** A `Cookie` header without CloudFront's cookies; undefined if nothing is left. */
export function withoutCookies(header) {
  const cookies = header.split(";").map((cookie) => cookie.trim());
  const others = cookies.filter((cookie) => !COOKIE.test(cookie.split("=", 1)[0].trim()));
  return others.length === cookies.length ? header : others.filter(Boolean).join("; ") || undefined;
}

export const isCookieOfCloudFront = (name) => COOKIE.test(name);
