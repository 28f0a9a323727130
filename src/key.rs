//! Keys: RSA of 2048 bits and ECDSA on P-256, the two kinds that CloudFront accepts.
//!
//! Source: AWS, *Specify signers that can create signed URLs and signed cookies*
//! (<https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-trusted-signers.html>).

mod accepted;
mod cipher;
mod content;
mod description;
mod ecdsa_key;
mod encoded;
mod half;
mod instead;
mod load;
mod mangled;
mod openssh;
#[cfg(all(feature = "openssl", not(target_family = "wasm")))]
mod openssl;
mod openssl_encryption;
mod pbes2;
mod pem;
mod plain_pem;
mod public;
mod rsa_kernel;
mod rsa_key;

use std::fmt;
use std::str::FromStr;

use pkcs8::LineEnding;
use pkcs8::der::pem::encode_string;
use serde::{Serialize, Serializer};
use sha1::Sha1;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::error::{Error, ErrorCode, Result, quoted};
use crate::parameter::Parameter;
pub(crate) use accepted::RSA_BITS;
pub use description::KeyDescription;
use ecdsa_key::EcdsaKey;
pub(crate) use ecdsa_key::in_der;
pub use load::LoadOptions;
pub use public::PublicKey;
use rsa_key::RsaKey;

/// What kind of key it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyType {
    /// RSA, signing with PKCS#1 v1.5 (RFC 8017, section 8.2).
    Rsa,
    /// ECDSA on the curve P-256 (FIPS 186-5), signatures in DER.
    Ecdsa,
}

impl KeyType {
    /// `RSA` or `ECDSA`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rsa => "RSA",
            Self::Ecdsa => "ECDSA",
        }
    }

    /// The default hash: SHA-1 for RSA, because it is CloudFront's default and older verifiers know nothing else; SHA-256 for ECDSA.
    pub fn default_algorithm(self) -> Algorithm {
        match self {
            Self::Rsa => Algorithm::Sha1,
            Self::Ecdsa => Algorithm::Sha256,
        }
    }
}

impl Serialize for KeyType {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl fmt::Display for KeyType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for KeyType {
    type Err = Error;

    /// Reads `RSA` or `ECDSA`, in capitals.
    fn from_str(text: &str) -> Result<Self> {
        match text {
            "RSA" => Ok(Self::Rsa),
            "ECDSA" => Ok(Self::Ecdsa),
            other => Err(Error::new(
                ErrorCode::InvalidOption,
                format!("the type of key is {}; it is \"RSA\" (2048 bits) or \"ECDSA\" (P-256)", quoted(other)),
            )
            .about(Parameter::KeyType)),
        }
    }
}

/// The hash that a policy is signed with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Algorithm {
    /// SHA-1, CloudFront's default.
    Sha1,
    /// SHA-256, announced by `Hash-Algorithm=SHA256`.
    Sha256,
}

impl Algorithm {
    /// `SHA1` or `SHA256`, as CloudFront writes them.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sha1 => "SHA1",
            Self::Sha256 => "SHA256",
        }
    }

    fn digest(self, message: &[u8]) -> Vec<u8> {
        match self {
            Self::Sha1 => Sha1::digest(message).to_vec(),
            Self::Sha256 => Sha256::digest(message).to_vec(),
        }
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Algorithm {
    type Err = Error;

    /// Reads `SHA1` or `SHA256`, spelt exactly so.
    ///
    /// # Errors
    /// [`ErrorCode::UnsupportedAlgorithm`] for everything else.
    fn from_str(text: &str) -> Result<Self> {
        match text {
            "SHA1" => Ok(Self::Sha1),
            "SHA256" => Ok(Self::Sha256),
            other => Err(Error::new(
                ErrorCode::UnsupportedAlgorithm,
                format!("the algorithm is {}; CloudFront takes \"SHA1\" and \"SHA256\"", quoted(other)),
            )
            .about(Parameter::Algorithm)
            .with_hint("Write it in capitals and without a hyphen: SHA256.")),
        }
    }
}

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
    inner: Inner,
    /// Made for the first signature; `None` if OpenSSL does not accept the key.
    #[cfg(all(feature = "openssl", not(target_family = "wasm")))]
    openssl: std::sync::OnceLock<Option<openssl::OpensslKey>>,
}

enum Inner {
    // Boxed, so that moving the key leaves no copies on the stack.
    Rsa(Box<RsaKey>),
    Ecdsa(Box<EcdsaKey>),
}

impl From<Inner> for PrivateKey {
    fn from(inner: Inner) -> Self {
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
        load::load(input, options).map_err(|error| match error.code() {
            ErrorCode::PassphraseRequired | ErrorCode::WrongPassphrase => error.about(Parameter::Passphrase),
            _ => error.about(Parameter::PrivateKey),
        })
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
        random(&mut [0; 32])?;
        let inner = match key_type {
            KeyType::Rsa => Inner::Rsa(Box::new(RsaKey::generate()?)),
            KeyType::Ecdsa => Inner::Ecdsa(Box::new(EcdsaKey::generate()?)),
        };
        Ok(inner.into())
    }

    /// RSA or ECDSA.
    pub fn key_type(&self) -> KeyType {
        match &self.inner {
            Inner::Rsa(_) => KeyType::Rsa,
            Inner::Ecdsa(_) => KeyType::Ecdsa,
        }
    }

    /// The public key of the pair.
    pub fn public_key(&self) -> PublicKey {
        match &self.inner {
            Inner::Rsa(key) => PublicKey::from_rsa(key.public_key().clone()),
            Inner::Ecdsa(key) => PublicKey::from_ecdsa(*key.public_key()),
        }
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
        match &self.inner {
            Inner::Rsa(key) => key.sign(algorithm, message),
            Inner::Ecdsa(key) => Ok(key.sign(algorithm, message)),
        }
    }

    /// Makes what the first signature would make. A key that is not right for it fails then.
    #[cfg(all(feature = "js", target_arch = "wasm32"))]
    pub(crate) fn prepare(&self) {
        if let Inner::Rsa(key) = &self.inner {
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
            Inner::Rsa(key) => Ok((key.der().clone(), "pkcs1")),
            Inner::Ecdsa(_) => Ok((self.to_pkcs8_der()?, "pkcs8")),
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
        match &self.inner {
            Inner::Rsa(key) => key.to_pkcs8_der(),
            Inner::Ecdsa(key) => key.to_pkcs8_der(),
        }
        .map_err(|_| unwritable())
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PrivateKey {{ {}, .. }}", self.key_type())
    }
}

/// Random numbers from the system, 32 bytes or more. If they are all zeros, the source is broken; the crates would ask it forever.
fn random(bytes: &mut [u8]) -> Result<()> {
    getrandom::fill(bytes).map_err(|_| random_unavailable())?;
    if bytes.iter().fold(0, |all, byte| all | byte) == 0 { Err(random_unavailable()) } else { Ok(()) }
}

fn random_unavailable() -> Error {
    Error::new(ErrorCode::RandomUnavailable, "the runtime gives no random numbers here, and no key is used without them")
        .with_hint("In a Cloudflare Worker, sign inside a handler: there are no random numbers at module scope.")
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
