//! Reads an address in XML, and where each of its characters is written. It may have entities, CDATA sections and comments.

use std::borrow::Cow;

use super::address::refused;
use crate::error::{Result, quoted};

/// An address, and where it is in what was written.
pub(super) struct Written<'x> {
    /// Entities undone, without white space around it.
    pub(super) address: Cow<'x, str>,
    /// Where what is written of the address begins, and where it ends, or its fragment begins.
    pub(super) start: usize,
    pub(super) end: usize,
    /// Where what is written of the address ends, its fragment included.
    pub(super) after: usize,
    /// Whether the end is in a CDATA section, where an `&` is written as it is.
    pub(super) in_cdata: bool,
}

/// Reads the value of an attribute or the content of an element.
pub(super) fn read(raw: &str) -> Result<Written<'_>> {
    if raw.bytes().any(|byte| matches!(byte, b'&' | b'<')) {
        return characters(raw);
    }
    let from_start = raw.trim_ascii_start();
    let address = from_start.trim_ascii_end();
    let start = raw.len() - from_start.len();
    let end = start + address.find('#').unwrap_or(address.len());
    Ok(Written { address: Cow::Borrowed(address), start, end, after: start + address.len(), in_cdata: false })
}

/// Where a character ends, and whether that is in a CDATA section.
type End = (usize, bool);

/// What is read of an address.
#[derive(Default)]
struct Reading {
    address: String,
    start: usize,
    /// The last character; the last that is no white space; the last before the fragment.
    last: End,
    after: End,
    sent: Option<End>,
}

impl Reading {
    fn push(&mut self, value: char, start: usize, end: End) {
        if self.address.is_empty() {
            if value.is_ascii_whitespace() {
                return;
            }
            self.start = start;
            self.last = (start, end.1);
        }
        if value == '#' && self.sent.is_none() {
            self.sent = Some(self.last);
        }
        self.address.push(value);
        self.last = end;
        if !value.is_ascii_whitespace() {
            self.after = end;
        }
    }

    fn written(mut self) -> Written<'static> {
        self.address.truncate(self.address.trim_ascii_end().len());
        let (end, in_cdata) = self.sent.unwrap_or(self.after);
        Written { address: Cow::Owned(self.address), start: self.start, end, after: self.after.0, in_cdata }
    }
}

fn characters(raw: &str) -> Result<Written<'static>> {
    let mut reading = Reading::default();
    let mut at = 0;
    while let Some(rest) = raw.get(at..).filter(|rest| !rest.is_empty()) {
        // Comments and processing instructions are not part of the text.
        if let Some(length) = length_of(rest, "<!--", "-->").or_else(|| length_of(rest, "<?", "?>")) {
            at += length;
        } else if let Some(length) = length_of(rest, "<![CDATA[", "]]>") {
            let start = at + "<![CDATA[".len();
            let content = raw.get(start..at + length - "]]>".len()).unwrap_or_default();
            for (offset, value) in content.char_indices() {
                let start = start + offset;
                reading.push(value, start, (start + value.len_utf8(), true));
            }
            at += length;
        } else if let Some(reference) = rest.strip_prefix('&') {
            let name = reference.split_once(';').map(|(name, _)| name);
            let Some((name, value)) = name.and_then(|name| Some((name, character_of(name)?))) else {
                return Err(refused(
                    format!("the entity &{} is not one that XML itself defines", quoted(name.unwrap_or(reference))),
                    "Write the character, or &amp;, &lt;, &gt;, &quot;, &apos;, or its number.",
                ));
            };
            let start = at;
            at += name.len() + "&;".len();
            reading.push(value, start, (at, false));
        } else if rest.starts_with('<') {
            return Err(refused("an address has an element in it".to_owned(), "Use text only."));
        } else {
            let Some(value) = rest.chars().next() else { break };
            let start = at;
            at += value.len_utf8();
            reading.push(value, start, (at, false));
        }
    }
    Ok(reading.written())
}

/// The length of a section from `begin` to `end`; `None` if the text does not begin with one.
fn length_of(text: &str, begin: &str, end: &str) -> Option<usize> {
    let content = text.strip_prefix(begin)?;
    Some(begin.len() + content.find(end)? + end.len())
}

/// XML's own entities, and characters by their numbers.
fn character_of(name: &str) -> Option<char> {
    let number = match name {
        "amp" => return Some('&'),
        "lt" => return Some('<'),
        "gt" => return Some('>'),
        "quot" => return Some('"'),
        "apos" => return Some('\''),
        _ => name.strip_prefix('#')?,
    };
    let (digits, radix) = number.strip_prefix('x').map_or((number, 10), |digits| (digits, 16));
    if !digits.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return None;
    }
    u32::from_str_radix(digits, radix).ok().and_then(char::from_u32).filter(|value| *value != '\0')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_found_in_what_is_written() {
        for (raw, address, sent) in [
            ("a.mp4", "a.mp4", "a.mp4"),
            (" a.mp4#t\n", "a.mp4#t", "a.mp4"),
            ("\n a.mp4?x=1&amp;y=2#t ", "a.mp4?x=1&y=2#t", "a.mp4?x=1&amp;y=2"),
            ("a&#38;b&#x23;c", "a&b#c", "a&#38;b"),
            ("<![CDATA[a?b&c]]>", "a?b&c", "a?b&c"),
            ("a<!-- # -->b<?x y?>c#d", "abc#d", "a<!-- # -->b<?x y?>c"),
            ("é&amp;#x", "é&#x", "é&amp;"),
            ("#&amp;", "#&", ""),
            ("", "", ""),
            (" <!-- --> ", "", ""),
            ("a &#35;b", "a #b", "a "),
            ("&#32;a&#9;", "a", "a"),
            (" <![CDATA[ #b ]]> ", "#b", ""),
        ] {
            let found = read(raw).unwrap();
            assert_eq!((found.address.as_ref(), &raw[found.start..found.end]), (address, sent), "{raw}");
        }
        assert!(read("<![CDATA[a?b&c]]>").unwrap().in_cdata);
        assert!(!read("<![CDATA[a?b&c]]>d").unwrap().in_cdata);
        for raw in ["&unknown;", "&", "&amp", "&#0;", "&#xd800;", "&#;", "<b/>", "<![CDATA[a", "&#+38;"] {
            assert!(read(raw).is_err(), "{raw}");
        }
    }
}
