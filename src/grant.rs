//! Grants: a policy that is signed once and then put on many URLs or into cookies.

mod from_url;

use std::borrow::Cow;
use std::sync::Arc;

use crate::accepted_keys::RSA_BITS;
use crate::conditions::{Clock, Conditions};
use crate::cookies::{Access, LONGEST_COOKIE, SignedCookies};
use crate::date::DateInput;
use crate::encoding;
use crate::error::{Error, ErrorCode, Result, quoted, shown};
use crate::key::{Algorithm, KeyType, PublicKey, in_der};
use crate::parameter::Parameter;
use crate::policy::{ConditionOrder, Policy};
use crate::reason::ReasonCode;
use crate::resource::{Resource, resource_protocol};
use crate::url::{Parser, WireUrl, check_length, native_parser};
use crate::values::is_no_value;

/// Who signs: the key pair id, the kind of key and the hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    // Each grant has its own.
    key_pair_id: Arc<str>,
    key_type: KeyType,
    algorithm: Algorithm,
}

/// A policy of your own, signed byte for byte.
#[derive(Clone, Debug, PartialEq)]
#[must_use]
pub struct ReadyPolicy {
    json: String,
    pub(crate) clock: Clock,
}

impl ReadyPolicy {
    /// Takes the policy's JSON. It is checked when it is signed.
    pub fn new(json: impl Into<String>) -> Self {
        Self { json: json.into(), clock: Clock::default() }
    }

    /// The moment for the expiry check. Default: the clock.
    pub fn now(mut self, now: impl Into<DateInput>) -> Self {
        self.clock.now = Some(now.into());
        self
    }

    /// Whether to sign even if the policy's `DateLessThan` has passed.
    pub fn allow_expired(mut self, allow: bool) -> Self {
        self.clock.allow_expired = allow;
        self
    }
}

impl Identity {
    /// Without `algorithm`, the key's default is used ([`KeyType::default_algorithm`]).
    ///
    /// # Errors
    /// [`ErrorCode::InvalidKeyPairId`] if the id is empty or not made of letters and digits.
    pub fn new(key_pair_id: impl Into<String>, key_type: KeyType, algorithm: Option<Algorithm>) -> Result<Self> {
        let key_pair_id = key_pair_id.into();
        check_key_pair_id(&key_pair_id)?;
        let algorithm = algorithm.unwrap_or_else(|| key_type.default_algorithm());
        Ok(Self { key_pair_id: key_pair_id.into(), key_type, algorithm })
    }

    /// The key pair id.
    pub fn key_pair_id(&self) -> &str {
        &self.key_pair_id
    }

    /// RSA or ECDSA.
    pub fn key_type(&self) -> KeyType {
        self.key_type
    }

    /// The hash.
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The first of two steps for one URL, for a key that is kept elsewhere. The policy is canned if there is only an expiry and no
    /// resource ([`Conditions::resource`]), else custom. Sign [`UnsignedGrant::message`], then call [`UnsignedGrant::finish`].
    ///
    /// # Errors
    /// [`ErrorCode::WildcardInUrl`] if the URL's host or path has a `*` and there is no resource; [`ErrorCode::ResourceMismatch`] if
    /// the resource does not cover it; [`ErrorCode::TooLong`]; the errors of [`Resource::parse`] and [`Conditions`].
    pub fn prepare_url(&self, url: &WireUrl, conditions: &Conditions) -> Result<UnsignedGrant> {
        self.prepare_url_with(url, conditions, native_parser)
    }

    pub(crate) fn prepare_url_with(&self, url: &WireUrl, conditions: &Conditions, parser: Parser) -> Result<UnsignedGrant> {
        let (resource, is_the_url) = conditions.beside(resource_for(url, conditions, parser))?;
        let policy = conditions.policy_for(resource)?;
        let canned = policy.has_only_an_expiry() && is_the_url;
        Ok(self.prepare(policy, canned, ConditionOrder::Documentation))
    }

