//! The Rust examples work: the verifying example accepts what the signing examples sign.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
#![allow(dead_code, reason = "the examples' own `main`")]

use std::path::Path;

use countersign::verifier::Decision;
use countersign::{KeyType, PrivateKey, PublicKey};

#[path = "../examples/cookies.rs"]
mod cookies;
#[path = "../examples/external_signing.rs"]
mod external_signing;
#[path = "../examples/signing.rs"]
mod signing;
#[path = "../examples/verifying.rs"]
mod verifying;

const ID: &str = "K2JCJMDEHXQW5F";

fn pair() -> (String, String) {
    let key = PrivateKey::generate(KeyType::Ecdsa).unwrap();
    (key.to_pkcs8_pem().unwrap().to_string(), key.public_key().to_pem().unwrap())
}

#[test]
fn what_signing_signs_is_what_verifying_allows() {
    let (private_key, public_key) = pair();
    let links = signing::links(ID, &private_key).unwrap();
    assert_eq!(links.len(), 5);
    for link in &links {
        let now = verifying::answer(ID, &public_key, link, None).unwrap();
        // The films are for an office network, and this viewer's address is unknown.
        assert_eq!(now.is_allowed(), !link.contains("/films/"), "{link}: {now:?}");
        let Decision::Denied(denial) = verifying::answer(ID, &public_key, link, Some("1d".into())).unwrap() else {
            panic!("{link}")
        };
        assert!(denial.reason.starts_with("expired"), "{}", denial.reason);
    }
    assert!(verifying::answer(ID, &pair().1, &links[0], None).is_ok_and(|decision| !decision.is_allowed()));
}

#[test]
fn what_log_in_sets_log_out_takes_away() {
    let (set, cleared) = (cookies::log_in(ID, &pair().0).unwrap(), cookies::log_out().unwrap());
    for line in set {
        let (name, rest) = line.split_once('=').unwrap();
        let attributes = rest.split_once("; ").unwrap().1;
        let end = cleared.iter().find_map(|line| line.strip_prefix(name)?.strip_prefix("=; ")).expect(name);
        let end = end.replace("Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT; ", "");
        assert_eq!(end, attributes, "{name}");
    }
}

#[test]
fn what_openssl_signs_is_allowed_too() {
    let keys = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/keys");
    let public_key = std::fs::read_to_string(keys.join("rsa2048.pub.pem")).unwrap();
    let link = external_signing::link(ID, &keys.join("rsa2048.pem"), PublicKey::from_pem(&public_key).unwrap()).unwrap();
    assert!(link.ends_with("&Hash-Algorithm=SHA256"));
    assert!(verifying::answer(ID, &public_key, &link, None).unwrap().is_allowed());
}
