//! What a file in DER holds, told apart by the first two members of its SEQUENCE, whatever a PEM label says.

use pkcs8::der::asn1::AnyRef;
use pkcs8::der::{Decode as _, SliceReader, Tag, Tagged as _};

/// Sources: RFC 8017 (PKCS#1), RFC 5958 (PKCS#8), RFC 5915 (SEC1), RFC 5280, RFC 2986, RFC 5652 (PKCS#7), RFC 7292 (PKCS#12).
#[derive(Clone, Copy)]
pub(crate) enum Content {
    Pkcs1,
    Pkcs8,
    EncryptedPkcs8,
    Sec1,
    PublicKey,
    Certificate,
    CertificateRequest,
    Pkcs7,
    Pkcs12,
    Other,
}

impl Content {
    /// Nothing, if it is not DER.
    pub(crate) fn of(der: &[u8]) -> Option<Self> {
        let mut members = members(der)?;
        let (first, second) = (AnyRef::decode(&mut members).ok()?, AnyRef::decode(&mut members).ok()?);
        Some(match (first.tag(), second.tag()) {
            // A private key begins with the version, a public one with the modulus.
            (Tag::Integer, Tag::Integer) if first.value().len() > 1 => Self::PublicKey,
            (Tag::Integer, Tag::Integer) => Self::Pkcs1,
            (Tag::Integer, Tag::Sequence) if first.value() == [3] => Self::Pkcs12,
            (Tag::Integer, Tag::Sequence) => Self::Pkcs8,
            (Tag::Integer, Tag::OctetString) => Self::Sec1,
            (Tag::Sequence, Tag::OctetString) => Self::EncryptedPkcs8,
            (Tag::Sequence, Tag::BitString) => Self::PublicKey,
            (Tag::Sequence, Tag::Sequence) if first.value().starts_with(&[2, 1, 0, 0x30]) => Self::CertificateRequest,
            (Tag::Sequence, Tag::Sequence) => Self::Certificate,
            (Tag::ObjectIdentifier, _) => Self::Pkcs7,
            _ => Self::Other,
        })
    }
}

/// What is the same in every container of one key: PKCS#1, or the number in SEC1, also where it is inside of PKCS#8, and the bits in an
/// SPKI. Of other DER it is all.
pub(crate) fn contained(mut der: &[u8]) -> &[u8] {
    while let Some(inner) = inner(der) {
        der = inner;
    }
    der
}

fn inner(der: &[u8]) -> Option<&[u8]> {
    let before = match Content::of(der)? {
        Content::Pkcs8 => 2,
        Content::Sec1 | Content::PublicKey => 1,
        _ => return None,
    };
    let mut members = members(der)?;
    for _ in 0..before {
        AnyRef::decode(&mut members).ok()?;
    }
    let member = AnyRef::decode(&mut members).ok()?;
    match member.tag() {
        Tag::OctetString => Some(member.value()),
        // A byte says how many bits are unused.
        Tag::BitString => member.value().get(1..),
        // The exponent of a public key in PKCS#1.
        _ => None,
    }
}

/// Reads the members of a SEQUENCE, which is all of the DER.
pub(crate) fn members(der: &[u8]) -> Option<SliceReader<'_>> {
    members_of(AnyRef::from_der(der).ok()?)
}

/// The same of a part that has been read.
pub(crate) fn members_of(sequence: AnyRef<'_>) -> Option<SliceReader<'_>> {
    if sequence.tag() == Tag::Sequence { SliceReader::new(sequence.value()).ok() } else { None }
}
