// The requests of docs/debugging-a-403.md: each as it is refused, in the guide's variables, and with its cure.
import { createSign } from "node:crypto";

import { generateKeyPair, Signer } from "countersign";

import { HOST, KEY_PAIR_ID, pem } from "./keys.mjs";

const PLAIN = `https://${HOST}/films/1.mp4`;
const COVERED = `https://${HOST}/films/*`;
// The guide names these moments.
const END = { dateLessThan: "2030-01-01" };

const signer = new Signer({ keyPairId: KEY_PAIR_ID, privateKey: pem("rsa2048") });
const signed = signer.signUrl(PLAIN, END);
const custom = signer.signUrl(PLAIN, { ...END, resource: COVERED });
const header = (cookies) => Object.entries(cookies).map(([name, value]) => `${name}=${value}`).join("; ");
const cookies = header(signer.signCookies(COVERED, END));

const base64 = (bytes) => Buffer.from(bytes).toString("base64");
const encoded = (bytes) => base64(bytes).replace(/[+=/]/g, (character) => ({ "+": "-", "=": "_", "/": "~" })[character]);
const signature = (policy) => encoded(createSign("sha1").update(policy).sign(pem("rsa2048")));

/** A URL with a policy that a signer less careful than ours would sign. */
const withPolicy = (policy, url = PLAIN) => `${url}?Policy=${encoded(policy)}&Signature=${signature(policy)}&Key-Pair-Id=${KEY_PAIR_ID}`;
const policy = (resource, time) => `{"Statement":[{"Resource":"${resource}","Condition":{"DateLessThan":{"AWS:EpochTime":${time}}}}]}`;
const canned = (resource, time) => `${resource}?Expires=${time}&Signature=${signature(policy(resource, time))}&Key-Pair-Id=${KEY_PAIR_ID}`;
const SECONDS = 1_893_456_000;

const another = new Signer({ keyPairId: KEY_PAIR_ID, privateKey: (await generateKeyPair()).privateKey });
const sha256 = new Signer({ keyPairId: KEY_PAIR_ID, privateKey: pem("rsa2048"), algorithm: "SHA256" }).signUrl(PLAIN, END);

export const REFUSED_REQUESTS = {
  "no signature": { URL: PLAIN, cured: { URL: signed } },
  "cut at the first &": { URL: signed.split("&")[0], cured: { URL: signed } },
  "&amp;": { URL: signed.replaceAll("&", "&amp;"), cured: { URL: signed } },
  "\\u0026": { URL: signed.replaceAll("&", "\\u0026"), cured: { URL: signed } },
  "=3D": { URL: signed.replaceAll("=", "=3D"), cured: { URL: signed } },
  "small letters": { URL: signed.replace("Key-Pair-Id", "key-pair-id"), cured: { URL: signed } },
  "another name": { URL: signed.replace("Key-Pair-Id", "CloudFront-Key-Pair-Id"), cured: { URL: signed } },
  "no ?": { URL: signed.replace("?", "&"), cured: { URL: signed } },
  "a second ?": { URL: `${PLAIN}?size=hd${signed.slice(PLAIN.length)}`, cured: { URL: signer.signUrl(`${PLAIN}?size=hd`, END) } },
  "a parameter named Expires": { URL: `${PLAIN}?Expires=never`, COOKIES: cookies, cured: { URL: PLAIN } },
  "a signature of S3's": { URL: `${PLAIN}?AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE&Expires=${SECONDS}&Signature=vjbyPxybdZaNmGa%2ByT272YEAiv4%3D`, cured: { URL: signed } },
  "dot segments": { URL: custom.replace("/films/", "/films/x/../"), cured: { URL: custom } },
  "a protocol that is none": { URL: withPolicy(policy(COVERED.replace("https", "h*"), SECONDS)), cured: { URL: custom } },
  "no cookies": { URL: PLAIN, COOKIES: "session=1", cured: { COOKIES: cookies } },
  "another id": { URL: signed.replace(KEY_PAIR_ID, "K36X4X2EO997HM"), cured: { URL: signed } },
  "ordinary Base64": { URL: signed.replace(/(?<=Signature=)[^&]+/, (text) => text.replace(/[-_~]/g, (character) => ({ "-": "+", _: "=", "~": "/" })[character])), cured: { URL: signed } },
  "no policy": { URL: signed.replace(/Expires=\d+&/, ""), cured: { URL: signed } },
  "milliseconds": { URL: withPolicy(policy(COVERED, SECONDS * 1000)), cured: { URL: custom } },
  "quotation marks": { URL: withPolicy(policy(COVERED, `"${SECONDS}"`)), cured: { URL: custom } },
  "an object": { URL: withPolicy(policy(COVERED, SECONDS).replace("[{", "{").replace("}]}", "}}")), cured: { URL: custom } },
  expired: { URL: signed, cured: { URL: signer.signUrl(PLAIN, { dateLessThan: "2030-01-02" }) } },
  early: { URL: signer.signUrl(PLAIN, { ...END, dateGreaterThan: "2029-12-31T00:00:30Z" }), cured: { URL: signer.signUrl(PLAIN, { ...END, dateGreaterThan: "2029-12-30T23:55:30Z" }) } },
  "another address": { URL: signer.signUrl(PLAIN, { ...END, ipAddress: "198.51.100.0/24" }), cured: { URL: signer.signUrl(PLAIN, { ...END, ipAddress: "192.0.2.0/24" }) } },
  IPv6: { URL: signer.signUrl(PLAIN, { ...END, ipAddress: "198.51.100.0/24" }), cured: { URL: signed } },
  "http and https": { URL: custom.replace("https:", "http:"), cured: { URL: custom } },
  "another host": { URL: custom.replace(HOST, "media.example.com"), cured: { URL: custom } },
  "a query": {
    URL: signer.signUrl(PLAIN, { ...END, resource: PLAIN, ipAddress: "0.0.0.0/0" }).replace("?", "?seek=10&"),
    cured: { URL: signer.signUrl(PLAIN, { ...END, resource: `${PLAIN}*` }).replace("?", "?seek=10&") },
  },
  changed: { URL: signed.replace("?", "?utm_source=mail&"), cured: { URL: signer.signUrl(`${PLAIN}?utm_source=mail`, END) } },
  "another spelling": { URL: signer.signUrl(`https://${HOST}/films/it's.mp4`, END).replace("'", "%27"), cured: { URL: signer.signUrl(`https://${HOST}/films/it%27s.mp4`, END) } },
  "a wildcard in a canned policy": { URL: canned(COVERED, SECONDS).replace("*", "1.mp4"), cured: { URL: custom } },
  "another key": { URL: another.signUrl(PLAIN, END), cured: { URL: signed } },
  "no Hash-Algorithm": { URL: sha256.replace("&Hash-Algorithm=SHA256", ""), cured: { URL: sha256 } },
  twice: { URL: `${signed}&Expires=${SECONDS}&Signature=${signature("")}&Key-Pair-Id=${KEY_PAIR_ID}`, cured: { URL: signed } },
  "a signed URL beside cookies": { URL: signer.signUrl(PLAIN, { dateLessThan: "2025-01-01", allowExpired: true }), COOKIES: cookies, cured: { URL: PLAIN } },
  "another path": { URL: `https://${HOST}/music/1.mp3`, COOKIES: cookies, cured: { COOKIES: header(signer.signCookies(`https://${HOST}/*`, END)) } },
  "only the origin refuses": { URL: signed },
};
