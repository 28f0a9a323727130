// Verifier allows what every signer makes for a valid URL, and denies it at another time, address and place. Both engines
// agree. signed_url.mjs, plain text and node:crypto, decides what is right.
import assert from "node:assert/strict";
import { createSign } from "node:crypto";
import { test } from "node:test";
import { inspect as show } from "node:util";

import * as awsSdk from "@aws-sdk/cloudfront-signer";
import awsCloudfrontSign from "aws-cloudfront-sign";
import { CountersignError, Signer, Verifier, generateKeyPair, inspect, stripSignature } from "countersign";

import { Random, ipAddress, moment, url } from "./generate_cases.mjs";
import { HOST, KEY_PAIR_ID, der, keyFile, pem, publicKeys } from "./keys.mjs";
import { isPlain, privateKeyUrl, runPeers } from "./python_peers.mjs";
import { takeApart, verifyUrl } from "./signed_url.mjs";

const CASES = 120;
const NOW = 1_790_000_000;
const ENGINES = ["host", "wasm"];
const KEYS = { RSA: "rsa2048", ECDSA: "p256" };

const verifierOf = (type, engine) => new Verifier({ publicKeys: { [KEY_PAIR_ID]: publicKeys[type] }, engine });

function plainCases(seed) {
  const random = new Random(seed);
  const cases = [];
  while (cases.length < CASES) {
    const address = url(random, { encoded: 0, awkward: 0 });
    if (!isPlain(address)) continue;
    const one = { url: address, dateLessThan: moment(random) };
    if (random.chance(0.4)) one.dateGreaterThan = random.integer(1_600_000_000, NOW - 1);
    if (random.chance(0.4)) one.ipAddress = ipAddress(random);
    cases.push(one);
  }
  return cases;
}

/** An address in a range, and one outside of it if there is one. */
function addresses(range) {
  const [network, prefix = "32"] = range.split("/");
  const bits = network.split(".").reduce((bits, octet) => bits * 256 + Number(octet), 0);
  const flipped = prefix === "0" ? undefined : Number(BigInt(bits) ^ (1n << BigInt(32 - prefix)));
  const text = (bits) => [24, 16, 8, 0].map((shift) => (bits / 2 ** shift) & 255).join(".");
  return { inside: network, outside: flipped === undefined ? undefined : text(flipped) };
}

/** Allowed with these conditions, and denied one second, one address, one path and one key id outside of them. */
function assertHolds(verifier, { url, cookies }, { dateLessThan, dateGreaterThan, ipAddress }, what, warnings = []) {
  const { inside, outside } = ipAddress ? addresses(ipAddress) : {};
  const at = (now, ipAddress = inside) => verifier.verify({ url, cookies, now, ipAddress });
  const last = at(dateLessThan - 1);
  assert.ok(last.allowed, `${what}: ${url}: ${last.reason}`);
  assert.equal(last.remaining, 1);
  assert.equal(last.keyPairId, KEY_PAIR_ID);
  assert.equal(last.source, cookies ? "cookies" : "url");
  assert.equal(last.url, cookies ? url : takeApart(url).resource);
  assert.equal(last.policy.dateLessThan, dateLessThan);
  assert.equal(last.policy.dateGreaterThan, dateGreaterThan);
  assert.deepEqual(last.warnings, warnings, what);
  assert.match(at(dateLessThan).reason, /^expired 0 seconds ago, at \d{4}-/);
  if (dateGreaterThan !== undefined) {
    assert.equal(at(dateGreaterThan + 1).allowed, true);
    assert.match(at(dateGreaterThan).reason, /^not valid yet: access begins now, /);
  }
  if (outside) assert.match(at(NOW, outside).reason, /is not in/);
  if (ipAddress) assert.match(at(NOW, null).reason, /address is not known/);
  const elsewhere = new URL(url);
  elsewhere.pathname += "x";
  assert.equal(verifier.verify({ url: elsewhere.href, cookies, now: NOW, ipAddress: inside }).code, "AccessDenied", what);
}

