// Writes moments, durations and numbers in a language.

const UNITS = [["day", 86_400], ["hour", 3_600], ["minute", 60], ["second", 1]];
const cache = new Map();

/** Intl's formats are slow to make and fast to use. */
function made(kind, language, options) {
  const key = `${kind.name} ${language} ${JSON.stringify(options)}`;
  if (!cache.has(key)) cache.set(key, new kind(language, options));
  return cache.get(key);
}

export const count = (number, language) => made(Intl.NumberFormat, language, {}).format(number);

const unit = (number, name, language, unitDisplay) => made(Intl.NumberFormat, language, { style: "unit", unit: name, unitDisplay }).format(number);

/** "12 minutes": whole units, rounded down, of the largest unit that gives at least two. */
export function span(seconds, language) {
  const [name, length] = UNITS.find(([, length]) => seconds >= 2 * length) ?? UNITS.at(-1);
  return unit(Math.floor(seconds / length), name, language, "long");
}

/** "59 min 48 sec": the two largest units, for countdowns. */
export function duration(seconds, language) {
  const first = Math.max(0, UNITS.findIndex(([, length]) => seconds >= length));
  const parts = seconds >= 1 ? UNITS.slice(first, first + 2) : UNITS.slice(-1);
  let rest = Math.max(0, Math.floor(seconds));
  return parts
    .map(([name, length], index) => {
      const number = Math.floor(rest / length);
      rest -= number * length;
      return index > 0 && number === 0 ? "" : unit(number, name, language, "short");
    })
    .filter(Boolean)
    .join(" ");
}

const DAY = { year: "numeric", month: "short", day: "numeric" };
const TIME = { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" };

const locale = (language) => (language === "en" ? "en-GB" : language);
const LATEST = 8_640_000_000_000;

const moment = (seconds, language, options) => (Math.abs(seconds) > LATEST ? String(seconds) : made(Intl.DateTimeFormat, locale(language), options).format(new Date(seconds * 1000)));

/** "28 Nov 2026, 04:24:50 UTC"; takes seconds, or text that `Date` reads. */
export function clock(time = "", language) {
  const seconds = typeof time === "number" ? time : Date.parse(time) / 1000;
  return Number.isNaN(seconds) ? String(time) : `${moment(seconds, language, { ...DAY, ...TIME, timeZone: "UTC" })} UTC`;
}

/** The day and the time separately: "28 Nov 2026", "04:24:50 UTC". */
export const dayAndTime = (seconds, language) => [moment(seconds, language, { ...DAY, timeZone: "UTC" }), `${moment(seconds, language, { ...TIME, timeZone: "UTC" })} UTC`];

/** The same moment in the viewer's time zone: "13:24:50 GMT+9", with the day if it differs. */
export function local(seconds, language) {
  const isSameDay = moment(seconds, "en", DAY) === moment(seconds, "en", { ...DAY, timeZone: "UTC" });
  return moment(seconds, language, { ...(isSameDay ? {} : { month: "short", day: "numeric" }), ...TIME, timeZoneName: "short" });
}

/** Whether the viewer's time zone differs from UTC. */
export const isElsewhere = () => new Date().getTimezoneOffset() !== 0;

/** A long text without its middle. */
export const short = (text = "", _, most = 72) => (text.length <= most ? text : `${text.slice(0, most / 2)}…${text.slice(-most / 3)}`);

/** A URL or pattern without its host, if the host is known already. */
export const path = (url = "") => short(url.replace(/^[^/]*\/\/[^/]+(?=\/.)/, "…"));
