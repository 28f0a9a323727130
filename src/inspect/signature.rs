//! What the bytes of a signature show, and Base64 that is not CloudFront's.

use serde::Serialize;

use crate::encoding;
use crate::inspect::inspector::Inspector;
use crate::key::KeyType;
use crate::mangled;
use crate::reason::{Reason, ReasonCode};
use crate::values::is_no_value;

/// What is known of a signature without a key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct InspectedSignature {
    /// Its length.
    pub bytes: usize,
    /// `RSA` or `ECDSA`, guessed from its length and its first bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key_type: Option<&'static str>,
}

pub(super) fn inspect(inspector: &mut Inspector, algorithm: &str) -> Option<InspectedSignature> {
    let Some(text) = inspector.given.value("Signature").filter(|text| !text.is_empty()) else {
        if inspector.given.is_signed() {
            inspector.error(Reason::new(ReasonCode::SignatureMissing));
        }
        return None;
    };
    let signature = decode(inspector, "Signature", &text)?;
    let key_type = match (signature.len(), signature.as_slice()) {
        (256, _) => Some(KeyType::Rsa),
        (length @ 8..=72, [0x30, rest, ..]) if usize::from(*rest) == length.saturating_sub(2) => Some(KeyType::Ecdsa),
        (64, _) => {
            inspector.error(Reason::new(ReasonCode::RawEcdsaSignature));
            Some(KeyType::Ecdsa)
        }
        (length @ (128 | 384 | 512), _) => {
            inspector.error(Reason::new(ReasonCode::OtherRsaSize).with("bits", length.saturating_mul(8)));
            Some(KeyType::Rsa)
        }
        (length, _) => {
            inspector.error(Reason::new(ReasonCode::SignatureLength).with("bytes", length));
            None
        }
    };
    if key_type == Some(KeyType::Ecdsa) && algorithm == "SHA1" {
        inspector.note(Reason::new(ReasonCode::EcdsaWithSha1));
    }
    Some(InspectedSignature { bytes: signature.len(), key_type: key_type.map(KeyType::as_str) })
}

/// Reads CloudFront's Base64 and, to show it, other kinds of Base64.
pub(super) fn decode(inspector: &mut Inspector, name: &str, text: &str) -> Option<Vec<u8>> {
    if is_no_value(text) {
        return None;
    }
    let named = |reason: Reason| reason.with("name", name);
    // First, because Base64 has these digits too: a signature of this length never consists of them by chance.
    if let Some(bytes) = hexadecimal(text) {
        inspector.error(named(Reason::new(ReasonCode::Hexadecimal)));
        return Some(bytes);
    }
    if let Some(bytes) = encoding::decode(text) {
        return Some(bytes);
    }
    if let Some((code, bytes)) = mangled::other_alphabet(text) {
        inspector.error(named(Reason::new(code)));
        return Some(bytes);
    }
    inspector.error(named(mangled::not_base64(text)));
    None
}

fn hexadecimal(text: &str) -> Option<Vec<u8>> {
    const SHORTEST: usize = 64;
    let digit = |byte: &u8| char::from(*byte).to_digit(16);
    if text.len() < SHORTEST || !text.len().is_multiple_of(2) {
        return None;
    }
    let pairs = text.as_bytes().as_chunks::<2>().0.iter();
    pairs.map(|[high, low]| Some((digit(high)? << 4 | digit(low)?) as u8)).collect()
}
