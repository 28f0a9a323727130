// The page: one box, three modes, two languages. What is pasted or typed stays here.
import { Verifier, ready } from "./countersign.js";
import { copy, tell } from "./copy.js";
import { element, make } from "./dom.js";
import { EXAMPLES } from "./examples.js";
import { Key } from "./key.js";
import { Look } from "./look.js";
import { completeMarkup } from "./markup.js";
import { recognise } from "./paste.js";
import { Probe } from "./probe.js";
import { explain } from "./reasons.js";
import { addressWith, keep, readFragment } from "./share.js";
import { Sign } from "./sign.js";
import { tabs } from "./tabs.js";
import { Try } from "./try.js";
import { speak, speaks, theLanguage, word } from "./words.js";

const MODES = ["look", "sign", "try"];
/** The fields that a shared link contains. */
const SHARED = ["asked", "viewer", "at", "trusted", "url", "resource", "until", "from", "address", "algorithm", "matches"];
const EXAMPLE = { url: "https://d111111abcdef8.cloudfront.net/films/trailer.mp4", until: "1h" };
const isExported = document.querySelector('meta[name="countersign-page"]')?.content === "exported";

class Page {
  #key = new Key();
  #modes = tabs(element("modes"), (name) => this.#choose(name));
  #mode = "look";
  #look;
  #sign;
  #try;
  #exampleSigner;
  #madeExample;

  async start() {
    await ready;
    const [probe] = await Promise.all([Probe.make(), this.#key.make("ECDSA")]);
    const [key, show] = [this.#key, (text, asked) => this.#showPasted(text, asked)];
    this.#look = new Look({ probe, key, show, example: () => this.#example() });
    this.#sign = new Sign({ probe, key, lookInside: show });
    this.#try = new Try({ key, isExported });
    this.#readState(readFragment());
    this.#listen();
    this.#showWords();
    setInterval(() => {
      this.#look.tick();
      this.#sign.tick();
    }, 1000);
  }

  #readState(state) {
    const wanted = state.lang ?? (navigator.language.startsWith("ja") ? "ja" : "en");
    speak(speaks(wanted) ? wanted : "en");
    if (MODES.includes(state.mode)) this.#mode = state.mode;
    for (const id of SHARED) element(id).value = state[id] ?? EXAMPLE[id] ?? "";
    element("pasted").value = state.pasted ?? "";
    element("key-pair-id").value = state.id ?? this.#key.madeId;
    this.#sign.tab = state.tab ?? "url";
    for (const name of ["file", "case"]) if (state[name]) this.#try[name] = state[name];
  }

  /** Everything shown except signing keys, wherever they are, and passphrases. Unrecognised text may be a key, so it is left out. */
  get #state() {
    const state = { mode: this.#mode, lang: theLanguage(), tab: this.#sign.tab, file: this.#try.file, case: this.#try.case };
    for (const id of [...SHARED, "pasted"]) state[id] = element(id).value;
    if (recognise(state.pasted).kind === "unknown") delete state.pasted;
    if (element("key-pair-id").value !== this.#key.madeId) state.id = element("key-pair-id").value;
    return Object.fromEntries(Object.entries(state).filter(([, value]) => !recognise(value).privateKey));
  }

  #listen() {
    element("pasted").addEventListener("input", () => this.#takePasted());
    element("pasted").addEventListener("paste", (event) => this.#takeKey(event));
    element("clear").addEventListener("click", () => {
      this.#showPasted("");
      element("pasted").focus();
    });
    element("examples").addEventListener("click", ({ target }) => {
      const example = EXAMPLES[target.dataset.example];
      if (example && this.#key.signer) this.#showPasted(example(this.#key.signer));
    });
    element("language").addEventListener("click", () => {
      speak(theLanguage() === "en" ? "ja" : "en");
      this.#showWords();
    });
    element("share").addEventListener("click", () => copy(addressWith(this.#state), word(this.#state.pasted ? "share.told.pasted" : "share.told")));
    document.addEventListener("dragover", (event) => event.preventDefault());
    document.addEventListener("drop", (event) => this.#takeFile(event));
  }

  /** What is shown before anything is pasted; undefined without a key to sign it with. */
  #example() {
    const { signer } = this.#key;
    if (signer && signer !== this.#exampleSigner) {
      this.#exampleSigner = signer;
      this.#madeExample = recognise(EXAMPLES.expired(signer));
    }
    return signer ? this.#madeExample : { kind: "nothing" };
  }

  #choose(mode) {
    this.#mode = mode;
    for (const name of MODES) element(name).hidden = name !== mode;
    this.#modes.show(mode);
    document.body.dataset.mode = mode;
    element("skip").href = `#${{ look: "banner", sign: "result-card", try: "answer" }[mode]}`;
    keep({ mode, lang: theLanguage() });
    if (mode === "try") this.#try.run();
  }

  /** Puts a text into the box as if it had been pasted, and shows its contents. */
  #showPasted(text, asked = "") {
    element("pasted").value = text;
    for (const id of ["asked", "viewer", "at"]) element(id).value = id === "asked" ? asked : "";
    this.#choose("look");
    this.#takePasted();
    element("pasted").scrollTop = 0;
  }

  #takePasted() {
    const found = recognise(element("pasted").value);
    if (found.kind === "private-key") return this.#takePrivateKey(found.privateKey);
    if (this.#mode === "sign" && found.kind === "url" && !found.isSigned) {
      element("url").value = found.url;
      this.#sign.update();
    } else if (this.#mode !== "look" && found.kind !== "nothing" && found.kind !== "unknown") {
      this.#choose("look");
    }
    this.#look.take(found);
    this.#showSaw(found);
  }

  /** A pasted public key verifies the URL that is shown, which stays. */
  #takeKey(event) {
    const { kind, publicKey, privateKey } = recognise(event.clipboardData?.getData("text") ?? "");
    if (kind === "private-key") {
      event.preventDefault();
      this.#takePrivateKey(privateKey);
    } else if (kind === "public-key" && element("pasted").value.trim()) {
      event.preventDefault();
      this.#takePublicKey(publicKey);
    }
  }

  #takePublicKey(text) {
    element("trusted").value = text;
    this.#look.update();
    tell(word("paste.took.public"));
  }

  #takePrivateKey(text) {
    if (recognise(element("pasted").value).privateKey) element("pasted").value = "";
    this.#choose("sign");
    this.#sign.takeKey(text);
    this.#takePasted();
    tell(word("paste.took.private"));
  }

  async #takeFile(event) {
    const [file] = event.dataTransfer.files;
    if (!file) return;
    event.preventDefault();
    const bytes = new Uint8Array(await file.arrayBuffer());
    // DER as Base64 is accepted too.
    const text = bytes[0] === 0x30 ? btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join("")) : new TextDecoder().decode(bytes);
    const place = event.target.closest?.("#private-key, #trusted");
    const { kind, publicKey } = recognise(text);
    if (place?.id === "private-key" || kind === "private-key") return this.#takePrivateKey(text);
    if (place?.id === "trusted") return this.#takePublicKey(text);
    if (kind === "public-key" && element("pasted").value.trim()) this.#takePublicKey(publicKey);
    else this.#showPasted(text);
  }

