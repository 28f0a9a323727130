//! Public keys: what is uploaded to CloudFront, and what checks a signature.

use std::sync::Arc;

use crate::error::{Error, ErrorCode, Result};
use crate::key::der::{EC_PUBLIC_KEY, NULL, P256_ALGORITHM, RSA_ENCRYPTION, Wrapped};
use crate::key::load::{ANOTHER_KIND, check_curve, unsupported, unsupported_rsa_size};
use crate::key::rsa_public::RsaPublicKey;
use crate::key::{Algorithm, KeyType, RSA_BITS, der, ecdsa, pem};
use crate::parameter::Parameter;

/// The public half of a key pair.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey {
    inner: Inner,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Inner {
    // Shared, so that what it verifies with is made once.
    Rsa(Arc<RsaPublicKey>),
    Ecdsa(ecdsa::PublicKey),
}

impl PublicKey {
    pub(super) fn from_rsa(key: Arc<RsaPublicKey>) -> Self {
        Self { inner: Inner::Rsa(key) }
    }

    pub(super) fn from_ecdsa(key: ecdsa::PublicKey) -> Self {
        Self { inner: Inner::Ecdsa(key) }
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
        let container = pem::read(input, |label| matches!(label, "PUBLIC KEY" | "RSA PUBLIC KEY"), CODE, "public key")?;
        let der = match &container {
            pem::Container::Der(der) => der,
            pem::Container::Pem(block) => &block.der,
        };
        let unreadable = || {
            Error::new(CODE, "the public key cannot be read")
                .with_hint("Take it from the private key: openssl pkey -pubout -in FILE, or countersign public-key.")
        };
        let rsa = |key: RsaPublicKey| {
            let bits = key.bits();
            if bits == RSA_BITS { Ok(Self::from_rsa(Arc::new(key))) } else { Err(unsupported_rsa_size(CODE, bits)) }
        };
        if let Some(key) = RsaPublicKey::read(der) {
            return rsa(key);
        }
        let wrapped = Wrapped::spki(der).ok_or_else(unreadable)?;
        if wrapped.algorithm == RSA_ENCRYPTION {
            let has_its_parameters = matches!(wrapped.parameters, Some((NULL, [])));
            return rsa(RsaPublicKey::read(wrapped.key).filter(|_| has_its_parameters).ok_or_else(unreadable)?);
        }
        let is_usable =
            if wrapped.algorithm == EC_PUBLIC_KEY { check_curve(wrapped.parameters) } else { Err(unsupported(ANOTHER_KIND)) };
        is_usable.map_err(|error| error.with_code(CODE).with_hint("Make a new pair: countersign keygen."))?;
        ecdsa::PublicKey::from_sec1(wrapped.key).map(Self::from_ecdsa).ok_or_else(unreadable)
    }

    /// RSA or ECDSA.
    pub fn key_type(&self) -> KeyType {
        match &self.inner {
            Inner::Rsa(_) => KeyType::Rsa,
            Inner::Ecdsa(_) => KeyType::Ecdsa,
        }
    }

    /// Of the modulus, or of the curve.
    pub(crate) fn bits(&self) -> usize {
        match &self.inner {
            Inner::Rsa(key) => key.bits(),
            Inner::Ecdsa(_) => 256,
        }
    }

    /// Whether `signature` is one of this key over `message`; ECDSA signatures are DER (RFC 3279).
    pub fn verify(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        match &self.inner {
            Inner::Rsa(key) => key.verify(algorithm, message, signature),
            Inner::Ecdsa(key) => key.verify(algorithm, message, signature),
        }
    }

    /// The key as PEM (`-----BEGIN PUBLIC KEY-----`, RFC 7468), the form to upload to CloudFront.
    ///
    /// # Errors
    /// [`ErrorCode::InvalidPublicKey`] if it cannot be written; no key that was loaded or generated is such.
    pub fn to_pem(&self) -> Result<String> {
        let der = match &self.inner {
            Inner::Rsa(key) => key.to_spki(),
            Inner::Ecdsa(key) => der::to_spki(P256_ALGORITHM, &key.to_sec1(false)),
        };
        Ok(pem::write("PUBLIC KEY", &der).to_string())
    }
}
