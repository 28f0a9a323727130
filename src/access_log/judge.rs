//! Decides a logged request at its time, and compares that with what CloudFront did.

use std::borrow::Cow;
use std::fmt;
use std::hash::{BuildHasher as _, RandomState};

use super::record::Record;
use super::seen;
use crate::credentials::Credentials;
use crate::encoding;
use crate::key::Algorithm;
use crate::policy::Policy;
use crate::reason::ReasonCode;
use crate::url::native_parser;
use crate::verifier::{Asked, Decision, DenialCode, TrustedKeys, Verifier, decide};

/// Decides requests, with or without public keys.
#[derive(Debug)]
pub struct Judge {
    keys: Option<Verifier>,
    /// Different for each judge: judges share a thread's cache, and one must not find what another has checked.
    hasher: RandomState,
}

/// What CloudFront should have answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Verdict {
    /// The signature is right and the policy allows the request.
    Allowed,
    /// It is not allowed.
    Denied,
    /// The log does not say enough, or there is no key.
    Unknown,
}

/// What the edge did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Edge {
    /// It gave the content.
    LetIn,
    /// It answered 403 because of the signature or the policy.
    Refused,
    /// Something that has nothing to do with signatures: a redirect, an error of the origin, a firewall.
    Other,
}

/// A request that has been decided.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Judged {
    /// The verdict.
    pub verdict: Verdict,
    /// CloudFront's code, of a denial.
    pub code: Option<DenialCode>,
    /// The reason for people; empty for an allowed request.
    pub reason: String,
    /// The reason for programs: `expired`, `no-public-key`, or `allowed`.
    pub reason_code: Cow<'static, str>,
    /// What the edge did.
    pub edge: Edge,
    /// The key pair id that the request names.
    pub key_pair_id: Option<String>,
    /// When it began, in epoch seconds, exact to about a second.
    pub at: i64,
    /// The expiry, if the request is or may be allowed.
    pub expires: Option<i64>,
    /// The resource of a custom policy, if the request is or may be allowed.
    pub resource: Option<String>,
    /// A hash of the signature.
    pub link: Option<u64>,
}

impl Judged {
    /// Whether CloudFront did what it should have; `None` if either is unknown.
    pub fn agrees(&self) -> Option<bool> {
        match (self.verdict, self.edge) {
            (Verdict::Unknown, _) | (_, Edge::Other) => None,
            (Verdict::Allowed, Edge::LetIn) | (Verdict::Denied, Edge::Refused) => Some(true),
            (Verdict::Allowed, Edge::Refused) | (Verdict::Denied, Edge::LetIn) => Some(false),
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Verdict {
    /// `allowed`, `denied` or `unknown`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::Denied => "denied",
            Self::Unknown => "unknown",
        }
    }
}

impl Edge {
    /// Read from the status and the result's type. A 403 may also come from the origin, a firewall or a country that is blocked; only
    /// CloudFront's own answer to a wrong signature is `text/xml`. A page for errors of the distribution's own may have any status.
    pub fn of(record: &Record<'_>) -> Self {
        let result = record.result.as_deref().unwrap_or_default();
        let detailed = record.detailed_result.as_deref().unwrap_or("Error");
        let is_error = ["Error", "LimitExceeded", "CapacityExceeded"].contains(&result);
        match record.status {
            200..=299 | 304 if !is_error && result != "Redirect" => Self::LetIn,
            403 if detailed == "Error" && record.content_type.as_deref().is_none_or(|kind| kind.starts_with("text/xml")) => {
                Self::Refused
            }
            _ => Self::Other,
        }
    }
}

impl From<Verifier> for Judge {
    /// Signatures are checked.
    fn from(keys: Verifier) -> Self {
        Self { keys: Some(keys), hasher: RandomState::new() }
    }
}

impl Judge {
    /// Decides without public keys: what is malformed, expired, too early, or for another address or resource is denied. The rest is
    /// unknown.
    pub fn without_keys() -> Self {
        Self { keys: None, hasher: RandomState::new() }
    }

    /// Decides a request.
    pub fn judge(&self, record: &Record<'_>) -> Judged {
        let (edge, at) = (Edge::of(record), record.start());
        let (url, cookies) = (record.url(), record.cookie.as_deref().unwrap_or_default());
        let given = given(&url, cookies);
        let mut judged = Judged {
            verdict: Verdict::Unknown,
            code: None,
            reason: String::new(),
            reason_code: Cow::Borrowed("allowed"),
            edge,
            key_pair_id: given.value("Key-Pair-Id").filter(|id| !id.is_empty()),
            at,
            expires: None,
            resource: None,
            link: given.written("Signature").map(|signature| seen::LINKS.hash_one(signature)),
        };
        let unknown = |mut judged: Judged, code: &'static str, reason: &str| {
            judged.reason_code = Cow::Borrowed(code);
            reason.clone_into(&mut judged.reason);
            judged
        };
        if given.is_empty() {
            if !record.cookies_are_logged() {
                return unknown(judged, "cookies-not-logged", "the URL is not signed, and cookies are not logged");
            }
            if edge != Edge::Refused {
                return unknown(judged, "may-be-public", "nothing is signed, and it was let in: the path may be public");
            }
        }

