// New keys, by the host's WebCrypto: its random numbers and its search for primes are better than our own would be.
import * as core from "./dist/glue.js";
import { caused } from "./errors.js";
import { messageOf, subtleCrypto } from "./host.js";

const ALGORITHMS = {
  RSA: { __proto__: null, name: "RSASSA-PKCS1-v1_5", hash: "SHA-256", modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) },
  ECDSA: { __proto__: null, name: "ECDSA", namedCurve: "P-256" },
};

/** The private key of a new pair, as PKCS#8 in DER. */
async function newKey(type) {
  const subtle = subtleCrypto();
  const { privateKey } = await subtle.generateKey(ALGORITHMS[type], true, ["sign", "verify"]);
  return new Uint8Array(await subtle.exportKey("pkcs8", privateKey));
}

export async function generateKeyPair(options) {
  const type = core.newKeyType(options);
  let der;
  try {
    der = await newKey(type);
  } catch (cause) {
    throw caused("HOST_CRYPTO_UNAVAILABLE", `WebCrypto cannot make a key here: ${messageOf(cause)}`, "In a Cloudflare Worker, call it inside a handler. Elsewhere, make the key at a shell: openssl genrsa -out private_key.pem 2048.", cause);
  }
  try {
    return core.keyPair(der);
  } finally {
    der.fill(0);
  }
}
