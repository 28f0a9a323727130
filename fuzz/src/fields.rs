//! An input with several parts. A byte that never occurs in UTF-8 separates them, so the fuzzer can move and copy them.

use countersign::date::DateInput;

const SEPARATOR: u8 = 0xff;

pub struct Fields<'a> {
    rest: Option<&'a [u8]>,
}

impl<'a> Fields<'a> {
    pub fn new(data: &'a [u8]) -> Self {
        Self { rest: Some(data) }
    }

    /// The next part; `None` at the end of the input.
    pub fn bytes(&mut self) -> &'a [u8] {
        let rest = self.rest.take().unwrap_or_default();
        match rest.iter().position(|byte| *byte == SEPARATOR) {
            Some(at) => {
                self.rest = Some(&rest[at + 1..]);
                &rest[..at]
            }
            None => rest,
        }
    }

    pub fn text(&mut self) -> String {
        String::from_utf8_lossy(self.bytes()).into_owned()
    }

    /// The next part; `None` if it is empty.
    pub fn given(&mut self) -> Option<String> {
        Some(self.text()).filter(|text| !text.is_empty())
    }

    pub fn number(&mut self, otherwise: i64) -> i64 {
        self.text().parse().unwrap_or(otherwise)
    }

    /// `#1.5` is a number, `@1.5` are milliseconds, everything else is text.
    pub fn date(&mut self) -> Option<DateInput> {
        let text = self.given()?;
        let number = |digits: &str| digits.parse::<f64>().ok();
        Some(if let Some(number) = text.strip_prefix('#').and_then(number) {
            DateInput::Number(number)
        } else if let Some(number) = text.strip_prefix('@').and_then(number) {
            DateInput::Milliseconds(number)
        } else {
            text.into()
        })
    }
}