        let mut request = Asked::new(&url, at).cookies(cookies);
        if let Some(address) = record.address.as_deref() {
            request = request.ip_address(address);
        }
        match self.decide(&request) {
            Decision::Allowed(access) => {
                judged.expires = Some(access.policy.date_less_than);
                let custom = given.written("Policy").is_some();
                judged.resource = access.policy.resource.clone().filter(|_| custom);
                if access.policy.date_less_than <= at + 1 || access.policy.date_greater_than.is_some_and(|start| start >= at - 1)
                {
                    return unknown(judged, "within-a-second", WITHIN_A_SECOND);
                }
                if self.keys.is_none() {
                    return unknown(
                        judged,
                        "no-public-key",
                        "everything is right except perhaps the signature: checking it takes the public key",
                    );
                }
                judged.verdict = Verdict::Allowed;
                judged
            }
            Decision::Denied(denial) => {
                if denial.code == DenialCode::AccessDenied && self.may_be_allowed(&given, &request, at) {
                    return unknown(judged, "within-a-second", WITHIN_A_SECOND);
                }
                if denial.reason_code == ReasonCode::AddressUnknown {
                    return unknown(judged, "no-address", "the policy names an address, and the log has none");
                }
                judged.verdict = Verdict::Denied;
                judged.code = Some(denial.code);
                judged.reason_code = Cow::Borrowed(denial.reason_code.as_str());
                judged.reason = denial.reason;
                judged
            }
        }
    }

    fn decide(&self, request: &Asked<'_>) -> Decision {
        match &self.keys {
            Some(keys) => decide(&Remembered { keys, hasher: &self.hasher }, request, native_parser),
            None => decide(&Unchecked, request, native_parser),
        }
    }

    /// Whether a request that began a second earlier or later would be let in.
    fn may_be_allowed(&self, given: &Credentials, request: &Asked<'_>, at: i64) -> bool {
        let Some((end, start)) = limits(given) else { return false };
        let is_allowed = |now| self.decide(&request.at(now)).is_allowed();
        end == at && is_allowed(at - 1) || start == Some(at) && is_allowed(at + 1)
    }
}

const WITHIN_A_SECOND: &str = "it began within a second of the time limit, and the log is not more exact";

/// The credentials that count.
fn given(url: &str, cookies: &str) -> Credentials {
    let (_, in_url) = Credentials::take_from_url(url);
    if in_url.is_empty() { Credentials::of_cookies(cookies) } else { in_url }
}

fn policy(given: &Credentials) -> Option<Policy> {
    let json = String::from_utf8(encoding::decode(&given.value("Policy")?)?).ok()?;
    Policy::parse(&json).ok()
}

/// `DateLessThan` and `DateGreaterThan` as the request states them, before the signature is checked.
fn limits(given: &Credentials) -> Option<(i64, Option<i64>)> {
    match policy(given) {
        Some(policy) => Some((policy.date_less_than, policy.date_greater_than)),
        None => Some((given.value("Expires")?.parse().ok()?, None)),
    }
}

/// Keys that remember checked signatures: a grant comes with many requests, and checking is the expensive part.
struct Remembered<'a> {
    keys: &'a Verifier,
    hasher: &'a RandomState,
}

impl TrustedKeys for Remembered<'_> {
    fn verify(&self, id: &str, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> Option<bool> {
        let what = self.hasher.hash_one((id, algorithm.as_str(), message, signature));
        seen::or_find(what, || TrustedKeys::verify(self.keys, id, algorithm, message, signature))
    }

    fn ids(&self) -> Vec<&str> {
        self.keys.ids()
    }

    fn has(&self, id: &str) -> bool {
        self.keys.has(id)
    }
}

/// Accepts every signature: what is denied even so is denied with any key.
struct Unchecked;

impl TrustedKeys for Unchecked {
    fn verify(&self, _: &str, _: Algorithm, _: &[u8], _: &[u8]) -> Option<bool> {
        Some(true)
    }

    fn ids(&self) -> Vec<&str> {
        Vec::new()
    }

    fn has(&self, _: &str) -> bool {
        true
    }
}
