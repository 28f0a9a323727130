//! Policies: the JSON that is signed, byte for byte.
//!
//! Sources: AWS, *Creating a signed URL using a canned policy*
//! (<https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-creating-signed-url-canned-policy.html>)
//! and *Creating a signed URL using a custom policy*
//! (<https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-creating-signed-url-custom-policy.html>).

use crate::date::{self, LATEST};
use crate::error::{Error, ErrorCode, Result, quoted};
use crate::ip_address::source_ip;
use crate::json::{self, Json, Members};
use crate::parameter::Parameter;

/// One statement: what is granted, until when, from when and to whom.
///
/// ```
/// use countersign::policy::Policy;
///
/// let policy = Policy::parse(r#"{"Statement":[{"Resource":"https://d111111abcdef8.cloudfront.net/*","Condition":{
///     "IpAddress":{"AWS:SourceIp":"192.0.2.0/24"},"DateLessThan":{"AWS:EpochTime":1893456000}}}]}"#)?;
/// assert_eq!(policy.resource.as_deref(), Some("https://d111111abcdef8.cloudfront.net/*"));
/// assert_eq!(policy.date_less_than, 1_893_456_000);
/// assert_eq!(policy.ip_address.as_deref(), Some("192.0.2.0/24"));
/// assert_eq!(policy.date_greater_than, None);
/// # Ok::<(), countersign::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// What it covers; where it is left out, everything that the key may open.
    pub resource: Option<String>,
    /// Access ends at this moment, in epoch seconds.
    pub date_less_than: i64,
    /// Access begins after this moment, in epoch seconds.
    pub date_greater_than: Option<i64>,
    /// The only viewers, an IPv4 range in CIDR notation.
    pub ip_address: Option<String>,
}

/// The order in which a policy's conditions are written; CloudFront accepts every order, a signature only one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ConditionOrder {
    /// DateLessThan, IpAddress, DateGreaterThan, as botocore and the AWS documentation write it.
    Documentation,
    /// DateLessThan, DateGreaterThan, IpAddress, as `@aws-sdk/cloudfront-signer` writes it.
    AwsSdk,
}

impl Policy {
    /// Whether there is nothing but a resource and an expiry, so that the policy need not be sent: CloudFront rebuilds it
    /// from the request.
    pub(crate) fn has_only_an_expiry(&self) -> bool {
        self.date_greater_than.is_none() && self.ip_address.is_none()
    }

    pub(crate) fn to_json(&self, order: ConditionOrder) -> String {
        let mut json = String::with_capacity(192 + self.resource.as_ref().map_or(0, String::len));
        json.push_str("{\"Statement\":[{");
        if let Some(resource) = &self.resource {
            json.push_str("\"Resource\":");
            json::write_string(&mut json, resource);
            json.push(',');
        }
        json.push_str("\"Condition\":{\"DateLessThan\":{\"AWS:EpochTime\":");
        json.push_str(&self.date_less_than.to_string());
        json.push('}');
        let address_first = order == ConditionOrder::Documentation;
        for is_address in [address_first, !address_first] {
            match (is_address, &self.ip_address, self.date_greater_than) {
                (true, Some(range), _) => {
                    json.push_str(",\"IpAddress\":{\"AWS:SourceIp\":");
                    json::write_string(&mut json, range);
                    json.push('}');
                }
                (false, _, Some(seconds)) => {
                    json.push_str(",\"DateGreaterThan\":{\"AWS:EpochTime\":");
                    json.push_str(&seconds.to_string());
                    json.push('}');
                }
                _ => {}
            }
        }
        json.push_str("}}]}");
        json
    }

