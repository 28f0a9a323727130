// Writes corpus.json beside this file: `node tests/vectors/generate.mjs`, Node 20 or newer. It reads no clock and rolls no
// dice, so that a second run writes the same bytes.
//
// What each case has to come to (`expect`) is worked out here, by the URL and Date of JavaScript, so that it does not
// depend on the code that the cases test:
//   resource, expires, starts, ip   what the policy has to say      canned   whether it is rebuilt from the request
//   address                         the signed URL without its credentials and fragment
//   policy                          a ready policy, byte for byte   error    the code of the error, in place of all else

import { writeFileSync } from "node:fs";

const HOST = "https://d111111abcdef8.cloudfront.net";
const NOW = epoch("2026-01-01T00:00:00Z");
const cases = [];
const names = new Set();

function epoch(iso) {
  return Math.floor(Date.parse(iso) / 1000);
}

// The form in which a client sends a URL, and in which CloudFront sees it (docs/architecture.md, promise 1).
function wire(text) {
  const { protocol, host, pathname, search } = new URL(text);
  const parts = search.slice(1).split("&").filter(Boolean);
  return `${protocol}//${host}${pathname.replaceAll("^", "%5E").replaceAll("|", "%7C")}${parts.length ? "?" : ""}${parts.join("&")}`;
}

// One address that stays one when its signature is sent again with a custom policy, where `*` and a second `?` are wildcards.
function one(url) {
  const [base, query] = url.split(/\?(.*)/s);
  return query === undefined ? url : `${base}?${query.replaceAll("*", "%2A").replaceAll("?", "%3F")}`;
}

function add(name, test) {
  if (names.has(name)) throw new Error(`two cases are named ${name}`);
  names.add(name);
  cases.push({ name, ...test });
}

// Every kind of key with every hash, in turn.
const SIGNERS = [
  { key: "p256", algorithm: null },
  { key: "rsa2048", algorithm: null },
  { key: "p256", algorithm: "SHA1" },
  { key: "rsa2048", algorithm: "SHA256" },
  { key: "p256", algorithm: "SHA256" },
  { key: "rsa2048", algorithm: "SHA1" },
];
let turn = 0;
const signer = () => SIGNERS[turn++ % SIGNERS.length];

const EXPIRES = epoch("2030-01-01T00:00:00Z");
const STARTS = epoch("2026-06-01T00:00:00Z");
const CONDITIONS = {
  canned: [{}, {}],
  address: [{ ipAddress: "192.0.2.1" }, { ip: "192.0.2.1/32" }],
  start: [{ dateGreaterThan: "2026-06-01" }, { starts: STARTS }],
  "start and address": [
    { dateGreaterThan: STARTS, ipAddress: "198.51.100.0/24" },
    { starts: STARTS, ip: "198.51.100.0/24" },
  ],
};

