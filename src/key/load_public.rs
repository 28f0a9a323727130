//! Loads a public key, or says what is wrong with it.

use pkcs8::der::Decode as _;
use pkcs8::spki::SubjectPublicKeyInfoRef;
use rsa::pkcs1::RsaPublicKeyRef;

use crate::accepted_keys::{EC_PUBLIC_KEY, RSA_BITS, bits, check_curve, kind_of, unsupported, unsupported_rsa_size};
use crate::der::Content;
use crate::error::{Error, ErrorCode, Result};
use crate::key::load_private::{self, LoadOptions};
use crate::key::public::PublicKey;
use crate::parameter::Parameter;
use crate::pem::{self, Half, instead};

/// Reads a public key, PEM or DER: [`PublicKey::load`].
impl TryFrom<&[u8]> for PublicKey {
    type Error = Error;

    fn try_from(input: &[u8]) -> Result<Self> {
        Self::load(input)
    }
}

impl PublicKey {
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
        match load_private::load(input, &LoadOptions::new()) {
            Err(error) if error.code() == ErrorCode::UnsupportedKey => Some(error.with_code(ErrorCode::InvalidPublicKey)),
            Err(error) if error.code() != ErrorCode::PassphraseRequired => None,
            _ => Some(instead::private_for_public()),
        }
    }
}
