//! Errors about manifests.

use std::borrow::Cow;

use crate::error::{Error, ErrorCode};

pub(super) fn invalid(message: impl Into<Cow<'static, str>>) -> Error {
    Error::new(ErrorCode::InvalidManifest, message)
}

/// The same error, with the line that it is about.
pub(super) fn in_line(line: usize, error: Error) -> Error {
    error.with_prefix(&format!("line {line} of the manifest: ")).with_value("line", line)
}
