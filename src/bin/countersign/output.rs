//! Prints results on standard output and failures on standard error.

use std::borrow::Cow;
use std::fmt;
#[cfg(not(target_family = "wasm"))]
use std::io::IsTerminal as _;
use std::io::{ErrorKind, Write};
use std::path::Path;

use anstyle::{AnsiColor, Style};
use countersign::{Error, ErrorCode, Face, Parameter};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::patient::Patient;

/// Writes a line to standard error. If nobody reads it, the program goes on; `eprintln!` would panic.
pub fn tell(line: &impl fmt::Display) {
    let mut text = format!("{line}\n");
    if anstream::AutoStream::choice(&std::io::stderr()) == anstream::ColorChoice::Never {
        text = anstream::adapter::strip_str(&text).to_string();
        let _ = Patient(std::io::stderr().lock()).write_all(text.as_bytes());
    } else {
        let _ = anstream::stderr().write_all(text.as_bytes());
    }
}

/// Text from elsewhere, such as a file name or a policy, without control characters that a terminal would obey.
pub fn shown(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_control() { shown.extend(character.escape_default()) } else { shown.push(character) }
    }
    shown
}

const GOOD: Style = AnsiColor::Green.on_default().bold();
const BAD: Style = AnsiColor::Red.on_default().bold();
const DOUBTFUL: Style = AnsiColor::Yellow.on_default().bold();

/// In green, where [`Results`] and [`tell`] go to a terminal.
pub fn good(text: &str) -> String {
    format!("{GOOD}{text}{GOOD:#}")
}

/// In red.
pub fn bad(text: &str) -> String {
    format!("{BAD}{text}{BAD:#}")
}

/// In yellow.
pub fn doubtful(text: &str) -> String {
    format!("{DOUBTFUL}{text}{DOUBTFUL:#}")
}

/// A line of a result for people.
pub fn row(name: &str, value: &str) -> String {
    format!("{name:<14}{}\n", shown(value))
}

/// A result as JSON, with a line break at its end.
pub fn json(value: &impl Serialize) -> String {
    // Nothing that is printed has a map whose keys are no text.
    serde_json::to_string_pretty(value).unwrap_or_default() + "\n"
}

#[derive(Serialize)]
struct Numbered<'a, T> {
    line: u64,
    #[serde(flatten)]
    answer: &'a T,
}

/// The answer to one line of many, as a line of JSON.
pub fn json_line(line: u64, answer: &impl Serialize) -> String {
    serde_json::to_string(&Numbered { line, answer }).unwrap_or_default() + "\n"
}

/// Standard output, for results and nothing else. Colours are taken out unless it is a terminal, and by `NO_COLOR`.
pub struct Results {
    to: Box<dyn Write>,
    is_plain: bool,
}

impl Results {
    #[cfg(not(target_family = "wasm"))]
    pub fn open() -> Self {
        let is_plain = anstream::AutoStream::choice(&std::io::stdout()) == anstream::ColorChoice::Never;
        // Without colours there is nothing to strip.
        let to: Box<dyn Write> =
            if is_plain { Box::new(Patient(std::io::stdout().lock())) } else { Box::new(anstream::stdout().lock()) };
        Self { to, is_plain }
    }

    /// WebAssembly does not know a terminal, so that there are no colours.
    #[cfg(target_family = "wasm")]
    pub fn open() -> Self {
        Self { to: Box::new(Patient(std::io::stdout().lock())), is_plain: true }
    }

    #[cfg(not(target_family = "wasm"))]
    pub fn are_on_a_terminal() -> bool {
        std::io::stdout().is_terminal()
    }

    /// Writes at once: whoever reads may wait for it.
    pub fn write(&mut self, text: &str) -> Result<(), Failure> {
        let text = match self.is_plain && text.contains('\u{1b}') {
            true => Cow::Owned(anstream::adapter::strip_str(text).to_string()),
            false => Cow::Borrowed(text),
        };
        match self.to.write_all(text.as_bytes()).and_then(|()| self.to.flush()) {
            Ok(()) => Ok(()),
            // A reader that has gone, as `head` does, is no failure, and there is nothing left to do: not even to wait for input.
            Err(error) if error.kind() == ErrorKind::BrokenPipe => std::process::exit(0),
            Err(error) => Err(Failure::other(format!("the result cannot be written: {error}"))),
        }
    }
}

/// Whether a file to write is `-`.
pub fn is_standard_output(file: &Path) -> bool {
    file == Path::new("-")
}

/// Writes all of a result.
pub fn print(text: &str) -> Result<(), Failure> {
    Results::open().write(text)
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
    /// The library's own error, where this command has another name for the parameter.
    pub fn about(error: &Error, parameter: Parameter, name: &'static str) -> Self {
        let names = |named: Parameter| if named == parameter { name } else { named.name_in(Face::Shell) };
        let (message, hint) = (error.message_with(names).into_owned(), error.hint_with(names).map(Cow::into_owned));
        Self::Other { code: Some(error.code()), message, hint }
    }

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

    fn parts(&self) -> (Option<ErrorCode>, Cow<'_, str>, Option<Cow<'_, str>>) {
        match self {
            Self::Refused(error) => (Some(error.code()), error.message_in(Face::Shell), error.hint_in(Face::Shell)),
            Self::Other { code, message, hint } => (*code, message.into(), hint.as_deref().map(Cow::from)),
            Self::Usage(message) => (None, message.into(), Some("countersign help shows the usage.".into())),
        }
    }

    /// `{ "error": { "code", "message", "hint" } }`; code and hint are left out where there is none.
    pub fn to_json(&self) -> Value {
        let (code, message, hint) = self.parts();
        let members = [("code", code.map(|code| code.as_str().into())), ("message", Some(message)), ("hint", hint)];
        let members = members.into_iter().filter_map(|(name, value)| Some((name.to_owned(), Value::from(value?))));
        Value::Object(Map::from_iter([("error".to_owned(), Value::Object(members.collect()))]))
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Refused(error)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (code, message, hint) = self.parts();
        let error = code.map_or_else(|| "error".to_owned(), |code| format!("error[{code}]"));
        write!(f, "{}: {}", bad(&error), shown(&message))?;
        match hint {
            Some(hint) => write!(f, "\nhint: {hint}"),
            None => Ok(()),
        }
    }
}