    /// Reads a policy that somebody wrote: one statement with the names that AWS gives, whole numbers of seconds, and an
    /// IPv4 range with its mask. White space and the order of members are free; a member that is not known is not.
    ///
    /// # Errors
    /// [`ErrorCode::InvalidPolicy`], with what CloudFront would answer `Malformed Policy` to;
    /// [`ErrorCode::InvalidDate`], [`ErrorCode::InvalidDateRange`], [`ErrorCode::InvalidIpAddress`] and
    /// [`ErrorCode::Ipv6NotSupported`] for conditions that nothing can meet.
    pub fn parse(json: &str) -> Result<Self> {
        let document = Json::parse(json).map_err(|why| malformed(json, &why))?;
        let Written { resource, date_less_than, date_greater_than, ip_address } =
            Written::read(&document).map_err(|why| malformed(json, &why))?;
        let policy = Self {
            resource: resource.map(str::to_owned),
            date_less_than: checked_seconds("DateLessThan", date_less_than)?,
            date_greater_than: match date_greater_than {
                Some(start) => Some(checked_seconds("DateGreaterThan", start)?),
                None => None,
            },
            ip_address: match ip_address {
                Some(range) if source_ip(range)? != range => {
                    return Err(Error::new(ErrorCode::InvalidPolicy, "the policy's AWS:SourceIp has no mask")
                        .about(Parameter::Policy)
                        .with_hint("Write /32 after a single address."));
                }
                range => range.map(str::to_owned),
            },
        };
        policy.check_range()?;
        Ok(policy)
    }

    pub(crate) fn check_range(&self) -> Result<()> {
        match self.date_greater_than {
            Some(start) if start >= self.date_less_than => Err(Error::new(
                ErrorCode::InvalidDateRange,
                format!(
                    "{}, {}, is not earlier than {}, {}, so nothing would ever be allowed",
                    Parameter::DateGreaterThan.token(),
                    date::utc(start),
                    Parameter::DateLessThan.token(),
                    date::utc(self.date_less_than)
                ),
            )
            .about(Parameter::DateGreaterThan)
            .with_value("start", date::utc(start))
            .with_value("end", date::utc(self.date_less_than))
            .with_hint("Are the two swapped?")),
            _ => Ok(()),
        }
    }

    pub(crate) fn check_not_expired(&self, now: i64) -> Result<()> {
        if self.date_less_than > now {
            return Ok(());
        }
        Err(Error::new(
            ErrorCode::AlreadyExpired,
            format!(
                "{} is {}, and it is {} now",
                Parameter::DateLessThan.token(),
                date::utc(self.date_less_than),
                date::utc(now)
            ),
        )
        .about(Parameter::DateLessThan)
        .with_value("end", date::utc(self.date_less_than))
        .with_value("now", date::utc(now))
        .with_hint(format!(
            "{} For tests there is {}.",
            if (19_000_101..=22_620_411).contains(&self.date_less_than) {
                "A string of digits is epoch seconds; write a date with dashes, 2030-12-31."
            } else {
                "Choose a later date or a duration such as \"30m\"; check the clock."
            },
            Parameter::AllowExpired.token()
        )))
    }
}

fn malformed(json: &str, why: &str) -> Error {
    Error::new(ErrorCode::InvalidPolicy, format!("the policy is not one that CloudFront reads: {why}")).about(Parameter::Policy).with_hint(
        if json.trim().is_empty() {
            "It is empty: is the variable that it comes from set?"
        } else {
            "It has the form {\"Statement\":[{\"Resource\":\"https://…\",\"Condition\":{\"DateLessThan\":{\"AWS:EpochTime\":1893456000}}}]}: \
             an array of one statement, numbers without quotation marks."
        },
    )
}

fn checked_seconds(name: &str, seconds: i64) -> Result<i64> {
    if (0..=LATEST).contains(&seconds) {
        return Ok(seconds);
    }
    Err(Error::new(
        ErrorCode::InvalidDate,
        format!("the policy's {name} is {seconds}; CloudFront takes seconds from 0 to {LATEST}"),
    )
    .about(Parameter::Policy)
    .with_hint(if seconds < 0 {
        "It is negative: CloudFront counts seconds from 1970-01-01T00:00:00Z."
    } else {
        "This looks like milliseconds: divide it by 1000."
    }))
}

