// The subjects that are timed in every runtime. They know nothing of the host, which passes them the packages that run there.

const keyPairId = "K2JCJMDEHXQW5F";
const url = "https://d111111abcdef8.cloudfront.net/films/trailer.mp4?size=hd";
const dateLessThan = 1_924_959_599;
const policy = `{"Statement":[{"Resource":"${url}","Condition":{"DateLessThan":{"AWS:EpochTime":${dateLessThan}}}}]}`;

/** How many URLs the subject `grant` signs. */
export const GRANT_URLS = 1000;

const bytes = (pem) => Uint8Array.from(atob(pem.replace(/-----[^-]+-----|\s/g, "")), (character) => character.charCodeAt(0));

/** WebCrypto's `sign` and `verify` alone, with keys imported once. */
async function webCrypto({ privateKey, publicKey }, imported, used) {
  const { subtle } = globalThis.crypto;
  const message = new TextEncoder().encode(policy);
  const own = await subtle.importKey("pkcs8", bytes(privateKey), imported, false, ["sign"]);
  const key = await subtle.importKey("spki", bytes(publicKey), imported, false, ["verify"]);
  const signature = await subtle.sign(used, own, message);
  if (!(await subtle.verify(used, key, signature, message))) throw new Error("WebCrypto denies its own signature");
  return { sign: () => subtle.sign(used, own, message), verify: () => subtle.verify(used, key, signature, message) };
}

/** The subjects by name. `awsSdk` is `@aws-sdk/cloudfront-signer`, if it runs here. */
export async function subjects({ AsyncSigner, Signer, Verifier }, keys, awsSdk) {
  const options = (type, engine) => ({ keyPairId, privateKey: keys[type].privateKey, engine });
  const made = {};
  const engines = {};
  for (const [type, name] of [["RSA", "rsa"], ["ECDSA", "p256"]]) {
    for (const engine of ["auto", "wasm"]) {
      const signer = new Signer(options(type, engine));
      engines[`${name}-${engine}`] = signer.engine;
      made[`${name}-${engine}`] = () => signer.signUrl(url, { dateLessThan });
    }
    if (awsSdk) {
      const date = new Date(dateLessThan * 1000);
      made[`${name}-sdk`] = () => awsSdk.getSignedUrl({ url, keyPairId, privateKey: keys[type].privateKey, dateLessThan: date });
    }
  }
  const rsa = await webCrypto(keys.RSA, { name: "RSASSA-PKCS1-v1_5", hash: "SHA-1" }, "RSASSA-PKCS1-v1_5");
  const p256 = await webCrypto(keys.ECDSA, { name: "ECDSA", namedCurve: "P-256" }, { name: "ECDSA", hash: "SHA-256" });
  Object.assign(made, { "rsa-web": rsa.sign, "p256-web": p256.sign, "verify-web": rsa.verify });

  const signer = await AsyncSigner.fromKey({ keyPairId, privateKey: keys.RSA.privateKey });
  made.async = () => signer.signUrl(url, { dateLessThan });

  const verifier = new Verifier({ publicKeys: { [keyPairId]: keys.RSA.publicKey } });
  const request = { url: made["rsa-wasm"]() };
  if (!verifier.verify(request).allowed) throw new Error("a right URL is denied");
  made.verify = () => verifier.verify(request);

  const grant = new Signer(options("RSA")).grant("https://d111111abcdef8.cloudfront.net/stream/*", { dateLessThan });
  const urls = Array.from({ length: GRANT_URLS }, (_, i) => `https://d111111abcdef8.cloudfront.net/stream/${i}.ts`);
  made.grant = () => grant.urls(urls);
  return { made, engines };
}