// 1. Every kind of URL with every kind of policy, each with two signers.
const URLS = {
  plain: `${HOST}/invoice.pdf`,
  "empty path": HOST,
  "root": `${HOST}/`,
  "empty path with query": `${HOST}?size=large`,
  "http": "http://d111111abcdef8.cloudfront.net/a.jpg",
  "space": `${HOST}/a b.jpg`,
  "spaces around": `  ${HOST}/a.jpg  `,
  "tab and line break": `${HOST}/a\tb\nc.jpg`,
  "café": `${HOST}/café.jpg`,
  "decomposed café": `${HOST}/cafe\u0301.jpg`,
  "emoji": `${HOST}/📄/🎬.mp4?title=🎞`,
  "Japanese": `${HOST}/請求書.pdf`,
  "plus": `${HOST}/a+b.jpg`,
  "equals and comma": `${HOST}/a=b,c.jpg`,
  "at": `${HOST}/user@example.com/a.jpg`,
  "colon": `${HOST}/12:30/a.jpg`,
  "brackets": `${HOST}/a[1].jpg`,
  "apostrophe": `${HOST}/it's.jpg`,
  "parentheses": `${HOST}/a (1).jpg`,
  "exclamation and tilde": `${HOST}/~me/a!.jpg`,
  "dollar and ampersand": `${HOST}/$a&b.jpg`,
  "semicolon": `${HOST}/a;v=1/b;c`,
  "upper-case escapes": `${HOST}/caf%C3%A9%20b.jpg`,
  "lower-case escapes": `${HOST}/caf%c3%a9.jpg`,
  "needless escapes": `${HOST}/%61%2D%7e.jpg`,
  "escaped slash": `${HOST}/a%2Fb%2fc.jpg`,
  "escaped star": `${HOST}/a%2Ab.jpg`,
  "bad escape": `${HOST}/%zz/100%.jpg`,
  "escaped escape": `${HOST}/a%2520b.jpg`,
  "NUL": `${HOST}/a\0b.jpg`,
  "quotation mark": `${HOST}/a"b".jpg`,
  "less and greater": `${HOST}/<a>.jpg`,
  "backslash": `${HOST}/a\\b.jpg`,
  "circumflex": `${HOST}/a^b.jpg?c^d`,
  "bar": `${HOST}/a|b.jpg?c|d`,
  "braces": `${HOST}/{id}/a.jpg?{x}`,
  "grave": `${HOST}/a\`b.jpg?c\`d`,
  "dot segments": `${HOST}/a/./b/../c.jpg`,
  "escaped dot segments": `${HOST}/a/%2e%2E/c.jpg`,
  "above the root": `${HOST}/../../a.jpg`,
  "double slash": `${HOST}//a//b.jpg`,
  "trailing slash": `${HOST}/a/`,
  "fragment": `${HOST}/a.jpg#f`,
  "fragment after query": `${HOST}/a.jpg?x=1#f?g&h`,
  "fragment with spaces": `${HOST}/a.jpg#a b"é`,
  "empty fragment": `${HOST}/a.jpg#`,
  "query": `${HOST}/a.jpg?d=1`,
  "query with space": `${HOST}/a.jpg?d=x y`,
  "query with plus": `${HOST}/a.jpg?d=x+y`,
  "query with apostrophes": `${HOST}/a.jpg?d='q'`,
  "query with quotation mark": `${HOST}/a.jpg?d="q"`,
  "query with backslash": `${HOST}/a.jpg?d=a\\b`,
  "query with Unicode": `${HOST}/a.jpg?d=é€`,
  "query with escapes": `${HOST}/a.jpg?d=%c3%a9%20%2B%zz`,
  "query with a URL": `${HOST}/a.jpg?to=https://example.com/?a=b`,
  "query with slash and question mark": `${HOST}/a.jpg?a/b?c`,
  "query with stars": `${HOST}/a.jpg?*=**&response-content-disposition=attachment; filename*=UTF-8''b.pdf`,
  "query with semicolons": `${HOST}/a.jpg?a=1;b=2`,
  "flag": `${HOST}/a.jpg?flag`,
  "empty value": `${HOST}/a.jpg?a=&b=`,
  "array": `${HOST}/a.jpg?a[]=1&a[]=2`,
  "name twice": `${HOST}/a.jpg?a=1&a=2`,
  "lone question mark": `${HOST}/a.jpg?`,
  "empty query parts": `${HOST}/a.jpg?&a=1&&b=2&`,
  "only ampersands": `${HOST}/a.jpg?&&`,
  "ampersand and less": `${HOST}/a.jpg?a=1&b=<2>`,
  "names that are not reserved": `${HOST}/a.jpg?expires=1&policy=2&ExpiresX=3&X-Signature=4&v=Policy`,
  "content disposition": `${HOST}/a.pdf?response-content-disposition=attachment; filename="a b.pdf"`,
  "extended file name": `${HOST}/a.pdf?response-content-disposition=attachment%3B%20filename%2A=UTF-8''b%20c.pdf`,
  "upper-case host and protocol": "HTTPS://D111111ABCDEF8.CloudFront.NET/A.jpg",
  "default port": "https://d111111abcdef8.cloudfront.net:443/a.jpg",
  "default port of http": "http://d111111abcdef8.cloudfront.net:80/a.jpg",
  "other port": "https://d111111abcdef8.cloudfront.net:8443/a.jpg",
  "the other protocol's port": "http://d111111abcdef8.cloudfront.net:443/a.jpg",
  "empty port": "https://d111111abcdef8.cloudfront.net:/a.jpg",
  "Unicode host": "https://ドメイン.example/a.jpg",
  "umlaut host": "https://BÜCHER.example/a.jpg",
  "sharp s host": "https://faß.example/a.jpg",
  "Punycode host": "https://xn--bcher-kva.example/a.jpg",
  "escaped host": "https://%64111111abcdef8.cloudfront.net/a.jpg",
  "host with final dot": "https://d111111abcdef8.cloudfront.net./a.jpg",
  "IPv4 host": "http://192.0.2.1/a.jpg",
  "IPv4 host in hexadecimal": "http://0xC0.0.0x201/a.jpg",
  "IPv6 host": "http://[2001:DB8:0:0::1]:8080/a.jpg",
  "localhost": "http://localhost:3000/a.jpg",
  "one slash": "https:/d111111abcdef8.cloudfront.net/a.jpg",
  "backslashes for slashes": "https:\\\\d111111abcdef8.cloudfront.net\\a\\b.jpg",
  "long path": `${HOST}/${"a/".repeat(600)}${"b".repeat(900)}.jpg`,
  "long query": `${HOST}/a.jpg?${Array.from({ length: 120 }, (_, i) => `p${i}=${"x".repeat(i % 17)}`).join("&")}`,
};
for (const [kind, url] of Object.entries(URLS)) {
  for (const [policy, [conditions, expect]] of Object.entries(CONDITIONS)) {
    for (const repeat of policy === "canned" ? [1, 2] : [1]) {
      const canned = policy === "canned";
      add(`${kind}, ${policy}${repeat > 1 ? " again" : ""}`, {
        ...signer(),
        call: "signUrl",
        url,
        conditions: { dateLessThan: "2030-01-01", ...conditions, now: NOW },
        expect: { resource: one(wire(url)), expires: EXPIRES, ...expect, canned, address: one(wire(url)) },
      });
    }
  }
}

