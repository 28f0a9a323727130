//! Writes the tables, all rows to docs/benchmarks.md and five to README.md, and finds figures that are out of date.

use std::fs;

use anyhow::{Context, Result, bail};
use countersign::date;
use serde::{Deserialize, Serialize};

use crate::project::{path, say};

const README: &str = "README.md";
const ALL: &str = "docs/benchmarks.md";

/// The documents that make claims about speed.
const READMES: [&str; 2] = [README, "README.ja.md"];
const BEGIN: &str = "<!-- measured: begin -->\n";
const END: &str = "<!-- measured: end -->";

/// The work and the peer of each row in README.md, in order.
const IN_README: [(&str, &str); 5] = [
    ("`Signer.signUrl`, ECDSA P-256, Node, engine auto", "getSignedUrl of @aws-sdk/cloudfront-signer with an EC PEM"),
    ("`Signer.signUrl`, RSA-2048, Node, engine auto", "getSignedUrl of @aws-sdk/cloudfront-signer with a PEM"),
    ("`grant.urls`, per URL", "getSignedUrl of @aws-sdk/cloudfront-signer"),
    (
        "`Signer.signUrl`, RSA-2048, Node, engine wasm",
        "the crate `rsa` compiled to WebAssembly with its defaults, the signature alone",
    ),
    ("a process from its start to its first signed URL, Node", "the same with @aws-sdk/cloudfront-signer"),
];

/// The target for the module's size by gzip. The build fails only above its own, larger limit.
const GZIP_WANTED: usize = 250_000;

/// A ratio that has changed by more than this factor is out of date; two runs on a shared machine differ by less.
const NOISE: f64 = 1.35;

/// The same for the module's bytes.
const SIZE_NOISE: f64 = 1.01;

#[derive(Deserialize, Serialize)]
pub struct Results {
    node: String,
    module: Module,
    pub rows: Vec<Row>,
    memory: Vec<Memory>,
    /// Of `countersign logs`; empty if not measured.
    #[serde(default)]
    pub log_memory: Vec<LogMemory>,
}

/// The peak memory of `countersign logs` for so many lines.
#[derive(Deserialize, Serialize)]
pub struct LogMemory {
    pub lines: usize,
    pub bytes: f64,
}

#[derive(Deserialize, Serialize)]
struct Module {
    bytes: usize,
    gzip: usize,
    brotli: usize,
}

/// The same work by us and by a peer.
#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Row {
    pub section: String,
    work: String,
    ours: Times,
    peer: String,
    peer_times: Times,
    ratio: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    least: Option<f64>,
}

impl Row {
    fn is_in_readme(&self) -> bool {
        IN_README.contains(&(&self.work, &self.peer))
    }

    pub fn new(section: &str, work: &str, ours: Times, peer: &str, peer_times: Times) -> Self {
        let ratio = peer_times.median / ours.median;
        Self { section: section.to_owned(), work: work.to_owned(), ours, peer: peer.to_owned(), peer_times, ratio, least: None }
    }

    /// The target: how many times as fast as the peer.
    pub fn with_least(self, least: f64) -> Self {
        Self { least: Some(least), ..self }
    }
}

/// Microseconds.
#[derive(Deserialize, Serialize)]
pub struct Times {
    pub median: f64,
    pub low: f64,
    pub high: f64,
}

/// The process's memory after so many signatures, in bytes.
#[derive(Deserialize, Serialize)]
struct Memory {
    work: String,
    count: usize,
    before: f64,
    after: f64,
    highest: f64,
}

/// A document's text between its marks.
struct Document {
    name: &'static str,
    before: String,
    stated: String,
    after: String,
}

impl Document {
    fn read(name: &'static str) -> Result<Self> {
        let text = fs::read_to_string(path(name))?;
        let (before, rest) = text.split_once(BEGIN).with_context(|| format!("{name} has no place for the figures"))?;
        let (stated, after) = rest.split_once(END).with_context(|| format!("{name} has no end of the figures"))?;
        Ok(Self { name, before: before.to_owned(), stated: stated.to_owned(), after: after.to_owned() })
    }

    fn write(&self, figures: &str) -> Result<()> {
        let Self { name, before, after, .. } = self;
        fs::write(path(name), format!("{before}{BEGIN}{figures}{END}{after}"))?;
        say(&format!("{name} has the new figures"));
        Ok(())
    }

    /// The ratio that a document states for a row.
    fn ratio(&self, row: &Row) -> Option<f64> {
        let mut lines = self.stated.lines().map(|line| line.trim_end_matches(" |").split(" | ").collect::<Vec<_>>());
        lines.find_map(|cells| match cells.as_slice() {
            [work, _, peer, _, ratio, ..] if work.strip_prefix("| ") == Some(&row.work) && *peer == row.peer => {
                ratio.parse().ok()
            }
            _ => None,
        })
    }
}

