// Passes many URLs as one text, a line each: two calls into WebAssembly for a thousand URLs instead of several for each.

import { isTooLong } from "./text.js";

/** The URLs, one to a line, or undefined if one is no string, or if they are very long. */
export function lines(urls) {
  let length = 0;
  for (const url of urls) {
    if (typeof url !== "string") return undefined;
    length += url.length;
  }
  return isTooLong({ length }) ? undefined : urls.join("\n");
}

/** Adds a string for each pair of lines, with the same text between the two. */
export function pushPairs(target, lines, between) {
  const parts = lines.split("\n");
  for (let i = 0; i + 1 < parts.length; i += 2) target.push(parts[i] + between + parts[i + 1]);
}
