//! What is in a signed URL or in signed cookies, and what looks wrong about it, without any key.
//!
//! Sources: those of [`verifier`](crate::verifier) and [`policy`](crate::policy). Nothing here says that a signature is right:
//! that takes the public key, and a [`Verifier`](crate::verifier::Verifier).

mod policy;
mod signature;

use serde::Serialize;

use crate::credentials::{Credentials, Source};
use crate::date;
use crate::error::{Error, ErrorCode, Result, quoted};
use crate::grant::check_key_pair_id;
use crate::json::{self, Members};
use crate::parameter::Parameter;
use crate::policy::{ConditionOrder, Policy};
use crate::url::{Parser, RESERVED_PARAMETERS, WireUrl, native_parser, split_at_first};

pub use policy::InspectedPolicy;
pub use signature::InspectedSignature;

/// What a signed URL or a set of cookies holds. As JSON it is what `inspect` of the npm package returns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inspection {
    /// What was inspected.
    pub source: Source,
    /// The address without the signing parameters, as a client asks for it; none for cookies.
    pub url: Option<String>,
    /// `Key-Pair-Id`.
    pub key_pair_id: Option<String>,
    /// The hash: what `Hash-Algorithm` says, or `SHA1`, which CloudFront assumes.
    pub algorithm: String,
    /// What is known of the signature.
    pub signature: Option<InspectedSignature>,
    /// The policy: the one that is sent, or the canned one that CloudFront rebuilds.
    pub policy: Option<InspectedPolicy>,
    /// Everything that is wrong or looks so; the errors first.
    pub findings: Vec<Finding>,
}

/// Something that is wrong, or looks so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// What it is, and what to do.
    pub message: String,
}

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// CloudFront refuses this.
    Error,
    /// It may be let in, and is seldom meant.
    Warning,
    /// Good to know.
    Note,
}

impl Severity {
    /// `error`, `warning` or `note`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

impl json::Object for Inspection {
    fn write(&self, members: &mut impl Members) {
        members.text("source", self.source.as_str());
        members.some_text("url", self.url.as_deref());
        members.some_text("keyPairId", self.key_pair_id.as_deref());
        members.text("algorithm", &self.algorithm);
        members.some_object("signature", self.signature.as_ref());
        members.some_object("policy", self.policy.as_ref());
        members.objects("findings", &self.findings);
    }
}

impl json::Object for Finding {
    fn write(&self, members: &mut impl Members) {
        members.text("severity", self.severity.as_str());
        members.text("message", &self.message);
    }
}

json::serialize_as_maps! { Inspection, Finding, Moment }

/// A moment, for machines and for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moment {
    /// Epoch seconds.
    pub seconds: i64,
    /// `2030-01-01T00:00:00Z`.
    pub utc: String,
    /// `in 12 minutes`, `12 minutes ago`.
    pub relative: String,
}

impl json::Object for Moment {
    fn write(&self, members: &mut impl Members) {
        members.number("seconds", self.seconds);
        members.text("utc", &self.utc);
        members.text("relative", &self.relative);
    }
}

impl Moment {
    fn new(seconds: i64, now: i64) -> Self {
        let relative = match seconds.saturating_sub(now) {
            0 => "now".to_owned(),
            ahead @ 1.. => format!("in {}", date::span(ahead)),
            behind => format!("{} ago", date::span(behind.saturating_neg())),
        };
        Self { seconds, utc: date::utc(seconds), relative }
    }
}

/// Decodes a signed URL, or cookies: the value of a `Cookie` header, `Set-Cookie` lines, or `name=value` lines. `now`, in epoch
/// seconds, is the moment that times are compared with. Nothing is trusted, and nothing is verified.
///
/// ```
/// use countersign::inspect::{Severity, inspect};
///
/// let found = inspect("https://d111111abcdef8.cloudfront.net/a?Expires=1893456000000&Signature=AAAA&Key-Pair-Id=K2JCJMDEHXQW5F", 0)?;
/// assert_eq!(found.url.as_deref(), Some("https://d111111abcdef8.cloudfront.net/a"));
/// assert_eq!(found.findings[0].severity, Severity::Error);
/// assert!(found.findings.iter().any(|finding| finding.message.contains("milliseconds")));
/// # Ok::<(), countersign::Error>(())
/// ```
///
/// # Errors
/// [`ErrorCode::InvalidUrl`] for text that is neither an `http:` or `https:` URL nor has a cookie of CloudFront's.
pub fn inspect(text: &str, now: i64) -> Result<Inspection> {
    inspect_with(text, now, native_parser)
}

