//! CloudFront's decision: what it answers to a request, with a trusted key group.
//!
//! Sources: the AWS pages named in [`policy`](crate::policy), *Decide to use signed URLs or signed cookies*
//! (<https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-choosing-signed-urls-cookies.html>),
//! and, for the answers, *Troubleshoot signed URLs and cookies* of AWS re:Post. Where no source settles a point, the answer
//! is a denial: a signing parameter or cookie that comes twice, `Hash-Algorithm` alone or in another case, a policy
//! with a member that AWS does not name, an address in a policy and a viewer whose address is unknown or IPv6.

use std::collections::BTreeMap;

use crate::credentials::{Credentials, names_of};
use crate::date::{self, DateInput};
use crate::encoding;
use crate::error::{Error, ErrorCode, Result};
use crate::grant::check_key_pair_id;
use crate::ip_address::{self, viewer_ipv4};
use crate::key::{Algorithm, PublicKey};
use crate::mangled;
use crate::parameter::{Parameter, name_at_cloudfront};
use crate::policy::{ConditionOrder, Policy, seconds_of_expires};
use crate::policy_text;
use crate::reason::{Reason, ReasonCode};
use crate::resource::Resource;
use crate::url::{
    LONGEST_REQUEST, LONGEST_URL, Parser, WireUrl, ambiguous_part, authority, before_any, is_plain, native_parser,
    percent_decoded, unreadable,
};
use crate::values::is_no_value;

mod decision;

pub use crate::credentials::Source;
pub use decision::{Access, Decision, Denial, DenialCode, Warning};

/// A trusted key group: key pair ids and their public keys.
///
/// ```
/// use countersign::verifier::{Decision, Request, Verifier};
/// use countersign::{Conditions, KeyType, PrivateKey, Signer};
///
/// let key = PrivateKey::generate(KeyType::Ecdsa)?;
/// let verifier = Verifier::new([("K2JCJMDEHXQW5F", key.public_key())])?;
/// let signer = Signer::new("K2JCJMDEHXQW5F", key)?;
///
/// let now = 1_893_456_000;
/// let signed = signer.sign_url("https://d111111abcdef8.cloudfront.net/film.mp4", &Conditions::new("2h").now(now))?;
///
/// assert!(verifier.verify(&Request::new(&signed).now(now))?.is_allowed());
/// let Decision::Denied(denial) = verifier.verify(&Request::new(&signed).now(now + 7_200))? else { panic!() };
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

/// A request as it reaches CloudFront.
///
/// ```
/// use countersign::verifier::Request;
///
/// let request = Request::new("https://d111111abcdef8.cloudfront.net/film.mp4?Expires=…").ip_address("192.0.2.1").now("2030-01-01");
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct Request<'a> {
    asked: Asked<'a>,
    now: Option<DateInput>,
}

impl<'a> Request<'a> {
    /// A request for an absolute URL, now.
    pub fn new(url: &'a (impl AsRef<str> + ?Sized)) -> Self {
        Self { asked: Asked::new(url.as_ref(), 0), now: None }
    }

    /// The value of its `Cookie` header.
    pub fn cookies(mut self, header: &'a (impl AsRef<str> + ?Sized)) -> Self {
        self.asked = self.asked.cookies(header.as_ref());
        self
    }

    /// The viewer's address, IPv4 or IPv6; `::ffff:192.0.2.1` counts as IPv4.
    pub fn ip_address(mut self, address: &'a (impl AsRef<str> + ?Sized)) -> Self {
        self.asked = self.asked.ip_address(address.as_ref());
        self
    }

    /// The moment of the request. Default: the clock.
    pub fn now(mut self, now: impl Into<DateInput>) -> Self {
        self.now = Some(now.into());
        self
    }
}

/// The same with a moment that has been read, in epoch seconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked<'a> {
    url: &'a str,
    cookies: &'a str,
    ip_address: Option<&'a str>,
    now: i64,
}

impl<'a> Asked<'a> {
    pub(crate) fn new(url: &'a str, now: i64) -> Self {
        Self { url, cookies: "", ip_address: None, now }
    }

    pub(crate) fn cookies(mut self, header: &'a str) -> Self {
        self.cookies = header;
        self
    }

