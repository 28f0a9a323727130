//! An RSA private key. The crate `rsa` signs with it or, in WebAssembly, `rsa_kernel`.

use std::ops::Deref;
use std::sync::OnceLock;

use pkcs8::EncodePrivateKey as _;
use rsa::pkcs1v15::Pkcs1v15Sign;
use rsa::traits::PublicKeyParts as _;
use sha1::Sha1;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::error::{Error, ErrorCode, Result};
use crate::key::rsa_kernel::{BYTES, RsaKernel};
use crate::key::{Algorithm, RSA_BITS, random, random_unavailable};

/// Whether keys of 2048 bits are calculated with by `rsa_kernel`: in WebAssembly, where it is several times as fast as the crate, and in
/// tests. `--cfg 'rsa_kernel="off"'` builds without it, `"on"` with it everywhere.
const USES_KERNEL: bool = cfg!(all(any(target_arch = "wasm32", test, rsa_kernel = "on"), not(rsa_kernel = "off")));

pub(super) struct RsaKey {
    key: rsa::PrivateKey,
    /// Made with the first signature: a key that is handed to the host makes none. Nothing, if the key is not for it.
    kernel: OnceLock<Option<RsaKernel>>,
}

impl From<rsa::PrivateKey> for RsaKey {
    fn from(key: rsa::PrivateKey) -> Self {
        Self { key, kernel: OnceLock::new() }
    }
}

impl Deref for RsaKey {
    type Target = rsa::PrivateKey;

    fn deref(&self) -> &rsa::PrivateKey {
        &self.key
    }
}

impl RsaKey {
    /// A new key of 2048 bits.
    pub(super) fn generate() -> Result<Self> {
        rsa::PrivateKey::new(&mut getrandom::SysRng, RSA_BITS).map(Self::from).map_err(|error| error_of(&error))
    }

    /// Signs with PKCS#1 v1.5 (RFC 8017, section 8.2.1), blinded and checked.
    pub(super) fn sign(&self, algorithm: Algorithm, message: &[u8]) -> Result<Vec<u8>> {
        let (padding, digest) = padding(algorithm, message);
        if USES_KERNEL && let Some(signature) = self.sign_by_kernel(&padding, &digest)? {
            return Ok(signature);
        }
        random(&mut [0; 32])?;
        self.key.sign_with_rng(&mut getrandom::SysRng, padding, &digest).map_err(|error| error_of(&error))
    }

    /// Nothing, if the key is not for the kernel, or its result does not verify.
    fn sign_by_kernel(&self, padding: &Pkcs1v15Sign, digest: &[u8]) -> Result<Option<Vec<u8>>> {
        let Some(kernel) = self.kernel.get_or_init(|| RsaKernel::new(&self.key)) else { return Ok(None) };
        kernel.sign(&encoded(padding, digest), random)
    }

    pub(super) fn to_pkcs8_der(&self) -> pkcs8::Result<Zeroizing<Vec<u8>>> {
        self.key.to_pkcs8_der().map(|document| document.to_bytes())
    }
}

/// EMSA-PKCS1-v1_5 (RFC 8017, section 9.2) for a key of 2048 bits; the crate knows what goes before which hash.
fn encoded(padding: &Pkcs1v15Sign, digest: &[u8]) -> Vec<u8> {
    let hash = [&padding.prefix, digest].concat();
    let mut encoded = vec![0xff; BYTES - hash.len() - 1];
    if let [first, second, ..] = encoded.as_mut_slice() {
        (*first, *second) = (0, 1);
    }
    encoded.push(0);
    encoded.extend_from_slice(&hash);
    encoded
}

fn padding(algorithm: Algorithm, message: &[u8]) -> (Pkcs1v15Sign, Vec<u8>) {
    match algorithm {
        Algorithm::Sha1 => (Pkcs1v15Sign::new::<Sha1>(), Sha1::digest(message).to_vec()),
        Algorithm::Sha256 => (Pkcs1v15Sign::new::<Sha256>(), Sha256::digest(message).to_vec()),
    }
}

