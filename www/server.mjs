// The demo's server: the page, and private files behind `guard`, as a service in Node would have them. Listens on this machine only.
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join } from "node:path";
import { brotliCompressSync } from "node:zlib";

import { Grant, Verifier, guard } from "countersign";
import send from "send";

import { guides } from "./guides.mjs";

const [port = "8080", groupFolder = join(import.meta.dirname, "..", "target", "demo", "key-group")] = process.argv.slice(2);

const POLICY =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self'; media-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const TYPES = { ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".wasm": "application/wasm" };

/** The page's files by their path, each compressed when it is first asked for. */
const page = new Map();
function add(path, content) {
  let compressed;
  page.set(path, { type: TYPES[extname(path)], content, compressed: () => (compressed ??= brotliCompressSync(content)) });
}
for (const name of readdirSync(import.meta.dirname).filter((name) => /\.(?:css|js|svg)$/.test(name))) add(`/${name}`, readFileSync(join(import.meta.dirname, name)));
add("/countersign.js", readFileSync(join(import.meta.dirname, "countersign_served.js")));
const pkg = join(import.meta.dirname, "..", "pkg");
for (const name of ["slim.js", "dist/api.js", "dist/core.wasm"]) add(`/countersign/${name}`, readFileSync(join(pkg, name)));
add("/index.html", readFileSync(join(import.meta.dirname, "index.html"), "utf8").replace("<!-- script -->", '<script type="module" src="boot.js"></script>'));
page.set("/", page.get("/index.html"));
for (const [path, html] of guides()) add(`/${path}`, html);

/** The key group: a folder with one file for each public key, named after its id. */
mkdirSync(groupFolder, { recursive: true });
const addresses = new WeakMap();
let check;
function readGroup() {
  const names = readdirSync(groupFolder).filter((name) => name.endsWith(".pem"));
  const publicKeys = Object.fromEntries(names.map((name) => [name.slice(0, -4), readFileSync(join(groupFolder, name), "utf8")]));
  check =
    names.length > 0 &&
    guard({
      publicKeys,
      clientAddress: (request) => addresses.get(request),
      onDecision: (decision, request) => decisions.set(request, decision),
    });
}
const decisions = new WeakMap();
readGroup();

/** The page's public key joins the group; it has been read by the verifier before. */
function register(text) {
  const { keyPairId, publicKey } = JSON.parse(text);
  new Verifier({ publicKeys: { [keyPairId]: publicKey } });
  writeFileSync(join(groupFolder, `${keyPairId}.pem`), publicKey);
  readGroup();
}

async function answer(request, response) {
  const { pathname } = new URL(request.url, "http://localhost");
  response.setHeader("x-content-type-options", "nosniff");
  // Another site that a browser was led to from here under another name may not use this one.
  const host = request.headers.host ?? "";
  if (!/^(localhost|127\.0\.0\.1)(:\d+)?$/.test(host)) return end(response, 421, "This server is for localhost.\n");
  if (pathname === "/demo/key" && request.method === "POST") {
    if (request.headers.origin !== `http://${host}`) return end(response, 403, "Only the page itself may add a key.\n");
    let text = "";
    for await (const part of request.setEncoding("utf8")) if ((text += part).length > 10_000) return end(response, 413, "Too long.\n");
    try {
      register(text);
    } catch (error) {
      return end(response, 400, `${error.message}\n`);
    }
    return end(response, 204);
  }
  if (request.method !== "GET" && request.method !== "HEAD") return end(response, 405, "GET and HEAD are answered.\n");
  if (pathname.startsWith("/private/")) return privateFile(request, response, `http://${host}${request.url}`, pathname);
  const file = page.get(pathname);
  if (!file) return end(response, 404, "There is no such page.\n");
  const compressed = /\bbr\b/.test(request.headers["accept-encoding"] ?? "");
  response.writeHead(200, { "content-type": file.type, "content-security-policy": POLICY, "referrer-policy": "no-referrer", vary: "accept-encoding", "cache-control": "no-cache", ...(compressed && { "content-encoding": "br" }) });
  response.end(request.method === "HEAD" ? undefined : compressed ? file.compressed() : file.content);
}

async function privateFile(request, response, url, pathname) {
  const asked = new Request(url, { method: request.method, headers: request.headersDistinct.cookie ? { cookie: request.headersDistinct.cookie.join("; ") } : {} });
  addresses.set(asked, request.socket.remoteAddress);
  const denied = check ? await check(asked) : new Response("There is no key in the group yet.\n", { status: 403 });
  const { reason = "allowed", reasonCode, values, source } = decisions.get(asked) ?? { reason: "no key group" };
  // No distribution tells this; a demo does.
  response.setHeader("x-demo-reason", encodeURIComponent(JSON.stringify({ code: reasonCode, values, message: reason })));
  response.on("finish", () => console.log(`${new Date().toISOString()} ${request.socket.remoteAddress} ${request.method} ${pathname} ${response.statusCode} ${reason}`));
  if (denied) {
    response.writeHead(denied.status, Object.fromEntries(denied.headers));
    return response.end(await denied.text());
  }
  if (pathname.endsWith(".m3u8")) return playlist(response, url, pathname, source);
  send(request, pathname.slice("/private/".length), { root: join(import.meta.dirname, "private"), dotfiles: "deny", index: false, cacheControl: false })
    .on("headers", (response) => response.setHeader("cache-control", "no-store"))
    .on("error", ({ status = 500 }) => end(response, status, "There is no such file.\n"))
    .pipe(response);
}

/** A player asks for each address of a playlist as it stands there: it gets them signed, by the grant of who asks. */
function playlist(response, url, pathname, source) {
  if (!existsSync(join(import.meta.dirname, pathname))) return end(response, 404, "There is no such file.\n");
  const text = readFileSync(join(import.meta.dirname, pathname), "utf8");
  response.writeHead(200, { "content-type": "application/vnd.apple.mpegurl", "cache-control": "no-store" });
  // Cookies come along by themselves.
  response.end(source === "url" ? Grant.fromUrl(url).manifest(text, url) : text);
}

function end(response, status, text) {
  response.writeHead(status, { "content-type": "text/plain" });
  response.end(text);
}

const server = createServer((request, response) => {
  answer(request, response).catch((error) => {
    console.error(error);
    if (!response.headersSent) end(response, 500, "The demo has failed.\n");
  });
});
server.listen(Number(port), "127.0.0.1", () => console.log(`the page is on http://localhost:${server.address().port}/`));
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => server.close(() => process.exit(0)) && server.closeIdleConnections());
