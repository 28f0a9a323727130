//! Arithmetic modulo an odd number, in Montgomery form (*Modular multiplication without trial division*, 1985).
//!
//! A number is a row of limbs, lowest first, each in a `u32`. Products of limbs are summed in `u64`s, the *columns*, without carrying, four
//! columns at a time: WebAssembly has no product wider than 64 bits and no carry flag, but two products of 32 bits in one instruction.
//!
//! Four neighbouring columns take from four limbs of one factor, `spread`, four limbs each of the other, `moved`: those at the columns'
//! place, and those one, two and three limbs below. So both factors are written down four times, and no limb has to be looked for.
//!
//! # Bounds
//! Let a limb have `b` bits and a number `L` limbs: `b = 29`, `L = 36` modulo a prime of 1024 bits, `b = 28`, `L = 76` modulo the modulus of
//! 2048. `R` is `2^(b L)`.
//!
//! - **A limb is below `2^b`.** Whatever writes limbs (`repack`, `reduced_product`, `reduce`, `product_and_sum`, `subtract_once`,
//!   `inverse`) masks them and carries the rest into the next. Nothing is left after the last: the number is below `R`.
//! - **A number is below twice the modulus `m`**, and so may factors be: `R` is at least `2^20 m`, so `a b / R + m < 2 m` even for an `a` below
//!   `4 m` and a `b` below `2 m` (Walter, *Montgomery exponentiation needs no final subtractions*, 1999). `subtract_once` brings it below `m`.
//! - **A column of a product** is the sum of at most `L` products of limbs: below `L 2^(2b)`, which is `36 · 2^58 < 2^63.2` or
//!   `76 · 2^56 < 2^62.3`. In a square, `L / 2` products count twice each, with the same bound; the limbs that are doubled for that have
//!   `b + 1` bits.
//! - **Once carried**, each column holds its lowest `b` bits plus its lower neighbour's carry: below `(L + 1) 2^b`. The last column of the
//!   `2 L` has no product of its own, so nothing is carried out of it.
//! - **With the multiples of the modulus** a column gets at most `L` products more, each of a limb of the modulus and a factor below `2^b`,
//!   and one carry, below `2^(64 - b)`. As `L 2^(2b) + (L + 1) 2^b + 2^(64 - b) < 2^64`, nothing overflows.
//!
//! A test puts every limb at its bound, and with them the columns, compiled with overflow checks, and compares the results with arbitrary-precision
//! numbers.
//!
//! No branch and no address depends on a limb. Lengths are those of the modulus and public. Only [`Modulus::power_of_public`] shows its
//! exponent.

use std::hint::black_box;
use std::iter;

use zeroize::Zeroizing;

#[cfg(test)]
use super::fault;
use super::lanes::{Limbs4, Sums4};

/// The length of the modulus of a key, and of a signature, in bytes.
pub(in crate::key) const BYTES: usize = 256;

/// A number, its length a multiple of four.
pub(super) type Limbs = Zeroizing<Vec<u32>>;

/// A row of 64-bit words.
pub(super) type Words = Zeroizing<Vec<u64>>;

/// Converts digits in base 2^`from`, lowest first, to the `count` lowest digits in base 2^`to`.
#[inline(never)]
pub(super) fn repack(digits: &[u32], from: u32, to: u32, count: usize) -> Limbs {
    let mut packed = zeros(count);
    let mut digits = digits.iter();
    let (mut bits, mut held) = (0u64, 0);
    for digit in packed.iter_mut() {
        while held < to {
            bits |= u64::from(digits.next().copied().unwrap_or(0)) << held;
            held += from;
        }
        *digit = (bits & mask(to)) as u32;
        bits >>= to;
        held -= to;
    }
    #[cfg(test)]
    fault::strike("digits", &mut packed, to);
    packed
}

/// Reads a big-endian number into limbs.
#[inline(never)]
pub(super) fn number(bytes: &[u8], bits: u32, length: usize) -> Limbs {
    let mut digits = zeros(bytes.len());
    for (digit, byte) in digits.iter_mut().rev().zip(bytes) {
        *digit = u32::from(*byte);
    }
    repack(&digits, 8, bits, length)
}

/// Writes the `count` lowest bytes of a public number, big-endian.
pub(super) fn to_bytes(limbs: &[u32], bits: u32, count: usize) -> Vec<u8> {
    repack(limbs, bits, 8, count).iter().rev().map(|byte| *byte as u8).collect()
}

