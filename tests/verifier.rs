//! The verifier allows what the corpus signs, at the right time and place. It denies it one second, one address or one path
//! outside, denies every mutant, and answers in CloudFront's words.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

#[allow(dead_code, reason = "the other tests use what this one does not")]
mod cases;

use cases::{Call, Outcome};
use countersign::date::{DateInput, LATEST};
use countersign::resource::Resource;
use countersign::verifier::{Access, Decision, Denial, DenialCode, Request, Source, Verifier};
use proptest::prelude::*;

use countersign::reason::ReasonCode;
use countersign::{
    Algorithm, Conditions, ErrorCode, LoadOptions, Parameter, PrivateKey, PublicKey, ReadyPolicy, Signer, Value, encoding,
};

const ID: &str = "K2JCJMDEHXQW5F";
const URL: &str = "https://d111111abcdef8.cloudfront.net/films/1.mp4?size=hd";
const NOW: i64 = 1_893_456_000;

fn verifier(key: &str) -> Verifier {
    Verifier::new([(ID.to_owned(), PublicKey::load(&cases::key_file(&format!("{key}.pub"))).unwrap())]).unwrap()
}

fn key(name: &str) -> PrivateKey {
    PrivateKey::load(&cases::key_file(name), &LoadOptions::new()).unwrap()
}

fn signer(name: &str) -> Signer {
    Signer::new(ID, key(name)).unwrap()
}

fn allowed(decision: Decision) -> Access {
    match decision {
        Decision::Allowed(access) => access,
        Decision::Denied(denial) => panic!("denied: {}", denial.reason),
    }
}

fn denied(decision: Decision) -> Denial {
    match decision {
        Decision::Denied(denial) => denial,
        Decision::Allowed(access) => panic!("allowed: {access:?}"),
    }
}

/// Returns an address in a range, and one outside.
fn addresses(range: &str) -> (String, String) {
    let (network, prefix) = range.split_once('/').unwrap();
    let bits = network.parse::<std::net::Ipv4Addr>().unwrap().to_bits();
    let prefix: u32 = prefix.parse().unwrap();
    // Flip the last bit of the prefix.
    let outside = if prefix == 0 { bits } else { bits ^ (1 << (32 - prefix)) };
    (network.to_owned(), std::net::Ipv4Addr::from_bits(outside).to_string())
}

