//! `verify`.

use countersign::date;
use countersign::verifier::{Access, Decision, Denial, Request};

use crate::arguments::{Format, VerifyArguments};
use crate::inputs::{cookies, moment};
use crate::key_group::verifier;
use crate::many::{Answer, Urls, answer_each, numbered};
use crate::output::{Failure, bad, good, json, json_line, print, row, shown};

pub fn verify(arguments: &VerifyArguments) -> Result<u8, Failure> {
    let urls = Urls::of(&arguments.urls);
    let cookies_given = arguments.cookies.as_deref().unwrap_or_default();
    let reads_urls = matches!(&urls, Urls::Many(many) if many.reads_standard_input());
    if cookies_given == "-" && reads_urls {
        return Err(Failure::usage("cookies and URLs cannot both come from standard input".to_owned()));
    }
    let input = if reads_urls { Some("URLs") } else { (cookies_given == "-").then_some("cookies") };
    let (verifier, cookies) = (verifier(&arguments.keys.public_keys, input)?, cookies(cookies_given)?);
    let at = arguments.at.as_deref().map(moment).transpose()?;
    let decide = |url: &str| -> Result<Decision, Failure> {
        let mut request = Request::new(url).cookies(&cookies);
        if let Some(at) = at {
            request = request.now(at);
        }
        if let Some(address) = &arguments.ip_address {
            request = request.ip_address(address);
        }
        Ok(verifier.verify(&request)?)
    };
    match urls {
        Urls::One(url) => {
            let decision = decide(&url)?;
            print(&match (arguments.output, &decision) {
                (Format::Json, decision) => json(decision),
                (Format::Text, Decision::Allowed(access)) => allowed(access),
                (Format::Text, Decision::Denied(denial)) => denied(denial),
            })?;
            Ok(status(&decision))
        }
        Urls::Many(many) => answer_each(many, arguments.output, "URLs", |line, url| {
            let decision = decide(url)?;
            Ok(Answer {
                text: match (arguments.output, &decision) {
                    (Format::Json, decision) => json_line(line, decision),
                    (Format::Text, Decision::Allowed(Access { url, remaining, .. })) => {
                        numbered(line, &good("allowed"), [url, &format!("for another {}", date::span(*remaining))])
                    }
                    (Format::Text, Decision::Denied(Denial { code, reason, .. })) => {
                        numbered(line, &bad("denied"), [code.as_str(), reason])
                    }
                },
                status: status(&decision),
            })
        }),
    }
}

/// The status tells a script the decision.
fn status(decision: &Decision) -> u8 {
    if decision.is_allowed() { 0 } else { 3 }
}

fn allowed(access: &Access) -> String {
    let Access { source, key_pair_id, url, policy, remaining, warnings, .. } = access;
    let mut out = format!("{}, for another {}\n", good("allowed"), date::span(*remaining));
    let mut line = |name: &str, value: &str| out.push_str(&row(name, value));
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
    let Denial { code, reason, .. } = denial;
    format!(
        "{}: {}\nCloudFront answers {}, {}: {}\n",
        bad("denied"),
        shown(reason),
        Denial::STATUS,
        code.as_str(),
        code.message()
    )
}
