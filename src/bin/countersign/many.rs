//! One or many URLs, from the command line or a line each from standard input, answered in order.

use std::io::{Cursor, Read};

use countersign::lines::{Batch, Batches, Line};

use crate::arguments::{Format, UrlArguments};
use crate::in_order::in_order;
use crate::output::{Failure, Results, json_line, shown, tell};
use crate::patient::Patient;
use crate::progress::Progress;

/// How much is read at once: some dozens of URLs, so that even a short list keeps every core busy.
const AT_ONCE: usize = 16 * 1024;

/// Longer than any URL that is signed.
const LONGEST: usize = 64 * 1024;

/// How many failures are printed; a million of them would help nobody.
const TOLD: u64 = 20;

/// Whether there is one URL, on the line, or there are many.
pub enum Urls {
    One(String),
    Many(Stream),
}

/// A URL a line.
pub struct Stream {
    source: Box<dyn Read + Send>,
    size: Option<u64>,
    reads_standard_input: bool,
}

impl Urls {
    /// `-` is standard input, wherever it stands.
    pub fn of(arguments: &UrlArguments) -> Self {
        let given = if arguments.urls.is_empty() { &arguments.url } else { &arguments.urls };
        match given.as_slice() {
            [one] if one != "-" => Self::One(one.clone()),
            many => Self::Many(Stream::of(many)),
        }
    }
}

impl Stream {
    fn of(arguments: &[String]) -> Self {
        let mut source: Box<dyn Read + Send> = Box::new(std::io::empty());
        for argument in arguments {
            source = match argument.as_str() {
                // A file may lack the end of its last line.
                "-" => Box::new(source.chain(Patient(std::io::stdin())).chain(&b"\n"[..])),
                url => Box::new(source.chain(Cursor::new(format!("{url}\n").into_bytes()))),
            };
        }
        let reads_standard_input = arguments.iter().any(|argument| argument == "-");
        Self { source, size: reads_standard_input.then(size_of_standard_input).flatten(), reads_standard_input }
    }

    /// Standard input, of which this has been read already.
    pub fn begun(text: Vec<u8>) -> Self {
        Self { source: Box::new(Cursor::new(text).chain(Patient(std::io::stdin()))), size: None, reads_standard_input: true }
    }

    pub fn reads_standard_input(&self) -> bool {
        self.reads_standard_input
    }
}

/// How many bytes are to come, if standard input is a file.
fn size_of_standard_input() -> Option<u64> {
    #[cfg(unix)]
    {
        use std::os::fd::AsFd as _;
        let file = std::fs::File::from(std::io::stdin().as_fd().try_clone_to_owned().ok()?);
        let metadata = file.metadata().ok()?;
        metadata.is_file().then_some(metadata.len())
    }
    #[cfg(not(unix))]
    None
}

/// The answer to one URL: a line for people or of JSON, and the exit status that it stands for.
pub struct Answer {
    pub text: String,
    pub status: u8,
}

/// What a batch has come to.
#[derive(Default)]
struct Answers {
    text: String,
    failures: Vec<(u64, Failure)>,
    failed: u64,
    answered: u64,
    status: u8,
    size: u64,
}

/// Answers every line, on every core and in order. After a line that fails, which is reported with its number, it goes on; the
/// status is 1 then. `what` names the lines: "URLs".
pub fn answer_each(
    stream: Stream,
    format: Format,
    what: &str,
    answer: impl Fn(u64, &str) -> Result<Answer, Failure> + Sync,
) -> Result<u8, Failure> {
    let progress = Progress::of_bytes(stream.size, what);
    let mut results = Results::open();
    let (mut status, mut failed, mut answered) = (0, 0, 0);
    in_order(
        Batches::new(stream.source, AT_ONCE, LONGEST),
        |batch| batch.map(|batch| answer_batch(&batch, format, &answer)),
        |answers| {
            let answers = answers.map_err(|error| Failure::other(format!("standard input cannot be read: {error}")))?;
            results.write(&answers.text)?;
            for (line, failure) in &answers.failures {
                if failed < TOLD {
                    progress.suspended(|| tell(&format_args!("line {line}: {failure}")));
                }
                failed += 1;
            }
            if format == Format::Json {
                failed += answers.failed;
            }
            answered += answers.answered;
            status = worse(status, answers.status);
            progress.add(answers.size, answers.answered + answers.failed);
            Ok::<_, Failure>(())
        },
    )?;
    progress.finish();
    if failed > 0 {
        let untold =
            if format == Format::Text && failed > TOLD { format!("; only the first {TOLD} are shown") } else { String::new() };
        tell(&format_args!("{failed} of {} {what} failed{untold}", failed + answered));
    }
    Ok(status)
}

/// An error counts for more than a denial.
fn worse(one: u8, other: u8) -> u8 {
    if one == 1 || other == 1 { 1 } else { one.max(other) }
}

fn answer_batch(batch: &Batch, format: Format, answer: &impl Fn(u64, &str) -> Result<Answer, Failure>) -> Answers {
    let mut answers = Answers { size: batch.size() as u64, ..Answers::default() };
    for (number, line) in batch.lines() {
        let answered = match text(line) {
            Ok("") => continue,
            Ok(text) => answer(number, text),
            Err(failure) => Err(failure),
        };
        match answered {
            Ok(answer) => {
                answers.text.push_str(&answer.text);
                answers.answered += 1;
                answers.status = worse(answers.status, answer.status);
            }
            Err(failure) => {
                answers.failed += 1;
                answers.status = 1;
                if format == Format::Json {
                    answers.text.push_str(&json_line(number, &failure.to_json()));
                } else {
                    answers.failures.push((number, failure));
                }
            }
        }
    }
    answers
}

fn text(line: Line<'_>) -> Result<&str, Failure> {
    let Line::Bytes(bytes) = line else {
        return Err(Failure::with_hint(
            format!("the line has more than {LONGEST} bytes, which no URL has"),
            "Is it a list of URLs, one on each line?",
        ));
    };
    std::str::from_utf8(bytes.trim_ascii()).map_err(|error| {
        let wrong = bytes.trim_ascii().get(error.valid_up_to()).copied().unwrap_or_default();
        Failure::with_hint(format!("the line is not UTF-8: it has the byte 0x{wrong:02X}"), "Write the list in UTF-8.")
    })
}

/// The text of a line for people, where there are many: number, outcome, and what else there is to say.
pub fn numbered(number: u64, outcome: &str, about: [&str; 2]) -> String {
    let [what, more] = about.map(shown);
    format!("{number}\t{outcome}\t{what}\t{more}\n")
}
