//! CloudFront's Base64: the standard alphabet with `-` for `+`, `~` for `/` and `_` for the padding `=`.
//!
//! Source: AWS, *Creating a signed URL using a custom policy*, on characters that are invalid in a query string:
//! <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-creating-signed-url-custom-policy.html>
//!
//! One reader and one writer, in as few bytes of the WebAssembly module as a table takes.

const STANDARD_SYMBOLS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const CLOUDFRONT_SYMBOLS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-~";

/// For each byte its value, and of which alphabets it is a symbol.
static VALUES: [u8; 256] = values();
const IN_STANDARD: u8 = 0x40;
const IN_CLOUDFRONT: u8 = 0x80;

#[allow(clippy::indexing_slicing, reason = "the compiler evaluates it: it cannot panic at run time")]
const fn values() -> [u8; 256] {
    let mut values = [0; 256];
    let mut value = 0;
    while value < 64 {
        values[STANDARD_SYMBOLS[value as usize] as usize] |= value | IN_STANDARD;
        values[CLOUDFRONT_SYMBOLS[value as usize] as usize] |= value | IN_CLOUDFRONT;
        value += 1;
    }
    values
}

/// Writes bytes in CloudFront's Base64.
///
/// ```
/// assert_eq!(countersign::encoding::encode(&[0xfb, 0xff, 0xbf, 0xff]), "-~-~~w__");
/// ```
pub fn encode(bytes: &[u8]) -> String {
    write(bytes, CLOUDFRONT_SYMBOLS, b'_')
}

/// Reads CloudFront's Base64 back, with or without padding. `None` if the text is not in that alphabet (a `+`, a `/` or
/// a `=` is not) or its last character carries bits that belong to no byte.
///
/// ```
/// assert_eq!(countersign::encoding::decode("-~-~~w__").as_deref(), Some(&[0xfb, 0xff, 0xbf, 0xff][..]));
/// assert_eq!(countersign::encoding::decode("+/=="), None);
/// ```
pub fn decode(text: &str) -> Option<Vec<u8>> {
    // Missing padding is harmless.
    let symbols = without_padding(text.as_bytes(), b'_')?;
    read(symbols, IN_CLOUDFRONT)
}

fn write(bytes: &[u8], alphabet: &[u8; 64], padding: u8) -> String {
    let mut text = vec![padding; bytes.len().div_ceil(3) * 4];
    let symbol = |bits: u32| alphabet.get(bits as usize & 63).copied().unwrap_or(padding);
    let (triples, rest) = bytes.as_chunks::<3>();
    let (quadruples, _) = text.as_chunks_mut::<4>();
    for ([a, b, c], to) in triples.iter().zip(quadruples) {
        let bits = u32::from_be_bytes([0, *a, *b, *c]);
        *to = [symbol(bits >> 18), symbol(bits >> 12), symbol(bits >> 6), symbol(bits)];
    }
    if let (Some(to), [a, after @ ..]) = (text.last_chunk_mut::<4>(), rest) {
        let b = after.first().copied().unwrap_or(0);
        let bits = u32::from_be_bytes([0, *a, b, 0]);
        let third = if after.is_empty() { padding } else { symbol(bits >> 6) };
        *to = [symbol(bits >> 18), symbol(bits >> 12), third, padding];
    }
    // All of it is ASCII.
    String::from_utf8(text).unwrap_or_default()
}

/// The symbols before the padding, if it is no longer than they need.
fn without_padding(text: &[u8], padding: u8) -> Option<&[u8]> {
    let length = text.iter().rposition(|byte| *byte != padding).map_or(0, |last| last + 1);
    let needed = length.wrapping_neg() % 4;
    if text.len() - length <= needed { text.get(..length) } else { None }
}

/// Spare bits that are not zero would give one value several spellings, and are refused.
fn read(symbols: &[u8], alphabet: u8) -> Option<Vec<u8>> {
    let value = |byte: &u8| VALUES.get(usize::from(*byte)).copied().unwrap_or(0);
    let (quadruples, rest) = symbols.as_chunks::<4>();
    let mut bytes = Vec::with_capacity(symbols.len() / 4 * 3 + 2);
    let mut in_all = alphabet;
    let mut number = |four: [u8; 4]| {
        in_all &= four.iter().fold(alphabet, |all, value| all & value);
        four.iter().fold(0, |bits, value| bits << 6 | u32::from(value & 63)).to_be_bytes()
    };
    bytes.resize(quadruples.len() * 3, 0);
    for ([a, b, c, d], to) in quadruples.iter().zip(bytes.as_chunks_mut::<3>().0) {
        let [_, one, two, three] = number([value(a), value(b), value(c), value(d)]);
        *to = [one, two, three];
    }
    let spare = match rest {
        [] => 0,
        [a, b] => {
            let [_, one, spare, _] = number([value(a), value(b), alphabet, alphabet]);
            bytes.push(one);
            spare
        }
        [a, b, c] => {
            let [_, one, two, spare] = number([value(a), value(b), value(c), alphabet]);
            bytes.extend_from_slice(&[one, two]);
            spare
        }
        _ => return None,
    };
    (in_all != 0 && spare == 0).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::alphabet::{Alphabet, Symbol};
    use base64::engine::general_purpose::STANDARD;
    use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
    use proptest::prelude::*;

    use super::*;

    fn of_crate() -> GeneralPurpose {
        let symbols = str::from_utf8(CLOUDFRONT_SYMBOLS).unwrap();
        let alphabet = Alphabet::new_with_padding(symbols, Symbol::new(b'_').unwrap()).unwrap();
        GeneralPurpose::new(&alphabet, GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent))
    }

    proptest! {
        #[test]
        fn writes_and_reads_what_the_crate_does(bytes: Vec<u8>, text in "[A-D9+/=~_-]{0,9}|[A-Za-z0-9+/~-]{0,40}[=_]{0,3}|.{0,5}") {
            prop_assert_eq!(encode(&bytes), of_crate().encode(&bytes));
            prop_assert_eq!(decode(&text), of_crate().decode(&text).ok());
        }
    }

    #[test]
    fn is_standard_base64_with_three_characters_replaced() {
        // Miri takes a hundred times as long.
        for length in 0..if cfg!(miri) { 20 } else { 200u8 } {
            let bytes: Vec<u8> = (0..length).map(|i| i.wrapping_mul(151).wrapping_add(length)).collect();
            let expected = STANDARD.encode(&bytes).replace('+', "-").replace('/', "~").replace('=', "_");
            assert_eq!(encode(&bytes), expected);
            assert_eq!(decode(&expected).unwrap(), bytes);
            assert_eq!(decode(expected.trim_end_matches('_')).unwrap(), bytes);
        }
    }

    #[test]
    fn refuses_what_is_not_canonical() {
        for text in ["+w__", "/w__", "-w==", "AB__", "A___", "AAA__", "A A_", "_", "é"] {
            assert_eq!(decode(text), None, "{text}");
        }
    }
}
