// The host's synchronous crypto, where there is one: Node, Bun, Deno, and workerd with nodejs_compat. It is found at run time,
// because a static import of node:crypto would break every other runtime.
const crypto = globalThis.process?.getBuiltinModule?.("node:crypto");

export const hostCrypto = crypto && {
  // PKCS#8 in DER → a function that signs with a key object that is made once.
  importKey(der) {
    const key = crypto.createPrivateKey({ key: der, format: "der", type: "pkcs8" });
    return (hash, message) => crypto.sign(hash, message, key);
  },

  // PEM → a function that verifies with a key object that is made once.
  importPublicKey(pem) {
    const key = crypto.createPublicKey(pem);
    return (hash, message, signature) => crypto.verify(hash, message, key, signature);
  },

  generateKeyPair(type) {
    const encoding = { publicKeyEncoding: { type: "spki", format: "pem" }, privateKeyEncoding: { type: "pkcs8", format: "pem" } };
    const { privateKey, publicKey } =
      type === "RSA"
        ? crypto.generateKeyPairSync("rsa", { modulusLength: 2048, ...encoding })
        : crypto.generateKeyPairSync("ec", { namedCurve: "prime256v1", ...encoding });
    return { privateKey, publicKey };
  },
};
