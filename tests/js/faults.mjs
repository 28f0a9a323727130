// Finds what is wrong with a peer's signed URL, by CloudFront's rules and node:crypto. Independent of the code under test.
import { covers, onlyStatement, urlFault } from "./cloudfront_rules.mjs";
import { SIGNING_PARAMETERS, verifyUrl } from "./signed_url.mjs";

/** The possible faults of a peer's result, the codes that we refuse them with, and the promise in docs/architecture.md that decides. */
export const FAULTS = {
  "not a URL": { codes: ["INVALID_URL", "UNSUPPORTED_SCHEME"], rule: "1: what is signed is what is sent" },
  "not http or https": { codes: ["UNSUPPORTED_SCHEME"], rule: "1: what is signed is what is sent" },
  "not in wire form": { codes: ["INVALID_URL"], rule: "1: what is signed is what is sent" },
  "user name in the URL": { codes: ["INVALID_URL"], rule: "1: no client sends it" },
  fragment: { codes: ["INVALID_URL"], rule: "1: no client sends it" },
  "empty query part": { codes: ["INVALID_URL"], rule: "1: empty query parts are dropped before signing" },
  "does not verify": { codes: ["INVALID_URL"], rule: "1: what is signed is what is sent" },
  "reserved parameter": { codes: ["RESERVED_PARAMETER"], rule: "4: a reserved query parameter is an error" },
  "wildcard in a canned policy": { codes: ["WILDCARD_IN_URL"], rule: "3: a URL is one address" },
  "wildcard that opens more than the URL": { codes: ["WILDCARD_IN_URL"], rule: "3: a URL is one address" },
  "not covered by the policy": { codes: ["RESOURCE_MISMATCH"], rule: "3: a resource must match the URL" },
  "protocol left open in cookies": { codes: ["UNSUPPORTED_SCHEME"], rule: "3: cookies name their protocol" },
  "malformed policy": { codes: ["INVALID_POLICY"], rule: "4: nothing that CloudFront cannot read" },
  "malformed address": { codes: ["INVALID_IP_ADDRESS", "IPV6_NOT_SUPPORTED", "INVALID_POLICY"], rule: "4: a bad option is an error" },
  "date out of range": { codes: ["INVALID_DATE"], rule: "4: a bad option is an error" },
  "start after end": { codes: ["INVALID_DATE_RANGE"], rule: "4: a bad option is an error" },
  "seconds read as milliseconds": { codes: ["INVALID_DATE"], rule: "4: a bad option is an error" },
  "start dropped": { codes: ["INVALID_DATE", "INVALID_OPTION"], rule: "4: no dropped restriction" },
  "address dropped": { codes: ["INVALID_IP_ADDRESS", "INVALID_OPTION"], rule: "4: no dropped restriction" },
  "address changed": { codes: ["INVALID_IP_ADDRESS"], rule: "4: a bad option is an error" },
  "conditions ignored beside a policy": { codes: ["INVALID_OPTION", "INVALID_DATE", "INVALID_IP_ADDRESS"], rule: "4: no dropped restriction" },
};

/** The faults of a signed URL, and its policy if the signature is right. */
export function signedUrlFaults(output, publicKey, algorithm) {
  const faults = [urlFault(output)].filter(Boolean);
  const names = URL.canParse(output) ? [...new URL(output).searchParams.keys()] : [];
  const added = algorithm === "SHA256" ? 4 : 3;
  if (names.filter((name) => SIGNING_PARAMETERS.includes(name)).length > added) return { faults: [...faults, "reserved parameter"] };
  let signed;
  try {
    signed = verifyUrl(output, publicKey);
  } catch {
    return { faults: [...faults, "does not verify"] };
  }
  if (signed.parameters.has("Expires") && signed.resource.split("?")[0].includes("*")) faults.push("wildcard in a canned policy");
  const resource = onlyStatement(signed.policy)?.Resource;
  if (typeof resource === "string" && !covers(resource, signed.resource)) faults.push("not covered by the policy");
  return { faults, policy: signed.policy };
}
