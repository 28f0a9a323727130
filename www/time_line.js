// When something opens: a line with its time span and the present, the moments in UTC and local time, and the time left.
import { make } from "./dom.js";
import { dayAndTime, isElsewhere, local } from "./format.js";
import { theLanguage, word } from "./words.js";

/** The margin before the first and after the last moment, as a share of the line. */
const MARGIN = 0.06;

export class TimeLine {
  #place;
  #countdown;
  #span;

  constructor(place, countdown) {
    this.#place = place;
    this.#countdown = countdown;
  }

  /** `until` and `from` in seconds; `now` only if another moment than the present counts. */
  show(span) {
    this.#span = span;
    this.tick();
  }

  /** Called every second too. */
  tick() {
    const span = this.#span;
    this.#countdown.textContent = "";
    if (span?.until === undefined) return this.#place.replaceChildren();
    const now = span.now ?? Date.now() / 1000;
    this.#countdown.textContent = this.#left(now);
    this.#place.replaceChildren(this.#line(now), this.#moments(Math.floor(now)));
  }

  #left(now) {
    const { from, until } = this.#span;
    if (from !== undefined && from >= now) return word("time.opens", { left: from - now });
    return until > now ? word("time.left", { left: until - now }) : word("time.over", { ago: now - until });
  }

  #line(now) {
    const { from, until } = this.#span;
    const first = Math.min(from ?? Math.min(now, until), now);
    const last = Math.max(until, now);
    const length = last - first || 1;
    const share = (moment) => 100 * (MARGIN + ((1 - 2 * MARGIN) * (moment - first)) / length);
    const start = from === undefined ? 0 : share(from);
    const isOpen = now < until && (from === undefined || from < now);
    const at = share(now);
    const bar = make("div", { className: `bar${isOpen ? "" : " over"}${from === undefined ? " endless" : ""}` });
    bar.style.left = `${start}%`;
    bar.style.width = `${share(until) - start}%`;
    const present = make("div", { className: "present" }, make("span", {}, word("time.now.short")));
    present.style.left = `${at}%`;
    present.classList.toggle("late", at > 85);
    return make("div", { className: "timeline", "aria-hidden": "true" }, bar, present);
  }

  #moments(now) {
    const { from, until } = this.#span;
    const rows = [["time.from", from], ["time.until", until], [this.#span.now === undefined ? "time.now" : "time.then", now]];
    const language = theLanguage();
    return make(
      "dl",
      { className: "moments" },
      ...rows.map(([name, moment]) => {
        const lines = (moment === undefined ? [word("time.at-once")] : dayAndTime(moment, language)).map((text) => make("dd", {}, text));
        if (moment !== undefined && isElsewhere()) lines.push(make("dd", { className: "hint" }, local(moment, language)));
        return make("div", {}, make("dt", {}, word(name)), ...lines);
      }),
    );
  }
}
