//! Signed cookies: their names and values, and the `Set-Cookie` headers that carry them.
//!
//! Source: AWS, *Set signed cookies*
//! (<https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-signed-cookies.html>), and
//! RFC 6265 with its revision for `SameSite` and CHIPS for `Partitioned`.

use std::str::FromStr;

use crate::date::{Civil, DateInput, push_number};
use crate::error::{Error, ErrorCode, Result, quoted};
use crate::key::Algorithm;
use crate::parameter::Parameter;

/// The cookies that let a browser in: three, or four where the hash is SHA-256.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedCookies {
    pub(crate) access: Access,
    pub(crate) signature: String,
    pub(crate) key_pair_id: String,
    pub(crate) algorithm: Algorithm,
}

/// What a request carries of its policy: the moment alone, or all of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// Canned: CloudFront rebuilds the policy from the request and this moment, in epoch seconds.
    Expires(i64),
    /// Custom: the policy in CloudFront's Base64.
    Policy(String),
}

impl Access {
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Expires(_) => "Expires",
            Self::Policy(_) => "Policy",
        }
    }

    /// Writes `name=value`, as it is in a signed URL.
    pub(crate) fn push_parameter(&self, text: &mut String) {
        text.push_str(self.name());
        text.push('=');
        match self {
            Self::Expires(seconds) => text.push_str(&seconds.to_string()),
            Self::Policy(encoded) => text.push_str(encoded),
        }
    }

    pub(crate) fn value(&self) -> String {
        match self {
            Self::Expires(seconds) => seconds.to_string(),
            Self::Policy(encoded) => encoded.clone(),
        }
    }
}

impl SignedCookies {
    /// `CloudFront-Expires`, in epoch seconds, where the policy is a canned one.
    pub fn expires(&self) -> Option<i64> {
        match self.access {
            Access::Expires(seconds) => Some(seconds),
            Access::Policy(_) => None,
        }
    }

    /// Names and values, in the order of the parameters of a signed URL.
    pub fn pairs(&self) -> Vec<(&'static str, String)> {
        let access = match self.access {
            Access::Expires(_) => "CloudFront-Expires",
            Access::Policy(_) => "CloudFront-Policy",
        };
        let mut pairs = vec![
            (access, self.access.value()),
            ("CloudFront-Signature", self.signature.clone()),
            ("CloudFront-Key-Pair-Id", self.key_pair_id.clone()),
        ];
        if self.algorithm == Algorithm::Sha256 {
            pairs.push(("CloudFront-Hash-Algorithm", self.algorithm.to_string()));
        }
        pairs
    }
}

/// Where a cookie may go; CloudFront's cookies are secure and closed to scripts unless it is said otherwise.
#[derive(Clone, Debug, PartialEq)]
pub struct CookieAttributes {
    /// `Domain`: without it, the cookie goes to the host that set it and to no other.
    pub domain: Option<String>,
    /// `Path`: without it, the cookie goes to what lies beside the address that set it.
    pub path: Option<String>,
    /// `Max-Age`, in seconds; without it and `expires` the cookie ends with the browser's session, as AWS recommends.
    pub max_age: Option<i64>,
    /// `Expires`.
    pub expires: Option<DateInput>,
    /// `Secure`: sent over HTTPS only.
    pub secure: bool,
    /// `HttpOnly`: hidden from scripts.
    pub http_only: bool,
    /// `SameSite`.
    pub same_site: Option<SameSite>,
    /// `Partitioned`: kept apart for each site that embeds this one.
    pub partitioned: bool,
}

impl Default for CookieAttributes {
    fn default() -> Self {
        Self {
            domain: None,
            path: None,
            max_age: None,
            expires: None,
            secure: true,
            http_only: true,
            same_site: None,
            partitioned: false,
        }
    }
}

/// Which requests from other sites carry the cookie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SameSite {
    /// None.
    Strict,
    /// Links that are followed.
    Lax,
    /// All; asks for `Secure`.
    None,
}

impl SameSite {
    /// `Strict`, `Lax` or `None`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Strict => "Strict",
            Self::Lax => "Lax",
            Self::None => "None",
        }
    }
}

impl FromStr for SameSite {
    type Err = Error;

    /// Reads `Strict`, `Lax` or `None`, exactly so.
    fn from_str(text: &str) -> Result<Self> {
        match text {
            "Strict" => Ok(Self::Strict),
            "Lax" => Ok(Self::Lax),
            "None" => Ok(Self::None),
            other => Err(invalid(format!(
                "{} is {}; it is \"Strict\", \"Lax\" or \"None\"",
                Parameter::CookieSameSite.token(),
                quoted(other)
            ))
            .about(Parameter::CookieSameSite)),
        }
    }
}