impl json::Object for Policy {
    fn write(&self, members: &mut impl Members) {
        members.some_text("resource", self.resource.as_deref());
        members.number("dateLessThan", self.date_less_than);
        if let Some(start) = self.date_greater_than {
            members.number("dateGreaterThan", start);
        }
        members.some_text("ipAddress", self.ip_address.as_deref());
    }
}

json::serialize_as_maps! { Policy }

/// What stands in a policy, each in its place and of its type.
struct Written<'a> {
    resource: Option<&'a str>,
    date_less_than: i64,
    date_greater_than: Option<i64>,
    ip_address: Option<&'a str>,
}

impl<'a> Written<'a> {
    /// Reads it, or says what is wrong with its form.
    fn read(document: &'a Json) -> Result<Self, String> {
        check_members("the policy", document, &["Statement"])?;
        let statements = match document.get("Statement") {
            Some(Json::Array(statements)) => statements,
            other => return Err(unexpected("Statement", other, "an array of one statement")),
        };
        let [statement] = statements.as_slice() else {
            return Err(format!(
                "it has {} statements, and CloudFront takes exactly one: sign one policy for each resource, or use a wildcard",
                statements.len()
            ));
        };
        check_members("the statement", statement, &["Resource", "Condition"])?;
        let condition = statement.get("Condition").ok_or("the statement has no Condition")?;
        check_members("Condition", condition, &["DateLessThan", "DateGreaterThan", "IpAddress"])?;
        let value = |name, key| match condition.get(name) {
            Some(object) => {
                check_members(name, object, &[key])?;
                Ok(Some(object.get(key).ok_or_else(|| format!("{name} has no {key}"))?))
            }
            None => Ok::<_, String>(None),
        };
        let seconds = |name| match value(name, "AWS:EpochTime")? {
            None => Ok(None),
            Some(Json::Integer(seconds)) => Ok(Some(*seconds)),
            other => Err(unexpected(&format!("AWS:EpochTime of {name}"), other, "a whole number of seconds")),
        };
        Ok(Self {
            resource: text("Resource", statement.get("Resource"))?,
            date_less_than: seconds("DateLessThan")?.ok_or("Condition has no DateLessThan")?,
            date_greater_than: seconds("DateGreaterThan")?,
            ip_address: text("AWS:SourceIp", value("IpAddress", "AWS:SourceIp")?)?,
        })
    }
}

/// Refuses what is no object, a member that is not among `known`, and one that comes twice.
fn check_members(name: &str, value: &Json, known: &[&str]) -> Result<(), String> {
    let Json::Object(members) = value else { return Err(unexpected(name, Some(value), "an object")) };
    for (at, (member, _)) in members.iter().enumerate() {
        if !known.contains(&member.as_str()) {
            return Err(format!("{name} has {}; it takes {}", quoted(member), known.join(", ")));
        }
        if members.iter().take(at).any(|(before, _)| before == member) {
            return Err(format!("{name} has {member} twice"));
        }
    }
    Ok(())
}

/// A string, where there is one; `null` in its place is not the same as nothing.
fn text<'a>(name: &str, value: Option<&'a Json>) -> Result<Option<&'a str>, String> {
    match value {
        None => Ok(None),
        Some(Json::Text(text)) => Ok(Some(text)),
        other => Err(unexpected(name, other, "a string")),
    }
}

