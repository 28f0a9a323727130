//! An RSA private key. The crate `rsa` signs with it or, in WebAssembly, `rsa_kernel`.

use std::sync::OnceLock;

use p256::elliptic_curve::bigint::{ConcatenatingMul as _, NonZero};
use pkcs8::PrivateKeyInfoRef;
use pkcs8::der::SecretDocument;
use pkcs8::der::asn1::OctetStringRef;
use rsa::BoxedUint;
use rsa::pkcs1::{self, EncodeRsaPrivateKey as _, RsaPrivateKeyRef, UintRef};
use rsa::pkcs1v15::Pkcs1v15Sign;
use rsa::traits::PublicKeyParts as _;
use sha1::Sha1;
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::accepted_keys::RSA_BITS;
use crate::error::{Error, ErrorCode, Result};
use crate::key::algorithm::Algorithm;
use crate::key::random::{random, random_unavailable};
use crate::key::rsa_kernel::{BYTES, RsaKernel};

/// Whether keys of 2048 bits are calculated with by `rsa_kernel`: in WebAssembly, where it is several times as fast as the crate, and in
/// tests. `--cfg 'rsa_kernel="off"'` builds without it, `"on"` with it everywhere.
const USES_KERNEL: bool = cfg!(all(any(target_arch = "wasm32", test, rsa_kernel = "on"), not(rsa_kernel = "off")));

pub(super) struct RsaKey {
    /// The public exponent and the modulus, which is odd.
    exponent: BoxedUint,
    modulus: BoxedUint,
    /// PKCS#1 in DER (RFC 8017, appendix A.1.2), with numbers that match one another.
    der: Zeroizing<Vec<u8>>,
    /// The same key for the crate `rsa`, with what that calculates for signing. Made on first use: a key that the host signs with does
    /// not need it.
    key: OnceLock<Option<Box<rsa::PrivateKey>>>,
    /// Made on first use; `None` if the kernel does not take the key.
    kernel: OnceLock<Option<RsaKernel>>,
    /// Made on first use: the crate's preparation takes as long as all checks of the key.
    public: OnceLock<rsa::PublicKey>,
}

impl TryFrom<rsa::PrivateKey> for RsaKey {
    type Error = pkcs1::Error;

    fn try_from(key: rsa::PrivateKey) -> pkcs1::Result<Self> {
        Ok(Self {
            exponent: key.e().clone(),
            modulus: key.n().as_ref().clone(),
            der: key.to_pkcs1_der()?.to_bytes(),
            key: OnceLock::from(Some(Box::new(key))),
            kernel: OnceLock::new(),
            public: OnceLock::new(),
        })
    }
}

impl RsaKey {
    /// A new key of 2048 bits.
    pub(super) fn generate() -> Result<Self> {
        let key = rsa::PrivateKey::new(&mut getrandom::SysRng, RSA_BITS).map_err(|error| error_of(&error))?;
        Self::try_from(key).map_err(|_| damaged())
    }

    /// Takes the numbers of a file, which is `der`. Fails if they do not match one another; only the values for the Chinese remainder
    /// theorem may be wrong, which the crate calculates anew.
    pub(super) fn read(numbers: RsaPrivateKeyRef<'_>, der: &[u8]) -> pkcs1::Result<Self> {
        let Some((exponent, modulus)) = match_one_another(&numbers) else { return Self::of_crate(numbers) };
        let der = Zeroizing::new(der.to_vec());
        Ok(Self { exponent, modulus, der, key: OnceLock::new(), kernel: OnceLock::new(), public: OnceLock::new() })
    }

    /// Nearly no key needs it. It is not inlined: WebAssembly would have to compile it for each.
    #[inline(never)]
    fn of_crate(numbers: RsaPrivateKeyRef<'_>) -> pkcs1::Result<Self> {
        of_crate(numbers)?.try_into()
    }

    pub(super) fn public_key(&self) -> &rsa::PublicKey {
        // The numbers were checked when the key was read.
        self.public.get_or_init(|| rsa::PublicKey::new_unchecked(self.modulus.clone(), self.exponent.clone()))
    }

    /// PKCS#1 in DER.
    #[cfg(all(feature = "js", target_arch = "wasm32"))]
    pub(super) fn der(&self) -> &Zeroizing<Vec<u8>> {
        &self.der
    }

