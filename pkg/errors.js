// The one error class of this package. A program may load it twice, as ESM and as CommonJS: the brand lets `instanceof` recognise
// the errors of both copies.
const brand = Symbol.for("countersign.CountersignError");

export class CountersignError extends Error {
  // Bundlers rename classes, and consoles show the name that the class has.
  static name = "CountersignError";

  constructor(code, message, hint, option, values, errors) {
    super(message);
    this.code = code;
    if (hint !== undefined) this.hint = hint;
    if (option !== undefined) this.option = option;
    if (values !== undefined) this.values = values;
    if (errors !== undefined) this.errors = errors;
  }

  /** For JSON.stringify, which would write nothing useful of an Error. */
  toJSON() {
    const { name, code, message, hint, option, values, errors } = this;
    return { name, code, message, hint, option, values, errors };
  }

  static [Symbol.hasInstance](value) {
    if (this !== CountersignError) return Function.prototype[Symbol.hasInstance].call(this, value);
    try {
      return typeof value === "object" && value !== null && value[brand] === true;
    } catch {
      // A proxy may throw at any access.
      return false;
    }
  }
}

Object.defineProperties(CountersignError.prototype, {
  name: { value: "CountersignError", configurable: true, writable: true },
  [brand]: { value: true },
});

/** An error of ours, and what led to it. */
export function caused(code, message, hint, cause) {
  const error = new CountersignError(code, message, hint);
  if (cause !== undefined) Object.defineProperty(error, "cause", { value: cause, configurable: true, writable: true });
  return error;
}

export const freed = () =>
  new CountersignError("FREED", "this signer was freed and no longer holds a key", "Make a new one, or call free() later.");
