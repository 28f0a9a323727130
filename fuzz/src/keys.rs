//! The public test keys, and verification with a library that the crate does not use: BoringSSL's code in `ring`.

use std::sync::LazyLock;

use countersign::verifier::Verifier;
use countersign::{Algorithm, LoadOptions, PrivateKey, PublicKey, Signer};
use p256::ecdsa::signature::hazmat::PrehashVerifier as _;
use p256::ecdsa::{Signature, VerifyingKey};
use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use ring::signature::{
    ECDSA_P256_SHA256_ASN1, RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey,
};

/// Every key of tests/keys: private, public, and kinds that are refused.
pub const TEST_KEYS: [&str; 13] = [
    include_str!("../../tests/keys/certificate.pem"),
    include_str!("../../tests/keys/ed25519.pem"),
    include_str!("../../tests/keys/p256.pem"),
    include_str!("../../tests/keys/p256.pub.pem"),
    include_str!("../../tests/keys/p256.sec1.pem"),
    include_str!("../../tests/keys/p384.pem"),
    include_str!("../../tests/keys/rsa1024.pem"),
    include_str!("../../tests/keys/rsa2048.encrypted.pem"),
    include_str!("../../tests/keys/rsa2048.pem"),
    include_str!("../../tests/keys/rsa2048.pkcs1.pem"),
    include_str!("../../tests/keys/rsa2048.pub.pem"),
    include_str!("../../tests/keys/rsa2048.traditional.pem"),
    include_str!("../../tests/keys/rsa4096.pem"),
];

pub const ECDSA_ID: &str = "KECDSA";
pub const RSA_ID: &str = "KRSA";

const ECDSA_PUBLIC: &str = include_str!("../../tests/keys/p256.pub.pem");
const RSA_PUBLIC: &str = include_str!("../../tests/keys/rsa2048.pub.pem");

/// Signs with the ECDSA key, or the RSA key.
pub fn signer(rsa: bool, algorithm: Algorithm) -> &'static Signer {
    static SIGNERS: LazyLock<[Signer; 4]> = LazyLock::new(|| {
        let make = |id: &str, pem: &str, algorithm| {
            let key = PrivateKey::load(pem.as_bytes(), &LoadOptions::new()).expect("a test key");
            Signer::with_algorithm(id, key, algorithm).expect("an id")
        };
        let ecdsa = include_str!("../../tests/keys/p256.pem");
        let rsa = include_str!("../../tests/keys/rsa2048.pem");
        [
            make(ECDSA_ID, ecdsa, Algorithm::Sha1),
            make(ECDSA_ID, ecdsa, Algorithm::Sha256),
            make(RSA_ID, rsa, Algorithm::Sha1),
            make(RSA_ID, rsa, Algorithm::Sha256),
        ]
    });
    &SIGNERS[usize::from(rsa) * 2 + usize::from(algorithm == Algorithm::Sha256)]
}

/// Both keys, as the crate's verifier takes them.
pub fn key_group() -> &'static Verifier {
    static GROUP: LazyLock<Verifier> = LazyLock::new(|| {
        let load = |pem: &str| PublicKey::load(pem.as_bytes()).expect("a test key");
        Verifier::new([(ECDSA_ID.to_owned(), load(ECDSA_PUBLIC)), (RSA_ID.to_owned(), load(RSA_PUBLIC))]).expect("a group")
    });
    &GROUP
}

/// Whether the key with this id made a signature.
pub fn signature_is_right(id: &str, sha256: bool, message: &[u8], signature: &[u8]) -> bool {
    // The curve's point and the RSAPublicKey are at the end of the two SubjectPublicKeyInfos.
    static ECDSA: LazyLock<Vec<u8>> = LazyLock::new(|| end_of(ECDSA_PUBLIC, 65));
    static RSA: LazyLock<Vec<u8>> = LazyLock::new(|| end_of(RSA_PUBLIC, 270));
    match (id, sha256) {
        (RSA_ID, true) => UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &*RSA).verify(message, signature).is_ok(),
        (RSA_ID, false) => {
            UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY, &*RSA).verify(message, signature).is_ok()
        }
        (ECDSA_ID, true) => UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, &*ECDSA).verify(message, signature).is_ok(),
        // `ring` has no ECDSA with SHA-1.
        (ECDSA_ID, false) => {
            let key = VerifyingKey::from_sec1_bytes(&ECDSA).expect("a point");
            let hash = digest(&SHA1_FOR_LEGACY_USE_ONLY, message);
            Signature::from_der(signature).is_ok_and(|signature| key.verify_prehash(hash.as_ref(), &signature).is_ok())
        }
        _ => false,
    }
}

fn end_of(pem: &str, length: usize) -> Vec<u8> {
    let base64: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
    let cloudfront = base64.replace('+', "-").replace('/', "~").replace('=', "_");
    let der = crate::decode(&cloudfront).expect("a PEM file");
    der[der.len() - length..].to_vec()
}
