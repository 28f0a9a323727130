// What docs/from-*.md say about other signers and about ours, tested with those signers themselves.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { test } from "node:test";

import * as sdk from "@aws-sdk/cloudfront-signer";
import * as acs from "aws-cloudfront-sign";
import { Signer, Verifier } from "countersign";

import { required } from "./environment.mjs";
import { HOST, KEY_PAIR_ID, keyFile, pem, publicKeys } from "./keys.mjs";
import { WITHOUT_AWS } from "./operating_system.mjs";
import { privateKeyUrl, runPeers } from "./python_peers.mjs";
import { decodeBase64 } from "./signed_url.mjs";

// Not UTC, so that local time shows.
process.env.TZ = "America/New_York";

const URL_ = `https://${HOST}/a.jpg`;
const FILMS = `https://${HOST}/films/*`;
const signer = new Signer({ keyPairId: KEY_PAIR_ID, privateKey: pem("rsa2048") });
const p256 = new Signer({ keyPairId: KEY_PAIR_ID, privateKey: pem("p256") });
const verifier = new Verifier({ publicKeys: { [KEY_PAIR_ID]: publicKeys.RSA } });

const names = (url) => [...new URL(url).searchParams.keys()];
const expires = (url) => Number(new URL(url).searchParams.get("Expires"));
const policyOf = (url) => JSON.parse(decodeBase64(decodeURIComponent(/[?&]Policy=([^&]*)/.exec(url)[1]))).Statement[0];
const refuses = (code, call) => assert.throws(call, (error) => error.code === code, code);

test("@aws-sdk/cloudfront-signer", () => {
  const options = { keyPairId: KEY_PAIR_ID, privateKey: pem("rsa2048"), dateLessThan: "2030-12-31" };
  const theirs = (url, more) => sdk.getSignedUrl({ ...options, url, ...more });
  assert.deepEqual(names(theirs(URL_)), ["Expires", "Key-Pair-Id", "Signature"]);
  assert.deepEqual(names(signer.signUrl(URL_, { dateLessThan: "2030-12-31" })), ["Expires", "Signature", "Key-Pair-Id"]);
  const signature = (url) => new URL(url).searchParams.get("Signature");
  assert.equal(signature(theirs(URL_)), signature(signer.signUrl(URL_, { dateLessThan: "2030-12-31" })));

  // A wildcard without other conditions.
  const cookies = sdk.getSignedCookies({ ...options, url: FILMS });
  assert.ok("CloudFront-Expires" in cookies);
  const request = { url: FILMS.replace("*", "1.ts") };
  assert.equal(verifier.verify({ ...request, cookies }).code, "AccessDenied");
  assert.ok(verifier.verify({ ...request, cookies: signer.signCookies(FILMS, { dateLessThan: "2030-12-31" }) }).allowed);

  // Dates.
  const local = "2030-01-01T00:00:00";
  assert.equal(expires(theirs(URL_, { dateLessThan: local })), 1_893_456_000 + 5 * 3600);
  assert.equal(expires(signer.signUrl(URL_, { dateLessThan: local })), 1_893_456_000);
  assert.equal(expires(theirs(URL_, { dateLessThan: 1_893_456_000_000 })), 1_893_456_000);
  for (const number of [1_893_456_000, 1_893_456_000_000]) assert.equal(expires(signer.signUrl(URL_, { dateLessThan: number })), 1_893_456_000);
  assert.ok(expires(theirs(URL_, { dateLessThan: "2020-01-01" })) < Date.now() / 1000);
  refuses("ALREADY_EXPIRED", () => signer.signUrl(URL_, { dateLessThan: "2020-01-01" }));

  // Escapes.
  assert.ok(theirs(`https://${HOST}/a=b?flag`).startsWith(`https://${HOST}/a%3Db?flag=&Expires=`));
  assert.ok(signer.signUrl(`https://${HOST}/a=b?flag`, { dateLessThan: "1h" }).startsWith(`https://${HOST}/a=b?flag&Expires=`));

  // The hash for EC keys.
  assert.ok(!names(theirs(URL_, { privateKey: pem("p256") })).includes("Hash-Algorithm"));
  assert.match(p256.signUrl(URL_, { dateLessThan: "1h" }), /&Hash-Algorithm=SHA256$/);
});

