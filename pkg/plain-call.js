// A fast path for the most common call, a URL and { dateLessThan }: it enters WebAssembly once. It decides nothing: everything else goes
// the normal way.
import { timeOf } from "./options.js";
import { isTooLong } from "./text.js";

/** The members of a plain object, read once; the object itself, if it is another one, or if reading it throws. */
function ownMembers(options) {
  try {
    if (typeof options !== "object" || Object.getPrototypeOf(options) !== Object.prototype || Array.isArray(options)) return options;
    return { ...options };
  } catch {
    return options;
  }
}

function signPlainUrl(core, url, date) {
  switch (typeof date) {
    case "number":
      return core.signPlainUrl(url, date, undefined, undefined, Date.now());
    case "string":
      return isTooLong(date) ? undefined : core.signPlainUrl(url, undefined, undefined, date, Date.now());
    default:
      return core.signPlainUrl(url, undefined, timeOf(date), undefined, Date.now());
  }
}

export function signUrl(core, url, options) {
  const members = ownMembers(options);
  if (typeof url === "string" && !isTooLong(url) && members !== options) {
    const names = Object.keys(members);
    if (names.length === 1 && names[0] === "dateLessThan") {
      const signed = signPlainUrl(core, url, members.dateLessThan);
      if (signed !== undefined) return signed;
    }
  }
  return core.signUrl(url, members);
}
