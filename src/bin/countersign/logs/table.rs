//! The report at a terminal.

use comfy_table::presets::UTF8_FULL_CONDENSED;
use comfy_table::{CellAlignment, ContentArrangement, Table};
use countersign::access_log::{Because, Count, Tally};
use countersign::date;

use super::report::{DAY, HOUR, HOW_TO_REPORT, List, ROWS, Report, bar, hours, number};
use crate::output::shown;

/// A bar has so many characters.
const BAR: u64 = 20;

pub fn text(report: &Report<'_>) -> String {
    let summary = report.summary;
    let mut out = format!("{}\n", shown(&report.heading()));
    for (what, count) in report.totals() {
        out.push_str(&format!("  {:>14}  {what}\n", number(count)));
    }
    for note in report.notes() {
        out.push_str(&format!("note: {note}\n"));
    }

    let refused = summary.refused_because();
    let most = refused.first().map_or(0, |(_, tally)| tally.count);
    let row = |(because, tally): (&Because, &Tally)| {
        let [reason, code] = [Report::reason(because), Report::code(because)].map(str::to_owned);
        vec![reason, code, number(tally.count), bar(tally.count, most, BAR), report.example(tally)]
    };
    let rows = refused.into_iter().take(ROWS).map(row).collect();
    let list = List { heads: &["reason", "code", "requests", "", "example"], numbers: &[2], rows };
    section(&mut out, "Refused by CloudFront, and why", list);

    let hours = hours(summary, 24);
    let most = hours.iter().map(|(_, count)| count.requests).max().unwrap_or_default();
    let row =
        |(hour, count): (i64, Count)| vec![date::utc(hour), number(count.requests), bar(count.requests, most, BAR), part(count)];
    let rows = hours.into_iter().map(row).collect();
    section(&mut out, "By hour", List { heads: &["from", "requests", "", "refused"], numbers: &[1, 3], rows });

    let row = |(prefix, count): (&str, Count)| {
        vec![prefix.to_owned(), number(count.requests), part(count), bar(count.refused, count.requests, BAR)]
    };
    let rows = summary.prefixes().into_iter().take(ROWS).map(row).collect();
    section(&mut out, "By path", List { heads: &["path", "requests", "refused", ""], numbers: &[1, 2], rows });

    let differing = summary.differing();
    let row = |(because, tally): &(&Because, &Tally)| {
        vec![Report::difference(because), Report::code(because).to_owned(), number(tally.count), report.example(tally)]
    };
    let rows = differing.iter().take(ROWS).map(row).collect();
    let list = List { heads: &["what", "code", "requests", "example"], numbers: &[2], rows };
    section(&mut out, "Where CloudFront and Countersign differ", list);
    if !differing.is_empty() {
        out.push_str(&format!("{HOW_TO_REPORT}\n"));
    }

    section(&mut out, "Key pair ids in use", report.key_pairs());
    section(&mut out, "Links used from several addresses", report.shared());
    section(&mut out, "Links that end soon", report.ending());
    let [hour, day, week] = [HOUR, DAY, 7 * DAY].map(|within| number(summary.ending(within).len() as u64));
    out.push_str(&format!("\nOf the links in this log, {hour} end within an hour after its last request, {day} within a day, {week} within a week.\n"));
    out
}

fn part(Count { requests, refused, .. }: Count) -> String {
    let percent = 100.0 * refused as f64 / requests.max(1) as f64;
    format!("{} ({percent:.1} %)", number(refused))
}

/// Nothing where there is no row.
fn section(out: &mut String, title: &str, List { heads, numbers, rows }: List) {
    let mut table = Table::new();
    table.load_style(UTF8_FULL_CONDENSED).set_content_arrangement(ContentArrangement::Dynamic).set_header(heads);
    table.set_width(width());
    for row in rows {
        table.add_row(row.iter().map(|cell| shown(cell)));
    }
    for column in numbers {
        if let Some(column) = table.column_mut(*column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    if !table.is_empty() {
        out.push_str(&format!("\n{title}\n{table}\n"));
    }
}

/// As wide as the terminal; in a file as a wide one.
fn width() -> u16 {
    terminal_size::terminal_size().map_or(160, |(columns, _)| columns.0.max(60))
}