impl Results {
    /// Everything.
    pub fn tables(&self) -> Result<String> {
        let mut sections: Vec<&str> = Vec::new();
        for Row { section, .. } in &self.rows {
            if !sections.contains(&section.as_str()) {
                sections.push(section);
            }
        }
        let mut text = self.heading()?;
        for section in sections {
            text += &format!("\n## {section}\n\n{}", table(self.rows.iter().filter(|row| row.section == section)));
        }
        text += "\n## Memory of many signatures, Node, P-256\n\n\
                 | work | signatures | memory after the first | after the last | the highest between |\n| --- | --- | --- | --- | --- |\n";
        for Memory { work, count, before, after, highest } in &self.memory {
            let mebibytes = |bytes: &f64| format!("{:.0} MiB", bytes / f64::from(1 << 20));
            let (before, after, highest) = (mebibytes(before), mebibytes(after), mebibytes(highest));
            text += &format!("| {work} | {count} | {before} | {after} | {highest} |\n");
        }
        if !self.log_memory.is_empty() {
            text += "\n## Memory of `countersign logs`\n\n| lines of a stream | the highest |\n| --- | --- |\n";
            for LogMemory { lines, bytes } in &self.log_memory {
                text += &format!("| {lines} | {:.1} MiB |\n", bytes / f64::from(1 << 20));
            }
        }
        Ok(text + &format!("\n## Size\n\n{}", self.size()))
    }

    /// Five rows, without targets.
    fn main_table(&self) -> Result<String> {
        let mut rows = "| work | takes | compared with | takes | times as fast |\n| --- | --- | --- | --- | --- |\n".to_owned();
        for (work, peer) in IN_README {
            let row = self.rows.iter().find(|row| row.work == work && row.peer == peer);
            let row = row.with_context(|| format!("{README} wants a row that was not measured: {work} against {peer}"))?;
            let (ours, theirs) = (with_unit(row.ours.median), with_unit(row.peer_times.median));
            rows += &format!("| {work} | {ours} | {peer} | {theirs} | {} |\n", number(row.ratio));
        }
        Ok(format!("{rows}\n`cargo xtask bench`, {}, Node {}, medians. {}", day()?, self.node, self.size()))
    }

    fn heading(&self) -> Result<String> {
        if self.rows.is_empty() {
            bail!("nothing was measured");
        }
        Ok(format!(
            "`cargo xtask bench`, {}, Node {}: medians, and in brackets the tenth and the ninetieth of a hundred.\n",
            day()?,
            self.node
        ))
    }

    fn size(&self) -> String {
        let Module { bytes, gzip, brotli } = self.module;
        let reached = if gzip <= GZIP_WANTED { "" } else { ", **not reached**" };
        format!(
            "The module with everything in it: {bytes} bytes; {gzip} compressed by gzip (target: {GZIP_WANTED} at most{reached}), {brotli} by Brotli.\n"
        )
    }

