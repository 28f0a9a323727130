// Finds a text in the language of the page and puts values into it: `{name}` as it is, `{name:span}` and the like by the formats below.
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

/** The text of this name; a name without a text is shown as it is, and found by the tests. */
export function word(name, values = {}) {
  const text = LANGUAGES[language][name] ?? name;
  return text.replace(/\{(\w+)(?::(\w+))?\}/g, (_, value, format) => (format ? FORMATS[format](values[value], language) : String(values[value] ?? "")));
}

/** What was mended in a key. */
export const repair = (text) => repairIn(text, language);
