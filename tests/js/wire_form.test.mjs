// What is signed is what is sent: clients leave every emitted URL unchanged, and its signature verifies after the
// signing parameters are removed as plain text.
import assert from "node:assert/strict";
import { test } from "node:test";

import { CountersignError, Signer } from "countersign";

import { asSent } from "./cloudfront_rules.mjs";
import { HOST, KEY_PAIR_ID, pem, publicKeys } from "./keys.mjs";
import { verifyUrl } from "./signed_url.mjs";

const base = `https://${HOST}`;

const KINDS = {
  "a plain path": `${base}/a.jpg`,
  "a query": `${base}/a.jpg?x=1&y=2`,
  http: `http://${HOST}/a.jpg`,
  "the host only": base,
  "the host and a query": `${base}?x=1`,
  "the host and a fragment": `${base}#f`,
  "a slash": `${base}/`,
  "a slash at the end": `${base}/films/`,
  "two slashes": `${base}//a//b.jpg`,
  "a scheme in capitals": `HTTPS://${HOST}/a.jpg`,
  "a host in capitals": `https://${HOST.toUpperCase()}/A.jpg`,
  "a Unicode host": "https://ドメイン名.example/a.jpg",
  "a Punycode host": "https://xn--eckwd4c7c.example/a.jpg",
  "an IPv4 host": "http://192.0.2.7/a.jpg",
  "an IPv4 host in hexadecimal": "http://0xc0.0.2.7/a.jpg",
  "an IPv6 host": "https://[2001:db8::1]/a.jpg",
  "a dot after the host": `https://${HOST}./a.jpg`,
  "a port": `https://${HOST}:8443/a.jpg`,
  "the default port of https": `https://${HOST}:443/a.jpg`,
  "the default port of http": `http://${HOST}:80/a.jpg`,
  "the default port of the other": `http://${HOST}:443/a.jpg`,
  "an empty port": `https://${HOST}:/a.jpg`,
  "a space in the path": `${base}/a b.jpg`,
  "an escaped space": `${base}/a%20b.jpg`,
  "spaces around": `  ${base}/a.jpg `,
  "an accent": `${base}/café.jpg`,
  "an accent, decomposed": `${base}/cafe\u0301.jpg`,
  "an accent, escaped in small letters": `${base}/caf%c3%a9.jpg`,
  "Japanese": `${base}/日本語/ファイル.txt`,
  "an emoji": `${base}/😀.png`,
  "half an emoji": `${base}/\ud83d.png`,
  "a plus sign": `${base}/a+b.jpg`,
  "reserved characters": `${base}/a=b,c@d;e:f$g&h!i'j(k)l.jpg`,
  "brackets": `${base}/[1].jpg`,
  "quotes and angles": `${base}/"a"<b>.jpg`,
  "a backquote and braces": `${base}/\`{a}.jpg`,
  "a circumflex": `${base}/a^b.jpg?c^d`,
  "a bar": `${base}/a|b.jpg?c|d`,
  "a backslash": `${base}\\a\\b.jpg`,
  "a backslash in the query": `${base}/a.jpg?b\\c`,
  "an incomplete escape": `${base}/100%/%zz.jpg?%&%4`,
  "an escaped slash": `${base}/a%2Fb.jpg`,
  "an escaped question mark": `${base}/a%3Fb.jpg`,
  "an escaped hash": `${base}/a%23b.jpg`,
  "an escaped asterisk": `${base}/a%2Ab.jpg?x=%2a`,
  "a dot segment": `${base}/./a.jpg`,
  "a double dot segment": `${base}/a/../b.jpg`,
  "too many of them": `${base}/../../a.jpg`,
  "escaped dot segments": `${base}/a/%2E%2e/b.jpg`,
  "a line break": `${base}/a\nb.jpg`,
  "a tab in the query": `${base}/a.jpg?x=\t1`,
  "a zero": `${base}/a\0b.jpg`,
  "a delete character": `${base}/a\x7fb.jpg`,
  "a lone question mark": `${base}/a.jpg?`,
  "a question mark and a fragment": `${base}/a.jpg?#f`,
  "empty parts of the query": `${base}/a.jpg?&&x=1&&y=2&`,
  "a name without a value": `${base}/a.jpg?flag`,
  "a value without a name": `${base}/a.jpg?=1`,
  "two equals signs": `${base}/a.jpg?a==1`,
  "a name twice": `${base}/a.jpg?a=2&a=1`,
  "brackets in the query": `${base}/a.jpg?a[]=1&a[]=2`,
  "a space in the query": `${base}/a.jpg?d=x y`,
  "a plus sign in the query": `${base}/a.jpg?d=x+y`,
  "an escaped ampersand": `${base}/a.jpg?d=x%26y`,
  "an apostrophe in the query": `${base}/a.jpg?q='x'&n=UTF-8''b`,
  "Unicode in the query": `${base}/a.jpg?é=日本`,
  "a question mark in the query": `${base}/a.jpg?a?b=c?d`,
  "a slash in the query": `${base}/a.jpg?u=/b/../c`,
  "a URL in the query": `${base}/a.jpg?u=https://example.com/?x=1`,
  "an asterisk in the query": `${base}/a.jpg?f*=UTF-8''b&*`,
  "names like CloudFront's": `${base}/a.jpg?expires=1&POLICY=2&Signatures=3&X-Key-Pair-Id=4&x=Expires`,
  "a fragment": `${base}/a.jpg#top`,
  "a fragment after a query": `${base}/a.jpg?x=1#top`,
  "a fragment like a query": `${base}/a.jpg#?Expires=1&x`,
  "a Unicode fragment": `${base}/a.jpg#été *`,
  "a long path": `${base}/${"a/".repeat(1000)}b.jpg`,
};

