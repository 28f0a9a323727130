// The demo page for tests: its server, the exported page, and a browser that records every request and every error.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { chromium } from "playwright-core";

import { required } from "./environment.mjs";
import { PATIENCE, printed } from "./waiting.mjs";

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));
const TYPES = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".webm": "video/webm", ".pdf": "application/pdf", ".txt": "text/plain" };
/** Ways in which a script could contact a server. */
const REACHING = ["fetch", "xhr", "websocket", "eventsource", "ping"];

/** Serves the page twice: as the demo does, and as a static host would. */
export async function serveDemo() {
  const folder = mkdtempSync(join(tmpdir(), "countersign-page-"));
  const server = spawn(process.execPath, [path("../../www/server.mjs"), "0", join(folder, "group")], { stdio: ["ignore", "pipe", "inherit"] });
  const [address] = await printed(server, /http:\S+/);
  const files = createServer((request, response) => {
    const file = join(required("EXPORTED_PAGE"), request.url === "/" ? "index.html" : new URL(request.url, "http://x").pathname);
    response.writeHead(200, { "content-type": TYPES[extname(file)] }).end(readFileSync(file));
  }).listen(0, "127.0.0.1");
  await once(files, "listening");
  return {
    folder,
    address,
    exportedAddress: `http://localhost:${files.address().port}/`,
    stop() {
      files.close();
      server.kill();
      rmSync(folder, { recursive: true });
    },
  };
}

export const startChromium = () => chromium.launch({ executablePath: required("CHROMIUM"), args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"] });

/** Opens the page and records its requests and errors. */
export async function openPage(browser, address, { language = "en", ...options } = {}) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 1000 }, locale: language === "ja" ? "ja-JP" : "en-US", ...options });
  await context.grantPermissions(["clipboard-read", "clipboard-write"]).catch(() => {});
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE);
  const seen = { requests: [], complaints: [] };
  page.on("request", (request) => seen.requests.push({ url: request.url(), type: request.resourceType(), body: request.postData() ?? "" }));
  // "Try it" asks for a 403.
  page.on("console", (message) => ["error", "warning"].includes(message.type()) && !message.text().includes("status of 403") && seen.complaints.push(message.text()));
  page.on("pageerror", (error) => seen.complaints.push(String(error)));
  await page.addInitScript(() => document.addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) => console.error("CSP", violatedDirective, blockedURI)));
  await page.goto(address);
  await page.locator('body:not([data-mode="none"])').waitFor();
  return { page, context, seen };
}

/** The scripts' requests to servers, except for the module. */
export const asked = ({ requests }) => requests.filter(({ type, url }) => REACHING.includes(type) && !url.endsWith("/core.wasm"));

/** A field by its whole label. */
export const field = (page, label) => page.getByLabel(label, { exact: true }).and(page.locator("input, textarea, select"));

export const BOX = "Paste a signed URL, cookies, a policy, a key or a log line";

export const paste = (page, text) => field(page, BOX).fill(text);

export const mode = (page, name) => page.getByRole("tablist", { name: "Modes" }).getByRole("tab", { name, exact: true }).click();

/** The texts of the five steps and the banner. */
export async function verdict(page) {
  const steps = await page.locator("#steps li").evaluateAll((items) => Object.fromEntries(items.map((item) => [item.dataset.step, { state: item.dataset.state, sentence: item.querySelector(".sentence").textContent }])));
  const banner = page.locator("#banner");
  return { state: await banner.getAttribute("data-state"), title: await page.locator("#banner-title").innerText(), text: (await page.locator("#banner-text").innerText()).trim(), steps };
}
