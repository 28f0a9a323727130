//! HMAC (RFC 2104) with each hash that a private key's encryption names: for PBKDF2, and for the nonces of ECDSA.
//!
//! The hashes are those of the crates. HMAC is written here, once for all of them: a crate's is there anew for each hash in the WebAssembly
//! module.

use sha1::Sha1;
use sha2::{Digest as _, Sha224, Sha256, Sha384, Sha512};
use zeroize::Zeroizing;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HashName {
    Sha1,
    Sha224,
    Sha256,
    Sha384,
    Sha512,
}

/// As long as the longest hash.
pub(super) type Output = Zeroizing<[u8; 64]>;

#[derive(Clone)]
enum Hash {
    Sha1(Sha1),
    Sha224(Sha224),
    Sha256(Sha256),
    Sha384(Sha384),
    Sha512(Sha512),
}

impl Hash {
    fn new(name: HashName) -> Self {
        match name {
            HashName::Sha1 => Self::Sha1(Sha1::new()),
            HashName::Sha224 => Self::Sha224(Sha224::new()),
            HashName::Sha256 => Self::Sha256(Sha256::new()),
            HashName::Sha384 => Self::Sha384(Sha384::new()),
            HashName::Sha512 => Self::Sha512(Sha512::new()),
        }
    }

    fn block_length(&self) -> usize {
        match self {
            Self::Sha1(_) | Self::Sha224(_) | Self::Sha256(_) => 64,
            Self::Sha384(_) | Self::Sha512(_) => 128,
        }
    }

    fn output_length(&self) -> usize {
        match self {
            Self::Sha1(_) => 20,
            Self::Sha224(_) => 28,
            Self::Sha256(_) => 32,
            Self::Sha384(_) => 48,
            Self::Sha512(_) => 64,
        }
    }

    fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Sha1(hash) => hash.update(bytes),
            Self::Sha224(hash) => hash.update(bytes),
            Self::Sha256(hash) => hash.update(bytes),
            Self::Sha384(hash) => hash.update(bytes),
            Self::Sha512(hash) => hash.update(bytes),
        }
    }

    fn finish(self, to: &mut [u8]) {
        fn copy(from: &[u8], to: &mut [u8]) {
            to.iter_mut().zip(from).for_each(|(to, from)| *to = *from);
        }
        match self {
            Self::Sha1(hash) => copy(&hash.finalize(), to),
            Self::Sha224(hash) => copy(&hash.finalize(), to),
            Self::Sha256(hash) => copy(&hash.finalize(), to),
            Self::Sha384(hash) => copy(&hash.finalize(), to),
            Self::Sha512(hash) => copy(&hash.finalize(), to),
        }
    }
}

/// HMAC, with its key.
pub(super) struct Hmac {
    inner: Hash,
    outer: Hash,
}

impl Hmac {
    pub(super) fn new(name: HashName, key: &[u8]) -> Self {
        let hash = Hash::new(name);
        let mut block = Zeroizing::new(vec![0; hash.block_length()]);
        if key.len() > block.len() {
            let mut of_key = hash.clone();
            of_key.update(key);
            of_key.finish(&mut block);
        } else {
            block.iter_mut().zip(key).for_each(|(to, from)| *to = *from);
        }
        let mut keyed = |pad: u8| {
            block.iter_mut().for_each(|byte| *byte ^= pad);
            let mut hash = hash.clone();
            hash.update(&block);
            hash
        };
        // The second one on top of the first.
        Self { inner: keyed(0x36), outer: keyed(0x36 ^ 0x5c) }
    }

    /// Of what comes out, in bytes.
    pub(super) fn length(&self) -> usize {
        self.outer.output_length()
    }

    /// Of a message in parts.
    pub(super) fn of(&self, parts: &[&[u8]]) -> Output {
        let mut message = self.inner.clone();
        parts.iter().for_each(|part| message.update(part));
        let mut output = Zeroizing::new([0; 64]);
        self.finish(message, &mut output);
        output
    }

    /// Of what came out before, in its place.
    pub(super) fn replace(&self, output: &mut Output) {
        let mut message = self.inner.clone();
        message.update(output.get(..self.length()).unwrap_or_default());
        self.finish(message, output);
    }

    fn finish(&self, message: Hash, output: &mut Output) {
        message.finish(&mut **output);
        let mut outer = self.outer.clone();
        outer.update(output.get(..self.length()).unwrap_or_default());
        outer.finish(&mut **output);
    }
}
