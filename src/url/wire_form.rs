//! Recognises URLs that are in wire form already by their bytes. Most are, and need no parser.

use super::after_scheme;

/// Whether every WHATWG parser leaves this `http` or `https` URL unchanged, and it has no user name, port, fragment, `*` or empty
/// query part. In doubt the answer is no, and a parser decides.
///
/// Source: the URL standard, <https://url.spec.whatwg.org/>: its percent-encode sets, dot segments, and hosts that end in a number.
pub(crate) fn is_plain(text: &str) -> bool {
    after_scheme(text).and_then(|rest| after_plain_host(rest.as_bytes())).is_some_and(is_plain_path)
}

/// Whether a relative address is a path, and perhaps a query, that every WHATWG parser puts behind the folder of its base as it is.
pub(super) fn is_plain_relative(address: &str) -> bool {
    if address.starts_with(['/', '?']) || !is_plain_path(address.as_bytes()) {
        return false;
    }
    // What stands before a colon in the first segment may be a scheme.
    !address.bytes().take_while(|byte| !matches!(byte, b'/' | b'?')).any(|byte| byte == b':')
}

/// In a label of a host.
const LABEL: u8 = 1;
/// In a path and a query, where it stands for itself and neither begins nor ends anything.
const WORD: u8 = 2;

/// What each byte is. Most of a URL is skipped by looking its bytes up.
const BYTES: [u8; 256] = {
    let mut bytes = [0; 256];
    let mut rest: &mut [u8] = &mut bytes;
    let mut byte: u8 = 0;
    while let [kinds, more @ ..] = rest {
        if byte.is_ascii_lowercase() || byte.is_ascii_digit() {
            *kinds |= LABEL;
        }
        let is_mark = matches!(byte, b'-' | b'_' | b'~' | b'!' | b'$' | b'(' | b')' | b'+' | b',' | b'=' | b':' | b'@');
        if byte.is_ascii_alphanumeric() || is_mark {
            *kinds |= WORD;
        }
        byte = byte.wrapping_add(1);
        rest = more;
    }
    bytes
};

/// What comes after the bytes of this kind.
fn after(mut bytes: &[u8], kind: u8) -> &[u8] {
    while let [byte, rest @ ..] = bytes
        && BYTES.get(usize::from(*byte)).is_some_and(|kinds| kinds & kind != 0)
    {
        bytes = rest;
    }
    bytes
}

/// Takes a name in lower case, and returns what comes after the slash behind it. Two hyphens in a row may be Punycode, and a last
/// label that begins with a digit an address.
fn after_plain_host(text: &[u8]) -> Option<&[u8]> {
    let mut label = text;
    let mut part = text;
    loop {
        let rest = after(part, LABEL);
        let (byte, behind) = rest.split_first()?;
        // A label, or what is between two hyphens of it, has something in it.
        if rest.len() == part.len() || label.len() - rest.len() > 63 {
            return None;
        }
        match byte {
            b'-' => part = behind,
            b'.' => (label, part) = (behind, behind),
            b'/' => {
                let ends_in_a_name = label.first().is_some_and(u8::is_ascii_lowercase);
                // One label alone may be `undefined`.
                let has_dot = label.len() < text.len();
                // `.cloudfront.netundefined`: a parser looks at what has no slash after it.
                let goes_on = label.starts_with(b"net") && label.len() - rest.len() > 3;
                return (ends_in_a_name && has_dot && !goes_on && text.len() - rest.len() <= 253).then_some(behind);
            }
            _ => return None,
        }
    }
}

/// Takes what comes after the host: characters that stand for themselves, and escapes of others than the dot, without dot segments
/// and without empty parts of the query.
fn is_plain_path(mut bytes: &[u8]) -> bool {
    let mut in_query = false;
    // How many dots the segment or the part has; `None`, if it has something else too.
    let mut dots = Some(0);
    let is_dot_segment = |dots| matches!(dots, Some(1 | 2));
    loop {
        let rest = after(bytes, WORD);
        if rest.len() < bytes.len() {
            dots = None;
        }
        let Some((byte, behind)) = rest.split_first() else { break };
        bytes = behind;
        match byte {
            // A parameter of a segment may hide that it is a dot segment.
            b';' | b'%' if is_dot_segment(dots) => return false,
            b';' => dots = None,
            // An escaped slash may hide one too.
            b'%' => match behind {
                [b'2', b'e' | b'E' | b'f' | b'F', ..] | [b'5', b'c' | b'C', ..] | [b'c' | b'C', b'0' | b'1', ..] => {
                    return false;
                }
                [high, low, behind @ ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                    (bytes, dots) = (behind, None);
                }
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
    use crate::url::{WireUrl, ambiguous_part, native_parser};
    use proptest::prelude::*;

    #[test]
    fn most_urls_are_plain() {
        for text in [
            "https://d111111abcdef8.cloudfront.net/",
            "https://d111111abcdef8.cloudfront.net/films/trailer.mp4?size=hd&x=%E3%81%82",
            "http://a-b.example.com/a//b/.well-known/...;x=1,2/(1)+%2B@!$&=:~?a=/../b&flag",
            "http://localhost.example/x",
        ] {
            assert!(is_plain(text), "{text}");
        }
    }

    #[test]
    fn a_parser_looks_at_what_it_may_change_and_at_hosts_of_one_word() {
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
            "http://localhost/x",
            "https://undefined/",
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
                prop_assert_eq!(ambiguous_part(&text), None);
                if let Ok(url) = WireUrl::from_href(text.clone()) {
                    prop_assert_eq!(url.as_str(), text);
                }
            }
        }
    }
}
