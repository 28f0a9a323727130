//! Decodes signed URLs and signed cookies and names what looks wrong, without any key.
//!
//! Sources: those of [`verifier`](crate::verifier) and [`policy`](crate::policy). Nothing here says that a signature is right:
//! that takes the public key, and a [`Verifier`](crate::verifier::Verifier).

mod finding;
mod inspector;
mod moment;
mod policy;
mod signature;

use serde::Serialize;

use crate::cookies::LONGEST_COOKIE;
use crate::credentials::{Credentials, Source, names_of};
use crate::date::{self, DateInput};
use crate::error::{Error, ErrorCode, Result, quoted};
use crate::grant::{check_key_pair_id, kind_of_id};
use crate::mangled;
use crate::parameter::Parameter;
use crate::reason::{Reason, ReasonCode};
use crate::url::{
    LONGEST_REQUEST, LONGEST_URL, Parser, RESERVED_PARAMETERS, WireUrl, ambiguous_part, authority, native_parser,
    percent_decoded, split_at_first, unreadable,
};
use crate::values::is_no_value;

pub use finding::{Finding, Severity};
use inspector::Inspector;
pub use moment::Moment;
pub use policy::InspectedPolicy;
pub use signature::InspectedSignature;

/// The content of a signed URL or of signed cookies. As JSON it is what `inspect` of the npm package returns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Inspection {
    /// What was inspected.
    pub source: Source,
    /// The URL without the signing parameters; none for cookies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// `Key-Pair-Id`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key_pair_id: Option<String>,
    /// The hash: `Hash-Algorithm`, or `SHA1`, which is CloudFront's default.
    pub algorithm: String,
    /// What is known of the signature.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signature: Option<InspectedSignature>,
    /// The policy: the one that is sent, or the canned one that CloudFront rebuilds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy: Option<InspectedPolicy>,
    /// Everything that is or looks wrong; errors first.
    pub findings: Vec<Finding>,
}

/// Decodes a signed URL, or cookies: the value of a `Cookie` header, `Set-Cookie` lines, or `name=value` lines. Times are compared
/// with the clock. Nothing is trusted, and nothing is verified.
///
/// ```
/// use countersign::inspect::{Severity, inspect};
///
/// let found = inspect("https://d111111abcdef8.cloudfront.net/a?Expires=1893456000000&Signature=AAAA&Key-Pair-Id=K2JCJMDEHXQW5F")?;
/// assert_eq!(found.url.as_deref(), Some("https://d111111abcdef8.cloudfront.net/a"));
/// assert_eq!(found.findings[0].severity, Severity::Error);
/// assert!(found.findings.iter().any(|finding| finding.message.contains("milliseconds")));
/// # Ok::<(), countersign::Error>(())
/// ```
///
/// # Errors
/// [`ErrorCode::InvalidUrl`] for text that is neither an `http:` or `https:` URL nor has a cookie of CloudFront's;
/// [`ErrorCode::InvalidOption`] where the platform has no clock: there, [`inspect_at`].
pub fn inspect(text: impl AsRef<str>) -> Result<Inspection> {
    inspect_with(text.as_ref(), date::now()?, native_parser)
}

/// The same at a given moment.
///
/// # Errors
/// As for [`inspect`]; [`ErrorCode::InvalidDate`] if `now` is no date.
pub fn inspect_at(text: impl AsRef<str>, now: impl Into<DateInput>) -> Result<Inspection> {
    inspect_with(text.as_ref(), now.into().resolve_by_clock(Parameter::Now)?, native_parser)
}

pub(crate) fn inspect_with(text: &str, now: i64, parser: Parser) -> Result<Inspection> {
    let text = alone(text);
    if text.len() > LONGEST_INPUT {
        return Err(Error::new(
            ErrorCode::TooLong,
            format!("the text has {} bytes; a request has at most {LONGEST_REQUEST}", text.len()),
        )
        .with_hint("Pass one URL, or the cookies of one request."));
    }
    let begins = |scheme: &str| text.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme));
    if begins("http://") || begins("https://") { inspect_url(text, now, parser) } else { inspect_cookies(text, now) }
}

