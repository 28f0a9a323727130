// What each part of the app returns: signed URLs with both kinds of key, the verdicts on them, and an error.
import { AsyncSigner, CountersignError, Signer, Verifier, inspect } from "countersign";

const keyPairId = "K2JCJMDEHXQW5F";
const url = "https://d111111abcdef8.cloudfront.net/a?b=c";
const conditions = { dateLessThan: "2030-01-01", now: "2029-01-01" };

// Public test keys. A real page must have no private key except its visitor's.
export const keys = JSON.parse(process.env.NEXT_PUBLIC_KEYS);

export async function report() {
  const found = {};
  for (const [type, { privateKey, publicKey }] of Object.entries(keys)) {
    const signer = new Signer({ keyPairId, privateKey });
    const asyncSigner = await AsyncSigner.fromKey({ keyPairId, privateKey });
    const urls = [signer.signUrl(url, conditions), await asyncSigner.signUrl(url, conditions)];
    const verifier = new Verifier({ publicKeys: { [keyPairId]: publicKey } });
    found[type] = { urls, engine: signer.engine, allowed: urls.map((url) => verifier.verify({ url, now: "2029-01-01" }).allowed), keyPairId: inspect(urls[0]).keyPairId };
  }
  try {
    new Signer({ keyPairId, privateKey: "nothing" });
  } catch (error) {
    found.error = { own: error instanceof CountersignError, code: error.code, hint: typeof error.hint };
  }
  return found;
}
