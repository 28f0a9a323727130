//! Damage to a signed URL on its way: escapes of HTML, JSON or mail, names in another case, a second `?`; and S3's signatures,
//! mistaken for CloudFront's. Each is refused anyway; this module names the cause.

use crate::encoding;
use crate::invisible::is_invisible;
use crate::reason::{Reason, ReasonCode};
use crate::url::{RESERVED_PARAMETERS, WireUrl, authority, has_stray_percent, is_escape, names, percent_decoded, split_at_first};

/// Parameters of S3's signed URLs (AWS, *Authenticating Requests: Using Query Parameters*), of both versions.
const S3_PARAMETERS: [&str; 3] = ["AWSAccessKeyId", "X-Amz-Signature", "X-Amz-Credential"];

/// Parameters by which signed URLs of other services are recognised.
const OTHERS_PARAMETERS: [(&str, &str); 8] = [
    ("X-Goog-Signature", "Google Cloud Storage"),
    ("GoogleAccessId", "Google Cloud Storage"),
    ("KeyName", "Google Cloud CDN"),
    ("sig", "Azure"),
    ("OSSAccessKeyId", "Alibaba Cloud"),
    ("x-oss-signature", "Alibaba Cloud"),
    ("q-signature", "Tencent Cloud"),
    ("hdnts", "Akamai"),
];

/// Escapes of `&` in HTML and JSON. Longer ones come first, because they contain shorter ones.
const AMPERSANDS: [(&str, ReasonCode); 8] = [
    ("&amp;amp;", ReasonCode::EscapedForHtml),
    ("&amp;", ReasonCode::EscapedForHtml),
    ("&#038;", ReasonCode::EscapedForHtml),
    ("\\x26", ReasonCode::EscapedForJson),
    ("\\u0026", ReasonCode::EscapedForJson),
    ("u0026", ReasonCode::EscapedForJson),
    ("&#38;", ReasonCode::EscapedForHtml),
    ("&#x26;", ReasonCode::EscapedForHtml),
];

/// Says why the signing parameters of a URL are not where they belong; `None` if there is no such damage. `url` is as it arrived.
pub(crate) fn cause(url: &str) -> Option<Reason> {
    let (address, fragment) = split_fragment(url);
    let (before, query) = split_at_first(address, '?');
    if let Some(cause) =
        in_fragment(query, fragment).or_else(|| escaped_as_value(before, query)).or_else(|| no_question_mark(before, query))
    {
        return Some(cause);
    }
    let query = query.get(1..)?;
    // A URL of another service's, that was signed for CloudFront, has both.
    let others = || s3_signature(address, query).or_else(|| others_signature(query));
    let is_cloudfronts = names(query).any(|name| name == "Key-Pair-Id");
    if is_cloudfronts { None } else { others() }
        .or_else(|| invisible_character(url))
        .or_else(|| ampersand(query))
        .or_else(|| quoted_printable(query))
        .or_else(|| second_question_mark(query))
        .or_else(|| other_name(query))
        .or_else(|| escaped_twice(query))
}

/// Finds signing parameters that were appended with a `&` to a URL without a query.
fn no_question_mark(before: &str, query: &str) -> Option<Reason> {
    let name = before.split('&').skip(1).find_map(reserved_at_start).filter(|_| query.is_empty())?;
    Some(Reason::new(ReasonCode::NoQuestionMark).with("name", name))
}

/// A `#` that belongs to `&#38;` begins no fragment.
fn split_fragment(url: &str) -> (&str, &str) {
    let at = url.match_indices('#').map(|(at, _)| at).find(|at| url.get(..*at).is_some_and(|before| !before.ends_with('&')));
    url.split_at_checked(at.unwrap_or(url.len())).unwrap_or((url, ""))
}

fn s3_signature(address: &str, query: &str) -> Option<Reason> {
    let parameter = names(query).find_map(|name| S3_PARAMETERS.into_iter().find(|known| known.eq_ignore_ascii_case(name)))?;
    let host = authority(address);
    Some(Reason::new(ReasonCode::S3Signature).with("parameter", parameter).with("host", host))
}

fn others_signature(query: &str) -> Option<Reason> {
    let has = |wanted: &str| names(query).any(|name| name == wanted);
    let (parameter, service) = OTHERS_PARAMETERS.into_iter().find(|(parameter, _)| has(parameter))?;
    // Short names may be anybody's: these need a second parameter.
    let is_signed = (parameter != "sig" || has("sv")) && (parameter != "KeyName" || has("Signature"));
    is_signed.then(|| Reason::new(ReasonCode::OtherSignature).with("parameter", parameter).with("service", service))
}

/// Finds an invisible character that was copied along with the URL.
fn invisible_character(url: &str) -> Option<Reason> {
    let found = url.chars().find(|character| is_invisible(*character))?;
    Some(Reason::new(ReasonCode::InvisibleCharacter).with("character", format!("U+{:04X}", u32::from(found))))
}

