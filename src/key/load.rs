//! From the bytes of a key to a key that signs, or to what is wrong with it.

use p256::NistP256;
use p256::pkcs8::AssociatedOid as _;
use pkcs8::der::asn1::AnyRef;
use pkcs8::der::{Decode, ErrorKind, SliceReader, Tag, Tagged};
use pkcs8::{ObjectIdentifier, PrivateKeyInfoRef};
use rsa::pkcs1;

use crate::error::{Error, ErrorCode, Result};
use crate::key::openssl_encryption::wrong_passphrase;
use crate::key::rsa_numbers::RsaNumbers;
#[cfg(target_arch = "wasm32")]
use crate::key::{HostPair, KeyType};
use crate::key::{Inner, PrivateKey, pbes2, pem};

/// How a private key is to be read.
#[derive(Clone, Copy, Default)]
#[non_exhaustive]
pub struct LoadOptions<'a> {
    passphrase: Option<&'a [u8]>,
    allow_unsupported_key: bool,
}

impl<'a> LoadOptions<'a> {
    /// No passphrase, and only keys that CloudFront accepts.
    pub fn new() -> Self {
        Self::default()
    }

    /// The passphrase of an encrypted key, as bytes (UTF-8, if it is text).
    pub fn passphrase(mut self, passphrase: &'a [u8]) -> Self {
        self.passphrase = Some(passphrase);
        self
    }

    pub(super) fn allows_unsupported_key(&self) -> bool {
        self.allow_unsupported_key
    }

    /// Accept an RSA key of another size than 2048 bits, of 1024 bits and more: for tests with old vectors. CloudFront
    /// accepts no signature of such a key.
    pub fn allow_unsupported_key(mut self, allow: bool) -> Self {
        self.allow_unsupported_key = allow;
        self
    }
}

const ID_EC_PUBLIC_KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const RSASSA_PSS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.10");

/// What CloudFront says to a public key of another size.
pub(crate) const CLOUDFRONT_ON_RSA_SIZE: &str = "Your request contains empty/invalid/out of limits RSA Encoded Key";

/// What a file holds, before an RSA key's numbers are calculated with.
pub(crate) struct FoundKey {
    inner: Found,
}

enum Found {
    Rsa(RsaNumbers),
    Ecdsa(Box<p256::SecretKey>),
}

impl FoundKey {
    /// Finds the key, or says what is wrong with the file, up to whether the numbers of an RSA key belong together.
    pub(crate) fn find(input: &[u8], options: &LoadOptions<'_>) -> Result<Self> {
        let wanted =
            |label: &str| matches!(label, "PRIVATE KEY" | "ENCRYPTED PRIVATE KEY" | "RSA PRIVATE KEY" | "EC PRIVATE KEY");
        match pem::read(input, wanted, ErrorCode::InvalidPrivateKey, "private key")? {
            pem::Container::Der(der) => from_der(&der, options),
            pem::Container::Pem(block) => match &block.encryption {
                Some(encryption) => {
                    let der = encryption.decrypt(required(options.passphrase)?, &block.der)?;
                    if shape(&der).is_none() {
                        return Err(wrong_passphrase());
                    }
                    from_der(&der, options)
                }
                None => from_der(&block.der, options),
            },
        }
    }

    pub(crate) fn load(self) -> Result<PrivateKey> {
        match self.inner {
            Found::Rsa(numbers) => numbers.load(),
            Found::Ecdsa(key) => Ok(Inner::Ecdsa(key).into()),
        }
    }
}

#[cfg(target_arch = "wasm32")]
impl FoundKey {
    pub(crate) fn key_type(&self) -> KeyType {
        match &self.inner {
            Found::Rsa(_) => KeyType::Rsa,
            Found::Ecdsa(_) => KeyType::Ecdsa,
        }
    }

    /// What a host signs and verifies with, where that takes no calculating; else the key has to be loaded first.
    pub(crate) fn pair(&self) -> Option<HostPair> {
        match &self.inner {
            Found::Rsa(numbers) => numbers.pair(),
            Found::Ecdsa(_) => None,
        }
    }
}

/// The tags of the first two members of a SEQUENCE, which tell the formats of keys apart, whatever a PEM label says.
fn shape(der: &[u8]) -> Option<(Tag, Tag)> {
    let sequence = AnyRef::from_der(der).ok().filter(|any| any.tag() == Tag::Sequence)?;
    let mut members = SliceReader::new(sequence.value()).ok()?;
    Some((AnyRef::decode(&mut members).ok()?.tag(), AnyRef::decode(&mut members).ok()?.tag()))
}

/// What a private key in DER is wrapped in.
pub(super) fn container(der: &[u8]) -> &'static str {
    match shape(der) {
        Some((Tag::Integer, Tag::Integer)) => "PKCS#1",
        Some((Tag::Integer, Tag::OctetString)) => "SEC1",
        Some((Tag::Sequence, Tag::OctetString)) => "encrypted PKCS#8",
        _ => "PKCS#8",
    }
}

fn from_der(der: &[u8], options: &LoadOptions<'_>) -> Result<FoundKey> {
    let not_private = |what: &str| {
        Err(Error::new(ErrorCode::NotAPrivateKey, format!("the private key is {what}"))
            .with_hint("Pass the private key of the pair; the public one belongs in CloudFront's key group."))
    };
    match shape(der) {
        Some((Tag::Integer, Tag::Sequence)) => pkcs8(der, options),
        Some((Tag::Integer, Tag::Integer)) => rsa(der, options),
        Some((Tag::Integer, Tag::OctetString)) => sec1(der),
        Some((Tag::Sequence, Tag::OctetString)) => encrypted_pkcs8(der, options),
        Some((Tag::Sequence, Tag::BitString)) => not_private("a public key"),
        Some((Tag::Sequence, Tag::Sequence)) => not_private("a certificate"),
        _ => Err(unreadable("it is not DER of a private key")),
    }
}