    pub(crate) fn ip_address(mut self, address: &'a str) -> Self {
        self.ip_address = Some(address);
        self
    }

    /// The same request at another moment.
    pub(crate) fn at(mut self, now: i64) -> Self {
        self.now = now;
        self
    }
}

type Checked<T> = Result<T, Box<Denial>>;

fn denied(code: DenialCode, reason: Reason) -> Box<Denial> {
    Box::new(Denial::new(code, reason))
}

impl Verifier {
    /// Makes a key group.
    ///
    /// # Errors
    /// [`ErrorCode::InvalidKeyPairId`] for an id that cannot be CloudFront's; [`ErrorCode::InvalidOption`] if there is no key, since
    /// nothing would ever be allowed.
    pub fn new<I: Into<String>>(keys: impl IntoIterator<Item = (I, PublicKey)>) -> Result<Self> {
        let mut known = BTreeMap::new();
        known.extend(keys.into_iter().map(|(id, key)| (id.into(), key)));
        check_ids(known.keys())?;
        Ok(Self { keys: known, of_any_id: None })
    }

    /// Makes a key group of one key with an unknown id: it checks every signature, whatever id the request names. What cannot be an id
    /// of CloudFront's is denied.
    pub fn of_any_id(key: PublicKey) -> Self {
        Self { keys: BTreeMap::new(), of_any_id: Some(key) }
    }

    /// Says what CloudFront would answer. A malformed request is a denial, never an error.
    ///
    /// # Errors
    /// [`ErrorCode::InvalidDate`] if [`Request::now`] is no date; [`ErrorCode::InvalidOption`] if it is not given and the platform
    /// has no clock.
    pub fn verify(&self, request: &Request<'_>) -> Result<Decision> {
        let now = match &request.now {
            Some(now) => now.resolve_by_clock(Parameter::Now)?,
            None => date::now()?,
        };
        Ok(decide(self, &request.asked.at(now), native_parser))
    }
}

/// Refuses a key group without keys, or with an invalid id.
pub(crate) fn check_ids<'a>(ids: impl IntoIterator<Item = &'a String>) -> Result<()> {
    let mut ids = ids.into_iter().peekable();
    if ids.peek().is_none() {
        return Err(Error::new(ErrorCode::InvalidOption, "the key group has no public key")
            .about(Parameter::PublicKeys)
            .with_hint("Give at least one, under the id that CloudFront shows for it."));
    }
    ids.try_for_each(|id| check_key_pair_id(id))
}

/// A key group, for any engine.
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
        self.keys.contains_key(id) || (self.of_any_id.is_some() && check_key_pair_id(id).is_ok())
    }

    fn ids(&self) -> Vec<&str> {
        self.keys.keys().map(String::as_str).collect()
    }
}

pub(crate) fn decide(keys: &impl TrustedKeys, request: &Asked<'_>, parser: Parser) -> Decision {
    match check(keys, request, parser) {
        Ok(access) => Decision::Allowed(access),
        Err(denial) => Decision::Denied(*denial),
    }
}

fn check(keys: &impl TrustedKeys, request: &Asked<'_>, parser: Parser) -> Checked<Access> {
    check_lengths(request)?;
    let why = |why: &str| denied(DenialCode::AccessDenied, Reason::new(ReasonCode::InvalidUrl).with("why", why));
    let (requested, path) = if is_plain(request.url) {
        (request.url.to_owned(), Ok(()))
    } else {
        let href = parser(request.url).ok_or_else(|| why(&unreadable(request.url).at_cloudfront()))?;
        let requested = as_it_came(request.url, href).map_err(|error| why(&error.message_with(name_at_cloudfront)))?;
        (requested, check_path(request.url))
    };
    let (plain, in_url) = Credentials::take_from_url(&requested);
    let url = WireUrl::as_requested(plain).map_err(|error| why(&error.message_with(name_at_cloudfront)))?;
    let incomplete = in_url.incomplete();
    let cookies = Credentials::of_cookies(request.cookies);
    let ignored = incomplete.filter(|_| !cookies.is_empty());
    let given = if in_url.is_empty() { cookies } else { in_url };
    check_credentials(keys, request, &url, path, &given).map_err(|denial| match ignored {
        Some(parameter) => denied(denial.code, Reason::new(ReasonCode::CookiesIgnored).with("parameter", parameter)),
        None => named(denial, request, &given),
    })
}

