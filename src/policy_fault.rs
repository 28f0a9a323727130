//! Explains why CloudFront cannot read a policy.
//!
//! Source: AWS, *Creating a signed URL using a custom policy*. Names are case-sensitive, and there are no others.

use std::net::Ipv4Addr;

use crate::error::{Error, quoted};
use crate::json_tree::Json;
use crate::parameter::name_at_cloudfront;
use crate::reason::{Reason, ReasonCode};

/// What the messages of such errors begin with. The sentence of [`ReasonCode::MalformedPolicy`] begins so too.
pub(crate) const UNREADABLE: &str = "CloudFront cannot read the policy: ";

/// Returns the reason for an error of `Policy::parse`.
pub(crate) fn reason(json: &str, error: &Error) -> Reason {
    let message = error.message_with(name_at_cloudfront);
    let why = [UNREADABLE, "the policy's "].iter().find_map(|begin| message.strip_prefix(begin)).unwrap_or(&message);
    fault(json).unwrap_or_else(|| Reason::new(ReasonCode::MalformedPolicy).with("why", why))
}

/// Returns the first fault that it recognises.
pub(crate) fn fault(json: &str) -> Option<Reason> {
    let malformed = |why: String| Some(Reason::new(ReasonCode::MalformedPolicy).with("why", why));
    let document = match Json::parse(json) {
        Ok(document) => document,
        Err(error) => return malformed(not_json(json, &error)?),
    };
    if let Some(why) = other_members("the policy", &document, &["Statement"]) {
        return malformed(why);
    }
    let statement = match document.get("Statement")? {
        Json::Array(statements) => match statements.as_slice() {
            [statement] => statement,
            several => return Some(Reason::new(ReasonCode::SeveralStatements).with("count", several.len())),
        },
        Json::Object(_) => return Some(Reason::new(ReasonCode::StatementIsObject)),
        other => return malformed(format!("Statement is {}; it must be an array with one object in it", kind(other))),
    };
    if let Some(why) = other_members("the statement", statement, &["Resource", "Condition"]) {
        return malformed(why);
    }
    match statement.get("Resource") {
        None | Some(Json::Text(_)) => {}
        Some(Json::Array(_)) => {
            return malformed(
                "Resource is a list; CloudFront takes one string: sign one policy for each resource, or use a wildcard"
                    .to_owned(),
            );
        }
        Some(other) => return malformed(format!("Resource is {}; it must be a string", kind(other))),
    }
    let Some(condition) = statement.get("Condition") else {
        return malformed("Condition is missing; it must have DateLessThan".to_owned());
    };
    let conditions = [("DateLessThan", "AWS:EpochTime"), ("DateGreaterThan", "AWS:EpochTime"), ("IpAddress", "AWS:SourceIp")];
    if let Some(why) = other_members("Condition", condition, &conditions.map(|(name, _)| name)) {
        return malformed(why);
    }
    if condition.get("DateLessThan").is_none() {
        return malformed("DateLessThan is missing from Condition; every policy needs it".to_owned());
    }
    for (name, key) in conditions {
        let Some(member) = condition.get(name) else { continue };
        let form = if key == "AWS:SourceIp" { "\"192.0.2.0/24\"" } else { "1893456000" };
        if !matches!(member, Json::Object(_)) {
            return malformed(format!("{name} is {}; write {{\"{key}\":{form}}}", kind(member)));
        }
        if let Some(why) = other_members(name, member, &[key]) {
            return malformed(why);
        }
        match (member.get(key), key) {
            (None, _) => return malformed(format!("{key} is missing from {name}")),
            (Some(Json::Text(value)), "AWS:EpochTime") => {
                return Some(Reason::new(ReasonCode::QuotedNumber).with("name", name).with("value", value.as_str()));
            }
            (Some(Json::Number), "AWS:EpochTime") => return Some(Reason::new(ReasonCode::NotWholeNumber).with("name", name)),
            (Some(Json::Text(address)), _) if address.parse::<Ipv4Addr>().is_ok() => {
                return malformed("AWS:SourceIp has no mask: write /32 after a single address".to_owned());
            }
            (Some(Json::Integer(_)), "AWS:EpochTime") | (Some(Json::Text(_)), _) => {}
            (Some(other), _) => return malformed(format!("{key} of {name} is {}; write {form}", kind(other))),
        }
    }
    None
}

