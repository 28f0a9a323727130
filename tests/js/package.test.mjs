// The tarball that npm would publish works in an empty folder, as ESM and as CommonJS, and contains nothing else.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";

const packageFolder = fileURLToPath(new URL("../../pkg", import.meta.url));
const npm = (args, cwd) => execFileSync("npm", args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"], shell: process.platform === "win32" });

let folder;
let packed;
before(() => {
  folder = mkdtempSync(join(tmpdir(), "countersign-package-"));
  [packed] = JSON.parse(npm(["pack", "--json", "--pack-destination", folder], packageFolder));
  writeFileSync(join(folder, "package.json"), '{ "private": true }');
  npm(["install", "--no-audit", "--no-fund", "--offline", join(folder, packed.filename)], folder);
});
after(() => rmSync(folder, { recursive: true, force: true }));

test("the tarball holds what is used, and the licences", () => {
  assert.deepEqual(packed.files.map(({ path }) => path).sort(), [
    "README.md",
    "core.wasm.d.cts",
    "core.wasm.d.ts",
    "dist/LICENSE-APACHE",
    "dist/LICENSE-MIT",
    "dist/LICENSE-THIRD-PARTY",
    "dist/api.js",
    "dist/core.wasm",
    "dist/express.cjs",
    "dist/express.js",
    "dist/hono.cjs",
    "dist/hono.js",
    "dist/index.cjs",
    "dist/index.js",
    "dist/slim.cjs",
    "edge-light.js",
    "express.d.cts",
    "express.d.ts",
    "hono.d.cts",
    "hono.d.ts",
    "index.d.cts",
    "index.d.ts",
    "package.json",
    "slim.d.cts",
    "slim.d.ts",
    "slim.js",
    "workerd.js",
  ]);
});

const use = `generateKeyPair({ type: "ECDSA" }).then(({ privateKey }) => {
  const signer = new Signer({ keyPairId: "K2JCJMDEHXQW5F", privateKey, engine: "wasm" });
  console.log(signer.signUrl("https://d111111abcdef8.cloudfront.net/a", { dateLessThan: "1h" }));
});`;

for (const [format, script] of [
  ["ESM", ["--input-type=module", "--eval", `import { Signer, generateKeyPair } from "countersign"; ${use}`]],
  ["CommonJS", ["--eval", `const { Signer, generateKeyPair } = require("countersign"); ${use}`]],
]) {
  test(`installed from the tarball, it signs as ${format}`, () => {
    const printed = execFileSync(process.execPath, script, { cwd: folder, encoding: "utf8" });
    assert.match(printed, /^https:\/\/d111111abcdef8\.cloudfront\.net\/a\?Expires=\d+&Signature=[\w~-]+&Key-Pair-Id=K2JCJMDEHXQW5F&Hash-Algorithm=SHA256\n$/);
  });
}

test("the package has no dependency at run time, and runs nothing when it is installed", async () => {
  const { default: manifest } = await import("countersign/package.json", { with: { type: "json" } });
  for (const kind of ["dependencies", "peerDependencies", "optionalDependencies"]) assert.equal(manifest[kind], undefined);
  assert.equal(manifest.scripts, undefined);
});
