// "Sign": the form, its result after every change, and each message beside its field.
import { inspect, toSetCookie } from "./countersign.js";
import { offer, showOffers } from "./copy.js";
import { complain, element, make } from "./dom.js";
import { clock, isElsewhere, local } from "./format.js";
import { lengthOf, partsOf, showLegend } from "./parts.js";
import { explain } from "./reasons.js";
import { snippets } from "./snippets.js";
import { tabs } from "./tabs.js";
import { TimeLine } from "./time_line.js";
import { repair, theLanguage, word } from "./words.js";

const FIELDS = ["url", "until", "from", "address", "resource", "algorithm"];
/** The places of messages. */
const PLACES = ["url", "until", "from", "address", "resource", "private-key", "passphrase", "key-pair-id"];
const PLACE_OF_KEY = { PASSPHRASE_REQUIRED: "passphrase", WRONG_PASSPHRASE: "passphrase", INVALID_KEY_PAIR_ID: "key-pair-id" };
const HOUR = { dateLessThan: "1h" };
const LATEST = "2262-04-11";
const ANY_URL = "https://d111111abcdef8.cloudfront.net/";
const DURATIONS = { "15m": ["minute", 15], "1h": ["hour", 1], "1d": ["day", 1], "7d": ["day", 7] };

export class Sign {
  #key;
  #probe;
  #timeLine = new TimeLine(element("sign-time"), element("sign-countdown"));
  #tabs;
  #signed;
  tab = "url";

