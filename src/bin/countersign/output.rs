//! Failures as a person at a shell sees them: the code, what was found, and what to do.

use std::fmt;

use countersign::Error;

/// Why nothing was printed.
pub enum Failure {
    /// The library's own error.
    Refused(Error),
    /// An error of the shell's side: a file, a variable.
    Other { message: String, hint: Option<String> },
    /// The arguments do not go together.
    Usage(String),
}

impl Failure {
    pub fn other(message: String) -> Self {
        Self::Other { message, hint: None }
    }

    pub fn with_hint(message: String, hint: &str) -> Self {
        Self::Other { message, hint: Some(hint.to_owned()) }
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
        let (message, hint) = match self {
            Self::Refused(error) => {
                write!(f, "error[{}]: {}", error.code(), error.message())?;
                (None, error.hint())
            }
            Self::Other { message, hint } => (Some(message), hint.as_deref()),
            Self::Usage(message) => (Some(message), Some("countersign help shows the usage.")),
        };
        if let Some(message) = message {
            write!(f, "error: {message}")?;
        }
        match hint {
            Some(hint) => write!(f, "\nhint: {hint}"),
            None => Ok(()),
        }
    }
}
