//! CloudFront's Base64, bit by bit.

const SYMBOLS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-~";

pub fn encode(bytes: &[u8]) -> String {
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let bits = chunk.iter().fold(0u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for at in 0..4 {
            let symbol = SYMBOLS[(bits >> (18 - 6 * at) & 63) as usize];
            text.push(if at <= chunk.len() { symbol as char } else { '_' });
        }
    }
    text
}

/// Padding may be missing, in whole or in part; bits that belong to no byte must be zero.
pub fn decode(text: &str) -> Option<Vec<u8>> {
    let symbols = text.trim_end_matches('_');
    let padding = text.len() - symbols.len();
    let left_over = symbols.len() % 4;
    if left_over == 1 || padding > (4 - left_over) % 4 {
        return None;
    }
    let mut bytes = Vec::new();
    let (mut bits, mut held) = (0u32, 0);
    for symbol in symbols.bytes() {
        bits = bits << 6 | SYMBOLS.iter().position(|known| *known == symbol)? as u32;
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held) as u8);
            bits &= (1 << held) - 1;
        }
    }
    (bits == 0).then_some(bytes)
}
