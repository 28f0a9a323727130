//! Viewers' addresses, shortened for reports.

use std::net::IpAddr;

/// Shortens an address to its network, `192.0.2.0/24` or `2001:db8:1::/48`. Other text becomes `?`.
///
/// ```
/// assert_eq!(countersign::access_log::shortened("192.0.2.77"), "192.0.2.0/24");
/// assert_eq!(countersign::access_log::shortened("2001:db8:1:2::3"), "2001:db8:1::/48");
/// ```
pub fn shortened(address: &str) -> String {
    match address.parse() {
        Ok(IpAddr::V4(address)) => {
            let [a, b, c, _] = address.octets();
            format!("{a}.{b}.{c}.0/24")
        }
        Ok(IpAddr::V6(address)) => {
            let [a, b, c, ..] = address.segments();
            format!("{}/48", std::net::Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0))
        }
        Err(_) => "?".to_owned(),
    }
}
