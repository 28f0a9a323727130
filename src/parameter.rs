//! Parameters, independent of their names: each interface has its own names, and the core writes none of them.

use std::borrow::Cow;
use std::fmt;

/// An interface of this project, with its own names for parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Face {
    /// This crate: `Conditions::ip_address`.
    Rust,
    /// The npm package: `ipAddress`.
    JavaScript,
    /// The command line: `--ip-address`.
    Shell,
}

macro_rules! parameters {
    ($($variant:ident $rust:literal $javascript:literal $shell:literal $meaning:literal;)*) => {
        /// Something that a caller passes: [`Error::parameter`](crate::Error::parameter) says which one is wrong.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Parameter {
            $(#[doc = $meaning] $variant,)*
        }

        impl Parameter {
            const ALL: &'static [Parameter] = &[$(Parameter::$variant,)*];

            /// Its name in an interface.
            pub fn name_in(self, face: Face) -> &'static str {
                match (self, face) {
                    $((Self::$variant, Face::Rust) => $rust,
                    (Self::$variant, Face::JavaScript) => $javascript,
                    (Self::$variant, Face::Shell) => $shell,)*
                }
            }
        }
    };
}

// The one list of names.
parameters! {
    Url "url" "url" "--url" "The URL to sign, to verify or to look into.";
    Urls "urls" "urls" "--url" "The URLs to sign.";
    Resource "resource" "resource" "--policy-resource" "The resource of a policy.";
    Policy "policy" "policy" "--policy" "A ready-made policy.";
    DateLessThan "date_less_than" "dateLessThan" "--date-less-than" "The moment at which access ends.";
    DateGreaterThan "Conditions::date_greater_than" "dateGreaterThan" "--date-greater-than" "The moment at which access begins.";
    IpAddress "ip_address" "ipAddress" "--ip-address" "The viewer's address, or a range of them.";
    RoundUpTo "Conditions::round_up_to" "roundUpTo" "--round-up-to" "What the end of access is rounded up to.";
    Now "now" "now" "--now" "The moment that durations and the expiry check count from.";
    AllowExpired "allow_expired" "allowExpired" "--allow-expired" "Whether to sign what has expired.";
    KeyPairId "key_pair_id" "keyPairId" "--key-pair-id" "The id that CloudFront knows the public key by.";
    PrivateKey "private_key" "privateKey" "--private-key" "The private key.";
    Passphrase "LoadOptions::passphrase" "passphrase" "--passphrase" "The passphrase of an encrypted private key.";
    AllowUnsupportedKey "LoadOptions::allow_unsupported_key" "allowUnsupportedKey" "--allow-unsupported-key"
        "Whether to take an RSA key of another size than 2048 bits.";
    Algorithm "algorithm" "algorithm" "--hash-algorithm" "The hash that is signed with.";
    KeyType "key_type" "keyType" "--type" "The kind of key.";
    PublicKey "public_key" "publicKey" "--public-key" "A public key.";
    PublicKeys "keys" "publicKeys" "--public-key" "The public keys of a key group.";
    Cookies "cookies" "cookies" "--cookies" "Cookies.";
    CookieDomain "CookieAttributes::domain" "domain" "--domain" "`Domain` of a cookie.";
    CookiePath "CookieAttributes::path" "path" "--path" "`Path` of a cookie.";
    CookieMaxAge "CookieAttributes::max_age" "maxAge" "--max-age" "`Max-Age` of a cookie.";
    CookieExpires "CookieAttributes::expires" "expires" "--expires" "`Expires` of a cookie.";
    CookieSecure "CookieAttributes::secure" "secure" "--no-secure" "`Secure` of a cookie.";
    CookieSameSite "CookieAttributes::same_site" "sameSite" "--same-site" "`SameSite` of a cookie.";
    CookiePartitioned "CookieAttributes::partitioned" "partitioned" "--partitioned" "`Partitioned` of a cookie.";
}

/// What CloudFront itself calls a parameter, in URLs and in policies; else what this crate does.
pub(crate) fn name_at_cloudfront(parameter: Parameter) -> &'static str {
    match parameter {
        Parameter::KeyPairId => "Key-Pair-Id",
        Parameter::DateLessThan => "DateLessThan",
        Parameter::DateGreaterThan => "DateGreaterThan",
        Parameter::IpAddress => "AWS:SourceIp",
        Parameter::Algorithm => "Hash-Algorithm",
        other => other.name_in(Face::Rust),
    }
}

/// In messages, a character of the private use area stands for each parameter until an interface puts its name there. Callers'
/// text never has these characters: `quoted` and `shown` escape them.
const FIRST_TOKEN: u32 = 0xe000;

impl Parameter {
    /// What stands for its name in a message.
    pub(crate) fn token(self) -> Token {
        Token(self)
    }

    fn of_token(character: char) -> Option<Self> {
        let at = u32::from(character).checked_sub(FIRST_TOKEN)?;
        Self::ALL.get(at as usize).copied()
    }
}

/// Writes the character that stands for a parameter.
pub(crate) struct Token(Parameter);

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let character = char::from_u32(FIRST_TOKEN + self.0 as u32).unwrap_or_default();
        fmt::Write::write_char(f, character)
    }
}

/// Replaces these characters by names.
pub(crate) fn with_names<'a>(text: &'a str, name: &dyn Fn(Parameter) -> Cow<'static, str>) -> Cow<'a, str> {
    if !text.contains(|character| Parameter::of_token(character).is_some()) {
        return Cow::Borrowed(text);
    }
    let mut named = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        match Parameter::of_token(character) {
            Some(parameter) => named.push_str(&name(parameter)),
            None => named.push(character),
        }
    }
    Cow::Owned(named)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_face_has_its_own_names() {
        let message = format!("{} is not earlier than {}", Parameter::DateGreaterThan.token(), Parameter::DateLessThan.token());
        let named = |face: Face| with_names(&message, &|parameter| parameter.name_in(face).into()).into_owned();
        assert_eq!(named(Face::JavaScript), "dateGreaterThan is not earlier than dateLessThan");
        assert_eq!(named(Face::Shell), "--date-greater-than is not earlier than --date-less-than");
        assert_eq!(named(Face::Rust), "Conditions::date_greater_than is not earlier than date_less_than");
    }

    #[test]
    fn a_token_leads_back_to_its_parameter() {
        for parameter in Parameter::ALL {
            let token = parameter.token().to_string().chars().next().unwrap();
            assert_eq!(Parameter::of_token(token), Some(*parameter));
        }
        assert_eq!(Parameter::of_token('a'), None);
        assert_eq!(Parameter::of_token('\u{f8ff}'), None);
    }
}
