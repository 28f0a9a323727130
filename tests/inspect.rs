//! `inspect` reads back what was signed, and names each suspicious detail.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

#[allow(dead_code, reason = "the other tests use what this one does not")]
mod cases;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use cases::{Call, Outcome};
use countersign::inspect::{Inspection, Severity, inspect_at};
use countersign::reason::ReasonCode;
use countersign::{Algorithm, Conditions, LoadOptions, PrivateKey, Signer, encoding};
use proptest::prelude::*;

const ID: &str = "K2JCJMDEHXQW5F";
const URL: &str = "https://d111111abcdef8.cloudfront.net/films/1.mp4?size=hd";
const NOW: i64 = 1_893_456_000;

fn signer(key: &str) -> Signer {
    Signer::new(ID, PrivateKey::load(&cases::key_file(key), &LoadOptions::new()).unwrap()).unwrap()
}

fn look(text: &str) -> Inspection {
    inspect_at(text, NOW).unwrap()
}

/// Returns the messages of one severity.
fn found(inspection: &Inspection, severity: Severity) -> Vec<&str> {
    inspection.findings.iter().filter(|found| found.severity == severity).map(|found| found.message.as_str()).collect()
}

#[test]
fn reads_back_what_is_signed() {
    let mut inspected = 0;
    for case in cases::read::<Call>("corpus.json") {
        let Some(expected) = case.expect.clone().filter(|expected| expected.error.is_none()) else { continue };
        let Ok(signer) = case.signer() else { continue };
        let (text, is_url) = match case.run_with(&signer).unwrap() {
            Outcome::Url(url) => (url, true),
            Outcome::Cookies(cookies) => {
                (cookies.pairs().iter().map(|(name, value)| format!("{name}={value}\n")).collect(), false)
            }
        };
        let signed = expected.policy.as_deref().map(|json| countersign::policy::Policy::parse(json).unwrap());
        let end = signed.as_ref().map_or_else(|| expected.expires.unwrap(), |policy| policy.date_less_than);
        // Zero is the earliest moment to ask at.
        if end == 0 {
            continue;
        }
        inspected += 1;
        let mut inspection = inspect_at(&text, end - 1).unwrap();
        if case.name.contains("port") || case.name.contains(":8443") {
            inspection.findings.retain(|finding| finding.code != ReasonCode::OtherPort);
        }
        assert_eq!(found(&inspection, Severity::Error), [""; 0], "{}: {text}", case.name);
        assert_eq!(inspection.key_pair_id.as_deref(), Some(signer.identity().key_pair_id()), "{}", case.name);
        assert_eq!(inspection.algorithm, signer.identity().algorithm().as_str(), "{}", case.name);
        assert_eq!(inspection.signature.unwrap().key_type, Some(signer.identity().key_type().as_str()), "{}", case.name);
        assert_eq!(inspection.url.is_some(), is_url, "{}", case.name);
        let policy = inspection.policy.unwrap();
        let moment = policy.date_less_than.unwrap();
        assert_eq!((moment.seconds, moment.relative.as_str()), (end, "in 1 second"), "{}", case.name);
        assert_eq!(
            policy.date_greater_than.map(|start| start.seconds),
            signed.as_ref().map_or(expected.starts, |p| p.date_greater_than)
        );
        assert_eq!(policy.ip_address, signed.as_ref().map_or(expected.ip.clone(), |p| p.ip_address.clone()));
        if let Some(json) = policy.json {
            let pretty: serde_json::Value = serde_json::from_str(&policy.pretty.unwrap()).unwrap();
            assert_eq!(pretty, serde_json::from_str::<serde_json::Value>(&json).unwrap());
        }
    }
    assert!(inspected > 700, "{inspected}");
}

#[test]
fn what_is_nested_too_deeply_is_shown_as_it_is() {
    // Indented, it would be many times as long.
    let json = "[".repeat(10_000) + &"]".repeat(10_000);
    let policy = inspect_at(with_policy(&json), 0).unwrap().policy.unwrap();
    assert_eq!(policy.pretty.unwrap(), json);
}

/// A URL with this text as its policy, correctly signed with RSA.
fn with_policy(json: &str) -> String {
    let key = PrivateKey::load(&cases::key_file("rsa2048"), &LoadOptions::new()).unwrap();
    let signature = encoding::encode(&key.sign(Algorithm::Sha1, json.as_bytes()).unwrap());
    format!("{URL}&Policy={}&Signature={signature}&Key-Pair-Id={ID}", encoding::encode(json.as_bytes()))
}

