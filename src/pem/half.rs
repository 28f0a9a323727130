//! Which half of a key pair is asked for, and the errors that begin with its name.

use crate::der::Content;
use crate::error::{Error, ErrorCode};

#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Half {
    Private,
    Public,
}

impl Half {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Private => "private key",
            Self::Public => "public key",
        }
    }

    /// Whether DER is such a half of a key.
    pub(super) fn holds(self, der: &[u8]) -> bool {
        match Content::of(der) {
            Some(Content::PublicKey) => self == Self::Public,
            Some(Content::Pkcs1 | Content::Pkcs8 | Content::EncryptedPkcs8 | Content::Sec1) => self == Self::Private,
            _ => false,
        }
    }

    /// `the private key is …`: it cannot be read.
    pub(super) fn is(self, what: &str, hint: &'static str) -> Error {
        self.error(ErrorCode::InvalidPrivateKey, " is ", what, hint)
    }

    /// `the private key is …`: it is something else.
    pub(super) fn is_another(self, what: &str, hint: &'static str) -> Error {
        self.error(ErrorCode::NotAPrivateKey, " is ", what, hint)
    }

    /// `the private key's …`: a part of the file is damaged.
    pub(super) fn has(self, what: &str, hint: &'static str) -> Error {
        self.error(ErrorCode::InvalidPrivateKey, "'s ", what, hint)
    }

    fn error(self, code: ErrorCode, verb: &str, what: &str, hint: &'static str) -> Error {
        self.with_code(Error::new(code, ["the ", self.name(), verb, what].concat()).with_hint(hint))
    }

    /// All errors about public keys have one code.
    pub(super) fn with_code(self, error: Error) -> Error {
        if self == Self::Public { error.with_code(ErrorCode::InvalidPublicKey) } else { error }
    }
}
