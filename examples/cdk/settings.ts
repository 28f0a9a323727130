// The settings from -c NAME=VALUE or "context" in cdk.json, checked before use.
import type { Node } from "constructs";

export interface Settings {
  /** The names of the keys in the trusted key group, the one that signs and, while keys are changed, its successor or predecessor. */
  keys: string[];
  /** The only kind of key that the function signs with. Default: whichever the secret holds. */
  keyType?: "RSA" | "ECDSA";
  /** Only paths that begin like this can be signed. */
  signedPrefix: string;
  /** How long a signed URL and signed cookies are valid. */
  lifetime: string;
  /** The distribution's domain name, and its certificate, which must be in us-east-1. */
  domainName?: string;
  certificateArn?: string;
  /** The origin of the pages that load files by script, with cookies: CORS names it. */
  siteOrigin?: string;
  /** The domain that site and distribution share; signed cookies are set for it. */
  cookieDomain?: string;
  /** Anyone may call the function. */
  open: boolean;
}

const HOST = /^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/;

export function readSettings(node: Node): Settings {
  const read = (name: string, form: RegExp, meaning: string): string | undefined => {
    const value = node.tryGetContext(name);
    if (value === undefined) return undefined;
    if (typeof value !== "string" || !form.test(value)) throw new Error(`-c ${name}=${value}: ${meaning}`);
    return value;
  };
  const keys = read("keys", /^[A-Za-z0-9-]{1,40}(,[A-Za-z0-9-]{1,40})?$/, "one name of a key, or two with a comma between, of letters, digits and hyphens")?.split(",");
  if (!keys) throw new Error("-c keys=NAME is missing: it names the key, whose public half is in the parameter /private-files/public-keys/NAME");
  // Each name becomes a CloudFormation ID, which has no hyphens.
  if (new Set(keys.map((key) => key.replaceAll("-", ""))).size < keys.length) throw new Error(`-c keys=${keys}: the two names are the same but for hyphens`);
  const settings: Settings = {
    keys,
    keyType: read("keyType", /^(RSA|ECDSA)$/, "RSA, of 2048 bits, or ECDSA, on P-256") as Settings["keyType"],
    signedPrefix: read("signedPrefix", /^\/([\w.~-]+\/)*$/, "a path that begins and ends with /, such as /files/") ?? "/files/",
    lifetime: read("lifetime", /^[1-9]\d{0,5}[smhdw]$/, "a number and s, m, h, d or w, such as 30m") ?? "30m",
    domainName: read("domainName", HOST, "a host name, such as media.example.com"),
    certificateArn: read("certificateArn", /^arn:aws[\w-]*:acm:us-east-1:\d{12}:certificate\/[\w-]+$/, "the ARN of a certificate in us-east-1, where CloudFront looks for it"),
    siteOrigin: read("siteOrigin", /^https:\/\/[a-z0-9.-]+(:\d+)?$/, "an origin, such as https://app.example.com; with cookies CORS allows no *"),
    cookieDomain: read("cookieDomain", HOST, "the domain that site and distribution share, such as example.com"),
    open: read("open", /^(true|false)$/, "true or false") === "true",
  };
  const { domainName, certificateArn, cookieDomain } = settings;
  if (!domainName !== !certificateArn) throw new Error("-c domainName and -c certificateArn go together");
  if (cookieDomain && domainName !== cookieDomain && !domainName?.endsWith(`.${cookieDomain}`)) throw new Error(`-c cookieDomain=${cookieDomain}: the distribution's domainName must be below it`);
  return settings;
}
