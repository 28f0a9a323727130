//! Keys of ECDSA on P-256 (FIPS 186-5, sections 6.4.1 and 6.4.2) for WebAssembly, with the nonce of RFC 6979. The crates `p256` and `ecdsa` take
//! three times as long, and a tenth of the module; the tests hold the two against one another.
//!
//! **Constant time, as written**, is what is calculated with a secret: the key and the nonce. Numbers modulo the order are those
//! of `modulus`, the nonce is inverted in a fixed number of steps, and its point is that of `p256_generator`. Verifying takes a time
//! that depends on its numbers, which are public.

use std::sync::OnceLock;

use zeroize::Zeroizing;

use crate::error::{Error, ErrorCode, Result};
use crate::key::ecdsa_signature::{ORDER, Scalar, from_der, hash, is_in_range, left_padded, to_der};
use crate::key::hmac::{HashName, Hmac, Output};
use crate::key::inverse::inverse;
use crate::key::modulus::{Columns, Limbs, Modulus, number, to_bytes};
use crate::key::p256_generator::multiple_of_generator;
use crate::key::p256_point::{Coordinates, GENERATOR, affine, coordinates, from_sec1, sum_of_multiples};
use crate::key::{Algorithm, random, random_unavailable};

const BITS: u32 = 28;
const LIMBS: usize = 12;

/// One in 2^32 random numbers is out of range. More of them in a row are a fault.
const ATTEMPTS: usize = 8;

pub(super) struct SecretKey {
    number: Zeroizing<Scalar>,
    public_key: PublicKey,
}

impl SecretKey {
    /// Nothing, if they are not the bytes of a number below the order that is not zero. Zeros before it may be left out, as the crate lets them.
    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let number = Zeroizing::new(left_padded(bytes));
        (matches!(bytes.len(), 24..=32) && is_in_range(&number)).then(|| Self::new(number))
    }

    fn new(number: Zeroizing<Scalar>) -> Self {
        // The other way takes a time that depends on the key, and is for the handful of numbers that the first is not for.
        let of_few = || sum_of_multiples(&number, &[0; 32], &affine(&GENERATOR)).map(|point| coordinates(&point));
        let public_key = PublicKey(multiple_of_generator(&number).or_else(of_few).unwrap_or(GENERATOR));
        Self { number, public_key }
    }

    pub(super) fn generate() -> Result<Self> {
        for _ in 0..ATTEMPTS {
            let mut number = Zeroizing::new([0; 32]);
            random(&mut *number)?;
            if is_in_range(&number) {
                return Ok(Self::new(number));
            }
        }
        Err(random_unavailable())
    }

    pub(super) fn to_bytes(&self) -> Zeroizing<Scalar> {
        self.number.clone()
    }

    pub(super) fn public_key(&self) -> PublicKey {
        self.public_key.clone()
    }

    /// In DER, with the nonce of RFC 6979.
    pub(super) fn sign(&self, algorithm: Algorithm, message: &[u8]) -> Result<Vec<u8>> {
        let signature = self.sign_hash(algorithm, &hash(algorithm, message)).ok_or_else(|| {
            Error::new(ErrorCode::SigningFailed, "the ECDSA operation failed: no nonce led to a point of the curve")
                .with_hint("This is a fault of the machine, or of this library: please report it.")
        })?;
        Ok(to_der(&signature))
    }

    /// `r` is the x coordinate of the nonce times the generator, `s` is `(hash + r · key) / nonce`.
    fn sign_hash(&self, algorithm: Algorithm, hash: &Scalar) -> Option<[Scalar; 2]> {
        let n = order();
        let columns = &mut n.columns();
        let hash = modulo(n, hash);
        let key = limbs(&self.number);
        let mut nonces = Nonces::new(algorithm, &self.number, &bytes(&hash));
        for _ in 0..ATTEMPTS {
            let nonce = nonces.next();
            let point = if is_in_range(&nonce) { multiple_of_generator(&nonce) } else { None };
            let Some([x, _]) = point else { continue };
            let r = modulo(n, &x);
            let mut sum = r.clone();
            n.multiply(columns, &mut sum, &key);
            n.multiply(columns, &mut sum, &n.radix_squared);
            // Limbs of a bit more are fine.
            sum.iter_mut().zip(hash.iter()).for_each(|(limb, hash)| *limb += hash);
            let s = quotient(n, columns, sum, &inverse(n, &limbs(&nonce)));
            let signature = [bytes(&r), bytes(&s)];
            if signature.iter().all(is_in_range) {
                return Some(signature);
            }
        }
        None
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct PublicKey(Coordinates);

impl PublicKey {
    /// Nothing, if it is no point of the curve, or written otherwise than compressed or with both coordinates.
    pub(super) fn from_sec1(sec1: &[u8]) -> Option<Self> {
        from_sec1(sec1).map(Self)
    }

    pub(super) fn to_sec1(&self, is_compressed: bool) -> Vec<u8> {
        let [x, y] = &self.0;
        let [.., lowest] = y;
        if is_compressed { [&[2 | lowest & 1], x.as_slice()].concat() } else { [&[4], x.as_slice(), y].concat() }
    }

    /// Whether it is a signature, in DER, of this key.
    pub(super) fn verify(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        from_der(signature).is_some_and(|signature| self.verify_hash(&hash(algorithm, message), &signature))
    }

    fn verify_hash(&self, hash: &Scalar, [r, s]: &[Scalar; 2]) -> bool {
        let n = order();
        let columns = &mut n.columns();
        let inverse = inverse(n, &limbs(s));
        let of_generator = quotient(n, columns, modulo(n, hash), &inverse);
        let of_key = quotient(n, columns, limbs(r), &inverse);
        sum_of_multiples(&bytes(&of_generator), &bytes(&of_key), &affine(&self.0))
            .is_some_and(|point| bytes(&modulo(n, &coordinates(&point)[0])) == *r)
    }
}

fn order() -> &'static Modulus {
    static MODULUS: OnceLock<Modulus> = OnceLock::new();
    MODULUS.get_or_init(|| Modulus::new(limbs(&ORDER), BITS, 256))
}

