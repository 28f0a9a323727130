//! `Policy::parse` against a second reader. The input: the text of a policy.
#![no_main]

use countersign::policy::Policy;
use countersign::{ErrorCode, ReadyPolicy};
use countersign_fuzz::plain_policy::{self, Fault};
use countersign_fuzz::signer;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let expected = plain_policy::read(text);
    match Policy::parse(text) {
        Ok(policy) => {
            let found = plain_policy::Policy {
                resource: policy.resource.clone(),
                date_less_than: policy.date_less_than,
                date_greater_than: policy.date_greater_than,
                ip_address: policy.ip_address.clone(),
            };
            assert_eq!(Ok(found), expected);
            // It is signed unchanged, unless it opens everything, can match no request, or is too long.
            let identity = signer(false, countersign::Algorithm::Sha256).identity();
            match identity.prepare_policy(&ReadyPolicy::new(text).now(0).allow_expired(true)) {
                Ok(unsigned) => assert_eq!(unsigned.message(), data),
                Err(error) => assert!(
                    policy.resource.as_ref().is_none_or(|resource| {
                        let protocol = resource.split_once("://").map(|(before, _)| before);
                        text.len() > 8_192
                            || resource.contains(|c: char| c <= ' ' || c == '#' || c == '\u{7f}')
                            || protocol.is_some_and(|protocol| !["http", "https", "http*", "*"].contains(&protocol))
                    }),
                    "{error:?}"
                ),
            }
        }
        Err(error) => {
            let malformed = matches!(error.code(), ErrorCode::InvalidPolicy | ErrorCode::InvalidDate);
            assert_eq!(expected, Err(if malformed { Fault::Malformed } else { Fault::NeverMet }), "{error:?}");
        }
    }
});
