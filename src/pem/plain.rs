//! PEM as OpenSSL writes it, which needs no repair (RFC 7468). What repairs would read it too, but is much code, which WebAssembly
//! would have to compile first.

use zeroize::Zeroizing;

use crate::pem::block::LABELS;
use crate::pem::encoded::{is_whole, of_symbols};
use crate::pem::found::Found;
use crate::pem::half::Half;
use crate::pem::repair::Repairs;

/// Nothing, if it is anything else than one block with such a half of a key: others find out what.
pub(super) fn read(input: &[u8], half: Half) -> Option<Found> {
    let rest = input.strip_prefix(b"-----BEGIN ")?;
    let (label, _) = LABELS.iter().find(|(label, of)| *of == half && rest.starts_with(label.as_bytes()))?;
    let rest = rest.strip_prefix(label.as_bytes())?.strip_prefix(b"-----\n")?;
    let rest = rest.strip_suffix(b"\n").unwrap_or(rest).strip_suffix(b"-----")?;
    let body = rest.strip_suffix(label.as_bytes())?.strip_suffix(b"-----END ")?;
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b'\n');
    if !body.ends_with(b"\n") || !body.iter().all(is_plain) {
        return None;
    }
    let mut symbols = Zeroizing::new(Vec::with_capacity(body.len()));
    symbols.extend(body.iter().filter(|byte| **byte != b'\n'));
    let der = of_symbols(&symbols).filter(|der| is_whole(der))?;
    Some(Found { der, label: Some(label), encryption: None, repairs: Repairs::new() })
}
