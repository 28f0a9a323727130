// The rows of Node and all others: the work, who does it, and what it is compared with. Writes JSON to the given file;
// `cargo xtask bench` runs it.
import crypto, { createPrivateKey, createPublicKey, generateKeyPairSync } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { brotliCompressSync, gzipSync } from "node:zlib";

import awsCloudfrontSign from "aws-cloudfront-sign";
import { AsyncSigner, Signer, Verifier, getSignedUrl } from "countersign";

import { batchOf } from "./batch.mjs";
import { keystrokes } from "./keystrokes.mjs";
import { batchesSideBySide, each, sideBySide } from "./measure.mjs";
import { memories } from "./memory.mjs";
import { begin, memory, row, rows } from "./rows.mjs";
import { lines, runtimes } from "./runtimes.mjs";
import { starts } from "./starts.mjs";

const { values: given } = parseArgs({
  options: { json: { type: "string" }, python: { type: "string" }, chromium: { type: "string" }, page: { type: "string" }, "rsa-crate": { type: "string" }, quick: { type: "boolean" } },
});

// The AWS SDK takes createSign from node:crypto when it is loaded. Replaced here, it can cost nothing later.
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

const awsUrl = (type) => () => awsSdk.getSignedUrl({ url, keyPairId, privateKey: keys[type].privateKey, dateLessThan: date });
const signer = (type, engine) => new Signer({ keyPairId, privateKey: keys[type].privateKey, engine });
const signUrl = (type, engine) => {
  const own = signer(type, engine);
  return () => own.signUrl(url, { dateLessThan });
};
const dropIn = (type) => () => getSignedUrl({ url, keyPairId, privateKey: keys[type].privateKey, dateLessThan: date });

/** Signs the same message as signUrl, with a key parsed once: no signer on this host can be faster. */
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

async function asyncSigner() {
  const own = await AsyncSigner.fromKey({ keyPairId, privateKey: keys.RSA.privateKey });
  return () => own.signUrl(url, { dateLessThan });
}

/** The crate `rsa` in WebAssembly with its defaults: blinded, with the same key and message. */
async function rsaCrate() {
  const folder = pathToFileURL(`${given["rsa-crate"]}/`);
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
    async: await asyncSigner(),
    wasm: signUrl("RSA", "wasm"),
  });
  row("`Signer.signUrl`, RSA-2048, Node, engine auto", times.auto, `${AWS_SDK} with a PEM`, times.aws, 3.3);
  row("the drop-in `getSignedUrl`, RSA-2048, Node", times.dropIn, `${AWS_SDK} with a PEM`, times.aws);
  row("`Signer.signUrl`, RSA-2048, Node, engine auto", times.auto, "aws-cloudfront-sign", times.acs);
  row("`Signer.signUrl`, RSA-2048, Node, engine auto", times.auto, "`crypto.sign` alone, key parsed once", times.node, 1 / 1.03);
  row("`Signer.signUrl`, RSA-2048, Node, engine auto", times.auto, "WebCrypto's `sign` alone, key imported once", times.web);
  row("`AsyncSigner.fromKey` and `signUrl`, RSA-2048, Node", times.async, "WebCrypto's `sign` alone, key imported once", times.web);
  row("`Signer.signUrl`, RSA-2048, Node, engine wasm", times.wasm, `${AWS_SDK} with a PEM`, times.aws);

  const ecdsa = await sideBySide({ auto: signUrl("ECDSA", "auto"), node: nodeCrypto("ECDSA"), aws: awsUrl("ECDSA"), dropIn: dropIn("ECDSA"), wasm: signUrl("ECDSA", "wasm"), awsRsa: awsUrl("RSA") });
  row("`Signer.signUrl`, ECDSA P-256, Node, engine auto", ecdsa.auto, `${AWS_SDK} with an EC PEM`, ecdsa.aws, 12);
  row("`Signer.signUrl`, ECDSA P-256, Node, engine auto", ecdsa.auto, "`crypto.sign` alone, key parsed once", ecdsa.node, 1 / 1.25);
  row("the drop-in `getSignedUrl`, ECDSA P-256, Node", ecdsa.dropIn, `${AWS_SDK} with an EC PEM`, ecdsa.aws);
  row("`Signer.signUrl`, ECDSA P-256, Node, engine wasm", ecdsa.wasm, `${AWS_SDK}, RSA`, ecdsa.awsRsa, 2);
}

