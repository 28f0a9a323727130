//! `sign`, `sign-cookies` and `public-key`.

use countersign::cookies::{CookieAttributes, SameSite, SignedCookies};
use countersign::date::{self, DateInput};
use countersign::{Algorithm, Conditions, Grant, Parameter, ReadyPolicy, Signer};
use serde_json::{Map, Value, json};

use crate::arguments::{
    AttributeArguments, ConditionArguments, Format, PublicKeyArguments, SignArguments, SignCookiesArguments, SignerArguments,
};
use crate::inputs::{one_from_standard_input, policy, private_key};
use crate::many::{Answer, Urls, answer_each};
use crate::output::{Failure, json, json_line, print};

pub fn sign(arguments: &SignArguments) -> Result<u8, Failure> {
    let urls = Urls::of(&arguments.urls);
    let reads_urls = matches!(&urls, Urls::Many(many) if many.reads_standard_input());
    one_input(&arguments.signer, &arguments.conditions, ("URLs", reads_urls.then_some("-")))?;
    let how = How::of(signer(&arguments.signer)?, arguments)?;
    match urls {
        Urls::One(url) => {
            let url = how.sign(&url)?;
            print(&match arguments.output {
                Format::Text => format!("{url}\n"),
                Format::Json => json(&json!({ "url": url })),
            })?;
            Ok(0)
        }
        Urls::Many(many) => {
            let how = how.for_many(arguments)?;
            answer_each(many, arguments.output, "URLs", |line, url| {
                let url = how.sign(url)?;
                Ok(Answer {
                    text: match arguments.output {
                        Format::Text => url + "\n",
                        Format::Json => json_line(line, &json!({ "url": url })),
                    },
                    status: 0,
                })
            })
        }
    }
}

/// How each URL comes to its signature.
enum How {
    /// A policy of its own.
    Each { signer: Signer, conditions: Conditions },
    /// The policy of this resource.
    Resource { signer: Signer, resource: String, conditions: Conditions },
    /// This policy.
    Ready { signer: Signer, policy: ReadyPolicy },
    /// One signature for all.
    Granted(Box<Grant>),
}

impl How {
    fn of(signer: Signer, arguments: &SignArguments) -> Result<Self, Failure> {
        Ok(match (what_to_sign(&arguments.conditions)?, &arguments.policy_resource) {
            (Ready(policy), _) => Self::Ready { signer, policy },
            (Built(conditions), None) => Self::Each { signer, conditions },
            (Built(conditions), Some(resource)) => Self::Resource { signer, resource: resource.clone(), conditions },
        })
    }

    /// Signs once for many URLs if the policy is the same. Durations count from one moment for all of them.
    fn for_many(self, arguments: &SignArguments) -> Result<Self, Failure> {
        let from_now = |conditions: Conditions| match arguments.conditions.now {
            Some(_) => Ok(conditions),
            None => date::now().map(|now| conditions.now(now)),
        };
        Ok(match self {
            Self::Ready { signer, policy } => Self::Granted(Box::new(signer.grant_policy(&policy)?)),
            // Without a star it is a policy for the URL that is the resource, and a custom one, with ? for any character, for others.
            Self::Resource { signer, resource, conditions } if resource.contains('*') => {
                Self::Granted(Box::new(signer.grant(&resource, &from_now(conditions)?)?))
            }
            Self::Resource { signer, resource, conditions } => {
                Self::Resource { signer, resource, conditions: from_now(conditions)? }
            }
            Self::Each { signer, conditions } => Self::Each { signer, conditions: from_now(conditions)? },
            granted @ Self::Granted(_) => granted,
        })
    }

    fn sign(&self, url: &str) -> countersign::Result<String> {
        match self {
            Self::Each { signer, conditions } => signer.sign_url(url, conditions),
            Self::Resource { signer, resource, conditions } => signer.sign_url(url, &conditions.clone().resource(resource)),
            Self::Ready { signer, policy } => signer.sign_url_with_policy(url, policy),
            Self::Granted(grant) => grant.url(url),
        }
    }
}

pub fn sign_cookies(arguments: &SignCookiesArguments) -> Result<u8, Failure> {
    one_input(&arguments.signer, &arguments.conditions, ("resource", None))?;
    let signer = signer(&arguments.signer)?;
    let cookies = match what_to_sign(&arguments.conditions)? {
        Ready(policy) => signer.sign_cookies_with_policy(&policy)?,
        Built(conditions) => signer.sign_cookies(arguments.resource.as_deref().unwrap_or_default(), &conditions)?,
    };
    if arguments.set_cookie {
        let lines = cookies.set_cookie(&attributes(&arguments.attributes, arguments.conditions.now.as_deref())?)?;
        print(&lines.iter().map(|line| format!("Set-Cookie: {line}\n")).collect::<String>())?;
        return Ok(0);
    }
    print(&match arguments.output {
        Format::Text => cookies.pairs().iter().map(|(name, value)| format!("{name}={value}\n")).collect(),
        Format::Json => json(&json_map(&cookies)),
    })?;
    Ok(0)
}

