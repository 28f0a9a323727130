//! Loads a private key, or says what is wrong with it.

use std::fmt;

use pkcs8::PrivateKeyInfoRef;
use pkcs8::der::asn1::AnyRef;
use pkcs8::der::{Decode as _, Tagged as _};
use rsa::pkcs1::{self, RsaPrivateKeyRef};
use sec1::EcPrivateKey;
use zeroize::Zeroizing;

use crate::accepted_keys::{EC_PUBLIC_KEY, RSA_BITS, bits, check_curve, kind_of, unsupported, unsupported_rsa_size};
use crate::der::{Content, members};
use crate::error::{Error, ErrorCode, Result};
use crate::key::ecdsa_key::EcdsaKey;
use crate::key::rsa_key::RsaKey;
use crate::key::secret_key::SecretKey;
use crate::key_encryption::{DekInfo, pbes2, wrong_passphrase};
use crate::parameter::Parameter;
use crate::pem::{self, Found, Half, instead};

/// How to read a private key.
#[derive(Clone, Copy, Default)]
#[non_exhaustive]
pub struct LoadOptions<'a> {
    passphrase: Option<&'a [u8]>,
    allow_unsupported_key: bool,
}

/// Hides the passphrase.
impl fmt::Debug for LoadOptions<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (passphrase, allowed) = (self.passphrase.is_some(), self.allow_unsupported_key);
        f.debug_struct("LoadOptions").field("has_passphrase", &passphrase).field("allow_unsupported_key", &allowed).finish()
    }
}

impl<'a> LoadOptions<'a> {
    /// No passphrase, and only keys that CloudFront accepts.
    pub fn new() -> Self {
        Self::default()
    }

    /// The passphrase of an encrypted key, as bytes (UTF-8, if it is text).
    #[must_use]
    pub fn passphrase(mut self, passphrase: &'a [u8]) -> Self {
        self.passphrase = Some(passphrase);
        self
    }

    /// Accept RSA keys of other sizes, from 1024 bits on: for tests with old vectors. CloudFront accepts no signature of such a key.
    #[must_use]
    pub fn allow_unsupported_key(mut self, allow: bool) -> Self {
        self.allow_unsupported_key = allow;
        self
    }
}

/// Reads a key, and tells where it was found, or says what is wrong with the file.
pub(super) fn load(input: &[u8], options: &LoadOptions<'_>) -> Result<(SecretKey, Found)> {
    read(input, options).map_err(|error| match error.code() {
        ErrorCode::WrongPassphrase if options.passphrase.is_some_and(<[u8]>::is_empty) => {
            error.about(Parameter::Passphrase).with_hint("It is empty. Is the variable set?")
        }
        ErrorCode::PassphraseRequired | ErrorCode::WrongPassphrase => error.about(Parameter::Passphrase),
        _ => error.about(Parameter::PrivateKey),
    })
}

fn read(input: &[u8], options: &LoadOptions<'_>) -> Result<(SecretKey, Found)> {
    let found = pem::read(input, Half::Private)?;
    let key = match &found.encryption {
        Some(encryption) => legacy_encrypted(encryption, &found.der, options),
        None => from_der(&found.der, options),
    };
    Ok((key?, found))
}

/// This and other functions here are not inlined: most keys need none of them, and WebAssembly would have to compile them for each.
#[inline(never)]
fn legacy_encrypted(encryption: &DekInfo, der: &[u8], options: &LoadOptions<'_>) -> Result<SecretKey> {
    decrypted(encryption.decrypt(required(options.passphrase)?, der)?, options)
}

#[inline(never)]
fn encrypted_pkcs8(der: &[u8], options: &LoadOptions<'_>) -> Result<SecretKey> {
    decrypted(pbes2::decrypt(der, required(options.passphrase)?)?, &LoadOptions { passphrase: None, ..*options })
}

/// Without an error of its own, the wrong key of a cipher decrypts to something that is not DER.
fn decrypted(der: Zeroizing<Vec<u8>>, options: &LoadOptions<'_>) -> Result<SecretKey> {
    if Content::of(&der).is_none() { Err(wrong_passphrase()) } else { from_der(&der, options) }
}

/// What a private key in DER is wrapped in.
pub(super) fn container(der: &[u8]) -> &'static str {
    match Content::of(der) {
        Some(Content::Pkcs1) => "PKCS#1",
        Some(Content::Sec1) => "SEC1",
        Some(Content::EncryptedPkcs8) => "encrypted PKCS#8",
        _ => "PKCS#8",
    }
}

fn from_der(der: &[u8], options: &LoadOptions<'_>) -> Result<SecretKey> {
    match Content::of(der) {
        Some(Content::Pkcs1) => rsa(der, options),
        Some(Content::Pkcs8) => pkcs8(der, options),
        Some(Content::Sec1) => sec1(der),
        Some(Content::EncryptedPkcs8) => encrypted_pkcs8(der, options),
        other => Err(no_private_key(other)),
    }
}

#[inline(never)]
fn no_private_key(content: Option<Content>) -> Error {
    let error = content.and_then(|content| instead::of_content(content, Half::Private));
    error.unwrap_or_else(|| unreadable("it is not DER of a private key"))
}

fn pkcs8(der: &[u8], options: &LoadOptions<'_>) -> Result<SecretKey> {
    let info = PrivateKeyInfoRef::from_der(der).map_err(|_| unreadable("its PKCS#8 is damaged"))?;
    // Whatever its parameters are; OpenSSL does not look at them either.
    if info.algorithm.oid == pkcs1::ALGORITHM_OID {
        return rsa(info.private_key.as_bytes(), options);
    }
    not_rsa(&info)
}

