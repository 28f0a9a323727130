//! Repairs the text of a mangled key: escapes of JSON, HTML, forms and shells, dashes for hyphens, a wrong text encoding. Base64 has
//! none of these, so only one reading is possible; where there are two, `body` compares them with the length that DER begins with.

use zeroize::Zeroizing;

use crate::invisible::is_invisible;
use crate::pem::encoded::only;

/// What was repaired, for people.
pub(crate) type Repairs = Vec<&'static str>;

const LINE_BREAKS: Option<&str> = Some("its line breaks were the two characters \\n");
const OF_JSON: Option<&str> = Some("it had escapes of JSON");
const OF_HTML: Option<&str> = Some("it had escapes of HTML");
const OF_A_FORM: Option<&str> = Some("it had escapes of a form");
const OF_A_MAIL: Option<&str> = Some("it was quoted-printable, as the source of a mail");
const UTF_16: Option<&str> = Some("it was UTF-16");

pub(super) fn note(repairs: &mut Repairs, repair: &'static str) {
    if !repairs.contains(&repair) {
        repairs.push(repair);
    }
}

/// UTF-8, or UTF-16 as PowerShell writes it, without a byte order mark.
pub(super) fn text_of(bytes: &[u8], repairs: &mut Repairs) -> Option<Zeroizing<String>> {
    let utf16 = |rest: &[u8], read: fn([u8; 2]) -> u16| {
        let units = Zeroizing::new(rest.as_chunks::<2>().0.iter().map(|pair| read(*pair)).collect::<Vec<u16>>());
        String::from_utf16(&units).ok()
    };
    let (text, repair) = match bytes {
        [0xff, 0xfe, rest @ ..] => (utf16(rest, u16::from_le_bytes), UTF_16),
        [0xfe, 0xff, rest @ ..] => (utf16(rest, u16::from_be_bytes), UTF_16),
        [0xef, 0xbb, 0xbf, rest @ ..] => (String::from_utf8(rest.to_vec()).ok(), Some("a byte order mark stood before it")),
        _ => match str::from_utf8(bytes) {
            // Big-endian read as little-endian, or the other way round: two hyphens make U+2D00.
            Ok(text) if text.contains("\u{2d00}\u{2d00}") => {
                let units = Zeroizing::new(text.encode_utf16().map(u16::swap_bytes).collect::<Vec<u16>>());
                (String::from_utf16(&units).ok(), UTF_16)
            }
            Ok(text) => (Some(text.to_owned()), None),
            // A name in an old encoding stands beside the block.
            Err(_) if bytes.windows(5).any(|window| window == b"BEGIN") => {
                (Some(bytes.iter().map(|byte| char::from(*byte)).collect()), None)
            }
            Err(_) => (None, None),
        },
    };
    repairs.extend(repair.filter(|_| text.is_some()));
    text.map(Zeroizing::new)
}

/// The text as it was before, its line breaks kept.
pub(super) fn undo(text: &str, repairs: &mut Repairs) -> Zeroizing<String> {
    let mut text = Zeroizing::new(text.to_owned());
    // Escapes may have been escaped again.
    for _ in 0..3 {
        let undone = undo_once(&text, repairs);
        if undone == text {
            break;
        }
        text = undone;
    }
    text
}

fn undo_once(text: &str, repairs: &mut Repairs) -> Zeroizing<String> {
    // In a form a space is a plus, and a plus `%2B`.
    let is_form = text.contains("BEGIN+") && !text.contains('\n');
    let is_quoted_printable = is_quoted_printable(text);
    let mut undone = Zeroizing::new(String::with_capacity(text.len() + 4));
    let mut rest = text;
    let mut at_line_start = true;
    while let Some(character) = rest.chars().next() {
        let escape = match character {
            '\\' => backslash(rest),
            '&' => entity(rest),
            '<' => tag(rest),
            '%' => byte_in_hexadecimal(rest, OF_A_FORM),
            '=' if is_quoted_printable => match ["=\r\n", "=\n"].iter().find(|soft| rest.starts_with(**soft)) {
                Some(soft) => Some((soft.len(), None, OF_A_MAIL)),
                None => byte_in_hexadecimal(rest, OF_A_MAIL),
            },
            // PowerShell's escapes.
            '`' if rest.starts_with("`n") || rest.starts_with("`r") => Some((2, Some('\n'), LINE_BREAKS)),
            '+' if is_form => Some((1, Some(' '), OF_A_FORM)),
            '>' | '|' if at_line_start => Some((1, None, Some("it was quoted as in a mail"))),
            _ => None,
        };
        let (length, replacement, repair) = escape.unwrap_or_else(|| {
            let (replacement, repair) = look_alike(character);
            (character.len_utf8(), replacement, repair)
        });
        undone.extend(replacement);
        if let Some(repair) = repair {
            note(repairs, repair);
        }
        at_line_start = replacement == Some('\n') || at_line_start && matches!(character, ' ' | '\t' | '>' | '|');
        rest = rest.get(length..).unwrap_or_default();
    }
    undone
}

