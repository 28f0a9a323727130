//! Dates and durations in the documented forms, by plain Gregorian arithmetic.

/// A text as epoch seconds, or `None` if it is not a date in one of the forms.
pub fn read(text: &str, now: i128) -> Option<i128> {
    let is_number = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if is_number {
        return Some(
            text.bytes().fold(0i128, |number, digit| number.saturating_mul(10).saturating_add(i128::from(digit - b'0'))),
        );
    }
    let (sign, unsigned) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
    if let Some(seconds) = duration(unsigned) {
        return Some(now + sign * seconds);
    }
    date_time(text)
}

/// `1h30m`, or ISO 8601 in capitals without years and months. A number of more than 18 digits gives `None`.
fn duration(text: &str) -> Option<i128> {
    let iso = text.starts_with('P');
    let (dates, times) = match text.strip_prefix('P') {
        Some(rest) => match rest.split_once('T') {
            Some((_, "")) => return None,
            Some((dates, times)) => (parts(dates)?, parts(times)?),
            None => (parts(rest)?, Vec::new()),
        },
        None => (Vec::new(), parts(text)?),
    };
    let mut total = 0;
    for (list, in_time) in [(&dates, false), (&times, true)] {
        for (number, unit) in list {
            let length = match (unit, iso) {
                ('w', false) => 604_800,
                ('W', true) if !in_time => 604_800,
                ('d', false) => 86_400,
                ('D', true) if !in_time => 86_400,
                ('h', false) => 3_600,
                ('H', true) if in_time => 3_600,
                ('m', false) => 60,
                ('M', true) if in_time => 60,
                ('s', false) => 1,
                ('S', true) if in_time => 1,
                _ => return None,
            };
            total += number * length;
        }
    }
    (dates.len() + times.len() > 0).then_some(total)
}

/// Pairs of a number and the letter after it.
fn parts(text: &str) -> Option<Vec<(i128, char)>> {
    let mut parts = Vec::new();
    let mut digits = String::new();
    for character in text.chars() {
        if character.is_ascii_digit() {
            digits.push(character);
        } else {
            let significant = digits.trim_start_matches('0');
            if digits.is_empty() || significant.len() > 18 {
                return None;
            }
            parts.push((significant.parse().unwrap_or(0), character));
            digits.clear();
        }
    }
    digits.is_empty().then_some(parts)
}

fn date_time(text: &str) -> Option<i128> {
    // With every digit as 0, only the form is left.
    let form: String = text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    // Between hyphens a leading zero may be missing; the longest form that fits counts.
    let forms = ["0000-00-00", "0000-0-00", "0000-00-0", "0000-0-0", "00000000"];
    let (date, rest) = forms.iter().find_map(|date| Some((*date, form.strip_prefix(date)?)))?;
    let mut lengths = date.split('-').skip(1).map(str::len);
    let (of_month, of_day) = (lengths.next().unwrap_or(2), lengths.next().unwrap_or(2));
    let mut numbers = text.chars().filter(char::is_ascii_digit).map(|digit| i128::from(digit as u8 - b'0'));
    let mut number = |digits: usize| (0..digits).fold(0, |number, _| number * 10 + numbers.next().unwrap_or(0));
    let (year, month, day) = (number(4), number(of_month), number(of_day));
    let (mut hour, mut minute, mut second, mut offset) = (0, 0, 0, 0);
    if !rest.is_empty() {
        let rest = rest.strip_prefix(['T', 't', ' '])?;
        let (with_seconds, rest) = ["00:00:00", "000000", "00:00", "0000"]
            .iter()
            .find_map(|time| Some((time.matches('0').count() == 6, rest.strip_prefix(time)?)))?;
        (hour, minute) = (number(2), number(2));
        let mut rest = rest;
        if with_seconds {
            second = number(2);
            if let Some(fraction) = rest.strip_prefix(['.', ',']) {
                rest = fraction.trim_start_matches('0');
                if rest.len() == fraction.len() {
                    return None;
                }
                (0..fraction.len() - rest.len()).for_each(|_| _ = number(1));
            }
        }
        match rest {
            "" | "Z" | "z" => {}
            _ => {
                let sign = if rest.starts_with('+') { 1 } else { -1 };
                let hours_only = match rest.strip_prefix(['+', '-'])? {
                    "00" => true,
                    "00:00" | "0000" => false,
                    _ => return None,
                };
                let (hours, minutes) = (number(2), if hours_only { 0 } else { number(2) });
                if hours > 23 || minutes > 59 {
                    return None;
                }
                offset = sign * (hours * 3_600 + minutes * 60);
            }
        }
    }
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let lengths = [31, if leap { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let month = usize::try_from(month).ok()?.checked_sub(1)?;
    if day < 1 || day > *lengths.get(month)? || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let before = year - 1;
    let days_since_year_1 = before * 365 + before.div_euclid(4) - before.div_euclid(100) + before.div_euclid(400);
    let days = days_since_year_1 - 719_162 + lengths[..month].iter().sum::<i128>() + day - 1;
    Some(days * 86_400 + hour * 3_600 + minute * 60 + second - offset)
}