/// Writes one `Set-Cookie` value for each pair of a name and a value.
///
/// ```
/// use countersign::cookies::{CookieAttributes, set_cookie};
///
/// let attributes = CookieAttributes { domain: Some("example.com".into()), path: Some("/films".into()), ..Default::default() };
/// let lines = set_cookie(&[("CloudFront-Key-Pair-Id", "K2JCJMDEHXQW5F".into())], &attributes)?;
/// assert_eq!(lines, ["CloudFront-Key-Pair-Id=K2JCJMDEHXQW5F; Domain=example.com; Path=/films; Secure; HttpOnly"]);
/// # Ok::<(), countersign::Error>(())
/// ```
///
/// # Errors
/// [`ErrorCode::InvalidOption`] for an attribute that would end the cookie or that no browser accepts: a semicolon or a
/// control character, a `Domain` of `cloudfront.net`, `SameSite=None` or `Partitioned` without `Secure`;
/// [`ErrorCode::InvalidDate`] for `expires`.
pub fn set_cookie(pairs: &[(impl AsRef<str>, String)], attributes: &CookieAttributes) -> Result<Vec<String>> {
    let suffix = attributes.suffix()?;
    let mut lines = Vec::new();
    for (name, value) in pairs {
        let name = name.as_ref();
        if (name == "CloudFront-Hash-Algorithm" && value.parse::<Algorithm>().is_err())
            || !NAMES.contains(&name)
            || value.is_empty()
            || !value.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_~".contains(&b))
        {
            return Err(invalid(format!("the cookie {} is not a signed cookie, or its value is not one", quoted(name)))
                .about(Parameter::Cookies)
                .with_hint("Pass the cookies as they were signed."));
        }
        lines.push(format!("{name}={value}{suffix}"));
    }
    Ok(lines)
}

/// The most bytes that browsers keep of one cookie, its name included; a longer one is dropped without a word.
///
/// Source: RFC 6265bis, section 5.6.
pub(crate) const LONGEST_COOKIE: usize = 4_096;

/// The names of CloudFront's cookies.
pub(crate) const NAMES: [&str; 5] =
    ["CloudFront-Expires", "CloudFront-Policy", "CloudFront-Signature", "CloudFront-Key-Pair-Id", "CloudFront-Hash-Algorithm"];

impl CookieAttributes {
    fn suffix(&self) -> Result<String> {
        let mut suffix = String::new();
        if let Some(domain) = &self.domain {
            suffix.push_str("; Domain=");
            suffix.push_str(checked_domain(domain)?);
        }
        if let Some(path) = &self.path {
            if !path.starts_with('/') || path.bytes().any(|b| b == b';' || !matches!(b, b' '..=b'~')) {
                return Err(invalid(format!(
                    "{} is {}; it begins with / and has no semicolon",
                    Parameter::CookiePath.token(),
                    quoted(path)
                ))
                .about(Parameter::CookiePath)
                .with_hint("Write \"/\" for the whole site; percent-encode what is not ASCII."));
            }
            suffix.push_str("; Path=");
            suffix.push_str(path);
        }
        if let Some(seconds) = self.max_age {
            suffix.push_str(&format!("; Max-Age={seconds}"));
        }
        if let Some(date) = &self.expires {
            suffix.push_str("; Expires=");
            suffix.push_str(&http_date(date.resolve_by_clock(Parameter::CookieExpires)?));
        }
        let needs_secure = if self.same_site == Some(SameSite::None) {
            Some((Parameter::CookieSameSite, "\"None\""))
        } else if self.partitioned {
            Some((Parameter::CookiePartitioned, "true"))
        } else {
            None
        };
        if let Some((parameter, value)) = needs_secure.filter(|_| !self.secure) {
            return Err(invalid(format!("{} is {value}, which goes with secure cookies only", parameter.token()))
                .about(Parameter::CookieSecure)
                .with_hint(format!("Browsers drop such a cookie: leave {} out.", Parameter::CookieSecure.token())));
        }
        for (given, attribute) in [(self.secure, "; Secure"), (self.http_only, "; HttpOnly")] {
            if given {
                suffix.push_str(attribute);
            }
        }
        if let Some(same_site) = self.same_site {
            suffix.push_str("; SameSite=");
            suffix.push_str(same_site.as_str());
        }
        if self.partitioned {
            suffix.push_str("; Partitioned");
        }
        Ok(suffix)
    }
}

