//! Conditions as callers write them: until when, from when and for which address.

use crate::date::{self, DateInput, LATEST};
use crate::error::{Error, ErrorCode, Problems, Result};
use crate::ip_address::source_ip;
use crate::parameter::Parameter;
use crate::policy::Policy;
use crate::resource::Resource;
use crate::url::Parser;

/// When a URL or a resource may be opened, and from which address.
///
/// ```
/// use countersign::Conditions;
///
/// let until_new_year = Conditions::new("2030-12-31T23:59:59+09:00");
/// let office_only = Conditions::new("2h").date_greater_than("-5m").ip_address("192.0.2.0/24");
/// ```
#[derive(Clone, Debug, PartialEq)]
#[must_use]
pub struct Conditions {
    resource: Option<String>,
    date_less_than: DateInput,
    round_up_to: Option<DateInput>,
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
    /// Access until `date_less_than`, in any form of [`DateInput`].
    pub fn new(date_less_than: impl Into<DateInput>) -> Self {
        Self {
            resource: None,
            date_less_than: date_less_than.into(),
            round_up_to: None,
            date_greater_than: None,
            ip_address: None,
            clock: Clock::default(),
        }
    }

    /// What the policy of a signed URL covers, if not the URL itself. It may have wildcards and must cover the URL. For methods that
    /// take a resource as an argument, pass it there instead.
    pub fn resource(mut self, resource: impl AsRef<str>) -> Self {
        self.resource = Some(resource.as_ref().to_owned());
        self
    }

    /// Rounds the expiry up to a multiple of this duration, such as `"15m"` or `"1d"`, counted from 1970. Everyone who asks within
    /// the same 15 minutes gets the same URL, so browsers and proxies can cache it. This needs signatures that are the same each
    /// time: RSA, or ECDSA without the feature `openssl`.
    ///
    /// ```
    /// use countersign::{Conditions, KeyType, PrivateKey, Signer};
    ///
    /// let signer = Signer::new("K2JCJMDEHXQW5F", PrivateKey::generate(KeyType::Ecdsa)?)?;
    /// let sign = |now: &str| {
    ///     let conditions = Conditions::new("1h").round_up_to("15m").now(now);
    ///     signer.sign_url("https://d111111abcdef8.cloudfront.net/a.jpg", &conditions)
    /// };
    /// assert_eq!(sign("2030-01-01T10:00:01Z")?, sign("2030-01-01T10:14:59Z")?);
    /// # Ok::<(), countersign::Error>(())
    /// ```
    pub fn round_up_to(mut self, duration: impl Into<DateInput>) -> Self {
        self.round_up_to = Some(duration.into());
        self
    }

    /// Access begins after this moment. It must be earlier than `date_less_than`.
    pub fn date_greater_than(mut self, date: impl Into<DateInput>) -> Self {
        self.date_greater_than = Some(date.into());
        self
    }

    /// Access only from this IPv4 address or range (CIDR notation).
    pub fn ip_address(mut self, address: impl Into<String>) -> Self {
        self.ip_address = Some(address.into());
        self
    }

    /// The moment that durations and the expiry check count from. Default: the clock.
    pub fn now(mut self, now: impl Into<DateInput>) -> Self {
        self.clock.now = Some(now.into());
        self
    }

    /// Whether to sign even if `date_less_than` has passed: for tests and fixed vectors.
    pub fn allow_expired(mut self, allow: bool) -> Self {
        self.clock.allow_expired = allow;
        self
    }

    /// The resource that was given with the conditions, if any.
    pub(crate) fn own_resource(&self, parser: Parser) -> Result<Option<Resource>> {
        self.resource.as_deref().map(|resource| Resource::parse_with(resource, parser)).transpose()
    }

    /// Refuses a resource in the conditions if the call has one already.
    pub(crate) fn refuse_resource(&self) -> Result<()> {
        if self.resource.is_none() {
            return Ok(());
        }
        let name = Parameter::Resource.token();
        Err(Error::new(
            ErrorCode::InvalidOption,
            format!("{name} is given in the conditions, but this call has a resource already"),
        )
        .about(Parameter::Resource)
        .with_hint(format!("Leave {name} out.")))
    }

    /// Checks the conditions without a resource.
    #[cfg(all(feature = "js", target_arch = "wasm32"))]
    pub(crate) fn check(&self) -> Result<()> {
        self.policy_for(String::new()).map(drop)
    }

