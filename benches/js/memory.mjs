// The memory of many signatures, each subject in its own process: this file runs itself with a subject, a count and a key file.
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { quick } from "./measure.mjs";
import { begin, memory } from "./rows.mjs";

const keyPairId = "K2JCJMDEHXQW5F";
const url = (at) => `https://d111111abcdef8.cloudfront.net/stream/${at}.ts`;

const SUBJECTS = {
  async signer(privateKey) {
    const { Signer } = await import("countersign");
    const signer = new Signer({ keyPairId, privateKey });
    return (at) => signer.signUrl(url(at), { dateLessThan: "30m" });
  },
  async grant(privateKey) {
    const { Signer } = await import("countersign");
    const grant = new Signer({ keyPairId, privateKey, engine: "wasm" }).grant("https://d111111abcdef8.cloudfront.net/*", { dateLessThan: "30m" });
    return (at) => grant.url(url(at));
  },
  async sdk(privateKey) {
    const { getSignedUrl } = await import("@aws-sdk/cloudfront-signer");
    return (at) => getSignedUrl({ url: url(at), keyPairId, privateKey, dateLessThan: new Date(Date.now() + 1_800_000) });
  },
};

async function run(subject, count, keyFile) {
  const sign = await SUBJECTS[subject](readFileSync(keyFile, "utf8"));
  sign(0);
  const before = process.memoryUsage.rss();
  let highest = before;
  for (let at = 1; at < count; at++) {
    sign(at);
    if (at % 1000 === 0) highest = Math.max(highest, process.memoryUsage.rss());
  }
  const after = process.memoryUsage.rss();
  console.log(JSON.stringify({ before, after, highest: Math.max(highest, after) }));
}

/** With P-256: a million RSA signatures would take five minutes, and fifteen with the SDK. */
export async function memories(keyFile) {
  begin("Memory, Node, P-256");
  const self = fileURLToPath(import.meta.url);
  const measured = [
    ["signer", "`Signer.signUrl`, engine auto", 1_000_000],
    ["grant", "`grant.url`, engine wasm", 1_000_000],
    // Ten times as many take seven minutes.
    ["sdk", "getSignedUrl of @aws-sdk/cloudfront-signer", 100_000],
  ];
  // Nothing is timed, so they run at the same time.
  const results = await Promise.all(measured.map(([subject, , count]) => promisify(execFile)(process.execPath, [self, subject, String(quick ? 2000 : count), keyFile])));
  results.forEach(({ stdout }, at) => {
    const [, work, count] = measured[at];
    memory.push({ work, count: quick ? 2000 : count, ...JSON.parse(stdout) });
    console.error(`    ${work}: ${stdout.trim()}`);
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await run(process.argv[2], Number(process.argv[3]), process.argv[4]);
