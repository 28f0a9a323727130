//! A moment of a policy, as people and programs read it.

use serde::Serialize;

use crate::date;
use crate::values::number;

/// A moment, for machines and for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Moment {
    /// Epoch seconds.
    #[serde(serialize_with = "number")]
    pub seconds: i64,
    /// `2030-01-01T00:00:00Z`.
    pub utc: String,
    /// `in 12 minutes`, `12 minutes ago`.
    pub relative: String,
}

impl Moment {
    pub(super) fn new(seconds: i64, now: i64) -> Self {
        let relative = match seconds.saturating_sub(now) {
            0 => "now".to_owned(),
            ahead @ 1.. => format!("in {}", date::span(ahead)),
            behind => format!("{} ago", date::span(behind.saturating_neg())),
        };
        Self { seconds, utc: date::utc(seconds), relative }
    }
}
