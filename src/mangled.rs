//! Damage to a signed URL on its way: escapes of HTML, JSON or mail, names in another case, a second `?`; and S3's signatures,
//! mistaken for CloudFront's. Each is refused anyway; this module names the cause.

use crate::reason::{Reason, ReasonCode};
use crate::url::{RESERVED_PARAMETERS, percent_decoded, split_at_first};

/// Parameters of S3's signed URLs (AWS, *Authenticating Requests: Using Query Parameters*), of both versions.
const S3_PARAMETERS: [&str; 3] = ["AWSAccessKeyId", "X-Amz-Signature", "X-Amz-Credential"];

/// Ways to write `&` that a parser of HTML or JSON undoes.
const AMPERSANDS: [(&str, ReasonCode); 4] = [
    ("&amp;", ReasonCode::EscapedForHtml),
    ("&#38;", ReasonCode::EscapedForHtml),
    ("&#x26;", ReasonCode::EscapedForHtml),
    ("\\u0026", ReasonCode::EscapedForJson),
];

/// Why the signing parameters of a URL, as it came, are not where they belong; nothing, where nothing of the kind is seen.
pub(crate) fn cause(url: &str) -> Option<Reason> {
    let (address, _) = split_fragment(url);
    let (_, query) = split_at_first(address, '?');
    let query = query.get(1..)?;
    s3_signature(address, query)
        .or_else(|| ampersand(query))
        .or_else(|| quoted_printable(query))
        .or_else(|| second_question_mark(query))
        .or_else(|| other_case(query))
        .or_else(|| escaped_twice(query))
}

/// A `#` that belongs to `&#38;` begins no fragment.
fn split_fragment(url: &str) -> (&str, &str) {
    let at = url.match_indices('#').map(|(at, _)| at).find(|at| url.get(..*at).is_some_and(|before| !before.ends_with('&')));
    url.split_at_checked(at.unwrap_or(url.len())).unwrap_or((url, ""))
}

pub(crate) fn s3_signature(address: &str, query: &str) -> Option<Reason> {
    let names = query.split('&').map(|part| split_at_first(part, '=').0);
    let parameter = names.filter_map(|name| S3_PARAMETERS.into_iter().find(|known| known.eq_ignore_ascii_case(name))).next()?;
    let host = host_of(address);
    Some(Reason::new(ReasonCode::S3Signature).with("parameter", parameter).with("host", host))
}

fn host_of(address: &str) -> &str {
    let (_, after) = address.split_once("://").unwrap_or(("", address));
    after.split(['/', '?', '#']).next().unwrap_or(after)
}

fn ampersand(query: &str) -> Option<Reason> {
    let lower = query.to_ascii_lowercase();
    AMPERSANDS.into_iter().find_map(|(found, code)| {
        let is_before_a_name = lower.split(found).skip(1).any(|after| reserved_at_start(after).is_some());
        is_before_a_name.then(|| Reason::new(code).with("found", found))
    })
}

/// A reserved name that a lower-cased text begins with, and its `=`.
fn reserved_at_start(lower: &str) -> Option<&'static str> {
    RESERVED_PARAMETERS
        .into_iter()
        .find(|name| lower.strip_prefix(name.to_ascii_lowercase().as_str()).is_some_and(|after| after.starts_with(['=', '%'])))
}

/// In a mail's source each `=` is `=3D`. One value may begin so by itself.
fn quoted_printable(query: &str) -> Option<Reason> {
    let mut values = Vec::new();
    for (name, value) in query.split('&').filter_map(|part| part.split_once('=')) {
        if RESERVED_PARAMETERS.contains(&name) {
            values.push(value.get(..2).is_some_and(|start| start.eq_ignore_ascii_case("3d")));
        }
    }
    (values.len() > 1 && values.iter().all(|escaped| *escaped)).then(|| Reason::new(ReasonCode::QuotedPrintable))
}

fn second_question_mark(query: &str) -> Option<Reason> {
    query.split('?').skip(1).find_map(|after| {
        let name =
            RESERVED_PARAMETERS.into_iter().find(|name| after.strip_prefix(name).is_some_and(|rest| rest.starts_with('=')))?;
        Some(Reason::new(ReasonCode::SecondQuestionMark).with("name", name))
    })
}

