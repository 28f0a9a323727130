// Starts and stops `countersign serve` over a test's own folder.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { Signer } from "countersign";

import { required } from "./environment.mjs";
import { KEY_PAIR_ID, keyFile, pem } from "./keys.mjs";
import { inTime, printed } from "./waiting.mjs";

export const signer = new Signer({ keyPairId: KEY_PAIR_ID, privateKey: pem("rsa2048") });

/** A folder with these files, `{ "films/a.txt": content }`. */
export function folderWith(files) {
  const folder = mkdtempSync(join(tmpdir(), "countersign-serve-"));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return { folder, remove: () => rmSync(folder, { recursive: true }) };
}

/** Runs the binary with these options. `address` is where it listens, `log()` its log so far, `out()` its standard output. */
export const serve = (...options) => serveWith({}, ...options);

/** The same with standard error redirected, and in a shell after this command, which can set a limit. */
export async function serveWith({ stderr = "pipe", shell }, ...options) {
  const command = [required("COUNTERSIGN_BIN"), "serve", "--public-key", `${KEY_PAIR_ID}=file://${keyFile("rsa2048.pub")}`, "--listen", "127.0.0.1:0", ...options];
  const [program, ...args] = shell ? ["sh", "-c", `${shell}; exec "$0" "$@"`, ...command] : command;
  const server = spawn(program, args, { stdio: ["ignore", "pipe", stderr] });
  let out = "";
  server.stdout.setEncoding("utf8").on("data", (text) => (out += text));
  let log = "";
  server.stderr?.setEncoding("utf8").on("data", (text) => (log += text));
  const ended = once(server, "exit");
  const [, address] = await printed(server, /^listening on (http:\/\/127\.0\.0\.1:\d+)\n/m);
  return {
    address,
    pid: server.pid,
    out: () => out,
    log: () => log,
    /** Stops reading the log. */
    hangUp: () => server.stderr.destroy(),
    signal: (signal) => server.kill(signal),
    ended,
    async stop() {
      server.kill("SIGTERM");
      const [status] = await inTime(ended, "an end of the server", () => log);
      // Windows ends a process without a signal.
      if (process.platform !== "win32") assert.equal(status, 0, log);
    },
  };
}
