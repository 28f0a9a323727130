//! RSA of any size that is read, in WebAssembly: verifying, and signing where `rsa_crt` does not or its result is wrong; without the
//! Chinese remainder theorem. The crate `rsa` does the same by numbers of any length, whose products and divisions, each by several
//! methods, would take an eighth of the module; tests hold the two against one another.
//!
//! **Blinded.** As `rsa_crt` does it: the message is multiplied by `r^e` with a new `r`, and the result by `r^-1`. The order of the group of
//! numbers, times a new random number of 128 bits, is added to each exponent. **Constant time** is what `modulus` is.
//! **Checked**, by the public exponent.

use std::fmt;

use zeroize::Zeroizing;

use crate::error::Result;
use crate::key::modulus::{Limbs, Modulus, digits, number, to_bytes};
use crate::key::rsa_numbers::{RsaNumbers, bit_width};

/// 304 limbs for 8192 bits, and each column below 304 · 2^54 · 2 < 2^64.
const BITS: u32 = 27;

pub(super) struct PlainModulus {
    modulus: Modulus,
    bytes: usize,
}

impl fmt::Debug for PlainModulus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PlainModulus")
    }
}

impl PlainModulus {
    /// Of an odd number of 1024 to 8192 bits, whose first byte is not zero.
    pub(super) fn new(modulus: &[u8]) -> Self {
        let width = bit_width(modulus) as u32;
        let length = (width + 4).div_ceil(BITS).next_multiple_of(4) as usize;
        Self { modulus: Modulus::new(number(modulus, BITS, length), BITS, width), bytes: modulus.len() }
    }

    fn limbs(&self, bytes: &[u8]) -> Limbs {
        number(bytes, BITS, self.modulus.limbs.len())
    }

    /// A number below the modulus to the power of a public exponent, in as many bytes as the modulus has.
    pub(super) fn power(&self, base: &[u8], exponent: u64) -> Vec<u8> {
        let n = &self.modulus;
        let columns = &mut n.columns();
        let mut base = self.limbs(base);
        n.multiply(columns, &mut base, &n.radix_squared);
        let mut power = n.power_of_public(columns, &base, exponent);
        n.leave(columns, &mut power);
        to_bytes(&power, BITS, self.bytes)
    }

    /// `message`, a number below the modulus, to the power of the private exponent; or nothing if the result is wrong.
    #[inline(never)]
    pub(super) fn sign(
        &self,
        key: &RsaNumbers,
        message: &[u8],
        random: impl Fn(&mut [u8]) -> Result<()>,
    ) -> Result<Option<Vec<u8>>> {
        let n = &self.modulus;
        let columns = &mut n.columns();
        let mut bytes = Zeroizing::new(vec![0; 2 * 16 + self.bytes]);
        random(&mut bytes)?;
        let (for_exponents, for_factor) = bytes.split_at(2 * 16);
        let Some([exponent, of_inverse]) = key.blinded_exponents(for_exponents) else { return Ok(None) };
        let digits = |exponent: &Limbs| digits(exponent, 32, (32 * exponent.len()).div_ceil(5));

        let mut factor = self.limbs(for_factor);
        n.multiply(columns, &mut factor, &n.radix_squared);
        let unblinding = n.power(columns, &factor, &digits(&of_inverse));
        let mut blinded = n.power_of_public(columns, &factor, key.public_exponent);
        n.multiply(columns, &mut blinded, &self.limbs(message));
        n.multiply(columns, &mut blinded, &n.radix_squared);
        let mut signature = n.power(columns, &blinded, &digits(&exponent));
        n.multiply(columns, &mut signature, &unblinding);
        n.leave(columns, &mut signature);

        let signature = to_bytes(&signature, BITS, self.bytes);
        let is_right = self.power(&signature, key.public_exponent) == message;
        Ok(is_right.then_some(signature))
    }
}

#[cfg(test)]
mod tests {
    use p256::elliptic_curve::bigint::Odd;
    use p256::elliptic_curve::bigint::modular::{BoxedMontyForm, BoxedMontyParams};
    use rsa::BoxedUint;
    use rsa::traits::{PrivateKeyParts as _, PublicKeyParts as _};

    use super::*;
    use crate::error::ErrorCode;
    use crate::key::fault;
    use crate::key::random_unavailable;
    use crate::key::rsa_crt::tests::{Numbers, random};
    use crate::key::rsa_numbers::tests::numbers_of;

    /// The longest, and lengths that fill no limb; where a column did not fit, this would end in an overflow.
    #[test]
    fn powers_equal_crypto_bigint() {
        let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
        for width in [1024, 1025, 1030, 2047, 2048, 3000, 4096, 8191, 8192] {
            let length = usize::div_ceil(width, 8);
            for round in 0..4 {
                let mut modulus = if round == 0 { vec![0xff; length] } else { numbers.runs(length) };
                modulus[0] &= 0xff >> (8 * length - width);
                modulus[0] |= 0x80 >> (8 * length - width);
                modulus[length - 1] |= 1;
                let mut base = modulus.clone();
                base[length - 1] ^= 1;
                if round > 1 {
                    base = [vec![0], numbers.bytes(length - 1)].concat();
                }
                let big = BoxedUint::from_be_slice_vartime;
                let theirs = BoxedMontyParams::new(Odd::new(big(&modulus)).unwrap());
                for exponent in [3, 65_537, (1 << 33) - 1] {
                    let form = BoxedMontyForm::new(big(&base), &theirs);
                    let expected = form.pow(&BoxedUint::from(exponent)).retrieve().to_be_bytes();
                    let ours = PlainModulus::new(&modulus).power(&base, exponent);
                    assert_eq!(ours, expected[expected.len() - length..], "{width} bits, exponent {exponent}");
                }
            }
        }
    }
    /// A bit of any number, after any step of any kind.
    #[test]
    fn no_fault_and_no_random_numbers_let_a_wrong_signature_out() {
        let made = rsa::PrivateKey::new(&mut getrandom::SysRng, 1024).unwrap();
        let key = numbers_of(&made);
        let modulus = PlainModulus::new(&made.n().to_be_bytes());
        let message = [0x42; 128];
        let form = BoxedMontyForm::new(BoxedUint::from_be_slice_vartime(&message), made.n_params());
        let expected = form.pow(made.d()).retrieve().to_be_bytes().into_vec();
        for fill in [0x00, 0x01, 0x80, 0xff] {
            let signature = modulus.sign(&key, &message, |bytes| {
                bytes.fill(fill);
                Ok(())
            });
            // Nothing can be divided by a blinding factor of zero; and that is no random number.
            assert_eq!(signature.unwrap(), (fill != 0).then(|| expected.clone()), "{fill}");
        }
        let refused = modulus.sign(&key, &message, |_| Err(random_unavailable())).unwrap_err();
        assert_eq!(refused.code(), ErrorCode::RandomUnavailable);

        let refused = fault::everywhere(&expected, || modulus.sign(&key, &message, random).unwrap());
        assert!(refused.values().all(|times| *times > 0), "{refused:?}");
    }
}
