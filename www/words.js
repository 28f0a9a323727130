// Finds a text in the page's language and inserts values: `{name}` unchanged, `{name:span}` and the like by the formats below.
import { named, policyFault, repair as repairIn } from "./core_words.js";
import { clock, count, duration, path, short, span } from "./format.js";
import en from "./words.en.js";
import ja from "./words.ja.js";

const LANGUAGES = { en, ja };
const FORMATS = { span, duration, clock, count, short, path, named, policyFault };

let language = "en";

export const theLanguage = () => language;
export const speaks = (name) => name in LANGUAGES;
export function speak(name) {
  language = name;
}

export const has = (name) => name in LANGUAGES[language];

/** The text with this name. An unknown name is shown unchanged, where the tests find it. */
export function word(name, values = {}) {
  const text = LANGUAGES[language][name] ?? name;
  return text.replace(/\{(\w+)(?::(\w+))?\}/g, (_, value, format) => (format ? FORMATS[format](values[value], language) : String(values[value] ?? "")));
}

/** A repair of a key, in the page's language. */
export const repair = (text) => repairIn(text, language);