/// Returns an exponent's digits in base 32, the highest first, as [`Modulus::power`] takes them.
pub(super) fn digits(exponent: &[u32], bits: u32, count: usize) -> Limbs {
    let mut digits = repack(exponent, bits, 5, count);
    digits.reverse();
    digits
}

#[inline(never)]
pub(super) fn zeros(length: usize) -> Limbs {
    Zeroizing::new(vec![0; length])
}

fn one(length: usize) -> Limbs {
    let mut one = zeros(length);
    if let [lowest, ..] = one.as_mut_slice() {
        *lowest = 1;
    }
    one
}

pub(super) fn mask(bits: u32) -> u64 {
    (1 << bits) - 1
}

/// Four limbs in each of the four places where products need them.
type Places = [Limbs4; 4];

/// What a multiplication works on.
pub(super) struct Work {
    moved: Moved,
    /// In a square, the factor of the block that meets itself. For the four columns from `4 i` on it is at `i + 1`.
    own: Zeroizing<Vec<Places>>,
    spread: Spread,
    /// Of the modulus.
    multiples: Spread,
}

/// A factor, with what of it moves beyond its end by up to three limbs, and the highest block first.
type Moved = Zeroizing<Vec<Places>>;

/// A factor with each limb in all four places, the lowest block first.
type Spread = Zeroizing<Vec<Places>>;

fn places(blocks: usize) -> Zeroizing<Vec<Places>> {
    Zeroizing::new(vec![Places::default(); blocks])
}

/// Writes a number as the factor that moves.
#[cfg_attr(target_arch = "wasm32", target_feature(enable = "simd128"))]
fn move_up(moved: &mut [Places], limbs: &[u32]) {
    let mut lower = Limbs4::splat(0);
    for (moved, limbs) in moved.iter_mut().rev().zip(limbs.as_chunks().0.iter().chain([&[0; 4]])) {
        let limbs = Limbs4::new(*limbs);
        limbs.move_up(lower, moved);
        lower = limbs;
    }
}

/// Writes twice a number as the factor that moves. In a square, each pair of blocks counts twice, but a block with itself once: `own` has
/// its own limbs, undoubled, and for the next column those of its upper neighbour above them.
#[cfg_attr(target_arch = "wasm32", target_feature(enable = "simd128"))]
fn move_up_doubled(moved: &mut [Places], own: &mut [Places], limbs: &[u32]) {
    let (mut lower, mut lower_doubled) = (Limbs4::splat(0), Limbs4::splat(0));
    let rows = moved.iter_mut().rev().zip(own.as_chunks_mut().0);
    for ((moved, [odd, even]), limbs) in rows.zip(limbs.as_chunks().0.iter().chain([&[0; 4]])) {
        let limbs = Limbs4::new(*limbs);
        let doubled = limbs.doubled();
        doubled.move_up(lower_doubled, moved);
        doubled.move_up(lower, odd);
        limbs.move_up(Limbs4::splat(0), even);
        (lower, lower_doubled) = (limbs, doubled);
    }
}

/// Writes a number as the factor that is spread.
#[cfg_attr(target_arch = "wasm32", target_feature(enable = "simd128"))]
fn spread(spread: &mut [Places], limbs: &[u32]) {
    for (spread, limb) in spread.as_flattened_mut().iter_mut().zip(limbs) {
        *spread = Limbs4::splat(*limb);
    }
}

/// An odd number with what arithmetic modulo it needs.
pub(super) struct Modulus {
    /// The bits of a limb.
    pub(super) bits: u32,
    pub(super) limbs: Limbs,
    moved: Moved,
    /// `-1 / modulus`, modulo 2^`bits`.
    pub(super) inverse: Zeroizing<u64>,
    /// R². Multiplying by it brings a number into Montgomery form.
    pub(super) radix_squared: Limbs,
}

