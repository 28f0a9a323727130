// What the page's box recognises: each kind of text as people have it, and log lines as CloudFront writes them.
import assert from "node:assert/strict";
import { test } from "node:test";

import { Signer, inspect } from "countersign";

import { readLogLine } from "../../www/log_line.js";
import { encoded, recognise } from "../../www/paste.js";
import { KEY_PAIR_ID, pem } from "./keys.mjs";
import { decodeBase64 } from "./signed_url.mjs";

const HOST = "https://d111111abcdef8.cloudfront.net";
const signer = new Signer({ keyPairId: KEY_PAIR_ID, privateKey: pem("rsa2048") });
const url = signer.signUrl(`${HOST}/a~b.mp4?x=%20y`, { dateLessThan: "1h" });
const cookies = Object.entries(signer.signCookies(`${HOST}/*`, { dateLessThan: "1h" })).map(([name, value]) => `${name}=${value}`).join("; ");

test("each kind of text", () => {
  for (const [text, kind, members] of [
    ["", "nothing", {}],
    ["good morning", "unknown", {}],
    [url, "url", { url, isSigned: true }],
    [` "${url}"\n`, "url", { url }],
    [`${HOST}/plain.mp4`, "url", { isSigned: false }],
    [url.replace("https://", ""), "url", { url }],
    [`Your film: ${url}`, "url", { url }],
    [url.replaceAll("&", "&amp;"), "url", { isSigned: true }],
    [JSON.stringify([{ name: "a", link: url }]), "url", { url }],
    [`curl "${url}" -H "accept: */*"`, "url", { url }],
    [`curl '${HOST}/1.mp4' -H 'accept: */*' -H 'cookie: ${cookies}'`, "cookies", { url: `${HOST}/1.mp4`, cookies: `cookie: ${cookies}` }],
    [`curl ${HOST}/1.mp4 -b '${cookies}'`, "cookies", { cookies }],
    [cookies, "cookies", { cookies }],
    [`${HOST}/1.mp4\ncookie: ${cookies}`, "cookies", { url: `${HOST}/1.mp4` }],
    ['{"Statement":[]}', "policy", {}],
    [encoded('{"Statement":["ü"]}'), "policy", { policy: '{"Statement":["ü"]}' }],
    ["<Error><Code>InvalidKey</Code></Error>", "answer", { code: "InvalidKey" }],
    [pem("rsa2048.pub"), "public-key", {}],
    ["ssh-rsa AAAA", "public-key", {}],
    // Text that was copied along with a URL.
    ...[`[film](${url})`, `${url},`, `Here: ${url}.`, `\u201c${url}\u201d`, `\ufeff${url}\u200b`, `('${url}',)`, `b'${url}'`, `<a href="${url}">film</a>`, `{"url"=>"${url}"}`, encodeURIComponent(url), `${url}\n${url}`].map((text) => [text, "url", { url }]),
    ...[`curl ^"${url.replace(/[&%]/g, "^$&")}^" ^\r\n  -H ^"accept: */*^"`, `fetch("${url}", {\n  "method": "GET"\n});`, `Invoke-WebRequest -Uri "${url}"`].map((text) => [text, "url", { url }]),
    [JSON.stringify({ log: { entries: [{ request: { url } }] } }), "url", { url }],
    [`GET ${url.slice(HOST.length)} HTTP/1.1\r\nHost: ${HOST.slice(8)}\r\nAccept: */*`, "url", { url }],
    [`:authority: ${HOST.slice(8)}\n:method: GET\n:path: ${url.slice(HOST.length)}\n:scheme: https`, "url", { url }],
    [`curl '${HOST}/1.mp4' \\\n  -H 'accept: */*' \\\n  -b '${cookies}'`, "cookies", { url: `${HOST}/1.mp4`, cookies }],
    [`GET /1.mp4 HTTP/1.1\nHost: ${HOST.slice(8)}\nCookie: ${cookies}`, "cookies", { url: `${HOST}/1.mp4`, cookies: `Cookie: ${cookies}` }],
    [`fetch("${HOST}/1.mp4", {\n  "headers": { "cookie": "${cookies}" }\n});`, "cookies", { url: `${HOST}/1.mp4`, cookies }],
    [`http GET ${HOST}/1.mp4 'Cookie:${cookies}'`, "cookies", { url: `${HOST}/1.mp4`, cookies }],
    ...[(name, value) => `${name}\t${value}\texample.com\t/\tSession`, (name, value) => JSON.stringify([{ name, value, domain: "example.com" }]), (name, value) => `{'${name}': '${value}'}`].map((form) => [cookies.split("; ").map((cookie) => form(...cookie.split("="))).join("\n"), "cookies", { cookies }]),
    ...["\n", "\r\n  "].flatMap((end) => [50, 51, 52, 60].map((width) => ({ end, width }))).map(({ end, width }) => [url.replace(new RegExp(`(.{${width}})`, "g"), `$1${end}`), "url", { url }]),
    ['"{\\"Statement\\":[]}"', "policy", { policy: '{"Statement":[]}' }],
    [`Policy=${encoded('{"Statement":["ü"]}')}`, "policy", { policy: '{"Statement":["ü"]}' }],
    ["<Code>AccessDenied</Code><Message>Access denied</Message>", "answer", { code: "AccessDenied" }],
    ["<Code>AccessDenied</Code><Message>Access Denied</Message><RequestId>7</RequestId>", "answer", { code: "s3" }],
    [pem("p256"), "private-key", {}],
    [`PRIVATE_KEY="${pem("p256").trim().replaceAll("\n", "\\n")}"`, "unknown", {}],
    [`${url}\n${pem("rsa2048.pub")}`, "url", { url, publicKey: pem("rsa2048.pub").trim() }],
  ]) {
    const found = recognise(text);
    // A key that a variable mangled may have text around it; it is still a key.
    assert.equal(found.kind, text.startsWith("PRIVATE_KEY") ? "private-key" : kind, text);
    for (const [name, value] of Object.entries(members)) assert.equal(found[name], value, `${name} of ${text}`);
  }
});

