//! A private key of RSA, and who calculates with it: the crate `rsa`, or in WebAssembly `rsa_crt`.

use std::ops::Deref;
#[cfg(any(target_arch = "wasm32", wasm_arithmetic, test))]
use std::sync::OnceLock;

#[cfg(any(target_arch = "wasm32", test))]
use rsa::BoxedUint;
use rsa::pkcs1v15::Pkcs1v15Sign;
use sha1::Sha1;
use sha2::{Digest, Sha256};

use crate::error::Result;
#[cfg(not(target_arch = "wasm32"))]
use crate::key::RSA_BITS;
#[cfg(any(target_arch = "wasm32", wasm_arithmetic, test))]
use crate::key::rsa_crt::{self, CrtKey};
use crate::key::{Algorithm, random, signing_error};

pub(super) struct RsaKey {
    key: rsa::PrivateKey,
    /// Made with the first signature: a key that is handed to the host makes none. Nothing, if it is no key of 2048 bits.
    #[cfg(any(target_arch = "wasm32", wasm_arithmetic, test))]
    crt: OnceLock<Option<CrtKey>>,
}

impl From<rsa::PrivateKey> for RsaKey {
    fn from(key: rsa::PrivateKey) -> Self {
        Self {
            key,
            #[cfg(any(target_arch = "wasm32", wasm_arithmetic, test))]
            crt: OnceLock::new(),
        }
    }
}

impl Deref for RsaKey {
    type Target = rsa::PrivateKey;

    fn deref(&self) -> &rsa::PrivateKey {
        &self.key
    }
}

impl RsaKey {
    /// A new key of 2048 bits, its primes found by the crate.
    #[cfg(not(target_arch = "wasm32"))]
    pub(super) fn generate() -> Result<Self> {
        let key = rsa::PrivateKey::new(&mut getrandom::SysRng, RSA_BITS);
        key.map(Self::from).map_err(|error| signing_error(&error))
    }

    /// The same in WebAssembly, where the crate's search takes a tenth of the module.
    #[cfg(target_arch = "wasm32")]
    pub(super) fn generate() -> Result<Self> {
        Self::from_new_primes()
    }

    /// A new key of 2048 bits, its primes found by `rsa_crt`.
    #[cfg(any(target_arch = "wasm32", test))]
    fn from_new_primes() -> Result<Self> {
        let primes = rsa_crt::prime_pair(random)?;
        // Of 1024 bits each, which is what they fit in.
        let [p, q] = primes.map(|bytes| BoxedUint::from_be_slice(&bytes, 1024).unwrap_or_default());
        let key = rsa::PrivateKey::from_p_q(p, q, rsa_crt::PUBLIC_EXPONENT.into());
        key.map(Self::from).map_err(|error| signing_error(&error))
    }

    /// Signs with PKCS#1 v1.5, blinded and checked.
    pub(super) fn sign(&self, algorithm: Algorithm, message: &[u8]) -> Result<Vec<u8>> {
        let (padding, digest) = match algorithm {
            Algorithm::Sha1 => (Pkcs1v15Sign::new::<Sha1>(), Sha1::digest(message).to_vec()),
            Algorithm::Sha256 => (Pkcs1v15Sign::new::<Sha256>(), Sha256::digest(message).to_vec()),
        };
        #[cfg(any(target_arch = "wasm32", wasm_arithmetic, test))]
        if let Some(signature) = self.sign_with_crt(&padding, &digest)? {
            return Ok(signature);
        }
        random(&mut [0; 32])?;
        self.key.sign_with_rng(&mut getrandom::SysRng, padding, &digest).map_err(|error| signing_error(&error))
    }

    /// The signature of `rsa_crt`; nothing if the key is not for it, or if its result does not verify.
    #[cfg(any(target_arch = "wasm32", wasm_arithmetic, test))]
    fn sign_with_crt(&self, padding: &Pkcs1v15Sign, digest: &[u8]) -> Result<Option<Vec<u8>>> {
        let Some(crt) = self.crt.get_or_init(|| CrtKey::new(&self.key)) else { return Ok(None) };
        // EMSA-PKCS1-v1_5 (RFC 8017, section 9.2); the crate knows what goes before which hash.
        let hash = [&padding.prefix, digest].concat();
        let mut encoded = vec![0xff; rsa_crt::BYTES - hash.len() - 1];
        if let [first, second, ..] = encoded.as_mut_slice() {
            (*first, *second) = (0, 1);
        }
        encoded.push(0);
        encoded.extend_from_slice(&hash);
        crt.sign(&encoded, random)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::process::Command;

    use pkcs8::{EncodePrivateKey as _, LineEnding};

    use super::*;

    fn of_crate(key: &RsaKey, algorithm: Algorithm, message: &[u8]) -> Vec<u8> {
        match algorithm {
            Algorithm::Sha1 => key.sign_with_rng(&mut getrandom::SysRng, Pkcs1v15Sign::new::<Sha1>(), &Sha1::digest(message)),
            Algorithm::Sha256 => {
                key.sign_with_rng(&mut getrandom::SysRng, Pkcs1v15Sign::new::<Sha256>(), &Sha256::digest(message))
            }
        }
        .unwrap()
    }

    /// With new keys each time.
    #[test]
    fn signatures_equal_those_of_the_crate_and_of_openssl() {
        let folder = std::env::temp_dir().join(format!("countersign-rsa-key-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        for at in 0..6 {
            let key = if at < 4 { RsaKey::generate() } else { RsaKey::from_new_primes() }.unwrap();
            fs::write(folder.join("key.pem"), key.to_pkcs8_pem(LineEnding::LF).unwrap().as_bytes()).unwrap();
            let check = Command::new("openssl").current_dir(&folder).args(["rsa", "-check", "-noout", "-in", "key.pem"]).output();
            assert!(check.unwrap().stdout.starts_with(b"RSA key ok"));
            for (algorithm, option) in [(Algorithm::Sha1, "-sha1"), (Algorithm::Sha256, "-sha256")] {
                let message = format!("message {at}");
                fs::write(folder.join("message"), &message).unwrap();
                let ours = key.sign(algorithm, message.as_bytes()).unwrap();
                assert!(key.crt.get().unwrap().is_some(), "not signed by the crate");
                assert_eq!(ours, of_crate(&key, algorithm, message.as_bytes()));
                let openssl =
                    Command::new("openssl").current_dir(&folder).args(["dgst", option, "-sign", "key.pem", "message"]).output();
                assert_eq!(ours, openssl.unwrap().stdout);
            }
        }
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_fault_leaves_the_signature_to_the_crate() {
        let mut key = RsaKey::generate().unwrap();
        let mut damaged = CrtKey::new(&key).unwrap();
        damaged.damage();
        key.crt = OnceLock::from(Some(damaged));
        let padding = Pkcs1v15Sign::new::<Sha256>();
        assert_eq!(key.sign_with_crt(&padding, &Sha256::digest(b"message")).unwrap(), None);
        for algorithm in [Algorithm::Sha1, Algorithm::Sha256] {
            assert_eq!(key.sign(algorithm, b"message").unwrap(), of_crate(&key, algorithm, b"message"));
        }
    }
}