    /// The first of two steps for a grant or for cookies. The policy is canned if there is only an expiry and no `*` in the resource,
    /// else custom.
    ///
    /// # Errors
    /// [`ErrorCode::WildcardInUrl`] if the resource has no `*` and a second `?`, which is a wildcard in a policy; the errors of [`Conditions`].
    pub fn prepare_resource(&self, resource: &Resource, conditions: &Conditions) -> Result<UnsignedGrant> {
        conditions.refuse_resource()?;
        if !resource.has_wildcard() && resource.as_str().bytes().filter(|byte| *byte == b'?').nth(1).is_some() {
            return Err(Error::new(
                ErrorCode::WildcardInUrl,
                format!(
                    "the resource is {}, whose second ? is a wildcard: it would open more than this address",
                    quoted(resource.as_str())
                ),
            )
            .about(Parameter::Resource)
            .with_hint("Write %3F, as requests have it, or let the resource end in a * if you mean more."));
        }
        let policy = conditions.policy_for(resource.as_str().to_owned())?;
        let canned = policy.has_only_an_expiry() && !resource.has_wildcard();
        Ok(self.prepare(policy, canned, ConditionOrder::Documentation))
    }

    /// The first of two steps for a ready-made policy.
    ///
    /// # Errors
    /// Those of [`Policy::parse`]; [`ErrorCode::InvalidPolicy`] if it names no resource, or one that no request has;
    /// [`ErrorCode::UnsupportedScheme`] if the resource's protocol is none that CloudFront takes; [`ErrorCode::AlreadyExpired`] if it has
    /// ended; [`ErrorCode::TooLong`].
    pub fn prepare_policy(&self, policy: &ReadyPolicy) -> Result<UnsignedGrant> {
        let parsed = read_ready_policy(&policy.json)?;
        let Some(resource) = parsed.resource.clone() else {
            return Err(Error::new(
                ErrorCode::InvalidPolicy,
                "the policy names no Resource, and would open everything that the key may open",
            )
            .about(Parameter::Policy)
            .with_hint("Write \"Resource\":\"*\" if you mean that."));
        };
        check_that_requests_have(&resource)?;
        policy.clock.check(&parsed)?;
        Ok(self.prepare_verbatim(policy.json.clone(), parsed))
    }

    pub(crate) fn prepare(&self, policy: Policy, canned: bool, order: ConditionOrder) -> UnsignedGrant {
        UnsignedGrant {
            identity: self.clone(),
            message: policy.to_json(order),
            canned,
            expires: policy.date_less_than,
            resource: policy.resource.map(Resource::verbatim),
        }
    }

    pub(crate) fn prepare_verbatim(&self, json: String, parsed: Policy) -> UnsignedGrant {
        let resource = parsed.resource.map(Resource::verbatim);
        UnsignedGrant { identity: self.clone(), message: json, canned: false, expires: parsed.date_less_than, resource }
    }
}

/// Returns the policy's resource for a URL, and whether it is the URL itself.
fn resource_for(url: &WireUrl, conditions: &Conditions, parser: Parser) -> Result<(String, bool)> {
    url.check_length()?;
    let own = conditions.own_resource(parser)?;
    match &own {
        Some(resource) if resource.has_wildcard() || resource.as_str() != url.as_str() => {
            check_match(resource, url)?;
            Ok((resource.as_str().to_owned(), false))
        }
        _ => Ok((url.one_address()?.as_str().to_owned(), true)),
    }
}

/// Recognises ids of other AWS things by their form.
///
/// Source: AWS, *IAM identifiers*, "Understanding unique ID prefixes"; ids of distributions are `E` and 12 or 13 letters and digits.
pub(crate) fn kind_of_id(id: &str) -> Option<ReasonCode> {
    let upper = || id.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
    let is_in_uuid = |(at, b): (usize, u8)| if matches!(at, 8 | 13 | 18 | 23) { b == b'-' } else { b.is_ascii_hexdigit() };
    if id.len() == 36 && id.bytes().enumerate().all(is_in_uuid) {
        return Some(ReasonCode::KeyGroupId);
    }
    let is_of_iam = ["AKIA", "ASIA", "AIDA", "AROA", "AGPA", "AIPA", "ANPA", "ANVA", "ABIA", "ACCA"]
        .iter()
        .any(|prefix| id.starts_with(prefix));
    if is_of_iam && id.len() >= 16 && upper() {
        return Some(ReasonCode::AccessKeyId);
    }
    // Without a digit it may be a name that somebody chose for a test.
    let is_of_a_distribution = id.starts_with('E') && matches!(id.len(), 13..=15) && id.bytes().any(|b| b.is_ascii_digit());
    if is_of_a_distribution && upper() {
        return Some(ReasonCode::DistributionId);
    }
    None
}

