// "Look inside": decodes, judges and draws what was pasted. Its policy can be changed and signed again.
import { toSetCookie } from "./countersign.js";
import { complain, element, make } from "./dom.js";
import { offer, showOffers } from "./copy.js";
import { clock, short } from "./format.js";
import { compact, legible } from "./json_text.js";
import { lengthOf, partsOf, showLegend } from "./parts.js";
import { explain, guideTo } from "./reasons.js";
import { TimeLine } from "./time_line.js";
import { judge } from "./verdict.js";
import { has, theLanguage, word } from "./words.js";

const MARKS = { good: "✓", bad: "✗", open: "?", none: "–" };
const SHOWN = ["url", "cookies", "policy", "log"];
/** The deepest indentation of JSON. */
const DEEPEST = 24;

export class Look {
  #probe;
  #key;
  #timeLine = new TimeLine(element("look-time"), element("look-countdown"));
  #found = { kind: "nothing" };
  /** What is shown: the pasted text, or an example. */
  #subject;
  #example;
  #verdict;
  #signedAgain;
  /** When the verdict changes by itself. */
  #boundary;

  /** `example` makes what is shown before anything is pasted. */
  constructor({ probe, key, show, example }) {
    this.#example = example;
    this.#probe = probe;
    this.#key = key;
    for (const id of ["trusted", "asked", "viewer", "at"]) element(id).addEventListener("input", () => this.update());
    element("edit-policy").addEventListener("click", () => (element("editor").hidden ? this.#openEditor() : this.#closeEditor()));
    element("policy-text").addEventListener("input", () => this.#signAgain());
    element("look-again").addEventListener("click", () => show(this.#signedAgain));
    offer("policy", () => this.#verdict?.inspection.policy?.json);
    offer("signed-again", () => this.#signedAgain);
  }

  /** Takes a pasted text, and fills the fields with what came with it. */
  take(found) {
    if (found.kind === "log") {
      element("viewer").value = found.viewer ?? "";
      element("at").value = found.at === undefined ? "" : new Date(found.at * 1000).toISOString().replace(".000", "");
    } else if (this.#found.kind === "log") {
      element("viewer").value = element("at").value = "";
    }
    if (found.cookies && found.url) element("asked").value = found.url;
    if (found.publicKey) element("trusted").value = found.publicKey;
    this.#found = found;
    this.#closeEditor();
    this.update();
  }

  update() {
    const isExample = this.#found.kind === "nothing" && !element("trusted").value.trim();
    const found = isExample ? this.#example() : this.#found;
    this.#subject = found;
    this.#verdict = this.#boundary = undefined;
    const isShown = SHOWN.includes(found.kind);
    element("look-full").hidden = !isShown;
    element("example-shown").hidden = !isExample;
    element("answered").hidden = found.kind !== "answer";
    if (found.kind === "answer") this.#showAnswer(found.code);
    if (!isShown) return this.#timeLine.show();
    const now = this.#moment();
    try {
      this.#verdict = judge({ found, now, asked: element("asked").value.trim(), viewer: element("viewer").value.trim() || undefined, keyFor: (id) => this.#keyFor(id), probe: this.#probe });
      this.#show(this.#verdict, now);
    } catch (error) {
      this.#showUnreadable(error);
    }
    showOffers();
  }

  /** Called every second. */
  tick() {
    if (this.#boundary !== undefined && Date.now() / 1000 >= this.#boundary) this.update();
    this.#timeLine.tick();
  }

  /** Shows above the panels what was pasted. */
  get tags() {
    const { inspection } = this.#verdict ?? {};
    if (!inspection) return [];
    const { policy, signature, algorithm } = inspection;
    return [policy && word(`policy.${policy.kind}`), signature?.keyType && word(`key.${signature.keyType}`), signature && (algorithm === "SHA1" ? "SHA-1" : algorithm === "SHA256" ? "SHA-256" : short(algorithm))].filter(Boolean);
  }

  #moment() {
    const text = element("at").value.trim();
    complain("at");
    try {
      return text ? this.#probe.moment(text) : undefined;
    } catch (error) {
      complain("at", explain(error));
      return undefined;
    }
  }

  /** A pasted key is tried for any ID. The page's own key counts for its own ID only. */
  #keyFor(id) {
    const pasted = element("trusted").value.trim();
    if (pasted) return { publicKey: pasted, isCertain: true, isOwn: false };
    const { signer, described, isMade, madeId } = this.#key;
    if (!signer || signer.keyPairId !== id) return undefined;
    return { publicKey: described.publicKey, isCertain: !isMade || id === madeId, isOwn: true };
  }

  /** The body of a 403 tells only its code. */
  #showAnswer(code) {
    const reason = { code: has(`answer.${code}`) ? `answer.${code}` : "answer.other", values: { code } };
    showBanner({ place: "answered", state: "bad", title: word(code === "s3" ? "answered.s3" : "answered", { code }), text: explain(reason), guide: guideTo(reason) });
  }

  #showUnreadable(error) {
    showBanner({ state: "open", title: word("banner.unreadable"), text: explain(error) });
    for (const id of ["steps", "findings", "decoded", "encoded", "encoded-legend"]) element(id).replaceChildren();
    element("policy-buttons").hidden = true;
    this.#timeLine.show();
  }

  #show({ inspection, steps, banner, keyError, others }, now) {
    const { policy, source, keyPairId } = inspection;
    const own = !element("trusted").value.trim() && keyPairId && this.#keyFor(keyPairId);
    element("trusted-label").textContent = keyPairId ? word("check.key", { id: short(keyPairId) }) : word("check.key.none");
    element("check-key").textContent = own ? word("check.own") : "";
    complain("trusted", keyError && explain(keyError));
    element("asked-field").hidden = source !== "cookies" || this.#subject.kind === "policy";
    showBanner({ state: banner.state, title: word(`banner.${banner.title}`, banner), text: banner.reason && explain(banner.reason), guide: guideTo(banner.reason) });
    element("steps").replaceChildren(...steps.map(shownStep));
    element("findings").hidden = others.length === 0;
    element("findings").replaceChildren(...others.map((finding) => make("li", { className: finding.severity }, make("b", {}, word(`severity.${finding.severity}`)), " ", explain(finding))));
    this.#showEncoded(source);
    element("decoded-kind").textContent = policy ? word(`policy.${policy.kind}`) : "";
    element("decoded").replaceChildren(...decodedRows(inspection));
    element("policy-buttons").hidden = !policy?.json;
    const [until, from] = [policy?.dateLessThan?.seconds, policy?.dateGreaterThan?.seconds];
    this.#timeLine.show({ until, from, now });
    // Access begins after the second of `from`.
    const changes = [from === undefined ? undefined : from + 1, until].filter((moment) => moment > Date.now() / 1000);
    if (now === undefined && changes.length) this.#boundary = Math.min(...changes);
  }

  #showEncoded(source) {
    const { kind, url, cookies, policy } = this.#subject;
    const isUrl = source === "url";
    const pieces = kind === "policy" ? [make("span", { "data-part": "policy" }, policy)] : partsOf(isUrl ? url : cookies, isUrl);
    element("encoded").replaceChildren(...pieces);
    showLegend("encoded-legend", element("encoded"));
    element("encoded-length").textContent = isUrl ? lengthOf(url) : "";
  }

  #openEditor() {
    element("editor").hidden = false;
    element("edit-policy").setAttribute("aria-expanded", "true");
    element("policy-text").value = legible(this.#verdict.inspection.policy);
    element("policy-text").focus();
    this.#signAgain();
  }

  #closeEditor() {
    element("editor").hidden = true;
    element("edit-policy").setAttribute("aria-expanded", "false");
    this.#signedAgain = undefined;
  }

  /** Signs the editor's policy, without the added white space, with the key of the other mode. */
  #signAgain() {
    const { signer } = this.#key;
    const { source, url } = this.#verdict.inspection;
    this.#signedAgain = undefined;
    complain("policy-text");
    element("policy-note").textContent = signer ? word(this.#key.isMade ? "policy.by-made" : "policy.by-own", { id: signer.keyPairId }) : word("policy.no-key");
    try {
      const policy = { policy: compact(element("policy-text").value) };
      if (signer) this.#signedAgain = source === "url" ? signer.signUrl(url, policy) : toSetCookie(signer.signCookies(policy)).map((line) => line.split(";")[0]).join("; ");
    } catch (error) {
      complain("policy-text", explain(error));
    }
    element("signed-again").replaceChildren(...(this.#signedAgain ? partsOf(this.#signedAgain, source === "url") : []));
    element("look-again").disabled = !this.#signedAgain;
    showOffers();
  }
}

function showBanner({ place = "banner", state, title, text, guide }) {
  element(place).dataset.state = state;
  const show = (id, value = "") => element(id).textContent !== value && (element(id).textContent = value);
  show(`${place}-title`, title);
  show(`${place}-text`, text);
  const link = element(`${place}-guide`);
  link.hidden = !guide;
  if (guide) {
    link.href = `docs/${word("guide.file")}.html#${guide.anchor}`;
    link.textContent = word(`guide.${guide.name}`);
  }
}

function shownStep({ name, state, reason }) {
  return make(
    "li",
    { "data-state": state, "data-step": name },
    make("span", { className: "mark", "aria-hidden": "true" }, MARKS[state]),
    make("b", {}, word(`step.${name}`), make("span", { className: "hidden" }, ` ${word(`state.${state}`)}:`)),
    make("span", { className: "sentence" }, explain(reason)),
  );
}

function decodedRows({ url, policy, signature, keyPairId, algorithm, source }) {
  const row = (kind, ...content) => [make("dt", { "data-part": kind }, word(`part.${kind}`)), make("dd", { "data-part": kind }, ...content)];
  const rows = [];
  if (url) rows.push(...row("address", make("code", {}, url), ...readable(url)));
  if (policy?.pretty) rows.push(...row("policy", make("pre", {}, ...annotated(policy)), ...(policy.kind === "canned" ? [make("p", { className: "hint" }, word("policy.rebuilt"))] : [])));
  else if (policy) rows.push(...row("policy", word("policy.depends", { time: policy.dateLessThan?.seconds })));
  if (signature) rows.push(...row("signature", word(signature.keyType ? `signature.${signature.keyType}` : "signature.unknown", signature)));
  if (keyPairId) rows.push(...row("id", make("code", {}, keyPairId)));
  if (signature || source === "url") rows.push(...row("hash", algorithm === "SHA1" ? word("hash.SHA1") : algorithm === "SHA256" ? word("hash.SHA256") : short(algorithm)));
  return rows;
}

/** The readable form of an escaped address. */
function readable(url) {
  try {
    const text = decodeURI(url);
    return text === url ? [] : [make("p", { className: "hint" }, text)];
  } catch {
    return [];
  }
}

/** The policy's JSON, with the date below each number of seconds. Long lines continue below their beginning. */
function annotated(policy) {
  const moments = [policy.dateLessThan, policy.dateGreaterThan].filter(Boolean).map(({ seconds }) => seconds);
  const line = (indent, text, className) => {
    const made = make("span", { className }, text);
    made.style.paddingLeft = `${indent + 2}ch`;
    return made;
  };
  return legible(policy).split("\n").flatMap((text) => {
    const content = text.trimStart();
    const indent = Math.min(text.length - content.length, DEEPEST);
    const seconds = moments.find((moment) => new RegExp(`"AWS:EpochTime":\\s*"?${moment}\\b`).test(text));
    return seconds === undefined ? [line(indent, content)] : [line(indent, content), line(indent, `↑ ${clock(seconds, theLanguage())}`, "note")];
  });
}
