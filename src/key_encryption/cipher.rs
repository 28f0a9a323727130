//! The ciphers of encrypted private keys, from the crates `aes`, `des` and `cbc`.

use aes::cipher::block_padding::Pkcs7;
use aes::cipher::{BlockCipherDecrypt, BlockModeDecrypt as _, InnerIvInit as _, KeyInit};
use zeroize::Zeroizing;

use crate::error::{Error, ErrorCode, Result};

/// A cipher in CBC mode.
#[derive(Clone, Copy)]
pub(super) enum Cipher {
    Aes128,
    Aes192,
    Aes256,
    TripleDes,
}

impl Cipher {
    pub(super) fn key_length(self) -> usize {
        match self {
            Self::Aes128 => 16,
            Self::Aes192 | Self::TripleDes => 24,
            Self::Aes256 => 32,
        }
    }

    pub(super) fn iv_length(self) -> usize {
        match self {
            Self::TripleDes => 8,
            Self::Aes128 | Self::Aes192 | Self::Aes256 => 16,
        }
    }

    /// Fails if the key or the initialization vector has another length, or the padding is wrong.
    pub(super) fn decrypt(self, key: &[u8], iv: &[u8], encrypted: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
        let decrypted = match self {
            Self::Aes128 => decrypt_with::<aes::Aes128Dec>(key, iv, encrypted),
            Self::Aes192 => decrypt_with::<aes::Aes192Dec>(key, iv, encrypted),
            Self::Aes256 => decrypt_with::<aes::Aes256Dec>(key, iv, encrypted),
            Self::TripleDes => decrypt_with::<des::TdesEde3>(key, iv, encrypted),
        };
        decrypted.ok_or_else(wrong_passphrase)
    }
}

fn decrypt_with<C: BlockCipherDecrypt + KeyInit>(key: &[u8], iv: &[u8], encrypted: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let mut buffer = Zeroizing::new(encrypted.to_vec());
    let cipher = C::new_from_slice(key).ok()?;
    let length = cbc::Decryptor::<C>::inner_iv_slice_init(cipher, iv).ok()?.decrypt_padded::<Pkcs7>(&mut buffer).ok()?.len();
    buffer.truncate(length);
    Some(buffer)
}

pub(crate) fn wrong_passphrase() -> Error {
    Error::new(ErrorCode::WrongPassphrase, "the passphrase does not open the private key")
        .with_hint("Check it with: openssl pkey -in FILE -noout. A line break at its end counts as a part of it.")
}