async function crateInWasm() {
  begin("Against Rust crates");
  const times = await sideBySide({ wasm: signUrl("RSA", "wasm"), crate: await rsaCrate() }, { milliseconds: 100 });
  row("`Signer.signUrl`, RSA-2048, Node, engine wasm", times.wasm, "the crate `rsa` compiled to WebAssembly with its defaults, the signature alone", times.crate, 4);
}

/** Both sign through `node:crypto`. With free signatures, the rest of the work remains. */
async function everythingElse() {
  const { sign } = crypto;
  const own = signUrl("RSA", "host");
  const signature = nodeCrypto("RSA")();
  const base64 = signature.toString("base64");
  crypto.sign = () => signature;
  freeSignature = { update: () => freeSignature, sign: () => base64 };
  try {
    const times = await sideBySide({ own, aws: awsUrl("RSA") });
    row("all but the signature (parse, policy, encode, join), per URL", times.own, `the same of ${AWS_SDK}`, times.aws, 3);
  } finally {
    crypto.sign = sign;
    freeSignature = undefined;
  }
}

async function grants() {
  const urls = Array.from({ length: 1000 }, (_, i) => `https://d111111abcdef8.cloudfront.net/stream/${i}.ts`);
  const grant = signer("RSA").grant("https://d111111abcdef8.cloudfront.net/stream/*", { dateLessThan });
  const times = await sideBySide({ urls: () => grant.urls(urls), aws: awsUrl("RSA") });
  row("`grant.urls`, per URL", each(times.urls, urls.length), AWS_SDK, times.aws, 1000);
}

/** The least that a verifier in JavaScript must do: split the URL, rebuild the policy, verify. */
function plainVerify(signed, key) {
  const parsed = new URL(signed);
  const take = (name) => { const value = parsed.searchParams.get(name); parsed.searchParams.delete(name); return value; };
  const [expires, signature, hash] = [take("Expires"), take("Signature"), take("Hash-Algorithm")];
  take("Key-Pair-Id");
  const policy = `{"Statement":[{"Resource":"${parsed.href}","Condition":{"DateLessThan":{"AWS:EpochTime":${expires}}}}]}`;
  const bytes = Buffer.from(signature.replaceAll("-", "+").replaceAll("_", "=").replaceAll("~", "/"), "base64");
  return crypto.verify(hash === "SHA256" ? "sha256" : "sha1", Buffer.from(policy), key, bytes) && Number(expires) > Date.now() / 1000;
}

