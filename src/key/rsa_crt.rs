//! The private-key operation of RSA with 2048 bits for WebAssembly, where the crate `rsa` takes three times as long; by the
//! Chinese remainder theorem (RFC 8017, section 5.1.2). `docs/performance.md` has the measurements.
//!
//! **Blinded.** Each message is multiplied by `r^e` with a new `r`, as long as the modulus, and the result divided by `r`
//! (Kocher, *Timing attacks*, 1996), so no number that is calculated with is known to who chose the message. Each exponent has a
//! new random multiple of `p - 1`, of 64 bits, added to it (draft-irtf-cfrg-rsa-guidance, section 6.4).
//!
//! **Constant time, as written.** What is secret is p, q, the exponents, the coefficient, `r`, and what is calculated of them until
//! the signature. All loops run over lengths that depend on the size of the key alone. Exponents are taken in windows of five
//! bits, each with the same five squarings and one product, and the entry of the table is picked with masks out of all 32.
//! Reductions subtract the modulus or zero, by a mask; the inverse of `r` takes a fixed number of division steps, each by
//! masks. Masks pass through `black_box`, since compilers like to make branches of them. The public exponent, the message and the
//! comparison at the end are public. In the compiled module, no `if`, `br_if`, `select` or address in here depends on more than a
//! length, the public exponent and whether there were random numbers (looked at by hand). What an engine makes of it, nobody can promise.
//!
//! **Checked.** The bytes that are given back, to the power of `e`, modulo the modulus itself, have to be the bytes of the message:
//! both are read anew for it, so that a fault anywhere between shows.
//!
//! **Wiped.** Every row of limbs is in a `Zeroizing`; what was in single words on the stack, `wasm::wiped` overwrites.

#[cfg(any(target_arch = "wasm32", test))]
mod prime;
#[cfg(test)]
pub(super) mod tests;

use zeroize::Zeroizing;

use crate::error::Result;
#[cfg(test)]
use crate::key::fault;
use crate::key::inverse::inverse;
use crate::key::modulus::{Limbs, Modulus, digits, mask, number, repack, to_bytes, zeros};
use crate::key::rsa_numbers::RsaNumbers;
#[cfg(any(target_arch = "wasm32", test))]
pub(super) use prime::prime_pair;

/// The bytes of a modulus and of a signature.
pub(super) const BYTES: usize = 256;

const MODULUS_BITS: u32 = 28;
const MODULUS_LIMBS: usize = 76;
const PRIME_BITS: u32 = 29;
const PRIME_LIMBS: usize = 36;
/// For the factors of two exponents, and for a number as large as limbs can hold: modulo the modulus it is any.
const RANDOM_BYTES: usize = 8 + 8 + MODULUS_LIMBS * MODULUS_BITS as usize / 8;
/// The digits of five bits that an exponent of 1024 and 64 bits has.
const DIGITS: usize = 218;

/// A private key, ready for calculating with it.
pub(super) struct CrtKey {
    modulus: Modulus,
    public_exponent: u64,
    p: Prime,
    q: Prime,
    /// `1 / q` modulo `p`.
    coefficient: Limbs,
}

struct Prime {
    modulus: Modulus,
    /// The private exponent modulo the prime less one.
    exponent: Limbs,
}

impl CrtKey {
    /// Takes over a key, if it is one of 2048 bits with two primes of 1024.
    #[inline(never)]
    pub(super) fn new(key: &RsaNumbers) -> Option<Self> {
        let [p, q] = &key.primes;
        let has_all_bits = |number: &Limbs, limbs| number.len() == limbs && number.last().is_some_and(|limb| limb >> 31 == 1);
        if !has_all_bits(&key.modulus, 64) || !has_all_bits(p, 32) || !has_all_bits(q, 32) {
            return None;
        }
        let modulus = Modulus::new(repack(&key.modulus, 32, MODULUS_BITS, MODULUS_LIMBS), MODULUS_BITS, 2048);
        let [dp, dq] = &key.exponents;
        Some(Self {
            modulus,
            public_exponent: key.public_exponent,
            p: Prime::new(p, dp),
            q: Prime::new(q, dq),
            coefficient: repack(&key.coefficient, 32, PRIME_BITS, PRIME_LIMBS),
        })
    }

