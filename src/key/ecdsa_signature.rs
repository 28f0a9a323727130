//! Signatures of ECDSA on P-256 (FIPS 186-5), with the nonce of RFC 6979, and who calculates them: the crates `p256` and `ecdsa`, but for
//! the nonce and the multiple of the generator in WebAssembly.

use std::borrow::Cow;

use p256::ecdsa::Signature;
use p256::{FieldBytes, NonZeroScalar, SecretKey};
use sha1::Sha1;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::key::{Algorithm, der};

/// Signs; the signature is in DER.
pub(super) fn sign(key: &SecretKey, algorithm: Algorithm, message: &[u8]) -> Vec<u8> {
    let key = Zeroizing::new(key.to_nonzero_scalar());
    let hash = match algorithm {
        Algorithm::Sha1 => left_padded(&Sha1::digest(message)),
        Algorithm::Sha256 => Sha256::digest(message),
    };
    to_der(&sign_hash(&key, algorithm, &hash))
}

/// A signature in DER (RFC 3279, section 2.2.3), if its numbers are those of one on P-256.
pub(super) fn from_der(der: &[u8]) -> Option<Signature> {
    let numbers = der::integers::<2>(der)?;
    if numbers.iter().any(|number| number.len() > FieldBytes::default().len()) {
        return None;
    }
    let [r, s] = numbers.map(left_padded);
    Signature::from_scalars(r, s).ok()
}

pub(super) fn to_der(signature: &Signature) -> Vec<u8> {
    let (r, s) = signature.split_bytes();
    der::of_integers(&[&r, &s]).to_vec()
}

/// The signature in DER, of DER or of `r` and `s` in 64 bytes, as WebCrypto has it.
pub(crate) fn in_der(signature: &[u8]) -> Option<Cow<'_, [u8]>> {
    if from_der(signature).is_some() {
        return Some(Cow::Borrowed(signature));
    }
    Signature::from_slice(signature).ok().map(|raw| Cow::Owned(to_der(&raw)))
}

/// A number that is shorter than the curve's order, as a hash may be, is the same number with zeros before it.
pub(super) fn left_padded(hash: &[u8]) -> FieldBytes {
    let mut padded = FieldBytes::default();
    let at = padded.len().saturating_sub(hash.len());
    for (to, from) in padded.iter_mut().skip(at).zip(hash) {
        *to = *from;
    }
    padded
}

#[cfg(not(any(target_arch = "wasm32", wasm_arithmetic)))]
use in_crate::sign_hash;
#[cfg(any(target_arch = "wasm32", wasm_arithmetic))]
use in_webassembly::sign_hash;

#[cfg(any(not(any(target_arch = "wasm32", wasm_arithmetic)), test))]
mod in_crate {
    use ecdsa::hazmat::sign_prehashed_rfc6979;
    use p256::NistP256;

    use super::{Algorithm, FieldBytes, NonZeroScalar, Sha1, Sha256, Signature};

    pub(super) fn sign_hash(key: &NonZeroScalar, algorithm: Algorithm, hash: &FieldBytes) -> Signature {
        match algorithm {
            Algorithm::Sha1 => sign_prehashed_rfc6979::<NistP256, Sha1>(key, hash, &[]).0,
            Algorithm::Sha256 => sign_prehashed_rfc6979::<NistP256, Sha256>(key, hash, &[]).0,
        }
    }
}

#[cfg(any(target_arch = "wasm32", wasm_arithmetic, test))]
mod in_webassembly {
    use p256::elliptic_curve::group::Group as _;
    use p256::elliptic_curve::ops::{Invert as _, Reduce as _};
    use p256::elliptic_curve::point::AffineCoordinates as _;
    use p256::{ProjectivePoint, Scalar};
    use zeroize::Zeroizing;

    use super::{Algorithm, FieldBytes, NonZeroScalar, Signature};
    use crate::key::hmac::{HashName, Hmac, Output};
    use crate::key::p256_generator::x_of_multiple;

    /// `r` is the x coordinate of `k` times the generator, `s` is `(hash + r · key) / k` (FIPS 186-5, section 6.4.1).
    pub(super) fn sign_hash(key: &NonZeroScalar, algorithm: Algorithm, hash: &FieldBytes) -> Signature {
        let hash = Scalar::reduce(hash);
        let mut nonces = Nonces::new(algorithm, &Zeroizing::new(key.to_bytes()), &hash.to_bytes());
        loop {
            let Some(nonce) = NonZeroScalar::from_repr(*nonces.next()).into_option() else { continue };
            let x = x_of_multiple(&nonce).map(FieldBytes::from);
            let r = Scalar::reduce(&x.unwrap_or_else(|| ProjectivePoint::mul_by_generator(&nonce).to_affine().x()));
            let s = *nonce.invert() * (hash + r * **key);
            if let Ok(signature) = Signature::from_scalars(r, s) {
                return signature;
            }
        }
    }

    /// The candidates for a nonce, one after the other (RFC 6979, section 3.2).
    pub(super) struct Nonces {
        hash: HashName,
        hmac: Hmac,
        state: Output,
        is_first: bool,
    }

    impl Nonces {
        pub(super) fn new(algorithm: Algorithm, key: &FieldBytes, hash: &FieldBytes) -> Self {
            let name = match algorithm {
                Algorithm::Sha1 => HashName::Sha1,
                Algorithm::Sha256 => HashName::Sha256,
            };
            // As if with a key of as many zeros as the hash has bytes: HMAC adds zeros to any key.
            let hmac = Hmac::new(name, &[]);
            let mut nonces = Self { hash: name, hmac, state: Zeroizing::new([1; 64]), is_first: true };
            nonces.update(&[&[0], key, hash]);
            nonces.update(&[&[1], key, hash]);
            nonces
        }

