//! Random numbers from the system.

use crate::error::{Error, ErrorCode, Result};

/// Fills 32 bytes or more. If they are all zeros, the source is broken; the crates would ask it forever.
pub(super) fn random(bytes: &mut [u8]) -> Result<()> {
    getrandom::fill(bytes).map_err(|_| random_unavailable())?;
    if bytes.iter().fold(0, |all, byte| all | byte) == 0 { Err(random_unavailable()) } else { Ok(()) }
}

pub(super) fn random_unavailable() -> Error {
    Error::new(ErrorCode::RandomUnavailable, "the runtime gives no random numbers here, and no key is used without them")
        .with_hint("In a Cloudflare Worker, sign inside a handler: there are no random numbers at module scope.")
}
