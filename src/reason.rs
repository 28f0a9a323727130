//! Everything that can be wrong with a request, a signed URL or cookies: a stable code, its values, and a sentence made of both.
//! The verifier's denials and the findings of `inspect` share this list.

use std::fmt::Write as _;

use serde::{Serialize, Serializer};

use crate::date;
use crate::error::{quoted, shown};
use crate::values::{Value, Values};

/// A code with its values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reason {
    pub(crate) code: ReasonCode,
    pub(crate) values: Values,
}

impl Reason {
    pub(crate) fn new(code: ReasonCode) -> Self {
        Self { code, values: Values::default() }
    }

    /// Adds a value.
    pub(crate) fn with(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.values.push(name, value);
        self
    }

    /// The sentence of the code, with the values in it.
    #[inline(never)]
    pub(crate) fn message(&self) -> String {
        let mut message = String::new();
        let mut rest = self.code.sentence();
        while let Some((before, after)) = rest.split_once('{') {
            message.push_str(before);
            let (place, tail) = after.split_once('}').unwrap_or((after, ""));
            let (name, form) = place.split_once(':').unwrap_or((place, ""));
            match (self.values.get(name), form) {
                (Some(Value::Text(text)), "quoted") => message.push_str(&quoted(text)),
                (Some(Value::Text(text)), "whole") => message.push_str(text),
                (Some(Value::Text(text)), "lacks") => message.extend([", which has no ", quoted(text).as_str()]),
                (Some(Value::Text(text)), _) => message.push_str(&shown(text)),
                (Some(Value::Number(0)), "in") => message.push_str("now"),
                (Some(Value::Number(seconds)), "in") => message.extend(["in ", date::span(*seconds).as_str()]),
                (Some(Value::Number(seconds)), "span") => message.push_str(&date::span(*seconds)),
                (Some(Value::Number(seconds)), "utc") => message.push_str(&date::utc(*seconds)),
                // Writing to a String cannot fail.
                (Some(Value::Number(number)), _) => drop(write!(message, "{number}")),
                (None, _) => {}
            }
            rest = tail;
        }
        message.push_str(rest);
        message
    }
}

impl Serialize for ReasonCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

macro_rules! reason_codes {
    ($($variant:ident $code:literal $sentence:literal;)*) => {
        /// Why a request is denied, and what `inspect` finds. Codes are stable: they are never renamed or reused. Any version may add
        /// codes.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum ReasonCode {
            $(#[doc = concat!("`", $code, "`: ", $sentence)] $variant,)*
        }

        impl ReasonCode {
            /// All codes, in the order of the table in `docs/verifying.md`.
            pub const ALL: &'static [ReasonCode] = &[$(ReasonCode::$variant,)*];

            /// The code as it is written everywhere, such as `other-address`.
            pub fn as_str(self) -> &'static str {
                match self { $(ReasonCode::$variant => $code,)* }
            }

            /// The sentence for it, in English, with `{name}` where the value of this name goes. `{name:quoted}` is in quotation
            /// marks and shortened, `{name:whole}` is not shortened, `{name:span}` is `12 minutes`, `{name:in}` is
            /// `in 12 minutes`, `{name:utc}` is `2030-01-01T00:00:00Z`, `{name:lacks}` is `, which has no "x"`, or nothing where there
            /// is no such value.
            pub fn sentence(self) -> &'static str {
                match self { $(ReasonCode::$variant => $sentence,)* }
            }
        }
    };
}

