// Every row of the table: what is done, by whom, and what it is held against. Writes JSON to the file that is named; `cargo xtask bench` runs it.
import { spawnSync } from "node:child_process";
import crypto, { createPrivateKey, createPublicKey, generateKeyPairSync } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";

import awsCloudfrontSign from "aws-cloudfront-sign";
import { Signer, Verifier, getSignedUrl } from "countersign";

import { sideBySide, spread } from "./measure.mjs";

// The AWS SDK takes createSign out of node:crypto when it is loaded: what it takes here can be made to cost nothing later.
const { createSign } = crypto;
let freeSignature;
crypto.createSign = (...hash) => freeSignature ?? createSign(...hash);
const { default: awsSdk } = await import("@aws-sdk/cloudfront-signer");

const keyPairId = "K2JCJMDEHXQW5F";
const url = "https://d111111abcdef8.cloudfront.net/films/trailer.mp4?size=hd";
const dateLessThan = 1_924_959_599;
const date = new Date(dateLessThan * 1000);
const encoding = { privateKeyEncoding: { type: "pkcs8", format: "pem" }, publicKeyEncoding: { type: "spki", format: "pem" } };
const keys = {
  RSA: generateKeyPairSync("rsa", { modulusLength: 2048, ...encoding }),
  ECDSA: generateKeyPairSync("ec", { namedCurve: "prime256v1", ...encoding }),
};
const AWS_SDK = "getSignedUrl of @aws-sdk/cloudfront-signer";

const rows = [];
/** Adds a row; `least` is how often as fast as the peer it has to be, by DESIGN's table. */
function row(id, work, ours, peer, peerTimes, least) {
  rows.push({ id, work, ours, peer, peerTimes, ratio: peerTimes.median / ours.median, ...(least && { least }) });
  console.error(`    ${work}: ${ours.median.toFixed(1)} µs; ${peer}: ${peerTimes.median.toFixed(1)} µs`);
}

const awsUrl = (type) => () => awsSdk.getSignedUrl({ url, keyPairId, privateKey: keys[type].privateKey, dateLessThan: date });
const signer = (type, engine) => new Signer({ keyPairId, privateKey: keys[type].privateKey, engine });
const signUrl = (type, engine) => {
  const own = signer(type, engine);
  return () => own.signUrl(url, { dateLessThan });
};
const dropIn = (type) => () => getSignedUrl({ url, keyPairId, privateKey: keys[type].privateKey, dateLessThan: date });

/** The same message as signUrl's, with a key that is parsed once: no signer on this host can be faster. */
function nodeCrypto(type) {
  const key = createPrivateKey(keys[type].privateKey);
  const message = Buffer.from(`{"Statement":[{"Resource":"${url}","Condition":{"DateLessThan":{"AWS:EpochTime":${dateLessThan}}}}]}`);
  return () => crypto.sign(type === "RSA" ? "sha1" : "sha256", message, key);
}

async function webCrypto() {
  const der = createPrivateKey(keys.RSA.privateKey).export({ type: "pkcs8", format: "der" });
  const key = await crypto.subtle.importKey("pkcs8", der, { name: "RSASSA-PKCS1-v1_5", hash: "SHA-1" }, false, ["sign"]);
  const message = Buffer.from(`{"Statement":[{"Resource":"${url}","Condition":{"DateLessThan":{"AWS:EpochTime":${dateLessThan}}}}]}`);
  return () => crypto.subtle.sign("RSASSA-PKCS1-v1_5", key, message);
}

/** The crate `rsa` in WebAssembly, as it is: blinded, with the same key and message. */
async function rsaCrate() {
  const folder = pathToFileURL(`${process.argv[3]}/`);
  const glue = await import(new URL("rsa_wasm_peer_bg.js", folder));
  const { instance } = await WebAssembly.instantiate(readFileSync(new URL("rsa_wasm_peer_bg.wasm", folder)), { "./rsa_wasm_peer_bg.js": glue });
  glue.__wbg_set_wasm(instance.exports);
  instance.exports.__wbindgen_start();
  const key = glue.Key.read(createPrivateKey(keys.RSA.privateKey).export({ type: "pkcs8", format: "der" }));
  const message = Buffer.from(`{"Statement":[{"Resource":"${url}","Condition":{"DateLessThan":{"AWS:EpochTime":${dateLessThan}}}}]}`);
  if (!crypto.verify("sha1", message, keys.RSA.publicKey, key.sign(message))) throw new Error("the crate rsa signs wrong");
  return () => key.sign(message);
}

