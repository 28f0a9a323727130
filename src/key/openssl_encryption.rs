//! OpenSSL's own encryption of PEM keys, from before PKCS#8: `Proc-Type: 4,ENCRYPTED` and `DEK-Info` headers, a key from
//! one round of MD5. `openssl genrsa -aes256 -traditional` and `ssh-keygen -m PEM -N …` write it.
//!
//! Sources: RFC 1421, section 4.6.1.3, for the headers; OpenSSL's manual of `EVP_BytesToKey` for the key.

use aes::cipher::block_padding::Pkcs7;
use aes::cipher::{BlockModeDecrypt, InnerIvInit, KeyInit};
use md5::{Digest, Md5};
use zeroize::{Zeroize, Zeroizing};

use crate::error::{Error, ErrorCode, Result, quoted};

#[derive(Clone, Copy)]
enum Cipher {
    Aes128,
    Aes192,
    Aes256,
    TripleDes,
}

/// The header that says how a block is encrypted.
pub(crate) struct DekInfo {
    cipher: Cipher,
    iv: Vec<u8>,
}

impl DekInfo {
    /// Reads ` AES-256-CBC,0123…` and gives back what follows it, also where the line breaks around it are gone.
    pub(crate) fn read(text: &str) -> Result<(Self, &str)> {
        let (name, rest) = text.split_once(',').ok_or_else(|| unknown(""))?;
        let (cipher, iv_length) = match name.trim() {
            "AES-128-CBC" => (Cipher::Aes128, 16),
            "AES-192-CBC" => (Cipher::Aes192, 16),
            "AES-256-CBC" => (Cipher::Aes256, 16),
            "DES-EDE3-CBC" => (Cipher::TripleDes, 8),
            other => return Err(unknown(other)),
        };
        let rest = rest.trim_start();
        let (hex, body) = rest.split_at_checked(iv_length * 2).ok_or_else(|| unknown(name))?;
        let iv = (0..iv_length)
            .map(|at| hex.get(at * 2..at * 2 + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok()))
            .collect::<Option<Vec<u8>>>()
            .ok_or_else(|| unknown(name))?;
        Ok((Self { cipher, iv }, body))
    }

    /// Decrypts the block's DER.
    pub(crate) fn decrypt(&self, passphrase: &[u8], encrypted: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
        match self.cipher {
            Cipher::Aes128 => self.decrypt_with::<aes::Aes128>(passphrase, encrypted, 16),
            Cipher::Aes192 => self.decrypt_with::<aes::Aes192>(passphrase, encrypted, 24),
            Cipher::Aes256 => self.decrypt_with::<aes::Aes256>(passphrase, encrypted, 32),
            Cipher::TripleDes => self.decrypt_with::<des::TdesEde3>(passphrase, encrypted, 24),
        }
    }

    fn decrypt_with<C: aes::cipher::BlockCipherDecrypt + KeyInit>(
        &self,
        passphrase: &[u8],
        encrypted: &[u8],
        key_length: usize,
    ) -> Result<Zeroizing<Vec<u8>>> {
        let key = self.key(passphrase, key_length);
        let mut buffer = Zeroizing::new(encrypted.to_vec());
        let length = C::new_from_slice(&key)
            .ok()
            .and_then(|cipher| cbc::Decryptor::<C>::inner_iv_slice_init(cipher, &self.iv).ok())
            .and_then(|decryptor| decryptor.decrypt_padded::<Pkcs7>(&mut buffer).ok())
            .map(<[u8]>::len)
            .ok_or_else(wrong_passphrase)?;
        buffer.truncate(length);
        Ok(buffer)
    }

    /// `EVP_BytesToKey` with MD5 and one round; the salt is the first eight bytes of the IV.
    fn key(&self, passphrase: &[u8], length: usize) -> Zeroizing<Vec<u8>> {
        let mut key = Zeroizing::new(Vec::with_capacity(length + 16));
        while key.len() < length {
            let last = key.len().saturating_sub(16);
            let mut digest = Md5::new()
                .chain_update(key.get(last..).unwrap_or_default())
                .chain_update(passphrase)
                .chain_update(self.iv.get(..8).unwrap_or_default())
                .finalize();
            key.extend_from_slice(&digest);
            digest.zeroize();
        }
        key.truncate(length);
        key
    }
}

pub(crate) fn wrong_passphrase() -> Error {
    Error::new(ErrorCode::WrongPassphrase, "the passphrase does not open the private key")
        .with_hint("Check it with: openssl pkey -in FILE -noout. A line break at its end counts as a part of it.")
}

fn unknown(name: &str) -> Error {
    // Where the header is damaged, what stands in the cipher's place may be a part of the key.
    let name = name.trim();
    let is_name = matches!(name.len(), 1..=20) && name.bytes().all(|b| matches!(b, b'A'..=b'Z' | b'0'..=b'9' | b'-'));
    let found = if is_name { format!("with {}", quoted(name)) } else { "in a way that is not read here".to_owned() };
    Error::new(
        ErrorCode::InvalidPrivateKey,
        format!("the private key is encrypted {found}; AES in CBC mode and triple DES are read"),
    )
    .with_hint("Encrypt it anew: openssl pkcs8 -topk8 -in FILE.")
}
