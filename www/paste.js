// Says what somebody has pasted, and takes it apart into what the page has places for. Nothing is judged here.
import { readLogLine } from "./log_line.js";

const PEM = /-----BEGIN ([A-Z0-9 ]+)-----[^]*?-----END \1-----/g;
const SIGNED = /[?&;](?:amp;)?(?:Signature|Policy|Key-Pair-Id|Expires)=/i;

/**
 * `kind` is "url", "cookies", "policy", "log", "answer", "public-key", "private-key", "unknown" or "nothing". Beside it stands what was
 * found: `url`, `cookies`, `policy`, `publicKey`, `privateKey`; of a line of a log `viewer`, `at` and `status`; `code` of an answer.
 */
export function recognise(text) {
  const found = {};
  const rest = takeKeys(text, found).trim();
  const kind = rest ? ofText(rest, found) : undefined;
  if (kind && kind !== "unknown") return { kind, ...found };
  if (found.privateKey) return { kind: "private-key", ...found, privateKey: text };
  if (found.publicKey) return { kind: "public-key", ...found, publicKey: text };
  return { kind: rest ? "unknown" : "nothing", ...found };
}

/** What is left when the keys are taken out. */
function takeKeys(text, found) {
  if (/^\s*(?:ssh-(?:rsa|ed25519|dss)|ecdsa-sha2-\S+) /.test(text)) {
    found.publicKey = text;
    return "";
  }
  return text.replace(PEM, (block, label) => {
    if (label.includes("PRIVATE")) found.privateKey ??= block;
    else found.publicKey ??= block;
    return "";
  });
}

function ofText(text, found) {
  const line = readLogLine(text);
  if (line) {
    Object.assign(found, line);
    return "log";
  }
  if (/^[[{]/.test(text)) return ofJson(text, found);
  if (/^curl\s/.test(text)) return ofCurl(text, found);
  if (/<Code>\w+<\/Code>/.test(text)) {
    [, found.code] = /<Code>(\w+)<\/Code>/.exec(text);
    return "answer";
  }
  // A URL first, a Cookie header below it.
  const header = /(?:^|\n)\s*(?:set-)?cookie\s*:/i.exec(text);
  const before = header ? text.slice(0, header.index).trim() : text;
  const url = urlIn(before);
  if (url) {
    found.url = url;
    if (header) found.cookies = text.slice(header.index).trim();
    found.isSigned = SIGNED.test(url);
    return header && !found.isSigned ? "cookies" : "url";
  }
  if (/CloudFront-(?:Policy|Expires|Signature|Key-Pair-Id)/i.test(text)) {
    found.cookies = text;
    return "cookies";
  }
  const policy = decoded(text);
  if (policy) {
    found.policy = policy;
    return "policy";
  }
  return "unknown";
}

/** What begins like a URL, without what people write around one. */
function urlIn(text) {
  const bare = text.replace(/^[<"'`(]+|[>"'`)]+$/g, "").trim();
  if (/^https?:/i.test(bare)) return bare;
  if (/^[\w-]+(?:\.[\w-]+)+(?::\d+)?\/\S*$/.test(bare) && SIGNED.test(bare)) return `https://${bare}`;
  return /https?:\/\/[^\s"'<>`]+/i.exec(bare)?.[0];
}

function ofJson(text, found) {
  const value = parsed(text);
  if (value?.Statement || (value === undefined && text.includes('"Statement"'))) {
    found.policy = text;
    return "policy";
  }
  if (text.includes("CloudFront-")) {
    found.cookies = text;
    return "cookies";
  }
  const url = strings(value).find((member) => /^https?:/i.test(member));
  if (!url) return "unknown";
  found.url = url;
  found.isSigned = SIGNED.test(url);
  return "url";
}

const strings = (value) => (typeof value === "string" ? [value] : typeof value === "object" && value ? Object.values(value).flatMap(strings) : []);

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** `curl 'https://…' -H 'Cookie: …'`, as the developer tools of browsers copy it. */
function ofCurl(text, found) {
  found.url = /(['"])(https?:.*?)\1/i.exec(text)?.[2] ?? /https?:\S+/i.exec(text)?.[0];
  const cookie = /(?:-H|--header)\s+(['"])(cookie:.*?)\1/i.exec(text)?.[2] ?? /(?:-b|--cookie)\s+(['"])(.*?)\1/.exec(text)?.[2];
  if (cookie) found.cookies = cookie;
  if (!found.url) return "unknown";
  found.isSigned = SIGNED.test(found.url);
  return cookie && !found.isSigned ? "cookies" : "url";
}

/** The policy that a text in CloudFront's or another Base64 is. */
function decoded(text) {
  if (!/^[\w~+/=-]{20,}$/.test(text)) return undefined;
  try {
    const bytes = atob(text.replace(/[-~_]/g, (character) => ({ "-": "+", "~": "/", _: "=" })[character]));
    const json = new TextDecoder("utf-8", { fatal: true }).decode(Uint8Array.from(bytes, (character) => character.charCodeAt(0)));
    return json.trim().startsWith("{") ? json : undefined;
  } catch {
    return undefined;
  }
}

/** A policy as it stands in a cookie or a URL. */
export function encoded(policy) {
  const bytes = new TextEncoder().encode(policy);
  const base64 = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
  return base64.replace(/[+=/]/g, (character) => ({ "+": "-", "=": "_", "/": "~" })[character]);
}
