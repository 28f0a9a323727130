//! The edge's decision: what CloudFront, with a trusted key group, answers to a request.
//!
//! Sources: the AWS pages named in [`policy`](crate::policy), *Decide to use signed URLs or signed cookies*
//! (<https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-choosing-signed-urls-cookies.html>),
//! and, for the answers, *Troubleshoot signed URLs and cookies* of AWS re:Post. Where no source settles a point, the answer
//! is a denial: a signing parameter or cookie that comes twice, `Hash-Algorithm` alone or in another case, a policy
//! with a member that AWS does not name, an address in a policy and a viewer whose address is unknown or IPv6.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use crate::date;
use crate::encoding;
use crate::error::{ErrorCode, Result, quoted};
use crate::grant::check_key_pair_id;
use crate::key::{Algorithm, PublicKey};
use crate::policy::{ConditionOrder, Policy};
use crate::resource::Resource;
use crate::url::{Parser, RESERVED_PARAMETERS, WireUrl, native_parser, split_at_first};

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

    /// The viewer's address.
    pub fn ip_address(mut self, address: &'a str) -> Self {
        self.ip_address = Some(address);
        self
    }
}

/// What the edge answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// The request goes on to the content.
    Allowed(Access),
    /// The viewer gets status 403.
    Denied(Denial),
}

impl Decision {
    /// Whether the request is let in.
    pub fn is_allowed(&self) -> bool {
        matches!(self, Self::Allowed(_))
    }
}

/// Why a request is let in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    /// Where the credentials were.
    pub source: Source,
    /// The key that they were signed with.
    pub key_pair_id: String,
    /// What was granted; access ends at its `date_less_than`.
    pub policy: Policy,
    /// What is accepted, but worth a look.
    pub warnings: Vec<String>,
}

/// Where credentials are: in the URL, or else in cookies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// Query parameters. They count if there is any of the first four reserved ones, whatever the cookies say.
    Url,
    /// Cookies.
    Cookies,
}

impl Source {
    /// `url` or `cookies`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Url => "url",
            Self::Cookies => "cookies",
        }
    }
}

/// Why a request is refused: what CloudFront says, and the reason for whoever debugs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Denial {
    /// CloudFront's code.
    pub code: DenialCode,
    /// What is wrong, for people; CloudFront does not tell.
    pub reason: String,
}

impl Denial {
    /// The HTTP status of every denial.
    pub const STATUS: u16 = 403;

