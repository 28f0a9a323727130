//! Multiples of P-256's generator (FIPS 186-5, SP 800-186 section 3.2.1.3) for WebAssembly, where those of the crate `p256` take three
//! times as long. They are what an ECDSA signature spends its time on. `docs/performance.md` has the measurements.
//!
//! **Numbers** modulo the prime are nine limbs of 29 bits in Montgomery's form with R = 2^261, which is 32 times the prime. Limbs are
//! signed, so a difference is one limb by limb, and results are not brought below the prime: a product lies between -1 and 2 times
//! the prime where its factors' bounds, in primes, have a product of at most 32. Sums of 9 products of limbs stay below 2^62 if one factor
//! has limbs of 29 bits and the other of 30. The tests are compiled with a check of every sum.
//!
//! **Constant time, as written.** The multiplier is secret; it is made odd by taking the order minus it where it is even, which leaves
//! the x coordinate, and is written with 64 odd digits from -15 to 15 (Joye and Tunstall, *Exponent recoding and regular exponentiation
//! algorithms*, 2009). For each digit there is one addition; its point is picked with masks out of all eight, and negated by
//! a mask. Masks pass through `black_box`, since compilers like to make branches of them.
//!
//! **Checked.** Additions are those of different points that are not infinite. No sum here is anything else, but for a handful of multipliers:
//! then, as after a fault, the result is no point of the curve, and there is none.
//!
//! **Wiped.** All of it is on the stack, which `wasm::wiped` overwrites.

use std::hint::black_box;
use std::sync::OnceLock;

use p256::elliptic_curve::group::Group as _;
use p256::elliptic_curve::point::{AffineCoordinates as _, BatchNormalize as _};
use p256::elliptic_curve::subtle::ConditionallySelectable as _;
use p256::{AffinePoint, NonZeroScalar, ProjectivePoint, Scalar};

type Number = [i64; 9];
type Columns = [i64; 17];

/// The x and the y of a point, limbs not negative.
type Coordinates = [[u32; 9]; 2];

const BITS: u32 = 29;
const MASK: i64 = (1 << BITS) - 1;

const PRIME: Number = [0x1fff_ffff, 0x1fff_ffff, 0x1fff_ffff, 0x1ff, 0, 0, 0x4_0000, 0x1fe0_0000, 0xff_ffff];

/// R² modulo the prime, which brings numbers into Montgomery's form.
const RADIX_SQUARED: Number = [0xc00, 0, 0x1fff_0000, 0x1fdf_ffff, 0x1fbf_ffff, 0x1fff_ffff, 0x1fff_ffff, 0x1fff_fffe, 0x13];

const ONE: Number = [1, 0, 0, 0, 0, 0, 0, 0, 0];

/// Odd multiples of the generator.
struct Table {
    /// For every second digit, the lowest first: the digit's weight times 1, 3, 5, … 15.
    rows: Vec<[Coordinates; 8]>,
    one: Number,
    /// Of the curve, `y² = x³ - 3x + b`.
    b: Number,
}

/// The x coordinate of the generator times `multiplier`, its highest byte first; nothing for a handful of multipliers.
#[inline(never)]
#[cfg_attr(countersign_module, optimize(speed))]
pub(super) fn x_of_multiple(multiplier: &NonZeroScalar) -> Option<[u8; 32]> {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(Table::new).x_of_multiple(multiplier)
}

impl Table {
    fn new() -> Self {
        let mut multiples = Vec::with_capacity(32 * 8);
        let mut weighted = ProjectivePoint::GENERATOR;
        for _ in 0..32 {
            let mut odd = weighted;
            let twice = weighted.double();
            for _ in 0..8 {
                multiples.push(odd);
                odd += twice;
            }
            for _ in 0..8 {
                weighted = weighted.double();
            }
        }
        let points = ProjectivePoint::batch_normalize(multiples.as_slice());
        let rows = points.as_chunks::<8>().0.iter().map(|row| row.each_ref().map(coordinates)).collect();
        let one = enter(&ONE);
        let [x, y] = coordinates(&AffinePoint::GENERATOR).map(|limbs| limbs.map(i64::from));
        // The generator is on the curve, which says what b is.
        let b = multiply(&subtract(&square(&y), &cubic(&x, &[0; 9])), &one);
        Self { rows, one, b }
    }

    #[cfg_attr(countersign_module, optimize(speed))]
    fn x_of_multiple(&self, multiplier: &NonZeroScalar) -> Option<[u8; 32]> {
        let digits = digits(multiplier);
        let mut terms = self.rows.iter().zip(digits);
        let (row, digit) = terms.next()?;
        let [x, y] = select(row, digit >> 4);
        let mut sum = Point { x, y, z: self.one };
        for (row, digit) in terms {
            sum.add(&select(row, digit >> 4));
        }
        for _ in 0..4 {
            sum.double(&self.one);
        }
        for (row, digit) in self.rows.iter().zip(digits) {
            sum.add(&select(row, digit & 15));
        }
        self.affine_x(&sum)
    }

