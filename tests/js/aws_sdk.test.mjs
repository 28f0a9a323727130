// getSignedUrl and getSignedCookies give what @aws-sdk/cloudfront-signer gives, byte for byte, whenever CloudFront can accept it.
// Whenever ours throw instead, independent code shows that the peer's result is wrong.
import assert from "node:assert/strict";
import { createPrivateKey, generateKeyPairSync } from "node:crypto";
import { test } from "node:test";

import * as peer from "@aws-sdk/cloudfront-signer";
import * as ours from "countersign";

import { hasReservedParameter, onlyStatement, policyFaults, urlFault } from "./cloudfront_rules.mjs";
import { FAULTS, signedUrlFaults } from "./faults.mjs";
import { Random, ipAddress, moment, url } from "./generate_cases.mjs";
import { HOST, KEY_PAIR_ID, PASSPHRASE, pem, publicKeys } from "./keys.mjs";
import { verifyCookies, verifyUrl } from "./signed_url.mjs";

// The peer reads text without an offset as local time, which UTC would hide.
process.env.TZ = "America/New_York";

const CASES = 600;

/** Faults of a signed policy, compared with what the caller asked for. */
function conditionFaults(input, policy) {
  const faults = policyFaults(policy);
  if (input.policy !== undefined) {
    const given = ["dateLessThan", "dateGreaterThan", "ipAddress"].some((name) => input[name] !== undefined);
    return given && policy === input.policy ? [...faults, "conditions ignored beside a policy"] : faults;
  }
  const condition = onlyStatement(policy).Condition;
  if (input.dateGreaterThan !== undefined && !("DateGreaterThan" in condition)) faults.push("start dropped");
  const range = condition.IpAddress?.["AWS:SourceIp"];
  if (input.ipAddress !== undefined && range === undefined) faults.push("address dropped");
  else if (![input.ipAddress, `${input.ipAddress}/32`].includes(range)) faults.push("address changed");
  for (const [name, written] of [["dateLessThan", condition.DateLessThan], ["dateGreaterThan", condition.DateGreaterThan]]) {
    // Seconds read as milliseconds give a time in 1970.
    if (typeof input[name] === "number" && written?.["AWS:EpochTime"] < 1e8) faults.push("seconds read as milliseconds");
  }
  return faults;
}

function urlFaults(input, output, publicKey) {
  const { faults, policy = input.policy } = signedUrlFaults(output, publicKey, input.algorithm);
  // With a second condition, a `*` in a file name becomes a wildcard. The name may come from a stranger.
  if (input.policy === undefined && !/[?&]Expires=/.test(output) && output.split("?")[0].includes("*")) faults.push("wildcard that opens more than the URL");
  return policy === undefined ? faults : [...faults, ...conditionFaults(input, policy)];
}