        fn update(&mut self, parts: &[&[u8]]) {
            let length = self.hmac.length();
            let state = self.state.get(..length).unwrap_or_default();
            let key = self.hmac.of(&[&[state], parts].concat());
            self.hmac = Hmac::new(self.hash, key.get(..length).unwrap_or_default());
            self.hmac.replace(&mut self.state);
        }

        pub(super) fn next(&mut self) -> Zeroizing<FieldBytes> {
            if !self.is_first {
                self.update(&[&[0]]);
            }
            self.is_first = false;
            let mut nonce = Zeroizing::new(FieldBytes::default());
            for part in nonce.chunks_mut(self.hmac.length()) {
                self.hmac.replace(&mut self.state);
                part.iter_mut().zip(self.state.iter()).for_each(|(to, from)| *to = *from);
            }
            nonce
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(text: &str) -> Vec<u8> {
        (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
    }

    /// RFC 6979, appendix A.2.5: ECDSA on P-256, message "sample" and "test", SHA-1 and SHA-256.
    #[test]
    fn ecdsa_is_deterministic_as_rfc_6979_says() {
        let secret = hex("C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721");
        let key = SecretKey::from_slice(&secret).unwrap();
        for (algorithm, message, r, s) in [
            (
                Algorithm::Sha1,
                "sample",
                "61340C88C3AAEBEB4F6D667F672CA9759A6CCAA9FA8811313039EE4A35471D32",
                "6D7F147DAC089441BB2E2FE8F7A3FA264B9C475098FDCF6E00D7C996E1B8B7EB",
            ),
            (
                Algorithm::Sha256,
                "sample",
                "EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716",
                "F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8",
            ),
            (
                Algorithm::Sha1,
                "test",
                "0CBCC86FD6ABD1D99E703E1EC50069EE5C0B4BA4B9AC60E409E8EC5910D81A89",
                "01B9D7B73DFAA60D5651EC4591A0136F87653E0FD780C3B1BC872FFDEAE479B1",
            ),
            (
                Algorithm::Sha256,
                "test",
                "F1ABB023518351CD71D881567B1EA663ED3EFCF6C5132B354F28D3B0B7D38367",
                "019F4113742A2B14BD25926B49C649155F267E60D3814B4C0CC84250E46F0083",
            ),
        ] {
            let signature = from_der(&sign(&key, algorithm, message.as_bytes())).unwrap();
            assert_eq!(signature.to_bytes().to_vec(), [hex(r), hex(s)].concat(), "{algorithm} {message}");
        }
    }

    #[test]
    fn der_is_read_and_written_as_by_the_crate() {
        for (r, s) in [(1u8, 1u8), (0x7f, 0x80), (0xff, 1)] {
            for zeros in [0, 1, 31] {
                let number = |byte| [vec![0; zeros], vec![byte; 32 - zeros]].concat();
                let raw = [number(r), number(s)].concat();
                let Ok(signature) = Signature::from_slice(&raw) else { continue };
                let der = to_der(&signature);
                assert_eq!(der, signature.to_der().as_bytes());
                assert_eq!(in_der(&raw).unwrap(), der);
                for at in 0..der.len() {
                    for value in 0..=255 {
                        let mut damaged = der.clone();
                        damaged[at] = value;
                        assert_eq!(from_der(&damaged), Signature::from_der(&damaged).ok(), "{damaged:02x?}");
                    }
                    assert_eq!(from_der(&der[..at]), None);
                }
            }
        }
    }

    #[test]
    fn signatures_of_webassembly_equal_those_of_the_crate() {
        use p256::elliptic_curve::Generate as _;
        for at in 0..1000u32 {
            let key = SecretKey::generate().to_nonzero_scalar();
            let hash = Sha256::digest(at.to_be_bytes());
            for (algorithm, hash) in [
                (Algorithm::Sha256, hash),
                (Algorithm::Sha1, left_padded(&Sha1::digest(at.to_be_bytes()))),
                (Algorithm::Sha256, [0xff; 32].into()),
            ] {
                assert_eq!(in_webassembly::sign_hash(&key, algorithm, &hash), sign_hash(&key, algorithm, &hash));
            }
        }
    }

    #[test]
    fn all_nonces_equal_those_of_the_crate() {
        use p256::elliptic_curve::bigint::U256;
        use p256::elliptic_curve::{Curve as _, Generate as _};
        let key = SecretKey::generate().to_bytes();
        let hash = left_padded(&[7; 20]);
        let order = p256::NistP256::ORDER;
        let mut of_sha1 = rfc6979::KGenerator::<Sha1, U256>::new(&key, &hash, &[], &order);
        let mut of_sha256 = rfc6979::KGenerator::<Sha256, U256>::new(&key, &hash, &[], &order);
        let [mut ours_of_sha1, mut ours_of_sha256] =
            [Algorithm::Sha1, Algorithm::Sha256].map(|algorithm| in_webassembly::Nonces::new(algorithm, &key, &hash));
        for _ in 0..20 {
            let (mut sha1, mut sha256) = (FieldBytes::default(), FieldBytes::default());
            of_sha1.fill_next_k(&mut sha1);
            of_sha256.fill_next_k(&mut sha256);
            assert_eq!((*ours_of_sha1.next(), *ours_of_sha256.next()), (sha1, sha256));
        }
    }
}