const CONDITIONS = {
  canned: { dateLessThan: "2h" },
  custom: { dateLessThan: "2h", dateGreaterThan: "-5m", ipAddress: "192.0.2.0/24" },
};

for (const [keyType, file] of [["RSA", "rsa2048"], ["ECDSA", "p256"]]) {
  for (const engine of ["host", "wasm"]) {
    for (const [form, conditions] of Object.entries(CONDITIONS)) {
      test(`${Object.keys(KINDS).length} kinds of URL, ${keyType}, ${engine}, ${form}`, () => {
        withSigner(new Signer({ keyPairId: KEY_PAIR_ID, privateKey: pem(file), engine }), (signer) => {
          for (const [kind, url] of Object.entries(KINDS)) {
            const signed = signer.signUrl(url, conditions);
            assert.equal(new URL(signed).href, signed, kind);
            const sent = asOneAddress(asSent(url));
            assert.ok(signed.endsWith(sent.hash), kind);
            const { resource, parameters, policy } = verifyUrl(signed, publicKeys[keyType]);
            assert.equal(resource, sent.address, kind);
            assert.equal(parameters.has("Expires"), form === "canned", kind);
            assert.equal(JSON.parse(policy).Statement[0].Resource, sent.address, kind);
            // Signing what was sent gives the same result: the form is stable.
            assert.equal(withoutSignature(signer.signUrl(sent.address + sent.hash, conditions)), withoutSignature(signed), kind);
          }
        });
      });
    }
  }
}

test(`${Object.keys(KINDS).length} kinds of URL under one grant`, () => {
  withSigner(new Signer({ keyPairId: KEY_PAIR_ID, privateKey: pem("p256"), engine: "wasm" }), (signer) => {
    const signed = signer.grant("*", CONDITIONS.custom).urls(Object.values(KINDS));
    Object.entries(KINDS).forEach(([kind, url], index) => {
      assert.equal(new URL(signed[index]).href, signed[index], kind);
      assert.equal(verifyUrl(signed[index], publicKeys.ECDSA).resource, asSent(url).address, kind);
    });
  });
});

/** The address without wildcards in its query: `*` becomes %2A, and a second `?` %3F. */
function asOneAddress({ address, ...sent }) {
  const [base, query] = address.split(/\?(.*)/s);
  return { ...sent, address: query === undefined ? base : `${base}?${query.replaceAll("*", "%2A").replaceAll("?", "%3F")}` };
}

/** A generator of numbers that gives the same ones each time: Park and Miller's. */
function numbers(seed) {
  let state = seed;
  return (below) => (state = (state * 48271) % 2147483647) % below;
}

const COUNT = Number(process.env.RANDOM_URLS ?? 300_000);

// Plain parts, parts that a parser changes, and parts that it may not know.
const SCHEMES = ["https://", "https://", "http://", "HTTPS://", "https:/", " https://"];
const LABELS = ["a", "d111", "cloudfront", "net", "example", "a-b", "1", "0x1", "127", "xn--a", "a--b", "-a", "a-", "", "A", "é", "_a", "08", "a1", "1a", "%61", "*"];
const PATHS = ["a", "b.ts", ".", "..", "...", "/", "/", "/", "%2e", "%2E.", "%20", "%zz", "%", "%C3%A9", "é", " ", "\\", "^", "|", "'", "~", "!", "$", "&", "(", ")", "+", ",", ";", "=", ":", "@", "*", "\t", "{", "\"", "<", "\u0000", "\ud800", "[", "`"];
const QUERIES = [...PATHS, "?", "x=1", "&", "&", "Expires=1", "Policy", "%45xpires=1"];

