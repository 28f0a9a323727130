// The demo's server: the page, and private files behind the package's `guard` for Node, as in a real service. Listens on this machine only.
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join } from "node:path";
import { brotliCompressSync } from "node:zlib";

import { Verifier } from "countersign";
import { guard } from "countersign/express";
import send from "send";

import { guides } from "./guides.mjs";

const [port = "8080", groupFolder = join(import.meta.dirname, "..", "target", "demo", "key-group")] = process.argv.slice(2);

const POLICY =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self'; media-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const TYPES = { ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".wasm": "application/wasm" };

/** The page's files by path, each compressed when first requested. */
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

/** The key group: a folder with a file for each public key, named after its ID. */
mkdirSync(groupFolder, { recursive: true });
let check;
function readGroup() {
  const names = readdirSync(groupFolder).filter((name) => name.endsWith(".pem"));
  const publicKeys = Object.fromEntries(names.map((name) => [name.slice(0, -4), readFileSync(join(groupFolder, name), "utf8")]));
  // Players request a playlist's addresses unchanged, so each is signed with the requester's grant.
  check = names.length > 0 && guard({ publicKeys, manifests: true, clientAddress: ({ socket }) => socket.remoteAddress, onDecision: tell });
}
const responses = new WeakMap();
readGroup();

/** A distribution does not say why; a demo does. */
function tell({ reason = "allowed", reasonCode, values }, request) {
  const response = responses.get(request);
  response.setHeader("x-demo-reason", encodeURIComponent(JSON.stringify({ code: reasonCode, values, message: reason })));
  const { pathname } = new URL(request.url, "http://localhost");
  response.on("finish", () => console.log(`${new Date().toISOString()} ${request.socket.remoteAddress} ${request.method} ${pathname} ${response.statusCode} ${reason}`));
}

/** Adds the page's public key to the group. The verifier has read it before. */
function register(text) {
  const { keyPairId, publicKey } = JSON.parse(text);
  new Verifier({ publicKeys: { [keyPairId]: publicKey } });
  writeFileSync(join(groupFolder, `${keyPairId}.pem`), publicKey);
  readGroup();
}

async function answer(request, response) {
  const { pathname } = new URL(request.url, "http://localhost");
  response.setHeader("x-content-type-options", "nosniff");
  // DNS rebinding: another site must not use this server under its own name.
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
  if (pathname.startsWith("/private/")) return privateFile(request, response, pathname);
  const file = page.get(pathname);
  if (!file) return end(response, 404, "There is no such page.\n");
  const compressed = /\bbr\b/.test(request.headers["accept-encoding"] ?? "");
  response.writeHead(200, { "content-type": file.type, "content-security-policy": POLICY, "referrer-policy": "no-referrer", vary: "accept-encoding", "cache-control": "no-cache", ...(compressed && { "content-encoding": "br" }) });
  response.end(request.method === "HEAD" ? undefined : compressed ? file.compressed() : file.content);
}

function privateFile(request, response, pathname) {
  if (!check) return end(response, 403, "There is no key in the group yet.\n");
  responses.set(request, response);
  return check(request, response, (error) => {
    if (error) throw error;
    send(request, pathname.slice("/private/".length), { root: join(import.meta.dirname, "private"), dotfiles: "deny", index: false, cacheControl: false })
      .on("headers", (response) => response.setHeader("cache-control", "no-store"))
      .on("error", ({ status = 500 }) => end(response, status, "There is no such file.\n"))
      .pipe(response);
  });
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
