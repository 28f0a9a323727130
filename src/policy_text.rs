//! Reads the text of a policy, or explains why CloudFront cannot.
//!
//! Source: AWS, *Creating a signed URL using a custom policy*. Names are case-sensitive, and there are no others.

use std::net::Ipv4Addr;

use crate::error::{Error, ErrorCode, quoted};
use crate::json_tree::Json;
use crate::parameter::Parameter;
use crate::policy::Policy;
use crate::reason::{Reason, ReasonCode};
use crate::values::Value;

impl Policy {
    /// Reads a policy: one statement with AWS's names, whole numbers of seconds, and an IPv4 range with its mask. White space and
    /// the order of members do not matter; unknown members are refused.
    ///
    /// # Errors
    /// [`ErrorCode::InvalidPolicy`] if CloudFront would answer `Malformed Policy`;
    /// [`ErrorCode::InvalidDate`], [`ErrorCode::InvalidDateRange`], [`ErrorCode::InvalidIpAddress`] and
    /// [`ErrorCode::Ipv6NotSupported`] for conditions that nothing can meet.
    pub fn parse(json: &str) -> Result<Self, Error> {
        let policy = read(json).map_err(|reason| unreadable(json, reason))?;
        policy.check().map_err(|error| match error.code() {
            ErrorCode::InvalidDate => error.with_prefix("the policy's "),
            _ => error,
        })?;
        Ok(policy)
    }
}

fn unreadable(json: &str, reason: Reason) -> Error {
    let reason = if reason.code == ReasonCode::MalformedPolicy { reason } else { malformed(reason.message()) };
    Error::new(ErrorCode::InvalidPolicy, reason.message()).about(Parameter::Policy).with_hint(if json.trim().is_empty() {
        "It is empty. Is the variable set?"
    } else {
        "It has the form {\"Statement\":[{\"Resource\":\"https://…\",\"Condition\":{\"DateLessThan\":{\"AWS:EpochTime\":1893456000}}}]}: \
         an array of one statement, numbers without quotation marks."
    })
}

/// Reads a policy without checking its dates and its range.
pub(crate) fn read(json: &str) -> Result<Policy, Reason> {
    let document = Json::parse(json).map_err(|error| malformed(not_json(json, error)))?;
    check_members("the policy", &document, &["Statement"])?;
    let statement = match document.get("Statement") {
        Some(Json::Array(statements)) => match statements.as_slice() {
            [statement] => statement,
            several => return Err(Reason::new(ReasonCode::SeveralStatements).with("count", several.len())),
        },
        Some(Json::Object(_)) => return Err(Reason::new(ReasonCode::StatementIsObject)),
        Some(other) => {
            return Err(malformed(format!("Statement is {}; it must be an array with one object in it", kind(other))));
        }
        None => return Err(malformed("Statement is missing")),
    };
    check_members("the statement", statement, &["Resource", "Condition"])?;
    let resource = match statement.get("Resource") {
        None => None,
        Some(Json::Text(resource)) => Some(resource.to_string()),
        Some(Json::Array(_)) => {
            return Err(malformed(
                "Resource is a list; CloudFront takes one string: sign one policy for each resource, or use a wildcard",
            ));
        }
        Some(other) => return Err(malformed(format!("Resource is {}; it must be a string", kind(other)))),
    };
    let condition = statement.get("Condition").ok_or_else(|| malformed("Condition is missing; it must have DateLessThan"))?;
    check_members("Condition", condition, &["DateLessThan", "DateGreaterThan", "IpAddress"])?;
    Ok(Policy {
        resource,
        date_less_than: seconds(condition, "DateLessThan")?
            .ok_or_else(|| malformed("DateLessThan is missing from Condition; every policy needs it"))?,
        date_greater_than: seconds(condition, "DateGreaterThan")?,
        ip_address: range(condition)?,
    })
}

fn seconds(condition: &Json<'_>, name: &str) -> Result<Option<i64>, Reason> {
    const KEY: &str = "AWS:EpochTime";
    const FORM: &str = "1893456000";
    match value(condition, name, KEY, FORM)? {
        None => Ok(None),
        Some(Json::Integer(seconds)) => Ok(Some(*seconds)),
        Some(Json::Number) => Err(Reason::new(ReasonCode::NotWholeNumber).with("name", name)),
        Some(Json::Text(text)) => Err(Reason::new(ReasonCode::QuotedNumber).with("name", name).with("value", &**text)),
        Some(other) => Err(of_other_kind(name, KEY, FORM, other)),
    }
}

