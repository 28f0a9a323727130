//! Peers' public test cases, in tests/vectors/peers, give what the peer expects. Where one differs, the case and the peer's guide say
//! why.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

#[allow(dead_code, reason = "the other tests use what this one does not")]
mod cases;

use countersign::verifier::{Decision, Request, Verifier};
use countersign::{Conditions, LoadOptions, PrivateKey, Result, Signer, encoding};
use serde::Deserialize;

const ID: &str = "K1TESTKEY";

/// Parameters by name, the requested URL, and the request's `Cookie` header.
type Signed = (Vec<(String, String)>, String, String);

#[derive(Deserialize)]
struct Peer {
    source: String,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    id: String,
    call: String,
    resource: String,
    #[serde(rename = "applyTo")]
    apply_to: Option<String>,
    key: String,
    #[serde(rename = "keyPairId")]
    key_pair_id: Option<String>,
    /// Seconds, or text as typed at the shell.
    expires: serde_json::Value,
    starts: Option<i64>,
    ip: Option<String>,
    algorithm: Option<String>,
    /// The parameters or cookies, in order.
    #[serde(default)]
    names: Vec<String>,
    policy: Option<String>,
    error: Option<String>,
    /// How the result differs from the peer's, and why.
    differs: Option<String>,
}

impl Case {
    fn private_key(&self) -> PrivateKey {
        PrivateKey::load(&cases::key_file(&self.key), &LoadOptions::new()).unwrap()
    }

    fn conditions(&self) -> Conditions {
        let conditions = match &self.expires {
            serde_json::Value::String(text) => Conditions::new(text.as_str()),
            seconds => Conditions::new(seconds.as_i64().unwrap()),
        };
        // The dates of these cases are in the past.
        let mut conditions = conditions.now(0).allow_expired(true);
        if let Some(start) = self.starts {
            conditions = conditions.date_greater_than(start);
        }
        if let Some(address) = &self.ip {
            conditions = conditions.ip_address(address.as_str());
        }
        conditions
    }

    fn sign(&self) -> Result<Signed> {
        let key = self.private_key();
        let algorithm = self.algorithm.as_deref().unwrap_or("SHA1").parse().unwrap();
        let signer = Signer::with_algorithm(self.key_pair_id.as_deref().unwrap_or(ID), key, algorithm)?;
        let conditions = self.conditions();
        if self.call == "cookies" {
            let pairs = signer.sign_cookies(&self.resource, &conditions)?.pairs();
            let header = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ");
            let pairs = pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
            return Ok((pairs, self.resource.replace('*', "x"), header));
        }
        let grant = signer.grant(&self.resource, &conditions);
        let signed = match &self.apply_to {
            Some(url) => grant?.url(url)?,
            None => signer.sign_url(&self.resource, &conditions)?,
        };
        let base = self.apply_to.as_deref().unwrap_or(&self.resource);
        let separator = if base.contains('?') { '&' } else { '?' };
        let parameters = signed.strip_prefix(&format!("{base}{separator}")).expect("the URL, and then the parameters");
        let pair = |part: &str| part.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned())).unwrap();
        Ok((parameters.split('&').map(pair).collect(), signed.clone(), String::new()))
    }
}

#[test]
fn the_public_cases_of_peers() {
    let mut run = 0;
    for file in ["aws_shared_cases.json", "aws_cli_test_sign.json"] {
        let text = std::fs::read_to_string(format!("{}/tests/vectors/peers/{file}", env!("CARGO_MANIFEST_DIR"))).unwrap();
        let peer: Peer = serde_json::from_str(&text).unwrap();
        assert!(!peer.source.is_empty());
        for case in &peer.cases {
            run += 1;
            assert!(case.differs.as_ref().is_none_or(|why| why.len() > 20), "{}", case.id);
            let (pairs, url, cookies) = match (case.sign(), &case.error) {
                (Ok(signed), None) => signed,
                (Err(error), Some(code)) => {
                    assert_eq!(error.code().as_str(), code, "{}", case.id);
                    continue;
                }
                (Ok(_), Some(code)) => panic!("{}: it is signed, and not {code}", case.id),
                (Err(error), None) => panic!("{}: {error:?}", case.id),
            };
            let names: Vec<&str> = pairs.iter().map(|(name, _)| name.as_str()).collect();
            assert_eq!(names, case.names, "{}", case.id);
            let policy = case.policy.as_deref().unwrap();
            if let Some((_, encoded)) = pairs.iter().find(|(name, _)| name.ends_with("Policy")) {
                assert_eq!(String::from_utf8(encoding::decode(encoded).unwrap()).unwrap(), policy, "{}", case.id);
            }
            // A signature of any other text is denied.
            let verifier = Verifier::new([(ID.to_owned(), case.private_key().public_key())]).unwrap();
            let policy: serde_json::Value = serde_json::from_str(policy).unwrap();
            let end = policy["Statement"][0]["Condition"]["DateLessThan"]["AWS:EpochTime"].as_i64().unwrap();
            let inside = case.ip.as_deref().map(|range| range.split('/').next().unwrap()).unwrap_or_default();
            let request = Request::new(&url).now(end - 1).cookies(&cookies).ip_address(inside);
            assert!(
                matches!(verifier.verify(&request).unwrap(), Decision::Allowed(_)),
                "{}: {:?}",
                case.id,
                verifier.verify(&request).unwrap()
            );
        }
    }
    assert!(run > 25, "{run}");
}