/// Explains why text is not JSON, if the cause is a common one.
fn not_json(json: &str, error: &str) -> Option<String> {
    let text = json.trim_start();
    Some(if text.is_empty() {
        return None;
    } else if text.starts_with('\u{feff}') {
        "it begins with a byte order mark: save it without one".to_owned()
    } else if text.starts_with("eyJ") {
        "it is already in Base64: pass its JSON".to_owned()
    } else if text.starts_with("http") || text.starts_with('*') {
        "it is a resource, not a policy".to_owned()
    } else if !text.starts_with('{') {
        "it is not a JSON object, which begins with {".to_owned()
    } else if text.contains("{'") {
        "its quotation marks are single; JSON takes double ones".to_owned()
    } else if text.contains("{\\\"") {
        "its quotation marks are escaped: it was encoded as JSON twice".to_owned()
    } else if text.contains(['“', '”']) {
        "its quotation marks are curly: an editor changed them".to_owned()
    } else if error.contains("trailing comma") {
        "it has a comma after the last member".to_owned()
    } else if error.contains("EOF") {
        "its end is missing: it was cut off".to_owned()
    } else if error.contains("trailing characters") {
        "it has text after its end".to_owned()
    } else {
        return None;
    })
}

/// Finds a member that CloudFront does not know, or that is given twice.
fn other_members(what: &str, object: &Json, known: &[&str]) -> Option<String> {
    let Json::Object(members) = object else { return Some(format!("{what} is {}; it must be an object", kind(object))) };
    for (at, (name, _)) in members.iter().enumerate() {
        if members.iter().take(at).any(|(before, _)| before == name) && known.contains(&name.as_str()) {
            return Some(format!("{name} is given twice"));
        }
        if known.contains(&name.as_str()) {
            continue;
        }
        return Some(match known.iter().find(|known| known.eq_ignore_ascii_case(name)) {
            Some(known) => format!("{} is in the wrong case: write {known}", quoted(name)),
            None if ["Version", "Id", "Effect", "Action", "Principal", "Sid"].contains(&name.as_str()) => {
                format!("{what} has {name}, which belongs in IAM and S3 policies: leave it out")
            }
            None => format!("{what} has {}, which CloudFront does not know; it takes {}", quoted(name), known.join(", ")),
        });
    }
    if known == ["Statement"] && members.is_empty() {
        return Some("Statement is missing".to_owned());
    }
    None
}

