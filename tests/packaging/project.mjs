// Projects inside a folder in which only the packed tarball is installed, and the suite's expectations there.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { required } from "../js/environment.mjs";
import { KEY_PAIR_ID, pem } from "../js/keys.mjs";
import { PATIENCE } from "../js/waiting.mjs";

export const tool = (path) => fileURLToPath(new URL(`node_modules/${path}`, import.meta.url));

/** The newest Node, from npm. */
export const newestNode = tool(process.platform === "win32" ? `node-win-${process.arch}/bin/node.exe` : `node-${process.platform}-${process.arch}/bin/node`);

const vectors = (name) => JSON.parse(readFileSync(new URL(`../vectors/${name}.json`, import.meta.url), "utf8")).cases;

/** Two hundred cases from the whole corpus with the native build's results, and invalid input of every kind. */
function expected() {
  const native = JSON.parse(readFileSync(required("CORPUS_NATIVE"), "utf8"));
  const corpus = vectors("corpus");
  const cases = Array.from({ length: 200 }, (_, index) => corpus[Math.floor((index * corpus.length) / 200)]).map(({ expect, ...one }) => ({ ...one, output: native[one.name] }));
  assert.ok(cases.every(({ output }) => output), "corpus-native.json is of another corpus.json");
  const names = new Set(["p256", "rsa2048", ...vectors("errors").flatMap(({ key }) => key ?? [])]);
  const keys = Object.fromEntries([...names].map((name) => [name, { privateKey: pem(name) }]));
  for (const name of ["p256", "rsa2048"]) keys[name].publicKey = pem(`${name}.pub`);
  const errors = vectors("errors").filter(({ call, hosts }) => call !== "publicKey" && !hosts);
  return { keyPairId: KEY_PAIR_ID, cases, errors, keys };
}

/** A new folder with files and, by default, the suite. */
export function project(name, files = {}, { suite = true } = {}) {
  const folder = join(required("PACKAGE_INSTALLED"), name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  writeFileSync(join(folder, "package.json"), '{ "private": true, "type": "module" }');
  if (suite) {
    cpSync(new URL("suite", import.meta.url), folder, { recursive: true });
    writeFileSync(join(folder, "expected.js"), `export default ${JSON.stringify(expected())};\n`);
  }
  for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text);
  return folder;
}

/** Runs a program and returns its output. */
export function run(program, args, cwd, env = {}) {
  const { status, stdout, stderr, error } = spawnSync(program, args, { cwd, encoding: "utf8", env: { ...process.env, ...env }, maxBuffer: 2 ** 26, timeout: 2 * PATIENCE });
  assert.equal(status, 0, `${[program, ...args].join(" ")}: ${error ?? status}\n${stderr}\n${stdout}`);
  return stdout;
}

/** A test for the runtime, with one below it for each check of the suite. `engine` is what `auto` chooses for RSA, and for ECDSA unless that is given separately. */
export function conforms(name, engine, report, engineOfEcdsa = engine) {
  test(name, async (t) => {
    const { checks, engines, memory } = await report();
    assert.ok(checks.length >= 8, JSON.stringify(checks));
    for (const { name, wrong } of checks) await t.test(name, () => assert.deepEqual(wrong.slice(0, 5), [], `${wrong.length} wrong`));
    await t.test(`engine auto is ${engine}, ${engineOfEcdsa} for ECDSA`, () => assert.deepEqual(engines, { RSA: engine, ECDSA: engineOfEcdsa }));
    t.diagnostic(`${name}: ${JSON.stringify(memory)}`);
  });
}