pub(crate) fn check_key_pair_id(id: &str) -> Result<()> {
    // In a test, what looks like a distribution's id may be a key's.
    let kind = kind_of_id(id).filter(|kind| *kind != ReasonCode::DistributionId);
    let is_no_value = is_no_value(id);
    if kind.is_none() && !is_no_value && !id.is_empty() && id.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return Ok(());
    }
    Err(refused_id(id, kind, is_no_value))
}

/// Not inlined, as it is much code, which WebAssembly would have to compile for ids that are right too.
#[inline(never)]
fn refused_id(id: &str, kind: Option<ReasonCode>, is_no_value: bool) -> Error {
    let hint = if id.trim().is_empty() {
        "It is empty. Is the variable set?"
    } else if id.contains("BEGIN") {
        "This is the public key itself: pass the id that CloudFront shows for it, K…"
    } else if is_no_value {
        "Is the variable set? Is the promise awaited?"
    } else if kind == Some(ReasonCode::AccessKeyId) {
        "This is the id of an AWS access key (IAM), which cannot sign for CloudFront: pass the id of the public key, K…"
    } else if kind == Some(ReasonCode::KeyGroupId) || (id.len() == 36 && id.bytes().filter(|b| *b == b'-').count() == 4) {
        "This looks like the id of a key group: pass the id of the public key, K…"
    } else if id.starts_with(['$', '{']) {
        "It is a placeholder that was never filled in. Is the variable set?"
    } else if id.starts_with("arn:") {
        "This is an ARN. Pass only the ID of the public key, K…"
    } else if id.trim() != id {
        "There is white space around it."
    } else if id.trim_matches(|c: char| !c.is_ascii_alphanumeric()) != id && id.len() > 12 {
        "Remove what is around it: quotation marks, a comma or an invisible character."
    } else {
        "CloudFront shows it under Public keys; it begins with K, or with APKA for an old account key pair."
    };
    // It may be a key, passed by mistake.
    let found = if id.len() > 40 { "far too long".to_owned() } else { quoted(id) };
    Error::new(
        ErrorCode::InvalidKeyPairId,
        format!("{} is {found}; it is made of letters and digits, such as \"K2JCJMDEHXQW5F\"", Parameter::KeyPairId.token()),
    )
    .about(Parameter::KeyPairId)
    .with_value("given", if id.len() > 40 { String::new() } else { shown(id) })
    .with_hint(hint)
}

/// Reads a policy that is signed byte for byte. Refuses a resource with an unknown protocol.
pub(crate) fn read_ready_policy(json: &str) -> Result<Policy> {
    check_length("policy", json.len()).map_err(|error| error.about(Parameter::Policy))?;
    let policy = Policy::parse(json)?;
    if let Some(text) = &policy.resource {
        let resource = Resource::verbatim(text.clone());
        if let Some(protocol) = resource.impossible_protocol() {
            return Err(resource_protocol(protocol));
        }
    }
    Ok(policy)
}

/// Refuses a resource with a character that no request has.
fn check_that_requests_have(resource: &str) -> Result<()> {
    let Some(character) = resource.chars().find(|character| *character <= ' ' || matches!(character, '#' | '\u{7f}')) else {
        return Ok(());
    };
    Err(Error::new(
        ErrorCode::InvalidPolicy,
        format!(
            "the policy's Resource is {}, with the character {}, which no request has unescaped: it would cover nothing",
            quoted(resource),
            quoted(&character.to_string())
        ),
    )
    .about(Parameter::Policy)
    .with_value("resource", shown(resource))
    .with_hint("Write it percent-encoded, as clients send it: a space is %20. Leave out a # and what follows."))
}

