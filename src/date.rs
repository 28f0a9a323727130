//! Dates: the forms that a caller may write, and the epoch seconds that CloudFront reads.
//!
//! The grammar is ours, because no library reads just these forms. The calendar is `jiff-core`: the whole crate `jiff` would bring
//! its time zones into the WebAssembly module.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use jiff_core::Timestamp;
use jiff_core::civil::{Date, DateTime, Time};
use jiff_core::tz::Offset;

use crate::error::{Error, ErrorCode, Result, quoted, shown};
use crate::parameter::Parameter;
use crate::values::is_no_value;

/// The last moment that CloudFront accepts, in epoch seconds: 2262-04-11T23:47:16Z.
///
/// Source: AWS, *Creating a signed URL using a canned policy*, on `Expires`.
pub const LATEST: i64 = 9_223_372_036;

/// Smaller numbers are epoch seconds, all others epoch milliseconds. In seconds this is the year 5138, in milliseconds March 1973,
/// so no real date is misread.
pub(crate) const FIRST_MILLISECONDS: f64 = 1e11;

const ACCEPTED: &str = "a date such as \"2030-12-31T23:59:59+09:00\", epoch seconds, or a duration from now such as \"30m\", \
                        \"2h\", \"7d\" or \"PT15M\"";

/// A moment as callers write it; see [`DateInput::resolve`] for the forms.
///
/// ```
/// use countersign::Parameter;
/// use countersign::date::DateInput;
/// use std::time::{Duration, SystemTime};
///
/// let now = 1_767_225_600; // 2026-01-01T00:00:00Z
/// for (input, seconds) in [
///     (DateInput::from("2030-01-01"), 1_893_456_000),
///     (DateInput::from("20301231T235959+0900"), 1_924_959_599),
///     (DateInput::from("30m"), now + 1_800),
///     (DateInput::from(1_893_456_000), 1_893_456_000),
///     (DateInput::from(1_893_456_000_999.0), 1_893_456_000),
///     (DateInput::from(SystemTime::UNIX_EPOCH + Duration::from_secs(1_893_456_000)), 1_893_456_000),
/// ] {
///     assert_eq!(input.resolve(Parameter::DateLessThan, now)?, seconds);
/// }
/// # Ok::<(), countersign::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum DateInput {
    /// A number: epoch seconds below 1e11, else epoch milliseconds.
    Number(f64),
    /// Epoch milliseconds of any size, as a JavaScript `Date` has them.
    Milliseconds(f64),
    /// Text: a date, a string of digits, or a duration from now.
    Text(String),
}

impl From<&str> for DateInput {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for DateInput {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<f64> for DateInput {
    fn from(number: f64) -> Self {
        Self::Number(number)
    }
}

impl From<i64> for DateInput {
    fn from(number: i64) -> Self {
        // Exact up to 2^53, far beyond the last moment that is accepted.
        Self::Number(number as f64)
    }
}

impl From<SystemTime> for DateInput {
    fn from(time: SystemTime) -> Self {
        Self::Milliseconds(match time.duration_since(UNIX_EPOCH) {
            Ok(since) => since.as_millis() as f64,
            Err(before) => -(before.duration().as_millis() as f64),
        })
    }
}

/// A duration from now.
impl From<Duration> for DateInput {
    fn from(duration: Duration) -> Self {
        Self::Text(format!("{}s", duration.as_secs()))
    }
}

impl DateInput {
    /// Gives epoch seconds, rounded down. `parameter` says what the date is for, for error messages; durations count from `now`, in
    /// epoch seconds.
    ///
    /// Text may be ISO 8601 or RFC 3339, extended, basic or mixed (`2030-12-31`, `2030-12-31T23:59`,
    /// `20301231T235959Z`, `20301231T23:59:59.5+09:00`), UTC without an offset and midnight without a time; a
    /// string of digits is epoch seconds; a duration from now is a number and a unit (`90s`, `30m`, `2h`, `7d`, `1w`, or
    /// several, `1h30m`) or ISO 8601 without years and months (`PT15M`, `P1DT12H`), and counts back with a `-` before it.
    ///
    /// # Errors
    /// [`ErrorCode::InvalidDate`] for anything else, for a moment before 1970, and for one after [`LATEST`].
    pub fn resolve(&self, parameter: Parameter, now: i64) -> Result<i64> {
        let seconds = match self {
            Self::Number(number) if *number < FIRST_MILLISECONDS => floor(*number),
            Self::Number(milliseconds) | Self::Milliseconds(milliseconds) => floor(milliseconds / 1000.0),
            Self::Text(text) => read_text(text, now),
        };
        seconds.filter(|seconds| (0..=LATEST).contains(seconds)).ok_or_else(|| self.refused(parameter, seconds))
    }