async function signatures() {
  const times = await sideBySide({
    auto: signUrl("RSA", "auto"),
    aws: awsUrl("RSA"),
    dropIn: dropIn("RSA"),
    acs: () => awsCloudfrontSign.getSignedUrl(url, { keypairId: keyPairId, privateKeyString: keys.RSA.privateKey, expireTime: date.getTime() }),
    node: nodeCrypto("RSA"),
    web: await webCrypto(),
    wasm: signUrl("RSA", "wasm"),
  });
  row("rsa-auto", "`Signer.signUrl`, RSA-2048, Node, engine auto", times.auto, `${AWS_SDK} with a PEM`, times.aws, 3.5);
  row("rsa-drop-in", "the drop-in `getSignedUrl`, RSA-2048, Node", times.dropIn, `${AWS_SDK} with a PEM`, times.aws);
  row("rsa-acs", "`Signer.signUrl`, RSA-2048, Node, engine auto", times.auto, "aws-cloudfront-sign", times.acs);
  row("rsa-node", "`Signer.signUrl`, RSA-2048, Node, engine auto", times.auto, "`crypto.sign` alone, key parsed once", times.node);
  row("rsa-webcrypto", "`Signer.signUrl`, RSA-2048, Node, engine auto", times.auto, "WebCrypto's `sign` alone, key imported once", times.web);
  row("rsa-wasm", "`Signer.signUrl`, RSA-2048, Node, engine wasm", times.wasm, `${AWS_SDK} with a PEM`, times.aws);
  const wasm = await sideBySide({ wasm: signUrl("RSA", "wasm"), crate: await rsaCrate() }, { milliseconds: 100 });
  row("rsa-wasm-crate", "`Signer.signUrl`, RSA-2048, Node, engine wasm", wasm.wasm, "the crate `rsa` compiled to WebAssembly with its defaults, the signature alone", wasm.crate, 4);

  const ecdsa = await sideBySide({ auto: signUrl("ECDSA", "auto"), aws: awsUrl("ECDSA"), dropIn: dropIn("ECDSA"), wasm: signUrl("ECDSA", "wasm"), awsRsa: awsUrl("RSA") });
  row("p256-auto", "`Signer.signUrl`, ECDSA P-256, Node, engine auto", ecdsa.auto, `${AWS_SDK} with an EC PEM`, ecdsa.aws, 7);
  row("p256-drop-in", "the drop-in `getSignedUrl`, ECDSA P-256, Node", ecdsa.dropIn, `${AWS_SDK} with an EC PEM`, ecdsa.aws);
  row("p256-wasm", "`Signer.signUrl`, ECDSA P-256, Node, engine wasm", ecdsa.wasm, `${AWS_SDK}, RSA`, ecdsa.awsRsa, 4);
}

/** Both sign through `node:crypto`: with signatures that cost nothing, the rest remains. */
async function everythingElse() {
  const { sign } = crypto;
  const own = signUrl("RSA", "host");
  const signature = nodeCrypto("RSA")();
  const base64 = signature.toString("base64");
  crypto.sign = () => signature;
  freeSignature = { update: () => freeSignature, sign: () => base64 };
  try {
    const times = await sideBySide({ own, aws: awsUrl("RSA") });
    row("rest", "all but the signature (parse, policy, encode, join), per URL", times.own, `the same of ${AWS_SDK}`, times.aws, 3);
  } finally {
    crypto.sign = sign;
    freeSignature = undefined;
  }
}

async function grants() {
  const urls = Array.from({ length: 1000 }, (_, i) => `https://d111111abcdef8.cloudfront.net/stream/${i}.ts`);
  const grant = signer("RSA").grant("https://d111111abcdef8.cloudfront.net/stream/*", { dateLessThan });
  const times = await sideBySide({ urls: () => grant.urls(urls), aws: awsUrl("RSA") });
  const each = Object.fromEntries(Object.entries(times.urls).map(([name, value]) => [name, value / urls.length]));
  row("grant-urls", "`grant.urls`, per URL", each, AWS_SDK, times.aws, 500);
}

/** What a verifier in JavaScript does at the least: take the URL apart, rebuild the policy, verify. */
function plainVerify(signed, key) {
  const parsed = new URL(signed);
  const take = (name) => { const value = parsed.searchParams.get(name); parsed.searchParams.delete(name); return value; };
  const [expires, signature, hash] = [take("Expires"), take("Signature"), take("Hash-Algorithm")];
  take("Key-Pair-Id");
  const policy = `{"Statement":[{"Resource":"${parsed.href}","Condition":{"DateLessThan":{"AWS:EpochTime":${expires}}}}]}`;
  const bytes = Buffer.from(signature.replaceAll("-", "+").replaceAll("_", "=").replaceAll("~", "/"), "base64");
  return crypto.verify(hash === "SHA256" ? "sha256" : "sha1", Buffer.from(policy), key, bytes) && Number(expires) > Date.now() / 1000;
}