// 2. Every form of a date, as the end and as the beginning.
const MOMENT = epoch("2030-12-31T14:59:59Z");
const DATES = [
  ...["2030-12-31T14:59:59Z", "2030-12-31t14:59:59z", "2030-12-31 14:59:59", "2030-12-31T14:59:59", "20301231T145959", "20301231T145959Z",
    "20301231T23:59:59+09:00", "2030-12-31T235959+0900", "20301231T235959+09", "2030-12-31T23:59:59+09:00", "2030-12-31T14:59:59.000Z",
    "2030-12-31T14:59:59.999999999999Z", "2030-12-31T14:59:59,9Z", "2030-12-31T09:29:59-05:30", "2030-12-31T14:59:59+00:00", "2030-12-31T14:59:59-00:00",
    "2031-01-01T04:59:59+14:00", "1924959599", "000001924959599", MOMENT, MOMENT + 0.999, MOMENT * 1000, MOMENT * 1000 + 999, MOMENT * 1000 + 0.5]
    .map((text) => [text, MOMENT]),
  ["2030-12-31T14:59", epoch("2030-12-31T14:59:00Z")],
  ["20301231T1459+0530", epoch("2030-12-31T14:59:00+05:30")],
  ["2030-12-31", epoch("2030-12-31T00:00:00Z")],
  ["20301231T0000", epoch("2030-12-31T00:00:00Z")],
  ["2028-02-29", epoch("2028-02-29T00:00:00Z")],
  ["2100-03-01", epoch("2100-03-01T00:00:00Z")],
  ["2038-01-19T03:14:08Z", 2 ** 31],
  ["2106-02-07T06:28:16Z", 2 ** 32],
  ["2262-04-11T23:47:16Z", 9223372036],
  ["9223372036", 9223372036],
  [9223372036, 9223372036],
  [9223372036999, 9223372036],
  ["90s", NOW + 90], ["30m", NOW + 30 * 60], ["2h", NOW + 2 * 3600], ["7d", NOW + 7 * 86400], ["1w", NOW + 7 * 86400],
  ["1h30m", NOW + 90 * 60], ["1d12h30m15s", NOW + 86400 + 12 * 3600 + 30 * 60 + 15], ["00030m", NOW + 30 * 60],
  ["PT15M", NOW + 15 * 60], ["PT1H30M", NOW + 90 * 60], ["P1D", NOW + 86400], ["P1DT12H", NOW + 36 * 3600], ["P2W", NOW + 14 * 86400], ["PT90S", NOW + 90],
];
for (const [date, expires] of DATES) {
  const url = `${HOST}/a.jpg`;
  const expect = { resource: url, expires, address: url };
  add(`until ${JSON.stringify(date)}`, {
    ...signer(), call: "signUrl", url, conditions: { dateLessThan: date, now: NOW }, expect: { ...expect, canned: true },
  });
  if (expires >= 9223372036) continue;
  add(`from ${JSON.stringify(date)}`, {
    ...signer(), call: "signUrl", url, conditions: { dateLessThan: 9223372036, dateGreaterThan: date, now: NOW },
    expect: { ...expect, expires: 9223372036, starts: expires, canned: false },
  });
}
for (const [start, starts] of [["-5m", NOW - 300], ["-PT5M", NOW - 300], ["0s", NOW], [0, 0], ["0", 0], ["1970-01-01", 0], ["-1d", NOW - 86400], [1, 1]]) {
  add(`from ${JSON.stringify(start)}, in the past`, {
    ...signer(), call: "signUrl", url: `${HOST}/a.jpg`, conditions: { dateLessThan: "1h", dateGreaterThan: start, now: NOW },
    expect: { resource: `${HOST}/a.jpg`, expires: NOW + 3600, starts, canned: false, address: `${HOST}/a.jpg` },
  });
}
for (const [now, moment] of [["2026-06-01T12:00:00+02:00", epoch("2026-06-01T10:00:00Z")], ["20260601T100000Z", epoch("2026-06-01T10:00:00Z")],
  [NOW * 1000 + 999, NOW], ["0", 0], [0, 0], ["1767225600", NOW]]) {
  add(`15 minutes after ${JSON.stringify(now)}`, {
    ...signer(), call: "signUrl", url: `${HOST}/a.jpg`, conditions: { dateLessThan: "PT15M", now },
    expect: { resource: `${HOST}/a.jpg`, expires: moment + 900, canned: true, address: `${HOST}/a.jpg` },
  });
}
for (const [date, expires] of [["2020-01-01", epoch("2020-01-01T00:00:00Z")], [0, 0], ["-1h", NOW - 3600], [NOW, NOW]]) {
  add(`expired at ${JSON.stringify(date)}`, {
    ...signer(), call: "signUrl", url: `${HOST}/a.jpg`, conditions: { dateLessThan: date, now: NOW, allowExpired: true },
    expect: { resource: `${HOST}/a.jpg`, expires, canned: true, address: `${HOST}/a.jpg` },
  });
}

