//! The two primes of a new key: FIPS 186-5, appendix A.1.3, random primes that are probably prime.
//!
//! Each candidate is a new random number of 1024 bits, the highest two and the lowest set. Divisors below 2048 sort most of them
//! out; what is left is tested as Miller and Rabin do (appendix B.3.1), with 64 random bases, as many as OpenSSL takes: a number
//! that is not prime passes with a probability below 2^-128, whatever number it is. The time tells how many candidates were
//! thrown away, and nothing of those that were kept: all divisors are tried on a prime, and all its powers take the same steps.

use zeroize::Zeroizing;

use super::{PRIME_BITS, PRIME_LIMBS};
use crate::error::Result;
use crate::key::modulus::{Limbs, Modulus, number, repack, zeros};
use crate::key::rsa_numbers::NEW_EXPONENT;

/// The bytes of a prime.
const BYTES: usize = 128;

/// The first bytes of two primes have to differ by more than one, and so the primes by more than 2^960; 2^924 is asked for.
const FIRST_BYTES: usize = 8;

const BASES: usize = 64;

/// Random bytes for a base: 16 bits more than the prime has, so that no remainder is more frequent than others.
const BASE_BYTES: usize = BYTES + 2;

type Bytes = Zeroizing<Vec<u8>>;

/// Two primes for a key of 2048 bits with the public exponent 65537, their highest bytes first. `random` fills what it is
/// given with random bytes.
pub(in crate::key) fn prime_pair(random: impl Fn(&mut [u8]) -> Result<()>) -> Result<[Bytes; 2]> {
    let random: Random<'_> = &random;
    let first = prime(random)?;
    loop {
        let second = prime(random)?;
        if highest(&first).abs_diff(highest(&second)) > 1 {
            return Ok([first, second]);
        }
    }
}

type Random<'a> = &'a dyn Fn(&mut [u8]) -> Result<()>;

fn highest(prime: &[u8]) -> u64 {
    prime.iter().take(FIRST_BYTES).fold(0, |sum, byte| sum << 8 | u64::from(*byte))
}

fn prime(random: Random<'_>) -> Result<Bytes> {
    let mut bytes = Zeroizing::new(vec![0; BYTES]);
    loop {
        random(&mut bytes)?;
        if let [highest, .., lowest] = bytes.as_mut_slice() {
            *highest |= 0b1100_0000;
            *lowest |= 1;
        }
        let limbs = number(&bytes, PRIME_BITS, PRIME_LIMBS);
        // The public exponent is a prime: it has no divisor in common with the number less one, or is one itself.
        if remainder(&limbs, NEW_EXPONENT) != 1 && !has_small_divisor(&limbs) && is_prime(limbs, random)? {
            return Ok(bytes);
        }
    }
}

fn has_small_divisor(number: &[u32]) -> bool {
    (3..2048).step_by(2).any(|divisor| remainder(number, divisor) == 0)
}

fn remainder(number: &[u32], divisor: u64) -> u64 {
    number.iter().rev().fold(0, |rest, limb| (rest << PRIME_BITS | u64::from(*limb)) % divisor)
}

