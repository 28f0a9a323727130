// The host's own URL parser: it gives the URL that the host will send.
import { attempt } from "./attempt.js";

const PARTS = /^((?:https?|ftp):\/\/(?:[^/?#]*@)?)([^/?#]*)(.*)$/;

/** Chromium escapes in a host a `*`, which the standard keeps, and a space, for which the standard refuses the URL. */
function withStandardHost(href) {
  const [, before, host, after] = PARTS.exec(href) ?? [];
  if (!host?.includes("%")) return href;
  const standard = host.replaceAll("%2A", "*");
  return standard.includes("%") ? undefined : before + standard + after;
}

// A host up to its end in a text that is no URL yet, and a word that is no part of any, of which no number comes.
const HOST = /^([\0- ]*(?:https?|ftp):[\\/]*(?:[^\\/?#]*@)?)([^\\/?#]*)/i;
const STAND_IN = "countersign-wildcard";

/** Firefox refuses a `*` in a host, which the standard keeps: it is asked with a word in its place. */
function withStandIn(text) {
  // The parser takes these out first.
  const plain = text.replace(/[\t\n\r]/g, "");
  const [before, start, host] = HOST.exec(plain) ?? [];
  const named = host?.replace(/\*|%2a/gi, STAND_IN);
  if (named === host || plain.toLowerCase().includes(STAND_IN)) return undefined;
  const { href, hostname } = new URL(start + named + plain.slice(before.length));
  const isPunycode = hostname.split(".").some((label) => label.startsWith("xn--") && label.includes(STAND_IN));
  return isPunycode ? undefined : href.replaceAll(STAND_IN, "*");
}

/** What `new URL(text, base).href` is; undefined, where that throws. Without a base the text may be a pattern. */
export const href = (text, base) =>
  attempt(() => withStandardHost(new URL(text, base).href)) ?? (base === undefined ? attempt(() => withStandIn(text)) : undefined);

const hrefOfUrl = attempt(() => Object.getOwnPropertyDescriptor(URL.prototype, "href").get);

/** A URL as text: a string as it is, a URL object's href, also where it belongs to another realm; undefined for all else. */
export function urlText(value) {
  if (typeof value === "string") return value;
  const own = attempt(() => hrefOfUrl.call(value)) ?? attempt(() => (value[Symbol.toStringTag] === "URL" ? value.href : undefined));
  return typeof own === "string" ? own : undefined;
}
