// Buffers manifests in answers of Node's http until they are complete, then signs them.
import { isManifest, joined, mayBeManifest } from "./manifest-answers.js";

/** The headers that are passed to writeHead, in whichever of its forms. */
function pairs(headers) {
  if (!Array.isArray(headers)) return Object.entries(headers ?? {});
  if (Array.isArray(headers[0])) return headers;
  return headers.flatMap((name, at) => (at % 2 === 0 ? [[name, headers[at + 1]]] : []));
}

/** What is signed is what is written to `response` from here on, if it is a manifest. */
export function signAnswers(response, manifests, { next, grant, url, ifNoneMatch, isNamed }) {
  const { write, end, writeHead, flushHeaders } = response;
  const parts = [];
  let length = 0;
  // Undefined until the first byte, or the head: then whether the answer is kept.
  let isKept;

  function restore() {
    Object.assign(response, { write, end, writeHead, flushHeaders });
  }

  /** An answer that is given up: what was said of it goes, and the program's own error handler answers. */
  function fail(error) {
    restore();
    for (const name of response.getHeaderNames()) if (/^content-|^etag$|^last-modified$|^cache-control$/.test(name)) response.removeHeader(name);
    response.statusCode = 500;
    next(error);
  }

  function isToBeKept(status, contentType) {
    isKept ??= status === 200 && (isNamed ? mayBeManifest : isManifest)(contentType);
    if (!isKept) restore();
    return isKept;
  }

  const keep = (chunk, encoding) => {
    if (chunk === undefined || chunk === null || typeof chunk === "function") return;
    const bytes = typeof chunk === "string" ? Buffer.from(chunk, typeof encoding === "string" ? encoding : "utf8") : chunk;
    length += bytes.length;
    // What is beyond the limit is counted, and not kept.
    if (length <= manifests.maximumBytes) parts.push(Uint8Array.from(bytes));
  };

  const headers = {
    get: (name) => response.getHeader(name)?.toString() ?? null,
    set: (name, value) => response.setHeader(name, value),
    delete: (name) => response.removeHeader(name),
  };

  async function finish(callback) {
    try {
      if (length > manifests.maximumBytes) throw manifests.tooLong();
      const granted = await grant();
      const bytes = joined(parts, length);
      const { status, body } = granted ? await manifests.sign(bytes, headers, { grant: granted, url, ifNoneMatch }) : { status: 200, body: bytes };
      restore();
      response.statusCode = status;
      response.end(body ?? undefined, callback);
    } catch (error) {
      fail(error);
    }
  }

  response.writeHead = (status, ...rest) => {
    const given = pairs(typeof rest[0] === "string" ? rest[1] : rest[0]);
    const named = given.find(([name]) => String(name).toLowerCase() === "content-type")?.[1];
    if (!isToBeKept(status, String(named ?? response.getHeader("content-type") ?? ""))) return response.writeHead(status, ...rest);
    response.statusCode = status;
    if (typeof rest[0] === "string") response.statusMessage = rest[0];
    for (const [name, value] of given) if (value !== undefined) response.setHeader(name, value);
    return response;
  };
  const isKeptByNow = () => isToBeKept(response.statusCode, String(response.getHeader("content-type") ?? ""));
  response.flushHeaders = () => {
    if (!isKeptByNow()) response.flushHeaders();
  };
  response.write = (chunk, encoding, callback) => {
    if (!isKeptByNow()) return response.write(chunk, encoding, callback);
    keep(chunk, encoding);
    const done = typeof encoding === "function" ? encoding : callback;
    if (done) queueMicrotask(done);
    return true;
  };
  response.end = (chunk, encoding, callback) => {
    if (!isKeptByNow()) return response.end(chunk, encoding, callback);
    keep(chunk, encoding);
    finish([chunk, encoding, callback].find((one) => typeof one === "function"));
    return response;
  };
}
