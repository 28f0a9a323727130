//! Grants: a policy that is signed once, and put on many URLs or into cookies.

mod from_url;

use std::sync::Arc;

use crate::conditions::{Clock, Conditions};
use crate::cookies::{Access, SignedCookies};
use crate::date::DateInput;
use crate::encoding;
use crate::error::{Error, ErrorCode, Result, quoted, shown};
use crate::key::{Algorithm, KeyType, PublicKey, RSA_BITS, in_der};
use crate::parameter::Parameter;
use crate::policy::{ConditionOrder, Policy};
use crate::resource::Resource;
use crate::text;
use crate::url::WireUrl;

/// Who signs: the key pair id that CloudFront knows the public key by, the kind of key, and the hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    // Each grant has its own.
    key_pair_id: Arc<str>,
    key_type: KeyType,
    algorithm: Algorithm,
}

/// A policy that somebody wrote, to be signed byte for byte.
#[derive(Clone, Debug, PartialEq)]
pub struct ReadyPolicy {
    json: String,
    pub(crate) clock: Clock,
}

impl ReadyPolicy {
    /// Takes the policy's JSON; it is checked when it is signed.
    pub fn new(json: impl Into<String>) -> Self {
        Self { json: json.into(), clock: Clock::default() }
    }

    /// The moment that the expiry check counts from; the clock's, if it is not given.
    pub fn now(mut self, now: impl Into<DateInput>) -> Self {
        self.clock.now = Some(now.into());
        self
    }

    /// Whether to sign although the policy's `DateLessThan` has passed.
    pub fn allow_expired(mut self, allow: bool) -> Self {
        self.clock.allow_expired = allow;
        self
    }
}

impl Identity {
    /// `algorithm` is the key's default ([`KeyType::default_algorithm`]) where it is not given.
    ///
    /// # Errors
    /// [`ErrorCode::InvalidKeyPairId`] if the id is empty or not made of letters and digits.
    pub fn new(key_pair_id: &str, key_type: KeyType, algorithm: Option<Algorithm>) -> Result<Self> {
        check_key_pair_id(key_pair_id)?;
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

    /// The first of two steps for one URL, for a key that is kept elsewhere: a canned policy where there is only an
    /// expiry and no other resource, else a custom one. Sign [`UnsignedGrant::message`], then call
    /// [`UnsignedGrant::finish`].
    ///
    /// # Errors
    /// [`ErrorCode::WildcardInUrl`] if the URL has a `*` and there is no `resource`; [`ErrorCode::ResourceMismatch`] if
    /// `resource` does not cover it; those of [`Conditions`].
    pub fn prepare_url(&self, url: &WireUrl, resource: Option<&Resource>, conditions: &Conditions) -> Result<UnsignedGrant> {
        let (resource, is_the_url) = match resource {
            Some(resource) => {
                check_match(resource, url)?;
                (resource.as_str(), resource.as_str() == url.as_str() && !resource.has_wildcard())
            }
            None => {
                refuse_wildcard(url.as_str())?;
                (url.as_str(), true)
            }
        };
        let policy = conditions.policy_for(resource.to_owned())?;
        let canned = policy.has_only_an_expiry() && is_the_url;
        Ok(self.prepare(policy, canned, ConditionOrder::Documentation))
    }

    /// The first of two steps for a grant or for cookies: a canned policy where there is only an expiry and no `*` in the
    /// resource, else a custom one.
    ///
    /// # Errors
    /// Those of [`Conditions`].
    pub fn prepare_resource(&self, resource: &Resource, conditions: &Conditions) -> Result<UnsignedGrant> {
        let policy = conditions.policy_for(resource.as_str().to_owned())?;
        let canned = policy.has_only_an_expiry() && !resource.has_wildcard();
        Ok(self.prepare(policy, canned, ConditionOrder::Documentation))
    }

    /// The first of two steps for a ready-made policy.
    ///
    /// # Errors
    /// Those of [`Policy::parse`]; [`ErrorCode::InvalidPolicy`] if it names no resource, [`ErrorCode::AlreadyExpired`] if
    /// it has ended.
    pub fn prepare_policy(&self, policy: &ReadyPolicy) -> Result<UnsignedGrant> {
        let parsed = Policy::parse(&policy.json)?;
        let Some(resource) = parsed.resource.clone() else {
            return Err(Error::new(
                ErrorCode::InvalidPolicy,
                "the policy names no Resource, and would open everything that the key may open",
            )
            .about(Parameter::Policy)
            .with_hint("Write \"Resource\":\"*\" if that is meant."));
        };
        policy.clock.check(&parsed)?;
        Ok(self.prepare_verbatim(policy.json.clone(), Some(resource)))
    }

    pub(crate) fn prepare(&self, policy: Policy, canned: bool, order: ConditionOrder) -> UnsignedGrant {
        UnsignedGrant {
            identity: self.clone(),
            message: policy.to_json(order),
            expires: canned.then_some(policy.date_less_than),
            resource: policy.resource.map(Resource::verbatim),
        }
    }

    pub(crate) fn prepare_verbatim(&self, json: String, resource: Option<String>) -> UnsignedGrant {
        UnsignedGrant { identity: self.clone(), message: json, expires: None, resource: resource.map(Resource::verbatim) }
    }
}

pub(crate) fn check_key_pair_id(id: &str) -> Result<()> {
    if !id.is_empty() && id.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return Ok(());
    }
    let hint = if id.trim().is_empty() {
        "It is empty: is the variable that it comes from set?"
    } else if text::contains(id, "BEGIN") {
        "This is the public key itself: pass the id that CloudFront shows for it, K…"
    } else if id.len() == 36 && id.bytes().filter(|b| *b == b'-').count() == 4 {
        "This looks like the id of a key group: pass the id of the public key, K…"
    } else if id.trim() != id {
        "There is white space around it."
    } else {
        "CloudFront shows it under Public keys; it begins with K, or with APKA for an old account key pair."
    };
    // What is passed here by mistake may be a key.
    let found = if id.len() > 40 { "far too long".to_owned() } else { quoted(id) };
    Err(Error::new(
        ErrorCode::InvalidKeyPairId,
        format!("{} is {found}; it is made of letters and digits, such as \"K2JCJMDEHXQW5F\"", Parameter::KeyPairId.token()),
    )
    .about(Parameter::KeyPairId)
    .with_value("given", if id.len() > 40 { String::new() } else { shown(id) })
    .with_hint(hint))
}

