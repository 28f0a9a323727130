// The gate between Requests and Responses of the Fetch API.
import { gate, withoutCookies, wrongServer } from "./gate.js";
import { isManifest, isNamedAsManifest, isPartial, mayBeManifest, readable } from "./manifest-answers.js";

export function fetchGate(api, options, more) {
  const { decide, manifests, functions } = gate(api, options, more);

  /** The answer to a denied request; for an allowed one, the decision and the URL as the viewer asked for it. */
  async function check(request) {
    const { method, url, headers } = request ?? {};
    if (typeof headers?.get !== "function") throw wrongServer("a Request of the Fetch API", api);
    const { refusal, ...allowed } = await decide(request, { method, url, cookies: headers.get("cookie") });
    if (!refusal) return allowed;
    return { refused: new Response(method === "HEAD" ? null : refusal.body, { status: refusal.status, headers: refusal.headers }) };
  }

  /** The request for the handler, without CloudFront's parameters and cookies. */
  function plain(request) {
    const stripped = new Request(api.stripSignature(request.url), request);
    const cookies = request.headers.get("cookie");
    const others = cookies === null ? undefined : withoutCookies(cookies);
    return cookies === null || others === cookies ? stripped : new Request(stripped, { headers: changed(stripped.headers, { cookie: others }) });
  }

  /** The same for all of it, whatever part was asked for, in a form that can be read. */
  const whole = (request) => {
    const changes = Object.fromEntries([...request.headers.keys()].filter(isPartial).map((name) => [name, undefined]));
    const accepted = request.headers.get("accept-encoding");
    if (accepted !== null) changes["accept-encoding"] = readable(accepted);
    return new Request(request, { method: "GET", headers: changed(request.headers, changes) });
  };

  const mayBeSigned = ({ method }) => manifests !== undefined && (method === "GET" || method === "HEAD");

  /** The request for the handler if its answer may be a manifest, which can only be signed as a whole. */
  const prepared = (request, stripped) => (mayBeSigned(request) && isNamedAsManifest(stripped.url) ? whole(stripped) : stripped);

  /** The answer, signed if it is a manifest. `again` asks for a whole one if this one is not. */
  async function finished(request, { decision, url }, response, again) {
    const isHead = request.method === "HEAD";
    // Without headers it is no Response, and the caller's own affair.
    if (!mayBeSigned(request) || !response?.headers) return response;
    if (isManifest(response.headers.get("content-type")) && (isHead || response.status === 206 || response.status === 304) && again) response = await again();
    const type = response.headers.get("content-type");
    const isOne = isManifest(type) || (isNamedAsManifest(request.url) && response.status === 200 && mayBeManifest(type));
    if (!isOne || response.status === 304) return isHead ? withBody(response, null) : response;
    if (response.status === 206) throw manifests.failed("the handler answered with a part of the manifest, but only a whole one can be signed", "Answer requests for manifests without ranges.");
    if (response.status !== 200) return isHead ? withBody(response, null) : response;
    const grant = await manifests.grantFor(request, decision, url);
    if (!grant) return isHead ? withBody(response, null) : response;
    const headers = new Headers(response.headers);
    if (!response.body) {
      // The handler did not send it to a HEAD request: then its length is not known.
      for (const name of ["content-length", "etag"]) headers.delete(name);
      return new Response(null, { status: 200, headers });
    }
    const bytes = await manifests.read(response.body);
    const { status, body } = await manifests.sign(bytes, headers, { grant, url: decision.url, ifNoneMatch: request.headers.get("if-none-match") });
    return new Response(isHead ? null : body, { status, headers });
  }
  return { check, plain, whole, prepared, finished, functions };
}

const withBody = (response, body) => new Response(body, response);

function changed(headers, changes) {
  const result = new Headers(headers);
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined) result.delete(name);
    else result.set(name, value);
  }
  return result;
}
