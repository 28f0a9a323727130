// The page's words: both languages have the same, with the same values. Each reason and error of the core has one, with its own
// values, and each link to the guide on 403s leads to a heading.
import assert from "node:assert/strict";
import { createPublicKey } from "node:crypto";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";

import { Verifier, describeKey, inspect } from "countersign";

import { KEY_PROBLEMS, keyProblem } from "../../www/key_problems.js";
import { ANCHORS, CODES, explain, guideTo, stepOf } from "../../www/reasons.js";
import { speak, word } from "../../www/words.js";
import namesInJapanese from "../../www/names.ja.js";
import policyFaults from "../../www/policy_faults.ja.js";
import repairs from "../../www/repairs.ja.js";
import english from "../../www/words.en.js";
import japanese from "../../www/words.ja.js";
import { path, read } from "./documents.mjs";
import { pem } from "./keys.mjs";

const www = path("www/");
const source = (name) => readFileSync(`${www}${name}`, "utf8");
const values = (text) => Array.from(text.matchAll(/\{(\w+)(?::(\w+))?\}/g), ([, name, format]) => ({ name, format }));
const names = (text) => values(text).map(({ name }) => name).sort();

test("both languages have the same words, with the same values in them", () => {
  assert.deepEqual(Object.keys(japanese), Object.keys(english));
  // In English, errors use the core's own sentences where they fit.
  const own = (text) => names(text).filter((name) => !["message", "hint", "why"].includes(name));
  for (const [name, text] of Object.entries(english)) assert.deepEqual(own(japanese[name]), own(text), name);
});

test("what is Japanese is in Japanese, by the project's terms", () => {
  const same = Object.keys(english).filter((name) => english[name] === japanese[name]);
  // Names, and what is the same in both languages.
  const allowed = /^(?:paste\.placeholder|key\.(?:RSA|ECDSA)|hash\.SHA256|saw\.url|what\.url|result\.url|guide\.file)$/;
  assert.deepEqual(same.filter((name) => !allowed.test(name)), []);
  const text = Object.values(japanese).join("\n");
  for (const wrong of [/閲覧者/, /鍵ペア/, /ブラウザー/, /[（）：]/, /期限が終了/]) assert.doesNotMatch(text, wrong);
});