test("a key is seen in whatever form, so that it is kept out of what is shared", () => {
  for (const name of ["rsa2048", "rsa2048.encrypted", "rsa2048.pkcs1", "p256", "p256.sec1", "rsa2048.pub", "p256.pub"]) {
    const kind = name.endsWith(".pub") ? "public-key" : "private-key";
    const text = pem(name);
    const body = text.split("\n").slice(1, -2).join("\n");
    const forms = { whole: text, "as Base64": btoa(text), "cut off": text.slice(0, 80), "with a damaged line": text.slice(1), "in one line": text.replaceAll("\n", " "), ...(text.includes("DEK-Info") ? {} : { "without its lines": body, "DER in one line": body.replaceAll("\n", "") }) };
    for (const [form, mangled] of Object.entries(forms)) assert.equal(recognise(mangled).kind, kind, `${name}, ${form}`);
  }
  for (const [jwk, kind] of [[{ kty: "EC", x: "AA", y: "AA" }, "public-key"], [{ kty: "EC", x: "AA", y: "AA", d: "AA" }, "private-key"]]) assert.equal(recognise(JSON.stringify(jwk)).kind, kind);
});

test("the core reads the cookies in each form in which they are found", () => {
  const pairs = cookies.split("; ");
  for (const text of [`# Netscape HTTP Cookie File\n${pairs.map((pair) => `.example.com\tTRUE\t/\tTRUE\t0\t${pair.replace("=", "\t")}`).join("\n")}`, pairs.map((pair) => `#HttpOnly_.example.com\tTRUE\t/\tTRUE\t0\t${pair.replace("=", "\t")}`).join("\n"), pairs.map((pair) => `${pair}; Domain=.example.com; Path=/`).join("\n"), pairs.map((pair) => pair.replace("=", ": ")).join("\n"), `HTTP/2 200\n${pairs.map((pair) => `set-cookie: ${pair}; Path=/`).join("\n")}`, JSON.stringify(pairs.map((pair) => `${pair}; Path=/`))]) {
    const found = recognise(text);
    assert.equal(found.kind, "cookies", text);
    const { policy, signature, keyPairId } = inspect(found.cookies);
    assert.deepEqual([policy.resource, signature.keyType, keyPairId], [`${HOST}/*`, "RSA", KEY_PAIR_ID], text);
  }
});

test("a policy is written as CloudFront's Base64", () => {
  const text = '{"Statement":[{"Resource":"https://example.com/日本?~>>>"}]}';
  assert.equal(decodeBase64(encoded(text)).toString("utf8"), text);
});

const HEADER = "#Version: 1.0\n#Fields: date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status cs(Referer) cs(User-Agent) cs-uri-query cs(Cookie) x-edge-result-type x-edge-request-id x-host-header cs-protocol cs-bytes time-taken";

test("lines of a standard log", () => {
  // As CloudFront escapes them: the `%` of the URL and `~`, once.
  const { pathname, search } = new URL(url);
  const escaped = (text) => text.replaceAll("%", "%25").replaceAll("~", "%7E");
  const line = ["2026-11-28", "04:35:07", "NRT57-C1", "383", "198.51.100.7", "GET", "d111111abcdef8.cloudfront.net", escaped(pathname), "403", "-", "curl/8.5.0", escaped(search.slice(1)), "-", "Error", "id", "d111111abcdef8.cloudfront.net", "https", "432", "2.500"];
  const expected = { url, cookies: undefined, viewer: "198.51.100.7", at: Date.parse("2026-11-28T04:35:04Z") / 1000, status: "403" };
  assert.deepEqual(readLogLine(line.join("\t")), expected);
  assert.deepEqual(readLogLine(`${HEADER}\n${line.join("\t")}\n`), expected);
  // Copied from a terminal, tabs are spaces.
  assert.deepEqual(readLogLine(line.join("   ")), expected);
  // Fewer columns, in another order.
  const names = HEADER.split("#Fields: ")[1].split(" ");
  const [date, time, ...others] = names.map((name, index) => [name, line[index]]).filter(([name]) => !/sc-bytes|User-Agent/.test(name));
  const turned = [date, time, ...others.toReversed()];
  assert.deepEqual(readLogLine(`#Fields: ${turned.map(([name]) => name).join(" ")}\n${turned.map(([, value]) => value).join("\t")}`), expected);
  // Version 2, as JSON.
  assert.deepEqual(readLogLine(JSON.stringify({ date: "2026-11-28", time: "04:35:07", "time-taken": "2.500", "c-ip": "198.51.100.7", "x-host-header": "d111111abcdef8.cloudfront.net", "cs-protocol": "https", "cs-uri-stem": pathname, "cs-uri-query": search.slice(1), "cs(Cookie)": "-", "sc-status": "403" })), expected);
  for (const text of [HEADER, "2026-11-28", "", "{}", "{"]) assert.equal(readLogLine(text), undefined, text);
});
