#!/usr/bin/env node
// The command line: the program of the Rust crate, compiled to WebAssembly, with this machine's files, variables and standard input.
import { readFileSync } from "node:fs";
import process from "node:process";

import { folders, guestArguments, guestPath, withoutWarning } from "./host.js";

const { WASI } = await withoutWarning(() => import("node:wasi"));

let module;
try {
  module = new WebAssembly.Module(readFileSync(new URL("dist/countersign.wasm", import.meta.url)));
} catch (cause) {
  console.error(`error[NOT_INITIALIZED]: dist/countersign.wasm cannot be loaded: ${cause.message}\nhint: Reinstall countersign-cli; in a clone of the repository, run: cargo xtask build --cli`);
  process.exit(1);
}

// Nobody else may read a private key that is written here, and WebAssembly cannot set this for one file.
process.umask(0o077);
const wasi = new WASI({
  version: "preview1",
  args: ["countersign", ...guestArguments(process.argv.slice(2))],
  // PWD is where relative paths begin.
  env: { ...process.env, PWD: guestPath(process.cwd()) },
  preopens: folders(),
});
try {
  process.exitCode = wasi.start(new WebAssembly.Instance(module, wasi.getImportObject()));
} catch (cause) {
  // The program reports its own errors; this one means that memory or the stack ran out.
  console.error(`error[MODULE_STOPPED]: the WebAssembly module has stopped: ${cause.message}\nhint: Memory or the stack ran out; the binary countersign has more of both.`);
  process.exitCode = 1;
}
