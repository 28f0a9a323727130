//! The log's own encoding. Every value has it, and it must be decoded exactly once.
//!
//! Source: AWS, *Standard logging reference*: "the characters in the following ranges are percent-encoded: 0 to 32, 127 and above",
//! and some others. So a signature's `~` is logged as `%7E`, and a URL's `%20` as `%2520`.

use std::borrow::Cow;

use percent_encoding::{AsciiSet, CONTROLS, percent_decode, percent_encode};

/// What is escaped in a log. `NON_ALPHANUMERIC` would be more.
const ESCAPED: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'\'')
    .add(b'<')
    .add(b'>')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}')
    .add(b'~');

/// A value as it was; bytes that are not UTF-8, which no client sends as they are, stay escaped.
pub(super) fn undone(value: &str) -> Cow<'_, str> {
    if !value.contains('%') {
        return Cow::Borrowed(value);
    }
    let bytes: Cow<'_, [u8]> = percent_decode(value.as_bytes()).into();
    match String::from_utf8(bytes.into_owned()) {
        Ok(text) => Cow::Owned(text),
        Err(error) => Cow::Owned(percent_encode(error.as_bytes(), CONTROLS).to_string()),
    }
}

/// Encodes a value as a log does; an empty one becomes `-`.
///
/// ```
/// assert_eq!(countersign::access_log::escaped("a~b%20c"), "a%7Eb%2520c");
/// assert_eq!(countersign::access_log::escaped(""), "-");
/// ```
pub fn escaped(value: &str) -> String {
    if value.is_empty() { "-".to_owned() } else { percent_encode(value.as_bytes(), ESCAPED).to_string() }
}

#[cfg(test)]
mod tests {
    use super::{escaped, undone};

    #[test]
    fn what_is_escaped_comes_back() {
        let every: String = (1..=0x2ff).filter_map(char::from_u32).collect();
        assert_eq!(undone(&escaped(&every)), every);
        assert_eq!(undone("Signature=a%7Eb&x=%2520"), "Signature=a~b&x=%20");
        assert_eq!(undone("/caf%E9"), "/caf%E9", "Latin-1 stays as it was sent");
    }
}
