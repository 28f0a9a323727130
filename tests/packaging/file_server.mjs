// Serves the packaging tests' folder over HTTP, for browsers.
import { createReadStream, existsSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";

import { required } from "../js/environment.mjs";

const TYPES = { ".html": "text/html", ".js": "text/javascript", ".mjs": "text/javascript", ".wasm": "application/wasm", ".json": "application/json" };

/** A Content-Security-Policy for each of these folders. */
const POLICIES = {
  "/strict/": "default-src 'self'",
  "/unconnected/": "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'none'",
};

/** Starts a file server, which sends a page of its own for missing files, as many do. Returns its address and a function that stops it. */
export async function serveFiles() {
  const server = createServer(({ url }, response) => {
    const { pathname } = new URL(url, "http://localhost");
    const file = join(required("PACKAGE_INSTALLED"), normalize(pathname.endsWith("/") ? `${pathname}index.html` : pathname));
    const found = existsSync(file) && statSync(file).isFile();
    const status = found || pathname.endsWith("fallback.wasm") ? 200 : 404;
    const policy = Object.entries(POLICIES).find(([folder]) => pathname.includes(folder))?.[1];
    const csp = policy ? { "content-security-policy": policy } : {};
    response.writeHead(status, { "content-type": found ? (TYPES[extname(file)] ?? "application/octet-stream") : "text/html", ...csp });
    if (found) createReadStream(file).pipe(response);
    else response.end("<!doctype html><title>Not found</title>");
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { origin: `http://127.0.0.1:${server.address().port}`, stop: () => server.close() };
}

/** A page that is one script. */
export const html = (script, type = "module") => `<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><script type="${type}" src="${script}"></script>`;

/** The same with the package under its name, without a bundler. */
export const htmlWithImports = (script, imports = { countersign: "../node_modules/countersign/dist/index.js" }) =>
  html(script).replace("<script", `<script type="importmap">${JSON.stringify({ imports })}</script><script`);
