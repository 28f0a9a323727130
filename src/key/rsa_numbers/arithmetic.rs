//! Products and divisions without remainder of natural numbers, in limbs of 32 bits, the lowest first.
//!
//! The numbers are secret: no branch and no address depends on a limb, only on how many there are.

use std::hint::black_box;
use std::iter::{once, repeat, repeat_n};

use zeroize::Zeroizing;

use crate::key::modulus::{Limbs, zeros};

/// A number whose bytes these are, the highest first; nothing, if it has more bits.
pub(super) fn number(bytes: &[u8], bits: usize) -> Option<Limbs> {
    if bit_width(bytes) > bits {
        return None;
    }
    let mut limbs = zeros(bits.div_ceil(32));
    for (limb, chunk) in limbs.iter_mut().zip(bytes.rchunks(4)) {
        *limb = chunk.iter().fold(0, |limb, byte| limb << 8 | u32::from(*byte));
    }
    Some(limbs)
}

/// How many bits a number has. Which of its bytes are zeros before it, is public.
pub(in crate::key) fn bit_width(bytes: &[u8]) -> usize {
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    8 * (bytes.len() - zeros) - bytes.get(zeros).map_or(0, |byte| byte.leading_zeros() as usize)
}

pub(in crate::key) fn bytes(limbs: &[u32]) -> Zeroizing<Vec<u8>> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(4 * limbs.len()));
    bytes.extend(limbs.iter().rev().flat_map(|limb| limb.to_be_bytes()));
    bytes
}

/// Both have as many limbs.
pub(super) fn is_below(number: &[u32], limit: &[u32]) -> bool {
    number
        .iter()
        .zip(limit)
        .fold(0, |borrow, (limb, limit)| u64::from(*limb).wrapping_sub(u64::from(*limit)).wrapping_sub(borrow) >> 63)
        == 1
}

/// Nothing, if the number is zero.
pub(super) fn less_one(mut number: Limbs) -> Option<Limbs> {
    let mut borrow = true;
    for limb in number.iter_mut() {
        (*limb, borrow) = limb.overflowing_sub(u32::from(borrow));
    }
    (!borrow).then_some(number)
}

/// In the limbs of the first, which has more of them.
#[cfg(any(target_arch = "wasm32", test))]
pub(super) fn sum(mut a: Limbs, b: &[u32]) -> Limbs {
    let mut carry = 0;
    for (limb, b) in a.iter_mut().zip(b.iter().chain(repeat(&0))) {
        let sum = u64::from(*limb) + u64::from(*b) + carry;
        *limb = sum as u32;
        carry = sum >> 32;
    }
    a
}

/// In as many limbs as both have together.
#[inline(never)]
pub(super) fn product(a: &[u32], b: &[u32]) -> Limbs {
    let mut product = zeros(a.len() + b.len());
    let mut window = product.as_mut_slice();
    for a in a {
        let mut carry = 0;
        for (limb, b) in window.iter_mut().zip(b.iter().chain(once(&0))) {
            let sum = u64::from(*a) * u64::from(*b) + u64::from(*limb) + carry;
            *limb = sum as u32;
            carry = sum >> 32;
        }
        window = window.split_at_mut(1).1;
    }
    product
}

/// A quotient, where nothing is left over and it has no more limbs than the dividend has beyond those of the divisor.
///
/// It is found from its lowest limb on, as Montgomery reduces: that takes no estimate of a limb. Where something is left over, the
/// limbs above are not zero.
#[inline(never)]
pub(super) fn exact_quotient(mut dividend: Limbs, mut divisor: Limbs) -> Option<Limbs> {
    // First, both are halved as often as the divisor can be: by limbs and then by bits, in the same steps whichever it takes.
    let mut lost = 0;
    for bits in repeat_n(32, divisor.len()).chain(repeat_n(1, 31)) {
        let lowest = |limbs: &[u32]| u64::from(limbs.first().copied().unwrap_or(1)) & ((1 << bits) - 1);
        // All ones, if there are as many zeros. The compiler may not learn that there are two cases.
        let even = black_box((lowest(&divisor).wrapping_sub(1) >> 63).wrapping_neg());
        lost |= lowest(&dividend) & even;
        shift(&mut divisor, bits, even as u32);
        shift(&mut dividend, bits, even as u32);
    }

    let lowest = divisor.first().copied().unwrap_or(1);
    // Newton's iteration: from the three bits that are right for every odd number, twice as many with each step.
    let inverse = (0..4).fold(lowest, |inverse, _| inverse.wrapping_mul(2u32.wrapping_sub(lowest.wrapping_mul(inverse))));
    let mut quotient = zeros(dividend.len());
    let mut window = dividend.as_mut_slice();
    for digit in quotient.iter_mut() {
        *digit = window.first().copied().unwrap_or(0).wrapping_mul(inverse);
        let mut carry = 0;
        for (limb, divisor) in window.iter_mut().zip(divisor.iter().chain(repeat(&0))) {
            let sum = u64::from(*digit) * u64::from(*divisor) + carry;
            let (rest, borrow) = limb.overflowing_sub(sum as u32);
            *limb = rest;
            carry = (sum >> 32) + u64::from(borrow);
        }
        window = window.split_at_mut(1).1;
    }
    let above = quotient.iter().rev().take(divisor.len()).fold(0, |all, limb| all | limb);
    let length = quotient.len() - divisor.len();
    quotient.truncate(length);
    (lost == 0 && above == 0).then_some(quotient)
}