#[test]
fn the_corpus_is_allowed_at_the_right_time_and_place_only() {
    let mut signed = 0;
    for case in cases::read::<Call>("corpus.json") {
        let Some(expected) = case.expect.clone().filter(|expected| expected.error.is_none()) else { continue };
        let Ok(signer) = case.signer() else { continue };
        let verifier = verifier(case.key.as_deref().unwrap());
        let policy = expected.policy.as_deref().map(|json| countersign::policy::Policy::parse(json).unwrap());
        let (expires, starts, ip) = match &policy {
            Some(policy) => (policy.date_less_than, policy.date_greater_than, policy.ip_address.clone()),
            None => (expected.expires.unwrap(), expected.starts, expected.ip.clone()),
        };
        let (inside, outside) = ip.as_deref().map(addresses).unwrap_or_default();
        let (url, cookies) = match case.run_with(&signer).unwrap() {
            Outcome::Url(url) => (url, String::new()),
            Outcome::Cookies(cookies) => {
                let header: Vec<String> = cookies.pairs().iter().map(|(name, value)| format!("{name}={value}")).collect();
                let resource = expected.resource.clone().or_else(|| policy.as_ref()?.resource.clone()).unwrap();
                // Your own policy is signed unchanged, even if no request can match it.
                if Resource::parse(&resource).is_ok_and(|sent| sent.as_str() != resource) {
                    continue;
                }
                // An address that the resource covers.
                (resource.replacen("http*://", "https://", 1).replace('*', "x"), header.join("; "))
            }
        };
        // Zero is the earliest moment to ask at.
        if expires == 0 {
            continue;
        }
        signed += 1;
        let verify = |url: &str, now: i64, ip: &str| {
            verifier.verify(&Request::new(url).now(now).cookies(&cookies).ip_address(ip)).unwrap()
        };
        let access = allowed(verify(&url, expires - 1, &inside));
        assert_eq!(access.policy.date_less_than, expires, "{}", case.name);
        assert_eq!(access.remaining, 1, "{}", case.name);
        assert_eq!(access.source, if cookies.is_empty() { Source::Url } else { Source::Cookies });
        let codes: Vec<&str> = access.warning_details.iter().map(|warning| warning.code.as_str()).collect();
        let expected = if url.split('?').next().unwrap().contains("%zz") { &["stray-percent"][..] } else { &[] };
        assert_eq!(codes, expected, "{}: {:?}", case.name, access.warnings);

        assert!(denied(verify(&url, expires, &inside)).reason.starts_with("expired 0 seconds ago"), "{}", case.name);
        if let Some(starts) = starts {
            assert!(denied(verify(&url, starts, &inside)).reason.starts_with("not valid yet"), "{}", case.name);
            allowed(verify(&url, starts + 1, &inside));
        }
        if ip.as_deref().is_some_and(|ip| !ip.ends_with("/0")) {
            assert!(denied(verify(&url, expires - 1, &outside)).reason.contains("is not in"), "{}", case.name);
            allowed(verify(&url, expires - 1, &format!("::ffff:{inside}")));
            assert!(denied(verify(&url, expires - 1, "2001:db8::1")).reason.contains("is not IPv4"), "{}", case.name);
        }
        let elsewhere = url.replacen("cloudfront.net", "cloudfront.test", 1);
        if elsewhere != url {
            assert_eq!(denied(verify(&elsewhere, expires - 1, &inside)).code, DenialCode::AccessDenied, "{}", case.name);
        }
    }
    assert!(signed > 700, "{signed}");
}

#[test]
fn every_mutant_is_denied() {
    let mut mutants = 0;
    for name in ["rsa2048", "p256"] {
        let (verifier, signer) = (verifier(name), signer(name));
        for conditions in [
            Conditions::new(NOW + 60).now(NOW),
            Conditions::new(NOW + 60).now(NOW).ip_address("192.0.2.0/24").date_greater_than(NOW - 60),
        ] {
            let signed = signer.sign_url(URL, &conditions).unwrap();
            let verify = |url: &str| verifier.verify(&Request::new(url).now(NOW).ip_address("192.0.2.1")).unwrap();
            allowed(verify(&signed));
            for at in 0..signed.len() {
                for replacement in ["0", "A", "~", "&", "%", "*", ""] {
                    let mutant = format!("{}{replacement}{}", &signed[..at], &signed[at + 1..]);
                    if mutant == signed {
                        continue;
                    }
                    mutants += 1;
                    let decision = verify(&mutant);
                    // A host in capitals is the same request, and Base64 may lack its padding.
                    let unpadded = |url: &str| url.replace('_', "");
                    let is_same_request = url::Url::parse(&mutant).is_ok_and(|url| unpadded(url.as_str()) == unpadded(&signed));
                    assert!(!decision.is_allowed() || is_same_request, "{mutant}");
                }
            }
        }
    }
    assert!(mutants > 2_000, "{mutants}");
}

