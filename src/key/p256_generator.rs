//! Multiples of P-256's generator by a secret number for WebAssembly. They are what an ECDSA signature spends its time on.
//!
//! **Constant time, as written.** The multiplier is made odd by taking the order minus it where it is even, which negates
//! the point, and is written with 64 odd digits from -15 to 15 (Joye and Tunstall, *Exponent recoding and regular exponentiation
//! algorithms*, 2009). For each digit there is one addition; its point is picked with masks out of all eight, and negated by
//! a mask. Masks pass through `black_box`, since compilers like to make branches of them.
//!
//! **Checked.** Additions are those of different points that are not infinite. No sum here is anything else, but for a handful of multipliers:
//! then, as after a fault, the result is no point of the curve, and there is none.
//!
//! **Wiped.** All of it is on the stack, which `wasm::wiped` overwrites.

use std::hint::black_box;
use std::sync::OnceLock;

use crate::key::ecdsa_signature::less_from_order;
use crate::key::p256_field::{inverse, multiply};
use crate::key::p256_point::{Affine, Coordinates, GENERATOR, Point, affine, coordinates, is_on_curve};

/// The x and the y of a point, limbs not negative.
type Entry = [[u32; 9]; 2];

/// Odd multiples of the generator.
struct Table {
    /// For every second digit, the lowest first: the digit's weight times 1, 3, 5, … 15.
    rows: Vec<[Entry; 8]>,
}

/// The generator times `multiplier`, a number below the order and not zero; nothing for a handful of them.
#[inline(never)]
pub(super) fn multiple_of_generator(multiplier: &[u8; 32]) -> Option<Coordinates> {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(Table::new).multiple(multiplier)
}

impl Table {
    fn new() -> Self {
        let mut weighted = affine(&GENERATOR);
        let rows = (0..32).map(|_| {
            let mut twice = Point::from(&weighted);
            twice.double();
            let twice = twice.affine();
            let mut multiples = [(); 9].map(|()| Point::from(&weighted));
            let [first, odd @ .., next] = &mut multiples;
            let mut sum = first.clone();
            for odd in odd {
                sum.add(&twice);
                *odd = sum.clone();
            }
            for _ in 0..8 {
                next.double();
            }
            let [row @ .., next] = all_affine(&multiples);
            weighted = next;
            // What is left of products of numbers that are not negative is not negative.
            row.map(|point| affine(&coordinates(&point)).map(|number| number.map(|limb| limb as u32)))
        });
        Self { rows: rows.collect() }
    }

    #[cfg_attr(countersign_module, optimize(speed))]
    fn multiple(&self, multiplier: &[u8; 32]) -> Option<Coordinates> {
        let (odd, negative) = odd(multiplier);
        let digits = digits(&odd);
        let mut terms = self.rows.iter().zip(digits);
        let (row, digit) = terms.next()?;
        let mut sum = Point::from(&select(row, digit >> 4));
        for (row, digit) in terms {
            sum.add(&select(row, digit >> 4));
        }
        for _ in 0..4 {
            sum.double();
        }
        for (row, digit) in self.rows.iter().zip(digits) {
            sum.add(&select(row, digit & 15));
        }
        let [x, y] = sum.affine();
        let point = [x, y.map(|limb| (limb ^ negative) - negative)];
        is_on_curve(&point).then(|| coordinates(&point))
    }
}

/// By one inversion for all of them (Montgomery's trick).
fn all_affine(points: &[Point; 9]) -> [Affine; 9] {
    let mut products = points.each_ref().map(|point| point.z);
    let mut product = None;
    for z in &mut products {
        *z = product.map_or(*z, |product| multiply(&product, z));
        product = Some(*z);
    }
    let mut inverse_of_all = product.map(|product| inverse(&product)).unwrap_or_default();
    let mut result = [[[0; 9]; 2]; 9];
    for (at, (point, result)) in points.iter().zip(&mut result).enumerate().rev() {
        let before = at.checked_sub(1).and_then(|before| products.get(before));
        let inverse = before.map_or(inverse_of_all, |before| multiply(&inverse_of_all, before));
        inverse_of_all = multiply(&inverse_of_all, &point.z);
        *result = point.times_inverse(&inverse);
    }
    result
}

/// The odd one of the multiplier and its negative, and all ones if that is the negative, or zero.
fn odd(multiplier: &[u8; 32]) -> ([u8; 32], i64) {
    let [.., lowest] = multiplier;
    // The compiler may not learn that there are two cases.
    let negative = black_box((lowest & 1).wrapping_sub(1));
    let (mut odd, _) = less_from_order(multiplier);
    for (odd, byte) in odd.iter_mut().zip(multiplier) {
        *odd = *odd & negative | byte & !negative;
    }
    (odd, i64::from(negative as i8))
}

