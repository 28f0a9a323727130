//! A private key of RSA, and who calculates with it: the crate `rsa`, or in WebAssembly `rsa_crt` and `rsa_plain`.

use std::sync::{Arc, OnceLock};

use zeroize::Zeroizing;

use crate::error::{Error, ErrorCode, Result};
use crate::key::load::inconsistent;
#[cfg(any(target_arch = "wasm32", wasm_arithmetic, test))]
use crate::key::rsa_crt::CrtKey;
use crate::key::rsa_numbers::RsaNumbers;
use crate::key::rsa_public::RsaPublicKey;
#[cfg(not(target_arch = "wasm32"))]
use crate::key::rsa_public::padding;
use crate::key::{Algorithm, random};
#[cfg(not(target_arch = "wasm32"))]
use crate::key::{RSA_BITS, random_unavailable};

pub(super) struct RsaKey {
    numbers: RsaNumbers,
    public_key: Arc<RsaPublicKey>,
    /// Made with the first signature, as is the one below: a key that is handed to the host makes none.
    #[cfg(not(target_arch = "wasm32"))]
    of_crate: OnceLock<Option<rsa::PrivateKey>>,
    /// Nothing, if it is no key of 2048 bits.
    #[cfg(any(target_arch = "wasm32", wasm_arithmetic, test))]
    crt: OnceLock<Option<CrtKey>>,
}

impl RsaKey {
    pub(super) fn new(numbers: RsaNumbers) -> Option<Self> {
        Some(Self {
            public_key: Arc::new(numbers.public_key()?),
            numbers,
            #[cfg(not(target_arch = "wasm32"))]
            of_crate: OnceLock::new(),
            #[cfg(any(target_arch = "wasm32", wasm_arithmetic, test))]
            crt: OnceLock::new(),
        })
    }

    /// A new key of 2048 bits, its primes found by the crate.
    #[cfg(not(target_arch = "wasm32"))]
    pub(super) fn generate() -> Result<Self> {
        use rsa::traits::PrivateKeyParts as _;

        let key = rsa::PrivateKey::new(&mut getrandom::SysRng, RSA_BITS).map_err(|error| error_of(&error))?;
        let [p, q] = key.primes() else { return Err(inconsistent("RSA")) };
        Self::from_primes([p, q].map(|prime| Zeroizing::new(prime.to_be_bytes().into_vec())))
    }

    /// The same in WebAssembly, where the crate's search takes a tenth of the module.
    #[cfg(target_arch = "wasm32")]
    pub(super) fn generate() -> Result<Self> {
        Self::from_primes(crate::key::rsa_crt::prime_pair(random)?)
    }

    fn from_primes([p, q]: [Zeroizing<Vec<u8>>; 2]) -> Result<Self> {
        RsaNumbers::from_primes([&p, &q]).and_then(Self::new).ok_or_else(|| inconsistent("RSA"))
    }

    pub(super) fn public_key(&self) -> &Arc<RsaPublicKey> {
        &self.public_key
    }

    pub(super) fn to_pkcs8(&self) -> Zeroizing<Vec<u8>> {
        self.numbers.to_pkcs8()
    }

    /// Signs with PKCS#1 v1.5, blinded and checked.
    pub(super) fn sign(&self, algorithm: Algorithm, message: &[u8]) -> Result<Vec<u8>> {
        #[cfg(any(target_arch = "wasm32", wasm_arithmetic, test))]
        if let Some(signature) = self.sign_with_crt(&self.public_key.encode(algorithm, message))? {
            return Ok(signature);
        }
        self.sign_without_crt(algorithm, message)
    }

    /// By the crate, which knows the Chinese remainder theorem as well.
    #[cfg(not(target_arch = "wasm32"))]
    fn sign_without_crt(&self, algorithm: Algorithm, message: &[u8]) -> Result<Vec<u8>> {
        random(&mut [0; 32])?;
        let key = self.of_crate.get_or_init(|| self.numbers.of_crate()).as_ref().ok_or_else(signing_failed)?;
        let (padding, digest) = padding(algorithm, message);
        key.sign_with_rng(&mut getrandom::SysRng, padding, &digest).map_err(|error| error_of(&error))
    }

    #[cfg(target_arch = "wasm32")]
    fn sign_without_crt(&self, algorithm: Algorithm, message: &[u8]) -> Result<Vec<u8>> {
        self.sign_plain(&self.public_key.encode(algorithm, message))?.ok_or_else(signing_failed)
    }

    #[cfg(any(target_arch = "wasm32", test))]
    fn sign_plain(&self, encoded: &[u8]) -> Result<Option<Vec<u8>>> {
        self.public_key.plain().sign(&self.numbers, encoded, random)
    }

