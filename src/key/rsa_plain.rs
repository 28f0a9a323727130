//! The private-key operation of the crate `rsa` without the Chinese remainder theorem: in WebAssembly it signs where `rsa_crt` does
//! not, or its result is wrong. Slower than with the theorem, whose code is thus left out of the module; blinded and checked as well.

use p256::elliptic_curve::bigint::modular::{BoxedMontyForm, BoxedMontyParams, MontyParams};
use p256::elliptic_curve::bigint::{NonZero, Odd};
use rsa::traits::{PrivateKeyParts, PublicKeyParts};
use rsa::{BoxedUint, CrtValue};
use zeroize::{Zeroize as _, Zeroizing};

use crate::key::rsa_numbers::{RsaNumbers, bytes};

pub(super) struct PlainKey<'a> {
    public_key: &'a rsa::PublicKey,
    private_exponent: Zeroizing<BoxedUint>,
    primes: [Odd<BoxedUint>; 2],
}

impl Drop for PlainKey<'_> {
    fn drop(&mut self) {
        self.primes.iter_mut().for_each(|prime| prime.zeroize());
    }
}

impl<'a> PlainKey<'a> {
    /// Nothing, if a prime is even.
    pub(super) fn new(numbers: &RsaNumbers, public_key: &'a rsa::PublicKey) -> Option<Self> {
        let number = |limbs: &[u32]| BoxedUint::from_be_slice_vartime(&bytes(limbs));
        let [p, q] = &numbers.primes;
        Some(Self {
            public_key,
            private_exponent: Zeroizing::new(number(&numbers.private_exponent)),
            primes: [Odd::new(number(p)).into_option()?, Odd::new(number(q)).into_option()?],
        })
    }

    /// `message` to the power of the private exponent.
    pub(super) fn sign(&self, message: &[u8]) -> rsa::Result<Vec<u8>> {
        let message = BoxedUint::from_be_slice(message, self.n_bits_precision())?;
        let signature = rsa::hazmat::rsa_decrypt_and_check(self, Some(&mut getrandom::SysRng), &message)?.to_be_bytes();
        Ok(signature.get(signature.len() - self.size()..).unwrap_or_default().to_vec())
    }
}

impl PublicKeyParts for PlainKey<'_> {
    fn n(&self) -> &NonZero<BoxedUint> {
        self.public_key.n()
    }

    fn e(&self) -> &BoxedUint {
        self.public_key.e()
    }

    fn n_params(&self) -> &BoxedMontyParams {
        self.public_key.n_params()
    }
}

impl PrivateKeyParts for PlainKey<'_> {
    fn d(&self) -> &BoxedUint {
        &self.private_exponent
    }

    fn primes(&self) -> &[Odd<BoxedUint>] {
        &self.primes
    }

    fn p(&self) -> Option<&MontyParams<BoxedUint>> {
        None
    }

    fn q(&self) -> Option<&MontyParams<BoxedUint>> {
        None
    }

    fn dp(&self) -> Option<&BoxedUint> {
        None
    }

    fn dq(&self) -> Option<&BoxedUint> {
        None
    }

    fn qinv(&self) -> Option<&BoxedMontyForm> {
        None
    }

    fn crt_values(&self) -> Option<&[CrtValue]> {
        None
    }
}