    /// Not inlined, as it is much code, which WebAssembly would have to compile for dates that are right too.
    #[inline(never)]
    fn refused(&self, parameter: Parameter, seconds: Option<i64>) -> Error {
        let written = || match (self, seconds) {
            (Self::Text(text), _) => quoted(text),
            (_, Some(seconds)) => format!("{seconds} in seconds"),
            (Self::Milliseconds(_), None) => "an invalid Date".to_owned(),
            (Self::Number(_), None) => "not a finite number".to_owned(),
        };
        let name = parameter.token();
        let invalid = |problem: &'static str, message: String| {
            let given = match self {
                Self::Text(text) => shown(text),
                Self::Number(_) | Self::Milliseconds(_) => {
                    seconds.map_or_else(|| "NaN".to_owned(), |seconds| seconds.to_string())
                }
            };
            Error::new(ErrorCode::InvalidDate, message).about(parameter).with_value("problem", problem).with_value("given", given)
        };
        let Some(seconds) = seconds else {
            let is_empty = matches!(self, Self::Text(text) if text.trim().is_empty());
            return invalid(
                if is_empty { "empty" } else { "unreadable" },
                format!("{name} is {}, which is not a date; it takes {ACCEPTED}", written()),
            )
            .with_hint(hint_for_unreadable(self));
        };
        if seconds < 0 {
            return invalid("before 1970", format!("{name} is {}, which is before 1970", written()))
                .with_hint("CloudFront counts seconds from 1970-01-01T00:00:00Z.");
        }
        invalid(
            "too late",
            format!("{name} is {}, which is after {}, the last moment that CloudFront accepts", written(), utc(LATEST)),
        )
        .with_hint(if matches!(self, Self::Text(text) if is_digits(text)) {
            "A string of digits is epoch seconds: divide milliseconds by 1000, and write a date with dashes, 2030-12-31."
        } else {
            "Choose an earlier date. A number is in seconds, or from 1e11 on in milliseconds."
        })
    }

    /// A time span in seconds, of a second to a leap year.
    pub(crate) fn as_duration(&self, parameter: Parameter) -> Result<i64> {
        const LONGEST: i64 = 366 * 86_400;
        let read = if let Self::Text(text) = self { read_duration(text) } else { None };
        read.filter(|seconds| (1..=LONGEST).contains(seconds)).ok_or_else(|| {
            let found = match self {
                Self::Text(text) => quoted(text),
                Self::Number(_) | Self::Milliseconds(_) => "a number".to_owned(),
            };
            let message =
                format!("{} is {found}; it takes a duration of up to 366 days, such as \"15m\" or \"1d\"", parameter.token());
            Error::new(ErrorCode::InvalidDate, message)
                .about(parameter)
                .with_hint("Units are w, d, h, m and s; ISO 8601 is read too, PT15M.")
        })
    }

    /// Whether it is a string of digits that could be a date, `20300101`, or seconds, a moment in 1970.
    pub(crate) fn is_ambiguous(&self) -> bool {
        matches!(self, Self::Text(text) if text.len() == 8 && is_digits(text) && read_date_time(text).is_some())
    }

