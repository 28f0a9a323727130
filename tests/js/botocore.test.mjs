// Signer and the binary give what botocore's CloudFrontSigner gives, byte for byte, for every URL written as clients send it.
import assert from "node:assert/strict";
import { test } from "node:test";

import { Signer } from "countersign";

import { Random, ipAddress, moment, url } from "./generate_cases.mjs";
import { HOST, KEY_PAIR_ID, keyFile, pem } from "./keys.mjs";
import { compare, privateKeyUrl, runBinary, runPeers } from "./python_peers.mjs";

const CASES = 600;
const NOW = 1_790_000_000;

const iso = (seconds) => new Date(seconds * 1000).toISOString().slice(0, 19);

/** One moment, in epoch seconds, in every form that Signer reads. */
const DATE_FORMS = [
  (seconds) => new Date(seconds * 1000 + 999),
  (seconds) => seconds,
  (seconds) => seconds + 0.999,
  (seconds) => seconds * 1000,
  (seconds) => seconds * 1000 + 999,
  (seconds) => String(seconds),
  (seconds) => `${iso(seconds)}Z`,
  (seconds) => iso(seconds),
  (seconds) => `${iso(seconds)}.999Z`,
  (seconds) => `${iso(seconds + 9 * 3600)}+09:00`,
  (seconds) => `${iso(seconds - 5.5 * 3600)}-0530`,
  (seconds) => iso(seconds).replace("T", " "),
  (seconds) => `${iso(seconds).replaceAll(/[-:]/g, "")}Z`,
  (seconds) => `${iso(seconds + 9 * 3600).replaceAll("-", "")}+09:00`,
  (seconds) => (seconds < NOW ? `-${NOW - seconds}s` : `${seconds - NOW}s`),
  (seconds) => (seconds < NOW ? `-PT${NOW - seconds}S` : `PT${seconds - NOW}S`),
];

function readyPolicy(random, address) {
  const condition = { DateLessThan: { "AWS:EpochTime": moment(random) } };
  if (random.chance(0.5)) condition.IpAddress = { "AWS:SourceIp": "192.0.2.0/24" };
  const resource = random.pick([address, "*", `${new URL(address).protocol}//*`, `http*://${new URL(address).host}/*`, `*://${new URL(address).host}/*`]);
  return JSON.stringify({ Statement: [{ Resource: resource, Condition: condition }] }, null, random.pick([undefined, 1, 2]));
}

function generate() {
  const random = new Random(64);
  return Array.from({ length: CASES }, () => {
    const one = { url: url(random, { encoded: 0.08, awkward: 0.08 }) };
    if (random.chance(0.2) && URL.canParse(one.url) && /^https?:/.test(one.url)) return { ...one, policy: readyPolicy(random, one.url) };
    one.dateLessThan = moment(random);
    if (random.chance(0.3)) one.dateGreaterThan = random.chance(0.95) ? random.integer(1_600_000_000, 1_798_761_599) : moment(random);
    if (random.chance(0.3)) one.ipAddress = random.chance(0.95) ? ipAddress(random) : random.pick(["2001:db8::1", "garbage", "1.2.3.4/33"]);
    one.form = random.integer(0, DATE_FORMS.length - 1);
    return one;
  });
}

const cases = generate();
const peerOutputs = () =>
  runPeers(
    cases.map(({ url, policy, dateLessThan, dateGreaterThan, ipAddress }) => ({
      peer: "botocore", url, key_pair_id: KEY_PAIR_ID, private_key: keyFile("rsa2048"),
      policy, date_less_than: dateLessThan, date_greater_than: dateGreaterThan, ip_address: ipAddress,
    })),
  );

function signWith(signer, { url, policy, dateLessThan, dateGreaterThan, ipAddress, form }) {
  if (policy !== undefined) return signer.signUrl(url, { policy });
  const conditions = { dateLessThan: DATE_FORMS[form](dateLessThan), now: NOW };
  if (dateGreaterThan !== undefined) conditions.dateGreaterThan = DATE_FORMS[form](dateGreaterThan);
  if (ipAddress !== undefined) conditions.ipAddress = ipAddress;
  return signer.signUrl(url, conditions);
}

test(`${CASES} generated cases against botocore`, async (t) => {
  const outputs = peerOutputs();
  const [auto, wasm] = ["auto", "wasm"].map((engine) => new Signer({ keyPairId: KEY_PAIR_ID, privateKey: pem("rsa2048"), engine }));
  let turn = 0;
  const equal = [];
  const counts = compare(t, cases, outputs, (one) => {
    const index = turn++;
    const signed = signWith(index % 10 === 0 ? wasm : auto, one);
    if (signed === outputs[index]) equal.push({ ...one, output: signed });
    return signed;
  });
  assert.ok(counts.equal >= CASES / 2, `only ${counts.equal} are equal`);

  await t.test("the binary", (t) => {
    const some = equal.filter((one) => one.policy === undefined).slice(0, 80);
    for (const { url, dateLessThan, dateGreaterThan, ipAddress, form, output } of some) {
      // A shell has only text.
      const text = (seconds) => (typeof DATE_FORMS[form](seconds) === "string" ? DATE_FORMS[form](seconds) : String(seconds));
      const flags = ["--url", url, "--key-pair-id", KEY_PAIR_ID, "--private-key", privateKeyUrl("rsa2048"), "--now", String(NOW), "--date-less-than", text(dateLessThan)];
      if (dateGreaterThan !== undefined) flags.push("--date-greater-than", text(dateGreaterThan));
      if (ipAddress !== undefined) flags.push("--ip-address", ipAddress);
      assert.equal(runBinary("sign", ...flags), output);
    }
    t.diagnostic(`the binary: equal: ${some.length}`);
  });
});

// [the URL, the rule that decides]: botocore concatenates, so clients do not send what it emits.
const DISAGREEMENTS = [
  ["/a b.jpg", "a space"],
  ["/café.jpg", "not ASCII, which the policy escapes besides"],
  ["/a.jpg?q='x'", "an apostrophe in the query"],
  ["/a/../b.jpg", "dot segments"],
  ["/a.jpg#top", "parameters after the fragment"],
  ["/a.jpg?", "a lone question mark"],
  ["", "no path"],
];

test("where botocore signs what no client sends, ours verifies as it is sent", () => {
  const signer = new Signer({ keyPairId: KEY_PAIR_ID, privateKey: pem("rsa2048") });
  const disagreements = DISAGREEMENTS.map(([rest, why]) => ({ url: `https://${HOST}${rest}`, why }));
  const outputs = runPeers(disagreements.map(({ url }) => ({ peer: "botocore", url, key_pair_id: KEY_PAIR_ID, private_key: keyFile("rsa2048"), date_less_than: 1_893_456_000 })));
  const counts = compare({ diagnostic() {} }, disagreements, outputs, ({ url }) => signer.signUrl(url, { dateLessThan: 1_893_456_000 }));
  assert.equal(counts.equal, 0);
});
