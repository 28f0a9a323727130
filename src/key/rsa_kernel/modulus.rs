//! Arithmetic modulo an odd number, in Montgomery form (*Modular multiplication without trial division*, 1985).
//!
//! A number is a row of limbs, lowest first, each in a `u32`. Products of limbs are summed in `u64`s, the *columns*, without carrying, four
//! rows of the multiplication at a time: WebAssembly has no product wider than 64 bits, and no carry flag.
//!
//! # Bounds
//! Let a limb have `b` bits and a number `L` limbs: `b = 29`, `L = 36` modulo a prime of 1024 bits, `b = 28`, `L = 76` modulo the modulus of
//! 2048. `R` is `2^(b L)`.
//!
//! - **A limb is below `2^b`.** Whatever writes limbs (`repack`, `reduce`, `subtract_once`, `inverse`, `sum`) masks them and carries
//!   the rest into the next. Nothing is left after the last: the number is below `R`.
//! - **A number is below twice the modulus `m`**, and so may factors be: `R` is at least `2^20 m`, so `a b / R + m < 2 m` even for an `a` below
//!   `4 m` and a `b` below `2 m` (Walter, *Montgomery exponentiation needs no final subtractions*, 1999). `subtract_once` brings it below `m`.
//! - **A column of a product** is the sum of at most `L` products of limbs: below `L 2^(2b)`, which is `36 · 2^58 < 2^63.2` or
//!   `76 · 2^56 < 2^62.3`. In a square, `L / 2` products count twice each, with the same bound.
//! - **After `product` and `square`** each column holds its lowest `b` bits plus its lower neighbour's carry: below `(L + 1) 2^b`. The
//!   last column of the `2 L` has no product of its own, so nothing is carried out of it.
//! - **In `reduce`** a column gets at most `L` products more, each of a limb of the modulus and a factor below `2^b`, and one carry, below
//!   `2^(64 - b)`. As `L 2^(2b) + (L + 1) 2^b + 2^(64 - b) < 2^64`, nothing overflows, nor does the sum with the last carry.
//!
//! A test puts every limb and every column at its bound, compiled with overflow checks, and compares the results with arbitrary-precision
//! numbers.
//!
//! No branch and no address depends on a limb. Lengths are those of the modulus and public. Only [`Modulus::power_of_public`] shows its
//! exponent.

use std::hint::black_box;

use zeroize::Zeroizing;

#[cfg(test)]
use super::fault;

/// A number, its length a multiple of four.
pub(super) type Limbs = Zeroizing<Vec<u32>>;

/// The columns of a product, twice as many as a factor has limbs. Also used for other rows of 64-bit words.
pub(super) type Columns = Zeroizing<Vec<u64>>;

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

pub(super) fn mask(bits: u32) -> u64 {
    (1 << bits) - 1
}

#[inline(always)]
fn wide([a, b, c, d]: [u32; 4]) -> [u64; 4] {
    [u64::from(a), u64::from(b), u64::from(c), u64::from(d)]
}

/// Adds `a` times the four limbs `b` to the columns. `before` holds the three limbs below `a`, the highest first.
#[inline(always)]
pub(super) fn add_product(columns: &mut [u64], a: &[u32], [b0, b1, b2, b3]: [u64; 4], before: [u64; 3]) {
    let [mut a1, mut a2, mut a3] = before;
    let (pairs, _) = columns.as_chunks_mut::<2>();
    for (column, a) in pairs.iter_mut().zip(a.as_chunks::<2>().0) {
        let [x0, x1] = [u64::from(a[0]), u64::from(a[1])];
        column[0] += x0 * b0 + a1 * b1 + a2 * b2 + a3 * b3;
        column[1] += x1 * b0 + x0 * b1 + a1 * b2 + a2 * b3;
        [a1, a2, a3] = [x1, x0, a1];
    }
    if let Some([first, second, third]) = columns.get_mut(a.len()..).and_then(|above| above.first_chunk_mut()) {
        *first += a1 * b1 + a2 * b2 + a3 * b3;
        *second += a1 * b2 + a2 * b3;
        *third += a1 * b3;
    }
}

