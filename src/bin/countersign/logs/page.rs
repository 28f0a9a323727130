//! The report as one page that needs nothing else: no script, no request, light or dark as the reader has it.

use countersign::access_log::Count;
use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::report::{HOW_TO_REPORT, List, ROWS, Report, hours, number};

mod plots;

const STYLE: &str = "
:root { color-scheme: light dark; --ink: #1b1f24; --paper: #ffffff; --line: #d0d7de; --bar: #6e8bb5; --bad: #c2410c; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --paper: #0d1117; --line: #30363d; --bar: #7d9bd1; --bad: #f0883e; } }
body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 68rem; margin: 0 auto; padding: 1rem; }
h1, h2 { line-height: 1.2; } h2 { margin-top: 2.5rem; }
.scroll { overflow-x: auto; } svg { max-width: 100%; height: auto; }
table { border-collapse: collapse; width: 100%; font-size: 0.9rem; }
th, td { border-bottom: 1px solid var(--line); padding: 0.35rem 0.6rem; text-align: left; vertical-align: top; }
td.long { overflow-wrap: anywhere; }
th { white-space: nowrap; } .number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
.note { border-left: 4px solid var(--bad); padding-left: 0.75rem; }
";

pub fn page(report: &Report<'_>) -> String {
    let summary = report.summary;
    let refused = summary.refused_because();
    let by_hour = hours(summary, 48);
    let differing = summary.differing();
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'";
                meta name="referrer" content="no-referrer";
                title { "CloudFront access log: signed requests" }
                style { (PreEscaped(STYLE)) }
            }
            body {
                main {
                h1 { "Signed requests" }
                p { (report.heading()) "." }
                (table(List {
                    heads: &["what", "requests"],
                    numbers: &[1],
                    rows: report.totals().into_iter().map(|(what, count)| vec![what.to_owned(), number(count)]).collect(),
                }))
                @for note in report.notes() { p.note { (note) } }

                h2 { "Refused by CloudFront, and why" }
                @if refused.is_empty() { p { "Nothing was refused." } } @else {
                    (plot("Refused requests by reason", &plots::reasons(refused.iter().take(ROWS).map(|(because, tally)| (Report::reason(because), tally.count)).collect())))
                    (table(List {
                        heads: &["reason", "code", "requests", "example"],
                        numbers: &[2],
                        rows: refused.iter().take(ROWS).map(|(because, tally)| {
                            let [reason, code] = [Report::reason(because), Report::code(because)].map(str::to_owned);
                            vec![reason, code, number(tally.count), report.example(tally)]
                        }).collect(),
                    }))
                }

                h2 { "By hour" }
                (plot("Requests by hour, and how many of them were refused", &plots::by_hour(&by_hour)))
                h2 { "By path" }
                (table(List {
                    heads: &["path", "requests", "refused"],
                    numbers: &[1, 2],
                    rows: summary.prefixes().into_iter().take(ROWS).map(|(prefix, Count { requests, refused, .. })| {
                        vec![prefix.to_owned(), number(requests), number(refused)]
                    }).collect(),
                }))

                h2 { "Where CloudFront and Countersign differ" }
                @if differing.is_empty() { p { "Nowhere." } } @else {
                    (table(List {
                        heads: &["what", "code", "requests", "examples"],
                        numbers: &[2],
                        rows: differing.iter().take(ROWS).map(|(because, tally)| {
                            let examples: Vec<String> = tally.examples.iter().map(|example| report.told(example)).collect();
                            vec![Report::difference(because), Report::code(because).to_owned(), number(tally.count), examples.join(" · ")]
                        }).collect(),
                    }))
                    p { (HOW_TO_REPORT) }
                }

                h2 { "Key pair ids in use" }
                (table(report.key_pairs()))

                h2 { "Links used from several addresses" }
                (table(report.shared()))

                h2 { "Links that end within a day" }
                (table(report.ending()))
                }
            }
        }
    };
    page.into_string()
}

/// Longer text may be broken anywhere.
const LONG: usize = 30;

fn plot(what: &str, svg: &str) -> Markup {
    html! { div.scroll role="img" aria-label=(what) { (PreEscaped(svg)) } }
}

fn table(List { heads, numbers, rows }: List) -> Markup {
    html! {
        @if rows.is_empty() { p { "None." } } @else {
            div.scroll {
                table {
                    thead { tr { @for (index, head) in heads.iter().enumerate() { th.number[numbers.contains(&index)] scope="col" { (head) } } } }
                    tbody {
                        @for row in &rows {
                            tr { @for (index, cell) in row.iter().enumerate() { td.number[numbers.contains(&index)].long[cell.len() > LONG] { (cell) } } }
                        }
                    }
                }
            }
        }
    }
}
