// Every example of the READMEs that is marked `<!-- run -->` runs and ends well.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { keyFile } from "./keys.mjs";

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));

function examplesOf(name) {
  const file = path(`../../${name}`);
  if (!existsSync(file)) return [];
  const marked = /<!-- run -->\s*\n```(?:js|javascript|mjs|cjs)\n([^]*?)\n```/g;
  return [...readFileSync(file, "utf8").matchAll(marked)].map(([, code], index) => ({ name: `${name}, example ${index + 1}`, code }));
}

/** Runs an example in a folder with a private key, where `countersign` resolves. */
function run(code) {
  const directory = mkdtempSync(join(tmpdir(), "countersign-docs-"));
  try {
    mkdirSync(join(directory, "node_modules"));
    symlinkSync(path("../../pkg"), join(directory, "node_modules", "countersign"), "dir");
    copyFileSync(keyFile("rsa2048"), join(directory, "private_key.pem"));
    const file = join(directory, /\brequire\(/.test(code) ? "example.cjs" : "example.mjs");
    writeFileSync(file, code);
    return spawnSync(process.execPath, [file], { cwd: directory, encoding: "utf8" });
  } finally {
    rmSync(directory, { recursive: true });
  }
}

const examples = ["README.md", "pkg/README.md"].map((name) => ({ name, examples: examplesOf(name) }));

for (const { name, examples: own } of examples) {
  test(`${name} has examples that run`, () => assert.ok(own.length > 0, "no block is marked <!-- run -->"));
}

for (const { name, code } of examples.flatMap(({ examples }) => examples)) {
  test(name, () => {
    const { status, stderr } = run(code);
    assert.equal(status, 0, `${stderr}\n${code}`);
  });
}