    /// Resolves a date; durations count from the clock, which is read only for them.
    pub(crate) fn resolve_by_clock(&self, parameter: Parameter) -> Result<i64> {
        let is_duration = matches!(self, Self::Text(text) if read_duration(text.strip_prefix('-').unwrap_or(text)).is_some());
        self.resolve(parameter, if is_duration { now()? } else { 0 })
    }
}

/// The clock's time, in epoch seconds.
///
/// # Errors
/// [`ErrorCode::InvalidOption`] on `wasm32-unknown-unknown`, which has no clock: pass `now` there.
pub fn now() -> Result<i64> {
    if cfg!(all(target_family = "wasm", target_os = "unknown")) {
        let now = Parameter::Now.token();
        return Err(Error::new(ErrorCode::InvalidOption, format!("{now} is missing, and this platform has no clock"))
            .about(Parameter::Now)
            .with_hint(format!("Pass {now}.")));
    }
    DateInput::from(SystemTime::now()).resolve(Parameter::Now, 0)
}

/// A moment for people, `2030-01-01T00:00:00Z`; the number itself if the year does not have four digits.
pub fn utc(seconds: i64) -> String {
    match civil(seconds) {
        Some(moment) if moment.date().year() >= 0 => {
            let (date, time) = (moment.date(), moment.time());
            format!(
                "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z",
                date.year(),
                date.month(),
                date.day(),
                time.hour(),
                time.minute(),
                time.second()
            )
        }
        _ => seconds.to_string(),
    }
}

/// A moment in the Gregorian calendar, in UTC; `None` beyond the year 9999.
pub(crate) fn civil(seconds: i64) -> Option<DateTime> {
    Some(Timestamp::from_second(seconds).ok()?.to_datetime(Offset::UTC))
}

/// A time span for people: the largest whole unit, `12 minutes`.
pub fn span(seconds: i64) -> String {
    let (number, unit) = match seconds {
        ..120 => (seconds, "second"),
        120..7_200 => (seconds / 60, "minute"),
        7_200..172_800 => (seconds / 3_600, "hour"),
        _ => (seconds / 86_400, "day"),
    };
    format!("{number} {unit}{}", if number == 1 { "" } else { "s" })
}

fn hint_for_unreadable(input: &DateInput) -> &'static str {
    let DateInput::Text(text) = input else { return "It is not a number of seconds or milliseconds." };
    if text.trim().is_empty() {
        "It is empty. Is the variable set?"
    } else if text.trim() != text || text.ends_with(['"', '\'', ';']) {
        "Remove what is around it: white space or quotation marks."
    } else if text.contains(['M', 'Y']) && text.starts_with(['P', '-']) {
        "Months and years have no fixed length: write days, P30D."
    } else if is_no_value(text) || text == "Invalid Date" {
        "Is the variable set, and is it a date?"
    } else if text.contains('[') {
        "Leave out the time zone's name and keep the offset: 2030-12-31T00:00:00+09:00."
    } else if has_more_after_the_time(text) {
        "After the time comes only Z or an offset, without a space: 2030-12-31T00:00:00+09:00."
    } else if has_form_of_a_date(text) {
        "There is no such day in the calendar, or no such time of day, such as 09:05:00."
    } else if names_a_month(text) {
        "Write it with digits, the year first: 2030-12-31T23:59:59Z."
    } else if is_duration_in_words(text) {
        "Write a duration from now as a whole number and a unit in lower case, without a space: \"30m\", \"2h\", \"7d\"."
    } else if text.contains('/') {
        "Write it with hyphens, the year first: 2030-12-31."
    } else if text.bytes().any(|b| b.is_ascii_digit()) {
        "Write all of the date, the year first: 2030-12-31. Epoch seconds are digits alone; units of durations are w, d, h, m and s."
    } else {
        "Words are not read; write \"1d\" for tomorrow at this time."
    }
}

/// A time that is read, and behind it what is no offset: ` +0000`, ` UTC`, ` PM`, or ` 09:00`, whose `+` a form turned into a space.
fn has_more_after_the_time(text: &str) -> bool {
    [19, 16].into_iter().any(|end| {
        let (time, rest) = text.split_at_checked(end).unwrap_or_default();
        !rest.is_empty() && !rest.starts_with(':') && time.contains(':') && read_date_time(time).is_some()
    })
}

/// `1 Jan 2030`, and dates as JavaScript's `Date` and e-mails print them.
fn names_a_month(text: &str) -> bool {
    const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let lower = text.to_ascii_lowercase();
    text.bytes().any(|b| b.is_ascii_digit()) && MONTHS.iter().any(|month| lower.contains(month))
}

/// `1 hour`, `in 2 days`, `now+1h`, `1.5h`, `30M`.
fn is_duration_in_words(text: &str) -> bool {
    const UNITS: [&str; 20] = [
        "s", "sec", "second", "seconds", "m", "min", "mins", "minute", "minutes", "h", "hr", "hour", "hours", "d", "day", "days",
        "w", "week", "weeks", "ms",
    ];
    let lower = text.to_ascii_lowercase();
    let rest = lower.trim_start_matches("now").trim_start_matches("in ").trim_start_matches(['+', ' ', '-']);
    let unit = rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
    unit.len() < rest.len() && unit.split_whitespace().next().is_some_and(|word| UNITS.contains(&word))
}