    fn key(&self) -> Result<&rsa::PrivateKey> {
        let read = || Some(Box::new(of_crate(RsaPrivateKeyRef::try_from(self.der.as_slice()).ok()?).ok()?));
        self.key.get_or_init(read).as_deref().ok_or_else(damaged)
    }

    fn kernel(&self) -> Result<Option<&RsaKernel>> {
        let key = self.key()?;
        Ok(self.kernel.get_or_init(|| RsaKernel::new(key)).as_ref())
    }

    #[cfg(all(feature = "js", target_arch = "wasm32"))]
    pub(super) fn prepare(&self) {
        // An error comes again with the signature.
        let _ = if USES_KERNEL { self.kernel().err() } else { self.key().err() };
    }

    /// Signs with PKCS#1 v1.5 (RFC 8017, section 8.2.1), blinded and checked.
    pub(super) fn sign(&self, algorithm: Algorithm, message: &[u8]) -> Result<Vec<u8>> {
        let (padding, digest) = padding(algorithm, message);
        if USES_KERNEL && let Some(signature) = self.sign_by_kernel(&padding, &digest)? {
            return Ok(signature);
        }
        self.sign_by_crate(padding, &digest)
    }

    #[inline(never)]
    fn sign_by_crate(&self, padding: Pkcs1v15Sign, digest: &[u8]) -> Result<Vec<u8>> {
        random(&mut [0; 32])?;
        self.key()?.sign_with_rng(&mut getrandom::SysRng, padding, digest).map_err(|error| error_of(&error))
    }

    /// `None` if the kernel does not take the key, or its result does not verify.
    fn sign_by_kernel(&self, padding: &Pkcs1v15Sign, digest: &[u8]) -> Result<Option<Vec<u8>>> {
        let Some(kernel) = self.kernel()? else { return Ok(None) };
        kernel.sign(&encoded(padding, digest), random)
    }

    pub(super) fn to_pkcs8_der(&self) -> pkcs8::Result<Zeroizing<Vec<u8>>> {
        let info = PrivateKeyInfoRef::new(pkcs1::ALGORITHM_ID, OctetStringRef::new(&self.der)?);
        Ok(SecretDocument::try_from(info)?.to_bytes())
    }
}

/// Checks the numbers and calculates the rest. Not inlined, so that the module has this code once.
#[inline(never)]
fn of_crate(numbers: RsaPrivateKeyRef<'_>) -> pkcs1::Result<rsa::PrivateKey> {
    numbers.try_into()
}

/// The public exponent and the modulus, if every number is the one that the crate would accept or calculate for them: what RFC 8017
/// asks of a key in section 3.2, with the smallest exponents for the primes. Like the crate, it does not test whether they are prime.
fn match_one_another(numbers: &RsaPrivateKeyRef<'_>) -> Option<(BoxedUint, BoxedUint)> {
    if !is_odd(numbers.modulus) || !is_odd(numbers.public_exponent) {
        return None;
    }
    let modulus = numbers.modulus.as_bytes();
    let n = BoxedUint::from_be_slice(modulus, u32::try_from(modulus.len()).ok()? * 8).ok()?;
    // The crate decides on larger exponents.
    let e = BoxedUint::from_be_slice(numbers.public_exponent.as_bytes(), u32::BITS).ok()?;
    let half = n.bit_width_vartime().div_ceil(2);
    let secret = [
        (numbers.private_exponent, n.bits_precision()),
        (numbers.prime1, half),
        (numbers.prime2, half),
        (numbers.exponent1, half),
        (numbers.exponent2, half),
        (numbers.coefficient, half),
    ];
    let secret: Vec<Zeroizing<BoxedUint>> = secret.into_iter().map_while(|(number, bits)| read(number, bits)).collect();
    let [d, p, q, exponent1, exponent2, coefficient] = secret.as_slice() else { return None };
    let is_right = !e.is_one().to_bool()
        && **d < n
        && p.concatenating_mul(&**q) == n
        && [(p, exponent1), (q, exponent2)].into_iter().all(|(prime, exponent)| is_smallest(exponent, prime, d, &e))
        // There is none if the primes are one and the same.
        && **coefficient < **p
        && are_inverse(coefficient, q, p.as_nz_vartime()?);
    is_right.then_some((e, n))
}

/// Whether it is the smallest exponent for the prime that does what `d` does, and inverse to `e`.
fn is_smallest(exponent: &BoxedUint, prime: &BoxedUint, d: &BoxedUint, e: &BoxedUint) -> bool {
    let less_one = Zeroizing::new(prime.wrapping_sub(BoxedUint::one()));
    let Some(less_one) = less_one.as_nz_vartime() else { return false };
    *exponent == *remainder(d, less_one) && are_inverse(exponent, e, less_one)
}

