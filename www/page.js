// The page: what is typed on the left is signed at every keystroke and shown on the right. Nothing of the key is kept or sent.
import "./load.js";
import { Signer, Verifier, describeKey, generateKeyPair, inspect, toSetCookie } from "./countersign/dist/api.js";
import { samples } from "./samples.js";
import { tryOut } from "./try.js";
import { words } from "./words.js";

const element = (id) => document.getElementById(id);
const FIELDS = { url: "url", resource: "resource", until: "until", from: "from", address: "address", algorithm: "algorithm", id: "key-pair-id" };
const exported = document.querySelector('meta[name="countersign-page"]')?.content === "exported";

let language = "en";
let tab = "url";
let signer, described, signed;
const word = (name) => words[language][name];

// --- State, in the fragment, without anything secret.

function readFragment() {
  const state = new URLSearchParams(location.hash.slice(1));
  for (const [name, id] of Object.entries(FIELDS)) if (state.has(name)) element(id).value = state.get(name);
  const wanted = state.get("lang") ?? (navigator.language.startsWith("ja") ? "ja" : "en");
  language = wanted in words ? wanted : "en";
  if (state.has("tab")) tab = state.get("tab");
}

function writeFragment() {
  const state = new URLSearchParams({ lang: language, tab });
  for (const [name, id] of Object.entries(FIELDS)) if (element(id).value) state.set(name, element(id).value);
  history.replaceState(null, "", `#${state}`);
}

function current() {
  const state = { keyPairId: element("key-pair-id").value };
  for (const name of ["url", "resource", "until", "from", "address", "algorithm"]) state[name] = element(name).value.trim();
  return state;
}

function conditionsOf({ until, from, address }) {
  const conditions = { dateLessThan: until };
  if (from) conditions.dateGreaterThan = from;
  if (address) conditions.ipAddress = address;
  return conditions;
}

// --- Errors, beside the field that caused them.

const KEY_ERRORS = ["INVALID_PRIVATE_KEY", "NOT_A_PRIVATE_KEY", "UNSUPPORTED_KEY", "UNSUPPORTED_ALGORITHM", "SIGNING_FAILED", "RANDOM_UNAVAILABLE"];

function fieldOf({ code, message }, state) {
  if (KEY_ERRORS.includes(code)) return "private-key";
  if (code === "PASSPHRASE_REQUIRED" || code === "WRONG_PASSPHRASE") return "passphrase";
  if (code === "INVALID_KEY_PAIR_ID") return "key-pair-id";
  if (code === "INVALID_DATE_RANGE" || message.startsWith("dateGreaterThan")) return "from";
  if (code === "INVALID_DATE" || code === "ALREADY_EXPIRED") return "until";
  if (code === "INVALID_IP_ADDRESS" || code === "IPV6_NOT_SUPPORTED") return "address";
  if (code === "RESOURCE_MISMATCH" || (state.resource && message.includes("the resource"))) return "resource";
  return "url";
}

function showError(error, state) {
  for (const place of document.querySelectorAll(".error")) {
    const id = place.id.replace(/-error$/, "");
    const own = error !== undefined && fieldOf(error, state) === id;
    place.textContent = own ? [error.message, error.hint].filter(Boolean).join(". ") : "";
    if (own) element(id).setAttribute("aria-invalid", "true");
    else element(id).removeAttribute("aria-invalid");
  }
}

// --- The key.

function readKey(state) {
  signer?.free();
  signer = described = undefined;
  const privateKey = element("private-key").value;
  element("key-description").textContent = "";
  if (!privateKey.trim()) return;
  const passphrase = element("passphrase").value || undefined;
  described = describeKey(privateKey, passphrase);
  const { keyType, bits, container, encoding, repairs } = described;
  element("key-description").textContent = `${keyType} ${bits}, ${container}, ${encoding}${repairs.length ? `; ${word("key.repaired")}${repairs.join(", ")}` : ""}`;
  element("public-key").value = described.publicKey;
  signer = new Signer({ keyPairId: state.keyPairId, privateKey, passphrase, algorithm: state.algorithm || undefined });
}

/** By the browser's WebCrypto, which takes a moment for RSA; a page that is not secure has none. */
async function makeKey(type) {
  element("key-description").textContent = word("key.making");
  try {
    element("private-key").value = (await generateKeyPair({ type })).privateKey;
  } catch (error) {
    element("key-description").textContent = error.message;
    return;
  }
  element("passphrase").value = "";
  update({ key: true });
}

// --- The result.

