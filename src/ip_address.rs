//! The address condition: one IPv4 range in CIDR notation.
//!
//! Source: AWS, *Creating a signed URL using a custom policy*, on `IpAddress`: one range, IPv4 only, a single address
//! as `/32`.

use std::net::{Ipv4Addr, Ipv6Addr};

use crate::error::{Error, ErrorCode, Result, quoted};

/// Brings an IPv4 address or range to the form of a policy, `192.0.2.0/24`: a bare address gets `/32`, a range stays as
/// it is written.
pub(crate) fn source_ip(text: &str) -> Result<String> {
    let (address, prefix) = match text.split_once('/') {
        Some((address, prefix)) => (address, prefix),
        None => (text, "32"),
    };
    if let Ok(v6) = address.parse::<Ipv6Addr>() {
        let error = Error::new(
            ErrorCode::Ipv6NotSupported,
            format!("ipAddress is {}, an IPv6 address; CloudFront's policies take IPv4 only", quoted(text)),
        );
        return Err(match v6.to_ipv4_mapped() {
            Some(v4) => error.with_hint(format!("It is an IPv4 address written as IPv6: pass {v4}.")),
            None => {
                error.with_hint("Leave ipAddress out, or turn IPv6 off for the distribution and pass the viewer's IPv4 address.")
            }
        });
    }
    let prefix_is_valid = matches!(prefix.len(), 1 | 2)
        && prefix.bytes().all(|b| b.is_ascii_digit())
        && (prefix.len() == 1 || !prefix.starts_with('0'))
        && prefix.parse::<u8>().is_ok_and(|bits| bits <= 32);
    // `Ipv4Addr` reads four decimal numbers without leading zeros, and nothing else.
    if address.parse::<Ipv4Addr>().is_err() || !prefix_is_valid {
        return Err(Error::new(
            ErrorCode::InvalidIpAddress,
            format!(
                "ipAddress is {}; it takes one IPv4 address such as \"192.0.2.1\" or one range such as \"192.0.2.0/24\"",
                quoted(text)
            ),
        )
        .with_hint(if text.trim().is_empty() {
            "It is empty: leave ipAddress out to allow every address."
        } else if text.contains([',', '-', '*']) {
            "A policy holds one range in CIDR notation; sign one URL for each range."
        } else {
            "Write four numbers from 0 to 255 without leading zeros, and 0 to 32 after the slash."
        }));
    }
    Ok(format!("{address}/{prefix}"))
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
