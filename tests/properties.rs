//! With random input: nothing panics, what is signed is what is sent, and no restriction is lost.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use std::future::Future;
use std::net::Ipv4Addr;
use std::pin::pin;
use std::sync::LazyLock;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use countersign::aws_sdk::{self, Input};
use countersign::cookies::{CookieAttributes, SameSite, set_cookie};
use countersign::date::{DateInput, LATEST, span, utc};
use countersign::external_signer::{ExternalSigner, SignError, SignMessageAsync};
use countersign::policy::Policy;
use countersign::resource::Resource;
use countersign::url::WireUrl;
use countersign::{
    Algorithm, Conditions, ErrorCode, Identity, KeyDescription, KeyType, LoadOptions, Parameter, PrivateKey, PublicKey,
    ReadyPolicy, Signer, encoding,
};
use proptest::prelude::*;
use proptest::sample::Index;

const NOW: i64 = 1_767_225_600;
const RESERVED: [&str; 5] = ["Expires", "Policy", "Signature", "Key-Pair-Id", "Hash-Algorithm"];

static SIGNER: LazyLock<Signer> = LazyLock::new(|| {
    let key = PrivateKey::load(include_bytes!("keys/p256.pem"), &LoadOptions::new()).unwrap();
    Signer::new("K2JCJMDEHXQW5F", key).unwrap()
});

/// Pieces of URLs, resources and policies, and text that does not belong in them.
const PIECES: &str = "https:// http:// HTTPS:// http*:// *:// ftp: // d.net D.NET :443 :80 :8443 :* / /.. /. /a \\ ? & = # * %2a %2E%2e % \
                      %zz %c3%a9 %00 + \" ' < > ` { } | ^ ~ @ u:p@ [::1] 192.0.2.1 é ß 😀 \u{200d} \u{feff} \u{202e} Expires=1 expires=1 \
                      %45xpires Policy x=1 xn-- xn--a - . ;";

fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        8 => prop::sample::select(PIECES.split(' ').collect::<Vec<_>>()).prop_map(str::to_owned),
        1 => prop::sample::select(vec![" ", "\t", "\n", "\r", "\0"]).prop_map(str::to_owned),
        3 => ".{0,3}",
    ]
}

fn text() -> impl Strategy<Value = String> {
    prop::collection::vec(piece(), 0..10).prop_map(|pieces| pieces.concat())
}

fn url() -> impl Strategy<Value = String> {
    prop_oneof![1 => text(), 4 => text().prop_map(|rest| format!("https://d.net/{rest}")), 1 => text().prop_map(|rest| format!("http://{rest}"))]
}

fn date() -> impl Strategy<Value = DateInput> {
    prop_oneof![
        8 => (NOW..LATEST).prop_map(DateInput::from),
        1 => any::<f64>().prop_map(DateInput::from),
        1 => any::<i64>().prop_map(DateInput::from),
        1 => (0..2 * LATEST).prop_map(DateInput::from),
        1 => any::<f64>().prop_map(DateInput::Milliseconds),
        1 => "[-+]?P?[0-9]{0,20}[wdhmsTZ:.-]{0,3}[0-9]{0,6}[WDHMSZ]?".prop_map(DateInput::from),
        1 => "[0-9]{4}-?[0-9]{2}-?[0-9]{2}([T ][0-9]{2}:?[0-9]{2}(:?[0-9]{2}([.,][0-9]{1,12})?)?(Z|[+-][0-9]{2}:?[0-9]{0,2})?)?"
            .prop_map(DateInput::from),
        1 => ".{0,12}".prop_map(DateInput::from),
    ]
}

fn address() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => (any::<Ipv4Addr>(), 0..34u8).prop_map(|(address, bits)| format!("{address}/{bits}")),
        4 => any::<Ipv4Addr>().prop_map(|address| address.to_string()),
        1 => any::<std::net::Ipv6Addr>().prop_map(|address| address.to_string()),
        1 => "[0-9a-fx.:/ ]{0,18}",
        1 => ".{0,8}",
    ]
}

/// CloudFront's Base64, by its definition.
fn decode(text: &str) -> Vec<u8> {
    STANDARD.decode(text.replace('-', "+").replace('~', "/").replace('_', "=")).unwrap()
}

