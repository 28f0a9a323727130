//! Sums up a log in memory that does not grow with it: each chunk by itself, then all together.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::BuildHasher as _;

use super::columns;
use super::judge::{Edge, Judged, Verdict};
use super::record::{Record, Unreadable};
use super::seen;
use crate::verifier::DenialCode;

/// How many different hours, paths and ids are counted, so that nobody can make the memory grow.
const MOST: usize = 2_000;
/// How many links are tracked. Beyond that, those with the fewest addresses are dropped, oldest first.
const LINKS: usize = 20_000;
/// How many different addresses of a link are counted.
const ADDRESSES: usize = 64;
const EXAMPLES: usize = 3;
/// The most characters of a path in an example.
const SHOWN: usize = 160;

/// The entry for all further paths, hours or ids.
const OTHERS: &str = "(others)";

/// What a log says.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Summary {
    /// Lines that are requests.
    pub requests: u64,
    /// How often CloudFront did what, in the order of [`Edge`].
    edges: [u64; 3],
    /// How often it should have done what, in the order of [`Verdict`].
    verdicts: [u64; 3],
    /// Lines that could not be read.
    pub unreadable: u64,
    /// The first of them: its file, its number, and why.
    pub first_unreadable: Option<(usize, u64, Unreadable)>,
    /// When the first and the last request began.
    pub span: Option<(i64, i64)>,
    /// Which columns there were.
    present: BTreeSet<u16>,
    refused: BTreeMap<Because, Tally>,
    differing: BTreeMap<Because, Tally>,
    hours: BTreeMap<i64, Count>,
    prefixes: BTreeMap<String, Count>,
    key_pairs: BTreeMap<String, KeyPair>,
    links: HashMap<u64, Link>,
}

/// A verdict and its reason.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct Because {
    /// What the edge did.
    pub edge: Edge,
    /// What it should have done.
    pub verdict: Verdict,
    /// The reason for machines.
    pub reason_code: String,
    /// CloudFront's code, of a denial.
    pub code: Option<DenialCode>,
}

/// How many requests there were for one reason, and some of them.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Tally {
    /// How many.
    pub count: u64,
    /// The first ones.
    pub examples: Vec<Example>,
}

/// A request as an example, without its query.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Example {
    /// The file, by its place in the order of files.
    pub file: usize,
    /// The line's number in it.
    pub line: u64,
    /// When it began.
    pub at: i64,
    /// Its status.
    pub status: u16,
    /// Host and path.
    pub path: String,
    /// The viewer's whole address.
    pub address: Option<String>,
    /// The reason for people, which may name that address.
    pub reason: String,
}

/// Requests, and how many of them CloudFront refused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Count {
    /// All.
    pub requests: u64,
    /// Those that got 403 because of the signature or the policy.
    pub refused: u64,
}

/// How a key pair id was used.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct KeyPair {
    /// Requests that name it.
    pub count: Count,
    /// The first and the last of them.
    pub span: (i64, i64),
    /// The latest expiry among requests that are or may be allowed.
    pub last_expiry: Option<i64>,
}

/// A link: one signature, by whomever it was used.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Link {
    /// How often.
    pub requests: u64,
    /// Hashes of different addresses, at most [`Link::MOST_ADDRESSES`].
    addresses: Vec<u64>,
    /// Its first and its last use.
    pub span: (i64, i64),
    /// When it ends.
    pub expires: i64,
    /// What it opens: the policy's resource, or host and path.
    pub opens: String,
    /// Its key pair id.
    pub key_pair_id: String,
}

impl Link {
    /// Beyond this number it is "at least".
    pub const MOST_ADDRESSES: usize = ADDRESSES;

    /// From how many different addresses it was used.
    pub fn addresses(&self) -> usize {
        self.addresses.len()
    }
}

