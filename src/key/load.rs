//! From the bytes of a key to a key that signs, or to what is wrong with it.

use crate::error::{Error, ErrorCode, Result};
use crate::key::der::{
    BIT_STRING, EC_PUBLIC_KEY, Element, INTEGER, OBJECT_IDENTIFIER, OCTET_STRING, P256, RSA_ENCRYPTION, Reader, SEQUENCE, Sec1,
    Wrapped, dotted,
};
use crate::key::ecdsa::SecretKey;
use crate::key::openssl_encryption::wrong_passphrase;
use crate::key::rsa_key::RsaKey;
use crate::key::rsa_numbers::RsaNumbers;
use crate::key::{Inner, PrivateKey, pbes2, pem};
use crate::parameter::Parameter;

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

/// What CloudFront says to a public key of another size.
pub(crate) const CLOUDFRONT_ON_RSA_SIZE: &str = "Your request contains empty/invalid/out of limits RSA Encoded Key";

pub(super) const ANOTHER_KIND: &str = "a key of a kind that is neither RSA nor ECDSA";

/// Reads a key, or says what is wrong with the file.
pub(super) fn load(input: &[u8], options: &LoadOptions<'_>) -> Result<PrivateKey> {
    let wanted = |label: &str| matches!(label, "PRIVATE KEY" | "ENCRYPTED PRIVATE KEY" | "RSA PRIVATE KEY" | "EC PRIVATE KEY");
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

/// The tags of the first two members of a SEQUENCE, which tell the formats of keys apart, whatever a PEM label says.
fn shape(der: &[u8]) -> Option<(u8, u8)> {
    let mut members = Reader::of_sequence(der)?;
    Some((members.any()?.0, members.any()?.0))
}

/// What a private key in DER is wrapped in.
pub(super) fn container(der: &[u8]) -> &'static str {
    match shape(der) {
        Some((INTEGER, INTEGER)) => "PKCS#1",
        Some((INTEGER, OCTET_STRING)) => "SEC1",
        Some((SEQUENCE, OCTET_STRING)) => "encrypted PKCS#8",
        _ => "PKCS#8",
    }
}

fn from_der(der: &[u8], options: &LoadOptions<'_>) -> Result<PrivateKey> {
    let not_private = |what: &str| {
        Err(Error::new(ErrorCode::NotAPrivateKey, format!("the private key is {what}"))
            .with_hint("Pass the private key of the pair; the public one belongs in CloudFront's key group."))
    };
    match shape(der) {
        Some((INTEGER, SEQUENCE)) => pkcs8(der, options),
        Some((INTEGER, INTEGER)) => rsa(der, options),
        Some((INTEGER, OCTET_STRING)) => sec1(der),
        Some((SEQUENCE, OCTET_STRING)) => encrypted_pkcs8(der, options),
        Some((SEQUENCE, BIT_STRING)) => not_private("a public key"),
        Some((SEQUENCE, SEQUENCE)) => not_private("a certificate"),
        _ => Err(unreadable("it is not DER of a private key")),
    }
}

fn pkcs8(der: &[u8], options: &LoadOptions<'_>) -> Result<PrivateKey> {
    let wrapped = Wrapped::pkcs8(der).ok_or_else(|| unreadable("its PKCS#8 is damaged"))?;
    Err(unsupported(match wrapped.algorithm {
        // Whatever its parameters are; OpenSSL does not look at them either.
        RSA_ENCRYPTION => return rsa(wrapped.key, options),
        EC_PUBLIC_KEY => {
            check_curve(wrapped.parameters)?;
            let key = Sec1::read(wrapped.key).ok_or_else(|| unreadable("the SEC1 in its PKCS#8 is damaged"))?;
            return ecdsa(&key);
        }
        // 1.3.101.112
        b"\x2b\x65\x70" => "an Ed25519 key",
        // 1.3.101.113
        b"\x2b\x65\x71" => "an Ed448 key",
        // 1.3.101.110 and 111
        b"\x2b\x65\x6e" | b"\x2b\x65\x6f" => "a key for key exchange (X25519 or X448)",
        // 1.2.840.10040.4.1
        b"\x2a\x86\x48\xce\x38\x04\x01" => "a DSA key",
        // 1.2.840.113549.1.3.1
        b"\x2a\x86\x48\x86\xf7\x0d\x01\x03\x01" => "a Diffie-Hellman key",
        // 1.2.840.113549.1.1.10
        b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a" => "an RSA key that is bound to PSS; CloudFront verifies PKCS#1 v1.5",
        _ => ANOTHER_KIND,
    }))
}

