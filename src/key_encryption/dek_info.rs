//! OpenSSL's own encryption of PEM keys, from before PKCS#8: `Proc-Type: 4,ENCRYPTED` and `DEK-Info` headers, a key from
//! one round of MD5. `openssl genrsa -aes256 -traditional` and `ssh-keygen -m PEM -N …` write it.
//!
//! Sources: RFC 1421, section 4.6.1.3, for the headers; OpenSSL's manual of `EVP_BytesToKey` for the key.

use md5::{Digest, Md5};
use zeroize::{Zeroize, Zeroizing};

use crate::error::{Error, ErrorCode, Result, quoted};
use crate::key_encryption::cipher::Cipher;

/// The header that says how a block is encrypted.
pub(crate) struct DekInfo {
    cipher: Cipher,
    iv: Vec<u8>,
}

impl DekInfo {
    /// Reads ` AES-256-CBC,0123…` and returns what follows it. The line breaks around it may be lost.
    pub(crate) fn read(text: &str) -> Result<(Self, &str)> {
        let (name, rest) = text.split_once(',').ok_or_else(|| unknown(""))?;
        let cipher = match name.trim() {
            "AES-128-CBC" => Cipher::Aes128,
            "AES-192-CBC" => Cipher::Aes192,
            "AES-256-CBC" => Cipher::Aes256,
            "DES-EDE3-CBC" => Cipher::TripleDes,
            other => return Err(unknown(other)),
        };
        // There may be a line break among the digits.
        let mut digits = rest.char_indices().filter(|(_, character)| !character.is_whitespace());
        let last = digits.nth(2 * cipher.iv_length() - 1);
        let (iv, body) = last.and_then(|(at, _)| rest.split_at_checked(at + 1)).ok_or_else(damaged)?;
        let iv = base16ct::mixed::decode_vec(iv.split_whitespace().collect::<String>()).map_err(|_| damaged())?;
        Ok((Self { cipher, iv }, body))
    }

    /// Decrypts the block's DER.
    pub(crate) fn decrypt(&self, passphrase: &[u8], encrypted: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
        let key = self.key(passphrase, self.cipher.key_length());
        self.cipher.decrypt(&key, &self.iv, encrypted)
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

fn damaged() -> Error {
    Error::new(ErrorCode::InvalidPrivateKey, "the private key's header DEK-Info is damaged")
        .with_hint("A part of it was lost in copying. Copy it again, from -----BEGIN to -----END.")
}

fn unknown(name: &str) -> Error {
    // In a damaged header, a part of the key may stand where the cipher should be.
    let name = name.trim();
    let is_name = matches!(name.len(), 1..=20) && name.bytes().all(|b| matches!(b, b'A'..=b'Z' | b'0'..=b'9' | b'-'));
    let found = if is_name { format!("with {}", quoted(name)) } else { "in an unknown way".to_owned() };
    Error::new(
        ErrorCode::InvalidPrivateKey,
        format!("the private key is encrypted {found}; we read AES in CBC mode and triple DES"),
    )
    .with_hint(
        "Encrypt it again; with OpenSSL 3: openssl pkcs8 -topk8 -provider legacy -provider default -in FILE -out private_key.pem.",
    )
}