/// Finds signing parameters after a `#`, which clients do not send.
fn in_fragment(query: &str, fragment: &str) -> Option<Reason> {
    let name_in = |text: &str| text.split(['?', '&', '#']).find_map(reserved_at_start);
    let name = name_in(fragment).filter(|_| name_in(query).is_none())?;
    Some(Reason::new(ReasonCode::InFragment).with("name", name))
}

/// Finds `?`, `&` and `=` escaped as in a parameter's value: `%3F`, `%26`, `%3D`.
fn escaped_as_value(before: &str, query: &str) -> Option<Reason> {
    let lower = [before, query].concat().to_ascii_lowercase();
    // A URL with a complete signature of its own may carry another URL as a value.
    let given = |name: &str| query.split(['?', '&']).any(|part| split_at_first(part, '=').0 == name);
    let is_whole = RESERVED_PARAMETERS.into_iter().filter(|name| given(name)).count() > 2;
    // Only the `=` is escaped.
    let has_escaped_equals = |part: &str| {
        reserved_at_start(part).is_some_and(|name| part.get(name.len()..).is_some_and(|after| after.starts_with("%3d")))
    };
    // Without a `?` there is no query, so its first name is lost.
    let is_lost = query.is_empty() && lower.contains("%3f") && reserved_after("&", &lower);
    let (found, meant) = if is_lost || !is_whole && reserved_after("%3f", &lower) {
        ("%3F", "?")
    } else if is_whole {
        return None;
    } else if reserved_after("%26", &lower) {
        ("%26", "&")
    } else if lower.split(['?', '&']).any(has_escaped_equals) {
        ("%3D", "=")
    } else {
        return None;
    };
    Some(Reason::new(ReasonCode::EscapedAsValue).with("found", found).with("meant", meant))
}

/// Decodes a value in another Base64 alphabet, or with escapes left in it, and says which.
pub(crate) fn other_alphabet(text: &str) -> Option<(ReasonCode, Vec<u8>)> {
    let standard = text.replace(['+', ' '], "-").replace('/', "~").replace('=', "_");
    let for_urls = || if text.contains('~') { None } else { encoding::decode(&text.trim_end_matches('=').replace('_', "~")) };
    encoding::decode(&standard)
        .map(|bytes| (ReasonCode::OrdinaryBase64, bytes))
        .or_else(|| Some((ReasonCode::Base64Url, for_urls()?)))
        .or_else(|| Some((ReasonCode::EscapedTwice, encoding::decode(&percent_decoded(text)?)?)))
}

/// Names the first segment of the path with a `%` that begins no escape: a WHATWG parser leaves it, RFC 3986 does not allow it.
pub(crate) fn stray_percent(url: &WireUrl) -> Option<Reason> {
    let found = url.sections().path.split('/').find(|segment| has_stray_percent(segment))?;
    Some(Reason::new(ReasonCode::StrayPercent).with("found", found))
}

/// The reason for a value that is in no alphabet, with its first character that is in none, or else in another.
pub(crate) fn not_base64(text: &str) -> Reason {
    let other = |alphabet: &str| text.chars().find(|c| !c.is_ascii_alphanumeric() && !alphabet.contains(*c));
    let reason = Reason::new(ReasonCode::NotBase64);
    match other("-~_+/=").or_else(|| other("-~_")) {
        Some(character) => reason.with("character", character.to_string()),
        None => reason,
    }
}

fn ampersand(query: &str) -> Option<Reason> {
    let lower = query.to_ascii_lowercase();
    let (found, code) = AMPERSANDS.into_iter().find(|(found, _)| reserved_after(found, &lower))?;
    Some(Reason::new(code).with("found", found))
}

/// A reserved name, in any case, that a text begins with, and its `=`, escaped or not.
fn reserved_at_start(text: &str) -> Option<&'static str> {
    RESERVED_PARAMETERS.into_iter().find(|name| {
        let parts = text.split_at_checked(name.len());
        parts.is_some_and(|(start, after)| start.eq_ignore_ascii_case(name) && after.starts_with(['=', '%']))
    })
}

