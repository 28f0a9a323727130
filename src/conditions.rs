//! Conditions as callers write them: until when, from when, and for whom.

use crate::date::{self, DateInput};
use crate::error::{Error, ErrorCode, Result};
use crate::ip_address::source_ip;
use crate::parameter::Parameter;
use crate::policy::Policy;

/// When, and from which address, something may be opened.
///
/// ```
/// use countersign::Conditions;
///
/// let until_new_year = Conditions::new("2030-12-31T23:59:59+09:00");
/// let office_only = Conditions::new("2h").date_greater_than("-5m").ip_address("192.0.2.0/24");
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Conditions {
    date_less_than: DateInput,
    date_greater_than: Option<DateInput>,
    ip_address: Option<String>,
    clock: Clock,
}

/// The moment that durations and the expiry check count from, and whether there is such a check.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Clock {
    pub(crate) now: Option<DateInput>,
    pub(crate) allow_expired: bool,
}

impl Clock {
    pub(crate) fn now(&self) -> Result<i64> {
        match &self.now {
            Some(now) => now.resolve_by_clock(Parameter::Now),
            None => date::now(),
        }
    }

    pub(crate) fn check(&self, policy: &Policy) -> Result<()> {
        // Read in any case: a `now` that is no date is an error.
        let now = self.now()?;
        if self.allow_expired { Ok(()) } else { policy.check_not_expired(now) }
    }
}

impl Conditions {
    /// Access until `date_less_than`; the forms are those of [`DateInput`].
    pub fn new(date_less_than: impl Into<DateInput>) -> Self {
        Self { date_less_than: date_less_than.into(), date_greater_than: None, ip_address: None, clock: Clock::default() }
    }

    /// Access only after this moment, which has to be earlier than `date_less_than`.
    pub fn date_greater_than(mut self, date: impl Into<DateInput>) -> Self {
        self.date_greater_than = Some(date.into());
        self
    }

    /// Access only from this IPv4 address, or from this range in CIDR notation.
    pub fn ip_address(mut self, address: impl Into<String>) -> Self {
        self.ip_address = Some(address.into());
        self
    }

    /// The moment that durations and the expiry check count from; the clock's, if it is not given.
    pub fn now(mut self, now: impl Into<DateInput>) -> Self {
        self.clock.now = Some(now.into());
        self
    }

    /// Whether to sign although `date_less_than` has passed: for tests and fixed vectors.
    pub fn allow_expired(mut self, allow: bool) -> Self {
        self.clock.allow_expired = allow;
        self
    }

    /// The policy that these conditions make for `resource`.
    pub(crate) fn policy_for(&self, resource: String) -> Result<Policy> {
        let now = self.clock.now()?;
        let policy = Policy {
            resource: Some(resource),
            date_less_than: self.date_less_than.resolve(Parameter::DateLessThan, now)?,
            date_greater_than: match &self.date_greater_than {
                // As an expiry it would be refused for being past; as a start it would silently be no restriction.
                Some(date) if date.is_ambiguous() => {
                    return Err(Error::new(
                        ErrorCode::InvalidDate,
                        format!("{} is eight digits, which would be seconds, a day in 1970", Parameter::DateGreaterThan.token()),
                    )
                    .about(Parameter::DateGreaterThan)
                    .with_value("problem", "ambiguous")
                    .with_hint("Write the date with hyphens: 2030-01-01."));
                }
                Some(date) => Some(date.resolve(Parameter::DateGreaterThan, now)?),
                None => None,
            },
            ip_address: match &self.ip_address {
                Some(address) => Some(source_ip(address)?),
                None => None,
            },
        };
        policy.check_range()?;
        if !self.clock.allow_expired {
            policy.check_not_expired(now)?;
        }
        Ok(policy)
    }
}
