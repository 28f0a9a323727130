// The host's synchronous crypto, where there is one: Node, Bun, Deno, and workerd with nodejs_compat.
//
// Options have no prototype: a `passphrase` that somebody put on Object.prototype would otherwise be taken for one of theirs, and
// Node 20 ends the process over it.
import { attempt } from "./attempt.js";
import { builtin, host } from "./host.js";
import { bytesOfSignature } from "./options.js";

// Without it, its uses throw, and `attempt` gives undefined.
let crypto;

let starting = () => false;

/** Finds it, or takes it from the loader that calls this on import, with a function that says whether a Worker is still starting. */
export function findCrypto(found = builtin("node:crypto"), isStarting = starting) {
  crypto ??= found;
  starting = isStarting;
}

/** Whether there is time now that a request will not have. */
export const isStarting = () => starting();

export const hasCrypto = () => crypto !== undefined;

/** Whether it is faster than the module for this type of key: for P-256, Deno's takes two to five times as long. */
export const isFaster = (keyType) => hasCrypto() && !(keyType === "ECDSA" && host("Deno") !== undefined);

/** PKCS#1 or PKCS#8 in DER, and the hash to sign with → what `callSign` and `isOwn` take. */
export function importKey(der, form, hash) {
  // A copy: WebAssembly's memory moves when it grows.
  const copy = der.slice();
  const key = attempt(() => crypto.createPrivateKey({ __proto__: null, key: copy, format: "der", type: form }));
  copy.fill(0);
  return key && { key, hash };
}

/** SubjectPublicKeyInfo in DER → a key for `callVerify`. */
export const importPublicKey = (der) =>
  attempt(() => crypto.createPublicKey({ __proto__: null, key: der.slice(), format: "der", type: "spki" }));

/** Whether it is a signature of the key; undefined if the host does not say. */
export function callVerify(key, hash, message, signature) {
  const answer = attempt(() => crypto.verify(hash, message.slice(), key, signature.slice()));
  return typeof answer === "boolean" ? answer : undefined;
}

/** The same for an imported private key. */
export const isOwn = ({ key, hash }, message, signature) => callVerify(key, hash, message, signature) === true;

// The host signs a copy: WebAssembly's memory moves when it grows. The copies share one place.
let spare = new Uint8Array(1024);

/** The signature; undefined, if the host fails. */
export function callSign({ key, hash }, message) {
  // A host that calls this package while it signs finds no place, and is given one.
  const place = spare?.length >= message.length ? spare : new Uint8Array(message.length);
  spare = undefined;
  try {
    place.set(message);
    return bytesOfSignature(crypto.sign(hash, place.subarray(0, message.length), key));
  } catch {
    return undefined;
  } finally {
    spare = place;
  }
}