impl Modulus {
    /// Takes the limbs of a number of `width` bits whose highest bit is set, as in RSA moduli and primes.
    pub(super) fn new(limbs: Limbs, bits: u32, width: u32) -> Self {
        let lowest = u64::from(limbs.first().copied().unwrap_or(1));
        // Newton's iteration: three bits are right for every odd number, and each step doubles them.
        let mut inverse = Zeroizing::new(lowest);
        for _ in 0..4 {
            *inverse = inverse.wrapping_mul(2u64.wrapping_sub(lowest.wrapping_mul(*inverse)));
        }
        *inverse = inverse.wrapping_neg() & mask(bits);
        let radix = limbs.len() as u32 * bits;
        let mut modulus = Self { bits, radix_squared: zeros(limbs.len()), moved: places(limbs.len() / 4 + 1), limbs, inverse };
        modulus.move_limbs();
        // Double the highest power of two below the modulus up to 2R, the Montgomery form of 2. R² is the form of R, itself a power of 2.
        let mut power = zeros(modulus.limbs.len());
        if let Some(limb) = power.get_mut(((width - 1) / bits) as usize) {
            *limb = 1 << ((width - 1) % bits);
        }
        for _ in width..radix + 2 {
            let mut carry = 0;
            for limb in power.iter_mut() {
                let sum = *limb * 2 + carry;
                *limb = sum & mask(bits) as u32;
                carry = sum >> bits;
            }
            modulus.subtract_once(&mut power);
        }
        power = modulus.power_of_public(&mut modulus.work(), &power, u64::from(radix));
        modulus.subtract_once(&mut power);
        modulus.radix_squared = power;
        modulus
    }

    /// Writes the limbs as the factor that moves.
    pub(super) fn move_limbs(&mut self) {
        move_up(&mut self.moved, &self.limbs);
    }

    pub(super) fn work(&self) -> Work {
        let blocks = self.limbs.len() / 4;
        Work { moved: places(blocks + 1), own: places(2 * blocks + 2), spread: places(blocks), multiples: places(blocks) }
    }

    /// Sets `a` to `a · b / R`.
    #[inline(never)]
    #[cfg_attr(target_arch = "wasm32", target_feature(enable = "simd128"))]
    pub(super) fn multiply(&self, work: &mut Work, a: &mut [u32], b: &[u32]) {
        move_up(&mut work.moved, a);
        spread(&mut work.spread, b);
        self.reduced_product(work, false, a);
    }

    /// Sets `a` to `a² / R`.
    #[inline(never)]
    #[cfg_attr(target_arch = "wasm32", target_feature(enable = "simd128"))]
    pub(super) fn square(&self, work: &mut Work, a: &mut [u32]) {
        move_up_doubled(&mut work.moved, &mut work.own, a);
        spread(&mut work.spread, a);
        self.reduced_product(work, true, a);
    }

    /// Divides by R a number of twice as many limbs. The upper half is below the modulus; the lower one adds at most the modulus to it.
    pub(super) fn reduce(&self, work: &mut Work, number: &[u32]) -> Limbs {
        let mut reduced = zeros(self.limbs.len());
        let (lower, upper) = number.split_at_checked(reduced.len()).unwrap_or_default();
        reduced.copy_from_slice(lower);
        self.multiply(work, &mut reduced, &one(lower.len()));
        let mut carry = 0;
        for (limb, upper) in reduced.iter_mut().zip(upper) {
            let sum = *limb + upper + carry;
            *limb = sum & mask(self.bits) as u32;
            carry = sum >> self.bits;
        }
        #[cfg(test)]
        fault::strike("sum", &mut reduced, self.bits);
        reduced
    }

