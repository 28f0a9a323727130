//! Failures as a person at a shell sees them: the code, what was found, and what to do.

use std::fmt;
use std::io::Write as _;

use countersign::{Error, ErrorCode};
use serde::Serialize;

/// Writes a line to standard error. A reader that has gone is no reason to stop, and `eprintln!` would panic.
pub fn tell(line: &impl fmt::Display) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// Text of others, such as a file's name or a policy, without what a terminal would act upon.
pub fn shown(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_control() { shown.extend(character.escape_default()) } else { shown.push(character) }
    }
    shown
}

/// A result as JSON, with a line break at its end.
pub fn json(value: &impl Serialize) -> String {
    // Nothing that is printed has a map whose keys are no text.
    serde_json::to_string_pretty(value).unwrap_or_default() + "\n"
}

/// Why nothing was printed.
pub enum Failure {
    /// The library's own error.
    Refused(Error),
    /// An error of the shell's side: a file, a variable.
    Other { code: Option<ErrorCode>, message: String, hint: Option<String> },
    /// The arguments do not go together.
    Usage(String),
}

impl Failure {
    pub fn other(message: String) -> Self {
        Self::Other { code: None, message, hint: None }
    }

    pub fn with_hint(message: String, hint: &str) -> Self {
        Self::Other { code: None, message, hint: Some(hint.to_owned()) }
    }

    /// Under a code of the library's, where one says what it is.
    pub fn with_code(self, code: ErrorCode) -> Self {
        match self {
            Self::Other { message, hint, .. } => Self::Other { code: Some(code), message, hint },
            failure => failure,
        }
    }

    pub fn usage(message: String) -> Self {
        Self::Usage(message)
    }

    pub fn exit_status(&self) -> u8 {
        match self {
            Self::Usage(_) => 2,
            Self::Refused(_) | Self::Other { .. } => 1,
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Refused(error)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (code, message, hint) = match self {
            Self::Refused(error) => (Some(error.code()), error.message(), error.hint()),
            Self::Other { code, message, hint } => (*code, message.as_str(), hint.as_deref()),
            Self::Usage(message) => (None, message.as_str(), Some("countersign help shows the usage.")),
        };
        match code {
            Some(code) => write!(f, "error[{code}]: ")?,
            None => f.write_str("error: ")?,
        }
        f.write_str(&shown(message))?;
        match hint {
            Some(hint) => write!(f, "\nhint: {hint}"),
            None => Ok(()),
        }
    }
}
