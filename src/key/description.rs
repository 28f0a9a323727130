//! What a private key is, for people: its kind, how it was wrapped, and what was repaired.

use serde::Serialize;

use crate::error::Result;
use crate::key::algorithm::KeyType;
use crate::key::load_private::{LoadOptions, container, load};

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
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
#[serde(rename_all = "camelCase")]
pub struct KeyDescription {
    /// RSA or ECDSA.
    pub key_type: KeyType,
    /// The size of the modulus or of the curve.
    pub bits: usize,
    /// `PEM` or `DER`.
    pub encoding: &'static str,
    /// `PKCS#8`, `encrypted PKCS#8`, `PKCS#1`, `SEC1`, or one of the last two `encrypted by OpenSSL`.
    pub container: &'static str,
    /// What was repaired in the text.
    pub repairs: Vec<&'static str>,
    /// The public key in PEM, as CloudFront takes it.
    pub public_key: String,
}

impl KeyDescription {
    /// Reads a private key as [`PrivateKey::load`](crate::PrivateKey::load) does, and says what it was.
    ///
    /// # Errors
    /// As for [`PrivateKey::load`](crate::PrivateKey::load).
    pub fn of(input: &[u8], options: &LoadOptions<'_>) -> Result<Self> {
        let (key, found) = load(input, options)?;
        let public_key = key.public_key();
        Ok(Self {
            key_type: key.key_type(),
            bits: public_key.bits(),
            encoding: if found.label.is_some() { "PEM" } else { "DER" },
            container: match (&found.encryption, found.label) {
                (Some(_), Some("EC PRIVATE KEY")) => "SEC1, encrypted by OpenSSL",
                (Some(_), _) => "PKCS#1, encrypted by OpenSSL",
                (None, _) => container(&found.der),
            },
            repairs: found.repairs,
            public_key: public_key.to_pem()?,
        })
    }
}
