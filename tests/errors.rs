//! Every case in tests/vectors/errors.json is refused with the code it names, and no error contains key material.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod cases;

use std::collections::HashSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cases::{Call, Outcome};
use countersign::cookies::{CookieAttributes, clear_cookies, set_cookie};
use countersign::{Conditions, ErrorCode, Face, KeyType, LoadOptions, Parameter, PrivateKey, PublicKey, Result, Signer};

/// Codes that no call from Rust can produce, and why.
const ELSEWHERE: [(ErrorCode, &str); 7] = [
    (ErrorCode::InvalidManifest, "tests/manifests.rs"),
    (ErrorCode::RandomUnavailable, "a system without random numbers is needed; the JavaScript tests take them away"),
    (ErrorCode::SigningFailed, "tests/two_steps.rs"),
    (ErrorCode::HostCryptoUnavailable, "only JavaScript has an engine to choose"),
    (ErrorCode::NotInitialized, "only JavaScript has a module to load; tests/packaging"),
    (ErrorCode::ModuleStopped, "only JavaScript has a module that stops; tests/js/host_faults.test.mjs"),
    (ErrorCode::Freed, "only JavaScript frees a signer that is still at hand"),
];

#[test]
fn every_case_ends_in_its_code() {
    let mut failures = Vec::new();
    for case in cases::read::<Call>("errors.json").iter().filter(|case| is_for_rust(case)) {
        let code = case.code.as_deref().unwrap();
        match run(case) {
            Ok(outcome) => failures.push(format!("{code} {}: {outcome}", case.name)),
            Err(error) => {
                let shown = format!("{error}\n{}\n{error:?}\n{error:#?}", error.hint().unwrap_or_default());
                if error.code().as_str() != code {
                    failures.push(format!("{code} {}: {error:?}", case.name));
                }
                if error.message().trim().is_empty() {
                    failures.push(format!("{code} {}: the message is empty", case.name));
                }
                if let Some(part) = secrets(case).into_iter().find(|part| shown.contains(part)) {
                    failures.push(format!("{code} {}: the error shows {part}", case.name));
                }
            }
        }
    }
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
}

#[test]
fn every_code_is_provoked() {
    let cases = cases::read::<Call>("errors.json");
    let provoked: HashSet<&str> =
        cases.iter().filter(|case| is_for_rust(case)).map(|case| case.code.as_deref().unwrap()).collect();
    for code in ErrorCode::ALL {
        let elsewhere = ELSEWHERE.iter().any(|(other, _)| other == code);
        assert_ne!(provoked.contains(code.as_str()), elsewhere, "{code}: in errors.json or in ELSEWHERE, and not in both");
    }
    for code in provoked {
        assert!(ErrorCode::ALL.iter().any(|known| known.as_str() == code), "{code} is no code");
    }
}

/// Names that only JavaScript or only the shell uses.
const CAMEL_CASE: [&str; 8] = [
    "dateLessThan",
    "dateGreaterThan",
    "ipAddress",
    "keyPairId",
    "allowExpired",
    "allowUnsupportedKey",
    "sameSite",
    "privateKey",
];

#[test]
fn each_face_speaks_of_parameters_in_its_own_words() {
    let mut about = HashSet::new();
    for case in cases::read::<Call>("errors.json").iter().filter(|case| is_for_rust(case)) {
        let Err(error) = run(case) else { continue };
        let said = |face| format!("{}\n{}", error.message_in(face), error.hint_in(face).unwrap_or_default());
        for face in [Face::Rust, Face::JavaScript, Face::Shell] {
            let said = said(face);
            assert!(!said.chars().any(|c| ('\u{e000}'..='\u{f8ff}').contains(&c)), "{}: {said:?}", case.name);
            // Without quotations, which repeat the input, and without the dashes of a PEM.
            let said: String = said.replace("-----", "").split(['"', '`']).step_by(2).collect();
            let foreign = if face == Face::JavaScript { &["--", "::"][..] } else { &CAMEL_CASE[..] };
            for name in foreign {
                assert!(!said.contains(name), "{}, {face:?}: {said}", case.name);
            }
        }
        assert_eq!(said(Face::Rust), format!("{error}\n{}", error.hint().unwrap_or_default()));
        about.extend(error.parameter());
    }
    assert!(about.len() >= 12, "only {about:?}");
}

