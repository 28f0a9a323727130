// The package in the test runners, loaders, bundlers and package managers that are known to have trouble with WebAssembly, the smallest
// project for each: Jest, Vitest, Vitest in workerd, tsx, ts-node, ncc, tsup, Parcel, Rspack, Yarn's Plug'n'Play, pnpm's isolated modules.
import assert from "node:assert/strict";
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { before, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";

import { required } from "../js/environment.mjs";
import { pem } from "../js/keys.mjs";
import { newestNode, project, run } from "./project.mjs";

const tools = fileURLToPath(new URL("../tools/node_modules/", import.meta.url));
const tool = (path) => join(tools, path);
const posix = (path) => path.replaceAll("\\", "/");

const smoke = readFileSync(new URL("smoke.js", import.meta.url), "utf8");
const keys = `${JSON.stringify(Object.fromEntries([["RSA", "rsa2048"], ["ECDSA", "p256"]].map(([type, name]) => [type, { privateKey: pem(name), publicKey: pem(`${name}.pub`) }])))}`;
const COMMON = {
  "smoke.mjs": smoke, "keys.mjs": `export default ${keys};\n`,
  "smoke.cjs": `${smoke.replace("export async function", "async function")}\nexports.wrong = wrong;\n`, "keys.cjs": `module.exports = ${keys};\n`,
};
const PRINT = 'import * as countersign from "countersign";\nimport { wrong } from "./smoke.mjs";\nimport keys from "./keys.mjs";\nwrong(countersign, keys).then((found) => console.log(JSON.stringify(found)));\n';
const PRINT_CJS = 'const countersign = require("countersign");\nconst { wrong } = require("./smoke.cjs");\nwrong(countersign, require("./keys.cjs")).then((found) => console.log(JSON.stringify(found)));\n';

const files = (name, more) => project(name, { ...COMMON, ...more }, { suite: false });
/** The program's last line lists what is wrong. */
const fine = (printed) => assert.deepEqual(JSON.parse(printed.trim().split("\n").at(-1)), []);

const RUN = '    expect(await wrong(countersign, keys)).toEqual([]);\n';
for (const environment of ["node", "jsdom"]) {
  const testEnvironment = environment === "node" ? "node" : tool("jest-environment-jsdom");
  const jest = (folder, ...options) => run(process.execPath, [...options, tool("jest/bin/jest.js"), "--ci", "--no-cache", "--runInBand", "--config", JSON.stringify({ rootDir: folder, testEnvironment, transform: {}, testMatch: ["<rootDir>/*.spec.*"] })], folder);

  test(`Jest, ${environment}, CommonJS; the drop-in can be spied on`, () => {
    const folder = files(`jest-${environment}-cjs`, {
      "package.json": '{ "private": true }',
      "sign.spec.js": `const countersign = require("countersign");\nconst { wrong } = require("./smoke.cjs");\nconst keys = require("./keys.cjs");\ntest("signs", async () => {\n${RUN}});
        test("can be spied on", () => {
          const spy = jest.spyOn(countersign, "getSignedUrl").mockReturnValue("signed");
          expect(require("countersign").getSignedUrl({})).toBe("signed");
          spy.mockRestore();
        });\n`,
    });
    jest(folder);
  });

  test(`Jest, ${environment}, ES modules`, () => {
    const folder = files(`jest-${environment}-esm`, {
      "sign.spec.mjs": `import * as countersign from "countersign";\nimport { wrong } from "./smoke.mjs";\nimport keys from "./keys.mjs";\ntest("signs", async () => {\n${RUN}});\n`,
    });
    jest(folder, "--experimental-vm-modules", "--no-warnings");
  });
}

const SPEC = `import * as countersign from "countersign";\nimport { wrong } from "./smoke.mjs";\nimport keys from "./keys.mjs";\ntest("signs", async () => {\n${RUN}});\n`;

for (const environment of ["node", "jsdom", "happy-dom"]) {
  test(`Vitest, ${environment}, in a process, and in vmThreads`, () => {
    const folder = files(`vitest-${environment}`, { "sign.test.js": SPEC });
    for (const pool of ["forks", "vmThreads"]) {
      // Vitest looks for jsdom and happy-dom from its own folder, which has them.
      writeFileSync(join(folder, "vitest.config.mjs"), `export default { test: { globals: true, environment: ${JSON.stringify(environment)}, pool: "${pool}" } };\n`);
      run(newestNode, [tool("vitest/vitest.mjs"), "run", "--root", folder], folder);
    }
  });
}

test("Vitest in workerd, @cloudflare/vitest-pool-workers", () => {
  const folder = files("vitest-workers", {
    "worker.js": 'import { Signer } from "countersign";\nimport keys from "./keys.mjs";\nexport default { fetch: () => new Response(new Signer({ keyPairId: "K1", privateKey: keys.RSA.privateKey }).signUrl("https://d.net/a", { dateLessThan: "1h" })) };\n',
    "wrangler.json": JSON.stringify({ name: "test", main: "worker.js", compatibility_date: "2026-08-01" }),
    "sign.test.js": SPEC,
    "vitest.config.mjs": `
      import { cloudflareTest } from ${JSON.stringify(pathToFileURL(tool("@cloudflare/vitest-pool-workers/dist/pool/index.mjs")).href)};
      export default { plugins: [cloudflareTest({ wrangler: { configPath: "./wrangler.json" } })], test: { globals: true } };\n`,
  });
  // It looks for Vitest from the project's folder.
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(tool("vitest"), join(folder, "node_modules/vitest"), "junction");
  run(newestNode, [tool("vitest/vitest.mjs"), "run", "--root", folder], folder, { WRANGLER_SEND_METRICS: "false", CI: "1" });
});

test("tsx and ts-node, ES modules and CommonJS", () => {
  const folder = files("loaders", { "print.ts": PRINT, "print.cts": PRINT_CJS, "print.mts": PRINT, "tsconfig.json": JSON.stringify({ compilerOptions: { module: "nodenext", target: "es2022", types: [], typeRoots: [] } }) });
  for (const file of ["print.ts", "print.cts"]) fine(run(process.execPath, [tool("tsx/dist/cli.mjs"), file], folder));
  const cjs = files("ts-node-cjs", { "package.json": '{ "private": true }', "print.ts": PRINT_CJS, "tsconfig.json": JSON.stringify({ compilerOptions: { module: "commonjs", target: "es2022" } }) });
  fine(run(process.execPath, [tool("ts-node/dist/bin.js"), "--transpile-only", "print.ts"], cjs));
});

test("ncc, one file", () => {
  const folder = files("ncc", { "package.json": '{ "private": true }', "print.js": PRINT_CJS });
  run(process.execPath, [tool("@vercel/ncc/dist/ncc/cli.js"), "build", "print.js", "--out", "out", "--no-cache"], folder);
  fine(elsewhere(folder, "index.js"));
});

test("tsup, ES module and CommonJS, the package bundled", () => {
  const folder = files("tsup", { "print.ts": PRINT, "tsup.config.json": '{ "noExternal": ["countersign"] }' });
  run(newestNode, [tool("tsup/dist/cli-default.js"), "print.ts", "--format", "esm,cjs", "--config", "tsup.config.json", "--out-dir", "out", "--silent"], folder);
  for (const file of readdirSync(join(folder, "out"))) fine(elsewhere(folder, file));
});

test("Parcel, for Node", () => {
  const folder = files("parcel", { "package.json": JSON.stringify({ private: true, type: "module", targets: { program: { context: "node", includeNodeModules: true, distDir: "out", outputFormat: "esmodule" } } }), "print.js": PRINT });
  run(process.execPath, [tool("parcel/lib/bin.js"), "build", "print.js", "--no-cache", "--no-source-maps", "--target", "program"], folder, { PARCEL_WORKERS: "0" });
  fine(elsewhere(folder, readdirSync(join(folder, "out")).find((file) => file.endsWith("js"))));
});

test("Rspack, for Node", async () => {
  const { rspack } = await import(pathToFileURL(tool("@rspack/core/dist/index.js")));
  const folder = files("rspack", { "print.js": PRINT });
  const compiler = rspack({ mode: "production", context: folder, entry: "./print.js", target: "node20", output: { path: join(folder, "out"), filename: "print.cjs" } });
  const stats = await new Promise((resolve, reject) => compiler.run((error, stats) => (error ? reject(error) : resolve(stats))));
  await new Promise((resolve) => compiler.close(resolve));
  assert.ok(!stats.hasErrors(), stats.toString());
  fine(elsewhere(folder, "print.cjs"));
});

/** Runs a bundler's output in a folder without the package. */
function elsewhere(folder, file) {
  const place = join(required("PACKAGE_INSTALLED"), "..", "elsewhere", basename(folder));
  mkdirSync(dirname(place), { recursive: true });
  cpSync(join(folder, "out"), place, { recursive: true });
  writeFileSync(join(place, "package.json"), existsSync(join(folder, "package.json")) ? readFileSync(join(folder, "package.json")) : "{}");
  return run(process.execPath, [file], place);
}

let tarball;
before(() => {
  tarball = join(required("PACKAGE_INSTALLED"), readdirSync(required("PACKAGE_INSTALLED")).find((name) => name.endsWith(".tgz")));
});

/** A project for a package manager, outside of the folder where the package is already installed. */
function managed(name, more = {}) {
  const folder = join(required("PACKAGE_INSTALLED"), "..", "managed", name);
  mkdirSync(folder, { recursive: true });
  for (const [file, text] of Object.entries({ ...COMMON, "print.mjs": PRINT, "print.cjs": PRINT_CJS, "package.json": JSON.stringify({ private: true, dependencies: { countersign: `file:${posix(tarball)}` } }), ...more })) writeFileSync(join(folder, file), text);
  return folder;
}

test("Yarn's Plug'n'Play, where no node_modules is", () => {
  const folder = managed("yarn", { "yarn.lock": "", ".yarnrc.yml": "nodeLinker: pnp\nenableTelemetry: false\nenableNetwork: false\nenableGlobalCache: false\n" });
  const yarn = (...args) => run(process.execPath, [tool("@yarnpkg/cli-dist/bin/yarn.js"), ...args], folder, { YARN_ENABLE_IMMUTABLE_INSTALLS: "false", CI: "" });
  yarn("install");
  assert.ok(existsSync(join(folder, ".pnp.cjs")) && !existsSync(join(folder, "node_modules")));
  for (const file of ["print.mjs", "print.cjs"]) fine(yarn("node", file));
});

test("pnpm, whose modules are isolated", () => {
  const folder = managed("pnpm", { "pnpm-workspace.yaml": "packages: []\n" });
  run(newestNode, [tool("pnpm/bin/pnpm.mjs"), "install", "--offline", "--ignore-workspace", "--store-dir", join(folder, "store")], folder, { CI: "1" });
  for (const file of ["print.mjs", "print.cjs"]) fine(run(process.execPath, [file], folder));
});
