//! What looks wrong, and how bad it is.

use std::fmt;

use serde::Serialize;

use crate::reason::ReasonCode;
use crate::values::Values;

/// Something that is or looks wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// What it is, and what to do.
    pub message: String,
    /// The same for programs: a stable code.
    pub code: ReasonCode,
    /// What was found, by the names of [`ReasonCode::sentence`].
    pub values: Values,
}

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// CloudFront refuses this.
    Error,
    /// CloudFront may accept it, but it is rarely what you want.
    Warning,
    /// Good to know.
    Note,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Severity {
    /// `error`, `warning` or `note`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}
