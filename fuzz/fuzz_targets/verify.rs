//! `Verifier` against the plain one, with requests that are signed correctly and then changed. The input: flags, the URL, the policy
//! (empty for a canned one), the expiry, the `Cookie` header, the viewer's address, the moment, and what to replace in the request.
#![no_main]

use countersign::Algorithm;
use countersign::date::LATEST;
use countersign::verifier::{Decision, Request};
use countersign_fuzz::plain_verifier::{self, decide};
use countersign_fuzz::{ECDSA_ID, Fields, RSA_ID, encode, key_group, signer};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let mut fields = Fields::new(data);
    let flags = fields.text();
    let has = |flag: char| flags.contains(flag);
    let (address, policy, expires) = (fields.text(), fields.given(), fields.text());
    let (own_cookies, viewer, now) = (fields.text(), fields.given(), fields.number(1_900_000_000).rem_euclid(LATEST));

    let (rsa, algorithm) = (has('r'), if has('1') { Algorithm::Sha1 } else { Algorithm::Sha256 });
    let message = policy.clone().unwrap_or_else(|| {
        let resource = url::Url::parse(&address).map_or(address.clone(), String::from).replace('\\', "\\\\").replace('"', "\\\"");
        format!(r#"{{"Statement":[{{"Resource":"{resource}","Condition":{{"DateLessThan":{{"AWS:EpochTime":{expires}}}}}}}]}}"#)
    });
    let signature = if has('u') {
        b"no signature".to_vec()
    } else {
        signer(rsa, algorithm).key().sign(algorithm, message.as_bytes()).expect("it signs")
    };
    let mut given = vec![
        match &policy {
            Some(json) => ("Policy", encode(json.as_bytes())),
            None => ("Expires", expires),
        },
        ("Signature", encode(&signature)),
        ("Key-Pair-Id", if rsa { RSA_ID } else { ECDSA_ID }.to_owned()),
    ];
    if algorithm == Algorithm::Sha256 {
        given.push(("Hash-Algorithm", "SHA256".to_owned()));
    }
    let (mut url, mut cookies) = (address, own_cookies);
    if has('c') {
        for (name, value) in given {
            cookies = format!("{cookies}; CloudFront-{name}={value}");
        }
    } else {
        for (name, value) in given {
            let separator = if url.contains('?') { '&' } else { '?' };
            url = format!("{url}{separator}{name}={value}");
        }
    }
    for _ in 0..4 {
        let (from, to) = (fields.text(), fields.text());
        if !from.is_empty() {
            (url, cookies) = (url.replacen(&from, &to, 1), cookies.replacen(&from, &to, 1));
        }
    }

    let mut request = Request::new(&url).now(now).cookies(&cookies);
    if let Some(viewer) = &viewer {
        request = request.ip_address(viewer);
    }
    let found = match key_group().verify(&request).unwrap() {
        Decision::Allowed(access) => {
            assert_eq!(access.remaining, access.policy.date_less_than - now);
            assert!(access.remaining >= 1);
            plain_verifier::Decision::Allowed {
                in_url: access.source == countersign::verifier::Source::Url,
                key_pair_id: access.key_pair_id,
                url: access.url,
                policy: countersign_fuzz::plain_policy::Policy {
                    resource: access.policy.resource,
                    date_less_than: access.policy.date_less_than,
                    date_greater_than: access.policy.date_greater_than,
                    ip_address: access.policy.ip_address,
                },
            }
        }
        Decision::Denied(denial) => plain_verifier::Decision::Denied(denial.code.as_str()),
    };
    if !plain_verifier::is_plain_header(&cookies) {
        return;
    }
    let request = plain_verifier::Request { url: &url, cookies: &cookies, ip_address: viewer.as_deref(), now };
    assert_eq!(found, decide(&[ECDSA_ID, RSA_ID], &request), "{url} {cookies}");
});
