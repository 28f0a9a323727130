//! `verify`.

use std::fmt::Write as _;

use countersign::date;
use countersign::verifier::{Access, Decision, Denial, Request};

use crate::arguments::{Format, VerifyArguments};
use crate::inputs::{moment, url_or_cookies};
use crate::key_group::verifier;
use crate::output::{Failure, json, shown};

/// What is printed, and whether the request is allowed.
pub fn verify(arguments: &VerifyArguments) -> Result<(String, bool), Failure> {
    let now = moment(arguments.at.as_deref())?;
    let cookies = url_or_cookies(arguments.cookies.as_deref().unwrap_or_default())?;
    let mut request = Request::new(&arguments.url, now).cookies(&cookies);
    if let Some(address) = &arguments.ip_address {
        request = request.ip_address(address);
    }
    let decision = verifier(&arguments.keys)?.verify(&request);
    let text = match (arguments.output, &decision) {
        (Format::Json, decision) => json(decision),
        (Format::Text, Decision::Allowed(access)) => allowed(access),
        (Format::Text, Decision::Denied(denial)) => denied(denial),
    };
    Ok((text, decision.is_allowed()))
}

fn allowed(access: &Access) -> String {
    let Access { source, key_pair_id, url, policy, remaining, warnings } = access;
    let mut out = format!("allowed, for another {}\n", date::span(*remaining));
    let mut line = |name: &str, value: &str| {
        // A String takes everything that is written to it.
        let _ = writeln!(out, "{name:<14}{}", shown(value));
    };
    line("source", source.as_str());
    line("key pair id", key_pair_id);
    line("URL", url);
    line("resource", policy.resource.as_deref().unwrap_or("everything that the key may open"));
    line("until", &date::utc(policy.date_less_than));
    if let Some(start) = policy.date_greater_than {
        line("from", &date::utc(start));
    }
    if let Some(range) = &policy.ip_address {
        line("address", range);
    }
    for warning in warnings {
        line("warning", warning);
    }
    out
}

fn denied(denial: &Denial) -> String {
    let Denial { code, reason } = denial;
    format!("denied: {}\nCloudFront answers {}, {}: {}\n", shown(reason), Denial::STATUS, code.as_str(), code.message())
}
