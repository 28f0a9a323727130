//! The output: the manifest's text, copied in runs as long as possible, with a mark where the parameters of the grant belong.

use super::error::invalid;
use crate::error::Result;
use crate::grant::{Grant, ParameterOrder};

/// Each gets the parameters, about six hundred bytes.
const MOST_ADDRESSES: usize = 100_000;

/// Stands for the parameters. No manifest contains it.
pub(super) const MARK: char = '\0';

/// A manifest with a mark where the parameters of the grant go.
pub(crate) struct Marked {
    text: String,
    /// In XML an `&` is written `&amp;`.
    is_xml: bool,
    addresses: usize,
}

impl Marked {
    /// The text, with a NUL for each time that the parameters are in it.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    pub(super) fn addresses(&self) -> usize {
        self.addresses
    }

    /// What stands for each mark.
    pub(crate) fn parameters(&self, grant: &Grant) -> String {
        let parameters = grant.parameters(ParameterOrder::Documentation);
        if self.is_xml { parameters.replace('&', "&amp;") } else { parameters }
    }
}

/// A manifest that is being written. Positions count from the end of the byte order mark.
pub(super) struct Output<'t> {
    content: &'t str,
    copied: usize,
    text: String,
    addresses: usize,
}

impl<'t> Output<'t> {
    /// Copies the byte order mark, the first `before` bytes.
    pub(super) fn new(text: &'t str, before: usize) -> Self {
        let (before, content) = text.split_at_checked(before).unwrap_or(("", text));
        let mut copy = String::with_capacity(text.len() + text.len() / 8);
        copy.push_str(before);
        Self { content, copied: 0, text: copy, addresses: 0 }
    }

    /// Copies what is not copied yet, up to `end`.
    pub(super) fn copy_to(&mut self, end: usize) {
        self.text.push_str(self.content.get(self.copied..end).unwrap_or_default());
        self.copied = end;
    }

    /// Leaves out what comes before `end`.
    pub(super) fn skip_to(&mut self, end: usize) {
        self.copied = end;
    }

    /// Writes what is not in the manifest.
    pub(super) fn push(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// Marks the end of an address that gets the parameters.
    pub(super) fn mark(&mut self, separator: &str) -> Result<()> {
        self.count()?;
        self.text.push_str(separator);
        self.text.push(MARK);
        Ok(())
    }

    /// Counts an address that gets the parameters.
    pub(super) fn count(&mut self) -> Result<()> {
        self.addresses += 1;
        if self.addresses <= MOST_ADDRESSES {
            return Ok(());
        }
        Err(invalid(format!("the manifest has more than {MOST_ADDRESSES} addresses to sign"))
            .with_hint("Split it, or use signed cookies."))
    }

    /// Copies the rest.
    pub(super) fn finish(mut self, is_xml: bool) -> Marked {
        self.copy_to(self.content.len());
        Marked { text: self.text, is_xml, addresses: self.addresses }
    }
}