fn kind(value: &Json) -> &'static str {
    match value {
        Json::Object(_) => "an object",
        Json::Array(_) => "an array",
        Json::Text(_) => "a string",
        Json::Integer(_) | Json::Number => "a number",
        Json::Word => "true, false or null",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Policy;

    #[test]
    fn each_fault_is_explained() {
        let statement = |text: &str| format!(r#"{{"Statement":[{text}]}}"#);
        let with = |condition: &str| statement(&format!(r#"{{"Resource":"*","Condition":{condition}}}"#));
        let end = r#"{"DateLessThan":{"AWS:EpochTime":1893456000}}"#;
        for (json, expected) in [
            (format!(r#"{{"Statement":{{"Resource":"*","Condition":{end}}}}}"#), "Statement is an object; it must be an array"),
            (r#"{"Statement":"x"}"#.into(), "Statement is a string; it must be an array"),
            ("{}".into(), "Statement is missing"),
            (r#"{"Statement":[]}"#.into(), "the policy has 0 statements"),
            (format!(r#"{{"Statement":[{{"Condition":{end}}},{{"Condition":{end}}}]}}"#), "the policy has 2 statements"),
            (
                format!(r#"{{"Version":"2012-10-17","Statement":[{{"Resource":"*","Condition":{end}}}]}}"#),
                "the policy has Version, which belongs in IAM",
            ),
            (
                format!(r#"{{"statement":[{{"Resource":"*","Condition":{end}}}]}}"#),
                "\"statement\" is in the wrong case: write Statement",
            ),
            (statement(&format!(r#"{{"Resource":["a","b"],"Condition":{end}}}"#)), "Resource is a list"),
            (statement(&format!(r#"{{"Resource":null,"Condition":{end}}}"#)), "Resource is true, false or null"),
            (statement(&format!(r#"{{"resource":"*","Condition":{end}}}"#)), "\"resource\" is in the wrong case: write Resource"),
            (statement(r#"{"Resource":"*"}"#), "Condition is missing"),
            (with("[]"), "Condition is an array; it must be an object"),
            (with("{}"), "DateLessThan is missing"),
            (with(r#"{"DateLessThan":1893456000}"#), r#"DateLessThan is a number; write {"AWS:EpochTime":1893456000}"#),
            (with(r#"{"DateLessThan":"2030-01-01"}"#), r#"DateLessThan is a string; write {"AWS:EpochTime":1893456000}"#),
            (with(r#"{"DateLessThan":{"aws:EpochTime":1}}"#), "\"aws:EpochTime\" is in the wrong case: write AWS:EpochTime"),
            (with(r#"{"DateLessThan":{}}"#), "AWS:EpochTime is missing from DateLessThan"),
            (
                with(r#"{"DateLessThan":{"AWS:EpochTime":"1893456000"}}"#),
                r#"DateLessThan is "1893456000" in quotation marks; it must be a bare number"#,
            ),
            (with(r#"{"DateLessThan":{"AWS:EpochTime":1.5}}"#), "DateLessThan is not a whole number"),
            (with(r#"{"DateLessThan":{"AWS:EpochTime":1},"DateLessThan":{"AWS:EpochTime":2}}"#), "DateLessThan is given twice"),
            (with(r#"{"DateLessThan":{"AWS:EpochTime":2},"DateGreaterThan":null}"#), "DateGreaterThan is true, false or null"),
            (
                with(r#"{"DateLessThan":{"AWS:EpochTime":2},"IPAddress":{"AWS:SourceIp":"192.0.2.1/32"}}"#),
                "\"IPAddress\" is in the wrong case: write IpAddress",
            ),
            (
                with(r#"{"DateLessThan":{"AWS:EpochTime":2},"IpAddress":"192.0.2.1/32"}"#),
                r#"IpAddress is a string; write {"AWS:SourceIp":"192.0.2.0/24"}"#,
            ),
            (
                with(r#"{"DateLessThan":{"AWS:EpochTime":2},"NotIpAddress":{}}"#),
                "Condition has \"NotIpAddress\", which CloudFront does not know",
            ),
            (
                with(r#"{"DateLessThan":{"AWS:EpochTime":2},"IpAddress":{"AWS:SourceIp":"192.0.2.1"}}"#),
                "AWS:SourceIp has no mask: write /32",
            ),
            (with(end).replace('"', "'"), "its quotation marks are single"),
            (with(end).replace('"', "\\\""), "its quotation marks are escaped"),
            (with(end).replace('"', "“"), "its quotation marks are curly"),
            (with(end).replace("}]}", "},]}"), "it has a comma after the last member"),
            (format!("\u{feff}{}", with(end)), "a byte order mark"),
            (with(end)[..60].to_owned(), "it was cut off"),
            (with(end) + "x", "it has text after its end"),
            ("eyJTdGF0ZW1lbnQiOlt7".into(), "it is already in Base64"),
            ("https://d111111abcdef8.cloudfront.net/*".into(), "it is a resource, not a policy"),
            ("not json".into(), "it is not a JSON object"),
        ] {
            let found = fault(&json).map(|reason| reason.message()).unwrap_or_default();
            assert!(found.contains(expected), "{json}: {found:?}");
            let error = Policy::parse(&json).unwrap_err();
            assert!(error.message().starts_with(UNREADABLE), "{json}: {error}");
        }
        assert_eq!(fault(&with(end)), None);
        assert_eq!(fault(&statement(&format!(r#"{{"Condition":{end}}}"#))), None);
    }
}