const seconds = (date) => new Date(date * 1000);

for (const engine of ENGINES) {
  for (const [type, name] of Object.entries(KEYS)) {
    test(`allows what @aws-sdk/cloudfront-signer emits (${type}, ${engine})`, () => {
      const verifier = verifierOf(type, engine);
      assert.equal(verifier.engine, engine);
      plainCases(1).forEach((one, index) => {
        const algorithm = ["SHA1", "SHA256"][index % 2];
        const input = { ...one, keyPairId: KEY_PAIR_ID, privateKey: pem(name), algorithm, dateLessThan: seconds(one.dateLessThan) };
        if (one.dateGreaterThan) input.dateGreaterThan = seconds(one.dateGreaterThan);
        const signed = awsSdk.getSignedUrl(input);
        assertHolds(verifier, { url: signed }, one, "URL");
        const cookies = awsSdk.getSignedCookies(input);
        assertHolds(verifier, { url: one.url, cookies }, one, "cookies");
        const header = Object.entries(cookies).map(([name, value]) => `${name}=${value}`).join("; ");
        assertHolds(verifier, { url: one.url, cookies: `session=1; ${header}` }, one, "Cookie header");
        for (const text of [signed, cookies, header]) {
          const { findings, keyPairId, algorithm: found, signature, policy } = inspect(text, { now: NOW });
          assert.deepEqual(findings.filter(({ severity }) => severity === "error"), [], signed);
          assert.deepEqual([keyPairId, found, signature.keyType], [KEY_PAIR_ID, algorithm, type]);
          assert.deepEqual([policy.dateLessThan.seconds, policy.dateGreaterThan?.seconds], [one.dateLessThan, one.dateGreaterThan]);
        }
      });
    });
  }
}

test("allows what botocore and aws cloudfront sign emit", () => {
  const verifier = verifierOf("RSA");
  const cases = plainCases(2);
  const lines = cases.map(({ url, dateLessThan, dateGreaterThan, ipAddress }, index) => {
    if (index % 2) return { peer: "botocore", url, key_pair_id: KEY_PAIR_ID, private_key: keyFile("rsa2048"), date_less_than: dateLessThan, date_greater_than: dateGreaterThan, ip_address: ipAddress };
    const options = ["--url", url, "--key-pair-id", KEY_PAIR_ID, "--private-key", privateKeyUrl("rsa2048.pkcs1"), "--date-less-than", String(dateLessThan)];
    if (dateGreaterThan !== undefined) options.push("--date-greater-than", String(dateGreaterThan));
    if (ipAddress !== undefined) options.push("--ip-address", ipAddress);
    return { peer: "awscli", arguments: ["cloudfront", "sign", ...options] };
  });
  runPeers(lines).forEach((signed, index) => {
    const one = cases[index];
    assertHolds(verifier, { url: signed.trim() }, one, "peer");
  });
});

test("allows what aws-cloudfront-sign emits", () => {
  const verifier = verifierOf("RSA");
  // It refuses an expiry after 2038, writes only an expiry and an address, and puts Expires beside Policy.
  for (const { url, ipAddress } of plainCases(3)) {
    const dateLessThan = 2_000_000_000;
    const options = { keypairId: KEY_PAIR_ID, privateKeyString: pem("rsa2048"), expireTime: dateLessThan * 1000 };
    // It writes an address as it is given.
    if (ipAddress) options.ipRange = ipAddress.includes("/") ? ipAddress : `${ipAddress}/32`;
    const signed = awsCloudfrontSign.getSignedUrl(url, options);
    assertHolds(verifier, { url: signed }, { dateLessThan, ipAddress }, "aws-cloudfront-sign", ["Policy and Expires are both given: Policy counts, and Expires is ignored"]);
  }
});

