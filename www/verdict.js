// CloudFront's five checks in order, and the verdict. The core decides each; what cannot be known here is an open question.
import { Verifier, inspect } from "./countersign.js";
import { encoded } from "./paste.js";
import { stepOf } from "./reasons.js";

export const STEPS = ["key", "signature", "resource", "time", "address"];
const TYPES = { RSA: "RSA 2048", ECDSA: "ECDSA P-256" };
const SIGNED = /[?&](?:Expires|Policy|Signature|Key-Pair-Id|Hash-Algorithm)=/;

/**
 * `found` comes from `recognise`. Of the request: `asked`, the URL that cookies are for, the `viewer`'s address and the moment `now`.
 * `keyFor(id)` returns `{ publicKey, isCertain }` if there is a key for the ID; `probe` answers single questions.
 *
 * The state of a step is "good", "bad", "open" (unknown) or "none" (nothing to check). `others` are findings that neither banner nor
 * steps show.
 */
export function judge(request) {
  const subject = subjectOf(request.found);
  const inspection = inspect(subject, { now: request.now });
  const url = inspection.source === "url" ? subject : request.asked;
  const key = inspection.keyPairId ? request.keyFor(inspection.keyPairId) : undefined;
  const { decision, keyError } = decide({ ...request, inspection, subject, url: url || coveredBy(inspection.policy), key });
  const denial = decision && !decision.allowed ? denialOf(decision, inspection) : undefined;
  const known = { ...request, inspection, url, key: keyError ? undefined : key, decision, denial };
  const steps = STEPS.map((name) => ({ name, ...CHECKS[name](known) }));
  const banner = bannerOf({ ...known, steps });
  const told = [banner.reason, ...steps.map(({ reason }) => reason)];
  const isTold = ({ code, severity, message }) => (severity === "note" && banner.state === "bad") || (code === "nothing-wrong" && banner.state === "good") || told.some((reason) => reason?.message === message);
  const others = inspection.findings.filter((found) => !isTold(found));
  return { inspection, decision, steps, banner, keyError, others };
}

function subjectOf({ kind, url, cookies, policy }) {
  if (kind === "policy") return `CloudFront-Policy=${encoded(policy)}`;
  return cookies && !(url && SIGNED.test(url)) ? cookies : url;
}

/** A URL that the policy covers, for checking the signature if the requested URL is unknown. */
function coveredBy(policy) {
  const resource = policy?.kind === "custom" ? policy.resource : undefined;
  return resource?.replace(/^http\*/, "https").replaceAll("*", "");
}

/** The reason of the denial. If the core only calls the policy malformed, the finding about it. */
function denialOf({ reasonCode, values, reason }, { findings }) {
  const found = reasonCode === "malformed-policy" && findings.find(({ severity, code }) => severity === "error" && ["time", "resource"].includes(stepOf(code)));
  return found || { code: reasonCode, values, message: reason };
}

function decide({ inspection, subject, url, key, viewer, now }) {
  if (!key || !url) return {};
  try {
    const verifier = new Verifier({ publicKeys: { [inspection.keyPairId]: key.publicKey } });
    const cookies = inspection.source === "cookies" ? subject : undefined;
    return { decision: verifier.verify({ url, cookies, ipAddress: viewer, now }) };
  } catch (keyError) {
    return { keyError };
  }
}

const finding = ({ inspection }, step) => inspection.findings.find(({ severity, code }) => severity === "error" && stepOf(code) === step);

/** What must be readable before the signature can be checked. */
const UNREADABLE = ["policy-missing", "malformed-expires", "ordinary-base64", "base64url", "hexadecimal", "not-base64", "not-utf8"];

/** A decision's result for a step: passed, failed, or undefined if it was not reached. */
function said({ decision, denial }, step) {
  if (!decision) return undefined;
  if (!denial) return "good";
  const failed = stepOf(denial.code);
  if (step === failed) return "bad";
  const reached = UNREADABLE.includes(denial.code) ? "signature" : failed;
  return STEPS.indexOf(step) < STEPS.indexOf(reached) ? "good" : undefined;
}