pub(crate) fn refuse_wildcard(url: &str) -> Result<()> {
    if !url.as_bytes().contains(&b'*') {
        return Ok(());
    }
    Err(Error::new(ErrorCode::WildcardInUrl, format!("the URL has a * in it, {}; it is one address that is signed", quoted(url)))
        .about(Parameter::Url)
        .with_value("url", shown(url))
        .with_hint(format!(
            "Pass the pattern as {} and one address as the URL; write %2A for a * that is meant as it is.",
            Parameter::Resource.token()
        )))
}

pub(crate) fn check_match(resource: &Resource, url: &WireUrl) -> Result<()> {
    if resource.matches(url) {
        return Ok(());
    }
    let (signed, asked) = (resource.as_str(), url.as_str());
    let same_but_for_protocol =
        text::split_once(signed, "://").map(|(_, rest)| rest) == text::split_once(asked, "://").map(|(_, rest)| rest);
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

/// A policy that waits for its signature, from this machine or from elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnsignedGrant {
    identity: Identity,
    message: String,
    expires: Option<i64>,
    resource: Option<Resource>,
}

impl UnsignedGrant {
    /// The policy: what has to be signed, with the hash of [`Identity::algorithm`].
    pub fn message(&self) -> &[u8] {
        self.message.as_bytes()
    }

    /// The hash to sign with.
    pub fn algorithm(&self) -> Algorithm {
        self.identity.algorithm
    }

    /// The second step: takes the signature over [`UnsignedGrant::message`]. RSA is PKCS#1 v1.5; ECDSA may come in DER or
    /// as the 64 bytes of r and s. With `public_key` the signature is checked.
    ///
    /// # Errors
    /// [`ErrorCode::SigningFailed`] if it cannot be a signature of such a key, or is not one of `public_key`.
    pub fn finish(self, signature: &[u8], public_key: Option<&PublicKey>) -> Result<Grant> {
        self.finish_own(signature, RSA_BITS / 8, public_key)
    }

    /// The same for a key of this machine, which may be of another size where that is allowed: signatures of RSA have to have as
    /// many bytes as its modulus.
    pub(crate) fn finish_own(self, signature: &[u8], modulus: usize, public_key: Option<&PublicKey>) -> Result<Grant> {
        if self.identity.key_type == KeyType::Rsa && signature.len() != modulus {
            return Err(Error::new(
                ErrorCode::SigningFailed,
                format!(
                    "the signer returned {} bytes; a signature of an RSA key of {} bits has {modulus}",
                    signature.len(),
                    modulus * 8
                ),
            )
            .with_hint("Return the signature's bytes, not their Base64."));
        }
        let failed = |message: String| Err(Error::new(ErrorCode::SigningFailed, message));
        let converted;
        let signature = match self.identity.key_type {
            KeyType::Rsa => signature,
            KeyType::Ecdsa => match in_der(signature) {
                Some(der) => {
                    converted = der;
                    &converted
                }
                None => {
                    return failed(format!(
                        "the signer returned {} bytes that are no ECDSA signature on P-256, neither in DER nor as 64 bytes of r and s",
                        signature.len()
                    ));
                }
            },
        };
        if let Some(key) = public_key
            && !key.verify(self.identity.algorithm, self.message(), signature)
        {
            let asked = self.identity.algorithm;
            let other = if asked == Algorithm::Sha1 { Algorithm::Sha256 } else { Algorithm::Sha1 };
            return failed(if key.verify(other, self.message(), signature) {
                format!("the signer returned a signature with {other}; {asked} was asked for")
            } else {
                format!(
                    "the signer returned a signature that is not one of the public key over the policy, with {asked}: another key \
                     signed, or something else was signed, such as the policy's hash as if it were the message"
                )
            });
        }
        let access = match self.expires {
            Some(seconds) => Access::Expires(seconds),
            None => Access::Policy(encoding::encode(self.message.as_bytes())),
        };
        let signature = encoding::encode(signature);
        Ok(Grant { identity: self.identity, policy: self.message, resource: self.resource, access, signature })
    }
}

