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

/**
 * Adds each URL with its parameters. `marks` has a character for each: what comes before the parameters, or a line break where two lines of
 * `changed` are what comes before and after them.
 */
export function pushSigned(target, urls, marks, changed, parameters) {
  const lines = changed.split("\n");
  let line = 0;
  for (let i = 0; i < marks.length; i++) {
    target.push(marks[i] === "\n" ? lines[line++] + parameters + lines[line++] : urls[i] + marks[i] + parameters);
  }
}