/// Whether a reserved name follows `mark` somewhere.
fn reserved_after(mark: &str, text: &str) -> bool {
    text.split(mark).skip(1).any(|after| reserved_at_start(after).is_some())
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

/// Finds a signing parameter whose name is written in another way. One alone may be the URL's own parameter.
fn other_name(query: &str) -> Option<Reason> {
    let names: Vec<&str> = names(query).collect();
    let is_there = |name: &&str| names.iter().any(|found| is_alike(found, name));
    if RESERVED_PARAMETERS.iter().filter(|name| is_there(name)).count() < 2 {
        return None;
    }
    RESERVED_PARAMETERS.into_iter().find_map(|name| written_in_another_way(name, &names))
}

/// Whether two names have the same letters, whatever their case, what is between them, and whether they begin with `CloudFront` or a
/// prefix that browsers give a meaning to.
fn is_alike(one: &str, other: &str) -> bool {
    letters(one).eq(letters(other))
}

fn letters(name: &str) -> impl Iterator<Item = u8> {
    let name = ["__Host-", "__Secure-"].iter().find_map(|prefix| name.strip_prefix(prefix)).unwrap_or(name);
    let (start, rest) = name.split_at_checked("CloudFront".len()).unwrap_or_default();
    let name = if start.eq_ignore_ascii_case("CloudFront") { rest } else { name };
    name.bytes().filter(u8::is_ascii_alphabetic).map(|byte| byte.to_ascii_lowercase())
}

/// Says how a name is written, if it is there only in another way.
fn written_in_another_way(name: &str, names: &[&str]) -> Option<Reason> {
    let found = names.iter().find(|found| is_alike(found, name)).filter(|_| !names.contains(&name))?;
    let code = if found.eq_ignore_ascii_case(name) { ReasonCode::OtherCase } else { ReasonCode::OtherName };
    Some(Reason::new(code).with("found", *found).with("name", name.to_owned()))
}

fn escaped_twice(query: &str) -> Option<Reason> {
    query.split('&').find_map(|part| {
        let (name, value) = part.split_once('=')?;
        let name = RESERVED_PARAMETERS.into_iter().find(|reserved| *reserved == name)?;
        let once = percent_decoded(value)?;
        once.split('%').skip(1).any(is_escape).then(|| Reason::new(ReasonCode::EscapedTwice).with("name", name))
    })
}

/// The same for a `Cookie` header. Names without the prefix count only if the ID is among them: they may be other cookies.
pub(crate) fn cause_in_cookies(header: &str) -> Option<Reason> {
    let mut names: Vec<&str> = header.split(';').map(|cookie| split_at_first(cookie.trim(), '=').0).collect();
    // In `…?Expires=1&amp;Key-Pair-Id=K` they are not cookies.
    if header.contains("://") || !names.iter().any(|name| is_alike(name, "Key-Pair-Id")) {
        names.retain(|name| name.len() > "CloudFront-".len());
    }
    RESERVED_PARAMETERS.into_iter().find_map(|name| written_in_another_way(&["CloudFront-", name].concat(), &names))
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
            ("/a?Expires=1&amp;amp;Signature=a", Some(ReasonCode::EscapedForHtml)),
            ("/a?Expires=1&#038;Signature=a", Some(ReasonCode::EscapedForHtml)),
            ("/a?Expires=1u0026Signature=a", Some(ReasonCode::EscapedForJson)),
            ("/a?Expires=1%26Signature=a%26Key-Pair-Id=K", Some(ReasonCode::EscapedAsValue)),
            ("/a%3FExpires=1&Signature=a&Key-Pair-Id=K", Some(ReasonCode::EscapedAsValue)),
            ("/a?Expires%3D1%26Signature%3Da%26Key-Pair-Id%3DK", Some(ReasonCode::EscapedAsValue)),
            ("/a?url=https%3A%2F%2Fd.net%2Fb%3FExpires%3D1%26Signature%3Da", Some(ReasonCode::EscapedAsValue)),
            ("/a?url=https%3A%2F%2Fd.net%2Fb%3FExpires%3D1&Expires=1&Signature=a&Key-Pair-Id=K", None),
            ("/a?x=%26y%3D1&Expires=1&Signature=a&Key-Pair-Id=K", None),
            ("/a#Expires=1&Signature=a&Key-Pair-Id=K", Some(ReasonCode::InFragment)),
            ("/a?Expires=1&Signature=a&Key-Pair-Id=K#Expires=1", None),
            ("/a?Expires=1&Signature=a&Key-Pair-Id=K\u{200b}", Some(ReasonCode::InvisibleCharacter)),
            ("/a?token=x&expires=1", None),
            ("/a?X-Goog-Algorithm=GOOG4-RSA-SHA256&X-Goog-Signature=a", Some(ReasonCode::OtherSignature)),
            ("/a?GoogleAccessId=x&Expires=1&Signature=a", Some(ReasonCode::OtherSignature)),
            ("/a?Expires=1&KeyName=k&Signature=a", Some(ReasonCode::OtherSignature)),
            ("/a?sv=2020-08-04&se=x&sig=a%3D", Some(ReasonCode::OtherSignature)),
            ("/a?sig=1", None),
            ("/a?OSSAccessKeyId=x&Expires=1&Signature=a", Some(ReasonCode::OtherSignature)),
            ("/a", None),
        ] {
            assert_eq!(cause(&format!("{HOST}{text}")).map(|reason| reason.code), expected, "{text}");
        }
    }
}
