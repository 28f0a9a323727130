//! The numbers of an RSA key: whether those of a file belong together, and what follows from its primes.

mod arithmetic;

#[cfg(not(target_arch = "wasm32"))]
use rsa::BoxedUint;
use zeroize::Zeroizing;

use crate::error::{ErrorCode, Result};
use crate::key::load::{LoadOptions, inconsistent, unreadable, unsupported, unsupported_rsa_size};
use crate::key::modulus::{Limbs, Modulus, digits, repack, zeros};
use crate::key::rsa_public::{EXPONENTS, RsaPublicKey, SIZES};
use crate::key::{RSA_BITS, der};
use crate::parameter::Parameter;
#[cfg(any(target_arch = "wasm32", test))]
use arithmetic::sum;
pub(super) use arithmetic::{bit_width, bytes};
use arithmetic::{exact_quotient, is_below, less_one, number, product, remainder};

/// The public exponent of new keys.
pub(super) const NEW_EXPONENT: u64 = 65_537;

/// The numbers of a key with two primes, as RFC 8017, section 3.2, asks for; whether the primes are such is not known. How many limbs
/// each has depends on the size of the key alone.
pub(super) struct RsaNumbers {
    pub(super) modulus: Limbs,
    pub(super) public_exponent: u64,
    pub(super) private_exponent: Limbs,
    pub(super) primes: [Limbs; 2],
    /// The private exponent modulo each prime less one.
    pub(super) exponents: [Limbs; 2],
    /// One divided by the second prime, modulo the first.
    pub(super) coefficient: Limbs,
}

impl RsaNumbers {
    /// From PKCS#1 in DER. The values for the Chinese remainder theorem are calculated anew, since wrong ones would give away a prime;
    /// but for the coefficient, where it is right.
    pub(super) fn read(der: &[u8], options: &LoadOptions<'_>) -> Result<Self> {
        let Some([version, modulus, public_exponent, private_exponent, p, q, _, _, coefficient]) = der::integers(der) else {
            return Err(unreadable("it is not DER of an RSA key"));
        };
        let bits = bit_width(modulus);
        if bits != RSA_BITS && !options.allows_unsupported_key() {
            return Err(unsupported_rsa_size(ErrorCode::UnsupportedKey, bits));
        }
        if !SIZES.contains(&bits) {
            return Err(unsupported(&format!(
                "an RSA key of {bits} bits; even with {} it has to be of {} to {} bits",
                Parameter::AllowUnsupportedKey.token(),
                SIZES.start(),
                SIZES.end()
            )));
        }
        let of_two_primes = || {
            // Neither prime may be longer, so that no time tells how long it is.
            let half = bits.div_ceil(2);
            let [p, q] = [number(p, half)?, number(q, half)?];
            let whole = 32 * (p.len() + q.len());
            let coefficient = number(coefficient, half).unwrap_or_else(|| zeros(p.len()));
            let public_exponent = number(public_exponent, 64)?;
            Self::of(number(modulus, whole)?, public_exponent, number(private_exponent, whole)?, [p, q], coefficient)
        };
        (version == [0]).then(of_two_primes).flatten().ok_or_else(|| inconsistent("RSA"))
    }

    /// Of a new key, whose primes these are: of 1024 bits each, the highest byte first.
    pub(super) fn from_primes([p, q]: [&[u8]; 2]) -> Option<Self> {
        let [p, q] = [number(p, RSA_BITS / 2)?, number(q, RSA_BITS / 2)?];
        let order = product(&less_one(p.clone())?, &less_one(q.clone())?);
        // Fermat: e is prime, and so the inverse is the power with the exponent e - 2, which is 2^16 - 1.
        let rest = remainder(&order, NEW_EXPONENT);
        let inverse = (0..15).fold(rest, |power, _| power * power % NEW_EXPONENT * rest % NEW_EXPONENT);
        let e = Zeroizing::new(vec![NEW_EXPONENT as u32, 0]);
        let d = exact_quotient(plus_one(product(&order, &[(NEW_EXPONENT - inverse) as u32, 0])), e.clone())?;
        let unknown = zeros(p.len());
        Self::of(product(&p, &q), e, d, [p, q], unknown)
    }

