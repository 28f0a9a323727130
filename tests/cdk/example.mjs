// The example examples/cdk: its folder, its packages, and what it makes without an account.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const example = fileURLToPath(new URL("../../examples/cdk/", import.meta.url));
export const requireOfExample = createRequire(`${example}x.mjs`);
export const programs = join(example, "node_modules/.bin");

/** An environment without anything that leads to an AWS account. */
const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(AWS|CDK)_/.test(name)));

/** Runs the app as `cdk synth` does, into this folder, with these settings. */
export function runApp(folder, settings, { app = example, isBundled = false } = {}) {
  const context = { ...settings, ...(isBundled ? {} : { "aws:cdk:bundling-stacks": [] }) };
  return spawnSync(process.execPath, ["--import", "tsx", "app.ts"], { cwd: app, encoding: "utf8", env: { ...environment, CDK_CONTEXT_JSON: JSON.stringify(context), CDK_OUTDIR: folder } });
}

/** The template of an app without findings. */
export function synthesise(folder, settings, options) {
  const { status, stderr } = runApp(folder, settings, options);
  assert.equal(status, 0, stderr);
  return JSON.parse(readFileSync(join(folder, "PrivateFiles.template.json"), "utf8"));
}

/** The properties of the resources of a type. */
export const all = (template, type) => Object.values(template.Resources).filter(({ Type }) => Type === type).map(({ Properties }) => Properties);

export function only(template, type) {
  const found = all(template, type);
  assert.equal(found.length, 1, type);
  return found[0];
}