// 3. Addresses.
for (const [ipAddress, ip] of [["192.0.2.0/24", "192.0.2.0/24"], ["192.0.2.77/24", "192.0.2.77/24"], ["0.0.0.0/0", "0.0.0.0/0"], ["255.255.255.255", "255.255.255.255/32"],
  ["10.0.0.0/8", "10.0.0.0/8"], ["203.0.113.9/32", "203.0.113.9/32"], ["203.0.113.8/31", "203.0.113.8/31"], ["0.0.0.0", "0.0.0.0/32"]]) {
  add(`from the address ${ipAddress}`, {
    ...signer(), call: "signUrl", url: `${HOST}/a.jpg?x=1`, conditions: { dateLessThan: "30m", ipAddress, now: NOW },
    expect: { resource: `${HOST}/a.jpg?x=1`, expires: NOW + 1800, ip, canned: false, address: `${HOST}/a.jpg?x=1` },
  });
}

// 4. Resources, each with the form that it takes in a policy and a URL that it covers.
const RESOURCES = [
  [`${HOST}/*`, `${HOST}/*`, `${HOST}/films/1.mp4`],
  [`${HOST}/films/*`, `${HOST}/films/*`, `${HOST}/films/1.mp4?quality=hd#t=10`],
  [`${HOST}/films/*.mp4`, `${HOST}/films/*.mp4`, `${HOST}/films/a/b.mp4`],
  [`${HOST}/*/index.m3u8`, `${HOST}/*/index.m3u8`, `${HOST}/live/hd/index.m3u8`],
  [`${HOST}/film_*_?.mp4`, `${HOST}/film_*_?.mp4`, `${HOST}/film_1_?.mp4`],
  [`${HOST}/film.mp4?*`, `${HOST}/film.mp4?*`, `${HOST}/film.mp4?quality=hd&lang=de`],
  [`${HOST}/film.mp4?quality=*&lang=de`, `${HOST}/film.mp4?quality=*&lang=de`, `${HOST}/film.mp4?quality=hd&lang=de`],
  [`${HOST}/a b/*`, `${HOST}/a%20b/*`, `${HOST}/a b/c d.jpg`],
  [`${HOST}/café/*`, `${HOST}/caf%C3%A9/*`, `${HOST}/café/é.jpg`],
  [`${HOST}/it's/*?q='*`, `${HOST}/it's/*?q=%27*`, `${HOST}/it's/a?q='b'`],
  [`${HOST}/a|b/*`, `${HOST}/a%7Cb/*`, `${HOST}/a|b/c|d`],
  [`${HOST}/a^b/*`, `${HOST}/a%5Eb/*`, `${HOST}/a^b/c^d`],
  [`${HOST}/a/../b/*`, `${HOST}/b/*`, `${HOST}/b/c`],
  [`${HOST}/*?&x=*&&y=1&`, `${HOST}/*?x=*&y=1`, `${HOST}/a?x=2&y=1`],
  ["HTTPS://D111111ABCDEF8.CloudFront.NET/Films/*", `${HOST}/Films/*`, `${HOST}/Films/1.mp4`],
  ["https://d111111abcdef8.cloudfront.net:443/*", `${HOST}/*`, "https://d111111abcdef8.cloudfront.net:443/a"],
  ["https://d111111abcdef8.cloudfront.net:8443/*", "https://d111111abcdef8.cloudfront.net:8443/*", "https://d111111abcdef8.cloudfront.net:8443/a"],
  ["http://d111111abcdef8.cloudfront.net/*", "http://d111111abcdef8.cloudfront.net/*", "http://d111111abcdef8.cloudfront.net/a"],
  ["http*://d111111abcdef8.cloudfront.net/*", "http*://d111111abcdef8.cloudfront.net/*", `${HOST}/a.jpg`],
  ["http*://d111111abcdef8.cloudfront.net/a.jpg", "http*://d111111abcdef8.cloudfront.net/a.jpg", "http://d111111abcdef8.cloudfront.net/a.jpg"],
  ["HTTP*://D111111abcdef8.cloudfront.net/a b.jpg", "http*://d111111abcdef8.cloudfront.net/a%20b.jpg", `${HOST}/a b.jpg`],
  ["https://*.example.com/*", "https://*.example.com/*", "https://media.example.com/a.jpg"],
  ["https://*.example.com", "https://*.example.com/", "https://media.example.com"],
  ["https://*", "https://*", "https://media.example.com/a.jpg?x=1"],
  [`${HOST}*`, `${HOST}*`, `${HOST}/a.jpg?x=1`],
  ["*://d111111abcdef8.cloudfront.net/a.jpg", "*://d111111abcdef8.cloudfront.net/a.jpg", `${HOST}/a.jpg`, "not in cookies"],
  ["*", "*", "http://192.0.2.1:8080/a?b", "not in cookies"],
  ["*d111111abcdef8.cloudfront.net/a/*", "*d111111abcdef8.cloudfront.net/a/*", `${HOST}/a/b`, "not in cookies"],
  ["https://bücher.example/*", "https://xn--bcher-kva.example/*", "https://BÜCHER.example/a"],
];
const range = (policy) => ({ ...CONDITIONS[policy][0], dateLessThan: "2030-01-01", now: NOW });
for (const [resource, signed, url, notInCookies] of RESOURCES) {
  const policies = ["canned", "start and address"];
  for (const policy of policies) {
    const expect = { resource: signed, expires: EXPIRES, ...CONDITIONS[policy][1], canned: false };
    add(`${resource} for one URL, ${policy}`, { ...signer(), call: "signUrl", url, resource, conditions: range(policy), expect: { ...expect, address: wire(url) } });
    add(`${resource} as a grant, ${policy}`, { ...signer(), call: "grantUrl", url, resource, conditions: range(policy), expect: { ...expect, address: wire(url) } });
    add(`${resource} in cookies, ${policy}`, {
      ...signer(), call: "signCookies", resource, conditions: range(policy), expect: notInCookies ? { error: "UNSUPPORTED_SCHEME" } : expect,
    });
  }
}