/// What a character was before an editor or a wrong encoding changed it.
fn look_alike(character: char) -> (Option<char>, Option<&'static str>) {
    match character {
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe63}' | '\u{ff0d}' => (Some('-'), Some("its hyphens were dashes")),
        '\u{201c}'..='\u{201f}' | '\u{2018}'..='\u{201b}' | '`' => (Some('"'), None),
        '\0' | '\u{fffd}' => (None, Some("it was UTF-16, read as UTF-8")),
        _ if is_invisible(character) => (None, None),
        '\u{a0}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{3000}' => (Some(' '), None),
        _ => (Some(character), None),
    }
}

/// As the source of a mail has it (RFC 2045): `=` is `=3D`, and a line that goes on ends in one. In Base64 nothing follows it.
fn is_quoted_printable(text: &str) -> bool {
    let goes_on = |end: &str| {
        text.split(end).skip(1).any(|after| {
            let next = after.lines().next().unwrap_or_default();
            next.starts_with(|c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/')) && !next.contains("END")
        })
    };
    text.contains("BEGIN")
        && (["=3D", "=2D", "=0A", "=0D"].iter().any(|escape| text.contains(escape)) || goes_on("=\n") || goes_on("=\r\n"))
}

/// How many bytes an escape has, what it stands for, and what to call it.
type Escape = Option<(usize, Option<char>, Option<&'static str>)>;

/// Of JSON, of a programming language or of a shell, each backslash doubled or not.
fn backslash(rest: &str) -> Escape {
    let escaped = rest.trim_start_matches('\\');
    let (length, replacement, repair) = match escaped.chars().next() {
        Some('n' | 'N') => (1, Some('\n'), LINE_BREAKS),
        Some('r') => (1, Some('\r'), LINE_BREAKS),
        Some('t') => (1, Some(' '), None),
        Some('0') if escaped.starts_with("012") => (3, Some('\n'), LINE_BREAKS),
        Some(mark @ ('u' | 'x')) => {
            let (digits, length) = match escaped.get(1..)?.strip_prefix('{') {
                Some(braced) => up_to(braced, b'}', 8).map(|digits| (digits, digits.len() + 3))?,
                None if mark == 'u' => (escaped.get(1..5)?, 5),
                None => (escaped.get(1..3)?, 3),
            };
            (length, Some(u32::from_str_radix(digits, 16).ok().and_then(char::from_u32)?), OF_JSON)
        }
        Some('/') => (1, Some('/'), OF_JSON),
        Some(character) if character.is_ascii_punctuation() => (1, Some(character), None),
        Some(character) if character.is_whitespace() => (0, None, Some("a backslash stood at the end of each line")),
        None => (0, None, None),
        _ => return None,
    };
    Some((rest.len() - escaped.len() + length, replacement, repair))
}

/// `&#10;`, `&#x2B;` or one of the names that can come up in a key.
fn entity(rest: &str) -> Escape {
    let name = up_to(rest.get(1..)?, b';', 8)?;
    let character = match name {
        "shy" | "zwj" | "zwnj" | "lrm" | "rlm" => None,
        "nbsp" | "Tab" => Some(' '),
        "NewLine" => Some('\n'),
        "plus" => Some('+'),
        "sol" => Some('/'),
        "equals" => Some('='),
        "quot" | "apos" => Some('"'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "amp" => Some('&'),
        "dash" | "hyphen" | "ndash" | "mdash" | "minus" => Some('-'),
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(digits) => u32::from_str_radix(digits, 16),
                None => number.parse(),
            };
            Some(char::from_u32(code.ok()?)?)
        }
    };
    Some((name.len() + 2, character, OF_HTML))
}

/// `<br>`, `</p>` and the like, each a line break; not `<No Attributes>`, as OpenSSL prints it.
fn tag(rest: &str) -> Escape {
    let tag = up_to(rest, b'>', 80)?;
    let is_tag = tag.trim_start_matches(['<', '/']).starts_with(|first: char| first.is_ascii_alphabetic())
        && (!tag.contains(' ') || tag.contains('=') || tag.ends_with('/'));
    is_tag.then_some((tag.len() + 1, Some('\n'), OF_HTML))
}

/// What comes before a mark. It looks no further than it may be long: there may be as many beginnings as there are characters.
fn up_to(text: &str, mark: u8, longest: usize) -> Option<&str> {
    text.get(..text.bytes().take(longest + 1).position(|byte| byte == mark)?)
}

/// `%2B` or `=2B`.
fn byte_in_hexadecimal(rest: &str, repair: Option<&'static str>) -> Escape {
    let code = u8::from_str_radix(rest.get(1..3)?, 16).ok().filter(u8::is_ascii)?;
    Some((3, Some(char::from(code)), repair))
}

/// A way to read the Base64 of a block; nothing, where it cannot be meant.
type Reading = fn(&str) -> Option<Zeroizing<String>>;

/// As it is, or with what became of it undone; each with what to call it. DER says how long it is, so that one alone fits.
pub(super) const READINGS: [(Reading, Option<&str>); 8] = [
    (|body| Some(Zeroizing::new(body.to_owned())), None),
    (lines_joined_by_n, Some("its line breaks were the letter n")),
    (lines_joined_by_spaces, Some("its plus signs were spaces")),
    (spaces_to_plus, Some("its plus signs were spaces")),
    (|body| Some(Zeroizing::new(body.replace('-', "+").replace('_', "/"))), Some("it was in Base64url")),
    (
        |body| Some(Zeroizing::new(body.replace('-', "+").replace('~', "/").replace('_', "="))),
        Some("it was in CloudFront's Base64"),
    ),
    (strings, Some("it was joined of pieces")),
    (
        |body| Some(only(body, |character| character.is_ascii_alphanumeric() || matches!(character, '+' | '/'))),
        Some("characters stood in it that are not Base64's"),
    ),
];

/// Each line break became the letter `n` (or `rn`), which Base64 has too. No key begins with an `n`.
fn lines_joined_by_n(body: &str) -> Option<Zeroizing<String>> {
    ["rn", "n", "/n", "/r/n"].iter().find_map(|separator| {
        let lines = body.trim().strip_prefix(separator)?.strip_suffix(separator)?;
        if lines.starts_with('M') { joined(lines, separator) } else { None }
    })
}

/// Both each line break and each plus sign became a space.
fn lines_joined_by_spaces(body: &str) -> Option<Zeroizing<String>> {
    spaces_to_plus(&joined(body.trim_matches([' ', '\r', '\n']), " ")?)
}

/// Each plus sign became a space. One may be the last of a line.
fn spaces_to_plus(body: &str) -> Option<Zeroizing<String>> {
    let body = body.trim_matches(['\r', '\n']);
    let body = if body.contains('\n') { body } else { body.trim() };
    Some(Zeroizing::new(body.replace(' ', "+")))
}

/// Lines of one length, without what stands between them; nothing, if there are none.
fn joined(text: &str, separator: &str) -> Option<Zeroizing<String>> {
    let ends = |width: &usize| text.get(*width..).is_none_or(|rest| rest.is_empty() || rest.starts_with(separator));
    let width = [64, 76].into_iter().find(ends)?;
    let mut joined = Zeroizing::new(String::with_capacity(text.len()));
    let mut rest = text;
    while let Some((line, others)) = rest.split_at_checked(width).filter(|(_, others)| !others.is_empty()) {
        joined.push_str(line);
        rest = others.strip_prefix(separator)?;
    }
    joined.push_str(rest);
    Some(joined)
}

/// Strings of a program with an operator between them, as `"MII…" +`: every other part is a string.
fn strings(body: &str) -> Option<Zeroizing<String>> {
    let parts = || body.split(['"', '\'']);
    // The first quotation mark closes the string of the first line, if that is there.
    let opens = parts().nth(1).is_some_and(|part| part.contains(|c: char| c.is_ascii_alphanumeric()));
    let mut joined = Zeroizing::new(String::with_capacity(body.len()));
    for part in parts().skip(usize::from(opens)).step_by(2) {
        joined.push_str(part);
    }
    Some(joined)
}

/// Without what stands before and after each line, as it does before and after the first: the marks of a comment, of a list or of a
/// comparison, the name of a file, a number.
pub(super) fn undecorated(before: &str, rest: &str) -> Option<Zeroizing<String>> {
    const AFTER_NUMBERS: [char; 4] = [':', '.', ')', '|'];
    const LONGEST: usize = 80;
    // There may be as many blocks as a text has room for: no further back than is taken.
    let length = before.bytes().rev().take(LONGEST + 1).position(|byte| byte == b'\n').unwrap_or(before.len());
    let prefix = before.get(before.len() - length..)?;
    let (suffix, lines) = rest.split_once('\n')?;
    let suffix = suffix.trim_end_matches('\r');
    if prefix.is_empty() && suffix.is_empty() || prefix.len().max(suffix.len()) > LONGEST {
        return None;
    }
    let number = prefix.trim();
    let is_digit = |character: char| character.is_ascii_digit();
    let is_number = !number.is_empty() && number.trim_end_matches(AFTER_NUMBERS).chars().all(is_digit);
    let mut plain = Zeroizing::new(String::with_capacity(lines.len()));
    for line in lines.lines() {
        let line = match line.strip_prefix(prefix) {
            Some(line) => line,
            None if is_number => line.trim_start().trim_start_matches(is_digit).trim_start_matches(AFTER_NUMBERS).trim_start(),
            None => line.strip_prefix(prefix.trim_end()).unwrap_or(line),
        };
        plain.push_str(line.strip_suffix(suffix).unwrap_or(line));
        plain.push('\n');
    }
    Some(plain)
}
