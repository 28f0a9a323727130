// Peers' public test cases, in tests/vectors/peers, give the results that the peers expect. Where one differs, the guide for
// that peer says why. tests/peers.rs runs the cases that need no JavaScript.
import assert from "node:assert/strict";
import { createSign } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import * as peer from "@aws-sdk/cloudfront-signer";
import * as ours from "countersign";

import { KEY_PAIR_ID, pem, publicKeys } from "./keys.mjs";
import { cannedPolicy, verifyCookies, verifyUrl } from "./signed_url.mjs";

const read = (path) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
const cases = (name) => JSON.parse(read(`tests/vectors/peers/${name}`)).cases;

test("the AWS SDK for JavaScript's own cases: its bytes, or a row in the guide", () => {
  const guide = read("docs/from-aws-sdk-js.md");
  for (const { id, call, input, signed, policy, error, differs } of cases("aws_sdk_js_sign_spec.json")) {
    const options = { ...input, keyPairId: "APKAEIBAERJR2EXAMPLE", privateKey: pem("rsa2048") };
    if (error) {
      assert.throws(() => ours[call](options), { code: error }, id);
      if (differs) assert.ok(guide.includes(differs), `${id}: the guide has no row ${differs}`);
      else assert.throws(() => peer[call](options), Error, id);
      continue;
    }
    const output = ours[call](options);
    assert.deepEqual(output, peer[call](options), id);
    const policyOf = call === "getSignedUrl" ? verifyUrl(output, publicKeys.RSA).policy : verifyCookies(output, signed, publicKeys.RSA);
    assert.equal(policyOf, policy, id);
    if (call === "getSignedUrl") assert.ok(output.startsWith(signed), `${id}: ${output}`);
  }
});

test("floci's verifier and ours decide the same", () => {
  const encode = (bytes) => Buffer.from(bytes).toString("base64").replace(/[+=/]/g, (character) => ({ "+": "-", "=": "_", "/": "~" })[character]);
  for (const each of cases("floci_verifier.json")) {
    const { id, url, by, signedFor = url, expires, policy, hash, named = hash, key = "rsa2048", keyPairId = KEY_PAIR_ID, ipAddress, allowed } = each;
    const text = policy ?? (expires === undefined ? undefined : cannedPolicy(signedFor, expires));
    const credentials = text && {
      ...(policy ? { Policy: encode(policy) } : { Expires: String(expires) }),
      Signature: encode(createSign(hash ?? "SHA1").update(text).sign(pem(key))),
      "Key-Pair-Id": keyPairId,
      ...(named && { "Hash-Algorithm": named }),
    };
    const pairs = Object.entries(credentials ?? {});
    const request =
      by === "cookies"
        ? { url, cookies: Object.fromEntries(pairs.map(([name, value]) => [`CloudFront-${name}`, value])) }
        : { url: pairs.length ? `${url}${url.includes("?") ? "&" : "?"}${pairs.map((pair) => pair.join("=")).join("&")}` : url };
    const verifier = new ours.Verifier({ publicKeys: { [KEY_PAIR_ID]: publicKeys[key === "p256" ? "ECDSA" : "RSA"] } });
    const decision = verifier.verify({ ...request, ipAddress, now: "2026-01-01" });
    assert.equal(decision.allowed, allowed, `${id}: ${JSON.stringify(decision)}`);
  }
});
