//! The private-key operation of RSA with 2048 bits for WebAssembly, where it is several times as fast as the crate `rsa`; by the Chinese
//! remainder theorem (RFC 8017, section 5.1.2). `docs/performance.md` has the measurements.
//!
//! [`RsaKernel`] takes the numbers of a key of the crate `rsa` and a padded message, and gives a number or nothing. If it gives nothing,
//! the crate signs. This is the project's only arithmetic of its own.
//!
//! **Blinded.** Each message is multiplied by `r^e` with a new `r`, as long as the modulus, and the result divided by `r`
//! (Kocher, *Timing attacks*, 1996), so no number that is calculated with is known to who chose the message. Each exponent has a
//! new random multiple of `p - 1`, of 64 bits, added to it (draft-irtf-cfrg-rsa-guidance, section 6.4). Where `r` has a divisor in common
//! with the modulus, which chance does not bring about, the division is wrong, and nothing comes out.
//!
//! **Constant time, as written.** What is secret is p, q, the exponents, the coefficient, `r`, and what is calculated of them until
//! the signature. All loops run over lengths that depend on the size of the key alone. Exponents are taken in windows of five
//! bits, each with the same five squarings and one product, and the entry of the table is picked with masks out of all 32.
//! Reductions subtract the modulus or zero, by a mask; the inverse of `r` takes a fixed number of division steps, each by
//! masks. Masks pass through `black_box`, since compilers like to make branches of them. The public exponent, the message and the
//! comparison at the end are public. What an engine makes of it, nobody can promise.
//!
//! **Checked.** The bytes that are given back are read anew and, by the crate `rsa` and its own copy of the public key, raised to the power of
//! `e`: that has to be the message, so that a fault anywhere between shows.
//!
//! **Wiped.** Every row of limbs is in a `Zeroizing`; what was in single words on the stack, `wasm::wiped` overwrites.
//!
//! **Bounds.** `modulus` and `inverse` state how large each limb and each sum can be, and why they fit. Here: the blinded message, below
//! `2^2049`, is taken in 72 limbs of 29 bits; divided by `R`, which is `2^1044`, it is below `2^1005`, and with the reduction below `2 p`. An
//! exponent with its multiple is below `2^1089`, and 218 digits of five bits have 1090. The difference in Garner's formula is positive and
//! below `3 p`, and the number that comes of it below the modulus.

#[cfg(test)]
mod fault;
mod inverse;
mod modulus;
#[cfg(test)]
mod tests;

use rsa::BoxedUint;
use rsa::traits::{PrivateKeyParts as _, PublicKeyParts as _};
use zeroize::Zeroizing;

use crate::error::Result;
use inverse::inverse;
use modulus::{Limbs, Modulus, digits, mask, number, repack, to_bytes, zeros};

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

/// A private key of 2048 bits, ready for calculating with it.
pub(super) struct RsaKernel {
    /// What results are checked with.
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
    /// The private exponent modulo the prime less one.
    exponent: Limbs,
}

impl RsaKernel {
    /// Takes over a key, if it is one of 2048 bits with two primes of 1024.
    #[inline(never)]
    pub(super) fn new(key: &rsa::PrivateKey) -> Option<Self> {
        let [p, q] = key.primes() else { return None };
        if [key.n().bit_width_vartime(), p.bit_width(), q.bit_width()] != [2048, 1024, 1024] {
            return None;
        }
        // The crate takes no exponent of more than 33 bits.
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
        Ok(self.is_right(&signature, message).then_some(signature))
    }

    /// By the crate, which knows the key from another place than the numbers here.
    fn is_right(&self, signature: &[u8], message: &[u8]) -> bool {
        let read = |bytes| BoxedUint::from_be_slice(bytes, 8 * BYTES as u32);
        let (Ok(signature), Ok(message)) = (read(signature), read(message)) else { return false };
        let power = rsa::hazmat::rsa_encrypt(&self.public_key, &signature);
        signature < **self.public_key.n() && power.is_ok_and(|power| power == message)
    }
}

#[cfg(test)]
impl RsaKernel {
    /// Stands in for a fault of the machine.
    pub(super) fn damage(&mut self) {
        if let [lowest, ..] = self.p.exponent.as_mut_slice() {
            *lowest ^= 2;
        }
    }
}

/// The limbs of one of the crate's numbers.
#[inline(never)]
fn limbs(of: &BoxedUint, bits: u32, length: usize) -> Limbs {
    number(&Zeroizing::new(of.to_be_bytes()), bits, length)
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
    fn new(prime: &BoxedUint, exponent: &BoxedUint) -> Self {
        let modulus = Modulus::new(limbs(prime, PRIME_BITS, PRIME_LIMBS), PRIME_BITS, 1024);
        Self { modulus, exponent: limbs(exponent, PRIME_BITS, PRIME_LIMBS) }
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
