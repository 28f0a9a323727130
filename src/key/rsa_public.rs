//! A public key of RSA.

use std::ops::RangeInclusive;
use std::sync::OnceLock;

use rsa::BoxedUint;
use rsa::pkcs1v15::Pkcs1v15Sign;
use zeroize::Zeroizing;

use crate::key::der;
use crate::key::rsa_numbers::bit_width;

/// The sizes that may be calculated with, in bits.
pub(super) const SIZES: RangeInclusive<usize> = rsa::PublicKey::MIN_SIZE..=rsa::PublicKey::MAX_SIZE;

pub(super) const EXPONENTS: RangeInclusive<u64> = rsa::PublicKey::MIN_PUB_EXPONENT..=rsa::PublicKey::MAX_PUB_EXPONENT;

#[derive(Debug)]
pub(super) struct RsaPublicKey {
    /// The highest byte first, which is not zero.
    modulus: Vec<u8>,
    exponent: u64,
    /// Made when it is needed: to hand a key on takes no calculating.
    verifier: OnceLock<Option<rsa::PublicKey>>,
}

impl PartialEq for RsaPublicKey {
    fn eq(&self, other: &Self) -> bool {
        self.modulus == other.modulus && self.exponent == other.exponent
    }
}

impl Eq for RsaPublicKey {}

impl RsaPublicKey {
    /// Nothing, if it is none that is calculated with.
    pub(super) fn new(modulus: &[u8], exponent: u64) -> Option<Self> {
        let zeros = modulus.iter().take_while(|byte| **byte == 0).count();
        let modulus = modulus.get(zeros..)?;
        let is_odd = modulus.last().is_some_and(|byte| byte & 1 == 1) && exponent & 1 == 1;
        let is_usable = is_odd && SIZES.contains(&bit_width(modulus)) && EXPONENTS.contains(&exponent);
        is_usable.then(|| Self { modulus: modulus.to_vec(), exponent, verifier: OnceLock::new() })
    }

    /// From PKCS#1 in DER.
    pub(super) fn read(der: &[u8]) -> Option<Self> {
        let [modulus, exponent] = der::integers(der)?;
        if exponent.len() > 8 {
            return None;
        }
        Self::new(modulus, exponent.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte)))
    }

    pub(super) fn bits(&self) -> usize {
        bit_width(&self.modulus)
    }

    /// `SubjectPublicKeyInfo` in DER.
    pub(super) fn to_spki(&self) -> Zeroizing<Vec<u8>> {
        der::to_spki(der::RSA_ALGORITHM, &der::of_integers(&[&self.modulus, &self.exponent.to_be_bytes()]))
    }

    pub(super) fn verify(&self, padding: Pkcs1v15Sign, digest: &[u8], signature: &[u8]) -> bool {
        self.verifier().is_some_and(|key| key.verify(padding, digest, signature).is_ok())
    }

    /// The crate's own, which takes every key that is one here.
    pub(super) fn verifier(&self) -> Option<&rsa::PublicKey> {
        let make = || rsa::PublicKey::new(BoxedUint::from_be_slice_vartime(&self.modulus), self.exponent.into()).ok();
        self.verifier.get_or_init(make).as_ref()
    }
}
