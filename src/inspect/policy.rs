//! What a policy says, even if CloudFront cannot read it.

use serde::Serialize;

use crate::credentials::Source;
use crate::inspect::inspector::Inspector;
use crate::inspect::moment::Moment;
use crate::inspect::signature;
use crate::ip_address::reserved_range;
use crate::json_tree::{Json, indented};
use crate::policy::{ConditionOrder, Policy, seconds_of_expires};
use crate::policy_text;
use crate::reason::{Reason, ReasonCode};
use crate::resource::Resource;
use crate::url::{WireUrl, before_any};
use crate::values::is_no_value;
use crate::verifier::mismatch;

/// A policy, as far as it can be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct InspectedPolicy {
    /// `canned` or `custom`.
    pub kind: &'static str,
    /// The signed text, byte for byte; none for a canned policy in cookies, which depends on the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub json: Option<String>,
    /// The same, indented; unchanged if it is not JSON.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pretty: Option<String>,
    /// What it covers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource: Option<String>,
    /// When access ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date_less_than: Option<Moment>,
    /// When it begins.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date_greater_than: Option<Moment>,
    /// The addresses that it allows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ip_address: Option<String>,
}

pub(super) fn inspect(inspector: &mut Inspector, url: Option<&WireUrl>) -> Option<InspectedPolicy> {
    if let Some(text) = inspector.given.value("Policy") {
        let bytes = signature::decode(inspector, "Policy", &text)?;
        let Ok(json) = String::from_utf8(bytes) else {
            inspector.error(Reason::new(ReasonCode::NotUtf8));
            return None;
        };
        return Some(custom(inspector, json, url));
    }
    let Some(expires) = inspector.given.value("Expires") else {
        if inspector.given.is_signed() {
            inspector.error(Reason::new(ReasonCode::PolicyMissing));
        }
        return None;
    };
    canned(inspector, &expires, url)
}

fn canned(inspector: &mut Inspector, expires: &str, url: Option<&WireUrl>) -> Option<InspectedPolicy> {
    let Some(seconds) = seconds_of_expires(expires) else {
        // A negative number is a number.
        match expires.parse::<i64>() {
            Ok(seconds) if seconds < 0 => inspector.check_seconds("Expires", seconds),
            _ if is_no_value(expires) => {}
            _ => inspector.error(Reason::new(ReasonCode::MalformedExpires).with("expires", expires)),
        }
        return None;
    };
    inspector.check_seconds("Expires", seconds);
    if let Some(url) = url {
        look_at_the_one_address(inspector, url);
    }
    let json = url.map(|url| Policy::canned(url, seconds).to_json(ConditionOrder::Documentation));
    Some(InspectedPolicy {
        kind: "canned",
        pretty: json.as_deref().map(indented),
        json,
        resource: url.map(|url| url.as_str().to_owned()),
        date_less_than: Some(inspector.moment("Expires", seconds)),
        date_greater_than: None,
        ip_address: None,
    })
}

fn custom(inspector: &mut Inspector, json: String, url: Option<&WireUrl>) -> InspectedPolicy {
    look_at_the_text(inspector, &json);
    let errors = inspector.errors();
    let document = Json::parse(&json).ok();
    let statement = match document.as_ref().and_then(|document| document.get("Statement")) {
        Some(Json::Array(statements)) => {
            if statements.len() > 1 {
                inspector.error(Reason::new(ReasonCode::SeveralStatements).with("count", statements.len()));
            }
            statements.first()
        }
        Some(object @ Json::Object(_)) => {
            inspector.error(Reason::new(ReasonCode::StatementIsObject));
            Some(object)
        }
        _ => None,
    };
    let condition = |name: &str, key: &str| statement?.get("Condition")?.get(name)?.get(key);
    let end = condition("DateLessThan", "AWS:EpochTime").and_then(|value| seconds(inspector, "DateLessThan", value));
    let start = condition("DateGreaterThan", "AWS:EpochTime").and_then(|value| seconds(inspector, "DateGreaterThan", value));
    let ip_address = condition("IpAddress", "AWS:SourceIp").and_then(Json::as_text).map(str::to_owned);
    let resource = statement.and_then(|statement| statement.get("Resource")).and_then(Json::as_text).map(str::to_owned);
    match policy_text::read(&json).map(|policy| (policy.check(), policy)) {
        Ok((Ok(()), policy)) if policy.resource.is_none() => inspector.warning(Reason::new(ReasonCode::NoResource)),
        // The strict reader would only repeat what the findings say already.
        Ok((Err(error), _)) if inspector.errors() == errors => {
            inspector.error(Reason::new(ReasonCode::ImpossiblePolicy).with("why", error.at_cloudfront()));
        }
        Err(reason) if inspector.errors() == errors => inspector.error(reason),
        _ => {}
    }
    if let Some(resource) = &resource {
        look_at_the_resource(inspector, resource, url);
    }
    if let Some(range) = &ip_address {
        look_at_the_range(inspector, range);
    }
    InspectedPolicy {
        kind: "custom",
        pretty: Some(pretty(inspector, document.is_some(), &json)),
        json: Some(json),
        resource,
        date_less_than: end.map(|end| inspector.moment("DateLessThan", end)),
        date_greater_than: start.map(|start| inspector.moment("DateGreaterThan", start)),
        ip_address,
    }
}