test("aws-cloudfront-sign", () => {
  const options = { keypairId: KEY_PAIR_ID, privateKeyString: pem("rsa2048"), expireTime: Date.parse("2030-12-31") };
  const theirs = (url, more) => acs.getSignedUrl(url, { ...options, ...more });
  assert.deepEqual(names(theirs(URL_)), ["Expires", "Policy", "Signature", "Key-Pair-Id"]);
  assert.match(verifier.verify({ url: theirs(URL_) }).warnings[0], /Policy and Expires are both given/);
  assert.ok(signer.signUrl(URL_, { dateLessThan: "2030-12-31" }).length < theirs(URL_).length);

  const halfAnHour = expires(theirs(URL_, { expireTime: "2030-12-31" })) - Date.now() / 1000;
  assert.ok(Math.abs(halfAnHour - 1800) < 60, `text as expireTime gives ${halfAnHour} s`);
  assert.throws(() => theirs(URL_, { expireTime: Date.parse("2040-01-01") }), /2038/);
  assert.equal(expires(signer.signUrl(URL_, { dateLessThan: "2040-01-01" })), Date.parse("2040-01-01") / 1000);

  assert.match(theirs(URL_, { keypairId: undefined }), /Key-Pair-Id=undefined/);
  refuses("INVALID_OPTION", () => new Signer({ keypairId: KEY_PAIR_ID, privateKey: pem("rsa2048") }));
  const oneLine = pem("rsa2048").replaceAll("\n", "\\n");
  assert.throws(() => theirs(URL_, { privateKeyString: oneLine }), /Invalid private key string, must include line breaks/);
  new Signer({ keyPairId: KEY_PAIR_ID, privateKey: oneLine });

  assert.equal(policyOf(theirs(URL_, { ipRange: "garbage" })).Condition.IpAddress["AWS:SourceIp"], "garbage");
  refuses("INVALID_IP_ADDRESS", () => signer.signUrl(URL_, { dateLessThan: "1h", ipAddress: "garbage" }));
  assert.equal(policyOf(signer.signUrl(URL_, { dateLessThan: "1h", ipAddress: "192.0.2.1" })).Condition.IpAddress["AWS:SourceIp"], "192.0.2.1/32");

  const query = `${URL_}?a=x y&b=~`;
  assert.ok(theirs(query).startsWith(`${URL_}?a=x+y&b=%7E&`));
  assert.equal(policyOf(theirs(query)).Resource, query);
  assert.ok(verifier.verify({ url: signer.signUrl(query, { dateLessThan: "1h" }) }).allowed);
  assert.equal(expires(theirs(`${URL_}?Expires=1`)), Date.parse("2030-12-31") / 1000);
  refuses("RESERVED_PARAMETER", () => signer.signUrl(`${URL_}?Expires=1`, { dateLessThan: "1h" }));
  assert.throws(() => acs.getSignedRTMPUrl(HOST, "a", options));
});

test("botocore", () => {
  const case_ = { peer: "botocore", url: URL_, key_pair_id: KEY_PAIR_ID, private_key: keyFile("rsa2048"), date_less_than: 1_893_456_000 };
  const [ipv6] = runPeers([{ ...case_, ip_address: "2001:db8::1" }]);
  assert.equal(policyOf(ipv6).Condition.IpAddress["AWS:SourceIp"], "2001:db8::1/32");
  refuses("IPV6_NOT_SUPPORTED", () => signer.signUrl(URL_, { dateLessThan: "1h", ipAddress: "2001:db8::1" }));
  const code = `
import datetime
from botocore.signers import CloudFrontSigner
signer = CloudFrontSigner("K1", lambda message: b"")
print(signer.generate_presigned_url("${URL_}", date_less_than=datetime.datetime(2030, 1, 1)))
print([name for name in dir(signer) if "cookie" in name], [name for name in CloudFrontSigner.generate_presigned_url.__code__.co_varnames])`;
  const { stdout, stderr } = spawnSync(required("PEER_PYTHON"), ["-c", code], { encoding: "utf8" });
  const [url, members] = stdout.split("\n");
  assert.equal(expires(url), 1_893_456_000, stderr);
  assert.match(members, /^\[\] /, "it has no cookies");
  assert.doesNotMatch(members, /hash|algorithm/);
});

test("aws cloudfront sign", () => {
  const aws = (key, url, date) => {
    const flags = ["cloudfront", "sign", "--url", url, "--key-pair-id", KEY_PAIR_ID, "--private-key", privateKeyUrl(key), "--date-less-than", date];
    const program = join(dirname(required("PEER_PYTHON")), "python");
    return spawnSync(program, ["-m", "awscli", ...flags], { encoding: "utf8", env: WITHOUT_AWS });
  };
  const ours = (url, date) =>
    spawnSync(required("COUNTERSIGN_BIN"), ["sign", "--url", url, "--key-pair-id", KEY_PAIR_ID, "--private-key", privateKeyUrl("rsa2048"), "--date-less-than", date], { encoding: "utf8" });

  const pkcs8 = aws("rsa2048", URL_, "2030-12-31");
  assert.equal(pkcs8.status, 255);
  assert.match(pkcs8.stderr, /No PEM start marker/);
  assert.equal(ours(URL_, "2030-12-31").status, 0);

  assert.equal(expires(aws("rsa2048.pkcs1", URL_, "20301231").stdout), 20_301_231);
  const day = ours(URL_, "20301231");
  assert.equal(day.status, 1);
  assert.match(day.stderr, /error\[ALREADY_EXPIRED\].*\nhint: A string of digits is epoch seconds/);

  const wildcard = aws("rsa2048.pkcs1", FILMS, "2030-12-31").stdout;
  assert.deepEqual(names(wildcard), ["Expires", "Signature", "Key-Pair-Id"]);
  assert.match(ours(FILMS, "2030-12-31").stderr, /error\[WILDCARD_IN_URL\]/);
  assert.equal(ours(URL_, "next tuesday").status, 1);
  assert.equal(spawnSync(required("COUNTERSIGN_BIN"), ["sign"]).status, 2);
});
