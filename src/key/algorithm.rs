//! The two kinds of keys, and the two hashes that CloudFront knows.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};
use sha1::Sha1;
use sha2::{Digest as _, Sha256};

use crate::error::{Error, ErrorCode, Result, quoted};
use crate::parameter::Parameter;

/// What kind of key it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyType {
    /// RSA, signing with PKCS#1 v1.5 (RFC 8017, section 8.2).
    Rsa,
    /// ECDSA on the curve P-256 (FIPS 186-5), signatures in DER.
    Ecdsa,
}

impl KeyType {
    /// `RSA` or `ECDSA`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rsa => "RSA",
            Self::Ecdsa => "ECDSA",
        }
    }

    /// The default hash: SHA-1 for RSA, because it is CloudFront's default and older verifiers know nothing else; SHA-256 for ECDSA.
    pub fn default_algorithm(self) -> Algorithm {
        match self {
            Self::Rsa => Algorithm::Sha1,
            Self::Ecdsa => Algorithm::Sha256,
        }
    }
}

impl Serialize for KeyType {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl fmt::Display for KeyType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for KeyType {
    type Err = Error;

    /// Reads `RSA` or `ECDSA`, in capitals.
    fn from_str(text: &str) -> Result<Self> {
        match text {
            "RSA" => Ok(Self::Rsa),
            "ECDSA" => Ok(Self::Ecdsa),
            other => Err(Error::new(
                ErrorCode::InvalidOption,
                format!("the type of key is {}; it is \"RSA\" (2048 bits) or \"ECDSA\" (P-256)", quoted(other)),
            )
            .about(Parameter::KeyType)),
        }
    }
}

/// The hash that a policy is signed with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Algorithm {
    /// SHA-1, CloudFront's default.
    Sha1,
    /// SHA-256, announced by `Hash-Algorithm=SHA256`.
    Sha256,
}

impl Algorithm {
    /// `SHA1` or `SHA256`, as CloudFront writes them.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sha1 => "SHA1",
            Self::Sha256 => "SHA256",
        }
    }

    pub(super) fn digest(self, message: &[u8]) -> Vec<u8> {
        match self {
            Self::Sha1 => Sha1::digest(message).to_vec(),
            Self::Sha256 => Sha256::digest(message).to_vec(),
        }
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Algorithm {
    type Err = Error;

    /// Reads `SHA1` or `SHA256`, spelt exactly so.
    ///
    /// # Errors
    /// [`ErrorCode::UnsupportedAlgorithm`] for everything else.
    fn from_str(text: &str) -> Result<Self> {
        match text {
            "SHA1" => Ok(Self::Sha1),
            "SHA256" => Ok(Self::Sha256),
            other => Err(Error::new(
                ErrorCode::UnsupportedAlgorithm,
                format!("the algorithm is {}; CloudFront takes \"SHA1\" and \"SHA256\"", quoted(other)),
            )
            .about(Parameter::Algorithm)
            .with_hint(hint_for(other))),
        }
    }
}

/// Also for `sha-1`, `RSA-SHA256` and `ES256`.
fn hint_for(name: &str) -> &'static str {
    let letters: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    if letters.ends_with("256") {
        "Write SHA256."
    } else if letters.to_ascii_uppercase().ends_with("SHA1") {
        "Write SHA1."
    } else {
        "Leave it out for the default: SHA1 with an RSA key, SHA256 with an ECDSA key."
    }
}
