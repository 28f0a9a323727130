//! The bytes of `@aws-sdk/cloudfront-signer`, 3.1138 and later: its encoding of path and query, its order of conditions
//! and parameters, its rounding of dates; for those who move from it and compare.
//!
//! Whatever that package signs correctly comes out the same here, byte for byte. Where it signs something that CloudFront
//! refuses, or less than the caller asked for, this module gives an error.
//!
//! ```
//! use countersign::aws_sdk::{Input, prepare_url, signed_url};
//! use countersign::{Algorithm, Identity, KeyType, PrivateKey};
//!
//! let key = PrivateKey::generate(KeyType::Ecdsa)?;
//! let identity = Identity::new("K2JCJMDEHXQW5F", KeyType::Ecdsa, Some(Algorithm::Sha1))?;
//! let input = Input {
//!     url: Some("https://d111111abcdef8.cloudfront.net/film.mp4?flag".into()),
//!     date_less_than: Some("2030-12-31T23:59:59Z".into()),
//!     ..Input::default()
//! };
//! // The parser of the crate `url`; in a page the host has its own.
//! let (url, unsigned) = prepare_url(&identity, &input, |text| url::Url::parse(text).ok().map(String::from))?;
//! let signature = key.sign(identity.algorithm(), unsigned.message())?;
//! let signed = signed_url(&url, &unsigned.finish(&signature, None)?)?;
//! assert!(signed.starts_with("https://d111111abcdef8.cloudfront.net/film.mp4?flag=&Expires=1924991999&Key-Pair-Id="));
//! # Ok::<(), countersign::Error>(())
//! ```

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::cookies::SignedCookies;
use crate::date::{DateInput, FIRST_MILLISECONDS};
use crate::error::{Error, ErrorCode, Result, quoted};
use crate::grant::{Grant, Identity, ParameterOrder, UnsignedGrant, check_match, read_ready_policy};
use crate::ip_address::source_ip;
use crate::parameter::Parameter;
use crate::policy::{ConditionOrder, Policy};
use crate::resource::Resource;
use crate::url::{self, Parser, WireUrl, after_scheme, check_length, has_stray_percent, is_escape, percent_decoded};

/// What `getSignedUrl` and `getSignedCookies` take, apart from the key.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Input {
    /// The URL; may be left out where there is a policy.
    pub url: Option<String>,
    /// A ready-made policy.
    pub policy: Option<String>,
    /// The expiry: a number is epoch milliseconds, rounded to seconds.
    pub date_less_than: Option<DateInput>,
    /// The start: a number is epoch milliseconds, rounded to seconds.
    pub date_greater_than: Option<DateInput>,
    /// An IPv4 address or range.
    pub ip_address: Option<String>,
}

/// The first step of `getSignedUrl`: the URL as that package encodes it, and what has to be signed for it; then comes
/// [`signed_url`]. `parser` is the WHATWG URL parser that clients have.
///
/// # Errors
/// Those of [`WireUrl::parse`], [`Policy::parse`] and the dates and addresses; [`ErrorCode::InvalidUrl`] if the URL would
/// be sent in another form than that package signs; [`ErrorCode::WildcardInUrl`], [`ErrorCode::ResourceMismatch`];
/// [`ErrorCode::InvalidOption`] if a policy comes with conditions of its own.
pub fn prepare_url(identity: &Identity, input: &Input, parser: Parser) -> Result<(String, UnsignedGrant)> {
    let policy = input.ready_policy()?;
    let base = match (&input.url, &policy) {
        (Some(url), _) => encode_url(url),
        (None, Some((_, Policy { resource: Some(resource), .. }))) => url_of(resource)?,
        (None, Some(_)) => {
            return Err(missing_url("the policy names no Resource to take it from"));
        }
        (None, None) => {
            return Err(missing_both());
        }
    };
    let wire = check_wire_form(&base, parser)?;
    let grant = match policy {
        Some((json, parsed)) => {
            if let Some(resource) = &parsed.resource {
                check_match(&Resource::verbatim(resource.clone()), &wire)?;
            }
            identity.prepare_verbatim(json, parsed)
        }
        None => {
            let policy = input.policy_for(&base)?;
            // That package takes a `*` in the query for an ordinary character. In the path, a stranger's `*` would be signed as a
            // wildcard if there is a condition.
            refuse_wildcard(base.split('?').next().unwrap_or(&base), &base)?;
            let canned = policy.has_only_an_expiry();
            identity.prepare(policy, canned, ConditionOrder::AwsSdk)
        }
    };
    Ok((base, grant))
}

