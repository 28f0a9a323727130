//! Characters that nobody sees, which come along when text is copied.

/// Whether it is a soft hyphen, a byte order mark, a joiner, or a mark of width or direction.
pub(crate) fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}'
    )
}
