// The host's own URL parser: what it makes of a URL is what it will send.
import { attempt } from "./attempt.js";

const PARTS = /^((?:https?|ftp):\/\/(?:[^/?#]*@)?)([^/?#]*)(.*)$/;

/** Chromium escapes in a host a `*`, which the standard keeps, and a space, for which the standard refuses the URL. */
function withStandardHost(href) {
  const [, before, host, after] = PARTS.exec(href) ?? [];
  if (!host?.includes("%")) return href;
  const standard = host.replaceAll("%2A", "*");
  return standard.includes("%") ? undefined : before + standard + after;
}

/** What `new URL(text).href` is; undefined, where that throws. */
export const href = (text) => attempt(() => withStandardHost(new URL(text).href));
