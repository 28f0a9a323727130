// The host's synchronous crypto, where there is one: Node, Bun, Deno, and workerd with nodejs_compat.
//
// Options have no prototype: a `passphrase` that somebody put on Object.prototype would otherwise be taken for one of theirs, and
// Node 20 ends the process over it.
import { attempt } from "./attempt.js";
import { builtin, host } from "./host.js";
import { copyOfSignature } from "./options.js";

// Without it, its uses throw, and `attempt` gives undefined.
let crypto;

let starting = () => false;

/** Finds it. Each loader calls this on import, or passes it in, and with it a function that says whether a program that serves requests is still starting. */
export function findCrypto(found = builtin("node:crypto"), isStarting = starting) {
  crypto ??= found;
  starting = isStarting;
}

/** Whether there is time now that a request will not have. */
export const isStarting = () => starting();

export const hasCrypto = () => crypto !== undefined;

/** Whether it is faster than the module for this type of key: for P-256, Deno's takes two to five times as long. */
export const isFaster = (keyType) => hasCrypto() && !(keyType === "ECDSA" && host("Deno") !== undefined);

/**
 * PKCS#1 or PKCS#8 in DER, and a hash → a function that signs with a key object that is made once. If it is given a signature too, it
 * says whether it is one of this key.
 */
export function importKey(der, form, hash) {
  // A copy: WebAssembly's memory moves when it grows.
  const copy = der.slice();
  const key = attempt(() => crypto.createPrivateKey({ __proto__: null, key: copy, format: "der", type: form }));
  copy.fill(0);
  return key && ((message, signature) => (signature ? crypto.verify(hash, message, key, signature) : crypto.sign(hash, message, key)));
}

/** SubjectPublicKeyInfo in DER → a function that verifies with a key object that is made once. */
export function importPublicKey(der) {
  const key = attempt(() => crypto.createPublicKey({ __proto__: null, key: der.slice(), format: "der", type: "spki" }));
  return key && ((hash, message, signature) => crypto.verify(hash, message, key, signature));
}

/** Whether it is a signature of such a function's key. */
export const isOwn = (sign, message, signature) => attempt(() => sign(message.slice(), signature.slice())) === true;

/** Calls a function that verifies; undefined if it fails. */
export function callVerify(verify, hash, message, signature) {
  const answer = attempt(() => verify(hash, message.slice(), signature.slice()));
  return typeof answer === "boolean" ? answer : undefined;
}

// The host signs a copy: WebAssembly's memory moves when it grows. The copies share one place.
let spare = new Uint8Array(1024);

/** What such a function returns, in bytes of its own; undefined, if it fails. */
export function callSign(sign, message) {
  // A host that calls this package while it signs finds no place, and is given one.
  const place = spare?.length >= message.length ? spare : new Uint8Array(message.length);
  spare = undefined;
  try {
    place.set(message);
    return copyOfSignature(sign(place.subarray(0, message.length)));
  } catch {
    return undefined;
  } finally {
    spare = place;
  }
}