pub(crate) fn check_match(resource: &Resource, url: &WireUrl) -> Result<()> {
    if resource.matches(url) {
        return Ok(());
    }
    let (signed, asked) = (resource.as_str(), url.as_str());
    let same_but_for_protocol = signed.split_once("://").map(|(_, rest)| rest) == asked.split_once("://").map(|(_, rest)| rest);
    Err(Error::new(
        ErrorCode::ResourceMismatch,
        format!("the resource {} does not cover the URL {}", quoted(signed), quoted(asked)),
    )
    .about(Parameter::Resource)
    .with_value("resource", shown(signed))
    .with_value("url", shown(asked))
    .with_hint(if same_but_for_protocol {
        "One is http and the other https: write http*:// for both."
    } else {
        "Compare host, path and query; a * covers its own part of the URL only, and the query too where it ends the path."
    }))
}

/// A policy that waits for its signature.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct UnsignedGrant {
    identity: Identity,
    message: String,
    canned: bool,
    expires: i64,
    resource: Option<Resource>,
}

impl UnsignedGrant {
    /// The policy, which you sign with the hash [`Identity::algorithm`].
    pub fn message(&self) -> &[u8] {
        self.message.as_bytes()
    }

    /// The hash to sign with.
    pub fn algorithm(&self) -> Algorithm {
        self.identity.algorithm
    }

    /// The second step: takes the signature of [`UnsignedGrant::message`]. RSA is PKCS#1 v1.5; ECDSA is DER or the 64 bytes of r and
    /// s. With `public_key`, the signature is checked.
    ///
    /// # Errors
    /// [`ErrorCode::SigningFailed`] if it cannot be a signature of such a key, or does not match `public_key`.
    pub fn finish(self, signature: &[u8], public_key: Option<&PublicKey>) -> Result<Grant> {
        self.finish_own(signature, RSA_BITS / 8, public_key)
    }

    /// The same for a key of another size, if that was allowed: an RSA signature must have as many bytes as the modulus.
    pub(crate) fn finish_own(self, signature: &[u8], modulus: usize, public_key: Option<&PublicKey>) -> Result<Grant> {
        let signature = match self.identity.key_type {
            KeyType::Rsa => of_length(signature, modulus)?.into(),
            KeyType::Ecdsa => ecdsa_in_der(signature)?,
        };
        if let Some(key) = public_key {
            self.check(&signature, key)?;
        }
        let access =
            if self.canned { Access::Expires(self.expires) } else { Access::Policy(encoding::encode(self.message.as_bytes())) };
        let signature = encoding::encode(&signature);
        Ok(Grant {
            identity: self.identity,
            policy: self.message,
            resource: self.resource,
            expires: self.expires,
            access,
            signature,
        })
    }

    /// Checks a signature with the signer's public key.
    fn check(&self, signature: &[u8], key: &PublicKey) -> Result<()> {
        let asked = self.identity.algorithm;
        if key.verify(asked, self.message(), signature) {
            return Ok(());
        }
        let other = if asked == Algorithm::Sha1 { Algorithm::Sha256 } else { Algorithm::Sha1 };
        let message = if key.verify(other, self.message(), signature) {
            format!("the signer returned a signature with {other}; {asked} was asked for")
        } else {
            format!(
                "the signature that the signer returned does not match the public key and the policy, with {asked}: another key \
                 signed, or something else was signed, such as the policy's hash as if it were the message"
            )
        };
        Err(Error::new(ErrorCode::SigningFailed, message))
    }
}

/// The signature by an RSA key, if it is as long as the modulus.
fn of_length(signature: &[u8], modulus: usize) -> Result<&[u8]> {
    if signature.len() == modulus {
        return Ok(signature);
    }
    Err(no_signature(signature, &format!("; a signature by an RSA key of {} bits has {modulus}", modulus * 8)))
}

fn ecdsa_in_der(signature: &[u8]) -> Result<Cow<'_, [u8]>> {
    let wanted = " that are not an ECDSA signature on P-256, neither in DER nor as 64 bytes of r and s";
    in_der(signature).ok_or_else(|| no_signature(signature, wanted))
}

