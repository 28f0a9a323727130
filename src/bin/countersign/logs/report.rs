//! What both forms of the report say: the same rows, in the same words.

use countersign::access_log::{Because, Count, Edge, Example, KeyPair, Link, Summary, Tally, Verdict, shortened};
use countersign::date;

use crate::output::shown;

pub struct Report<'a> {
    pub summary: &'a Summary,
    /// Of the files; standard input has none.
    pub names: &'a [String],
    /// Whole addresses.
    pub full: bool,
    pub has_keys: bool,
}

/// How many rows a list has.
pub const ROWS: usize = 12;

pub const HOUR: i64 = 3_600;
pub const DAY: i64 = 24 * HOUR;

/// A list of the report: its heads, which columns are numbers, and its rows.
pub struct List {
    pub heads: &'static [&'static str],
    pub numbers: &'static [usize],
    pub rows: Vec<Vec<String>>,
}

impl Report<'_> {
    /// How much there was, and when.
    pub fn heading(&self) -> String {
        let summary = self.summary;
        let files = match self.names.len() {
            1 => String::new(),
            count => format!(" in {count} files"),
        };
        match summary.span {
            None => format!("no requests{files}"),
            Some((first, last)) => {
                format!("{} requests{files}, from {} to {}", number(summary.requests), date::utc(first), date::utc(last))
            }
        }
    }

    /// What CloudFront did, and what we say to it.
    pub fn totals(&self) -> Vec<(&'static str, u64)> {
        let summary = self.summary;
        let mut totals = vec![
            ("allowed by CloudFront", summary.edge(Edge::LetIn)),
            ("refused by CloudFront (403)", summary.edge(Edge::Refused)),
            ("neither (redirects, errors of the origin, firewalls)", summary.edge(Edge::Other)),
            ("correctly signed", summary.verdict(Verdict::Allowed)),
            ("should be denied", summary.verdict(Verdict::Denied)),
            ("unknown", summary.verdict(Verdict::Unknown)),
        ];
        if summary.unreadable > 0 {
            totals.push(("lines that could not be read", summary.unreadable));
        }
        totals
    }

    /// What limits the answers.
    pub fn notes(&self) -> Vec<String> {
        let mut notes: Vec<String> =
            self.summary.missing().into_iter().map(|(name, cost)| format!("the log has no {name}: {cost}")).collect();
        if !self.has_keys {
            notes
                .push("without --public-key, signatures are not checked: other faults are found, the rest is unknown".to_owned());
        }
        notes
    }

    pub fn place(&self, example: &Example) -> String {
        let name = self.names.get(example.file).map(String::as_str).unwrap_or_default();
        place(name, example.line)
    }

    /// The first example, in a sentence.
    pub fn example(&self, tally: &Tally) -> String {
        tally.examples.first().map(|example| self.told(example)).unwrap_or_default()
    }

    pub fn told(&self, example: &Example) -> String {
        let address = example.address.as_deref();
        let from = address.map(|address| if self.full { address.to_owned() } else { shortened(address) });
        let mut told = format!("{} {}", date::utc(example.at), example.path);
        if let Some(from) = from {
            told.push_str(&format!(" from {from}"));
        }
        if !example.reason.is_empty() {
            told.push_str(&format!(": {}", without_address(&example.reason, address, self.full)));
        }
        format!("{told} ({})", self.place(example))
    }

    /// Why it was refused, as far as we can tell.
    pub fn reason(because: &Because) -> &str {
        if because.verdict == Verdict::Allowed { "(we would allow it)" } else { &because.reason_code }
    }

    /// CloudFront's code, if we would deny it.
    pub fn code(because: &Because) -> &'static str {
        because.code.map_or("", |code| code.as_str())
    }

    /// What a difference means, and what to do.
    pub fn difference(because: &Because) -> String {
        match (because.edge, because.verdict) {
            (Edge::LetIn, _) => format!("allowed, but we would deny it: {}", because.reason_code),
            _ => "refused, but we would allow it".to_owned(),
        }
    }

    pub fn key_pairs(&self) -> List {
        let row = |(id, key_pair): (&str, &KeyPair)| {
            let KeyPair { count, span: (first, last), last_expiry, .. } = key_pair;
            vec![
                id.to_owned(),
                number(count.requests),
                number(count.refused),
                date::utc(*first),
                date::utc(*last),
                last_expiry.map_or_else(|| "none seen".to_owned(), date::utc),
                self.may_go(*last_expiry),
            ]
        };
        List {
            heads: &["key pair id", "requests", "refused", "first", "last", "last expiry", "the key"],
            numbers: &[1, 2],
            rows: self.summary.key_pairs().into_iter().take(ROWS).map(row).collect(),
        }
    }

    /// When a key that is no longer signed with may be taken out of the key group.
    fn may_go(&self, last_expiry: Option<i64>) -> String {
        match (last_expiry, self.summary.span) {
            (Some(expiry), Some((_, last))) if expiry > last => format!("can be removed after {}", date::utc(expiry)),
            (Some(_), _) => "can be removed: every link that was used has expired".to_owned(),
            (None, _) => "no valid link was used".to_owned(),
        }
    }

    /// Links that were used from several addresses.
    pub fn shared(&self) -> List {
        let row = |link: &Link| {
            let addresses = match link.addresses() {
                Link::MOST_ADDRESSES => format!("{} or more", Link::MOST_ADDRESSES),
                count => count.to_string(),
            };
            let [first, last] = <[i64; 2]>::from(link.span).map(date::utc);
            vec![link.opens.clone(), link.key_pair_id.clone(), addresses, number(link.requests), first, last]
        };
        List {
            heads: &["opens", "key pair id", "addresses", "requests", "first", "last"],
            numbers: &[2, 3],
            rows: self.summary.shared().into_iter().take(ROWS).map(row).collect(),
        }
    }

    /// Links that end within a day.
    pub fn ending(&self) -> List {
        let row = |link: &Link| {
            let last = self.summary.span.map_or(link.expires, |(_, last)| last);
            let left = format!("{} ({} after the last request)", date::utc(link.expires), date::span(link.expires - last));
            vec![link.opens.clone(), link.key_pair_id.clone(), number(link.requests), left]
        };
        List {
            heads: &["opens", "key pair id", "requests", "ends"],
            numbers: &[2],
            rows: self.summary.ending(DAY).into_iter().take(ROWS).map(row).collect(),
        }
    }
}

