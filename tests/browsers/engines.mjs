// Firefox and WebKit, each behind the same few methods: Firefox through WebDriver BiDi; WebKit, Safari's engine, through WebDriver, in an
// invisible window. Tests need to know neither protocol. Chromium has playwright.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** Milliseconds to wait for a page, for an engine's start, and for its end. */
const PATIENCE = 120_000;
const START = 60_000;
const END = 10_000;

/**
 * Starts an engine; `await (await start(programs)).open(url)` is a page. WebKit takes variables of its environment as well.
 * A page has `evaluate(function, ...values)`, which waits for what the function promises; `waitFor(function, ...values)`, which asks until
 * it gives something and gives that; `fill(selector, text)`, `click(selector)`, `text(selector)`; `resize(width, height)`; `screenshot()`,
 * a PNG; `close()`; and `complaints`, the uncaught errors and console errors since the page was there.
 */
export const ENGINES = { Firefox: startFirefox, WebKit: startWebKit };

/** Asks a page until it returns something. */
async function ask(page, look, values) {
  const until = performance.now() + PATIENCE;
  for (;;) {
    const found = await page.evaluate(look, ...values);
    if (found) return found;
    if (performance.now() > until) throw new Error(`the page never answers ${look}; it complained of ${JSON.stringify(await page.complaints())}`);
    await sleep(50);
  }
}

/** In the page: both protocols type key by key, which takes seconds for a private key. */
function fill(selector, text) {
  const field = globalThis.document.querySelector(selector);
  field.focus();
  field.value = text;
  for (const type of ["input", "change"]) field.dispatchEvent(new Event(type, { bubbles: true }));
}

async function startFirefox({ FIREFOX }) {
  const { default: puppeteer } = await import("puppeteer-core");
  const browser = await puppeteer.launch({ browser: "firefox", executablePath: FIREFOX, headless: true, timeout: START, protocolTimeout: PATIENCE });
  const close = () => browser.close();
  return { name: "Firefox", version: await browser.version(), open: async (url) => firefoxPage(await browser.newPage(), url), close };
}

async function firefoxPage(page, url) {
  const complaints = [];
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  const own = {
    evaluate: (work, ...values) => page.evaluate(work, ...values),
    waitFor: (look, ...values) => ask(own, look, values),
    fill: (selector, text) => page.evaluate(fill, selector, text),
    click: async (selector) => {
      // A page behind another one draws nothing, and only a drawn page knows where to click.
      await page.bringToFront();
      await page.click(selector);
    },
    text: (selector) => page.$eval(selector, (element) => element.innerText),
    resize: (width, height) => page.setViewport({ width, height }),
    screenshot: async () => Buffer.from(await page.screenshot()),
    complaints: async () => complaints,
    close: () => page.close(),
  };
  await page.goto(url, { waitUntil: "domcontentloaded" });
  return own;
}

