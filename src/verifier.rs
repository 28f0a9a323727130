//! The edge's decision: what CloudFront, with a trusted key group, answers to a request.
//!
//! Sources: the AWS pages named in [`policy`](crate::policy), *Decide to use signed URLs or signed cookies*
//! (<https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-choosing-signed-urls-cookies.html>),
//! and, for the answers, *Troubleshoot signed URLs and cookies* of AWS re:Post. Where no source settles a point, the answer
//! is a denial: a signing parameter or cookie that comes twice, `Hash-Algorithm` alone or in another case, a policy
//! with a member that AWS does not name, an address in a policy and a viewer whose address is unknown or IPv6.

use std::collections::BTreeMap;

use crate::credentials::Credentials;
use crate::date;
use crate::encoding;
use crate::error::{Error, ErrorCode, Result, quoted};
use crate::grant::check_key_pair_id;
use crate::ip_address::{self, Address, dotted};
use crate::key::{Algorithm, PublicKey};
use crate::parameter::{Parameter, name_at_cloudfront};
use crate::policy::{ConditionOrder, Policy};
use crate::resource::Resource;
use crate::url::{Parser, WireUrl, native_parser};

mod decision;

pub use crate::credentials::Source;
pub use decision::{Access, Decision, Denial, DenialCode};

/// A trusted key group: key pair ids and their public keys.
///
/// ```
/// use countersign::verifier::{Decision, Request, Verifier};
/// use countersign::{Conditions, KeyType, PrivateKey, Signer};
///
/// let key = PrivateKey::generate(KeyType::Ecdsa)?;
/// let verifier = Verifier::new([("K2JCJMDEHXQW5F".to_owned(), key.public_key())])?;
/// let signer = Signer::new("K2JCJMDEHXQW5F", key)?;
///
/// let now = 1_893_456_000;
/// let signed = signer.sign_url("https://d111111abcdef8.cloudfront.net/film.mp4", &Conditions::new("2h").now(now))?;
///
/// assert!(verifier.verify(&Request::new(&signed, now)).is_allowed());
/// let Decision::Denied(denial) = verifier.verify(&Request::new(&signed, now + 7_200)) else { panic!() };
/// assert_eq!(denial.code.as_str(), "AccessDenied");
/// assert_eq!(denial.reason, "expired 0 seconds ago, at 2030-01-01T02:00:00Z");
/// # Ok::<(), countersign::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Verifier {
    keys: BTreeMap<String, PublicKey>,
    /// The key for an id that is not among them.
    of_any_id: Option<PublicKey>,
}

/// A request as it reaches the edge.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    url: &'a str,
    cookies: &'a str,
    ip_address: Option<&'a str>,
    now: i64,
}

impl<'a> Request<'a> {
    /// A request for an absolute URL, at a moment in epoch seconds.
    pub fn new(url: &'a str, now: i64) -> Self {
        Self { url, cookies: "", ip_address: None, now }
    }

    /// The value of its `Cookie` header.
    pub fn cookies(mut self, header: &'a str) -> Self {
        self.cookies = header;
        self
    }

    /// The viewer's address, IPv4 or IPv6; an IPv4 address may be written as IPv6, `::ffff:192.0.2.1`.
    pub fn ip_address(mut self, address: &'a str) -> Self {
        self.ip_address = Some(address);
        self
    }
}

type Checked<T> = Result<T, Denial>;

fn denied(code: DenialCode, reason: impl Into<String>) -> Denial {
    Denial { code, reason: reason.into() }
}

impl Verifier {
    /// A group of these keys.
    ///
    /// # Errors
    /// [`ErrorCode::InvalidKeyPairId`] for an id that CloudFront could not have given; [`ErrorCode::InvalidOption`] if there is
    /// no key, so that nothing would ever be allowed.
    pub fn new(keys: impl IntoIterator<Item = (String, PublicKey)>) -> Result<Self> {
        let keys: BTreeMap<String, PublicKey> = keys.into_iter().collect();
        check_ids(keys.keys())?;
        Ok(Self { keys, of_any_id: None })
    }

    /// One key whose id is not known: it is held against every signature, whatever id the request names.
    pub fn of_any_id(key: PublicKey) -> Self {
        Self { keys: BTreeMap::new(), of_any_id: Some(key) }
    }

    /// What CloudFront would answer. Nothing that a request may hold is an error: it is a denial.
    pub fn verify(&self, request: &Request<'_>) -> Decision {
        decide(self, request, native_parser)
    }
}

/// Refuses a key group that has no key, or an id that is none.
pub(crate) fn check_ids<'a>(ids: impl IntoIterator<Item = &'a String>) -> Result<()> {
    let mut ids = ids.into_iter().peekable();
    if ids.peek().is_none() {
        return Err(Error::new(ErrorCode::InvalidOption, "the key group has no public key")
            .about(Parameter::PublicKeys)
            .with_hint("Give at least one, under the id that CloudFront shows for it."));
    }
    ids.try_for_each(|id| check_key_pair_id(id))
}

