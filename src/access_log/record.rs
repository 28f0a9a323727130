//! One line of a log.

use std::borrow::Cow;
use std::fmt;

use jiff::Timestamp;
use serde_json::{Deserializer, Value};

use super::columns::{COUNT, Column, Columns, bit};
use super::escapes::undone;
use crate::error::quoted;

/// One request, as CloudFront logged it, with the log's own encoding undone.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Record<'a> {
    /// When the answer ended, in epoch seconds.
    pub end: i64,
    /// How many seconds it took, if that is logged.
    pub time_taken: Option<f64>,
    /// 0 if the viewer hung up before there was one.
    pub status: u16,
    /// The viewer's address.
    pub address: Option<Cow<'a, str>>,
    /// The host that the viewer asked for; else the distribution's own name.
    pub host: Option<Cow<'a, str>>,
    /// `http` or `https`, the default.
    pub protocol: Option<Cow<'a, str>>,
    /// The path, as it was sent.
    pub path: Cow<'a, str>,
    /// The query, as it was sent.
    pub query: Option<Cow<'a, str>>,
    /// The `Cookie` header.
    pub cookie: Option<Cow<'a, str>>,
    /// The columns of its line, empty ones too.
    pub(super) present: u16,
    /// `x-edge-result-type`.
    pub result: Option<Cow<'a, str>>,
    /// `x-edge-detailed-result-type`.
    pub detailed_result: Option<Cow<'a, str>>,
    /// `sc-content-type`.
    pub content_type: Option<Cow<'a, str>>,
}

/// Why a line could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable(Cow<'static, str>);

impl Unreadable {
    pub(super) fn too_long(longest: usize) -> Self {
        Self(format!("it has more than {longest} bytes; CloudFront's lines are shorter").into())
    }
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Unreadable {}

/// Values by column.
struct Values<'a>([Option<Cow<'a, str>>; COUNT]);

impl<'a> Values<'a> {
    fn empty() -> Self {
        Self(std::array::from_fn(|_| None))
    }

    fn set(&mut self, column: Column, value: Cow<'a, str>) {
        if let Some(place) = self.0.get_mut(column as usize) {
            *place = Some(value);
        }
    }

    fn present(&self) -> u16 {
        self.0.iter().enumerate().fold(0, |present, (place, value)| present | u16::from(value.is_some()) << place)
    }

    /// The value as it was before it was logged; an empty one is logged as `-`.
    fn take(&mut self, column: Column) -> Option<Cow<'a, str>> {
        let value = self.0.get_mut(column as usize)?.take()?;
        match value {
            Cow::Borrowed("-" | "") => None,
            Cow::Owned(text) if text == "-" || text.is_empty() => None,
            Cow::Borrowed(text) => Some(undone(text)),
            Cow::Owned(text) => Some(Cow::Owned(undone(&text).into_owned())),
        }
    }
}

impl<'a> Record<'a> {
    pub(super) fn read(line: &'a [u8], columns: &Columns) -> Result<Self, Unreadable> {
        let line = std::str::from_utf8(line).map_err(|_| Unreadable("it is not text".into()))?;
        let values = if line.starts_with('{') { of_json(line)? } else { of_w3c(line, columns)? };
        Self::of(values)
    }

    fn of(mut values: Values<'a>) -> Result<Self, Unreadable> {
        let present = values.present();
        let (end, status) = (end(&mut values)?, values.take(Column::Status));
        // 000 is logged where the viewer hung up.
        let status = match status.as_deref().map(str::parse) {
            None => 0,
            Some(Ok(status)) if status < 1000 => status,
            Some(_) => return Err(Unreadable(format!("its status is {}", quoted(&status.unwrap_or_default())).into())),
        };
        let (path, query) = path(&mut values)?;
        let own_host = values.take(Column::Host);
        Ok(Self {
            end,
            time_taken: values
                .take(Column::TimeTaken)
                .and_then(|seconds| seconds.parse().ok())
                .filter(|seconds: &f64| seconds.is_finite()),
            status,
            address: values.take(Column::Address),
            host: values.take(Column::HostHeader).or(own_host),
            protocol: values.take(Column::Protocol),
            path,
            query: values.take(Column::Query).or(query),
            cookie: values.take(Column::Cookie),
            present,
            result: values.take(Column::Result),
            detailed_result: values.take(Column::DetailedResult),
            content_type: values.take(Column::ContentType),
        })
    }

    /// Whether cookies are logged, though this request may have none.
    pub fn cookies_are_logged(&self) -> bool {
        self.present & bit(Column::Cookie) != 0
    }

    /// The URL that the viewer asked for.
    pub fn url(&self) -> String {
        let protocol = match self.protocol.as_deref() {
            // Web sockets begin as HTTP.
            Some("http" | "ws") => "http",
            _ => "https",
        };
        let (host, path) = (self.host.as_deref().unwrap_or("unknown.invalid"), self.path.as_ref());
        match &self.query {
            Some(query) => format!("{protocol}://{host}{path}?{query}"),
            None => format!("{protocol}://{host}{path}"),
        }
    }