#[test]
fn values_are_what_the_message_says() {
    let error = Conditions::new("2020-01-01").now("2021-01-01");
    let signer = Signer::new("K2JCJMDEHXQW5F", PrivateKey::generate(KeyType::Ecdsa).unwrap()).unwrap();
    let error = signer.sign_url("https://d111111abcdef8.cloudfront.net/a", &error).unwrap_err();
    assert_eq!(error.code(), ErrorCode::AlreadyExpired);
    assert_eq!(error.parameter(), Some(Parameter::DateLessThan));
    for (name, value) in error.values().iter() {
        assert!(error.message().contains(&value.to_string()), "{name}: {value}");
    }
    assert_eq!(serde_json::to_value(error.values()).unwrap()["end"], "2020-01-01T00:00:00Z");
    let named = error.message_with(|parameter| if parameter == Parameter::DateLessThan { "The end" } else { "?" });
    assert!(named.starts_with("The end is 2020-01-01T00:00:00Z"), "{named}");
    // The characters that stand for parameters have no meaning in the caller's own text.
    let error = signer.sign_url("\u{e000}", &Conditions::new("2h")).unwrap_err();
    assert!(error.message().contains("\\u{e000}"), "{error}");
}

/// Tests the check itself: it finds a secret that is in a key.
#[test]
fn knows_a_part_of_a_key() {
    let case = Call { key: Some("rsa2048".to_owned()), ..Call::default() };
    let key = String::from_utf8(cases::key_file("rsa2048")).unwrap();
    let line = key.lines().nth(3).unwrap();
    assert!(secrets(&case).contains(&line[10..22]));
    let encoded = Call { key_text: Some(STANDARD.encode(&key)), ..Call::default() };
    assert!(secrets(&encoded).contains(&line[10..22]));
}

/// Makes the call and returns its result.
fn run(case: &Call) -> Result<String> {
    match case.call.as_str() {
        "privateKey" => case.private_key().map(|key| format!("{key:?}")),
        "publicKey" => PublicKey::load(&case.key_bytes()).map(|key| format!("{key:?}")),
        "toSetCookie" => {
            let cookies = [("CloudFront-Signature", "a-~_".to_owned())];
            set_cookie(&cookies, &cookie_attributes(case)?).map(|lines| lines.join("\n"))
        }
        _ => case.run_with(&case.signer()?).map(|outcome| match outcome {
            Outcome::Url(url) => url,
            Outcome::Cookies(cookies) => format!("{cookies:?}"),
        }),
    }
}

fn cookie_attributes(case: &Call) -> Result<CookieAttributes> {
    let mut attributes = CookieAttributes::new();
    for (name, value) in case.attributes.iter().flatten() {
        let text = || value.as_str().unwrap();
        attributes = match name.as_str() {
            "domain" => attributes.domain(text()),
            "path" => attributes.path(text()),
            "expires" => attributes.expires(text()),
            "secure" => attributes.secure(value == true),
            "partitioned" => attributes.partitioned(value == true),
            "sameSite" => attributes.same_site(text().parse()?),
            other => panic!("{}: no attribute is {other}", case.name),
        };
    }
    Ok(attributes)
}

fn is_for_rust(case: &Call) -> bool {
    case.hosts.as_ref().is_none_or(|hosts| hosts.iter().any(|host| host == "rust"))
}

/// Twelve Base64 characters are nine bytes of a key. Paths and words are shorter than a key's shortest line.
fn secrets(case: &Call) -> HashSet<String> {
    let text = String::from_utf8(case.key_bytes()).unwrap();
    let mut secrets: HashSet<String> = case.passphrase.iter().cloned().collect();
    let mut texts = vec![text];
    if let Some(inner) = STANDARD.decode(texts[0].trim()).ok().and_then(|bytes| String::from_utf8(bytes).ok()) {
        texts.push(inner);
    }
    for run in texts.iter().flat_map(|text| text.split(|c: char| !c.is_ascii_alphanumeric() && c != '+' && c != '/')) {
        if run.len() >= 40 {
            secrets.extend((0..=run.len() - 12).map(|at| run[at..at + 12].to_owned()));
        }
    }
    secrets
}