    /// `message` to the power of the private exponent, both numbers below the modulus with their highest byte first, or
    /// nothing if the result is wrong. `random` fills what it is given with random bytes.
    #[inline(never)]
    pub(super) fn sign(&self, message: &[u8], random: impl Fn(&mut [u8]) -> Result<()>) -> Result<Option<Vec<u8>>> {
        let n = &self.modulus;
        let columns = &mut n.columns();

        // The message is multiplied by r^e, and the result divided by r.
        let mut bytes = Zeroizing::new([0; RANDOM_BYTES]);
        random(&mut *bytes)?;
        let (for_primes, for_modulus) = bytes.split_at(16);
        let (for_p, for_q) = for_primes.split_at(8);
        let mut factor = number(for_modulus, MODULUS_BITS, MODULUS_LIMBS);
        n.multiply(columns, &mut factor, &n.radix_squared);
        n.subtract_once(&mut factor);
        let unblinding = inverse(n, &factor);
        let mut blinded = n.power_of_public(columns, &factor, self.public_exponent);
        n.multiply(columns, &mut blinded, &number(message, MODULUS_BITS, MODULUS_LIMBS));

        let blinded = repack(&blinded, MODULUS_BITS, PRIME_BITS, 2 * PRIME_LIMBS);
        let mut of_p = self.p.power(&blinded, &number(for_p, PRIME_BITS, PRIME_LIMBS));
        let mut of_q = self.q.power(&blinded, &number(for_q, PRIME_BITS, PRIME_LIMBS));

        // Garner: s = of_q + q ((of_p - of_q) / q modulo p).
        let (p, q) = (&self.p.modulus, &self.q.modulus);
        let half = &mut p.columns();
        q.leave(half, &mut of_q);
        let mut subtrahend = zeros(PRIME_LIMBS);
        subtrahend.copy_from_slice(&of_q);
        p.multiply(half, &mut subtrahend, &p.radix_squared);
        p.subtract_once(&mut subtrahend);
        let mut carry = 0i64;
        for ((limb, less), p) in of_p.iter_mut().zip(subtrahend.iter()).zip(p.limbs.iter()) {
            // At most 3p, which is a factor that fits.
            let sum = i64::from(*limb) - i64::from(*less) + i64::from(*p) + carry;
            *limb = (sum & mask(PRIME_BITS) as i64) as u32;
            carry = sum >> PRIME_BITS;
        }
        #[cfg(test)]
        fault::strike("difference", &mut of_p, PRIME_BITS);
        p.multiply(half, &mut of_p, &self.coefficient);
        p.subtract_once(&mut of_p);
        p.product(half, &of_p, &q.limbs);
        let mut signature = repack(&sum(half, &of_q), PRIME_BITS, MODULUS_BITS, MODULUS_LIMBS);

        n.multiply(columns, &mut signature, &unblinding);
        n.subtract_once(&mut signature);

        let signature = to_bytes(&signature, MODULUS_BITS, BYTES);

        // A fault in the exponentiation modulo one prime would give away the other (Boneh, DeMillo and Lipton, 1997).
        let mut check = number(&signature, MODULUS_BITS, MODULUS_LIMBS);
        n.multiply(columns, &mut check, &n.radix_squared);
        let mut check = n.power_of_public(columns, &check, self.public_exponent);
        n.leave(columns, &mut check);
        let is_right = check == number(message, MODULUS_BITS, MODULUS_LIMBS);
        Ok(is_right.then_some(signature))
    }
}

#[cfg(test)]
impl CrtKey {
    /// Stands in for a fault of the machine.
    pub(super) fn damage(&mut self) {
        if let [lowest, ..] = self.p.exponent.as_mut_slice() {
            *lowest ^= 2;
        }
    }
}

/// The sum of columns and a number, modulo a prime's, in limbs.
#[inline(never)]
fn sum(columns: &[u64], number: &[u32]) -> Limbs {
    let mut limbs = zeros(columns.len());
    let mut carry = 0;
    for ((limb, column), at) in limbs.iter_mut().zip(columns).zip(0..) {
        let sum = column + u64::from(number.get(at).copied().unwrap_or(0)) + carry;
        *limb = (sum & mask(PRIME_BITS)) as u32;
        carry = sum >> PRIME_BITS;
    }
    #[cfg(test)]
    fault::strike("sum", &mut limbs, PRIME_BITS);
    limbs
}

impl Prime {
    fn new(prime: &[u32], exponent: &[u32]) -> Self {
        let [prime, exponent] = [prime, exponent].map(|number| repack(number, 32, PRIME_BITS, PRIME_LIMBS));
        Self { modulus: Modulus::new(prime, PRIME_BITS, 1024), exponent }
    }

    /// A number of twice the prime's length to the power of the private exponent, in Montgomery's form. A random multiple
    /// of the prime less one is added to the exponent.
    #[inline(never)]
    fn power(&self, number: &[u32], factor: &[u32]) -> Limbs {
        let p = &self.modulus;
        let columns = &mut p.columns();
        let mut less_one = zeros(PRIME_LIMBS);
        less_one.copy_from_slice(&p.limbs);
        // The prime is odd.
        if let [lowest, ..] = less_one.as_mut_slice() {
            *lowest ^= 1;
        }
        p.product(columns, &less_one, factor);
        let digits = digits(&sum(columns, &self.exponent), PRIME_BITS, DIGITS);

        for (column, digit) in columns.iter_mut().zip(number) {
            *column = u64::from(*digit);
        }
        let mut base = zeros(PRIME_LIMBS);
        p.reduce(columns, &mut base);
        p.multiply(columns, &mut base, &p.radix_squared);
        p.multiply(columns, &mut base, &p.radix_squared);
        p.power(columns, &base, &digits)
    }
}
