//! The right answers to problems from public threads and a security review. Each test is named after what went wrong.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

#[allow(dead_code, reason = "the other tests use what this one does not")]
mod cases;

use countersign::aws_sdk::{self, Input};
use countersign::date::DateInput;
use countersign::inspect::{Inspection, Severity, inspect_at};
use countersign::reason::ReasonCode;
use countersign::verifier::{Decision, Denial, DenialCode, Request, Verifier};
use countersign::{
    Algorithm, Conditions, Error, ErrorCode, Identity, KeyType, LoadOptions, PrivateKey, PublicKey, ReadyPolicy, Signer, Value,
    encoding,
};

const ID: &str = "K2JCJMDEHXQW5F";
const H: &str = "https://d111111abcdef8.cloudfront.net";
const NOW: i64 = 1_893_456_000;

fn key() -> PrivateKey {
    PrivateKey::load(&cases::key_file("rsa2048"), &LoadOptions::new()).unwrap()
}

fn signer() -> Signer {
    Signer::new(ID, key()).unwrap()
}

fn verifier() -> Verifier {
    Verifier::new([(ID.to_owned(), PublicKey::load(&cases::key_file("rsa2048.pub")).unwrap())]).unwrap()
}

fn hour() -> Conditions {
    Conditions::new("1h").now(NOW)
}

fn sign(url: &str) -> String {
    signer().sign_url(url, &hour()).unwrap()
}

fn verify(url: &str, cookies: &str) -> Decision {
    verifier().verify(&Request::new(url).now(NOW).cookies(cookies)).unwrap()
}

fn denied(url: &str, cookies: &str) -> Denial {
    match verify(url, cookies) {
        Decision::Denied(denial) => denial,
        Decision::Allowed(access) => panic!("allowed: {url} {access:?}"),
    }
}

/// A `Cookie` header with cookies for everything on the host.
fn good_cookies() -> String {
    let cookies = signer().sign_cookies(format!("{H}/*"), &hour()).unwrap();
    cookies.pairs().iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
}