/// A number of seconds, even if written in a way that CloudFront cannot read.
fn seconds(inspector: &mut Inspector, name: &str, value: &Json<'_>) -> Option<i64> {
    let seconds = match value {
        Json::Integer(seconds) => *seconds,
        Json::Number => {
            inspector.error(Reason::new(ReasonCode::NotWholeNumber).with("name", name));
            return None;
        }
        Json::Text(text) => {
            inspector.error(Reason::new(ReasonCode::QuotedNumber).with("name", name).with("value", &**text));
            text.parse().ok()?
        }
        _ => return None,
    };
    inspector.check_seconds(name, seconds);
    Some(seconds)
}

/// What the JSON's own writing tells.
fn look_at_the_text(inspector: &mut Inspector, json: &str) {
    let mut in_string = false;
    let mut characters = json.chars();
    let (mut has_space, mut has_ampersand, mut has_escape) = (false, false, false);
    while let Some(character) = characters.next() {
        match character {
            '"' => in_string = !in_string,
            '\\' if in_string => match characters.next() {
                Some('u') => match characters.as_str().get(..4) {
                    Some("0026") => has_ampersand = true,
                    _ => has_escape = true,
                },
                Some('/') => has_escape = true,
                _ => {}
            },
            ' ' | '\t' | '\r' | '\n' if !in_string => has_space = true,
            _ => {}
        }
    }
    if has_space {
        inspector.warning(Reason::new(ReasonCode::WhiteSpaceInPolicy));
    }
    if has_ampersand {
        inspector.warning(Reason::new(ReasonCode::AmpersandInPolicy));
    }
    if has_escape {
        inspector.warning(Reason::new(ReasonCode::EscapesInPolicy));
    }
}

/// Indents JSON for people, unless it is nested so deeply that the indentation would be larger than the text.
fn pretty(inspector: &mut Inspector, is_json: bool, json: &str) -> String {
    const DEEPEST: usize = 16;
    let mut depth = 0_usize;
    let mut deepest = 0;
    for byte in json.bytes() {
        match byte {
            b'[' | b'{' => depth = depth.saturating_add(1),
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    if deepest > DEEPEST {
        inspector.note(Reason::new(ReasonCode::PolicyTooDeep).with("limit", DEEPEST));
    }
    if is_json && deepest <= DEEPEST { indented(json) } else { json.to_owned() }
}

/// A canned policy covers one address. The same signature sent as a custom policy may cover more.
fn look_at_the_one_address(inspector: &mut Inspector, url: &WireUrl) {
    let sections = url.sections();
    let reason = |wildcard: &str, escape: &str| {
        Reason::new(ReasonCode::WildcardInCannedUrl).with("wildcard", wildcard).with("escape", escape)
    };
    if sections.path.contains('*') || sections.domain.contains('*') {
        inspector.error(reason("*", "%2A"));
    } else if sections.query.is_some_and(|query| query.contains('*')) {
        inspector.warning(reason("*", "%2A"));
    }
    if sections.query.is_some_and(|query| query.contains('?')) {
        inspector.warning(reason("second ?", "%3F"));
    }
}

fn look_at_the_resource(inspector: &mut Inspector, text: &str, url: Option<&WireUrl>) {
    let resource = Resource::verbatim(text.to_owned());
    let with_resource = |code| Reason::new(code).with("resource", text);
    if let Some(protocol) = resource.impossible_protocol() {
        inspector.error(with_resource(ReasonCode::ResourceProtocol).with("protocol", protocol));
        return;
    }
    if inspector.given.source == Source::Cookies && !resource.is_allowed_in_cookies() {
        inspector.error(with_resource(ReasonCode::ResourceInCookies));
    }
    if let Some(character) = text.chars().find(|c| !c.is_ascii_graphic() || "\"<>`{}|^\\".contains(*c)) {
        inspector.warning(Reason::new(ReasonCode::UnescapedCharacter).with("character", character.to_string()));
    }
    if let Some((_, rest)) = text.split_once("://") {
        inspector.look_at_the_host(before_any(rest, b"/?"));
        inspector.look_at_the_parts(text);
    }
    if text.ends_with('/') && url.is_none_or(|url| url.as_str() != text) {
        inspector.warning(with_resource(ReasonCode::FolderWithoutWildcard));
    }
    if let Some(url) = url.filter(|url| !resource.matches(url)) {
        inspector.error(mismatch(&resource, url));
    }
}

/// Whether any viewer can have an address of the range.
fn look_at_the_range(inspector: &mut Inspector, range: &str) {
    match reserved_range(range) {
        None => {}
        Some("an example's") => inspector.note(Reason::new(ReasonCode::DocumentationAddress).with("ipAddress", range)),
        Some(kind) => inspector.warning(Reason::new(ReasonCode::PrivateAddress).with("ipAddress", range).with("kind", kind)),
    }
}