/// Names the cause if an escape or a changed name led to the denial. CloudFront's answer stays the same.
fn named(denial: Box<Denial>, request: &Asked<'_>, given: &Credentials) -> Box<Denial> {
    let source = given.source;
    if source == Source::Cookies
        && let Some(reason) = given.of_framework()
    {
        return denied(denial.code, reason);
    }
    let is_of_form = matches!(
        denial.reason_code,
        ReasonCode::GivenTwice
            | ReasonCode::HashAlgorithmAlone
            | ReasonCode::InvalidKeyPairId
            | ReasonCode::KeyPairIdMissing
            | ReasonCode::MalformedExpires
            | ReasonCode::MalformedPolicy
            | ReasonCode::NotBase64
            | ReasonCode::NotSigned
            | ReasonCode::PolicyMissing
            | ReasonCode::SignatureMissing
            | ReasonCode::UnknownHash
            | ReasonCode::UnknownKey
    );
    if !is_of_form {
        return denial;
    }
    let in_cookies = || mangled::cause_in_cookies(request.cookies);
    let cause = if source == Source::Url { mangled::cause(request.url) } else { None };
    match cause
        .or_else(|| mangled::cause(request.url).filter(|_| denial.reason_code == ReasonCode::NotSigned))
        .or_else(in_cookies)
    {
        Some(cause) => denied(denial.code, cause),
        None => denial,
    }
}

/// Denies a value that is not CloudFront's Base64, and says what it is instead.
fn not_base64(code: DenialCode, name: &'static str, text: &str) -> Box<Denial> {
    let reason = if is_no_value(text) {
        Reason::new(ReasonCode::NotAValue).with("found", text)
    } else {
        mangled::other_alphabet(text).map_or_else(|| mangled::not_base64(text), |(code, _)| Reason::new(code))
    };
    denied(code, reason.with("name", name))
}

fn check_credentials(
    keys: &impl TrustedKeys,
    request: &Asked<'_>,
    url: &WireUrl,
    path: Checked<()>,
    given: &Credentials,
) -> Checked<Access> {
    check_names(given)?;
    let id = key_pair_id(keys, given)?;
    let signature = signature(given)?;
    let mut warnings = Vec::new();
    let signed = signed_text(given, url, &mut warnings)?;
    path?;
    let algorithm = algorithm(given)?;
    let is_right = |json: &str| keys.verify(&id, algorithm, json.as_bytes(), &signature) == Some(true);
    if !is_right(&signed.json) {
        let reason = change(given, url, is_right)
            .or_else(|| policy_text::read(&signed.json).err())
            .unwrap_or_else(|| wrong_signature(keys, &id, algorithm, signed.json.as_bytes(), &signature));
        return Err(denied(DenialCode::AccessDenied, reason));
    }

    let is_canned = signed.canned.is_some();
    let read = || policy_text::read(&signed.json).map_err(|reason| denied(DenialCode::MalformedPolicy, reason));
    let policy = signed.canned.map_or_else(read, Ok)?;
    check_policy(&policy)?;
    check_resource(&policy, url, given.source, is_canned, &mut warnings)?;
    warnings.extend(mangled::stray_percent(url));
    check_time(&policy, request.now)?;
    check_address(&policy, request.ip_address)?;
    let remaining = policy.date_less_than.saturating_sub(request.now);
    let warning_details: Vec<Warning> = warnings.into_iter().map(Warning::new).collect();
    let warnings = warning_details.iter().map(|warning| warning.message.clone()).collect();
    Ok(Access {
        source: given.source,
        key_pair_id: id,
        url: url.as_str().to_owned(),
        policy,
        remaining,
        warnings,
        warning_details,
    })
}

/// The key pair ID, which the key group has.
fn key_pair_id(keys: &impl TrustedKeys, given: &Credentials) -> Checked<String> {
    let id = given
        .value("Key-Pair-Id")
        .filter(|id| !id.is_empty())
        .ok_or_else(|| denied(DenialCode::MissingKey, Reason::new(ReasonCode::KeyPairIdMissing)))?;
    if keys.has(&id) {
        return Ok(id);
    }
    let reason = match check_key_pair_id(&id) {
        Err(error) => Reason::new(ReasonCode::InvalidKeyPairId).with("why", error.at_cloudfront()),
        Ok(()) => Reason::new(ReasonCode::UnknownKey).with("keyPairId", id).with("known", keys.ids().join(", ")),
    };
    Err(denied(DenialCode::InvalidKey, reason))
}

