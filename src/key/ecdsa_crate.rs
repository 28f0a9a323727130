//! Keys of ECDSA on P-256, by the crates `p256` and `ecdsa`.

use p256::ecdsa::signature::hazmat::PrehashVerifier as _;
use p256::ecdsa::{Signature, VerifyingKey};
use p256::elliptic_curve::Generate as _;
use p256::elliptic_curve::sec1::ToSec1Point as _;
use p256::{FieldBytes, NistP256};
use sha1::Sha1;
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::error::Result;
use crate::key::ecdsa_signature::{from_der, hash, to_der};
use crate::key::{Algorithm, random_unavailable};

pub(super) struct SecretKey(p256::SecretKey);

impl SecretKey {
    /// Nothing, if they are not the bytes of a number below the order that is not zero.
    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        p256::SecretKey::from_slice(bytes).ok().map(Self)
    }

    pub(super) fn generate() -> Result<Self> {
        p256::SecretKey::try_generate_from_rng(&mut getrandom::SysRng).map(Self).map_err(|_| random_unavailable())
    }

    pub(super) fn to_bytes(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.0.to_bytes().into())
    }

    pub(super) fn public_key(&self) -> PublicKey {
        PublicKey(self.0.public_key())
    }

    /// In DER, with the nonce of RFC 6979.
    pub(super) fn sign(&self, algorithm: Algorithm, message: &[u8]) -> Result<Vec<u8>> {
        let key = Zeroizing::new(self.0.to_nonzero_scalar());
        let hash = FieldBytes::from(hash(algorithm, message));
        let (signature, _) = match algorithm {
            Algorithm::Sha1 => ecdsa::hazmat::sign_prehashed_rfc6979::<NistP256, Sha1>(&key, &hash, &[]),
            Algorithm::Sha256 => ecdsa::hazmat::sign_prehashed_rfc6979::<NistP256, Sha256>(&key, &hash, &[]),
        };
        let (r, s) = signature.split_bytes();
        Ok(to_der(&[r.into(), s.into()]))
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct PublicKey(p256::PublicKey);

impl PublicKey {
    /// Nothing, if it is no point of the curve, or written otherwise than compressed or with both coordinates.
    pub(super) fn from_sec1(sec1: &[u8]) -> Option<Self> {
        let is_of_these = matches!(sec1, [2..=4, ..]);
        p256::PublicKey::from_sec1_bytes(sec1).ok().filter(|_| is_of_these).map(Self)
    }

    pub(super) fn to_sec1(&self, is_compressed: bool) -> Vec<u8> {
        self.0.to_sec1_point(is_compressed).as_bytes().to_vec()
    }

    /// Whether it is a signature, in DER, of this key.
    pub(super) fn verify(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        from_der(signature)
            .and_then(|[r, s]| Signature::from_scalars(r, s).ok())
            .is_some_and(|signature| VerifyingKey::from(&self.0).verify_prehash(&hash(algorithm, message), &signature).is_ok())
    }
}
