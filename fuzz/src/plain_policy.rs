//! A policy, as AWS describes it: one statement, the members that AWS names, each once.

use crate::json::{Json, parse};

/// 2262-04-11T23:47:16Z, the last second that CloudFront accepts.
const LATEST: i64 = 9_223_372_036;

#[derive(Debug, PartialEq, Eq)]
pub struct Policy {
    pub resource: Option<String>,
    pub date_less_than: i64,
    pub date_greater_than: Option<i64>,
    pub ip_address: Option<String>,
}

/// Why a policy allows nothing.
#[derive(Debug, PartialEq, Eq)]
pub enum Fault {
    /// CloudFront cannot read it.
    Malformed,
    /// It can be read, but no request can meet it.
    NeverMet,
}

pub fn read(text: &str) -> Result<Policy, Fault> {
    let document = parse(text).ok_or(Fault::Malformed)?;
    let [Json::Array(statements)] = members(&document, ["Statement"])? else { return Err(Fault::Malformed) };
    let [statement] = statements.as_slice() else { return Err(Fault::Malformed) };
    let [resource, condition] = optional_members(statement, ["Resource", "Condition"])?;
    let resource = match resource {
        None => None,
        Some(Json::Text(text)) => Some(text.clone()),
        Some(_) => return Err(Fault::Malformed),
    };
    let condition = condition.ok_or(Fault::Malformed)?;
    let [end, start, address] = optional_members(condition, ["DateLessThan", "DateGreaterThan", "IpAddress"])?;
    let date_less_than = seconds(end.ok_or(Fault::Malformed)?)?;
    let date_greater_than = start.map(seconds).transpose()?;
    let ip_address = address.map(range).transpose()?;
    if let Some(address) = &ip_address
        && network(address).is_none()
    {
        let is_address_without_mask = network(&format!("{address}/32")).is_some();
        return Err(if is_address_without_mask { Fault::Malformed } else { Fault::NeverMet });
    }
    if date_greater_than.is_some_and(|start| start >= date_less_than) {
        return Err(Fault::NeverMet);
    }
    Ok(Policy { resource, date_less_than, date_greater_than, ip_address })
}

/// An IPv4 range: the address as a number, and how many of its bits count.
pub fn network(range: &str) -> Option<(u32, u32)> {
    let (address, bits) = range.split_once('/')?;
    let bits = decimal(bits).filter(|bits| *bits <= 32)?;
    Some((ipv4(address)?, bits))
}

pub fn ipv4(text: &str) -> Option<u32> {
    let parts: Vec<&str> = text.split('.').collect();
    let octet = |address: u32, part: &&str| Some(address << 8 | decimal(part).filter(|octet| *octet <= 255)?);
    if parts.len() == 4 { parts.iter().try_fold(0, octet) } else { None }
}

/// Digits without a leading zero.
fn decimal(text: &str) -> Option<u32> {
    let is_plain = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    if is_plain { text.parse().ok() } else { None }
}

fn optional_members<'a, const N: usize>(value: &'a Json, names: [&str; N]) -> Result<[Option<&'a Json>; N], Fault> {
    let Json::Object(members) = value else { return Err(Fault::Malformed) };
    let mut found = [None; N];
    for (name, value) in members {
        let at = names.iter().position(|known| known == name).ok_or(Fault::Malformed)?;
        if found[at].replace(value).is_some() {
            return Err(Fault::Malformed);
        }
    }
    Ok(found)
}

fn members<'a, const N: usize>(value: &'a Json, names: [&str; N]) -> Result<[&'a Json; N], Fault> {
    let found = optional_members(value, names)?;
    if found.iter().any(Option::is_none) {
        return Err(Fault::Malformed);
    }
    Ok(found.map(|value| value.expect("none is missing")))
}

fn seconds(value: &Json) -> Result<i64, Fault> {
    let [Json::Number(written)] = members(value, ["AWS:EpochTime"])? else { return Err(Fault::Malformed) };
    let number: i64 = written.parse().map_err(|_| Fault::Malformed)?;
    if written == "-0" || !(0..=LATEST).contains(&number) { Err(Fault::Malformed) } else { Ok(number) }
}

fn range(value: &Json) -> Result<String, Fault> {
    let [Json::Text(range)] = members(value, ["AWS:SourceIp"])? else { return Err(Fault::Malformed) };
    Ok(range.clone())
}