fn signature(given: &Credentials) -> Checked<Vec<u8>> {
    let text = given
        .value("Signature")
        .filter(|text| !text.is_empty())
        .ok_or_else(|| denied(DenialCode::MalformedSignature, Reason::new(ReasonCode::SignatureMissing)))?;
    encoding::decode(&text)
        .filter(|bytes| !bytes.is_empty())
        .ok_or_else(|| not_base64(DenialCode::MalformedSignature, "Signature", &text))
}

fn algorithm(given: &Credentials) -> Checked<Algorithm> {
    let Some(name) = given.value("Hash-Algorithm") else { return Ok(Algorithm::Sha1) };
    name.parse()
        .map_err(|_| denied(DenialCode::AccessDenied, Reason::new(ReasonCode::UnknownHash).with("algorithm", name.as_str())))
}

/// Checks that the policy's conditions are possible.
fn check_policy(policy: &Policy) -> Checked<()> {
    policy.check().map_err(|error| {
        let why = error.message_with(name_at_cloudfront);
        match error.code() {
            ErrorCode::InvalidDate => {
                denied(DenialCode::MalformedPolicy, Reason::new(ReasonCode::MalformedPolicy).with("why", &*why))
            }
            _ => denied(DenialCode::AccessDenied, Reason::new(ReasonCode::ImpossiblePolicy).with("why", &*why)),
        }
    })
}

/// CloudFront's limits; it answers longer requests with another status. They also bound the time of a comparison with a pattern,
/// which grows with the square of the URL's length.
fn check_lengths(request: &Asked<'_>) -> Checked<()> {
    let too_long = |code, length: usize, limit: usize| {
        Err(denied(DenialCode::AccessDenied, Reason::new(code).with("length", length).with("limit", limit)))
    };
    if request.url.len() > LONGEST_URL {
        return too_long(ReasonCode::UrlTooLong, request.url.len(), LONGEST_URL);
    }
    if request.cookies.len() > LONGEST_REQUEST {
        return too_long(ReasonCode::CookiesTooLong, request.cookies.len(), LONGEST_REQUEST);
    }
    Ok(())
}

/// The URL of the request: scheme and host as the parser reads them, path and query byte for byte as they came, since CloudFront
/// compares bytes. What no request line can carry, spaces and what is not ASCII, is as the parser writes it.
fn as_it_came(written: &str, href: String) -> Result<String> {
    WireUrl::as_requested(href.clone())?;
    let tail_at = |text: &str| {
        let after = text.find("://").map(|at| at.saturating_add(3))?;
        Some(after.saturating_add(before_any(text.get(after..)?, b"/?#\\").len()))
    };
    let written = written.trim_matches(|c: char| c <= ' ');
    let Some((tail, host)) = tail_at(written).and_then(|at| written.get(at..)).zip(tail_at(&href).and_then(|at| href.get(..at)))
    else {
        return Ok(href);
    };
    if !tail.bytes().all(|b| b.is_ascii_graphic()) {
        return Ok(href);
    }
    let slash = if tail.starts_with('/') { "" } else { "/" };
    Ok(format!("{host}{slash}{tail}"))
}

/// Denies a path that parsers and servers may read differently, instead of resolving it: one address would be signed and another
/// opened.
fn check_path(written: &str) -> Checked<()> {
    match ambiguous_part(written) {
        None => Ok(()),
        Some(found) => Err(denied(DenialCode::AccessDenied, Reason::new(ReasonCode::AmbiguousPath).with("found", found))),
    }
}

