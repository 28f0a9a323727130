// The declarations of the installed package, as TypeScript's projects see them: strict, moduleResolution node16 and bundler, ES modules
// and CommonJS, with and without the types of a host, without skipLibCheck. A run finds exactly what they declare.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { project, run, tool } from "./project.mjs";

const CONSUMER = `
import { CountersignError, Signer, Verifier, guard, inspect, type ErrorCode, type SignerOptions } from "countersign";
import * as slim from "countersign/slim";
import { init, initSync, type CoreInput } from "countersign/slim";

const options: SignerOptions = { keyPairId: "K2JCJMDEHXQW5F", privateKey: new Uint8Array() };
export const url: string = new Signer(options).signUrl("https://a.example/", { dateLessThan: "1h" });
export const engine: "wasm" | "host" = new slim.Signer(options).engine;
export const code = (error: unknown): ErrorCode | undefined => (error instanceof CountersignError ? error.code : undefined);
export const later: Promise<void> = init();
export const inputs: CoreInput[] = ["https://a.example/core.wasm", new ArrayBuffer(8), new Uint8Array(8)];
initSync(new Uint8Array(8));
// A signer from one entry is also one for the other.
export const same: slim.Signer = new Signer(options);
// @ts-expect-error: the address of a module is for init
initSync("core.wasm");
// @ts-expect-error: a number is no module
init(7);
// @ts-expect-error: an engine of another name
new slim.Signer({ ...options, engine: "native" });
export { Verifier, guard, inspect };
`;
const WITH_HOST = `
import core from "countersign/core.wasm";
import { init, initSync } from "countersign/slim";

export const loaded: Promise<void>[] = [init(core), init(fetch("core.wasm")), init(new URL("https://a.example/core.wasm")), init(new Request("https://a.example/core.wasm"))];
initSync(core);
`;
const WITH_WEBASSEMBLY = `
import core from "countersign/core.wasm";
import { initSync } from "countersign/slim";

initSync(new WebAssembly.Module(new Uint8Array(8)));
export const module: WebAssembly.Module = core;
`;

const base = { target: "es2022", types: [], strict: true, exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true, verbatimModuleSyntax: false, skipLibCheck: false, noEmit: true };
const projects = {
  "node16, bare ES2022": { files: ["consumer.mts", "consumer.cts"], compilerOptions: { ...base, module: "node16", moduleResolution: "node16", lib: ["es2022"] } },
  "node16, Node's types": { files: ["consumer.mts", "consumer.cts", "host.mts"], compilerOptions: { ...base, module: "node16", moduleResolution: "node16", lib: ["es2022"], types: ["node"], typeRoots: [tool("@types")] } },
  "bundler, bare ES2022": { files: ["consumer.mts"], compilerOptions: { ...base, module: "esnext", moduleResolution: "bundler", lib: ["es2022"] } },
  "bundler, a page": { files: ["consumer.mts", "host.mts", "webassembly.mts"], compilerOptions: { ...base, module: "esnext", moduleResolution: "bundler", lib: ["es2022", "dom"] } },
  "bundler, a worker by condition": { files: ["consumer.mts", "host.mts", "webassembly.mts"], compilerOptions: { ...base, module: "esnext", moduleResolution: "bundler", customConditions: ["workerd"], lib: ["es2022", "webworker"] } },
  "bundler, an edge function by condition": { files: ["consumer.mts"], compilerOptions: { ...base, module: "esnext", moduleResolution: "bundler", customConditions: ["edge-light"], lib: ["es2022"] } },
};

for (const [name, { files, compilerOptions }] of Object.entries(projects)) {
  test(`types: ${name}`, () => {
    const folder = project(`types-${name.replace(/[^a-z0-9]+/gi, "-").toLowerCase()}`, {
      "consumer.mts": CONSUMER, "consumer.cts": CONSUMER, "host.mts": WITH_HOST, "webassembly.mts": WITH_WEBASSEMBLY, "tsconfig.json": JSON.stringify({ compilerOptions, files }),
    }, { suite: false });
    run(process.execPath, [tool("typescript/bin/tsc"), "--project", folder], folder);
  });
}

test("the values that are declared are the values that are there, in every entry", () => {
  const declared = (text) => [...text.matchAll(/^export declare (?:class|function|const) (\w+)/gm)].map(([, name]) => name);
  const folder = project("exports", {
    "run.mjs": `
      import { createRequire } from "node:module";
      const require = createRequire(import.meta.url);
      const names = (entry) => Object.keys(entry).filter((name) => name !== "default").sort();
      const entries = ["countersign", "countersign/slim"];
      console.log(JSON.stringify(await Promise.all(entries.map(async (entry) => [names(await import(entry)), names(require(entry))]))));`,
  }, { suite: false });
  const [main, slim] = JSON.parse(run(process.execPath, ["run.mjs"], folder));
  const declarations = (name) => readFileSync(new URL(`../../pkg/${name}.d.cts`, import.meta.url), "utf8");
  const names = [...new Set(declared(declarations("index")))].sort();
  for (const found of main) assert.deepEqual(found, names);
  for (const found of slim) assert.deepEqual(found, [...names, ...declared(declarations("slim"))].sort());
});