function cookieFaults(input, output, publicKey) {
  const policy = verifyCookies(output, input.url, publicKey);
  const faults = conditionFaults(input, policy);
  const resource = onlyStatement(policy)?.Resource;
  if (typeof resource !== "string") return faults;
  if (input.policy !== undefined) return /^(https?|http\*):\/\//.test(resource) ? faults : [...faults, "protocol left open in cookies"];
  // A `*` at the end of the domain covers every path; a `/` after it would not.
  faults.push(...[urlFault(resource.replace(/^https?:\/\/[^/?#]*\*$/, "$&/"))].filter(Boolean));
  if (hasReservedParameter(resource)) faults.push("reserved parameter");
  if (output["CloudFront-Expires"] !== undefined && resource.includes("*")) faults.push("wildcard in a canned policy");
  return faults;
}

const outcome = (call) => {
  try {
    return { output: call() };
  } catch (error) {
    return { error };
  }
};

const withoutSignature = (output) =>
  typeof output === "string" ? output.replace(/([?&]Signature=)[^&]*/, "$1") : { ...output, "CloudFront-Signature": "" };

const entries = (output) => (typeof output === "string" ? output : Object.entries(output));

/** Runs both on each input. Returns how often they agreed and why they did not; throws if a difference is unexplained. */
function compare(t, name, inputs, faultsOf) {
  const counts = { equal: 0, "both refuse": 0 };
  const unexplained = [];
  for (const { input, keyType } of inputs) {
    const theirs = outcome(() => peer[name](input));
    const mine = outcome(() => ours[name](input));
    const fail = (why) => {
      const shown = JSON.stringify({ ...input, privateKey: keyType }, (_, value) => (typeof value === "number" ? String(value) : value));
      unexplained.push(`${why}\n  input: ${shown}\n  peer: ${theirs.error ?? JSON.stringify(theirs.output)}\n  ours: ${mine.error?.code ?? ""} ${mine.error ?? JSON.stringify(mine.output)}`);
    };
    if (mine.error && !(mine.error instanceof ours.CountersignError)) fail("not a CountersignError");
    else if (theirs.error && mine.error) counts["both refuse"] += 1;
    else if (theirs.error) fail("ours signs what the peer refuses");
    else {
      const faults = faultsOf(input, theirs.output, publicKeys[keyType]);
      if (mine.error) {
        const decisive = faults.find((fault) => FAULTS[fault].codes.includes(mine.error.code));
        if (decisive) counts[decisive] = (counts[decisive] ?? 0) + 1;
        else fail(`ours throws, and the peer's faults do not explain it: [${faults}]`);
        continue;
      }
      const [a, b] = keyType === "RSA" ? [theirs.output, mine.output] : [withoutSignature(theirs.output), withoutSignature(mine.output)];
      if (JSON.stringify(entries(a)) !== JSON.stringify(entries(b))) fail(`different output; the peer's faults: [${faults}]`);
      else if (faultsOf(input, mine.output, publicKeys[keyType]).length) fail(`ours signs what cannot be right: [${faults}]`);
      else counts.equal += 1;
    }
  }
  for (const [what, count] of Object.entries(counts)) t.diagnostic(`${name}: ${what}: ${count}${FAULTS[what] ? ` (promise ${FAULTS[what].rule})` : ""}`);
  assert.equal(unexplained.length, 0, `${unexplained.length} of ${inputs.length} cases:\n${unexplained.slice(0, 5).join("\n")}`);
  return counts;
}

const KEYS = [
  { keyType: "RSA", privateKey: pem("rsa2048") },
  { keyType: "RSA", privateKey: Buffer.from(pem("rsa2048")) },
  { keyType: "RSA", privateKey: new TextEncoder().encode(pem("rsa2048")) },
  { keyType: "RSA", privateKey: pem("rsa2048.pkcs1") },
  { keyType: "RSA", privateKey: pem("rsa2048.encrypted"), passphrase: PASSPHRASE },
  { keyType: "RSA", privateKey: pem("rsa2048.traditional"), passphrase: PASSPHRASE },
  { keyType: "ECDSA", privateKey: pem("p256") },
  { keyType: "ECDSA", privateKey: pem("p256.sec1") },
  { keyType: "ECDSA", privateKey: Buffer.from(pem("p256.sec1")) },
  { keyType: "ECDSA", privateKey: `-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n${pem("p256.sec1")}` },
];

const two = (number) => String(number).padStart(2, "0");
const clock = (date) => `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
const day = (date) => `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;

const DATE_FORMS = [
  (date) => date,
  (date) => date.getTime(),
  (date) => date.getTime() + 0.4,
  (date) => date.toISOString(),
  (date) => date.toISOString().replace("Z", "+09:00"),
  (date) => date.toISOString().slice(0, 10),
  (date) => date.toUTCString(),
  (date) => date.toString(),
  // Local time, from here on.
  (date) => `${day(date)}T${clock(date)}`,
  (date) => `${day(date)} ${clock(date)}`,
  (date) => `${date.getMonth() + 1}/${date.getDate()}/${date.getFullYear()}`,
  (date) => date.toDateString(),
  (date) => String(date.getFullYear()),
];

const BAD_DATES = [1893456000, 1893456000.123, "1893456000", "nope", "", 0, NaN, Infinity, -1e12, null, true, new Date(NaN), new Date("3000-01-01"), "2262-04-11T23:47:17Z", new Date("1960-01-01")];

const BAD_ADDRESSES = ["", "01.02.03.04", "0x1.2.3.4", "1e1.2.3.4", " 1.2.3.4", "..1.1", "1.2.3.4/ 8", "1.2.3.4/08", "1.2.3.4/24/8", "2001:db8::1", "1.2.3", "256.1.1.1", "1.2.3.4/33", "1.2.3.4/", null];

function date(random) {
  if (random.chance(0.03)) return random.pick(BAD_DATES);
  const milliseconds = moment(random) * 1000 + (random.chance(0.5) ? random.integer(0, 999) : 0);
  // Past dates too: both sign them.
  return random.pick(DATE_FORMS)(new Date(random.chance(0.05) ? 1.4e12 : milliseconds));
}

function conditions(random) {
  const given = { dateLessThan: date(random) };
  if (random.chance(0.3)) given.dateGreaterThan = random.chance(0.8) ? random.pick(DATE_FORMS)(new Date(random.integer(1.6e12, 1.8e12))) : date(random);
  if (random.chance(0.3)) given.ipAddress = random.chance(0.1) ? random.pick(BAD_ADDRESSES) : ipAddress(random);
  return given;
}

const RESOURCES = [
  `https://${HOST}/*`, `http://${HOST}/*`, `https://${HOST}/films/*`, `https://${HOST}/*.jpg`, `https://${HOST}/a.jpg`, `https://${HOST}/a.jpg?x=1`, `https://${HOST}/a?jpg*`,
  `http*://${HOST}/*`, `*://${HOST}/*`, `https://${HOST}*`, `*${HOST}/*`, "*", "https://*", `https://${HOST}/日本*`, `https://${HOST}/`, "https://other.example.com/*", `https://${HOST.toUpperCase()}/a.jpg`,
  `*://${HOST}/a.jpg`, "a.jpg", `https://${HOST}/a"b\\c*`,
];

function policy(random, resource) {
  const condition = { DateLessThan: { "AWS:EpochTime": moment(random) } };
  if (random.chance(0.3)) condition.IpAddress = { "AWS:SourceIp": random.pick(["192.0.2.0/24", "0.0.0.0/0", "198.51.100.7/32"]) };
  if (random.chance(0.3)) condition.DateGreaterThan = { "AWS:EpochTime": random.integer(0, 1_798_761_599) };
  const statement = random.chance(0.5) ? { Resource: resource, Condition: condition } : { Condition: condition, Resource: resource };
  const document = { Statement: [statement] };
  if (random.chance(0.15)) {
    random.pick([
      () => document.Statement.push(statement),
      () => (document.Statement = []),
      () => (document.Statement = statement),
      () => (condition.DateLessThan["AWS:EpochTime"] = "1893456000"),
      () => (condition.DateLessThan["AWS:EpochTime"] *= 1000),
      () => (condition.DateLessThan["AWS:EpochTime"] += 0.5),
      () => (condition.DateLessThan["AWS:EpochTime"] = -1),
      () => (condition.DateGreaterThan = { ...condition.DateLessThan }),
      () => delete condition.DateLessThan,
      () => delete statement.Condition,
      () => delete statement.Resource,
      () => (statement.Resource = null),
      () => (statement.Resource = [resource]),
      () => (statement.Effect = "Allow"),
      () => (document.Version = "2012-10-17"),
      () => (document.Statement = [Object.values(statement)]),
      () => (statement.Condition = Object.values(condition)),
      () => (condition.DateLessThan = Object.values(condition.DateLessThan)),
      () => (condition.IpAddress = { "AWS:SourceIp": random.pick(["192.0.2.1", "2001:db8::/32", "192.0.2.0/33", "all"]) }),
    ])();
  }
  return random.chance(0.5) ? JSON.stringify(document) : JSON.stringify(document, null, random.pick([1, 2, "\t"]));
}

function inputs(seed, { cookies }) {
  const random = new Random(seed);
  return Array.from({ length: CASES }, (_, index) => {
    // Many calls with one key, as in real programs; reading an encrypted key takes longer than signing.
    const { keyType, ...key } = KEYS[Math.floor(index / 10) % KEYS.length];
    const input = { keyPairId: KEY_PAIR_ID, ...key };
    const algorithm = random.pick([undefined, "none", "SHA1", "SHA256"]);
    if (algorithm !== "none") input.algorithm = algorithm;
    if (random.chance(0.2)) {
      const address = random.chance(0.7) ? `https://${HOST}${random.pick(["/a.jpg", "/a.jpg?x=1", "/films/1.mp4", "/"])}` : url(random);
      // Cookies need no URL beside a policy; URLs take it from the policy if it is missing.
      if (!cookies && random.chance(0.7)) input.url = address;
      input.policy = policy(random, random.chance(0.3) ? address : random.pick(RESOURCES));
      if (random.chance(0.05)) input.policy = random.pick(["not json", "{}", "[]", "null"]);
      if (random.chance(0.05)) Object.assign(input, conditions(random));
    } else {
      input.url = cookies ? url(random, { encoded: 0.05, awkward: 0.1 }) : url(random);
      if (cookies && random.chance(0.3)) input.url = input.url.replace(/[^/]*$/, "*");
      Object.assign(input, conditions(random));
    }
    return { input, keyType };
  });
}

test(`${CASES} generated inputs of getSignedUrl`, (t) => {
  const counts = compare(t, "getSignedUrl", inputs(2026, { cookies: false }), urlFaults);
  assert.ok(counts.equal >= CASES / 2, `only ${counts.equal} were signed by both`);
});

test(`${CASES} generated inputs of getSignedCookies`, (t) => {
  const counts = compare(t, "getSignedCookies", inputs(2027, { cookies: true }), cookieFaults);
  assert.ok(counts.equal >= CASES / 2, `only ${counts.equal} were signed by both`);
});

const base = { keyPairId: KEY_PAIR_ID, privateKey: pem("rsa2048"), url: `https://${HOST}/a.jpg`, dateLessThan: "2030-01-01" };
const customPolicy = JSON.stringify({ Statement: [{ Resource: base.url, Condition: { DateLessThan: { "AWS:EpochTime": 1893456000 } } }] });
const withPolicy = { keyPairId: KEY_PAIR_ID, privateKey: pem("rsa2048"), url: base.url, policy: customPolicy };
const secp256k1 = generateKeyPairSync("ec", { namedCurve: "secp256k1" }).privateKey.export({ type: "pkcs8", format: "pem" });

// [what, what is changed, our code, whether the peer signs it anyway]
const MISBEHAVIOURS = [
  ["dateGreaterThan that is no date is dropped", { dateGreaterThan: "nope" }, "INVALID_DATE", true],
  ["dateGreaterThan 0 is dropped", { dateGreaterThan: 0 }, "INVALID_DATE", true],
  ["dateGreaterThan null is dropped", { dateGreaterThan: null }, "INVALID_OPTION", true],
  ["dateGreaterThan \"\" is dropped", { dateGreaterThan: "" }, "INVALID_DATE", true],
  ["dateGreaterThan after dateLessThan", { dateGreaterThan: "2031-01-01" }, "INVALID_DATE_RANGE", true],
  ["ipAddress \"\" is dropped", { ipAddress: "" }, "INVALID_IP_ADDRESS", true],
  ["ipAddress null is dropped", { ipAddress: null }, "INVALID_OPTION", true],
  ["a loosely written address", { ipAddress: "01.02.03.04" }, "INVALID_IP_ADDRESS", true],
  ["IPv6", { ipAddress: "2001:db8::1" }, "IPV6_NOT_SUPPORTED", false],
  ["algorithm in lower case is SHA-1", { algorithm: "sha256" }, "UNSUPPORTED_ALGORITHM", true],
  ["an unknown algorithm is SHA-1", { algorithm: "SHA512" }, "UNSUPPORTED_ALGORITHM", true],
  ["keyPairId is missing", { keyPairId: undefined }, "INVALID_KEY_PAIR_ID", true],
  ["keyPairId is empty", { keyPairId: "" }, "INVALID_KEY_PAIR_ID", true],
  ["keyPairId with white space", { keyPairId: " KID\n" }, "INVALID_KEY_PAIR_ID", true],
  ["seconds where milliseconds are meant", { dateLessThan: 1893456000 }, "INVALID_DATE", true],
  ["a numeric string", { dateLessThan: "1893456000" }, "INVALID_DATE", false],
  ["beyond CloudFront's last moment", { dateLessThan: new Date("2262-04-11T23:47:17Z") }, "INVALID_DATE", true],
  ["dateLessThan is missing", { dateLessThan: undefined }, "INVALID_OPTION", false],
  ["url and policy are missing", { url: undefined }, "INVALID_OPTION", false],
  ["an option that is not known", { expires: "2030-01-01" }, "INVALID_OPTION", true],
  ["RSA 4096", { privateKey: pem("rsa4096") }, "UNSUPPORTED_KEY", true],
  ["RSA 1024", { privateKey: pem("rsa1024") }, "UNSUPPORTED_KEY", true],
  ["P-384", { privateKey: pem("p384") }, "UNSUPPORTED_KEY", true],
  ["secp256k1", { privateKey: secp256k1 }, "UNSUPPORTED_KEY", true],
  ["Ed25519", { privateKey: pem("ed25519") }, "UNSUPPORTED_KEY", false],
  ["a public key", { privateKey: pem("rsa2048.pub") }, "NOT_A_PRIVATE_KEY", false],
  ["a certificate", { privateKey: pem("certificate") }, "NOT_A_PRIVATE_KEY", false],
  ["no key", { privateKey: undefined }, "INVALID_PRIVATE_KEY", false],
  ["an encrypted key without its passphrase", { privateKey: pem("rsa2048.encrypted") }, "PASSPHRASE_REQUIRED", false],
  ["a wrong passphrase", { privateKey: pem("rsa2048.encrypted"), passphrase: "wrong" }, "WRONG_PASSPHRASE", false],
];

const URL_MISBEHAVIOURS = [
  ["wss:", { url: `wss://${HOST}/a.jpg` }, "UNSUPPORTED_SCHEME", true],
  ["rtmp:", { url: `rtmp://${HOST}/a.jpg` }, "UNSUPPORTED_SCHEME", true],
  ["a host only", { url: `https://${HOST}` }, "INVALID_URL", true],
  ["..", { url: `https://${HOST}/a/../b.jpg` }, "INVALID_URL", true],
  [":443", { url: `https://${HOST}:443/a.jpg` }, "INVALID_URL", true],
  ["a host in capitals", { url: `https://${HOST.toUpperCase()}/a.jpg` }, "INVALID_URL", true],
  ["a Unicode host", { url: "https://ドメイン.example/a.jpg" }, "INVALID_URL", true],
  ["a user name", { url: `https://user:secret@${HOST}/a.jpg` }, "INVALID_URL", true],
  ["an empty URL beside a policy", { url: "", policy: customPolicy, dateLessThan: undefined }, "INVALID_URL", true],
  ["a relative URL", { url: "/a.jpg" }, "INVALID_URL", false],
  ["Expires is there", { url: `https://${HOST}/a.jpg?Expires=1` }, "RESERVED_PARAMETER", true],
  ["a signed URL", { url: `https://${HOST}/a.jpg?Expires=1&Signature=x&Key-Pair-Id=OLD` }, "RESERVED_PARAMETER", true],
  ["Hash-Algorithm is there", { url: `https://${HOST}/a.jpg?Hash-Algorithm=SHA256` }, "RESERVED_PARAMETER", true],
  ["a wildcard without other conditions", { url: `https://${HOST}/private/*` }, "WILDCARD_IN_URL", true],
  ["a wildcard in the path beside an address", { url: `https://${HOST}/private/*`, ipAddress: "192.0.2.1" }, "WILDCARD_IN_URL", true],
  ["a policy for a protocol that is none", { ...withPolicy, dateLessThan: undefined, policy: customPolicy.replace("https:", "h*:") }, "UNSUPPORTED_SCHEME", true],
  ["a policy that is no JSON", { ...withPolicy, dateLessThan: undefined, policy: "not json" }, "INVALID_POLICY", true],
  ["a policy and dateLessThan", { ...withPolicy }, "INVALID_OPTION", true],
  ["a policy as an object", { ...withPolicy, dateLessThan: undefined, policy: JSON.parse(customPolicy) }, "INVALID_OPTION", false],
  ["a policy for something else", { ...withPolicy, dateLessThan: undefined, url: `https://${HOST}/b.jpg` }, "RESOURCE_MISMATCH", true],
  ["a policy for http*:// without a URL", { dateLessThan: undefined, url: undefined, policy: customPolicy.replace("https:", "http*:") }, "UNSUPPORTED_SCHEME", false],
];

const COOKIE_MISBEHAVIOURS = [
  ["a wildcard without other conditions", { url: `https://${HOST}/private/*` }, "WILDCARD_IN_URL", true],
  ["not encoded as it is sent", { url: `https://${HOST}/é b.jpg` }, "INVALID_URL", true],
  ["a policy whose protocol is open", { url: undefined, dateLessThan: undefined, policy: customPolicy.replace("https:", "*:") }, "UNSUPPORTED_SCHEME", true],
  ["a policy and dateLessThan", { url: undefined, policy: customPolicy }, "INVALID_OPTION", true],
];

for (const [name, table] of [
  ["getSignedUrl", [...MISBEHAVIOURS, ...URL_MISBEHAVIOURS]],
  ["getSignedCookies", [...MISBEHAVIOURS, ...COOKIE_MISBEHAVIOURS]],
]) {
  for (const [what, change, code, peerSigns] of table) {
    test(`${name}: ${what}: ${code}`, () => {
      const input = { ...base, ...change };
      assert.equal("output" in outcome(() => peer[name](input)), peerSigns, "what the peer does has changed");
      assert.throws(() => ours[name](input), (error) => error instanceof ours.CountersignError && error.code === code);
    });
  }
}

test("the same bytes after another key and back", () => {
  const other = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({ type: "pkcs8", format: "pem" });
  for (const privateKey of [base.privateKey, other, base.privateKey, pem("p256"), base.privateKey]) {
    const input = { ...base, privateKey };
    const signed = ours.getSignedUrl(input);
    if (createPrivateKey(privateKey).asymmetricKeyType === "rsa") assert.equal(signed, peer.getSignedUrl(input));
    else verifyUrl(signed, publicKeys.ECDSA);
  }
});

test("a key that was used does not stand in for the passphrase", () => {
  const encrypted = { ...base, privateKey: pem("rsa2048.encrypted"), passphrase: PASSPHRASE };
  assert.equal(ours.getSignedUrl(encrypted), peer.getSignedUrl(encrypted));
  const code = (input) => outcome(() => ours.getSignedUrl(input)).error?.code;
  assert.equal(code({ ...encrypted, passphrase: undefined }), "PASSPHRASE_REQUIRED");
  assert.equal(code({ ...encrypted, passphrase: "wrong" }), "WRONG_PASSPHRASE");
});

test("the examples of the package's own README", () => {
  const input = { ...base, dateLessThan: new Date(2030, 0, 1), dateGreaterThan: "2029-01-01", ipAddress: "10.0.0.0/8" };
  assert.equal(ours.getSignedUrl(input), peer.getSignedUrl(input));
  assert.deepEqual(Object.entries(ours.getSignedCookies(input)), Object.entries(peer.getSignedCookies(input)));
  const canned = ours.getSignedCookies(base);
  assert.deepEqual(Object.keys(canned), ["CloudFront-Key-Pair-Id", "CloudFront-Signature", "CloudFront-Expires"]);
  assert.equal(typeof canned["CloudFront-Expires"], "number");
});
