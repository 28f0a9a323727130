//! `inspect`.

use std::io::Read as _;
use std::path::Path;

use countersign::ErrorCode;
use countersign::date;
use countersign::inspect::{Inspection, Moment, Severity, inspect_at};

use crate::arguments::{Format, InspectArguments, UrlArguments};
use crate::inputs::moment;
use crate::many::{Answer, Stream, Urls, answer_each};
use crate::output::{Failure, bad, doubtful, json, json_line, print, row, shown};
use crate::patient::Patient;

/// More than all cookies of a request: what is longer is a list.
const COOKIES_AT_MOST: u64 = 64 * 1024;

pub fn inspect(arguments: &InspectArguments) -> Result<u8, Failure> {
    let at = arguments.at.as_deref().map(moment).transpose()?;
    let look = |text: &str| -> Result<Inspection, Failure> { Ok(inspect_at(text, at.map_or_else(date::now, Ok)?)?) };
    match what_to_inspect(arguments)? {
        Urls::One(text) => {
            let inspection = look(&text).map_err(|failure| of_a_file(&text).unwrap_or(failure))?;
            print(&match arguments.output {
                Format::Json => json(&inspection),
                Format::Text => for_people(&inspection),
            })?;
            Ok(status(&inspection))
        }
        Urls::Many(many) => answer_each(many, arguments.output, "lines", |line, text| {
            let inspection = look(text)?;
            Ok(Answer {
                text: match arguments.output {
                    Format::Json => json_line(line, &inspection),
                    Format::Text => format!("line          {line}\n{}\n", for_people(&inspection)),
                },
                status: status(&inspection),
            })
        }),
    }
}

/// The failure for the name of a file.
fn of_a_file(text: &str) -> Option<Failure> {
    let message = format!("{text} is a file; inspect takes a URL or cookies");
    let failure =
        Failure::with_hint(message, "- reads standard input: countersign inspect - < FILE.").with_code(ErrorCode::InvalidUrl);
    Path::new(text.strip_prefix("file://").unwrap_or(text)).is_file().then_some(failure)
}

/// Standard input, unless it is called a URL, may be cookies on several lines.
fn what_to_inspect(arguments: &InspectArguments) -> Result<Urls, Failure> {
    let InspectArguments { inputs, url, .. } = arguments;
    if !matches!(inputs.as_slice(), [one] if one == "-") {
        return Ok(Urls::of(&UrlArguments { urls: inputs.clone(), url: url.clone() }));
    }
    let mut begun = Vec::new();
    let read = Patient(std::io::stdin()).take(COOKIES_AT_MOST).read_to_end(&mut begun);
    read.map_err(|error| Failure::other(format!("standard input cannot be read: {error}")))?;
    let first = begun.trim_ascii_start();
    let is_a_list = [&b"http://"[..], b"https://"].iter().any(|scheme| {
        first.get(..scheme.len()).is_some_and(|beginning| beginning.eq_ignore_ascii_case(scheme))
            && first.trim_ascii_end().contains(&b'\n')
    });
    if is_a_list || begun.len() as u64 == COOKIES_AT_MOST {
        return Ok(Urls::Many(Stream::begun(begun)));
    }
    Ok(Urls::One(String::from_utf8_lossy(&begun).into_owned()))
}

/// Something that CloudFront refuses is a denial.
fn status(inspection: &Inspection) -> u8 {
    if inspection.findings.iter().any(|finding| finding.severity == Severity::Error) { 3 } else { 0 }
}

/// What looks wrong comes first, then what is in it.
fn for_people(inspection: &Inspection) -> String {
    let mut out = String::new();
    for finding in &inspection.findings {
        // The colour's own characters take no room.
        let name = format!("{:<14}", finding.severity.as_str());
        let name = match finding.severity {
            Severity::Error => bad(&name),
            Severity::Warning => doubtful(&name),
            Severity::Note => name,
        };
        out.push_str(&format!("{name}{}\n", shown(&finding.message)));
    }
    let mut line = |name: &str, value: &str| out.push_str(&row(name, value));
    line("source", inspection.source.as_str());
    if let Some(url) = &inspection.url {
        line("URL", url);
    }
    line("key pair id", inspection.key_pair_id.as_deref().unwrap_or("none"));
    line("hash", &inspection.algorithm);
    if let Some(signature) = &inspection.signature {
        line("signature", &format!("{} bytes, {}", signature.bytes, signature.key_type.unwrap_or("of an unknown kind")));
    }
    if let Some(policy) = &inspection.policy {
        line("policy", policy.kind);
        line("resource", policy.resource.as_deref().unwrap_or("none"));
        for (name, moment) in [("until", &policy.date_less_than), ("from", &policy.date_greater_than)] {
            if let Some(moment) = moment {
                line(name, &time(moment));
            }
        }
        if let Some(address) = &policy.ip_address {
            line("address", address);
        }
        // A canned policy has no more than the lines above.
        let pretty = policy.pretty.as_ref().filter(|_| policy.kind != "canned");
        for (name, text) in [("signed text", policy.json.as_ref()), ("indented", pretty)] {
            for (index, text) in text.into_iter().flat_map(|text| text.lines()).enumerate() {
                line(if index == 0 { name } else { "" }, text);
            }
        }
    }
    out
}

fn time(Moment { seconds, utc, relative, .. }: &Moment) -> String {
    format!("{utc}, {relative} ({seconds})")
}