/// DER written by hand: RFC 8018 for PBES2 and PBKDF2, RFC 7914 for scrypt.
#[test]
fn a_key_that_asks_for_too_much_work_is_refused() {
    fn tlv(tag: u8, parts: &[Vec<u8>]) -> Vec<u8> {
        let content = parts.concat();
        [vec![tag, 0x81, content.len() as u8], content].concat()
    }
    // Short lengths take one byte.
    fn short(tag: u8, content: &[u8]) -> Vec<u8> {
        [&[tag, content.len() as u8][..], content].concat()
    }
    let sequence = |parts: &[Vec<u8>]| if parts.concat().len() < 128 { short(0x30, &parts.concat()) } else { tlv(0x30, parts) };
    let number = |number: u32| {
        short(2, &[&[0][..], &number.to_be_bytes()].concat().into_iter().skip_while(|b| *b == 0).collect::<Vec<u8>>())
    };
    let key = |kdf: Vec<u8>| {
        let cipher = sequence(&[short(6, &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 1, 0x2a]), short(4, &[7; 16])]);
        let pbes2 = sequence(&[short(6, &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 5, 0x0d]), sequence(&[kdf, cipher])]);
        sequence(&[pbes2, short(4, &[9; 32])])
    };
    let pbkdf2 = |rounds: Vec<u8>| {
        let hmac_sha256 = sequence(&[short(6, &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 2, 9]), short(5, &[])]);
        let parameters = sequence(&[short(4, &[1; 8]), rounds, hmac_sha256]);
        key(sequence(&[short(6, &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 5, 0x0c]), parameters]))
    };
    let scrypt = |n: u32| {
        let parameters = sequence(&[short(4, &[1; 8]), number(n), number(8), number(1)]);
        key(sequence(&[short(6, &[0x2b, 6, 1, 4, 1, 0xda, 0x47, 4, 0x0b]), parameters]))
    };
    let load = |der: &[u8]| PrivateKey::load(der, &LoadOptions::new().passphrase(b"x")).unwrap_err();
    for der in [pbkdf2(number(2_000_001)), pbkdf2(number(8_000_000)), scrypt(1 << 17)] {
        let error = load(&der);
        assert_eq!(error.code(), ErrorCode::InvalidPrivateKey);
        assert!(error.message().contains("too much work"), "{error:?}");
    }
    // With an acceptable work factor decryption is tried, and fails.
    for der in [pbkdf2(number(1000)), scrypt(1 << 10)] {
        assert_eq!(load(&der).code(), ErrorCode::WrongPassphrase);
    }
}

/// All independent errors of a call come at once.
#[test]
fn all_wrong_parameters_of_a_call_are_told_at_once() {
    let told = |error: countersign::Error| error.all().map(countersign::Error::parameter).collect::<Vec<_>>();
    let key = PrivateKey::generate(KeyType::Ecdsa).unwrap();
    let signer = Signer::new("K2JCJMDEHXQW5F", key).unwrap();
    let wrong = Conditions::new("soon").ip_address("everywhere");
    let of_wrong = [Some(Parameter::DateLessThan), Some(Parameter::IpAddress)];
    for url in ["/a.jpg", "https://d.net/a?Expires=1", "https://d.net/*", &format!("https://d.net/{}", "a".repeat(9_000))] {
        let parameters = told(signer.sign_url(url, &wrong).unwrap_err());
        assert_eq!(parameters[1..], of_wrong, "{url}");
    }
    assert_eq!(told(signer.grant("/a", &wrong).unwrap_err())[1..], of_wrong);
    assert_eq!(told(signer.sign_url("/a.jpg", &Conditions::new("1h")).unwrap_err()).len(), 1);
    let attributes = CookieAttributes::new().domain("https://x").path("a").expires("soon").secure(false).partitioned(true);
    let of_attributes =
        [Parameter::CookieDomain, Parameter::CookiePath, Parameter::CookieExpires, Parameter::CookieSecure].map(Some);
    // `clear_cookies` sets `expires` itself.
    assert_eq!(told(clear_cookies(&attributes).unwrap_err()).len(), 3);
    let parameters =
        told(set_cookie(&[("Other", "x".to_owned()), ("CloudFront-Policy", "x;".to_owned())], &attributes).unwrap_err());
    assert_eq!(parameters[..4], of_attributes);
    assert_eq!(parameters[4..], [Some(Parameter::Cookies); 2]);
}

/// RFC 6265bis, section 5.6.
#[test]
fn an_attribute_that_browsers_would_ignore_for_its_length_is_refused() {
    let set = |attributes| set_cookie(&[("CloudFront-Signature", "a-~_".to_owned())], &attributes);
    let (path, domain) = (format!("/{}", "a".repeat(1_023)), format!("{}example.info", "a.".repeat(506)));
    assert_eq!((path.len(), domain.len()), (1_024, 1_024));
    set(CookieAttributes::new().path(&path).domain(&domain)).unwrap();
    let error = set(CookieAttributes::new().path(format!("{path}a")).domain(format!("{domain}a"))).unwrap_err();
    let told: Vec<_> = error.all().map(|error| (error.parameter(), error.values().get("bytes").cloned())).collect();
    let bytes = Some(1_025_i64.into());
    assert_eq!(told, [(Some(Parameter::CookieDomain), bytes.clone()), (Some(Parameter::CookiePath), bytes)]);
    assert!(error.message().contains("1025 bytes; browsers ignore it"), "{error:?}");
}