test("no word is missing, and none is of no use", () => {
  const html = source("index.html");
  const code = readdirSync(www).filter((name) => /\.js$/.test(name) && !name.startsWith("words.")).map(source).join("\n");
  const used = Array.from(html.matchAll(/data-(?:word|label|placeholder|title|hint)="([^"]+)"/g), ([, name]) => name);
  used.push(...Array.from(code.matchAll(/"([a-z]+(?:\.[\w-]+)+)"/g), ([, name]) => name).filter((name) => name in english || /^(?:step|banner|key|policy|paste|share|opens|what|time|check|result|try|safe)\./.test(name)));
  assert.deepEqual(used.filter((name) => !(name in english)), []);
  // Names that are put together: `word(`step.${name}`)`.
  const prefixes = Array.from(code.matchAll(/`([a-z]+\.(?:[a-z]+\.)?)\$\{/g), ([, prefix]) => prefix);
  const plain = Array.from(code.matchAll(/word\("(\w+)"/g), ([, name]) => name);
  const isUsed = (name) => used.includes(name) || plain.includes(name) || prefixes.some((prefix) => name.startsWith(prefix)) || html.includes(`"${name}"`);
  assert.deepEqual(Object.keys(english).filter((name) => !isUsed(name)), []);
});

/** `CODE: sentence`, from the lists in the core. */
const reasons = () => Array.from(readFileSync(path("src/reason.rs"), "utf8").matchAll(/^ {4}\w+ "([a-z0-9-]+)" "(.*)";$/gm), ([, code, sentence]) => ({ code, sentence }));
const errors = () => Array.from(readFileSync(path("src/error.rs"), "utf8").matchAll(/^ {4}\w+ "([A-Z0-9_]+)" ".*";$/gm), ([, code]) => code);

test("each reason of the core has words, with values that it has", () => {
  const all = reasons();
  assert.ok(all.length > 50);
  for (const { code, sentence } of all) {
    for (const language of [english, japanese]) {
      const text = language[`reason.${code}`];
      assert.ok(text, code);
      const known = names(sentence);
      assert.deepEqual(names(text).filter((name) => !known.includes(name)), [], `${code}: ${sentence}`);
    }
  }
  const codes = all.map(({ code }) => code);
  assert.deepEqual(Object.keys(english).filter((name) => name.startsWith("reason.") && !codes.includes(name.slice(7))), [], "none is of a code that the core does not have");
  const placed = Object.values(CODES).flatMap((list) => list.split(" "));
  assert.deepEqual(placed.filter((code) => !codes.includes(code)), [], "nor is one placed among the steps");
  assert.equal(new Set(placed).size, placed.length);
});

test("each error that the page can meet has words", () => {
  // Errors that the page cannot cause.
  const others = ["NOT_INITIALIZED", "MODULE_STOPPED", "FREED", "HOST_CRYPTO_UNAVAILABLE", "INVALID_OPTION", "INVALID_MANIFEST"];
  for (const code of errors().filter((code) => !others.includes(code))) {
    for (const language of [english, japanese]) assert.ok(language[`error.${code}`], code);
  }
});

/** A line of authorized_keys (RFC 5656). */
function inOpenSsh(publicKey) {
  const { x, y } = publicKey.export({ format: "jwk" });
  const fields = [Buffer.from("ecdsa-sha2-nistp256"), Buffer.from("nistp256"), Buffer.concat([Buffer.of(4), Buffer.from(x, "base64url"), Buffer.from(y, "base64url")])];
  return `ecdsa-sha2-nistp256 ${Buffer.concat(fields.flatMap((field) => [Buffer.of(0, 0, 0, field.length), field])).toString("base64")}`;
}

test("what is wrong with a key, and what was mended, is told in Japanese", () => {
  const forms = [
    ...["certificate", "ed25519", "p256", "p384", "rsa1024", "rsa2048", "rsa2048.encrypted", "rsa2048.pub", "rsa2048.traditional", "rsa4096"].map(pem).flatMap((text) => [text, text.slice(0, 60), text.slice(0, 200), text.slice(1), text.replace(/\n(.{20})./, "\n$1!"), text.replace(/\n(.{30})./, "\n$1"), text.replace(/\n(.{30})(..)/, "\n$1AA"), text.replace("AES-256-CBC", "SEED-CBC")]),
    ...["", "hello", "undefined", "{{KEY}}", "[object Object]", "/home/me/key.pem", "arn:aws:secretsmanager:a:b:c", '{"kty":"EC"}', '{"a":1}', "<html>", "PuTTY-User-Key-File-3: ssh-rsa", "-----BEGIN SOMETHING-----\nAAAA\n-----END SOMETHING-----", "BEGIN something", "ssh-rsa AAAA", "K2JCJMDEHXQW5F", "https://example.com/key"],
    inOpenSsh(createPublicKey(pem("p256"))), pem("p256") + pem("rsa2048"),
  ];
  const met = new Set();
  speak("ja");
  for (const form of forms) {
    for (const read of [() => describeKey(form), () => new Verifier({ publicKeys: { K: form } })]) {
      try {
        read();
      } catch (error) {
        if (error.code === "PASSPHRASE_REQUIRED") continue;
        met.add(keyProblem(error)?.problem);
        assert.match(explain(error), /[ぁ-ん]/);
        assert.doesNotMatch(explain(error), /undefined|\{|\bthe\b|\bis\b/);
      }
    }
  }
  speak("en");
  assert.deepEqual(KEY_PROBLEMS.filter((problem) => !met.has(problem)), []);
  const sources = [path("src/pem.rs"), ...readdirSync(path("src/pem")).map((name) => path(`src/pem/${name}`))].map((file) => readFileSync(file, "utf8")).join("\n");
  const mended = Array.from(sources.matchAll(/"((?:its? |a byte |a backslash |quotation |the whole )[^"]*)"/g), ([, text]) => text.replaceAll("\\\\", "\\")).filter((text) => / (?:was|were|had|stood|ended)\b/.test(text));
  assert.ok(mended.length > 15);
  assert.deepEqual([...new Set(mended)].sort(), Object.keys(repairs).sort());
});

test("what is wrong with a policy is told in Japanese", () => {
  const [code] = readFileSync(path("src/policy_text.rs"), "utf8").split("#[cfg(test)]");
  const texts = Array.from(code.matchAll(/"((?:[^"\\]|\\[^])*)"/g), ([, text]) => text.replaceAll('\\"', '"').replaceAll("\\\\", "\\"));
  const faults = texts.filter((text) => /\w /.test(text) && !/^(?:trailing |CloudFront cannot read|the policy's |It )/.test(text) && !(text in namesInJapanese));
  const patterns = faults.map((text) => text.replace(/\{\{.*\}\}/, "{}").replace(/\{\w+\}/g, "{}"));
  assert.ok(patterns.length > 20);
  assert.deepEqual([...new Set(patterns)].sort(), Object.keys(policyFaults).sort());

  const statement = (text) => `{"Statement":[${text}]}`;
  const told = (json) => inspect(`https://d.net/a?Policy=${Buffer.from(json).toString("base64").replaceAll("+", "-").replaceAll("=", "_").replaceAll("/", "~")}&Signature=AAAA&Key-Pair-Id=K2JCJMDEHXQW5F`)
    .findings.filter((finding) => finding.code === "malformed-policy").map(explain).join();
  assert.equal(told(statement('{"Resource":"*"}')), "CloudFront cannot read the policy: Condition is missing; it must have DateLessThan.");
  speak("ja");
  const japanese = [
    [statement('{"Resource":"*"}'), "Condition がありません"],
    [statement('{"resource":"*","Condition":{}}'), '"resource" の大文字と小文字が違います。Resource と書いてください'],
    [statement('{"Resource":"*","Condition":{"DateLessThan":1893456000}}'), 'DateLessThan が数値です。{"AWS:EpochTime":1893456000} と書いてください'],
    [statement('{"Resource":"*","Condition":{"DateLessThan":{}}}'), "DateLessThan に AWS:EpochTime がありません"],
    ['{"Version":"2012-10-17","Statement":[]}', "ポリシーの Version は IAM や S3 のポリシーのものです"],
    ["{'Statement':[]}", "引用符が ' になっています"],
    ['{"Statement":[{]}', "JSON の構造、条件の名前、秒数の書き方を確認してください"],
  ];
  for (const [json, expected] of japanese) assert.ok(told(json).includes(expected), `${json}: ${told(json)}`);
  assert.match(explain({ code: "other-service-host", values: { host: "a.on.aws", service: "a Lambda function" } }), /^ホスト a\.on\.aws は「Lambda 関数」のもので/);
  speak("en");
});

test("a code without words is told as the core tells it", () => {
  assert.equal(explain({ code: "a-code-of-tomorrow", message: "something is wrong", hint: "Mend it." }), "something is wrong. Mend it.");
  speak("ja");
  assert.equal(explain({ code: "milliseconds", values: { name: "Expires", seconds: 1893456000000 } }), "Expires の 1893456000000 は CloudFront には大きすぎます。CloudFront は秒で数えます。ミリ秒は 1000 で割ってください。");
  speak("en");
  assert.equal(word("step.time.good", { left: 720 }), "Valid for another 12 minutes.");
});

test("the guide has each heading that the page leads to", () => {
  const { anchors } = read("docs/debugging-a-403.md");
  for (const anchor of ANCHORS) assert.ok(anchors.includes(anchor), anchor);
  assert.equal(guideTo({ code: "expired" }).anchor, "the-time");
  assert.equal(stepOf("expired"), "time");
});
