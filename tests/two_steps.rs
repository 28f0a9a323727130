//! A signature made elsewhere, in a KMS or an HSM, gives the same URL as a local key. A signature that cannot be right is
//! refused.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use countersign::resource::Resource;
use countersign::url::WireUrl;
use countersign::{
    Algorithm, Conditions, ErrorCode, Identity, KeyType, LoadOptions, PrivateKey, ReadyPolicy, Signer, UnsignedGrant,
};
use p256::ecdsa::Signature;

const ID: &str = "K2JCJMDEHXQW5F";
const URL: &str = "https://d111111abcdef8.cloudfront.net/a b.pdf?x=1#page=2";
const ALGORITHMS: [Algorithm; 2] = [Algorithm::Sha1, Algorithm::Sha256];

fn key(name: &str) -> PrivateKey {
    let pem = match name {
        "rsa2048" => &include_bytes!("keys/rsa2048.pem")[..],
        _ => &include_bytes!("keys/p256.pem")[..],
    };
    PrivateKey::load(pem, &LoadOptions::new()).unwrap()
}

fn conditions() -> Conditions {
    Conditions::new("2030-01-01").now("2026-01-01")
}

fn unsigned(key: &PrivateKey, algorithm: Option<Algorithm>) -> UnsignedGrant {
    let identity = Identity::new(ID, key.key_type(), algorithm).unwrap();
    identity.prepare_url(&WireUrl::parse(URL).unwrap(), &conditions()).unwrap()
}

fn raw(der: &[u8]) -> Vec<u8> {
    Signature::from_der(der).unwrap().to_bytes().to_vec()
}

fn assert_fails(unsigned: UnsignedGrant, signature: &[u8], key: Option<&PrivateKey>) {
    let public_key = key.map(PrivateKey::public_key);
    let error = unsigned.finish(signature, public_key.as_ref()).unwrap_err();
    assert_eq!(error.code(), ErrorCode::SigningFailed);
    assert!(!error.message().is_empty());
}

#[test]
#[cfg_attr(feature = "openssl", ignore = "OpenSSL's ECDSA signatures differ each time")]
fn gives_what_a_signer_gives() {
    for name in ["rsa2048", "p256"] {
        for algorithm in ALGORITHMS {
            let key = key(name);
            let signer = Signer::with_algorithm(ID, self::key(name), algorithm).unwrap();
            let expected = signer.sign_url(URL, &conditions()).unwrap();
            let identity = Identity::new(ID, key.key_type(), Some(algorithm)).unwrap();
            let url = WireUrl::parse(URL).unwrap();
            let unsigned = identity.prepare_url(&url, &conditions()).unwrap();
            assert_eq!(unsigned.algorithm(), algorithm);
            let signature = key.sign(algorithm, unsigned.message()).unwrap();
            for public_key in [None, Some(key.public_key())] {
                let grant = unsigned.clone().finish(&signature, public_key.as_ref()).unwrap();
                assert_eq!(grant.wire_url(&url).unwrap(), expected);
                assert_eq!(grant.url(URL).unwrap(), expected);
                assert_eq!(grant.policy().as_bytes(), unsigned.message());
            }
            if key.key_type() == KeyType::Ecdsa {
                assert_eq!(unsigned.finish(&raw(&signature), Some(&key.public_key())).unwrap().url(URL).unwrap(), expected);
            }
        }
    }
}

#[test]
#[cfg_attr(feature = "openssl", ignore = "OpenSSL's ECDSA signatures differ each time")]
fn grants_cookies_and_ready_policies() {
    const RESOURCE: &str = "https://d111111abcdef8.cloudfront.net/films/*";
    let (key, signer) = (key("p256"), Signer::new(ID, key("p256")).unwrap());
    let finish = |unsigned: UnsignedGrant| {
        let signature = key.sign(unsigned.algorithm(), unsigned.message()).unwrap();
        unsigned.finish(&raw(&signature), Some(&key.public_key())).unwrap()
    };
    let grant = finish(signer.identity().prepare_resource(&Resource::parse(RESOURCE).unwrap(), &conditions()).unwrap());
    assert_eq!(grant, signer.grant(RESOURCE, &conditions()).unwrap());
    assert_eq!(grant.cookies().unwrap(), signer.sign_cookies(RESOURCE, &conditions()).unwrap());
    let json = grant.policy().replace('{', "{ ");
    let ready = finish(signer.identity().prepare_policy(&ReadyPolicy::new(&json)).unwrap());
    assert_eq!(ready.policy(), json);
    assert_eq!(ready.cookies().unwrap(), signer.sign_cookies_with_policy(&ReadyPolicy::new(&json)).unwrap());
}

#[test]
fn every_form_of_one_ecdsa_signature_is_taken() {
    let key = key("p256");
    let unsigned = unsigned(&key, None);
    let signature = Signature::from_der(&key.sign(Algorithm::Sha256, unsigned.message()).unwrap()).unwrap();
    // s has two valid values, and a KMS may return either.
    let other = Signature::from_scalars(signature.r().to_bytes(), (-*signature.s()).to_bytes()).unwrap();
    assert_ne!(signature, other);
    for signature in [signature, other] {
        for bytes in [signature.to_der().as_bytes().to_vec(), signature.to_bytes().to_vec()] {
            let grant = unsigned.clone().finish(&bytes, Some(&key.public_key())).unwrap();
            assert!(grant.url(URL).unwrap().contains("&Hash-Algorithm=SHA256"));
        }
    }
}

#[test]
fn refuses_what_is_no_ecdsa_signature() {
    let key = key("p256");
    let unsigned = unsigned(&key, None);
    let der = key.sign(Algorithm::Sha256, unsigned.message()).unwrap();
    let raw = raw(&der);
    let r_is_zero = [&[0; 32], &raw[32..]].concat();
    let cut_off = &der[..der.len() - 1];
    let with_more = [&der[..], &[0]].concat();
    for bytes in [
        &[][..],
        &[0],
        &raw[..63],
        &[&raw[..], &[0]].concat(),
        &[0; 64],
        &[0xff; 64],
        &r_is_zero,
        cut_off,
        &with_more,
        &[0x30; 256],
    ] {
        assert_fails(unsigned.clone(), bytes, None);
        assert_fails(unsigned.clone(), bytes, Some(&key));
    }
}

#[test]
fn refuses_an_empty_rsa_signature() {
    let key = key("rsa2048");
    assert_fails(unsigned(&key, None), &[], None);
    assert_fails(unsigned(&key, None), &[], Some(&key));
}

#[test]
fn with_a_public_key_refuses_what_is_not_its_signature() {
    for name in ["rsa2048", "p256"] {
        let key = key(name);
        let unsigned = unsigned(&key, Some(Algorithm::Sha256));
        let right = key.sign(Algorithm::Sha256, unsigned.message()).unwrap();
        let stranger = PrivateKey::generate(KeyType::Ecdsa).unwrap();
        assert_fails(unsigned.clone(), &right[1..], Some(&key));
        assert_fails(unsigned.clone(), &[&right[..], &[0]].concat(), Some(&key));
        assert_fails(unsigned.clone(), &key.sign(Algorithm::Sha1, unsigned.message()).unwrap(), Some(&key));
        assert_fails(unsigned.clone(), &key.sign(Algorithm::Sha256, b"another policy").unwrap(), Some(&key));
        assert_fails(unsigned.clone(), &stranger.sign(Algorithm::Sha256, unsigned.message()).unwrap(), Some(&key));
        assert_fails(unsigned.clone(), &right, Some(&stranger));
        assert!(unsigned.finish(&right, Some(&key.public_key())).is_ok());
    }
}
