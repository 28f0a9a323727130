// Writes the exported page's script to a file: one file and no module, so that a browser opens the page from a folder too.
// Usage: node xtask/page_script.mjs FILE
import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { build } from "esbuild";

const www = join(import.meta.dirname, "..", "www");

const moduleInside = {
  name: "module-inside",
  setup(build) {
    build.onResolve({ filter: /^\.\/countersign\.js$/ }, () => ({ path: join(www, "countersign_exported.js") }));
    build.onLoad({ filter: /core\.wasm$/ }, async ({ path }) => ({ contents: await readFile(path, "latin1"), loader: "text" }));
  },
};

await build({
  entryPoints: [join(www, "boot.js")],
  outfile: process.argv[2],
  plugins: [moduleInside],
  bundle: true,
  minify: true,
  format: "iife",
  target: "es2022",
  charset: "utf8",
  // Nothing is looked for beside a script that has all inside.
  define: { "import.meta.url": "undefined" },
  logLevel: "warning",
});
