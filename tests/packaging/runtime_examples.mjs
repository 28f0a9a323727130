// The examples of docs/runtimes.md for one runtime each, marked `<!-- example: NAME -->`; the test files of the runtimes run them.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

export function example(name) {
  const text = readFileSync(new URL("../../docs/runtimes.md", import.meta.url), "utf8");
  const found = new RegExp(`<!-- example: ${name} -->\\s*\\n\`\`\`\\w+\\n([^]*?)\\n\`\`\``).exec(text);
  assert.ok(found, `docs/runtimes.md has no example named ${name}`);
  return found[1];
}

export const SIGNED = /https:\/\/d111111abcdef8\.cloudfront\.net\/invoice\.pdf\?Expires=\d+&Signature=[\w~-]+&Key-Pair-Id=K2JCJMDEHXQW5F$/;
