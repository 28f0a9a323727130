// The declarations compile under `--lib es2022` alone, without skipLibCheck, as an ES module and as CommonJS; wrong uses do not compile.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const tsc = fileURLToPath(new URL("node_modules/typescript/bin/tsc", import.meta.url));

for (const project of ["tsconfig.json", "tsconfig.node.json"]) {
  test(`types/${project}`, () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [tsc, "--project", fileURLToPath(new URL(`types/${project}`, import.meta.url))], { encoding: "utf8" });
    assert.equal(status, 0, stdout + stderr);
  });
}
