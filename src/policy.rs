//! Policies: the JSON that is signed, byte for byte.
//!
//! Sources: AWS, *Creating a signed URL using a canned policy*
//! (<https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-creating-signed-url-canned-policy.html>)
//! and *Creating a signed URL using a custom policy*
//! (<https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-creating-signed-url-custom-policy.html>).

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;

use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, Visitor};
use serde::ser::SerializeMap as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::date::{self, LATEST};
use crate::error::{Error, ErrorCode, Result, shown};
use crate::ip_address::source_ip;
use crate::parameter::Parameter;
use crate::policy_fault::{UNREADABLE, fault};

/// A policy's one statement: what it covers, until when, from when and for which addresses.
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Policy {
    /// What it covers. Without it: everything that the key may open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource: Option<String>,
    /// Access ends at this moment, in epoch seconds.
    pub date_less_than: i64,
    /// Access begins after this moment, in epoch seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date_greater_than: Option<i64>,
    /// The only addresses that may open it, an IPv4 range in CIDR notation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ip_address: Option<String>,
}

/// The order of a policy's conditions. CloudFront accepts every order; a signature fits only one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ConditionOrder {
    /// DateLessThan, IpAddress, DateGreaterThan, as botocore and the AWS documentation write it.
    Documentation,
    /// DateLessThan, DateGreaterThan, IpAddress, as `@aws-sdk/cloudfront-signer` writes it.
    AwsSdk,
}

impl Policy {
    /// Whether it has only a resource and an expiry. Such a policy need not be sent: CloudFront rebuilds it from the request.
    pub(crate) fn has_only_an_expiry(&self) -> bool {
        self.date_greater_than.is_none() && self.ip_address.is_none()
    }

    pub(crate) fn to_json(&self, order: ConditionOrder) -> String {
        // Text and numbers can always be written.
        serde_json::to_string(&Document::of(self, order)).unwrap_or_default()
    }

