// A verifier in front of a handler of the Fetch API.
import { CountersignError } from "./errors.js";
import { fetchGate } from "./fetch-gate.js";
import { Grant } from "./grant.js";
import { Verifier, stripSignature } from "./verifier.js";

export function guard(options) {
  const { check, plain, whole, prepared, finished, functions } = fetchGate({ CountersignError, Grant, Verifier, stripSignature }, options, ["next"]);
  const { next } = functions;
  return async (request) => {
    const { refused, ...allowed } = await check(request);
    if (refused || !next) return refused;
    const stripped = plain(request);
    const sent = prepared(request, stripped);
    const response = await next(sent, allowed.decision);
    return finished(request, allowed, response, sent === stripped ? () => next(whole(stripped), allowed.decision) : undefined);
  };
}
