// Signed URLs and cookies as people report them, each broken in one way, with the first sentence that the page must say.
import { createSign } from "node:crypto";

import { generateKeyPair, Signer } from "countersign";

import { HOST, KEY_PAIR_ID, pem } from "./keys.mjs";
import { REFUSED_REQUESTS } from "./refused_requests.mjs";

const FILM = `https://${HOST}/films/1.mp4`;
const FILMS = `https://${HOST}/films/*`;
const HOUR = { dateLessThan: "4h" };

const signer = new Signer({ keyPairId: KEY_PAIR_ID, privateKey: pem("rsa2048") });
const url = signer.signUrl(FILM, HOUR);
const encoded = (bytes) => Buffer.from(bytes).toString("base64").replace(/[+=/]/g, (character) => ({ "+": "-", "=": "_", "/": "~" })[character]);
/** A URL with a policy that a less careful signer accepts. */
const withPolicy = (policy) => `${FILM}?Policy=${encoded(policy)}&Signature=${encoded(createSign("sha1").update(policy).sign(pem("rsa2048")))}&Key-Pair-Id=${KEY_PAIR_ID}`;
const policy = (time) => `{"Statement":[{"Resource":"${FILMS}","Condition":{"DateLessThan":{"AWS:EpochTime":${time}}}}]}`;
const later = Math.floor(Date.now() / 1000) + 3600;
const another = new Signer({ keyPairId: KEY_PAIR_ID, privateKey: (await generateKeyPair({ type: "RSA" })).privateKey });

/** The `step` that fails, or "form" if it concerns no step; `sentence` is the banner's text, and `alone` its text without the public key. */
export const BROKEN = [
  { name: "expired", pasted: signer.signUrl(FILM, { dateLessThan: "-30d", allowExpired: true }), step: "time", sentence: /^Expired 30 days ago/ },
  { name: "not yet valid", pasted: signer.signUrl(FILM, { dateLessThan: "90d", dateGreaterThan: "30d" }), step: "time", sentence: /^Not valid yet\. It opens in (?:29|30) days/ },
  { name: "milliseconds", pasted: withPolicy(policy(later * 1000)), step: "time", sentence: /Divide milliseconds by 1000/ },
  { name: "quoted number", pasted: withPolicy(policy(`"${later}"`)), step: "time", sentence: /in quotation marks/ },
  { name: "statement is an object", pasted: withPolicy(policy(later).replace("[{", "{").replace("}]}", "}}")), step: "resource", sentence: /^Statement is an object/ },
  { name: "escaped for HTML", pasted: url.replaceAll("&", "&amp;"), step: "form", sentence: /&amp;.*escaped for HTML/ },
  { name: "ordinary Base64", pasted: REFUSED_REQUESTS["ordinary Base64"].URL, step: "signature", sentence: /ordinary Base64/ },
  { name: "id of a key group", pasted: url.replace(KEY_PAIR_ID, "b0b5d2c1-3c5e-4b5e-9f4d-2d4c6e8a1b3c"), step: "key", sentence: /ID of a key group/ },
  { name: "an access key's id", pasted: url.replace(KEY_PAIR_ID, "AKIAIOSFODNN7EXAMPLE"), step: "key", sentence: /AWS access key/ },
  { name: "S3's signature", pasted: `https://${HOST}/a.jpg?AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE&Expires=${later}&Signature=vjbyPxybdZaNmGa%2ByT272YEAiv4%3D`, step: "form", sentence: /S3’s signature, not CloudFront’s/ },
  { name: "a second ?", pasted: `${FILM}?response-content-disposition=attachment${url.slice(FILM.length)}`, step: "form", sentence: /second \?/ },
  { name: "http signed, https asked for", pasted: signer.signUrl(FILM, { ...HOUR, resource: FILMS }).replace("https:", "http:"), step: "resource", sentence: /one is http, the other https/ },
  { name: "another host", pasted: signer.signUrl(FILM, { ...HOUR, resource: FILMS }).replace(HOST, "media.example.com"), step: "resource", sentence: /the host is another one/ },
  { name: "given twice", pasted: `${url}&Expires=${later}`, step: "form", sentence: /^Expires is there twice/ },
  { name: "not signed", pasted: FILM, step: "form", sentence: /^The URL is not signed/ },
  { name: "changed after signing", pasted: url.replace(".mp4", ".MP4"), step: "signature", sentence: /^The signature does not match/, needsKey: true },
  { name: "a tracker's parameter", pasted: url.replace("?", "?utm_source=mail&"), step: "signature", sentence: /right for the URL without utm_source/, needsKey: true },
  { name: "an empty query part", pasted: url.replace("?", "?&"), step: "signature", sentence: /empty/, needsKey: true },
  { name: "signed by another key", pasted: another.signUrl(FILM, HOUR), step: "signature", sentence: /^The signature does not match/, needsKey: true },
  { name: "SHA-256 that nothing says", pasted: REFUSED_REQUESTS["no Hash-Algorithm"].URL, step: "signature", sentence: /Hash-Algorithm=SHA256 was lost/, needsKey: true },
  { name: "another address", pasted: signer.signUrl(FILM, { ...HOUR, ipAddress: "198.51.100.0/24" }), viewer: "192.0.2.44", step: "address", sentence: /^The viewer’s address 192\.0\.2\.44 is not in 198\.51\.100\.0\/24/ },
];
