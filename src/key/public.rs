//! Public keys: what is uploaded to CloudFront, and what checks a signature.

use p256::ecdsa::{Signature, VerifyingKey, signature::hazmat::PrehashVerifier};
use pkcs8::der::Decode;
use pkcs8::spki::SubjectPublicKeyInfoRef;
use pkcs8::{EncodePublicKey, LineEnding};
use rsa::pkcs1v15::Pkcs1v15Sign;
use rsa::traits::PublicKeyParts;
use sha1::Sha1;
use sha2::{Digest, Sha256};

use crate::error::{Error, ErrorCode, Result};
use crate::key::ecdsa_signature::left_padded;
use crate::key::load::{check_curve, unsupported_rsa_size};
use crate::key::{Algorithm, KeyType, RSA_BITS, pem};

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

    /// Reads a public key, PEM or DER, as CloudFront takes it (`-----BEGIN PUBLIC KEY-----`); mangled PEM is repaired as
    /// for private keys.
    ///
    /// # Errors
    /// [`ErrorCode::InvalidPublicKey`] if it is anything else, or of a kind or size that CloudFront does not accept.
    pub fn load(input: &[u8]) -> Result<Self> {
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
        let rsa = |key: rsa::PublicKey| {
            let bits = key.n().bit_width_vartime() as usize;
            if bits == RSA_BITS { Ok(Self::from_rsa(key)) } else { Err(unsupported_rsa_size(CODE, bits)) }
        };
        if let Ok(numbers) = rsa::pkcs1::RsaPublicKeyRef::from_der(der) {
            return rsa(rsa::PublicKey::try_from(numbers).map_err(|_| unreadable())?);
        }
        let info = SubjectPublicKeyInfoRef::from_der(der).map_err(|_| unreadable())?;
        if info.algorithm.oid == rsa::pkcs1::ALGORITHM_OID {
            return rsa(rsa::PublicKey::try_from(info).map_err(|_| unreadable())?);
        }
        check_curve(info.algorithm.parameters_oid().ok())
            .map_err(|error| Error::new(CODE, error.message().to_owned()).with_hint("Make a new pair: countersign keygen."))?;
        p256::PublicKey::try_from(info).map(Self::from_ecdsa).map_err(|_| unreadable())
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
            Inner::Rsa(key) => key.n().bit_width_vartime() as usize,
            Inner::Ecdsa(_) => 256,
        }
    }

    /// Whether `signature` is one of this key over `message`; ECDSA signatures are DER (RFC 3279).
    pub fn verify(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        match &self.inner {
            Inner::Rsa(key) => match algorithm {
                Algorithm::Sha1 => key.verify(Pkcs1v15Sign::new::<Sha1>(), &Sha1::digest(message), signature),
                Algorithm::Sha256 => key.verify(Pkcs1v15Sign::new::<Sha256>(), &Sha256::digest(message), signature),
            }
            .is_ok(),
            Inner::Ecdsa(key) => Signature::from_der(signature).is_ok_and(|signature| {
                let key = VerifyingKey::from(key);
                match algorithm {
                    Algorithm::Sha1 => key.verify_prehash(&left_padded(&Sha1::digest(message)), &signature),
                    Algorithm::Sha256 => key.verify_prehash(&Sha256::digest(message), &signature),
                }
                .is_ok()
            }),
        }
    }

    /// The key as PEM (`-----BEGIN PUBLIC KEY-----`, RFC 7468), the form to upload to CloudFront.
    ///
    /// # Errors
    /// [`ErrorCode::InvalidPublicKey`] if it cannot be written; no key that was loaded or generated is such.
    pub fn to_pem(&self) -> Result<String> {
        match &self.inner {
            Inner::Rsa(key) => key.to_public_key_pem(LineEnding::LF),
            Inner::Ecdsa(key) => key.to_public_key_pem(LineEnding::LF),
        }
        .map_err(|_| Error::new(ErrorCode::InvalidPublicKey, "the public key cannot be written as PEM"))
    }
}
