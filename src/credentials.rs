//! The credentials of a request: in its URL, or else in its cookies.
//!
//! Source: AWS, *Decide to use signed URLs or signed cookies*
//! (<https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-choosing-signed-urls-cookies.html>).

use std::fmt;

use serde::Serialize;

use crate::json_tree::Json;
use crate::reason::{Reason, ReasonCode};
use crate::url::{RESERVED_PARAMETERS, names, percent_decoded, split_at_first};

/// Where credentials are: in the URL, or else in cookies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// Query parameters. If any of the first four reserved ones is there, the cookies are ignored.
    Url,
    /// Cookies.
    Cookies,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Source {
    /// `url` or `cookies`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Url => "url",
            Self::Cookies => "cookies",
        }
    }
}

/// What was given under the reserved names, unchanged and in order.
pub(crate) struct Credentials {
    pub(crate) source: Source,
    given: Vec<(&'static str, String)>,
    /// Where the last of them stood, as a position in the URL without them. Signers append theirs, so what follows was added later.
    end: usize,
}

impl Credentials {
    /// No credentials.
    pub(crate) fn none() -> Self {
        Self { source: Source::Url, given: Vec::new(), end: 0 }
    }

    /// Removes the signing parameters, each with the separator before it, and the fragment from a URL. Everything else stays as
    /// it is.
    pub(crate) fn take_from_url(href: &str) -> (String, Self) {
        let (address, _) = split_at_first(href, '#');
        let (base, query) = split_at_first(address, '?');
        let mut given = Vec::new();
        let mut plain = base.to_owned();
        let mut end = 0;
        let mut separator = '?';
        for part in query.get(1..).into_iter().flat_map(|query| query.split('&')) {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            match reserved(name) {
                Some(name) => {
                    given.push((name, value.to_owned()));
                    end = plain.len();
                }
                None => {
                    plain.push(separator);
                    plain.push_str(part);
                    separator = '&';
                }
            }
        }
        (plain, Self { source: Source::Url, given, end })
    }

    /// Reads the value of a `Cookie` header; and what people copy instead of it, in every form that signers and tools print: the
    /// header with its name, `Set-Cookie` lines, `name=value` or `name: value` lines, a cookie jar of curl's, JSON.
    pub(crate) fn of_cookies(text: &str) -> Self {
        let mut given = Vec::new();
        for_each_cookie(text, &mut |name, value| {
            if let Some(name) = name.strip_prefix("CloudFront-").and_then(reserved) {
                given.push((name, value.trim_matches('"').to_owned()));
            }
        });
        let read = Self { source: Source::Cookies, given, end: 0 };
        if read.is_whole() {
            return read;
        }
        let searched = Self { source: Source::Cookies, given: in_other_text(text), end: 0 };
        if searched.given.len() > read.given.len() { searched } else { read }
    }

    /// Any of the first four makes it a signed URL; the cookies are then ignored.
    pub(crate) fn is_signed(&self) -> bool {
        self.given.iter().any(|(name, _)| *name != "Hash-Algorithm")
    }

    /// The first signing parameter of a URL that has some of them but not all: it may be the URL's own parameter.
    pub(crate) fn incomplete(&self) -> Option<&'static str> {
        self.given.first().map(|(name, _)| *name).filter(|_| !self.is_whole())
    }

    /// Where the last of them stood in the URL without them; `None` if nothing follows it.
    pub(crate) fn end_in(&self, plain: &str) -> Option<usize> {
        (1..plain.len()).contains(&self.end).then_some(self.end)
    }

    /// Whether it has an id, a signature, and an expiry or a policy.
    pub(crate) fn is_whole(&self) -> bool {
        let has = |name: &str| self.written(name).is_some();
        has("Key-Pair-Id") && has("Signature") && (has("Expires") || has("Policy"))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.given.is_empty()
    }