/// Of an odd number, less the lowest bit, halved, with the highest bit set: the sum of all bits' weights,
/// each counted as it is for a one and negative for a zero, is that odd number. So four bits of value `v` are the digit `2v - 15`.
fn digits(odd: &[u8; 32]) -> [u8; 32] {
    let mut digits = [0; 32];
    let mut above = 1;
    for (digits, byte) in digits.iter_mut().rev().zip(odd) {
        *digits = above << 7 | byte >> 1;
        above = byte & 1;
    }
    digits
}

/// The multiple for the digit `2 value - 15`. All are read, in the same order.
#[inline(never)]
#[cfg_attr(countersign_module, optimize(speed))]
fn select(row: &[Entry; 8], value: u8) -> Affine {
    let value = i64::from(value);
    // All ones or zero. The compiler may not learn that there are two cases.
    let negative = black_box((value >> 3) - 1);
    let index = (value ^ negative) & 7;
    let [mut x, mut y] = [[0; 9]; 2];
    for (entry, at) in row.iter().zip(0..) {
        let mask = black_box(((at ^ index) - 1) >> 63) as u32;
        for (found, limbs) in [&mut x, &mut y].into_iter().zip(entry) {
            found.iter_mut().zip(limbs).for_each(|(found, limb)| *found |= limb & mask);
        }
    }
    [x.map(i64::from), y.map(|limb| (i64::from(limb) ^ negative) - negative)]
}

#[cfg(test)]
mod tests {
    use p256::elliptic_curve::Generate as _;
    use p256::elliptic_curve::bigint::U256;
    use p256::elliptic_curve::group::Group as _;
    use p256::elliptic_curve::ops::Reduce as _;
    use p256::elliptic_curve::sec1::ToSec1Point as _;
    use p256::{NonZeroScalar, ProjectivePoint, Scalar};

    use super::*;

    fn multiple(multiplier: &NonZeroScalar) -> Option<Coordinates> {
        multiple_of_generator(&multiplier.to_bytes().into())
    }

    fn scalar(bytes: [u8; 32]) -> Option<NonZeroScalar> {
        NonZeroScalar::new(Scalar::reduce(&U256::from_be_slice(&bytes))).into_option()
    }

    fn of_crate(multiplier: &NonZeroScalar) -> Coordinates {
        let point = ProjectivePoint::mul_by_generator(multiplier).to_affine().to_sec1_point(false);
        [point.x(), point.y()].map(|bytes| (*bytes.unwrap()).into())
    }

    #[test]
    fn random_multiples_equal_those_of_the_crate() {
        for _ in 0..10_000 {
            let multiplier = NonZeroScalar::generate();
            assert_eq!(multiple(&multiplier), Some(of_crate(&multiplier)), "{multiplier:?}");
        }
    }

    /// Long runs of equal bits, near zero and near the order, where digits are extreme and sums could meet.
    #[test]
    fn extreme_multiples_equal_those_of_the_crate() {
        let mut count = 0;
        for bits in 0..256 {
            for less in [0u64, 1, 2] {
                for digit in [1, 3, 0xff, u64::MAX] {
                    let power = U256::from_u64(digit).shl_vartime(bits).wrapping_sub(&U256::from_u64(less));
                    for multiplier in [Scalar::reduce(&power), -Scalar::reduce(&power)] {
                        let Some(multiplier) = NonZeroScalar::new(multiplier).into_option() else { continue };
                        let expected = of_crate(&multiplier);
                        assert!(multiple(&multiplier).is_none_or(|point| point == expected), "{multiplier:?}");
                        count += usize::from(multiple(&multiplier).is_some());
                    }
                }
            }
        }
        assert!(count > 6000, "{count}");
    }

    /// The last addition would be one of a point and itself: the order less 30 times the highest row's weight.
    #[test]
    fn what_cannot_be_added_is_nothing() {
        let mut weight = [0; 32];
        weight[0] = 1;
        let multiplier = NonZeroScalar::new(-(scalar(weight).unwrap().as_ref() * &Scalar::from(30u64))).unwrap();
        assert_eq!(multiple(&multiplier), None);
    }

    #[test]
    fn a_fault_is_nothing() {
        let table = Table::new();
        let multiplier = NonZeroScalar::generate();
        for row in 0..32 {
            for coordinate in 0..2 {
                let mut damaged = Table::new();
                for entry in &mut damaged.rows[row] {
                    entry[coordinate][row % 9] ^= 1 << (row % 24);
                }
                assert_eq!(damaged.multiple(&multiplier.to_bytes().into()), None);
            }
        }
        assert_eq!(table.multiple(&multiplier.to_bytes().into()), Some(of_crate(&multiplier)));
    }
}
