// The suite in Deno and in Bun.
import assert from "node:assert/strict";
import { chmodSync, readdirSync } from "node:fs";
import { test } from "node:test";

import { pem } from "../js/keys.mjs";
import { conforms, project, run, tool } from "./project.mjs";
import { SIGNED, example } from "./readme.mjs";

/** The program in the package of this platform, which npm picks. */
function binary(scope, ...names) {
  const [platform] = readdirSync(tool(scope)).filter((name) => !name.includes("musl") || readdirSync(tool(scope)).length === 1);
  const program = tool([scope, platform, ...names].join("/"));
  chmodSync(program, 0o755);
  return program;
}

const DENO_ENV = { DENO_NO_UPDATE_CHECK: "1" };

conforms("Deno", "host", () => JSON.parse(run(binary("@deno", "deno"), ["run", "--no-remote", "--cached-only", "--allow-read", "--allow-env", "print.js"], project("deno"), DENO_ENV)));
conforms("Bun", "host", () => JSON.parse(run(binary("@oven", "bin", "bun"), ["run", "print.js"], project("bun"))));

for (const [name, program, args] of [["deno", binary("@deno", "deno"), ["run", "--no-remote", "--cached-only", "--allow-read"]], ["bun", binary("@oven", "bin", "bun"), ["run"]]]) {
  test(`the README's example for ${name}`, () => {
    const folder = project(`${name}-readme`, { "example.js": example(name), "private_key.pem": pem("rsa2048") }, { suite: false });
    assert.match(run(program, [...args, "example.js"], folder, DENO_ENV).trim(), SIGNED);
  });
}