test("allows the shapes of the AWS SDK for Go", () => {
  // Its order is IpAddress, DateGreaterThan, DateLessThan, and it writes Hash-Algorithm=SHA1 on request.
  for (const one of plainCases(4)) {
    const condition = {};
    const ipAddress = one.ipAddress && (one.ipAddress.includes("/") ? one.ipAddress : `${one.ipAddress}/32`);
    if (ipAddress) condition.IpAddress = { "AWS:SourceIp": ipAddress };
    if (one.dateGreaterThan) condition.DateGreaterThan = { "AWS:EpochTime": one.dateGreaterThan };
    condition.DateLessThan = { "AWS:EpochTime": one.dateLessThan };
    const policy = JSON.stringify({ Statement: [{ Resource: one.url, Condition: condition }] });
    const encode = (bytes) => bytes.toString("base64").replaceAll("+", "-").replaceAll("=", "_").replaceAll("/", "~");
    for (const [type, name] of Object.entries(KEYS)) {
      const signature = encode(createSign("sha1").update(policy).sign(pem(name)));
      const parameters = `Policy=${encode(Buffer.from(policy))}&Signature=${signature}&Key-Pair-Id=${KEY_PAIR_ID}&Hash-Algorithm=SHA1`;
      assertHolds(verifierOf(type), { url: `${one.url}${one.url.includes("?") ? "&" : "?"}${parameters}` }, one, "Go");
    }
  }
});

test("both engines deny every mutant that node:crypto and plain text deny", (t) => {
  const random = new Random(5);
  let mutants = 0;
  const reasons = new Map();
  for (const [type, name] of Object.entries(KEYS)) {
    const signer = new Signer({ keyPairId: KEY_PAIR_ID, privateKey: pem(name) });
    const verifiers = ENGINES.map((engine) => verifierOf(type, engine));
    for (const conditions of [{}, { ipAddress: "192.0.2.0/24", dateGreaterThan: "-1h" }]) {
      const signed = signer.signUrl(`https://${HOST}/films/1.mp4?size=hd`, { dateLessThan: "1h", now: NOW, ...conditions });
      for (let at = 0; at < signed.length; at++) {
        for (const replacement of [String.fromCharCode(33 + random.integer(0, 93)), random.pick(["", "%41", "é", "&", "=", "-", "~"])]) {
          const mutant = signed.slice(0, at) + replacement + signed.slice(at + 1);
          if (mutant === signed) continue;
          mutants += 1;
          const [decision, other] = verifiers.map((verifier) => verifier.verify({ url: mutant, now: NOW, ipAddress: "192.0.2.1" }));
          assert.deepEqual(decision, other, mutant);
          if (!decision.allowed) {
            reasons.set(decision.code, (reasons.get(decision.code) ?? 0) + 1);
            continue;
          }
          // Just another spelling of the same request: what is sent is what was signed.
          const sent = new URL(mutant).href.split("#")[0];
          assert.equal(decodeURIComponent(takeApart(sent).resource), decodeURIComponent(takeApart(signed).resource), mutant);
          // Escapes are undone and padding is put back: the verifier takes values with and without both.
          const plain = (value) => decodeURIComponent(value).replace(/_+$/, "").replace(/^[^]*$/, (text) => text.padEnd(Math.ceil(text.length / 4) * 4, "_"));
          verifyUrl(sent.replace(/(Signature|Policy)=([^&]*)/g, (_, name, value) => `${name}=${plain(value)}`), publicKeys[type]);
        }
      }
    }
  }
  t.diagnostic(`${mutants} mutants: ${[...reasons].map(([code, count]) => `${count} ${code}`).join(", ")}`);
  assert.ok(mutants > 2000);
});

