// The signing key: made in this page, or the visitor's own. It stays in this module; nothing stores or sends it.
import { Signer, describeKey, generateKeyPair } from "./countersign.js";

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

/** An ID like CloudFront's that belongs to nobody else. */
function randomId() {
  const random = crypto.getRandomValues(new Uint8Array(13));
  return `K${Array.from(random, (byte) => LETTERS[byte % LETTERS.length]).join("")}`;
}

/** `text` is the private key, `described` what it is, `signer` signs with it; `error` says why there is none. */
export class Key {
  text = "";
  isMade = false;
  /** The ID that this page gave its own key. */
  madeId = randomId();
  #read = "";

  async make(type) {
    const { privateKey } = await generateKeyPair({ type });
    this.text = privateKey;
    this.isMade = true;
    this.made = privateKey;
  }

  use(text) {
    this.isMade = !text.trim();
    this.text = this.isMade ? this.made : text;
  }

  /** Reads the key if anything has changed. */
  read({ keyPairId, passphrase, algorithm }) {
    const asked = JSON.stringify([this.text, keyPairId, passphrase, algorithm]);
    if (asked === this.#read) return;
    this.#read = asked;
    this.signer?.free();
    this.signer = this.described = this.error = undefined;
    const own = { privateKey: this.text, passphrase: passphrase || undefined };
    try {
      this.described = describeKey(own.privateKey, own.passphrase);
      this.signer = new Signer({ ...own, keyPairId, algorithm: algorithm || undefined });
    } catch (error) {
      this.error = error;
    }
  }
}
