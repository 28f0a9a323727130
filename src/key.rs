//! Keys: RSA of 2048 bits and ECDSA on P-256, the two kinds that CloudFront accepts.
//!
//! Source: AWS, *Specify signers that can create signed URLs and signed cookies*
//! (<https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-trusted-signers.html>).

mod algorithm;
mod description;
mod ecdsa_key;
mod load_private;
mod load_public;
#[cfg(all(feature = "openssl", not(target_family = "wasm")))]
mod openssl;
mod public;
mod random;
mod rsa_kernel;
mod rsa_key;
mod secret_key;

use std::fmt;

use pkcs8::LineEnding;
use pkcs8::der::pem::encode_string;
use zeroize::Zeroizing;

use crate::error::{Error, ErrorCode, Result};
pub use algorithm::{Algorithm, KeyType};
pub use description::KeyDescription;
pub(crate) use ecdsa_key::in_der;
pub use load_private::LoadOptions;
pub use public::PublicKey;
#[cfg(test)]
use random::random_unavailable;
use secret_key::SecretKey;

/// A private key. It is wiped from memory when it is dropped and cannot be cloned; `Debug` shows nothing of it.
///
/// ```
/// use countersign::{Algorithm, PrivateKey, KeyType};
///
/// let key = PrivateKey::generate(KeyType::Ecdsa)?;
/// let signature = key.sign(Algorithm::Sha256, b"a policy")?;
/// assert!(key.public_key().verify(Algorithm::Sha256, b"a policy", &signature));
/// assert_eq!(format!("{key:?}"), "PrivateKey { ECDSA, .. }");
/// # Ok::<(), countersign::Error>(())
/// ```
pub struct PrivateKey {
    inner: SecretKey,
    /// Made for the first signature; `None` if OpenSSL does not accept the key.
    #[cfg(all(feature = "openssl", not(target_family = "wasm")))]
    openssl: std::sync::OnceLock<Option<openssl::OpensslKey>>,
}

impl From<SecretKey> for PrivateKey {
    fn from(inner: SecretKey) -> Self {
        Self {
            inner,
            #[cfg(all(feature = "openssl", not(target_family = "wasm")))]
            openssl: std::sync::OnceLock::new(),
        }
    }
}

/// Reads a private key that is not encrypted, PEM or DER: [`PrivateKey::load`] without options.
impl TryFrom<&[u8]> for PrivateKey {
    type Error = Error;

    fn try_from(input: &[u8]) -> Result<Self> {
        Self::load(input, &LoadOptions::new())
    }
}

impl PrivateKey {
    /// Reads a private key: PEM or DER; PKCS#1, PKCS#8, SEC1, or encrypted, as PKCS#8 (PBES2 with PBKDF2 or scrypt) or
    /// as OpenSSL did before that.
    ///
    /// A mangled PEM is repaired: line breaks that became the characters `\n`, spaces or nothing; quotation marks; indentation; a
    /// byte order mark; UTF-16; Base64 of the whole file; JSON around it.
    ///
    /// # Errors
    /// [`ErrorCode::InvalidPrivateKey`], [`ErrorCode::UnsupportedKey`], [`ErrorCode::NotAPrivateKey`],
    /// [`ErrorCode::PassphraseRequired`], [`ErrorCode::WrongPassphrase`].
    pub fn load(input: &[u8], options: &LoadOptions<'_>) -> Result<Self> {
        load_private::load(input, options).map(|(key, _)| key.into())
    }

    /// Reads a private key that is not encrypted from PEM: [`PrivateKey::load`] without options.
    ///
    /// ```
    /// use countersign::{KeyType, PrivateKey};
    ///
    /// # let pem = PrivateKey::generate(KeyType::Ecdsa)?.to_pkcs8_pem()?.to_string();
    /// let key = PrivateKey::from_pem(&pem)?;
    /// assert_eq!(key.key_type(), KeyType::Ecdsa);
    /// # Ok::<(), countersign::Error>(())
    /// ```
    ///
    /// # Errors
    /// As for [`PrivateKey::load`].
    pub fn from_pem(pem: &str) -> Result<Self> {
        Self::load(pem.as_bytes(), &LoadOptions::new())
    }