test("a decision has the shape that is declared", () => {
  const verifier = verifierOf("RSA");
  const url = `https://${HOST}/a.jpg?x=1`;
  const signed = new Signer({ keyPairId: KEY_PAIR_ID, privateKey: pem("rsa2048") }).signUrl(url, { dateLessThan: "90s", now: NOW, ipAddress: "192.0.2.1" });
  assert.deepEqual(verifier.verify({ url: signed, now: NOW, ipAddress: "192.0.2.1" }), {
    allowed: true,
    source: "url",
    keyPairId: KEY_PAIR_ID,
    url,
    policy: { resource: url, dateLessThan: NOW + 90, ipAddress: "192.0.2.1/32" },
    remaining: 90,
    warnings: [],
  });
  assert.deepEqual(verifier.verify({ url: signed, now: NOW + 1000, ipAddress: "192.0.2.1" }), {
    allowed: false,
    status: 403,
    code: "AccessDenied",
    message: "Access denied",
    reason: "expired 15 minutes ago, at 2026-09-21T14:14:50Z",
    reasonCode: "expired",
    values: { ago: 910, dateLessThan: NOW + 90 },
    body: '<?xml version="1.0" encoding="UTF-8"?><Error><Code>AccessDenied</Code><Message>Access denied</Message></Error>',
  });
  assert.equal(verifier.verify({ url }).body.length, 146, "the length that people saw");
  assert.equal(stripSignature(signed), url);
  assert.equal(stripSignature(`https://${HOST}/?Expires=1&a=%7E&Policy#x`), `https://${HOST}/?a=%7E`);
});

test("keys in every form, and several of them", async () => {
  const pair = await generateKeyPair({ type: "ECDSA" });
  const verifier = new Verifier({ publicKeys: { KRSA: der(publicKeys.RSA), KEC: pair.publicKey, KMANGLED: publicKeys.ECDSA.replaceAll("\n", "\\n") } });
  for (const [keyPairId, privateKey] of [["KRSA", pem("rsa2048")], ["KEC", pair.privateKey], ["KMANGLED", pem("p256")]]) {
    const signed = new Signer({ keyPairId, privateKey }).signUrl(`https://${HOST}/a`, { dateLessThan: "1h" });
    assert.equal(verifier.verify({ url: signed }).keyPairId, keyPairId);
    const swapped = signed.replace(keyPairId, keyPairId === "KRSA" ? "KEC" : "KRSA");
    assert.match(verifier.verify({ url: swapped }).reason, /^the signature does not match/);
    assert.equal(verifier.verify({ url: signed.replace(keyPairId, "KOTHER") }).code, "InvalidKey");
  }
});

function refused(call, code) {
  assert.throws(call, (error) => {
    assert.ok(error instanceof CountersignError, show(error));
    assert.equal(error.code, code, error.message);
    return true;
  });
}

