//! `inspect` with any text. If it finds nothing wrong, the verifier denies nothing for a reason that is visible in the text. The
//! input: the text, the moment.
#![no_main]

use countersign::date::LATEST;
use countersign::inspect::{Severity, inspect_at};
use countersign::reason::ReasonCode;
use countersign::verifier::{Decision, DenialCode, Request, Source, Verifier};
use countersign::{Algorithm, ErrorCode};
use countersign_fuzz::{Fields, signer};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let mut fields = Fields::new(data);
    let (text, now) = (fields.text(), fields.number(1_767_225_600).rem_euclid(LATEST));
    let found = match inspect_at(&text, now) {
        Ok(found) => found,
        Err(error) => {
            assert!(
                matches!(error.code(), ErrorCode::InvalidUrl | ErrorCode::UnsupportedScheme | ErrorCode::TooLong),
                "{error:?}"
            );
            return;
        }
    };
    let order = found.findings.iter().map(|finding| match finding.severity {
        Severity::Error => 0,
        Severity::Warning => 1,
        Severity::Note => 2,
    });
    assert!(order.is_sorted(), "the errors come first");
    assert!(found.findings.iter().all(|finding| !finding.message.is_empty() && finding.message.len() < 2_000));
    let looks_right = found.findings.iter().all(|finding| finding.severity != Severity::Error);
    if !looks_right || found.source == Source::Cookies || text.trim().len() > 8_192 {
        return;
    }
    let id = found.key_pair_id.expect("its absence is an error");
    let key = signer(false, Algorithm::Sha256).key().public_key();
    let group = Verifier::new([(id, key)]).expect("an id that is none is an error");
    if let Decision::Denied(denial) = group.verify(&Request::new(text.trim()).now(now)).unwrap() {
        // What was changed in a canned URL, only the key can prove.
        let cannot_be_seen = match denial.reason_code {
            ReasonCode::WrongSignature | ReasonCode::OtherHash | ReasonCode::AddressUnknown => true,
            ReasonCode::ParameterAdded | ReasonCode::EmptyQueryPart | ReasonCode::OtherProtocol | ReasonCode::Rewritten => {
                found.policy.as_ref().is_some_and(|policy| policy.kind == "canned")
            }
            _ => false,
        };
        assert!(denial.code == DenialCode::AccessDenied && cannot_be_seen, "{denial:?}");
    }
});
