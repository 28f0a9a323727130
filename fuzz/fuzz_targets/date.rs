//! `DateInput::resolve` against plain arithmetic. The input: the text of a date, `#` and a number, or `@` and milliseconds; then the
//! moment that durations count from.
#![no_main]

use countersign::date::{DateInput, LATEST, span, utc};
use countersign::{ErrorCode, Parameter};
use countersign_fuzz::{Fields, plain_date};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let mut fields = Fields::new(data);
    let Some(date) = fields.date() else { return };
    let now = fields.number(1_767_225_600);
    let expected = match &date {
        DateInput::Text(text) => plain_date::read(text, now.into()),
        DateInput::Number(number) if *number < 1e11 => whole(*number),
        DateInput::Number(number) | DateInput::Milliseconds(number) => whole(number / 1000.0),
        _ => unreachable!("there is no other form"),
    };
    match date.resolve(Parameter::DateLessThan, now) {
        Ok(seconds) => {
            assert_eq!(expected, Some(seconds.into()), "{date:?}");
            assert_eq!(DateInput::from(utc(seconds)).resolve(Parameter::DateLessThan, 0).ok(), Some(seconds));
        }
        Err(error) => {
            assert_eq!(error.code(), ErrorCode::InvalidDate);
            assert!(expected.is_none_or(|seconds| !(0..=LATEST.into()).contains(&seconds)), "{date:?} is {expected:?}");
        }
    }
    let _ = (utc(now), span(now));
});

fn whole(number: f64) -> Option<i128> {
    number.is_finite().then_some(number.floor() as i128)
}
