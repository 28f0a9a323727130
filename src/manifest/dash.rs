//! DASH MPDs: addresses are the text of some elements and the values of some attributes. Everything else is copied as it is.
//!
//! Source: ISO/IEC 23009-1, 5.3 (elements), 5.6 (how addresses are resolved), and DASH-MPD.xsd
//! (<https://github.com/MPEGGroup/DASHSchema>).

use std::collections::{BTreeMap, BinaryHeap};

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::address::{Base, Judge, Verdict, place, refused};
use super::error::in_line;
use super::output::Output;
use super::{template, xml_text};
use crate::error::{Error, Result, quoted};
use crate::url::before_any;

/// How many bases there may be. Alternative `BaseURL`s on several levels multiply.
const MOST_BASES: usize = 64;

/// How many addresses are examined. One in a template or a list is examined for each base below it.
const MOST_LOOKS: usize = 400_000;

/// No element of DASH has more. Each attribute is compared with those before it.
const MOST_ATTRIBUTES: usize = 256;

const XINCLUDE: &str = "http://www.w3.org/2001/XInclude";
const XLINK: &str = "http://www.w3.org/1999/xlink";

pub(super) fn mark(text: &str, judge: &Judge<'_>, output: &mut Output<'_>) -> Result<()> {
    let manifest = Manifest::read(text)?;
    let mut writing = Writing { manifest: &manifest, judge, bases: Vec::new(), levels: Vec::new(), looks: 0 };
    writing.resolve_bases()?;
    writing.write(output)
}

/// The elements that may have a `BaseURL`, each in the one before it.
const LEVELS: [&str; 4] = ["MPD", "Period", "AdaptationSet", "Representation"];

struct Level {
    parent: Option<usize>,
    depth: usize,
    /// The indices of its own `BaseURL`s among the addresses.
    base_urls: Vec<usize>,
    id: String,
    bandwidth: String,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// The text of a `BaseURL`: a base for other addresses, or a file itself.
    Base,
    /// An address with identifiers, `$Number$`.
    Template,
    /// One file.
    File,
    /// Another document, which lies where the manifest does.
    Document,
}

struct Address {
    kind: Kind,
    level: usize,
    /// Where it is written.
    start: usize,
    end: usize,
}

/// Where the addresses of an MPD are.
struct Manifest<'x> {
    text: &'x str,
    levels: Vec<Level>,
    addresses: Vec<Address>,
    /// Where a `BaseURL` of the whole can go in, and what it is called here.
    first_child: Option<usize>,
    base_url: String,
}

impl<'x> Manifest<'x> {
    fn read(text: &'x str) -> Result<Self> {
        let manifest =
            Self { text, levels: Vec::new(), addresses: Vec::new(), first_child: None, base_url: "BaseURL".to_owned() };
        let mut reading = Reading {
            manifest,
            open: Vec::new(),
            open_levels: Vec::new(),
            prefix: None,
            xlink: vec!["xlink".to_owned()],
            text: None,
            is_over: false,
        };
        let mut reader = Reader::from_str(text);
        loop {
            let before = position(reader.buffer_position());
            match reader.read_event() {
                Ok(Event::Eof) => break,
                Ok(event) => {
                    let after = position(reader.buffer_position());
                    reading.event(event, before, after).map_err(|error| in_line(line_of(text, before), error))?;
                }
                Err(error) => {
                    let line = line_of(text, position(reader.error_position()));
                    return Err(in_line(line, not_xml(what_is_wrong(&error))));
                }
            }
        }
        if !reading.open.is_empty() {
            return Err(in_line(line_of(text, text.len()), not_xml("the text ends before its elements do")));
        }
        if reading.manifest.levels.is_empty() {
            return Err(not_xml("it has no element"));
        }
        for (index, address) in reading.manifest.addresses.iter().enumerate() {
            if address.kind == Kind::Base
                && let Some(level) = reading.manifest.levels.get_mut(address.level)
            {
                level.base_urls.push(index);
            }
        }
        Ok(reading.manifest)
    }
}

/// In our words: the library's texts would make the module much larger.
fn what_is_wrong(error: &quick_xml::Error) -> &'static str {
    match error {
        quick_xml::Error::Syntax(_) => "a tag, a comment or a section does not end",
        quick_xml::Error::IllFormed(_) => {
            "an end tag is missing or does not match its start tag, or an & does not begin an entity"
        }
        _ => "it is not well formed",
    }
}