    /// Writes the product of the two factors, divided by R, into `result`. In a square, what moves is twice what is spread.
    #[inline(never)]
    #[cfg_attr(target_arch = "wasm32", target_feature(enable = "simd128"))]
    fn reduced_product(&self, work: &mut Work, square: bool, result: &mut [u32]) {
        let (bits, mask, inverse) = (self.bits, mask(self.bits), *self.inverse);
        let Some([m0, m1, m2, m3]) = self.limbs.first_chunk() else { return };
        let (m0, m1, m2, m3) = (u64::from(*m0), u64::from(*m1), u64::from(*m2), u64::from(*m3));
        let Work { moved, own, spread, multiples } = work;
        let blocks = spread.len();
        let mut lower = Sums4::new([0; 4]);
        let mut carry = 0;
        for at in 0..2 * blocks {
            let (above, below, last) = if at < blocks { (blocks - at, 0, at) } else { (0, at - blocks, blocks) };
            let end = if square { at / 2 } else { blocks };
            let mut sums = Sums4::new([0; 4]);
            if square && let (Some(own), Some(spread)) = (own.get(at + 1), spread.get(end)) {
                sums.add_block(own, spread);
            }
            if let (Some(moved), Some(spread)) = (moved.get(above..), spread.get(below..end)) {
                sums.add_blocks(moved, spread);
            }
            let uncarried = sums;
            sums = uncarried.carried(lower, bits);
            lower = uncarried;
            #[cfg(test)]
            fault::strike("columns", &mut sums.0, bits);
            if let (Some(moved), Some(spread)) = (self.moved.get(above..), multiples.get(below..last)) {
                sums.add_blocks(moved, spread);
            }
            let [t0, t1, t2, t3] = sums.get();
            let s0 = t0 + carry;
            if let Some([p0, p1, p2, p3]) = multiples.get_mut(at) {
                // Multiples of the modulus that make these four limbs zero.
                let q0 = s0.wrapping_mul(inverse) & mask;
                let s1 = t1 + ((s0 + q0 * m0) >> bits) + q0 * m1;
                let q1 = s1.wrapping_mul(inverse) & mask;
                let s2 = t2 + ((s1 + q1 * m0) >> bits) + q0 * m2 + q1 * m1;
                let q2 = s2.wrapping_mul(inverse) & mask;
                let s3 = t3 + ((s2 + q2 * m0) >> bits) + q0 * m3 + q1 * m2 + q2 * m1;
                let q3 = s3.wrapping_mul(inverse) & mask;
                carry = (s3 + q3 * m0) >> bits;
                *p0 = Limbs4::splat(q0 as u32);
                *p1 = Limbs4::splat(q1 as u32);
                *p2 = Limbs4::splat(q2 as u32);
                *p3 = Limbs4::splat(q3 as u32);
            } else if let Some([r0, r1, r2, r3]) = result.as_chunks_mut().0.get_mut(below) {
                let s1 = t1 + (s0 >> bits);
                let s2 = t2 + (s1 >> bits);
                let s3 = t3 + (s2 >> bits);
                carry = s3 >> bits;
                *r0 = (s0 & mask) as u32;
                *r1 = (s1 & mask) as u32;
                *r2 = (s2 & mask) as u32;
                *r3 = (s3 & mask) as u32;
            }
        }
        #[cfg(test)]
        fault::strike("reduction", result, bits);
    }

    /// Returns `a · b + c`. Neither `b` nor `c` has more limbs than `a`.
    pub(super) fn product_and_sum(&self, a: &[u32], b: &[u32], c: &[u32]) -> Limbs {
        let mut limbs = zeros(2 * a.len());
        for (limb, c) in limbs.iter_mut().zip(c) {
            *limb = *c;
        }
        let mut above = limbs.as_mut_slice();
        for b in b {
            let mut carry = 0;
            for (limb, a) in above.iter_mut().zip(a.iter().chain(iter::repeat(&0))) {
                let sum = u64::from(*a) * u64::from(*b) + u64::from(*limb) + carry;
                *limb = (sum & mask(self.bits)) as u32;
                carry = sum >> self.bits;
            }
            let [_, rest @ ..] = above else { break };
            above = rest;
        }
        #[cfg(test)]
        fault::strike("sum", &mut limbs, self.bits);
        limbs
    }

    /// Reduces a number below twice the modulus to below the modulus.
    #[inline(never)]
    pub(super) fn subtract_once(&self, number: &mut [u32]) {
        let bits = self.bits;
        let difference =
            |limb: u32, modulus: u32, borrow: u64| u64::from(limb).wrapping_sub(u64::from(modulus)).wrapping_sub(borrow);
        let mut borrow = 0;
        for (limb, modulus) in number.iter().zip(self.limbs.iter()) {
            // Not the sign bit: the compiler makes a comparison of that.
            borrow = difference(*limb, *modulus, borrow) >> bits & 1;
        }
        // All ones if the number is at least the modulus. `black_box` keeps the compiler from making two branches of it.
        let kept = black_box((borrow as u32).wrapping_sub(1));
        borrow = 0;
        for (limb, modulus) in number.iter_mut().zip(self.limbs.iter()) {
            let rest = difference(*limb, *modulus & kept, borrow);
            *limb = (rest & mask(bits)) as u32;
            borrow = rest >> bits & 1;
        }
        #[cfg(test)]
        fault::strike("subtraction", number, bits);
    }