// 5. One address as the resource: canned where there is only an expiry.
for (const kind of ["plain", "empty path", "space", "café", "circumflex", "dot segments", "query with apostrophes", "query with backslash", "lone question mark", "empty query parts",
  "upper-case host and protocol", "default port", "Unicode host", "IPv6 host"]) {
  const url = URLS[kind];
  for (const policy of ["canned", "address"]) {
    const expect = { resource: wire(url), expires: EXPIRES, ...CONDITIONS[policy][1], canned: policy === "canned" };
    add(`cookies for ${kind}, ${policy}`, { ...signer(), call: "signCookies", resource: url, conditions: range(policy), expect });
    add(`grant of ${kind}, ${policy}`, { ...signer(), call: "grantUrl", resource: url, url, conditions: range(policy), expect: { ...expect, address: wire(url) } });
    add(`${kind} as its own resource, ${policy}`, { ...signer(), call: "signUrl", resource: url, url, conditions: range(policy), expect: { ...expect, address: wire(url) } });
  }
}

// 6. Ready policies, which are signed byte for byte; or refused, where no request can match them.
const at = (seconds) => `{"AWS:EpochTime":${seconds}}`;
const READY = {
  "as AWS writes it": [`{"Statement":[{"Resource":"${HOST}/*","Condition":{"DateLessThan":${at(EXPIRES)}}}]}`, `${HOST}/a b.jpg`],
  "with white space": [`{ "Statement" : [\n\t{\r\n "Resource": "${HOST}/*" , "Condition": { "DateLessThan" : { "AWS:EpochTime" : ${EXPIRES} } } } ] }\n`, `${HOST}/a`],
  "indented": [JSON.stringify({ Statement: [{ Resource: `${HOST}/*`, Condition: { DateLessThan: { "AWS:EpochTime": EXPIRES } } }] }, null, 4), `${HOST}/a?b#c`],
  "other order": [`{"Statement":[{"Condition":{"DateGreaterThan":${at(STARTS)},"IpAddress":{"AWS:SourceIp":"192.0.2.0/24"},"DateLessThan":${at(EXPIRES)}},"Resource":"${HOST}/*"}]}`, `${HOST}/a`],
  "order of the AWS SDK": [`{"Statement":[{"Resource":"${HOST}/a","Condition":{"DateLessThan":${at(EXPIRES)},"DateGreaterThan":${at(STARTS)},"IpAddress":{"AWS:SourceIp":"192.0.2.1/32"}}}]}`, `${HOST}/a`],
  "both protocols": [`{"Statement":[{"Resource":"http*://d111111abcdef8.cloudfront.net/*","Condition":{"DateLessThan":${at(EXPIRES)}}}]}`, "http://d111111abcdef8.cloudfront.net/a"],
  "escapes that JSON allows": [`{"Statement":[{"Resource":"https:\\/\\/d111111abcdef8.cloudfront.net\\/\\u002a","Condition":{"DateLessThan":${at(EXPIRES)}}}]}`, `${HOST}/a`],
  "white space in a string": [`{"Statement":[{"Resource":"${HOST}/a b*","Condition":{"DateLessThan":${at(EXPIRES)}}}]}`, null],
  "not ASCII": [`{"Statement":[{"Resource":"${HOST}/é*","Condition":{"DateLessThan":${at(EXPIRES)}}}]}`, null],
  "the last moment": [`{"Statement":[{"Resource":"${HOST}/*","Condition":{"DateLessThan":${at(9223372036)}}}]}`, `${HOST}/a`],
};
for (const [name, [policy, url]] of Object.entries(READY)) {
  add(`ready policy in cookies: ${name}`, { ...signer(), call: "signCookies", policy, conditions: { now: NOW }, expect: policy.includes("a b") ? { error: "INVALID_POLICY" } : { policy } });
  if (url) add(`ready policy for a URL: ${name}`, { ...signer(), call: "signUrl", url, policy, conditions: { now: NOW }, expect: { policy, address: wire(url) } });
}
const over = `{"Statement":[{"Resource":"${HOST}/*","Condition":{"DateLessThan":${at(1)}}}]}`;
add("ready policy that has ended, allowed", { ...signer(), call: "signCookies", policy: over, conditions: { now: NOW, allowExpired: true }, expect: { policy: over } });
add("ready policy that has ended", { ...signer(), call: "signCookies", policy: over, conditions: { now: NOW }, expect: { error: "ALREADY_EXPIRED" } });