fn checked_domain(domain: &str) -> Result<&str> {
    let (name, name_of_it) = (domain.strip_prefix('.').unwrap_or(domain), Parameter::CookieDomain.token());
    // A label that is empty is in no host's name: browsers would drop the cookie.
    if name.split('.').any(str::is_empty) || !name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._".contains(&b)) {
        return Err(invalid(format!("{name_of_it} is {}; it is a host name such as \"example.com\"", quoted(domain)))
            .about(Parameter::CookieDomain)
            .with_hint("Leave out protocol, port, path and wildcard."));
    }
    if name.eq_ignore_ascii_case("cloudfront.net") {
        return Err(invalid(format!(
            "{name_of_it} is cloudfront.net, which no browser takes: it would reach everybody's distributions"
        ))
        .about(Parameter::CookieDomain)
        .with_hint("Use an alternate domain name that your site and the distribution share, such as example.com."));
    }
    Ok(domain)
}

/// RFC 9110, section 5.6.7: `Sun, 06 Nov 1994 08:49:37 GMT`.
fn http_date(seconds: i64) -> String {
    const WEEKDAYS: [&str; 7] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let name = |names: &'static [&str], index: i64| names.get(index as usize).copied().unwrap_or_default();
    let civil = Civil::at(seconds);
    let mut text = String::from(name(&WEEKDAYS, civil.weekday));
    text.push_str(", ");
    push_number(&mut text, civil.day, 2);
    text.extend([" ", name(&MONTHS, civil.month - 1), " "]);
    push_number(&mut text, civil.year, 4);
    text.push(' ');
    civil.push_time(&mut text);
    text.push_str(" GMT");
    text
}

fn invalid(message: String) -> Error {
    Error::new(ErrorCode::InvalidOption, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(attributes: CookieAttributes) -> Result<String> {
        Ok(set_cookie(&[("CloudFront-Signature", "a-~_".to_owned())], &attributes)?.remove(0))
    }

    #[test]
    fn writes_every_attribute() {
        assert_eq!(line(CookieAttributes::default()).unwrap(), "CloudFront-Signature=a-~_; Secure; HttpOnly");
        let all = CookieAttributes {
            domain: Some(".example.com".into()),
            path: Some("/a".into()),
            max_age: Some(60),
            expires: Some(784_111_777.into()),
            same_site: Some(SameSite::None),
            partitioned: true,
            ..CookieAttributes::default()
        };
        // The date is RFC 9110's own example.
        assert_eq!(
            line(all).unwrap(),
            "CloudFront-Signature=a-~_; Domain=.example.com; Path=/a; Max-Age=60; Expires=Sun, 06 Nov 1994 08:49:37 GMT; \
             Secure; HttpOnly; SameSite=None; Partitioned"
        );
        let open = CookieAttributes { secure: false, http_only: false, same_site: Some(SameSite::Lax), ..Default::default() };
        assert_eq!(line(open).unwrap(), "CloudFront-Signature=a-~_; SameSite=Lax");
    }

    #[test]
    fn refuses_what_would_break_or_lose_the_cookie() {
        let with = |change: fn(&mut CookieAttributes)| {
            let mut attributes = CookieAttributes::default();
            change(&mut attributes);
            line(attributes).unwrap_err().code()
        };
        let changes: [fn(&mut CookieAttributes); 15] = [
            |a| a.domain = Some("".into()),
            |a| a.domain = Some("..example.com".into()),
            |a| a.domain = Some("example..com".into()),
            |a| a.domain = Some("example.com.".into()),
            |a| a.domain = Some("example.com; Path=/".into()),
            |a| a.domain = Some("https://example.com".into()),
            |a| a.domain = Some("*.cloudfront.net".into()),
            |a| a.domain = Some("CloudFront.net".into()),
            |a| a.domain = Some(".cloudfront.net".into()),
            |a| a.path = Some("".into()),
            |a| a.path = Some("a".into()),
            |a| a.path = Some("/;".into()),
            |a| a.path = Some("/\r\nX: y".into()),
            |a| (a.secure, a.same_site) = (false, Some(SameSite::None)),
            |a| (a.secure, a.partitioned) = (false, true),
        ];
        for change in changes {
            assert_eq!(with(change), ErrorCode::InvalidOption);
        }
        assert_eq!(with(|a| a.expires = Some("soon".into())), ErrorCode::InvalidDate);
        assert!(set_cookie(&[("Other", "x".to_owned())], &CookieAttributes::default()).is_err());
        assert!(set_cookie(&[("CloudFront-Policy", "x; Path=/".to_owned())], &CookieAttributes::default()).is_err());
    }
}
