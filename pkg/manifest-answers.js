// Signs manifests in answers: recognises them and adjusts their headers.

const TYPES = new Set(["application/vnd.apple.mpegurl", "application/x-mpegurl", "audio/mpegurl", "audio/x-mpegurl", "application/dash+xml"]);
const NAMES = /\.(?:m3u8?|mpd)$/i;

/** What a handler would answer a part of a manifest to, or none of it. */
const PARTIAL = ["range", "if-range", "if-match", "if-none-match", "if-modified-since", "if-unmodified-since"];

/** Headers that are about the bytes as they were. */
const ABOUT_BYTES = ["last-modified", "accept-ranges", "content-range", "content-encoding", "content-md5", "digest", "content-digest", "repr-digest"];

const typeOf = (contentType) => (contentType ?? "").split(";", 1)[0].trim().toLowerCase();

export const isManifest = (contentType) => TYPES.has(typeOf(contentType));

/** What servers and buckets say of a file whose kind they do not know. */
const UNKNOWN = new Set(["", "application/octet-stream", "binary/octet-stream", "text/plain", "text/xml", "application/xml"]);

/** Whether an answer with this type may be a manifest if it was asked for by a manifest's name: Hono's static files have no other. */
export const mayBeManifest = (contentType) => isManifest(contentType) || UNKNOWN.has(typeOf(contentType));

/** Whether bytes begin as a manifest does, or are compressed. */
function beginsAsManifest(bytes) {
  const start = String.fromCharCode(...bytes.subarray(0, 200)).replace("\u00ef\u00bb\u00bf", "");
  return /^\s*(?:#EXTM3U|<\?xml|<!--|<(?:\w+:)?MPD\b)/.test(start) || start.startsWith("\u001f\u008b");
}

/** Whether the name in a path is that of a manifest. */
export const isNamedAsManifest = (url) => NAMES.test(url.split(/[?#]/, 1)[0]);

/** Of the compressions that a viewer accepts, the one that can be undone here. */
export const readable = (accepted) => (/\bgzip\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))/i.test(accepted) && typeof DecompressionStream !== "undefined" ? "gzip" : "identity");

export const isPartial = (name) => PARTIAL.includes(name.toLowerCase());

/** What signs manifests in answers, with the caller's `grant` if there is one. */
export function manifestSigner({ grant, maximumBytes }, { CountersignError, Grant }) {
  const failed = (message, hint) => new CountersignError("INVALID_MANIFEST", message, hint);
  const tooLong = () => failed(`the manifest has more than ${maximumBytes} bytes`, "Set manifests: { maximumBytes } to what your longest one has.");

  /** The grant that goes on the addresses: the caller's, or the one of the viewer's own URL; none, where cookies open them. */
  async function grantFor(request, decision, url) {
    if (grant) {
      const given = (await grant(request, decision)) ?? undefined;
      if (given !== undefined && typeof given.manifest !== "function") throw new CountersignError("INVALID_OPTION", "grant returned something else than a Grant", "Return what signer.grant(…) gives, or undefined.", "manifests");
      return given;
    }
    return decision.source === "url" ? Grant.fromUrl(url) : undefined;
  }

  /** Bytes from a stream, as many as are taken at most. */
  async function read(stream) {
    const parts = [];
    let length = 0;
    const reader = stream.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      length += value.length;
      if (length > maximumBytes) {
        // Nothing waits for the rest to be given up.
        reader.cancel().catch(() => {});
        throw tooLong();
      }
      parts.push(value);
    }
    return joined(parts, length);
  }

  /** The text: what was stored compressed comes so from a bucket, and uncompressed from `fetch`, under the same header. */
  async function textOf(bytes, encoding) {
    const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
    // Vercel's edge runtime has none.
    if (isGzip && typeof DecompressionStream === "undefined") throw failed("the manifest is compressed by gzip, and this runtime cannot undo that", "Serve manifests uncompressed.");
    const plain = isGzip ? await read(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))) : bytes;
    try {
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(plain);
    } catch {
      const is = encoding && !isGzip ? `compressed with ${JSON.stringify(encoding)}` : "not UTF-8";
      throw failed(`the manifest is ${is}`, "Serve manifests as UTF-8, uncompressed or by gzip.");
    }
  }

  /** What is answered in place of `bytes`; `headers` has `get`, `set` and `delete`. */
  async function sign(bytes, headers, { grant, url, ifNoneMatch }) {
    if (!isManifest(headers.get("content-type")) && !beginsAsManifest(bytes)) return { status: 200, body: bytes };
    if (bytes.length > maximumBytes) throw tooLong();
    const signed = new TextEncoder().encode(grant.manifest(await textOf(bytes, headers.get("content-encoding")), url));
    const had = { etag: headers.get("etag") };
    for (const name of ABOUT_BYTES) headers.delete(name);
    // What is in it is this viewer's.
    if (!/\b(?:no-store|private)\b/i.test(headers.get("cache-control") ?? "")) headers.set("cache-control", "private, no-cache");
    if (had.etag) {
      const etag = await etagOf(signed);
      headers.set("etag", etag);
      if (ifNoneMatch && matches(ifNoneMatch, etag)) {
        headers.delete("content-length");
        return { status: 304, body: null };
      }
    }
    headers.set("content-length", String(signed.length));
    return { status: 200, body: signed };
  }
  return { grantFor, read, sign, tooLong, failed, maximumBytes };
}

export function joined(parts, length) {
  const all = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

async function etagOf(bytes) {
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return `"${Array.from(hash.subarray(0, 16), (byte) => byte.toString(16).padStart(2, "0")).join("")}"`;
}

/** Whether a list of tags has this one (RFC 9110, section 13.1.2: weakly compared). */
const matches = (list, etag) => list.split(",").some((one) => ["*", etag].includes(one.trim().replace(/^W\//, "")));
