// Splits signed URLs and cookies as plain text, as CloudFront's documentation describes them, and verifies them with
// node:crypto. Independent of the code under test.
import assert from "node:assert/strict";
import { createVerify } from "node:crypto";

export const SIGNING_PARAMETERS = ["Expires", "Policy", "Signature", "Key-Pair-Id", "Hash-Algorithm"];

export function decodeBase64(text) {
  assert.match(text, /^[A-Za-z0-9\-_~]+$/, "not in CloudFront's Base64 alphabet");
  const replaced = text.replace(/[-_~]/g, (character) => ({ "-": "+", _: "=", "~": "/" })[character]);
  const bytes = Buffer.from(replaced, "base64");
  assert.equal(bytes.toString("base64"), replaced, "not canonical Base64");
  return bytes;
}

/** The policy that CloudFront rebuilds from a request with `Expires`. */
export const cannedPolicy = (resource, expires) =>
  `{"Statement":[{"Resource":${JSON.stringify(resource)},"Condition":{"DateLessThan":{"AWS:EpochTime":${expires}}}}]}`;

/** The URL without its signing parameters, which are removed as plain text, and these parameters. */
export function takeApart(signedUrl) {
  const [address, fragment] = splitAt(signedUrl, "#");
  const [base, query] = splitAt(address, "?");
  const parameters = new Map();
  const own = [];
  for (const part of query === undefined ? [] : query.split("&")) {
    const [name, value] = splitAt(part, "=");
    if (!SIGNING_PARAMETERS.includes(name)) {
      own.push(part);
      continue;
    }
    assert.ok(!parameters.has(name), `${name} is there twice: ${signedUrl}`);
    parameters.set(name, value);
  }
  return { resource: own.length ? `${base}?${own.join("&")}` : base, parameters, fragment };
}

function splitAt(text, separator) {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

/** Verifies a signed URL and returns its parts with the text of its policy; throws if anything about it is wrong. */
export function verifyUrl(signedUrl, publicKey) {
  const parts = takeApart(signedUrl);
  const policy = verifyParameters((name) => parts.parameters.get(name), parts.resource, publicKey);
  return { ...parts, policy };
}

/** Verifies cookies for a request and returns the text of their policy. */
export const verifyCookies = (cookies, requestUrl, publicKey) =>
  verifyParameters((name) => cookies[`CloudFront-${name}`]?.toString(), requestUrl, publicKey);

function verifyParameters(parameter, resource, publicKey) {
  const [expires, encoded] = [parameter("Expires"), parameter("Policy")];
  assert.ok((expires === undefined) !== (encoded === undefined), "neither Expires nor Policy, or both");
  const policy = encoded === undefined ? cannedPolicy(resource, expires) : decodeBase64(encoded).toString("utf8");
  const hash = parameter("Hash-Algorithm");
  assert.ok(hash === undefined || hash === "SHA256", `Hash-Algorithm is ${hash}`);
  const verifier = createVerify(hash === "SHA256" ? "sha256" : "sha1").update(policy);
  assert.ok(verifier.verify(publicKey, decodeBase64(parameter("Signature"))), `the signature is not one of ${policy}`);
  return policy;
}