/// The second step of `getSignedUrl`: the URL of the first, with its grant's parameters in that package's order.
///
/// # Errors
/// [`ErrorCode::TooLong`] for a URL that CloudFront refuses for its length.
pub fn signed_url(url: &str, grant: &Grant) -> Result<String> {
    let separator = if url.as_bytes().contains(&b'?') { '&' } else { '?' };
    let signed = format!("{url}{separator}{}", grant.parameters(ParameterOrder::AwsSdk));
    check_length("signed URL", signed.len())?;
    Ok(signed)
}

/// The first step of `getSignedCookies`.
///
/// # Errors
/// As for [`prepare_url`].
pub fn prepare_cookies(identity: &Identity, input: &Input, parser: Parser) -> Result<UnsignedGrant> {
    if let Some((json, parsed)) = input.ready_policy()? {
        return Ok(identity.prepare_verbatim(json, parsed));
    }
    let Some(url) = &input.url else {
        return Err(missing_both());
    };
    let policy = input.policy_for(url)?;
    let canned = policy.has_only_an_expiry();
    if canned {
        refuse_wildcard(url, url)?;
    }
    if after_scheme(url).is_none() {
        return Err(not_in_wire_form(url, WireUrl::parse_with(url, parser)?.as_str()));
    }
    let resource = Resource::parse_with(url, parser)?;
    if resource.as_str() != url {
        return Err(not_in_wire_form(url, resource.as_str()));
    }
    Ok(identity.prepare(policy, canned, ConditionOrder::AwsSdk))
}

/// The URL to sign if only a policy is given: its resource.
fn url_of(resource: &str) -> Result<String> {
    if !["http://", "https://", "*://"].iter().any(|protocol| resource.starts_with(protocol)) {
        return Err(missing_url(&format!("none can be made from the policy's Resource, {}", quoted(resource)))
            .with_code(ErrorCode::UnsupportedScheme));
    }
    Ok(match resource.split_once("*://") {
        Some((before, after)) => format!("{before}https://{after}"),
        None => resource.to_owned(),
    })
}

/// Names and values of the cookies, in that package's order.
pub fn cookie_pairs(cookies: &SignedCookies) -> Vec<(&'static str, String)> {
    let mut pairs = cookies.pairs();
    // Key pair id, signature, then what is left: access and hash.
    pairs.swap(0, 2);
    pairs
}

impl Input {
    fn ready_policy(&self) -> Result<Option<(String, Policy)>> {
        let Some(json) = &self.policy else { return Ok(None) };
        let conditions = [
            (Parameter::DateLessThan, self.date_less_than.is_some()),
            (Parameter::DateGreaterThan, self.date_greater_than.is_some()),
            (Parameter::IpAddress, self.ip_address.is_some()),
        ];
        if let Some((parameter, _)) = conditions.iter().find(|(_, given)| *given) {
            return Err(beside_policy(*parameter));
        }
        Ok(Some((json.clone(), read_ready_policy(json)?)))
    }

    fn policy_for(&self, resource: &str) -> Result<Policy> {
        let Some(date_less_than) = &self.date_less_than else {
            let message = format!("{} is missing", Parameter::DateLessThan.token());
            return Err(Error::new(ErrorCode::InvalidOption, message)
                .about(Parameter::DateLessThan)
                .with_hint("Every policy has an expiry."));
        };
        let policy = Policy {
            resource: Some(resource.to_owned()),
            date_less_than: rounded(date_less_than, Parameter::DateLessThan)?,
            date_greater_than: match &self.date_greater_than {
                Some(date) => Some(rounded(date, Parameter::DateGreaterThan)?),
                None => None,
            },
            ip_address: match &self.ip_address {
                Some(address) => Some(source_ip(address)?),
                None => None,
            },
        };
        policy.check_range()?;
        Ok(policy)
    }
}

fn missing_url(why: &str) -> Error {
    let url = Parameter::Url.token();
    Error::new(ErrorCode::InvalidOption, format!("{url} is missing, and {why}"))
        .about(Parameter::Url)
        .with_hint(format!("Pass {url}."))
}

fn missing_both() -> Error {
    let (url, policy) = (Parameter::Url.token(), Parameter::Policy.token());
    Error::new(ErrorCode::InvalidOption, format!("both {url} and {policy} are missing"))
        .about(Parameter::Url)
        .with_hint(format!("Pass {url} or {policy}."))
}

/// Refuses conditions beside a ready-made policy: they would be ignored.
pub(crate) fn beside_policy(parameter: Parameter) -> Error {
    let policy = Parameter::Policy.token();
    let message = format!("{} is given together with {policy}, and would be ignored", parameter.token());
    Error::new(ErrorCode::InvalidOption, message)
        .about(parameter)
        .with_hint(format!("Write it into the policy, or leave {policy} out."))
}

