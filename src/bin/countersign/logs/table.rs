//! The report at a terminal.

use comfy_table::presets::UTF8_FULL_CONDENSED;
use comfy_table::{CellAlignment, ContentArrangement, Table};
use countersign::access_log::Count;
use countersign::date;

use super::report::{DAY, HOUR, HOW_TO_REPORT, ROWS, Report, bar, hours, number};
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
    section(
        &mut out,
        "Refused by CloudFront, and why",
        &["reason", "code", "requests", "", "example"],
        &[2],
        refused.into_iter().take(ROWS).map(|(because, tally)| {
            let code = because.code.map_or("", |code| code.as_str());
            vec![
                Report::reason(because).to_owned(),
                code.to_owned(),
                number(tally.count),
                bar(tally.count, most, BAR),
                report.example(tally),
            ]
        }),
    );

    let rows = hours(summary, 24);
    let most = rows.iter().map(|(_, count)| count.requests).max().unwrap_or_default();
    section(
        &mut out,
        "By hour",
        &["from", "requests", "", "refused"],
        &[1, 3],
        rows.into_iter()
            .map(|(hour, count)| vec![date::utc(hour), number(count.requests), bar(count.requests, most, BAR), part(count)]),
    );
    section(
        &mut out,
        "By path",
        &["path", "requests", "refused", ""],
        &[1, 2],
        summary.prefixes().into_iter().take(ROWS).map(|(prefix, count)| {
            vec![prefix.to_owned(), number(count.requests), part(count), bar(count.refused, count.requests, BAR)]
        }),
    );

    let differing = summary.differing();
    section(
        &mut out,
        "Where CloudFront and Countersign differ",
        &["what", "code", "requests", "example"],
        &[2],
        differing.iter().take(ROWS).map(|(because, tally)| {
            let code = because.code.map_or("", |code| code.as_str());
            vec![Report::difference(because), code.to_owned(), number(tally.count), report.example(tally)]
        }),
    );
    if !differing.is_empty() {
        out.push_str(&format!("{HOW_TO_REPORT}\n"));
    }

    section(
        &mut out,
        "Key pair ids in use",
        &["key pair id", "requests", "refused", "first", "last", "last expiry", "the key"],
        &[1, 2],
        summary
            .key_pairs()
            .into_iter()
            .take(ROWS)
            .map(|(id, key_pair)| [&[id.to_owned()], &report.key_pair(key_pair)[..]].concat()),
    );
    section(
        &mut out,
        "Links used from several addresses",
        &["opens", "key pair id", "addresses", "requests", "first", "last"],
        &[2, 3],
        summary.shared().into_iter().take(ROWS).map(|link| {
            let (first, last) = link.span;
            vec![
                link.opens.clone(),
                link.key_pair_id.clone(),
                Report::shared(link),
                number(link.requests),
                date::utc(first),
                date::utc(last),
            ]
        }),
    );
    let [hour, day, week] = [HOUR, DAY, 7 * DAY].map(|within| number(summary.ending(within).len() as u64));
    section(
        &mut out,
        "Links that end soon",
        &["opens", "key pair id", "requests", "ends"],
        &[2],
        summary
            .ending(DAY)
            .into_iter()
            .take(ROWS)
            .map(|link| vec![link.opens.clone(), link.key_pair_id.clone(), number(link.requests), report.left(link)]),
    );
    out.push_str(&format!("\nOf the links in this log, {hour} end within an hour after its last request, {day} within a day, {week} within a week.\n"));
    out
}

fn part(Count { requests, refused, .. }: Count) -> String {
    let percent = 100.0 * refused as f64 / requests.max(1) as f64;
    format!("{} ({percent:.1} %)", number(refused))
}

/// Nothing where there is no row.
fn section(out: &mut String, title: &str, heads: &[&str], numbers: &[usize], rows: impl Iterator<Item = Vec<String>>) {
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
