//! Bytes that are written as text: in Base64, in hexadecimal digits, as a list of numbers. All of it is decoded in constant time or by
//! parsers that have no table which a secret byte would index.

use base64ct::{Base64Unpadded, Encoding as _};
use pkcs8::der::{Decode as _, Encode as _, Header, SliceReader, Tag};
use zeroize::Zeroizing;

pub(super) type Bytes = Zeroizing<Vec<u8>>;

/// Decodes Base64, whatever became of its line breaks and its padding; quotation marks and a comma may be around it.
pub(super) fn base64(text: &str) -> Option<Bytes> {
    of_symbols(symbols(text).as_bytes())
}

/// The same in the alphabet for URLs.
fn base64_for_urls(text: &str) -> Option<Bytes> {
    base64(&Zeroizing::new(text.replace('-', "+").replace('_', "/"))).filter(|bytes| !bytes.is_empty())
}

/// Decodes Base64 without line breaks, whatever became of its padding. From bytes: functions for text would be compiled for this alone in
/// WebAssembly.
pub(super) fn of_symbols(mut symbols: &[u8]) -> Option<Bytes> {
    while let Some(rest) = symbols.strip_suffix(b"=").or_else(|| symbols.strip_prefix(b"=")) {
        symbols = rest;
    }
    let mut bytes = Zeroizing::new(vec![0; symbols.len()]);
    let length = Base64Unpadded::decode(symbols, &mut bytes).ok()?.len();
    bytes.truncate(length);
    Some(bytes)
}

pub(super) fn symbols(text: &str) -> Zeroizing<String> {
    only(text, |character| !character.is_whitespace() && !matches!(character, '"' | '\'' | ','))
}

/// The characters that are meant, in text of its own.
pub(super) fn only(text: &str, is_meant: fn(char) -> bool) -> Zeroizing<String> {
    let mut kept = Zeroizing::new(String::with_capacity(text.len()));
    for character in text.chars() {
        if is_meant(character) {
            kept.push(character);
        }
    }
    kept
}

/// Whether the bytes begin as DER does: a SEQUENCE whose length is written in two or more bytes, as every key's is.
pub(super) fn is_der(bytes: &[u8]) -> bool {
    matches!(bytes, [0x30, 0x81..=0x84, ..]) || is_whole(bytes)
}

/// Whether these are a SEQUENCE, all of it and nothing else.
pub(super) fn is_whole(der: &[u8]) -> bool {
    announced(der) == Some(der.len())
}

/// How many bytes a SEQUENCE says that it has, with what says so.
pub(super) fn announced(der: &[u8]) -> Option<usize> {
    let header = Header::decode(&mut SliceReader::new(der).ok()?).ok().filter(|header| header.tag() == Tag::Sequence)?;
    usize::try_from((header.encoded_len().ok()? + header.length()).ok()?).ok()
}

/// The bytes that a text without a block of PEM stands for, the likeliest first; `raw` is as it came, `text` without its escapes.
pub(super) fn whole(raw: &str, text: &str) -> Vec<(Bytes, &'static str)> {
    /// Beyond this no text is taken to pieces.
    const LONGEST: usize = 100_000;
    let mut found = Vec::new();
    found.extend(hexadecimal(raw).map(|bytes| (bytes, "the whole of it was in hexadecimal")));
    found.extend(numbers(raw).map(|bytes| (bytes, "the whole of it was a list of numbers")));
    found.extend(latin1(raw).map(|bytes| (bytes, "it was binary, read as Latin-1")));
    let base64 = base64_for_urls(text).or_else(|| base64_for_urls(&Zeroizing::new(text.trim().replace(' ', "+"))));
    found.extend(base64.map(|bytes| (bytes, "the whole of it was in Base64")));
    if found.is_empty() && text.len() <= LONGEST {
        for word in words(text) {
            found.extend(base64_for_urls(word).map(|bytes| (bytes, "it was in Base64")));
        }
    }
    found
}

/// What may be Base64 in a text that has more: a value in JSON, YAML or a list of variables, or the data of a `data:` address.
fn words(text: &str) -> Vec<&str> {
    const SHORTEST: usize = 60;
    let is_between = |c: char| !(c.is_ascii_alphanumeric() || c.is_whitespace() || matches!(c, '+' | '/' | '=' | '-' | '_'));
    let mut words = Vec::new();
    for part in text.split(is_between) {
        words.push(part);
        // The last header of a mail is before what it holds.
        words.extend(part.split_once('\n').map(|(_, after)| after));
        for piece in [part].into_iter().chain(part.lines()).chain(part.split_whitespace()) {
            // Padding is no value.
            let named = piece.split_once('=').filter(|(_, value)| !value.trim_matches('=').is_empty());
            words.push(named.map_or(piece, |(_, value)| value));
        }
    }
    words.retain(|word| word.len() >= SHORTEST);
    words
}

fn hexadecimal(text: &str) -> Option<Bytes> {
    let text = Zeroizing::new(text.replace("0x", "").replace("\\x", ""));
    let digits = only(&text, |character| !character.is_whitespace() && !matches!(character, ':' | '-' | ',' | '{' | '}'));
    let bytes = base16ct::mixed::decode_vec(digits.as_bytes()).ok().map(Zeroizing::new)?;
    (is_whole(&bytes) || bytes.starts_with(b"--")).then_some(bytes)
}

/// What becomes of bytes that are turned into text: `45,45,…`, `[45 45 …]` or `[]byte{0x2d, …}` as Go prints it, `[48, -126, …]` as Java
/// does, and in JSON `{"type":"Buffer","data":[45,45,…]}` or `{"0":45,"1":45,…}`.
fn numbers(text: &str) -> Option<Bytes> {
    const SHORTEST: usize = 32;
    let mut bytes = Zeroizing::new(Vec::with_capacity(text.len()));
    for word in text.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '"'))) {
        let (digits, radix) = word.strip_prefix("0x").map_or((word, 10), |digits| (digits, 16));
        match u8::from_str_radix(digits.trim_start_matches('-'), radix) {
            Ok(byte) => bytes.push(if digits.starts_with('-') { byte.wrapping_neg() } else { byte }),
            // A name in JSON, or before the list.
            Err(_) if word.is_empty() || word.starts_with('"') || bytes.is_empty() => {}
            _ => return None,
        }
    }
    (bytes.len() >= SHORTEST).then_some(bytes)
}

/// DER, each byte of which became a character.
fn latin1(text: &str) -> Option<Bytes> {
    if !text.starts_with('0') || text.is_ascii() {
        return None;
    }
    let mut bytes = Zeroizing::new(Vec::with_capacity(text.len()));
    for character in text.chars() {
        bytes.push(u8::try_from(character).ok()?);
    }
    is_whole(&bytes).then_some(bytes)
}
