//! Policies: the JSON that is signed, byte for byte.
//!
//! Sources: AWS, *Creating a signed URL using a canned policy*
//! (<https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-creating-signed-url-canned-policy.html>)
//! and *Creating a signed URL using a custom policy*
//! (<https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-creating-signed-url-custom-policy.html>).

use serde::ser::SerializeMap as _;
use serde::{Serialize, Serializer};

use crate::date::{self, LATEST};
use crate::error::{Error, ErrorCode, Result};
use crate::ip_address::source_ip;
use crate::parameter::Parameter;
use crate::url::WireUrl;

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
    /// The canned policy for a URL: an expiry and nothing else.
    pub(crate) fn canned(url: &WireUrl, date_less_than: i64) -> Self {
        Self { resource: Some(url.as_str().to_owned()), date_less_than, date_greater_than: None, ip_address: None }
    }

    /// Whether it has only a resource and an expiry. Such a policy need not be sent: CloudFront rebuilds it from the request.
    pub(crate) fn has_only_an_expiry(&self) -> bool {
        self.date_greater_than.is_none() && self.ip_address.is_none()
    }

    pub(crate) fn to_json(&self, order: ConditionOrder) -> String {
        // Text and numbers can always be written.
        serde_json::to_string(&Document::of(self, order)).unwrap_or_default()
    }

    /// Refuses conditions that CloudFront does not take, or that nothing can meet.
    pub(crate) fn check(&self) -> Result<()> {
        check_seconds("DateLessThan", self.date_less_than)?;
        if let Some(start) = self.date_greater_than {
            check_seconds("DateGreaterThan", start)?;
        }
        if let Some(range) = &self.ip_address {
            source_ip(range)?;
        }
        self.check_range()
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
            } else if self.date_less_than < 1_000_000_000 && now >= 1_000_000_000 {
                "A number is a moment (from 1e11 on in milliseconds); a duration has a unit, \"3600s\"."
            } else {
                "Choose a later date or a duration such as \"30m\"; check the clock."
            },
            Parameter::AllowExpired.token()
        )))
    }
}

/// The epoch seconds of `Expires`; `None` unless it is digits, without a sign or a zero before them.
pub(crate) fn seconds_of_expires(text: &str) -> Option<i64> {
    text.parse::<i64>().ok().filter(|seconds| *seconds >= 0 && seconds.to_string() == text)
}

fn check_seconds(name: &str, seconds: i64) -> Result<()> {
    if (0..=LATEST).contains(&seconds) {
        return Ok(());
    }
    Err(Error::new(ErrorCode::InvalidDate, format!("{name} is {seconds}; CloudFront takes seconds from 0 to {LATEST}"))
        .about(Parameter::Policy)
        .with_hint(if seconds < 0 {
            "It is negative: seconds are counted from 1970-01-01T00:00:00Z."
        } else {
            "CloudFront counts seconds: divide milliseconds by 1000."
        }))
}

/// The text of a policy, as serde writes it.
#[derive(Serialize)]
struct Document<'a> {
    #[serde(rename = "Statement")]
    statement: [Statement<'a>; 1],
}

#[derive(Serialize)]
struct Statement<'a> {
    #[serde(rename = "Resource", skip_serializing_if = "Option::is_none")]
    resource: Option<&'a str>,
    #[serde(rename = "Condition")]
    condition: Condition<'a>,
}

struct Condition<'a> {
    order: ConditionOrder,
    date_less_than: EpochTime,
    date_greater_than: Option<EpochTime>,
    ip_address: Option<SourceIp<'a>>,
}

#[derive(Serialize)]
struct EpochTime {
    #[serde(rename = "AWS:EpochTime")]
    seconds: i64,
}

#[derive(Serialize)]
struct SourceIp<'a> {
    #[serde(rename = "AWS:SourceIp")]
    range: &'a str,
}

impl<'a> Document<'a> {
    fn of(policy: &'a Policy, order: ConditionOrder) -> Self {
        let at = |seconds| EpochTime { seconds };
        let condition = Condition {
            order,
            date_less_than: at(policy.date_less_than),
            date_greater_than: policy.date_greater_than.map(at),
            ip_address: policy.ip_address.as_deref().map(|range| SourceIp { range }),
        };
        Self { statement: [Statement { resource: policy.resource.as_deref(), condition }] }
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