/// A position in a text, which is never longer than memory.
fn position(position: u64) -> usize {
    usize::try_from(position).unwrap_or(usize::MAX)
}

struct Reading<'x> {
    manifest: Manifest<'x>,
    /// The level of each open element, if it is one.
    open: Vec<Option<usize>>,
    /// The levels among them.
    open_levels: Vec<usize>,
    /// The prefix of DASH's elements.
    prefix: Option<String>,
    /// The prefixes of XLink's attributes.
    xlink: Vec<String>,
    /// An element whose text is an address, how deep it is, and where its text begins.
    text: Option<(Kind, usize, usize)>,
    is_over: bool,
}

impl Reading<'_> {
    fn event(&mut self, event: Event<'_>, before: usize, after: usize) -> Result<()> {
        match event {
            Event::Start(element) => {
                let name = self.element(&element, before)?;
                if let Some(kind) = name {
                    self.text = self.text.or(Some((kind, self.open.len(), after)));
                }
            }
            Event::Empty(element) => {
                self.element(&element, before)?;
                self.close();
            }
            Event::End(_) => {
                if let Some((kind, depth, start)) = self.text
                    && depth == self.open.len()
                {
                    let level = self.level();
                    self.manifest.addresses.push(Address { kind, level, start, end: before });
                    self.text = None;
                }
                self.close();
            }
            Event::DocType(_) => {
                return Err(refused(
                    "the MPD has a DOCTYPE, whose entities could mean anything".to_owned(),
                    "No MPD needs one: remove it.",
                ));
            }
            _ => {}
        }
        Ok(())
    }

    fn close(&mut self) {
        if let Some(Some(_)) = self.open.pop() {
            self.open_levels.pop();
        }
        self.is_over = self.open.is_empty();
    }

    /// The innermost level that is open.
    fn level(&self) -> usize {
        self.open_levels.last().copied().unwrap_or_default()
    }

    /// Takes note of an element; what its text is, if that is an address.
    fn element(&mut self, element: &BytesStart<'_>, before: usize) -> Result<Option<Kind>> {
        let (name, prefix) = element.name().decompose();
        let (name, prefix) = (name.into_inner(), prefix.map(|prefix| prefix.into_inner().to_owned()));
        if self.open.is_empty() {
            if self.is_over {
                return Err(not_xml("there is an element after its end"));
            }
            if name != "MPD" {
                return Err(refused(
                    format!("the XML's root is {}; an MPD's is MPD", quoted(name)),
                    if matches!(name, "Error" | "html" | "HTML") {
                        "This is an answer in place of the manifest, such as an error of S3's: was it fetched with its signature?"
                    } else {
                        "Pass an MPD or an HLS playlist. Smooth Streaming and other formats are not supported."
                    },
                ));
            }
            if let Some(prefix) = &prefix {
                self.manifest.base_url = format!("{prefix}:BaseURL");
            }
            self.prefix = prefix.clone();
        }
        let is_of_dash = prefix == self.prefix;
        let parent = self.open.last().copied().flatten();
        if self.open.len() == 1 && name != "ProgramInformation" && self.manifest.first_child.is_none() {
            self.manifest.first_child = Some(before);
        }
        let level = self.level();
        let own = if is_of_dash { self.opened_level(name, parent) } else { None };
        self.open.push(own);
        self.open_levels.extend(own);
        self.attributes(element, before, if is_of_dash { name } else { "" }, level, own)?;
        Ok(if is_of_dash { kind_of_text(name) } else { None })
    }

    fn opened_level(&mut self, name: &str, parent: Option<usize>) -> Option<usize> {
        let depth = LEVELS.iter().position(|level| *level == name)?;
        let expected = match parent {
            Some(parent) => self.manifest.levels.get(parent)?.depth + 1,
            None if self.open.is_empty() => 0,
            None => return None,
        };
        if depth != expected {
            return None;
        }
        self.manifest.levels.push(Level { parent, depth, base_urls: Vec::new(), id: String::new(), bandwidth: String::new() });
        Some(self.manifest.levels.len() - 1)
    }

    fn attributes(
        &mut self,
        element: &BytesStart<'_>,
        before: usize,
        name: &str,
        level: usize,
        own: Option<usize>,
    ) -> Result<()> {
        let addresses = names_of_addresses(name);
        let mut links: Vec<(&str, usize, usize)> = Vec::new();
        for (index, attribute) in element.attributes().enumerate() {
            if index >= MOST_ATTRIBUTES {
                return Err(not_xml("an element has more than 256 attributes"));
            }
            let attribute =
                attribute.map_err(|_| not_xml("an attribute comes twice, has no value, or has one without quotation marks"))?;
            let (key, value): (&str, &str) = (attribute.key.into_inner(), &attribute.value);
            // The element is written right after its `<`.
            let start = before + 1 + offset(value, element);
            let end = start + value.len();
            if let Some(kind) = addresses.iter().find(|(name, _)| *name == key).map(|(_, kind)| *kind) {
                self.manifest.addresses.push(Address { kind, level, start, end });
            } else if let Some(prefix) = key.strip_suffix(":href") {
                links.push((prefix, start, end));
            } else if let Some(declared) = key.strip_prefix("xmlns") {
                self.namespace(declared, value)?;
            } else if name == "Representation"
                && let Some(representation) = own.and_then(|own| self.manifest.levels.get_mut(own))
            {
                let member = match key {
                    "id" => &mut representation.id,
                    "bandwidth" => &mut representation.bandwidth,
                    _ => continue,
                };
                *member = xml_text::read(value)?.address.into_owned();
            }
        }
        for (prefix, start, end) in links {
            if self.xlink.iter().any(|known| known == prefix) {
                self.manifest.addresses.push(Address { kind: Kind::Document, level, start, end });
            }
        }
        Ok(())
    }

    fn namespace(&mut self, declared: &str, namespace: &str) -> Result<()> {
        const MOST_PREFIXES: usize = 16;
        match (declared.strip_prefix(':'), namespace) {
            (_, XINCLUDE) => Err(refused(
                "the MPD declares XInclude, which puts other documents into it".to_owned(),
                "Include them before the MPD is signed.",
            )),
            (Some(prefix), XLINK) if self.xlink.len() < MOST_PREFIXES && !self.xlink.iter().any(|known| known == prefix) => {
                self.xlink.push(prefix.to_owned());
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

/// Where a part of an element's text is in it.
fn offset(part: &str, element: &str) -> usize {
    (part.as_ptr() as usize).saturating_sub(element.as_ptr() as usize)
}

fn kind_of_text(name: &str) -> Option<Kind> {
    match name {
        "BaseURL" => Some(Kind::Base),
        "Location" | "PatchLocation" | "ContentSteering" | "ImportedMPD" => Some(Kind::Document),
        _ => None,
    }
}

fn names_of_addresses(element: &str) -> &'static [(&'static str, Kind)] {
    match element {
        "SegmentTemplate" => &[
            ("media", Kind::Template),
            ("initialization", Kind::Template),
            ("index", Kind::Template),
            ("bitstreamSwitching", Kind::Template),
        ],
        "SegmentURL" => &[("media", Kind::File), ("index", Kind::File)],
        "Initialization" | "RepresentationIndex" | "BitstreamSwitching" => &[("sourceURL", Kind::File)],
        "InitializationSet" => &[("initialization", Kind::File)],
        _ => &[],
    }
}

/// What a level's addresses are resolved against.
#[derive(Default)]
struct ResolvedLevel {
    own: Vec<usize>,
    /// Those of the representations below it, since addresses are passed down to them; in order, none twice.
    below: Vec<usize>,
    representations: Vec<usize>,
}

struct Writing<'a, 'x> {
    manifest: &'a Manifest<'x>,
    judge: &'a Judge<'a>,
    bases: Vec<Base>,
    levels: Vec<ResolvedLevel>,
    looks: usize,
}

impl<'x> Writing<'_, 'x> {
    fn resolve_bases(&mut self) -> Result<()> {
        let mut known: BTreeMap<String, usize> = BTreeMap::new();
        let document = self.judge.document();
        self.bases.push(self.judge.resolved_base(document, document.href())?);
        known.insert(document.href().to_owned(), 0);
        for level in &self.manifest.levels {
            let above = match level.parent.and_then(|parent| self.levels.get(parent)) {
                Some(parent) => parent.own.clone(),
                None => vec![0],
            };
            let mut resolved = ResolvedLevel::default();
            for address in level.base_urls.iter().filter_map(|index| self.manifest.addresses.get(*index)) {
                for base in &above {
                    let base = self.resolved(address, *base).map_err(|error| in_line(self.line_of(address), error))?;
                    let index = *known.entry(base.href().to_owned()).or_insert(self.bases.len());
                    if index == self.bases.len() {
                        self.bases.push(base);
                    }
                    if !resolved.own.contains(&index) {
                        resolved.own.push(index);
                    }
                    if resolved.own.len() > MOST_BASES {
                        let error = refused(
                            format!("with its BaseURLs an address could mean more than {MOST_BASES} places"),
                            "Leave out alternatives, or use signed cookies.",
                        );
                        return Err(in_line(self.line_of(address), error));
                    }
                }
            }
            if level.base_urls.is_empty() {
                resolved.own = above;
            }
            self.levels.push(resolved);
        }
        self.pass_up();
        Ok(())
    }

    /// Tells each level of the representations below it.
    fn pass_up(&mut self) {
        let mut is_leaf = vec![true; self.levels.len()];
        for parent in self.manifest.levels.iter().filter_map(|level| level.parent) {
            if let Some(is_leaf) = is_leaf.get_mut(parent) {
                *is_leaf = false;
            }
        }
        for leaf in (0..self.levels.len()).filter(|index| is_leaf.get(*index) == Some(&true)) {
            let own = self.levels.get(leaf).map(|level| level.own.clone()).unwrap_or_default();
            let mut at = Some(leaf);
            while let Some(index) = at {
                if let Some(level) = self.levels.get_mut(index) {
                    level.below.extend(&own);
                    level.representations.push(leaf);
                }
                at = self.manifest.levels.get(index).and_then(|level| level.parent);
            }
        }
        for level in &mut self.levels {
            // To sort with a heap takes a tenth of the code of `sort`.
            level.below = BinaryHeap::from(std::mem::take(&mut level.below)).into_sorted_vec();
            level.below.dedup();
        }
    }

    fn resolved(&mut self, address: &Address, base: usize) -> Result<Base> {
        self.look(1)?;
        let written = xml_text::read(self.written(address))?;
        let base = self.bases.get(base).unwrap_or(self.judge.document());
        self.judge.resolved_base(base, &written.address)
    }

    fn look(&mut self, times: usize) -> Result<()> {
        self.looks += times;
        if self.looks <= MOST_LOOKS {
            return Ok(());
        }
        Err(refused(
            format!("the MPD's addresses and places are more than {MOST_LOOKS} together"),
            "Split it, or use signed cookies.",
        ))
    }

    fn written(&self, address: &Address) -> &'x str {
        self.manifest.text.get(address.start..address.end).unwrap_or_default()
    }

    fn line_of(&self, address: &Address) -> usize {
        line_of(self.manifest.text, address.start)
    }

    fn write(&mut self, output: &mut Output<'_>) -> Result<()> {
        let manifest = self.manifest;
        let has_bases = manifest.levels.first().is_some_and(|level| !level.base_urls.is_empty());
        let mut insertion = manifest.first_child.filter(|_| self.judge.is_absolute() && !has_bases);
        for address in &manifest.addresses {
            if let Some(at) = insertion.take_if(|at| *at <= address.start) {
                self.push_base_url(at, output);
            }
            self.address(address, output).map_err(|error| in_line(self.line_of(address), error))?;
        }
        if let Some(at) = insertion {
            self.push_base_url(at, output);
        }
        Ok(())
    }

    /// A `BaseURL` for the whole, where there is none: the folder that the manifest's own URL is in.
    fn push_base_url(&self, at: usize, output: &mut Output<'_>) {
        let name = &self.manifest.base_url;
        output.copy_to(at);
        let folder = escaped(self.judge.document().folder());
        for part in ["<", name, ">", &folder, "</", name, ">"] {
            output.push(part);
        }
    }

    fn address(&mut self, address: &Address, output: &mut Output<'_>) -> Result<()> {
        if self.is_signed_at_sight(address)? {
            output.copy_to(address.end);
            return output.mark("?");
        }
        let found = xml_text::read(self.written(address))?;
        let is_signed = !(address.kind == Kind::Base && is_folder(&found.address)) && self.is_signed(address, &found.address)?;
        let becomes_absolute = match address.kind {
            Kind::Document => true,
            Kind::Base => self.manifest.levels.get(address.level).is_some_and(|level| level.parent.is_none()),
            Kind::Template | Kind::File => false,
        };
        let (start, end) = (address.start + found.start, address.start + found.end);
        let resolved =
            if becomes_absolute { self.judge.written(self.judge.document(), &found.address)? } else { (&*found.address).into() };
        let (_, separator) = place(&resolved);
        let is_written_anew = matches!(resolved, std::borrow::Cow::Owned(_));
        let (before, fragment) = resolved.split_at(resolved.find('#').unwrap_or(resolved.len()));
        if is_written_anew {
            output.copy_to(start);
            output.push(&escaped(before));
            output.skip_to(address.start + found.after);
        } else {
            output.copy_to(end);
        }
        if is_signed && found.in_cdata && !is_written_anew {
            output.count()?;
            output.push(separator);
            output.push(&self.judge.parameters());
        } else if is_signed {
            output.mark(if separator == "&" { "&amp;" } else { separator })?;
        }
        if is_written_anew {
            output.push(&escaped(fragment));
        }
        Ok(())
    }

    /// Whether the bytes of one file's address alone show that it gets the parameters, as those of most segments do.
    fn is_signed_at_sight(&mut self, address: &Address) -> Result<bool> {
        let manifest = self.manifest;
        let written = manifest.text.get(address.start..address.end).unwrap_or_default();
        let Some(level) = self.levels.get(address.level).filter(|_| address.kind == Kind::File) else { return Ok(false) };
        let mut bases = level.below.iter().filter_map(|index| self.bases.get(*index));
        if level.below.is_empty() || !bases.all(|base| self.judge.signs_at_sight(base, written)) {
            return Ok(false);
        }
        self.look(level.below.len())?;
        Ok(true)
    }

    fn is_signed(&mut self, address: &Address, text: &str) -> Result<bool> {
        let mut is_signed = false;
        let manifest = self.manifest;
        let of = |index: usize| self.levels.get(index);
        match address.kind {
            Kind::Document => return Ok(self.judge.judge(self.judge.document(), text)? == Verdict::Signed),
            Kind::Base => {
                let parent = manifest.levels.get(address.level).and_then(|level| level.parent);
                let bases = parent.and_then(of).map_or_else(|| vec![0], |level| level.own.clone());
                self.judge_all(text, &bases, &mut is_signed)?;
            }
            Kind::Template if template::names_its_representation(text) => {
                let representations = of(address.level).map(|level| level.representations.clone()).unwrap_or_default();
                for index in representations {
                    let Some(level) = manifest.levels.get(index) else { continue };
                    let bases = self.levels.get(index).map(|level| level.own.clone()).unwrap_or_default();
                    self.judge_all(&template::expanded(text, &level.id, &level.bandwidth), &bases, &mut is_signed)?;
                }
            }
            kind => {
                let bases: Vec<usize> = of(address.level).map(|level| level.below.clone()).unwrap_or_default();
                let expanded = if kind == Kind::Template { template::expanded(text, "", "") } else { text.into() };
                self.judge_all(&expanded, &bases, &mut is_signed)?;
            }
        }
        Ok(is_signed)
    }

    fn judge_all(&mut self, text: &str, bases: &[usize], is_signed: &mut bool) -> Result<()> {
        for base in bases {
            self.look(1)?;
            let Some(base) = self.bases.get(*base) else { continue };
            *is_signed |= self.judge.judge(base, text)? == Verdict::Signed;
        }
        Ok(())
    }
}

/// Whether an address is a folder. Players do not request it, and the addresses below it get their own parameters.
fn is_folder(address: &str) -> bool {
    let path = before_any(address, b"?#");
    path.is_empty() || path.ends_with('/') || matches!(path.rsplit('/').next(), Some("." | ".."))
}

/// Text of a URL, in which parsers escape all other characters that mean something in XML.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('\'', "&apos;")
}

fn line_of(text: &str, at: usize) -> usize {
    text.as_bytes().iter().take(at).filter(|byte| **byte == b'\n').count() + 1
}

fn not_xml(why: &str) -> Error {
    refused(format!("the MPD cannot be read as XML: {why}"), "Check it with an XML parser, for example xmllint --noout.")
}