    /// The README's claim about speed, in English and in Japanese. The table must support it.
    fn claims(&self) -> Result<[(&'static str, String); 2]> {
        let [(work, peer), _, (grant, grant_peer), ..] = IN_README;
        let row = |work: &str, peer: &str| self.rows.iter().find(|row| row.work == work && row.peer == peer);
        let (link, grant) = row(work, peer).zip(row(grant, grant_peer)).context("what the README claims was not measured")?;
        // The figures of the table, which are rounded.
        let stated = |value: f64| number(value).parse::<f64>();
        let (takes, times) = (stated(link.ours.median)?.round(), stated(link.ratio)?.floor());
        let tenths = (10.0 / stated(grant.ours.median)?).floor();
        let millions = tenths / 10.0;
        if tenths < 1.0 || times < 2.0 {
            bail!("README.md claims more than was measured: {times} times as fast, {millions} million links a second");
        }
        Ok([
            (
                "- **Fast.** ",
                format!(
                    "Signing a URL with an ECDSA P-256 key takes {takes:.0} µs, {times} times as fast as the AWS SDK. One signature for a whole folder gives more than {millions:.1} million links a second. [Measured](#measured)"
                ),
            ),
            (
                "- **高速。** ",
                format!(
                    "ECDSA P-256 の鍵なら、署名付き URL を {takes:.0} µs で作成します (AWS SDK の {times} 倍の速さ)。フォルダー全体に有効な 1 つの署名から、毎秒 {} 万件以上の URL を作成できます ([測定結果](#測定結果))。",
                    tenths * 10.0
                ),
            ),
        ])
    }

    /// Each line of a document that makes a claim, with the new figures.
    fn write_claims(&self) -> Result<()> {
        for (name, (begin, claim)) in READMES.into_iter().zip(self.claims()?) {
            let text = fs::read_to_string(path(name))?;
            let line = text.lines().find(|line| line.starts_with(begin)).with_context(|| format!("{name} has no {begin}"))?;
            fs::write(path(name), text.replace(line, &format!("{begin}{claim}")))?;
        }
        Ok(())
    }

    pub fn write(&self) -> Result<()> {
        self.write_claims()?;
        Document::read(README)?.write(&self.main_table()?)?;
        Document::read(ALL)?.write(&self.tables()?)
    }

    /// A line for each claim that the documents state otherwise.
    pub fn out_of_date(&self) -> Result<Vec<String>> {
        let mut stale = Vec::new();
        for document in [Document::read(README)?, Document::read(ALL)?] {
            stale.extend(self.out_of_date_in(&document));
        }
        Ok(stale)
    }

    fn out_of_date_in(&self, document: &Document) -> Vec<String> {
        let mut stale = Vec::new();
        for row in self.rows.iter().filter(|row| document.name == ALL || row.is_in_readme()) {
            let name = format!("{}: {} against {}", document.name, row.work, row.peer);
            match document.ratio(row) {
                None => stale.push(format!("- {name}: not there")),
                Some(ratio) if (row.ratio / ratio).max(ratio / row.ratio) > NOISE => {
                    stale.push(format!("- {name}: {} there, {} now", number(ratio), number(row.ratio)));
                }
                Some(_) => {}
            }
        }
        let gzip = self.module.gzip as f64;
        let stated = document.stated.split_once(" bytes; ").and_then(|(_, rest)| rest.split(' ').next()?.parse::<f64>().ok());
        if !stated.is_some_and(|stated| (gzip / stated).max(stated / gzip) < SIZE_NOISE) {
            let stated = stated.map_or("not".to_owned(), |stated| stated.to_string());
            stale.push(format!("- {}: the module's size by gzip: {stated} there, {gzip} now", document.name));
        }
        stale
    }

    /// Counts the rows. It must be exactly those of docs/benchmarks.md outside the sections `left_out`.
    pub fn check_rows(&self, left_out: &[&str]) -> Result<usize> {
        self.rows_of(&Document::read(ALL)?, left_out)
    }

    fn rows_of(&self, stated: &Document, left_out: &[&str]) -> Result<usize> {
        let mut wrong: Vec<String> = Vec::new();
        for row in self.rows.iter().filter(|row| stated.ratio(row).is_none()) {
            wrong.push(format!("{} against {} is not in {ALL}: cargo xtask bench --write", row.work, row.peer));
        }
        let mut expected = 0;
        let is_left_out = |section: &&str| left_out.iter().any(|name| section.starts_with(name));
        for section in stated.stated.split("\n## ").skip(1).filter(|section| !is_left_out(section)) {
            for cells in section.lines().map(|line| line.split(" | ").collect::<Vec<_>>()) {
                let [work, _, peer, _, ratio, ..] = cells.as_slice() else { continue };
                if ratio.parse::<f64>().is_err() {
                    continue;
                }
                expected += 1;
                if !self.rows.iter().any(|row| work.strip_prefix("| ") == Some(&row.work) && *peer == row.peer) {
                    wrong.push(format!("{} against {peer} has not come out", work.trim_start_matches("| ")));
                }
            }
        }
        if expected == 0 || self.memory.is_empty() || !wrong.is_empty() {
            bail!("{} of {expected} rows came out; {}", self.rows.len(), wrong.join("; "));
        }
        Ok(self.rows.len() + self.memory.len())
    }
}

fn table<'a>(rows: impl Iterator<Item = &'a Row>) -> String {
    let mut table =
        "| work | takes | compared with | takes | times as fast | target |\n| --- | --- | --- | --- | --- | --- |\n".to_owned();
    for row in rows {
        let target = row.least.map_or(String::new(), |least| {
            format!("{}{}", number(least), if row.ratio >= least { "" } else { ": **not reached**" })
        });
        let (ours, theirs, ratio) = (times(&row.ours), times(&row.peer_times), number(row.ratio));
        table += &format!("| {} | {ours} | {} | {theirs} | {ratio} | {target} |\n", row.work, row.peer);
    }
    table
}

fn times(Times { median, low, high }: &Times) -> String {
    format!("{} µs ({}…{})", number(*median), number(*low), number(*high))
}

/// Microseconds, or milliseconds from one thousand on.
fn with_unit(median: f64) -> String {
    if median < 1000.0 { format!("{} µs", number(median)) } else { format!("{} ms", number(median / 1000.0)) }
}

