//! HLS playlists: addresses stand alone on their lines, or in attributes of tags.
//!
//! Source: RFC 8216, sections 4.1 to 4.3, and its second edition (draft-pantos-hls-rfc8216bis), section 4: low-latency parts,
//! variables, content steering, and in its appendix interstitials. `EXT-X-IMAGE-STREAM-INF` is Roku's, for thumbnails.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::address::{Judge, Verdict, place, refused};
use super::error::{in_line, invalid};
use super::output::Output;
use crate::error::{Result, quoted};
use crate::url::{LONGEST_URL, split_at_first};

pub(super) fn mark<'t>(text: &'t str, judge: &Judge<'_>, output: &mut Output<'_>) -> Result<()> {
    let mut playlist = Playlist { judge, names: BTreeMap::new(), variables: Vec::new() };
    let mut start = 0;
    // For players in browsers, a carriage return alone also ends a line.
    let has_returns = text.as_bytes().contains(&b'\r');
    for (index, line) in text.split_inclusive('\n').enumerate() {
        let mut take = |part: &'t str| {
            start += part.len();
            playlist.line(part, start - part.len(), output).map_err(|error| in_line(index + 1, error))
        };
        if has_returns { line.split_inclusive('\r').try_for_each(take)? } else { take(line)? }
    }
    Ok(())
}

/// What a variable of `EXT-X-DEFINE` stands for.
enum Variable<'t> {
    Value(Cow<'t, str>),
    /// Its value is in another playlist, or in a query that the manifest's URL does not have.
    Elsewhere,
}

struct Playlist<'j, 't> {
    judge: &'j Judge<'j>,
    /// The index of each variable, by its name.
    names: BTreeMap<String, usize>,
    variables: Vec<Variable<'t>>,
}

impl<'t> Playlist<'_, 't> {
    /// Takes a line, which begins at `start`.
    fn line(&mut self, line: &'t str, start: usize, output: &mut Output<'_>) -> Result<()> {
        let from_start = line.trim_ascii_start();
        let content = from_start.trim_ascii_end();
        let start = start + line.len() - from_start.len();
        if !content.starts_with('#') {
            return self.bare_address(content, start, output);
        }
        // Most lines of tags are `#EXTINF`.
        let Some(tag) = content.strip_prefix("#EXT-X-") else { return Ok(()) };
        let (tag, attributes) = tag.split_once(':').unwrap_or((tag, ""));
        if tag == "DEFINE" {
            self.define(attributes)?;
        }
        let names = names_of_addresses(tag);
        if names.is_empty() {
            return Ok(());
        }
        let mut at = start + content.len() - attributes.len();
        for attribute in Attributes(attributes) {
            let attribute = attribute?;
            if names.contains(&attribute.name) {
                let address = attribute.value.trim_ascii_start();
                let before = attribute.value.len() - address.len();
                self.bare_address(address.trim_ascii_end(), at + attribute.value_at + before, output)?;
            }
            at += attribute.length;
        }
        Ok(())
    }

    /// Takes an address without white space around it, which begins at `start`.
    fn bare_address(&self, address: &str, start: usize, output: &mut Output<'_>) -> Result<()> {
        let base = self.judge.document();
        let end = start + address.len();
        if self.judge.signs_at_sight(base, address) {
            output.copy_to(end);
            return output.mark("?");
        }
        // Its variables may stand for a signature that only the player knows: `?Policy={$Policy}&…`.
        if address.is_empty() || self.judge.is_signed(address) {
            return Ok(());
        }
        let meant = self.substituted(address)?;
        let verdict = self.judge.judge(base, &meant)?;
        output.copy_to(start);
        let (written, separator) = match self.judge.written(base, &meant)? {
            // If the address stays, its variables stay.
            Cow::Borrowed(meant) => (Cow::Borrowed(address), place(meant).1),
            Cow::Owned(resolved) => {
                let separator = place(&resolved).1;
                (Cow::Owned(resolved), separator)
            }
        };
        let (before, fragment) = split_at_first(&written, '#');
        output.push(before);
        if verdict == Verdict::Signed {
            output.mark(separator)?;
        }
        output.push(fragment);
        output.skip_to(end);
        Ok(())
    }

    fn define(&mut self, attributes: &'t str) -> Result<()> {
        let (mut name, mut value) = (None, None);
        for attribute in Attributes(attributes) {
            let attribute = attribute?;
            match attribute.name {
                "NAME" => name = Some(attribute.value),
                "VALUE" => value = Some(attribute.value),
                "IMPORT" => {
                    self.set(attribute.value, Variable::Elsewhere);
                }
                "QUERYPARAM" => {
                    let value = self.judge.query_parameter(attribute.value);
                    let variable = value.map_or(Variable::Elsewhere, |value| Variable::Value(Cow::Owned(value)));
                    self.set(attribute.value, variable);
                }
                _ => {}
            }
        }
        if let (Some(name), Some(value)) = (name, value) {
            // Players replace variables in this attribute, as in every other.
            let variable = self.substituted(value).map_or(Variable::Elsewhere, Variable::Value);
            self.set(name, variable);
        }
        Ok(())
    }

    fn set(&mut self, name: &str, variable: Variable<'t>) {
        self.names.insert(name.to_owned(), self.variables.len());
        self.variables.push(variable);
    }

    /// An address with the values of its variables, `{$name}`.
    fn substituted<'a>(&self, address: &'a str) -> Result<Cow<'a, str>> {
        if !address.as_bytes().contains(&b'{') {
            return Ok(Cow::Borrowed(address));
        }
        let mut meant = String::new();
        let mut rest = address;
        while let Some((before, reference)) = rest.split_once("{$")
            && let Some((name, after)) = reference.split_once('}')
        {
            meant.push_str(before);
            meant.push_str(self.value(name, address)?);
            // Variables of variables would grow without bound.
            if meant.len() > LONGEST_URL {
                return Err(invalid(format!("with its variables the address {} is longer than any URL", quoted(address))));
            }
            rest = after;
        }
        meant.push_str(rest);
        Ok(Cow::Owned(meant))
    }

    fn value(&self, name: &str, address: &str) -> Result<&str> {
        let (why, hint) = match self.names.get(name).and_then(|index| self.variables.get(*index)) {
            Some(Variable::Value(value)) if !value.contains('#') => return Ok(value),
            Some(Variable::Value(_)) => ("has a #, after which nothing is sent", "Write the fragment into the address itself."),
            Some(Variable::Elsewhere) => (
                "has no value in this playlist or in its URL, so we cannot check whether the grant covers it",
                "Define it with NAME and VALUE, write its value instead, or use signed cookies.",
            ),
            None => ("is not defined before it", "Add #EXT-X-DEFINE:NAME=…,VALUE=…, as players need it."),
        };
        Err(refused(format!("the variable {} of the address {} {why}", quoted(name), quoted(address)), hint))
    }
}

