// The page's words for the core's codes, the step that each belongs to, and its place in the guide on 403s.
import { keyProblem } from "./key_problems.js";
import { has, word } from "./words.js";

/** Explains a denial, a finding or an error in the page's words, or in the core's if the page has none. */
export function explain(reason) {
  const { code = "", values, message, hint = "" } = reason ?? {};
  const key = keyProblem({ code, message, hint });
  if (key) return word(`problem.${key.problem}`, key.values);
  const name = code.includes(".") ? code : /^[A-Z]/.test(code) ? `error.${code}` : `reason.${code}`;
  // A value may end with a full stop or question mark of its own.
  if (has(name)) return word(name, { message, hint, ...values }).trim().replace(/([.?])\.$/, "$1");
  return [message, hint].filter(Boolean).join(". ");
}

/** The codes of each step. Those of "form" concern the whole request and come before all steps. */
export const CODES = {
  form: "not-signed cookies-ignored hash-algorithm-alone given-twice invalid-url ambiguous-path url-too-long cookies-too-long cookie-too-long escaped-for-html escaped-for-json quoted-printable escaped-twice other-case second-question-mark not-a-value s3-signature s3-host other-signature other-service-host escaped-as-value in-fragment invisible-character other-name no-question-mark framework-cookie other-port",
  key: "key-pair-id-missing unknown-key invalid-key-pair-id key-group-id access-key-id distribution-id",
  signature: "signature-missing policy-missing ordinary-base64 base64url hexadecimal not-base64 not-utf8 signature-length raw-ecdsa-signature other-rsa-size unknown-hash wrong-signature other-hash parameter-added rewritten empty-query-part",
  resource: "other-resource other-protocol other-host query-not-covered malformed-policy impossible-policy several-statements statement-is-object resource-protocol resource-in-cookies",
  time: "expired not-yet-valid milliseconds negative quoted-number not-whole-number malformed-expires",
  address: "other-address address-unknown address-not-ipv4",
};
const STEP_OF = Object.fromEntries(Object.entries(CODES).flatMap(([step, codes]) => codes.split(" ").map((code) => [code, step])));

export const stepOf = (code) => STEP_OF[code];

/** The headings of docs/debugging-a-403.md, with their codes. */
const GUIDE = {
  missing: ["missingkey-missing-key-pair-id", "answer.MissingKey not-signed cookies-ignored key-pair-id-missing hash-algorithm-alone escaped-for-html escaped-for-json quoted-printable other-case second-question-mark escaped-as-value in-fragment other-signature invisible-character other-name no-question-mark"],
  unknown: ["invalidkey-unknown-key", "answer.InvalidKey unknown-key invalid-key-pair-id key-group-id access-key-id distribution-id not-a-value"],
  "signature-form": ["malformedsignature-could-not-unencode-signature", "answer.MalformedSignature signature-missing ordinary-base64 base64url hexadecimal not-base64 escaped-twice signature-length raw-ecdsa-signature"],
  policy: ["malformedpolicy-malformed-policy", "answer.MalformedPolicy policy-missing not-utf8 malformed-policy impossible-policy several-statements statement-is-object milliseconds negative quoted-number not-whole-number malformed-expires"],
  denied: ["accessdenied-access-denied", "answer.AccessDenied"],
  expired: ["the-time", "expired"],
  early: ["the-time", "not-yet-valid"],
  address: ["the-address", "other-address address-unknown address-not-ipv4"],
  resource: ["the-resource-of-a-custom-policy", "other-resource other-protocol other-host query-not-covered resource-protocol resource-in-cookies"],
  signature: ["the-signature", "wrong-signature other-hash parameter-added rewritten empty-query-part other-rsa-size unknown-hash step.signature.other-key"],
  twice: ["signed-twice-or-two-ways", "given-twice"],
  origin: ["s3-accessdenied-with-a-requestid", "answer.s3 banner.allowed.text"],
  s3: ["s3-complains-about-the-parameters", "s3-signature s3-host other-service-host"],
};
const GUIDE_OF = Object.fromEntries(Object.entries(GUIDE).flatMap(([name, [anchor, codes]]) => codes.split(" ").map((code) => [code, { name, anchor }])));

/** The guide's section for a reason: its anchor, and the name of the link's words. */
export const guideTo = (reason) => GUIDE_OF[reason?.code];

/** Every heading that the page links to. */
export const ANCHORS = Object.values(GUIDE).map(([anchor]) => anchor);
