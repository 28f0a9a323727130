//! `Set-Cookie` lines, read back as browsers do by RFC 6265, and `Cookie` headers. The input: domain, path, maximum age, expiry,
//! flags, the cookie's name and its value.
#![no_main]

use countersign::Parameter;
use countersign::cookies::{CookieAttributes, SameSite, set_cookie};
use countersign::date::DateInput;
use countersign_fuzz::Fields;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let mut fields = Fields::new(data);
    let (domain, path, max_age, expires) = (fields.given(), fields.given(), fields.text().parse().ok(), fields.date());
    let (flags, name, value) = (fields.text(), fields.text(), fields.text());
    let has = |flag: char| flags.contains(flag);
    let mut attributes = CookieAttributes::new().secure(!has('u')).http_only(has('h')).partitioned(has('p'));
    if let Some(domain) = &domain {
        attributes = attributes.domain(domain);
    }
    if let Some(path) = &path {
        attributes = attributes.path(path);
    }
    if let Some(seconds) = max_age {
        attributes = attributes.max_age(seconds);
    }
    if let Some(date) = &expires {
        attributes = attributes.expires(date.clone());
    }
    let same_site = [('n', SameSite::None), ('l', SameSite::Lax), ('s', SameSite::Strict)]
        .into_iter()
        .find_map(|(flag, same_site)| has(flag).then_some(same_site));
    if let Some(same_site) = same_site {
        attributes = attributes.same_site(same_site);
    }
    let Ok(lines) = set_cookie(&[(&name, value.clone())], &attributes) else { return };
    assert_eq!(lines.len(), 1);
    let line = &lines[0];
    // No new line, no second cookie, and nothing that is forbidden in a header (RFC 9110, section 5.5).
    assert!(line.bytes().all(|byte| (0x20..0x7f).contains(&byte)), "{line}");
    let cookie = parse(line);
    assert_eq!((cookie.name.as_str(), cookie.value.as_str()), (name.as_str(), value.as_str()), "{line}");
    assert!(name.starts_with("CloudFront-"));
    let mut expected = Vec::new();
    let mut expect = |name: &str, value: String| expected.push((name.to_owned(), value));
    if let Some(domain) = domain {
        assert!(!domain.trim_start_matches('.').eq_ignore_ascii_case("cloudfront.net"));
        let name = domain.strip_prefix('.').unwrap_or(&domain);
        assert!(!name.split('.').any(str::is_empty), "no host has such a name: {domain}");
        expect("domain", name.to_ascii_lowercase());
    }
    if let Some(path) = path {
        expect("path", path.trim().to_owned());
    }
    if let Some(seconds) = max_age {
        expect("max-age", seconds.to_string());
    }
    if let Some(date) = expires {
        let is_relative =
            matches!(&date, DateInput::Text(text) if !text.bytes().all(|b| b.is_ascii_digit()) && !text.contains('-'));
        if !is_relative {
            let seconds = date.resolve(Parameter::CookieExpires, 0).expect("it was accepted");
            assert_eq!(cookie.attribute("expires").map(imf_fixdate), Some(Some(seconds)), "{line}");
        }
        expect("expires", cookie.attribute("expires").expect("it was given").to_owned());
    }
    if !has('u') {
        expect("secure", String::new());
    }
    if has('h') {
        expect("httponly", String::new());
    }
    if let Some(same_site) = same_site {
        expect("samesite", same_site.as_str().to_owned());
        assert!(same_site != SameSite::None || !has('u'));
    }
    if has('p') {
        expect("partitioned", String::new());
        assert!(!has('u'));
    }
    assert_eq!(cookie.attributes, expected, "{line}");
});

struct Cookie {
    name: String,
    value: String,
    attributes: Vec<(String, String)>,
}

impl Cookie {
    fn attribute(&self, wanted: &str) -> Option<&str> {
        self.attributes.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str())
    }
}

/// RFC 6265, section 5.2.
fn parse(line: &str) -> Cookie {
    let mut parts = line.split(';');
    let (name, value) = parts.next().and_then(|pair| pair.split_once('=')).expect("a pair");
    let attributes = parts.map(|attribute| {
        let (name, value) = attribute.split_once('=').unwrap_or((attribute, ""));
        let (name, value) = (name.trim().to_ascii_lowercase(), value.trim());
        let value =
            if name == "domain" { value.strip_prefix('.').unwrap_or(value).to_ascii_lowercase() } else { value.to_owned() };
        (name, value)
    });
    Cookie { name: name.trim().to_owned(), value: value.trim().to_owned(), attributes: attributes.collect() }
}

/// `Sun, 06 Nov 1994 08:49:37 GMT` as epoch seconds, by the calendar of `plain_date`; `None` if the day of the week is wrong.
fn imf_fixdate(text: &str) -> Option<i64> {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    let (day_of_week, rest) = text.split_once(", ")?;
    let [day, month, year, time, "GMT"] = rest.split(' ').collect::<Vec<_>>()[..] else { return None };
    let month = MONTHS.iter().position(|name| *name == month)? + 1;
    let seconds = i64::try_from(countersign_fuzz::plain_date::read(&format!("{year}-{month:02}-{day}T{time}Z"), 0)?).ok()?;
    (DAYS[usize::try_from(seconds / 86_400 % 7).ok()?] == day_of_week).then_some(seconds)
}