fn limbs(number: &Scalar) -> Limbs {
    self::number(number, BITS, LIMBS)
}

/// A number of 256 bits, which is below twice the order, modulo it.
fn modulo(order: &Modulus, number: &Scalar) -> Limbs {
    let mut limbs = limbs(number);
    order.subtract_once(&mut limbs);
    limbs
}

/// A number divided by another, whose inverse this is; below the order.
fn quotient(order: &Modulus, columns: &mut Columns, mut number: Limbs, inverse: &Limbs) -> Limbs {
    order.multiply(columns, &mut number, inverse);
    order.leave(columns, &mut number);
    number
}

fn bytes(limbs: &Limbs) -> Scalar {
    to_bytes(limbs, BITS, 32).try_into().unwrap_or_default()
}

/// The candidates for a nonce, one after the other (RFC 6979, section 3.2).
struct Nonces {
    hash: HashName,
    hmac: Hmac,
    state: Output,
    is_first: bool,
}

impl Nonces {
    fn new(algorithm: Algorithm, key: &Scalar, hash: &Scalar) -> Self {
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

    fn next(&mut self) -> Zeroizing<Scalar> {
        if !self.is_first {
            self.update(&[&[0]]);
        }
        self.is_first = false;
        let mut nonce = Zeroizing::new([0; 32]);
        for part in nonce.chunks_mut(self.hmac.length()) {
            self.hmac.replace(&mut self.state);
            part.iter_mut().zip(self.state.iter()).for_each(|(to, from)| *to = *from);
        }
        nonce
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::ecdsa_crate;
    use crate::key::ecdsa_signature::less_from_order;

    const ALGORITHMS: [Algorithm; 2] = [Algorithm::Sha1, Algorithm::Sha256];

    fn hex(text: &str) -> Vec<u8> {
        (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
    }

    fn both(bytes: &[u8]) -> (SecretKey, ecdsa_crate::SecretKey) {
        (SecretKey::from_bytes(bytes).unwrap(), ecdsa_crate::SecretKey::from_bytes(bytes).unwrap())
    }

    /// RFC 6979, appendix A.2.5: ECDSA on P-256, message "sample" and "test", SHA-1 and SHA-256.
    #[test]
    fn signatures_are_deterministic_as_rfc_6979_says() {
        let (ours, of_crate) = both(&hex("C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721"));
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
            let expected = to_der(&[hex(r), hex(s)].map(|number| number.try_into().unwrap()));
            assert_eq!(ours.sign(algorithm, message.as_bytes()).unwrap(), expected, "{algorithm} {message}");
            assert_eq!(of_crate.sign(algorithm, message.as_bytes()).unwrap(), expected, "{algorithm} {message}");
        }
    }

    /// Random keys, and those that are the smallest and the largest: no other way leads to the public key of a few of them.
    fn keys() -> impl Iterator<Item = Scalar> {
        let small = (1..40u8).map(|number| left_padded(&[number]));
        let large = small.clone().map(|number| less_from_order(&number).0);
        let random = (0..400).map(|_| *SecretKey::generate().unwrap().to_bytes());
        small.chain(large).chain(random)
    }

    #[test]
    fn keys_and_signatures_equal_those_of_the_crates() {
        for (at, bytes) in keys().enumerate() {
            let (ours, of_crate) = both(&bytes);
            let (public_key, public_key_of_crate) = (ours.public_key(), of_crate.public_key());
            for is_compressed in [false, true] {
                let sec1 = public_key.to_sec1(is_compressed);
                assert_eq!(sec1, public_key_of_crate.to_sec1(is_compressed));
                assert_eq!(PublicKey::from_sec1(&sec1).as_ref(), Some(&public_key));
            }
            for algorithm in ALGORITHMS {
                let message = format!("message {at}");
                let signature = ours.sign(algorithm, message.as_bytes()).unwrap();
                assert_eq!(signature, of_crate.sign(algorithm, message.as_bytes()).unwrap());
                assert!(public_key.verify(algorithm, message.as_bytes(), &signature));
                assert!(!public_key.verify(algorithm, b"another", &signature));
                let mut spoilt = signature;
                let last = spoilt.len() - 1 - at % 30;
                spoilt[last] ^= 1 << (at % 8);
                assert!(!public_key.verify(algorithm, message.as_bytes(), &spoilt));
            }
        }
    }

    /// Hashes that are zero, beside the order and above it, which no message leads to.
    #[test]
    fn extreme_hashes_are_signed_and_verified_as_by_the_crates() {
        use p256::ecdsa::signature::hazmat::PrehashVerifier as _;

        let near = |less: u8| less_from_order(&left_padded(&[less])).0;
        for hash in [[0; 32], left_padded(&[1]), near(1), ORDER, [0xff; 32], left_padded(&[0xff; 20])] {
            let key = SecretKey::generate().unwrap();
            let of_crate = p256::SecretKey::from_slice(&*key.to_bytes()).unwrap();
            let [r, s] = key.sign_hash(Algorithm::Sha256, &hash).unwrap();
            let (expected, _) = ecdsa::hazmat::sign_prehashed_rfc6979::<p256::NistP256, sha2::Sha256>(
                &of_crate.to_nonzero_scalar(),
                &p256::FieldBytes::from(hash),
                &[],
            );
            assert_eq!([r, s].concat(), expected.to_bytes().to_vec());
            assert!(key.public_key().verify_hash(&hash, &[r, s]));
            p256::ecdsa::VerifyingKey::from(&of_crate.public_key()).verify_prehash(&hash, &expected).unwrap();
        }
    }

    #[test]
    fn all_nonces_equal_those_of_the_crate() {
        use p256::elliptic_curve::Curve as _;
        use p256::elliptic_curve::bigint::U256;

        let key = SecretKey::generate().unwrap().to_bytes();
        let hash = left_padded(&[7; 20]);
        let order = p256::NistP256::ORDER;
        let mut of_sha1 = rfc6979::KGenerator::<sha1::Sha1, U256>::new(&*key, &hash, &[], &order);
        let mut of_sha256 = rfc6979::KGenerator::<sha2::Sha256, U256>::new(&*key, &hash, &[], &order);
        let [mut ours_of_sha1, mut ours_of_sha256] = ALGORITHMS.map(|algorithm| Nonces::new(algorithm, &key, &hash));
        for _ in 0..20 {
            let (mut sha1, mut sha256) = ([0; 32], [0; 32]);
            of_sha1.fill_next_k(&mut sha1);
            of_sha256.fill_next_k(&mut sha256);
            assert_eq!((*ours_of_sha1.next(), *ours_of_sha256.next()), (sha1, sha256));
        }
    }

    #[test]
    fn numbers_out_of_range_are_no_keys() {
        for bytes in [[0; 32].as_slice(), &ORDER, &[0xff; 32], &[1; 23], &[1; 33], &[]] {
            assert!(SecretKey::from_bytes(bytes).is_none());
            assert!(ecdsa_crate::SecretKey::from_bytes(bytes).is_none());
        }
        for length in 24..=32 {
            let (ours, of_crate) = both(&vec![1; length]);
            assert_eq!(ours.to_bytes(), of_crate.to_bytes());
        }
    }
}
