//! The numbers of an RSA key as a file has them, and whether they belong together.

#[cfg(any(target_arch = "wasm32", test))]
use p256::elliptic_curve::bigint::{ConcatenatingMul as _, NonZero};
use pkcs8::der::Decode as _;
#[cfg(any(target_arch = "wasm32", test))]
use pkcs8::der::{Encode as _, asn1::BitStringRef, asn1::OctetStringRef, asn1::UintRef, pem::PemLabel as _};
#[cfg(any(target_arch = "wasm32", test))]
use pkcs8::{Document, LineEnding, PrivateKeyInfoRef, SecretDocument, SubjectPublicKeyInfoRef};
#[cfg(any(target_arch = "wasm32", test))]
use rsa::BoxedUint;
use rsa::pkcs1::RsaPrivateKeyRef;
#[cfg(any(target_arch = "wasm32", test))]
use rsa::pkcs1::{self, Version};
use zeroize::Zeroizing;

use crate::error::{ErrorCode, Result};
use crate::key::load::{LoadOptions, inconsistent, unreadable, unsupported, unsupported_rsa_size};
use crate::key::{Inner, PrivateKey, RSA_BITS};

/// PKCS#1 in DER, of a size that is accepted.
pub(super) struct RsaNumbers {
    der: Zeroizing<Vec<u8>>,
}

impl RsaNumbers {
    pub(super) fn read(der: &[u8], options: &LoadOptions<'_>) -> Result<Self> {
        let numbers = RsaPrivateKeyRef::from_der(der).map_err(|error| unreadable(&error.to_string()))?;
        let modulus = numbers.modulus.as_bytes();
        let bits = modulus.len() * 8 - modulus.first().map_or(0, |byte| byte.leading_zeros() as usize);
        if bits != RSA_BITS && !options.allows_unsupported_key() {
            return Err(unsupported_rsa_size(ErrorCode::UnsupportedKey, bits));
        }
        if !(rsa::PublicKey::MIN_SIZE..=rsa::PublicKey::MAX_SIZE).contains(&bits) {
            return Err(unsupported(&format!(
                "an RSA key of {bits} bits; even with allowUnsupportedKey it has to be of {} to {} bits",
                rsa::PublicKey::MIN_SIZE,
                rsa::PublicKey::MAX_SIZE
            )));
        }
        Ok(Self { der: Zeroizing::new(der.to_vec()) })
    }

    /// The crate checks that the numbers belong together and computes the CRT values itself: those of the file, which would leak a
    /// prime if they were wrong, are not used.
    pub(super) fn load(&self) -> Result<PrivateKey> {
        let numbers = RsaPrivateKeyRef::from_der(&self.der).map_err(|error| unreadable(&error.to_string()))?;
        let key = rsa::PrivateKey::try_from(numbers).map_err(|_| inconsistent("RSA"))?;
        Ok(Inner::Rsa(Box::new(key.into())).into())
    }
}

/// A key pair for a host that signs and verifies.
#[cfg(any(target_arch = "wasm32", test))]
pub(crate) struct HostPair {
    /// PKCS#8 in DER.
    pub(crate) private_key: Zeroizing<Vec<u8>>,
    /// In PEM.
    pub(crate) public_key: String,
}

#[cfg(any(target_arch = "wasm32", test))]
impl HostPair {
    pub(crate) fn of(key: &PrivateKey) -> Result<Self> {
        Ok(Self { private_key: key.to_pkcs8_der()?, public_key: key.public_key().to_pem()? })
    }
}

#[cfg(any(target_arch = "wasm32", test))]
impl RsaNumbers {
    /// The pair for a host that takes the numbers as they are, if all of them belong together: where one does not, `load` has to say what
    /// becomes of the key. In a new process this takes a tenth of the time of `load`, which prepares to calculate.
    pub(super) fn pair(&self) -> Option<HostPair> {
        let numbers = RsaPrivateKeyRef::from_der(&self.der).ok()?;
        if !belong_together(&numbers)? {
            return None;
        }
        let private_key = PrivateKeyInfoRef::new(pkcs1::ALGORITHM_ID, OctetStringRef::new(&self.der).ok()?);
        let public_key = numbers.public_key().to_der().ok()?;
        let public_key = SubjectPublicKeyInfoRef {
            algorithm: pkcs1::ALGORITHM_ID,
            subject_public_key: BitStringRef::new(0, &public_key).ok()?,
        };
        Some(HostPair {
            private_key: SecretDocument::try_from(private_key).ok()?.to_bytes(),
            public_key: Document::try_from(public_key).ok()?.to_pem(SubjectPublicKeyInfoRef::PEM_LABEL, LineEnding::LF).ok()?,
        })
    }
}