pub(super) fn unsupported_rsa_size(code: ErrorCode, bits: usize) -> Error {
    Error::new(
        code,
        format!("this is an RSA key of {bits} bits; CloudFront accepts 2048 and answers '{CLOUDFRONT_ON_RSA_SIZE}' to others"),
    )
    .with_hint("Make a new one: openssl genrsa -out private_key.pem 2048, or countersign keygen.")
}

fn sec1(der: &[u8]) -> Result<PrivateKey> {
    let key = Sec1::read(der).ok_or_else(|| unreadable("its SEC1 is damaged"))?;
    // A file without the curve's name can only be meant for the one curve that is accepted.
    if key.parameters.is_some() {
        check_curve(key.parameters)?;
    }
    ecdsa(&key)
}

fn rsa(der: &[u8], options: &LoadOptions<'_>) -> Result<PrivateKey> {
    let key = RsaKey::new(RsaNumbers::read(der, options)?).ok_or_else(|| inconsistent("RSA"))?;
    Ok(Inner::Rsa(Box::new(key)).into())
}

/// Takes the number, if all else in the file belongs to it.
fn ecdsa(key: &Sec1<'_>) -> Result<PrivateKey> {
    let secret = SecretKey::from_bytes(key.private_key).map(Box::new).ok_or_else(|| inconsistent("EC"))?;
    let has_its_curve = matches!(key.parameters, None | Some((OBJECT_IDENTIFIER, P256)));
    let has_its_point = key.public_key.is_none_or(|point| {
        let is_compressed = point.len() == 33;
        secret.public_key().to_sec1(is_compressed) == point
    });
    if has_its_curve && has_its_point { Ok(Inner::Ecdsa(secret).into()) } else { Err(inconsistent("EC")) }
}

/// Says which curve it is, if it is another than P-256. `None` stands for no parameters.
pub(super) fn check_curve(parameters: Option<Element<'_>>) -> Result<()> {
    let Some((OBJECT_IDENTIFIER, curve)) = parameters else { return Err(curve_written_out()) };
    let name = match curve {
        P256 => return Ok(()),
        // 1.3.132.0.34
        b"\x2b\x81\x04\x00\x22" => "P-384",
        // 1.3.132.0.35
        b"\x2b\x81\x04\x00\x23" => "P-521",
        // 1.3.132.0.33
        b"\x2b\x81\x04\x00\x21" => "P-224",
        // 1.3.132.0.10
        b"\x2b\x81\x04\x00\x0a" => "secp256k1",
        other => &format!("the curve {}", dotted(other)),
    };
    Err(unsupported(&format!("an EC key on {name}")))
}

fn encrypted_pkcs8(der: &[u8], options: &LoadOptions<'_>) -> Result<PrivateKey> {
    let decrypted = pbes2::decrypt(der, required(options.passphrase)?)?;
    // Without an error of its own, the wrong key of a cipher decrypts to something that is not DER.
    if shape(&decrypted).is_none() {
        return Err(wrong_passphrase());
    }
    from_der(&decrypted, &LoadOptions { passphrase: None, ..*options })
}

fn required(passphrase: Option<&[u8]>) -> Result<&[u8]> {
    passphrase.ok_or_else(|| {
        Error::new(ErrorCode::PassphraseRequired, "the private key is encrypted, and no passphrase was given").with_hint(format!(
            "Pass {}, or decrypt the file: openssl pkey -in FILE -out DECRYPTED.",
            Parameter::Passphrase.token()
        ))
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