/// An odd number with what arithmetic modulo it needs.
pub(super) struct Modulus {
    /// The bits of a limb.
    pub(super) bits: u32,
    pub(super) limbs: Limbs,
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
        let mut modulus = Self { bits, radix_squared: zeros(limbs.len()), limbs, inverse };
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
        power = modulus.power_of_public(&mut modulus.columns(), &power, u64::from(radix));
        modulus.subtract_once(&mut power);
        modulus.radix_squared = power;
        modulus
    }

    pub(super) fn columns(&self) -> Columns {
        Zeroizing::new(vec![0; 2 * self.limbs.len()])
    }

    /// Sets `a` to `a · b / R`.
    #[inline(never)]
    pub(super) fn multiply(&self, columns: &mut Columns, a: &mut [u32], b: &[u32]) {
        self.product(columns, a, b);
        self.reduce(columns, a);
    }

    /// Sets `a` to `a² / R`.
    #[inline(never)]
    pub(super) fn square(&self, columns: &mut Columns, a: &mut [u32]) {
        columns.fill(0);
        let mut window = columns.as_mut_slice();
        let mut rest = &*a;
        while let [b0, b1, b2, b3, higher @ ..] = rest
            && let [_, c1, c2, c3, above @ ..] = window
            && let [c4, c5, _, _, ..] = above
        {
            let b @ [b0, b1, b2, b3] = wide([*b0, *b1, *b2, *b3]);
            *c1 += b0 * b1;
            *c2 += b0 * b2;
            *c3 += b0 * b3 + b1 * b2;
            *c4 += b1 * b3;
            *c5 += b2 * b3;
            add_product(above, higher, b, [0; 3]);
            let [_, _, _, _, above @ ..] = above else { break };
            (rest, window) = (higher, above);
        }
        // Products off the diagonal count twice.
        let mut carry = 0;
        for ([even, odd], a) in columns.as_chunks_mut::<2>().0.iter_mut().zip(&*a) {
            let sum = *even * 2 + u64::from(*a) * u64::from(*a);
            *even = (sum & mask(self.bits)) + carry;
            let next = *odd * 2;
            *odd = (next & mask(self.bits)) + (sum >> self.bits);
            carry = next >> self.bits;
        }
        #[cfg(test)]
        fault::strike("square", columns, self.bits);
        self.reduce(columns, a);
    }

    /// Writes `a · b` into the columns, carried once, so each is little more than a limb.
    #[inline(never)]
    pub(super) fn product(&self, columns: &mut Columns, a: &[u32], b: &[u32]) {
        columns.fill(0);
        let mut window = columns.as_mut_slice();
        for b in b.as_chunks::<4>().0 {
            add_product(window, a, wide(*b), [0; 3]);
            let [_, _, _, _, above @ ..] = window else { break };
            window = above;
        }
        let mut carry = 0;
        for column in columns.iter_mut() {
            let sum = *column;
            *column = (sum & mask(self.bits)) + carry;
            carry = sum >> self.bits;
        }
        #[cfg(test)]
        fault::strike("product", columns, self.bits);
    }

    /// Writes the columns divided by R into `result`. Overwrites the columns.
    #[inline(never)]
    pub(super) fn reduce(&self, columns: &mut Columns, result: &mut [u32]) {
        let (bits, mask, inverse) = (self.bits, mask(self.bits), *self.inverse);
        let [m0, m1, m2, m3, higher @ ..] = self.limbs.as_slice() else { return };
        let [m0, m1, m2, m3] = wide([*m0, *m1, *m2, *m3]);
        let mut window = columns.as_mut_slice();
        for _ in (0..self.limbs.len()).step_by(4) {
            let [t0, t1, t2, t3, above @ ..] = window else { return };
            // Multiples of the modulus that make the lowest four limbs zero.
            let q0 = t0.wrapping_mul(inverse) & mask;
            let s1 = *t1 + ((*t0 + q0 * m0) >> bits) + q0 * m1;
            let q1 = s1.wrapping_mul(inverse) & mask;
            let s2 = *t2 + ((s1 + q1 * m0) >> bits) + q0 * m2 + q1 * m1;
            let q2 = s2.wrapping_mul(inverse) & mask;
            let s3 = *t3 + ((s2 + q2 * m0) >> bits) + q0 * m3 + q1 * m2 + q2 * m1;
            let q3 = s3.wrapping_mul(inverse) & mask;
            if let [column, ..] = above {
                *column += (s3 + q3 * m0) >> bits;
            }
            add_product(above, higher, black_box([q0, q1, q2, q3]), [m3, m2, m1]);
            window = above;
        }
        let mut carry = 0;
        for (limb, column) in result.iter_mut().zip(&*window) {
            let sum = *column + carry;
            *limb = (sum & mask) as u32;
            carry = sum >> bits;
        }
        #[cfg(test)]
        fault::strike("reduction", result, bits);
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
    pub(super) fn leave(&self, columns: &mut Columns, number: &mut [u32]) {
        let mut one = zeros(number.len());
        if let [lowest, ..] = one.as_mut_slice() {
            *lowest = 1;
        }
        self.multiply(columns, number, &one);
        self.subtract_once(number);
    }

    /// Raises `base` to `exponent`, which is public and not zero. Base and result are in Montgomery form.
    pub(super) fn power_of_public(&self, columns: &mut Columns, base: &[u32], exponent: u64) -> Limbs {
        let mut power = zeros(base.len());
        power.copy_from_slice(base);
        for bit in (0..exponent.ilog2()).rev() {
            self.square(columns, &mut power);
            if exponent >> bit & 1 == 1 {
                self.multiply(columns, &mut power, base);
            }
        }
        power
    }

    /// Raises `base` to a secret exponent, given as digits in base 32, highest first. Base and result are in Montgomery form. Each digit
    /// takes five squarings and a product with a table entry; the whole table is read each time, so the access pattern shows nothing.
    pub(super) fn power(&self, columns: &mut Columns, base: &[u32], digits: &[u32]) -> Limbs {
        let mut table: Columns = Zeroizing::new(Vec::with_capacity(16 * base.len()));
        let mut power = zeros(base.len());
        power.copy_from_slice(&self.radix_squared);
        self.leave(columns, &mut power);
        for _ in 0..32 {
            table.extend(power.as_chunks::<2>().0.iter().map(|[low, high]| u64::from(*low) | u64::from(*high) << 32));
            self.multiply(columns, &mut power, base);
        }
        let mut entry = zeros(base.len());
        let (first, digits) = digits.split_first().unwrap_or((&0, &[]));
        select(&mut power, &table, *first);
        for digit in digits {
            for _ in 0..5 {
                self.square(columns, &mut power);
            }
            select(&mut entry, &table, *digit);
            self.multiply(columns, &mut power, &entry);
        }
        power
    }
}

/// Copies the table's entry with this index. All 32 are read, in the same order.
#[inline(never)]
fn select(entry: &mut [u32], table: &[u64], index: u32) {
    // All ones for the index alone. `black_box` keeps the compiler from making two branches of it.
    let mut masks = [0u64; 32];
    for (mask, at) in masks.iter_mut().zip(0u32..) {
        *mask = black_box(u64::from(at ^ index).wrapping_sub(1) >> 63).wrapping_neg();
    }
    let width = entry.len() / 2;
    for (at, entry) in entry.as_chunks_mut::<4>().0.iter_mut().enumerate() {
        let mut found = [0u64; 2];
        for (row, mask) in table.chunks_exact(width).zip(&masks) {
            if let Some([low, high]) = row.as_chunks::<2>().0.get(at) {
                found[0] |= low & mask;
                found[1] |= high & mask;
            }
        }
        let [low, high] = found;
        *entry = [low as u32, (low >> 32) as u32, high as u32, (high >> 32) as u32];
    }
    #[cfg(test)]
    fault::strike("entry", entry, 28);
}
