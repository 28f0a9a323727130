//! What the bytes of a signature tell, and Base64 that is not CloudFront's.

use crate::encoding;
use crate::inspect::Inspector;
use crate::json::{self, Members};
use crate::key::KeyType;

/// What is known of a signature without a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InspectedSignature {
    /// Its length.
    pub bytes: usize,
    /// `RSA` or `ECDSA`, guessed from its length and its first bytes.
    pub key_type: Option<&'static str>,
}

impl json::Object for InspectedSignature {
    fn write(&self, members: &mut impl Members) {
        members.number("bytes", self.bytes as i64);
        members.some_text("keyType", self.key_type);
    }
}

json::serialize_as_maps! { InspectedSignature }

pub(super) fn inspect(inspector: &mut Inspector, algorithm: &str) -> Option<InspectedSignature> {
    let Some(text) = inspector.given.value("Signature").filter(|text| !text.is_empty()) else {
        if inspector.given.is_signed() {
            inspector.error("Signature is missing: CloudFront answers MalformedSignature");
        }
        return None;
    };
    let signature = decode(inspector, "Signature", &text)?;
    let key_type = match (signature.len(), signature.as_slice()) {
        (256, _) => Some(KeyType::Rsa),
        (length @ 8..=72, [0x30, rest, ..]) if usize::from(*rest) == length.saturating_sub(2) => Some(KeyType::Ecdsa),
        (64, _) => {
            inspector.error("the signature has 64 bytes, as an ECDSA signature in raw form (r and s): CloudFront takes DER");
            Some(KeyType::Ecdsa)
        }
        (length @ (128 | 384 | 512), _) => {
            let bits = length.saturating_mul(8);
            inspector.error(format!("the signature is that of an RSA key of {bits} bits; CloudFront takes 2048 bits only"));
            Some(KeyType::Rsa)
        }
        (length, _) => {
            inspector.error(format!(
                "the signature has {length} bytes; RSA has 256, ECDSA on P-256 about 70 in DER: it was cut off, or is no signature"
            ));
            None
        }
    };
    if key_type == Some(KeyType::Ecdsa) && algorithm == "SHA1" {
        inspector.note("an ECDSA signature without Hash-Algorithm=SHA256 has to be one over SHA-1, which few signers make");
    }
    Some(InspectedSignature { bytes: signature.len(), key_type: key_type.map(KeyType::as_str) })
}

/// Reads CloudFront's Base64, and for the eye what others write in its place.
pub(super) fn decode(inspector: &mut Inspector, name: &str, text: &str) -> Option<Vec<u8>> {
    if let Some(bytes) = encoding::decode(text) {
        return Some(bytes);
    }
    let standard = text.replace(['+', ' '], "-").replace('/', "~").replace('=', "_");
    if let Some(bytes) = encoding::decode(&standard) {
        inspector.error(format!(
            "{name} is in ordinary Base64: CloudFront takes - for + (which a query turns into a space), ~ for / and _ for ="
        ));
        return Some(bytes);
    }
    if let Some(bytes) = encoding::decode(&text.trim_end_matches('=').replace('_', "~")) {
        inspector.error(format!("{name} is in Base64url: CloudFront takes ~ for /, and _ for ="));
        return Some(bytes);
    }
    inspector.error(format!("{name} is not in Base64: it was cut off or changed"));
    None
}