    /// The coordinate, if the point is one of the curve, and not the infinite one.
    #[cfg_attr(countersign_module, optimize(speed))]
    fn affine_x(&self, Point { x, y, z }: &Point) -> Option<[u8; 32]> {
        let inverse = inverse(z);
        let squared = square(&inverse);
        let (x, y) = (multiply(x, &squared), multiply(y, &multiply(&squared, &inverse)));
        let is_on_curve = leave(&subtract(&square(&y), &cubic(&x, &self.b))) == [0; 9];
        is_on_curve.then(|| bytes(&leave(&x)))
    }
}

/// `x³ - 3x + b`.
fn cubic(x: &Number, b: &Number) -> Number {
    let mut cubic = subtract(&multiply(&square(x), x), &times(x, 3));
    cubic.iter_mut().zip(b).for_each(|(limb, b)| *limb += b);
    carry(&mut cubic);
    cubic
}

fn coordinates(point: &AffinePoint) -> Coordinates {
    // Products of numbers that are not negative are not negative.
    [point.x(), point.y()].map(|bytes| enter(&number(&bytes)).map(|limb| limb as u32))
}

/// The odd one of the multiplier and its negative, less the lowest bit, halved, with the highest bit set: the sum of all bits' weights,
/// each counted as it is for a one and negative for a zero, is that odd number. So four bits of value `v` are the digit `2v - 15`.
fn digits(multiplier: &Scalar) -> [u8; 32] {
    let odd = Scalar::conditional_select(&-multiplier, multiplier, multiplier.is_odd());
    let mut digits = [0; 32];
    let mut above = 1;
    for (digits, byte) in digits.iter_mut().rev().zip(odd.to_bytes()) {
        *digits = above << 7 | byte >> 1;
        above = byte & 1;
    }
    digits
}