fn inspect_cookies(text: &str, now: i64) -> Result<Inspection> {
    let given = Credentials::of_cookies(text);
    // Where all of them are read, nothing is wrong with their names, whatever stands around them.
    let cause = if given.is_whole() { None } else { mangled::cause_in_cookies(text) };
    if given.is_empty() && cause.is_none() {
        if text.contains("Signature") && !text.contains("CloudFront-") {
            return Err(unreadable(text));
        }
        let hint = match text {
            "" => "It is empty. Is the variable set?",
            _ if text.contains("<Error><Code>") => "This is an answer. Pass the URL that was asked for.",
            _ => "Pass https://…?…&Signature=…, or CloudFront-Policy=…; CloudFront-Signature=…; CloudFront-Key-Pair-Id=…",
        };
        return Err(invalid(format!("{} is neither a URL nor CloudFront cookies", quoted(text))).with_hint(hint));
    }
    let framework = given.of_framework();
    let mut inspector = Inspector::new(given, now);
    if let Some(reason) = framework {
        inspector.error(reason);
        return Ok(inspector.inspection(None, None, None));
    }
    if let Some(cause) = cause {
        inspector.error(cause);
    }
    inspector.look_at_the_cookies(text);
    Ok(inspector.finish(None))
}

fn inspect_url(text: &str, now: i64, parser: Parser) -> Result<Inspection> {
    let href = parser(text).ok_or_else(|| invalid(format!("the URL {} cannot be read", quoted(text))))?;
    let (plain, given) = Credentials::take_from_url(&href);
    let url = WireUrl::as_requested(plain)?;
    let mut inspector = Inspector::new(given, now);
    // It is S3's signature, not CloudFront's: nothing else in it matters.
    if let Some(reason) =
        mangled::cause(text).filter(|reason| matches!(reason.code, ReasonCode::S3Signature | ReasonCode::OtherSignature))
    {
        inspector.given = Credentials::none();
        inspector.error(reason);
        inspector.look_at_the_host(authority(url.as_str()));
        return Ok(inspector.inspection(Some(&url), None, None));
    }
    inspector.look_at_the_url(text, &href, &url);
    Ok(inspector.finish(Some(url)))
}

fn invalid(message: String) -> Error {
    Error::new(ErrorCode::InvalidUrl, message).about(Parameter::Url)
}

/// A request's cookies, written one to a line, each with its attributes, or as JSON.
const LONGEST_INPUT: usize = 2 * LONGEST_REQUEST;

/// Whether a host, or a pattern for one, is of S3: `bucket.s3.amazonaws.com`, `s3.eu-west-1.amazonaws.com`, `bucket.s3-website-….`
fn is_s3(host: &str) -> bool {
    let name = name_of(host);
    let Some(before) = [".amazonaws.com", ".amazonaws.com.cn"].iter().find_map(|suffix| name.strip_suffix(suffix)) else {
        return false;
    };
    before.split('.').any(|label| label == "s3" || label.starts_with("s3-") || label.starts_with("s3express-"))
}

/// Whether a missing value stands in it, `undefined.jpg`, or a template's place for one. The word `none` is too often meant.
fn has_no_value(text: &str) -> bool {
    let (stem, _) = split_at_first(text, '.');
    is_no_value(stem) && stem != "none" || ["[object", "${", "{{"].iter().any(|mark| text.contains(mark))
}

/// Returns a host in lower case, without port and final dot.
fn name_of(host: &str) -> String {
    let name = host.split(':').next().unwrap_or(host).to_ascii_lowercase();
    name.strip_suffix('.').unwrap_or(&name).to_owned()
}

/// Returns the service that owns a host, if the host can never lead to a distribution.
fn other_service(host: &str) -> Option<&'static str> {
    const SERVICES: [(&str, &str); 9] = [
        (".elb.amazonaws.com", "a load balancer"),
        (".amazonaws.com", "another AWS service"),
        (".amazonaws.com.cn", "another AWS service"),
        (".on.aws", "a Lambda function"),
        ("storage.googleapis.com", "Google Cloud Storage"),
        ("storage.cloud.google.com", "Google Cloud Storage"),
        (".core.windows.net", "Azure"),
        (".r2.cloudflarestorage.com", "Cloudflare R2"),
        (".digitaloceanspaces.com", "DigitalOcean"),
    ];
    let name = name_of(host);
    SERVICES.into_iter().find(|(ending, _)| name.ends_with(ending)).map(|(_, service)| service)
}

/// Strips quotation marks, brackets and invisible characters that were copied along.
fn alone(text: &str) -> &str {
    const PAIRS: [(char, char); 6] = [('<', '>'), ('"', '"'), ('\'', '\''), ('`', '`'), ('“', '”'), ('(', ')')];
    let text = text.trim().trim_start_matches(['\u{feff}', '\u{200b}', '\u{2060}']).trim_start();
    let inner = PAIRS.iter().find_map(|(open, close)| text.strip_prefix(*open)?.strip_suffix(*close));
    inner.map(str::trim).filter(|inner| inner.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("http"))).unwrap_or(text)
}

