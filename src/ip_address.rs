//! The address condition: one IPv4 range in CIDR notation.
//!
//! Source: AWS, *Creating a signed URL using a custom policy*, on `IpAddress`: one range, IPv4 only, a single address
//! as `/32`.

use crate::error::{Error, ErrorCode, Result, quoted, shown};
use crate::parameter::Parameter;
use crate::text;

/// Brings an IPv4 address or range to the form of a policy, `192.0.2.0/24`: a bare address gets `/32`, a range stays as
/// it is written.
pub(crate) fn source_ip(text: &str) -> Result<String> {
    let (address, prefix) = match text.split_once('/') {
        Some((address, prefix)) => (address, prefix),
        None => (text, "32"),
    };
    let read = Address::read(address);
    let name = Parameter::IpAddress.token();
    if let Some(Address::V6 | Address::Mapped(_)) = read {
        let error = Error::new(
            ErrorCode::Ipv6NotSupported,
            format!("{name} is {}, an IPv6 address; CloudFront's policies take IPv4 only", quoted(text)),
        )
        .about(Parameter::IpAddress)
        .with_value("given", shown(text));
        return Err(match read {
            Some(Address::Mapped(v4)) => error.with_hint(format!("It is an IPv4 address written as IPv6: pass {}.", dotted(v4))),
            _ => error.with_hint(format!(
                "Leave {name} out, or turn IPv6 off for the distribution and pass the viewer's IPv4 address."
            )),
        });
    }
    let prefix_is_valid = decimal(prefix, 2).is_some_and(|bits| bits <= 32);
    if read.is_none() || !prefix_is_valid {
        return Err(Error::new(
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
        } else if text.contains([',', '-', '*']) {
            "A policy holds one range in CIDR notation; sign one URL for each range.".to_owned()
        } else {
            "Write four numbers from 0 to 255 without leading zeros, and 0 to 32 after the slash.".to_owned()
        }));
    }
    Ok(format!("{address}/{prefix}"))
}

/// An address, as far as it matters to a policy: what `std::net` reads, whose readers and writers take twice as much of the
/// WebAssembly module.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Address {
    V4(u32),
    /// IPv4 written as IPv6, `::ffff:192.0.2.1`: so a socket that serves both protocols shows its viewers.
    Mapped(u32),
    V6,
}

impl Address {
    pub(crate) fn read(text: &str) -> Option<Self> {
        if !text.as_bytes().contains(&b':') {
            return v4(text).map(Self::V4);
        }
        let mut groups = Vec::new();
        match text::split_once(text, "::") {
            None => push_groups(&mut groups, text, true)?,
            Some((head, tail)) => {
                let mut last = Vec::new();
                push_groups(&mut groups, head, false)?;
                push_groups(&mut last, tail, true)?;
                // At least one group is left out.
                groups.resize(8_usize.checked_sub(last.len()).filter(|zeros_end| *zeros_end > groups.len())?, 0);
                groups.append(&mut last);
            }
        }
        match groups.as_slice() {
            [0, 0, 0, 0, 0, 0xffff, high, low] => Some(Self::Mapped(high << 16 | low)),
            [_, _, _, _, _, _, _, _] => Some(Self::V6),
            _ => None,
        }
    }
}

/// A decimal number of at most so many digits, without leading zeros.
fn decimal(digits: &str, most: usize) -> Option<u32> {
    if digits.len() > 1 && digits.starts_with('0') { None } else { number(digits, 10, most) }
}

/// Four decimal numbers.
fn v4(text: &str) -> Option<u32> {
    let mut address: u32 = 0;
    let mut count = 0;
    for part in text.split('.') {
        address = address << 8 | decimal(part, 3).filter(|octet| *octet <= 255)?;
        count += 1;
    }
    (count == 4).then_some(address)
}

/// Groups of 16 bits; the last two may be written as IPv4.
fn push_groups(groups: &mut Vec<u32>, text: &str, may_end_in_v4: bool) -> Option<()> {
    let mut rest = Some(text).filter(|text| !text.is_empty());
    while let Some(text) = rest {
        let (part, after) = match text.split_once(':') {
            Some((part, after)) => (part, Some(after)),
            None => (text, None),
        };
        if after.is_none() && may_end_in_v4 && part.as_bytes().contains(&b'.') {
            let address = v4(part)?;
            groups.extend([address >> 16, address & 0xffff]);
        } else {
            groups.push(number(part, 16, 4)?);
        }
        rest = after;
    }
    Some(())
}

