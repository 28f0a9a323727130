// The module with memory that soon cannot grow any more, as in a runtime with a low limit.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The module with a memory that can grow by at most so many pages. */
function withMemory(pages) {
  const bytes = readFileSync(new URL("../../pkg/dist/core.wasm", import.meta.url));
  const number = (at) => {
    for (let value = 0, shift = 0; ; shift += 7) {
      value += (bytes[at] & 0x7f) * 2 ** shift;
      if (bytes[at++] < 0x80) return [value, at];
    }
  };
  const leb = (value) => (value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...leb(Math.floor(value / 0x80))]);
  for (let at = 8; at < bytes.length; ) {
    const id = bytes[at];
    const [length, content] = number(at + 1);
    if (id === 5) {
      const [, flags] = number(content);
      const [least] = number(flags + 1);
      assert.equal(bytes[flags], 0, "the memory has a limit already");
      const section = [1, 1, ...leb(least), ...leb(least + pages)];
      return Buffer.concat([bytes.subarray(0, at), Buffer.from([5, ...leb(section.length), ...section]), bytes.subarray(content + length)]);
    }
    at = content + length;
  }
  throw new Error("the module has no memory");
}

/** Its file, for as long as the test runs. */
export function writeModuleThatCannotGrow(test) {
  const folder = mkdtempSync(join(tmpdir(), "countersign-memory-"));
  test.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "core.wasm");
  writeFileSync(file, withMemory(12));
  return file;
}
