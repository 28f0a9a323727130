// A signer whose key never leaves AWS KMS. The role that runs it needs kms:Sign and kms:GetPublicKey for the key, and nothing else.
import { GetPublicKeyCommand, SignCommand } from "@aws-sdk/client-kms";
import { AsyncSigner } from "countersign";

const KINDS = {
  RSA_2048: { keyType: "RSA", SigningAlgorithm: "RSASSA_PKCS1_V1_5_SHA_256" },
  ECC_NIST_P256: { keyType: "ECDSA", SigningAlgorithm: "ECDSA_SHA_256" },
};

/**
 * `keyId` is the id, ARN or alias of a KMS key for signing, RSA_2048 or ECC_NIST_P256; `keyPairId` the id that CloudFront shows for
 * its public key.
 */
export async function kmsSigner(kms, { keyId, keyPairId }) {
  const { PublicKey, KeySpec, CustomerMasterKeySpec } = await kms.send(new GetPublicKeyCommand({ KeyId: keyId }));
  // Stand-ins for KMS know only the older name.
  const spec = KeySpec ?? CustomerMasterKeySpec;
  const kind = KINDS[spec];
  if (!kind) throw new Error(`the KMS key is ${spec}; CloudFront takes RSA_2048 and ECC_NIST_P256`);
  return AsyncSigner.fromSign({
    keyPairId,
    keyType: kind.keyType,
    // KMS has no SHA-1.
    algorithm: "SHA256",
    publicKey: PublicKey,
    async sign(message) {
      const { Signature } = await kms.send(new SignCommand({ KeyId: keyId, Message: message, MessageType: "RAW", SigningAlgorithm: kind.SigningAlgorithm }));
      return Signature;
    },
  });
}
