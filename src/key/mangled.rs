//! Repairs the text of a mangled key: escapes of JSON, HTML, forms and shells, dashes for hyphens, a wrong text encoding. Base64 has
//! none of these, so only one reading is possible; where there are two, `pem` compares them with the length that DER begins with.

use zeroize::Zeroizing;

/// What was repaired, for people.
pub(super) type Repairs = Vec<&'static str>;

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
        [0xff, 0xfe, rest @ ..] => (utf16(rest, u16::from_le_bytes), Some("it was UTF-16")),
        [0xfe, 0xff, rest @ ..] => (utf16(rest, u16::from_be_bytes), Some("it was UTF-16")),
        [0xef, 0xbb, 0xbf, rest @ ..] => (String::from_utf8(rest.to_vec()).ok(), Some("a byte order mark stood before it")),
        _ => match str::from_utf8(bytes) {
            // Big-endian read as little-endian, or the other way round: two hyphens make U+2D00.
            Ok(text) if text.contains("\u{2d00}\u{2d00}") => {
                let units = Zeroizing::new(text.encode_utf16().map(u16::swap_bytes).collect::<Vec<u16>>());
                (String::from_utf16(&units).ok(), Some("it was UTF-16"))
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
        let mut undone = Zeroizing::new(String::with_capacity(text.len() + 4));
        let mut scan = Scan {
            rest: &text,
            is_form: text.contains("BEGIN+") && !text.contains('\n'),
            is_quoted_printable: is_quoted_printable(&text),
            at_line_start: true,
        };
        while !scan.rest.is_empty() {
            scan.step(&mut undone, repairs);
        }
        if *undone == *text {
            break;
        }
        text = undone;
    }
    text
}

struct Scan<'a> {
    rest: &'a str,
    /// In a form a space is a plus, and a plus `%2B`.
    is_form: bool,
    is_quoted_printable: bool,
    at_line_start: bool,
}

/// As the source of a mail has it (RFC 2045): `=` is `=3D`, and a line that goes on ends in one. In Base64 nothing follows it.
fn is_quoted_printable(text: &str) -> bool {
    let is_symbol = |first: char| first.is_ascii_alphanumeric() || matches!(first, '+' | '/');
    let goes_on = |(at, end): (usize, &str)| {
        let after = text.get(at.saturating_add(end.len())..).unwrap_or_default();
        let next = after.lines().next().unwrap_or_default();
        next.starts_with(is_symbol) && !next.contains("END")
    };
    if !text.contains("BEGIN") {
        return false;
    }
    ["=3D", "=2D", "=0A", "=0D"].iter().any(|escape| text.contains(escape))
        || text.match_indices("=\n").chain(text.match_indices("=\r\n")).any(goes_on)
}

impl Scan<'_> {
    fn step(&mut self, undone: &mut String, repairs: &mut Repairs) {
        let Some(character) = self.rest.chars().next() else { return };
        let at_line_start = self.at_line_start;
        self.at_line_start = character == '\n' || at_line_start && matches!(character, ' ' | '\t' | '>' | '|');
        let (length, replacement, repair) = match character {
            '\\' => backslash(self.rest),
            '&' => entity(self.rest),
            '<' => tag(self.rest),
            '%' => percent(self.rest),
            '=' if self.is_quoted_printable => quoted_printable(self.rest),
            // PowerShell's escapes.
            '`' if self.rest.starts_with("`n") || self.rest.starts_with("`r") => {
                Some((2, Some('\n'), Some("its line breaks were the two characters \\n")))
            }
            '+' if self.is_form => Some((1, Some(' '), Some("it had escapes of a form"))),
            // Quoted in a mail.
            '>' | '|' if at_line_start => Some((1, None, Some("it was quoted as in a mail"))),
            '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe63}' | '\u{ff0d}' => {
                Some((character.len_utf8(), Some('-'), Some("its hyphens were dashes")))
            }
            '\u{201c}'..='\u{201f}' | '\u{2018}'..='\u{201b}' | '`' => Some((character.len_utf8(), Some('"'), None)),
            '\0' | '\u{fffd}' => Some((character.len_utf8(), None, Some("it was UTF-16, read as UTF-8"))),
            '\u{feff}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{ad}' => {
                Some((character.len_utf8(), None, None))
            }
            '\u{a0}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{3000}' => Some((character.len_utf8(), Some(' '), None)),
            _ => None,
        }
        .unwrap_or((character.len_utf8(), Some(character), None));
        undone.extend(replacement);
        if replacement == Some('\n') {
            self.at_line_start = true;
        }
        if let Some(repair) = repair {
            note(repairs, repair);
        }
        self.rest = self.rest.get(length..).unwrap_or_default();
    }
}