pub fn public_key(arguments: &PublicKeyArguments) -> Result<u8, Failure> {
    print(&private_key(&arguments.key, false)?.public_key().to_pem()?)?;
    Ok(0)
}

pub fn signer(arguments: &SignerArguments) -> Result<Signer, Failure> {
    let algorithm = arguments.hash_algorithm.as_deref().map(|name| name.to_ascii_uppercase().parse::<Algorithm>()).transpose()?;
    let key = private_key(&arguments.key, arguments.allow_unsupported_key)?;
    Ok(match algorithm {
        Some(algorithm) => Signer::with_algorithm(&arguments.key_pair_id, key, algorithm)?,
        None => Signer::new(&arguments.key_pair_id, key)?,
    })
}

/// Refuses two things from standard input: the key, its passphrase, the policy, and what the command itself reads.
pub fn one_input(signer: &SignerArguments, conditions: &ConditionArguments, own: (&str, Option<&str>)) -> Result<(), Failure> {
    let SignerArguments { key, .. } = signer;
    one_from_standard_input(&[
        ("key", key.private_key.as_deref()),
        ("passphrase", key.passphrase.as_deref()),
        ("policy", conditions.policy.as_deref()),
        own,
    ])
}

/// A policy as it is, or one to be built.
pub enum WhatToSign {
    Ready(ReadyPolicy),
    Built(Conditions),
}
use WhatToSign::{Built, Ready};

pub fn what_to_sign(arguments: &ConditionArguments) -> Result<WhatToSign, Failure> {
    if let Some(source) = &arguments.policy {
        let mut ready = ReadyPolicy::new(policy(source)?).allow_expired(arguments.allow_expired);
        if let Some(now) = &arguments.now {
            ready = ready.now(now.as_str());
        }
        return Ok(Ready(ready));
    }
    // clap requires it.
    let date_less_than = arguments.date_less_than.as_deref().unwrap_or_default();
    let mut conditions = Conditions::new(date_less_than).allow_expired(arguments.allow_expired);
    if let Some(date) = &arguments.date_greater_than {
        conditions = conditions.date_greater_than(date.as_str());
    }
    if let Some(address) = &arguments.ip_address {
        conditions = conditions.ip_address(address);
    }
    if let Some(duration) = &arguments.round_up_to {
        conditions = conditions.round_up_to(duration.as_str());
    }
    if let Some(now) = &arguments.now {
        conditions = conditions.now(now.as_str());
    }
    Ok(Built(conditions))
}

fn attributes(arguments: &AttributeArguments, now: Option<&str>) -> Result<CookieAttributes, Failure> {
    let mut attributes = CookieAttributes::new()
        .secure(!arguments.no_secure)
        .http_only(!arguments.no_http_only)
        .partitioned(arguments.partitioned);
    if let Some(domain) = &arguments.domain {
        attributes = attributes.domain(domain);
    }
    if let Some(path) = &arguments.path {
        attributes = attributes.path(path);
    }
    if let Some(seconds) = arguments.max_age {
        attributes = attributes.max_age(seconds);
    }
    if let Some(date) = &arguments.expires {
        attributes = attributes.expires(from_now(date, now)?);
    }
    if let Some(name) = &arguments.same_site {
        attributes = attributes.same_site(same_site(name)?);
    }
    Ok(attributes)
}

/// Expires of a cookie as a moment: a duration counts from `--now`, as it does in the policy.
fn from_now(expires: &str, now: Option<&str>) -> Result<DateInput, Failure> {
    let clock = date::now()?;
    let now = now.map_or(Ok(clock), |now| DateInput::from(now).resolve(Parameter::Now, clock))?;
    Ok(DateInput::from(expires).resolve(Parameter::CookieExpires, now)?.into())
}

/// In any case, as the other values.
fn same_site(name: &str) -> countersign::Result<SameSite> {
    let known = [SameSite::Strict, SameSite::Lax, SameSite::None].into_iter();
    known.into_iter().find(|mode| mode.as_str().eq_ignore_ascii_case(name)).map_or_else(|| name.parse(), Ok)
}

/// Names and values as `aws cloudfront sign-cookies` prints them: every value is text.
fn json_map(cookies: &SignedCookies) -> Value {
    let pairs = cookies.pairs().into_iter().map(|(name, value)| (name.to_owned(), Value::from(value)));
    Value::Object(pairs.collect::<Map<_, _>>())
}
