//! The ciphers that private keys are encrypted with: AES and triple DES in CBC mode (NIST SP 800-38A), AES in GCM (SP 800-38D).
//!
//! The crates `aes` and `des` encrypt and decrypt the blocks. The modes are written here, once for all ciphers: a crate's code for a mode is
//! there anew for each cipher in the WebAssembly module.

use aes::cipher::{BlockCipherDecrypt, BlockCipherEncrypt, KeyInit};
use zeroize::Zeroizing;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cipher {
    Aes128Cbc,
    Aes192Cbc,
    Aes256Cbc,
    TripleDesCbc,
    Aes128Gcm,
    Aes256Gcm,
}

impl Cipher {
    /// In bytes.
    pub(super) fn key_length(self) -> usize {
        match self {
            Self::Aes128Cbc | Self::Aes128Gcm => 16,
            Self::Aes192Cbc | Self::TripleDesCbc => 24,
            Self::Aes256Cbc | Self::Aes256Gcm => 32,
        }
    }

    /// Of the initialization vector, or the nonce.
    pub(super) fn iv_length(self) -> usize {
        match self {
            Self::TripleDesCbc => 8,
            Self::Aes128Gcm | Self::Aes256Gcm => 12,
            _ => 16,
        }
    }

    /// Nothing, if what comes out shows that the key is another one, or if the key or the vector is of another length.
    pub(super) fn decrypt(self, key: &[u8], iv: &[u8], encrypted: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        if iv.len() != self.iv_length() {
            return None;
        }
        match self {
            Self::Aes128Cbc => cbc(&*decryptor::<aes::Aes128>(key)?, iv, encrypted),
            Self::Aes192Cbc => cbc(&*decryptor::<aes::Aes192>(key)?, iv, encrypted),
            Self::Aes256Cbc => cbc(&*decryptor::<aes::Aes256>(key)?, iv, encrypted),
            Self::TripleDesCbc => cbc(&*decryptor::<des::TdesEde3>(key)?, iv, encrypted),
            Self::Aes128Gcm => gcm(&*encryptor::<aes::Aes128>(key)?, iv, encrypted),
            Self::Aes256Gcm => gcm(&*encryptor::<aes::Aes256>(key)?, iv, encrypted),
        }
    }
}

/// Encrypts or decrypts a block where it is. The caller gives it the cipher's length.
type Block = dyn Fn(&mut [u8]);

fn decryptor<C: BlockCipherDecrypt + KeyInit + 'static>(key: &[u8]) -> Option<Box<Block>> {
    let cipher = C::new_from_slice(key).ok()?;
    Some(Box::new(move |block| {
        if let Ok(block) = block.try_into() {
            cipher.decrypt_block(block);
        }
    }))
}

fn encryptor<C: BlockCipherEncrypt + KeyInit + 'static>(key: &[u8]) -> Option<Box<Block>> {
    let cipher = C::new_from_slice(key).ok()?;
    Some(Box::new(move |block| {
        if let Ok(block) = block.try_into() {
            cipher.encrypt_block(block);
        }
    }))
}

#[inline(never)]
fn cbc(decrypt: &Block, iv: &[u8], encrypted: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let size = iv.len();
    if !encrypted.len().is_multiple_of(size) {
        return None;
    }
    let mut plain = Zeroizing::new(encrypted.to_vec());
    let mut before = iv;
    for (block, encrypted) in plain.chunks_exact_mut(size).zip(encrypted.chunks_exact(size)) {
        decrypt(block);
        add(block, before);
        before = encrypted;
    }
    // PKCS#7: as many bytes as each of them says.
    let padding = usize::from(*plain.last()?);
    let length = plain.len().checked_sub(padding)?;
    let is_right = (1..=size).contains(&padding) && plain.iter().skip(length).all(|byte| usize::from(*byte) == padding);
    plain.truncate(length);
    is_right.then_some(plain)
}

/// With a tag of 16 bytes at the end, and no data that are only authenticated.
#[inline(never)]
fn gcm(encrypt: &Block, nonce: &[u8], encrypted: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let (encrypted, tag) = encrypted.split_at_checked(encrypted.len().checked_sub(16)?)?;
    let key_stream = |counter: u32| {
        let mut block = [0; 16];
        block.iter_mut().zip(nonce.iter().chain(&counter.to_be_bytes())).for_each(|(to, from)| *to = *from);
        encrypt(&mut block);
        block
    };
    let mut hash_key = Zeroizing::new([0; 16]);
    encrypt(&mut *hash_key);
    let hash_key = u128::from_be_bytes(*hash_key);

    let mut hash = 0;
    for block in encrypted.chunks(16) {
        let mut padded = [0; 16];
        add(&mut padded, block);
        hash = multiply(hash ^ u128::from_be_bytes(padded), hash_key);
    }
    hash = multiply(hash ^ (encrypted.len() as u128 * 8), hash_key);
    let mut difference = (hash ^ u128::from_be_bytes(key_stream(1))).to_be_bytes();
    add(&mut difference, tag);
    if difference != [0; 16] {
        return None;
    }
    let mut plain = Zeroizing::new(encrypted.to_vec());
    for (block, counter) in plain.chunks_mut(16).zip(2..) {
        add(block, &key_stream(counter));
    }
    Some(plain)
}

/// The product of two elements of the field of GHASH, whose highest power is the lowest bit; no branch depends on them.
fn multiply(x: u128, mut y: u128) -> u128 {
    let mut product = 0;
    for bit in (0..128).rev() {
        product ^= y & (x >> bit & 1).wrapping_neg();
        y = y >> 1 ^ (y & 1).wrapping_neg() & 0xe1 << 120;
    }
    product
}

/// Adds without carry, as far as both go.
pub(super) fn add(to: &mut [u8], bytes: &[u8]) {
    to.iter_mut().zip(bytes).for_each(|(to, byte)| *to ^= byte);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(text: &str) -> Vec<u8> {
        (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
    }

    /// The test cases 2, 3 and 15 of McGrew and Viega, *The Galois/Counter Mode of Operation*, appendix B.
    #[test]
    fn gcm_is_that_of_its_specification() {
        let plain = "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255";
        let key = "feffe9928665731c6d6a8f9467308308";
        for (cipher, key, nonce, plain, encrypted) in [
            (
                Cipher::Aes128Gcm,
                &"0".repeat(32),
                &"0".repeat(24),
                &"0".repeat(32),
                "0388dace60b6a392f328c2b971b2fe78ab6e47d42cec13bdf53a67b21257bddf",
            ),
            (
                Cipher::Aes128Gcm,
                &key.to_owned(),
                &"cafebabefacedbaddecaf888".to_owned(),
                &plain.to_owned(),
                "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091473f59854d5c2af327cd64a62cf35abd2ba6fab4",
            ),
            (
                Cipher::Aes256Gcm,
                &key.repeat(2),
                &"cafebabefacedbaddecaf888".to_owned(),
                &plain.to_owned(),
                "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662898015adb094dac5d93471bdec1a502270e3cc6c",
            ),
        ] {
            let encrypted = hex(encrypted);
            let decrypt = |encrypted: &[u8]| cipher.decrypt(&hex(key), &hex(nonce), encrypted);
            assert_eq!(decrypt(&encrypted).unwrap().as_slice(), hex(plain));
            for at in 0..encrypted.len() {
                let mut damaged = encrypted.clone();
                damaged[at] ^= 1;
                assert!(decrypt(&damaged).is_none());
                assert!(decrypt(&encrypted[..at]).is_none());
            }
        }
    }
}