impl Summary {
    /// Takes a line of a file.
    pub fn add(&mut self, file: usize, line: u64, judged: Result<(Judged, Record<'_>), Unreadable>) {
        let (judged, record) = match judged {
            Ok(judged) => judged,
            Err(why) => {
                self.unreadable += 1;
                self.first_unreadable.get_or_insert((file, line, why));
                return;
            }
        };
        self.requests += 1;
        self.present.insert(record.present);
        self.span = Some(joined(self.span, (judged.at, judged.at)));
        if let Some(count) = self.edges.get_mut(judged.edge as usize) {
            *count += 1;
        }
        if let Some(count) = self.verdicts.get_mut(judged.verdict as usize) {
            *count += 1;
        }
        let count = Count { requests: 1, refused: u64::from(judged.edge == Edge::Refused) };
        add_count(&mut self.hours, judged.at.div_euclid(3_600), count);
        add_to(&mut self.prefixes, prefix(&record.path), count);
        if let Some(id) = &judged.key_pair_id {
            // Anything may stand there, of any length.
            let id = id.get(..64).unwrap_or(id);
            self.add_key_pair(id, KeyPair { count, span: (judged.at, judged.at), last_expiry: judged.expires });
        }
        self.add_link(&judged, &record);
        if judged.edge == Edge::Refused {
            tally(&mut self.refused, file, line, &judged, &record);
        }
        if judged.agrees() == Some(false) {
            tally(&mut self.differing, file, line, &judged, &record);
        }
    }

    fn add_key_pair(&mut self, id: &str, new: KeyPair) {
        let id = if self.key_pairs.contains_key(id) || self.key_pairs.len() < MOST { id } else { OTHERS };
        match self.key_pairs.get_mut(id) {
            Some(known) => known.join(&new),
            None => _ = self.key_pairs.insert(id.to_owned(), new),
        }
    }

    fn add_link(&mut self, judged: &Judged, record: &Record<'_>) {
        let (Some(link), Some(expires), Some(id)) = (judged.link, judged.expires, &judged.key_pair_id) else { return };
        if judged.edge == Edge::Refused {
            return;
        }
        let known = self.links.entry(link).or_insert_with(|| Link {
            requests: 0,
            addresses: Vec::new(),
            span: (judged.at, judged.at),
            expires,
            opens: judged.resource.as_deref().map_or_else(|| place(record), cut),
            key_pair_id: id.clone(),
        });
        known.requests += 1;
        known.span = joined(Some(known.span), (judged.at, judged.at));
        if let Some(address) = &record.address {
            known.add_address(seen::LINKS.hash_one(address.as_ref()));
        }
        self.bound_links();
    }

    /// Keeps what a report may show.
    fn bound_links(&mut self) {
        if self.links.len() <= LINKS {
            return;
        }
        let mut order: Vec<_> =
            self.links.iter().map(|(id, link)| (link.addresses.len(), link.span.1, link.requests, *id)).collect();
        order.sort_unstable();
        for (.., id) in order.into_iter().take(LINKS / 2) {
            self.links.remove(&id);
        }
    }

    /// Adds the summary of a later part of the log.
    pub fn join(&mut self, other: Self) {
        self.requests += other.requests;
        for (own, other) in [(&mut self.edges, other.edges), (&mut self.verdicts, other.verdicts)] {
            for (own, other) in own.iter_mut().zip(other) {
                *own += other;
            }
        }
        self.unreadable += other.unreadable;
        if self.first_unreadable.is_none() {
            self.first_unreadable = other.first_unreadable;
        }
        if let Some(span) = other.span {
            self.span = Some(joined(self.span, span));
        }
        self.present.extend(other.present);
        for (own, other) in [(&mut self.refused, other.refused), (&mut self.differing, other.differing)] {
            for (because, tally) in other {
                let known = own.entry(because).or_default();
                known.count += tally.count;
                known.examples.extend(tally.examples);
                known.examples.truncate(EXAMPLES);
            }
        }
        for (hour, count) in other.hours {
            add_count(&mut self.hours, hour, count);
        }
        for (prefix, count) in other.prefixes {
            add_to(&mut self.prefixes, &prefix, count);
        }
        for (id, key_pair) in other.key_pairs {
            self.add_key_pair(&id, key_pair);
        }
        for (id, link) in other.links {
            match self.links.get_mut(&id) {
                Some(known) => known.join(link),
                None => _ = self.links.insert(id, link),
            }
        }
        self.bound_links();
    }

    /// How many requests CloudFront treated this way.
    pub fn edge(&self, edge: Edge) -> u64 {
        self.edges.get(edge as usize).copied().unwrap_or_default()
    }

    /// How many requests have this verdict.
    pub fn verdict(&self, verdict: Verdict) -> u64 {
        self.verdicts.get(verdict as usize).copied().unwrap_or_default()
    }

    /// Columns that some lines lack, and what cannot be said without them.
    pub fn missing(&self) -> BTreeMap<&'static str, &'static str> {
        self.present.iter().flat_map(|present| columns::missing(*present)).collect()
    }

    /// Why requests were refused, the most frequent reason first.
    pub fn refused_because(&self) -> Vec<(&Because, &Tally)> {
        by_frequency(&self.refused)
    }

    /// Where CloudFront did not do what it should have, the most frequent reason first.
    pub fn differing(&self) -> Vec<(&Because, &Tally)> {
        by_frequency(&self.differing)
    }

    /// Requests by hour, in epoch seconds. An hour without requests is left out.
    pub fn hours(&self) -> impl Iterator<Item = (i64, Count)> {
        self.hours.iter().map(|(hour, count)| (hour * 3_600, *count))
    }

    /// Requests by the first part of the path, the most refused first.
    pub fn prefixes(&self) -> Vec<(&str, Count)> {
        let mut prefixes: Vec<(&str, Count)> = self.prefixes.iter().map(|(prefix, count)| (prefix.as_str(), *count)).collect();
        prefixes.sort_by_key(|(_, count)| std::cmp::Reverse((count.refused, count.requests)));
        prefixes
    }

    /// The key pair ids, the most used first.
    pub fn key_pairs(&self) -> Vec<(&str, &KeyPair)> {
        let mut ids: Vec<(&str, &KeyPair)> = self.key_pairs.iter().map(|(id, key_pair)| (id.as_str(), key_pair)).collect();
        ids.sort_by_key(|(_, key_pair)| std::cmp::Reverse(key_pair.count.requests));
        ids
    }

    /// Links that more than one address used, the most shared first.
    pub fn shared(&self) -> Vec<&Link> {
        let mut shared: Vec<(&u64, &Link)> = self.links.iter().filter(|(_, link)| link.addresses.len() > 1).collect();
        shared.sort_by_key(|(id, link)| (std::cmp::Reverse((link.addresses.len(), link.requests)), **id));
        shared.into_iter().map(|(_, link)| link).collect()
    }

    /// Links that end within so many seconds after the last request, the most used first.
    pub fn ending(&self, within: i64) -> Vec<&Link> {
        let Some((_, last)) = self.span else { return Vec::new() };
        let ends = |link: &Link| link.expires > last && link.expires - last <= within;
        let mut ending: Vec<(&u64, &Link)> = self.links.iter().filter(|(_, link)| ends(link)).collect();
        ending.sort_by_key(|(id, link)| (std::cmp::Reverse(link.requests), **id));
        ending.into_iter().map(|(_, link)| link).collect()
    }
}

impl KeyPair {
    fn join(&mut self, other: &Self) {
        self.count.add(other.count);
        self.span = joined(Some(self.span), other.span);
        self.last_expiry = self.last_expiry.max(other.last_expiry);
    }
}

impl Link {
    fn add_address(&mut self, address: u64) {
        if self.addresses.len() < ADDRESSES && !self.addresses.contains(&address) {
            self.addresses.push(address);
        }
    }