/// Milliseconds to seconds as `Math.round` does.
fn rounded(date: &DateInput, parameter: Parameter) -> Result<i64> {
    let name = parameter.token();
    let invalid = |what: String, hint| Err(Error::new(ErrorCode::InvalidDate, what).about(parameter).with_hint(hint));
    match date {
        DateInput::Number(number) if (1.0..FIRST_MILLISECONDS).contains(number) => invalid(
            format!("{name} is {}; numbers are epoch milliseconds here, and this one looks like seconds", *number as i64),
            "Multiply it by 1000, or pass a Date.",
        ),
        DateInput::Number(milliseconds) | DateInput::Milliseconds(milliseconds) if !milliseconds.is_finite() => invalid(
            format!("{name} is neither a finite number nor a valid Date"),
            "Pass a Date, epoch milliseconds as a number, or ISO 8601.",
        ),
        DateInput::Number(milliseconds) | DateInput::Milliseconds(milliseconds) => {
            let seconds = (milliseconds / 1000.0 + 0.5).floor();
            match DateInput::Milliseconds(seconds * 1000.0).resolve(parameter, 0) {
                // That package does not see a date in it: it throws for an expiry and drops a start.
                Ok(0) => invalid(
                    format!("{name} is 1970-01-01T00:00:00Z, which nobody signs for"),
                    "Is it the default of a variable that was never set?",
                ),
                Err(error) if seconds > 0.0 => {
                    Err(error.with_hint("Choose an earlier date. Numbers are epoch milliseconds here."))
                }
                read => read,
            }
        }
        DateInput::Text(_) => date.resolve(parameter, 0),
    }
}

/// Refuses a `*` where that package would sign a canned policy or open more than was meant. Its options have no resource.
fn refuse_wildcard(before_query: &str, url: &str) -> Result<()> {
    url::refuse_wildcard(before_query, url).map_err(|error| {
        let policy = Parameter::Policy.token();
        error.with_hint(format!("Write the pattern into a {policy}, as its Resource; write %2A for a literal *. Or use Signer."))
    })
}

/// Refuses a URL that clients send in another form: the signature would not match.
fn check_wire_form(url: &str, parser: Parser) -> Result<WireUrl> {
    let wire = WireUrl::parse_with(url, parser)?;
    if wire.as_str() != url || wire.has_fragment() {
        return Err(not_in_wire_form(url, wire.as_str()));
    }
    Ok(wire)
}

fn not_in_wire_form(signed: &str, sent: &str) -> Error {
    Error::new(
        ErrorCode::InvalidUrl,
        format!("the URL would be signed as {}, but clients, or some of them, send {}", quoted(signed), quoted(sent)),
    )
    .about(Parameter::Url)
    .with_hint("Pass the URL as clients send it, or use Signer, which writes it that way.")
}

/// What `encodeURIComponent` leaves alone: ECMA-262, section 19.2.6.
const COMPONENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'!')
    .remove(b'~')
    .remove(b'*')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')');

const QUERY_COMPONENT: &AsciiSet = &COMPONENT.add(b'\'');

fn encode_url(url: &str) -> String {
    let Some((scheme, after)) = url.split_once("//") else { return url.to_owned() };
    let Some((host, rest)) = after.find('/').and_then(|path| after.split_at_checked(path)) else { return url.to_owned() };
    let (path, query) = match rest.split_once('?') {
        Some((path, query)) => (path, query),
        None => (rest, ""),
    };
    let mut encoded = format!("{scheme}//{host}");
    // The path begins with a slash.
    for segment in path.split('/').skip(1) {
        encoded.push('/');
        encoded.push_str(&encode_segment(segment));
    }
    let mut separator = '?';
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        encoded.push(separator);
        encode_query_component(&mut encoded, name);
        encoded.push('=');
        encode_query_component(&mut encoded, value);
        separator = '&';
    }
    encoded
}

/// Decodes a segment, if it can be decoded, and encodes it as `encodeURIComponent` does.
fn encode_segment(segment: &str) -> String {
    let decoded = percent_decoded(segment).filter(|_| !has_stray_percent(segment));
    utf8_percent_encode(decoded.as_deref().unwrap_or(segment), COMPONENT).to_string()
}

/// Keeps `+` and writes escapes that are there in capitals.
fn encode_query_component(encoded: &mut String, component: &str) {
    let mut rest = component;
    while let Some(at) = rest.find(['%', '+']) {
        let (before, from) = rest.split_at(at);
        encoded.extend(utf8_percent_encode(before, QUERY_COMPONENT));
        let taken = if from.starts_with('+') {
            encoded.push('+');
            1
        } else if from.get(1..).is_some_and(is_escape) {
            encoded.push_str(&from.get(..3).unwrap_or_default().to_ascii_uppercase());
            3
        } else {
            encoded.push_str("%25");
            1
        };
        rest = from.get(taken..).unwrap_or_default();
    }
    encoded.extend(utf8_percent_encode(rest, QUERY_COMPONENT));
}
