// The public test keys of tests/keys, and the names that the tests sign for.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

export const KEY_PAIR_ID = "K2JCJMDEHXQW5F";
export const HOST = "d111111abcdef8.cloudfront.net";
export const PASSPHRASE = "correct horse";

export const keyFile = (name) => fileURLToPath(new URL(`../keys/${name}.pem`, import.meta.url));

export const pem = (name) => readFileSync(keyFile(name), "utf8");

/** The bytes in a PEM. */
export const der = (text) => Buffer.from(text.replace(/-----[^-]+-----/g, ""), "base64");

export const publicKeys = { RSA: pem("rsa2048.pub"), ECDSA: pem("p256.pub") };
