//! The columns of a log, found by their names.

/// A column that we read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "each is the column that NAMES has for it")]
pub enum Column {
    Date,
    Time,
    Timestamp,
    TimestampMs,
    Address,
    Host,
    HostHeader,
    Protocol,
    Path,
    Query,
    Cookie,
    Status,
    Result,
    DetailedResult,
    ContentType,
    TimeTaken,
}

/// How many there are.
pub(super) const COUNT: usize = 16;

const NAMES: [(&str, Column); COUNT] = [
    ("date", Column::Date),
    ("time", Column::Time),
    ("timestamp", Column::Timestamp),
    ("timestamp(ms)", Column::TimestampMs),
    ("c-ip", Column::Address),
    ("cs(Host)", Column::Host),
    ("x-host-header", Column::HostHeader),
    ("cs-protocol", Column::Protocol),
    ("cs-uri-stem", Column::Path),
    ("cs-uri-query", Column::Query),
    ("cs(Cookie)", Column::Cookie),
    ("sc-status", Column::Status),
    ("x-edge-result-type", Column::Result),
    ("x-edge-detailed-result-type", Column::DetailedResult),
    ("sc-content-type", Column::ContentType),
    ("time-taken", Column::TimeTaken),
];

/// The column order of legacy logs, to which AWS only ever added at the end: what parts of files without a `#Fields:` line have.
pub const LEGACY_COLUMNS: &str = "\
    date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status cs(Referer) cs(User-Agent) \
    cs-uri-query cs(Cookie) x-edge-result-type x-edge-request-id x-host-header cs-protocol cs-bytes time-taken \
    x-forwarded-for ssl-protocol ssl-cipher x-edge-response-result-type cs-protocol-version fle-status \
    fle-encrypted-fields c-port time-to-first-byte x-edge-detailed-result-type sc-content-type sc-content-len \
    sc-range-start sc-range-end";

/// How many columns the first logs had.
const FEWEST: usize = 12;

impl Column {
    /// The column of a name; JSON and Parquet have `cs_host` too.
    pub(super) fn named(name: &str) -> Option<Self> {
        NAMES.into_iter().find(|(known, _)| known.bytes().map(plain).eq(name.bytes().map(plain))).map(|(_, column)| column)
    }
}

/// Makes `cs(Host)`, `cs-host)` and `cs_host)` equal. `without_bracket` adds the closing bracket where it is missing.
fn plain(byte: u8) -> u8 {
    match byte {
        b'(' | b'_' => b'-',
        byte => byte.to_ascii_lowercase(),
    }
}

/// Which column stands where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Columns {
    /// For each value of a line, what it is.
    order: Vec<Option<Column>>,
    /// The order is assumed: no line named the columns.
    is_assumed: bool,
}

impl Default for Columns {
    /// The legacy order.
    fn default() -> Self {
        Self { is_assumed: true, ..Self::of_names(LEGACY_COLUMNS) }
    }
}

impl Columns {
    /// Reads a line that begins with `#Fields:`; of another it is `None`.
    pub fn read(line: &[u8]) -> Option<Self> {
        let names = line.strip_prefix(b"#Fields:")?;
        Some(Self::of_names(&String::from_utf8_lossy(names)))
    }

    fn of_names(names: &str) -> Self {
        // Version 2 writes them with the delimiter that was chosen.
        let names = names.split([' ', '\t', ',']).filter(|name| !name.is_empty());
        Self { order: names.map(|name| Column::named(name).or_else(|| without_bracket(name))).collect(), is_assumed: false }
    }

    /// What each value of a line is.
    pub(super) fn order(&self) -> &[Option<Column>] {
        &self.order
    }

    /// How many values a line must have.
    pub(super) fn at_least(&self) -> usize {
        if self.is_assumed { FEWEST } else { self.order.len() }
    }
}

/// The columns that a line lacks, and what cannot be said without them. `present` has a bit for each column of the line.
pub(super) fn missing(present: u16) -> Vec<(&'static str, &'static str)> {
    let has = |column: Column| present & bit(column) != 0;
    let mut missing = Vec::new();
    let mut say = |is_there: bool, name, cost| {
        if !is_there {
            missing.push((name, cost));
        }
    };
    say(has(Column::Status), "sc-status", "what CloudFront did is not known");
    say(has(Column::Query), "cs-uri-query", "signed URLs cannot be judged");
    say(has(Column::Cookie), "cs(Cookie)", "signed cookies cannot be judged");
    say(
        has(Column::HostHeader),
        "x-host-header",
        "the distribution's own name is used as the host: URLs that were signed for another domain look wrong",
    );
    say(has(Column::Protocol), "cs-protocol", "https is assumed");
    say(has(Column::Address), "c-ip", "policies with an address cannot be judged");
    say(has(Column::TimeTaken), "time-taken", "the expiry is checked at the end of a request, not at its beginning");
    missing
}

/// A column's bit.
pub(super) fn bit(column: Column) -> u16 {
    1 << column as u16
}

/// `cs-host` for `cs(Host)`.
fn without_bracket(name: &str) -> Option<Column> {
    Column::named(&format!("{name})"))
}

#[cfg(test)]
mod tests {
    use super::{COUNT, Column, Columns, NAMES, bit, missing};

    #[test]
    fn columns_are_found_by_name_in_any_order() {
        assert_eq!(NAMES.len(), COUNT);
        for (index, (_, column)) in NAMES.iter().enumerate() {
            assert_eq!(*column as usize, index);
        }
        let columns = Columns::read(b"#Fields: sc-status x-unknown cs(Host) cs_cookie date").unwrap();
        let expected = [Some(Column::Status), None, Some(Column::Host), Some(Column::Cookie), Some(Column::Date)];
        assert_eq!(columns.order(), expected);
        let present = |columns: &Columns| columns.order().iter().flatten().fold(0, |present, column| present | bit(*column));
        assert!(missing(present(&columns)).iter().any(|(name, _)| *name == "c-ip"));
        assert_eq!(missing(present(&Columns::default())), []);
        assert_eq!(Columns::read(b"#Version: 1.0"), None);
    }
}