    /// The first name that is given twice.
    pub(crate) fn given_twice(&self) -> Option<&'static str> {
        RESERVED_PARAMETERS.into_iter().find(|name| self.given.iter().filter(|(given, _)| given == name).count() > 1)
    }

    /// The first value that a web framework signed or encrypted, as it does with its own cookies, and the framework.
    pub(crate) fn of_framework(&self) -> Option<Reason> {
        self.given.iter().find_map(|(name, value)| {
            let framework = framework_of(&percent_decoded(value)?)?;
            Some(Reason::new(ReasonCode::FrameworkCookie).with("name", *name).with("framework", framework))
        })
    }

    /// A value as written.
    pub(crate) fn written(&self, name: &str) -> Option<&str> {
        self.given.iter().find(|(given, _)| *given == name).map(|(_, value)| value.as_str())
    }

    /// A value with its escapes decoded; as written if the result is not UTF-8.
    pub(crate) fn value(&self, name: &str) -> Option<String> {
        let written = self.written(name)?;
        Some(percent_decoded(written).unwrap_or_else(|| written.to_owned()))
    }
}

/// Express writes `s:VALUE.SIGNATURE`, Laravel the Base64 of `{"iv":"…","value":"…","mac":"…"}`.
fn framework_of(value: &str) -> Option<&'static str> {
    if value.starts_with("eyJpdiI6I") {
        return Some("Laravel");
    }
    value.strip_prefix("s:").filter(|rest| rest.contains('.')).map(|_| "Express")
}

/// Calls back with each name and value of a header, of `Set-Cookie` lines or of JSON.
fn for_each_cookie(text: &str, found: &mut impl FnMut(&str, &str)) {
    let text = text.trim();
    if let Some(json) = text.starts_with(['{', '[', '"']).then(|| Json::parse(text).ok()).flatten() {
        return of_json(&json, "", found);
    }
    for line in text.split(['\n', '\r']) {
        for cookie in without_header_name(line.trim()).split(';') {
            if let Some((name, value)) = cookie.split_once('=') {
                found(name.trim(), value.trim());
            }
        }
    }
}

/// Searches for the cookies in text of any other form: a curl command, a cookie jar, a PHP array, a call that sets a cookie, rows of a
/// browser's table, `Set-Cookie` lines joined by commas.
fn in_other_text(text: &str) -> Vec<(&'static str, String)> {
    let is_around = |character: char| !character.is_ascii_alphanumeric() && !"-_~+/".contains(character);
    let mut given = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("CloudFront-") {
        rest = after;
        // The end of a longer name, `__Secure-CloudFront-Policy`.
        if before.ends_with(['-', '_']) {
            continue;
        }
        let named = RESERVED_PARAMETERS.into_iter().find_map(|name| Some((name, after.strip_prefix(name)?)));
        let Some((name, after)) = named else { continue };
        let after = after.trim_start_matches(['"', '\'', '\\', ' ', ']']);
        let Some(value) = ["=>", "=", ":", "%3D", ",", "\t", "|"].into_iter().find_map(|joint| after.strip_prefix(joint)) else {
            continue;
        };
        let value = value.trim_start_matches(is_around);
        // In an object with a name and a value, and where PHP says what a value is.
        let value = match value.split_once(is_around) {
            Some(("value" | "Value", after)) => after,
            Some(("string", after)) => after.split_once(')').map_or(after, |(_, after)| after),
            _ => value,
        };
        let value = value.trim_start_matches(is_around);
        let (value, tail) = value.find(is_around).map_or((value, ""), |end| value.split_at(end));
        // A value broken by a space: half of it would mislead. `for` is Python's.
        let after = tail.trim_start();
        let is_end = after.is_empty() || ["CloudFront-", "for ", "|"].into_iter().any(|next| after.starts_with(next));
        if !value.is_empty() && (!tail.starts_with(' ') || is_end) {
            given.push((name, value.to_owned()));
        }
        rest = tail;
    }
    given
}

fn without_header_name(line: &str) -> &str {
    match line.split_once(':') {
        Some((name, value)) if ["cookie", "set-cookie"].iter().any(|header| name.trim().eq_ignore_ascii_case(header)) => value,
        _ => line,
    }
}