fn range(condition: &Json<'_>) -> Result<Option<String>, Reason> {
    const NAME: &str = "IpAddress";
    const KEY: &str = "AWS:SourceIp";
    const FORM: &str = "\"192.0.2.0/24\"";
    match value(condition, NAME, KEY, FORM)? {
        None => Ok(None),
        Some(Json::Text(address)) if address.parse::<Ipv4Addr>().is_ok() => {
            Err(malformed("AWS:SourceIp has no mask: write /32 after a single address"))
        }
        Some(Json::Text(range)) => Ok(Some(range.to_string())),
        Some(other) => Err(of_other_kind(NAME, KEY, FORM, other)),
    }
}

/// The value of a condition; `None` if the policy does not have it.
fn value<'a>(condition: &'a Json<'a>, name: &str, key: &str, form: &str) -> Result<Option<&'a Json<'a>>, Reason> {
    let Some(member) = condition.get(name) else { return Ok(None) };
    if !matches!(member, Json::Object(_)) {
        return Err(malformed(format!("{name} is {}; write {{\"{key}\":{form}}}", kind(member))));
    }
    check_members(name, member, &[key])?;
    member.get(key).map(Some).ok_or_else(|| malformed(format!("{key} is missing from {name}")))
}

fn of_other_kind(name: &str, key: &str, form: &str, value: &Json<'_>) -> Reason {
    malformed(format!("{key} of {name} is {}; write {form}", kind(value)))
}

fn malformed(why: impl Into<Value>) -> Reason {
    Reason::new(ReasonCode::MalformedPolicy).with("why", why)
}

/// Explains why text is not JSON: in our words if the cause is a common one, in the parser's if not.
fn not_json(json: &str, error: String) -> String {
    let text = json.trim_start();
    let why = if text.is_empty() {
        "it is empty"
    } else if text.starts_with('\u{feff}') {
        "it begins with a byte order mark: save it without one"
    } else if text.starts_with("eyJ") {
        "it is already in Base64: pass its JSON"
    } else if text.starts_with("http") || text.starts_with('*') {
        "it is a resource, not a policy"
    } else if !text.starts_with('{') {
        "it is not a JSON object, which begins with {"
    } else if text.contains("{'") {
        "its quotation marks are single; JSON takes double ones"
    } else if text.contains("{\\\"") {
        "its quotation marks are escaped: it was encoded as JSON twice"
    } else if text.contains(['“', '”']) {
        "its quotation marks are curly: an editor changed them"
    } else if error.contains("trailing comma") {
        "it has a comma after the last member"
    } else if error.contains("EOF") {
        "its end is missing: it was cut off"
    } else if error.contains("trailing characters") {
        "it has text after its end"
    } else {
        return error;
    };
    why.to_owned()
}

/// Refuses what is no object, and a member that CloudFront does not know or that is given twice.
fn check_members(what: &str, object: &Json<'_>, known: &[&str]) -> Result<(), Reason> {
    let Json::Object(members) = object else {
        return Err(malformed(format!("{what} is {}; it must be an object", kind(object))));
    };
    for (at, (name, _)) in members.iter().enumerate() {
        let name = &**name;
        let is_known = known.contains(&name);
        if is_known && !members.iter().take(at).any(|(before, _)| before == name) {
            continue;
        }
        return Err(malformed(match known.iter().find(|known| known.eq_ignore_ascii_case(name)) {
            _ if is_known => format!("{name} is given twice"),
            Some(known) => format!("{} is in the wrong case: write {known}", quoted(name)),
            None if ["Version", "Id", "Effect", "Action", "Principal", "Sid"].contains(&name) => {
                format!("{what} has {name}, which belongs in IAM and S3 policies: leave it out")
            }
            None => format!("{what} has {}, which CloudFront does not know; it takes {}", quoted(name), known.join(", ")),
        }));
    }
    Ok(())
}

fn kind(value: &Json<'_>) -> &'static str {
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
            let found = read(&json).unwrap_err().message();
            assert!(found.contains(expected), "{json}: {found:?}");
            let error = Policy::parse(&json).unwrap_err();
            let why = error.message().strip_prefix("CloudFront cannot read the policy: ").unwrap();
            assert!(found.ends_with(why), "{json}: {error}");
        }
        assert!(read(&with(end)).is_ok());
        assert!(read(&statement(&format!(r#"{{"Condition":{end}}}"#))).is_ok());
    }
}