test("a wrong use is an error, and never a decision", () => {
  for (const [publicKeys_, code] of [
    [undefined, "INVALID_OPTION"],
    [null, "INVALID_OPTION"],
    [{}, "INVALID_OPTION"],
    [[publicKeys.RSA], "INVALID_OPTION"],
    [publicKeys.RSA, "INVALID_OPTION"],
    [{ "": publicKeys.RSA }, "INVALID_KEY_PAIR_ID"],
    [{ "K-1": publicKeys.RSA }, "INVALID_KEY_PAIR_ID"],
    [{ K1: undefined }, "INVALID_PUBLIC_KEY"],
    [{ K1: null }, "INVALID_PUBLIC_KEY"],
    [{ K1: 1 }, "INVALID_PUBLIC_KEY"],
    [{ K1: "" }, "INVALID_PUBLIC_KEY"],
    [{ K1: pem("rsa2048") }, "INVALID_PUBLIC_KEY"],
    [{ K1: pem("certificate") }, "INVALID_PUBLIC_KEY"],
    [{ get K1() { throw new Error("the caller's own"); } }, "INVALID_OPTION"],
  ]) {
    refused(() => new Verifier({ publicKeys: publicKeys_ }), code);
  }
  refused(() => new Verifier(), "INVALID_OPTION");
  refused(() => new Verifier({ publicKeys, engine: "native" }), "INVALID_OPTION");
  refused(() => new Verifier({ publicKeys, keys: {} }), "INVALID_OPTION");
  const verifier = verifierOf("RSA");
  const url = `https://${HOST}/`;
  for (const [request, code] of [
    [undefined, "INVALID_OPTION"],
    [url, "INVALID_OPTION"],
    [{}, "INVALID_OPTION"],
    [{ url: null }, "INVALID_OPTION"],
    [{ url, cookies: 1 }, "INVALID_OPTION"],
    [{ url, cookies: [1] }, "INVALID_OPTION"],
    [{ url, cookies: { "CloudFront-Policy": {} } }, "INVALID_OPTION"],
    [{ url, cookies: { "CloudFront-Expires": 1.5 } }, "INVALID_OPTION"],
    [{ url, ipAddress: 1 }, "INVALID_OPTION"],
    [{ url, now: "soon" }, "INVALID_DATE"],
    [{ url, now: null }, "INVALID_OPTION"],
    [{ url, ip: "192.0.2.1" }, "INVALID_OPTION"],
    [{ get url() { throw new Error("the caller's own"); } }, "INVALID_OPTION"],
  ]) {
    refused(() => verifier.verify(request), code);
  }
  for (const input of [undefined, null, 1, "", "hello", [], {}, { session: "x" }]) {
    assert.throws(() => inspect(input), (error) => error instanceof CountersignError && ["INVALID_OPTION", "INVALID_URL"].includes(error.code), show(input));
  }
  refused(() => inspect(url, { now: "soon" }), "INVALID_DATE");
  refused(() => inspect(url, { at: 0 }), "INVALID_OPTION");
  refused(() => stripSignature(), "INVALID_OPTION");
});

test("whatever a request holds, there is a denial", () => {
  const random = new Random(6);
  const verifiers = Object.keys(KEYS).flatMap((type) => ENGINES.map((engine) => verifierOf(type, engine)));
  const text = (length) => String.fromCharCode(...Array.from({ length }, () => random.integer(0, random.pick([127, 255, 65535]))));
  const encode = (bytes) => Buffer.from(bytes).toString("base64").replaceAll("+", "-").replaceAll("=", "_").replaceAll("/", "~");
  const policies = ["[".repeat(1 << 20), "a".repeat(1 << 20), '{"Statement":'.repeat(500), '{"Statement":[{"Condition":{"DateLessThan":{"AWS:EpochTime":1e999}}}]}', "\u0000", "null"];
  const parts = [() => text(20), () => encode(Buffer.from(text(40))), () => encode(random.pick(policies)), () => String(random.next() * 1e30), () => "%".repeat(20), () => "9".repeat(400), () => "\ud800"];
  for (let i = 0; i < 400; i++) {
    const names = ["Expires", "Policy", "Signature", "Key-Pair-Id", "Hash-Algorithm"].filter(() => random.chance(0.8));
    const given = names.map((name) => [name, name === "Key-Pair-Id" && random.chance(0.8) ? KEY_PAIR_ID : random.pick(parts)()]);
    const url = random.chance(0.1) ? text(30) : `https://${HOST}/${text(5)}?${given.map(([name, value]) => `${name}=${value}`).join("&")}`;
    const cookies = random.pick([given.map(([name, value]) => `CloudFront-${name}=${value}`).join(";"), text(200), Object.fromEntries(given.map(([name, value]) => [`CloudFront-${name}`, value]))]);
    for (const verifier of verifiers) {
      for (const request of [{ url }, { url: `https://${HOST}/`, cookies }]) {
        const decision = verifier.verify({ ...request, ipAddress: random.pick([undefined, null, text(5), "::1"]) });
        assert.equal(decision.allowed, false);
        assert.equal(decision.status, 403);
        assert.ok(decision.reason.length > 0 && decision.reason.length < 2000, decision.reason);
      }
    }
    try {
      inspect(random.pick([url, cookies]));
    } catch (error) {
      assert.ok(error instanceof CountersignError, show(error));
    }
  }
});
