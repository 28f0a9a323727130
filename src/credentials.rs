//! The credentials that a request carries: in its URL, or else in its cookies.
//!
//! Source: AWS, *Decide to use signed URLs or signed cookies*
//! (<https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-choosing-signed-urls-cookies.html>).

use serde::Serialize;

use crate::url::{RESERVED_PARAMETERS, percent_decoded, split_at_first};

/// Where credentials are: in the URL, or else in cookies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// Query parameters. They count if there is any of the first four reserved ones, whatever the cookies say.
    Url,
    /// Cookies.
    Cookies,
}

impl Source {
    /// `url` or `cookies`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Url => "url",
            Self::Cookies => "cookies",
        }
    }
}

/// What was given under the reserved names, as it is written, in its order.
pub(crate) struct Credentials {
    pub(crate) source: Source,
    given: Vec<(&'static str, String)>,
}

impl Credentials {
    /// Takes the signing parameters out of a URL, each with the separator before it, and the fragment, and leaves everything
    /// else as it is.
    pub(crate) fn take_from_url(href: &str) -> (String, Self) {
        let (address, _) = split_at_first(href, '#');
        let (base, query) = split_at_first(address, '?');
        let mut given = Vec::new();
        let mut plain = base.to_owned();
        let mut separator = '?';
        for part in query.get(1..).into_iter().flat_map(|query| query.split('&')) {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            match reserved(name) {
                Some(name) => given.push((name, value.to_owned())),
                None => {
                    plain.push(separator);
                    plain.push_str(part);
                    separator = '&';
                }
            }
        }
        (plain, Self { source: Source::Url, given })
    }

    /// Reads the value of a `Cookie` header.
    pub(crate) fn of_cookies(header: &str) -> Self {
        let mut given = Vec::new();
        for cookie in header.split(';') {
            let (name, value) = cookie.trim().split_once('=').unwrap_or_default();
            if let Some(name) = name.strip_prefix("CloudFront-").and_then(reserved) {
                given.push((name, value.trim_matches('"').to_owned()));
            }
        }
        Self { source: Source::Cookies, given }
    }

    /// Any of the first four makes it a signed URL, and the cookies are not looked at.
    pub(crate) fn is_signed(&self) -> bool {
        self.given.iter().any(|(name, _)| *name != "Hash-Algorithm")
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.given.is_empty()
    }

    /// The first name that is given twice.
    pub(crate) fn given_twice(&self) -> Option<&'static str> {
        RESERVED_PARAMETERS.into_iter().find(|name| self.given.iter().filter(|(given, _)| given == name).count() > 1)
    }

    /// A value as it is written.
    pub(crate) fn written(&self, name: &str) -> Option<&str> {
        self.given.iter().find(|(given, _)| *given == name).map(|(_, value)| value.as_str())
    }

    /// A value, escapes undone; where that would not be UTF-8, which no value is, as it is written.
    pub(crate) fn value(&self, name: &str) -> Option<String> {
        let written = self.written(name)?;
        Some(percent_decoded(written).unwrap_or_else(|| written.to_owned()))
    }
}

fn reserved(name: &str) -> Option<&'static str> {
    RESERVED_PARAMETERS.into_iter().find(|reserved| *reserved == name)
}
