//! Addresses with identifiers, `$RepresentationID$/$Number%05d$.m4s`, which a player replaces.
//!
//! Source: ISO/IEC 23009-1, 5.3.9.4.4, "Template-based segment URL construction".

use std::borrow::Cow;

/// An address that the template makes: for this representation, with the number 1.
pub(super) fn expanded<'t>(template: &'t str, id: &str, bandwidth: &str) -> Cow<'t, str> {
    if !template.contains('$') {
        return Cow::Borrowed(template);
    }
    let mut address = String::with_capacity(template.len() + id.len());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('$') {
        address.push_str(before);
        // One that is not closed stands for itself.
        let Some((identifier, after)) = after.split_once('$') else {
            address.push('$');
            rest = after;
            continue;
        };
        let (name, format) = identifier.split_once('%').unwrap_or((identifier, ""));
        match name {
            "" => address.push('$'),
            "RepresentationID" => address.push_str(id),
            "Bandwidth" => push_padded(&mut address, bandwidth, format),
            "Number" | "Time" | "SubNumber" => push_padded(&mut address, "1", format),
            // Players leave what they do not know.
            _ => {
                address.push('$');
                address.push_str(identifier);
                address.push('$');
            }
        }
        rest = after;
    }
    address.push_str(rest);
    Cow::Owned(address)
}

/// Whether it depends on the representation.
pub(super) fn names_its_representation(template: &str) -> bool {
    template.contains("$RepresentationID$") || template.contains("$Bandwidth")
}

/// A number with the zeros that `%0[width]d` puts before it.
fn push_padded(address: &mut String, number: &str, format: &str) {
    const WIDEST: usize = 64;
    let width = format.strip_prefix('0').and_then(|format| format.strip_suffix('d')).and_then(|width| width.parse().ok());
    for _ in number.len()..width.unwrap_or(1).min(WIDEST) {
        address.push('0');
    }
    address.push_str(number);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_replaced() {
        for (template, expected) in [
            ("a.mp4", "a.mp4"),
            ("$RepresentationID$/$Number$.m4s", "v1/1.m4s"),
            ("$Bandwidth$-$Number%05d$-$Time$.m4s", "800-00001-1.m4s"),
            ("$Bandwidth%06d$", "000800"),
            ("a$$b", "a$b"),
            ("a$b", "a$b"),
            ("$Unknown$", "$Unknown$"),
            ("$Number%0999999d$", &("0".repeat(63) + "1")),
            ("$Number%d$", "1"),
            ("$", "$"),
        ] {
            assert_eq!(expanded(template, "v1", "800"), expected, "{template}");
        }
    }
}