/// Today, in UTC.
fn day() -> Result<String> {
    let now = date::utc(date::now()?);
    Ok(now.split('T').next().unwrap_or(&now).to_owned())
}

/// Three significant figures.
fn number(value: f64) -> String {
    if value >= 100.0 {
        format!("{value:.0}")
    } else if value >= 10.0 {
        format!("{value:.1}")
    } else {
        format!("{value:.2}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn results() -> Results {
        let times = |median| Times { median, low: median, high: median };
        let row = |section, work, least| Row { least, ..Row::new(section, work, times(2.0), "a peer", times(6.0)) };
        let mut rows = vec![row("Node", "one", Some(4.0)), row("Node", "two", None), row("Rust", "three", None)];
        rows.extend(IN_README.map(|(work, peer)| Row::new("README", work, times(2000.0), peer, times(6000.0))));
        Results {
            node: "v20".to_owned(),
            module: Module { bytes: 300, gzip: 200, brotli: 100 },
            rows,
            memory: vec![Memory { work: "one".to_owned(), count: 1, before: 1.0, after: 1.0, highest: 1.0 }],
            log_memory: vec![LogMemory { lines: 10, bytes: 2e6 }],
        }
    }

    fn document(name: &'static str) -> Document {
        let stated = if name == ALL { results().tables() } else { results().main_table() }.unwrap();
        Document { name, before: String::new(), stated, after: String::new() }
    }

    #[test]
    fn what_was_just_written_is_up_to_date() {
        for name in [README, ALL] {
            assert_eq!(results().out_of_date_in(&document(name)), [] as [&str; 0]);
        }
        assert!(document(ALL).stated.contains("| 4.00: **not reached** |"));
        assert!(document(README).stated.contains("engine auto | 2.00 ms | getSignedUrl of"));
        assert!(!document(README).stated.contains("two"));
    }

    #[test]
    fn a_changed_ratio_a_new_row_and_another_size_are_out_of_date() {
        for (name, rows) in [(README, 5), (ALL, 8)] {
            let mut changed = results();
            for row in &mut changed.rows {
                row.ratio *= 1.4;
            }
            assert_eq!(changed.out_of_date_in(&document(name)).len(), rows);
            changed = results();
            changed.module.gzip = 203;
            assert_eq!(changed.out_of_date_in(&document(name)).len(), 1);
        }
        let mut renamed = results();
        renamed.rows[1].work.push('!');
        assert_eq!(renamed.out_of_date_in(&document(ALL)), ["- docs/benchmarks.md: two! against a peer: not there"]);
    }

    #[test]
    fn what_the_readme_claims_is_what_was_measured() {
        let mut measured = results();
        let grant = measured.rows.iter_mut().find(|row| row.work.starts_with("`grant")).unwrap();
        grant.ours.median = 0.4;
        let [(_, english), (_, japanese)] = measured.claims().unwrap();
        assert_eq!(
            english,
            "Signing a URL with an ECDSA P-256 key takes 2000 µs, 3 times as fast as the AWS SDK. One signature for a whole folder gives \
             more than 2.5 million links a second. [Measured](#measured)"
        );
        assert!(japanese.contains("2000 µs") && japanese.contains("毎秒 250 万件以上"));
        assert!(results().claims().is_err());
        // The table says 54.5 and 13.0.
        let link = measured.rows.iter_mut().find(|row| row.is_in_readme()).unwrap();
        (link.ours.median, link.ratio) = (54.46, 12.96);
        assert!(measured.claims().unwrap()[0].1.contains(" 55 µs, 13 times"));
    }

    #[test]
    fn a_row_of_the_readme_that_was_not_measured_is_an_error() {
        let mut changed = results();
        changed.rows.pop();
        assert!(changed.main_table().unwrap_err().to_string().contains("a process from its start"));
    }

    #[test]
    fn a_row_that_is_missing_or_unknown_is_found() {
        let mut found = results();
        assert_eq!(found.rows_of(&document(ALL), &["Rust"]).unwrap(), 9);
        found.rows.remove(2);
        assert_eq!(found.rows_of(&document(ALL), &["Rust"]).unwrap(), 8);
        found.rows.remove(1);
        assert!(
            found.rows_of(&document(ALL), &["Rust"]).unwrap_err().to_string().contains("two against a peer has not come out")
        );
        found = results();
        found.rows[0].peer.push('!');
        assert!(found.rows_of(&document(ALL), &["Rust"]).unwrap_err().to_string().contains("one against a peer! is not in"));
        found = results();
        found.memory.clear();
        assert!(found.rows_of(&document(ALL), &["Rust"]).is_err());
    }
}
