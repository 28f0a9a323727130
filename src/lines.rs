//! Reads a stream in batches of whole lines, so that memory does not grow with the stream.

use std::io::{self, Read};

use memchr::{memchr, memchr_iter, memrchr};

/// What some programs write before the first line, PowerShell among them.
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// Splits a stream into [`Batch`]es of whole lines. A batch is what one read returned, so that slow streams get answers at once.
#[derive(Debug)]
pub struct Batches<R> {
    source: R,
    /// How much is read at once.
    at_once: usize,
    longest: usize,
    /// The beginning of an unfinished line.
    pending: Vec<u8>,
    next_line: u64,
    /// The rest of a line that is too long is still to come.
    skips: bool,
    ended: bool,
}

/// Some lines, in their order.
#[derive(Clone, Debug)]
pub struct Batch {
    first: u64,
    bytes: Vec<u8>,
    longest: usize,
}

/// A line as it came, without its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line<'a> {
    /// Its bytes, which may be no text.
    Bytes(&'a [u8]),
    /// The line is too long.
    TooLong,
}

impl<R: Read> Batches<R> {
    /// Reads `at_once` bytes at the most in one go; a line may have `longest` bytes.
    pub fn new(source: R, at_once: usize, longest: usize) -> Self {
        Self { source, at_once: at_once.max(1), longest, pending: Vec::new(), next_line: 1, skips: false, ended: false }
    }

    fn batch(&mut self, mut bytes: Vec<u8>) -> Batch {
        if self.next_line == 1 && bytes.starts_with(BYTE_ORDER_MARK) {
            bytes.drain(..BYTE_ORDER_MARK.len());
        }
        let batch = Batch { first: self.next_line, bytes, longest: self.longest };
        self.next_line += batch.count();
        batch
    }

    /// Reads once; `None` at the end.
    fn read(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut bytes = std::mem::take(&mut self.pending);
        let had = bytes.len();
        bytes.resize(had + self.at_once, 0);
        loop {
            match self.source.read(bytes.get_mut(had..).unwrap_or_default()) {
                Ok(count) => {
                    bytes.truncate(had + count);
                    self.ended = count == 0;
                    return Ok((!bytes.is_empty()).then_some(bytes));
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    self.ended = true;
                    return Err(error);
                }
            }
        }
    }

    /// Drops what is left of a line that is too long.
    fn skip(&mut self, bytes: &mut Vec<u8>) {
        match memchr(b'\n', bytes) {
            Some(end) => {
                bytes.drain(..=end);
                self.skips = false;
            }
            None => bytes.clear(),
        }
    }
}

impl<R: Read> Iterator for Batches<R> {
    type Item = io::Result<Batch>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if self.ended {
                return None;
            }
            let mut bytes = match self.read() {
                Ok(Some(bytes)) => bytes,
                Ok(None) => return None,
                Err(error) => return Some(Err(error)),
            };
            if self.skips {
                self.skip(&mut bytes);
            }
            if self.ended {
                return (!bytes.is_empty()).then(|| Ok(self.batch(bytes)));
            }
            match memrchr(b'\n', &bytes) {
                Some(end) => {
                    self.pending = bytes.split_off(end + 1);
                    return Some(Ok(self.batch(bytes)));
                }
                // One byte more than a line may have shows that it is too long.
                None if bytes.len() > self.longest => {
                    bytes.truncate(self.longest + 1);
                    self.skips = true;
                    return Some(Ok(self.batch(bytes)));
                }
                None => self.pending = bytes,
            }
        }
    }
}

impl Batch {
    /// The lines, which end in `\n` or `\r\n`, and their numbers, from 1 for the first of the stream.
    pub fn lines(&self) -> impl Iterator<Item = (u64, Line<'_>)> {
        let mut rest = self.bytes.as_slice();
        let lines = std::iter::from_fn(move || {
            if rest.is_empty() {
                return None;
            }
            let (line, after) = match memchr(b'\n', rest) {
                Some(end) => (rest.get(..end).unwrap_or_default(), rest.get(end + 1..).unwrap_or_default()),
                None => (rest, &[][..]),
            };
            rest = after;
            Some(line)
        });
        (self.first..).zip(lines.map(|line| {
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            if line.len() > self.longest { Line::TooLong } else { Line::Bytes(line) }
        }))
    }

    /// How many lines there are.
    pub fn count(&self) -> u64 {
        let ends = memchr_iter(b'\n', &self.bytes).count() as u64;
        ends + u64::from(!self.bytes.is_empty() && !self.bytes.ends_with(b"\n"))
    }

    /// All of them as they came.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// How many bytes they take.
    pub fn size(&self) -> usize {
        self.bytes.len()
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::{Batches, Line};

    /// Gives at most `step` bytes at a time.
    struct Slow<'a> {
        rest: &'a [u8],
        step: usize,
    }

    impl Read for Slow<'_> {
        fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
            let count = self.step.min(into.len()).min(self.rest.len());
            into[..count].copy_from_slice(&self.rest[..count]);
            self.rest = &self.rest[count..];
            Ok(count)
        }
    }

    fn read(text: &[u8], step: usize, at_once: usize, longest: usize) -> Vec<(u64, Option<Vec<u8>>)> {
        let batches = Batches::new(Slow { rest: text, step }, at_once, longest).map(Result::unwrap);
        let owned = |line: Line<'_>| if let Line::Bytes(bytes) = line { Some(bytes.to_owned()) } else { None };
        batches.flat_map(|batch| batch.lines().map(|(number, line)| (number, owned(line))).collect::<Vec<_>>()).collect()
    }

    #[test]
    fn lines_are_the_same_however_they_come() {
        let text = b"one\n\ntwo\r\na line that is far too long for this\nthree\0\xff\nno end";
        let expected: Vec<(u64, Option<Vec<u8>>)> = text
            .split(|byte| *byte == b'\n')
            .map(|line| line.strip_suffix(b"\r").unwrap_or(line))
            .map(|line| (line.len() <= 10).then(|| line.to_owned()))
            .zip(1..)
            .map(|(line, number)| (number, line))
            .collect();
        for step in 1..text.len() + 1 {
            for at_once in [1, 2, 7, 64] {
                assert_eq!(read(text, step, at_once, 10), expected, "{step} {at_once}");
            }
        }
    }

    #[test]
    fn a_line_without_end_takes_no_memory() {
        let endless = std::io::repeat(b'a').take(50_000_000).chain(&b"\nnext\n"[..]);
        let mut batches = Batches::new(endless, 1 << 16, 1 << 15).map(Result::unwrap);
        let cut = batches.next().unwrap();
        assert_eq!((cut.lines().next(), cut.size()), (Some((1, Line::TooLong)), (1 << 15) + 1));
        assert_eq!(batches.next().unwrap().lines().next(), Some((2, Line::Bytes(b"next"))));
        assert!(batches.next().is_none());
    }
}