/// Divides by 2 to the power of `bits`, at most 32, if the mask is all ones.
fn shift(limbs: &mut [u32], bits: u32, mask: u32) {
    let mut above = 0;
    for limb in limbs.iter_mut().rev() {
        let shifted = ((above << 32 | u64::from(*limb)) >> bits) as u32;
        above = u64::from(*limb);
        *limb ^= (*limb ^ shifted) & mask;
    }
}

/// What is left over; the divisor, of less than 63 bits, is public.
pub(super) fn remainder(number: &[u32], divisor: u64) -> u64 {
    let mut rest = 0;
    for limb in number.iter().rev() {
        for at in (0..32).rev() {
            rest = rest << 1 | u64::from(limb >> at & 1);
            // All ones, if the divisor is not more. The compiler may not learn that there are two cases.
            let kept = black_box((rest.wrapping_sub(divisor) >> 63).wrapping_sub(1));
            rest -= divisor & kept;
        }
    }
    rest
}

#[cfg(test)]
mod tests {
    use p256::elliptic_curve::bigint::{ConcatenatingMul as _, NonZero};
    use rsa::BoxedUint;

    use super::*;
    use crate::key::rsa_crt::tests::Numbers;

    fn of(limbs: &[u32]) -> BoxedUint {
        BoxedUint::from_be_slice_vartime(&bytes(limbs))
    }

    fn limbs(bytes: &[u8]) -> Limbs {
        number(bytes, 8 * bytes.len()).unwrap()
    }

    #[test]
    fn numbers_have_the_bits_that_are_asked_for() {
        assert_eq!(*number(&[0, 0, 1, 2, 3, 4, 5], 33).unwrap(), [0x0203_0405, 1]);
        assert_eq!(number(&[2, 0, 0, 0, 0], 33), None);
        assert_eq!(number(&[0x80, 0, 0, 0], 32).as_deref(), Some(&vec![0x8000_0000]));
        assert_eq!(*number(&[], 64).unwrap(), [0, 0]);
        assert_eq!([&[][..], &[0, 0], &[0, 1], &[0xff, 0xff]].map(bit_width), [0, 0, 1, 16]);
        assert_eq!(*bytes(&[0x0203_0405, 1]), [0, 0, 0, 1, 2, 3, 4, 5]);
        assert_eq!(less_one(Zeroizing::new(vec![0, 0, 5])).as_deref(), Some(&vec![u32::MAX, u32::MAX, 4]));
        assert_eq!(less_one(Zeroizing::new(vec![0, 0])), None);
        for (a, b, expected) in [([1, 2], [1, 2], false), ([5, 1], [1, 2], true), ([1, 2], [5, 1], false), ([0, 2], [1, 2], true)]
        {
            assert_eq!(is_below(&a, &b), expected, "{a:?} < {b:?}");
        }
    }

    /// Against crypto-bigint; with divisors of up to 130 twos, in which limbs begin with others.
    #[test]
    fn products_and_quotients_equal_crypto_bigint() {
        let mut numbers = Numbers(0x1234_5678_9abc_def1);
        for round in 0..400u32 {
            let (long, short) = (4 * (2 + round as usize % 37), 4 * (1 + round as usize % 5));
            let pattern = |numbers: &mut Numbers, length| match round % 3 {
                0 => numbers.bytes(length),
                1 => numbers.runs(length),
                _ => vec![0xff; length],
            };
            let (mut a, b) = (limbs(&pattern(&mut numbers, long)), limbs(&pattern(&mut numbers, short)));
            let twos = round % 131;
            for (at, limb) in a.iter_mut().enumerate() {
                let zeros = twos.saturating_sub(32 * at as u32).min(32);
                *limb &= u32::MAX.checked_shl(zeros).unwrap_or(0);
            }
            if let Some(limb) = a.get_mut(twos as usize / 32) {
                *limb |= 1 << (twos % 32);
            }
            let product = product(&a, &b);
            assert_eq!(of(&product), of(&a).concatenating_mul(of(&b)));
            if a.iter().any(|limb| *limb != 0) {
                assert_eq!(exact_quotient(product.clone(), a.clone()).unwrap(), b, "{a:?}");
            }
            // One that is left over, in any place below the divisor.
            let place = numbers.bytes(2);
            let mut more = product.clone();
            let at = (usize::from(place[0]) << 8 | usize::from(place[1])) % (32 * (long / 4) - 1);
            more[at / 32] ^= 1 << (at % 32);
            let divisor = NonZero::new(of(&a));
            if let Some(divisor) = divisor.into_option() {
                let is_multiple = of(&more).rem(&divisor).is_zero().to_bool();
                assert_eq!(exact_quotient(more, a.clone()).is_some(), is_multiple, "{a:?}, {at}");
            }
            for divisor in [3, 65_537, (1 << 33) - 1, u64::from(round) + 1] {
                let expected = of(&product).rem(&NonZero::new(BoxedUint::from(divisor)).unwrap());
                assert_eq!(BoxedUint::from(remainder(&product, divisor)), expected);
            }
        }
    }
}
