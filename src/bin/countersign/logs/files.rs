//! Files of a log: named, in folders, by patterns, or standard input; read ahead, several at a time.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use countersign::access_log::{Chunk, Chunks};
use walkdir::WalkDir;

use crate::output::{Failure, shown};
use crate::patient::Patient;

/// What is read, in the order in which it was named; a folder's files in the order of their names, which is that of time.
pub struct Files(Vec<Source>);

#[derive(Clone)]
enum Source {
    StandardInput,
    File(PathBuf),
}

/// A chunk of a file and how many bytes of the file it stands for, or why there is none.
pub struct Part {
    pub file: usize,
    pub read: io::Result<(Chunk, u64)>,
}

impl Files {
    pub fn find(arguments: &[String]) -> Result<Self, Failure> {
        let mut files = Vec::new();
        for argument in arguments {
            let path = Path::new(argument);
            if argument == "-" {
                files.push(Source::StandardInput);
            } else if path.is_dir() {
                files.extend(of_folder(path)?);
            } else if path.exists() || !argument.contains(['*', '?', '[']) {
                files.push(Source::File(path.to_owned()));
            } else {
                files.extend(of_pattern(argument)?);
            }
        }
        // Before anything is read, so that a wrong name is reported at once. Not for named pipes: their writer would take the second
        // opening for another reader.
        for file in &files {
            if let Source::File(path) = file {
                let is_file = path.metadata().map(|metadata| metadata.is_file());
                is_file.and_then(|is_file| if is_file { File::open(path).map(drop) } else { Ok(()) }).map_err(|error| {
                    Failure::with_hint(
                        format!("{} cannot be read: {error}", shown(&path.to_string_lossy())),
                        "It takes files, folders, patterns in quotation marks, and - for standard input.",
                    )
                })?;
            }
        }
        Ok(Self(files))
    }

    /// Standard input has no name.
    pub fn names(&self) -> Vec<String> {
        let name = |source: &Source| match source {
            Source::StandardInput => String::new(),
            Source::File(path) => path.to_string_lossy().into_owned(),
        };
        self.0.iter().map(name).collect()
    }

    /// All together, if that is known.
    pub fn size(&self) -> Option<u64> {
        let size = |source: &Source| match source {
            Source::StandardInput => None,
            Source::File(path) => path.metadata().ok().filter(|metadata| metadata.is_file()).map(|metadata| metadata.len()),
        };
        self.0.iter().map(size).sum()
    }

    #[cfg(not(target_family = "wasm"))]
    pub fn parts(self) -> impl Iterator<Item = Part> + Send {
        ahead::ReadAhead::of(self.0)
    }

    #[cfg(target_family = "wasm")]
    pub fn parts(self) -> impl Iterator<Item = Part> {
        self.0.into_iter().enumerate().flat_map(|(file, source)| read(source).map(move |read| Part { file, read }))
    }
}

fn of_folder(folder: &Path) -> Result<Vec<Source>, Failure> {
    let mut files = Vec::new();
    for entry in WalkDir::new(folder).sort_by_file_name() {
        let entry = entry.map_err(|error| Failure::other(format!("the folder cannot be read: {}", shown(&error.to_string()))))?;
        // `.DS_Store` and the like are nobody's log.
        let is_hidden = entry.depth() > 0 && entry.file_name().to_string_lossy().starts_with('.');
        if entry.file_type().is_file() && !is_hidden {
            files.push(Source::File(entry.into_path()));
        }
    }
    if files.is_empty() {
        return Err(Failure::other(format!("the folder {} has no files", shown(&folder.to_string_lossy()))));
    }
    Ok(files)
}

fn of_pattern(pattern: &str) -> Result<Vec<Source>, Failure> {
    let paths = glob::glob(pattern).map_err(|error| Failure::other(format!("{} is not a pattern: {error}", shown(pattern))))?;
    let mut files: Vec<PathBuf> = paths.filter_map(Result::ok).filter(|path| path.is_file()).collect();
    if files.is_empty() {
        return Err(Failure::other(format!("no file matches {}", shown(pattern))));
    }
    files.sort();
    Ok(files.into_iter().map(Source::File).collect())
}

/// Counts the bytes that are read from a file. If it is zipped, they are fewer than those of its chunks.
struct Counted<R> {
    source: R,
    count: std::sync::Arc<std::sync::atomic::AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.source.read(into)?;
        self.count.fetch_add(count as u64, std::sync::atomic::Ordering::Relaxed);
        Ok(count)
    }
}

fn read(source: Source) -> impl Iterator<Item = io::Result<(Chunk, u64)>> {
    let count = std::sync::Arc::<std::sync::atomic::AtomicU64>::default();
    let opened: io::Result<Box<dyn Read>> = match source {
        Source::StandardInput => Ok(Box::new(Patient(io::stdin()))),
        Source::File(path) => File::open(path).map(|file| Box::new(file) as Box<dyn Read>),
    };
    let chunks = opened.and_then(|source| {
        let buffered = io::BufReader::with_capacity(64 * 1024, Counted { source, count: count.clone() });
        Chunks::new(buffered)
    });
    let (chunks, failed) = match chunks {
        Ok(chunks) => (Some(chunks), None),
        Err(error) => (None, Some(Err(error))),
    };
    let mut before = 0;
    failed.into_iter().chain(chunks.into_iter().flatten().map(move |chunk| {
        let now = count.load(std::sync::atomic::Ordering::Relaxed);
        let size = now - before;
        before = now;
        Ok((chunk?, size))
    }))
}

#[cfg(not(target_family = "wasm"))]
mod ahead {
    use std::collections::VecDeque;
    use std::io;
    use std::sync::mpsc::{Receiver, sync_channel};

    use countersign::access_log::Chunk;

    use super::{Part, Source, read};

    /// Chunks of each file that wait, beside the one that is being read.
    const WAITING: usize = 2;

    type Read = io::Result<(Chunk, u64)>;

    /// As many files as there are cores are unzipped at the same time, and their parts come in the order of the files.
    pub struct ReadAhead {
        rest: std::iter::Enumerate<std::vec::IntoIter<Source>>,
        open: VecDeque<(usize, Receiver<Read>)>,
        at_once: usize,
    }

    impl ReadAhead {
        pub fn of(files: Vec<Source>) -> Self {
            Self { rest: files.into_iter().enumerate(), open: VecDeque::new(), at_once: rayon::current_num_threads() }
        }
    }

    impl Iterator for ReadAhead {
        type Item = Part;

        fn next(&mut self) -> Option<Part> {
            loop {
                while self.open.len() < self.at_once
                    && let Some((file, source)) = self.rest.next()
                {
                    let (parts, received) = sync_channel(WAITING);
                    std::thread::spawn(move || {
                        for part in read(source) {
                            // Nobody takes them any more.
                            if parts.send(part).is_err() {
                                break;
                            }
                        }
                    });
                    self.open.push_back((file, received));
                }
                let (file, first) = self.open.front()?;
                match first.recv() {
                    Ok(read) => return Some(Part { file: *file, read }),
                    Err(_) => _ = self.open.pop_front(),
                }
            }
        }
    }
}