/// Whether an odd number, with the highest of 1024 bits set, is prime.
fn is_prime(number_to_test: Limbs, random: Random<'_>) -> Result<bool> {
    let modulus = Modulus::new(number_to_test, PRIME_BITS, 8 * BYTES as u32);
    let columns = &mut modulus.columns();
    let mut less_one = zeros(PRIME_LIMBS);
    less_one.copy_from_slice(&modulus.limbs);
    if let [lowest, ..] = less_one.as_mut_slice() {
        *lowest ^= 1;
    }
    let mut one = zeros(PRIME_LIMBS);
    if let [lowest, ..] = one.as_mut_slice() {
        *lowest = 1;
    }
    // The number less one is 2 to the power of `twos`, times the odd exponent.
    let bits = repack(&less_one, PRIME_BITS, 1, 8 * BYTES);
    let twos = bits.iter().take_while(|bit| **bit == 0).count();
    let mut exponent = repack(bits.get(twos..).unwrap_or_default(), 1, 5, (8 * BYTES).div_ceil(5));
    exponent.reverse();

    let mut bytes = Zeroizing::new([0; BASE_BYTES]);
    for _ in 0..BASES {
        random(&mut *bytes)?;
        let mut base = number(&*bytes, PRIME_BITS, PRIME_LIMBS);
        modulus.multiply(columns, &mut base, &modulus.radix_squared);
        let mut power = modulus.power(columns, &base, &exponent);
        let mut result = zeros(PRIME_LIMBS);
        let mut is_witness = true;
        for squared in 0..twos {
            result.copy_from_slice(&power);
            modulus.leave(columns, &mut result);
            if *result == *less_one || (squared == 0 && *result == *one) {
                is_witness = false;
            }
            modulus.square(columns, &mut power);
        }
        if is_witness {
            return Ok(false);
        }
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use rsa::BoxedUint;

    use super::super::tests::{Numbers, random};
    use super::*;
    use crate::error::{Error, ErrorCode};

    /// Those of the numbers that OpenSSL takes for primes.
    fn primes_by_openssl(numbers: &[String]) -> Vec<bool> {
        let output = Command::new("openssl").args(["prime", "-hex"]).args(numbers).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let answers: Vec<bool> = text.lines().map(|line| line.ends_with("is prime")).collect();
        assert_eq!(answers.len(), numbers.len(), "{text}");
        answers
    }

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02X}")).collect()
    }

    fn limbs(bytes: &[u8]) -> Limbs {
        number(bytes, PRIME_BITS, PRIME_LIMBS)
    }

    #[test]
    fn pairs_are_primes_as_fips_186_5_asks_for() {
        let pairs: Vec<_> = (0..2).map(|_| prime_pair(random).unwrap()).collect();
        let all: Vec<String> = pairs.iter().flatten().map(|prime| hex(prime)).collect();
        assert_eq!(primes_by_openssl(&all), [true; 4]);
        for [p, q] in &pairs {
            for prime in [p, q] {
                assert_eq!((prime.len(), prime[0] >> 6), (BYTES, 3), "two primes whose product has 2048 bits");
                assert_ne!(remainder(&limbs(prime), NEW_EXPONENT), 1);
            }
            assert_ne!(p[..12], q[..12]);
        }
        let unique: std::collections::BTreeSet<_> = all.iter().collect();
        assert_eq!(unique.len(), 4);
    }

    #[test]
    fn says_what_openssl_says() {
        // Every odd number near one that looks random: most are not prime.
        let mut bytes = Numbers(0x2545_f491_4f6c_dd1d).bytes(BYTES);
        bytes[0] |= 0x80;
        let mut tested = Vec::new();
        for low in (1..=255).step_by(2) {
            bytes[BYTES - 1] = low;
            tested.push(bytes.clone());
        }
        // Known: the largest prime below 2^1024 and its neighbours (2^1024 - 105; OEIS A014234).
        for low in (0x81..=0xff).step_by(2) {
            let mut bytes = vec![0xff; BYTES];
            bytes[BYTES - 1] = low;
            tested.push(bytes);
        }
        let expected = primes_by_openssl(&tested.iter().map(|bytes| hex(bytes)).collect::<Vec<_>>());
        assert!(expected.contains(&true));
        for (bytes, expected) in tested.iter().zip(expected) {
            assert_eq!(is_prime(limbs(bytes), &random).unwrap(), expected, "{}", hex(bytes));
            assert!(!expected || !has_small_divisor(&limbs(bytes)));
        }
    }

    /// What few bases tell from primes: a square, the product of a prime `p` and `2p - 1`, which a quarter of all bases take for a
    /// prime, and a number of Carmichael, (6k+1)(12k+1)(18k+1), which Fermat's test takes for one with almost all.
    #[test]
    fn composites_without_small_divisors_are_found() {
        let number = |hex: &str, factor: u32, more: i32| {
            let hex = format!("{hex:0>256}");
            let bytes: Vec<u8> = (0..BYTES).map(|at| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).unwrap()).collect();
            let product = BoxedUint::from_be_slice(&bytes, 1024).unwrap().wrapping_mul(BoxedUint::from(factor));
            let one = BoxedUint::one();
            if more < 0 {
                product.wrapping_sub(&one)
            } else if more > 0 {
                product.wrapping_add(&one)
            } else {
                product
            }
        };
        let (half, root) = (format!("9{:0>127}", "5BD8F"), format!("C{:0>127}", "35C41"));
        let k = "391FFC667D3ECD60C4A9A3599C135F1D8099F20C319473C9429CE0F517697BEC50055C169AC1D0564DE03";
        for factors in [
            vec![number(&root, 1, 0), number(&root, 1, 0)],
            vec![number(&half, 1, 0), number(&half, 2, -1)],
            vec![number(k, 6, 1), number(k, 12, 1), number(k, 18, 1)],
        ] {
            let written: Vec<String> = factors.iter().map(|factor| hex(&factor.to_be_bytes())).collect();
            assert_eq!(primes_by_openssl(&written), vec![true; factors.len()]);
            let product =
                factors.iter().fold(BoxedUint::one_with_precision(1024), |product, factor| product.wrapping_mul(factor));
            assert_eq!(product.bit_width(), 1024);
            assert!(!has_small_divisor(&limbs(&product.to_be_bytes())));
            assert!(!is_prime(limbs(&product.to_be_bytes()), &random).unwrap(), "{factors:?}");
        }
    }

    #[test]
    fn without_random_numbers_there_is_no_prime() {
        let none = |_: &mut [u8]| Err(Error::new(ErrorCode::RandomUnavailable, "none"));
        assert_eq!(prime_pair(none).unwrap_err().code(), ErrorCode::RandomUnavailable);
    }
}