pub(crate) fn inspect_with(text: &str, now: i64, parser: Parser) -> Result<Inspection> {
    let text = text.trim();
    let is_url =
        ["http://", "https://"].iter().any(|scheme| text.get(..scheme.len()).is_some_and(|t| t.eq_ignore_ascii_case(scheme)));
    if !is_url {
        let given = Credentials::of_cookies(&cookie_header(text));
        if given.is_empty() {
            return Err(Error::new(
                ErrorCode::InvalidUrl,
                format!("{} is neither a URL nor cookies of CloudFront's", quoted(text)),
            )
            .about(Parameter::Url)
            .with_hint(
                "Pass https://…?…&Signature=…, or CloudFront-Policy=…; CloudFront-Signature=…; CloudFront-Key-Pair-Id=…",
            ));
        }
        return Ok(Inspector::new(given, now).finish(None));
    }
    let unreadable =
        || Error::new(ErrorCode::InvalidUrl, format!("the URL {} cannot be read", quoted(text))).about(Parameter::Url);
    let href = parser(text).ok_or_else(unreadable)?;
    let (plain, given) = Credentials::take_from_url(&href);
    let url = WireUrl::as_requested(plain)?;
    let mut inspector = Inspector::new(given, now);
    inspector.look_at_the_url(text, &href, &url);
    Ok(inspector.finish(Some(url)))
}

/// Brings lines, with or without the header's name, to the form of one `Cookie` header.
fn cookie_header(text: &str) -> String {
    let mut cookies = String::new();
    for line in text.split('\n') {
        cookies.push_str(match line.split_once(':') {
            Some((name, value)) if ["cookie", "set-cookie"].iter().any(|header| name.trim().eq_ignore_ascii_case(header)) => {
                value
            }
            _ => line,
        });
        cookies.push(';');
    }
    cookies
}

struct Inspector {
    given: Credentials,
    now: i64,
    findings: Vec<Finding>,
}

impl Inspector {
    fn new(given: Credentials, now: i64) -> Self {
        Self { given, now, findings: Vec::new() }
    }

    #[inline(never)]
    fn find(&mut self, severity: Severity, message: impl Into<String>) {
        self.add(Finding { severity, message: message.into() });
    }

    /// What is worse comes first.
    #[inline(never)]
    fn add(&mut self, finding: Finding) {
        if self.findings.iter().all(|before| before.message != finding.message) {
            let at = self.findings.partition_point(|before| before.severity as u8 <= finding.severity as u8);
            self.findings.insert(at, finding);
        }
    }

    fn error(&mut self, message: impl Into<String>) {
        self.find(Severity::Error, message);
    }

    fn warning(&mut self, message: impl Into<String>) {
        self.find(Severity::Warning, message);
    }

    fn note(&mut self, message: impl Into<String>) {
        self.find(Severity::Note, message);
    }

    fn finish(mut self, url: Option<WireUrl>) -> Inspection {
        let url = url.as_ref();
        if url.is_some() && !self.given.is_signed() {
            self.error("the URL is not signed: it has none of Expires, Policy, Signature and Key-Pair-Id");
        }
        self.look_at_the_names();
        let key_pair_id = self.look_at_the_key_pair_id();
        let algorithm = self.look_at_the_hash();
        let signature = signature::inspect(&mut self, &algorithm);
        let policy = policy::inspect(&mut self, url);
        if self.given.is_signed() && self.errors() == 0 {
            self.note(
                "nothing is wrong on its face; only the public key can tell whether the signature is right. An answer \"Access Denied\" \
                 with a capital D and a RequestId is S3's: the signature has passed, and the origin refused",
            );
        }
        Inspection {
            source: self.given.source,
            url: url.map(|url| url.as_str().to_owned()),
            key_pair_id,
            algorithm,
            signature,
            policy,
            findings: self.findings,
        }
    }

