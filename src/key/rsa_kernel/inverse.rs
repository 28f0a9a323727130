//! Division modulo an odd number: Bernstein and Yang, *Fast constant-time gcd computation and modular inversion*, 2019.
//! No branch and no address depends on the numbers.
//!
//! # Bounds
//! Limbs have 28 bits, except for the highest, which holds the sign: the numbers lie between -2 and 2 times the modulus, whose 2048 bits end
//! far below the highest limb, so that limb is 0 or -1. The entries of each row of a 28-step matrix sum to at most 2^28, so a sum of two
//! products with limbs is below 2^56. The modulus is added between -2^29 and 2^28 times, so that product is below 2^57. With a carry
//! below 2^31, every sum stays far below 2^63.

use std::hint::black_box;

use zeroize::Zeroizing;

#[cfg(test)]
use super::fault;
use super::lanes::compile_at_once;
use super::modulus::{BYTES, Limbs, Modulus, Words, mask, zeros};

/// The bits of a limb, and the division steps in a round: a round looks at the lowest limbs only.
const BITS: u32 = 28;

/// The rounds that suffice for numbers of 2048 bits, by Bernstein and Yang's bound for a start at one half.
const ROUNDS: usize = (45907 * 8 * BYTES + 26313) / 19929 / BITS as usize + 1;

/// Returns `R² / number` modulo `modulus`: in Montgomery form, one divided by the number. The number is below the modulus and
/// coprime to it; the modulus has limbs of 28 bits.
#[inline(never)]
#[cfg_attr(target_arch = "wasm32", target_feature(enable = "simd128"))]
pub(super) fn inverse(modulus: &Modulus, number: &[u32]) -> Limbs {
    compile_at_once();
    let n = signed(&modulus.limbs);
    let (mut f, mut g) = (signed(&modulus.limbs), signed(number));
    let (mut d, mut e) = (signed(&zeros(number.len())), signed(&modulus.radix_squared));
    let mut delta = -1;
    for _ in 0..ROUNDS {
        let matrix = Zeroizing::new(division_steps(&mut delta, lowest(&f), lowest(&g)));
        transform(&mut f, &mut g, &matrix, [0; 2], &n);
        let multiples = multiples(&d, &e, &matrix, *modulus.inverse as i64);
        transform(&mut d, &mut e, &matrix, multiples, &n);
    }
    // Now f is 1 or -1, and d is f · R² / number, between -2 and 1 times the modulus.
    let f = sign(&f);
    let mut quotient = zeros(number.len());
    for negated in [0, f, 0] {
        let negative = sign(&d);
        let mut carry = 0;
        for ((limb, n), result) in d.iter_mut().zip(n.iter()).zip(quotient.iter_mut()) {
            let sum = ((*limb as i64 + (*n as i64 & negative)) ^ negated) - negated + carry;
            *limb = (sum & mask(BITS) as i64) as u64;
            *result = *limb as u32;
            carry = sum >> BITS;
        }
        if let Some(highest) = d.last_mut() {
            *highest |= (carry << BITS) as u64;
        }
    }
    #[cfg(test)]
    fault::strike("quotient", &mut quotient, BITS);
    quotient
}

/// Widens limbs so that the highest can hold the sign, as an `i64`.
#[inline(never)]
fn signed(limbs: &[u32]) -> Words {
    Zeroizing::new(limbs.iter().map(|limb| u64::from(*limb)).collect())
}

fn lowest(limbs: &[u64]) -> i64 {
    limbs.first().copied().unwrap_or(0) as i64
}

/// All ones if the number is negative, otherwise zero.
fn sign(limbs: &[u64]) -> i64 {
    black_box(limbs.last().copied().unwrap_or(0) as i64 >> 63)
}

/// Returns the matrix, times 2^28, of 28 division steps on two numbers with these lowest limbs.
fn division_steps(delta: &mut i64, mut f: i64, mut g: i64) -> [i64; 4] {
    let [mut u, mut v, mut q, mut r] = [1, 0, 0, 1];
    for _ in 0..BITS {
        // All ones or zero. `black_box` keeps the compiler from making two branches of it.
        let (negative, odd) = (black_box(*delta >> 63), black_box(-(g & 1)));
        g += ((f ^ negative) - negative) & odd;
        q += ((u ^ negative) - negative) & odd;
        r += ((v ^ negative) - negative) & odd;
        let swap = negative & odd;
        *delta = (*delta ^ swap) - 1;
        f += g & swap;
        u += q & swap;
        v += r & swap;
        g >>= 1;
        u <<= 1;
        v <<= 1;
    }
    [u, v, q, r]
}

/// Returns how often to add the modulus to the matrix's product with `d` and `e`. The sum is then divisible by 2^28, and the quotient
/// lies between -2 and 1 times the modulus if `d` and `e` did.
fn multiples(d: &[u64], e: &[u64], [u, v, q, r]: &[i64; 4], inverse: i64) -> [i64; 2] {
    let (negative_d, negative_e) = (sign(d), sign(e));
    [(u, v), (q, r)].map(|(of_d, of_e)| {
        let positive = (of_d & negative_d) + (of_e & negative_e);
        let sum = (of_d * lowest(d) + of_e * lowest(e)) & mask(BITS) as i64;
        positive - ((positive - sum * inverse) & mask(BITS) as i64)
    })
}

/// Multiplies by the matrix, adds multiples of `n` and divides by 2^28.
#[inline(never)]
#[cfg_attr(target_arch = "wasm32", target_feature(enable = "simd128"))]
fn transform(x: &mut [u64], y: &mut [u64], [u, v, q, r]: &[i64; 4], [more_x, more_y]: [i64; 2], n: &[u64]) {
    compile_at_once();
    let (mut carry_x, mut carry_y) = (0, 0);
    for ((x, y), n) in x.iter_mut().zip(y.iter_mut()).zip(n) {
        let (x_limb, y_limb, n) = (*x as i64, *y as i64, *n as i64);
        carry_x += u * x_limb + v * y_limb + more_x * n;
        carry_y += q * x_limb + r * y_limb + more_y * n;
        *x = carry_x as u64 & mask(BITS);
        *y = carry_y as u64 & mask(BITS);
        carry_x >>= BITS;
        carry_y >>= BITS;
    }
    // The lowest limbs are zero now.
    for (limbs, carry) in [(x, carry_x), (y, carry_y)] {
        limbs.rotate_left(1);
        if let Some(highest) = limbs.last_mut() {
            *highest = carry as u64;
        }
        #[cfg(test)]
        fault::strike("division steps", limbs, BITS);
    }
}
