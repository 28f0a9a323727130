// Answers questions that no export answers alone, by signing with a key that opens nothing.
import { Signer, Verifier, generateKeyPair } from "./countersign.js";

const ID = "KPROBE";
const URL = "https://d111111abcdef8.cloudfront.net/";

export class Probe {
  signer;
  #verifier;
  #publicKey;

  static async make() {
    const { privateKey, publicKey } = await generateKeyPair({ type: "ECDSA" });
    const probe = new Probe();
    probe.#publicKey = publicKey;
    probe.signer = new Signer({ keyPairId: ID, privateKey });
    probe.#verifier = new Verifier({ publicKeys: { [ID]: publicKey } });
    return probe;
  }

  /** The epoch seconds of a date or a duration; throws if it is wrong. */
  moment(text) {
    const { policy } = this.signer.grant(URL, { dateLessThan: text, allowExpired: true });
    return JSON.parse(policy).Statement[0].Condition.DateLessThan["AWS:EpochTime"];
  }

  /** Throws if a key pair ID is wrong. */
  checkId(keyPairId) {
    new Verifier({ publicKeys: { [keyPairId]: this.#publicKey } });
  }

  /** The denial of a viewer whose address is outside the range. */
  denies(ipAddress, viewer) {
    const decision = this.#verifier.verify({ url: this.signer.signUrl(URL, { dateLessThan: "1h", ipAddress }), ipAddress: viewer });
    return decision.allowed ? undefined : decision;
  }

  /** Whether a resource covers a URL. */
  covers(resource, url) {
    try {
      this.signer.grant(resource, { dateLessThan: "1h" }).url(url);
      return true;
    } catch (error) {
      if (error.code === "RESOURCE_MISMATCH") return false;
      throw error;
    }
  }
}