/// How many bytes an escape has, what it stands for, and what to call it.
type Undone = Option<(usize, Option<char>, Option<&'static str>)>;

/// Of JSON, of a programming language or of a shell, each backslash doubled or not.
fn backslash(rest: &str) -> Undone {
    const OF_JSON: Option<&str> = Some("it had escapes of JSON");
    let escaped = rest.trim_start_matches('\\');
    let backslashes = rest.len() - escaped.len();
    let line_breaks = Some("its line breaks were the two characters \\n");
    Some(match escaped.chars().next() {
        Some('n') => (backslashes + 1, Some('\n'), line_breaks),
        Some('r') => (backslashes + 1, Some('\r'), line_breaks),
        Some('t') => (backslashes + 1, Some(' '), None),
        Some('N') => (backslashes + 1, Some('\n'), line_breaks),
        Some('0') if escaped.starts_with("012") => (backslashes + 3, Some('\n'), line_breaks),
        Some(mark @ ('u' | 'x')) => {
            let digits = match (mark, escaped.as_bytes().get(1)) {
                (_, Some(b'{')) => escaped.get(2..)?.split('}').next()?,
                ('u', _) => escaped.get(1..5)?,
                _ => escaped.get(1..3)?,
            };
            let braces = if escaped.as_bytes().get(1) == Some(&b'{') { 2 } else { 0 };
            let code = u32::from_str_radix(digits, 16).ok().and_then(char::from_u32)?;
            (backslashes + 1 + braces + digits.len(), Some(code), OF_JSON)
        }
        Some('/') => (backslashes + 1, Some('/'), OF_JSON),
        Some(character) if character.is_ascii_punctuation() => (backslashes + 1, Some(character), None),
        Some(character) if character.is_whitespace() => (backslashes, None, Some("a backslash stood at the end of each line")),
        None => (backslashes, None, None),
        _ => return None,
    })
}

/// `&#10;`, `&#x2B;` or one of the names that can come up in a key.
fn entity(rest: &str) -> Undone {
    let (name, _) = rest.get(1..)?.split_once(';').filter(|(name, _)| name.len() <= 8)?;
    let character = match name {
        "shy" | "zwj" | "zwnj" | "lrm" | "rlm" => return Some((name.len() + 2, None, Some("it had escapes of HTML"))),
        "nbsp" | "Tab" => ' ',
        "NewLine" => '\n',
        "plus" => '+',
        "sol" => '/',
        "equals" => '=',
        "quot" | "apos" => '"',
        "lt" => '<',
        "gt" => '>',
        "amp" => '&',
        "dash" | "hyphen" | "ndash" | "mdash" | "minus" => '-',
        _ => {
            let number = name.strip_prefix('#')?;
            let code =
                number.strip_prefix(['x', 'X']).map_or_else(|| number.parse().ok(), |hex| u32::from_str_radix(hex, 16).ok());
            code.and_then(char::from_u32)?
        }
    };
    Some((name.len() + 2, Some(character), Some("it had escapes of HTML")))
}

/// `<br>`, `</p>` and the like, each a line break.
fn tag(rest: &str) -> Undone {
    let (tag, _) = rest.split_once('>').filter(|(tag, _)| tag.len() <= 80)?;
    let is_tag = tag.trim_start_matches(['<', '/']).starts_with(|first: char| first.is_ascii_alphabetic());
    is_tag.then_some((tag.len() + 1, Some('\n'), Some("it had escapes of HTML")))
}

fn percent(rest: &str) -> Undone {
    let code = u8::from_str_radix(rest.get(1..3)?, 16).ok().filter(u8::is_ascii)?;
    Some((3, Some(char::from(code)), Some("it had escapes of a form")))
}

fn quoted_printable(rest: &str) -> Undone {
    const REPAIR: Option<&str> = Some("it was quoted-printable, as the source of a mail");
    if let Some(soft) = ["=\r\n", "=\n"].iter().find(|soft| rest.starts_with(**soft)) {
        return Some((soft.len(), None, REPAIR));
    }
    let code = u8::from_str_radix(rest.get(1..3)?, 16).ok().filter(u8::is_ascii)?;
    Some((3, Some(char::from(code)), REPAIR))
}

/// A way to read the Base64 of a block; nothing, where it cannot be meant.
type Reading = fn(&str) -> Option<Zeroizing<String>>;

/// As it is, or with what became of it undone; each with what to call it. DER says how long it is, so that one alone fits.
pub(super) const READINGS: [(Reading, Option<&str>); 8] = [
    (|body| Some(Zeroizing::new(body.to_owned())), None),
    (lines_joined_by_n, Some("its line breaks were the letter n")),
    (spaces_to_plus, Some("its plus signs were spaces")),
    (|body| (!body.contains('\n')).then(|| Zeroizing::new(body.trim().replace(' ', "+"))), Some("its plus signs were spaces")),
    (|body| Some(Zeroizing::new(body.replace('-', "+").replace('_', "/"))), Some("it was in Base64url")),
    (
        |body| Some(Zeroizing::new(body.replace('-', "+").replace('~', "/").replace('_', "="))),
        Some("it was in CloudFront's Base64"),
    ),
    (pieces, Some("it was joined of pieces")),
    (symbols_alone, Some("characters stood in it that are not Base64's")),
];

/// Strings of a program, one a line, with an operator between them: `"MII…" +`.
fn pieces(body: &str) -> Option<Zeroizing<String>> {
    let mut joined = Zeroizing::new(String::with_capacity(body.len()));
    let is_operator = |between: &str| {
        between.contains('"')
            && !between
                .trim_matches(['"', ' ', '\t', '\r', '\n', '+', '.', '&', ';', ')'])
                .contains(|c: char| c.is_ascii_alphanumeric() || c == '/')
    };
    for (at, part) in body.split(['"', '\'']).enumerate() {
        let between = format!("\"{part}");
        if at == 0 || !is_operator(&between) || part.len() > 8 {
            joined.push_str(part);
        }
    }
    Some(joined)
}

/// Removes characters that Base64 does not have, mostly stand-ins for line breaks.
fn symbols_alone(body: &str) -> Option<Zeroizing<String>> {
    let mut symbols = Zeroizing::new(String::with_capacity(body.len()));
    symbols.extend(body.chars().filter(|character| character.is_ascii_alphanumeric() || matches!(character, '+' | '/')));
    Some(symbols)
}

/// Without what stands before and after each line, as it does before and after the first: the marks of a comment, of a list or of a
/// comparison, the name of a file, a number.
pub(super) fn undecorated(before: &str, rest: &str) -> Option<Zeroizing<String>> {
    let prefix = before.rsplit('\n').next().unwrap_or_default();
    let (suffix, lines) = rest.split_once('\n')?;
    let suffix = suffix.trim_end_matches('\r');
    let is_number = !prefix.trim().is_empty()
        && prefix.trim().trim_end_matches([':', '.', ')', '|']).bytes().all(|byte| byte.is_ascii_digit());
    if prefix.is_empty() && suffix.is_empty() || prefix.len().max(suffix.len()) > 80 {
        return None;
    }
    let mut plain = Zeroizing::new(String::with_capacity(lines.len()));
    for line in lines.lines() {
        let number = line.trim_start().trim_start_matches(|c: char| c.is_ascii_digit());
        let line = match line.strip_prefix(prefix) {
            Some(line) => line,
            None if is_number => number.trim_start_matches([':', '.', ')', '|', ' ', '\t']),
            None => line.strip_prefix(prefix.trim_end()).unwrap_or(line),
        };
        plain.push_str(line.strip_suffix(suffix).unwrap_or(line));
        plain.push('\n');
    }
    Some(plain)
}

/// Where each line break became the letter `n` (or `rn`), which Base64 has too: the lines, if there are such of one length. No key
/// begins with an `n`.
fn lines_joined_by_n(body: &str) -> Option<Zeroizing<String>> {
    let body = body.trim();
    let separator = ["rn", "n", "/n", "/r/n"].into_iter().find(|separator| body.starts_with(&format!("{separator}M")))?;
    let mut rest = body.strip_prefix(separator)?.strip_suffix(separator)?;
    let width = [64, 76]
        .into_iter()
        .find(|width| rest.len() <= *width || rest.get(*width..).is_some_and(|rest| rest.starts_with(separator)))?;
    let mut joined = Zeroizing::new(String::with_capacity(rest.len()));
    while let Some((line, others)) = rest.split_at_checked(width).filter(|(_, others)| !others.is_empty()) {
        joined.push_str(line);
        rest = others.strip_prefix(separator)?;
    }
    joined.push_str(rest);
    Some(joined)
}

/// Where each plus sign became a space: what it was, if the lines are of one length with it. Their breaks may have become spaces too.
fn spaces_to_plus(body: &str) -> Option<Zeroizing<String>> {
    let body = body.trim_matches(['\r', '\n']);
    let body = if body.contains('\n') { body } else { body.trim_matches(' ') };
    let width = [64, 76]
        .into_iter()
        .find(|width| body.len() <= *width || body.as_bytes().get(*width).is_some_and(u8::is_ascii_whitespace))?;
    let mut read = Zeroizing::new(String::with_capacity(body.len()));
    let mut rest = body;
    loop {
        let (line, others) = rest.split_at_checked(width.min(rest.len()))?;
        read.extend(line.chars().map(|character| if character == ' ' { '+' } else { character }));
        if others.is_empty() {
            return body.contains(' ').then_some(read);
        }
        rest = others.strip_prefix('\r').unwrap_or(others);
        rest = rest.strip_prefix(['\n', ' '])?;
    }
}