    /// Nothing, if the numbers do not belong together. The coefficient may be wrong.
    #[inline(never)]
    fn of(n: Limbs, e: Limbs, d: Limbs, [p, q]: [Limbs; 2], mut coefficient: Limbs) -> Option<Self> {
        let is_odd = |number: &[u32]| number.first().is_some_and(|limb| limb & 1 == 1);
        let public_exponent = e.iter().rev().fold(0, |sum, limb| sum << 32 | u64::from(*limb));
        let are_right = product(&p, &q) == n
            && is_odd(&n)
            && p != q
            && is_below(&d, &n)
            && is_odd(&e)
            && EXPONENTS.contains(&public_exponent);
        if !are_right {
            return None;
        }

        let de_less_one = less_one(product(&d, &e))?;
        let exponent = |prime: &Limbs| {
            let prime_less_one = less_one(prime.clone())?;
            // d e = 1 + y (p - 1): so e times the exponent modulo p - 1 is 1 + (y modulo e) (p - 1).
            let multiple = remainder(&exact_quotient(de_less_one.clone(), prime_less_one.clone())?, public_exponent);
            let product = product(&prime_less_one, &[multiple as u32, (multiple >> 32) as u32]);
            exact_quotient(plus_one(product), e.clone())
        };
        let exponents = [exponent(&p)?, exponent(&q)?];

        let is_inverse = |coefficient: &Limbs| {
            let product = less_one(product(coefficient, &q));
            is_below(coefficient, &p) && product.is_some_and(|product| exact_quotient(product, p.clone()).is_some())
        };
        if !is_inverse(&coefficient) {
            coefficient = Some(inverse(&q, &p)).filter(is_inverse)?;
        }
        Some(Self { modulus: n, public_exponent, private_exponent: d, primes: [p, q], exponents, coefficient })
    }
}

impl RsaNumbers {
    /// PKCS#8 in DER.
    pub(super) fn to_pkcs8(&self) -> Zeroizing<Vec<u8>> {
        let [p, q] = &self.primes;
        let [dp, dq] = &self.exponents;
        let members = [&self.modulus, &self.private_exponent, p, q, dp, dq, &self.coefficient].map(|number| bytes(number));
        let [n, d, p, q, dp, dq, coefficient] = &members;
        let e = self.public_exponent.to_be_bytes();
        der::to_pkcs8(der::RSA_ALGORITHM, &der::of_integers(&[&[0], n, &e, d, p, q, dp, dq, coefficient]))
    }

    #[cfg(not(target_arch = "wasm32"))]
    pub(super) fn of_crate(&self) -> Option<rsa::PrivateKey> {
        let number = |limbs: &[u32]| BoxedUint::from_be_slice_vartime(&bytes(limbs));
        let primes = self.primes.iter().map(|prime| number(prime)).collect();
        rsa::PrivateKey::from_components(
            number(&self.modulus),
            self.public_exponent.into(),
            number(&self.private_exponent),
            primes,
        )
        .ok()
    }

    /// The private exponent and -1, and to each the order of the group times a number of 128 bits, which is not zero.
    #[cfg(any(target_arch = "wasm32", test))]
    pub(super) fn blinded_exponents(&self, random: &[u8]) -> Option<[Limbs; 2]> {
        let [p, q] = &self.primes;
        let order = product(&less_one(p.clone())?, &less_one(q.clone())?);
        let (first, second) = random.split_at_checked(16)?;
        let multiple = |random| Some(product(&order, &number(random, 128)?));
        Some([sum(multiple(first)?, &self.private_exponent), less_one(multiple(second)?)?])
    }

    pub(super) fn public_key(&self) -> Option<RsaPublicKey> {
        RsaPublicKey::new(&bytes(&self.modulus), self.public_exponent)
    }
}

/// An even number, plus one.
fn plus_one(mut number: Limbs) -> Limbs {
    if let Some(lowest) = number.first_mut() {
        *lowest |= 1;
    }
    number
}

/// One divided by a number, modulo a prime that is not much less; what comes of another modulus is wrong. Fermat: the power with
/// the exponent `prime - 2`.
#[inline(never)]
fn inverse(number: &[u32], prime: &Limbs) -> Limbs {
    const BITS: u32 = 28;
    let width = 32 * prime.len();
    let length = (width + 4).div_ceil(BITS as usize).next_multiple_of(4);
    let modulus = Modulus::new(repack(prime, 32, BITS, length), BITS, 1);
    let columns = &mut modulus.columns();
    let mut base = repack(number, 32, BITS, length);
    modulus.multiply(columns, &mut base, &modulus.radix_squared);
    let less_two = less_one(prime.clone()).and_then(less_one).unwrap_or_default();
    let mut power = modulus.power(columns, &base, &digits(&less_two, 32, width.div_ceil(5)));
    modulus.leave(columns, &mut power);
    repack(&power, BITS, 32, prime.len())
}

