//! A private key of either kind.

use zeroize::Zeroizing;

use crate::error::Result;
use crate::key::algorithm::{Algorithm, KeyType};
use crate::key::ecdsa_key::EcdsaKey;
use crate::key::public::PublicKey;
use crate::key::random::random;
use crate::key::rsa_key::RsaKey;

pub(super) enum SecretKey {
    // Boxed, so that moving the key leaves no copies on the stack.
    Rsa(Box<RsaKey>),
    Ecdsa(Box<EcdsaKey>),
}

impl From<RsaKey> for SecretKey {
    fn from(key: RsaKey) -> Self {
        Self::Rsa(Box::new(key))
    }
}

impl From<EcdsaKey> for SecretKey {
    fn from(key: EcdsaKey) -> Self {
        Self::Ecdsa(Box::new(key))
    }
}

impl SecretKey {
    pub(super) fn generate(key_type: KeyType) -> Result<Self> {
        random(&mut [0; 32])?;
        match key_type {
            KeyType::Rsa => RsaKey::generate().map(Self::from),
            KeyType::Ecdsa => EcdsaKey::generate().map(Self::from),
        }
    }

    pub(super) fn key_type(&self) -> KeyType {
        match self {
            Self::Rsa(_) => KeyType::Rsa,
            Self::Ecdsa(_) => KeyType::Ecdsa,
        }
    }

    pub(super) fn public_key(&self) -> PublicKey {
        match self {
            Self::Rsa(key) => PublicKey::from_rsa(key.public_key().clone()),
            Self::Ecdsa(key) => PublicKey::from_ecdsa(*key.public_key()),
        }
    }

    pub(super) fn sign(&self, algorithm: Algorithm, message: &[u8]) -> Result<Vec<u8>> {
        match self {
            Self::Rsa(key) => key.sign(algorithm, message),
            Self::Ecdsa(key) => Ok(key.sign(algorithm, message)),
        }
    }

    pub(super) fn to_pkcs8_der(&self) -> pkcs8::Result<Zeroizing<Vec<u8>>> {
        match self {
            Self::Rsa(key) => key.to_pkcs8_der(),
            Self::Ecdsa(key) => key.to_pkcs8_der(),
        }
    }
}
