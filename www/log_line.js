// A line of CloudFront's standard access log: the request, its time, the viewer's address, and the answer.
// Source: AWS, *Standard logging reference*
// (https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logs-reference.html).

/** The columns if no `#Fields` line names them. */
const COLUMNS =
  "date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status cs(Referer) cs(User-Agent) cs-uri-query cs(Cookie) x-edge-result-type x-edge-request-id x-host-header cs-protocol cs-bytes time-taken x-forwarded-for ssl-protocol ssl-cipher x-edge-response-result-type cs-protocol-version fle-status fle-encrypted-fields c-port time-to-first-byte x-edge-detailed-result-type sc-content-type sc-content-len sc-range-start sc-range-end".split(" ");

/** The last request of a log; undefined if the text is not a log. */
export function readLogLine(text) {
  const row = text.startsWith("{") ? ofJson(text) : ofColumns(text);
  return row && request(row);
}

function ofColumns(text) {
  const lines = text.split(/\r?\n/).filter((line) => line.trim());
  const names = lines.findLast((line) => line.startsWith("#Fields:"))?.slice(8).trim().split(/\s+/) ?? COLUMNS;
  const line = lines.findLast((line) => !line.startsWith("#"));
  if (!line || !/^\d{4}-\d\d-\d\d\s+\d\d:\d\d:\d\d\s/.test(line)) return undefined;
  const values = line.split(line.includes("\t") ? "\t" : /\s+/);
  // CloudFront escapes special characters once more, including the URL's `%`.
  return Object.fromEntries(names.map((name, index) => [name, unescaped(values[index] ?? "-")]));
}

/** Non-ASCII characters stay escaped, as in the URL. */
const unescaped = (value) => value.replace(/%([2-7][0-9a-f])/gi, (escape, hex) => (hex.toLowerCase() === "7f" || hex === "20" ? escape : String.fromCharCode(parseInt(hex, 16))));

function ofJson(text) {
  try {
    const row = JSON.parse(text.trim().split(/\r?\n/).at(-1));
    return typeof row["cs-uri-stem"] === "string" ? row : undefined;
  } catch {
    return undefined;
  }
}

function request(row) {
  const value = (name) => (row[name] === undefined || row[name] === "-" || row[name] === "" ? undefined : String(row[name]));
  const host = value("x-host-header") ?? value("cs(Host)");
  const path = value("cs-uri-stem");
  if (!host || !path) return undefined;
  const query = value("cs-uri-query");
  const ended = Date.parse(`${value("date")}T${value("time")}Z`) / 1000 || Number(value("timestamp(ms)")) / 1000 || Number(value("timestamp"));
  return {
    url: `${value("cs-protocol") === "http" ? "http" : "https"}://${host}${path}${query ? `?${query}` : ""}`,
    cookies: value("cs(Cookie)"),
    viewer: value("c-ip"),
    // The log has the time of the end, but validity is decided at the beginning.
    at: Number.isFinite(ended) ? Math.floor(ended - (Number(value("time-taken")) || 0)) : undefined,
    status: value("sc-status"),
  };
}