#[cfg(test)]
pub(super) mod tests {
    use rsa::BoxedUint;
    use rsa::pkcs1::{EncodeRsaPrivateKey as _, RsaPrivateKeyRef, UintRef};
    use rsa::pkcs8::EncodePrivateKey as _;
    use rsa::pkcs8::der::{Decode as _, Encode as _};
    use rsa::traits::{PrivateKeyParts as _, PublicKeyParts as _};

    use super::*;

    fn read(der: &[u8]) -> Result<RsaNumbers> {
        RsaNumbers::read(der, &LoadOptions::new().allow_unsupported_key(true))
    }

    pub(in crate::key) fn numbers_of(key: &rsa::PrivateKey) -> RsaNumbers {
        read(key.to_pkcs1_der().unwrap().as_bytes()).unwrap()
    }

    fn new_key() -> rsa::PrivateKey {
        rsa::PrivateKey::new(&mut getrandom::SysRng, RSA_BITS).unwrap()
    }

    #[test]
    fn keys_are_written_as_the_crate_writes_them() {
        for bits in [1024, 1030, RSA_BITS, RSA_BITS, 3072] {
            let key = rsa::PrivateKey::new(&mut getrandom::SysRng, bits).unwrap();
            assert_eq!(*numbers_of(&key).to_pkcs8(), *key.to_pkcs8_der().unwrap().as_bytes(), "{bits}");
        }
    }

    #[test]
    fn from_its_primes_a_key_is_what_the_crate_makes_of_them() {
        for _ in 0..3 {
            let key = new_key();
            let primes = [0, 1].map(|at| key.primes()[at].to_be_bytes());
            let ours = RsaNumbers::from_primes([&primes[0], &primes[1]]).unwrap();
            assert_eq!(*ours.to_pkcs8(), *key.to_pkcs8_der().unwrap().as_bytes());
        }
    }

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

    #[test]
    fn a_wrong_number_is_refused_or_replaced_by_the_right_one() {
        let key = new_key();
        let der = key.to_pkcs1_der().unwrap();
        let right = RsaPrivateKeyRef::from_der(der.as_bytes()).unwrap();
        let written = key.to_pkcs8_der().unwrap();
        for at in 0..8 {
            let bytes = number(&mut right.clone(), at).as_bytes().to_vec();
            for bit in [0, 1, bytes.len() * 4, bytes.len() * 8 - 2] {
                let mut spoilt = bytes.clone();
                let last = spoilt.len() - 1;
                spoilt[last - bit / 8] ^= 1 << (bit % 8);
                let mut wrong = right.clone();
                *number(&mut wrong, at) = UintRef::new(&spoilt).unwrap();
                let outcome = read(&wrong.to_der().unwrap());
                if at < 5 {
                    assert!(outcome.is_err(), "number {at}, bit {bit}");
                } else {
                    assert_eq!(*outcome.unwrap().to_pkcs8(), *written.as_bytes(), "number {at}, bit {bit}");
                }
            }
        }
        let mut swapped = right.clone();
        (swapped.prime1, swapped.prime2) = (right.prime2, right.prime1);
        let [p, q] = [0, 1].map(|at| key.primes()[at].as_ref().clone());
        let expected = rsa::PrivateKey::from_components(key.n().as_ref().clone(), key.e().clone(), key.d().clone(), vec![q, p]);
        let expected = expected.unwrap().to_pkcs8_der().unwrap();
        assert_eq!(*read(&swapped.to_der().unwrap()).unwrap().to_pkcs8(), *expected.as_bytes());
    }

    /// Larger than they should be, but the same modulo what they are for.
    #[test]
    fn a_number_that_is_too_large_is_not_used() {
        let key = new_key();
        let der = key.to_pkcs1_der().unwrap();
        let right = RsaPrivateKeyRef::from_der(der.as_bytes()).unwrap();
        let of = |bytes: &[u8]| BoxedUint::from_be_slice_vartime(bytes);
        let sum = |one: UintRef<'_>, other: UintRef<'_>| {
            of(one.as_bytes()).concatenating_add(of(other.as_bytes())).to_be_bytes_trimmed_vartime()
        };
        let coefficient = sum(right.coefficient, right.prime1);
        let mut wrong = right.clone();
        wrong.coefficient = UintRef::new(&coefficient).unwrap();
        assert_eq!(*read(&wrong.to_der().unwrap()).unwrap().to_pkcs8(), *key.to_pkcs8_der().unwrap().as_bytes());
        let private_exponent = sum(right.private_exponent, right.modulus);
        let mut wrong = right.clone();
        wrong.private_exponent = UintRef::new(&private_exponent).unwrap();
        assert!(read(&wrong.to_der().unwrap()).is_err());
    }
}