    /// The signature of `rsa_crt`; nothing if the key is not for it, or if its result does not verify.
    #[cfg(any(target_arch = "wasm32", wasm_arithmetic, test))]
    fn sign_with_crt(&self, encoded: &[u8]) -> Result<Option<Vec<u8>>> {
        let Some(crt) = self.crt.get_or_init(|| CrtKey::new(&self.numbers)) else { return Ok(None) };
        crt.sign(encoded, random)
    }
}

#[cfg(not(target_arch = "wasm32"))]
fn error_of(error: &rsa::Error) -> Error {
    match error {
        rsa::Error::Rng => random_unavailable(),
        _ => signing_failed(),
    }
}

fn signing_failed() -> Error {
    Error::new(ErrorCode::SigningFailed, "the RSA operation failed: its result does not verify")
        .with_hint("The key may be damaged: check it with openssl rsa -check.")
}

#[cfg(test)]
pub(super) mod tests {
    use std::fs;
    use std::process::Command;

    use rsa::traits::PrivateKeyParts as _;

    use super::*;
    use crate::key::rsa_crt;
    use crate::key::rsa_numbers::tests::numbers_of;

    const HASHES: [(Algorithm, &str); 2] = [(Algorithm::Sha1, "-sha1"), (Algorithm::Sha256, "-sha256")];

    pub(in crate::key) fn of_crate(key: &RsaKey, algorithm: Algorithm, message: &[u8]) -> Vec<u8> {
        key.sign_without_crt(algorithm, message).unwrap()
    }

    fn plain(key: &RsaKey, algorithm: Algorithm, message: &[u8]) -> Vec<u8> {
        key.sign_plain(&key.public_key.encode(algorithm, message)).unwrap().unwrap()
    }

    /// With new keys each time.
    #[test]
    fn signatures_equal_those_of_the_crate_and_of_openssl() {
        let folder = std::env::temp_dir().join(format!("countersign-rsa-key-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        for at in 0..6 {
            let primes = || RsaKey::from_primes(rsa_crt::prime_pair(random).unwrap());
            let key = if at < 4 { RsaKey::generate() } else { primes() }.unwrap();
            fs::write(folder.join("key.der"), key.to_pkcs8()).unwrap();
            let check = Command::new("openssl").current_dir(&folder).args(["rsa", "-check", "-noout", "-in", "key.der"]).output();
            assert!(check.unwrap().stdout.starts_with(b"RSA key ok"));
            for (algorithm, option) in HASHES {
                let message = format!("message {at}");
                fs::write(folder.join("message"), &message).unwrap();
                let ours = key.sign(algorithm, message.as_bytes()).unwrap();
                assert!(key.crt.get().unwrap().is_some(), "not signed by rsa_crt");
                assert_eq!(ours, of_crate(&key, algorithm, message.as_bytes()));
                assert_eq!(ours, plain(&key, algorithm, message.as_bytes()));
                let openssl =
                    Command::new("openssl").current_dir(&folder).args(["dgst", option, "-sign", "key.der", "message"]).output();
                assert_eq!(ours, openssl.unwrap().stdout);
            }
        }
        fs::remove_dir_all(folder).unwrap();
    }

    /// Sizes that fill no limb among them.
    #[test]
    fn keys_of_other_sizes_sign_as_with_the_crate() {
        for bits in [1024, 1025, 1031, 1056, 1090, 1536, 3072, 4096] {
            let made = rsa::PrivateKey::new(&mut getrandom::SysRng, bits).unwrap();
            let key = RsaKey::new(numbers_of(&made)).unwrap();
            for (algorithm, _) in HASHES {
                let (padding, digest) = padding(algorithm, b"message");
                let expected = made.sign_with_rng(&mut getrandom::SysRng, padding, &digest).unwrap();
                assert_eq!(key.sign(algorithm, b"message").unwrap(), expected, "{bits}");
                assert_eq!(plain(&key, algorithm, b"message"), expected, "{bits}");
            }
            assert!(key.crt.get().unwrap().is_none());
            assert_eq!(key.of_crate.get().unwrap().as_ref().unwrap().d(), made.d());
        }
    }

    #[test]
    fn a_fault_leaves_the_signature_to_the_crate() {
        let mut key = RsaKey::generate().unwrap();
        let mut damaged = CrtKey::new(&key.numbers).unwrap();
        damaged.damage();
        key.crt = OnceLock::from(Some(damaged));
        assert_eq!(key.sign_with_crt(&key.public_key.encode(Algorithm::Sha256, b"message")).unwrap(), None);
        for algorithm in [Algorithm::Sha1, Algorithm::Sha256] {
            assert_eq!(key.sign(algorithm, b"message").unwrap(), of_crate(&key, algorithm, b"message"));
        }
    }
}
