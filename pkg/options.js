// Reads a caller's options for Rust. If the caller's code throws meanwhile, the error is caught here: passing through WebAssembly it would
// leave the stack and borrows there behind.
import { attempt } from "./attempt.js";
import { isBytes } from "./host.js";
import { isTooLong } from "./text.js";

const { getTime } = Date.prototype;

/** Reads a property of the language's own, whatever the object has put over it; throws for what is no such object. */
const getter = (prototype, name) => {
  const { get } = Object.getOwnPropertyDescriptor(prototype, name);
  return (object) => get.call(object);
};
const typedArray = Object.getPrototypeOf(Uint8Array.prototype);
const lengthOf = getter(typedArray, "length");
const bufferOf = getter(typedArray, "buffer");
const offsetOf = getter(typedArray, "byteOffset");
const sizeOf = getter(ArrayBuffer.prototype, "byteLength");

/** An object whose prototype may hold members is not plain: they would be lost. The root of every realm has no prototype itself. */
export function isPlain(object) {
  if (typeof object !== "object" || object === null || Array.isArray(object)) return false;
  const prototype = Object.getPrototypeOf(object);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/**
 * A plain object's own members, each read once, in an object without a prototype; undefined, if it is another object. A getter that
 * throws is reported: Rust catches it.
 */
export function plainCopy(object) {
  if (!attempt(() => isPlain(object))) return undefined;
  const copy = { __proto__: null };
  // Symbols are left out: one that makes an iterable of it would have it read as a Map.
  for (const [name, value] of Object.entries(object)) copy[isTooLong(name) ? "" : name] = value;
  return copy;
}

const NAMED = ["Promise", "CryptoKey", "Map", "Set", "Headers", "Request", "URLSearchParams", "String"];

/** An object that people pass by mistake, by its name. */
function named(object) {
  const name = Object.prototype.toString.call(object).slice("[object ".length, -1);
  return NAMED.includes(name) ? `a ${name}${name === "Promise" ? ", which is not awaited" : ""}` : undefined;
}

/** The kind of a value, for messages; never its content. */
export function kind(value) {
  if (value === null) return "null";
  switch (typeof value) {
    case "undefined":
      return "undefined";
    case "string":
      return isTooLong(value) ? "a string of more than 1,000,000 characters" : "a string";
    case "bigint":
      return "a BigInt";
    case "object":
      return attempt(() => (Array.isArray(value) ? "an array" : named(value))) ?? "an object";
    default:
      return `a ${typeof value}`;
  }
}

/** A string, if it is one that is not too long. */
export const string = (value) => (typeof value === "string" && !isTooLong(value) ? value : undefined);

/** The time of a Date, whatever its methods became; undefined, if it is none. */
export const timeOf = (date) => attempt(() => getTime.call(date));

/** Everything that an iterable gives; undefined, if it is none, or throws. */
export const items = (iterable) =>
  attempt(() => (typeof iterable === "object" && typeof iterable[Symbol.iterator] === "function" ? Array.from(iterable) : undefined));

/** A copy of a Uint8Array; undefined, if it is another view, whose elements are no bytes, or too long. */
export const copyOfBytes = (view) => attempt(() => (isBytes(view) && !isTooLong({ length: lengthOf(view) }) ? new Uint8Array(view) : undefined));

// No signature is longer: that of the largest RSA key which may be loaded.
const LONGEST_SIGNATURE = 1024;

/** A Uint8Array or an ArrayBuffer that a signer returned, cut after one byte too many; undefined, if it is neither, or cannot be read. */
export const bytesOfSignature = (made) =>
  attempt(() => {
    const [buffer, offset, length] = isBytes(made) ? [bufferOf(made), offsetOf(made), lengthOf(made)] : [made, 0, sizeOf(made)];
    return new Uint8Array(buffer, offset, Math.min(length, LONGEST_SIGNATURE + 1));
  });
