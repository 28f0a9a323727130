// A verifier in front of a handler of the Fetch API.
import { CountersignError } from "./errors.js";
import { Verifier, stripSignature } from "./verifier.js";

const functions = ["clientAddress", "url", "onDecision", "next"];

function own(options) {
  try {
    return { ...options };
  } catch {
    throw new CountersignError("INVALID_OPTION", "options: reading an option threw an error");
  }
}

export function guard(options) {
  const { publicKeys, engine, now, ...callbacks } = own(options);
  for (const [name, value] of Object.entries(callbacks)) {
    if (!functions.includes(name)) throw new CountersignError("INVALID_OPTION", `options: the option ${JSON.stringify(name)} is unknown`, undefined, name);
    if (value !== undefined && typeof value !== "function") {
      throw new CountersignError("INVALID_OPTION", `${name} is not a function`, undefined, name);
    }
  }
  const { clientAddress, url, onDecision, next } = callbacks;
  const verifier = new Verifier({ publicKeys, engine });

  return async (request) => {
    const decision = verifier.verify({
      url: url ? await url(request) : request.url,
      cookies: request.headers.get("cookie"),
      ipAddress: await clientAddress?.(request),
      now: typeof now === "function" ? now() : now,
    });
    await onDecision?.(decision, request);
    if (decision.allowed) return next?.(new Request(stripSignature(request.url), request), decision);
    return new Response(request.method === "HEAD" ? null : decision.body, {
      status: decision.status,
      headers: { "content-type": "text/xml", "cache-control": "no-store", "x-cache": "Error from cloudfront" },
    });
  };
}
