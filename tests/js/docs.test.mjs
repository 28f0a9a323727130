// Every example of the READMEs that is marked `<!-- run -->`, and every one of the declarations, runs and ends well.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { required } from "./environment.mjs";
import { keyFile } from "./keys.mjs";

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));

function examplesOf(name) {
  const file = path(`../../${name}`);
  if (!existsSync(file)) return [];
  const marked = /<!-- run(?:: (cjs|sh))? -->\s*\n```(?:js|sh)\n([^]*?)\n```/g;
  const examples = [...readFileSync(file, "utf8").matchAll(marked)];
  assert.equal(examples.length, readFileSync(file, "utf8").split("<!-- run").length - 1, `${name}: a mark stands before no block`);
  return examples.map(([, kind = "mjs", code], index) => ({ name: `${name}, example ${index + 1} (${kind})`, kind, code }));
}

/** Runs an example in a folder with a key pair, where `countersign` resolves. */
function run(kind, code) {
  const directory = mkdtempSync(join(tmpdir(), "countersign-docs-"));
  try {
    mkdirSync(join(directory, "node_modules"));
    symlinkSync(path("../../pkg"), join(directory, "node_modules", "countersign"), "dir");
    copyFileSync(keyFile("rsa2048"), join(directory, "private_key.pem"));
    copyFileSync(keyFile("rsa2048.pub"), join(directory, "public_key.pem"));
    const file = join(directory, `example.${kind}`);
    writeFileSync(file, code);
    const searchPath = [dirname(required("COUNTERSIGN_BIN")), process.env.PATH].join(delimiter);
    const [program, ...options] = kind === "sh" ? ["sh", "-e"] : [process.execPath];
    return spawnSync(program, [...options, file], { cwd: directory, encoding: "utf8", env: { ...process.env, PATH: searchPath } });
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** The examples in the declarations' comments, which leave out their imports. */
function examplesOfDeclarations(name) {
  const blocks = [...readFileSync(path(`../../${name}`), "utf8").matchAll(/^ *\* ```js\n([^]*?)^ *\* ```$/gm)];
  const imports = 'import { readFileSync } from "node:fs";\nimport { AsyncSigner, Signer, Verifier, describeKey, inspect } from "countersign";\n';
  return blocks.map(([, code], index) => ({ name: `${name}, example ${index + 1}`, kind: "mjs", code: imports + code.replace(/^ *\* ?/gm, "") }));
}

const examples = [
  ...["README.md", "pkg/README.md"].map((name) => ({ name, examples: examplesOf(name) })),
  { name: "pkg/index.d.cts", examples: examplesOfDeclarations("pkg/index.d.cts") },
];

for (const { name, examples: own } of examples) {
  test(`${name} has examples that run`, () => assert.ok(own.length > 0, "no example was found"));
}

for (const { name, kind, code } of examples.flatMap(({ examples }) => examples)) {
  test(name, () => {
    const { status, stderr } = run(kind, code);
    assert.equal(status, 0, `${stderr}\n${code}`);
  });
}
