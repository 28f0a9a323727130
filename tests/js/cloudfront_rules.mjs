// CloudFront's rules for policies, URLs and resources, written a second time from AWS's documentation, to judge
// what a peer signed. Independent of the code under test.

/** The latest second for `Expires`. */
const LATEST = 9_223_372_036;

const IPV4_RANGE = /^((25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)\.){3}(25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)\/(3[0-2]|[12]?\d)$/;

const onlyMembers = (object, names) =>
  typeof object === "object" && object !== null && !Array.isArray(object) && Object.keys(object).every((name) => names.includes(name));

/** The faults that CloudFront finds in a policy's text. `aws_sdk.test.mjs` names them. */
export function policyFaults(text) {
  const statement = onlyStatement(text);
  if (!statement || !onlyMembers(statement, ["Resource", "Condition"])) return ["malformed policy"];
  if ("Resource" in statement && typeof statement.Resource !== "string") return ["malformed policy"];
  const condition = statement.Condition;
  if (!onlyMembers(condition, ["DateLessThan", "DateGreaterThan", "IpAddress"])) return ["malformed policy"];
  const member = (name, key) => (onlyMembers(condition[name], [key]) ? condition[name][key] : undefined);
  const faults = [];
  const moments = ["DateLessThan", "DateGreaterThan"].filter((name) => name === "DateLessThan" || name in condition);
  for (const seconds of moments.map((name) => member(name, "AWS:EpochTime"))) {
    if (!Number.isInteger(seconds)) faults.push("malformed policy");
    else if (seconds < 0 || seconds > LATEST) faults.push("date out of range");
  }
  if (member("DateGreaterThan", "AWS:EpochTime") >= member("DateLessThan", "AWS:EpochTime")) faults.push("start after end");
  if ("IpAddress" in condition && !IPV4_RANGE.test(member("IpAddress", "AWS:SourceIp"))) faults.push("malformed address");
  return faults;
}

/** The statement of a policy that has exactly one. */
export function onlyStatement(text) {
  try {
    const policy = JSON.parse(text);
    const isPolicy = onlyMembers(policy, ["Statement"]) && Array.isArray(policy.Statement) && policy.Statement.length === 1;
    return isPolicy ? policy.Statement[0] : undefined;
  } catch {
    return undefined;
  }
}

/** Whether clients send a URL as it is written, and CloudFront takes it as unsigned. */
export function urlFault(url) {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (!parsed) return "not a URL";
  if (!["http:", "https:"].includes(parsed.protocol)) return "not http or https";
  if (parsed.username || parsed.password || /^https?:\/\/[^/?#]*@/i.test(url)) return "user name in the URL";
  if (url.includes("#")) return "fragment";
  // Node 20's parser leaves `^` as it is, newer ones escape it; Chromium escapes `|`.
  if (/^[^?]*[\^|]/.test(url)) return "not in wire form";
  if (parsed.href !== url) return "not in wire form";
  if (/\?$|\?&|&&|&$/.test(url)) return "empty query part";
  return undefined;
}

/** The address that a client requests, and its fragment, by the host's own parser. */
export function asSent(url) {
  const { protocol, host, pathname, search, hash } = new URL(url);
  const parts = search.slice(1).split("&").filter((part) => part !== "");
  // Clients differ about `^` in a path, where the standard changed, and about `|`, where Chromium departs from it. Once escaped, every
  // client leaves them as they are.
  return { address: `${protocol}//${host}${pathname.replaceAll("^", "%5E").replaceAll("|", "%7C")}${parts.length ? "?" : ""}${parts.join("&")}`, hash };
}

/** Whether a URL's query has one of CloudFront's parameters, escaped or not. */
export const hasReservedParameter = (url) => {
  const names = ["Expires", "Policy", "Signature", "Key-Pair-Id", "Hash-Algorithm"];
  return URL.canParse(url) && names.some((name) => new URL(url).searchParams.has(name));
};

/**
 * Whether a resource covers a URL: "a wildcard matches only within its section" of protocol, domain, path and query string, but a
 * `*` at the end of the path covers every query, one at the end of the domain every path and query, and `*` alone everything.
 */
export function covers(resource, url) {
  if (resource === "*" || resource === url) return true;
  const pattern = resource.startsWith("*") && !/^\*:\/\//.test(resource) ? `*://${resource}` : resource;
  const sections = /^([a-z*?]+):\/\/([^/?]*)([^?]*)(?:\?(.*))?$/s;
  const [wanted, found] = [sections.exec(pattern), sections.exec(url)];
  if (!wanted || !found) return false;
  const matches = (glob, text) =>
    new RegExp(`^${glob.replace(/[.+^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*").replaceAll("?", ".")}$`, "s").test(text);
  const [, protocol, domain, path, query] = wanted;
  if (!matches(protocol, found[1]) || !matches(domain, found[2])) return false;
  if (path === "" && query === undefined && domain.endsWith("*")) return true;
  if (!matches(path || "/", found[3])) return false;
  if (query === undefined) return found[4] === undefined || path.endsWith("*");
  return found[4] !== undefined && matches(query, found[4]);
}
