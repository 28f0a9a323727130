//! Numbers modulo the prime of P-256 (FIPS 186-5, SP 800-186 section 3.2.1.3) for WebAssembly, where those of the crate `p256` take three
//! times as long. `docs/performance.md` has the measurements.
//!
//! A number is nine limbs of 29 bits in Montgomery's form with R = 2^261, which is 32 times the prime. Limbs are
//! signed, so a difference is one limb by limb, and results are not brought below the prime: a product lies between -1 and 2 times
//! the prime where its factors' bounds, in primes, have a product of at most 32. Sums of 9 products of limbs stay below 2^62 if one factor
//! has limbs of 29 bits and the other of 30. The tests are compiled with a check of every sum.
//!
//! No branch and no address depends on a number. Masks pass through `black_box`, since compilers like to make branches of them.

use std::hint::black_box;

pub(super) type Number = [i64; 9];
type Columns = [i64; 17];

const BITS: u32 = 29;
const MASK: i64 = (1 << BITS) - 1;

const PRIME: Number = [0x1fff_ffff, 0x1fff_ffff, 0x1fff_ffff, 0x1ff, 0, 0, 0x4_0000, 0x1fe0_0000, 0xff_ffff];

/// R² modulo the prime, which brings numbers into Montgomery's form.
const RADIX_SQUARED: Number = [0xc00, 0, 0x1fff_0000, 0x1fdf_ffff, 0x1fbf_ffff, 0x1fff_ffff, 0x1fff_ffff, 0x1fff_fffe, 0x13];

/// R modulo the prime, which is 1 in Montgomery's form.
pub(super) const ONE: Number = [32, 0, 0, 0x1fff_c000, 0x1fff_ffff, 0x1fff_ffff, 0x1f7f_ffff, 0x3ff_ffff, 0];

#[cfg_attr(countersign_module, optimize(speed))]
fn raised(base: &Number, doublings: u32, factor: &Number) -> Number {
    let squared = (0..doublings).fold(*base, |power, _| square(&power));
    multiply(&squared, factor)
}

/// The number to the power of 2^k - 1 for k = 2, 30 and 32.
fn powers(number: &Number) -> [Number; 3] {
    let of_2 = raised(number, 1, number);
    let of_3 = raised(&of_2, 1, number);
    let of_6 = raised(&of_3, 3, &of_3);
    let of_12 = raised(&of_6, 6, &of_6);
    let of_15 = raised(&of_12, 3, &of_3);
    let of_30 = raised(&of_15, 15, &of_15);
    [of_2, of_30, raised(&of_30, 2, &of_2)]
}

/// `1 / number`, as the number to the power of the prime less 2.
pub(super) fn inverse(number: &Number) -> Number {
    let [_, of_30, of_32] = powers(number);
    // The bits of the exponent: 32 ones, 31 zeros and a one, 96 zeros, 94 ones, a zero and a one.
    let power = raised(&of_32, 32, number);
    let power = raised(&power, 128, &of_32);
    let power = raised(&power, 32, &of_32);
    let power = raised(&power, 30, &of_30);
    raised(&power, 2, number)
}

/// The number to the power of a quarter of the prime plus 1: a square root of it, if it has one.
pub(super) fn square_root(number: &Number) -> Number {
    let [.., of_32] = powers(number);
    // The bits of the exponent: 32 ones, 31 zeros and a one, 95 zeros and a one, 94 zeros.
    let power = raised(&of_32, 32, number);
    let power = raised(&power, 96, number);
    (0..94).fold(power, |power, _| square(&power))
}

/// Limb by limb.
#[cfg_attr(countersign_module, optimize(speed))]
pub(super) fn subtract(a: &Number, b: &Number) -> Number {
    let mut difference = *a;
    difference.iter_mut().zip(b).for_each(|(limb, b)| *limb -= b);
    difference
}

#[cfg_attr(countersign_module, optimize(speed))]
pub(super) fn times(number: &Number, factor: i64) -> Number {
    let mut product = number.map(|limb| limb * factor);
    carry(&mut product);
    product
}

/// Brings all limbs but the highest between 0 and 2^29.
#[cfg_attr(countersign_module, optimize(speed))]
pub(super) fn carry(number: &mut Number) {
    let mut carry = 0;
    let [limbs @ .., highest] = number;
    for limb in limbs {
        let sum = *limb + carry;
        *limb = sum & MASK;
        carry = sum >> BITS;
    }
    *highest += carry;
}

/// `a · b / R`.
#[inline(never)]
#[cfg_attr(countersign_module, optimize(speed))]
pub(super) fn multiply(a: &Number, b: &Number) -> Number {
    reduce(product(a, b))
}