  #showSaw(found) {
    const { kind, status } = found;
    const isPlain = kind === "unknown" || kind === "public-key";
    const tags = isPlain || kind === "nothing" ? [] : [word(`saw.${kind}`), ...this.#look.tags, ...(kind === "log" && status ? [word("saw.status", { status })] : [])];
    element("saw").replaceChildren(...tags.map((tag) => make("span", { className: "tag" }, tag)), ...(isPlain ? [said(found)] : []));
    element("clear").hidden = kind === "nothing";
    element("saw").dataset.state = kind === "unknown" ? "bad" : "none";
    document.body.dataset.box = { nothing: "empty", unknown: "unread" }[kind] ?? "full";
    element("examples").hidden = document.body.dataset.box === "full";
  }

  #showWords() {
    const language = theLanguage();
    document.documentElement.lang = language;
    document.title = word("title");
    for (const place of document.querySelectorAll("[data-word]")) place.textContent = word(place.dataset.word);
    for (const place of document.querySelectorAll("[data-label]")) place.setAttribute("aria-label", word(place.dataset.label));
    for (const place of document.querySelectorAll("[data-placeholder]")) place.placeholder = word(place.dataset.placeholder);
    element("language").textContent = word("language");
    element("language").lang = language === "en" ? "ja" : "en";
    element("safe").textContent = word(isExported ? "safe.exported" : "safe");
    element("examples").replaceChildren(make("span", {}, word("examples.lead")), ...Object.keys(EXAMPLES).map((name) => make("button", { type: "button", "data-example": name }, word(`example.${name}`))));
    this.#sign.showWords();
    this.#try.showWords();
    this.#sign.update();
    this.#choose(this.#mode);
    this.#look.take(recognise(element("pasted").value));
    this.#showSaw(recognise(element("pasted").value));
  }
}

/** For text without anything to show. */
function said({ kind, publicKey }) {
  if (kind === "unknown") return word("saw.unknown");
  try {
    new Verifier({ publicKeys: { K: publicKey } });
    return word("saw.public-key.next");
  } catch (error) {
    return explain(error);
  }
}

export function start() {
  completeMarkup();
  return new Page().start();
}
