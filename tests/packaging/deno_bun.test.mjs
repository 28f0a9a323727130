// The suite in Deno and in Bun.
import assert from "node:assert/strict";
import { test } from "node:test";

import { pem } from "../js/keys.mjs";
import { DENO_ENV, DENO_RUN, binaryOf } from "./programs.mjs";
import { conforms, project, run } from "./project.mjs";
import { SIGNED, example } from "./runtime_examples.mjs";

// OpenSSL by way of Deno takes longer for P-256 than WebAssembly does.
conforms("Deno", "host", () => JSON.parse(run(binaryOf("deno"), [...DENO_RUN, "print.js"], project("deno"), DENO_ENV)), "wasm");
conforms("Bun", "host", () => JSON.parse(run(binaryOf("bun"), ["run", "print.js"], project("bun"))));

for (const [name, program, args] of [["deno", binaryOf("deno"), ["run", "--no-remote", "--cached-only", "--allow-read"]], ["bun", binaryOf("bun"), ["run"]]]) {
  test(`the guide's example for ${name}`, () => {
    const folder = project(`${name}-readme`, { "example.js": example(name), "private_key.pem": pem("rsa2048") }, { suite: false });
    assert.match(run(program, [...args, "example.js"], folder, DENO_ENV).trim(), SIGNED);
  });
}
