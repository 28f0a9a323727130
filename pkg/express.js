// guard as middleware of the form (request, response, next): Express 4 and 5, Connect, Fastify with @fastify/middie, node:http.
import { CountersignError, Grant, Verifier, stripSignature } from "countersign";

import { gate, isCookieOfCloudFront, withoutCookies, wrongServer } from "./gate.js";
import { signAnswers } from "./node-answers.js";
import { isNamedAsManifest, isPartial, readable } from "./manifest-answers.js";

const RESERVED = ["Expires", "Policy", "Signature", "Key-Pair-Id", "Hash-Algorithm"];

/** A name or an address, and a port. What else stands in a Host header could pass for a part of the path. */
const HOST = /^(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?$/;

/** The URL as the viewer asked for it; undefined if host or target are malformed. */
function askedFor(request) {
  const target = request.originalUrl ?? request.url;
  // HTTP/2 has the host in `:authority`; a `host` beside it does not count (RFC 9113, section 8.3.1).
  const hosts = request.headersDistinct?.host ?? [request.headers[":authority"] ?? request.headers.host];
  if (hosts.length !== 1 || !HOST.test(hosts[0] ?? "") || !target.startsWith("/")) return undefined;
  // Express knows which proxies are trusted.
  const protocol = request.protocol ?? (request.socket?.encrypted ? "https" : "http");
  return `${protocol}://${hosts[0]}${target}`;
}

/** Removes CloudFront's parameters and cookies from the request, even if other middleware has parsed them already. */
function strip(request) {
  for (const name of ["url", "originalUrl"]) if (typeof request[name] === "string") request[name] = stripSignature(request[name]);
  if (request.headers[":path"] !== undefined) setHeader(request, ":path", request.url);
  const query = Object.getOwnPropertyDescriptor(request, "query")?.value;
  for (const name of RESERVED) if (query && typeof query === "object") delete query[name];
  for (const name of Object.keys(request.cookies ?? {})) if (isCookieOfCloudFront(name)) delete request.cookies[name];
  const { cookie } = request.headers;
  if (cookie !== undefined) setHeader(request, "cookie", withoutCookies(cookie));
}

/** Changes or removes a header of a request, in every form that Node keeps it in. */
function setHeader(request, name, value) {
  if (value === undefined) delete request.headers[name];
  else request.headers[name] = value;
  const raw = [];
  for (let at = 0; at + 1 < (request.rawHeaders?.length ?? 0); at += 2) {
    if (request.rawHeaders[at].toLowerCase() !== name) raw.push(request.rawHeaders[at], request.rawHeaders[at + 1]);
  }
  if (value !== undefined) raw.push(name, value);
  request.rawHeaders?.splice(0, request.rawHeaders.length, ...raw);
  const distinct = request.headersDistinct;
  if (value === undefined) delete distinct?.[name];
  else if (distinct) distinct[name] = [value];
}

function answer(request, response, { status, headers, body }) {
  response.statusCode = status;
  for (const [name, value] of Object.entries({ ...headers, "content-length": String(Buffer.byteLength(body)) })) response.setHeader(name, value);
  response.end(request.method === "HEAD" ? undefined : body);
}

export function guard(options) {
  const { decide, manifests, functions } = gate({ CountersignError, Grant, Verifier, stripSignature }, options);
  return async (request, response, next) => {
    if (typeof next !== "function") throw wrongServer("a request, a response and next, as middleware is", { CountersignError });
    try {
      const url = askedFor(request);
      if (url === undefined && !functions.url) {
        const headers = { "content-type": "text/plain", "cache-control": "no-store" };
        return answer(request, response, { status: 400, headers, body: "The request has no Host, more than one, or none that can be read; or its target is not a path.\n" });
      }
      const { decision, url: signed, refusal } = await decide(request, { method: request.method, url, cookies: request.headers.cookie });
      if (refusal) return answer(request, response, refusal);
      strip(request);
      if (manifests && (request.method === "GET" || request.method === "HEAD")) {
        const ifNoneMatch = request.headers["if-none-match"];
        signAnswers(response, manifests, { next, grant: () => manifests.grantFor(request, decision, signed), url: decision.url, ifNoneMatch, isNamed: isNamedAsManifest(request.url) });
        if (isNamedAsManifest(request.url)) {
          // Only a whole manifest can be signed. Node never sends a body for HEAD.
          request.method = "GET";
          for (const name of Object.keys(request.headers).filter(isPartial)) setHeader(request, name, undefined);
          const accepted = request.headers["accept-encoding"];
          if (accepted !== undefined) setHeader(request, "accept-encoding", readable(accepted));
        }
      }
    } catch (error) {
      return next(error);
    }
    next();
  };
}
