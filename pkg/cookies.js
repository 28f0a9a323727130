// Cookies as lines, from what programs keep them in.
import { attempt } from "./attempt.js";
import { isPlain, kind } from "./options.js";
import { beginning } from "./text.js";

const LISTS = ["an array", "a Map", "a Headers", "a URLSearchParams"];

const isHeader = (name) => /^(?:set-)?cookie$/i.test(name);

const lineOf = (name, value) => (isHeader(name) ? `${name}: ${value}` : `${name}=${value}`);

function lineOfItem(item) {
  if (typeof item === "string") return item;
  const [name, value] = Array.isArray(item) ? item : [item.name, item.value];
  if (typeof name !== "string") throw new TypeError("no cookie");
  return lineOf(name, value);
}

function linesOf(cookies) {
  if (LISTS.includes(kind(cookies))) return Array.from(cookies, lineOfItem);
  const headers = isPlain(cookies) ? Object.keys(cookies).filter(isHeader) : [];
  return headers.length > 0 ? headers.flatMap((name) => [cookies[name]].flat().map((value) => lineOf(name, value))) : undefined;
}

/**
 * The lines of Headers, a Map, URLSearchParams, pairs, a list of Set-Cookie lines or of { name, value }, or an object of headers;
 * undefined, if it is something else, or cannot be read.
 */
export const cookieLines = (cookies) => attempt(() => beginning(linesOf(cookies)?.join("\n")));
