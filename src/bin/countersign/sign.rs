//! `sign`, `sign-cookies` and `public-key`.

use countersign::cookies::{CookieAttributes, SignedCookies, set_cookie};
use countersign::date::{self, DateInput};
use countersign::{Algorithm, Conditions, ReadyPolicy, Signer};
use serde_json::{Map, Value, json};

use crate::arguments::{
    AttributeArguments, ConditionArguments, Format, PublicKeyArguments, SignArguments, SignCookiesArguments, SignerArguments,
};
use crate::inputs::{policy, private_key};
use crate::output::{Failure, json};

pub fn sign(arguments: &SignArguments) -> Result<String, Failure> {
    let signer = signer(&arguments.signer)?;
    let url = match what_to_sign(&arguments.conditions)? {
        Ready(policy) => signer.sign_url_with_policy(&arguments.url, &policy)?,
        Built(conditions) => match &arguments.policy_resource {
            Some(resource) => signer.sign_url_for_resource(&arguments.url, resource, &conditions)?,
            None => signer.sign_url(&arguments.url, &conditions)?,
        },
    };
    Ok(match arguments.output {
        Format::Text => format!("{url}\n"),
        Format::Json => json(&json!({ "url": url })),
    })
}

pub fn sign_cookies(arguments: &SignCookiesArguments) -> Result<String, Failure> {
    let signer = signer(&arguments.signer)?;
    let cookies = match what_to_sign(&arguments.conditions)? {
        Ready(policy) => signer.sign_cookies_with_policy(&policy)?,
        Built(conditions) => signer.sign_cookies(arguments.resource.as_deref().unwrap_or_default(), &conditions)?,
    };
    if arguments.set_cookie {
        let lines = set_cookie(&cookies.pairs(), &attributes(&arguments.attributes, arguments.conditions.now.as_deref())?)?;
        return Ok(lines.iter().map(|line| format!("Set-Cookie: {line}\n")).collect());
    }
    Ok(match arguments.output {
        Format::Text => cookies.pairs().iter().map(|(name, value)| format!("{name}={value}\n")).collect(),
        Format::Json => json(&json_map(&cookies)),
    })
}

pub fn public_key(arguments: &PublicKeyArguments) -> Result<String, Failure> {
    Ok(private_key(&arguments.key, false)?.public_key().to_pem()?)
}

fn signer(arguments: &SignerArguments) -> Result<Signer, Failure> {
    let algorithm = arguments.hash_algorithm.as_deref().map(str::parse::<Algorithm>).transpose()?;
    let key = private_key(&arguments.key, arguments.allow_unsupported_key)?;
    Ok(match algorithm {
        Some(algorithm) => Signer::with_algorithm(&arguments.key_pair_id, key, algorithm)?,
        None => Signer::new(&arguments.key_pair_id, key)?,
    })
}

enum WhatToSign {
    Ready(ReadyPolicy),
    Built(Conditions),
}
use WhatToSign::{Built, Ready};

fn what_to_sign(arguments: &ConditionArguments) -> Result<WhatToSign, Failure> {
    if let Some(source) = &arguments.policy {
        let mut ready = ReadyPolicy::new(policy(source)?).allow_expired(arguments.allow_expired);
        if let Some(now) = &arguments.now {
            ready = ready.now(now.as_str());
        }
        return Ok(Ready(ready));
    }
    // clap has seen to it that it is there.
    let date_less_than = arguments.date_less_than.as_deref().unwrap_or_default();
    let mut conditions = Conditions::new(date_less_than).allow_expired(arguments.allow_expired);
    if let Some(date) = &arguments.date_greater_than {
        conditions = conditions.date_greater_than(date.as_str());
    }
    if let Some(address) = &arguments.ip_address {
        conditions = conditions.ip_address(address);
    }
    if let Some(now) = &arguments.now {
        conditions = conditions.now(now.as_str());
    }
    Ok(Built(conditions))
}

fn attributes(arguments: &AttributeArguments, now: Option<&str>) -> Result<CookieAttributes, Failure> {
    Ok(CookieAttributes {
        domain: arguments.domain.clone(),
        path: arguments.path.clone(),
        max_age: arguments.max_age,
        expires: arguments.expires.as_deref().map(|date| from_now(date, now)).transpose()?,
        secure: !arguments.no_secure,
        http_only: !arguments.no_http_only,
        same_site: arguments.same_site.as_deref().map(str::parse).transpose()?,
        partitioned: arguments.partitioned,
    })
}

/// Expires of a cookie as a moment: a duration counts from `--now`, as it does in the policy.
fn from_now(expires: &str, now: Option<&str>) -> Result<DateInput, Failure> {
    let clock = date::now()?;
    let now = now.map_or(Ok(clock), |now| DateInput::from(now).resolve("now", clock))?;
    Ok(DateInput::from(expires).resolve("expires", now)?.into())
}

/// Names and values as `aws cloudfront sign-cookies` prints them, `CloudFront-Expires` as a number.
fn json_map(cookies: &SignedCookies) -> Value {
    let pairs = cookies.pairs().into_iter().map(|(name, value)| {
        let value = match cookies.expires() {
            Some(seconds) if name == "CloudFront-Expires" => Value::from(seconds),
            _ => Value::from(value),
        };
        (name.to_owned(), value)
    });
    Value::Object(pairs.collect::<Map<_, _>>())
}