#[test]
fn what_older_signers_emit_is_allowed() {
    let (verifier, signer) = (verifier("rsa2048"), signer("rsa2048"));
    let sign = |json: &str| encoding::encode(&key("rsa2048").sign(Algorithm::Sha1, json.as_bytes()).unwrap());
    let canned = signer.sign_url(URL, &Conditions::new(NOW + 60).now(NOW)).unwrap();
    // Go writes the default hash; parameters may come in any order; values may be escaped.
    allowed(verifier.verify(&Request::new(&format!("{canned}&Hash-Algorithm=SHA1")).now(NOW)).unwrap());
    let mut parameters: Vec<&str> = canned.split(['?', '&']).skip(2).collect();
    parameters.reverse();
    let turned = format!("https://d111111abcdef8.cloudfront.net/films/1.mp4?{}&size=hd", parameters.join("&"));
    allowed(verifier.verify(&Request::new(&turned).now(NOW)).unwrap());
    allowed(verifier.verify(&Request::new(&canned.replace('~', "%7E").replace('_', "%5f")).now(NOW)).unwrap());
    // Go's order of conditions, the space of .NET and Java, and both Expires and Policy.
    let go = format!(
        r#"{{"Statement":[{{"Resource":"{URL}","Condition":{{"IpAddress":{{"AWS:SourceIp":"0.0.0.0/0"}},"DateGreaterThan":{{"AWS:EpochTime":0}},"DateLessThan":{{"AWS:EpochTime":{}}}}}}}]}}"#,
        NOW + 60
    );
    let java =
        format!(r#"{{"Statement": [{{"Resource":"{URL}","Condition":{{"DateLessThan":{{"AWS:EpochTime":{}}}}}}}]}}"#, NOW + 60);
    for json in [go, java] {
        let url =
            format!("{URL}&Expires=1&Policy={}&Signature={}&Key-Pair-Id={ID}", encoding::encode(json.as_bytes()), sign(&json));
        let access = allowed(verifier.verify(&Request::new(&url).now(NOW).ip_address("198.51.100.1")).unwrap());
        assert!(access.warnings[0].starts_with("Policy and Expires are both given"), "{:?}", access.warnings);
        assert_eq!(access.warning_details[0].code, ReasonCode::ExpiresBesidePolicy);
    }
    // Without a Resource everything is open, with a warning.
    let open = format!(r#"{{"Statement":[{{"Condition":{{"DateLessThan":{{"AWS:EpochTime":{}}}}}}}]}}"#, NOW + 60);
    let url = format!("https://x.test/?Policy={}&Signature={}&Key-Pair-Id={ID}", encoding::encode(open.as_bytes()), sign(&open));
    assert!(allowed(verifier.verify(&Request::new(&url).now(NOW)).unwrap()).warnings[0].contains("no Resource"));
}

/// A request with every fault is answered for the first; each is then taken away.
#[test]
fn the_first_fault_counts() {
    let verifier = verifier("rsa2048");
    let statement = |resource: &str, until: i64| {
        format!(
            r#"{{"Resource":"{resource}","Condition":{{"DateLessThan":{{"AWS:EpochTime":{until}}},"IpAddress":{{"AWS:SourceIp":"192.0.2.1/32"}}}}}}"#
        )
    };
    let policy = |statements: &str| format!(r#"{{"Statement":[{statements}]}}"#);
    let right = policy(&statement("https://d111111abcdef8.cloudfront.net/films/*", NOW + 60));
    let late = policy(&statement("https://d111111abcdef8.cloudfront.net/films/*", NOW));
    let elsewhere = statement("https://d111111abcdef8.cloudfront.net/music/*", NOW);
    let (two, elsewhere) = (policy(&format!("{elsewhere},{elsewhere}")), policy(&elsewhere));
    let signature_of = |json: &str| encoding::encode(&key("rsa2048").sign(Algorithm::Sha1, json.as_bytes()).unwrap());
    let url = |path: &str, json: &str, signature: &str, rest: &str| {
        let policy = encoding::encode(json.as_bytes());
        format!("https://d111111abcdef8.cloudfront.net{path}?Policy={policy}&Signature={signature}{rest}")
    };
    let (good, odd) = ("/films/1.mp4", "/films/../1.mp4");
    let of_another = signature_of("{}");
    let (id, hash) = (format!("&Key-Pair-Id={ID}"), format!("&Key-Pair-Id={ID}&Hash-Algorithm=MD5"));
    let broken = url(odd, &two, "!", &hash);
    let (no_policy, first) =
        (url(odd, &two, &of_another, &hash).replace("Policy=", "Policy=!"), broken.replace("Policy=", "Policy=!"));
    for (url, expected) in [
        (first.replace("Key-Pair-Id=", "x="), "MissingKey key-pair-id-missing"),
        (first.replace(ID, "KOTHER"), "InvalidKey unknown-key"),
        (first, "MalformedSignature not-base64"),
        (no_policy, "MalformedPolicy not-base64"),
        (url(odd, &two, &of_another, &hash), "AccessDenied ambiguous-path"),
        (url(good, &two, &of_another, &hash), "AccessDenied unknown-hash"),
        (url(good, &elsewhere, &of_another, &id), "AccessDenied wrong-signature"),
        (url(good, &two, &signature_of(&two), &id), "MalformedPolicy several-statements"),
        (url(good, &elsewhere, &signature_of(&elsewhere), &id), "AccessDenied other-resource"),
        (url(good, &late, &signature_of(&late), &id), "AccessDenied expired"),
        (url(good, &right, &signature_of(&right), &id), "AccessDenied other-address"),
    ] {
        let denial = denied(verifier.verify(&Request::new(&url).ip_address("192.0.2.2").now(NOW)).unwrap());
        assert_eq!(format!("{} {}", denial.code.as_str(), denial.reason_code.as_str()), expected, "{url}");
    }
}

#[test]
fn denials_are_cloudfronts_own() {
    let (verifier, signer) = (verifier("rsa2048"), signer("rsa2048"));
    let signed = signer.sign_url(URL, &Conditions::new(NOW + 60).now(NOW)).unwrap();
    let custom = signer.sign_url(URL, &Conditions::new(NOW + 60).now(NOW).ip_address("192.0.2.1")).unwrap();
    let without = |name: &str| {
        let parts: Vec<&str> = signed.split('&').filter(|part| !part.starts_with(name)).collect();
        parts.join("&")
    };
    let broken_policy = |json: &str| {
        let signature = encoding::encode(&key("rsa2048").sign(Algorithm::Sha1, json.as_bytes()).unwrap());
        format!("{URL}&Policy={}&Signature={signature}&Key-Pair-Id={ID}", encoding::encode(json.as_bytes()))
    };
    for (url, code, reason) in [
        (URL.to_owned(), DenialCode::MissingKey, "no Key-Pair-Id"),
        (without("Key-Pair-Id="), DenialCode::MissingKey, "no Key-Pair-Id"),
        (signed.replace(ID, ""), DenialCode::MissingKey, "no Key-Pair-Id"),
        (format!("{URL}&Hash-Algorithm=SHA256"), DenialCode::MissingKey, "no other part"),
        (signed.replace(ID, "KOTHER"), DenialCode::InvalidKey, "\"KOTHER\" is not in the key group, which has K2JCJMDEHXQW5F"),
        (without("Signature="), DenialCode::MalformedSignature, "missing"),
        (signed.replace("Signature=", "Signature=+"), DenialCode::MalformedSignature, "Base64"),
        (without("Expires="), DenialCode::MalformedPolicy, "neither an expiry (Expires) nor a policy (Policy)"),
        (signed.replace("Expires=", "Expires=x"), DenialCode::MalformedPolicy, "not a number"),
        (signed.replace("Expires=", "Expires=0"), DenialCode::MalformedPolicy, "not a number"),
        (custom.replace("Policy=", "Policy=+"), DenialCode::MalformedPolicy, "Base64"),
        (format!("{signed}&Hash-Algorithm=sha256"), DenialCode::AccessDenied, "\"sha256\""),
        (format!("{signed}&Hash-Algorithm=SHA256"), DenialCode::AccessDenied, "lost or changed on the way"),
        (format!("{signed}&Expires=1"), DenialCode::AccessDenied, "Expires is given twice"),
        (signed.replace("size=hd", "size=sd"), DenialCode::AccessDenied, "the URL, the policy or the signature was changed"),
        (custom.clone(), DenialCode::AccessDenied, "the viewer's address is not known"),
        (broken_policy("not json"), DenialCode::MalformedPolicy, "cannot read the policy"),
        (
            broken_policy(&format!(
                r#"{{"Statement":{{"Resource":"{URL}","Condition":{{"DateLessThan":{{"AWS:EpochTime":2000000000}}}}}}}}"#
            )),
            DenialCode::MalformedPolicy,
            "Statement is an object; it must be an array",
        ),
        (
            broken_policy(&format!(
                r#"{{"Statement":[{{"Resource":"{URL}","Condition":{{"DateLessThan":{{"AWS:EpochTime":2000000000000}}}}}}]}}"#
            )),
            DenialCode::MalformedPolicy,
            "seconds",
        ),
        (
            broken_policy(
                r#"{"Statement":[{"Resource":"https://d111111abcdef8.cloudfront.net/music/*","Condition":{"DateLessThan":{"AWS:EpochTime":2000000000}}}]}"#,
            ),
            DenialCode::AccessDenied,
            "the policy's resource https://d111111abcdef8.cloudfront.net/music/* does not match https://d111111abcdef8.cloudfront.net/films/1.mp4?size=hd",
        ),
        ("/films/1.mp4".to_owned(), DenialCode::AccessDenied, "it has to be absolute"),
        ("ftp://d.net/?Key-Pair-Id=K".to_owned(), DenialCode::AccessDenied, "scheme"),
    ] {
        let denial = denied(verifier.verify(&Request::new(&url).now(NOW)).unwrap());
        assert_eq!(denial.code, code, "{url}: {}", denial.reason);
        assert!(denial.reason.contains(reason), "{url}: {}", denial.reason);
    }
    let late = denied(verifier.verify(&Request::new(&signed).now(NOW + 60 + 720)).unwrap());
    assert_eq!(late.reason, "expired 12 minutes ago, at 2030-01-01T00:01:00Z");

    // CloudFront's bodies; the first has 146 bytes, as people pasted it.
    let bodies = [
        (DenialCode::MissingKey, "MissingKey", "Missing Key-Pair-Id query parameter or cookie value"),
        (DenialCode::InvalidKey, "InvalidKey", "Unknown Key"),
        (DenialCode::MalformedSignature, "MalformedSignature", "Could not unencode Signature"),
        (DenialCode::MalformedPolicy, "MalformedPolicy", "Malformed Policy"),
        (DenialCode::AccessDenied, "AccessDenied", "Access denied"),
    ];
    for (code, name, message) in bodies {
        let body = code.body();
        assert_eq!(
            body,
            format!(r#"<?xml version="1.0" encoding="UTF-8"?><Error><Code>{name}</Code><Message>{message}</Message></Error>"#)
        );
    }
    assert_eq!(DenialCode::MissingKey.body().len(), 146);
}

#[test]
fn url_credentials_beat_cookies() {
    let (verifier, signer) = (verifier("rsa2048"), signer("rsa2048"));
    let cookies = signer.sign_cookies("http*://d111111abcdef8.cloudfront.net/*", &Conditions::new(NOW + 60).now(NOW)).unwrap();
    let header: Vec<String> = cookies.pairs().iter().map(|(name, value)| format!("{name}={value}")).collect();
    let header = format!("theme=dark; {}; lang=ja", header.join("; "));
    let verify = |url: &str, header: &str| verifier.verify(&Request::new(url).now(NOW).cookies(header)).unwrap();
    assert_eq!(allowed(verify(URL, &header)).source, Source::Cookies);
    // With any of the four in the URL, cookies are ignored.
    for parameter in ["Expires=1", "Policy=x", "Signature=x", "Key-Pair-Id=K"] {
        assert!(!verify(&format!("{URL}&{parameter}"), &header).is_allowed(), "{parameter}");
    }
    assert!(!verify(URL, &format!("{header}; CloudFront-Policy=x")).is_allowed(), "a cookie twice");
    assert!(!verify(URL, &header.replace("CloudFront-", "Cloudfront-")).is_allowed(), "names are case sensitive");
    // A policy that is valid in a URL, but not in cookies.
    let open = format!(
        r#"{{"Statement":[{{"Resource":"*://d111111abcdef8.cloudfront.net/*","Condition":{{"DateLessThan":{{"AWS:EpochTime":{}}}}}}}]}}"#,
        NOW + 60
    );
    let signed = signer.sign_url_with_policy(URL, &ReadyPolicy::new(&*open).now(NOW)).unwrap();
    allowed(verify(&signed, ""));
    let as_cookies = signed.split(['?', '&']).skip(2).map(|part| format!("CloudFront-{part}")).collect::<Vec<_>>().join("; ");
    assert!(denied(verify(URL, &as_cookies)).reason.contains("does not begin with http"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    /// Every request gets an answer, and it is a denial.
    #[test]
    fn nothing_random_is_allowed(
        url in r"(https?://d\.net/\PC{0,20}\?)?((Expires|Policy|Signature|Key-Pair-Id|Hash-Algorithm|x)=(K2JCJMDEHXQW5F|SHA1|[0-9]{1,20}|\PC{0,40}|[A-Za-z0-9~_-]{0,200})&?){0,8}",
        cookies in r"(CloudFront-(Expires|Policy|Signature|Key-Pair-Id|Hash-Algorithm)=(K2JCJMDEHXQW5F|SHA256|[0-9]{1,20}|\PC{0,40}|[A-Za-z0-9~_-]{0,200});? ?){0,8}",
        address in r"\PC{0,20}|[0-9.]{0,20}",
        now in 0..=LATEST,
    ) {
        let decision = verifier("p256").verify(&Request::new(&url).now(now).cookies(&cookies).ip_address(&address)).unwrap();
        prop_assert!(!decision.is_allowed());
    }
}

/// What no request may contain, correctly signed where that is possible.
#[test]
fn hostile_requests_are_denied() {
    let (verifier, key) = (verifier("p256"), key("p256"));
    let sign = |policy: &[u8]| encoding::encode(&key.sign(Algorithm::Sha256, policy).unwrap());
    let cookies = |policy: &[u8]| {
        format!(
            "CloudFront-Policy={}; CloudFront-Signature={}; CloudFront-Key-Pair-Id={ID}; CloudFront-Hash-Algorithm=SHA256",
            encoding::encode(policy),
            sign(policy)
        )
    };
    let policy = |resource: &str, time: &str| {
        format!(r#"{{"Statement":[{{"Resource":"{resource}","Condition":{{"DateLessThan":{{"AWS:EpochTime":{time}}}}}}}]}}"#)
    };
    allowed(
        verifier.verify(&Request::new(URL).now(NOW).cookies(&cookies(policy("https://*", "1893456001").as_bytes()))).unwrap(),
    );

    let megabyte = "a".repeat(1 << 20);
    let mut bodies: Vec<Vec<u8>> = vec![
        megabyte.clone().into_bytes(),
        policy(&format!("https://{megabyte}*"), "1893456001").into_bytes(),
        "[".repeat(1 << 20).into_bytes(),
        "[".repeat(10_000).into_bytes(),
        r#"{"Statement":"#.repeat(1_000).into_bytes(),
        vec![0xff; 100],
        b"{\"Statement\":[{\"Resource\":\"\xc3\x28\"}]}".to_vec(),
        Vec::new(),
        b"null".to_vec(),
    ];
    for number in
        ["1e999", "-1", "1893456001.0", "9223372036854775808", "1893456001000", "-0", "0x7fffffff", "\"1893456001\"", "NaN"]
    {
        bodies.push(policy("https://*", number).into_bytes());
    }
    bodies.push(policy("https://*", &"9".repeat(10_000)).into_bytes());
    // A backtracking matcher would not finish.
    let stars = format!("https://d111111abcdef8.cloudfront.net/{}b", "*a".repeat(2_000));
    bodies.push(policy(&stars, "1893456001").into_bytes());
    let long = format!("https://d111111abcdef8.cloudfront.net/{}", "a".repeat(8_000));
    for body in &bodies {
        for url in [URL, long.as_str()] {
            denied(verifier.verify(&Request::new(url).now(NOW).cookies(&cookies(body))).unwrap());
        }
        denied(
            verifier
                .verify(&Request::new(&format!("{URL}&{}", cookies(body).replace("CloudFront-", "").replace("; ", "&"))).now(NOW))
                .unwrap(),
        );
    }
    for url in [
        "",
        "x",
        "https://",
        "http://[",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "https://u:p@d.net/",
        &megabyte,
        "https://\u{0}/",
    ] {
        denied(verifier.verify(&Request::new(url).now(NOW)).unwrap());
    }
    denied(verifier.verify(&Request::new(&format!("https://d.net/{megabyte}")).now(NOW)).unwrap());
    denied(verifier.verify(&Request::new(URL).now(NOW).cookies(&megabyte)).unwrap());
    let until = cookies(policy("https://*", "1893456001").as_bytes());
    for (now, is_allowed) in [(0, true), (NOW, true), (NOW + 1, false), (LATEST, false)] {
        assert_eq!(verifier.verify(&Request::new(URL).now(now).cookies(&until)).unwrap().is_allowed(), is_allowed, "{now}");
    }
    for now in [DateInput::from(-1), i64::MIN.into(), i64::MAX.into(), "soon".into()] {
        let error = verifier.verify(&Request::new(URL).now(now).cookies(&until)).unwrap_err();
        assert_eq!((error.code(), error.parameter()), (ErrorCode::InvalidDate, Some(Parameter::Now)));
    }
    // With the system's clock, which is neither in 1970 nor in 2262.
    assert!(
        verifier
            .verify(&Request::new(URL).cookies(&cookies(policy("https://*", &LATEST.to_string()).as_bytes())))
            .unwrap()
            .is_allowed()
    );
}

#[test]
fn an_allowed_request_goes_on_without_its_signature() {
    let signed = signer("rsa2048").sign_url(URL, &Conditions::new(NOW + 90).now(NOW)).unwrap();
    let moved = format!("{}#top", signed.replacen("size=hd&", "", 1).replacen(".mp4?", ".mp4?size=hd&", 1));
    for url in [&signed, &moved] {
        let access = allowed(verifier("rsa2048").verify(&Request::new(url).now(NOW)).unwrap());
        assert_eq!(access.url, URL);
        assert_eq!(access.remaining, 90);
    }
}

#[test]
fn a_key_group_has_keys_under_ids() {
    let public = || PublicKey::load(&cases::key_file("p256.pub")).unwrap();
    assert_eq!(Verifier::new::<String>([]).unwrap_err().code(), ErrorCode::InvalidOption);
    for id in ["", "K2 ", "a-b", "-----BEGIN PUBLIC KEY-----"] {
        assert_eq!(Verifier::new([(id.to_owned(), public())]).unwrap_err().code(), ErrorCode::InvalidKeyPairId, "{id}");
    }
}

#[test]
fn a_star_in_the_url_of_a_canned_policy_is_told() {
    let url = "https://d111111abcdef8.cloudfront.net/a*b";
    let policy = format!(r#"{{"Statement":[{{"Resource":"{url}","Condition":{{"DateLessThan":{{"AWS:EpochTime":2}}}}}}]}}"#);
    let signature = encoding::encode(&key("p256").sign(Algorithm::Sha256, policy.as_bytes()).unwrap());
    let group = Verifier::new([("K2".to_owned(), key("p256").public_key())]).unwrap();
    let signed = format!("{url}?Expires=2&Signature={signature}&Key-Pair-Id=K2&Hash-Algorithm=SHA256");
    let access = allowed(group.verify(&Request::new(&signed).now(1)).unwrap());
    let [warning] = access.warning_details.as_slice() else { panic!("{:?}", access.warning_details) };
    assert_eq!((warning.code, &warning.message), (ReasonCode::WildcardInCannedUrl, &access.warnings[0]));
    assert_eq!(warning.values.get("escape"), Some(&Value::Text("%2A".to_owned())));
    let json = serde_json::to_value(Decision::Allowed(access)).unwrap();
    assert_eq!(
        (&json["warningDetails"][0]["code"], &json["warningDetails"][0]["values"]["wildcard"]),
        (&"wildcard-in-canned-url".into(), &"*".into())
    );
    assert_eq!(json["warnings"][0], json["warningDetails"][0]["message"]);
}
