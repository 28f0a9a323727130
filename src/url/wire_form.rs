//! Recognises URLs that are in wire form already by their bytes. Most are, and need no parser.

use std::str::Bytes;

/// Whether every WHATWG parser leaves this `http` or `https` URL unchanged, and it has no user name, port, fragment or empty query
/// part. In doubt the answer is no, and a parser decides.
///
/// Source: the URL standard, <https://url.spec.whatwg.org/>: its percent-encode sets, dot segments, and hosts that end in a number.
pub(super) fn is_plain(text: &str) -> bool {
    let Some(rest) = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")) else { return false };
    let mut bytes = rest.bytes();
    is_plain_host(&mut bytes) && is_plain_path(&mut bytes)
}

/// Whether a relative address is a path, and perhaps a query, that every WHATWG parser puts behind the folder of its base as it is.
pub(super) fn is_plain_relative(address: &str) -> bool {
    if address.starts_with(['/', '?']) || !is_plain_path(&mut address.bytes()) {
        return false;
    }
    // What stands before a colon in the first segment may be a scheme.
    !address.bytes().take_while(|byte| !matches!(byte, b'/' | b'?')).any(|byte| byte == b':')
}

/// Takes a name in lower case and the slash after it. Two hyphens in a row may be Punycode, and a last label that begins with a
/// digit an address.
fn is_plain_host(bytes: &mut Bytes<'_>) -> bool {
    let (mut length, mut in_label) = (0, 0);
    let (mut first_of_label, mut before) = (b'.', b'.');
    for byte in bytes {
        let ends_label = in_label > 0 && before != b'-';
        match byte {
            b'a'..=b'z' | b'0'..=b'9' => {
                if in_label == 0 {
                    first_of_label = byte;
                }
                in_label += 1;
            }
            b'-' if ends_label => in_label += 1,
            b'.' if ends_label => in_label = 0,
            b'/' => return ends_label && first_of_label.is_ascii_lowercase(),
            _ => return false,
        }
        length += 1;
        before = byte;
        if in_label > 63 || length > 253 {
            return false;
        }
    }
    false
}

/// Takes what comes after the host: characters that stand for themselves, and escapes of others than the dot, without dot segments
/// and without empty parts of the query.
fn is_plain_path(bytes: &mut Bytes<'_>) -> bool {
    let mut in_query = false;
    // How many dots the segment or the part has; `None`, if it has something else too.
    let mut dots = Some(0);
    let is_dot_segment = |dots| matches!(dots, Some(1 | 2));
    while let Some(byte) = bytes.next() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => dots = None,
            // A parameter of a segment may hide that it is a dot segment.
            b';' | b'%' if is_dot_segment(dots) => return false,
            b'-' | b'_' | b'~' | b'!' | b'$' | b'(' | b')' | b'+' | b',' | b';' | b'=' | b':' | b'@' => dots = None,
            // An escaped slash may hide one too.
            b'%' => match (bytes.next(), bytes.next()) {
                (Some(b'2'), Some(b'e' | b'E' | b'f' | b'F'))
                | (Some(b'5'), Some(b'c' | b'C'))
                | (Some(b'c' | b'C'), Some(b'0' | b'1')) => {
                    return false;
                }
                (Some(high), Some(low)) if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => dots = None,
                _ => return false,
            },
            b'.' => dots = dots.map(|count| count + 1),
            b'/' if in_query => dots = None,
            b'/' if !is_dot_segment(dots) => dots = Some(0),
            b'?' if !in_query && !is_dot_segment(dots) => {
                in_query = true;
                dots = Some(0);
            }
            b'&' if in_query && dots != Some(0) => dots = Some(0),
            b'&' if !in_query => dots = None,
            _ => return false,
        }
    }
    if in_query { dots != Some(0) } else { !is_dot_segment(dots) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::url::{WireUrl, native_parser};
    use proptest::prelude::*;

    #[test]
    fn most_urls_are_plain() {
        for text in [
            "https://d111111abcdef8.cloudfront.net/",
            "https://d111111abcdef8.cloudfront.net/films/trailer.mp4?size=hd&x=%E3%81%82",
            "http://a-b.example.com/a//b/.well-known/...;x=1,2/(1)+%2B@!$&=:~?a=/../b&flag",
            "http://localhost/x",
        ] {
            assert!(is_plain(text), "{text}");
        }
    }

    #[test]
    fn a_parser_looks_at_what_it_may_change() {
        for text in [
            "",
            "https://d.net",
            "https:///a",
            "HTTPS://d.net/",
            "https://D.net/",
            "https://d.net:443/",
            "https://u@d.net/",
            "https://1.2.3.4/",
            "https://a.0x1/",
            "https://a.1/",
            "https://d.net./",
            "https://xn--a.net/",
            "https://-a.net/",
            "https://a..net/",
            "https://[::1]/",
            "https://a_b.net/",
            "https://é.net/",
            "ftp://d.net/",
            "https://d.net/.",
            "https://d.net/..",
            "https://d.net/a/./b",
            "https://d.net/a/../b",
            "https://d.net/%2e",
            "https://d.net/%2E%2e/",
            "https://d.net/..;x/",
            "https://d.net/..%2fa",
            "https://d.net/a%5C..",
            "https://d.net/%zz",
            "https://d.net/%",
            "https://d.net/%a",
            "https://d.net/a b",
            "https://d.net/é",
            "https://d.net/a\\b",
            "https://d.net/a^b",
            "https://d.net/a|b",
            "https://d.net/a*",
            "https://d.net/'",
            "https://d.net/a#b",
            "https://d.net/a?",
            "https://d.net/a?&",
            "https://d.net/a?x&",
            "https://d.net/a?x&&y",
            "https://d.net/a?'",
            "https://d.net/a?b?c",
            "https://d.net/a\n",
            "https://d.net/\u{7f}",
        ] {
            assert!(!is_plain(text), "{text}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 20_000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn what_is_plain_no_parser_changes(text in "(https?|HTTP)://[a-c0-9xn.-]{1,6}(\\.[a-z0-9]{1,3})?(:80)?[/.%2eE0-9a&=?#*~|^'-]{0,9}") {
            if is_plain(&text) {
                prop_assert_eq!(native_parser(&text), Some(text.clone()));
                if let Ok(url) = WireUrl::from_href(text.clone()) {
                    prop_assert_eq!(url.as_str(), text);
                }
            }
        }
    }
}
