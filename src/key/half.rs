//! Which half of a key pair is asked for, and what it is called.

use crate::error::ErrorCode;

#[derive(Clone, Copy, PartialEq)]
pub(super) enum Half {
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

    /// What is given where nothing can be read.
    pub(super) fn code(self) -> ErrorCode {
        match self {
            Self::Private => ErrorCode::InvalidPrivateKey,
            Self::Public => ErrorCode::InvalidPublicKey,
        }
    }

    /// What is given where something else was passed.
    pub(super) fn code_of_another(self) -> ErrorCode {
        match self {
            Self::Private => ErrorCode::NotAPrivateKey,
            Self::Public => ErrorCode::InvalidPublicKey,
        }
    }
}
