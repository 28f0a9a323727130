//! RSA-2048 private-key operation for WebAssembly, several times as fast there as the crate `rsa`. It uses the Chinese remainder
//! theorem (RFC 8017, section 5.1.2). `docs/performance.md` has the measurements.
//!
//! [`RsaKernel`] takes a key of the crate `rsa` and a padded message. It returns the signature, or nothing if its own check failed; then
//! the crate signs. This is the only arithmetic we wrote ourselves.
//!
//! **Blinded.** Each message is multiplied by `r^e`, with a new `r` as long as the modulus, and the result is divided by `r`
//! (Kocher, *Timing attacks*, 1996). So whoever chose the message knows none of the numbers in between. Each exponent gets a
//! new 64-bit random multiple of `p - 1` added (draft-irtf-cfrg-rsa-guidance, section 6.4). If `r` shared a divisor with the
//! modulus, which does not happen by chance, the division would be wrong and the check would fail.
//!
//! **Constant time, as written.** Secret are p, q, the exponents, the coefficient, `r`, and everything computed from them before
//! the signature. Every loop's length depends on the size of the key alone. Exponents are read in windows of five
//! bits, each with five squarings and one product; masks select the table's entry out of all 32.
//! Reductions subtract the modulus or zero, by a mask. The inverse of `r` takes a fixed number of masked division steps.
//! Masks pass through `black_box`, because compilers turn them into branches. The public exponent, the message and the
//! final comparison are public. No source code can promise what an engine compiles it to.
//!
//! **Checked.** The crate `rsa`, with its own copy of the public key, raises the returned bytes to the power of `e`. The result must be
//! the message, so a fault anywhere in between is found.
//!
//! **Wiped.** Every row of limbs is in a `Zeroizing`; `wasm::wiped` overwrites the stack.
//!
//! **Bounds.** `modulus` and `inverse` state how large each limb and each sum can be, and why they fit. Here: the blinded message, below
//! `2^2049`, is split into 72 limbs of 29 bits. Divided by `R`, which is `2^1044`, it is below `2^1005`, and after the reduction below `2 p`. An
//! exponent with its multiple is below `2^1089`; 218 digits of five bits hold 1090. The difference in Garner's formula is positive and
//! below `3 p`, and the recombined number is below the modulus.

#[cfg(test)]
mod fault;
mod inverse;
mod lanes;
mod modulus;
#[cfg(test)]
mod pseudo_random;
#[cfg(test)]
mod tests;

use rsa::BoxedUint;
use rsa::traits::{PrivateKeyParts as _, PublicKeyParts as _};
use zeroize::Zeroizing;

use crate::error::Result;
use inverse::inverse;
pub(super) use modulus::BYTES;
use modulus::{Limbs, Modulus, digits, mask, number, repack, to_bytes, zeros};

const MODULUS_BITS: u32 = 28;
const MODULUS_LIMBS: usize = 76;
const PRIME_BITS: u32 = 29;
const PRIME_LIMBS: usize = 36;
/// An exponent's factor has 64 bits.
const FACTOR_LIMBS: usize = 3;
/// Two exponents' factors of eight bytes, and a blinding factor that fills all limbs, so that it is random modulo the modulus.
const RANDOM_BYTES: usize = 8 + 8 + MODULUS_LIMBS * MODULUS_BITS as usize / 8;
/// The five-bit digits of an exponent of 1024 + 64 bits.
const DIGITS: usize = 218;

/// A 2048-bit private key, prepared for signing.
pub(super) struct RsaKernel {
    /// Checks the results.
    public_key: rsa::PublicKey,
    modulus: Modulus,
    public_exponent: u64,
    p: Prime,
    q: Prime,
    /// `1 / q` modulo `p`.
    coefficient: Limbs,
}

struct Prime {
    modulus: Modulus,
    /// The private exponent modulo the prime minus one.
    exponent: Limbs,
}

impl RsaKernel {
    /// Prepares a key. Returns `None` unless it has 2048 bits and two primes of 1024.
    #[inline(never)]
    pub(super) fn new(key: &rsa::PrivateKey) -> Option<Self> {
        let [p, q] = key.primes() else { return None };
        if [key.n().bit_width_vartime(), p.bit_width(), q.bit_width()] != [2048, 1024, 1024] {
            return None;
        }
        // The crate accepts no exponent above 33 bits.
        let public_exponent = limbs(key.e(), 32, 4).iter().rev().fold(0, |sum, word| sum << 32 | u64::from(*word));
        Some(Self {
            public_key: key.to_public_key(),
            modulus: Modulus::new(limbs(key.n(), MODULUS_BITS, MODULUS_LIMBS), MODULUS_BITS, 2048),
            public_exponent,
            p: Prime::new(p, key.dp()?),
            q: Prime::new(q, key.dq()?),
            coefficient: limbs(&key.qinv()?.retrieve(), PRIME_BITS, PRIME_LIMBS),
        })
    }

