//! Every case in tests/vectors/corpus.json gives what generate.mjs computed, with signatures that verify. The outputs go
//! to corpus-native.json, for comparison with the WebAssembly engine.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod cases;

use std::collections::HashMap;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cases::{Call, Expected, Outcome};
use countersign::{Algorithm, PublicKey, Signer};
use serde_json::{Map, Value, json};

const RESERVED: [&str; 5] = ["Expires", "Policy", "Signature", "Key-Pair-Id", "Hash-Algorithm"];

#[test]
fn corpus() {
    let cases = cases::read::<Call>("corpus.json");
    assert!(cases.len() >= 520, "{} cases", cases.len());
    let mut signers: HashMap<(Option<String>, Option<String>), Signer> = HashMap::new();
    let mut native = Map::new();
    let mut failures = Vec::new();
    for case in &cases {
        let signer = signers.entry((case.key.clone(), case.algorithm.clone())).or_insert_with(|| case.signer().unwrap());
        let outcome = case.run_with(signer);
        let expected = case.expect.as_ref().unwrap();
        let output = match &outcome {
            Ok(Outcome::Url(url)) => json!({ "url": url }),
            Ok(Outcome::Cookies(cookies)) => json!({ "cookies": cookies.pairs().into_iter().collect::<HashMap<_, _>>() }),
            Err(error) => json!({ "error": error.code().as_str() }),
        };
        assert!(native.insert(case.name.clone(), output).is_none(), "two cases are named {}", case.name);
        let checked = match outcome {
            Ok(Outcome::Url(url)) => check_url(case, expected, &url),
            Ok(Outcome::Cookies(cookies)) => {
                check_credentials(case, expected, &cookies.pairs().into_iter().map(|(n, v)| (n.to_owned(), v)).collect())
            }
            Err(error) if expected.error.as_deref() == Some(error.code().as_str()) => Ok(()),
            other => Err(format!("{other:?}")),
        };
        if let Err(why) = checked {
            failures.push(format!("{}: {why}", case.name));
        }
    }
    // OpenSSL's ECDSA signatures are random, so they cannot be compared.
    if cfg!(not(feature = "openssl")) {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("corpus-native.json");
        std::fs::write(path, serde_json::to_string_pretty(&native).unwrap()).unwrap();
    }
    assert!(failures.is_empty(), "{} failures\n{}", failures.len(), failures.join("\n"));
}

fn same<T: PartialEq + std::fmt::Debug>(what: &str, found: T, expected: T) -> Result<(), String> {
    if found == expected { Ok(()) } else { Err(format!("{what} is {found:?}, not {expected:?}")) }
}

fn check_url(case: &Call, expected: &Expected, signed: &str) -> Result<(), String> {
    same("what a client makes of it", url::Url::parse(signed).unwrap().as_str(), signed)?;
    let (address, fragment) = match signed.split_once('#') {
        Some((address, fragment)) => (address, Some(fragment)),
        None => (signed, None),
    };
    let given = url::Url::parse(case.url.as_deref().unwrap()).unwrap();
    same("the fragment", fragment, given.fragment())?;
    let (base, query) = address.split_once('?').unwrap_or((address, ""));
    let (credentials, own): (Vec<&str>, Vec<&str>) =
        query.split('&').partition(|part| RESERVED.contains(&part.split('=').next().unwrap()));
    let own = if own.is_empty() { String::new() } else { format!("?{}", own.join("&")) };
    same("the address", &format!("{base}{own}"), expected.address.as_ref().unwrap())?;
    let named: HashMap<String, String> = credentials
        .iter()
        .map(|part| part.split_once('=').unwrap())
        .map(|(n, v)| (format!("CloudFront-{n}"), v.into()))
        .collect();
    same("the number of different parameters", named.len(), credentials.len())?;
    check_credentials(case, expected, &named)
}

/// Checks what a URL or a set of cookies contains, by cookie names.
fn check_credentials(case: &Call, expected: &Expected, found: &HashMap<String, String>) -> Result<(), String> {
    let get = |name: &str| found.get(name).map(String::as_str);
    let key_name = case.key.as_deref().unwrap();
    let algorithm = match (case.algorithm.as_deref(), key_name) {
        (Some("SHA256"), _) | (None, "p256") => Algorithm::Sha256,
        _ => Algorithm::Sha1,
    };
    same("the hash", get("CloudFront-Hash-Algorithm"), (algorithm == Algorithm::Sha256).then_some("SHA256"))?;
    same("the key pair id", get("CloudFront-Key-Pair-Id"), Some("K2JCJMDEHXQW5F"))?;
    same("the number of values", found.len(), 3 + usize::from(algorithm == Algorithm::Sha256))?;
    let policy = match (get("CloudFront-Expires"), get("CloudFront-Policy")) {
        (Some(expires), None) => {
            same("whether it is canned", true, expected.canned)?;
            same("the expiry", expires, &expected.expires.unwrap().to_string())?;
            // As CloudFront rebuilds it. A backslash is the only character of a query that JSON escapes.
            format!(
                r#"{{"Statement":[{{"Resource":"{}","Condition":{{"DateLessThan":{{"AWS:EpochTime":{expires}}}}}}}]}}"#,
                expected.resource.as_ref().unwrap().replace('\\', r"\\")
            )
        }
        (None, Some(encoded)) => {
            same("whether it is canned", false, expected.canned)?;
            let policy = String::from_utf8(decode(encoded)).unwrap();
            check_policy(expected, &policy)?;
            policy
        }
        _ => return Err(format!("neither or both of Expires and Policy: {found:?}")),
    };
    let key = PublicKey::load(&cases::key_file(&format!("{key_name}.pub"))).unwrap();
    let signature = decode(get("CloudFront-Signature").ok_or("no signature")?);
    same("whether the signature verifies", key.verify(algorithm, policy.as_bytes(), &signature), true)?;
    let other = if algorithm == Algorithm::Sha1 { Algorithm::Sha256 } else { Algorithm::Sha1 };
    same("whether it verifies with the other hash", key.verify(other, policy.as_bytes(), &signature), false)
}

/// The policy has every condition that was asked for, and no other.
fn check_policy(expected: &Expected, policy: &str) -> Result<(), String> {
    if let Some(ready) = &expected.policy {
        return same("the policy", policy, ready);
    }
    let mut condition = json!({ "DateLessThan": { "AWS:EpochTime": expected.expires } });
    if let Some(ip) = &expected.ip {
        condition["IpAddress"] = json!({ "AWS:SourceIp": ip });
    }
    if let Some(starts) = expected.starts {
        condition["DateGreaterThan"] = json!({ "AWS:EpochTime": starts });
    }
    let wanted = json!({ "Statement": [{ "Resource": expected.resource, "Condition": condition }] });
    same("what the policy says", &serde_json::from_str::<Value>(policy).unwrap(), &wanted)?;
    // Members in the order of AWS's documentation, without white space. serde_json preserves the order here.
    same("the policy's text", policy, &wanted.to_string())
}

/// CloudFront's Base64 by definition: the standard alphabet with three characters replaced.
fn decode(text: &str) -> Vec<u8> {
    assert!(!text.contains(['+', '/', '=']), "{text}");
    STANDARD.decode(text.replace('-', "+").replace('~', "/").replace('_', "=")).unwrap()
}
