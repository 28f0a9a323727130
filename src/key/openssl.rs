//! The private-key operation by OpenSSL (feature `openssl`), several times as fast as the crates.
//!
//! OpenSSL blinds RSA and checks its own result with the public key before it gives it back (`rsa_ossl_mod_exp`); it draws the nonce of
//! ECDSA at random.

use std::sync::atomic::{AtomicBool, Ordering};

use openssl::hash::MessageDigest;
use openssl::pkey::{PKey, Private};
use openssl::sign::Signer;

use crate::key::{Algorithm, PrivateKey};

/// A key that OpenSSL holds, and wipes when it is dropped.
pub(super) struct OpensslKey {
    key: PKey<Private>,
    /// Whether a signature with SHA-1, and one with SHA-256, has verified.
    is_checked: [AtomicBool; 2],
}

impl OpensslKey {
    /// `None` if OpenSSL does not accept the key.
    fn new(key: &PrivateKey) -> Option<Self> {
        let key = PKey::private_key_from_pkcs8(&key.to_pkcs8_der().ok()?).ok()?;
        Some(Self { key, is_checked: [const { AtomicBool::new(false) }; 2] })
    }

    /// `None` if OpenSSL refuses, as with SHA-1 in FIPS mode and on RHEL 9.
    fn sign(&self, algorithm: Algorithm, message: &[u8]) -> Option<Vec<u8>> {
        let hash = match algorithm {
            Algorithm::Sha1 => MessageDigest::sha1(),
            Algorithm::Sha256 => MessageDigest::sha256(),
        };
        Signer::new(hash, &self.key).ok()?.sign_oneshot_to_vec(message).ok()
    }
}

impl PrivateKey {
    /// OpenSSL's signature; `None` if OpenSSL refuses, or if its first signature does not verify.
    pub(super) fn sign_with_openssl(&self, algorithm: Algorithm, message: &[u8]) -> Option<Vec<u8>> {
        let openssl = self.openssl.get_or_init(|| OpensslKey::new(self)).as_ref()?;
        let signature = openssl.sign(algorithm, message)?;
        let [sha1, sha256] = &openssl.is_checked;
        let is_checked = match algorithm {
            Algorithm::Sha1 => sha1,
            Algorithm::Sha256 => sha256,
        };
        if !is_checked.load(Ordering::Relaxed) {
            if !self.public_key().verify(algorithm, message, &signature) {
                return None;
            }
            is_checked.store(true, Ordering::Relaxed);
        }
        Some(signature)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::OnceLock;

    use super::*;
    use crate::key::rsa_key::tests::of_crate;
    use crate::key::{Inner, KeyType, LoadOptions};

    const ALGORITHMS: [Algorithm; 2] = [Algorithm::Sha1, Algorithm::Sha256];

    fn of_the_crate_rsa(key: &PrivateKey, algorithm: Algorithm, message: &[u8]) -> Vec<u8> {
        let Inner::Rsa(key) = &key.inner else { panic!("no key of RSA") };
        of_crate(key, algorithm, message)
    }

    #[test]
    fn rsa_gives_the_bytes_of_the_crate_rsa() {
        for at in 0..3 {
            let key = PrivateKey::generate(KeyType::Rsa).unwrap();
            for message in [format!("message {at}"), String::new(), "a".repeat(5000)] {
                for algorithm in ALGORITHMS {
                    let expected = of_the_crate_rsa(&key, algorithm, message.as_bytes());
                    assert_eq!(key.sign_with_openssl(algorithm, message.as_bytes()).unwrap(), expected);
                    assert_eq!(key.sign(algorithm, message.as_bytes()).unwrap(), expected);
                }
            }
        }
    }

    #[test]
    fn a_key_of_another_size_signs_too() {
        let pem = include_bytes!("../../tests/keys/rsa1024.pem");
        let key = PrivateKey::load(pem, &LoadOptions::new().allow_unsupported_key(true)).unwrap();
        for algorithm in ALGORITHMS {
            assert_eq!(key.sign(algorithm, b"message").unwrap(), of_the_crate_rsa(&key, algorithm, b"message"));
        }
    }

    #[test]
    fn ecdsa_verifies_and_differs_each_time() {
        for _ in 0..100 {
            let key = PrivateKey::generate(KeyType::Ecdsa).unwrap();
            for algorithm in ALGORITHMS {
                let signature = key.sign_with_openssl(algorithm, b"message").unwrap();
                assert!(key.public_key().verify(algorithm, b"message", &signature));
                assert!(!key.public_key().verify(algorithm, b"massage", &signature));
                assert_ne!(signature, key.sign(algorithm, b"message").unwrap());
            }
        }
    }

    #[test]
    fn a_wrong_first_signature_leaves_it_to_the_crate() {
        for key_type in [KeyType::Rsa, KeyType::Ecdsa] {
            let mut key = PrivateKey::generate(key_type).unwrap();
            key.openssl = OnceLock::from(OpensslKey::new(&PrivateKey::generate(key_type).unwrap()));
            for algorithm in ALGORITHMS {
                assert_eq!(key.sign_with_openssl(algorithm, b"message"), None);
                assert!(key.public_key().verify(algorithm, b"message", &key.sign(algorithm, b"message").unwrap()));
            }
        }
    }

    /// As with SHA-1 on RHEL 9: a key of Ed25519 stands in, which signs with no hash at all.
    #[test]
    fn what_openssl_refuses_the_crate_signs() {
        let mut key = PrivateKey::generate(KeyType::Rsa).unwrap();
        let refusing = OpensslKey { key: PKey::generate_ed25519().unwrap(), is_checked: [const { AtomicBool::new(false) }; 2] };
        key.openssl = OnceLock::from(Some(refusing));
        for algorithm in ALGORITHMS {
            assert_eq!(key.sign_with_openssl(algorithm, b"message"), None);
            assert_eq!(key.sign(algorithm, b"message").unwrap(), of_the_crate_rsa(&key, algorithm, b"message"));
        }
    }
}