    /// What a client makes of the URL, and what a redirect would.
    fn look_at_the_url(&mut self, text: &str, href: &str, url: &WireUrl) {
        let (written, _) = split_at_first(text, '#');
        let (sent, fragment) = split_at_first(href, '#');
        if written != sent {
            self.warning(format!(
                "the URL is not written as clients send it, {}: the signature has to be over that form",
                quoted(url.as_str())
            ));
        }
        if !fragment.is_empty() {
            self.note("the URL has a fragment, which clients keep to themselves");
        }
        let (_, query) = split_at_first(url.as_str(), '?');
        if query.get(1..).is_some_and(|query| query.split('&').any(str::is_empty)) {
            self.warning("the URL has an empty query part (?&, && or a ? at the end), which some clients and proxies leave out");
        }
        if url.as_str().starts_with("http://") {
            self.note("the URL is http: where a distribution redirects to https, the signature no longer fits, unless the resource says http*://");
        }
    }

    fn look_at_the_names(&mut self) {
        if let Some(name) = self.given.given_twice() {
            self.error(format!("{name} is given twice"));
        }
        if self.given.is_signed() && self.given.written("Policy").is_some() && self.given.written("Expires").is_some() {
            self.warning("Expires stands beside Policy: Policy counts, and Expires is of no use");
        }
        for name in RESERVED_PARAMETERS {
            if self.given.written(name).is_some_and(|value| value.as_bytes().contains(&b'%')) {
                self.note(format!(
                    "{name} has percent-escapes, such as %7E for ~: something on the way escaped it, which is harmless unless it is done twice"
                ));
            }
        }
    }

    fn look_at_the_key_pair_id(&mut self) -> Option<String> {
        let id = self.given.value("Key-Pair-Id");
        match id.as_deref() {
            None | Some("") => {
                if self.given.is_signed() {
                    self.error("Key-Pair-Id is missing: CloudFront answers MissingKey");
                }
            }
            Some(id) if is_uuid(id) => self.error(
                "Key-Pair-Id is a UUID, as key groups have: it takes the id of the public key in the group, which begins with K",
            ),
            Some(id) => match check_key_pair_id(id) {
                Err(error) => self.error(error.at_cloudfront()),
                Ok(()) if id.starts_with("APKA") => self.note(
                    "Key-Pair-Id begins with APKA: it is the key pair of an account (a trusted signer), not a public key of a key group",
                ),
                Ok(()) => {}
            },
        }
        id
    }

    fn look_at_the_hash(&mut self) -> String {
        match self.given.value("Hash-Algorithm") {
            None => "SHA1".to_owned(),
            Some(name) => {
                if name != "SHA1" && name != "SHA256" {
                    self.error(format!("Hash-Algorithm is {}; CloudFront knows SHA1 and SHA256, in capitals", quoted(&name)));
                }
                name
            }
        }
    }

    /// The canned policy that CloudFront rebuilds.
    fn canned_json(&self, seconds: i64, url: &WireUrl) -> String {
        Policy { resource: Some(url.as_str().to_owned()), date_less_than: seconds, date_greater_than: None, ip_address: None }
            .to_json(ConditionOrder::Documentation)
    }

    fn check_seconds(&mut self, name: &str, seconds: i64) {
        if seconds > date::LATEST {
            self.error(format!(
                "{name} is {seconds}, which looks like milliseconds: CloudFront counts seconds, divide it by 1000"
            ));
        }
    }

    /// Says what the end or the start of access means now.
    fn moment(&mut self, name: &str, seconds: i64) -> Moment {
        let moment = Moment::new(seconds, self.now);
        if seconds > date::LATEST {
            return moment;
        }
        if name == "DateGreaterThan" && seconds >= self.now {
            self.error(format!("access begins {}, after {}", moment.relative, moment.utc));
        } else if name != "DateGreaterThan" && seconds <= self.now {
            self.error(format!("expired {}, at {}", moment.relative, moment.utc));
        }
        moment
    }

    fn errors(&self) -> usize {
        self.findings.iter().filter(|finding| finding.severity == Severity::Error).count()
    }
}

fn is_uuid(text: &str) -> bool {
    let lengths: Vec<usize> = text.split('-').map(str::len).collect();
    lengths == [8, 4, 4, 4, 12] && text.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-')
}
