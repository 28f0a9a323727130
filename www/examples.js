// Examples to try, made with the page's own key.
import { toSetCookie } from "./countersign.js";

const URL = "https://d111111abcdef8.cloudfront.net/films/trailer.mp4";
const FOLDER = "https://d111111abcdef8.cloudfront.net/films/*";
const GOOD = { dateLessThan: "1h" };
const seconds = (ago) => new Date(Date.now() - ago * 1000).toISOString();

export const EXAMPLES = {
  good: (signer) => signer.signUrl(URL, GOOD),
  expired: (signer) => signer.signUrl(URL, { dateLessThan: "-12m", allowExpired: true, resource: FOLDER }),
  changed: (signer) => signer.signUrl(URL, GOOD).replace("trailer", "film"),
  address: (signer) => signer.signUrl(URL, { ...GOOD, ipAddress: "192.0.2.0/24" }),
  cookies: (signer) => `${URL}\nCookie: ${toSetCookie(signer.signCookies(FOLDER, GOOD)).map((line) => line.split(";")[0]).join("; ")}`,
  log: (signer) => logLine(signer.signUrl(URL, { dateLessThan: "-2h", allowExpired: true })),
};

/** The URL as CloudFront's standard log writes it. */
function logLine(signed) {
  const { host, pathname, search } = new globalThis.URL(signed);
  const [date, time] = seconds(3600).replace(/\..*/, "").split("T");
  const query = search.slice(1).replaceAll("%", "%25").replaceAll("~", "%7E");
  return [date, time, "NRT57-C1", 383, "198.51.100.7", "GET", host, pathname, 403, "-", "curl/8.5.0", query, "-", "Error", "dGhpcyBpcyBhbiBleGFtcGxl", host, "https", 432, "0.001"].join("\t");
}
