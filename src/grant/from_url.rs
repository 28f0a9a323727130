//! The grant that a signed URL carries.

use super::{Grant, Identity};
use crate::accepted_keys::RSA_BITS;
use crate::cookies::Access;
use crate::credentials::Credentials;
use crate::date::LATEST;
use crate::encoding;
use crate::error::{Error, ErrorCode, Result};
use crate::key::{Algorithm, KeyType};
use crate::parameter::Parameter;
use crate::policy::{ConditionOrder, Policy, seconds_of_expires};
use crate::resource::Resource;
use crate::url::{Parser, WireUrl, native_parser, unreadable};

impl Grant {
    /// Takes the grant out of a signed URL, to put it on other URLs that its resource covers, such as the files of a stream. It needs
    /// no key and does not check the signature: verify the request first.
    ///
    /// ```
    /// use countersign::{Conditions, Grant, KeyType, PrivateKey, Signer};
    ///
    /// let signer = Signer::new("K2JCJMDEHXQW5F", PrivateKey::generate(KeyType::Ecdsa)?)?;
    /// let grant = signer.grant("https://d111111abcdef8.cloudfront.net/films/*", &Conditions::new("2h"))?;
    /// let of_the_viewer = Grant::from_signed_url(&grant.url("https://d111111abcdef8.cloudfront.net/films/index.m3u8")?)?;
    /// let address = "https://d111111abcdef8.cloudfront.net/films/1.ts";
    /// assert_eq!(of_the_viewer.url(address)?, grant.url(address)?);
    /// # Ok::<(), countersign::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorCode::InvalidUrl`] for what is no signed URL; [`ErrorCode::InvalidPolicy`] and others as for
    /// [`ReadyPolicy`](crate::ReadyPolicy).
    pub fn from_signed_url(url: impl AsRef<str>) -> Result<Self> {
        Self::from_signed_url_with(url.as_ref(), native_parser)
    }

    pub(crate) fn from_signed_url_with(url: &str, parser: Parser) -> Result<Self> {
        let href = parser(url).ok_or_else(|| unreadable(url))?;
        let (plain, given) = Credentials::take_from_url(&href);
        let (Some(id), Some(signature)) = (given.value("Key-Pair-Id"), given.value("Signature")) else {
            return Err(unsigned("has no Signature or no Key-Pair-Id"));
        };
        let signature = encoding::decode(&signature).ok_or_else(|| unsigned("has a Signature that cannot be read"))?;
        let algorithm = match given.value("Hash-Algorithm") {
            Some(name) => name.parse()?,
            None => Algorithm::Sha1,
        };
        let key_type = if signature.len() < RSA_BITS / 16 { KeyType::Ecdsa } else { KeyType::Rsa };
        let identity = Identity::new(&id, key_type, Some(algorithm))?;
        let (policy, parsed, access) = match given.value("Policy") {
            Some(policy) => {
                let json = encoding::decode(&policy).and_then(|bytes| String::from_utf8(bytes).ok());
                let json = json.ok_or_else(|| unsigned("has a Policy that cannot be read"))?;
                let encoded = encoding::encode(json.as_bytes());
                let parsed = Policy::parse(&json)?;
                (json, parsed, Access::Policy(encoded))
            }
            None => {
                let expires = given.value("Expires").ok_or_else(|| unsigned("has neither Expires nor Policy"))?;
                let seconds = seconds_of_expires(&expires).filter(|seconds| *seconds <= LATEST);
                let seconds = seconds.ok_or_else(|| unsigned("has an Expires that is not a number of seconds"))?;
                let policy = Policy::canned(&WireUrl::as_requested(plain)?, seconds);
                (policy.to_json(ConditionOrder::Documentation), policy, Access::Expires(seconds))
            }
        };
        let (resource, expires) = (parsed.resource.map(Resource::verbatim), parsed.date_less_than);
        Ok(Self { identity, policy, resource, expires, access, signature: encoding::encode(&signature) })
    }
}

fn unsigned(why: &str) -> Error {
    Error::new(ErrorCode::InvalidUrl, format!("the URL is not a signed one: it {why}"))
        .about(Parameter::Url)
        .with_hint("Pass the URL as the signer returned it.")
}