/// The error about bytes that cannot be the signature, with what they are, if that can be seen.
fn no_signature(bytes: &[u8], wanted: &str) -> Error {
    let error = Error::new(ErrorCode::SigningFailed, format!("the signer returned {}{wanted}", counted(bytes)));
    let is_text = bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || b"+/=-_~\r\n".contains(byte));
    match bytes.len() {
        0 => error,
        _ if is_text => error.with_hint("Return the signature's bytes, not their Base64 or hexadecimal digits."),
        length @ (128 | 256 | 384 | 512) => error.with_hint(format!("An RSA key of {} bits signs with as many.", length * 8)),
        _ if in_der(bytes).is_some() => {
            error.with_hint(format!("It looks like a signature by an ECDSA key: is {} right?", Parameter::KeyType.token()))
        }
        _ => error,
    }
}

/// States the length. JavaScript passes at most one byte more than the longest signature, so beyond that the length is unknown.
fn counted(bytes: &[u8]) -> String {
    const LONGEST: usize = 1024;
    if bytes.len() > LONGEST { "more than 1,024 bytes".to_owned() } else { format!("{} bytes", bytes.len()) }
}

/// The order of the parameters in a signed URL; CloudFront accepts every order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ParameterOrder {
    /// Signature, Key-Pair-Id, as botocore and the AWS documentation write them.
    Documentation,
    /// Key-Pair-Id, Signature, as `@aws-sdk/cloudfront-signer` writes them.
    AwsSdk,
}

/// A signed policy: one signature for every URL that its resource covers, and for cookies.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct Grant {
    identity: Identity,
    policy: String,
    resource: Option<Resource>,
    expires: i64,
    access: Access,
    signature: String,
}

impl Grant {
    /// The policy's JSON, as it was signed.
    pub fn policy(&self) -> &str {
        &self.policy
    }

    /// The policy's resource; `None` if a policy from elsewhere has none.
    pub fn resource(&self) -> Option<&Resource> {
        self.resource.as_ref()
    }

    /// When access ends, in epoch seconds. Make a new grant some time before.
    pub fn expires(&self) -> i64 {
        self.expires
    }

    /// Who signed it.
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// What it covers; `None` if that is everything that the key may open.
    pub(crate) fn granted(&self) -> Option<&Resource> {
        self.resource.as_ref()
    }

    /// Its only address, if the policy is canned.
    pub(crate) fn single_address(&self) -> Option<&str> {
        match self.access {
            Access::Expires(_) => Some(self.resource.as_ref().map_or("one address", Resource::as_str)),
            Access::Policy(_) => None,
        }
    }

    /// Puts the grant on a URL.
    ///
    /// # Errors
    /// [`ErrorCode::ResourceMismatch`] if the grant does not cover it, and the errors of [`WireUrl::parse`].
    pub fn url(&self, url: impl AsRef<str>) -> Result<String> {
        self.wire_url(&WireUrl::parse(url)?)
    }

    /// Puts the grant on many URLs.
    ///
    /// # Errors
    /// As for [`Grant::url`]; it stops at the first error.
    pub fn urls<U: AsRef<str>>(&self, urls: impl IntoIterator<Item = U>) -> Result<Vec<String>> {
        urls.into_iter().map(|url| self.url(url)).collect()
    }

    /// Puts the grant on a URL that is in wire form already.
    ///
    /// # Errors
    /// [`ErrorCode::ResourceMismatch`] if the grant does not cover it.
    pub fn wire_url(&self, url: &WireUrl) -> Result<String> {
        let url = self.form_of(url)?;
        let [text, separator, fragment] = url.around_parameters();
        let mut signed = String::with_capacity(text.len() + fragment.len() + self.length_of_parameters());
        signed.push_str(text);
        signed.push_str(separator);
        self.push_parameters(&mut signed, ParameterOrder::Documentation);
        check_length("signed URL", signed.len())?;
        signed.push_str(fragment);
        Ok(signed)
    }

