// Reads the private key from Secrets Manager every five minutes, and finds the ID of its public key in CloudFront.
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { Signer, derivePublicKey } from "countersign";

/** How long after a change of the secret every container signs with the new key. */
const FRESH_FOR = 5 * 60_000;

const { SECRET, KEY_TYPE } = process.env;
const secrets = new SecretsManagerClient({});
let current: { signer: Signer; readAt: number } | undefined;

export async function currentSigner(): Promise<Signer> {
  if (current && Date.now() - current.readAt < FRESH_FOR) return current.signer;
  const readAt = Date.now();
  const { SecretString: privateKey } = await secrets.send(new GetSecretValueCommand({ SecretId: SECRET }));
  if (!privateKey) throw new Error("the secret holds no text: put the private key there as PEM");
  // CloudFront has taken SHA-256 since 2026 for keys of both kinds.
  const signer = new Signer({ keyPairId: keyPairId(derivePublicKey(privateKey)), privateKey, algorithm: "SHA256" });
  if (KEY_TYPE && KEY_TYPE !== signer.keyType) throw new Error(`the secret holds a key of type ${signer.keyType}; the function is set to ${KEY_TYPE}`);
  current?.signer.free();
  current = { signer, readAt };
  return signer;
}

/** The ID of this public key in the trusted key group. */
function keyPairId(pem: string): string {
  const base64 = (text = "") => text.replace(/-----[^-]+-----|\s/g, "");
  for (let index = 0; process.env[`PUBLIC_KEY_${index}`]; index++) {
    if (base64(process.env[`PUBLIC_KEY_${index}`]) === base64(pem)) return process.env[`KEY_PAIR_ID_${index}`]!;
  }
  throw new Error("the secret holds a private key whose public half is not in the trusted key group");
}