/// Objects with the names, as `sign-cookies` and the SDKs give them, and lists of `Set-Cookie` lines, one in the other.
fn of_json(json: &Json, name: &str, found: &mut impl FnMut(&str, &str)) {
    match json {
        Json::Object(members) => {
            let member = |wanted: &str| members.iter().find(|(name, _)| name == wanted).map(|(_, value)| value);
            // The form of browsers' exports and of HAR; in Firefox and in CloudFront Functions the name is the object's.
            if let Some(Json::Text(value)) = member("value") {
                found(if let Some(Json::Text(name)) = member("name") { name } else { name }, value);
            }
            for (name, value) in members {
                match value {
                    Json::Text(text) if name.starts_with("CloudFront-") => found(name, text),
                    Json::Integer(number) => found(name, &number.to_string()),
                    other => of_json(other, name, found),
                }
            }
        }
        Json::Array(values) => values.iter().for_each(|value| of_json(value, name, found)),
        Json::Text(text) if !text.starts_with(['{', '[', '"']) => for_each_cookie(text, found),
        _ => {}
    }
}

/// The names in a query or in its end, for a message.
pub(crate) fn names_of(query: &str) -> String {
    let names = query.split('?').flat_map(names);
    names.filter(|name| !name.is_empty()).collect::<Vec<_>>().join(", ")
}

fn reserved(name: &str) -> Option<&'static str> {
    RESERVED_PARAMETERS.into_iter().find(|reserved| *reserved == name)
}