/** A playlist of 10,000 segments, one of twice as many, and an MPD that lists as many, compared with concatenating the same text. */
async function manifests() {
  const grant = signer("RSA").grant("https://d111111abcdef8.cloudfront.net/stream/*", { dateLessThan });
  const query = new URL(grant.url("https://d111111abcdef8.cloudfront.net/stream/x")).search;
  const playlist = (count) => `#EXTM3U\n${Array.from({ length: count }, (_, i) => `#EXTINF:4,\nsegment_${i}.ts\n`).join("")}#EXT-X-ENDLIST\n`;
  const list = Array.from({ length: 10_000 }, (_, i) => `<SegmentURL media="segment_${i}.m4s"/>`).join("\n");
  const mpd = `<MPD><Period><AdaptationSet><Representation><SegmentList>${list}</SegmentList></Representation></AdaptationSet></Period></MPD>`;
  const plain = (text) => text.split("\n").map((line) => (line.startsWith("#") || line === "" ? line : line + query)).join("\n");
  const url = "https://d111111abcdef8.cloudfront.net/stream/index.m3u8";
  const texts = [playlist(10_000), playlist(20_000)];
  if (grant.manifest(texts[0], url) !== plain(texts[0])) throw new Error("the two differ");
  const times = await sideBySide({ once: () => grant.manifest(texts[0], url), twice: () => grant.manifest(texts[1], url), dash: () => grant.manifest(mpd, url), plain: () => plain(texts[0]) });
  const peer = "the playlist of 10,000 put together in JavaScript, without checks";
  row("`grant.manifest`, a playlist of 10,000 segments", times.once, peer, times.plain);
  row("`grant.manifest`, a playlist of 20,000 segments", times.twice, peer, times.plain);
  row("`grant.manifest`, an MPD that lists 10,000 segments", times.dash, peer, times.plain);
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
    row(`\`Verifier.verify\`, ${name}, Node, engine auto`, times.auto, peer, times.plain, 1 / 1.1);
    row(`\`Verifier.verify\`, ${name}, Node, engine wasm`, times.wasm, peer, times.plain);
  }
}

/** The slowest comparison within CloudFront's limits: a run of `a`, and a `b` that never comes. */
async function worstPattern() {
  const verifier = new Verifier({ publicKeys: { [keyPairId]: keys.ECDSA.publicKey } });
  // Signed by hand: this package refuses cookies that browsers would drop.
  const encode = (bytes) => Buffer.from(bytes).toString("base64").replaceAll("+", "-").replaceAll("=", "_").replaceAll("/", "~");
  const cookies = (resource) => {
    const policy = JSON.stringify({ Statement: [{ Resource: resource, Condition: { DateLessThan: { "AWS:EpochTime": dateLessThan } } }] });
    const signature = crypto.sign("sha256", Buffer.from(policy), keys.ECDSA.privateKey);
    return `CloudFront-Policy=${encode(policy)}; CloudFront-Signature=${encode(signature)}; CloudFront-Key-Pair-Id=${keyPairId}; CloudFront-Hash-Algorithm=SHA256`;
  };
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
  row("`Verifier.verify`, the slowest wildcard that fits CloudFront's limits", times.worst, "the same URL with `*`", times.plain);
  row("`Verifier.verify`, 4,000 stars", times.stars, "the same URL with `*`", times.plain);
}

/** A Python process, in turns with this one. */
async function botocore(keyFile) {
  const { ask, stop } = lines(given.python, [fileURLToPath(new URL("../botocore_batches.py", import.meta.url)), keyFile]);
  const times = await batchesSideBySide({ own: batchOf(signUrl("RSA", "auto")), botocore: ask });
  stop();
  row("`Signer.signUrl`, RSA-2048, Node, engine auto", times.own, "botocore's CloudFrontSigner with cryptography, Python, key loaded once", times.botocore);
}

const folder = mkdtempSync(join(tmpdir(), "countersign-bench-"));
const keyFile = (type) => join(folder, `${type}.pem`);
for (const [type, { privateKey }] of Object.entries(keys)) writeFileSync(keyFile(type), privateKey, { mode: 0o600 });
try {
  begin("Node");
  await signatures();
  await everythingElse();
  await grants();
  await manifests();
  await verification();
  await worstPattern();
  await botocore(keyFile("RSA"));
  if (given["rsa-crate"]) await crateInWasm();
  await runtimes(keys, given.chromium, given["rsa-crate"]);
  await keystrokes(given.chromium, given.page);
  await starts(keyFile("RSA"), keys.RSA.privateKey);
  await memories(keyFile("ECDSA"));
} finally {
  rmSync(folder, { recursive: true });
}
const core = readFileSync(new URL("../../pkg/dist/core.wasm", import.meta.url));
const module = { bytes: core.length, gzip: gzipSync(core, { level: 9 }).length, brotli: brotliCompressSync(core).length };
writeFileSync(given.json, JSON.stringify({ node: process.version, module, rows, memory }, null, 2));
