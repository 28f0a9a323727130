//! Searching a text for a part of it. What is searched for here is short and written in the code: the standard library's search, which
//! takes time in proportion to the text whatever is searched for, would be two thousand bytes of the WebAssembly module. A search for a
//! `char` brings it along too, since some take several bytes: a byte is looked for among the bytes.

/// Splits before and after the first `part`, which is not empty.
pub(crate) fn split_once<'a>(text: &'a str, part: &str) -> Option<(&'a str, &'a str)> {
    let at = text.as_bytes().windows(part.len()).position(|window| window == part.as_bytes())?;
    Some((text.get(..at)?, text.get(at + part.len()..)?))
}

/// Whether `part`, which is not empty, is in the text.
pub(crate) fn contains(text: &str, part: &str) -> bool {
    split_once(text, part).is_some()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn finds_what_the_standard_library_finds(text in "[ab-é]{0,12}", part in "[ab-é]{1,3}") {
            prop_assert_eq!(super::split_once(&text, &part), text.split_once(&part));
            prop_assert_eq!(super::contains(&text, &part), text.contains(&part));
        }
    }
}