impl Inspector {
    fn finish(mut self, url: Option<WireUrl>) -> Inspection {
        let url = url.as_ref();
        if url.is_some() && !self.given.is_signed() {
            self.error(Reason::new(ReasonCode::NotSigned));
        }
        self.look_at_the_names();
        let key_pair_id = self.look_at_the_key_pair_id();
        let algorithm = self.look_at_the_hash();
        let signature = signature::inspect(&mut self, &algorithm);
        let policy = policy::inspect(&mut self, url);
        if self.given.is_signed() && self.findings.iter().all(|finding| finding.severity == Severity::Note) {
            self.note(Reason::new(ReasonCode::NothingWrong));
        }
        Inspection { key_pair_id, algorithm, ..self.inspection(url, signature, policy) }
    }

    fn inspection(
        self,
        url: Option<&WireUrl>,
        signature: Option<InspectedSignature>,
        policy: Option<InspectedPolicy>,
    ) -> Inspection {
        Inspection {
            source: self.given.source,
            url: url.map(|url| url.as_str().to_owned()),
            key_pair_id: None,
            algorithm: "SHA1".to_owned(),
            signature,
            policy,
            findings: self.findings,
        }
    }

    /// What a client makes of the URL, and what a redirect would.
    fn look_at_the_url(&mut self, text: &str, href: &str, url: &WireUrl) {
        if text.len() > LONGEST_URL {
            self.error(Reason::new(ReasonCode::UrlTooLong).with("length", text.len()).with("limit", LONGEST_URL));
        }
        // A name that is written in another way is the URL's own parameter, unless the URL lacks the right one.
        let is_whole = self.given.is_whole();
        let is_of_names = |cause: &Reason| matches!(cause.code, ReasonCode::OtherCase | ReasonCode::OtherName);
        if let Some(cause) = mangled::cause(text).filter(|cause| !is_whole || !is_of_names(cause)) {
            self.error(cause);
        }
        if let Some(found) = ambiguous_part(text) {
            self.error(Reason::new(ReasonCode::AmbiguousPath).with("found", found));
        }
        self.look_at_the_host(authority(url.as_str()));
        self.look_at_the_parts(url.as_str());
        let (written, _) = split_at_first(text, '#');
        let (sent, fragment) = split_at_first(href, '#');
        if written != sent {
            self.warning(Reason::new(ReasonCode::NotAsSent).with("sent", url.as_str()));
        }
        if let Some(reason) = mangled::stray_percent(url) {
            self.warning(reason);
        }
        // A policy of its own may leave the query open.
        if self.given.written("Policy").is_none()
            && let Some(added) = self.given.end_in(url.as_str()).and_then(|end| url.as_str().get(end..)).map(names_of)
            && !added.is_empty()
        {
            self.warning(Reason::new(ReasonCode::AfterTheSignature).with("name", added));
        }
        if !fragment.is_empty() {
            self.note(Reason::new(ReasonCode::Fragment));
        }
        let (_, query) = split_at_first(url.as_str(), '?');
        if query.get(1..).is_some_and(|query| query.split('&').any(str::is_empty)) {
            self.warning(Reason::new(ReasonCode::EmptyQueryPart));
        }
        if url.as_str().starts_with("http://") {
            self.note(Reason::new(ReasonCode::Http));
        }
    }

    fn look_at_the_host(&mut self, host: &str) {
        if is_s3(host) {
            self.error(Reason::new(ReasonCode::S3Host).with("host", host));
        } else if let Some(service) = other_service(host) {
            self.error(Reason::new(ReasonCode::OtherServiceHost).with("host", host).with("service", service));
        }
        if let Some((_, port)) = host.split_once(':')
            && name_of(host).ends_with(".cloudfront.net")
        {
            self.error(Reason::new(ReasonCode::OtherPort).with("port", port));
        }
        if is_no_value(&name_of(host)) {
            self.error(Reason::new(ReasonCode::NotAValue).with("name", "the host").with("found", host));
        }
    }

