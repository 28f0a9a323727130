// Signer and the binary give what `aws cloudfront sign` gives for the same flags, byte for byte, for every URL written as clients
// send it.
import assert from "node:assert/strict";
import { test } from "node:test";

import { Signer } from "countersign";

import { Random, ipAddress, moment, url } from "./generate_cases.mjs";
import { HOST, KEY_PAIR_ID, pem } from "./keys.mjs";
import { compare, privateKeyUrl, runBinary, runPeers } from "./python_peers.mjs";

const CASES = 520;

const iso = (seconds) => new Date(seconds * 1000).toISOString().slice(0, 19);

/** The forms that the AWS CLI documents. */
const DATE_FORMS = [
  (seconds) => iso(seconds).slice(0, 10),
  (seconds) => iso(seconds),
  (seconds) => `${iso(seconds)}Z`,
  (seconds) => `${iso(seconds + 9 * 3600)}+09:00`,
  (seconds) => `${iso(seconds - 5.5 * 3600)}-05:30`,
  (seconds) => String(seconds),
];

function generate() {
  const random = new Random(65);
  return Array.from({ length: CASES }, () => {
    const one = { url: url(random, { encoded: 0.08, awkward: 0.08 }), dateLessThan: random.pick(DATE_FORMS)(moment(random)) };
    if (random.chance(0.3)) one.dateGreaterThan = random.pick(DATE_FORMS)(random.chance(0.95) ? random.integer(1_600_000_000, 1_798_700_000) : moment(random));
    if (random.chance(0.3)) one.ipAddress = random.chance(0.95) ? ipAddress(random) : random.pick(["2001:db8::1", "garbage", "1.2.3.4/33"]);
    return one;
  });
}

function flags({ url, dateLessThan, dateGreaterThan, ipAddress }) {
  const list = ["--url", url, "--key-pair-id", KEY_PAIR_ID, "--private-key", privateKeyUrl("rsa2048.pkcs1"), "--date-less-than", dateLessThan];
  if (dateGreaterThan !== undefined) list.push("--date-greater-than", dateGreaterThan);
  if (ipAddress !== undefined) list.push("--ip-address", ipAddress);
  return list;
}

test(`${CASES} generated cases against aws cloudfront sign`, async (t) => {
  const cases = generate();
  const outputs = runPeers(cases.map((one) => ({ peer: "awscli", arguments: ["cloudfront", "sign", ...flags(one)] })));
  const signer = new Signer({ keyPairId: KEY_PAIR_ID, privateKey: pem("rsa2048.pkcs1") });
  const counts = compare(t, cases, outputs, ({ url, ...conditions }) => signer.signUrl(url, conditions));
  assert.ok(counts.equal >= CASES / 2, `only ${counts.equal} are equal`);

  await t.test("the binary, with the same flags", (t) => {
    const equal = cases.filter(({ url, ...conditions }, index) => {
      try {
        return signer.signUrl(url, conditions) === outputs[index];
      } catch {
        return false;
      }
    });
    const some = equal.slice(0, 80);
    for (const one of some) assert.equal(runBinary("sign", ...flags(one)), outputs[cases.indexOf(one)]);
    t.diagnostic(`the binary: equal: ${some.length}`);
  });
});

test("the article's date, which the AWS CLI reads as it is meant", () => {
  const one = { url: `https://${HOST}/private/index.html`, dateLessThan: "20301231T23:59:59+09:00" };
  const [output] = runPeers([{ peer: "awscli", arguments: ["cloudfront", "sign", ...flags(one)] }]);
  assert.match(output, /\?Expires=1924959599&/);
  const signer = new Signer({ keyPairId: KEY_PAIR_ID, privateKey: pem("rsa2048") });
  assert.equal(signer.signUrl(one.url, { dateLessThan: one.dateLessThan }), output);
  assert.equal(runBinary("sign", ...flags(one)), output);
});