    fn join(&mut self, other: Self) {
        self.requests += other.requests;
        self.span = joined(Some(self.span), other.span);
        for address in other.addresses {
            self.add_address(address);
        }
    }
}

impl Count {
    fn add(&mut self, other: Self) {
        self.requests += other.requests;
        self.refused += other.refused;
    }
}

fn joined(one: Option<(i64, i64)>, (first, last): (i64, i64)) -> (i64, i64) {
    one.map_or((first, last), |(begun, ended)| (begun.min(first), ended.max(last)))
}

/// When there is no room for another hour, the last one takes its requests.
fn add_count(hours: &mut BTreeMap<i64, Count>, hour: i64, count: Count) {
    let is_full = hours.len() >= MOST && !hours.contains_key(&hour);
    let hour = if is_full { hours.last_key_value().map_or(hour, |(last, _)| *last) } else { hour };
    hours.entry(hour).or_default().add(count);
}

fn add_to(prefixes: &mut BTreeMap<String, Count>, prefix: &str, count: Count) {
    if let Some(known) = prefixes.get_mut(prefix) {
        return known.add(count);
    }
    let prefix = if prefixes.len() < MOST { prefix } else { OTHERS };
    prefixes.entry(prefix.to_owned()).or_default().add(count);
}

fn tally(tallies: &mut BTreeMap<Because, Tally>, file: usize, line: u64, judged: &Judged, record: &Record<'_>) {
    let because = Because {
        edge: judged.edge,
        verdict: judged.verdict,
        reason_code: judged.reason_code.clone().into_owned(),
        code: judged.code,
    };
    let tally = tallies.entry(because).or_default();
    tally.count += 1;
    if tally.examples.len() < EXAMPLES {
        tally.examples.push(Example {
            file,
            line,
            at: judged.at,
            status: record.status,
            path: place(record),
            address: record.address.as_deref().map(str::to_owned),
            reason: judged.reason.clone(),
        });
    }
}

fn by_frequency(tallies: &BTreeMap<Because, Tally>) -> Vec<(&Because, &Tally)> {
    let mut tallies: Vec<_> = tallies.iter().collect();
    tallies.sort_by_key(|(_, tally)| std::cmp::Reverse(tally.count));
    tallies
}

/// Host and path, without the query, in which the signature is.
fn place(record: &Record<'_>) -> String {
    cut(&format!("{}{}", record.host.as_deref().unwrap_or_default(), record.path))
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// `/films/` of `/films/hd/1.ts`; `/` of a file at the top.
fn prefix(path: &str) -> &str {
    let end = path.get(1..).and_then(|rest| rest.find('/')).map_or(1, |end| end + 2);
    // A name that long is no folder of a site.
    path.get(..end.min(SHOWN)).unwrap_or("/")
}
