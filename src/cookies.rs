//! Signed cookies: their names and values, and the `Set-Cookie` headers that carry them.
//!
//! Source: AWS, *Set signed cookies*
//! (<https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-signed-cookies.html>), and
//! RFC 6265 with its revision for `SameSite` and CHIPS for `Partitioned`.

use std::fmt;
use std::str::FromStr;

use crate::date::{DateInput, civil};
use crate::error::{Error, ErrorCode, Problems, Result, quoted};
use crate::key::Algorithm;
use crate::parameter::Parameter;
use crate::values::is_no_value;

/// The cookies that let a browser in: three, or four if the hash is SHA-256.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedCookies {
    pub(crate) access: Access,
    pub(crate) signature: String,
    pub(crate) key_pair_id: String,
    pub(crate) algorithm: Algorithm,
}

/// What a request carries of its policy: only the expiry, or all of it.
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
    /// `CloudFront-Expires`, in epoch seconds, if the policy is canned.
    pub fn expires(&self) -> Option<i64> {
        match self.access {
            Access::Expires(seconds) => Some(seconds),
            Access::Policy(_) => None,
        }
    }

    /// One `Set-Cookie` value for each cookie.
    ///
    /// ```
    /// use countersign::cookies::CookieAttributes;
    /// use countersign::{Conditions, KeyType, PrivateKey, Signer};
    ///
    /// let signer = Signer::new("K2JCJMDEHXQW5F", PrivateKey::generate(KeyType::Ecdsa)?)?;
    /// let cookies = signer.sign_cookies("https://media.example.com/films/*", &Conditions::new("2h"))?;
    /// for line in cookies.set_cookie(&CookieAttributes::new().domain("example.com").path("/films"))? {
    ///     assert!(line.ends_with("; Domain=example.com; Path=/films; Secure; HttpOnly"));
    /// }
    /// # Ok::<(), countersign::Error>(())
    /// ```
    ///
    /// # Errors
    /// As for [`set_cookie`].
    pub fn set_cookie(&self, attributes: &CookieAttributes) -> Result<Vec<String>> {
        set_cookie(&self.pairs(), attributes)
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

/// The attributes of the cookies. They are `Secure` and `HttpOnly` unless you say otherwise.
///
/// ```
/// use countersign::cookies::{CookieAttributes, SameSite};
///
/// let films = CookieAttributes::new().domain("example.com").path("/films").same_site(SameSite::Lax);
/// ```
#[derive(Clone, Debug, PartialEq)]
#[must_use]
#[non_exhaustive]
pub struct CookieAttributes {
    domain: Option<String>,
    path: Option<String>,
    max_age: Option<i64>,
    expires: Option<DateInput>,
    secure: bool,
    http_only: bool,
    same_site: Option<SameSite>,
    partitioned: bool,
}

impl Default for CookieAttributes {
    fn default() -> Self {
        Self::new()
    }
}

impl CookieAttributes {
    /// `Secure` and `HttpOnly`, and nothing else.
    pub fn new() -> Self {
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

    /// `Domain`: without it, the cookie goes to the host that set it and to no other.
    pub fn domain(mut self, domain: impl Into<String>) -> Self {
        self.domain = Some(domain.into());
        self
    }

    /// `Path`: without it, the cookie goes to the folder of the URL that set it.
    pub fn path(mut self, path: impl Into<String>) -> Self {
        self.path = Some(path.into());
        self
    }

    /// `Max-Age`, in seconds; without it and `expires` the cookie ends with the browser's session, as AWS recommends.
    pub fn max_age(mut self, seconds: i64) -> Self {
        self.max_age = Some(seconds);
        self
    }

    /// `Expires`.
    pub fn expires(mut self, date: impl Into<DateInput>) -> Self {
        self.expires = Some(date.into());
        self
    }

    /// `Secure`: sent over HTTPS only. Default: true.
    pub fn secure(mut self, secure: bool) -> Self {
        self.secure = secure;
        self
    }

    /// `HttpOnly`: hidden from scripts. Default: true.
    pub fn http_only(mut self, http_only: bool) -> Self {
        self.http_only = http_only;
        self
    }

    /// `SameSite`.
    pub fn same_site(mut self, same_site: SameSite) -> Self {
        self.same_site = Some(same_site);
        self
    }

    /// `Partitioned`: a separate cookie for each site that embeds this one.
    pub fn partitioned(mut self, partitioned: bool) -> Self {
        self.partitioned = partitioned;
        self
    }
}

/// Which requests from other sites carry the cookie.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SameSite {
    /// None.
    Strict,
    /// Only links that a user follows.
    Lax,
    /// All; needs `Secure`.
    None,
}

impl fmt::Display for SameSite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
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

    /// Reads `Strict`, `Lax` or `None`, spelt exactly so.
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
/// let attributes = CookieAttributes::new().domain("example.com").path("/films");
/// let lines = set_cookie(&[("CloudFront-Key-Pair-Id", "K2JCJMDEHXQW5F".into())], &attributes)?;
/// assert_eq!(lines, ["CloudFront-Key-Pair-Id=K2JCJMDEHXQW5F; Domain=example.com; Path=/films; Secure; HttpOnly"]);
/// # Ok::<(), countersign::Error>(())
/// ```
///
/// # Errors
/// [`ErrorCode::InvalidOption`] for an attribute that would end the cookie or that no browser accepts: a semicolon or a
/// control character, a `Path` with a space, a `*`, a `?` or a `#`, a `Domain` of `cloudfront.net`, one of them of more than 1,024
/// bytes, `SameSite=None` or `Partitioned` without `Secure`; and for a cookie that is too long for browsers.
/// [`ErrorCode::InvalidDate`] for `expires`.
pub fn set_cookie(pairs: &[(impl AsRef<str>, String)], attributes: &CookieAttributes) -> Result<Vec<String>> {
    let mut problems = Problems::default();
    let suffix = problems.take(attributes.suffix()).unwrap_or_default();
    let mut lines = Vec::new();
    for (name, value) in pairs {
        let name = name.as_ref();
        problems.take(check_pair(name, value));
        lines.push(format!("{name}={value}{suffix}"));
    }
    problems.end()?;
    Ok(lines)
}

/// Refuses a pair that is not a signed cookie, or that is too long for browsers.
fn check_pair(name: &str, value: &str) -> Result<()> {
    if (name == "CloudFront-Hash-Algorithm" && value.parse::<Algorithm>().is_err())
        || !NAMES.contains(&name)
        || value.is_empty()
        || !value.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_~".contains(&b))
    {
        return Err(invalid(format!("the cookie {} is not one of CloudFront's, or its value is malformed", quoted(name)))
            .about(Parameter::Cookies)
            .with_hint("Pass the signed cookies unchanged."));
    }
    let length = name.len() + 1 + value.len();
    if length > LONGEST_COOKIE {
        return Err(invalid(format!("the cookie {name} has {length} bytes; browsers keep up to {LONGEST_COOKIE}"))
            .about(Parameter::Cookies)
            .with_value("bytes", length)
            .with_value("limit", LONGEST_COOKIE)
            .with_hint("Sign a shorter resource, with a * instead of a long path or query."));
    }
    Ok(())
}

/// Writes the `Set-Cookie` values that delete CloudFront's cookies, for logging out. Pass the attributes that the cookies were set
/// with, or browsers keep them. `Max-Age` and `Expires` are set for you.
///
/// ```
/// use countersign::cookies::{CookieAttributes, clear_cookies};
///
/// let lines = clear_cookies(&CookieAttributes::new().domain("example.com").path("/films"))?;
/// assert!(lines[0].starts_with("CloudFront-Expires=; Domain=example.com; Path=/films; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT"));
/// # Ok::<(), countersign::Error>(())
/// ```
///
/// # Errors
/// [`ErrorCode::InvalidOption`] as for [`set_cookie`].
pub fn clear_cookies(attributes: &CookieAttributes) -> Result<Vec<String>> {
    let suffix = attributes.clone().max_age(0).expires(0).suffix()?;
    Ok(NAMES.iter().map(|name| format!("{name}={suffix}")).collect())
}

/// The longest cookie that browsers keep, in bytes, with its name. They silently drop a longer one.
///
/// Source: RFC 6265bis, section 5.6.
pub(crate) const LONGEST_COOKIE: usize = 4_096;

/// The longest value of an attribute that browsers do not ignore, from the same section.
const LONGEST_ATTRIBUTE: usize = 1_024;

/// The names of CloudFront's cookies.
pub(crate) const NAMES: [&str; 5] =
    ["CloudFront-Expires", "CloudFront-Policy", "CloudFront-Signature", "CloudFront-Key-Pair-Id", "CloudFront-Hash-Algorithm"];

impl CookieAttributes {
    fn suffix(&self) -> Result<String> {
        let mut problems = Problems::default();
        problems.take(self.domain.as_deref().map_or(Ok(()), check_domain));
        problems.take(self.path.as_deref().map_or(Ok(()), check_path));
        let expires = self.expires.as_ref().map(|date| problems.take(date.resolve_by_clock(Parameter::CookieExpires)));
        problems.take(self.check_secure());
        problems.end()?;
        let mut suffix = String::new();
        if let Some(domain) = &self.domain {
            suffix.push_str("; Domain=");
            suffix.push_str(domain);
        }
        if let Some(path) = &self.path {
            suffix.push_str("; Path=");
            suffix.push_str(path);
        }
        if let Some(seconds) = self.max_age {
            suffix.push_str(&format!("; Max-Age={seconds}"));
        }
        if let Some(seconds) = expires.flatten() {
            suffix.push_str("; Expires=");
            suffix.push_str(&http_date(seconds));
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

    /// Refuses what browsers accept only with `Secure`.
    fn check_secure(&self) -> Result<()> {
        let needs_secure = if self.same_site == Some(SameSite::None) {
            Some((Parameter::CookieSameSite, "\"None\""))
        } else if self.partitioned {
            Some((Parameter::CookiePartitioned, "true"))
        } else {
            None
        };
        if let Some((parameter, value)) = needs_secure.filter(|_| !self.secure) {
            return Err(invalid(format!("{} is {value}, which needs secure cookies", parameter.token()))
                .about(Parameter::CookieSecure)
                .with_hint(format!("Browsers drop such a cookie: leave {} out.", Parameter::CookieSecure.token())));
        }
        Ok(())
    }
}

fn check_path(path: &str) -> Result<()> {
    check_length(Parameter::CookiePath, path)?;
    if !path.starts_with('/') || path.bytes().any(|b| b == b';' || !b.is_ascii_graphic()) {
        return Err(invalid(format!(
            "{} is {}; it must begin with / and have no space and no semicolon",
            Parameter::CookiePath.token(),
            quoted(path)
        ))
        .about(Parameter::CookiePath)
        .with_hint("Write \"/\" for the whole site; percent-encode spaces and what is not ASCII."));
    }
    if let Some(mark) = ["*", "?", "#"].into_iter().find(|mark| path.contains(mark)) {
        return Err(invalid(format!(
            "{} is {}; a cookie's path has no {mark}, so this one would match nothing",
            Parameter::CookiePath.token(),
            quoted(path)
        ))
        .about(Parameter::CookiePath)
        .with_hint("Leave it out: a path covers everything below it, with every query."));
    }
    Ok(())
}

fn check_domain(domain: &str) -> Result<()> {
    check_length(Parameter::CookieDomain, domain)?;
    let (name, name_of_it) = (domain.strip_prefix('.').unwrap_or(domain), Parameter::CookieDomain.token());
    // No host name has an empty label: browsers would drop the cookie.
    if name.split('.').any(str::is_empty)
        || is_no_value(name)
        || !name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._".contains(&b))
    {
        return Err(invalid(format!("{name_of_it} is {}; it is a host name such as \"example.com\"", quoted(domain)))
            .about(Parameter::CookieDomain)
            .with_hint(if name.is_empty() || is_no_value(name) {
                "Is the variable set?"
            } else {
                "Leave out protocol, port, path and wildcard; write what is not ASCII in Punycode."
            }));
    }
    if name.eq_ignore_ascii_case("cloudfront.net") {
        return Err(invalid(format!(
            "{name_of_it} is cloudfront.net, which no browser accepts: it covers everybody's distributions"
        ))
        .about(Parameter::CookieDomain)
        .with_hint("Use an alternate domain name that your site and the distribution share, such as example.com."));
    }
    Ok(())
}

/// Refuses an attribute that browsers ignore for its length: the cookie would be set for another domain or path.
fn check_length(parameter: Parameter, value: &str) -> Result<()> {
    let (length, name) = (value.len(), parameter.token());
    if length <= LONGEST_ATTRIBUTE {
        return Ok(());
    }
    Err(invalid(format!("{name} has {length} bytes; browsers ignore it if it has more than {LONGEST_ATTRIBUTE}"))
        .about(parameter)
        .with_value("bytes", length)
        .with_value("limit", LONGEST_ATTRIBUTE)
        .with_hint("Is it the right variable?"))
}

/// RFC 9110, section 5.6.7: `Sun, 06 Nov 1994 08:49:37 GMT`.
fn http_date(seconds: i64) -> String {
    const WEEKDAYS: [&str; 7] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    // Every resolved moment is in the calendar, and every day and month has a name.
    let Some(moment) = civil(seconds) else { return String::new() };
    let (date, time) = (moment.date(), moment.time());
    let name = |names: &[&'static str], index: i8| names.get(index as usize).copied().unwrap_or_default();
    format!(
        "{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT",
        name(&WEEKDAYS, date.weekday().to_sunday_zero_offset()),
        date.day(),
        name(&MONTHS, date.month() - 1),
        date.year(),
        time.hour(),
        time.minute(),
        time.second()
    )
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
        let all = CookieAttributes::new()
            .domain(".example.com")
            .path("/a")
            .max_age(60)
            .expires(784_111_777)
            .same_site(SameSite::None)
            .partitioned(true);
        // The date is RFC 9110's own example.
        assert_eq!(
            line(all).unwrap(),
            "CloudFront-Signature=a-~_; Domain=.example.com; Path=/a; Max-Age=60; Expires=Sun, 06 Nov 1994 08:49:37 GMT; \
             Secure; HttpOnly; SameSite=None; Partitioned"
        );
        let open = CookieAttributes::new().secure(false).http_only(false).same_site(SameSite::Lax);
        assert_eq!(line(open).unwrap(), "CloudFront-Signature=a-~_; SameSite=Lax");
    }

    #[test]
    fn refuses_what_would_break_or_lose_the_cookie() {
        let with = |change: fn(&mut CookieAttributes)| {
            let mut attributes = CookieAttributes::default();
            change(&mut attributes);
            line(attributes).unwrap_err().code()
        };
        let changes: [fn(&mut CookieAttributes); 16] = [
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
            |a| a.path = Some("/films/*".into()),
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

    #[test]
    fn takes_away_every_cookie_that_may_have_been_set() {
        let lines = clear_cookies(&CookieAttributes::new().path("/a").max_age(60).partitioned(true)).unwrap();
        let end = "; Path=/a; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Secure; HttpOnly; Partitioned";
        assert_eq!(lines, NAMES.map(|name| format!("{name}={end}")));
        assert!(clear_cookies(&CookieAttributes::new().path("/*")).is_err());
    }

    #[test]
    fn refuses_what_browsers_do_not_keep() {
        let pair = |length: usize| [("CloudFront-Policy", "x".repeat(length - "CloudFront-Policy=".len()))];
        assert!(set_cookie(&pair(LONGEST_COOKIE), &CookieAttributes::new()).is_ok());
        let error = set_cookie(&pair(LONGEST_COOKIE + 1), &CookieAttributes::new()).unwrap_err();
        assert_eq!(error.code(), ErrorCode::InvalidOption);
        assert!(error.message().contains("4097 bytes; browsers keep up to 4096"), "{error}");
    }
}
