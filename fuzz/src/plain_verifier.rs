//! CloudFront's decision, written a second time: from AWS's pages on signed URLs and cookies and, where they are silent, from
//! docs/verifying.md.

use url::Url;

use crate::base64::decode;
use crate::keys::signature_is_right;
use crate::plain_policy::{self, Fault, Policy, ipv4, network};
use crate::plain_resource::covers;

pub struct Request<'a> {
    pub url: &'a str,
    pub cookies: &'a str,
    pub ip_address: Option<&'a str>,
    pub now: i64,
}

#[derive(Debug, PartialEq, Eq)]
pub enum Decision {
    Allowed {
        in_url: bool,
        key_pair_id: String,
        url: String,
        policy: Policy,
    },
    /// CloudFront's code.
    Denied(&'static str),
}

const PARAMETERS: [&str; 5] = ["Expires", "Policy", "Signature", "Key-Pair-Id", "Hash-Algorithm"];

pub fn decide(trusted: &[&str], request: &Request<'_>) -> Decision {
    check(trusted, request).unwrap_or_else(Decision::Denied)
}

fn check(trusted: &[&str], request: &Request<'_>) -> Result<Decision, &'static str> {
    const DENIED: &str = "AccessDenied";
    if request.url.len() > 8192 || request.cookies.len() > 32768 {
        return Err(DENIED);
    }
    let parsed = Url::parse(request.url).map_err(|_| DENIED)?;
    if !["http", "https"].contains(&parsed.scheme()) || !parsed.username().is_empty() || parsed.password().is_some() {
        return Err(DENIED);
    }
    let written = request.url.trim_matches(' ');
    let mut asked = parsed.clone();
    asked.set_fragment(None);
    let asked = as_it_came(written, asked.as_str());
    let (base, query) = match asked.split_once('?') {
        Some((base, query)) => (base, query.split('&').collect()),
        None => (asked.as_str(), Vec::new()),
    };
    let (given, own): (Vec<&str>, Vec<&str>) = query.into_iter().partition(|part| PARAMETERS.contains(&name(part)));
    let url = if own.is_empty() { base.to_owned() } else { format!("{base}?{}", own.join("&")) };

    let in_url = !given.is_empty();
    let given: Vec<(&str, String)> = if in_url {
        given.into_iter().map(|part| (name(part), part.split_once('=').map_or("", |(_, value)| value).to_owned())).collect()
    } else {
        cookies(request.cookies)
    };
    if PARAMETERS.iter().any(|wanted| given.iter().filter(|(name, _)| name == wanted).count() > 1) {
        return Err(DENIED);
    }
    if in_url && given.iter().all(|(name, _)| *name == "Hash-Algorithm") {
        return Err("MissingKey");
    }
    let value = |wanted: &str| {
        given.iter().find(|(name, _)| *name == wanted).map(|(_, value)| String::from_utf8_lossy(&unescaped(value)).into_owned())
    };

    let id = value("Key-Pair-Id").filter(|id| !id.is_empty()).ok_or("MissingKey")?;
    if !trusted.contains(&id.as_str()) {
        return Err("InvalidKey");
    }
    let signature = value("Signature").and_then(|text| decode(&text)).filter(|bytes| !bytes.is_empty());
    let signature = signature.ok_or("MalformedSignature")?;
    let sent = value("Policy");
    let is_canned = sent.is_none();
    let signed = match sent {
        Some(encoded) => decode(&encoded).and_then(|bytes| String::from_utf8(bytes).ok()).ok_or("MalformedPolicy")?,
        None => {
            let expires = value("Expires").ok_or("MalformedPolicy")?;
            let seconds: i64 = expires.parse().map_err(|_| "MalformedPolicy")?;
            if seconds.to_string() != expires || seconds < 0 {
                return Err("MalformedPolicy");
            }
            let resource = url.replace('\\', "\\\\").replace('"', "\\\"");
            format!(
                r#"{{"Statement":[{{"Resource":"{resource}","Condition":{{"DateLessThan":{{"AWS:EpochTime":{seconds}}}}}}}]}}"#
            )
        }
    };
    if is_ambiguous(written) {
        return Err(DENIED);
    }
    let hash = value("Hash-Algorithm").unwrap_or("SHA1".to_owned());
    if hash != "SHA1" && hash != "SHA256" {
        return Err(DENIED);
    }
    if !signature_is_right(&id, hash == "SHA256", signed.as_bytes(), &signature) {
        return Err(DENIED);
    }

    let policy = plain_policy::read(&signed).map_err(|fault| match fault {
        Fault::Malformed => "MalformedPolicy",
        Fault::NeverMet => DENIED,
    })?;
    if let Some(resource) = policy.resource.as_deref().filter(|_| !is_canned) {
        let has_protocol = ["http://", "https://", "http*://"].iter().any(|protocol| resource.starts_with(protocol));
        if !in_url && !has_protocol || !covers(resource, &url) {
            return Err(DENIED);
        }
    }
    if policy.date_less_than <= request.now || policy.date_greater_than.is_some_and(|start| start >= request.now) {
        return Err(DENIED);
    }
    if let Some(range) = &policy.ip_address {
        let (network, bits) = network(range).ok_or(DENIED)?;
        let viewer = request.ip_address.and_then(address).ok_or(DENIED)?;
        if (0..bits).any(|bit| (network ^ viewer) >> (31 - bit) & 1 == 1) {
            return Err(DENIED);
        }
    }
    Ok(Decision::Allowed { in_url, key_pair_id: id, url, policy })
}

/// Whether parsers and servers may read the path differently.
fn is_ambiguous(written: &str) -> bool {
    let Some((scheme, after)) = written.split_once("://") else { return true };
    if written.chars().any(char::is_control) || scheme.contains(['/', '\\']) || after.starts_with('/') {
        return true;
    }
    let address = after.split(['?', '#']).next().unwrap_or_default();
    // First escapes, byte by byte; then the overlong forms that old servers read as a dot, a slash or a backslash.
    let decoded = unescaped(address)
        .into_iter()
        .map(char::from)
        .collect::<String>()
        .replace("\u{c0}\u{ae}", ".")
        .replace("\u{c0}\u{af}", "/")
        .replace("\u{c1}\u{9c}", "\\");
    let name = |segment: &str| segment.split([';', '\0']).next().unwrap_or_default().trim_end_matches(|c| c <= ' ').to_owned();
    let mut segments = decoded.split(['/', '\\']).skip(1);
    address.contains('\\') || segments.any(|segment| [".", ".."].contains(&name(segment).as_str()))
}

/// The request byte for byte, after scheme and host. What no request line can contain is as the parser writes it.
fn as_it_came(written: &str, parsed: &str) -> String {
    let authority = |text: &str| {
        let from = text.find("://").map_or(0, |at| at + 3);
        from + text[from..].find(['/', '?', '#']).unwrap_or(text.len() - from)
    };
    let tail = &written[authority(written)..];
    if !tail.bytes().all(|byte| byte.is_ascii_graphic()) {
        return parsed.to_owned();
    }
    let tail = tail.split('#').next().unwrap_or_default();
    format!("{}{}{tail}", &parsed[..authority(parsed)], if tail.starts_with('/') { "" } else { "/" })
}

/// Whether a text is a `Cookie` header's value, and not one of the other copied forms that the core reads too.
pub fn is_plain_header(cookies: &str) -> bool {
    let is_plain = |cookie: &str| {
        let name = cookie.split_once('=').map_or(cookie, |(name, _)| name);
        cookie.rfind("CloudFront-") == Some(0) && !name.contains([' ', '%', '\\'])
    };
    !cookies.contains(['\n', '\r', '\t', '{', '[', '"', '\'', ':'])
        && cookies.split(';').map(str::trim).filter(|cookie| cookie.contains("CloudFront-")).all(is_plain)
}

fn name(part: &str) -> &str {
    part.split_once('=').map_or(part, |(name, _)| name)
}

fn cookies(header: &str) -> Vec<(&str, String)> {
    let mut found = Vec::new();
    for cookie in header.split(';') {
        let Some((name, value)) = cookie.trim().split_once('=') else { continue };
        let Some(name) = name.strip_prefix("CloudFront-").filter(|name| PARAMETERS.contains(name)) else { continue };
        found.push((name, value.trim_matches('"').to_owned()));
    }
    found
}

/// The bytes of a text, percent-decoded.
fn unescaped(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let escape = match after {
            [high, low, ..] if *first == b'%' => (*high as char).to_digit(16).zip((*low as char).to_digit(16)),
            _ => None,
        };
        match escape {
            Some((high, low)) => {
                bytes.push((high << 4 | low) as u8);
                rest = &after[2..];
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    bytes
}

/// An IPv4 address, also if it is written as IPv6 (`::ffff:192.0.2.1`).
fn address(text: &str) -> Option<u32> {
    ipv4(text).or_else(|| match text.parse::<std::net::Ipv6Addr>().ok()?.segments() {
        [0, 0, 0, 0, 0, 0xffff, high, low] => Some(u32::from(high) << 16 | u32::from(low)),
        _ => None,
    })
}