fn is_odd(number: UintRef<'_>) -> bool {
    number.as_bytes().last().is_some_and(|byte| byte % 2 == 1)
}

#[inline(never)]
fn read(number: UintRef<'_>, bits: u32) -> Option<Zeroizing<BoxedUint>> {
    BoxedUint::from_be_slice(number.as_bytes(), bits).map(Zeroizing::new).ok()
}

#[inline(never)]
fn are_inverse(one: &BoxedUint, other: &BoxedUint, modulus: &NonZero<BoxedUint>) -> bool {
    remainder(&Zeroizing::new(one.concatenating_mul(other)), modulus).is_one().to_bool()
}

/// Its time depends on the number of bits of the divisor, which is half that of the key, and on nothing else. A version without this
/// dependence takes twice as long.
fn remainder(number: &BoxedUint, divisor: &NonZero<BoxedUint>) -> Zeroizing<BoxedUint> {
    Zeroizing::new(number.rem_vartime(divisor))
}

/// EMSA-PKCS1-v1_5 (RFC 8017, section 9.2) for a key of 2048 bits. The crate has the prefix of each hash.
fn encoded(padding: &Pkcs1v15Sign, digest: &[u8]) -> Vec<u8> {
    let hash = [&padding.prefix, digest].concat();
    let mut encoded = vec![0xff; BYTES - hash.len() - 1];
    if let [first, second, ..] = encoded.as_mut_slice() {
        (*first, *second) = (0, 1);
    }
    encoded.push(0);
    encoded.extend_from_slice(&hash);
    encoded
}

fn padding(algorithm: Algorithm, message: &[u8]) -> (Pkcs1v15Sign, Vec<u8>) {
    let padding = match algorithm {
        Algorithm::Sha1 => Pkcs1v15Sign::new::<Sha1>(),
        Algorithm::Sha256 => Pkcs1v15Sign::new::<Sha256>(),
    };
    (padding, algorithm.digest(message))
}

pub(super) fn verify(key: &rsa::PublicKey, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
    let (padding, digest) = padding(algorithm, message);
    key.verify(padding, &digest, signature).is_ok()
}

fn error_of(error: &rsa::Error) -> Error {
    match error {
        rsa::Error::Rng => random_unavailable(),
        _ => damaged(),
    }
}

fn damaged() -> Error {
    Error::new(ErrorCode::SigningFailed, "the RSA operation failed: its result does not verify")
        .with_hint("The key may be damaged: check it with openssl rsa -check.")
}

#[cfg(test)]
pub(super) mod tests {
    use std::fs;
    use std::process::Command;

    use super::*;

    const HASHES: [(Algorithm, &str); 2] = [(Algorithm::Sha1, "-sha1"), (Algorithm::Sha256, "-sha256")];

    pub(in crate::key) fn signature_of_crate(key: &RsaKey, algorithm: Algorithm, message: &[u8]) -> Vec<u8> {
        let (padding, digest) = padding(algorithm, message);
        key.key().unwrap().sign_with_rng(&mut getrandom::SysRng, padding, &digest).unwrap()
    }

    fn by_kernel(key: &RsaKey, algorithm: Algorithm, message: &[u8]) -> Option<Vec<u8>> {
        let (padding, digest) = padding(algorithm, message);
        key.sign_by_kernel(&padding, &digest).unwrap()
    }

