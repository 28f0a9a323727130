// A Cloudflare Worker, bundled by wrangler as for upload, and run by workerd.
import { spawn } from "node:child_process";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { gzipSync } from "node:zlib";

import workerd from "workerd";

import { inTime } from "../js/waiting.mjs";
import { newestNode, run, tool } from "./project.mjs";

const COMPATIBILITY_DATE = "2026-11-01";

export const wranglerConfiguration = (flags = []) =>
  JSON.stringify({ name: "countersign-test", main: "worker.js", compatibility_date: COMPATIBILITY_DATE, compatibility_flags: flags, send_metrics: false });

/** Runs `wrangler deploy --dry-run` in a folder with a wrangler.json or a wrangler.toml. Returns the files, the worker first, and their compressed size. */
export function bundle(folder) {
  const outdir = join(folder, "bundled");
  // It refuses Node 20.
  run(newestNode, [tool("wrangler/bin/wrangler.js"), "deploy", "--dry-run", "--outdir", outdir], folder, {
    WRANGLER_SEND_METRICS: "false", WRANGLER_SEND_ERROR_REPORTS: "false", WRANGLER_HIDE_BANNER: "true", WRANGLER_LOG_PATH: join(folder, "logs"), CI: "true",
  });
  const files = readdirSync(outdir).filter((file) => /\.(js|wasm)$/.test(file)).sort((one, other) => one.endsWith(".wasm") - other.endsWith(".wasm"));
  return { outdir, files, gzip: files.reduce((size, file) => size + gzipSync(readFileSync(join(outdir, file))).length, 0) };
}

/** Starts workerd with a bundle. Returns its address, and a function that ends it. */
export async function serve({ outdir, files }, { flags = [], bindings = "" } = {}) {
  const modules = files.map((file) => `(name = ${JSON.stringify(file)}, ${file.endsWith(".wasm") ? "wasm" : "esModule"} = embed ${JSON.stringify(file)})`);
  writeFileSync(join(outdir, "workerd.capnp"), `
    using Workerd = import "/workerd/workerd.capnp";
    const config :Workerd.Config = (services = [(name = "main", worker = .worker)], sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")]);
    const worker :Workerd.Worker = (
      modules = [${modules.join(", ")}],
      compatibilityDate = "${COMPATIBILITY_DATE}",
      compatibilityFlags = ${JSON.stringify(flags)},
      bindings = [${bindings}],
    );`);
  const program = spawn(workerd.default ?? workerd, ["serve", "workerd.capnp", "--control-fd=3"], { cwd: outdir, stdio: ["ignore", "inherit", "pipe", "pipe"] });
  const errors = [];
  program.stderr.on("data", (data) => errors.push(data));
  const ended = new Promise((resolve) => program.once("close", resolve));
  const stop = async () => {
    program.kill();
    await ended;
  };
  const listening = new Promise((resolve) => createInterface(program.stdio[3]).on("line", (line) => JSON.parse(line).event === "listen" && resolve(JSON.parse(line).port)));
  const port = await inTime(Promise.race([listening, ended]), "workerd's port", () => Buffer.concat(errors));
  if (program.exitCode !== null) throw new Error(`workerd did not start: ${Buffer.concat(errors)}`);
  return { origin: `http://127.0.0.1:${port}`, stop };
}

/** The bundle's response to one request. */
export async function answer(bundled, flags) {
  const { origin, stop } = await serve(bundled, { flags });
  try {
    return await (await fetch(origin)).text();
  } finally {
    await stop();
  }
}
