// The core's own words within a sentence of the page: unchanged in English, translated in Japanese.
import names from "./names.ja.js";
import policyFaults from "./policy_faults.ja.js";
import repairs from "./repairs.ja.js";

const patternOf = (english) => new RegExp(`^${english.split("{}").map((text) => text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&")).join("(.+?)")}$`);

/** A thing that the core names. */
export const named = (text = "", language) => (language === "ja" && names[text]) || text;

/** A repair of a key. */
export const repair = (text, language) => (language === "ja" && repairs[text]) || text;

/** Why CloudFront cannot read a policy. The JSON parser's own words have no translation. */
export function policyFault(text = "", language) {
  if (language === "en") return text;
  for (const [english, japanese] of Object.entries(policyFaults)) {
    const match = patternOf(english).exec(text);
    if (!match) continue;
    const [, ...found] = match;
    let next = 0;
    return japanese.replace(/\{(\d?)\}/g, (_, at) => named(found[at === "" ? next++ : Number(at)], language));
  }
  return "JSON の構造、条件の名前、秒数の書き方を確認してください";
}