fn number(digits: &str, radix: u32, most: usize) -> Option<u32> {
    if digits.is_empty() || digits.len() > most {
        return None;
    }
    digits.chars().try_fold(0, |number, digit| Some(number * radix + digit.to_digit(radix)?))
}

/// Whether the address is in a range, as [`source_ip`] writes it.
pub(crate) fn contains(range: &str, address: u32) -> bool {
    let Some((network, prefix)) = range.split_once('/') else { return false };
    let (Some(network), Some(prefix)) = (v4(network), decimal(prefix, 2)) else { return false };
    // A prefix of 0 has no bits to compare, and a shift by 32 has no meaning.
    let mask = u32::MAX.checked_shl(32_u32.saturating_sub(prefix)).unwrap_or(0);
    network & mask == address & mask
}

/// Of what kind a range is that no viewer's address lies in; nothing, for one that may have viewers.
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
    let (network, prefix) = range.split_once('/')?;
    let (network, prefix) = (v4(network)?, decimal(prefix, 2)?);
    let lies_in = |reserved: &str| {
        let longer = reserved.split_once('/').and_then(|(_, bits)| decimal(bits, 2)).is_some_and(|bits| prefix >= bits);
        longer && contains(reserved, network)
    };
    RESERVED.iter().find(|(reserved, _)| lies_in(reserved)).map(|(_, kind)| *kind)
}

/// As `192.0.2.1`.
pub(crate) fn dotted(address: u32) -> String {
    let [a, b, c, d] = address.to_be_bytes();
    format!("{a}.{b}.{c}.{d}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::net::IpAddr;

    /// As `std::net` reads and writes it.
    fn check(text: &str) {
        let expected = text.parse::<IpAddr>().ok().map(|address| match address {
            IpAddr::V4(v4) => Address::V4(v4.to_bits()),
            IpAddr::V6(v6) => v6.to_ipv4_mapped().map_or(Address::V6, |v4| Address::Mapped(v4.to_bits())),
        });
        let read = Address::read(text);
        assert_eq!(read, expected, "{text}");
        if let Some(Address::V4(address)) = read {
            assert_eq!(dotted(address), text);
        }
    }

    #[test]
    fn reads_addresses_as_the_standard_library_does() {
        for text in [
            "",
            ":",
            "::",
            ":::",
            "1::",
            "::1",
            "1:2:3:4:5:6:7:8",
            "1:2:3:4:5:6:7",
            "1:2:3:4:5:6:7:8:9",
            "1:2:3:4:5:6:7::",
            "::2:3:4:5:6:7:8",
            "1:2:3:4::5:6:7:8",
            "1::2::3",
            ":1:2:3:4:5:6:7:8",
            "1:2:3:4:5:6:7:8:",
            "1:2:3:4:5:6:1.2.3.4",
            "1:2:3:4:5:6:7:1.2.3.4",
            "1.2.3.4::",
            "::1.2.3.4",
            "::1.2.3.4:5",
            "::ffff:1.2.3.4",
            "::FFFF:0102:0304",
            "0:0:0:0:0:ffff:1.2.3.4",
            "::ffff:1.2.3.04",
            "::ffff:1.2.3",
            "::00001",
            "::g",
            "::+1",
            "fe80::1%eth0",
            "[::1]",
            "1.2.3.4",
            "1.2.3",
            "1.2.3.4.5",
            "256.1.1.1",
            "1.2.3.256",
            "01.2.3.4",
            "0.0.0.0",
            "00.0.0.0",
            "1.2.3.4:80",
            "+1.2.3.4",
            "1..2.3",
            "1.2.3.",
            "::ffff:0:0",
            "64:ff9b::192.0.2.33",
            "::1.2.3.4.5",
            "1::1.2.3.4:1",
        ] {
            check(text);
        }
    }

    proptest! {
        #[test]
        fn reads_any_address_as_the_standard_library_does(
            bits: u128, v4: u32, zeros in 0..128u32, text in "(::|:|\\.|0|1|ff|ffff|255|10000|192\\.0\\.2\\.1){0,12}",
        ) {
            let bits = bits >> zeros;
            for text in [
                std::net::Ipv4Addr::from(v4).to_string(), std::net::Ipv6Addr::from(bits).to_string(),
                std::net::Ipv6Addr::from(0xffff_0000_0000 | u128::from(v4)).to_string(), text,
            ] {
                check(&text);
            }
        }
    }

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