    /// When it began, in epoch seconds: CloudFront checks the expiry then.
    pub fn start(&self) -> i64 {
        let taken = self.time_taken.unwrap_or_default().clamp(0.0, 1e9);
        // Rounded down: 0.2 seconds before 12:00:00 it was 11:59:59.
        self.end.saturating_sub(taken.ceil() as i64)
    }
}

/// Whole seconds, as the log has them.
fn end(values: &mut Values<'_>) -> Result<i64, Unreadable> {
    if let (Some(date), Some(time)) = (values.take(Column::Date), values.take(Column::Time)) {
        return match format!("{date}T{time}Z").parse::<Timestamp>() {
            Ok(moment) => Ok(moment.as_second()),
            Err(_) => Err(Unreadable(format!("its date and time are {} {}", quoted(&date), quoted(&time)).into())),
        };
    }
    // In real-time logs the seconds have a fraction.
    let number = |value: Option<Cow<'_, str>>| value.and_then(|value| value.parse::<f64>().ok());
    let seconds = number(values.take(Column::TimestampMs))
        .map(|milliseconds| milliseconds / 1e3)
        .or_else(|| number(values.take(Column::Timestamp)))
        .ok_or(Unreadable("it has no date and time".into()))?;
    if !LOGGED.contains(&seconds) {
        return Err(Unreadable(format!("its timestamp is {seconds} seconds, which is no time of a request").into()));
    }
    Ok(seconds.floor() as i64)
}

/// Until the end of the year 9999, in epoch seconds.
const LOGGED: std::ops::Range<f64> = 0.0..253_402_300_800.0;

/// The path of the request; and its query, where that stands in the same column, as in real-time logs.
fn path<'a>(values: &mut Values<'a>) -> Result<(Cow<'a, str>, Option<Cow<'a, str>>), Unreadable> {
    let address = values.take(Column::Path).ok_or(Unreadable("it has no cs-uri-stem, the path of the request".into()))?;
    if !address.starts_with('/') {
        // As in the logs of RTMP distributions, which CloudFront had until 2020.
        return Err(Unreadable(format!("its cs-uri-stem is {}, and no path", quoted(&address)).into()));
    }
    Ok(match address {
        Cow::Borrowed(address) => match address.split_once('?') {
            Some((path, query)) => (path.into(), Some(query.into())),
            None => (address.into(), None),
        },
        Cow::Owned(address) => match address.split_once('?') {
            Some((path, query)) => (path.to_owned().into(), Some(query.to_owned().into())),
            None => (address.into(), None),
        },
    })
}

fn of_w3c<'a>(line: &'a str, columns: &Columns) -> Result<Values<'a>, Unreadable> {
    let mut values = Values::empty();
    let mut count = 0;
    let mut order = columns.order().iter();
    for value in line.split('\t') {
        if let Some(Some(column)) = order.next() {
            values.set(*column, Cow::Borrowed(value));
        }
        count += 1;
    }
    if count < columns.at_least() {
        let needed = columns.at_least();
        return Err(Unreadable(match count {
            1 if line.starts_with('[') => {
                "it begins a JSON array: write each record on a line of its own, as jq -c '.[]' does".into()
            }
            1 => "it has no tabs: it is neither W3C, as CloudFront writes it, nor JSON".into(),
            _ => format!("it has {count} values instead of {needed}: it is cut off, or belongs to another #Fields line").into(),
        }));
    }
    Ok(values)
}

type Object = serde_json::Map<String, Value>;

/// Firehose puts no line breaks between records, and jq has several lines for each.
fn not_json(line: &str, error: &serde_json::Error) -> Unreadable {
    let begins_with_record = || matches!(Deserializer::from_str(line).into_iter::<Object>().next(), Some(Ok(_)));
    Unreadable(if error.is_eof() || begins_with_record() {
        "it is a part of a JSON record, or more than one: write each record on a line of its own, as jq -c . does".into()
    } else {
        format!("it begins like JSON but is not JSON: {error}").into()
    })
}

fn of_json<'a>(line: &'a str) -> Result<Values<'a>, Unreadable> {
    let object: Object = serde_json::from_str(line).map_err(|error| not_json(line, &error))?;
    let mut values = Values::empty();
    // CloudWatch Logs puts each line into such a record.
    if let Some(Value::String(_)) = object.get("message") {
        return Err(Unreadable(
            "it has the line of the log in \"message\": write that on a line of its own, as jq -r .message does".into(),
        ));
    }
    for (name, value) in object {
        let Some(column) = Column::named(&name) else { continue };
        match value {
            Value::String(text) => values.set(column, Cow::Owned(text)),
            Value::Number(number) => values.set(column, Cow::Owned(number.to_string())),
            _ => {}
        }
    }
    Ok(values)
}
