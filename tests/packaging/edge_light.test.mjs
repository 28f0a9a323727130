// The suite in Vercel's edge runtime, with its ban on run-time compilation, which the simulator alone does not enforce.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { test } from "node:test";

import { EdgeVM } from "@edge-runtime/vm";
import { build } from "esbuild";

import { conforms, project } from "./project.mjs";

/** As in Next.js: `….wasm?module` is compiled on upload and passed as a module. */
function edgeModules(found) {
  return {
    name: "edge-modules",
    setup(build) {
      build.onResolve({ filter: /\.wasm\?module$/ }, ({ path, importer }) => ({ path: join(dirname(importer), path.replace("?module", "")), namespace: "edge-module" }));
      build.onLoad({ filter: /./, namespace: "edge-module" }, ({ path }) => {
        found.push(path);
        return { contents: `export default globalThis[${JSON.stringify(basename(path))}];` };
      });
    },
  };
}

const FORBIDDEN = `
  const { Module, instantiate } = WebAssembly;
  const refuse = () => { throw new WebAssembly.CompileError("Wasm code generation disallowed by embedder"); };
  WebAssembly.compile = async () => refuse();
  WebAssembly.Module = new Proxy(Module, { construct: refuse });
  WebAssembly.instantiate = async (source, imports) => (source instanceof Module ? instantiate(source, imports) : refuse());`;

async function edge(entry, folder, conditions = ["edge-light"]) {
  const modules = [];
  const { outputFiles } = await build({
    absWorkingDir: folder, entryPoints: [entry], bundle: true, format: "iife", platform: "neutral", mainFields: [], conditions, write: false, logLevel: "silent", plugins: [edgeModules(modules)],
  });
  const vm = new EdgeVM();
  for (const path of modules) vm.context[basename(path)] = new (vm.evaluate("WebAssembly.Module"))(readFileSync(path));
  vm.evaluate(FORBIDDEN);
  return { modules, vm, start: () => vm.evaluate(outputFiles[0].text) };
}

test("the ban is in force", async () => {
  const { vm } = await edge("edge_function.js", project("edge-ban"));
  const empty = "new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0])";
  for (const attempt of [`WebAssembly.compile(${empty})`, `(async () => new WebAssembly.Module(${empty}))()`, `WebAssembly.instantiate(${empty})`]) {
    await assert.rejects(vm.evaluate(attempt), /disallowed by embedder/, attempt);
  }
});

conforms("edge-light", "wasm", async () => {
  const { modules, vm, start } = await edge("edge_function.js", project("edge-light"));
  assert.deepEqual(modules.map((path) => basename(path)), ["core.wasm"]);
  start();
  return JSON.parse(await vm.evaluate("report().then(JSON.stringify)"));
});

test("an edge bundle made without the condition says what is missing", async () => {
  const { start } = await edge("edge_function.js", project("edge-without-condition"), []);
  assert.throws(start, ({ code, message, hint }) => code === "NOT_INITIALIZED" && /disallowed by embedder/.test(message) && /edge-light/.test(hint));
});
