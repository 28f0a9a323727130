// The rows of the other runtimes: workerd, Deno and Bun, which come with the packages of tests/packaging, and browsers.
import { spawn } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import { DENO_ENV, DENO_RUN, binaryOf } from "../../tests/packaging/programs.mjs";
import { bundle, serve, wranglerConfiguration } from "../../tests/packaging/worker_bundle.mjs";
import { browsers, opened, servePage } from "./browsers.mjs";
import { batchesSideBySide, each, quick, spread } from "./measure.mjs";
import { begin, row } from "./rows.mjs";
import { GRANT_URLS } from "./subjects.mjs";

export const here = import.meta.dirname;

/** A program that answers each line with a line, one at a time. */
export function lines(program, args, env = {}) {
  const child = spawn(program, args, { cwd: here, env: { ...process.env, ...env }, stdio: ["pipe", "pipe", "inherit"] });
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async ask(line) {
      child.stdin.write(`${line}\n`);
      const { value, done } = await answers.next();
      if (done) throw new Error(`${program} has ended`);
      return JSON.parse(value);
    },
    stop: () => child.kill(),
  };
}

function lineHost(program, args, env) {
  const { ask, stop } = lines(program, args, env);
  return { ask: (request) => ask(JSON.stringify(request)), stop };
}

const deno = () => lineHost(binaryOf("deno"), [...DENO_RUN, "lines.mjs"], DENO_ENV);
const bun = () => lineHost(binaryOf("bun"), ["run", "lines.mjs"]);

/** A Worker as wrangler bundles it, from a module here and the contents of `files`. */
export function worker(module, flags) {
  const folder = fileURLToPath(new URL(`../../target/bench/${module}`, import.meta.url));
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "worker.js"), `export { default } from ${JSON.stringify(relative(folder, join(here, `${module}.mjs`)).replaceAll("\\", "/"))};\n`);
  writeFileSync(join(folder, "wrangler.json"), wranglerConfiguration(flags));
  return bundle(folder);
}

/** workerd's clock stands still during a request, so its batches are timed from here, minus the fastest request without work. */
async function workerd() {
  const flags = ["nodejs_compat"];
  const { origin, stop } = await serve(worker("worker", flags), { flags });
  const ask = async (request) => {
    const response = await fetch(origin, { method: "POST", body: JSON.stringify(request) });
    if (!response.ok) throw new Error(await response.text());
    return response.json();
  };
  const taken = async (subject, count) => {
    const start = performance.now();
    await ask({ subject, count });
    return (performance.now() - start) * 1000;
  };
  let idle = Infinity;
  const batch = async (subject, count) => {
    idle = Math.min(idle, await taken(subject, 0));
    return (await taken(subject, count)) - idle;
  };
  return { ask, batch, stop };
}

async function page(browser, url) {
  const page = await opened(browser, url);
  return { ask: (request) => page.evaluate((request) => globalThis.answer(request), request), stop: () => page.close() };
}

const CRATE = "the crate `rsa` compiled to WebAssembly with its defaults";
const SDK = "getSignedUrl of @aws-sdk/cloudfront-signer";

async function measure(name, host, keys) {
  begin(name);
  try {
    const { names, engines } = await host.ask({ keys });
    const batch = host.batch ?? ((subject, count) => host.ask({ subject, count }));
    const times = await batchesSideBySide(Object.fromEntries(names.map((subject) => [subject, (count) => batch(subject, count)])));
    const web = { RSA: ["WebCrypto's `sign` alone, key imported once, RSA", times["rsa-web"]], ECDSA: ["WebCrypto's `sign` alone, key imported once, P-256", times["p256-web"]] };
    const sdk = { RSA: [`${SDK} with a PEM`, times["rsa-sdk"]], ECDSA: [`${SDK} with an EC PEM`, times["p256-sdk"]] };
    const peers = times["rsa-sdk"] ? sdk : web;
    for (const [type, subject, peer] of [["RSA-2048", "rsa", peers.RSA], ["ECDSA P-256", "p256", peers.ECDSA]]) {
      const taken = engines[`${subject}-auto`];
      row(`\`Signer.signUrl\`, ${type}, ${name}, engine auto (${taken})`, times[`${subject}-auto`], ...peer);
      if (taken !== "wasm") row(`\`Signer.signUrl\`, ${type}, ${name}, engine wasm`, times[`${subject}-wasm`], ...peer);
    }
    row(`\`AsyncSigner.fromKey\` and \`signUrl\`, RSA-2048, ${name}`, times.async, ...web.RSA);
    row(`\`grant.urls\`, per URL, ${name}`, each(times.grant, GRANT_URLS), ...peers.RSA);
    row(`\`Verifier.verify\`, RSA-2048, ${name}, engine auto`, times.verify, "WebCrypto's `verify` alone, key imported once", times["verify-web"]);
    return times;
  } finally {
    await host.stop();
  }
}

/** The first signature of a page, over so many pages, because a browser's clock is coarse. */
async function firstSignatures(browser, url, privateKey, whose) {
  const times = [];
  for (let count = quick ? 1 : 7; count > 0; count--) {
    const page = await opened(browser, url);
    times.push(await page.evaluate((...given) => globalThis.firstSignature(...given), privateKey, whose));
    await page.close();
  }
  return spread(times);
}

/** The browsers' engines, and the crate `rsa` in each if its module is given. */
async function inBrowsers(keys, chromium, rsaCrate) {
  const { url, stop } = await servePage(rsaCrate);
  const againstCrate = [];
  try {
    for (const [name, start] of Object.entries(browsers(chromium))) {
      const browser = await start();
      try {
        const times = await measure(name, await page(browser, url), keys);
        if (!rsaCrate) continue;
        const key = keys.RSA.privateKey;
        const first = { own: await firstSignatures(browser, url, key, "ours"), crate: await firstSignatures(browser, url, key, "the crate's") };
        againstCrate.push([name, times, first]);
      } finally {
        await browser.close();
      }
    }
  } finally {
    stop();
  }
  if (againstCrate.length > 0) begin("Against Rust crates");
  for (const [name, times, first] of againstCrate) {
    const engine = `RSA-2048, ${name}, engine wasm`;
    row(`\`Signer.signUrl\`, ${engine}`, times["rsa-wasm"], `${CRATE}, the signature alone`, times["rsa-crate"], 4);
    row(`the first \`Signer.signUrl\` of a page, key loaded, ${engine}`, first.own, `${CRATE}, its first signature`, first.crate, 4);
  }
}

export async function runtimes(keys, chromium, rsaCrate) {
  await measure("workerd with nodejs_compat", await workerd(), keys);
  await measure("Deno", deno(), keys);
  await measure("Bun", bun(), keys);
  await inBrowsers(keys, chromium, rsaCrate);
}
