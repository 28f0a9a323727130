// The suite in bundles for Node, run in an otherwise empty folder without node_modules, as on Lambda.
import assert from "node:assert/strict";
import { cpSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { test } from "node:test";

import nodeResolve from "@rollup/plugin-node-resolve";
import { build as esbuild } from "esbuild";
import { rollup } from "rollup";

import { conforms, project, run } from "./project.mjs";
import { bundledByWebpack } from "./webpack.mjs";

/** Runs a bundle, with the files beside it, far away from the package. */
function runElsewhere(file) {
  const folder = mkdtempSync(join(tmpdir(), "countersign-bundle-"));
  try {
    cpSync(dirname(file), folder, { recursive: true });
    return run(process.execPath, ["--expose-gc", basename(file)], folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const bundlers = {
  async "esbuild, ES module for Node"(folder, outfile) {
    await esbuild({ absWorkingDir: folder, entryPoints: ["print.js"], bundle: true, minify: true, format: "esm", platform: "node", outfile, logLevel: "error" });
  },
  async "esbuild, one CommonJS file for Node"(folder, outfile) {
    await esbuild({ absWorkingDir: folder, entryPoints: ["print.js"], bundle: true, minify: true, format: "cjs", platform: "node", outfile, logLevel: "error" });
  },
  async "webpack, CommonJS for Node"(folder, outfile) {
    await bundledByWebpack({ context: folder, entry: "./print.js", target: "node20", output: { path: dirname(outfile), filename: basename(outfile) } });
  },
  async "Rollup, ES module"(folder, file) {
    const bundle = await rollup({ input: join(folder, "print.js"), plugins: [nodeResolve()], onwarn: (warning) => assert.fail(warning.message) });
    await bundle.write({ file, format: "es" });
    await bundle.close();
  },
};

for (const [name, bundle] of Object.entries(bundlers)) {
  conforms(name, "host", async () => {
    const folder = project(name.replace(/[^a-z]+/gi, "-").toLowerCase());
    const outfile = join(folder, "out", name.includes("CommonJS") ? "bundle.cjs" : "bundle.mjs");
    await bundle(folder, outfile);
    assert.deepEqual(readdirSync(dirname(outfile)), [basename(outfile)], "one file");
    return JSON.parse(runElsewhere(outfile));
  });
}

test("a bundle has each of the module's two parts once, and one of slim has none", async () => {
  const folder = project("bundle-size", {
    "full.js": 'import { Signer } from "countersign"; console.log(Signer);',
    "slim.js": 'import { Signer } from "countersign/slim"; console.log(Signer);',
  }, { suite: false });
  for (const [name, copies] of [["full", 2], ["slim", 0]]) {
    const { outputFiles } = await esbuild({ absWorkingDir: folder, entryPoints: [`${name}.js`], bundle: true, format: "esm", platform: "browser", write: false, logLevel: "error" });
    // The first bytes of every module, in Base64.
    assert.equal(outputFiles[0].text.split("AGFzbQEAAAA").length - 1, copies, name);
  }
});