    /// Makes a new key from the system's random numbers: RSA of 2048 bits (takes up to seconds) or ECDSA on P-256.
    ///
    /// # Errors
    /// [`ErrorCode::RandomUnavailable`] if the system gives none.
    pub fn generate(key_type: KeyType) -> Result<Self> {
        SecretKey::generate(key_type).map(Self::from)
    }

    /// RSA or ECDSA.
    pub fn key_type(&self) -> KeyType {
        self.inner.key_type()
    }

    /// The public key of the pair.
    pub fn public_key(&self) -> PublicKey {
        self.inner.public_key()
    }

    /// Signs `message`: PKCS#1 v1.5 for RSA (RFC 8017), blinded and checked against the public key before it is
    /// returned; for ECDSA in DER, with the deterministic nonce of RFC 6979, or, with the feature `openssl`, a random one.
    ///
    /// # Errors
    /// [`ErrorCode::RandomUnavailable`] if there are no random numbers to blind with; [`ErrorCode::SigningFailed`] if the
    /// result does not verify.
    pub fn sign(&self, algorithm: Algorithm, message: &[u8]) -> Result<Vec<u8>> {
        #[cfg(all(feature = "openssl", not(target_family = "wasm")))]
        if let Some(signature) = self.sign_with_openssl(algorithm, message) {
            return Ok(signature);
        }
        self.inner.sign(algorithm, message)
    }

    #[cfg(all(feature = "openssl", not(target_family = "wasm")))]
    fn sign_with_openssl(&self, algorithm: Algorithm, message: &[u8]) -> Option<Vec<u8>> {
        let openssl = self.openssl.get_or_init(|| openssl::OpensslKey::new(&self.to_pkcs8_der().ok()?)).as_ref()?;
        openssl.sign(algorithm, message, || self.public_key())
    }

    /// Makes what the first signature would make. A key that is not right for it fails then.
    #[cfg(all(feature = "js", target_arch = "wasm32"))]
    pub(crate) fn prepare(&self) {
        if let SecretKey::Rsa(key) = &self.inner {
            key.prepare();
        }
    }

    /// The key in DER in the form that takes the least work, and the name that JavaScript runtimes have for the form.
    ///
    /// # Errors
    /// As for [`PrivateKey::to_pkcs8_pem`].
    #[cfg(all(feature = "js", target_arch = "wasm32"))]
    pub(crate) fn to_der(&self) -> Result<(Zeroizing<Vec<u8>>, &'static str)> {
        match &self.inner {
            SecretKey::Rsa(key) => Ok((key.der().clone(), "pkcs1")),
            SecretKey::Ecdsa(_) => Ok((self.to_pkcs8_der()?, "pkcs8")),
        }
    }

    /// The key as PKCS#8 in PEM (RFC 5958), as `openssl genpkey` writes it.
    ///
    /// # Errors
    /// [`ErrorCode::InvalidPrivateKey`] if the key cannot be written, which does not happen to keys that were loaded or generated.
    pub fn to_pkcs8_pem(&self) -> Result<Zeroizing<String>> {
        encode_string("PRIVATE KEY", LineEnding::LF, &self.to_pkcs8_der()?).map(Zeroizing::new).map_err(|_| unwritable())
    }

    /// The key as PKCS#8 in DER (RFC 5958).
    ///
    /// # Errors
    /// As for [`PrivateKey::to_pkcs8_pem`].
    pub fn to_pkcs8_der(&self) -> Result<Zeroizing<Vec<u8>>> {
        self.inner.to_pkcs8_der().map_err(|_| unwritable())
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PrivateKey {{ {}, .. }}", self.key_type())
    }
}

fn unwritable() -> Error {
    Error::new(ErrorCode::InvalidPrivateKey, "the private key cannot be written as PKCS#8")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_nothing_of_the_key() {
        for (key_type, expected) in [(KeyType::Rsa, "PrivateKey { RSA, .. }"), (KeyType::Ecdsa, "PrivateKey { ECDSA, .. }")] {
            assert_eq!(format!("{:#?}", PrivateKey::generate(key_type).unwrap()), expected);
        }
    }
}
