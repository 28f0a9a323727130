// guard as middleware of Hono.
import { CountersignError, Grant, Verifier, stripSignature } from "countersign";

import { fetchGate } from "./fetch-gate.js";

export function guard(options) {
  const { check, plain, prepared, finished } = fetchGate({ CountersignError, Grant, Verifier, stripSignature }, options);
  return async (context, next) => {
    const request = context?.req?.raw;
    const { refused, ...allowed } = await check(request);
    if (refused) return refused;
    context.req.raw = prepared(request, plain(request));
    await next();
    const answered = context.res;
    const response = await finished(request, allowed, answered);
    if (response === answered) return;
    // Hono puts the headers of the answer before on the next one, unless there is none before.
    context.res = undefined;
    context.res = response;
  };
}
