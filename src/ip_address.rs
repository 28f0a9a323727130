//! The address condition: one IPv4 range in CIDR notation.
//!
//! Source: AWS, *Creating a signed URL using a custom policy*, on `IpAddress`: one range, IPv4 only, a single address
//! as `/32`.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::Ipv4Net;

use crate::error::{Error, ErrorCode, Result, quoted, shown};
use crate::parameter::Parameter;
use crate::values::is_no_value;

/// Writes an IPv4 address or range as a policy has it, `192.0.2.0/24`: a single address gets `/32`, a range stays as it is.
pub(crate) fn source_ip(text: &str) -> Result<String> {
    let address = text.split_once('/').map_or(text, |(address, _)| address);
    let name = Parameter::IpAddress.token();
    // In brackets, as in a URL, or with an interface's zone.
    let bare = address.split('%').next().unwrap_or(address).trim_start_matches('[').split(']').next().unwrap_or(address);
    if let Ok(address) = bare.parse::<Ipv6Addr>() {
        let error = Error::new(
            ErrorCode::Ipv6NotSupported,
            format!("{name} is {}, an IPv6 address; CloudFront's policies take IPv4 only", quoted(text)),
        )
        .about(Parameter::IpAddress)
        .with_value("given", shown(text));
        return Err(error.with_hint(match address.to_ipv4_mapped() {
            Some(v4) => format!("It is an IPv4 address written as IPv6: pass {v4}."),
            None => format!("Leave {name} out, or turn IPv6 off for the distribution and pass the viewer's IPv4 address."),
        }));
    }
    range(text).map(|range| range.to_string()).ok_or_else(|| {
        Error::new(
            ErrorCode::InvalidIpAddress,
            format!(
                "{name} is {}; it takes one IPv4 address such as \"192.0.2.1\" or one range such as \"192.0.2.0/24\"",
                quoted(text)
            ),
        )
        .about(Parameter::IpAddress)
        .with_value("given", shown(text))
        .with_hint(if text.trim().is_empty() {
            format!("It is empty: leave {name} out to allow every address.")
        } else if is_no_value(text) {
            "Is the variable set?".to_owned()
        } else if ["*", "any", "all", "0"].contains(&text.to_ascii_lowercase().as_str()) {
            format!("Leave {name} out to allow every address.")
        } else if !text.is_ascii() || text.trim() != text || range(&text.replace(' ', "")).is_some() {
            "Remove white space and invisible characters, and write the digits in ASCII.".to_owned()
        } else if is_name(text) {
            "This is a name. A policy takes IP addresses only.".to_owned()
        } else if text.contains([',', '-', '*', ';', ' ']) {
            "A policy holds one range in CIDR notation; sign one URL for each range.".to_owned()
        } else if text.contains(':') {
            "Pass the address without a port or a protocol.".to_owned()
        } else if text.split_once('/').is_some_and(|(_, mask)| mask.contains('.')) {
            "Write the mask as a number of bits: /24 for 255.255.255.0.".to_owned()
        } else {
            "Write four numbers from 0 to 255 without leading zeros, and 0 to 32 after the slash.".to_owned()
        })
    })
}

/// The last label of a host's name is not a number.
fn is_name(text: &str) -> bool {
    let last = text.rsplit('.').next().unwrap_or(text);
    last.starts_with(|c: char| c.is_ascii_alphabetic()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._".contains(&b))
}

/// An address or a range in its only spelling: `ipnet` would accept a mask with leading zeros.
fn range(text: &str) -> Option<Ipv4Net> {
    if !text.contains('/') {
        return text.parse::<Ipv4Addr>().ok().map(Ipv4Net::from);
    }
    text.parse::<Ipv4Net>().ok().filter(|range| range.to_string() == text)
}

/// A viewer's IPv4 address, also if written as IPv6, `::ffff:192.0.2.1`, as sockets for both protocols do.
pub(crate) fn viewer_ipv4(text: &str) -> Option<Ipv4Addr> {
    match text.parse().ok()? {
        IpAddr::V4(address) => Some(address),
        IpAddr::V6(address) => address.to_ipv4_mapped(),
    }
}

/// Whether the address is in a range, as [`source_ip`] writes it.
pub(crate) fn contains(range: &str, address: Ipv4Addr) -> bool {
    range.parse::<Ipv4Net>().is_ok_and(|range| range.contains(&address))
}

/// What kind of range this is, if no viewer can have an address in it.
///
/// Source: IANA, *IPv4 Special-Purpose Address Registry*
/// (<https://www.iana.org/assignments/iana-ipv4-special-registry/iana-ipv4-special-registry.xhtml>).
pub(crate) fn reserved_range(range: &str) -> Option<&'static str> {
    const RESERVED: [(&str, &str); 16] = [
        ("0.0.0.0/8", "this network"),
        ("10.0.0.0/8", "private (RFC 1918)"),
        ("100.64.0.0/10", "shared by carriers (RFC 6598)"),
        ("127.0.0.0/8", "this machine itself"),
        ("169.254.0.0/16", "link-local"),
        ("172.16.0.0/12", "private (RFC 1918)"),
        ("192.0.0.0/24", "reserved"),
        ("192.0.2.0/24", "an example's"),
        ("192.88.99.0/24", "reserved"),
        ("192.168.0.0/16", "private (RFC 1918)"),
        ("198.18.0.0/15", "for benchmarks"),
        ("198.51.100.0/24", "an example's"),
        ("203.0.113.0/24", "an example's"),
        ("224.0.0.0/4", "multicast"),
        ("240.0.0.0/4", "reserved"),
        ("255.255.255.255/32", "broadcast"),
    ];
    let range = range.parse::<Ipv4Net>().ok()?;
    let lies_in = |reserved: &str| reserved.parse::<Ipv4Net>().is_ok_and(|reserved| reserved.contains(&range));
    RESERVED.iter().find(|(reserved, _)| lies_in(reserved)).map(|(_, kind)| *kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_addresses_and_ranges() {
        for (text, expected) in [
            ("192.0.2.1", "192.0.2.1/32"),
            ("192.0.2.0/24", "192.0.2.0/24"),
            ("192.0.2.77/24", "192.0.2.77/24"),
            ("0.0.0.0/0", "0.0.0.0/0"),
            ("255.255.255.255/32", "255.255.255.255/32"),
        ] {
            assert_eq!(source_ip(text).unwrap(), expected);
        }
    }

    #[test]
    fn refuses_everything_else() {
        for text in [
            "",
            " ",
            " 192.0.2.1",
            "192.0.2.1 ",
            "192.0.2",
            "192.0.2.1.1",
            "256.0.0.1",
            "01.02.03.04",
            "0x1.2.3.4",
            "1e1.2.3.4",
            "..1.1",
            "192.0.2.1/",
            "/24",
            "192.0.2.1/33",
            "192.0.2.1/ 8",
            "192.0.2.1/08",
            "192.0.2.1/-1",
            "192.0.2.1/+8",
            "192.0.2.1/24/8",
            "garbage",
            "192.0.2.1,192.0.2.2",
            "192.0.2.*",
            "*",
            "١.٢.٣.٤",
        ] {
            assert_eq!(source_ip(text).unwrap_err().code(), ErrorCode::InvalidIpAddress, "{text}");
        }
        for text in ["::1", "2001:db8::1", "2001:db8::/32", "::ffff:192.0.2.1"] {
            assert_eq!(source_ip(text).unwrap_err().code(), ErrorCode::Ipv6NotSupported, "{text}");
        }
        assert!(source_ip("::ffff:192.0.2.1").unwrap_err().hint().unwrap().contains("192.0.2.1"));
    }
}