    /// Raises `message` to the power of the private exponent. Message and result are big-endian and below the modulus.
    /// Returns `None` if the result is wrong. `random` fills its argument with random bytes.
    #[inline(never)]
    pub(super) fn sign(&self, message: &[u8], random: impl Fn(&mut [u8]) -> Result<()>) -> Result<Option<Vec<u8>>> {
        let n = &self.modulus;
        let work = &mut n.work();

        // Blind: multiply by r^e here, by 1/r at the end.
        let mut bytes = Zeroizing::new([0; RANDOM_BYTES]);
        random(&mut *bytes)?;
        let (for_primes, for_modulus) = bytes.split_at(16);
        let (for_p, for_q) = for_primes.split_at(8);
        let mut factor = number(for_modulus, MODULUS_BITS, MODULUS_LIMBS);
        n.multiply(work, &mut factor, &n.radix_squared);
        n.subtract_once(&mut factor);
        let unblinding = inverse(n, &factor);
        let mut blinded = n.power_of_public(work, &factor, self.public_exponent);
        n.multiply(work, &mut blinded, &number(message, MODULUS_BITS, MODULUS_LIMBS));

        let blinded = repack(&blinded, MODULUS_BITS, PRIME_BITS, 2 * PRIME_LIMBS);
        let mut of_p = self.p.power(&blinded, &number(for_p, PRIME_BITS, FACTOR_LIMBS));
        let mut of_q = self.q.power(&blinded, &number(for_q, PRIME_BITS, FACTOR_LIMBS));

        // Garner: s = of_q + q ((of_p - of_q) / q modulo p).
        let (p, q) = (&self.p.modulus, &self.q.modulus);
        let half = &mut p.work();
        q.leave(half, &mut of_q);
        let mut subtrahend = zeros(PRIME_LIMBS);
        subtrahend.copy_from_slice(&of_q);
        p.multiply(half, &mut subtrahend, &p.radix_squared);
        p.subtract_once(&mut subtrahend);
        let mut carry = 0i64;
        for ((limb, less), p) in of_p.iter_mut().zip(subtrahend.iter()).zip(p.limbs.iter()) {
            // p keeps the difference positive; below 3p it still is a valid factor.
            let sum = i64::from(*limb) - i64::from(*less) + i64::from(*p) + carry;
            *limb = (sum & mask(PRIME_BITS) as i64) as u32;
            carry = sum >> PRIME_BITS;
        }
        #[cfg(test)]
        fault::strike("difference", &mut of_p, PRIME_BITS);
        p.multiply(half, &mut of_p, &self.coefficient);
        p.subtract_once(&mut of_p);
        let mut signature = repack(&p.product_and_sum(&of_p, &q.limbs, &of_q), PRIME_BITS, MODULUS_BITS, MODULUS_LIMBS);

        n.multiply(work, &mut signature, &unblinding);
        n.subtract_once(&mut signature);

        let signature = to_bytes(&signature, MODULUS_BITS, BYTES);

        // A fault in the exponentiation modulo one prime would give away the other (Boneh, DeMillo and Lipton, 1997).
        Ok(self.is_right(&signature, message).then_some(signature))
    }

    /// The crate checks with its own copy of the key, so a fault in ours cannot hide.
    fn is_right(&self, signature: &[u8], message: &[u8]) -> bool {
        let read = |bytes| BoxedUint::from_be_slice(bytes, 8 * BYTES as u32);
        let (Ok(signature), Ok(message)) = (read(signature), read(message)) else { return false };
        let power = rsa::hazmat::rsa_encrypt(&self.public_key, &signature);
        signature < **self.public_key.n() && power.is_ok_and(|power| power == message)
    }
}

#[cfg(test)]
impl RsaKernel {
    /// Simulates a hardware fault.
    pub(super) fn damage(&mut self) {
        if let [lowest, ..] = self.p.exponent.as_mut_slice() {
            *lowest ^= 2;
        }
    }
}

/// Converts one of the crate's numbers to limbs.
#[inline(never)]
fn limbs(of: &BoxedUint, bits: u32, length: usize) -> Limbs {
    number(&Zeroizing::new(of.to_be_bytes()), bits, length)
}

impl Prime {
    fn new(prime: &BoxedUint, exponent: &BoxedUint) -> Self {
        let modulus = Modulus::new(limbs(prime, PRIME_BITS, PRIME_LIMBS), PRIME_BITS, 1024);
        Self { modulus, exponent: limbs(exponent, PRIME_BITS, PRIME_LIMBS) }
    }

    /// Raises a number of twice the prime's length to the power of the private exponent, in Montgomery form. `factor` times the prime
    /// minus one is added to the exponent, which hides it and changes nothing.
    #[inline(never)]
    fn power(&self, number: &[u32], factor: &[u32]) -> Limbs {
        let p = &self.modulus;
        let work = &mut p.work();
        let mut less_one = zeros(PRIME_LIMBS);
        less_one.copy_from_slice(&p.limbs);
        // The prime is odd.
        if let [lowest, ..] = less_one.as_mut_slice() {
            *lowest ^= 1;
        }
        let digits = digits(&p.product_and_sum(&less_one, factor, &self.exponent), PRIME_BITS, DIGITS);

        let mut base = p.reduce(work, number);
        p.multiply(work, &mut base, &p.radix_squared);
        p.multiply(work, &mut base, &p.radix_squared);
        p.power(work, &base, &digits)
    }
}
