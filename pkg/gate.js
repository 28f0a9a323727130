// The decision behind `guard` and the adapters: who is let in, and what is removed from a request before a handler sees it. The adapters
// are separate files, so this one gets what it needs of the package as arguments.
import { attempt } from "./attempt.js";
import { manifestSigner } from "./manifest-answers.js";

const FUNCTIONS = ["clientAddress", "url", "onDecision"];
const COOKIE = /^CloudFront-(?:Expires|Policy|Signature|Key-Pair-Id|Hash-Algorithm)$/;

/** Own members only: a member of `Object.prototype` is not an option. */
function ownMembers(object, what, { CountersignError }, option) {
  try {
    return Object.assign(Object.create(null), object);
  } catch {
    throw new CountersignError("INVALID_OPTION", `${what}: reading an option threw an error`, undefined, option);
  }
}

function methodsOption(methods, { CountersignError }) {
  if (methods === undefined) return ["GET", "HEAD"];
  const list = attempt(() => (Array.isArray(methods) ? Array.from(methods) : undefined));
  if (list?.length > 0 && list.every((method) => typeof method === "string" && /^[A-Z]+$/.test(method))) return list;
  throw new CountersignError("INVALID_OPTION", "methods is not a list of methods", 'Write them in capitals: ["GET", "HEAD", "POST"].', "methods");
}

function manifestsOption(manifests, api) {
  if (manifests === undefined || manifests === false) return undefined;
  const wrong = (message, hint) => new api.CountersignError("INVALID_OPTION", message, hint, "manifests");
  if (manifests !== true && (typeof manifests !== "object" || manifests === null)) throw wrong("manifests is neither true nor an object", "Leave it out, or pass undefined.");
  const { grant, maximumBytes = 1_048_576, ...others } = ownMembers(manifests, "manifests", api, "manifests");
  for (const name of Object.keys(others)) throw wrong(`manifests: the option ${JSON.stringify(name)} is unknown; known are grant, maximumBytes`);
  if (grant !== undefined && typeof grant !== "function") throw wrong("grant is not a function");
  if (!Number.isSafeInteger(maximumBytes) || maximumBytes < 1 || maximumBytes > 10_000_000) throw wrong("maximumBytes is not a whole number from 1 to 10,000,000");
  return { grant, maximumBytes };
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
  return { decide, manifests: manifests && manifestSigner(manifests, api), functions };
}

/** The guard of one kind of server in another. */
export function wrongServer(lacks, { CountersignError }) {
  const hint = "Import it from countersign/express for Express, Connect, Fastify and node:http, from countersign/hono for Hono, and from countersign for all else.";
  return new CountersignError("INVALID_OPTION", `the guard was called without ${lacks}`, hint);
}

/** A `Cookie` header without CloudFront's cookies; undefined if nothing is left. */
export function withoutCookies(header) {
  const cookies = header.split(";").map((cookie) => cookie.trim());
  const others = cookies.filter((cookie) => !COOKIE.test(cookie.split("=", 1)[0].trim()));
  return others.length === cookies.length ? header : others.filter(Boolean).join("; ") || undefined;
}

export const isCookieOfCloudFront = (name) => COOKIE.test(name);