    /// A path or a query with a value that was missing, or with the place of one. It may be a name that somebody chose.
    fn look_at_the_parts(&mut self, address: &str) {
        let (_, after_scheme) = address.split_once("://").unwrap_or_default();
        // The first is the host.
        for part in after_scheme.split(['/', '?']).skip(1).flat_map(|part| part.split('&')) {
            let (name, value) = split_at_first(part, '=');
            let value = value.get(1..).unwrap_or(name);
            if let Some(found) = percent_decoded(value).filter(|found| has_no_value(found)) {
                self.warning(Reason::new(ReasonCode::NotAValue).with("name", "a part of the URL").with("found", found));
            }
        }
    }

    fn look_at_the_cookies(&mut self, text: &str) {
        for name in RESERVED_PARAMETERS {
            let length = self.given.written(name).map_or(0, |value| "CloudFront-".len() + name.len() + value.len());
            if length > LONGEST_COOKIE {
                let reason = Reason::new(ReasonCode::CookieTooLong).with("name", format!("CloudFront-{name}"));
                self.error(reason.with("length", length).with("limit", LONGEST_COOKIE));
            }
        }
        if text.len() > LONGEST_REQUEST {
            self.error(Reason::new(ReasonCode::CookiesTooLong).with("length", text.len()).with("limit", LONGEST_REQUEST));
        }
        if self.given.written("Policy").is_none() && self.given.written("Expires").is_some() {
            self.note(Reason::new(ReasonCode::CannedCookies));
        }
    }

    fn look_at_the_names(&mut self) {
        if let Some(name) = self.given.given_twice() {
            self.error(Reason::new(ReasonCode::GivenTwice).with("name", name));
        }
        if self.given.is_signed() && self.given.written("Policy").is_some() && self.given.written("Expires").is_some() {
            self.warning(Reason::new(ReasonCode::ExpiresBesidePolicy));
        }
        for name in RESERVED_PARAMETERS {
            if self.given.written(name).is_some_and(|value| value.as_bytes().contains(&b'%')) {
                self.note(Reason::new(ReasonCode::Escaped).with("name", name));
            }
            if let Some(found) = self.given.value(name).filter(|value| is_no_value(value)) {
                self.error(Reason::new(ReasonCode::NotAValue).with("name", name).with("found", found));
            }
        }
    }

    fn look_at_the_key_pair_id(&mut self) -> Option<String> {
        let id = self.given.value("Key-Pair-Id");
        match id.as_deref() {
            None | Some("") => {
                if self.given.is_signed() {
                    self.error(Reason::new(ReasonCode::KeyPairIdMissing));
                }
            }
            Some(id) if is_no_value(id) => {}
            Some(id) => {
                if let Some(code) = kind_of_id(id) {
                    self.error(Reason::new(code).with("keyPairId", id));
                } else if let Err(error) = check_key_pair_id(id) {
                    self.error(Reason::new(ReasonCode::InvalidKeyPairId).with("why", error.at_cloudfront()));
                } else if id.starts_with("APKA") {
                    self.note(Reason::new(ReasonCode::AccountKeyPair));
                }
            }
        }
        id
    }

    fn look_at_the_hash(&mut self) -> String {
        match self.given.value("Hash-Algorithm") {
            None => "SHA1".to_owned(),
            Some(name) => {
                if name != "SHA1" && name != "SHA256" {
                    self.error(Reason::new(ReasonCode::UnknownHash).with("algorithm", name.as_str()));
                }
                name
            }
        }
    }

    fn check_seconds(&mut self, name: &str, seconds: i64) {
        let code = match seconds {
            ..0 => ReasonCode::Negative,
            0..=date::LATEST => return,
            _ => ReasonCode::Milliseconds,
        };
        self.error(Reason::new(code).with("name", name).with("seconds", seconds));
    }

    /// Says what the end or the start of access means now.
    fn moment(&mut self, name: &str, seconds: i64) -> Moment {
        let moment = Moment::new(seconds, self.now);
        if !(0..=date::LATEST).contains(&seconds) {
            return moment;
        }
        if name == "DateGreaterThan" && seconds >= self.now {
            let reason = Reason::new(ReasonCode::NotYetValid).with("ahead", seconds.saturating_sub(self.now));
            self.error(reason.with("dateGreaterThan", seconds));
        } else if name != "DateGreaterThan" && seconds <= self.now {
            let reason = Reason::new(ReasonCode::Expired).with("ago", self.now.saturating_sub(seconds));
            self.error(reason.with("dateLessThan", seconds));
        }
        moment
    }

    fn errors(&self) -> usize {
        self.findings.iter().filter(|finding| finding.severity == Severity::Error).count()
    }
}