pub(super) fn bits(key: &rsa::PublicKey) -> usize {
    key.n().bit_width_vartime() as usize
}

pub(super) fn verify(key: &rsa::PublicKey, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
    let (padding, digest) = padding(algorithm, message);
    key.verify(padding, &digest, signature).is_ok()
}

fn error_of(error: &rsa::Error) -> Error {
    match error {
        rsa::Error::Rng => random_unavailable(),
        _ => Error::new(ErrorCode::SigningFailed, "the RSA operation failed: its result does not verify")
            .with_hint("The key may be damaged: check it with openssl rsa -check."),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use std::fs;
    use std::process::Command;

    use super::*;

    const HASHES: [(Algorithm, &str); 2] = [(Algorithm::Sha1, "-sha1"), (Algorithm::Sha256, "-sha256")];

    pub(in crate::key) fn of_crate(key: &RsaKey, algorithm: Algorithm, message: &[u8]) -> Vec<u8> {
        let (padding, digest) = padding(algorithm, message);
        key.sign_with_rng(&mut getrandom::SysRng, padding, &digest).unwrap()
    }

    fn by_kernel(key: &RsaKey, algorithm: Algorithm, message: &[u8]) -> Option<Vec<u8>> {
        let (padding, digest) = padding(algorithm, message);
        key.sign_by_kernel(&padding, &digest).unwrap()
    }

    /// With new keys each time.
    #[test]
    fn signatures_of_the_kernel_equal_those_of_the_crate_and_of_openssl() {
        let folder = std::env::temp_dir().join(format!("countersign-rsa-key-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        for at in 0..4 {
            let key = RsaKey::generate().unwrap();
            fs::write(folder.join("key.der"), key.to_pkcs8_der().unwrap()).unwrap();
            let check = Command::new("openssl").current_dir(&folder).args(["rsa", "-check", "-noout", "-in", "key.der"]).output();
            assert!(check.unwrap().stdout.starts_with(b"RSA key ok"));
            for (algorithm, option) in HASHES {
                let message = format!("message {at}");
                fs::write(folder.join("message"), &message).unwrap();
                let ours = by_kernel(&key, algorithm, message.as_bytes()).unwrap();
                assert_eq!(ours, key.sign(algorithm, message.as_bytes()).unwrap());
                assert_eq!(ours, of_crate(&key, algorithm, message.as_bytes()));
                let openssl =
                    Command::new("openssl").current_dir(&folder).args(["dgst", option, "-sign", "key.der", "message"]).output();
                assert_eq!(ours, openssl.unwrap().stdout);
            }
        }
        fs::remove_dir_all(folder).unwrap();
    }

    /// Sizes that fill no limb among them.
    #[test]
    fn keys_of_other_sizes_are_left_to_the_crate() {
        for bits in [1024, 1025, 1031, 1536, 3072] {
            let key = RsaKey::from(rsa::PrivateKey::new(&mut getrandom::SysRng, bits).unwrap());
            for (algorithm, _) in HASHES {
                let signature = key.sign(algorithm, b"message").unwrap();
                assert!(verify(key.as_public_key(), algorithm, b"message", &signature), "{bits}");
                assert_eq!(by_kernel(&key, algorithm, b"message"), None);
            }
        }
    }

    #[test]
    fn a_fault_leaves_the_signature_to_the_crate() {
        let mut key = RsaKey::generate().unwrap();
        let mut damaged = RsaKernel::new(&key).unwrap();
        damaged.damage();
        key.kernel = OnceLock::from(Some(damaged));
        for algorithm in [Algorithm::Sha1, Algorithm::Sha256] {
            assert_eq!(by_kernel(&key, algorithm, b"message"), None);
            assert_eq!(key.sign(algorithm, b"message").unwrap(), of_crate(&key, algorithm, b"message"));
        }
    }
}