    /// Takes the number out of Montgomery form, and below the modulus.
    pub(super) fn leave(&self, work: &mut Work, number: &mut [u32]) {
        self.multiply(work, number, &one(number.len()));
        self.subtract_once(number);
    }

    /// Raises `base` to `exponent`, which is public and not zero. Base and result are in Montgomery form.
    pub(super) fn power_of_public(&self, work: &mut Work, base: &[u32], exponent: u64) -> Limbs {
        let mut power = zeros(base.len());
        power.copy_from_slice(base);
        for bit in (0..exponent.ilog2()).rev() {
            self.square(work, &mut power);
            if exponent >> bit & 1 == 1 {
                self.multiply(work, &mut power, base);
            }
        }
        power
    }

    /// Raises `base` to a secret exponent, given as digits in base 32, highest first. Base and result are in Montgomery form. Each digit
    /// takes five squarings and a product with a table entry; the whole table is read each time, so the access pattern shows nothing. The
    /// number of limbs is a multiple of twelve.
    pub(super) fn power(&self, work: &mut Work, base: &[u32], digits: &[u32]) -> Limbs {
        let mut table = Zeroizing::new(vec![Triple::default(); 32 * base.len() / 12]);
        let mut power = zeros(base.len());
        power.copy_from_slice(&self.radix_squared);
        self.leave(work, &mut power);
        for index in 0..32 {
            let rows = table.iter_mut().skip(index).step_by(32);
            for ([a, b, c], [x, y, z]) in rows.zip(power.as_chunks().0.as_chunks().0) {
                *a = Limbs4::new(*x);
                *b = Limbs4::new(*y);
                *c = Limbs4::new(*z);
            }
            self.multiply(work, &mut power, base);
        }
        let mut entry = zeros(base.len());
        let (first, digits) = digits.split_first().unwrap_or((&0, &[]));
        select(&mut power, &table, *first);
        for digit in digits {
            for _ in 0..5 {
                self.square(work, &mut power);
            }
            select(&mut entry, &table, *digit);
            self.multiply(work, &mut power, &entry);
        }
        power
    }
}

// Not a call: sums would go through memory.
impl Sums4 {
    /// Adds the products of two rows of blocks, as many as the shorter one has.
    #[inline(always)]
    fn add_blocks(&mut self, moved: &[Places], spread: &[Places]) {
        let count = moved.len().min(spread.len());
        // Of the same length, so that the loop counts once.
        let (Some(moved), Some(spread)) = (moved.get(..count), spread.get(..count)) else { return };
        for (moved, spread) in moved.iter().zip(spread) {
            self.add_block(moved, spread);
        }
    }

    #[inline(always)]
    fn add_block(&mut self, [m0, m1, m2, m3]: &Places, [s0, s1, s2, s3]: &Places) {
        self.add_products(*m0, *s0);
        self.add_products(*m1, *s1);
        self.add_products(*m2, *s2);
        self.add_products(*m3, *s3);
    }
}

/// Twelve limbs.
type Triple = [Limbs4; 3];

/// Copies the table's entry with this index. All 32 are read, in the same order. The table has all entries' lowest limbs, then all their
/// next ones, and so on.
#[inline(never)]
#[cfg_attr(target_arch = "wasm32", target_feature(enable = "simd128"))]
fn select(entry: &mut [u32], table: &[Triple], index: u32) {
    // All ones for the index alone. `black_box` keeps the compiler from making two branches of it.
    let mut masks = [Limbs4::splat(0); 32];
    for (mask, at) in masks.iter_mut().zip(0u32..) {
        *mask = Limbs4::splat(black_box((at ^ index).wrapping_sub(1) >> 31).wrapping_neg());
    }
    for ([x, y, z], row) in entry.as_chunks_mut().0.as_chunks_mut().0.iter_mut().zip(table.as_chunks::<32>().0) {
        let (mut p, mut q, mut r) = (Limbs4::splat(0), Limbs4::splat(0), Limbs4::splat(0));
        for ([a, b, c], mask) in row.iter().zip(&masks) {
            p = p.or(a.and(*mask));
            q = q.or(b.and(*mask));
            r = r.or(c.and(*mask));
        }
        *x = p.get();
        *y = q.get();
        *z = r.get();
    }
    #[cfg(test)]
    fault::strike("entry", entry, 28);
}