/// Whether it has the form of a date, as `2027-02-30`, `2030-01-01T24:00` and `20270230T1200Z` have: only the day or the time is wrong.
fn has_form_of_a_date(text: &str) -> bool {
    let mut text = Reader { rest: text };
    let has_date = text.digits(4).is_some() && {
        let extended = text.take('-');
        let part = |text: &mut Reader<'_>| if extended { text.one_or_two_digits() } else { text.digits(2) };
        part(&mut text).is_some() && (!extended || text.take('-')) && part(&mut text).is_some()
    };
    let is_of_a_time = |c: char| c.is_ascii_digit() || "TtZz :.,+-".contains(c);
    has_date
        && (text.rest.is_empty()
            || (text.rest.starts_with(['T', 't', ' ']) && text.rest.len() >= 5 && text.rest.chars().all(is_of_a_time)))
}

fn floor(seconds: f64) -> Option<i64> {
    // Larger numbers are not exact as f64, and far beyond what CloudFront accepts.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if seconds.is_nan() || seconds.is_infinite() {
        return None;
    }
    Some(seconds.floor().clamp(-EXACT, EXACT) as i64)
}

fn read_text(text: &str, now: i64) -> Option<i64> {
    if is_digits(text) {
        // A number beyond i64 is out of range anyway.
        return Some(text.parse().unwrap_or(i64::MAX));
    }
    let (negative, unsigned) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    if let Some(duration) = read_duration(unsigned) {
        return if negative { now.checked_sub(duration) } else { now.checked_add(duration) };
    }
    read_date_time(text)
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

/// `1h30m`, or ISO 8601's `P1DT12H` without years and months.
fn read_duration(text: &str) -> Option<i64> {
    let (mut rest, iso) = match text.strip_prefix('P') {
        Some(rest) => (rest, true),
        None => (text, false),
    };
    let mut in_time = !iso;
    let mut total: i64 = 0;
    let mut parts = 0;
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix('T').filter(|_| iso && !in_time) {
            rest = after;
            in_time = true;
            if rest.is_empty() {
                return None;
            }
        }
        let digits = rest.len().checked_sub(rest.trim_start_matches(|c: char| c.is_ascii_digit()).len())?;
        let (number, tail) = rest.split_at_checked(digits)?;
        let mut characters = tail.chars();
        let unit = characters.next()?;
        let seconds = match (if iso { unit.to_ascii_lowercase() } else { unit }, iso) {
            _ if iso && unit.is_ascii_lowercase() => return None,
            ('w', _) if !iso || !in_time => 604_800,
            ('d', _) if !iso || !in_time => 86_400,
            ('h', _) if in_time => 3_600,
            ('m', _) if in_time => 60,
            ('s', _) if in_time => 1,
            _ => return None,
        };
        total = total.checked_add(number.parse::<i64>().ok()?.checked_mul(seconds)?)?;
        parts += 1;
        rest = characters.as_str();
    }
    (parts > 0).then_some(total)
}

fn read_date_time(text: &str) -> Option<i64> {
    let mut text = Reader { rest: text };
    let year = text.digits(4)?;
    let extended = text.take('-');
    let month = if extended { text.one_or_two_digits()? } else { text.digits(2)? };
    if extended && !text.take('-') {
        return None;
    }
    let day = if extended { text.one_or_two_digits()? } else { text.digits(2)? };
    let (mut hour, mut minute, mut second, mut offset) = (0, 0, 0, 0);
    if !text.rest.is_empty() {
        if !(text.take('T') || text.take('t') || text.take(' ')) {
            return None;
        }
        hour = text.digits(2)?;
        let extended = text.take(':');
        minute = text.digits(2)?;
        if if extended { text.take(':') } else { text.starts_with_digit() } {
            second = text.digits(2)?;
            if text.take('.') || text.take(',') {
                // A fraction is read and dropped: times are rounded down.
                text.digits(1)?;
                text.rest = text.rest.trim_start_matches(|c: char| c.is_ascii_digit());
            }
        }
        offset = text.offset()?;
    }
    if !text.rest.is_empty() {
        return None;
    }
    let small = |number: i32| i8::try_from(number).ok();
    let date = Date::new(i16::try_from(year).ok()?, small(month)?, small(day)?).ok()?;
    let time = Time::new(small(hour)?, small(minute)?, small(second)?, 0).ok()?;
    let offset = Offset::from_seconds(offset).ok()?;
    // In the last hours of the year 9999 there is no timestamp: they are too late for CloudFront, too.
    Some(DateTime::from_parts(date, time).to_timestamp(offset).map_or(i64::MAX, |moment| moment.as_second()))
}