// The only list of codes: `cargo xtask docs` writes the table of docs/verifying.md and the TypeScript union from it.
reason_codes! {
    // What a request must have.
    NotSigned "not-signed" "the request is not signed: there is no Key-Pair-Id in the URL, nor Expires, Policy or Signature, and no CloudFront-Key-Pair-Id among the cookies";
    CookiesIgnored "cookies-ignored" "the URL has {parameter}, a name that CloudFront reserves for signed URLs: it ignores the cookies, and the URL is not signed";
    KeyPairIdMissing "key-pair-id-missing" "there is no Key-Pair-Id in the URL and no CloudFront-Key-Pair-Id among the cookies: CloudFront answers MissingKey";
    SignatureMissing "signature-missing" "the signature is missing: there is no Signature in the URL and no CloudFront-Signature among the cookies";
    PolicyMissing "policy-missing" "there is neither an expiry (Expires) nor a policy (Policy)";
    HashAlgorithmAlone "hash-algorithm-alone" "the URL has Hash-Algorithm, but no other part of a signature";
    GivenTwice "given-twice" "{name} is given twice: sign the plain URL, not one that is signed already. Cookies come twice if they were set for two paths or domains";

    // The decision on a well-formed request.
    UnknownKey "unknown-key" "{keyPairId:quoted} is not in the key group, which has {known}";
    WrongSignature "wrong-signature" "the signature does not match this policy with key {keyPairId} and {algorithm}: the URL, the policy or the signature was changed after signing, or another key or hash signed it";
    OtherHash "other-hash" "the signature does not match this policy with key {keyPairId} and {algorithm}, but it does with {signedWith}: Hash-Algorithm was lost or changed on the way";
    ParameterAdded "parameter-added" "the signature is right for the URL without {name:quoted}, which was added after signing, as mailers and trackers do; a resource that ends in * covers it";
    Rewritten "rewritten" "the signature is right for {signed:quoted}: something on the way rewrote the URL";
    OtherResource "other-resource" "the policy's resource {resource} does not match {url}";
    OtherProtocol "other-protocol" "the policy's resource {resource} does not match {url}: one is http, the other https; http*:// covers both";
    OtherHost "other-host" "the policy's resource {resource} does not match {url}: the host is another one. Sign the name that viewers use, in lower case";
    QueryNotCovered "query-not-covered" "the policy's resource {resource} does not match {url}: the URL has a query, which the resource does not cover; let it end in * or ?*";
    Expired "expired" "expired {ago:span} ago, at {dateLessThan:utc}";
    NotYetValid "not-yet-valid" "not valid yet: access begins {ahead:in}, after {dateGreaterThan:utc}";
    OtherAddress "other-address" "the viewer's address {viewer} is not in {ipAddress}";
    AddressUnknown "address-unknown" "the policy allows {ipAddress} only, and the viewer's address is not known";
    AddressNotIpv4 "address-not-ipv4" "the policy allows {ipAddress} only, and the viewer's address {viewer:quoted} is not IPv4";

    // The request itself.
    InvalidUrl "invalid-url" "CloudFront does not answer this URL: {why:whole}";
    AmbiguousPath "ambiguous-path" "the URL has {found:quoted}, which clients and servers read in different ways: a signed URL never has it";
    UrlTooLong "url-too-long" "the URL has {length} bytes; CloudFront takes at most {limit}";
    CookiesTooLong "cookies-too-long" "the Cookie header has {length} bytes; CloudFront takes at most {limit} bytes of a request";
    CookieTooLong "cookie-too-long" "the cookie {name} has {length} bytes with its name; browsers keep at most {limit}, and silently drop a longer one";

    // Damage to a URL on its way.
    EscapedForHtml "escaped-for-html" "the URL has {found} instead of &: it was escaped for HTML once too often";
    EscapedForJson "escaped-for-json" "the URL has {found}, an escape of JSON: read the JSON with a parser, which undoes it";
    QuotedPrintable "quoted-printable" "the URL has =3D instead of =: it comes from a mail's source (quoted-printable); copy the link from the mail as it is displayed";
    EscapedTwice "escaped-twice" "{name} is percent-escaped twice, such as %257E for ~: something on the way escaped it again";
    OtherCase "other-case" "{found} is in the wrong case: write {name}";
    OtherName "other-name" "{found} is not one of CloudFront's names: write {name}";
    NoQuestionMark "no-question-mark" "the URL has a & before {name}, and no ?: the first parameter follows a ?";
    SecondQuestionMark "second-question-mark" "the URL has a second ?, before {name}: what comes after the first one is the query, and its parameters are joined with &";
    EscapedAsValue "escaped-as-value" "the URL has {found} instead of {meant}: it was escaped like a parameter's value. Use it as it was signed";
    InFragment "in-fragment" "{name} comes after a #, and clients do not send that part: put the parameters before the #";
    InvisibleCharacter "invisible-character" "the URL has the invisible character {character}, which was copied along: remove it";
    FrameworkCookie "framework-cookie" "CloudFront-{name} was signed or encrypted by {framework}: CloudFront takes the plain value only";
    Escaped "escaped" "{name} has percent-escapes, such as %7E for ~: something on the way escaped it, which is harmless unless it is done twice";

    // Key pair ids.
    InvalidKeyPairId "invalid-key-pair-id" "{why:whole}";
    KeyGroupId "key-group-id" "Key-Pair-Id is a UUID, {keyPairId}, like the id of a key group: use the id of the public key in the group, which begins with K";
    AccessKeyId "access-key-id" "Key-Pair-Id is {keyPairId}, the id of an AWS access key (IAM): use the id that CloudFront shows for the public key, which begins with K";
    DistributionId "distribution-id" "Key-Pair-Id is {keyPairId}, which looks like the id of a distribution: use the id that CloudFront shows for the public key, which begins with K";
    AccountKeyPair "account-key-pair" "Key-Pair-Id begins with APKA: it is the key pair of an account (a trusted signer), not a public key of a key group";
    NotAValue "not-a-value" "{name} is {found:quoted}: a variable was not set, or a promise was not awaited, where the URL was made";

    // Encoding.
    OrdinaryBase64 "ordinary-base64" "{name} is in ordinary Base64: CloudFront uses - instead of + (which a query turns into a space), ~ instead of / and _ instead of =";
    Base64Url "base64url" "{name} is in Base64url: CloudFront uses ~ instead of _, and pads with _";
    Hexadecimal "hexadecimal" "{name} is in hexadecimal digits: CloudFront uses Base64, with - instead of +, ~ instead of / and _ instead of =";
    NotBase64 "not-base64" "{name} is not in CloudFront's Base64 (- for +, ~ for /, _ for =){character:lacks}: it was encoded in another way, cut off or changed";
    NotUtf8 "not-utf8" "the policy is not text in UTF-8";

    // Signatures.
    SignatureLength "signature-length" "the signature has {bytes} bytes; RSA has 256, ECDSA on P-256 about 70 in DER: it was cut off, or is not a signature";
    RawEcdsaSignature "raw-ecdsa-signature" "the signature has 64 bytes, like an ECDSA signature in raw form (r and s): CloudFront takes DER";
    OtherRsaSize "other-rsa-size" "the signature was made with an RSA key of {bits} bits; CloudFront accepts 2048 bits only";
    EcdsaWithSha1 "ecdsa-with-sha1" "without Hash-Algorithm=SHA256 an ECDSA signature must be made with SHA-1, which few signers do";
    UnknownHash "unknown-hash" "the hash is {algorithm:quoted}; CloudFront knows SHA1 and SHA256, in capitals";
    S3Signature "s3-signature" "the URL has {parameter}: this is an S3 signature, not CloudFront's. It works on the bucket's own host only, not on {host:quoted}";

    OtherSignature "other-signature" "the URL has {parameter}: it is signed for {service}, not for CloudFront";

    // Policies.
    MalformedPolicy "malformed-policy" "CloudFront cannot read the policy: {why:whole}";
    MalformedExpires "malformed-expires" "Expires is {expires:quoted}, which is not a number of seconds";
    ImpossiblePolicy "impossible-policy" "{why:whole}";
    SeveralStatements "several-statements" "the policy has {count} statements; CloudFront accepts exactly one: sign one policy for each resource, or use a wildcard";
    StatementIsObject "statement-is-object" "Statement is an object; it must be an array with one object in it";
    Milliseconds "milliseconds" "{name} is {seconds}, too large for CloudFront, which counts seconds: divide milliseconds by 1000";
    Negative "negative" "{name} is {seconds}, which is negative: CloudFront counts seconds from 1970-01-01T00:00:00Z";
    QuotedNumber "quoted-number" "{name} is {value:quoted} in quotation marks; it must be a bare number";
    NotWholeNumber "not-whole-number" "{name} is not a whole number of seconds";
    ExpiresBesidePolicy "expires-beside-policy" "Policy and Expires are both given: Policy counts, and Expires is ignored";
    WhiteSpaceInPolicy "white-space-in-policy" "the policy has white space between its parts, which AWS says to remove; if it is signed and sent as it is, it may pass";
    AmpersandInPolicy "ampersand-in-policy" "the policy writes & as \\u0026, as some JSON writers do; a canned policy of the same signer would not be the text that CloudFront rebuilds";
    EscapesInPolicy "escapes-in-policy" "the policy has escapes that JSON does not demand (\\/ or \\u…)";
    PolicyTooDeep "policy-too-deep" "the policy is nested more than {limit} deep, as no real policy is: it is shown unchanged";

    // Resources.
    NoResource "no-resource" "the policy names no Resource, so it opens everything that the key may open";
    ResourceProtocol "resource-protocol" "the resource {resource:quoted} begins with {protocol:quoted}, which is not a protocol: CloudFront accepts http://, https://, http*:// and *://, or a * without any";
    ResourceInCookies "resource-in-cookies" "the resource {resource:quoted} does not begin with http:// or https://, as cookies require";
    UnescapedCharacter "unescaped-character" "the resource has the character {character:quoted} unescaped; requests carry it escaped, and CloudFront compares byte for byte";
    WildcardInCannedUrl "wildcard-in-canned-url" "the URL has a {wildcard}, an ordinary character in a canned policy; but the same signature can be sent as Policy=, where it is a wildcard: sign it as {escape}";
    FolderWithoutWildcard "folder-without-wildcard" "{resource:quoted} is a folder without a * at its end: it opens this one address and nothing in it";
    CannedCookies "canned-cookies" "these cookies open only the one address that was signed: for a folder, sign its address with a * at the end";
    PrivateAddress "private-address" "the policy allows {ipAddress} only, which is {kind}: no viewer reaches CloudFront from there";

    DocumentationAddress "documentation-address" "the policy allows {ipAddress} only, a range for examples: no viewer has such an address";

    // Addresses.
    S3Host "s3-host" "the host {host:quoted} is S3's, which does not know CloudFront's parameters: sign the distribution's address";
    OtherServiceHost "other-service-host" "the host {host:quoted} belongs to {service}, which does not know CloudFront's parameters: sign the distribution's address";
    OtherPort "other-port" "the port is {port}; CloudFront answers http on 80 and https on 443 only: leave it out";
    StrayPercent "stray-percent" "{found:quoted} in the path has a % that begins no escape, which some clients and servers refuse or change: write %25 for the character itself";
    NotAsSent "not-as-sent" "the URL is not written as clients send it, {sent:quoted}: sign that form";
    AfterTheSignature "after-the-signature" "the parameter {name:quoted} comes after the signature: if a mailer or a tracker added it after signing, the signature no longer matches";
    Fragment "fragment" "the URL has a fragment, which clients do not send";
    EmptyQueryPart "empty-query-part" "the URL has an empty query part (?&, && or a ? at the end), which some clients and proxies leave out";
    Http "http" "the URL is http: where a distribution redirects to https, the signature no longer matches, unless the resource says http*://";
    NothingWrong "nothing-wrong" "nothing looks wrong; only the public key can tell whether the signature is right. An answer \"Access Denied\" with a capital D and a RequestId is S3's: the signature was right, and the origin refused";
}

impl std::fmt::Display for ReasonCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_takes_its_values() {
        let reason = Reason::new(ReasonCode::Expired).with("ago", 720_i64).with("dateLessThan", 1_893_456_000_i64);
        assert_eq!(reason.message(), "expired 12 minutes ago, at 2030-01-01T00:00:00Z");
        let reason = Reason::new(ReasonCode::NotAValue).with("name", "Signature").with("found", "un\"defined");
        assert!(reason.message().starts_with("Signature is \"un\\\"defined\": "));
    }

    #[test]
    fn codes_are_kebab_case_and_each_stands_once() {
        for (at, code) in ReasonCode::ALL.iter().enumerate() {
            let text = code.as_str();
            assert!(text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'), "{text}");
            assert!(ReasonCode::ALL[..at].iter().all(|before| before.as_str() != text), "{text}");
        }
    }
}
