//! Reads a log, plain or gzip, in chunks that can be processed in parallel.

use std::io::{self, Cursor, Read};
use std::sync::Arc;

use flate2::read::MultiGzDecoder;
use memchr::memmem;

use super::columns::Columns;
use super::record::{Record, Unreadable};
use crate::lines::{Batch, Batches, Line};

/// What is read at once.
const AT_ONCE: usize = 128 * 1024;

/// CloudFront logs no request of more than 8,192 bytes of URL or 20 KB of headers; a byte may take three characters.
const LONGEST: usize = 128 * 1024;

const GZIP: [u8; 2] = [0x1f, 0x8b];
/// How files of other kinds begin. PowerShell's `>` writes UTF-16.
const OTHERS: [(&[u8], &str); 5] = [
    (b"PAR1", "Parquet"),
    (b"PK\x03\x04", "a zip file"),
    (b"\x28\xb5\x2f\xfd", "compressed by Zstandard"),
    (b"\xff\xfe", "UTF-16"),
    (b"\xfe\xff", "UTF-16"),
];

/// A log in chunks of whole lines.
#[derive(Debug)]
pub struct Chunks<R> {
    batches: Batches<Either<R>>,
    columns: Arc<Columns>,
}

/// Lines of a log, and the columns that they begin with.
#[derive(Debug)]
pub struct Chunk {
    batch: Batch,
    columns: Arc<Columns>,
}

/// A plain or zipped log whose first bytes have been read.
type Begun<R> = io::Chain<Cursor<Vec<u8>>, R>;

#[derive(Debug)]
enum Either<R> {
    Plain(Begun<R>),
    // A gzip file may have several members: concatenated files, or a writer that flushed.
    Zipped(Box<MultiGzDecoder<Begun<R>>>),
}

impl<R: Read> Read for Either<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(source) => source.read(into),
            Self::Zipped(source) => source.read(into),
        }
    }
}

impl<R: Read> Chunks<R> {
    /// Whether it is gzip shows in its first bytes, whatever its name is.
    ///
    /// # Errors
    /// Those of reading, and [`io::ErrorKind::Unsupported`] for a file of another kind.
    pub fn new(mut source: R) -> io::Result<Self> {
        let mut first = Vec::new();
        source.by_ref().take(4).read_to_end(&mut first)?;
        if let Some((_, kind)) = OTHERS.iter().find(|(magic, _)| first.starts_with(magic)) {
            let message = format!("it is {kind}; W3C and JSON lines are read, in UTF-8, plain or gzip");
            return Err(io::Error::new(io::ErrorKind::Unsupported, message));
        }
        let is_zipped = first.starts_with(&GZIP);
        let source = Cursor::new(first).chain(source);
        let source = if is_zipped { Either::Zipped(Box::new(MultiGzDecoder::new(source))) } else { Either::Plain(source) };
        Ok(Self { batches: Batches::new(source, AT_ONCE, LONGEST), columns: Arc::default() })
    }
}

impl<R: Read> Iterator for Chunks<R> {
    type Item = io::Result<Chunk>;

    fn next(&mut self) -> Option<Self::Item> {
        let batch = match self.batches.next()? {
            Ok(batch) => batch,
            Err(error) => return Some(Err(error)),
        };
        let chunk = Chunk { batch, columns: Arc::clone(&self.columns) };
        // The columns that the next chunk begins with. Files that were joined have several such lines.
        if let Some(columns) = last_columns(chunk.batch.bytes()) {
            self.columns = Arc::new(columns);
        }
        Some(Ok(chunk))
    }
}

fn last_columns(bytes: &[u8]) -> Option<Columns> {
    let at = memmem::rfind_iter(bytes, b"#Fields:").find(|at| {
        let before = at.checked_sub(1).and_then(|before| bytes.get(before));
        before.is_none_or(|byte| *byte == b'\n')
    })?;
    let line = bytes.get(at..)?.split(|byte| *byte == b'\n').next()?;
    Columns::read(line.strip_suffix(b"\r").unwrap_or(line))
}

impl Chunk {
    /// The requests in it, each with its line number, without comments and empty lines.
    pub fn records(&self) -> impl Iterator<Item = (u64, Result<Record<'_>, Unreadable>)> {
        let mut columns = Arc::clone(&self.columns);
        self.batch.lines().filter_map(move |(number, line)| {
            let record = match line {
                Line::TooLong => Err(Unreadable::too_long(LONGEST)),
                Line::Bytes([]) => return None,
                Line::Bytes(bytes) if bytes.starts_with(b"#") => {
                    if let Some(named) = Columns::read(bytes) {
                        columns = Arc::new(named);
                    }
                    return None;
                }
                Line::Bytes(bytes) => Record::read(bytes, &columns),
            };
            Some((number, record))
        })
    }

    /// How many bytes it takes, unzipped.
    pub fn size(&self) -> usize {
        self.batch.size()
    }
}