fn unexpected(name: &str, value: Option<&Json>, wanted: &str) -> String {
    format!("{name} is {}; it takes {wanted}", value.map_or("missing", Json::kind))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy() -> Policy {
        Policy {
            resource: Some("https://d.net/*".into()),
            date_less_than: 2,
            date_greater_than: Some(1),
            ip_address: Some("192.0.2.0/24".into()),
        }
    }

    #[test]
    fn writes_both_orders_without_white_space() {
        assert_eq!(
            policy().to_json(ConditionOrder::Documentation),
            r#"{"Statement":[{"Resource":"https://d.net/*","Condition":{"DateLessThan":{"AWS:EpochTime":2},"IpAddress":{"AWS:SourceIp":"192.0.2.0/24"},"DateGreaterThan":{"AWS:EpochTime":1}}}]}"#
        );
        assert_eq!(
            policy().to_json(ConditionOrder::AwsSdk),
            r#"{"Statement":[{"Resource":"https://d.net/*","Condition":{"DateLessThan":{"AWS:EpochTime":2},"DateGreaterThan":{"AWS:EpochTime":1},"IpAddress":{"AWS:SourceIp":"192.0.2.0/24"}}}]}"#
        );
    }

    #[test]
    fn reads_back_what_it_writes() {
        for order in [ConditionOrder::Documentation, ConditionOrder::AwsSdk] {
            assert_eq!(Policy::parse(&policy().to_json(order)).unwrap(), policy());
        }
        let hostile = Policy { resource: Some("a\"\\\u{0}\u{1f}\n\r\t\u{8}\u{c}&</é\u{7f}".into()), ..policy() };
        assert_eq!(Policy::parse(&hostile.to_json(ConditionOrder::Documentation)).unwrap(), hostile);
    }

    #[test]
    fn refuses_malformed_policies() {
        let code = |json: &str| Policy::parse(json).unwrap_err().code();
        let with = |condition: &str| format!(r#"{{"Statement":[{{"Resource":"*","Condition":{{{condition}}}}}]}}"#);
        for json in [
            "".into(),
            "not json".into(),
            "{}".into(),
            r#"{"Statement":[]}"#.into(),
            r#"{"Statement":{"Resource":"*","Condition":{"DateLessThan":{"AWS:EpochTime":1}}}}"#.into(),
            r#"{"Statement":[{"Resource":"*"}]}"#.into(),
            r#"{"Statement":[["*",{"DateLessThan":{"AWS:EpochTime":1}}]]}"#.into(),
            r#"{"Statement":[{"Resource":"*","Condition":{"DateLessThan":[1]}}]}"#.into(),
            r#"[[["*",[[1]]]]]"#.into(),
            r#"{"Statement":[{"Resource":null,"Condition":{"DateLessThan":{"AWS:EpochTime":1}}}]}"#.into(),
            r#"{"Statement":[{"Resource":"*","Effect":"Allow","Condition":{"DateLessThan":{"AWS:EpochTime":1}}}]}"#.into(),
            with(""),
            with(r#""DateLessThan":{"AWS:EpochTime":"1"}"#),
            with(r#""DateLessThan":{"AWS:EpochTime":1.5}"#),
            with(r#""DateLessThan":{"AWS:EpochTime":1e3}"#),
            with(r#""DateLessThan":{"AWS:EpochTime":1},"DateLessThan":{"AWS:EpochTime":2}"#),
            with(r#""DateLessThan":{"AWS:EpochTime":2},"DateGreaterThan":null"#),
            with(r#""DateLessThan":{"AWS:EpochTime":2},"IpAddress":{"AWS:SourceIp":"192.0.2.1"}"#),
            with(r#""DateLessThan":{"AWS:EpochTime":2},"IPAddress":{"AWS:SourceIp":"192.0.2.1/32"}"#),
            with(r#""DateLessThan":{"AWS:EpochTime":2}"#) + "x",
            "[".repeat(100_000),
        ] {
            assert_eq!(code(&json), ErrorCode::InvalidPolicy, "{json}");
        }
        assert_eq!(code(&with(r#""DateLessThan":{"AWS:EpochTime":1893456000000}"#)), ErrorCode::InvalidDate);
        assert_eq!(code(&with(r#""DateLessThan":{"AWS:EpochTime":-1}"#)), ErrorCode::InvalidDate);
        assert_eq!(
            code(&with(r#""DateLessThan":{"AWS:EpochTime":2},"DateGreaterThan":{"AWS:EpochTime":2}"#)),
            ErrorCode::InvalidDateRange
        );
        assert_eq!(
            code(&with(r#""DateLessThan":{"AWS:EpochTime":2},"IpAddress":{"AWS:SourceIp":"::1/128"}"#)),
            ErrorCode::Ipv6NotSupported
        );
    }
}