/// A key group, whoever does its arithmetic.
pub(crate) trait TrustedKeys {
    /// Whether `signature` is one of the key `id` over `message`; `None` if there is no such key.
    fn verify(&self, id: &str, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> Option<bool>;

    fn ids(&self) -> Vec<&str>;

    /// Whether there is a key for this id.
    fn has(&self, id: &str) -> bool {
        self.ids().contains(&id)
    }
}

impl TrustedKeys for Verifier {
    fn verify(&self, id: &str, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> Option<bool> {
        Some(self.keys.get(id).or(self.of_any_id.as_ref())?.verify(algorithm, message, signature))
    }

    fn has(&self, id: &str) -> bool {
        self.of_any_id.is_some() || self.keys.contains_key(id)
    }

    fn ids(&self) -> Vec<&str> {
        self.keys.keys().map(String::as_str).collect()
    }
}

pub(crate) fn decide(keys: &impl TrustedKeys, request: &Request<'_>, parser: Parser) -> Decision {
    match check(keys, request, parser) {
        Ok(access) => Decision::Allowed(access),
        Err(denial) => Decision::Denied(denial),
    }
}

fn check(keys: &impl TrustedKeys, request: &Request<'_>, parser: Parser) -> Checked<Access> {
    check_lengths(request)?;
    let href = parser(request.url)
        .ok_or_else(|| denied(DenialCode::AccessDenied, "the URL of the request is not an absolute http or https URL"))?;
    let (plain, in_url) = Credentials::take_from_url(&href);
    let url =
        WireUrl::as_requested(plain).map_err(|error| denied(DenialCode::AccessDenied, error.message_with(name_at_cloudfront)))?;
    let given = choose(in_url, request.cookies)?;

    let id = given.value("Key-Pair-Id").filter(|id| !id.is_empty()).ok_or_else(|| {
        denied(DenialCode::MissingKey, "there is no Key-Pair-Id in the URL and no CloudFront-Key-Pair-Id among the cookies")
    })?;
    if !keys.has(&id) {
        let reason = format!("{} is not in the key group, which has {}", quoted(&id), keys.ids().join(", "));
        return Err(denied(DenialCode::InvalidKey, reason));
    }
    let signature = given.value("Signature").and_then(|text| encoding::decode(&text)).filter(|bytes| !bytes.is_empty());
    let signature = signature.ok_or_else(|| {
        denied(
            DenialCode::MalformedSignature,
            "the signature is missing or is not in CloudFront's Base64 (- for +, ~ for /, _ for =)",
        )
    })?;
    let mut warnings = Vec::new();
    let signed = signed_text(&given, &url, &mut warnings)?;
    let algorithm = match given.value("Hash-Algorithm") {
        None => Algorithm::Sha1,
        Some(name) => name.parse().map_err(|_| {
            denied(DenialCode::AccessDenied, format!("the hash is {}; CloudFront knows SHA1 and SHA256", quoted(&name)))
        })?,
    };
    if keys.verify(&id, algorithm, signed.json.as_bytes(), &signature) != Some(true) {
        return Err(denied(
            DenialCode::AccessDenied,
            format!(
                "the signature is not one of the key {id} over this policy with {algorithm}: the URL or the policy was changed after \
                 it was signed, or another key or hash signed it"
            ),
        ));
    }

    let policy = Policy::parse(&signed.json).map_err(|error| {
        let code = match error.code() {
            ErrorCode::InvalidPolicy | ErrorCode::InvalidDate => DenialCode::MalformedPolicy,
            _ => DenialCode::AccessDenied,
        };
        denied(code, error.message_with(name_at_cloudfront))
    })?;
    check_resource(&policy, &url, given.source, signed.is_canned, &mut warnings)?;
    check_time(&policy, request.now)?;
    check_address(&policy, request.ip_address)?;
    let remaining = policy.date_less_than.saturating_sub(request.now);
    Ok(Access { source: given.source, key_pair_id: id, url: url.as_str().to_owned(), policy, remaining, warnings })
}

/// What CloudFront takes at most; it answers longer requests with another status. The comparison with a pattern takes a time
/// that grows with the square of the URL's length, and so has a bound.
///
/// Source: AWS, *Quotas*, "General quotas"
/// (<https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html>).
fn check_lengths(request: &Request<'_>) -> Checked<()> {
    for (what, length, most) in [("URL", request.url.len(), 8_192), ("Cookie header", request.cookies.len(), 32_768)] {
        if length > most {
            let reason = format!("the {what} has {length} bytes; CloudFront takes at most {most}");
            return Err(denied(DenialCode::AccessDenied, reason));
        }
    }
    Ok(())
}

/// The credentials that count; a name that comes twice among them is not settled.
fn choose(in_url: Credentials, cookies: &str) -> Checked<Credentials> {
    let given = if in_url.is_empty() { Credentials::of_cookies(cookies) } else { in_url };
    if let Some(name) = given.given_twice() {
        return Err(denied(DenialCode::AccessDenied, format!("{name} is given twice")));
    }
    if given.source == Source::Url && !given.is_signed() {
        return Err(denied(DenialCode::MissingKey, "the URL has Hash-Algorithm and nothing else of a signature"));
    }
    Ok(given)
}

/// The policy as it was signed.
struct SignedText {
    json: String,
    is_canned: bool,
}

fn signed_text(given: &Credentials, url: &WireUrl, warnings: &mut Vec<String>) -> Checked<SignedText> {
    let expires = given.value("Expires");
    let Some(policy) = given.value("Policy") else {
        let expires = expires.ok_or_else(|| denied(DenialCode::MalformedPolicy, "there is neither an expiry nor a policy"))?;
        return Ok(SignedText { json: canned_policy(url, &expires)?, is_canned: true });
    };
    if expires.is_some() {
        warnings.push("Expires stands beside Policy; Policy counts".to_owned());
    }
    let json = encoding::decode(&policy).and_then(|bytes| String::from_utf8(bytes).ok()).ok_or_else(|| {
        denied(DenialCode::MalformedPolicy, "the policy is not in CloudFront's Base64 (- for +, ~ for /, _ for =), or not text")
    })?;
    Ok(SignedText { json, is_canned: false })
}

/// A canned policy is not sent: it is rebuilt from the request.
fn canned_policy(url: &WireUrl, expires: &str) -> Checked<String> {
    let is_number =
        !expires.is_empty() && expires.bytes().all(|b| b.is_ascii_digit()) && (expires == "0" || !expires.starts_with('0'));
    let seconds = expires.parse::<i64>().ok().filter(|_| is_number).ok_or_else(|| {
        denied(DenialCode::MalformedPolicy, format!("Expires is {}, which is not a number of seconds", quoted(expires)))
    })?;
    let policy =
        Policy { resource: Some(url.as_str().to_owned()), date_less_than: seconds, date_greater_than: None, ip_address: None };
    Ok(policy.to_json(ConditionOrder::Documentation))
}

fn check_resource(policy: &Policy, url: &WireUrl, source: Source, is_canned: bool, warnings: &mut Vec<String>) -> Checked<()> {
    let Some(text) = &policy.resource else {
        warnings.push("the policy names no Resource, and opens everything that the key may open".to_owned());
        return Ok(());
    };
    // The policy was rebuilt from the request: it is the same text.
    if is_canned {
        if text.as_bytes().contains(&b'*') {
            warnings.push("the URL of a canned policy has a *, which is no wildcard there".to_owned());
        }
        return Ok(());
    }
    let resource = Resource::verbatim(text.clone());
    if source == Source::Cookies && !resource.is_allowed_in_cookies() {
        let reason = format!("the policy's resource {text} does not begin with http:// or https://, as it has to in cookies");
        return Err(denied(DenialCode::AccessDenied, reason));
    }
    if !resource.matches(url) {
        return Err(denied(DenialCode::AccessDenied, format!("the policy's resource {text} does not match {}", url.as_str())));
    }
    Ok(())
}

/// The boundary seconds are outside: expired at `DateLessThan`, early at `DateGreaterThan`.
fn check_time(policy: &Policy, now: i64) -> Checked<()> {
    let end = policy.date_less_than;
    if end <= now {
        let reason = format!("expired {} ago, at {}", date::span(now.saturating_sub(end)), date::utc(end));
        return Err(denied(DenialCode::AccessDenied, reason));
    }
    match policy.date_greater_than {
        Some(start) if start >= now => {
            let reason = format!("not valid for another {}, until {}", date::span(start.saturating_sub(now)), date::utc(start));
            Err(denied(DenialCode::AccessDenied, reason))
        }
        _ => Ok(()),
    }
}

fn check_address(policy: &Policy, viewer: Option<&str>) -> Checked<()> {
    let Some(range) = &policy.ip_address else { return Ok(()) };
    let refuse = |reason: String| Err(denied(DenialCode::AccessDenied, reason));
    let Some(viewer) = viewer else {
        return refuse(format!("the policy allows {range} only, and the viewer's address is not known"));
    };
    let Some(Address::V4(address) | Address::Mapped(address)) = Address::read(viewer) else {
        return refuse(format!("the policy allows {range} only, and the viewer's address {} is not IPv4", quoted(viewer)));
    };
    if ip_address::contains(range, address) {
        Ok(())
    } else {
        refuse(format!("the viewer's address {} is not in {range}", dotted(address)))
    }
}
