//! The keys that CloudFront accepts, and the errors for all others.

use p256::NistP256;
use p256::pkcs8::AssociatedOid as _;
use pkcs8::der::asn1::{AnyRef, ObjectIdentifier};

use crate::error::{Error, ErrorCode, Result};

/// The size of the RSA keys that CloudFront accepts, in bits.
pub(crate) const RSA_BITS: usize = 2048;

/// CloudFront's answer to a public key of another size.
const CLOUDFRONT_ON_RSA_SIZE: &str = "Your request contains empty/invalid/out of limits RSA Encoded Key";

/// The object identifier of elliptic curve keys.
pub(crate) const EC_PUBLIC_KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");

/// What a key of another algorithm is.
pub(crate) fn kind_of(algorithm: ObjectIdentifier) -> &'static str {
    match algorithm.to_string().as_str() {
        "1.3.101.112" => "an Ed25519 key",
        "1.3.101.113" => "an Ed448 key",
        "1.3.101.110" | "1.3.101.111" => "a key for key exchange (X25519 or X448)",
        "1.2.840.10040.4.1" => "a DSA key",
        "1.2.840.113549.1.3.1" | "1.2.840.10046.2.1" => "a Diffie-Hellman key",
        "1.2.840.113549.1.1.10" => "an RSA key that is bound to PSS, and CloudFront verifies PKCS#1 v1.5",
        _ => "a key of a kind that is neither RSA nor ECDSA",
    }
}

/// How many bits a number has.
pub(crate) fn bits(number: &[u8]) -> usize {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    let first = number.get(zeros).map_or(0, |byte| byte.leading_zeros() as usize);
    (number.len() - zeros) * 8 - first
}

pub(crate) fn unsupported_rsa_size(code: ErrorCode, bits: usize) -> Error {
    Error::new(
        code,
        format!("this is an RSA key of {bits} bits; CloudFront accepts 2048 and answers '{CLOUDFRONT_ON_RSA_SIZE}' to others"),
    )
    .with_hint("Make a new one: openssl genrsa -out private_key.pem 2048, or countersign keygen.")
}

/// Says which curve it is, if it is another than P-256.
pub(crate) fn check_curve(parameters: Option<AnyRef<'_>>) -> Result<()> {
    let curve = parameters.and_then(|parameters| parameters.decode_as::<ObjectIdentifier>().ok());
    let Some(curve) = curve else { return Err(unsupported("an EC key whose curve is written out instead of named")) };
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

pub(crate) fn unsupported(what: &str) -> Error {
    Error::new(ErrorCode::UnsupportedKey, format!("this is {what}; CloudFront accepts RSA of 2048 bits and ECDSA on P-256"))
        .with_hint("Make a new one: countersign keygen.")
}
