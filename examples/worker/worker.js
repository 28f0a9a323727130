// A Cloudflare Worker that does two things. /sign makes signed URLs for a CloudFront distribution. /files/ serves objects from R2 to
// signed requests only, as CloudFront would.
import { Signer, guard } from "countersign";

// Made once and kept for later requests of this isolate.
let signer, check;

export default {
  async fetch(request, env) {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === "/sign") {
      // Without a token nobody may sign.
      if (!env.SIGNING_TOKEN || request.headers.get("authorization") !== `Bearer ${env.SIGNING_TOKEN}`) return new Response("who are you?\n", { status: 401 });
      signer ??= new Signer({ keyPairId: env.KEY_PAIR_ID, privateKey: env.PRIVATE_KEY });
      try {
        return new Response(signer.signUrl(new URL(searchParams.get("path") ?? "", env.DISTRIBUTION).href, { dateLessThan: "10m" }));
      } catch (error) {
        return new Response(`${error.code}: ${error.message}\n`, { status: 400 });
      }
    }
    if (pathname.startsWith("/files/")) {
      check ??= guard({
        publicKeys: { [env.KEY_PAIR_ID]: env.PUBLIC_KEY },
        // Cloudflare sets this header itself, whatever the client sends.
        clientAddress: (request) => request.headers.get("cf-connecting-ip"),
        onDecision: (decision) => decision.allowed || console.log(decision.code, decision.reason),
      });
      return (await check(request)) ?? file(request, pathname.slice("/files/".length), env.FILES);
    }
    return new Response("not found\n", { status: 404 });
  },
};

/** GET, HEAD and Range over R2. */
async function file(request, name, bucket) {
  if (request.method !== "GET" && request.method !== "HEAD") return new Response("GET or HEAD\n", { status: 405, headers: { allow: "GET, HEAD" } });
  const key = decodeURIComponent(name);
  const object = request.method === "HEAD" ? await bucket.head(key) : await bucket.get(key, { range: request.headers, onlyIf: request.headers });
  if (!object) return new Response("there is no such file\n", { status: 404 });
  const headers = new Headers({ etag: object.httpEtag, "accept-ranges": "bytes", "cache-control": "private, no-store" });
  object.writeHttpMetadata(headers);
  if (request.method === "HEAD") {
    headers.set("content-length", String(object.size));
    return new Response(null, { headers });
  }
  if (!object.body) return new Response(null, { status: 304, headers });
  const { offset = 0, length = object.size - offset } = object.range ?? {};
  if (!request.headers.has("range")) return new Response(object.body, { headers });
  headers.set("content-range", `bytes ${offset}-${offset + length - 1}/${object.size}`);
  return new Response(object.body, { status: 206, headers });
}