    /// Adds the errors of the conditions to the error of `result`, so that the caller hears of all at once.
    pub(crate) fn beside<T>(&self, result: Result<T>) -> Result<T> {
        result.map_err(|error| {
            let of_conditions = self.policy_for(String::new()).err();
            Error::of_all([error.clone()].into_iter().chain(of_conditions)).unwrap_or(error)
        })
    }

    /// The policy that these conditions make for `resource`.
    pub(crate) fn policy_for(&self, resource: String) -> Result<Policy> {
        let mut problems = Problems::default();
        let now = problems.take(self.clock.now());
        // If `now` is wrong, durations can still be checked for their form.
        let from = now.unwrap_or_default();
        let end = problems.take(self.date_less_than.resolve(Parameter::DateLessThan, from));
        let start = self.date_greater_than.as_ref().map(|date| problems.take(start(date, from)));
        let range = self.ip_address.as_ref().map(|address| problems.take(source_ip(address)));
        let step = self.round_up_to.as_ref().map(|step| problems.take(step.as_duration(Parameter::RoundUpTo)));
        problems.end()?;
        let (Some(now), Some(date_less_than)) = (now, end) else { return Err(Error::new(ErrorCode::InvalidDate, "no date")) };
        let policy =
            Policy { resource: Some(resource), date_less_than, date_greater_than: start.flatten(), ip_address: range.flatten() };
        policy.check_range()?;
        if !self.clock.allow_expired {
            policy.check_not_expired(now)?;
        }
        match step.flatten() {
            Some(step) => Ok(Policy { date_less_than: rounded_up(policy.date_less_than, step)?, ..policy }),
            None => Ok(policy),
        }
    }
}

/// The moment at which access begins.
fn start(date: &DateInput, now: i64) -> Result<i64> {
    // An expiry like this is refused because it has passed. A start like this would silently restrict nothing.
    if date.is_ambiguous() {
        let message = format!("{} is eight digits, which would be seconds, a day in 1970", Parameter::DateGreaterThan.token());
        return Err(Error::new(ErrorCode::InvalidDate, message)
            .about(Parameter::DateGreaterThan)
            .with_value("problem", "ambiguous")
            .with_hint("Write the date with hyphens: 2030-01-01."));
    }
    date.resolve(Parameter::DateGreaterThan, now)
}

/// The next multiple of `step`; a multiple stays as it is.
fn rounded_up(seconds: i64, step: i64) -> Result<i64> {
    let rounded = seconds.checked_add(step - 1).map_or(i64::MAX, |end| end.div_euclid(step).saturating_mul(step));
    if rounded > LATEST {
        let name = Parameter::RoundUpTo.token();
        let message = format!("{name} moves the expiry beyond {}, the last moment that CloudFront accepts", date::utc(LATEST));
        return Err(Error::new(ErrorCode::InvalidDate, message)
            .about(Parameter::RoundUpTo)
            .with_value("problem", "too late")
            .with_hint("Choose a shorter duration or an earlier date."));
    }
    Ok(rounded)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn end(date: i64, step: &str) -> Result<i64> {
        let conditions = Conditions::new(date).round_up_to(step).now(0);
        Ok(conditions.policy_for("*".to_owned())?.date_less_than)
    }

    #[test]
    fn rounds_up_to_multiples() {
        for (date, step, expected) in
            [(1, "15m", 900), (900, "15m", 900), (901, "15m", 1800), (1, "PT1S", 1), (86_401, "1d", 172_800)]
        {
            assert_eq!(end(date, step).unwrap(), expected, "{date} {step}");
        }
        assert_eq!(end(LATEST, "1d").unwrap_err().code(), ErrorCode::InvalidDate);
        for step in ["", "0s", "-15m", "15", "2030-01-01", "15 m", "400d"] {
            let error = end(1, step).unwrap_err();
            assert_eq!((error.code(), error.parameter()), (ErrorCode::InvalidDate, Some(Parameter::RoundUpTo)), "{step}");
        }
    }

    #[test]
    fn what_has_expired_is_not_rounded_into_the_future() {
        let conditions = Conditions::new(1).round_up_to("1h").now(2);
        assert_eq!(conditions.policy_for("*".to_owned()).unwrap_err().code(), ErrorCode::AlreadyExpired);
    }
}