#[inline(never)]
fn not_rsa(info: &PrivateKeyInfoRef<'_>) -> Result<SecretKey> {
    if info.algorithm.oid != EC_PUBLIC_KEY {
        return Err(unsupported(kind_of(info.algorithm.oid)));
    }
    check_curve(info.algorithm.parameters)?;
    let key = EcPrivateKey::try_from(info.private_key.as_bytes());
    ecdsa(key.map_err(|_| unreadable("the SEC1 in its PKCS#8 is damaged"))?)
}

#[inline(never)]
fn sec1(der: &[u8]) -> Result<SecretKey> {
    // Where the curve is written out, the crate does not read on.
    if let Some(parameters) = sec1_parameters(der) {
        check_curve(Some(parameters))?;
    }
    ecdsa(EcPrivateKey::try_from(der).map_err(|_| unreadable("its SEC1 is damaged"))?)
}

/// What says which curve it is; a file without can only be meant for the one curve that is accepted.
fn sec1_parameters(der: &[u8]) -> Option<AnyRef<'_>> {
    let mut members = members(der)?;
    let (_version, _number) = (AnyRef::decode(&mut members).ok()?, AnyRef::decode(&mut members).ok()?);
    let third = AnyRef::decode(&mut members).ok().filter(|any| any.tag().number().value() == 0)?;
    AnyRef::from_der(third.value()).ok()
}

fn rsa(der: &[u8], options: &LoadOptions<'_>) -> Result<SecretKey> {
    let numbers = RsaPrivateKeyRef::from_der(der).map_err(|_| unreadable("its PKCS#1 is damaged"))?;
    let bits = bits(numbers.modulus.as_bytes());
    // Before anything is calculated with a number of any size.
    let sizes = rsa::PublicKey::MIN_SIZE..=rsa::PublicKey::MAX_SIZE;
    if bits != RSA_BITS && !(options.allow_unsupported_key && sizes.contains(&bits)) {
        return Err(wrong_size(bits, options.allow_unsupported_key));
    }
    if numbers.version() == pkcs1::Version::Multi {
        return Err(more_primes());
    }
    RsaKey::read(numbers, der).map(SecretKey::from).map_err(|_| inconsistent("RSA"))
}

#[inline(never)]
fn more_primes() -> Error {
    Error::new(ErrorCode::InvalidPrivateKey, "the RSA private key has more than two primes, and only keys with two can be used")
        .with_hint("Make a new one: openssl genrsa 2048.")
}

#[inline(never)]
fn wrong_size(bits: usize, allow_unsupported_key: bool) -> Error {
    if !allow_unsupported_key {
        return unsupported_rsa_size(ErrorCode::UnsupportedKey, bits);
    }
    unsupported(&format!(
        "an RSA key of {bits} bits; even with {} it must have {} to {} bits",
        Parameter::AllowUnsupportedKey.token(),
        rsa::PublicKey::MIN_SIZE,
        rsa::PublicKey::MAX_SIZE
    ))
}

/// Takes the number if everything else in the file matches it.
#[inline(never)]
fn ecdsa(key: EcPrivateKey<'_>) -> Result<SecretKey> {
    let secret = p256::SecretKey::try_from(key).map_err(|_| inconsistent("EC"))?;
    Ok(EcdsaKey::from(secret).into())
}

#[inline(never)]
fn required(passphrase: Option<&[u8]>) -> Result<&[u8]> {
    passphrase.ok_or_else(|| {
        Error::new(ErrorCode::PassphraseRequired, "the private key is encrypted, and no passphrase was given").with_hint(format!(
            "Pass {}, or decrypt the file: openssl pkey -in FILE -out DECRYPTED.",
            Parameter::Passphrase.token()
        ))
    })
}

#[inline(never)]
pub(super) fn unreadable(why: &str) -> Error {
    Error::new(ErrorCode::InvalidPrivateKey, format!("the private key cannot be read: {why}")).with_hint(
        "A part of it was lost or changed in copying. Copy it again; openssl pkey -in FILE -noout checks the original.",
    )
}

fn inconsistent(kind: &str) -> Error {
    Error::new(ErrorCode::InvalidPrivateKey, format!("the {kind} private key's numbers do not match one another"))
        .with_hint("A part of it was changed in copying. Copy it again; openssl pkey -in FILE -noout -check checks the original.")
}

#[cfg(test)]
mod tests {
    use pkcs8::der::{Encode as _, Tag};
    use rsa::pkcs1::EncodeRsaPrivateKey as _;

    use super::*;

    #[test]
    fn a_key_with_three_primes_is_told_what_it_is() {
        for (bits, code) in [(2048, ErrorCode::InvalidPrivateKey), (1024, ErrorCode::UnsupportedKey)] {
            let key = rsa::PrivateKey::new(&mut getrandom::SysRng, bits).unwrap().to_pkcs1_der().unwrap();
            let numbers = AnyRef::from_der(key.as_bytes()).unwrap().value();
            let third = [0x30, 11, 0x30, 9, 2, 1, 3, 2, 1, 1, 2, 1, 1];
            let body = [&[2, 1, 1], &numbers[3..], &third].concat();
            let der = AnyRef::new(Tag::Sequence, &body).unwrap().to_der().unwrap();
            assert_eq!(RsaPrivateKeyRef::from_der(&der).unwrap().version(), pkcs1::Version::Multi);
            let error = load(&der, &LoadOptions::new()).err().unwrap();
            assert_eq!(error.code(), code);
            assert_eq!(error.to_string().contains("more than two primes"), bits == 2048, "{error}");
        }
    }
}