    /// Reads a policy: one statement with AWS's names, whole numbers of seconds, and an IPv4 range with its mask. White space and
    /// the order of members do not matter; unknown members are refused.
    ///
    /// # Errors
    /// [`ErrorCode::InvalidPolicy`] if CloudFront would answer `Malformed Policy`;
    /// [`ErrorCode::InvalidDate`], [`ErrorCode::InvalidDateRange`], [`ErrorCode::InvalidIpAddress`] and
    /// [`ErrorCode::Ipv6NotSupported`] for conditions that nothing can meet.
    pub fn parse(json: &str) -> Result<Self> {
        let Object(document): Object<Document<'_>> =
            serde_json::from_str(json).map_err(|error| unreadable(json, &shown(&error.to_string())))?;
        let [Object(Statement { resource, condition: Object(condition) })] = document.statement.as_slice() else {
            let count = document.statement.len();
            let why = "CloudFront takes exactly one: sign one policy for each resource, or use a wildcard";
            return Err(malformed(json, &format!("it has {count} statements, and {why}")));
        };
        let policy = Self {
            resource: resource.as_deref().map(str::to_owned),
            date_less_than: condition.date_less_than.0.checked("DateLessThan")?,
            date_greater_than: match &condition.date_greater_than {
                Some(Object(start)) => Some(start.checked("DateGreaterThan")?),
                None => None,
            },
            ip_address: match &condition.ip_address {
                Some(Object(SourceIp { range })) if source_ip(range)? != **range => {
                    return Err(Error::new(ErrorCode::InvalidPolicy, format!("{UNREADABLE}AWS:SourceIp has no mask"))
                        .about(Parameter::Policy)
                        .with_hint("Write /32 after a single address."));
                }
                Some(Object(SourceIp { range })) => Some(range.to_string()),
                None => None,
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
            .with_hint("Are they swapped?")),
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

/// Explains what is wrong with it, in the parser's words if we have none.
fn unreadable(json: &str, of_parser: &str) -> Error {
    let fault = fault(json).map(|reason| reason.message());
    malformed(json, fault.as_deref().map_or(of_parser, |text| text.strip_prefix(UNREADABLE).unwrap_or(text)))
}

fn malformed(json: &str, why: &str) -> Error {
    Error::new(ErrorCode::InvalidPolicy, format!("{UNREADABLE}{why}")).about(Parameter::Policy).with_hint(
        if json.trim().is_empty() {
            "It is empty. Is the variable set?"
        } else {
            "It has the form {\"Statement\":[{\"Resource\":\"https://…\",\"Condition\":{\"DateLessThan\":{\"AWS:EpochTime\":1893456000}}}]}: \
             an array of one statement, numbers without quotation marks."
        },
    )
}

/// The text of a policy, as serde reads and writes it.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Document<'a> {
    #[serde(rename = "Statement", borrow)]
    statement: Vec<Object<Statement<'a>>>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Statement<'a> {
    #[serde(rename = "Resource", borrow, default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    resource: Option<Text<'a>>,
    #[serde(rename = "Condition")]
    condition: Object<Condition<'a>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Condition<'a> {
    #[serde(skip, default = "documentation")]
    order: ConditionOrder,
    #[serde(rename = "DateLessThan")]
    date_less_than: Object<EpochTime>,
    #[serde(rename = "DateGreaterThan", default, deserialize_with = "present")]
    date_greater_than: Option<Object<EpochTime>>,
    #[serde(rename = "IpAddress", borrow, default, deserialize_with = "present")]
    ip_address: Option<Object<SourceIp<'a>>>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct EpochTime {
    #[serde(rename = "AWS:EpochTime")]
    seconds: i64,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct SourceIp<'a> {
    #[serde(rename = "AWS:SourceIp", borrow)]
    range: Text<'a>,
}

fn documentation() -> ConditionOrder {
    ConditionOrder::Documentation
}

impl<'a> Document<'a> {
    fn of(policy: &'a Policy, order: ConditionOrder) -> Self {
        let at = |seconds| Object(EpochTime { seconds });
        let condition = Condition {
            order,
            date_less_than: at(policy.date_less_than),
            date_greater_than: policy.date_greater_than.map(at),
            ip_address: policy.ip_address.as_deref().map(|range| Object(SourceIp { range: Text(range.into()) })),
        };
        let resource = policy.resource.as_deref().map(|resource| Text(resource.into()));
        Self { statement: vec![Object(Statement { resource, condition: Object(condition) })] }
    }
}

impl Serialize for Condition<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("DateLessThan", &self.date_less_than)?;
        let address_first = self.order == ConditionOrder::Documentation;
        for is_address in [address_first, !address_first] {
            match (is_address, &self.ip_address, &self.date_greater_than) {
                (true, Some(range), _) => map.serialize_entry("IpAddress", range)?,
                (false, _, Some(start)) => map.serialize_entry("DateGreaterThan", start)?,
                _ => {}
            }
        }
        map.end()
    }
}

impl EpochTime {
    fn checked(&self, name: &str) -> Result<i64> {
        if (0..=LATEST).contains(&self.seconds) {
            return Ok(self.seconds);
        }
        Err(Error::new(
            ErrorCode::InvalidDate,
            format!("the policy's {name} is {}; CloudFront takes seconds from 0 to {LATEST}", self.seconds),
        )
        .about(Parameter::Policy)
        .with_hint(if self.seconds < 0 {
            "It is negative: seconds are counted from 1970-01-01T00:00:00Z."
        } else {
            "This looks like milliseconds: divide it by 1000."
        }))
    }
}

/// A JSON object. serde's derived code would also accept an array of the values; CloudFront does not.
#[derive(Serialize)]
#[serde(transparent)]
struct Object<T>(T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Members<T> {
            type Value = T;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<T, A::Error> {
                T::deserialize(MapAccessDeserializer::new(members))
            }
        }

        deserializer.deserialize_map(Members(PhantomData)).map(Self)
    }
}

/// A string, borrowed if it has no escapes.
#[derive(Deserialize, Serialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

impl Deref for Text<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

/// Refuses `null` as a condition: it is not the same as no condition.
fn present<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
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
