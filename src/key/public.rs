//! Public keys: you upload them to CloudFront, and they check signatures.

use pkcs8::der::pem::encode_string;
use pkcs8::{EncodePublicKey as _, LineEnding};
use rsa::traits::PublicKeyParts as _;

use crate::error::{Error, ErrorCode, Result};
use crate::key::algorithm::{Algorithm, KeyType};
use crate::key::{ecdsa_key, rsa_key};

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

impl PublicKey {
    pub(super) fn from_rsa(key: rsa::PublicKey) -> Self {
        Self { inner: Inner::Rsa(Box::new(key)) }
    }

    pub(super) fn from_ecdsa(key: p256::PublicKey) -> Self {
        Self { inner: Inner::Ecdsa(key) }
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