/// The attributes of a tag, `#EXT-X-…`, that hold addresses.
fn names_of_addresses(tag: &str) -> &'static [&'static str] {
    match tag {
        "KEY" | "SESSION-KEY" | "MAP" | "MEDIA" | "I-FRAME-STREAM-INF" | "IMAGE-STREAM-INF" | "SESSION-DATA" | "PART"
        | "PRELOAD-HINT" | "RENDITION-REPORT" => &["URI"],
        "CONTENT-STEERING" => &["SERVER-URI"],
        "DATERANGE" => &["X-ASSET-URI", "X-ASSET-LIST", "X-URI"],
        _ => &[],
    }
}

/// An attribute, `NAME=value` or `NAME="value"`.
struct Attribute<'t> {
    name: &'t str,
    value: &'t str,
    /// Where its value begins, and how long it is, with the comma.
    value_at: usize,
    length: usize,
}

/// What is left of an attribute list (RFC 8216, section 4.2).
struct Attributes<'t>(&'t str);

impl<'t> Iterator for Attributes<'t> {
    type Item = Result<Attribute<'t>>;

    fn next(&mut self) -> Option<Self::Item> {
        let rest = self.0;
        if rest.is_empty() {
            return None;
        }
        let name_end = rest.bytes().position(|byte| matches!(byte, b'=' | b',')).unwrap_or(rest.len());
        let (name, after) = rest.split_at(name_end);
        let name = name.trim_ascii();
        let (value_at, value_length, end) = match after.strip_prefix('=') {
            // This is no attribute, and there is no address in it.
            None => (name_end, 0, name_end),
            Some(value) if value.trim_ascii_start().starts_with('"') => {
                let start = name_end + 1 + (value.len() - value.trim_ascii_start().len()) + 1;
                let Some(length) = rest.get(start..).and_then(|value| value.find('"')) else {
                    self.0 = "";
                    return Some(Err(refused(
                        format!("the quotation mark of {} is not closed", quoted(name)),
                        "An attribute that is quoted ends on its line.",
                    )));
                };
                let closed = start + length + 1;
                let end = closed + rest.get(closed..).and_then(|after| after.find(',')).unwrap_or(rest.len() - closed);
                (start, length, end)
            }
            Some(value) => {
                let length = value.find(',').unwrap_or(value.len());
                (name_end + 1, length, name_end + 1 + length)
            }
        };
        let length = (end + 1).min(rest.len());
        self.0 = rest.get(length..).unwrap_or_default();
        let value = rest.get(value_at..value_at + value_length).unwrap_or_default();
        Some(Ok(Attribute { name, value, value_at, length }))
    }
}