fn pkcs8(der: &[u8], options: &LoadOptions<'_>) -> Result<FoundKey> {
    let info = PrivateKeyInfoRef::from_der(der).map_err(|error| unreadable(&error.to_string()))?;
    let oid = info.algorithm.oid;
    if oid == pkcs1::ALGORITHM_OID {
        return rsa(info.private_key.as_bytes(), options);
    }
    if oid == ID_EC_PUBLIC_KEY {
        check_curve(info.algorithm.parameters_oid().ok())?;
        return p256::SecretKey::try_from(info).map(ecdsa).map_err(|_| inconsistent("EC"));
    }
    Err(unsupported(match oid.to_string().as_str() {
        "1.3.101.112" => "an Ed25519 key",
        "1.3.101.113" => "an Ed448 key",
        "1.3.101.110" | "1.3.101.111" => "a key for key exchange (X25519 or X448)",
        "1.2.840.10040.4.1" => "a DSA key",
        "1.2.840.113549.1.3.1" => "a Diffie-Hellman key",
        _ if oid == RSASSA_PSS => "an RSA key that is bound to PSS; CloudFront verifies PKCS#1 v1.5",
        _ => "a key of a kind that is neither RSA nor ECDSA",
    }))
}

pub(super) fn unsupported_rsa_size(code: ErrorCode, bits: usize) -> Error {
    Error::new(
        code,
        format!("this is an RSA key of {bits} bits; CloudFront accepts 2048 and answers '{CLOUDFRONT_ON_RSA_SIZE}' to others"),
    )
    .with_hint("Make a new one: openssl genrsa -out private_key.pem 2048, or countersign keygen.")
}

fn sec1(der: &[u8]) -> Result<FoundKey> {
    let key = sec1::EcPrivateKey::from_der(der).map_err(|error| match error.kind() {
        ErrorKind::TagUnexpected { expected: Some(Tag::ObjectIdentifier), actual: Tag::Sequence } => curve_written_out(),
        _ => unreadable(&error.to_string()),
    })?;
    // A file without the curve's name can only be meant for the one curve that is accepted.
    check_curve(key.parameters.as_ref().map_or(Some(NistP256::OID), |parameters| parameters.named_curve()))?;
    p256::SecretKey::try_from(key).map(ecdsa).map_err(|_| inconsistent("EC"))
}

fn rsa(der: &[u8], options: &LoadOptions<'_>) -> Result<FoundKey> {
    Ok(FoundKey { inner: Found::Rsa(RsaNumbers::read(der, options)?) })
}

fn ecdsa(key: p256::SecretKey) -> FoundKey {
    FoundKey { inner: Found::Ecdsa(Box::new(key)) }
}

pub(super) fn check_curve(curve: Option<ObjectIdentifier>) -> Result<()> {
    let Some(curve) = curve else {
        return Err(curve_written_out());
    };
    if curve == NistP256::OID {
        return Ok(());
    }
    let name = match curve.to_string().as_str() {
        "1.3.132.0.34" => "P-384".to_owned(),
        "1.3.132.0.35" => "P-521".to_owned(),
        "1.3.132.0.33" => "P-224".to_owned(),
        "1.3.132.0.10" => "secp256k1".to_owned(),
        other => format!("the curve {other}"),
    };
    Err(unsupported(&format!("an EC key on {name}")))
}

fn encrypted_pkcs8(der: &[u8], options: &LoadOptions<'_>) -> Result<FoundKey> {
    let decrypted = pbes2::decrypt(der, required(options.passphrase)?)?;
    // Without an error of its own, the wrong key of a cipher decrypts to something that is not DER.
    if shape(&decrypted).is_none() {
        return Err(wrong_passphrase());
    }
    from_der(&decrypted, &LoadOptions { passphrase: None, ..*options })
}

fn required(passphrase: Option<&[u8]>) -> Result<&[u8]> {
    passphrase.ok_or_else(|| {
        Error::new(ErrorCode::PassphraseRequired, "the private key is encrypted, and no passphrase was given")
            .with_hint("Pass passphrase, or decrypt the file: openssl pkey -in FILE -out DECRYPTED.")
    })
}

pub(super) fn unreadable(why: &str) -> Error {
    Error::new(ErrorCode::InvalidPrivateKey, format!("the private key cannot be read: {why}"))
        .with_hint("A part of it was lost or changed in copying: check it with openssl pkey -in FILE -check.")
}

pub(super) fn inconsistent(kind: &str) -> Error {
    Error::new(ErrorCode::InvalidPrivateKey, format!("the {kind} private key's numbers do not belong together"))
        .with_hint("It is damaged: check it with openssl pkey -in FILE -check.")
}

fn curve_written_out() -> Error {
    unsupported("an EC key whose curve is written out instead of named")
}

pub(super) fn unsupported(what: &str) -> Error {
    Error::new(ErrorCode::UnsupportedKey, format!("this is {what}; CloudFront accepts RSA of 2048 bits and ECDSA on P-256"))
        .with_hint("Make a new one: countersign keygen.")
}