/// The multiple for the digit `2 value - 15`. All are read, in the same order.
#[inline(never)]
#[cfg_attr(countersign_module, optimize(speed))]
fn select(row: &[Coordinates; 8], value: u8) -> [Number; 2] {
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

/// `x / z²` and `y / z³` are its coordinates (Jacobian ones).
struct Point {
    x: Number,
    y: Number,
    z: Number,
}

impl Point {
    /// Adds another point, not infinite and neither this one nor its negative, as this one is not (Hankerson, Menezes and Vanstone,
    /// *Guide to Elliptic Curve Cryptography*, algorithm 3.22). With x, y and z up to 6, 2.7 and 2 primes they stay so.
    #[cfg_attr(countersign_module, optimize(speed))]
    fn add(&mut self, [x, y]: &[Number; 2]) {
        let squared = square(&self.z);
        let e = subtract(&multiply(x, &squared), &self.x);
        let f = subtract(&multiply(y, &multiply(&squared, &self.z)), &self.y);
        self.z = multiply(&self.z, &e);
        let squared = square(&e);
        let cubed = multiply(&squared, &e);
        let middle = multiply(&self.x, &squared);
        self.x = subtract(&subtract(&square(&f), &cubed), &times(&middle, 2));
        carry(&mut self.x);
        let difference = subtract(&middle, &self.x);
        self.y = difference_of_products([&f, &difference], [&self.y, &cubed]);
    }

    /// Doubles it (the same, algorithm 3.21). With x, y and z up to 6, 2.7 and 2 primes they stay so.
    #[cfg_attr(countersign_module, optimize(speed))]
    fn double(&mut self, one: &Number) {
        let z_squared = square(&self.z);
        let y_squared = square(&self.y);
        let s = multiply(&self.x, &y_squared);
        let mut sum = times(&z_squared, -1);
        sum.iter_mut().zip(&self.x).for_each(|(limb, x)| *limb = x - *limb);
        carry(&mut sum);
        let m = times(&multiply(&subtract(&self.x, &z_squared), &sum), 3);
        self.z = multiply(&self.z, &times(&self.y, 2));
        // One brings it from 10 primes to 1.4.
        self.x = multiply(&subtract(&square(&m), &times(&s, 8)), one);
        let difference = subtract(&times(&s, 4), &self.x);
        self.y = difference_of_products([&m, &difference], [&times(&y_squared, 8), &y_squared]);
    }
}

/// `1 / number`, as the number to the power of the prime less 2.
#[cfg_attr(countersign_module, optimize(speed))]
fn inverse(number: &Number) -> Number {
    let raised = |base: &Number, doublings: u32, factor: &Number| {
        let squared = (0..doublings).fold(*base, |power, _| square(&power));
        multiply(&squared, factor)
    };
    // The exponents 2^k - 1 for k = 2, 3, 6, … 32.
    let of_2 = raised(number, 1, number);
    let of_3 = raised(&of_2, 1, number);
    let of_6 = raised(&of_3, 3, &of_3);
    let of_12 = raised(&of_6, 6, &of_6);
    let of_15 = raised(&of_12, 3, &of_3);
    let of_30 = raised(&of_15, 15, &of_15);
    let of_32 = raised(&of_30, 2, &of_2);
    // The bits of the exponent: 32 ones, 31 zeros and a one, 96 zeros, 94 ones, a zero and a one.
    let power = raised(&of_32, 32, number);
    let power = raised(&power, 128, &of_32);
    let power = raised(&power, 32, &of_32);
    let power = raised(&power, 30, &of_30);
    raised(&power, 2, number)
}

/// Limb by limb.
#[cfg_attr(countersign_module, optimize(speed))]
fn subtract(a: &Number, b: &Number) -> Number {
    let mut difference = *a;
    difference.iter_mut().zip(b).for_each(|(limb, b)| *limb -= b);
    difference
}

#[cfg_attr(countersign_module, optimize(speed))]
fn times(number: &Number, factor: i64) -> Number {
    let mut product = number.map(|limb| limb * factor);
    carry(&mut product);
    product
}

/// Brings all limbs but the highest between 0 and 2^29.
#[cfg_attr(countersign_module, optimize(speed))]
fn carry(number: &mut Number) {
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
fn multiply(a: &Number, b: &Number) -> Number {
    reduce(product(a, b))
}

/// `a² / R`.
#[inline(never)]
#[cfg_attr(countersign_module, optimize(speed))]
fn square(a: &Number) -> Number {
    reduce(square_product(a))
}

/// `(a · b - c · d) / R`.
#[inline(never)]
#[cfg_attr(countersign_module, optimize(speed))]
fn difference_of_products([a, b]: [&Number; 2], [c, d]: [&Number; 2]) -> Number {
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
fn enter(number: &Number) -> Number {
    multiply(number, &RADIX_SQUARED)
}

/// Out of it, below the prime.
fn leave(number: &Number) -> Number {
    let left = multiply(number, &ONE);
    // Zero may be written as the prime. All ones, if this is not it; the compiler may not learn that there are two cases.
    let different = left.iter().zip(&PRIME).fold(0, |bits, (limb, prime)| bits | (limb ^ prime));
    let kept = black_box((different | -different) >> 63);
    left.map(|limb| limb & kept)
}

fn number(bytes: &[u8]) -> Number {
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

fn bytes(number: &Number) -> [u8; 32] {
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

#[cfg(test)]
mod tests {
    use p256::elliptic_curve::Generate as _;
    use p256::elliptic_curve::bigint::U256;
    use p256::elliptic_curve::group::Group as _;
    use p256::elliptic_curve::ops::Reduce as _;
    use proptest::prelude::*;

    use super::*;

    fn scalar(bytes: [u8; 32]) -> Option<NonZeroScalar> {
        NonZeroScalar::new(Scalar::reduce(&U256::from_be_slice(&bytes))).into_option()
    }

    fn of_crate(multiplier: &NonZeroScalar) -> [u8; 32] {
        ProjectivePoint::mul_by_generator(multiplier).to_affine().x().into()
    }

    #[test]
    fn random_multiples_equal_those_of_the_crate() {
        for _ in 0..10_000 {
            let multiplier = NonZeroScalar::generate();
            assert_eq!(x_of_multiple(&multiplier), Some(of_crate(&multiplier)), "{multiplier:?}");
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
                        assert!(x_of_multiple(&multiplier).is_none_or(|x| x == expected), "{multiplier:?}");
                        count += usize::from(x_of_multiple(&multiplier).is_some());
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
        assert_eq!(x_of_multiple(&multiplier), None);
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
                assert_eq!(damaged.x_of_multiple(&multiplier), None);
            }
        }
        assert_eq!(table.x_of_multiple(&multiplier), Some(of_crate(&multiplier)));
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
            let expected = if value(&a) == [0; 32] { [0; 9] } else { ONE };
            prop_assert_eq!(leave(&product), expected);
        }

        #[test]
        fn bytes_and_limbs_are_the_same_number(bytes_ in prop::array::uniform32(any::<u8>())) {
            prop_assert_eq!(bytes(&number(&bytes_)), bytes_);
        }
    }
}