fn policy_for(resource: &str) -> String {
    format!(r#"{{"Statement":[{{"Resource":"{resource}","Condition":{{"DateLessThan":{{"AWS:EpochTime":{}}}}}}}]}}"#, NOW + 60)
}

/// A URL with this policy, correctly signed.
fn with_policy(url: &str, json: &str) -> String {
    let signature = encoding::encode(&key().sign(Algorithm::Sha1, json.as_bytes()).unwrap());
    let separator = if url.contains('?') { '&' } else { '?' };
    format!("{url}{separator}Policy={}&Signature={signature}&Key-Pair-Id={ID}", encoding::encode(json.as_bytes()))
}

fn look(text: &str) -> Inspection {
    inspect_at(text, NOW).unwrap()
}

/// Whether there is such a finding, with this severity.
#[track_caller]
fn finds(text: &str, severity: Severity, code: ReasonCode) {
    let found = look(text).findings;
    assert!(found.iter().any(|one| one.code == code && one.severity == severity), "{text}: no {code} in {found:#?}");
    let is_clean = found.iter().any(|one| one.code == ReasonCode::NothingWrong);
    assert!(!is_clean || severity == Severity::Note, "{text}: nothing looks wrong?");
}

fn with_signature(url: &str, change: impl Fn(&str) -> String) -> String {
    let signed = sign(url);
    let signature = signed.split("Signature=").nth(1).unwrap().split('&').next().unwrap().to_owned();
    signed.replace(&signature, &change(&signature))
}

fn code_of(result: Result<impl Sized, Error>) -> ErrorCode {
    match result {
        Ok(_) => panic!("it is signed"),
        Err(error) => error.code(),
    }
}

/// A stranger sends the same signature with the policy in clear.
fn as_policy(signed: &str, json: &str, other: &str) -> String {
    let parameters = &signed[signed.find("Expires=").unwrap()..];
    let expires = parameters.split('&').next().unwrap();
    format!(
        "{other}{}{}",
        if other.contains('?') { '&' } else { '?' },
        parameters.replace(expires, &format!("Policy={}", encoding::encode(json.as_bytes())))
    )
}

#[test]
fn a_star_in_the_query_was_refused() {
    for (url, sent) in [
        (
            "/a.pdf?response-content-disposition=attachment%3B%20filename*%3DUTF-8''%E2%82%AC.pdf",
            "/a.pdf?response-content-disposition=attachment%3B%20filename%2A%3DUTF-8%27%27%E2%82%AC.pdf",
        ),
        ("/a?x=*", "/a?x=%2A"),
        ("/a?*=*&y=**#*?", "/a?%2A=%2A&y=%2A%2A"),
    ] {
        let signed = sign(&format!("{H}{url}"));
        assert!(signed.starts_with(&format!("{H}{sent}&Expires=")), "{signed}");
        assert_eq!(url::Url::parse(&signed).unwrap().as_str(), signed);
        assert!(verify(&signed, "").is_allowed());
    }
    // The same with a condition, and in two steps.
    let signed = signer().sign_url(format!("{H}/a?x=*"), &hour().ip_address("192.0.2.1")).unwrap();
    assert!(signed.starts_with(&format!("{H}/a?x=%2A&Policy=")), "{signed}");
    let request = Request::new(&signed).now(NOW).ip_address("192.0.2.1");
    assert!(verifier().verify(&request).unwrap().is_allowed());
    // A resource that is the URL itself means one address, too.
    let grant = signer().grant(format!("{H}/a?x=%2A"), &hour()).unwrap();
    assert!(grant.url(format!("{H}/a?x=*")).unwrap().starts_with(&format!("{H}/a?x=%2A&Expires=")));
    // There a pattern is meant; the error says where to put it.
    for url in ["/films/*", "/*", "/a*b.jpg"] {
        let error = signer().sign_url(format!("{H}{url}"), &hour()).unwrap_err();
        assert_eq!(error.code(), ErrorCode::WildcardInUrl);
        assert!(error.hint().unwrap().contains("resource"));
    }
    assert_eq!(code_of(signer().sign_url("https://*.example.com/a", &hour())), ErrorCode::WildcardInUrl);
}

#[test]
fn a_second_question_mark_opened_another_file_when_it_was_sent_as_a_policy() {
    let signed = sign(&format!("{H}/dl?file=public.pdf&next=/p?file=secret.pdf"));
    assert!(signed.starts_with(&format!("{H}/dl?file=public.pdf&next=/p%3Ffile=secret.pdf&Expires=")), "{signed}");
    assert!(verify(&signed, "").is_allowed());
    let json = policy_for(&format!("{H}/dl?file=public.pdf&next=/p%3Ffile=secret.pdf"))
        .replace(&(NOW + 60).to_string(), &(NOW + 3600).to_string());
    // The signature is right, and opens only this address.
    assert!(verify(&as_policy(&signed, &json, &format!("{H}/dl?file=public.pdf&next=/p%3Ffile=secret.pdf")), "").is_allowed());
    for other in ["/dl?file=public.pdf&next=/p&file=secret.pdf", "/dl?file=public.pdf&next=/p?file=secret.pdf"] {
        let denial = denied(&as_policy(&signed, &json, &format!("{H}{other}")), "");
        assert_eq!(denial.reason_code, ReasonCode::OtherResource);
    }
    // We do not write the URL of cookies, so it is refused.
    let error = signer().sign_cookies(format!("{H}/dl?next=/p?x=1"), &hour()).unwrap_err();
    assert_eq!(error.code(), ErrorCode::WildcardInUrl);
    assert!(error.hint().unwrap().contains("%3F"));
}

#[test]
fn the_drop_in_signed_a_strangers_star_in_the_path_where_there_was_a_condition() {
    let identity = Identity::new(ID, KeyType::Rsa, Some(Algorithm::Sha1)).unwrap();
    let parser = |text: &str| url::Url::parse(text).ok().map(String::from);
    let input = |url: &str, ip_address: Option<&str>, start: Option<&str>| Input {
        url: Some(url.to_owned()),
        date_less_than: Some("2030-12-31T00:00:00Z".into()),
        ip_address: ip_address.map(str::to_owned),
        date_greater_than: start.map(Into::into),
        ..Input::default()
    };
    for (ip_address, start) in [
        (None, None),
        (Some("192.0.2.1"), None),
        (None, Some("2029-01-01T00:00:00Z")),
        (Some("192.0.2.0/24"), Some("2029-01-01T00:00:00Z")),
    ] {
        let refused = aws_sdk::prepare_url(&identity, &input(&format!("{H}/users/*/a.jpg"), ip_address, start), parser);
        assert_eq!(code_of(refused), ErrorCode::WildcardInUrl);
        // Bytes of the query belong to that package.
        let (base, _) = aws_sdk::prepare_url(&identity, &input(&format!("{H}/a?x=*"), ip_address, start), parser).unwrap();
        assert_eq!(base, format!("{H}/a?x=*"));
    }
}

#[test]
fn dot_segments_were_resolved_and_the_file_behind_them_opened() {
    let signed = with_policy(&format!("{H}/public/x"), &policy_for(&format!("{H}/public/*")));
    assert!(verify(&signed, "").is_allowed());
    let cookies = good_cookies().replace("%", "");
    for path in [
        "/private/../public/x",
        "/private/%2e%2e/public/x",
        "/private/.%2E/public/x",
        "/private/\\../../public/x",
        "/public\\x",
        "/public/./x",
        "/public/..%2f../private/x",
        "/public/%2e%2e%2fprivate/x",
        "/public/a%5c..%5cx",
        "/public/..;/private/x",
        "/public/..;a=b/private/x",
        "/public/..",
        "/public/.",
        "/public/%2e",
        "/public/\tx",
        "/public/x\n",
        "/pub\rlic/x",
        "/public/\u{0}x",
        "/public/\u{7f}x",
    ] {
        let url = signed.replace("/public/x", path);
        let denial = denied(&url, "");
        assert_eq!(
            (denial.code, denial.reason_code),
            (DenialCode::AccessDenied, ReasonCode::AmbiguousPath),
            "{path:?}: {}",
            denial.reason
        );
        assert_eq!(denied(&format!("{H}{path}"), &cookies).reason_code, ReasonCode::AmbiguousPath, "{path:?}");
        finds(&url.replace(['\n', '\r'], "\t"), Severity::Error, ReasonCode::AmbiguousPath);
    }
    assert_eq!(denied(&format!("{signed}&a\tb"), "").reason_code, ReasonCode::AmbiguousPath);
    for scheme in ["https:/", "https:", "https:///", "https:\\\\"] {
        let url = signed.replacen("https://", scheme, 1);
        assert!(!verify(&url, "").is_allowed(), "{url}");
    }
    for path in [
        "/public/...",
        "/public/.well-known",
        "/public/a..b",
        "/public/%2e.a",
        "/public/a%2Fb",
        "/public/;",
        "/public/x?y=/../z",
        "/public/x?y=a\\b",
    ] {
        let url = with_policy(&format!("{H}{path}"), &policy_for(&format!("{H}/public/*")));
        assert!(verify(&url, "").is_allowed(), "{path}: {:?}", verify(&url, ""));
    }
    // Escaped ones are not signed either.
    for path in ["/a/..%2fb", "/a/%2e%2e%2Fb", "/a%5C..%5Cb", "/a/..;/b"] {
        assert_eq!(code_of(signer().sign_url(format!("{H}{path}"), &hour())), ErrorCode::InvalidUrl, "{path}");
    }
}

#[test]
fn the_query_was_brought_to_another_form_before_it_was_compared() {
    let signed = sign(&format!("{H}/a?q=%27x%27"));
    assert!(verify(&signed, "").is_allowed());
    // CloudFront compares bytes.
    assert_eq!(denied(&signed.replace("%27", "'"), "").reason_code, ReasonCode::WrongSignature);
    assert!(verify(&signed.replace("https://d1", "HTTPS://D1"), "").is_allowed());
}

#[test]
fn a_reserved_name_in_the_url_and_it_was_not_said_that_the_cookies_are_not_looked_at() {
    let cookies = good_cookies();
    assert!(verify(&format!("{H}/a.jpg"), &cookies).is_allowed());
    for (query, parameter) in [
        ("Expires=never", "Expires"),
        ("Policy=insurance", "Policy"),
        ("x=1&Signature=", "Signature"),
        ("Key-Pair-Id=K2JCJMDEHXQW5F", "Key-Pair-Id"),
        ("Hash-Algorithm=SHA256", "Hash-Algorithm"),
    ] {
        let denial = denied(&format!("{H}/a.jpg?{query}"), &cookies);
        assert_eq!(denial.reason_code, ReasonCode::CookiesIgnored, "{query}");
        assert_eq!(denial.values.get("parameter"), Some(&Value::Text(parameter.to_owned())));
        assert!(denial.reason.contains(parameter) && denial.reason.contains("ignores the cookies"));
        assert_ne!(denied(&format!("{H}/a.jpg?{query}"), "").reason_code, ReasonCode::CookiesIgnored);
    }
}

#[test]
fn a_protocol_that_is_none_was_allowed() {
    for protocol in ["h*", "https*", "htt*", "**", "*s", "*http", "http**", "ftp", "HTTPS"] {
        let resource = format!("{protocol}://d111111abcdef8.cloudfront.net/private/*");
        let json = policy_for(&resource);
        let url = format!("{H}/private/a");
        let denial = denied(&with_policy(&url, &json), "");
        assert_eq!((denial.code, denial.reason_code), (DenialCode::AccessDenied, ReasonCode::ResourceProtocol), "{protocol}");
        finds(&with_policy(&url, &json), Severity::Error, ReasonCode::ResourceProtocol);
        let ready = ReadyPolicy::new(&*json).now(NOW);
        assert_eq!(code_of(signer().sign_url_with_policy(&url, &ready)), ErrorCode::UnsupportedScheme, "{protocol}");
        assert_eq!(code_of(signer().sign_cookies_with_policy(&ready)), ErrorCode::UnsupportedScheme, "{protocol}");
    }
    for protocol in ["http*://", "*://", "https://", "*"] {
        let json = policy_for(&format!("{protocol}d111111abcdef8.cloudfront.net/private/*"));
        assert!(verify(&with_policy(&format!("{H}/private/a"), &json), "").is_allowed() || protocol == "*", "{protocol}");
    }
}

#[test]
fn what_was_escaped_on_the_way_was_denied_without_the_cause() {
    let signed = sign(&format!("{H}/a.jpg?size=hd"));
    let canned = sign(&format!("{H}/a.jpg"));
    for (what, url, code) in [
        ("&amp;", signed.replace('&', "&amp;"), ReasonCode::EscapedForHtml),
        ("&amp; without a query of its own", canned.replace('&', "&amp;"), ReasonCode::EscapedForHtml),
        ("&#38;", canned.replace('&', "&#38;"), ReasonCode::EscapedForHtml),
        ("\\u0026", canned.replace('&', "\\u0026"), ReasonCode::EscapedForJson),
        ("=3D", canned.replace('=', "=3D"), ReasonCode::QuotedPrintable),
        (
            "lower case",
            canned.replace("Expires=", "expires=").replace("Signature=", "signature=").replace("Key-Pair-Id=", "key-pair-id="),
            ReasonCode::OtherCase,
        ),
        ("one in lower case", canned.replace("Key-Pair-Id=", "Key-pair-id="), ReasonCode::OtherCase),
        ("a second ?", signed.replace("&Expires=", "?Expires="), ReasonCode::SecondQuestionMark),
        ("%257E", canned.replace(['-', '~', '_'], "%257E"), ReasonCode::EscapedTwice),
    ] {
        let denial = denied(&url, "");
        assert_eq!(denial.reason_code, code, "{what}: {}", denial.reason);
        finds(&url, Severity::Error, code);
    }
    let cookies = good_cookies();
    assert_eq!(denied(&format!("{H}/a"), &cookies.to_lowercase()).reason_code, ReasonCode::OtherCase);
    // The URL's own lower-case names are no mistake.
    let own = sign(&format!("{H}/a?expires=1&policy=2"));
    assert!(verify(&own, "").is_allowed());
    assert!(look(&own).findings.iter().all(|found| found.code != ReasonCode::OtherCase));
}

#[test]
fn the_hash_that_was_lost_was_not_named() {
    let signer = Signer::with_algorithm(ID, key(), Algorithm::Sha256).unwrap();
    let signed = signer.sign_url(format!("{H}/a"), &hour()).unwrap();
    let denial = denied(&signed.replace("&Hash-Algorithm=SHA256", ""), "");
    assert_eq!(denial.reason_code, ReasonCode::OtherHash);
    assert_eq!(denial.values.get("signedWith"), Some(&Value::Text("SHA256".to_owned())));
}

#[test]
fn what_was_added_to_a_signed_url_was_not_named() {
    let added = |url: &str| {
        let denial = denied(url, "");
        assert_eq!(denial.reason_code, ReasonCode::ParameterAdded, "{url}: {}", denial.reason);
        denial.values.get("name").unwrap().to_string()
    };
    let (plain, with_query) = (sign(&format!("{H}/a")), sign(&format!("{H}/a?size=hd")));
    assert_eq!(added(&format!("{plain}&utm_source=mail&utm_medium")), "utm_source, utm_medium");
    assert_eq!(added(&plain.replace('?', "?fbclid=a%3Db&")), "fbclid");
    assert_eq!(added(&format!("{with_query}&_=1")), "_");
    // With what was added taken off it opens; without what was signed it does not.
    assert!(verify(&with_query, "").is_allowed());
    for changed in [with_query.replace("size=hd", "size=sd&utm_source=mail"), plain.replace("/a", "/b")] {
        assert_eq!(denied(&changed, "").reason_code, ReasonCode::WrongSignature, "{changed}");
    }

    assert_eq!(denied(&plain.replace("/a?", "/a?&"), "").reason_code, ReasonCode::EmptyQueryPart);

    let denial = denied(&plain.replace("https:", "http:"), "");
    assert_eq!(denial.reason_code, ReasonCode::OtherProtocol);
    assert_eq!(denial.values.get("resource"), Some(&Value::Text(format!("{H}/a"))));

    let pairs = signer().sign_cookies(format!("{H}/a"), &hour()).unwrap().pairs();
    let cookies = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ");
    assert!(verify(&format!("{H}/a"), &cookies).is_allowed());
    assert_eq!(denied(&format!("{H}/a?size=hd"), &cookies).reason_code, ReasonCode::QueryNotCovered);
    assert_eq!(denied(&format!("{H}/b?size=hd"), &cookies).reason_code, ReasonCode::WrongSignature);
}

#[test]
fn with_a_key_of_any_id_something_that_is_no_id_was_allowed() {
    let verifier = Verifier::of_any_id(key().public_key());
    let signed = sign(&format!("{H}/a"));
    let verify = |url: &str| verifier.verify(&Request::new(url).now(NOW)).unwrap();
    assert!(verify(&signed).is_allowed() && verify(&signed.replace(ID, "K36X4X2EO997HM")).is_allowed());
    for after in [")", ".", ">", "%22", "%0A", "__;!!abc", ","] {
        let Decision::Denied(denial) = verify(&format!("{signed}{after}")) else { panic!("{after} was allowed") };
        assert_eq!((denial.code.as_str(), denial.reason_code), ("InvalidKey", ReasonCode::InvalidKeyPairId), "{after}");
    }
}

#[test]
fn a_negative_date_was_said_to_look_like_milliseconds() {
    let json = policy_for(&format!("{H}/*")).replace(&(NOW + 60).to_string(), "-1");
    let error = signer().sign_url_with_policy(format!("{H}/a"), &ReadyPolicy::new(&*json).allow_expired(true)).unwrap_err();
    assert_eq!(error.code(), ErrorCode::InvalidDate);
    assert!(error.hint().unwrap().contains("negative") && !error.hint().unwrap().contains("milliseconds"), "{error:?}");
    finds(&with_policy(&format!("{H}/a"), &json), Severity::Error, ReasonCode::Negative);
    finds(&sign(&format!("{H}/a")).replace("Expires=", "Expires=-"), Severity::Error, ReasonCode::Negative);
    let large = policy_for(&format!("{H}/*")).replace(&(NOW + 60).to_string(), "1893456000000");
    let error = signer().sign_url_with_policy(format!("{H}/a"), &ReadyPolicy::new(&*large)).unwrap_err();
    assert!(error.hint().unwrap().contains("milliseconds"));
}

#[test]
fn nothing_was_wrong_on_the_face_of_a_url_of_s3() {
    for host in [
        "my-bucket.s3.amazonaws.com",
        "s3.amazonaws.com",
        "my.bucket.s3.eu-west-1.amazonaws.com",
        "my-bucket.s3-eu-west-1.amazonaws.com",
        "my-bucket.s3-website-us-east-1.amazonaws.com",
        "my-bucket.s3-website.eu-central-1.amazonaws.com",
        "my-bucket.s3.dualstack.eu-west-1.amazonaws.com",
        "my-bucket.s3-accelerate.amazonaws.com",
        "my-bucket.s3.cn-north-1.amazonaws.com.cn",
    ] {
        finds(&sign(&format!("https://{host}/a.jpg")), Severity::Error, ReasonCode::S3Host);
        finds(&with_policy(&format!("{H}/a"), &policy_for(&format!("https://{host}/*"))), Severity::Error, ReasonCode::S3Host);
    }
    for host in ["s3.example.com", "my-bucket.s3.amazonaws.com.example.com", "execute-api.eu-west-1.amazonaws.com"] {
        assert!(
            look(&sign(&format!("https://{host}/a.jpg"))).findings.iter().all(|found| found.code != ReasonCode::S3Host),
            "{host}"
        );
    }
}

#[test]
fn a_signature_of_s3_was_taken_for_one_of_cloudfront() {
    for query in [
        "AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE&Expires=1893456060&Signature=vjbyPxybdZaNmGa%2ByT272YEAiv4%3D",
        "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20300101%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20300101T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-Signature=aeeed9bb",
    ] {
        for host in [H, "https://my-bucket.s3.amazonaws.com"] {
            let url = format!("{host}/a.jpg?{query}");
            finds(&url, Severity::Error, ReasonCode::S3Signature);
            assert!(look(&url).findings.iter().all(|found| !found.message.contains("Base64")), "{url}");
            assert_eq!(denied(&url, "").reason_code, ReasonCode::S3Signature);
        }
    }
}

/// A bucket's signed URL behind CloudFront, that CloudFront's own signature opens.
#[test]
fn the_signature_of_cloudfront_was_said_to_be_s3s_where_the_query_had_both() {
    for query in
        ["X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=aeeed9bb", "AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE", "x-amz-credential=a"]
    {
        let signed = sign(&format!("{H}/a.jpg?{query}"));
        assert!(verify(&signed, "").is_allowed(), "{signed}");
        assert_eq!(look(&signed).key_pair_id.as_deref(), Some(ID));
        finds(&signed, Severity::Note, ReasonCode::NothingWrong);
        assert_eq!(denied(&signed.replace("/a.jpg", "/b.jpg"), "").reason_code, ReasonCode::WrongSignature);
    }
}

#[test]
fn ids_of_other_things_were_taken_for_key_pair_ids() {
    for (id, code) in [
        ("AKIAIOSFODNN7EXAMPLE", ReasonCode::AccessKeyId),
        ("ASIAIOSFODNN7EXAMPLE", ReasonCode::AccessKeyId),
        ("E2QWRUHEXAMPLE", ReasonCode::DistributionId),
        ("EDFDVBD632BHD", ReasonCode::DistributionId),
        ("undefined", ReasonCode::NotAValue),
        ("null", ReasonCode::NotAValue),
        ("NaN", ReasonCode::NotAValue),
        ("[object Promise]", ReasonCode::NotAValue),
        ("%5Bobject%20Object%5D", ReasonCode::NotAValue),
        ("01234567-89ab-cdef-0123-456789abcdef", ReasonCode::KeyGroupId),
    ] {
        finds(&sign(&format!("{H}/a")).replace(ID, id), Severity::Error, code);
        // IDs that look like a distribution's may be a test's own.
        if code != ReasonCode::DistributionId {
            assert_eq!(code_of(Signer::new(id, key())), ErrorCode::InvalidKeyPairId, "{id}");
        }
    }
    for id in ["K2JCJMDEHXQW5F", "APKAIOSFODNN7EXAMPLE", "mykeypairid", "EXAMPLEKEYPAIR"] {
        Signer::new(id, key()).unwrap();
        assert!(
            look(&sign(&format!("{H}/a")).replace(ID, id)).findings.iter().all(|found| found.severity == Severity::Note),
            "{id}"
        );
    }
    for (name, value) in [("Signature", "undefined"), ("Signature", "[object Promise]"), ("Policy", "null"), ("Expires", "NaN")] {
        let signed = if name == "Policy" {
            with_policy(&format!("{H}/a"), &policy_for(&format!("{H}/*")))
        } else {
            sign(&format!("{H}/a"))
        };
        let old = signed.split(&format!("{name}=")).nth(1).unwrap().split('&').next().unwrap().to_owned();
        finds(&signed.replace(&old, value), Severity::Error, ReasonCode::NotAValue);
    }
    finds(&sign(&format!("{H}/a")).replace("d111111abcdef8.cloudfront.net", "undefined"), Severity::Error, ReasonCode::NotAValue);
}

#[test]
fn an_address_that_no_viewer_has_was_signed_in_silence() {
    for range in [
        "10.52.176.0/24",
        "192.168.1.1",
        "172.16.0.0/12",
        "127.0.0.1",
        "169.254.1.1",
        "100.64.0.0/16",
        "224.0.0.1",
        "240.0.0.0/8",
    ] {
        let signed = signer().sign_url(format!("{H}/a"), &hour().ip_address(range)).unwrap();
        finds(&signed, Severity::Warning, ReasonCode::PrivateAddress);
    }
    for range in ["0.0.0.0/0", "8.8.8.8", "172.32.0.0/16", "11.0.0.0/8", "8.0.0.0/5"] {
        let signed = signer().sign_url(format!("{H}/a"), &hour().ip_address(range)).unwrap();
        assert!(look(&signed).findings.iter().any(|found| found.code == ReasonCode::NothingWrong), "{range}");
    }
}

#[test]
fn urls_and_cookies_that_are_too_long_were_signed() {
    let error = signer().sign_url(format!("{H}/a?q={}", "x".repeat(8_000)), &hour()).unwrap_err();
    assert_eq!(error.code(), ErrorCode::TooLong);
    assert!(error.message().contains("8192"), "{error:?}");
    let longest = sign(&format!("{H}/a?q={}", "x".repeat(7_700)));
    assert!(longest.len() <= 8_192 && verify(&longest, "").is_allowed());
    let grant = signer().grant(format!("{H}/*"), &hour()).unwrap();
    assert_eq!(code_of(grant.url(format!("{H}/a?q={}", "x".repeat(8_000)))), ErrorCode::TooLong);
    assert_eq!(code_of(signer().sign_cookies(format!("{H}/{}*", "x".repeat(4_000)), &hour())), ErrorCode::TooLong);
    finds(&format!("{}&x={}", sign(&format!("{H}/a")), "x".repeat(8_000)), Severity::Error, ReasonCode::UrlTooLong);
    let long = encoding::encode(policy_for(&format!("{H}/{}*", "x".repeat(4_000))).as_bytes());
    finds(
        &format!("CloudFront-Policy={long}; CloudFront-Signature=AAAA; CloudFront-Key-Pair-Id={ID}"),
        Severity::Error,
        ReasonCode::CookieTooLong,
    );
    finds(&format!("{}; other={}", good_cookies(), "x".repeat(33_000)), Severity::Error, ReasonCode::CookiesTooLong);
}

#[test]
fn stars_by_the_thousand_took_seconds() {
    for resource in ["*".repeat(40_000), format!("{H}/{}", "*".repeat(40_000)), format!("{H}/{}b", "*a".repeat(20_000))] {
        assert_eq!(
            code_of(signer().sign_url(format!("{H}/{}", "a".repeat(7_000)), &hour().resource(&resource))),
            ErrorCode::TooLong
        );
        assert_eq!(code_of(signer().grant(&resource, &hour())), ErrorCode::TooLong);
        let ready = ReadyPolicy::new(policy_for(&resource)).now(NOW);
        assert_eq!(code_of(signer().sign_url_with_policy(format!("{H}/a"), &ready)), ErrorCode::TooLong);
    }
}

#[test]
fn deep_brackets_took_a_hundred_megabytes_of_indentation() {
    let json = "[".repeat(127) + &"1,".repeat(10_000) + "1" + &"]".repeat(127);
    let text = format!(
        "CloudFront-Policy={}; CloudFront-Signature=AAAA; CloudFront-Key-Pair-Id={ID}",
        encoding::encode(json.as_bytes())
    );
    assert_eq!(look(&text).policy.unwrap().pretty.unwrap(), json);
    finds(&text, Severity::Note, ReasonCode::PolicyTooDeep);
    assert_eq!(code_of(inspect_at("[".repeat(900_000), NOW)), ErrorCode::TooLong);
    assert_eq!(code_of(inspect_at(format!("{H}/?{}", "x".repeat(900_000)), NOW)), ErrorCode::TooLong);
}

#[test]
fn a_missing_https_was_answered_with_advice_on_the_domain() {
    for url in [
        "d111111abcdef8.cloudfront.net/a.jpg",
        "d111111abcdef8.cloudfront.net",
        "www.example.com/a?b",
        "media.example.com:8443/a.jpg",
        "localhost:3000/a",
        "d111111abcdef8.cloudfront.net:443/a.jpg",
    ] {
        let error = signer().sign_url(url, &hour()).unwrap_err();
        assert_eq!(error.hint(), Some("Put https:// before it."), "{url}: {error:?}");
    }
    for url in ["/a.jpg", "a.jpg", "images/a.jpg", "film.mp4"] {
        let error = signer().sign_url(url, &hour()).unwrap_err();
        assert!(error.hint().unwrap().contains("the distribution's domain"), "{url}: {error:?}");
    }
}

#[test]
fn a_policy_with_a_space_in_its_resource_was_signed() {
    for resource in ["/my films/*", "/a\\tb*", "/a*#top"] {
        let ready = ReadyPolicy::new(policy_for(&format!("{H}{resource}"))).now(NOW);
        let error = signer().sign_cookies_with_policy(&ready).unwrap_err();
        assert_eq!(error.code(), ErrorCode::InvalidPolicy, "{resource}: {error:?}");
        assert_eq!(code_of(signer().sign_url_with_policy(format!("{H}/a"), &ready)), ErrorCode::InvalidPolicy);
    }
}

#[test]
fn a_folder_without_a_star_was_signed_in_silence() {
    let cookies = signer().sign_cookies(format!("{H}/folder2/"), &hour()).unwrap();
    let text = cookies.pairs().iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ");
    finds(&text, Severity::Note, ReasonCode::CannedCookies);
    let with_address = signer().sign_cookies(format!("{H}/folder2/"), &hour().ip_address("8.8.8.8")).unwrap();
    let text = with_address.pairs().iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ");
    finds(&text, Severity::Warning, ReasonCode::FolderWithoutWildcard);
}

#[test]
fn signatures_in_hexadecimal_were_taken_for_those_of_a_longer_key() {
    let hex = |text: &str| encoding::decode(text).unwrap().iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    finds(&with_signature(&format!("{H}/a"), hex), Severity::Error, ReasonCode::Hexadecimal);
    finds(&with_signature(&format!("{H}/a"), |text| hex(text).to_uppercase()), Severity::Error, ReasonCode::Hexadecimal);
}

#[test]
fn wildcards_in_a_canned_url_were_nothing() {
    for (url, severity) in [("/films/*", Severity::Error), ("/a?x=*", Severity::Warning), ("/a?x=1?y", Severity::Warning)] {
        let canned =
            sign(&format!("{H}/x")).replace("/x?", &if url.contains('?') { format!("{url}&") } else { format!("{url}?") });
        finds(&canned, severity, ReasonCode::WildcardInCannedUrl);
    }
}

#[test]
fn cookies_that_one_face_printed_another_did_not_read() {
    let header = good_cookies();
    let lines: Vec<&str> = header.split("; ").collect();
    let json = lines
        .iter()
        .map(|line| line.split_once('=').unwrap())
        .map(|(name, value)| format!("\"{name}\": \"{value}\""))
        .collect::<Vec<_>>()
        .join(", ");
    for text in [
        format!("Cookie: {header}"),
        lines.join("\n"),
        lines.iter().map(|line| format!("Set-Cookie: {line}; Secure; HttpOnly\n")).collect::<String>(),
        format!("{{{json}}}"),
    ] {
        assert!(verify(&format!("{H}/a"), &text).is_allowed(), "{text}");
        assert_eq!(look(&text).key_pair_id.as_deref(), Some(ID));
    }
    // Leniency may read more, but a missing part stays missing.
    assert!(!verify(&format!("{H}/a"), &header.replace("CloudFront-Signature", "X")).is_allowed());
}

#[test]
fn every_denial_and_every_finding_has_a_code_and_the_values_of_its_sentence() {
    for url in [
        format!("{H}/a"),
        sign(&format!("{H}/a")).replace("/a?", "/b?"),
        with_policy(&format!("{H}/b"), &policy_for(&format!("{H}/a/*"))),
    ] {
        let denial = denied(&url, "");
        let json = serde_json::to_value(Decision::Denied(denial.clone())).unwrap();
        assert_eq!(json["reasonCode"], denial.reason_code.as_str());
        for name in denial.reason_code.sentence().split('{').skip(1).map(|rest| rest.split([':', '}']).next().unwrap()) {
            assert!(json["values"].get(name).is_some(), "{}: {name}", denial.reason_code);
        }
        for found in look(&url).findings {
            let json = serde_json::to_value(&found).unwrap();
            assert_eq!(json["code"], found.code.as_str());
            for name in found.code.sentence().split('{').skip(1).map(|rest| rest.split([':', '}']).next().unwrap()) {
                assert!(json["values"].get(name).is_some(), "{}: {name}", found.code);
            }
        }
    }
}

/// Damage to a URL in transit: it is denied with the cause, and `inspect` finds it.
#[test]
fn more_that_happened_to_a_url_was_denied_without_the_cause() {
    let signed = sign(&format!("{H}/a.jpg?size=hd"));
    let change = |from: &str, to: &str| signed.replace(from, to);
    let (before, signature) = signed.split_once("Signature=").unwrap();
    let (signature, id) = signature.split_once('&').unwrap();
    let with_signature = |changed: String| format!("{before}Signature={changed}&{id}");
    for (url, code) in [
        (change("&", "&#038;"), ReasonCode::EscapedForHtml),
        (change("&", "&amp;amp;"), ReasonCode::EscapedForHtml),
        (change("&", "u0026"), ReasonCode::EscapedForJson),
        (change("&", "%26"), ReasonCode::EscapedAsValue),
        (change("=", "%3D"), ReasonCode::EscapedAsValue),
        (change("?", "%3F"), ReasonCode::EscapedAsValue),
        (
            format!("{H}/url?q={}", url::form_urlencoded::byte_serialize(signed.as_bytes()).collect::<String>()),
            ReasonCode::EscapedAsValue,
        ),
        (change("&Expires", "#Expires"), ReasonCode::InFragment),
        (format!("{signed}\u{200b}"), ReasonCode::InvisibleCharacter),
        (change("&Signature", "&\u{2060}Signature"), ReasonCode::InvisibleCharacter),
        (with_signature(signature.replace('-', "+").replace('~', "/").replace('_', "=")), ReasonCode::OrdinaryBase64),
        (with_signature(signature.replace('_', "").replace('~', "_")), ReasonCode::Base64Url),
        (with_signature("undefined".into()), ReasonCode::NotAValue),
        (with_signature("[object%20Promise]".into()), ReasonCode::NotAValue),
        (format!("{H}/a?X-Goog-Algorithm=GOOG4-RSA-SHA256&X-Goog-Signature=ab"), ReasonCode::OtherSignature),
        (format!("{H}/a?sv=2020-08-04&sp=r&sig=abc%3D"), ReasonCode::OtherSignature),
        (format!("{H}/a?GoogleAccessId=x&Expires=1893456000&Signature=abc"), ReasonCode::OtherSignature),
    ] {
        assert_eq!(denied(&url, "").reason_code, code, "{url}");
        finds(&url, Severity::Error, code);
    }
    // The URL's own `expires` is no mistake.
    assert_eq!(denied(&format!("{H}/a?token=x&expires=1"), "").reason_code, ReasonCode::NotSigned);
    // Everything else is allowed.
    for own in ["/a?x=%26Expires%3D1", "/a?url=https%3A%2F%2Fd.net%2F%3FExpires%3D1", "/a?sig=1&sv=2", "/a?KeyName=x"] {
        assert!(verify(&sign(&format!("{H}{own}")), "").is_allowed(), "{own}");
        let found = look(&sign(&format!("{H}{own}"))).findings;
        assert!(found.iter().all(|one| one.severity != Severity::Error), "{own}: {found:?}");
    }
}

#[test]
fn hosts_of_other_services_were_nothing() {
    for (host, code) in [
        ("bucket.s3express-use1-az4.us-east-1.amazonaws.com", ReasonCode::S3Host),
        ("bucket.s3.eu-west-1.amazonaws.com.", ReasonCode::S3Host),
        ("bucket.s3.dualstack.eu-west-1.amazonaws.com:443", ReasonCode::S3Host),
        ("api.execute-api.eu-west-1.amazonaws.com", ReasonCode::OtherServiceHost),
        ("my-alb-1.eu-west-1.elb.amazonaws.com", ReasonCode::OtherServiceHost),
        ("x.lambda-url.us-east-1.on.aws", ReasonCode::OtherServiceHost),
        ("storage.googleapis.com", ReasonCode::OtherServiceHost),
        ("account.blob.core.windows.net", ReasonCode::OtherServiceHost),
    ] {
        finds(&sign(&format!("{H}/a")).replace("d111111abcdef8.cloudfront.net", host), Severity::Error, code);
    }
    for host in ["s3.example.com", "amazonaws.com.example.com", "d111111abcdef8.cloudfront.net", "aws.example"] {
        let found = look(&sign(&format!("https://{host}/a"))).findings;
        assert!(found.iter().all(|one| one.severity != Severity::Error), "{host}: {found:?}");
    }
}

#[test]
fn what_stood_around_a_url_hid_it() {
    let signed = sign(&format!("{H}/a.jpg"));
    for around in [("<", ">"), ("\"", "\""), ("'", "'"), ("`", "`"), ("“", "”"), ("(", ")"), ("\u{feff}", ""), ("\u{200b}", "\n")]
    {
        assert_eq!(look(&format!("{}{signed}{}", around.0, around.1)).key_pair_id.as_deref(), Some(ID), "{around:?}");
    }
    for (url, hint) in [
        ("<https://d.net/a>", "Pass only the URL"),
        ("\"https://d.net/a\"", "Pass only the URL"),
        ("curl https://d.net/a", "Pass only the URL"),
        ("https//d.net/a", "a colon and two slashes"),
        ("https;//d.net/a", "a colon and two slashes"),
        ("127.0.0.1:8080/a", "Put https:// before it."),
        ("[::1]:8080/a", "Put https:// before it."),
        ("my_host:8080/a", "Put https:// before it."),
        ("d111111abcdef8.cloudfront.net./a", "Put https:// before it."),
        ("README.md", "the distribution's domain"),
        ("undefined/a", "Is the variable set?"),
        ("${CDN}/a", "Is the variable set?"),
        ("{{cdn}}/a", "Is the variable set?"),
        ("https://${HOST}/a", "Is the variable set?"),
        ("https://%7BHOST%7D/a", "Is the variable set?"),
    ] {
        let error = signer().sign_url(url, &hour()).unwrap_err();
        assert!(error.code() == ErrorCode::InvalidUrl && error.hint().unwrap().contains(hint), "{url}: {error:?}");
    }
}

#[test]
fn dot_segments_hid_behind_bytes_that_are_not_utf_8_and_behind_blanks() {
    for path in [
        "/public/..%2fprivate%ff/x",
        "/public/%2e%2e%2f%ff",
        "/public/..%00/x",
        "/public/..%00.jpg",
        "/public/..%20/x",
        "/public/..%09/x",
        "/public/%c0%ae%c0%ae/x",
        "/public/..%c0%afx",
        "/public/%2e%2e;a/x",
    ] {
        let url = with_policy(&format!("{H}{path}"), &policy_for(&format!("{H}/public/*")));
        assert_eq!(denied(&url, "").reason_code, ReasonCode::AmbiguousPath, "{path}");
        assert_eq!(code_of(signer().sign_url(format!("{H}{path}"), &hour())), ErrorCode::InvalidUrl, "{path}");
    }
    for path in [
        "/public/%252e%252e/x",
        "/public/..%252fx",
        "/public/%ff/x",
        "/public/...%20/x",
        "/public/a%00/x",
        "/public/%e3%81%82..",
        "/public/..a%20",
    ] {
        let url = with_policy(&format!("{H}{path}"), &policy_for(&format!("{H}/public/*")));
        assert!(verify(&url, "").is_allowed(), "{path}: {:?}", verify(&url, ""));
        assert!(signer().sign_url(format!("{H}{path}"), &hour()).is_ok(), "{path}");
    }
}

#[test]
fn hints_on_addresses_ids_and_dates_named_something_else() {
    for (address, hint) in [
        ("192.0.2.1;192.0.2.2", "one range"),
        ("192.0.2.1 192.0.2.2", "one range"),
        ("192.0.2.1:443", "port"),
        ("192.0.2.1/255.255.255.0", "/24"),
        ("192.0.2.0/24 ", "white space"),
        ("192.0.2.1\u{200b}", "invisible"),
        ("example.com", "a name"),
        ("any", "to allow every address"),
        ("*", "to allow every address"),
    ] {
        let error = signer().sign_url(format!("{H}/a"), &hour().ip_address(address)).unwrap_err();
        assert!(error.code() == ErrorCode::InvalidIpAddress && error.hint().unwrap().contains(hint), "{address}: {error:?}");
    }
    for address in ["[2001:db8::1]", "fe80::1%eth0", "[2001:db8::1]:443"] {
        assert_eq!(
            code_of(signer().sign_url(format!("{H}/a"), &hour().ip_address(address))),
            ErrorCode::Ipv6NotSupported,
            "{address}"
        );
    }
    for (id, hint) in [
        ("AGPAIOSFODNN7EXAMPLE", "access key"),
        ("arn:aws:cloudfront::123456789012:public-key/K2JCJMDEHXQW5F", "ARN"),
        ("\"K2JCJMDEHXQW5F\"", "around it"),
        ("K2JCJMDEHXQW5F;", "around it"),
        ("K2JCJMDEHXQW5F\u{200b}", "around it"),
        ("${KEY_PAIR_ID}", "placeholder"),
    ] {
        let error = Identity::new(id, KeyType::Rsa, None).unwrap_err();
        assert!(error.code() == ErrorCode::InvalidKeyPairId && error.hint().unwrap().contains(hint), "{id}: {error:?}");
    }
    for (date, hint) in [
        ("1 Jan 2030", "with digits"),
        ("Tue, 01 Jan 2030 00:00:00 GMT", "with digits"),
        ("1 hour", "without a space"),
        ("in 2 days", "without a space"),
        ("now+1h", "a duration from now"),
        ("1.5h", "whole number"),
        ("30M", "\"30m\""),
        ("2030-01-01T00:00:00+09:00[Asia/Tokyo]", "time zone"),
        ("undefined", "Is the variable set"),
        ("Invalid Date", "is it a date"),
        ("tomorrow", "Words"),
        ("2027-02-30", "no such day"),
    ] {
        hint_on_a_date(date, hint);
    }
}

/// The hint for a date that cannot be read.
fn hint_on_a_date(date: &str, hint: &str) {
    let error = signer().sign_url(format!("{H}/a"), &Conditions::new(date).now(NOW)).unwrap_err();
    assert!(error.code() == ErrorCode::InvalidDate && error.hint().unwrap().contains(hint), "{date}: {error:?}");
}

#[test]
fn a_host_that_is_no_value_was_signed_in_silence() {
    let host = |text: &str| code_of(signer().sign_url(text, &hour()));
    for host_name in ["undefined", "null", "NaN", "None", "undefined:3000", "https", "http"] {
        let url = format!("https://{host_name}/a.jpg");
        assert_eq!(host(&url), ErrorCode::InvalidUrl, "{url}");
        assert_eq!(code_of(signer().sign_cookies(&url, &hour())), ErrorCode::InvalidUrl, "{url}");
    }
    for twice in ["https://https://d.net/a", "https://http://d.net/a", "http://https//d.net/a"] {
        let error = signer().sign_url(twice, &hour()).unwrap_err();
        assert!(error.hint().unwrap().contains("once"), "{twice}: {error:?}");
    }
    // Names that somebody may have.
    for url in ["https://localhost/a", "https://origin/a", "https://undefined.example/a", "https://https.example/a"] {
        assert!(verify(&sign(url), "").is_allowed(), "{url}");
    }
    finds(
        &sign(&format!("{H}/a")).replace("d111111abcdef8.cloudfront.net", "undefined:3000"),
        Severity::Error,
        ReasonCode::NotAValue,
    );
}

#[test]
fn a_path_with_a_missing_value_looked_right() {
    for path in [
        "/undefined",
        "/undefined/a.jpg",
        "/users/null.jpg",
        "/a/NaN",
        "/[object Object]",
        "/%5Bobject%20Promise%5D.jpg",
        "/${key}",
        "/{{ key }}.jpg",
        "/a?id=undefined",
        "/a?x=1&id=%5Bobject+Object%5D",
    ] {
        finds(&sign(&format!("{H}{path}")), Severity::Warning, ReasonCode::NotAValue);
    }
    let cookies = signer().sign_cookies(format!("{H}/undefined/*"), &hour()).unwrap().pairs();
    let header = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ");
    finds(&header, Severity::Warning, ReasonCode::NotAValue);
    for path in ["/undefined-behavior.pdf", "/a?fit=none", "/none", "/nullable/a", "/a{1}.jpg", "/$a/b"] {
        let found = look(&sign(&format!("{H}{path}"))).findings;
        assert!(found.iter().all(|one| one.code != ReasonCode::NotAValue), "{path}: {found:?}");
    }
}

#[test]
fn names_that_are_not_cloudfronts_and_a_missing_question_mark_were_denied_without_the_cause() {
    let signed = sign(&format!("{H}/a.jpg"));
    let as_cookies = ["Expires=", "Signature=", "Key-Pair-Id="]
        .into_iter()
        .fold(signed.clone(), |url, name| url.replace(name, &format!("CloudFront-{name}")));
    for (url, code) in [
        (signed.replace('?', "&"), ReasonCode::NoQuestionMark),
        (signed.replace("Key-Pair-Id", "KeyPairId"), ReasonCode::OtherName),
        (signed.replace("Key-Pair-Id", "Key_Pair_Id"), ReasonCode::OtherName),
        (as_cookies, ReasonCode::OtherName),
    ] {
        assert_eq!(denied(&url, "").reason_code, code, "{url}");
        finds(&url, Severity::Error, code);
    }
    let cookies = good_cookies();
    for header in [cookies.replace("CloudFront-", ""), cookies.replace("CloudFront-", "CloudFront_")] {
        assert_eq!(denied(&format!("{H}/a"), &header).reason_code, ReasonCode::OtherName, "{header}");
        finds(&header, Severity::Error, ReasonCode::OtherName);
    }
    // Somebody else's names.
    for header in ["policy=1; signature=2; expires=3", "session=1"] {
        assert_eq!(denied(&format!("{H}/a"), header).reason_code, ReasonCode::NotSigned, "{header}");
    }
    for own in ["/a?policy=x&key_pair_id=y", "/a&Expires=1?x=1", "/a&b"] {
        let url = sign(&format!("{H}{own}"));
        assert!(verify(&url, "").is_allowed(), "{own}");
        let found = look(&url).findings;
        assert!(found.iter().all(|one| one.severity != Severity::Error), "{own}: {found:?}");
    }
}

#[test]
fn cookies_as_programs_and_browsers_show_them_were_not_read() {
    let cookies = good_cookies();
    // Forms in which programs and browsers show cookies.
    let forms = [
        "res.cookie('NAME', 'VALUE', { httpOnly: true });\n",
        "setcookie(\"NAME\", \"VALUE\", 0, \"/\");\n",
        "NAME\tVALUE\t.example.com\t/\tSession\t800\t\u{2713}\n",
        "NAME:VALUE ",
        "NAME = VALUE; ",
        "{\"NAME\"=>\"VALUE\"}\n",
        // YAML, and a table of the AWS CLI.
        "NAME: 'VALUE'\n",
        "|  NAME|  VALUE  |\n",
        // print_r and var_dump.
        "[NAME] => VALUE\n",
        "[\"NAME\"]=>\n  string(344) \"VALUE\"\n",
        // requests, tough-cookie, Next.js, Go and Java.
        "<Cookie NAME=VALUE for .example.com/>, ",
        "{\"key\":\"NAME\",\"value\":\"VALUE\"}\n",
        "cookies().set({ name: \"NAME\", value: \"VALUE\", httpOnly: true });\n",
        "&http.Cookie{Name:\"NAME\", Value:\"VALUE\", Path:\"\"}\n",
        "Cookie{name='NAME', value='VALUE', path='/'}\n",
    ];
    for form in forms {
        let pairs = cookies.split("; ").map(|cookie| cookie.split_once('=').unwrap());
        let text: String = pairs.map(|(name, value)| form.replace("NAME", name).replace("VALUE", value)).collect();
        assert!(verify(&format!("{H}/a"), &text).is_allowed(), "{text}");
        assert!(look(&text).findings.iter().all(|one| one.severity != Severity::Error), "{text}");
    }
}

#[test]
fn a_url_that_was_written_in_another_way_was_denied_without_the_cause() {
    for (signed, sent) in [
        ("/it's(1).jpg", "/it%27s%281%29.jpg"),
        ("/a+b=c:d@e,f;g!h$i&j", "/a%2Bb%3Dc%3Ad%40e%2Cf%3Bg%21h%24i%26j"),
        ("/a%20b", "/a+b"),
        ("/a+b", "/a%20b"),
        ("/a%20b%28", "/a%2520b%2528"),
        ("/a?x=a%20b", "/a?x=a+b"),
    ] {
        let right = sign(&format!("{H}{signed}"));
        assert!(verify(&right, "").is_allowed(), "{right}");
        let denial = denied(&right.replacen(signed, sent, 1), "");
        assert_eq!(denial.reason_code, ReasonCode::Rewritten, "{sent}: {}", denial.reason);
        // What it names is what was signed.
        assert_eq!(denial.values.get("signed").map(ToString::to_string), Some(format!("{H}{signed}")));
    }
    let denial = denied(&sign(&format!("{H}/a%20b")).replace("/a%20b", "/c+d"), "");
    assert_eq!(denial.reason_code, ReasonCode::WrongSignature);
}

#[test]
fn a_damaged_policy_was_said_to_have_a_wrong_signature_alone() {
    let (json, url) = (policy_for(&format!("{H}/*")), format!("{H}/a"));
    let right = with_policy(&url, &json);
    assert!(verify(&right, "").is_allowed());
    let with = |text: &str| right.replace(&encoding::encode(json.as_bytes()), text);
    for (damaged, word) in [(&*encoding::encode(&json.as_bytes()[..60]), "cut off"), ("", "empty"), ("e30_", "Statement")] {
        let denial = denied(&with(damaged), "");
        assert_eq!(denial.code, DenialCode::AccessDenied, "{}", denial.reason);
        let found = look(&with(damaged)).findings;
        let finding = found.iter().find(|one| one.code == ReasonCode::MalformedPolicy).unwrap();
        assert!(finding.message.contains(word), "{}", finding.message);
        assert!(word == "Statement" || denial.reason == finding.message, "{}", denial.reason);
    }
}

#[test]
fn hints_on_urls_and_dates_named_another_cause() {
    for (url, hint) in
        [("https%3A%2F%2Fd.net%2Fa", "undo the escapes"), ("http*://d.net/*", "pattern"), ("*://d.net/a", "pattern")]
    {
        let error = signer().sign_url(url, &hour()).unwrap_err();
        assert!(error.hint().unwrap().contains(hint), "{url}: {error:?}");
    }
    for (date, hint) in [
        ("9999-12-31", "earlier"),
        ("9999-12-31T23:59:59Z", "earlier"),
        ("2030-01-01 00:00:00 +0000", "without a space"),
        ("2030-01-01T00:00:00 09:00", "without a space"),
        ("2030-01-01 00:00:00 UTC", "without a space"),
        ("2030-01-01T00:00:00EST", "an offset"),
        ("2030-01-01T00:00 Europe/Berlin", "an offset"),
        ("2030-12-31T23:59:60Z", "no such time"),
        ("2030-02-30T00:00:00 UTC", "the year first"),
        ("\"2030-01-01\"", "around it"),
        ("2h;", "around it"),
        (" 2h", "around it"),
    ] {
        hint_on_a_date(date, hint);
    }
    for date in ["3600".into(), 3600_i64.into(), 253_402_300_799_i64.into(), DateInput::from("2030")] {
        let error = signer().sign_url(format!("{H}/a"), &Conditions::new(date).now(NOW)).unwrap_err();
        assert!(error.code() == ErrorCode::AlreadyExpired && error.hint().unwrap().contains("3600s"), "{error:?}");
    }
}

#[test]
fn lines_of_a_list_were_joined_to_one_address() {
    for text in [
        format!("{H}/x\n{H}/y"),
        format!("{H}/x\r\nhttp://other.example/y"),
        format!("{H}/x\t{H}/y"),
        format!("\n{H}/x\n\n{H}/y\n"),
    ] {
        for result in [signer().sign_url(&text, &hour()).map(drop), signer().grant(&text, &hour()).map(drop)] {
            let error = result.unwrap_err();
            assert!(
                error.code() == ErrorCode::InvalidUrl && error.hint().unwrap().contains("more than one"),
                "{text:?}: {error:?}"
            );
        }
    }
    // A WHATWG parser drops the line break of a URL that was wrapped.
    for text in [format!("{H}/a\nb.jpg"), format!("{H}/x\n"), format!("\n{H}/?to=http://a/\nb")] {
        let signed = sign(&text);
        assert!(signed.starts_with(url::Url::parse(&text).unwrap().as_str()), "{signed}");
        assert!(verify(&signed, "").is_allowed());
    }
}

#[test]
fn a_host_that_went_on_without_a_slash_was_signed() {
    for rest in ["undefined", "undefined/a.jpg", "images/a.jpg", "null?x=1", "https://d111111abcdef8.cloudfront.net/a"] {
        let error = signer().sign_url(format!("{H}{rest}"), &hour()).unwrap_err();
        assert!(error.code() == ErrorCode::InvalidUrl && error.hint().unwrap().contains("slash"), "{rest}: {error:?}");
    }
    for url in [
        "https://d111111abcdef8.cloudfront.net:443/a",
        "https://d111111abcdef8.cloudfront.net./a",
        "https://d111111abcdef8.cloudfront.net.proxy.example/a",
        "https://cdn.example.network/a",
    ] {
        assert!(verify(&sign(url), "").is_allowed(), "{url}");
    }
}

#[test]
fn cookies_with_a_longer_name_were_taken() {
    let cookies = good_cookies();
    assert!(verify(&format!("{H}/a"), &cookies).is_allowed());
    // The first two have a meaning for browsers, so CloudFront's names were meant.
    for (prefix, code) in [
        ("__Secure-", ReasonCode::OtherName),
        ("__Host-", ReasonCode::OtherName),
        ("my_", ReasonCode::NotSigned),
        ("X-", ReasonCode::NotSigned),
    ] {
        let header = cookies.replace("CloudFront-", &format!("{prefix}CloudFront-"));
        let denial = denied(&format!("{H}/a"), &header);
        assert_eq!((denial.code, denial.reason_code), (DenialCode::MissingKey, code), "{prefix}");
    }
}

#[test]
fn cookies_that_a_framework_changed_had_an_unknown_key() {
    let cookies = good_cookies();
    let changed = |form: &str| {
        let pairs = cookies.split("; ").map(|cookie| cookie.split_once('=').unwrap());
        pairs.map(|(name, value)| format!("{name}={}; ", form.replace("VALUE", value))).collect::<String>()
    };
    for (form, word) in
        [("j%3A%22VALUE%22", "letters and digits"), ("VALUE)", "Remove what is around it"), ("undefined", "Is the variable set")]
    {
        let denial = denied(&format!("{H}/a"), &changed(form));
        assert_eq!((denial.code, denial.reason_code), (DenialCode::InvalidKey, ReasonCode::InvalidKeyPairId), "{form}");
        assert!(denial.reason.contains(word), "{form}: {}", denial.reason);
    }
    assert_eq!(denied(&format!("{H}/a"), &cookies.replace(ID, "K36X4X2EO997HM")).reason_code, ReasonCode::UnknownKey);
}

#[test]
fn hints_named_one_cause_of_several() {
    for (date, hint) in [
        ("31.12.2030", "the year first: 2030-12-31"),
        ("2030.12.31", "2030-12-31"),
        ("2030-12", "all of the date"),
        ("1795914484.168", "digits alone"),
        ("1H", "lower case"),
        ("1893456000000", "milliseconds"),
        ("20301231235959", "2030-12-31"),
    ] {
        hint_on_a_date(date, hint);
    }
    // Microseconds and nanoseconds.
    for number in [1_893_456_000_000_000_i64, 1_893_456_000_000_000_000] {
        let error = signer().sign_url(format!("{H}/a"), &Conditions::new(number).now(NOW)).unwrap_err();
        assert!(error.code() == ErrorCode::InvalidDate && error.hint().unwrap().contains("1e11"), "{error:?}");
    }
    for (address, hint) in [("undefined", "variable"), ("null", "variable"), ("https://192.0.2.1", "protocol")] {
        let error = signer().sign_url(format!("{H}/a"), &hour().ip_address(address)).unwrap_err();
        assert!(error.hint().unwrap().contains(hint), "{address}: {error:?}");
    }
    for (url, hint) in [
        ("www.example.com/a?to=https://x.example/", "Put https:// before it."),
        ("[link](https://d.net/a)", "Pass only the URL"),
        ("https://xn--/a", "host or port"),
    ] {
        let error = signer().sign_url(url, &hour()).unwrap_err();
        assert!(error.hint().unwrap().contains(hint), "{url}: {error:?}");
    }
    let error = signer().sign_cookies("https:/d.net/*", &hour()).unwrap_err();
    assert!(error.hint().unwrap().contains("two slashes"), "{error:?}");
}

#[test]
fn what_is_almost_a_url_was_only_said_to_be_none() {
    let signed = sign(&format!("{H}/a.jpg"));
    let (_, query) = signed.split_once('?').unwrap();
    for (text, hint) in [
        (format!("curl -v '{signed}'"), "Pass only the URL"),
        (format!("<a href=\"{signed}\">"), "Pass only the URL"),
        (signed.replace("https://", ""), "Put https:// before it"),
        (signed.replace("https:", ""), "Put https: before it"),
        (format!("/a.jpg?{query}"), "Put the distribution's domain before it"),
        (signed.replace(':', "%3A").replace('/', "%2F").replace('?', "%3F"), "undo the escapes"),
    ] {
        let error = inspect_at(&text, NOW).unwrap_err();
        assert_eq!(error.code(), ErrorCode::InvalidUrl);
        assert!(error.hint().unwrap().contains(hint), "{text}: {error:?}");
        let denial = denied(&text, "");
        assert_eq!(denial.reason_code, ReasonCode::InvalidUrl);
        assert!(denial.reason.contains(hint), "{}", denial.reason);
    }
    // A separator at the end is no parameter.
    assert!(look(&format!("{signed}&")).findings.iter().all(|one| one.code != ReasonCode::AfterTheSignature));
}

#[test]
fn a_resource_from_a_template_was_signed() {
    for resource in [
        "https://undefined/films/*",
        "https://${HOST}/films/*",
        "https://https://d111111abcdef8.cloudfront.net/*",
        "https://d111111abcdef8.cloudfront.netundefined/*",
    ] {
        // What is refused of a URL is refused of a resource.
        assert_eq!(code_of(signer().sign_url(resource.replace('*', "a"), &hour())), ErrorCode::InvalidUrl, "{resource}");
        for signed in [signer().sign_cookies(resource, &hour()).map(drop), signer().grant(resource, &hour()).map(drop)] {
            let error = signed.unwrap_err();
            assert_eq!(error.code(), ErrorCode::InvalidUrl, "{resource}");
            assert!(error.message().starts_with("the resource's host is "), "{error:?}");
        }
    }
    // AWS documents a `*` that ends the host.
    assert!(signer().sign_cookies(format!("{H}*"), &hour()).is_ok());
    for resource in
        ["/films/*", "d111111abcdef8.cloudfront.net/*", "", "https://a b/*", "https://d.net/a?Expires=1", "ftp://d.net/a"]
    {
        let error = signer().sign_cookies(resource, &hour()).unwrap_err();
        assert!(error.message().starts_with("the resource"), "{resource}: {error:?}");
    }
}

#[test]
fn cookies_of_a_framework_were_said_to_be_in_another_base64() {
    // `res.cookie(name, value, { signed: true })` of Express, and EncryptCookies of Laravel with all of them, and with one of them.
    let laravel = |value: &str| {
        let json = format!(r#"{{"iv":"AAAAAAAAAAAAAAAAAAAAAA==","value":"{value}","mac":"00","tag":""}}"#);
        encoding::encode(json.as_bytes()).replace('-', "+").replace('~', "/").replace('_', "%3D")
    };
    let express = |value: &str| format!("s:{value}.Gx0eZ0c1kB6kQm0J5eJ4GvUqYlGZ3yXw8JvO4cUq2aM");
    let each = |wrap: &dyn Fn(&str, &str) -> String| {
        let cookies = good_cookies();
        let wrapped = cookies.split("; ").map(|cookie| cookie.split_once('=').unwrap());
        wrapped.map(|(name, value)| format!("{name}={}", wrap(name, value))).collect::<Vec<_>>().join("; ")
    };
    for (cookies, framework) in [
        (each(&|_, value| express(value)), "Express"),
        (each(&|_, value| express(value).replace(':', "%3A")), "Express"),
        (each(&|_, value| laravel(value)), "Laravel"),
        (each(&|name, value| if name.ends_with("Id") { value.to_owned() } else { laravel(value) }), "Laravel"),
    ] {
        let denial = denied(&format!("{H}/a"), &cookies);
        assert_eq!(denial.reason_code, ReasonCode::FrameworkCookie, "{}", denial.reason);
        assert_eq!(denial.values.get("framework"), Some(&Value::Text(framework.to_owned())));
        // Nothing else is said: it would lead astray.
        let codes: Vec<_> = look(&cookies).findings.iter().map(|finding| finding.code).collect();
        assert_eq!(codes, [ReasonCode::FrameworkCookie]);
    }
    assert!(verify(&format!("{H}/a"), &good_cookies()).is_allowed());
}

#[test]
fn a_host_with_a_port_or_a_final_dot_was_said_to_have_a_wrong_signature() {
    let signed = sign(&format!("{H}/a"));
    for other in [format!("{H}:8443"), format!("{H}.")] {
        let denial = denied(&signed.replace(H, &other), "");
        assert_eq!(denial.reason_code, ReasonCode::Rewritten, "{}", denial.reason);
        assert_eq!(denial.values.get("signed"), Some(&Value::Text(format!("{H}/a"))));
    }
    for url in [format!("{H}:8443/a"), format!("{}:443/a", H.replace("https", "http")), format!("{H}:80/a")] {
        finds(&sign(&url), Severity::Error, ReasonCode::OtherPort);
    }
    for url in [format!("{H}:443/a"), "http://localhost:8080/a".to_owned(), "https://media.example.com:8443/a".to_owned()] {
        assert!(look(&sign(&url)).findings.iter().all(|finding| finding.code != ReasonCode::OtherPort), "{url}");
    }
}

#[test]
fn text_around_a_url_or_cookies_led_to_a_wrong_name() {
    let link = format!("<a href=\"{}\">", sign(&format!("{H}/a")).replace('&', "&amp;"));
    let error = inspect_at(&link, NOW).unwrap_err();
    assert!(error.hint().unwrap().contains("text before it"), "{error:?}");
    // What iOS prints of its cookies.
    let error = inspect_at("<NSHTTPCookie version:0 name:\"CloudFront-Signature\" value:\"a\">", NOW).unwrap_err();
    assert!(error.message().contains("neither a URL nor CloudFront cookies"), "{error:?}");
    let prefixed = good_cookies().replace("CloudFront-", "__Host-CloudFront-");
    assert_eq!(denied(&format!("{H}/a"), &prefixed).reason_code, ReasonCode::OtherName);
    finds(&prefixed, Severity::Error, ReasonCode::OtherName);
}

#[test]
fn cookies_that_were_escaped_twice_were_only_no_base64() {
    let cookies = good_cookies().replace('~', "%257E").replace('_', "%255F");
    assert_ne!(cookies, good_cookies());
    let denial = denied(&format!("{H}/a"), &cookies);
    assert_eq!(denial.reason_code, ReasonCode::EscapedTwice, "{}", denial.reason);
    finds(&cookies, Severity::Error, ReasonCode::EscapedTwice);
}

#[test]
fn cookies_of_firefox_and_of_cloudfront_functions_were_not_read() {
    let cookies = good_cookies();
    let members = cookies.split("; ").map(|cookie| {
        let (name, value) = cookie.split_once('=').unwrap();
        format!(r#""{name}":{{"path":"/","value":"{value}"}}"#)
    });
    let members = members.collect::<Vec<_>>().join(",");
    for json in [format!(r#"{{"Response Cookies":{{{members}}}}}"#), format!(r#"{{"request":{{"cookies":{{{members}}}}}}}"#)] {
        assert!(verify(&format!("{H}/a"), &json).is_allowed(), "{json}");
    }
}

/// `…` is what a program puts where it cuts a URL for a table.
#[test]
fn a_character_that_is_no_base64_was_not_named() {
    let signed = sign(&format!("{H}/a"));
    let (_, signature) = signed.split_once("Signature=").unwrap();
    let start = &signature[..40];
    for (value, character) in [
        (format!("{start}…"), Some("…")),
        (format!("{start}+!"), Some("!")),
        (format!("{start}=="), Some("=")),
        (format!("<{start}>"), Some("<")),
        (format!("{start}a"), None),
        (format!("__{start}"), None),
    ] {
        let text = signed.replace(signature.split('&').next().unwrap(), &value);
        let found = look(&text).findings.into_iter().find(|finding| finding.code == ReasonCode::NotBase64);
        let denial = denied(&text, "");
        assert_eq!(denial.reason_code, ReasonCode::NotBase64, "{text}");
        for (message, values) in [(denial.reason, denial.values), found.map(|found| (found.message, found.values)).unwrap()] {
            assert_eq!(values.get("character").cloned(), character.map(Value::from), "{text}");
            let named = character.map_or("=):".to_owned(), |character| format!("=), which has no \"{character}\":"));
            assert!(message.contains(&named), "{message}");
        }
    }
}

/// `new URL` leaves it, RFC 3986 does not allow it.
#[test]
fn a_percent_sign_that_is_no_escape_was_not_named() {
    for path in ["/100%.jpg", "/a%", "/a/50%25%/b", "/%zz?x=1"] {
        let signed = sign(&format!("{H}{path}"));
        finds(&signed, Severity::Warning, ReasonCode::StrayPercent);
        let Decision::Allowed(access) = verify(&signed, "") else { panic!("{path}") };
        assert_eq!(access.warning_details.iter().map(|warning| warning.code).collect::<Vec<_>>(), [ReasonCode::StrayPercent]);
    }
    for path in ["/100%25.jpg", "/a%20b", "/a?x=100%"] {
        let signed = sign(&format!("{H}{path}"));
        assert!(look(&signed).findings.iter().all(|finding| finding.code != ReasonCode::StrayPercent), "{path}");
    }
}

/// An option that these functions do not have, a unit that their numbers do not have, a name that is no name.
#[test]
fn hints_named_what_does_not_help() {
    let input = |date: DateInput| Input { url: Some(format!("{H}/a*")), date_less_than: Some(date), ..Input::default() };
    let prepared = |date| {
        aws_sdk::prepare_url(signer().identity(), &input(date), |text| url::Url::parse(text).ok().map(String::from))
            .map(drop)
            .unwrap_err()
    };
    let error = prepared(DateInput::Milliseconds(4_102_444_800_000.0));
    assert!(error.hint().unwrap().starts_with("Write the pattern into a policy"), "{error:?}");
    for (date, hint) in [
        (DateInput::Number(f64::NAN), "Pass a Date"),
        (DateInput::Milliseconds(f64::NAN), "Pass a Date"),
        (DateInput::Number(9.3e12), "Numbers are epoch milliseconds"),
        (DateInput::Number(0.0), "Is it the default"),
        (DateInput::Number(1.9e9), "Multiply it by 1000"),
    ] {
        let error = prepared(date);
        assert!(error.hint().unwrap().contains(hint) && !error.message().contains("duration"), "{error:?}");
    }
    for (address, hint) in [
        ("1.2.3.4/ 24", "Remove white space"),
        ("１.２.３.４", "write the digits in ASCII"),
        ("my-host.example.com", "This is a name"),
        ("localhost", "This is a name"),
        ("1.2.3.4/1e1", "Write four numbers"),
        ("1.2.3.4-1.2.3.9", "holds one range"),
    ] {
        let error = signer().sign_url(format!("{H}/a"), &hour().ip_address(address)).unwrap_err();
        assert!(error.hint().unwrap().contains(hint), "{address}: {error:?}");
    }
    for (name, hint) in [("sha1", "Write SHA1."), ("RSA-SHA256", "Write SHA256."), ("", "Leave it out"), ("MD5", "Leave it out")]
    {
        assert!(name.parse::<Algorithm>().unwrap_err().hint().unwrap().starts_with(hint), "{name}");
    }
}