const good = (code, values) => ({ state: "good", reason: { code, values } });
const bad = (reason) => ({ state: "bad", reason });
const open = (code, values) => ({ state: "open", reason: { code, values } });
const none = (code, values) => ({ state: "none", reason: { code, values } });

const CHECKS = {
  key(known) {
    const found = finding(known, "key");
    if (found) return bad(found);
    const { inspection, key } = known;
    const id = inspection.keyPairId;
    if (!id) return none("step.key.none");
    return key ? good(key.isOwn ? "step.key.own" : "step.key.given", { id }) : open("step.key.unknown", { id });
  },

  signature(known) {
    const found = finding(known, "signature");
    if (found) return bad(found);
    const { inspection, key } = known;
    if (!inspection.signature) return none("step.signature.none");
    const values = { hash: inspection.algorithm === "SHA256" ? "SHA-256" : "SHA-1", type: TYPES[inspection.signature.keyType], id: inspection.keyPairId };
    const outcome = said(known, "signature");
    if (outcome === "good") return good("step.signature.good", values);
    if (outcome === "bad") return key.isCertain ? bad(known.denial) : open("step.signature.other-key", values);
    return open(key && !known.url ? "step.signature.no-url" : "step.signature.unknown", values);
  },

  resource(known) {
    const found = finding(known, "resource");
    if (found) return bad(found);
    const { inspection, url, probe } = known;
    const { policy } = inspection;
    if (!policy) return none("step.resource.none");
    const outcome = said(known, "resource");
    if (outcome === "bad" && url) return bad(known.denial);
    // A canned policy is rebuilt from the URL, so another URL looks like another signature.
    if (policy.kind === "canned") return outcome === "good" ? good("step.resource.canned") : open("step.resource.rebuilt");
    if (!policy.resource) return good("step.resource.all");
    const values = { resource: policy.resource };
    if (!url) return open("step.resource.no-url", values);
    if (outcome === "good") return good("step.resource.good", values);
    return probe.covers(policy.resource, inspection.url ?? url) ? good("step.resource.good", values) : bad({ code: "other-resource", values: { ...values, url: inspection.url ?? url } });
  },

  time(known) {
    const found = finding(known, "time");
    if (found) return bad(found);
    const { policy } = known.inspection;
    const until = policy?.dateLessThan?.seconds;
    if (until === undefined) return none("step.time.none");
    return good("step.time.good", { left: until - (known.now ?? Math.floor(Date.now() / 1000)), until });
  },

  address(known) {
    const { inspection, viewer, probe } = known;
    if (!inspection.policy) return none("step.address.none");
    const range = inspection.policy.ipAddress;
    if (range === undefined) return none("step.address.every");
    if (!viewer) return open("step.address.unknown", { range });
    const denied = probe.denies(range, viewer);
    return denied ? bad({ ...denied, code: denied.reasonCode, message: denied.reason }) : good("step.address.good", { viewer, range });
  },
};

/** Says without the key what is certain without it, and never "denied" of what could not be checked. */
function bannerOf({ inspection, decision, found, key, url, steps }) {
  if (decision?.allowed && url) return { state: "good", title: "allowed", reason: { code: "banner.allowed.text", values: { left: decision.remaining } } };
  if (found.kind === "policy" && !steps.some(({ name, state }) => state === "bad" && name !== "key" && name !== "signature")) return { state: "open", title: "policy", reason: { code: "banner.policy.text" } };
  const cause = inspection.findings.find(({ severity, code }) => severity === "error" && stepOf(code) === "form") ?? steps.find(({ state }) => state === "bad")?.reason;
  if (cause) return { state: "bad", title: decision ? "denied" : "denied.anyhow", code: decision?.code, reason: cause };
  const missing = steps.find(({ state }) => state === "open");
  if (!key) return { state: "open", title: "unverified", reason: { code: "banner.unverified.text", values: { id: inspection.keyPairId } } };
  if (!url) return { state: "open", title: "no-url", reason: missing?.reason };
  if (missing?.name === "signature") return { state: "open", title: "other-key", reason: missing.reason };
  return { state: "open", title: "viewer", reason: missing?.reason };
}