async function verification() {
  for (const [type, name] of [["RSA", "RSA-2048"], ["ECDSA", "ECDSA P-256"]]) {
    const signed = signUrl(type)();
    const key = createPublicKey(keys[type].publicKey);
    const verifier = (engine) => {
      const own = new Verifier({ publicKeys: { [keyPairId]: keys[type].publicKey }, engine });
      if (!own.verify({ url: signed }).allowed || !plainVerify(signed, key)) throw new Error("a right URL is denied");
      return () => own.verify({ url: signed });
    };
    const times = await sideBySide({ auto: verifier("auto"), wasm: verifier("wasm"), plain: () => plainVerify(signed, key) });
    const peer = "`crypto.verify` and the same decoding in JavaScript, key parsed once";
    row(`verify-${type.toLowerCase()}`, `\`Verifier.verify\`, ${name}, Node, engine auto`, times.auto, peer, times.plain, type === "RSA" ? 1 / 3 : undefined);
    row(`verify-${type.toLowerCase()}-wasm`, `\`Verifier.verify\`, ${name}, Node, engine wasm`, times.wasm, peer, times.plain);
  }
}

/** The slowest comparison that a policy can ask for within CloudFront's limits: a run of `a` and a `b` that never comes. */
async function worstPattern() {
  const own = signer("ECDSA");
  const verifier = new Verifier({ publicKeys: { [keyPairId]: keys.ECDSA.publicKey } });
  const cookies = (resource) => own.signCookies({ policy: JSON.stringify({ Statement: [{ Resource: resource, Condition: { DateLessThan: { "AWS:EpochTime": dateLessThan } } }] }) });
  const host = "https://d111111abcdef8.cloudfront.net/";
  const long = `${host}${"a".repeat(8_150)}`;
  const request = (resource) => {
    const header = cookies(resource);
    return () => verifier.verify({ url: long, cookies: header });
  };
  const times = await sideBySide({
    worst: request(`${host}*${"a".repeat(4_075)}b*`),
    stars: request(`${host}${"*a".repeat(4_000)}b`),
    plain: request(`${host}*`),
  });
  row("worst-pattern", "`Verifier.verify`, the slowest wildcard that fits CloudFront's limits", times.worst, "the same URL with `*`", times.plain);
  row("many-stars", "`Verifier.verify`, 4,000 stars", times.stars, "the same URL with `*`", times.plain);
}

/** A process from its start to its first signed URL. */
function coldStart() {
  const file = join(tmpdir(), `countersign-bench-${process.pid}.pem`);
  writeFileSync(file, keys.RSA.privateKey);
  const start = {
    own: `import { Signer } from "countersign"; console.log(new Signer({ keyPairId: "K1", privateKey: readFileSync("${file}") }).signUrl("${url}", { dateLessThan: ${dateLessThan} }));`,
    aws: `import { getSignedUrl } from "@aws-sdk/cloudfront-signer"; console.log(getSignedUrl({ url: "${url}", keyPairId: "K1", privateKey: readFileSync("${file}"), dateLessThan: new Date(${dateLessThan}000) }));`,
  };
  const times = { own: [], aws: [] };
  for (let round = 0; round < 16; round++) {
    for (const name of round % 2 ? ["own", "aws"] : ["aws", "own"]) {
      const began = process.hrtime.bigint();
      const { status, stderr } = spawnSync(process.execPath, ["--input-type=module", "--eval", `import { readFileSync } from "node:fs"; ${start[name]}`], { cwd: import.meta.dirname, encoding: "utf8" });
      if (status !== 0) throw new Error(stderr);
      // The first two fill the caches of the file system.
      if (round > 1) times[name].push(Number(process.hrtime.bigint() - began) / 1000);
    }
  }
  row("cold", "a process from its start to its first signed URL, Node", spread(times.own), "the same with @aws-sdk/cloudfront-signer", spread(times.aws), 1);
}

await signatures();
await everythingElse();
await grants();
await verification();
await worstPattern();
coldStart();
const core = readFileSync(new URL("../../pkg/dist/core.wasm", import.meta.url));
const module = { bytes: core.length, gzip: gzipSync(core, { level: 9 }).length, brotli: brotliCompressSync(core).length };
writeFileSync(process.argv[2], JSON.stringify({ node: process.version, module, rows }, null, 2));