struct Reader<'a> {
    rest: &'a str,
}

impl Reader<'_> {
    fn take(&mut self, character: char) -> bool {
        match self.rest.strip_prefix(character) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn starts_with_digit(&self) -> bool {
        self.rest.starts_with(|c: char| c.is_ascii_digit())
    }

    fn digits(&mut self, count: usize) -> Option<i32> {
        let (number, rest) = self.rest.split_at_checked(count)?;
        self.rest = rest;
        if is_digits(number) { number.parse().ok() } else { None }
    }

    /// A month or a day between hyphens; its leading zero may be missing.
    fn one_or_two_digits(&mut self) -> Option<i32> {
        let has_two = self.rest.bytes().take(2).filter(u8::is_ascii_digit).count() == 2;
        self.digits(if has_two { 2 } else { 1 })
    }

    /// Nothing, `Z`, `+09:00`, `+0900` or `+09`, in seconds.
    fn offset(&mut self) -> Option<i32> {
        if self.rest.is_empty() || self.take('Z') || self.take('z') {
            return Some(0);
        }
        let sign = if self.take('+') {
            1
        } else if self.take('-') {
            -1
        } else {
            return None;
        };
        let hours = self.digits(2).filter(|hours| *hours < 24)?;
        let minutes = if self.rest.is_empty() {
            0
        } else {
            self.take(':');
            self.digits(2).filter(|minutes| *minutes < 60)?
        };
        Some(sign * (hours * 3_600 + minutes * 60))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_767_225_600;

    fn read(text: &str) -> Option<i64> {
        DateInput::from(text).resolve(Parameter::DateLessThan, NOW).ok()
    }

    #[test]
    fn reads_every_form_of_one_moment() {
        // What `date -u -d 2030-12-31T14:59:59Z +%s` prints.
        const MOMENT: i64 = 1_924_959_599;
        for text in [
            "2030-12-31T14:59:59Z",
            "2030-12-31t14:59:59z",
            "2030-12-31 14:59:59",
            "2030-12-31T14:59:59",
            "20301231T145959",
            "20301231T145959Z",
            "20301231T23:59:59+09:00",
            "2030-12-31T235959+0900",
            "20301231T235959+09",
            "2030-12-31T14:59:59.999999999999Z",
            "2030-12-31T14:59:59,9Z",
            "2030-12-31T09:29:59-05:30",
            "1924959599",
            "000001924959599",
        ] {
            assert_eq!(read(text), Some(MOMENT), "{text}");
        }
        // A zero may be left out between hyphens: January 5, 2030, as `date` has it.
        for text in ["2030-1-5", "2030-01-5", "2030-1-05", "2030-1-5T00:00", "2030-1-5 00:00:00Z"] {
            assert_eq!(read(text), Some(1_893_801_600), "{text}");
        }
        assert_eq!(read("2030-12-31T14:59"), Some(MOMENT - 59));
        assert_eq!(read("20301231T1459"), Some(MOMENT - 59));
        assert_eq!(read("2030-12-31"), Some(MOMENT - 14 * 3600 - 59 * 60 - 59));
    }

    #[test]
    fn a_day_that_is_none_is_named_so() {
        let hint =
            |text: &str| DateInput::from(text).resolve(Parameter::DateLessThan, NOW).unwrap_err().hint().unwrap().to_owned();
        for text in [
            "2027-02-30",
            "2027-2-30",
            "2027-13-01",
            "2027-00-10",
            "2027-04-31T12:00:00Z",
            "20270230T120000Z",
            "2030-01-01T24:00",
            "2030-01-01T23:60:00",
        ] {
            assert!(hint(text).contains("no such day"), "{text}: {}", hint(text));
        }
        for text in ["2030/12/31", "12/31/2030"] {
            assert!(hint(text).contains("hyphens"), "{text}: {}", hint(text));
        }
        for text in ["2027-6", "30-01-01", "2030-01-01X10:00", "12.31.2030"] {
            assert!(hint(text).contains("year first"), "{text}: {}", hint(text));
        }
    }

    #[test]
    fn reads_durations_from_now() {
        for (text, seconds) in [
            ("0s", 0),
            ("90s", 90),
            ("30m", 1_800),
            ("2h", 7_200),
            ("7d", 604_800),
            ("1w", 604_800),
            ("1h30m", 5_400),
            ("PT15M", 900),
            ("P1D", 86_400),
            ("P1DT12H", 129_600),
            ("P2W", 1_209_600),
            ("PT0S", 0),
            ("-5m", -300),
            ("-PT5M", -300),
        ] {
            assert_eq!(read(text), Some(NOW + seconds), "{text}");
        }
    }

    #[test]
    fn refuses_everything_else() {
        for text in [
            "",
            " ",
            " 2030-01-01",
            "2030-01-01 ",
            "2030",
            "2030-1-",
            "2030--1",
            "2030-001-01",
            "2030-1-001",
            "2030/12/31",
            "30-01-01",
            "2030-01",
            "2030-0101",
            "203001-01",
            "2030-13-01",
            "2030-02-30",
            "2029-02-29",
            "2030-01-01T",
            "2030-01-01T24:00:00",
            "2030-01-01T23:60:00",
            "2016-12-31T23:59:60Z",
            "2030-01-01T10",
            "2030-01-01T10:00:00+9",
            "2030-01-01T10:00:00+24:00",
            "2030-01-01T10:00:00.Z",
            "2030-01-01T10:00:00 Z",
            "2030-01-01X10:00",
            "01/02/2030",
            "tomorrow",
            "now",
            "30M",
            "30 m",
            "m",
            "P",
            "PT",
            "P1DT",
            "P1M",
            "P1Y",
            "PT1D",
            "P1H",
            "p1d",
            "P1d",
            "1h-30m",
            "--5m",
            "+5m",
            "1.5h",
            "1e3",
            "0x10",
            "٣0m",
            "99999999999999999999h",
            "-",
            "-2030-01-01",
            "1893456000.5",
        ] {
            // "2030" alone is a string of digits.
            assert_eq!(read(text).filter(|_| text != "2030"), None, "{text}");
        }
    }

    #[test]
    fn floors_numbers_and_knows_seconds_from_milliseconds() {
        let read = |input: DateInput| input.resolve(Parameter::DateLessThan, NOW).ok();
        assert_eq!(read(1_893_456_000.into()), Some(1_893_456_000));
        assert_eq!(read(1_893_456_000.999.into()), Some(1_893_456_000));
        assert_eq!(read(1_893_456_000_999.0.into()), Some(1_893_456_000));
        assert_eq!(read(0.into()), Some(0));
        assert_eq!(read(DateInput::Milliseconds(999.0)), Some(0));
        assert_eq!(read(LATEST.into()), Some(LATEST));
        assert_eq!(read((LATEST + 1).into()), None);
        assert_eq!(read(format!("{}", LATEST + 1).into()), None);
        assert_eq!(read("2262-04-11T23:47:16Z".into()), Some(LATEST));
        assert_eq!(read("2262-04-11T23:47:17Z".into()), None);
        assert_eq!(read("99999999999999999999".into()), None);
        for number in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -1.0, -1e300, 1e300] {
            assert_eq!(read(number.into()), None, "{number}");
            assert_eq!(read(DateInput::Milliseconds(number)), None, "{number}");
        }
        assert_eq!(read((UNIX_EPOCH - Duration::from_secs(1)).into()), None);
        assert_eq!(read(Duration::from_secs(60).into()), Some(NOW + 60));
    }

    #[test]
    fn writes_utc() {
        assert_eq!(utc(0), "1970-01-01T00:00:00Z");
        assert_eq!(utc(LATEST), "2262-04-11T23:47:16Z");
        assert_eq!(utc(253_402_207_199), "9999-12-30T21:59:59Z");
        for seconds in [i64::MIN, -62_167_219_201, 253_402_300_800, i64::MAX] {
            assert_eq!(utc(seconds), seconds.to_string());
        }
        assert_eq!(utc(-62_167_219_200), "0000-01-01T00:00:00Z");
    }
}