// 7. A few that are refused, the same everywhere; errors.json has all of them.
const until = (conditions) => ({ dateLessThan: "30m", ...conditions, now: NOW });
for (const [name, test] of Object.entries({
  WILDCARD_IN_URL: { call: "signUrl", url: `${HOST}/*`, conditions: until() },
  RESERVED_PARAMETER: { call: "signUrl", url: `${HOST}/a?Expires=1`, conditions: until() },
  RESOURCE_MISMATCH: { call: "grantUrl", resource: `${HOST}/films/*`, url: `${HOST}/music/1.mp3`, conditions: until() },
  INVALID_URL: { call: "signUrl", url: "/a.jpg", conditions: until() },
  UNSUPPORTED_SCHEME: { call: "signUrl", url: "ftp://d111111abcdef8.cloudfront.net/a", conditions: until() },
  INVALID_DATE: { call: "signUrl", url: `${HOST}/a`, conditions: until({ dateLessThan: "tomorrow" }) },
  ALREADY_EXPIRED: { call: "signUrl", url: `${HOST}/a`, conditions: until({ dateLessThan: NOW }) },
  INVALID_DATE_RANGE: { call: "signUrl", url: `${HOST}/a`, conditions: until({ dateGreaterThan: "PT30M" }) },
  INVALID_IP_ADDRESS: { call: "signUrl", url: `${HOST}/a`, conditions: until({ ipAddress: "192.0.2.1/33" }) },
  IPV6_NOT_SUPPORTED: { call: "signUrl", url: `${HOST}/a`, conditions: until({ ipAddress: "2001:db8::1" }) },
  INVALID_POLICY: { call: "signCookies", policy: "{}", conditions: { now: NOW } },
})) {
  add(`refused: ${name}`, { ...signer(), ...test, expect: { error: name } });
}

const lines = cases.map((test) => JSON.stringify(test)).join(",\n");
writeFileSync(new URL("corpus.json", import.meta.url), `{\n"about": "Written by generate.mjs; do not edit.",\n"cases": [\n${lines}\n]}\n`);
console.log(`${cases.length} cases, ${Object.keys(URLS).length} kinds of URL`);