  constructor({ key, probe, lookInside }) {
    this.#key = key;
    this.#probe = probe;
    this.#tabs = tabs(element("tabs"), (name) => {
      this.tab = name;
      this.update();
    });
    for (const id of [...FIELDS, "key-pair-id", "passphrase", "matches"]) element(id).addEventListener("input", () => this.update());
    element("private-key").addEventListener("input", ({ target }) => {
      key.use(target.value);
      this.update();
    });
    element("until-date").addEventListener("input", ({ target }) => {
      // The calendar uses the viewer's time zone; the field shows UTC.
      if (target.value) element("until").value = new Date(target.value).toISOString().replace(/\.\d+Z$/, "Z");
      this.update();
    });
    element("durations").addEventListener("click", ({ target }) => {
      if (!target.dataset.until) return;
      element("until").value = target.dataset.until;
      this.update();
    });
    element("causes").addEventListener("click", ({ target }) => element(target.dataset.field ?? "causes").focus());
    element("own-key").addEventListener("click", () => this.showKeyField(element("own-key-field").hidden));
    for (const button of document.querySelectorAll("[data-generate]")) button.addEventListener("click", () => this.#makeKey(button.dataset.generate));
    element("look-inside").addEventListener("click", () => lookInside(this.tab === "cookies" ? this.#cookies() : this.#signed, this.#state().url));
    offer("result", () => (this.#signed ? element("result").textContent : undefined));
    offer("signed-text", () => element("signed-text").textContent);
    offer("public-key", () => key.described?.publicKey);
    offer("private-key", () => (key.described ? key.text : undefined));
    offer("aws-commands", () => element("aws-commands").textContent);
  }

  /** Takes a private key that was pasted into the box. */
  takeKey(text) {
    this.showKeyField(true);
    element("private-key").value = text;
    this.#key.use(text);
    this.update();
  }

  showKeyField(isShown) {
    element("own-key-field").hidden = !isShown;
    element("own-key").setAttribute("aria-expanded", String(isShown));
    if (isShown) element("private-key").focus();
  }

  async #makeKey(type) {
    element("key-told").textContent = word("key.making");
    await this.#key.make(type);
    element("private-key").value = element("passphrase").value = "";
    element("key-pair-id").value = this.#key.madeId;
    this.showKeyField(false);
    this.update();
  }

  #state() {
    const state = { keyPairId: element("key-pair-id").value.trim() };
    for (const name of FIELDS) state[name] = element(name).value.trim();
    return state;
  }

  update() {
    const state = this.#state();
    const key = this.#key;
    key.read({ keyPairId: state.keyPairId, passphrase: element("passphrase").value, algorithm: state.algorithm });
    const { signed, problems } = this.#sign(state);
    this.#signed = signed;
    this.#showKey();
    this.#showProblems(problems);
    this.#showUntil(state.until);
    this.#showMatches(state);
    this.#tabs.show(this.tab);
    element("panel").setAttribute("aria-labelledby", `tab-of-${this.tab}`);
    this.#showResult(state);
    this.#showOpens();
    element("aws-commands").textContent = awsCommands();
    showOffers();
  }

  tick() {
    this.#timeLine.tick();
  }

  /** The result, or the errors by field. */
  #sign(state) {
    const conditions = conditionsOf(state);
    if (state.resource) conditions.resource = state.resource;
    try {
      if (!this.#key.error) return { signed: this.#key.signer.signUrl(state.url, conditions), problems: {} };
    } catch (error) {
      const problems = this.#problems(state);
      return { problems: Object.keys(problems).length ? problems : { url: error } };
    }
    return { problems: { ...this.#problems(state), [PLACE_OF_KEY[this.#key.error.code] ?? "private-key"]: this.#key.error } };
  }

  /** Each field is tried with valid values beside it, so that each has a message of its own. */
  #problems({ keyPairId, url, until, from, address, resource }) {
    const { signer } = this.#probe;
    const problems = {};
    const check = (field, work) => {
      try {
        work();
        return true;
      } catch (error) {
        problems[field] = error;
        return false;
      }
    };
    check("key-pair-id", () => this.#probe.checkId(keyPairId));
    const isUrl = check("url", () => signer.signUrl(url, HOUR));
    const isUntil = check("until", () => signer.grant(ANY_URL, { dateLessThan: until }));
    if (from) check("from", () => signer.grant(ANY_URL, { dateLessThan: isUntil ? until : LATEST, dateGreaterThan: from }));
    if (address) check("address", () => signer.grant(ANY_URL, { ...HOUR, ipAddress: address }));
    if (resource) check("resource", () => (isUrl ? signer.signUrl(url, { ...HOUR, resource }) : signer.grant(resource, HOUR)));
    return problems;
  }

  #showProblems(problems) {
    for (const place of PLACES) complain(place, problems[place] && explain(problems[place]));
    element("causes").replaceChildren(...PLACES.filter((place) => problems[place]).map((place) => make("li", {}, make("button", { type: "button", "data-field": place }, labelOf(place)))));
    element("passphrase-field").hidden = !problems.passphrase && !element("passphrase").value;
    if (problems["private-key"] || problems.passphrase) element("own-key-field").hidden = false;
  }

  #showKey() {
    const { described, isMade, madeId } = this.#key;
    element("key-told").textContent = !described ? word("key.told.none") : isMade ? word("key.told.made") : [word("key.told.own", described), ...(described.repairs.length ? [word("key.repaired", { repairs: described.repairs.map(repair).join(word("key.and")) })] : [])].join(" ");
    element("key-fact").textContent = described ? word(`key.${described.keyType}`) : "";
    element("public-key").textContent = described?.publicKey ?? "";
    element("key-pair-id-hint").textContent = isMade && element("key-pair-id").value === madeId ? word("key.id.made") : word("key.id.hint");
  }

  #showUntil(until) {
    let hint = "";
    try {
      const seconds = this.#probe.moment(until);
      hint = clock(seconds, theLanguage());
      if (isElsewhere()) hint += ` · ${word("time.local", { time: local(seconds, theLanguage()) })}`;
      const moment = new Date(seconds * 1000);
      element("until-date").value = new Date(seconds * 1000 - moment.getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
    } catch {
      // The message stands beside the field.
    }
    element("until-hint").textContent = hint;
    for (const chip of element("durations").children) chip.setAttribute("aria-pressed", String(chip.dataset.until === until));
  }

  /** Each line is an address. A tick shows that the pattern covers it. */
  #showMatches({ resource }) {
    element("matches-field").hidden = !resource;
    if (!resource) return;
    if (!element("matches").value) element("matches").value = candidates(resource, element("url").value.trim());
    const lines = element("matches").value.split("\n").filter((line) => line.trim());
    element("matched").replaceChildren(...lines.map((line) => this.#matched(resource, line.trim())));
  }

  #matched(resource, url) {
    let state, text;
    try {
      state = this.#probe.covers(resource, url) ? "good" : "bad";
      text = word(`matches.${state}`);
    } catch (error) {
      state = "open";
      text = explain(error);
    }
    return make("li", { "data-state": state }, make("span", { className: "mark", "aria-hidden": "true" }, { good: "✓", bad: "✗", open: "?" }[state]), make("code", {}, url), " ", make("span", { className: "sentence" }, text));
  }

  #showResult(state) {
    const result = element("result");
    const isUrl = this.tab === "url";
    const text = this.#signed && this.#text(state);
    if (!text) result.textContent = word("result.none");
    else if (isUrl || this.tab === "cookies") result.replaceChildren(...partsOf(text, isUrl));
    else result.textContent = text;
    result.classList.toggle("quiet-text", !text);
    element("causes").hidden = Boolean(text);
    showLegend("result-legend", result);
    element("result-length").textContent = text && isUrl ? lengthOf(text) : "";
    element("copy-result").textContent = isUrl ? word("result.copy.url") : this.tab === "cookies" ? word("result.copy.cookies") : word("result.copy.code");
    element("look-inside").disabled = !text;
  }

  #text(state) {
    if (this.tab === "url") return this.#signed;
    if (this.tab === "cookies") return this.#cookies();
    return snippets[this.tab].code(state, this.#signed);
  }

  #cookies() {
    const state = this.#state();
    return toSetCookie(this.#key.signer.signCookies(state.resource || state.url, conditionsOf(state)), { path: "/" })
      .map((line) => `Set-Cookie: ${line}`)
      .join("\n");
  }

  #showOpens() {
    element("opens-card").hidden = !this.#signed;
    if (!this.#signed) return this.#timeLine.show();
    const { policy } = inspect(this.#signed);
    const from = policy.dateGreaterThan?.seconds;
    element("opens").textContent = word(policy.resource.includes("*") ? "opens.pattern" : "opens.one", { resource: policy.resource }) + (policy.ipAddress ? word("opens.range", { range: policy.ipAddress }) : word("opens.everybody"));
    element("opens-kind").textContent = word(`opens.${policy.kind}`);
    element("signed-text").textContent = policy.json;
    this.#timeLine.show({ until: policy.dateLessThan.seconds, from });
  }

  showWords() {
    const names = { url: word("result.url"), cookies: word("result.cookies"), ...Object.fromEntries(Object.entries(snippets).map(([name, snippet]) => [name, snippet.name])) };
    if (!(this.tab in names)) this.tab = "url";
    element("tabs").replaceChildren(...Object.entries(names).map(([name, text]) => make("button", { type: "button", role: "tab", id: `tab-of-${name}`, "data-tab": name, "aria-controls": "panel" }, text)));
    element("durations").replaceChildren(...Object.entries(DURATIONS).map(([value, [unit, number]]) => make("button", { type: "button", "data-until": value }, new Intl.NumberFormat(theLanguage(), { style: "unit", unit, unitDisplay: "long" }).format(number))));
  }
}

const labelOf = (field) => document.querySelector(`label[for="${field}"]`).textContent;

function conditionsOf({ until, from, address }) {
  const conditions = { dateLessThan: until };
  if (from) conditions.dateGreaterThan = from;
  if (address) conditions.ipAddress = address;
  return conditions;
}

/** Addresses to try a pattern with: the signed one, one with a query, one in another folder. */
function candidates(resource, url) {
  const covered = resource.replace(/^http\*/, "https").replace("*", "part-2.mp4?size=hd").replaceAll("*", "x");
  const other = resource.replace(/^http\*/, "https").replace(/^(https?:\/\/[^/]+).*/, "$1/other/file.txt").replaceAll("*", "x");
  return [url, covered, other].join("\n");
}

const awsCommands = () => `aws cloudfront create-public-key --public-key-config \\
  "{\\"CallerReference\\":\\"$(date +%s)\\",\\"Name\\":\\"signing-key\\",\\"EncodedKey\\":\\"$(awk '{printf "%s\\\\n", $0}' public_key.pem)\\"}"
aws cloudfront create-key-group --key-group-config Name=signers,Items=PUBLIC_KEY_ID`;