function parts(url) {
  const names = { Expires: "policy", Policy: "policy", Signature: "signature", "Key-Pair-Id": "id", "Hash-Algorithm": "id" };
  return url.split(/(?<=[?&])|(?=[?&])/).map((text) => {
    const span = document.createElement("span");
    span.textContent = text;
    const kind = names[text.split("=")[0]];
    if (kind) span.className = `part-${kind}`;
    return span;
  });
}

function showResult(state) {
  const result = element("result");
  if (!signed) {
    result.textContent = word("result.none");
    element("length").textContent = "";
    return;
  }
  if (tab === "url") result.replaceChildren(...parts(signed));
  else if (tab === "cookies") result.textContent = cookies(state);
  else result.textContent = samples[tab](state, signed);
  element("length").textContent = `${result.textContent.length} ${word("result.length")}`;
}

function cookies(state) {
  try {
    return toSetCookie(signer.signCookies(state.resource || state.url, conditionsOf(state)), { path: "/" }).map((line) => `Set-Cookie: ${line}`).join("\n");
  } catch (error) {
    return error.message;
  }
}

function showTabs() {
  const names = { url: word("result.url"), cookies: word("result.cookies"), ...Object.fromEntries(Object.keys(samples).map((name) => [name, name])) };
  if (!(tab in names)) tab = "url";
  const buttons = Object.entries(names).map(([name, text]) => {
    const button = document.createElement("button");
    Object.assign(button, { type: "button", role: "tab", id: `tab-${name}`, textContent: text, tabIndex: name === tab ? 0 : -1, ariaSelected: String(name === tab) });
    button.setAttribute("aria-controls", "panel");
    button.addEventListener("click", () => choose(name));
    return button;
  });
  element("tabs").replaceChildren(...buttons);
  element("panel").setAttribute("aria-labelledby", `tab-${tab}`);
}

function choose(name) {
  tab = name;
  showTabs();
  update();
}

element("tabs").addEventListener("keydown", ({ key }) => {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[key];
  if (!step) return;
  const names = ["url", "cookies", ...Object.keys(samples)];
  choose(names[(names.indexOf(tab) + step + names.length) % names.length]);
  element(`tab-${tab}`).focus();
});

// --- Inside.

let times;
function showInside() {
  const policy = signed && inspect(signed).policy;
  element("pretty").textContent = policy?.pretty ?? "";
  element("signed-text").textContent = policy?.json ?? "";
  element("kind").textContent = policy ? word(`what.${policy.kind}`) : "";
  times = policy && { from: policy.dateGreaterThan?.seconds, until: policy.dateLessThan.seconds, signedAt: Date.now() / 1000 };
  showTime();
}

/** The line from the first of start, signing and now to the last of end and now; it moves by the second. */
function showTime() {
  const timeline = element("timeline");
  timeline.hidden = !times;
  if (!times) return (element("times").textContent = "");
  const now = Date.now() / 1000;
  const start = times.from ?? times.signedAt;
  const first = Math.min(start, now);
  const length = Math.max(times.until, now) - first || 1;
  const share = (moment) => `${(100 * (moment - first)) / length}%`;
  timeline.querySelector(".span").style.left = share(start);
  timeline.querySelector(".span").style.width = `${(100 * (times.until - start)) / length}%`;
  timeline.querySelector(".now").style.left = share(now);
  const utc = (moment) => new Date(moment * 1000).toISOString().replace(/\.\d+Z$/, "Z");
  const named = [times.from && word("inside.from") + utc(times.from), word("inside.now") + utc(now), word("inside.until") + utc(times.until)].filter(Boolean).join(" · ");
  element("times").textContent = named;
  timeline.setAttribute("aria-label", named);
}
setInterval(showTime, 1000);

// --- Look inside what was pasted.

function showPasted() {
  const text = element("pasted").value.trim();
  const [decision, findings, inspected] = ["decision", "findings", "inspected"].map(element);
  decision.textContent = inspected.textContent = decision.className = "";
  findings.replaceChildren();
  inspected.hidden = !text;
  if (!text) return;
  try {
    const found = inspect(text);
    findings.replaceChildren(...found.findings.map(({ severity, message }) => Object.assign(document.createElement("li"), { className: `severity-${severity}`, textContent: `${severity}: ${message}` })));
    const { policy, signature } = found;
    inspected.textContent = JSON.stringify({ ...found, findings: undefined, signature, policy: policy && { ...policy, pretty: undefined } }, null, 2);
    decision.textContent = word("look.unverified");
    const trusted = element("trusted").value.trim() || described?.publicKey;
    if (!trusted || !found.keyPairId) return;
    const verifier = new Verifier({ publicKeys: { [found.keyPairId]: trusted } });
    // Cookies are for the address that is to be signed above.
    const request = found.source === "url" ? { url: text } : { url: element("url").value.trim(), cookies: text };
    const verdict = verifier.verify({ ...request, ipAddress: element("viewer").value.trim() || undefined });
    decision.className = verdict.allowed ? "allowed" : "denied";
    decision.textContent = verdict.allowed ? `${word("look.allowed")} (${verdict.remaining} s)` : `${word("look.denied")} ${verdict.code}: ${verdict.reason}`;
  } catch (error) {
    decision.className = "denied";
    decision.textContent = [error.message, error.hint].filter(Boolean).join(". ");
  }
}