/// Whether a key of two primes of 1024 bits is what RFC 8017, section 3.2, says, its CRT values too. No number is inverted: each
/// inverse is there, and a product shows whether it is one.
#[cfg(any(target_arch = "wasm32", test))]
fn belong_together(numbers: &RsaPrivateKeyRef<'_>) -> Option<bool> {
    const PRIME_BITS: u32 = RSA_BITS as u32 / 2;
    let number = |of: UintRef<'_>, bits| BoxedUint::from_be_slice(of.as_bytes(), bits).ok();
    let n = number(numbers.modulus, 2 * PRIME_BITS)?;
    let e = number(numbers.public_exponent, 64)?;
    let d = number(numbers.private_exponent, 2 * PRIME_BITS)?;
    let is_odd = |of: UintRef<'_>| of.as_bytes().last().is_some_and(|byte| byte & 1 == 1);
    let has_usual_sizes = matches!(numbers.modulus.as_bytes(), [128..=255, rest @ ..] if rest.len() == RSA_BITS / 8 - 1)
        && numbers.public_exponent.as_bytes().len() <= 4
        && e > BoxedUint::one();
    if numbers.version() != Version::TwoPrime || !has_usual_sizes || !is_odd(numbers.modulus) || !is_odd(numbers.public_exponent)
    {
        return Some(false);
    }
    let (p, q) = (number(numbers.prime1, PRIME_BITS)?, number(numbers.prime2, PRIME_BITS)?);
    if d >= n || p == q || p.concatenating_mul(&q) != n {
        return Some(false);
    }
    let de = d.concatenating_mul(&e);
    for (prime, exponent) in [(&p, numbers.exponent1), (&q, numbers.exponent2)] {
        let less_one = NonZero::new(prime.wrapping_sub(BoxedUint::one())).into_option()?;
        let exponent = number(exponent, PRIME_BITS)?;
        let is_inverse = |product: BoxedUint| product.rem(&less_one).is_one().to_bool();
        if exponent >= *less_one || !is_inverse(exponent.concatenating_mul(&e)) || !is_inverse(de.clone()) {
            return Some(false);
        }
    }
    let coefficient = number(numbers.coefficient, PRIME_BITS)?;
    let product = coefficient.concatenating_mul(&q);
    let is_below = coefficient < p;
    Some(is_below && product.rem(&NonZero::new(p).into_option()?).is_one().to_bool())
}

#[cfg(test)]
mod tests {
    use super::*;
    use rsa::pkcs1::EncodeRsaPrivateKey as _;

    fn numbers(der: &[u8]) -> RsaNumbers {
        RsaNumbers::read(der, &LoadOptions::new()).unwrap()
    }

    #[test]
    fn a_whole_key_goes_to_the_host_as_the_crate_would_write_it() {
        for _ in 0..3 {
            let key = rsa::PrivateKey::new(&mut getrandom::SysRng, RSA_BITS).unwrap();
            let pair = numbers(key.to_pkcs1_der().unwrap().as_bytes()).pair().unwrap();
            let loaded = HostPair::of(&Inner::Rsa(Box::new(key.into())).into()).unwrap();
            assert_eq!((pair.private_key, pair.public_key), (loaded.private_key, loaded.public_key));
        }
    }

    #[test]
    fn a_key_with_a_wrong_number_does_not() {
        let key = rsa::PrivateKey::new(&mut getrandom::SysRng, RSA_BITS).unwrap();
        let der = key.to_pkcs1_der().unwrap();
        let right = RsaPrivateKeyRef::from_der(der.as_bytes()).unwrap();
        fn number<'a, 'b>(key: &'b mut RsaPrivateKeyRef<'a>, at: usize) -> &'b mut UintRef<'a> {
            let RsaPrivateKeyRef {
                modulus,
                public_exponent,
                private_exponent,
                prime1,
                prime2,
                exponent1,
                exponent2,
                coefficient,
                ..
            } = key;
            [modulus, public_exponent, private_exponent, prime1, prime2, exponent1, exponent2, coefficient]
                .into_iter()
                .nth(at)
                .unwrap()
        }
        for at in 0..8 {
            let bytes = number(&mut right.clone(), at).as_bytes().to_vec();
            for bit in [0, 1, bytes.len() * 4, bytes.len() * 8 - 2] {
                let mut spoilt = bytes.clone();
                let last = spoilt.len() - 1;
                spoilt[last - bit / 8] ^= 1 << (bit % 8);
                let mut wrong = right.clone();
                *number(&mut wrong, at) = UintRef::new(&spoilt).unwrap();
                assert!(numbers(&wrong.to_der().unwrap()).pair().is_none(), "number {at}, bit {bit}");
            }
        }
        let mut swapped = right.clone();
        (swapped.prime1, swapped.prime2) = (right.prime2, right.prime1);
        assert!(numbers(&swapped.to_der().unwrap()).pair().is_none());
    }

    /// Larger than they should be, but the same modulo what they are for: a host may calculate longer with them, and the crate refuses d.
    #[test]
    fn a_key_with_a_number_that_is_too_large_does_not() {
        let key = rsa::PrivateKey::new(&mut getrandom::SysRng, RSA_BITS).unwrap();
        let der = key.to_pkcs1_der().unwrap();
        let right = RsaPrivateKeyRef::from_der(der.as_bytes()).unwrap();
        let of = |bytes: &[u8]| BoxedUint::from_be_slice_vartime(bytes);
        let sum = |one: UintRef<'_>, other: UintRef<'_>| {
            of(one.as_bytes()).concatenating_add(of(other.as_bytes())).to_be_bytes_trimmed_vartime()
        };
        let coefficient = sum(right.coefficient, right.prime1);
        let mut wrong = right.clone();
        wrong.coefficient = UintRef::new(&coefficient).unwrap();
        assert!(numbers(&wrong.to_der().unwrap()).pair().is_none());
        let private_exponent = sum(right.private_exponent, right.modulus);
        let mut wrong = right.clone();
        wrong.private_exponent = UintRef::new(&private_exponent).unwrap();
        assert!(numbers(&wrong.to_der().unwrap()).pair().is_none());
    }
}