fn policy(resource: &str, conditions: &str) -> String {
    format!(r#"{{"Statement":[{{"Resource":"{resource}","Condition":{{{conditions}}}}}]}}"#)
}

#[test]
fn names_everything_suspicious() {
    use Severity::{Error, Note, Warning};
    const END: &str = r#""DateLessThan":{"AWS:EpochTime":1893456060}"#;
    let rsa = signer("rsa2048").sign_url(URL, &Conditions::new("1m").now(NOW)).unwrap();
    let signature = rsa.split("&Signature=").nth(1).unwrap().split('&').next().unwrap();
    let bytes = encoding::decode(signature).unwrap();
    let p256 = signer("p256").sign_url(URL, &Conditions::new("1m").now(NOW)).unwrap();
    let good = policy("https://d111111abcdef8.cloudfront.net/*", END);
    let custom = with_policy(&good);
    let policy_text = encoding::encode(good.as_bytes());
    for (what, severity, text, expected) in [
        ("milliseconds", Error, rsa.replace("=1893456060", "=1893456060000"), "divide milliseconds by 1000"),
        (
            "milliseconds",
            Error,
            with_policy(&good.replace("1893456060", "1893456060000")),
            "DateLessThan is 1893456060000, too large for CloudFront",
        ),
        ("a quoted number", Error, with_policy(&good.replace("1893456060", "\"1893456060\"")), "in quotation marks"),
        ("a fraction", Error, with_policy(&good.replace("1893456060", "1893456060.5")), "not a whole number"),
        ("a word", Error, rsa.replace("=1893456060", "=tomorrow"), "not a number of seconds"),
        ("white space", Warning, with_policy(&good.replace(':', ": ")), "white space"),
        (
            "\\u0026",
            Warning,
            with_policy(&policy("https://d111111abcdef8.cloudfront.net/*?a=1\\u0026b=2", END)),
            "writes & as \\u0026",
        ),
        ("\\/", Warning, with_policy(&good.replace("//", "\\/\\/")), "escapes that JSON does not demand"),
        ("a wildcard in a canned URL", Error, rsa.replace("1.mp4", "*"), "an ordinary character in a canned policy"),
        ("http and https", Error, custom.replace("https://", "http://"), "one is http, the other https"),
        ("http", Note, rsa.replace("https://", "http://"), "redirects to https"),
        ("another host", Error, custom.replace("d111111abcdef8.cloudfront.net", "media.example.com"), "the host is another one"),
        (
            "a query that is not covered",
            Error,
            with_policy(&policy("https://d111111abcdef8.cloudfront.net/films/1.mp4", END)),
            "has a query",
        ),
        ("another path", Error, with_policy(&policy("https://d111111abcdef8.cloudfront.net/music/*", END)), "does not match"),
        ("a space", Warning, rsa.replace("1.mp4", "1 .mp4"), "not written as clients send it"),
        (
            "an unescaped resource",
            Warning,
            with_policy(&policy("https://d111111abcdef8.cloudfront.net/fi lms/*", END)),
            "requests carry it escaped",
        ),
        ("a host in capitals", Warning, rsa.replace("d111111abcdef8", "D111111ABCDEF8"), "not written as clients send it"),
        ("empty query parts", Warning, rsa.replace("size=hd&", "size=hd&&"), "empty query part"),
        ("what a mailer added", Warning, format!("{rsa}&utm_source=mail"), "\"utm_source\" comes after the signature"),
        ("standard Base64", Error, rsa.replace(signature, &STANDARD.encode(&bytes)), "Signature is in ordinary Base64"),
        ("Base64url", Error, rsa.replace(signature, &URL_SAFE.encode(&bytes)), "Signature is in Base64url"),
        (
            "a standard Base64 policy",
            Error,
            custom.replace(&policy_text, &STANDARD.encode(good.replace("/*", "/?>?*"))),
            "Policy is in ordinary Base64",
        ),
        ("garbage", Error, rsa.replace(signature, "(!)"), "not in CloudFront's Base64"),
        ("escapes", Note, rsa.replace('~', "%7E").replace("size%7E", "size~"), "percent-escapes"),
        ("a cut signature", Error, rsa.replace(signature, &signature[..100]), "cut off"),
        ("RSA of 1024 bits", Error, rsa.replace(signature, &encoding::encode(&bytes[..128])), "RSA key of 1024 bits"),
        ("raw ECDSA", Error, rsa.replace(signature, &encoding::encode(&bytes[..64])), "CloudFront takes DER"),
        ("ECDSA without its hash", Note, p256.replace("&Hash-Algorithm=SHA256", ""), "without Hash-Algorithm=SHA256"),
        ("a hash in small letters", Error, p256.replace("SHA256", "sha256"), "in capitals"),
        ("no signature", Error, rsa.replace(&format!("&Signature={signature}"), ""), "the signature is missing"),
        ("no key pair id", Error, rsa.replace(&format!("&Key-Pair-Id={ID}"), ""), "MissingKey"),
        ("no expiry", Error, rsa.replace("&Expires=1893456060", ""), "neither an expiry (Expires) nor a policy (Policy)"),
        ("no credentials", Error, URL.to_owned(), "is not signed"),
        ("a key group's id", Error, rsa.replace(ID, "5bf7f6a6-3b4a-4c3e-9a60-2f6f6f0e6b0a"), "is a UUID"),
        ("a PEM for an id", Error, rsa.replace(ID, "-----BEGIN%20PUBLIC%20KEY-----"), "Key-Pair-Id is a key (not shown)"),
        ("an account's key pair", Note, rsa.replace(ID, "APKAIOSFODNN7EXAMPLE"), "APKA"),
        ("a duplicate", Error, format!("{rsa}&Expires=1893456060"), "Expires is given twice"),
        ("two kinds of policy", Warning, format!("{custom}&Expires=1893456060"), "Policy and Expires are both given"),
        ("several statements", Error, with_policy(&good.replace("}]}", "},{}]}")), "2 statements"),
        ("no array", Error, with_policy(&good.replace("[{", "{").replace("}]", "}")), "Statement is an object"),
        ("an unknown condition", Error, with_policy(&good.replace("DateLessThan", "DateLessThen")), "DateLessThen"),
        ("IPv6", Error, with_policy(&policy("*", &format!(r#"{END},"IpAddress":{{"AWS:SourceIp":"::/0"}}"#))), "IPv6"),
        ("no resource", Warning, with_policy(&format!(r#"{{"Statement":[{{"Condition":{{{END}}}}}]}}"#)), "names no Resource"),
        ("no JSON", Error, with_policy("not json"), "cannot read the policy"),
        ("no text", Error, custom.replace(&policy_text, &encoding::encode(&[0xff, 0xfe])), "not text in UTF-8"),
        ("expired", Error, rsa.replace("=1893456060", "=1893455280"), "expired 12 minutes ago, at 2029-12-31T23:48:00Z"),
        (
            "early",
            Error,
            with_policy(&policy("*", &format!(r#"{END},"DateGreaterThan":{{"AWS:EpochTime":1893456000}}"#))),
            "access begins now",
        ),
        ("a fragment", Note, format!("{rsa}#t=10"), "fragment"),
        (
            "cookies without a protocol",
            Error,
            format!("CloudFront-Policy={}", encoding::encode(policy("*", END).as_bytes())),
            "as cookies require",
        ),
    ] {
        let inspection = look(&text);
        let messages = found(&inspection, severity);
        assert!(messages.iter().any(|message| message.contains(expected)), "{what}: {:?}", inspection.findings);
    }
    // With a policy of its own the query may be open.
    let added = look(&format!("{custom}&utm_source=mail"));
    assert_eq!(found(&added, Warning), [""; 0]);
    // If nothing is wrong there is one note.
    for text in [&rsa, &custom, &p256] {
        let inspection = look(text);
        assert_eq!(inspection.findings.len(), 1, "{:?}", inspection.findings);
        assert!(inspection.findings[0].message.contains("S3's"));
    }
}

#[test]
fn reads_cookies_in_every_form() {
    let cookies =
        signer("rsa2048").sign_cookies("https://d111111abcdef8.cloudfront.net/*", &Conditions::new("1m").now(NOW)).unwrap();
    let pairs: Vec<String> = cookies.pairs().iter().map(|(name, value)| format!("{name}={value}")).collect();
    let expected = look(&pairs.join("; "));
    assert_eq!(expected.policy.as_ref().unwrap().resource.as_deref(), Some("https://d111111abcdef8.cloudfront.net/*"));
    assert_eq!(found(&expected, Severity::Error), [""; 0]);
    for text in [
        pairs.join("\n"),
        format!("Cookie: a=b; {}; c=d", pairs.join("; ")),
        pairs.iter().map(|pair| format!("Set-Cookie: {pair}; Path=/; Secure; HttpOnly\r\n")).collect(),
    ] {
        assert_eq!(look(&text), expected, "{text}");
    }
}

#[test]
fn refuses_what_is_neither() {
    for text in ["", " ", "hello", "ftp://d.net/?Signature=a", "a=b; c=d", "/path?Expires=1", "https://", "http://["] {
        assert_eq!(inspect_at(text, NOW).unwrap_err().code(), countersign::ErrorCode::InvalidUrl, "{text}");
    }
}

proptest! {
    #[test]
    fn never_panics(text in ".{0,200}", policy in prop::collection::vec(any::<u8>(), 0..200), now in any::<i64>()) {
        let _ = inspect_at(&text, now);
        let _ = inspect_at(format!("https://d.net/?Policy={}&Signature={text}&Expires={now}", encoding::encode(&policy)), now);
        let _ = inspect_at(format!("CloudFront-Policy={}; CloudFront-Signature={text}", encoding::encode(&policy)), now);
    }

    #[test]
    fn never_panics_on_policies(resource in ".{0,40}", end in any::<i64>(), start in any::<f64>(), now in any::<i64>()) {
        let json = serde_json::json!({"Statement": [{"Resource": resource, "Condition": {
            "DateLessThan": {"AWS:EpochTime": end}, "DateGreaterThan": {"AWS:EpochTime": start}}}]});
        let _ = inspect_at(format!("https://d.net/?Policy={}", encoding::encode(json.to_string().as_bytes())), now);
    }
}