/// Removes CloudFront's cookies from a `Cookie` header; `None` if no other cookie is left.
#[cfg(feature = "tower")]
pub(crate) fn without_cookies(header: &str) -> Option<String> {
    let is_ours = |cookie: &&str| {
        let (name, _) = split_at_first(cookie, '=');
        name.trim().strip_prefix("CloudFront-").and_then(reserved).is_some()
    };
    let cookies: Vec<&str> = header.split(';').map(str::trim).filter(|cookie| !cookie.is_empty()).collect();
    if !cookies.iter().any(is_ours) {
        return Some(header.to_owned());
    }
    let others: Vec<&str> = cookies.into_iter().filter(|cookie| !is_ours(cookie)).collect();
    (!others.is_empty()).then(|| others.join("; "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_cookies_in_every_form_that_is_printed() {
        let expected = [("Policy", "eyJ_-~"), ("Signature", "a-b~c__"), ("Key-Pair-Id", "K2JCJMDEHXQW5F")];
        for text in [
            "CloudFront-Policy=eyJ_-~; CloudFront-Signature=a-b~c__; CloudFront-Key-Pair-Id=K2JCJMDEHXQW5F",
            "theme=dark; CloudFront-Policy=\"eyJ_-~\";CloudFront-Signature=a-b~c__;  CloudFront-Key-Pair-Id=K2JCJMDEHXQW5F; x",
            "Cookie: CloudFront-Policy=eyJ_-~; CloudFront-Signature=a-b~c__; CloudFront-Key-Pair-Id=K2JCJMDEHXQW5F",
            "cookie:CloudFront-Policy=eyJ_-~; CloudFront-Signature=a-b~c__; CloudFront-Key-Pair-Id=K2JCJMDEHXQW5F\r\n",
            "Set-Cookie: CloudFront-Policy=eyJ_-~; Path=/; Secure\nSet-Cookie: CloudFront-Signature=a-b~c__; HttpOnly\nset-cookie: CloudFront-Key-Pair-Id=K2JCJMDEHXQW5F",
            "CloudFront-Policy=eyJ_-~\nCloudFront-Signature=a-b~c__\nCloudFront-Key-Pair-Id=K2JCJMDEHXQW5F\n",
            "CloudFront-Policy: eyJ_-~\nCloudFront-Signature: a-b~c__\nCloudFront-Key-Pair-Id: K2JCJMDEHXQW5F\n",
            "#HttpOnly_.d.net\tTRUE\t/\tTRUE\t0\tCloudFront-Policy\teyJ_-~\nd.net\tFALSE\t/\tTRUE\t0\tCloudFront-Signature\ta-b~c__\nd.net\tFALSE\t/\tTRUE\t0\tCloudFront-Key-Pair-Id\tK2JCJMDEHXQW5F",
            r#"{"CloudFront-Policy": "eyJ_-~", "CloudFront-Signature": "a-b~c__", "CloudFront-Key-Pair-Id": "K2JCJMDEHXQW5F"}"#,
            r#"{"cookies":{"CloudFront-Policy": "eyJ_-~", "CloudFront-Signature": "a-b~c__", "CloudFront-Key-Pair-Id": "K2JCJMDEHXQW5F"}}"#,
            r#"["CloudFront-Policy=eyJ_-~; Secure", "CloudFront-Signature=a-b~c__; Secure", "CloudFront-Key-Pair-Id=K2JCJMDEHXQW5F; Secure"]"#,
            r#"{"multiValueHeaders":{"Set-Cookie":["CloudFront-Policy=eyJ_-~", "CloudFront-Signature=a-b~c__", "CloudFront-Key-Pair-Id=K2JCJMDEHXQW5F"]}}"#,
            r#""CloudFront-Policy=eyJ_-~; CloudFront-Signature=a-b~c__; CloudFront-Key-Pair-Id=K2JCJMDEHXQW5F""#,
            r#"{"cookies":[{"name":"CloudFront-Policy","value":"eyJ_-~","path":"/"},{"name":"CloudFront-Signature","value":"a-b~c__"},{"name":"CloudFront-Key-Pair-Id","value":"K2JCJMDEHXQW5F"}]}"#,
            "CloudFront-Policy=eyJ_-~; Expires=Wed, 21 Oct 2026 07:28:00 GMT, CloudFront-Signature=a-b~c__; Secure, CloudFront-Key-Pair-Id=K2JCJMDEHXQW5F; Secure",
            "curl -b 'CloudFront-Policy=eyJ_-~; CloudFront-Signature=a-b~c__; CloudFront-Key-Pair-Id=K2JCJMDEHXQW5F' https://d.net/a",
            "wget --header=\"Cookie: CloudFront-Policy=eyJ_-~; CloudFront-Signature=a-b~c__; CloudFront-Key-Pair-Id=K2JCJMDEHXQW5F\" https://d.net/a",
            "{'CloudFront-Policy': 'eyJ_-~', 'CloudFront-Signature': 'a-b~c__', 'CloudFront-Key-Pair-Id': 'K2JCJMDEHXQW5F'}",
            "{\n  'CloudFront-Policy': 'eyJ_-~',\n  'CloudFront-Signature': 'a-b~c__',\n  'CloudFront-Key-Pair-Id': 'K2JCJMDEHXQW5F',\n}",
            "[\n \"CloudFront-Policy\" => \"eyJ_-~\",\n \"CloudFront-Signature\" => \"a-b~c__\",\n \"CloudFront-Key-Pair-Id\" => \"K2JCJMDEHXQW5F\"\n]",
            "CloudFront-Policy=eyJ_-~&CloudFront-Signature=a-b~c__&CloudFront-Key-Pair-Id=K2JCJMDEHXQW5F",
            "CloudFront-Policy%3DeyJ_-~%3B%20CloudFront-Signature%3Da-b~c__%3B%20CloudFront-Key-Pair-Id%3DK2JCJMDEHXQW5F",
            "document.cookie = \"CloudFront-Policy=eyJ_-~; CloudFront-Signature=a-b~c__; CloudFront-Key-Pair-Id=K2JCJMDEHXQW5F\"",
        ] {
            let given = Credentials::of_cookies(text);
            let pairs: Vec<(&str, &str)> = given.given.iter().map(|(name, value)| (*name, value.as_str())).collect();
            assert_eq!(pairs, expected, "{text}");
        }
        let expires = Credentials::of_cookies(r#"{"CloudFront-Expires": 1451606400, "CloudFront-Signature": "a"}"#);
        assert_eq!(expires.value("Expires").as_deref(), Some("1451606400"));
    }

    #[test]
    fn a_header_is_read_as_the_edge_reads_it() {
        for (text, id) in [
            ("CloudFront-Policy=e; CloudFront-Signature=a; CloudFront-Key-Pair-Id='K2'", "'K2'"),
            ("CloudFront-Policy=e; CloudFront-Signature=a; CloudFront-Key-Pair-Id=K2 J", "K2 J"),
        ] {
            assert_eq!(Credentials::of_cookies(text).written("Key-Pair-Id"), Some(id));
        }
        assert_eq!(Credentials::of_cookies("x=CloudFront-Policy; CloudFront-Signature=a").written("Policy"), None);
    }
}