/// A name in another case, where the right one is missing.
fn other_case(query: &str) -> Option<Reason> {
    let names = || query.split('&').map(|part| split_at_first(part, '=').0);
    RESERVED_PARAMETERS.into_iter().find_map(|name| {
        let found = names().find(|found| found.eq_ignore_ascii_case(name))?;
        names().all(|other| other != name).then(|| Reason::new(ReasonCode::OtherCase).with("found", found).with("name", name))
    })
}

fn escaped_twice(query: &str) -> Option<Reason> {
    query.split('&').find_map(|part| {
        let (name, value) = part.split_once('=')?;
        let name = RESERVED_PARAMETERS.into_iter().find(|reserved| *reserved == name)?;
        let once = percent_decoded(value)?;
        let is_escape = |rest: &str| rest.get(..2).is_some_and(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()));
        once.split('%').skip(1).any(is_escape).then(|| Reason::new(ReasonCode::EscapedTwice).with("name", name))
    })
}

/// The same for the names of cookies in a `Cookie` header.
pub(crate) fn cause_in_cookies(header: &str) -> Option<Reason> {
    let names = || header.split(';').map(|cookie| split_at_first(cookie.trim(), '=').0);
    RESERVED_PARAMETERS.into_iter().find_map(|name| {
        let name = format!("CloudFront-{name}");
        let found = names().find(|found| found.eq_ignore_ascii_case(&name))?;
        names()
            .all(|other| other != name)
            .then(|| Reason::new(ReasonCode::OtherCase).with("found", found).with("name", name.clone()))
    })
}

/// What an unset variable or a promise looks like in text.
const NO_VALUES: [&str; 6] = ["undefined", "null", "nan", "none", "[object promise]", "[object object]"];

/// Whether a value is such text of JavaScript's or Python's.
pub(crate) fn is_no_value(value: &str) -> bool {
    NO_VALUES.contains(&value.to_ascii_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_what_was_done_to_a_url() {
        const HOST: &str = "https://d111111abcdef8.cloudfront.net";
        for (text, expected) in [
            ("/a?Expires=1&amp;Signature=a&amp;Key-Pair-Id=K", Some(ReasonCode::EscapedForHtml)),
            ("/a?Expires=1&#38;Signature=a&#38;Key-Pair-Id=K", Some(ReasonCode::EscapedForHtml)),
            ("/a?x=1&AMP;Expires=1", Some(ReasonCode::EscapedForHtml)),
            ("/a?Expires=1\\u0026Signature=a\\u0026Key-Pair-Id=K", Some(ReasonCode::EscapedForJson)),
            ("/a?Expires=3D1&Signature=3Da&Key-Pair-Id=3DK", Some(ReasonCode::QuotedPrintable)),
            ("/a?Expires=1&Signature=3Da&Key-Pair-Id=K", None),
            ("/a?expires=1&signature=a&key-pair-id=K", Some(ReasonCode::OtherCase)),
            ("/a?Expires=1&Signature=a&Key-pair-id=K", Some(ReasonCode::OtherCase)),
            ("/a?expires=1&Expires=1&Signature=a&Key-Pair-Id=K", None),
            ("/a?x=attachment?Expires=1&Signature=a&Key-Pair-Id=K", Some(ReasonCode::SecondQuestionMark)),
            ("/a?x=?&Expires=1&Signature=a&Key-Pair-Id=K", None),
            ("/a?AWSAccessKeyId=A&Expires=1&Signature=a%3D", Some(ReasonCode::S3Signature)),
            ("/a?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=A&X-Amz-Signature=a", Some(ReasonCode::S3Signature)),
            ("/a?Expires=1&Signature=a%257E&Key-Pair-Id=K", Some(ReasonCode::EscapedTwice)),
            ("/a?Expires=1&Signature=a%7E&Key-Pair-Id=K", None),
            ("/a?amp;x=1&text=a&amp;b", None),
            ("/a", None),
        ] {
            assert_eq!(cause(&format!("{HOST}{text}")).map(|reason| reason.code), expected, "{text}");
        }
    }
}