    /// The URL as it was signed, if the grant covers it; for a single address, with its wildcards escaped.
    pub(crate) fn form_of<'a>(&self, url: &'a WireUrl) -> Result<Cow<'a, WireUrl>> {
        if let Some(resource) = &self.resource
            && resource.as_str() != url.as_str()
            && !resource.has_wildcard()
            && let Ok(one) = url.one_address()
            && one.as_str() == resource.as_str()
        {
            return Ok(one);
        }
        self.check_covers(url)?;
        Ok(Cow::Borrowed(url))
    }

    /// Turns the grant into cookies.
    ///
    /// # Errors
    /// [`ErrorCode::UnsupportedScheme`] if the resource has no protocol, which cookies require; [`ErrorCode::TooLong`] if browsers would
    /// drop one of the cookies.
    pub fn cookies(&self) -> Result<SignedCookies> {
        if let Some(resource) = &self.resource
            && !resource.is_allowed_in_cookies()
        {
            return Err(Error::new(
                ErrorCode::UnsupportedScheme,
                format!("the resource is {}; in cookies it begins with http://, https:// or http*://", quoted(resource.as_str())),
            )
            .about(Parameter::Resource)
            .with_value("resource", shown(resource.as_str()))
            .with_hint("Write http*:// for both protocols."));
        }
        let cookies = SignedCookies {
            access: self.access.clone(),
            signature: self.signature.clone(),
            key_pair_id: self.identity.key_pair_id().to_owned(),
            algorithm: self.identity.algorithm,
        };
        for (name, value) in cookies.pairs() {
            let length = name.len().saturating_add(value.len());
            if length > LONGEST_COOKIE {
                return Err(Error::new(
                    ErrorCode::TooLong,
                    format!("the cookie {name} would have {length} bytes with its name; browsers keep at most {LONGEST_COOKIE}, and drop a longer one"),
                )
                .about(Parameter::Resource)
                .with_value("length", length)
                .with_value("limit", LONGEST_COOKIE)
                .with_hint("Shorten the resource: a * covers the rest."));
            }
        }
        Ok(cookies)
    }

    pub(crate) fn check_covers(&self, url: &WireUrl) -> Result<()> {
        match (&self.resource, &self.access) {
            // CloudFront rebuilds a canned policy from the request, so no character is a wildcard.
            (Some(resource), Access::Expires(_)) if resource.as_str() == url.as_str() => Ok(()),
            (Some(resource), Access::Expires(_)) => Err(Error::new(
                ErrorCode::ResourceMismatch,
                format!("the grant covers only {}, not {}", quoted(resource.as_str()), quoted(url.as_str())),
            )
            .about(Parameter::Url)
            .with_value("resource", shown(resource.as_str()))
            .with_value("url", shown(url.as_str()))
            .with_hint("Grant a resource with a * to cover several URLs.")),
            (Some(resource), Access::Policy(_)) => check_match(resource, url),
            (None, _) => Ok(()),
        }
    }

    /// The parameters that every URL gets.
    pub(crate) fn parameters(&self, order: ParameterOrder) -> String {
        let mut parameters = String::with_capacity(self.length_of_parameters());
        self.push_parameters(&mut parameters, order);
        parameters
    }

    /// An upper bound, so that each URL takes one allocation.
    fn length_of_parameters(&self) -> usize {
        const NAMES_AND_MOMENT: usize = 80;
        let policy = if let Access::Policy(encoded) = &self.access { encoded.len() } else { 0 };
        NAMES_AND_MOMENT + policy + self.signature.len() + self.identity.key_pair_id.len()
    }

    fn push_parameters(&self, text: &mut String, order: ParameterOrder) {
        self.access.push_parameter(text);
        if order == ParameterOrder::Documentation {
            self.push_signature(text);
        }
        text.push_str("&Key-Pair-Id=");
        text.push_str(&self.identity.key_pair_id);
        if order == ParameterOrder::AwsSdk {
            self.push_signature(text);
        }
        if self.identity.algorithm == Algorithm::Sha256 {
            text.push_str("&Hash-Algorithm=SHA256");
        }
    }

    fn push_signature(&self, text: &mut String) {
        text.push_str("&Signature=");
        text.push_str(&self.signature);
    }
}