/// What to do about differences.
pub const HOW_TO_REPORT: &str = "If CloudFront and we disagree, first look for a simple cause: a key of the group that you did not pass with --public-key, a path that needs \
                                 no signature, another distribution's log. If you find none, please report the reason, the code, the times, and the \
                                 policy's form. Leave out host, path, query, cookies and addresses: a query is a working link until it expires.";

/// Bars of eight steps a character.
pub fn bar(part: u64, whole: u64, width: u64) -> String {
    const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    let steps = u128::from(part) * u128::from(width) * 8 / u128::from(whole.max(1));
    let steps = usize::try_from(steps).unwrap_or_default().max(usize::from(part > 0));
    format!("{}{}", "█".repeat(steps / 8), EIGHTHS.get(steps % 8).unwrap_or(&""))
}

/// With a comma for thousands.
pub fn number(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Hours as they are shown: at most so many, several joined where there are more.
pub fn hours(summary: &Summary, most: usize) -> Vec<(i64, Count)> {
    let Some((first, last)) = summary.span else { return Vec::new() };
    let (first, last) = (first.div_euclid(HOUR) * HOUR, last.div_euclid(HOUR) * HOUR);
    let count = usize::try_from((last - first) / HOUR + 1).unwrap_or(1);
    let joined = count.div_ceil(most.max(1)).max(1);
    let step = HOUR * joined as i64;
    let mut rows: Vec<(i64, Count)> =
        (0..count.div_ceil(joined)).map(|index| (first + step * index as i64, Count::default())).collect();
    for (hour, count) in summary.hours() {
        let index = usize::try_from((hour - first) / step).unwrap_or_default();
        if let Some((_, row)) = rows.get_mut(index) {
            row.requests += count.requests;
            row.refused += count.refused;
        }
    }
    rows
}

/// Where a line stands.
pub fn place(name: &str, line: u64) -> String {
    if name.is_empty() { format!("line {line}") } else { format!("{}, line {line}", shown(name)) }
}

/// A reason may name the viewer's address.
pub fn without_address(reason: &str, address: Option<&str>, full: bool) -> String {
    match address {
        Some(address) if !full && !address.is_empty() => reason.replace(address, &shortened(address)),
        _ => reason.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{bar, number};

    #[test]
    fn numbers_and_bars() {
        assert_eq!([0, 999, 1_000, 1_234_567].map(number), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!(
            (bar(1, 1, 3), bar(1, 2, 3), bar(1, 1_000_000, 3), bar(0, 5, 3)),
            ("███".into(), "█▌".into(), "▏".into(), String::new())
        );
    }
}