    /// The body that CloudFront sends with it, as `text/xml`.
    pub fn body(&self) -> String {
        let (code, message) = (self.code.as_str(), self.code.message());
        format!(r#"<?xml version="1.0" encoding="UTF-8"?><Error><Code>{code}</Code><Message>{message}</Message></Error>"#)
    }
}

macro_rules! denial_codes {
    ($($(#[$meta:meta])* $variant:ident $message:literal,)*) => {
        /// CloudFront's own codes.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum DenialCode {
            $($(#[$meta])* $variant,)*
        }

        impl DenialCode {
            /// The code as it stands in the body.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => stringify!($variant),)* }
            }

            /// CloudFront's message for it.
            pub fn message(self) -> &'static str {
                match self { $(Self::$variant => $message,)* }
            }
        }
    };
}

denial_codes! {
    /// No key pair id, in the URL or in the cookies.
    MissingKey "Missing Key-Pair-Id query parameter or cookie value",
    /// The id is of no key in the group.
    InvalidKey "Unknown Key",
    /// The signature is missing or is not in CloudFront's Base64.
    MalformedSignature "Could not unencode Signature",
    /// The policy is missing, or is not one that CloudFront reads.
    MalformedPolicy "Malformed Policy",
    /// Everything else: signature, resource, time, address.
    AccessDenied "Access denied",
}

/// Credentials as they come, each at most once, escapes undone.
#[derive(Default)]
struct Credentials {
    expires: Option<String>,
    policy: Option<String>,
    signature: Option<String>,
    key_pair_id: Option<String>,
    hash_algorithm: Option<String>,
}

type Checked<T> = Result<T, Denial>;

fn denied(code: DenialCode, reason: impl Into<String>) -> Denial {
    Denial { code, reason: reason.into() }
}

impl Verifier {
    /// A group of these keys.
    ///
    /// # Errors
    /// [`ErrorCode::InvalidKeyPairId`] for an id that CloudFront could not have given.
    pub fn new(keys: impl IntoIterator<Item = (String, PublicKey)>) -> Result<Self> {
        let keys: BTreeMap<String, PublicKey> = keys.into_iter().collect();
        keys.keys().try_for_each(|id| check_key_pair_id(id))?;
        Ok(Self { keys })
    }

    /// What CloudFront would answer. Nothing that a request may hold is an error: it is a denial.
    pub fn verify(&self, request: &Request<'_>) -> Decision {
        self.verify_with(request, native_parser)
    }

    pub(crate) fn verify_with(&self, request: &Request<'_>, parser: Parser) -> Decision {
        match self.check(request, parser) {
            Ok(access) => Decision::Allowed(access),
            Err(denial) => Decision::Denied(denial),
        }
    }

    fn check(&self, request: &Request<'_>, parser: Parser) -> Checked<Access> {
        let href = parser(request.url)
            .ok_or_else(|| denied(DenialCode::AccessDenied, "the URL of the request is not an absolute http or https URL"))?;
        let (plain, from_url) = take_from_url(&href)?;
        let url = WireUrl::as_requested(plain).map_err(|error| denied(DenialCode::AccessDenied, error.message()))?;
        let (source, given) = if from_url.is_signed() {
            (Source::Url, from_url)
        } else if from_url.hash_algorithm.is_some() {
            return Err(denied(DenialCode::MissingKey, "the URL has Hash-Algorithm and nothing else of a signature"));
        } else {
            (Source::Cookies, take_from_cookies(request.cookies)?)
        };

        let id = given.key_pair_id.filter(|id| !id.is_empty()).ok_or_else(|| {
            denied(DenialCode::MissingKey, "there is no Key-Pair-Id in the URL and no CloudFront-Key-Pair-Id among the cookies")
        })?;
        let key = self.keys.get(&id).ok_or_else(|| {
            let known = self.keys.keys().cloned().collect::<Vec<_>>().join(", ");
            denied(DenialCode::InvalidKey, format!("{} is not in the key group, which has {known}", quoted(&id)))
        })?;
        let signature =
            given.signature.as_deref().and_then(encoding::decode).filter(|bytes| !bytes.is_empty()).ok_or_else(|| {
                denied(
                    DenialCode::MalformedSignature,
                    "the signature is missing or is not in CloudFront's Base64 (- for +, ~ for /, _ for =)",
                )
            })?;
        let mut warnings = Vec::new();
        let json = match (&given.policy, &given.expires) {
            (Some(policy), expires) => {
                if expires.is_some() {
                    warnings.push("Expires stands beside Policy; Policy counts".to_owned());
                }
                let bytes = encoding::decode(policy);
                bytes.and_then(|bytes| String::from_utf8(bytes).ok()).ok_or_else(|| {
                    denied(
                        DenialCode::MalformedPolicy,
                        "the policy is not in CloudFront's Base64 (- for +, ~ for /, _ for =), or not text",
                    )
                })?
            }
            (None, Some(expires)) => canned_policy(&url, expires)?,
            (None, None) => return Err(denied(DenialCode::MalformedPolicy, "there is neither an expiry nor a policy")),
        };
        let algorithm = match given.hash_algorithm.as_deref() {
            None => Algorithm::Sha1,
            Some(name) => name.parse().map_err(|_| {
                denied(DenialCode::AccessDenied, format!("the hash is {}; CloudFront knows SHA1 and SHA256", quoted(name)))
            })?,
        };
        if !key.verify(algorithm, json.as_bytes(), &signature) {
            return Err(denied(
                DenialCode::AccessDenied,
                format!(
                    "the signature is not one of the key {id} over this policy with {algorithm}: the URL or the policy was changed after \
                     it was signed, or another key or hash signed it"
                ),
            ));
        }

        let policy = Policy::parse(&json).map_err(|error| {
            let code = match error.code() {
                ErrorCode::InvalidPolicy | ErrorCode::InvalidDate => DenialCode::MalformedPolicy,
                _ => DenialCode::AccessDenied,
            };
            denied(code, error.message())
        })?;
        check_resource(&policy, &url, source, given.policy.is_none(), &mut warnings)?;
        check_time(&policy, request.now)?;
        check_address(&policy, request.ip_address)?;
        Ok(Access { source, key_pair_id: id, policy, warnings })
    }
}

impl Credentials {
    /// Any of the first four makes it a signed URL, and the cookies are not looked at.
    fn is_signed(&self) -> bool {
        self.expires.is_some() || self.policy.is_some() || self.signature.is_some() || self.key_pair_id.is_some()
    }

    fn put(&mut self, name: &str, value: &str) -> Checked<()> {
        let place = match name {
            "Expires" => &mut self.expires,
            "Policy" => &mut self.policy,
            "Signature" => &mut self.signature,
            "Key-Pair-Id" => &mut self.key_pair_id,
            _ => &mut self.hash_algorithm,
        };
        let decoded = percent_encoding::percent_decode_str(value).decode_utf8_lossy().into_owned();
        match place.replace(decoded) {
            None => Ok(()),
            Some(_) => Err(denied(DenialCode::AccessDenied, format!("{name} is given twice"))),
        }
    }
}

/// Takes the signing parameters out of a URL, each with the separator before it, and leaves everything else as it is.
fn take_from_url(href: &str) -> Checked<(String, Credentials)> {
    let (address, _) = split_at_first(href, '#');
    let (base, query) = split_at_first(address, '?');
    let mut credentials = Credentials::default();
    let mut plain = base.to_owned();
    let mut separator = '?';
    if let Some(query) = query.get(1..) {
        for part in query.split('&') {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            if RESERVED_PARAMETERS.contains(&name) {
                credentials.put(name, value)?;
            } else {
                plain.push(separator);
                plain.push_str(part);
                separator = '&';
            }
        }
    }
    Ok((plain, credentials))
}

fn take_from_cookies(header: &str) -> Checked<Credentials> {
    let mut credentials = Credentials::default();
    for (name, value) in header.split(';').filter_map(|cookie| cookie.trim().split_once('=')) {
        if let Some(name) = name.strip_prefix("CloudFront-").filter(|name| RESERVED_PARAMETERS.contains(name)) {
            credentials.put(name, value.trim_matches('"'))?;
        }
    }
    Ok(credentials)
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
        if text.contains('*') {
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
        let reason = format!("expired {} ago, at {}", duration(now.saturating_sub(end)), date::utc(end));
        return Err(denied(DenialCode::AccessDenied, reason));
    }
    match policy.date_greater_than {
        Some(start) if start >= now => {
            let reason = format!("not valid for another {}, until {}", duration(start.saturating_sub(now)), date::utc(start));
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
    let Ok(address) = viewer.parse::<Ipv4Addr>() else {
        return refuse(format!("the policy allows {range} only, and the viewer's address {} is not IPv4", quoted(viewer)));
    };
    let contains = range.split_once('/').is_some_and(|(network, prefix)| {
        let (Ok(network), Ok(prefix)) = (network.parse::<Ipv4Addr>(), prefix.parse::<u32>()) else { return false };
        // A prefix of 0 has no bits to compare, and a shift by 32 has no meaning.
        let mask = u32::MAX.checked_shl(32_u32.saturating_sub(prefix)).unwrap_or(0);
        network.to_bits() & mask == address.to_bits() & mask
    });
    if contains { Ok(()) } else { refuse(format!("the viewer's address {address} is not in {range}")) }
}

/// A duration for people: the largest whole unit.
fn duration(seconds: i64) -> String {
    let (number, unit) = match seconds {
        ..120 => (seconds, "second"),
        120..7_200 => (seconds / 60, "minute"),
        7_200..172_800 => (seconds / 3_600, "hour"),
        _ => (seconds / 86_400, "day"),
    };
    format!("{number} {unit}{}", if number == 1 { "" } else { "s" })
}