/// The order of the parameters in a signed URL; CloudFront accepts every order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ParameterOrder {
    /// Signature, Key-Pair-Id, as botocore and the AWS documentation write them.
    Documentation,
    /// Key-Pair-Id, Signature, as `@aws-sdk/cloudfront-signer` writes them.
    AwsSdk,
}

/// A policy that is signed: one signature for every URL that its resource covers, and for cookies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    identity: Identity,
    policy: String,
    resource: Option<Resource>,
    access: Access,
    signature: String,
}

impl Grant {
    /// The policy's JSON, as it was signed.
    pub fn policy(&self) -> &str {
        &self.policy
    }

    /// Who signed it.
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// What it covers; nothing, where that is everything that the key may open.
    pub(crate) fn granted(&self) -> Option<&Resource> {
        self.resource.as_ref()
    }

    /// The one address that it is for, where it has a canned policy.
    pub(crate) fn single_address(&self) -> Option<&str> {
        match self.access {
            Access::Expires(_) => Some(self.resource.as_ref().map_or("one address", Resource::as_str)),
            Access::Policy(_) => None,
        }
    }

    /// Puts the grant on a URL.
    ///
    /// # Errors
    /// [`ErrorCode::ResourceMismatch`] if the grant does not cover it, and those of [`WireUrl::parse`].
    pub fn url(&self, url: &str) -> Result<String> {
        self.wire_url(&WireUrl::parse(url)?)
    }

    /// Puts the grant on many URLs.
    ///
    /// # Errors
    /// As for [`Grant::url`]; the first error ends it.
    pub fn urls<'a>(&self, urls: impl IntoIterator<Item = &'a str>) -> Result<Vec<String>> {
        urls.into_iter().map(|url| self.url(url)).collect()
    }

    /// Puts the grant on a URL that is in its wire form already.
    ///
    /// # Errors
    /// [`ErrorCode::ResourceMismatch`] if the grant does not cover it.
    pub fn wire_url(&self, url: &WireUrl) -> Result<String> {
        self.check_covers(url)?;
        let [text, separator, fragment] = url.around_parameters();
        let mut signed = String::with_capacity(text.len() + fragment.len() + self.length_of_parameters());
        signed.push_str(text);
        signed.push_str(separator);
        self.push_parameters(&mut signed, ParameterOrder::Documentation);
        signed.push_str(fragment);
        Ok(signed)
    }

    /// Turns the grant into cookies.
    ///
    /// # Errors
    /// [`ErrorCode::UnsupportedScheme`] if the resource does not name its protocol, as cookies demand.
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
        Ok(SignedCookies {
            access: self.access.clone(),
            signature: self.signature.clone(),
            key_pair_id: self.identity.key_pair_id().to_owned(),
            algorithm: self.identity.algorithm,
        })
    }

    pub(crate) fn check_covers(&self, url: &WireUrl) -> Result<()> {
        match (&self.resource, &self.access) {
            // A canned policy is rebuilt from the request: no character of it stands for another.
            (Some(resource), Access::Expires(_)) if resource.as_str() == url.as_str() => Ok(()),
            (Some(resource), Access::Expires(_)) => Err(Error::new(
                ErrorCode::ResourceMismatch,
                format!("the grant is for {} alone, not for {}", quoted(resource.as_str()), quoted(url.as_str())),
            )
            .about(Parameter::Url)
            .with_value("resource", shown(resource.as_str()))
            .with_value("url", shown(url.as_str()))
            .with_hint("Grant a resource with a * to cover several URLs.")),
            (Some(resource), Access::Policy(_)) => check_match(resource, url),
            (None, _) => Ok(()),
        }
    }

    /// What every URL gets.
    pub(crate) fn parameters(&self, order: ParameterOrder) -> String {
        let mut parameters = String::with_capacity(self.length_of_parameters());
        self.push_parameters(&mut parameters, order);
        parameters
    }

    /// At the most, so that there is one allocation for a URL.
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
