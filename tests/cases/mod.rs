//! Reads and runs the cases of tests/vectors.

use std::path::Path;

use countersign::cookies::SignedCookies;
use countersign::date::DateInput;
use countersign::{Algorithm, Conditions, LoadOptions, PrivateKey, ReadyPolicy, Result, Signer};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

pub(crate) fn read<T: DeserializeOwned>(name: &str) -> Vec<T> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct File<T> {
        #[serde(rename = "about")]
        _about: String,
        cases: Vec<T>,
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors").join(name);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str::<File<T>>(&text).unwrap_or_else(|error| panic!("{name}: {error}")).cases
}

pub(crate) fn key_file(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/keys").join(format!("{name}.pem"));
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// A call with its arguments. A misspelt member is an error, so no case tests less than it says.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub(crate) struct Call {
    pub(crate) name: String,
    pub(crate) call: String,
    pub(crate) key: Option<String>,
    pub(crate) key_text: Option<String>,
    pub(crate) passphrase: Option<String>,
    pub(crate) key_pair_id: Option<String>,
    pub(crate) algorithm: Option<String>,
    pub(crate) url: Option<String>,
    pub(crate) resource: Option<String>,
    pub(crate) policy: Option<String>,
    pub(crate) conditions: Option<GivenConditions>,
    pub(crate) attributes: Option<Map<String, Value>>,
    /// For errors.json: the expected code, and the interfaces that must give it.
    pub(crate) code: Option<String>,
    pub(crate) hosts: Option<Vec<String>>,
    /// For corpus.json.
    pub(crate) expect: Option<Expected>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub(crate) struct GivenConditions {
    pub(crate) date_less_than: Option<Date>,
    pub(crate) date_greater_than: Option<Date>,
    pub(crate) ip_address: Option<String>,
    pub(crate) now: Option<Date>,
    pub(crate) allow_expired: bool,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum Date {
    Number(f64),
    Text(String),
}

/// The result that generate.mjs computed for a case.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub(crate) struct Expected {
    pub(crate) resource: Option<String>,
    pub(crate) expires: Option<i64>,
    pub(crate) starts: Option<i64>,
    pub(crate) ip: Option<String>,
    pub(crate) canned: bool,
    pub(crate) address: Option<String>,
    pub(crate) policy: Option<String>,
    pub(crate) error: Option<String>,
}

#[derive(Debug)]
pub(crate) enum Outcome {
    Url(String),
    Cookies(SignedCookies),
}

impl From<&Date> for DateInput {
    fn from(date: &Date) -> Self {
        match date {
            Date::Number(number) => (*number).into(),
            Date::Text(text) => text.as_str().into(),
        }
    }
}

impl Call {
    pub(crate) fn key_bytes(&self) -> Vec<u8> {
        match &self.key_text {
            Some(text) => text.clone().into_bytes(),
            None => key_file(self.key.as_deref().unwrap_or("p256")),
        }
    }

    pub(crate) fn signer(&self) -> Result<Signer> {
        let id = self.key_pair_id.as_deref().unwrap_or("K2JCJMDEHXQW5F");
        let algorithm = self.algorithm.as_deref().map(str::parse::<Algorithm>).transpose()?;
        let key = self.private_key()?;
        match algorithm {
            Some(algorithm) => Signer::with_algorithm(id, key, algorithm),
            None => Signer::new(id, key),
        }
    }

    pub(crate) fn private_key(&self) -> Result<PrivateKey> {
        let mut options = LoadOptions::new();
        if let Some(passphrase) = &self.passphrase {
            options = options.passphrase(passphrase.as_bytes());
        }
        PrivateKey::load(&self.key_bytes(), &options)
    }

    fn conditions(&self) -> Conditions {
        let given = self.conditions.clone().unwrap_or_default();
        let mut conditions =
            Conditions::new(given.date_less_than.as_ref().expect("dateLessThan")).allow_expired(given.allow_expired);
        if let Some(date) = &given.date_greater_than {
            conditions = conditions.date_greater_than(date);
        }
        if let Some(address) = given.ip_address {
            conditions = conditions.ip_address(address);
        }
        if let Some(now) = &given.now {
            conditions = conditions.now(now);
        }
        conditions
    }

    fn ready_policy(&self, json: &str) -> ReadyPolicy {
        let given = self.conditions.clone().unwrap_or_default();
        let policy = ReadyPolicy::new(json).allow_expired(given.allow_expired);
        match &given.now {
            Some(now) => policy.now(now),
            None => policy,
        }
    }

    /// Makes a call that signs.
    pub(crate) fn run_with(&self, signer: &Signer) -> Result<Outcome> {
        let url = || self.url.as_deref().expect("url");
        let resource = || self.resource.as_deref().expect("resource");
        match (self.call.as_str(), &self.policy) {
            ("signUrl", Some(policy)) => signer.sign_url_with_policy(url(), &self.ready_policy(policy)).map(Outcome::Url),
            ("signUrl", None) => match &self.resource {
                Some(resource) => signer.sign_url(url(), &self.conditions().resource(resource)).map(Outcome::Url),
                None => signer.sign_url(url(), &self.conditions()).map(Outcome::Url),
            },
            ("signCookies", Some(policy)) => signer.sign_cookies_with_policy(&self.ready_policy(policy)).map(Outcome::Cookies),
            ("signCookies", None) => signer.sign_cookies(resource(), &self.conditions()).map(Outcome::Cookies),
            ("grantUrl", None) => signer.grant(resource(), &self.conditions())?.url(url()).map(Outcome::Url),
            other => panic!("{}: no call is {other:?}", self.name),
        }
    }
}