/// `a² / R`.
#[inline(never)]
#[cfg_attr(countersign_module, optimize(speed))]
pub(super) fn square(a: &Number) -> Number {
    reduce(square_product(a))
}

/// `(a · b - c · d) / R`.
#[inline(never)]
#[cfg_attr(countersign_module, optimize(speed))]
pub(super) fn difference_of_products([a, b]: [&Number; 2], [c, d]: [&Number; 2]) -> Number {
    let mut columns = product(a, b);
    columns.iter_mut().zip(product(c, d)).for_each(|(column, product)| *column -= product);
    reduce(columns)
}

#[rustfmt::skip]
#[cfg_attr(countersign_module, optimize(speed))]
fn product(&[a0, a1, a2, a3, a4, a5, a6, a7, a8]: &Number, &[b0, b1, b2, b3, b4, b5, b6, b7, b8]: &Number) -> Columns {
    [
        a0 * b0,
        a0 * b1 + a1 * b0,
        a0 * b2 + a1 * b1 + a2 * b0,
        a0 * b3 + a1 * b2 + a2 * b1 + a3 * b0,
        a0 * b4 + a1 * b3 + a2 * b2 + a3 * b1 + a4 * b0,
        a0 * b5 + a1 * b4 + a2 * b3 + a3 * b2 + a4 * b1 + a5 * b0,
        a0 * b6 + a1 * b5 + a2 * b4 + a3 * b3 + a4 * b2 + a5 * b1 + a6 * b0,
        a0 * b7 + a1 * b6 + a2 * b5 + a3 * b4 + a4 * b3 + a5 * b2 + a6 * b1 + a7 * b0,
        a0 * b8 + a1 * b7 + a2 * b6 + a3 * b5 + a4 * b4 + a5 * b3 + a6 * b2 + a7 * b1 + a8 * b0,
        a1 * b8 + a2 * b7 + a3 * b6 + a4 * b5 + a5 * b4 + a6 * b3 + a7 * b2 + a8 * b1,
        a2 * b8 + a3 * b7 + a4 * b6 + a5 * b5 + a6 * b4 + a7 * b3 + a8 * b2,
        a3 * b8 + a4 * b7 + a5 * b6 + a6 * b5 + a7 * b4 + a8 * b3,
        a4 * b8 + a5 * b7 + a6 * b6 + a7 * b5 + a8 * b4,
        a5 * b8 + a6 * b7 + a7 * b6 + a8 * b5,
        a6 * b8 + a7 * b7 + a8 * b6,
        a7 * b8 + a8 * b7,
        a8 * b8,
    ]
}

#[rustfmt::skip]
#[cfg_attr(countersign_module, optimize(speed))]
fn square_product(&[a0, a1, a2, a3, a4, a5, a6, a7, a8]: &Number) -> Columns {
    [
        a0 * a0,
        2 * a0 * a1,
        2 * a0 * a2 + a1 * a1,
        2 * (a0 * a3 + a1 * a2),
        2 * (a0 * a4 + a1 * a3) + a2 * a2,
        2 * (a0 * a5 + a1 * a4 + a2 * a3),
        2 * (a0 * a6 + a1 * a5 + a2 * a4) + a3 * a3,
        2 * (a0 * a7 + a1 * a6 + a2 * a5 + a3 * a4),
        2 * (a0 * a8 + a1 * a7 + a2 * a6 + a3 * a5) + a4 * a4,
        2 * (a1 * a8 + a2 * a7 + a3 * a6 + a4 * a5),
        2 * (a2 * a8 + a3 * a7 + a4 * a6) + a5 * a5,
        2 * (a3 * a8 + a4 * a7 + a5 * a6),
        2 * (a4 * a8 + a5 * a7) + a6 * a6,
        2 * (a5 * a8 + a6 * a7),
        2 * a6 * a8 + a7 * a7,
        2 * a7 * a8,
        a8 * a8,
    ]
}

/// The columns, divided by R: nine multiples of the prime, 2^256 - 2^224 + 2^192 + 2^96 - 1, make the lowest nine zero.
#[cfg_attr(countersign_module, optimize(speed))]
fn reduce(mut columns: Columns) -> Number {
    for at in 0..9 {
        let Some([column, next, _, of_96, _, _, of_192, of_224, of_256, ..]) = columns.get_mut(at..) else { break };
        let multiple = *column & MASK;
        *next += *column >> BITS;
        *of_96 += multiple << 9;
        *of_192 += multiple << 18;
        *of_224 -= multiple << 21;
        *of_256 += multiple << 24;
    }
    let [_, _, _, _, _, _, _, _, _, a, b, c, d, e, f, g, h] = columns;
    let mut number = [a, b, c, d, e, f, g, h, 0];
    carry(&mut number);
    number
}