// --- All of it.

let nextKey = true;
function update({ key = false } = {}) {
  nextKey ||= key;
  const state = current();
  signed = undefined;
  let error;
  try {
    if (nextKey || signer?.keyPairId !== state.keyPairId) {
      // A key that is refused is read again at the next change.
      nextKey = true;
      readKey(state);
      nextKey = false;
    }
    if (signer) signed = signer.signUrl(state.url, state.resource ? { ...conditionsOf(state), resource: state.resource } : conditionsOf(state));
  } catch (thrown) {
    error = thrown;
  }
  showError(error, state);
  showResult(state);
  showInside();
  showPasted();
  element("aws-commands").textContent = awsCommands(state);
  writeFragment();
}

const awsCommands = () => `aws cloudfront create-public-key --public-key-config \\
  "{\\"CallerReference\\":\\"$(date +%s)\\",\\"Name\\":\\"signing-key\\",\\"EncodedKey\\":\\"$(awk '{printf "%s\\\\n", $0}' public_key.pem)\\"}"
aws cloudfront create-key-group --key-group-config Name=signers,Items=PUBLIC_KEY_ID`;

function showWords() {
  document.documentElement.lang = language;
  for (const place of document.querySelectorAll("[data-word]")) place.textContent = word(place.dataset.word);
  for (const place of document.querySelectorAll("[data-word-label]")) place.setAttribute("aria-label", word(place.dataset.wordLabel));
  element("language").textContent = word("language");
  element("language").lang = language === "en" ? "ja" : "en";
  if (exported) element("try-text").textContent = word("try.exported");
  showTabs();
  trial.show();
}

const trial = tryOut({ exported, word, signer: () => signer, publicKey: () => described?.publicKey });

for (const id of ["private-key", "passphrase", "algorithm"]) element(id).addEventListener("input", () => update({ key: true }));
for (const id of ["key-pair-id", "url", "resource", "until", "from", "address"]) element(id).addEventListener("input", () => update());
for (const id of ["pasted", "viewer", "trusted"]) element(id).addEventListener("input", showPasted);
element("generate-ecdsa").addEventListener("click", () => makeKey("ECDSA"));
element("generate-rsa").addEventListener("click", () => makeKey("RSA"));
element("language").addEventListener("click", () => {
  language = language === "en" ? "ja" : "en";
  showWords();
  update({ key: true });
});
for (const button of document.querySelectorAll("[data-until]")) {
  button.addEventListener("click", () => {
    element("until").value = button.dataset.until;
    update();
  });
}
element("until-date").addEventListener("input", ({ target }) => {
  // The calendar's time is the viewer's own; the field shows it in UTC.
  if (target.value) element("until").value = new Date(target.value).toISOString().replace(/\.\d+Z$/, "Z");
  update();
});
for (const button of document.querySelectorAll("[data-copy]")) {
  button.addEventListener("click", async () => {
    const source = element(button.dataset.copy);
    await navigator.clipboard.writeText(source.value ?? source.textContent);
    element("copied").textContent = word("copied");
    setTimeout(() => (element("copied").textContent = ""), 2000);
  });
}
const dropped = element("private-key");
dropped.addEventListener("dragover", (event) => event.preventDefault());
dropped.addEventListener("drop", async (event) => {
  const [file] = event.dataTransfer.files;
  if (!file) return;
  event.preventDefault();
  const bytes = new Uint8Array(await file.arrayBuffer());
  // DER as Base64, which is read too.
  dropped.value = bytes[0] === 0x30 ? btoa(String.fromCharCode(...bytes)) : new TextDecoder().decode(bytes);
  update({ key: true });
});

readFragment();
if (!element("url").value) element("url").value = "https://d111111abcdef8.cloudfront.net/films/trailer.mp4";
showWords();
makeKey("ECDSA");