/// Does what CloudFront does: takes the credentials out of the URL, rebuilds or decodes the policy, and checks the signature.
/// Returns the URL without the signing parameters.
fn sent(signed: &str) -> WireUrl {
    let (address, _) = signed.split_once('#').unwrap_or((signed, ""));
    let at = ["?Policy=", "&Policy=", "?Expires=", "&Expires="].iter().filter_map(|name| address.rfind(name)).max().unwrap();
    WireUrl::parse(&address[..at]).unwrap()
}

fn opened(signed: &str) -> String {
    assert_eq!(url::Url::parse(signed).unwrap().as_str(), signed);
    let (base, query) = signed.split('#').next().unwrap().split_once('?').unwrap();
    let (credentials, own): (Vec<&str>, Vec<&str>) =
        query.split('&').partition(|part| RESERVED.contains(&part.split('=').next().unwrap()));
    let value = |name: &str| credentials.iter().find_map(|part| part.strip_prefix(name)?.strip_prefix('='));
    let address = if own.is_empty() { base.to_owned() } else { format!("{base}?{}", own.join("&")) };
    let policy = match value("Policy") {
        Some(encoded) => String::from_utf8(decode(encoded)).unwrap(),
        None => format!(
            r#"{{"Statement":[{{"Resource":{},"Condition":{{"DateLessThan":{{"AWS:EpochTime":{}}}}}}}]}}"#,
            // JSON escapes a backslash in a query and a quotation mark in a host.
            serde_json::Value::from(address),
            value("Expires").unwrap()
        ),
    };
    assert_eq!(credentials.len(), 4);
    assert_eq!(value("Hash-Algorithm"), Some("SHA256"));
    let signature = decode(value("Signature").unwrap());
    assert!(SIGNER.key().public_key().verify(Algorithm::Sha256, policy.as_bytes(), &signature), "{signed}");
    policy
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn wire_form_is_final(text in url()) {
        if let Ok(wire) = WireUrl::parse(&text) {
            let again = WireUrl::parse(wire.as_str()).unwrap();
            prop_assert_eq!(again.as_str(), wire.as_str());
            prop_assert!(Resource::verbatim(wire.as_str().to_owned()).matches(&wire));
            prop_assert!(Resource::verbatim("*".to_owned()).matches(&wire));
        }
    }

    #[test]
    fn resources_are_final(resource in prop_oneof![text(), url()], url in url()) {
        if let Ok(parsed) = Resource::parse(&resource) {
            prop_assert_eq!(Resource::parse(parsed.as_str()).unwrap(), parsed.clone());
            if let Ok(url) = WireUrl::parse(&url) {
                let _ = parsed.matches(&url);
            }
        }
    }

    #[test]
    fn dates_are_in_range(date in date(), now in 0..LATEST) {
        if let Ok(seconds) = date.resolve(Parameter::DateLessThan, now) {
            prop_assert!((0..=LATEST).contains(&seconds));
        }
    }

    #[test]
    fn written_dates_are_read(seconds in 0..=LATEST, milliseconds in 0..1000i64) {
        let read = |input: DateInput| input.resolve(Parameter::DateLessThan, NOW).ok();
        let moment = jiff::Timestamp::from_millisecond(seconds * 1000 + milliseconds).unwrap();
        prop_assert_eq!(read(moment.to_string().into()), Some(seconds));
        prop_assert_eq!(read(moment.strftime("%Y%m%dT%H%M%SZ").to_string().into()), Some(seconds));
        prop_assert_eq!(read(seconds.to_string().into()), Some(seconds));
        prop_assert_eq!(read(DateInput::Milliseconds((seconds * 1000 + milliseconds) as f64)), Some(seconds));
        prop_assert_eq!(read(format!("{}s", seconds - NOW).into()), Some(seconds));
    }

    #[test]
    fn base64_comes_back(bytes in prop::collection::vec(any::<u8>(), 0..300), text in "[A-Za-z0-9_~-]{0,20}") {
        let encoded = encoding::encode(&bytes);
        prop_assert_eq!(decode(&encoded), bytes.clone());
        prop_assert_eq!(encoding::decode(&encoded), Some(bytes));
        if let Some(bytes) = encoding::decode(&text) {
            let again = encoding::encode(&bytes);
            prop_assert_eq!(again.trim_end_matches('_'), text.trim_end_matches('_'));
        }
    }

    #[test]
    fn key_pair_ids_are_never_more_than_letters_and_digits(id in prop_oneof![".{0,20}", "[A-Z0-9]{1,20}"]) {
        let accepted = Identity::new(&id, KeyType::Rsa, None).is_ok();
        let is_of_an_access_key = ["AKIA", "ASIA", "AIDA", "AROA"].iter().any(|prefix| id.starts_with(prefix)) && id.len() >= 16;
        let is_no_value = ["undefined", "null", "nan", "none"].contains(&id.to_ascii_lowercase().as_str());
        let is_of_letters_and_digits = !id.is_empty() && id.chars().all(|c| c.is_ascii_alphanumeric());
        prop_assert_eq!(accepted, is_of_letters_and_digits && !is_of_an_access_key && !is_no_value);
    }

    #[test]
    fn set_cookie_has_the_attributes_that_were_given(
        domain in prop::option::of(prop_oneof![".{0,20}", "[a-z.;, -]{0,12}", "\\.?[a-z]{1,8}\\.[a-z]{2,3}"]),
        path in prop::option::of(prop_oneof!["/.{0,20}", "[a-z/;, =]{0,12}", "/[a-z]{0,8}"]),
        max_age in prop::option::of(any::<i64>()),
        flags in any::<(bool, bool, bool)>(),
    ) {
        let (secure, http_only, partitioned) = flags;
        let mut attributes =
            CookieAttributes::new().secure(secure).http_only(http_only).same_site(SameSite::Lax).partitioned(partitioned);
        if let Some(domain) = &domain {
            attributes = attributes.domain(domain);
        }
        if let Some(path) = &path {
            attributes = attributes.path(path);
        }
        if let Some(seconds) = max_age {
            attributes = attributes.max_age(seconds);
        }
        if let Ok(lines) = set_cookie(&[("CloudFront-Signature", "abc".to_owned())], &attributes) {
            let mut expected = vec!["CloudFront-Signature=abc".to_owned()];
            expected.extend(domain.map(|domain| format!("Domain={domain}")));
            expected.extend(path.map(|path| format!("Path={path}")));
            expected.extend(max_age.map(|seconds| format!("Max-Age={seconds}")));
            expected.extend(secure.then(|| "Secure".to_owned()));
            expected.extend(http_only.then(|| "HttpOnly".to_owned()));
            expected.push("SameSite=Lax".to_owned());
            expected.extend(partitioned.then(|| "Partitioned".to_owned()));
            prop_assert_eq!(lines.len(), 1);
            prop_assert_eq!(lines[0].split(';').map(|part| part.trim_start_matches(' ').to_owned()).collect::<Vec<_>>(), expected);
            prop_assert!(lines[0].bytes().all(|byte| (0x20..0x7f).contains(&byte)));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 800, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_signed_is_what_is_sent(text in url()) {
        if let Ok(signed) = SIGNER.sign_url(&text, &Conditions::new("2h").now(NOW)) {
            let policy = Policy::parse(&opened(&signed)).unwrap();
            let wire = WireUrl::parse(&text).unwrap();
            // One address stays one: no wildcard is left in the query.
            let (base, query) = wire.as_str().split_once('?').map_or((wire.as_str(), None), |(base, query)| (base, Some(query)));
            let query = query.map(|query| format!("?{}", query.replace('*', "%2A").replace('?', "%3F"))).unwrap_or_default();
            let signed_for = policy.resource.unwrap();
            prop_assert_eq!(&signed_for, &format!("{base}{query}"));
            prop_assert!(signed.starts_with(&signed_for));
            prop_assert_eq!(policy.date_less_than, NOW + 7200);
            let fragment = url::Url::parse(&text).unwrap().fragment().map(|fragment| format!("#{fragment}"));
            prop_assert_eq!(signed.find('#').map(|at| signed[at..].to_owned()), fragment);
        }
    }

    #[test]
    fn no_condition_is_lost(less in date(), greater in prop::option::of(date()), ip in prop::option::of(address()), allow in any::<bool>()) {
        let mut conditions = Conditions::new(less).now(NOW).allow_expired(allow);
        if let Some(date) = greater.clone() {
            conditions = conditions.date_greater_than(date);
        }
        if let Some(address) = ip.clone() {
            conditions = conditions.ip_address(address);
        }
        if let Ok(signed) = SIGNER.sign_url("https://d.net/a?x", &conditions) {
            let policy = Policy::parse(&opened(&signed)).unwrap();
            prop_assert_eq!(policy.date_greater_than.is_some(), greater.is_some());
            prop_assert!(policy.date_greater_than.is_none_or(|start| start < policy.date_less_than));
            prop_assert!(allow || policy.date_less_than > NOW);
            prop_assert_eq!(policy.ip_address, ip.map(|ip| if ip.contains('/') { ip } else { format!("{ip}/32") }));
        }
    }

    #[test]
    fn a_grant_covers_what_it_signs(url in url(), other in url(), cut in any::<Index>()) {
        let at = cut.index(url.len() + 1);
        let at = (0..=at).rev().find(|at| url.is_char_boundary(*at)).unwrap();
        for resource in [format!("{}*", &url[..at]), url.clone(), other] {
            let conditions = Conditions::new("2h").now(NOW);
            if let Ok(signed) = SIGNER.sign_url(&url, &conditions.clone().resource(&resource)) {
                let policy = Policy::parse(&opened(&signed)).unwrap();
                prop_assert!(Resource::verbatim(policy.resource.unwrap()).matches(&sent(&signed)));
            }
            if let Ok(grant) = SIGNER.grant(&resource, &conditions) {
                if let Ok(signed) = grant.url(&url) {
                    prop_assert_eq!(&opened(&signed), grant.policy());
                }
                if let Ok(cookies) = grant.cookies() {
                    prop_assert_eq!(cookies.pairs().len(), 4);
                }
            }
        }
    }

    #[test]
    fn ready_policies_are_signed_as_they_are(
        resource in prop::option::weighted(0.9, prop_oneof![1 => text(), 4 => Just("https://d.net/*".to_owned())]),
        less in prop_oneof![8 => Just("1893456000".to_owned()), 2 => "-?[0-9]{0,14}(\\.[0-9])?", 1 => Just("null".to_owned())],
        ip in prop::option::of(address()),
        space in "[ \t\r\n]{0,2}",
        cut in prop::option::weighted(0.2, any::<Index>()),
    ) {
        let resource = resource.map(|text| format!("\"Resource\":{},", serde_json::Value::from(text))).unwrap_or_default();
        let ip = ip.map(|ip| format!(",{space}\"IpAddress\":{{\"AWS:SourceIp\":{}}}", serde_json::Value::from(ip))).unwrap_or_default();
        let mut json = format!("{space}{{\"Statement\":{space}[{{{resource}\"Condition\":{{\"DateLessThan\":{{\"AWS:EpochTime\":{less}}}{ip}}}}}]}}");
        if let Some(cut) = cut {
            let at = cut.index(json.len());
            json.truncate((0..=at).rev().find(|at| json.is_char_boundary(*at)).unwrap());
        }
        let _ = Policy::parse(&json);
        if let Ok(signed) = SIGNER.sign_url_with_policy("https://d.net/a", &ReadyPolicy::new(&json).now(NOW)) {
            prop_assert_eq!(opened(&signed), json);
        }
    }

    // No encrypted PKCS#8 key: a changed iteration count may ask for ten million rounds.
    #[test]
    fn damaged_keys_are_refused_or_sign(
        base in prop::sample::select(vec![
            &include_bytes!("keys/p256.pem")[..], include_bytes!("keys/p256.sec1.pem"), include_bytes!("keys/p384.pem"), include_bytes!("keys/ed25519.pem"),
            include_bytes!("keys/p256.pub.pem"), include_bytes!("keys/rsa2048.traditional.pem"), include_bytes!("keys/certificate.pem"), b"-----BEGIN PRIVATE KEY-----", b"",
        ]),
        in_der in any::<bool>(),
        changes in prop::collection::vec((any::<Index>(), 0..4u8, prop_oneof![any::<u8>(), prop::sample::select(b" \n\\n\r\"',".to_vec())]), 0..4),
        passphrase in prop::option::of(".{0,8}"),
    ) {
        let mut bytes = base.to_vec();
        if in_der {
            let text = String::from_utf8(bytes.clone()).unwrap();
            let body: String = text.lines().filter(|line| !line.contains(['-', ':'])).collect();
            bytes = STANDARD.decode(body).unwrap();
        }
        for (at, change, byte) in changes {
            let at = at.index(bytes.len() + 1);
            match change {
                0 => bytes.insert(at, byte),
                1 => bytes.truncate(at),
                2 if at < bytes.len() => bytes[at] = byte,
                _ if at < bytes.len() => { bytes.remove(at); }
                _ => {}
            }
        }
        let mut options = LoadOptions::new();
        if let Some(passphrase) = &passphrase {
            options = options.passphrase(passphrase.as_bytes());
        }
        if let Ok(key) = PrivateKey::load(&bytes, &options) {
            let signature = key.sign(Algorithm::Sha256, b"policy").unwrap();
            prop_assert!(key.public_key().verify(Algorithm::Sha256, b"policy", &signature));
        }
        let _ = PublicKey::load(&bytes);
    }

    #[test]
    fn anything_may_be_passed_as_a_key(
        bytes in prop::collection::vec(any::<u8>(), 0..200),
        text in "(-----BEGIN (EC |RSA |ENCRYPTED )?(PRIVATE|PUBLIC) KEY-----)?[A-Za-z0-9+/=\\\\nrDEK:, \"'-]{0,80}(-----END PRIVATE KEY-----)?",
        dek in "[A-Z0-9-]{0,12},?[0-9A-Fé]{0,34}[A-Za-z0-9+/= \n]{0,40}",
    ) {
        let options = LoadOptions::new().passphrase(b"x");
        for input in [
            bytes.clone(),
            [&[0x30, 0x82][..], &bytes].concat(),
            [&[0xff, 0xfe][..], &bytes].concat(),
            text.into_bytes(),
            format!("-----BEGIN RSA PRIVATE KEY-----\nDEK-Info: {dek}-----END RSA PRIVATE KEY-----").into_bytes(),
        ] {
            prop_assert!(PrivateKey::load(&input, &options).is_err());
            prop_assert!(PublicKey::load(&input).is_err());
        }
    }
}

/// An external signer with the key of `SIGNER`.
struct Elsewhere;

impl SignMessageAsync for Elsewhere {
    async fn sign_message(&self, algorithm: Algorithm, message: &[u8]) -> countersign::Result<Vec<u8>, SignError> {
        Ok(SIGNER.key().sign(algorithm, message)?)
    }
}

/// Runs a future that never waits.
fn ready<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(result) => result,
        Poll::Pending => panic!("it waits"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_signer_elsewhere_gives_what_a_key_at_hand_gives(
        url in url(), resource in prop_oneof![url(), text()], less in date(), ip in prop::option::weighted(0.3, address()), policy in text(),
    ) {
        let mut conditions = Conditions::new(less).now(NOW);
        if let Some(ip) = ip {
            conditions = conditions.ip_address(ip);
        }
        let quoted = serde_json::Value::from(policy);
        let policy = format!(r#"{{"Statement":[{{"Resource":{quoted},"Condition":{{"DateLessThan":{{"AWS:EpochTime":{LATEST}}}}}}}]}}"#);
        let policy = ReadyPolicy::new(policy).now(NOW);
        let sign = |algorithm: Algorithm, message: &[u8]| Ok(SIGNER.key().sign(algorithm, message)?);
        let elsewhere = ExternalSigner::new(SIGNER.identity().clone(), sign).public_key(SIGNER.key().public_key());
        let slow = ExternalSigner::new(SIGNER.identity().clone(), Elsewhere);
        prop_assert_eq!(elsewhere.identity(), slow.identity());

        let own = SIGNER.sign_url(&url, &conditions);
        prop_assert_eq!(&elsewhere.sign_url(&url, &conditions), &own);
        prop_assert_eq!(&ready(slow.sign_url_async(&url, &conditions)), &own);
        let own = SIGNER.sign_url(&url, &conditions.clone().resource(&resource));
        prop_assert_eq!(&elsewhere.sign_url(&url, &conditions.clone().resource(&resource)), &own);
        prop_assert_eq!(&ready(slow.sign_url_async(&url, &conditions.clone().resource(&resource))), &own);
        let own = SIGNER.sign_cookies(&resource, &conditions);
        prop_assert_eq!(&elsewhere.sign_cookies(&resource, &conditions), &own);
        prop_assert_eq!(&ready(slow.sign_cookies_async(&resource, &conditions)), &own);
        let own = SIGNER.grant(&resource, &conditions);
        prop_assert_eq!(&elsewhere.grant(&resource, &conditions), &own);
        prop_assert_eq!(&ready(slow.grant_async(&resource, &conditions)), &own);
        let own = SIGNER.sign_cookies_with_policy(&policy);
        prop_assert_eq!(&elsewhere.grant_policy(&policy).and_then(|grant| grant.cookies()), &own);
        prop_assert_eq!(&ready(slow.grant_policy_async(&policy)).and_then(|grant| grant.cookies()), &own);
    }

    #[test]
    fn what_the_sdk_signs_can_be_opened(
        url in prop::option::weighted(0.9, prop_oneof![1 => url(), 3 => "/[a-z]{0,5}".prop_map(|path| format!("https://d.net{path}"))]),
        less in prop::option::weighted(0.9, prop_oneof![1 => date(), 3 => (NOW..LATEST).prop_map(|seconds| DateInput::Milliseconds(seconds as f64 * 1e3))]),
        greater in prop::option::weighted(0.3, prop_oneof![1 => date(), 3 => (1..NOW).prop_map(|seconds| DateInput::Milliseconds(seconds as f64 * 1e3))]),
        ip in prop::option::weighted(0.3, address()), policy in prop::option::weighted(0.2, text()),
    ) {
        let policy = policy.map(|resource| {
            let resource = serde_json::Value::from(resource);
            format!(r#"{{"Statement":[{{"Resource":{resource},"Condition":{{"DateLessThan":{{"AWS:EpochTime":{LATEST}}}}}}}]}}"#)
        });
        let input = Input { url, policy, date_less_than: less, date_greater_than: greater, ip_address: ip };
        let parser = |text: &str| url::Url::parse(text).ok().map(String::from);
        let sign = |message: &[u8]| SIGNER.key().sign(Algorithm::Sha256, message).unwrap();
        if let Ok((base, unsigned)) = aws_sdk::prepare_url(SIGNER.identity(), &input, parser) {
            let (message, signature) = (unsigned.message().to_vec(), sign(unsigned.message()));
            let signed = aws_sdk::signed_url(&base, &unsigned.finish(&signature, None).unwrap()).unwrap();
            prop_assert_eq!(opened(&signed).into_bytes(), message);
        }
        if let Ok(unsigned) = aws_sdk::prepare_cookies(SIGNER.identity(), &input, parser) {
            let signature = sign(unsigned.message());
            if let Ok(cookies) = unsigned.finish(&signature, None).unwrap().cookies() {
                let mut pairs = aws_sdk::cookie_pairs(&cookies);
                prop_assert_eq!(pairs[0].0, "CloudFront-Key-Pair-Id");
                let mut own = cookies.pairs();
                pairs.sort();
                own.sort();
                prop_assert_eq!(pairs, own);
            }
        }
    }

    #[test]
    fn many_urls_are_each_url(urls in prop::collection::vec(prop_oneof![4 => "/[a-z]{0,5}".prop_map(|path| format!("https://d.net{path}")), 1 => url()], 0..6)) {
        let grant = SIGNER.grant("https://d.net/*", &Conditions::new("2h").now(NOW)).unwrap();
        let each: countersign::Result<Vec<String>> = urls.iter().map(|url| grant.url(url)).collect();
        prop_assert_eq!(grant.urls(urls.iter().map(String::as_str)), each);
    }

    #[test]
    fn nothing_else_is_taken_for_a_signature(bytes in prop::collection::vec(any::<u8>(), 0..300), length in prop::sample::select(vec![0, 64, 70, 71, 72, 256])) {
        let url = WireUrl::parse("https://d.net/a").unwrap();
        for key_type in [KeyType::Rsa, KeyType::Ecdsa] {
            let identity = Identity::new("K2JCJMDEHXQW5F", key_type, None).unwrap();
            for signature in [bytes.clone(), bytes.iter().copied().cycle().take(if bytes.is_empty() { 0 } else { length }).collect()] {
                let unsigned = || identity.prepare_url(&url, &Conditions::new("2h").now(NOW)).unwrap();
                if let Err(error) = unsigned().finish(&signature, None) {
                    prop_assert_eq!(error.code(), ErrorCode::SigningFailed);
                }
                prop_assert!(unsigned().finish(&signature, Some(&SIGNER.key().public_key())).is_err());
            }
        }
    }

    #[test]
    fn mangled_keys_are_the_same_keys(
        pem in prop::sample::select(vec![include_str!("keys/p256.pem"), include_str!("keys/p256.sec1.pem")]),
        ends in prop::sample::select(vec!["\n", "\r\n", "\\n", "\\\\n", " ", "", "\n\n", "\n    "]),
        around in prop::sample::select(vec![("", ""), ("\"", "\""), ("'", "'"), ("\u{feff}", ""), ("{\"key\":\"", "\"}"), ("\n\t", "\n")]),
        in_base64 in 0..3u8,
    ) {
        let mut text = format!("{}{}{}", around.0, pem.replace('\n', ends), around.1);
        for _ in 0..in_base64 {
            text = STANDARD.encode(text);
        }
        let key = PrivateKey::load(text.as_bytes(), &LoadOptions::new()).unwrap();
        prop_assert_eq!(key.public_key(), SIGNER.key().public_key());
        let description = KeyDescription::of(text.as_bytes(), &LoadOptions::new()).unwrap();
        prop_assert_eq!(&description.public_key, &key.public_key().to_pem().unwrap());
        prop_assert_eq!((description.key_type, description.bits, description.encoding), (KeyType::Ecdsa, 256, "PEM"));
        // Surrounding white space and other line endings are no damage.
        if in_base64 > 0 || ends.contains('\\') {
            prop_assert!(!description.repairs.is_empty());
        }
        let again = PrivateKey::load(key.to_pkcs8_pem().unwrap().as_bytes(), &LoadOptions::new()).unwrap();
        prop_assert_eq!(again.to_pkcs8_der().unwrap(), key.to_pkcs8_der().unwrap());
    }

    #[test]
    fn names_are_read_as_they_are_written_and_in_no_other_way(text in prop_oneof!["SHA1|SHA256|RSA|ECDSA|Strict|Lax|None", "[A-Za-z0-9-]{0,8}", ".{0,8}"]) {
        prop_assert_eq!(text.parse::<Algorithm>().map(|read| read.to_string()).ok(), Some(text.clone()).filter(|text| ["SHA1", "SHA256"].contains(&&**text)));
        prop_assert_eq!(text.parse::<KeyType>().map(|read| read.to_string()).ok(), Some(text.clone()).filter(|text| ["RSA", "ECDSA"].contains(&&**text)));
        let same_site = text.parse::<SameSite>().map(|read| read.as_str().to_owned()).ok();
        prop_assert_eq!(same_site, Some(text).filter(|text| ["Strict", "Lax", "None"].contains(&&**text)));
    }

    #[test]
    fn a_cookie_ends_on_the_day_that_a_calendar_says(seconds in 0..=LATEST) {
        let attributes = CookieAttributes::new().expires(DateInput::Milliseconds(seconds as f64 * 1e3));
        let lines = set_cookie(&[("CloudFront-Signature", "abc".to_owned())], &attributes).unwrap();
        let expected = jiff::Timestamp::from_second(seconds).unwrap().strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
        prop_assert!(lines[0].contains(&format!("; Expires={expected};")), "{} is not {expected}", lines[0]);
    }

    #[test]
    fn every_moment_can_be_written(seconds in any::<i64>(), before in any::<u32>(), after in any::<u32>()) {
        prop_assert!(!utc(seconds).is_empty() && !span(seconds).is_empty());
        let read = |input: DateInput| input.resolve(Parameter::DateLessThan, NOW);
        prop_assert_eq!(read((SystemTime::UNIX_EPOCH + Duration::from_secs(after.into())).into()).ok(), Some(i64::from(after)));
        prop_assert_eq!(read(Duration::from_secs(after.into()).into()).ok(), Some(NOW + i64::from(after)));
        prop_assert_eq!(read((SystemTime::UNIX_EPOCH - Duration::from_secs(before.into())).into()).is_ok(), before == 0);
    }
}
