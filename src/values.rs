//! The values in a message, by name, so that a program can write the message in another language.

use std::fmt;

use serde::{Serialize, Serializer};

/// A value in a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum Value {
    /// Text; a caller's is shortened and has no control characters.
    Text(String),
    /// A number: seconds, bits, bytes.
    #[serde(serialize_with = "number")]
    Number(i64),
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<usize> for Value {
    fn from(number: usize) -> Self {
        Self::Number(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Number(number) => number.fmt(f),
        }
    }
}

/// Writes a number: as an integer if JavaScript can hold it exactly.
pub(crate) fn number<S: Serializer>(number: &i64, serializer: S) -> Result<S::Ok, S::Error> {
    const EXACT: i64 = 1 << 53;
    if (-EXACT..=EXACT).contains(number) { serializer.serialize_i64(*number) } else { serializer.serialize_f64(*number as f64) }
}

/// Named values, in the order in which they were given. As JSON, an object.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Values(Vec<(&'static str, Value)>);

impl Values {
    /// The value of this name.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.iter().find(|(given, _)| *given == name).map(|(_, value)| value)
    }

    /// Names and values.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &Value)> {
        self.0.iter().map(|(name, value)| (*name, value))
    }

    /// Whether there are no values.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn push(&mut self, name: &'static str, value: impl Into<Value>) {
        self.0.push((name, value.into()));
    }
}

impl Serialize for Values {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

/// How an unset variable or a promise is printed.
const NO_VALUES: [&str; 6] = ["undefined", "null", "nan", "none", "[object promise]", "[object object]"];

/// Whether a value is text that JavaScript or Python print for a missing value.
pub(crate) fn is_no_value(value: &str) -> bool {
    NO_VALUES.contains(&value.to_ascii_lowercase().as_str())
}
