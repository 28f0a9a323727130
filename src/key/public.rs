//! Public keys: you upload them to CloudFront, and they check signatures.

use pkcs8::der::Decode as _;
use pkcs8::der::pem::encode_string;
use pkcs8::spki::SubjectPublicKeyInfoRef;
use pkcs8::{EncodePublicKey as _, LineEnding};
use rsa::pkcs1::RsaPublicKeyRef;
use rsa::traits::PublicKeyParts as _;

use crate::error::{Error, ErrorCode, Result};
use crate::key::accepted::{EC_PUBLIC_KEY, RSA_BITS, bits, check_curve, kind_of, unsupported, unsupported_rsa_size};
use crate::key::content::Content;
use crate::key::half::Half;
use crate::key::{Algorithm, KeyType, LoadOptions, ecdsa_key, instead, load, pem, rsa_key};
use crate::parameter::Parameter;

/// The public half of a key pair.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey {
    inner: Inner,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Inner {
    Rsa(Box<rsa::PublicKey>),
    Ecdsa(p256::PublicKey),
}

/// Reads a public key, PEM or DER: [`PublicKey::load`].
impl TryFrom<&[u8]> for PublicKey {
    type Error = Error;

    fn try_from(input: &[u8]) -> Result<Self> {
        Self::load(input)
    }
}

impl PublicKey {
    pub(super) fn from_rsa(key: rsa::PublicKey) -> Self {
        Self { inner: Inner::Rsa(Box::new(key)) }
    }

    pub(super) fn from_ecdsa(key: p256::PublicKey) -> Self {
        Self { inner: Inner::Ecdsa(key) }
    }

    /// Reads a public key from PEM: [`PublicKey::load`].
    ///
    /// # Errors
    /// As for [`PublicKey::load`].
    pub fn from_pem(pem: &str) -> Result<Self> {
        Self::load(pem.as_bytes())
    }

    /// Reads a public key, PEM or DER, as CloudFront takes it (`-----BEGIN PUBLIC KEY-----`); mangled PEM is repaired as
    /// for private keys.
    ///
    /// # Errors
    /// [`ErrorCode::InvalidPublicKey`] if it is anything else, or of a kind or size that CloudFront does not accept.
    pub fn load(input: &[u8]) -> Result<Self> {
        Self::read(input).map_err(|error| error.about(Parameter::PublicKey))
    }

    fn read(input: &[u8]) -> Result<Self> {
        const CODE: ErrorCode = ErrorCode::InvalidPublicKey;
        let found = pem::read(input, Half::Public).map_err(|error| Self::of_private_key(input).unwrap_or(error))?;
        let der = &found.der;
        if let Some(error) = Content::of(der).and_then(|content| instead::of_content(content, Half::Public)) {
            return Err(error);
        }
        let unreadable = || {
            Error::new(CODE, "the public key cannot be read")
                .with_hint("Take it from the private key: openssl pkey -pubout -in FILE, or countersign public-key.")
        };
        let rsa = |numbers: RsaPublicKeyRef<'_>| {
            let bits = bits(numbers.modulus.as_bytes());
            if bits != RSA_BITS {
                return Err(unsupported_rsa_size(CODE, bits));
            }
            rsa::PublicKey::try_from(numbers).map(Self::from_rsa).map_err(|_| unreadable())
        };
        if let Ok(numbers) = RsaPublicKeyRef::from_der(der) {
            return rsa(numbers);
        }
        let info = SubjectPublicKeyInfoRef::from_der(der).map_err(|_| Self::of_private_key(input).unwrap_or_else(unreadable))?;
        let key = info.subject_public_key.as_bytes().unwrap_or_default();
        let oid = info.algorithm.oid;
        if oid == rsa::pkcs1::ALGORITHM_OID {
            let is_right = info.algorithm == rsa::pkcs1::ALGORITHM_ID;
            let numbers = RsaPublicKeyRef::from_der(key).ok().filter(|_| is_right);
            return rsa(numbers.ok_or_else(unreadable)?);
        }
        let is_usable =
            if oid == EC_PUBLIC_KEY { check_curve(info.algorithm.parameters) } else { Err(unsupported(kind_of(oid))) };
        is_usable.map_err(|error| error.with_code(CODE).with_hint("Make a new pair: countersign keygen."))?;
        // Compressed or with both coordinates; the crate takes what ends with x alone, too.
        let point = if matches!(key, [2..=4, ..]) { p256::PublicKey::from_sec1_bytes(key).ok() } else { None };
        point.map(Self::from_ecdsa).ok_or_else(unreadable)
    }

    /// What is said of a private key in its place: if CloudFront does not accept it, its public half is of no use either.
    fn of_private_key(input: &[u8]) -> Option<Error> {
        match load::load(input, &LoadOptions::new()) {
            Err(error) if error.code() == ErrorCode::UnsupportedKey => Some(error.with_code(ErrorCode::InvalidPublicKey)),
            Err(error) if error.code() != ErrorCode::PassphraseRequired => None,
            _ => Some(instead::private_for_public()),
        }
    }

    /// RSA or ECDSA.
    pub fn key_type(&self) -> KeyType {
        match &self.inner {
            Inner::Rsa(_) => KeyType::Rsa,
            Inner::Ecdsa(_) => KeyType::Ecdsa,
        }
    }

    /// The size of the modulus or of the curve.
    pub(crate) fn bits(&self) -> usize {
        match &self.inner {
            Inner::Rsa(key) => key.n().bit_width_vartime() as usize,
            Inner::Ecdsa(_) => 256,
        }
    }

    /// Whether `signature` is one of this key over `message`; ECDSA signatures are DER (RFC 3279).
    pub fn verify(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        match &self.inner {
            Inner::Rsa(key) => rsa_key::verify(key, algorithm, message, signature),
            Inner::Ecdsa(key) => ecdsa_key::verify(key, algorithm, message, signature),
        }
    }

    /// The key as PEM (`-----BEGIN PUBLIC KEY-----`, RFC 7468), the form to upload to CloudFront.
    ///
    /// # Errors
    /// [`ErrorCode::InvalidPublicKey`] if it cannot be written; which does not happen to keys that were loaded or generated.
    pub fn to_pem(&self) -> Result<String> {
        encode_string("PUBLIC KEY", LineEnding::LF, &self.to_der()?).map_err(|_| unwritable())
    }

    /// The key in DER (RFC 5280, SubjectPublicKeyInfo).
    pub(crate) fn to_der(&self) -> Result<Vec<u8>> {
        match &self.inner {
            Inner::Rsa(key) => key.to_public_key_der(),
            Inner::Ecdsa(key) => key.to_public_key_der(),
        }
        .map(|document| document.into_vec())
        .map_err(|_| unwritable())
    }
}

fn unwritable() -> Error {
    Error::new(ErrorCode::InvalidPublicKey, "the public key cannot be written")
}