async function startWebKit({ WEBKIT_DRIVER, WEBKIT_BROWSER, XVFB }, environment = {}) {
  // It opens windows, so it gets a screen that exists only in memory.
  const screen = spawn(XVFB, ["-displayfd", "3", "-screen", "0", "1280x1024x24", "-nolisten", "tcp"], { stdio: ["ignore", "ignore", "ignore", "pipe"] });
  const [display] = await Promise.race([once(screen.stdio[3], "data", { signal: AbortSignal.timeout(START) }), once(screen, "exit").then(() => Promise.reject(new Error("Xvfb does not start")))]).catch((error) => {
    screen.kill("SIGKILL");
    throw error;
  });
  const port = await freePort();
  // A process group: ended alone, the driver leaves its browser behind.
  const driver = spawn(WEBKIT_DRIVER, [`--port=${port}`, "--host=127.0.0.1"], { env: { ...process.env, ...environment, DISPLAY: `:${String(display).trim()}`, GDK_BACKEND: "x11", LIBGL_ALWAYS_SOFTWARE: "1" }, stdio: "ignore", detached: true });
  const kill = (signal) => {
    try {
      process.kill(-driver.pid, signal);
    } catch {
      // It has ended by itself.
    }
  };
  const stop = async () => {
    const ended = Promise.all([driver, screen].map((program) => program.exitCode ?? program.signalCode ?? once(program, "exit")));
    kill("SIGTERM");
    screen.kill();
    // What hangs is not asked again.
    const late = setTimeout(() => [kill("SIGKILL"), screen.kill("SIGKILL")], END);
    await ended;
    clearTimeout(late);
  };
  try {
    return await webKitSession(port, WEBKIT_BROWSER, stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

async function webKitSession(port, binary, stop) {
  const command = async (method, path, body, patience = PATIENCE + END) => {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, { method, signal: AbortSignal.timeout(patience), ...(method === "POST" && { body: JSON.stringify(body ?? {}), headers: { "content-type": "application/json" } }) });
    const { value } = await answer.json();
    if (!answer.ok) throw new Error(`WebKit: ${value?.error}: ${value?.message}`);
    return value;
  };
  await untilItListens(() => command("GET", "/status", undefined, END));
  const alwaysMatch = { "webkitgtk:browserOptions": { binary, args: ["--automation"] }, timeouts: { script: PATIENCE, pageLoad: PATIENCE }, pageLoadStrategy: "none" };
  const { sessionId, capabilities } = await command("POST", "/session", { capabilities: { alwaysMatch } }, START);
  const base = `/session/${sessionId}`;
  // A session has many windows and works in one of them at a time. The first stays open: from a closed one no other can be opened.
  const first = await command("GET", `${base}/window`);
  let last = Promise.resolve();
  const inWindow = (handle, work) => {
    const result = last.then(async () => {
      await command("POST", `${base}/window`, { handle });
      return work((method, path, body) => command(method, base + path, body));
    });
    last = result.catch(() => {});
    return result;
  };
  const open = async (url) => {
    const { handle } = await inWindow(first, (command) => command("POST", "/window/new", { type: "window" }));
    return webKitPage((work) => inWindow(handle, work), url);
  };
  const close = async () => {
    await command("DELETE", base, undefined, END).catch(() => {});
    await stop();
  };
  return { name: "WebKit", version: `${capabilities.browserName} ${capabilities.browserVersion}`, open, close };
}

const freePort = () =>
  new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });

async function untilItListens(ask) {
  const until = performance.now() + START;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (performance.now() > until) throw error;
      await sleep(50);
    }
  }
}

/** A script that calls a function in the page and returns its result. It contains the function's text, since a page may forbid `eval`. */
const calling = (work) => `
  const [values, done] = arguments;
  (async () => (${work})(...values))().then((value) => done({ value }), (error) => done({ error: [error, error?.stack].join("\\n") }));`;

const LISTEN = `
  if (location.href === "about:blank" || document.readyState === "loading") return false;
  if (!globalThis.complaints) {
    const complaints = (globalThis.complaints = []);
    addEventListener("error", ({ message }) => complaints.push(message));
    addEventListener("unhandledrejection", ({ reason }) => complaints.push(String(reason)));
    const { error } = console;
    console.error = (...values) => { complaints.push(values.join(" ")); error.apply(console, values); };
  }
  return true;`;

// How WebDriver names a reference to an element.
const ELEMENT = "element-6066-11e4-a52e-4f735466cecf";

async function webKitPage(inWindow, url) {
  const evaluate = async (work, ...values) => {
    const { value, error } = await inWindow((command) => command("POST", "/execute/async", { script: calling(work), args: [values] }));
    if (error) throw new Error(error);
    return value ?? undefined;
  };
  const onElement = (selector, work) =>
    inWindow(async (command) => {
      const found = await command("POST", "/element", { using: "css selector", value: selector });
      return work((method, path, body) => command(method, `/element/${found[ELEMENT]}${path}`, body));
    });
  const isThere = (script) => inWindow((command) => command("POST", "/execute/sync", { script, args: [] }).catch(() => false));
  const own = {
    evaluate,
    waitFor: (look, ...values) => ask(own, look, values),
    fill: (selector, text) => evaluate(fill, selector, text),
    click: (selector) => onElement(selector, (command) => command("POST", "/click")),
    text: (selector) => onElement(selector, (command) => command("GET", "/text")),
    resize: (width, height) => inWindow((command) => command("POST", "/window/rect", { width, height })),
    screenshot: async () => Buffer.from(await inWindow((command) => command("GET", "/screenshot")), "base64"),
    complaints: () => evaluate(() => globalThis.complaints ?? []),
    close: () => inWindow((command) => command("DELETE", "/window")),
  };
  await inWindow((command) => command("POST", "/url", { url }));
  // The driver itself would wait for the page, and sometimes forever if the page has a style sheet.
  await ask({ evaluate: isThere, complaints: own.complaints }, LISTEN, []);
  return own;
}