test(`${COUNT} random URLs: each one that is signed is in the form in which it is sent`, () => {
  const below = numbers(Number(process.env.SEED ?? 20261124));
  const some = (pieces, most, between = "") => Array.from({ length: below(most) }, () => pieces[below(pieces.length)]).join(between);
  // One URL in three has only plain parts.
  const plain = (pieces) => pieces.filter((piece) => /^[a-z0-9./~!$()+,;=:@&?-]*$/.test(piece));
  const sets = [[SCHEMES.slice(0, 3), LABELS, PATHS, QUERIES], [SCHEMES.slice(0, 2), plain(LABELS), plain(PATHS), plain(QUERIES)], [SCHEMES, LABELS.slice(0, 6), PATHS, QUERIES]];
  const grant = new Signer({ keyPairId: KEY_PAIR_ID, privateKey: pem("p256") }).grant("*", CONDITIONS.custom);
  const parameters = new URL(grant.url(base)).search.slice(1);
  let signed = 0;
  let unchanged = 0;
  for (let i = 0; i < COUNT; i++) {
    const [schemes, labels, paths, queries] = sets[i % 3];
    const url = `${schemes[below(schemes.length)]}${some(labels, 5, ".")}/${some(paths, 7)}${below(2) ? `?${some(queries, 5)}` : ""}${below(20) ? "" : "#f"}`;
    let made;
    try {
      made = grant.url(url);
    } catch (error) {
      if (!(error instanceof CountersignError)) throw error;
      continue;
    }
    signed++;
    const href = new URL(made).href;
    if (href !== made) assert.fail(`${JSON.stringify(url)} is signed as ${JSON.stringify(made)}, and sent as ${JSON.stringify(href)}`);
    const sent = new URL(url);
    const path = sent.pathname.replaceAll("^", "%5E").replaceAll("|", "%7C");
    const query = sent.search.slice(1).split("&").filter(Boolean);
    const expected = `${sent.origin}${path}?${[...query, parameters].join("&")}${sent.hash}`;
    if (made !== expected) assert.equal(made, expected, JSON.stringify(url));
    if (made.startsWith(url)) unchanged++;
  }
  assert.ok(signed > COUNT / 5 && unchanged > COUNT / 20, `${signed} were signed, ${unchanged} as they were`);
});

function withSigner(signer, use) {
  try {
    use(signer);
  } finally {
    signer.free();
  }
}

/** All but the bytes of the signature, which differ with each ECDSA signature of the host's. */
const withoutSignature = (signed) => signed.replace(/Signature=[^&#]*/, "Signature=").replace(/(Expires|Policy)=[^&]*/, "$1=");

// [what, a URL that is refused, the code, the promise in docs/architecture.md, the same as the hint says]
const REFUSED = [
  ["an asterisk in the path", `${base}/private/*`, "WILDCARD_IN_URL", "promise 3", [`${base}/private/a.jpg`, { resource: `${base}/private/*` }]],
  ["an asterisk that is meant", `${base}/a*b.jpg`, "WILDCARD_IN_URL", "promise 3", [`${base}/a%2Ab.jpg`]],
  ["a user name", `https://user@${HOST}/a.jpg`, "INVALID_URL", "promise 1: no client sends it", [`${base}/a.jpg`]],
  ["a user name and a password", `https://user:secret@${HOST}/a.jpg`, "INVALID_URL", "promise 1: no client sends it", [`${base}/a.jpg`]],
  ["an empty user name", `https://:secret@${HOST}/a.jpg`, "INVALID_URL", "promise 1: no client sends it", [`${base}/a.jpg`]],
  ["a signed URL", `${base}/a.jpg?Expires=1&Signature=x&Key-Pair-Id=K`, "RESERVED_PARAMETER", "promise 4", [`${base}/a.jpg`]],
  ["an escaped name of CloudFront's", `${base}/a.jpg?%50olicy=x`, "RESERVED_PARAMETER", "promise 4", [`${base}/a.jpg?policy=x`]],
  ["no scheme", `//${HOST}/a.jpg`, "INVALID_URL", "promise 1", [`https://${HOST}/a.jpg`]],
  ["a path only", "/a.jpg", "INVALID_URL", "promise 1", [`${base}/a.jpg`]],
  ["another scheme", "s3://bucket/a.jpg", "UNSUPPORTED_SCHEME", "promise 1", [`${base}/a.jpg`]],
];

for (const [what, url, code, rule, [instead, extra]] of REFUSED) {
  test(`refused by ${rule}: ${what}`, () => {
    for (const engine of ["host", "wasm"]) {
      withSigner(new Signer({ keyPairId: KEY_PAIR_ID, privateKey: pem("p256"), engine }), (signer) => {
        for (const conditions of Object.values(CONDITIONS)) {
          assert.throws(
            () => signer.signUrl(url, conditions),
            (error) => error instanceof CountersignError && error.code === code && error.hint.length > 0,
          );
          const signed = signer.signUrl(instead, { ...conditions, ...extra });
          assert.equal(new URL(signed).href, signed);
          assert.equal(verifyUrl(signed, publicKeys.ECDSA).resource, asSent(instead).address);
        }
      });
    }
  });
}