/// If the signature is right with the other hash, the reason says so.
fn wrong_signature(keys: &impl TrustedKeys, id: &str, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> Reason {
    let other = if algorithm == Algorithm::Sha1 { Algorithm::Sha256 } else { Algorithm::Sha1 };
    let reason = if keys.verify(id, other, message, signature) == Some(true) {
        Reason::new(ReasonCode::OtherHash).with("signedWith", other.as_str())
    } else {
        Reason::new(ReasonCode::WrongSignature)
    };
    reason.with("keyPairId", id).with("algorithm", algorithm.as_str())
}

/// What was changed in a URL with a canned policy, which covers all of it, if the signature is right without one of the everyday
/// changes: a parameter that was added, a query that the cookies were not signed for, http instead of https.
fn change(given: &Credentials, url: &WireUrl, is_right: impl Fn(&str) -> bool) -> Option<Reason> {
    if given.written("Policy").is_some() {
        return None;
    }
    let seconds = seconds_of_expires(&given.value("Expires")?)?;
    let is_of = |before: &WireUrl| is_right(&Policy::canned(before, seconds).to_json(ConditionOrder::Documentation));
    let not_for = |code, resource: &WireUrl| Reason::new(code).with("resource", resource.as_str()).with("url", url.as_str());

    let text = url.as_str();
    let query = text.find('?');
    let signature = given.end_in(text).filter(|end| Some(*end) != query);
    for (before, added) in [signature, query].into_iter().flatten().filter_map(|end| text.split_at_checked(end)) {
        let before = WireUrl::as_requested(before.to_owned()).ok()?;
        if is_of(&before) {
            let names = names_of(added);
            return Some(match given.source {
                Source::Url if names.is_empty() => Reason::new(ReasonCode::EmptyQueryPart),
                Source::Url => Reason::new(ReasonCode::ParameterAdded).with("name", names),
                Source::Cookies => not_for(ReasonCode::QueryNotCovered, &before),
            });
        }
    }
    let (protocol, rest) = text.split_once("://")?;
    let other = if protocol == "http" { "https" } else { "http" };
    let other = WireUrl::as_requested(format!("{other}://{rest}")).ok()?;
    if is_of(&other) {
        return Some(not_for(ReasonCode::OtherProtocol, &other));
    }
    // A browser, a proxy or a framework may have undone escapes, made them anew, or written a space in another way.
    let decoded = percent_decoded(text)?;
    // Or it added a port or a final dot to the host.
    let host = authority(text);
    let name = before_any(host, b":").trim_end_matches('.');
    let ways = [(&*decoded, " ", "%20"), (text, "%25", "%"), (text, "+", "%20"), (text, "%20", "+"), (text, host, name)];
    let signed = ways
        .into_iter()
        .map(|(text, from, to)| text.replace(from, to))
        .find(|before| before != text && WireUrl::as_requested(before.clone()).is_ok_and(|before| is_of(&before)))?;
    Some(Reason::new(ReasonCode::Rewritten).with("signed", signed))
}

/// Checks that there are credentials and that no name comes twice, which AWS does not document.
fn check_names(given: &Credentials) -> Checked<()> {
    if given.is_empty() {
        return Err(denied(DenialCode::MissingKey, Reason::new(ReasonCode::NotSigned)));
    }
    if let Some(name) = given.given_twice() {
        return Err(denied(DenialCode::AccessDenied, Reason::new(ReasonCode::GivenTwice).with("name", name)));
    }
    if given.source == Source::Url && !given.is_signed() {
        return Err(denied(DenialCode::MissingKey, Reason::new(ReasonCode::HashAlgorithmAlone)));
    }
    Ok(())
}

/// The policy that was signed.
struct SignedText {
    json: String,
    /// What it says, if it is canned: it is not sent, but rebuilt from the request.
    canned: Option<Policy>,
}

fn signed_text(given: &Credentials, url: &WireUrl, warnings: &mut Vec<Reason>) -> Checked<SignedText> {
    let expires = given.value("Expires");
    let Some(policy) = given.value("Policy") else {
        let expires = expires.ok_or_else(|| denied(DenialCode::MalformedPolicy, Reason::new(ReasonCode::PolicyMissing)))?;
        let seconds = seconds_of_expires(&expires).ok_or_else(|| {
            denied(DenialCode::MalformedPolicy, Reason::new(ReasonCode::MalformedExpires).with("expires", expires))
        })?;
        let policy = Policy::canned(url, seconds);
        return Ok(SignedText { json: policy.to_json(ConditionOrder::Documentation), canned: Some(policy) });
    };
    if expires.is_some() {
        warnings.push(Reason::new(ReasonCode::ExpiresBesidePolicy));
    }
    let bytes = encoding::decode(&policy).ok_or_else(|| not_base64(DenialCode::MalformedPolicy, "Policy", &policy))?;
    let json = String::from_utf8(bytes).map_err(|_| denied(DenialCode::MalformedPolicy, Reason::new(ReasonCode::NotUtf8)))?;
    Ok(SignedText { json, canned: None })
}

fn check_resource(policy: &Policy, url: &WireUrl, source: Source, is_canned: bool, warnings: &mut Vec<Reason>) -> Checked<()> {
    let Some(text) = &policy.resource else {
        warnings.push(Reason::new(ReasonCode::NoResource));
        return Ok(());
    };
    // The policy was rebuilt from the request: it is the same text.
    if is_canned {
        if text.as_bytes().contains(&b'*') {
            let reason = Reason::new(ReasonCode::WildcardInCannedUrl).with("wildcard", "*");
            warnings.push(reason.with("escape", "%2A"));
        }
        return Ok(());
    }
    let resource = Resource::verbatim(text.clone());
    let refuse = |reason: Reason| Err(denied(DenialCode::AccessDenied, reason));
    if let Some(protocol) = resource.impossible_protocol() {
        return refuse(Reason::new(ReasonCode::ResourceProtocol).with("resource", text.as_str()).with("protocol", protocol));
    }
    if source == Source::Cookies && !resource.is_allowed_in_cookies() {
        return refuse(Reason::new(ReasonCode::ResourceInCookies).with("resource", text.as_str()));
    }
    if !resource.matches(url) {
        return refuse(mismatch(&resource, url));
    }
    Ok(())
}

/// Names the difference between a resource and a URL that it does not cover.
pub(crate) fn mismatch(resource: &Resource, url: &WireUrl) -> Reason {
    let (text, requested) = (resource.as_str(), url.sections());
    let (protocol, rest) = text.split_once("://").map_or((None, text), |(protocol, rest)| (Some(protocol), rest));
    let host = protocol.map(|_| before_any(rest, b"/?"));
    let code = if matches!(protocol, Some(protocol @ ("http" | "https")) if protocol != requested.protocol) {
        ReasonCode::OtherProtocol
    } else if host.is_some_and(|host| !host.contains(['*', '?']) && host != requested.domain) {
        ReasonCode::OtherHost
    } else if requested.query.is_some() && !text.as_bytes().contains(&b'?') && resource.matches(&url.without_query()) {
        ReasonCode::QueryNotCovered
    } else {
        ReasonCode::OtherResource
    };
    Reason::new(code).with("resource", text).with("url", url.as_str())
}

/// Checks the time. Both boundary seconds are outside: at `DateLessThan` it has expired, at `DateGreaterThan` it is too early.
fn check_time(policy: &Policy, now: i64) -> Checked<()> {
    let end = policy.date_less_than;
    if end <= now {
        let reason = Reason::new(ReasonCode::Expired).with("ago", now.saturating_sub(end)).with("dateLessThan", end);
        return Err(denied(DenialCode::AccessDenied, reason));
    }
    match policy.date_greater_than {
        Some(start) if start >= now => {
            let reason =
                Reason::new(ReasonCode::NotYetValid).with("ahead", start.saturating_sub(now)).with("dateGreaterThan", start);
            Err(denied(DenialCode::AccessDenied, reason))
        }
        _ => Ok(()),
    }
}

fn check_address(policy: &Policy, viewer: Option<&str>) -> Checked<()> {
    let Some(range) = &policy.ip_address else { return Ok(()) };
    let refuse = |reason: Reason| Err(denied(DenialCode::AccessDenied, reason.with("ipAddress", range.as_str())));
    let Some(viewer) = viewer else { return refuse(Reason::new(ReasonCode::AddressUnknown)) };
    let Some(address) = viewer_ipv4(viewer) else {
        return refuse(Reason::new(ReasonCode::AddressNotIpv4).with("viewer", viewer));
    };
    if ip_address::contains(range, address) {
        Ok(())
    } else {
        refuse(Reason::new(ReasonCode::OtherAddress).with("viewer", address.to_string()))
    }
}
