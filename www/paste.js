// Recognises a pasted text and splits it into the page's fields. It judges nothing.
import { readLogLine } from "./log_line.js";

const PEM = /-----BEGIN ([A-Z0-9 ]+)-----[^]*?-----END \1-----/g;
/** The rest of a key that was cut off or has damaged dashes. */
const BEGIN = /-*BEGIN (?:[A-Z0-9]+ )*(PRIVATE|PUBLIC) KEY/;
const SIGNED = /[?&;](?:amp;)?(?:Signature|Policy|Key-Pair-Id|Expires)=/i;
const COOKIES = /CloudFront-(?:Policy|Expires|Signature|Key-Pair-Id)/i;
/** What programs and people put around copied text. */
const AROUND = /^[\s<"'`(\u2018-\u201f\u200b\ufeff]+|[\s>"'`),;\u2018-\u201f\u200b\ufeff]+$/g;

/**
 * `kind` is "url", "cookies", "policy", "log", "answer", "public-key", "private-key", "unknown" or "nothing". The rest is what was
 * found: `url`, `cookies`, `policy`, `publicKey`, `privateKey`; for a log line `viewer`, `at` and `status`; for an answer `code`.
 */
export function recognise(text) {
  const found = {};
  const rest = takeKeys(text, found).replace(/^[\s\u200b\ufeff]+|[\s\u200b\ufeff]+$/g, "");
  const kind = rest ? ofText(rest, found) : undefined;
  if (kind && kind !== "unknown") return { kind, ...found };
  if (found.privateKey) return { kind: "private-key", ...found, privateKey: text };
  if (found.publicKey) return { kind: "public-key", ...found, publicKey: text };
  return { kind: rest ? "unknown" : "nothing", ...found };
}

/** The text without its keys. */
function takeKeys(text, found) {
  const bare = keyWithoutPem(text.replace(AROUND, ""));
  if (bare) {
    found[bare] = text;
    return "";
  }
  const rest = text.replace(PEM, (block, label) => {
    if (label.includes("PRIVATE")) found.privateKey ??= block;
    else found.publicKey ??= block;
    return "";
  });
  const cut = BEGIN.exec(rest);
  if (!cut) return rest;
  found[cut[1] === "PRIVATE" ? "privateKey" : "publicKey"] ??= rest.slice(cut.index);
  return rest.slice(0, cut.index);
}

/** "publicKey" or "privateKey", if the text is a key of OpenSSH, a JWK, or DER or PEM as Base64. */
function keyWithoutPem(text) {
  if (/^(?:ssh-(?:rsa|ed25519|dss)|ecdsa-sha2-\S+) /.test(text)) return "publicKey";
  if (/^\{[^]*"kty"\s*:/.test(text)) return parsed(text)?.d === undefined ? "publicKey" : "privateKey";
  if (!/^[A-Za-z0-9+/\s]{40,}[=\s]*$/.test(text)) return undefined;
  const bytes = bytesOf(text.replace(/\s/g, ""));
  const label = BEGIN.exec(bytes);
  if (label) return label[1] === "PRIVATE" ? "privateKey" : "publicKey";
  const der = /^0(?:[\0-\x7f]|\x81[^]|\x82[^][^])([^][^]?)/.exec(bytes);
  // A private key begins with its version; a public key or an encrypted private key (PBES) with its algorithm.
  if (der?.[1] === "\x02\x01") return "privateKey";
  if (der?.[1][0] !== "0") return undefined;
  return bytes.includes("*\x86H\x86\xf7\r\x01\x05") ? "privateKey" : "publicKey";
}

function ofText(text, found) {
  const line = readLogLine(text);
  if (line) {
    Object.assign(found, line);
    return "log";
  }
  const code = /<Code>(\w+)<\/Code>/.exec(text);
  if (code) {
    // S3's own message has a capital D.
    found.code = /<Message>Access Denied</.test(text) ? "s3" : code[1];
    return "answer";
  }
  if (/^["']?[[{]/.test(text)) {
    const kind = ofJson(unquoted(text), found);
    if (kind !== "unknown") return kind;
  }
  const url = ofRequest(text) ?? urlIn(unescapedByShell(text));
  // A URL, and a Cookie header below it or on a command line.
  if (COOKIES.test(text) && !SIGNED.test(url ?? "")) {
    if (url) found.url = url;
    found.cookies = cookiesIn(text);
    return "cookies";
  }
  if (url) {
    found.url = url;
    found.isSigned = SIGNED.test(url);
    return "url";
  }
  const policy = decoded(text.replace(AROUND, "").replace(/^Policy=/i, "").replace(/\s/g, ""));
  if (policy) {
    found.policy = policy;
    return "policy";
  }
  return "unknown";
}

/** The URL of a request as developer tools show it: `GET /path HTTP/1.1` and `Host: …`, or `:authority` and `:path`. */
function ofRequest(text) {
  const header = (name) => new RegExp(`^\\s*${name}:?\\s+(\\S+)`, "im").exec(text)?.[1];
  const path = header(":path") ?? /^(?:GET|HEAD|POST|OPTIONS) (\/\S*)/m.exec(text)?.[1];
  const host = header(":authority") ?? header("host");
  return path && host && `${header(":scheme") ?? "https"}://${host}${path}`;
}

/** Text that begins like a URL, without what people write around it. */
function urlIn(text) {
  const bare = text.replace(AROUND, "");
  if (/^https?%3A/i.test(bare)) return decodeURIComponent(bare);
  const isOneUrl = /^https?:/i.test(bare) && !/\s(?:https?:|(?:set-)?cookie:|--?[a-z-]+\s)/i.test(bare);
  // A terminal or a mail broke it into lines. The core explains what else a mail does.
  if (isOneUrl) return (/=3D/i.test(bare) ? bare : bare.replace(/[\t ]*[\r\n]+[\t ]*/g, "")).replace(/\.$/, "");
  if (/^(?:\/\/)?[\w-]+(?:\.[\w-]+)+(?::\d+)?\/\S*$/.test(bare) && SIGNED.test(bare)) return `https://${bare.replace("//", "")}`;
  return /https?:\/\/[^\s"'<>`\u2018-\u201f\u200b]+/i.exec(bare)?.[0].replace(/[),.;\\]+$/, "");
}

/** Removes the carets of a Windows command line from developer tools. */
const unescapedByShell = (text) => (/\^["\r\n]/.test(text) ? text.replace(/\^([^])/g, "$1") : text);

const IN_A_HEADER = [/(?:-H|--header|-b|--cookie)\s+\^?(['"])((?:(?!\1)[^])*CloudFront-(?:(?!\1)[^])*?)\^?\1/i, /\bcookie["']?\s*:\s*(["'])([^"']*CloudFront-[^"']*)\1/i, /(["'])cookie:\s*([^"']*CloudFront-[^"']*)\1/i];
/** `{ name: "…", value: "…" }`, a Python dictionary, and a row of the developer tools. */
const PAIR = /["']?(CloudFront-[\w-]+)(?:["']\s*,\s*["']value["']\s*:\s*["']|'\s*:\s*'|\t)([^"'\s]+)/gi;

/** The cookies as `inspect` reads them: only the header of a command or of code, only the pairs of lists. */
function cookiesIn(text) {
  for (const form of IN_A_HEADER) {
    const [, , header] = form.exec(text) ?? [];
    if (header) return unescapedByShell(header);
  }
  const header = /(?:^|\n)\s*(?:set-)?cookie\s*:/i.exec(text);
  if (header) return text.slice(header.index).trim();
  const pairs = /\t(?:TRUE|FALSE)\t/.test(text) ? [] : Array.from(text.matchAll(PAIR), ([, name, value]) => `${name}=${value}`);
  return pairs.length > 0 ? pairs.join("; ") : text;
}

/** The value of a JSON string; other text unchanged. */
function unquoted(text) {
  const value = /^"/.test(text) ? parsed(text) : undefined;
  return (typeof value === "string" ? value : text.replace(/^['"]|['"]$/g, "")).trim();
}

function ofJson(text, found) {
  const value = parsed(text);
  if (value?.Statement || (value === undefined && text.includes('"Statement"'))) {
    found.policy = text;
    return "policy";
  }
  if (text.includes("CloudFront-")) {
    found.cookies = cookiesIn(text);
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

/** The policy in a text in any Base64. */
function decoded(text) {
  if (!/^[\w~+/=-]{20,}$/.test(text)) return undefined;
  try {
    const bytes = bytesOf(text.replace(/[-~_]/g, (character) => ({ "-": "+", "~": "/", _: "=" })[character]));
    const json = new TextDecoder("utf-8", { fatal: true }).decode(Uint8Array.from(bytes, (character) => character.charCodeAt(0)));
    return json.trim().startsWith("{") ? json : undefined;
  } catch {
    return undefined;
  }
}

/** One character per byte; undefined if it is not Base64. */
function bytesOf(base64) {
  try {
    return atob(base64);
  } catch {
    return "";
  }
}

/** Writes a policy as a cookie or URL has it. */
export function encoded(policy) {
  const bytes = new TextEncoder().encode(policy);
  const base64 = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
  return base64.replace(/[+=/]/g, (character) => ({ "+": "-", "=": "_", "/": "~" })[character]);
}
