//! What a policy says, also where it is not one that CloudFront reads.

use crate::credentials::Source;
use crate::error::quoted;
use crate::inspect::{Inspector, Moment, signature};
use crate::json::{self, Json, Members, indented};
use crate::policy::Policy;
use crate::resource::Resource;
use crate::text;
use crate::url::WireUrl;

/// A policy, as far as it can be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InspectedPolicy {
    /// `canned` or `custom`.
    pub kind: &'static str,
    /// The text that is signed, byte for byte; none for a canned policy in cookies, which depends on the request.
    pub json: Option<String>,
    /// The same, indented; the text itself where it is not JSON.
    pub pretty: Option<String>,
    /// What it covers.
    pub resource: Option<String>,
    /// When access ends.
    pub date_less_than: Option<Moment>,
    /// When it begins.
    pub date_greater_than: Option<Moment>,
    /// From which addresses.
    pub ip_address: Option<String>,
}

impl json::Object for InspectedPolicy {
    fn write(&self, members: &mut impl Members) {
        members.text("kind", self.kind);
        members.some_text("json", self.json.as_deref());
        members.some_text("pretty", self.pretty.as_deref());
        members.some_text("resource", self.resource.as_deref());
        members.some_object("dateLessThan", self.date_less_than.as_ref());
        members.some_object("dateGreaterThan", self.date_greater_than.as_ref());
        members.some_text("ipAddress", self.ip_address.as_deref());
    }
}

json::serialize_as_maps! { InspectedPolicy }

pub(super) fn inspect(inspector: &mut Inspector, url: Option<&WireUrl>) -> Option<InspectedPolicy> {
    if let Some(text) = inspector.given.value("Policy") {
        let bytes = signature::decode(inspector, "Policy", &text)?;
        let Ok(json) = String::from_utf8(bytes) else {
            inspector.error("the policy is not text in UTF-8");
            return None;
        };
        return Some(custom(inspector, json, url));
    }
    let Some(expires) = inspector.given.value("Expires") else {
        if inspector.given.is_signed() {
            inspector.error("there is neither Expires nor Policy: CloudFront answers MalformedPolicy");
        }
        return None;
    };
    canned(inspector, &expires, url)
}

fn canned(inspector: &mut Inspector, expires: &str, url: Option<&WireUrl>) -> Option<InspectedPolicy> {
    let seconds = expires.parse::<i64>().ok().filter(|seconds| seconds.to_string() == expires && *seconds >= 0);
    let Some(seconds) = seconds else {
        inspector.error(format!("Expires is {}, which is not a number of seconds", quoted(expires)));
        return None;
    };
    inspector.check_seconds("Expires", seconds);
    if let Some(url) = url
        && url.as_str().as_bytes().contains(&b'*')
    {
        inspector.warning("the URL has a *, which is no wildcard in a canned policy: a pattern takes a custom one");
    }
    let json = url.map(|url| inspector.canned_json(seconds, url));
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
                inspector.error(format!("the policy has {} statements; CloudFront takes exactly one", statements.len()));
            }
            statements.first()
        }
        Some(object @ Json::Object(_)) => {
            inspector.error("Statement is an object; it has to be an array with one object in it");
            Some(object)
        }
        _ => None,
    };
    let condition = |name: &str, key: &str| statement?.get("Condition")?.get(name)?.get(key);
    let end = condition("DateLessThan", "AWS:EpochTime").and_then(|value| seconds(inspector, "DateLessThan", value));
    let start = condition("DateGreaterThan", "AWS:EpochTime").and_then(|value| seconds(inspector, "DateGreaterThan", value));
    let ip_address = condition("IpAddress", "AWS:SourceIp").and_then(Json::as_text).map(str::to_owned);
    let resource = statement.and_then(|statement| statement.get("Resource")).and_then(Json::as_text).map(str::to_owned);
    match Policy::parse(&json) {
        Ok(policy) if policy.resource.is_none() => {
            inspector.warning("the policy names no Resource, and opens everything that the key may open");
        }
        // What has been named is not said again in the words of the strict reader.
        Err(error) if inspector.errors() == errors => {
            inspector.error(error.at_cloudfront());
        }
        _ => {}
    }
    if let Some(resource) = &resource {
        look_at_the_resource(inspector, resource, url);
    }
    InspectedPolicy {
        kind: "custom",
        pretty: Some(if document.is_some() { indented(&json) } else { json.clone() }),
        json: Some(json),
        resource,
        date_less_than: end.map(|end| inspector.moment("DateLessThan", end)),
        date_greater_than: start.map(|start| inspector.moment("DateGreaterThan", start)),
        ip_address,
    }
}

/// A number of seconds, also where it is written in a way that CloudFront does not read.
fn seconds(inspector: &mut Inspector, name: &str, value: &Json) -> Option<i64> {
    let seconds = match value {
        Json::Integer(seconds) => *seconds,
        Json::Number => {
            inspector.error(format!("{name} is not a whole number of seconds"));
            return None;
        }
        Json::Text(text) => {
            inspector.error(format!("{name} is {} in quotation marks; it has to be a bare number", quoted(text)));
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
        inspector.warning("the policy has white space between its parts, which AWS says to remove; if it is signed and sent as it is, it may pass");
    }
    if has_ampersand {
        inspector.warning("the policy writes & as \\u0026, as some JSON writers do; a canned policy of the same signer would not be the text that CloudFront rebuilds");
    }
    if has_escape {
        inspector.warning("the policy has escapes that JSON does not demand (\\/ or \\u…)");
    }
}

fn look_at_the_resource(inspector: &mut Inspector, text: &str, url: Option<&WireUrl>) {
    let resource = Resource::verbatim(text.to_owned());
    if inspector.given.source == Source::Cookies && !resource.is_allowed_in_cookies() {
        inspector
            .error(format!("the resource {} does not begin with http:// or https://, as it has to in cookies", quoted(text)));
    }
    if let Some(character) = text.chars().find(|c| !c.is_ascii_graphic() || "\"<>`{}|^\\".contains(*c)) {
        inspector.warning(format!(
            "the resource has the character {} as it is; requests carry it escaped, and are compared byte for byte",
            quoted(&character.to_string())
        ));
    }
    let Some(url) = url.filter(|url| !resource.matches(url)) else { return };
    let requested = url.sections();
    let protocol = text::split_once(text, "://").map(|(protocol, _)| protocol);
    let host = text::split_once(text, "://").map(|(_, rest)| rest.split(['/', '?']).next().unwrap_or(rest));
    let why = if matches!(protocol, Some(protocol @ ("http" | "https")) if protocol != requested.protocol) {
        ": one is http, the other https; http*:// covers both".to_owned()
    } else if host.is_some_and(|host| !host.contains(['*', '?']) && host != requested.domain) {
        ": the host is another one. Sign the name that viewers use, in lower case".to_owned()
    } else if requested.query.is_some() && !text.as_bytes().contains(&b'?') {
        ": the URL has a query, which the resource does not cover; end it in * or ?*".to_owned()
    } else {
        String::new()
    };
    inspector.error(format!("the resource {} does not match {}{why}", quoted(text), quoted(url.as_str())));
}
