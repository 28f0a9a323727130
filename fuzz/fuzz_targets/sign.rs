//! Both verifiers allow what the signer signs: at the time and from the address that it is meant for, and not beyond. The input: the
//! call, the URL, the resource, the policy, the expiry, the start, the address, the moment, and another URL.
#![no_main]

use countersign::aws_sdk::{self, Input};
use countersign::policy::Policy;
use countersign::url::WireUrl;
use countersign::verifier::Request;
use countersign::{Algorithm, Conditions, Grant, ReadyPolicy};
use countersign_fuzz::plain_verifier::{self, decide};
use countersign_fuzz::{ECDSA_ID, Fields, key_group, signer};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let mut fields = Fields::new(data);
    let (call, url, resource, policy) = (fields.text(), fields.text(), fields.text(), fields.text());
    let (end, start, address) = (fields.date(), fields.date(), fields.given());
    let (now, other) = (fields.number(1_767_225_600), fields.text());

    let algorithm = if call.ends_with('1') { Algorithm::Sha1 } else { Algorithm::Sha256 };
    let signer = signer(false, algorithm);
    let mut conditions = Conditions::new(end.clone().unwrap_or("2h".into())).now(now);
    if let Some(start) = &start {
        conditions = conditions.date_greater_than(start.clone());
    }
    if let Some(address) = &address {
        conditions = conditions.ip_address(address.clone());
    }
    let opens = |signed: &str| opens_as_it_says(signed, "");
    let on_both = |grant: &Grant| {
        for url in [&url, &other] {
            if let Ok(signed) = grant.url(url) {
                opens(&signed);
                let wire = WireUrl::parse(url).expect("it was signed");
                if let Ok(cookies) = grant.cookies() {
                    let pairs = cookies.pairs().into_iter();
                    let header = pairs.map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ");
                    opens_as_it_says(wire.as_str(), &header);
                }
            }
        }
    };
    match call.as_bytes().first() {
        Some(b'r') => {
            if let Ok(signed) = signer.sign_url(&url, &conditions.clone().resource(&resource)) {
                opens(&signed);
            }
        }
        Some(b'p') => {
            if let Ok(signed) = signer.sign_url_with_policy(&url, &ReadyPolicy::new(&policy).now(now).allow_expired(true)) {
                opens(&signed);
            }
        }
        Some(b'g') => {
            if let Ok(grant) = signer.grant(&resource, &conditions) {
                on_both(&grant);
            }
        }
        Some(b'a') => {
            let given = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
            let input = Input {
                url: given(&url),
                policy: given(&policy),
                date_less_than: end,
                date_greater_than: start,
                ip_address: address,
            };
            let parser = |text: &str| url::Url::parse(text).ok().map(String::from);
            let sign = |message: &[u8]| signer.key().sign(algorithm, message).expect("it signs");
            if let Ok((base, unsigned)) = aws_sdk::prepare_url(signer.identity(), &input, parser) {
                let signature = sign(unsigned.message());
                if let Ok(signed) = aws_sdk::signed_url(&base, &unsigned.finish(&signature, None).expect("a signature")) {
                    opens(&signed);
                }
            }
            if let Ok(unsigned) = aws_sdk::prepare_cookies(signer.identity(), &input, parser) {
                let signature = sign(unsigned.message());
                on_both(&unsigned.finish(&signature, None).expect("a signature"));
            }
        }
        _ => {
            if let Ok(signed) = signer.sign_url(&url, &conditions) {
                opens(&signed);
            }
        }
    }
});

/// Reads the result as a stranger would, and asks both verifiers at the limits of what it grants.
fn opens_as_it_says(url: &str, cookies: &str) {
    // What is too long for CloudFront is never allowed.
    if url.len() > 8_192 || cookies.len() > 32_768 {
        return;
    }
    assert_eq!(url::Url::parse(url).expect("a client can read it").as_str(), url, "a client sends it as it is");
    let text = if cookies.is_empty() { url } else { cookies };
    let found = countersign::inspect::inspect_at(text, 0).expect("it can be inspected").policy.expect("it has a policy");
    let end = found.date_less_than.expect("an expiry").seconds;
    let policy = found.json.map(|json| Policy::parse(&json).expect("a policy"));
    let start = policy.as_ref().and_then(|policy| policy.date_greater_than);
    let range = policy.and_then(|policy| policy.ip_address);
    let inside = range.as_deref().map(|range| range.split('/').next().unwrap_or(range));
    // There is no earlier moment to ask at.
    if end == 0 {
        return;
    }
    let allowed = |now: i64, viewer: Option<&str>| {
        let mut request = Request::new(url).now(now).cookies(cookies);
        if let Some(viewer) = viewer {
            request = request.ip_address(viewer);
        }
        let decision = key_group().verify(&request).unwrap();
        let request = plain_verifier::Request { url, cookies, ip_address: viewer, now };
        let plain = decide(&[ECDSA_ID], &request);
        assert_eq!(decision.is_allowed(), matches!(plain, plain_verifier::Decision::Allowed { .. }), "{decision:?}");
        decision
    };
    let last = allowed(end - 1, inside);
    assert!(last.is_allowed() || start == Some(end - 1), "{url} {cookies} {last:?}");
    assert!(!allowed(end, inside).is_allowed());
    if let Some(start) = start {
        assert!(!allowed(start, inside).is_allowed());
        assert!(allowed(start + 1, inside).is_allowed() || start + 1 == end);
    }
    if range.is_some() {
        assert!(!allowed(end - 1, None).is_allowed());
    }
}
