//! The private-key operation by AWS-LC (feature `aws-lc-rs`): ECDSA, and RSA with SHA-256. aws-lc-rs signs nothing with RSA and
//! SHA-1; that stays with the crate `rsa`.

use aws_lc_rs::digest::{Digest, SHA256};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, RSA_PKCS1_SHA256, RsaKeyPair};

use crate::key::ecdsa_signature;
use crate::key::{Algorithm, KeyType, PrivateKey};

/// A key that AWS-LC holds, and wipes when it is dropped.
pub(super) enum KeyPair {
    Rsa(RsaKeyPair),
    Ecdsa(EcdsaKeyPair),
}

impl KeyPair {
    /// Nothing, if AWS-LC does not take the key: RSA has to have 2048 bits at the least.
    pub(super) fn new(key: &PrivateKey) -> Option<Self> {
        let der = key.to_pkcs8_der().ok()?;
        match key.key_type() {
            KeyType::Rsa => RsaKeyPair::from_pkcs8(&der).ok().map(Self::Rsa),
            KeyType::Ecdsa => EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &der).ok().map(Self::Ecdsa),
        }
    }

    /// Nothing, if AWS-LC does not sign so. AWS-LC blinds RSA and draws the nonce of ECDSA at random.
    pub(super) fn sign(&self, algorithm: Algorithm, message: &[u8]) -> Option<Vec<u8>> {
        match (self, algorithm) {
            (Self::Rsa(_), Algorithm::Sha1) => None,
            (Self::Rsa(key), Algorithm::Sha256) => {
                let mut signature = vec![0; key.public_modulus_len()];
                key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature).ok()?;
                Some(signature)
            }
            (Self::Ecdsa(key), _) => {
                // ECDSA does not know which hash it was: 32 bytes are 32 bytes.
                let hash = ecdsa_signature::hash(algorithm, message);
                Some(key.sign_digest(&Digest::import_less_safe(&hash, &SHA256).ok()?).ok()?.as_ref().to_vec())
            }
        }
    }
}

impl PrivateKey {
    /// The signature of AWS-LC; nothing if it makes none here, or if a signature of RSA does not verify.
    pub(super) fn sign_with_aws_lc(&self, algorithm: Algorithm, message: &[u8]) -> Option<Vec<u8>> {
        let signature = self.aws_lc.get_or_init(|| KeyPair::new(self)).as_ref()?.sign(algorithm, message)?;
        let right = match self.key_type() {
            KeyType::Rsa => self.public_key().verify(algorithm, message, &signature),
            KeyType::Ecdsa => true,
        };
        right.then_some(signature)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::OnceLock;

    use super::*;
    use crate::key::rsa_key::tests::of_crate;
    use crate::key::{Inner, LoadOptions};

    const ALGORITHMS: [Algorithm; 2] = [Algorithm::Sha1, Algorithm::Sha256];

    fn of_the_crate_rsa(key: &PrivateKey, algorithm: Algorithm, message: &[u8]) -> Vec<u8> {
        let Inner::Rsa(key) = &key.inner else { panic!("no key of RSA") };
        of_crate(key, algorithm, message)
    }

    #[test]
    fn rsa_gives_the_bytes_of_the_crate_rsa() {
        for at in 0..4 {
            let key = PrivateKey::generate(KeyType::Rsa).unwrap();
            for message in [format!("message {at}"), String::new(), "a".repeat(5000)] {
                let message = message.as_bytes();
                let signature = key.sign_with_aws_lc(Algorithm::Sha256, message).unwrap();
                assert_eq!(signature, of_the_crate_rsa(&key, Algorithm::Sha256, message));
                assert_eq!(key.sign_with_aws_lc(Algorithm::Sha1, message), None);
                for algorithm in ALGORITHMS {
                    assert_eq!(key.sign(algorithm, message).unwrap(), of_the_crate_rsa(&key, algorithm, message));
                }
            }
        }
    }

    #[test]
    fn ecdsa_verifies_and_differs_each_time() {
        for _ in 0..100 {
            let key = PrivateKey::generate(KeyType::Ecdsa).unwrap();
            for algorithm in ALGORITHMS {
                let signature = key.sign_with_aws_lc(algorithm, b"message").unwrap();
                assert!(key.public_key().verify(algorithm, b"message", &signature));
                assert!(!key.public_key().verify(algorithm, b"massage", &signature));
                assert_ne!(signature, key.sign(algorithm, b"message").unwrap());
            }
        }
    }

    #[test]
    fn a_wrong_signature_leaves_it_to_the_crate_rsa() {
        let mut key = PrivateKey::generate(KeyType::Rsa).unwrap();
        let another = PrivateKey::generate(KeyType::Rsa).unwrap();
        key.aws_lc = OnceLock::from(Some(KeyPair::new(&another).unwrap()));
        assert_eq!(key.sign_with_aws_lc(Algorithm::Sha256, b"message"), None);
        assert_eq!(key.sign(Algorithm::Sha256, b"message").unwrap(), of_the_crate_rsa(&key, Algorithm::Sha256, b"message"));
    }

    #[test]
    fn a_key_that_aws_lc_does_not_take_signs_all_the_same() {
        let pem = include_bytes!("../../tests/keys/rsa1024.pem");
        let key = PrivateKey::load(pem, &LoadOptions::new().allow_unsupported_key(true)).unwrap();
        let signature = key.sign(Algorithm::Sha256, b"message").unwrap();
        assert!(key.aws_lc.get().unwrap().is_none());
        assert_eq!(signature, of_the_crate_rsa(&key, Algorithm::Sha256, b"message"));
    }
}