/// Into Montgomery's form.
pub(super) fn enter(number: &Number) -> Number {
    multiply(number, &RADIX_SQUARED)
}

/// Out of it, below the prime.
pub(super) fn leave(number: &Number) -> Number {
    let left = multiply(number, &[1, 0, 0, 0, 0, 0, 0, 0, 0]);
    // Zero may be written as the prime. All ones, if this is not it; the compiler may not learn that there are two cases.
    let different = left.iter().zip(&PRIME).fold(0, |bits, (limb, prime)| bits | (limb ^ prime));
    let kept = black_box((different | -different) >> 63);
    left.map(|limb| limb & kept)
}

pub(super) fn number(bytes: &[u8]) -> Number {
    let mut bytes = bytes.iter().rev();
    let (mut bits, mut held) = (0, 0);
    [(); 9].map(|()| {
        while held < BITS {
            bits |= i64::from(bytes.next().copied().unwrap_or(0)) << held;
            held += 8;
        }
        let limb = bits & MASK;
        bits >>= BITS;
        held -= BITS;
        limb
    })
}

pub(super) fn bytes(number: &Number) -> [u8; 32] {
    let mut limbs = number.iter();
    let (mut bits, mut held) = (0, 0);
    let mut bytes = [(); 32].map(|()| {
        if held < 8 {
            bits |= limbs.next().copied().unwrap_or(0) << held;
            held += BITS;
        }
        let byte = bits as u8;
        bits >>= 8;
        held -= 8;
        byte
    });
    bytes.reverse();
    bytes
}

/// Whether it is a multiple of the prime.
pub(super) fn is_zero(number: &Number) -> bool {
    leave(number) == [0; 9]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn one_is_one() {
        assert_eq!(leave(&ONE), [1, 0, 0, 0, 0, 0, 0, 0, 0]);
        assert!(!is_zero(&ONE) && is_zero(&PRIME) && is_zero(&times(&PRIME, -3)) && is_zero(&[0; 9]));
    }

    /// A number of so many primes, with limbs as large as can be.
    fn within(primes: i64) -> impl Strategy<Value = Number> {
        let extreme = prop_oneof![Just(0), Just(MASK), Just(1), 0..=MASK];
        (prop::array::uniform8(extreme), -primes << 24..primes << 24)
            .prop_map(|([a, b, c, d, e, f, g, h], highest)| [a, b, c, d, e, f, g, h, highest])
    }

    fn value(number: &Number) -> Vec<u8> {
        // With a hundred primes more nothing is negative.
        let mut sum = times(&PRIME, 100);
        sum.iter_mut().zip(number).for_each(|(limb, other)| *limb += other);
        carry(&mut sum);
        bytes(&leave(&enter(&sum))).to_vec()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        /// No sum overflows (the tests are compiled with a check of that), squares are products, results are as small as promised.
        #[test]
        fn products_stay_within_their_bounds(a in within(6), b in within(5), c in within(2)) {
            let highest = |number: &Number| number[8] as f64 / f64::from(1 << 24);
            prop_assert_eq!(value(&square(&b)), value(&multiply(&b, &b)));
            prop_assert_eq!(value(&multiply(&a, &b)), value(&multiply(&b, &a)));
            for product in [multiply(&a, &b), square(&b), multiply(&a, &c)] {
                prop_assert!((-1.0..2.0).contains(&highest(&product)), "{}", highest(&product));
                prop_assert!(product[..8].iter().all(|limb| (0..=MASK).contains(limb)));
            }
            let difference = difference_of_products([&a, &b], [&c, &c]);
            prop_assert_eq!(value(&difference), value(&subtract(&multiply(&a, &b), &square(&c))));
        }

        #[test]
        fn inverses_are_inverses(a in within(2)) {
            let product = multiply(&a, &inverse(&a));
            let expected = if is_zero(&a) { [0; 9] } else { leave(&ONE) };
            prop_assert_eq!(leave(&product), expected);
        }

        #[test]
        fn roots_are_roots(a in within(2)) {
            let root = square_root(&square(&a));
            prop_assert!(is_zero(&subtract(&root, &a)) || is_zero(&subtract(&root, &times(&a, -1))));
        }

        #[test]
        fn bytes_and_limbs_are_the_same_number(bytes_ in prop::array::uniform32(any::<u8>())) {
            prop_assert_eq!(bytes(&number(&bytes_)), bytes_);
        }
    }
}
