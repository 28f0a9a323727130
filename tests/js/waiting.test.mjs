// The tests' waits for a program end: when it is late, it is killed with all that it started, and the error says what it printed.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";

import { UNIX_ONLY } from "./operating_system.mjs";
import { matched, printed } from "./waiting.mjs";

test("a program that is late", UNIX_ONLY, async () => {
  const program = spawn("sh", ["-c", "echo one; sleep 600 & wait"], { stdio: ["ignore", "pipe", "pipe"], detached: true });
  await assert.rejects(printed(program, /two/, 2_000), /^Error: 2 s have passed without \/two\/\none\n$/);
  // Its child held the other end of the pipe.
  if (program.stdout.readable) await once(program, "close");
});

test("a program that ends, and one that is ready", async () => {
  const node = (source) => spawn(process.execPath, ["--eval", source], { stdio: ["ignore", "pipe", "pipe"] });
  await assert.rejects(printed(node("console.error('broken'); process.exitCode = 3"), /ready/), /^Error: it ended with 3 before it printed \/ready\/\nbroken\n$/);
  const [, port] = await printed(node("console.log('ready on 80')"), /ready on (\d+)/);
  assert.equal(port, "80");
});

test("a text that grows", async () => {
  let text = "";
  const growing = setInterval(() => (text += "a"), 5);
  assert.equal((await matched(() => text, /aaa/)).index, 0);
  clearInterval(growing);
});
