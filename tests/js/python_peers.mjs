// Runs peers.py over many cases, and compares its results with ours.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

import { CountersignError } from "countersign";

import { asSent, covers, hasReservedParameter, onlyStatement, policyFaults, urlFault } from "./cloudfront_rules.mjs";
import { required } from "./environment.mjs";
import { FAULTS, signedUrlFaults } from "./faults.mjs";
import { keyFile, publicKeys } from "./keys.mjs";
import { WITHOUT_AWS } from "./operating_system.mjs";
import { decodeBase64, verifyUrl } from "./signed_url.mjs";

/** The outputs of peers.py for these cases, in order. If a peer refuses one, that is an error and fails here. */
export function runPeers(cases) {
  const { status, stdout, stderr, error } = spawnSync(required("PEER_PYTHON"), [fileURLToPath(new URL("peers.py", import.meta.url))], {
    input: cases.map((line) => JSON.stringify(line)).join("\n"),
    encoding: "utf8",
    maxBuffer: 1 << 28,
    // Nothing of the machine's AWS configuration.
    env: { ...WITHOUT_AWS, PYTHONIOENCODING: "utf8", PYTHONUTF8: "1" },
  });
  assert.equal(error, undefined);
  assert.equal(status, 0, stderr);
  const answers = stdout.trim().split("\n").map((line) => JSON.parse(line));
  assert.equal(answers.length, cases.length);
  return answers.map(({ output, error }, index) => {
    assert.equal(error, undefined, `the peer refused ${JSON.stringify(cases[index])}: ${error}`);
    return output;
  });
}

/** Runs the binary. A refusal is an error with the code from stderr. */
export function runBinary(...parameters) {
  const { status, stdout, stderr, error } = spawnSync(required("COUNTERSIGN_BIN"), parameters, { encoding: "utf8" });
  assert.equal(error, undefined);
  assert.equal(status, 0, `${parameters.join(" ")}: ${stderr}`);
  assert.ok(stdout.endsWith("\n"), "no line break at the end");
  return stdout.slice(0, -1);
}

export const privateKeyUrl = (name) => `file://${keyFile(name)}`;

/** Whether every signer must give the same bytes: the URL is one address, written as clients send it. */
export const isPlain = (url) => urlFault(url) === undefined && !hasReservedParameter(url) && !url.includes("*") && !hasSecondQuestionMark(url);

/** Whether there is a second `?`. If someone sends the signature with its policy instead, that is a wildcard. */
const hasSecondQuestionMark = (url) => /\?[^#]*\?/.test(url);

/**
 * Compares, case by case, what a peer signed with what `sign` gives or throws. Every plain URL must give equal bytes.
 * Where ours differs or throws, the peer's must be wrong; the rule that decides is counted.
 */
export function compare(t, cases, peerOutputs, sign) {
  const counts = { equal: 0 };
  const unexplained = [];
  cases.forEach((one, index) => {
    const theirs = peerOutputs[index];
    let mine, thrown;
    try {
      mine = sign(one);
    } catch (error) {
      if (!(error instanceof CountersignError)) throw error;
      thrown = error;
    }
    if (mine === theirs) {
      counts.equal += 1;
      return;
    }
    const { faults } = signedUrlFaults(theirs, publicKeys.RSA);
    // The last one is the peer's own, wherever it put it.
    const [, encoded] = [...theirs.matchAll(/[?&]Policy=([^&]*)/g)].at(-1) ?? [];
    const policy = encoded && decodeBase64(encoded).toString();
    if (policy) faults.push(...policyFaults(policy));
    const resource = policy && onlyStatement(policy)?.Resource;
    const [address] = one.url.split("#");
    if (hasReservedParameter(address)) faults.push("reserved parameter");
    if (resource && URL.canParse(address) && !covers(resource, asSent(address).address)) faults.push("not covered by the policy");
    if (hasSecondQuestionMark(address)) faults.push("a second ?, which ours escapes");
    if (address.includes("*") && /[?&]Expires=/.test(theirs)) faults.push("wildcard in a canned policy");
    // In a custom policy every `*` is a wildcard.
    else if (address.includes("*") && resource?.includes("*")) faults.push("wildcard that opens more than the URL");
    let decisive;
    if (thrown) {
      decisive = faults.find((fault) => FAULTS[fault].codes.includes(thrown.code));
    } else if (!isPlain(one.url)) {
      assert.equal(new URL(mine).href, mine);
      verifyUrl(mine, publicKeys.RSA);
      decisive = faults[0] && `ours is right, the peer's: ${faults[0]}`;
    }
    if (decisive) counts[decisive] = (counts[decisive] ?? 0) + 1;
    else unexplained.push(`${JSON.stringify(one)}\n  peer: ${theirs}\n  ours: ${thrown?.code ?? ""} ${thrown ?? mine}\n  the peer's faults: [${faults}]`);
  });
  for (const [what, count] of Object.entries(counts)) t.diagnostic(`${what}: ${count}${FAULTS[what] ? ` refused (promise ${FAULTS[what].rule})` : ""}`);
  assert.equal(unexplained.length, 0, `${unexplained.length} of ${cases.length} cases:\n${unexplained.slice(0, 5).join("\n")}`);
  return counts;
}
