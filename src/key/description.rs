//! What a private key is, for people: its kind, how it was wrapped, and what was repaired.

use zeroize::Zeroizing;

use crate::error::Result;
use crate::json::{self, Members};
use crate::key::{KeyType, LoadOptions, PrivateKey, load, pem};
use crate::text;

/// What is known of a private key, without the key itself.
///
/// ```
/// use countersign::{KeyDescription, KeyType, LoadOptions, PrivateKey};
///
/// let pem = PrivateKey::generate(KeyType::Ecdsa)?.to_pkcs8_pem()?.replace('\n', "\\n");
/// let description = KeyDescription::of(pem.as_bytes(), &LoadOptions::new())?;
/// assert_eq!((description.key_type, description.bits), (KeyType::Ecdsa, 256));
/// assert_eq!((description.encoding, description.container), ("PEM", "PKCS#8"));
/// assert_eq!(description.repairs, ["its line breaks were the two characters \\n"]);
/// # Ok::<(), countersign::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct KeyDescription {
    /// RSA or ECDSA.
    pub key_type: KeyType,
    /// Of the modulus, or of the curve.
    pub bits: usize,
    /// `PEM` or `DER`.
    pub encoding: &'static str,
    /// `PKCS#8`, `encrypted PKCS#8`, `PKCS#1`, `SEC1`, or one of the last two `encrypted by OpenSSL`.
    pub container: &'static str,
    /// What had happened to the text on its way, and was undone.
    pub repairs: Vec<&'static str>,
    /// The public key in PEM, as CloudFront takes it.
    pub public_key: String,
}

impl json::Object for KeyDescription {
    fn write(&self, members: &mut impl Members) {
        members.text("keyType", self.key_type.as_str());
        members.number("bits", self.bits as i64);
        members.text("encoding", self.encoding);
        members.text("container", self.container);
        members.texts("repairs", &self.repairs);
        members.text("publicKey", &self.public_key);
    }
}

json::serialize_as_maps! { KeyDescription }

impl KeyDescription {
    /// Reads a private key as [`PrivateKey::load`] does, and says what it was.
    ///
    /// # Errors
    /// As for [`PrivateKey::load`].
    pub fn of(input: &[u8], options: &LoadOptions<'_>) -> Result<Self> {
        let key = PrivateKey::load(input, options)?;
        let mut repairs = Vec::new();
        let (encoding, container) = unwrap(input, &mut repairs);
        let public_key = key.public_key();
        Ok(Self {
            key_type: key.key_type(),
            bits: public_key.bits(),
            encoding,
            container,
            repairs,
            public_key: public_key.to_pem()?,
        })
    }
}

/// Follows the way on which a key that can be read was read.
fn unwrap(input: &[u8], repairs: &mut Vec<&'static str>) -> (&'static str, &'static str) {
    let mut bytes = Zeroizing::new(input.to_vec());
    loop {
        if pem::is_der(&bytes) {
            return ("DER", load::container(&bytes));
        }
        match bytes.as_slice() {
            [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => repairs.push("it was UTF-16"),
            [0xef, 0xbb, 0xbf, ..] => repairs.push("a byte order mark stood before it"),
            _ => {}
        }
        let Some(text) = pem::text_of(&bytes) else { return ("PEM", "unknown") };
        let Some((before, block)) = text::split_once(&text, "-----BEGIN ") else {
            match pem::decode_body(&text).filter(|decoded| !decoded.is_empty()) {
                Some(decoded) => bytes = decoded,
                None => return ("PEM", "unknown"),
            }
            repairs.push("the whole of it was in Base64");
            continue;
        };
        look_at_the_lines(before, block, repairs);
        return ("PEM", labelled(&text));
    }
}

fn look_at_the_lines(before: &str, block: &str, repairs: &mut Vec<&'static str>) {
    let body = text::split_once(block, "-----END").map_or(block, |(body, _)| body);
    if text::contains(body, "\\n") || text::contains(body, "\\r") {
        repairs.push("its line breaks were the two characters \\n");
    } else if !body.as_bytes().contains(&b'\n') {
        let base64 = text::split_once(body, "-----").map_or(body, |(_, base64)| base64).trim();
        repairs.push(if base64.as_bytes().contains(&b' ') { "its line breaks were spaces" } else { "its line breaks were lost" });
    }
    if text::contains(body, "\r\n") {
        repairs.push("its lines ended in CR and LF");
    }
    if text::contains(body, "\n ") || text::contains(body, "\n\t") {
        repairs.push("it was indented");
    }
    if before.ends_with(['"', '\'']) {
        repairs.push("quotation marks stood around it");
    }
}

fn labelled(text: &str) -> &'static str {
    let has = |label: &str| text::contains(text, &format!("-----BEGIN {label}-----"));
    let by_openssl = text::contains(text, "DEK-Info:");
    if has("ENCRYPTED PRIVATE KEY") {
        "encrypted PKCS#8"
    } else if has("RSA PRIVATE KEY") {
        if by_openssl { "PKCS#1, encrypted by OpenSSL" } else { "PKCS#1" }
    } else if has("EC PRIVATE KEY") {
        if by_openssl { "SEC1, encrypted by OpenSSL" } else { "SEC1" }
    } else {
        "PKCS#8"
    }
}
