//! A grant says whose it is, for what and until when. It comes out of a signed URL again, with the same bytes, and out of nothing else.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::Path;

use countersign::verifier::{Request, Verifier};
use countersign::{Algorithm, Conditions, ErrorCode, Grant, KeyType, PrivateKey, PublicKey, Signer};

const ID: &str = "K2JCJMDEHXQW5F";
const HOST: &str = "https://d111111abcdef8.cloudfront.net";

fn file(name: &str) -> Vec<u8> {
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/keys/{name}.pem"))).unwrap()
}

fn signer(name: &str, algorithm: Algorithm) -> Signer {
    Signer::with_algorithm(ID, PrivateKey::try_from(&*file(name)).unwrap(), algorithm).unwrap()
}

fn until() -> Conditions {
    Conditions::new(1_893_456_000).now(1_800_000_000)
}

#[test]
fn a_grant_comes_out_of_a_signed_url_as_it_went_in() {
    for (name, key_type) in [("rsa2048", KeyType::Rsa), ("p256", KeyType::Ecdsa)] {
        let public = PublicKey::try_from(&*file(&format!("{name}.pub"))).unwrap();
        assert_eq!(public.key_type(), key_type);
        let verifier = Verifier::new([(ID, public)]).unwrap();
        for algorithm in [Algorithm::Sha1, Algorithm::Sha256] {
            for (resource, of) in [(format!("{HOST}/a/*"), ["a/x?y=z#t", "a/1.ts"]), (format!("{HOST}/a?b=c"), ["a?b=c"; 2])] {
                let grant = signer(name, algorithm).grant(&resource, &until()).unwrap();
                let [signed, other] = of.map(|path| grant.url(format!("{HOST}/{path}")).unwrap());
                let again = Grant::from_signed_url(&signed).unwrap();
                assert_eq!(again.url(format!("{HOST}/{}", of[1])).unwrap(), other);
                assert_eq!((again.policy(), again.expires()), (grant.policy(), 1_893_456_000));
                assert_eq!(again.resource().unwrap().as_str(), resource);
                let identity = again.identity();
                assert_eq!((identity.key_pair_id(), identity.key_type(), identity.algorithm()), (ID, key_type, algorithm));
                assert_eq!(again.cookies().unwrap().pairs(), grant.cookies().unwrap().pairs());
                assert_eq!(again.cookies().unwrap().expires(), (!resource.contains('*')).then_some(1_893_456_000));
                let decide = |now| verifier.verify(&Request::new(&other).now(now)).unwrap().is_allowed();
                assert!(decide(1_893_455_999_i64) && !decide(1_893_456_000));
            }
        }
    }
}

#[test]
fn what_is_no_signed_url_gives_no_grant() {
    let signed = signer("p256", Algorithm::Sha256).sign_url(format!("{HOST}/a"), &until()).unwrap();
    let custom =
        signer("p256", Algorithm::Sha256).grant(format!("{HOST}/*"), &until()).unwrap().url(format!("{HOST}/a")).unwrap();
    for (url, code) in [
        (String::new(), ErrorCode::InvalidUrl),
        ("a".to_owned(), ErrorCode::InvalidUrl),
        (format!("{HOST}/a"), ErrorCode::InvalidUrl),
        (format!("{HOST}/a?Signature=AAAA&Key-Pair-Id={ID}"), ErrorCode::InvalidUrl),
        (signed.replace("Signature=", "Signature=!"), ErrorCode::InvalidUrl),
        (signed.replace("Expires=", "Expires=0"), ErrorCode::InvalidUrl),
        (signed.replace("Expires=1893456000", "Expires=9223372037"), ErrorCode::InvalidUrl),
        (signed.replace(ID, "-"), ErrorCode::InvalidKeyPairId),
        (signed.replace("SHA256", "MD5"), ErrorCode::UnsupportedAlgorithm),
        (custom.replace("Policy=", "Policy=!"), ErrorCode::InvalidUrl),
        (custom.replace("Policy=eyJ", "Policy=AAA"), ErrorCode::InvalidPolicy),
    ] {
        assert_eq!(Grant::from_signed_url(&url).map(|_| ()).map_err(|error| error.code()), Err(code), "{url}");
    }
}

#[test]
fn a_second_resource_in_the_conditions_is_refused() {
    let signer = signer("p256", Algorithm::Sha256);
    let (resource, both) = (format!("{HOST}/*"), until().resource(format!("{HOST}/a/*")));
    for error in [signer.grant(&resource, &both).unwrap_err(), signer.sign_cookies(&resource, &both).unwrap_err()] {
        assert_eq!((error.code(), error.parameter()), (ErrorCode::InvalidOption, Some(countersign::Parameter::Resource)));
    }
}
