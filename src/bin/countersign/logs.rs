//! `logs`: what CloudFront's access logs say about signed requests.

mod files;
mod page;
mod report;
mod table;

use std::fs;

use countersign::access_log::{Chunk, Judge, Judged, Record, Summary, Unreadable, shortened};
use countersign::date;
use serde::Serialize;

use crate::arguments::{Format, LogsArguments};
use crate::in_order::in_order;
use crate::key_group::verifier;
use crate::output::{Failure, Results, is_standard_output, shown, tell};
use crate::progress::Progress;
use files::{Files, Part};
use report::{Report, place, without_address};

/// Returns 1 if a file could not be read to its end; what was read counts all the same.
pub fn logs(arguments: &LogsArguments) -> Result<u8, Failure> {
    if arguments.output == Format::Json && arguments.html.as_deref().is_some_and(is_standard_output) {
        return Err(Failure::usage("page and JSON cannot both go to standard output".to_owned()));
    }
    let input = arguments.files.iter().any(|file| file == "-").then_some("a log");
    let judge = match arguments.public_keys.as_slice() {
        [] => Judge::without_keys(),
        keys => Judge::from(verifier(keys, input)?),
    };
    let files = Files::find(&arguments.files)?;
    let names = files.names();
    let progress = Progress::of_bytes(files.size(), "requests");
    let (mut results, mut summary, mut status) = (Results::open(), Summary::default(), 0);
    in_order(
        files.parts(),
        |part| Worked::of(part, &judge, arguments, &names),
        |worked: Worked| {
            results.write(&worked.lines)?;
            progress.add(worked.size, worked.summary.requests);
            summary.join(worked.summary);
            if let Some(failure) = worked.failure {
                status = 1;
                progress.suspended(|| tell(&failure));
            }
            Ok::<_, Failure>(())
        },
    )?;
    progress.finish();
    if let Some((file, line, why)) = &summary.first_unreadable {
        let name = names.get(*file).map(String::as_str).unwrap_or_default();
        let (count, place) = (summary.unreadable, place(name, *line));
        let lines = if count == 1 { "line" } else { "lines" };
        tell(&format_args!("{count} {lines} could not be read; the first is {place}: {}", shown(&why.to_string())));
        if summary.requests == 0 {
            return Err(Failure::with_hint(
                "no line could be read as one of CloudFront's standard access logs".to_owned(),
                "We read W3C with a #Fields line and JSON lines, plain or gzip.",
            ));
        }
    }
    let report = Report { summary: &summary, names: &names, full: arguments.full, has_keys: !arguments.public_keys.is_empty() };
    if let Some(path) = &arguments.html {
        let page = page::page(&report);
        if is_standard_output(path) {
            results.write(&page)?;
            return Ok(status);
        }
        fs::write(path, page).map_err(|error| Failure::other(format!("{} cannot be written: {error}", path.display())))?;
    }
    if arguments.output == Format::Text {
        results.write(&table::text(&report))?;
    }
    Ok(status)
}

/// What a part of a log has come to.
#[derive(Default)]
struct Worked {
    /// A line of JSON for each request, if that was asked for.
    lines: String,
    summary: Summary,
    failure: Option<Failure>,
    size: u64,
}

impl Worked {
    fn of(part: Part, judge: &Judge, arguments: &LogsArguments, names: &[String]) -> Self {
        let Part { file, read } = part;
        let name = names.get(file).map(String::as_str).unwrap_or_default();
        match read {
            Ok((chunk, size)) => {
                let mut worked = Self { size, ..Self::default() };
                worked.work_on(&chunk, file, judge, arguments, (names.len() > 1).then_some(name));
                worked
            }
            Err(error) => {
                let failure = Failure::with_hint(
                    format!("{} cannot be read to its end: {error}", if name.is_empty() { "standard input" } else { name }),
                    "Everything before that was counted.",
                );
                let lines = match arguments.output {
                    Format::Json => json_failure((names.len() > 1).then_some(name), &failure),
                    Format::Text => String::new(),
                };
                Self { lines, failure: Some(failure), ..Self::default() }
            }
        }
    }

    fn work_on(&mut self, chunk: &Chunk, file: usize, judge: &Judge, arguments: &LogsArguments, name: Option<&str>) {
        for (line, record) in chunk.records() {
            let judged = record.map(|record| (judge.judge(&record), record));
            if arguments.output == Format::Json {
                self.lines.push_str(&json_line(name, line, &judged, arguments.full));
            }
            self.summary.add(file, line, judged);
        }
    }
}

/// One request. Names and their order stay as they are.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Row<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<&'a str>,
    line: u64,
    at: String,
    status: u16,
    decision: &'static str,
    code: Option<&'static str>,
    reason: Option<String>,
    reason_code: &'a str,
    key_pair_id: Option<&'a str>,
    agrees: Option<bool>,
    address: Option<String>,
    host: Option<&'a str>,
    path: &'a str,
}

#[derive(Serialize)]
struct UnreadableRow<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<&'a str>,
    line: u64,
    error: Message,
}

/// Why a file ends early, where its next line would be.
fn json_failure(file: Option<&str>, failure: &Failure) -> String {
    let mut row = failure.to_json();
    if let (Some(file), Some(row)) = (file, row.as_object_mut()) {
        row.shift_insert(0, "file".to_owned(), file.into());
    }
    format!("{row}\n")
}

#[derive(Serialize)]
struct Message {
    message: String,
}

fn json_line(file: Option<&str>, line: u64, judged: &Result<(Judged, Record<'_>), Unreadable>, full: bool) -> String {
    let text = match judged {
        Err(why) => serde_json::to_string(&UnreadableRow { file, line, error: Message { message: why.to_string() } }),
        Ok((judged, record)) => {
            let address = record.address.as_deref();
            serde_json::to_string(&Row {
                file,
                line,
                at: date::utc(judged.at),
                status: record.status,
                decision: judged.verdict.as_str(),
                code: judged.code.map(countersign::verifier::DenialCode::as_str),
                reason: (!judged.reason.is_empty()).then(|| without_address(&judged.reason, address, full)),
                reason_code: &judged.reason_code,
                key_pair_id: judged.key_pair_id.as_deref(),
                agrees: judged.agrees(),
                address: address.map(|address| if full { address.to_owned() } else { shortened(address) }),
                host: record.host.as_deref(),
                path: &record.path,
            })
        }
    };
    // Nothing that is printed has a map whose keys are no text.
    text.unwrap_or_default() + "\n"
}
