//! The private-key operation by OpenSSL (feature `openssl`), several times as fast as the crates.
//!
//! OpenSSL blinds RSA and checks its own result with the public key before it gives it back (`rsa_ossl_mod_exp`); it draws the nonce
//! of ECDSA at random.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use openssl::error::ErrorStack;
use openssl::md::Md;
use openssl::pkey::{Id, PKey, Private};
use openssl::pkey_ctx::PkeyCtx;
use openssl::rsa::Padding;

use crate::key::algorithm::Algorithm;
use crate::key::public::PublicKey;

/// A key that OpenSSL holds, and wipes when it is dropped.
pub(super) struct OpensslKey {
    key: PKey<Private>,
    with_sha1: Hash,
    with_sha256: Hash,
}

/// What is kept for one hash.
#[derive(Default)]
struct Hash {
    /// Contexts that are ready to sign: as many as there were threads that signed at the same time. Looking up the algorithms for each
    /// signature would take half as long as a signature on P-256.
    contexts: Mutex<Vec<PkeyCtx<Private>>>,
    /// Whether a signature has verified.
    is_checked: AtomicBool,
}

impl From<PKey<Private>> for OpensslKey {
    fn from(key: PKey<Private>) -> Self {
        Self { key, with_sha1: Hash::default(), with_sha256: Hash::default() }
    }
}

impl OpensslKey {
    /// `None` if OpenSSL does not accept the key.
    pub(super) fn new(pkcs8: &[u8]) -> Option<Self> {
        PKey::private_key_from_pkcs8(pkcs8).ok().map(Self::from)
    }

    fn hash(&self, algorithm: Algorithm) -> &Hash {
        match algorithm {
            Algorithm::Sha1 => &self.with_sha1,
            Algorithm::Sha256 => &self.with_sha256,
        }
    }

    fn context(&self, algorithm: Algorithm) -> Result<PkeyCtx<Private>, ErrorStack> {
        let mut context = PkeyCtx::new(&self.key)?;
        context.sign_init()?;
        if self.key.id() == Id::RSA {
            context.set_rsa_padding(Padding::PKCS1)?;
        }
        context.set_signature_md(match algorithm {
            Algorithm::Sha1 => Md::sha1(),
            Algorithm::Sha256 => Md::sha256(),
        })?;
        Ok(context)
    }

    /// `None` if OpenSSL refuses, as with SHA-1 in FIPS mode and on RHEL 9, or if its first signature does not verify.
    pub(super) fn sign(&self, algorithm: Algorithm, message: &[u8], public: impl Fn() -> PublicKey) -> Option<Vec<u8>> {
        let Hash { contexts: waiting, is_checked } = self.hash(algorithm);
        let known = waiting.lock().ok().and_then(|mut contexts| contexts.pop());
        let mut context = match known {
            Some(context) => context,
            None => self.context(algorithm).ok()?,
        };
        let mut signature = Vec::new();
        context.sign_to_vec(&algorithm.digest(message), &mut signature).ok()?;
        if let Ok(mut contexts) = waiting.lock() {
            contexts.push(context);
        }
        if !is_checked.load(Ordering::Relaxed) {
            if !public().verify(algorithm, message, &signature) {
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
    use crate::key::rsa_key::tests::signature_of_crate;
    use crate::key::secret_key::SecretKey;
    use crate::key::{KeyType, PrivateKey};

    const ALGORITHMS: [Algorithm; 2] = [Algorithm::Sha1, Algorithm::Sha256];

    fn of_the_crate_rsa(key: &PrivateKey, algorithm: Algorithm, message: &[u8]) -> Vec<u8> {
        let SecretKey::Rsa(key) = &key.inner else { panic!("no key of RSA") };
        signature_of_crate(key, algorithm, message)
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
    fn threads_sign_at_the_same_time() {
        for key_type in [KeyType::Rsa, KeyType::Ecdsa] {
            let key = PrivateKey::generate(key_type).unwrap();
            std::thread::scope(|scope| {
                for thread in 0..4 {
                    let key = &key;
                    scope.spawn(move || {
                        for at in 0..50 {
                            let message = format!("{thread} {at}");
                            for algorithm in ALGORITHMS {
                                let signature = key.sign_with_openssl(algorithm, message.as_bytes()).unwrap();
                                assert!(key.public_key().verify(algorithm, message.as_bytes(), &signature));
                            }
                        }
                    });
                }
            });
            // Each thread had one at the most.
            for algorithm in ALGORITHMS {
                let contexts = key.openssl.get().unwrap().as_ref().unwrap().hash(algorithm).contexts.lock().unwrap().len();
                assert!((1..=4).contains(&contexts), "{contexts}");
            }
        }
    }

    #[test]
    fn a_wrong_first_signature_leaves_it_to_the_crate() {
        for key_type in [KeyType::Rsa, KeyType::Ecdsa] {
            let mut key = PrivateKey::generate(key_type).unwrap();
            key.openssl = OnceLock::from(OpensslKey::new(&PrivateKey::generate(key_type).unwrap().to_pkcs8_der().unwrap()));
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
        key.openssl = OnceLock::from(Some(OpensslKey::from(PKey::generate_ed25519().unwrap())));
        for algorithm in ALGORITHMS {
            assert_eq!(key.sign_with_openssl(algorithm, b"message"), None);
            assert_eq!(key.sign(algorithm, b"message").unwrap(), of_the_crate_rsa(&key, algorithm, b"message"));
        }
    }
}
