//! Keys and signatures of ECDSA on P-256, by the crates `p256` and `ecdsa`.

use std::borrow::Cow;
use std::sync::OnceLock;

use ecdsa::hazmat::sign_prehashed_rfc6979;
use p256::ecdsa::signature::hazmat::PrehashVerifier as _;
use p256::ecdsa::{Signature, VerifyingKey};
use p256::elliptic_curve::Generate as _;
use p256::{FieldBytes, NistP256, PublicKey, SecretKey};
use pkcs8::EncodePrivateKey as _;
use sha1::Sha1;
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::error::Result;
use crate::key::algorithm::Algorithm;
use crate::key::random::random_unavailable;

pub(super) struct EcdsaKey {
    secret: SecretKey,
    /// Belongs to the secret. Calculated when it is first needed.
    public: OnceLock<PublicKey>,
}

impl From<SecretKey> for EcdsaKey {
    fn from(secret: SecretKey) -> Self {
        Self { secret, public: OnceLock::new() }
    }
}

impl EcdsaKey {
    pub(super) fn generate() -> Result<Self> {
        SecretKey::try_generate_from_rng(&mut getrandom::SysRng).map(Self::from).map_err(|_| random_unavailable())
    }

    pub(super) fn public_key(&self) -> &PublicKey {
        self.public.get_or_init(|| self.secret.public_key())
    }

    /// In DER (RFC 3279), with the nonce of RFC 6979. Not inlined: WebAssembly would have to compile it for a signature of RSA.
    #[inline(never)]
    pub(super) fn sign(&self, algorithm: Algorithm, message: &[u8]) -> Vec<u8> {
        let key = Zeroizing::new(self.secret.to_nonzero_scalar());
        let hash = hash(algorithm, message);
        let (signature, _) = match algorithm {
            Algorithm::Sha1 => sign_prehashed_rfc6979::<NistP256, Sha1>(&key, &hash, &[]),
            Algorithm::Sha256 => sign_prehashed_rfc6979::<NistP256, Sha256>(&key, &hash, &[]),
        };
        signature.to_der().as_bytes().to_vec()
    }

    pub(super) fn to_pkcs8_der(&self) -> pkcs8::Result<Zeroizing<Vec<u8>>> {
        self.secret.to_pkcs8_der().map(|document| document.to_bytes())
    }
}

/// Whether it is a signature, in DER, of this key.
pub(super) fn verify(key: &PublicKey, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
    Signature::from_der(signature)
        .is_ok_and(|signature| VerifyingKey::from(key).verify_prehash(&hash(algorithm, message), &signature).is_ok())
}

/// The hash of a message, as the number that is signed: zeros before one that has fewer bits than the curve (FIPS 186-5, 6.4.1).
fn hash(algorithm: Algorithm, message: &[u8]) -> FieldBytes {
    let mut number = FieldBytes::default();
    for (to, from) in number.iter_mut().rev().zip(algorithm.digest(message).into_iter().rev()) {
        *to = from;
    }
    number
}

/// Brings a signature to DER. It may be in DER already, or be the 64 bytes of `r` and `s` that WebCrypto returns.
pub(crate) fn in_der(signature: &[u8]) -> Option<Cow<'_, [u8]>> {
    if Signature::from_der(signature).is_ok() {
        return Some(Cow::Borrowed(signature));
    }
    let signature = Signature::from_slice(signature).ok()?;
    Some(Cow::Owned(signature.to_der().as_bytes().to_vec()))
}