    /// With new keys each time.
    #[test]
    fn signatures_of_the_kernel_equal_those_of_the_crate_and_of_openssl() {
        let folder = std::env::temp_dir().join(format!("countersign-rsa-key-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        for at in 0..4 {
            let key = RsaKey::generate().unwrap();
            fs::write(folder.join("key.der"), key.to_pkcs8_der().unwrap()).unwrap();
            let check = Command::new("openssl").current_dir(&folder).args(["rsa", "-check", "-noout", "-in", "key.der"]).output();
            assert!(check.unwrap().stdout.starts_with(b"RSA key ok"));
            for (algorithm, option) in HASHES {
                let message = format!("message {at}");
                fs::write(folder.join("message"), &message).unwrap();
                let ours = by_kernel(&key, algorithm, message.as_bytes()).unwrap();
                assert_eq!(ours, key.sign(algorithm, message.as_bytes()).unwrap());
                assert_eq!(ours, signature_of_crate(&key, algorithm, message.as_bytes()));
                let openssl =
                    Command::new("openssl").current_dir(&folder).args(["dgst", option, "-sign", "key.der", "message"]).output();
                assert_eq!(ours, openssl.unwrap().stdout);
            }
        }
        fs::remove_dir_all(folder).unwrap();
    }

    /// Sizes that fill no limb among them.
    #[test]
    fn keys_of_other_sizes_are_left_to_the_crate() {
        for bits in [1024, 1025, 1031, 1536, 3072] {
            let key = RsaKey::try_from(rsa::PrivateKey::new(&mut getrandom::SysRng, bits).unwrap()).unwrap();
            for (algorithm, _) in HASHES {
                let signature = key.sign(algorithm, b"message").unwrap();
                assert!(verify(key.public_key(), algorithm, b"message", &signature), "{bits}");
                assert_eq!(by_kernel(&key, algorithm, b"message"), None);
            }
        }
    }

    #[test]
    fn a_fault_leaves_the_signature_to_the_crate() {
        let mut key = RsaKey::generate().unwrap();
        let mut damaged = RsaKernel::new(key.key().unwrap()).unwrap();
        damaged.damage();
        key.kernel = OnceLock::from(Some(damaged));
        for algorithm in [Algorithm::Sha1, Algorithm::Sha256] {
            assert_eq!(by_kernel(&key, algorithm, b"message"), None);
            assert_eq!(key.sign(algorithm, b"message").unwrap(), signature_of_crate(&key, algorithm, b"message"));
        }
    }

    /// Whatever is wrong with a file, it is what the crate alone makes of it; and only if nothing is, the crate is not asked.
    #[test]
    fn a_file_is_read_as_the_crate_reads_it() {
        use pkcs8::EncodePrivateKey as _;
        use pkcs8::der::{Decode as _, Encode as _};

        let key = RsaKey::generate().unwrap();
        let version_and_numbers = Vec::<UintRef<'_>>::from_der(&key.der).unwrap();
        let right: Vec<Vec<u8>> = version_and_numbers.iter().skip(1).map(|number| number.as_bytes().to_vec()).collect();
        let check = |numbers: &[Vec<u8>]| {
            let version: &[u8] = &[0];
            let numbers =
                [version].into_iter().chain(numbers.iter().map(Vec::as_slice)).map(|bytes| UintRef::new(bytes).unwrap());
            let der = numbers.collect::<Vec<UintRef<'_>>>().to_der().unwrap();
            let numbers = || RsaPrivateKeyRef::from_der(&der).unwrap();
            let by_crate = rsa::PrivateKey::try_from(numbers()).map(|key| key.to_pkcs8_der().unwrap().to_bytes());
            let read = RsaKey::read(numbers(), &der);
            assert_eq!(read.as_ref().ok().map(|key| key.to_pkcs8_der().unwrap()), by_crate.ok());
            read.ok().map(|key| key.key.get().is_some())
        };

        assert_eq!(check(&right), Some(false));
        let mut primes_exchanged = right.clone();
        primes_exchanged.swap(3, 4);
        primes_exchanged.swap(5, 6);
        assert_eq!(check(&primes_exchanged), Some(true), "the coefficient is that of the other prime");
        for at in 0..right.len() {
            let bits = right[at].len() * 8;
            for bit in [0, 1, 2, bits / 2, bits - 9, bits - 2, bits - 1] {
                let mut numbers = right.clone();
                numbers[at][(bits - 1 - bit) / 8] ^= 1 << (bit % 8);
                assert_eq!(check(&numbers), (at >= 5).then_some(true), "number {at}, bit {bit}");
            }
            for value in [vec![0], vec![1], vec![2], right[0].clone()] {
                let mut numbers = right.clone();
                numbers[at] = value;
                let is_same = numbers == right;
                assert_eq!(check(&numbers), if is_same { Some(false) } else { (at >= 5).then_some(true) }, "number {at}");
            }
        }
        // Exponents that do the same, and are not the smallest.
        let number = |at: usize| BoxedUint::from_be_slice(&right[at], 2048).unwrap();
        for (exponent, prime) in [(5, 3), (6, 4)] {
            let mut numbers = right.clone();
            let larger = number(exponent) + number(prime) - BoxedUint::one();
            numbers[exponent] = larger.to_be_bytes_trimmed_vartime().to_vec();
            assert_eq!(check(&numbers), Some(true));
        }
    }
}
