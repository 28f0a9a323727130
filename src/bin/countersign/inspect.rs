//! `inspect`.

use std::fmt::Write as _;

use countersign::inspect::{Inspection, Moment, inspect as look};

use crate::arguments::{Format, InspectArguments};
use crate::inputs::{moment, url_or_cookies};
use crate::output::{Failure, json, shown};

pub fn inspect(arguments: &InspectArguments) -> Result<String, Failure> {
    let inspection = look(&url_or_cookies(&arguments.input)?, moment(arguments.at.as_deref())?)?;
    Ok(match arguments.output {
        Format::Json => json(&inspection),
        Format::Text => for_people(&inspection),
    })
}

fn for_people(inspection: &Inspection) -> String {
    let mut out = String::new();
    let mut line = |name: &str, value: &str| {
        // A String takes everything that is written to it.
        let _ = writeln!(out, "{name:<14}{}", shown(value));
    };
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
        for (name, text) in [("signed text", &policy.json), ("indented", &policy.pretty)] {
            for (index, text) in text.iter().flat_map(|text| text.lines()).enumerate() {
                line(if index == 0 { name } else { "" }, text);
            }
        }
    }
    for finding in &inspection.findings {
        line(finding.severity.as_str(), &finding.message);
    }
    out
}

fn time(Moment { seconds, utc, relative }: &Moment) -> String {
    format!("{utc}, {relative} ({seconds})")
}
