//! Reads secrets from a file, standard input or a variable, never from the argument itself, which other users can see.

use std::fs::{self, File};
use std::io::Read;

use countersign::date::{self, DateInput};
use countersign::{ErrorCode, LoadOptions, Parameter, PrivateKey};
use zeroize::Zeroizing;

use crate::arguments::KeyArguments;
use crate::output::Failure;
use crate::patient::Patient;

/// More than any key needs: a growing buffer would leave copies behind that nobody wipes.
const ROOM: usize = 64 * 1024;

/// The private key, where `--private-key` does not name it: the key itself, or file://PATH.
const PRIVATE_KEY: &str = "COUNTERSIGN_PRIVATE_KEY";

pub fn private_key(arguments: &KeyArguments, allow_unsupported_key: bool) -> Result<PrivateKey, Failure> {
    let source = match (&arguments.private_key, std::env::var_os(PRIVATE_KEY)) {
        (Some(source), _) => source.clone(),
        (None, Some(value)) => match value.to_str() {
            Some(path) if path.starts_with("file://") || path.starts_with("fileb://") => path.to_owned(),
            _ => format!("env:{PRIVATE_KEY}"),
        },
        (None, None) => {
            return Err(Failure::usage(format!("--private-key is missing, and the variable {PRIVATE_KEY} is not set")));
        }
    };
    one_from_standard_input(&[("key", Some(&source)), ("passphrase", arguments.passphrase.as_deref())])?;
    let key = read(&source, "--private-key").map_err(|failure| failure.with_code(ErrorCode::InvalidPrivateKey))?;
    let passphrase = arguments.passphrase.as_deref().map(passphrase).transpose()?;
    let mut options = LoadOptions::new().allow_unsupported_key(allow_unsupported_key);
    if let Some(passphrase) = &passphrase {
        options = options.passphrase(passphrase);
    }
    Ok(PrivateKey::load(&key, &options)?)
}

/// A line break at the end of a file or of typed text is not a part of the passphrase.
fn passphrase(source: &str) -> Result<Zeroizing<Vec<u8>>, Failure> {
    if source != "-" && !source.starts_with("env:") && !source.starts_with("file://") {
        return Err(Failure::with_hint(
            "--passphrase takes env:NAME, file://PATH or -".to_owned(),
            "Other users of this machine can see an argument: put the passphrase into a variable or a file.",
        ));
    }
    let mut passphrase = read(source, "--passphrase")?;
    if !source.starts_with("env:") {
        for line_break in [b'\n', b'\r'] {
            if passphrase.last() == Some(&line_break) {
                passphrase.pop();
            }
        }
    }
    Ok(passphrase)
}

/// The bytes of a file, of standard input or of a variable.
pub fn read(source: &str, flag: &str) -> Result<Zeroizing<Vec<u8>>, Failure> {
    if source == "-" {
        return whole(Patient(std::io::stdin().lock()))
            .map_err(|error| Failure::other(format!("standard input cannot be read: {error}")));
    }
    if let Some(name) = source.strip_prefix("env:") {
        return match std::env::var_os(name) {
            Some(value) => Ok(Zeroizing::new(value.into_encoded_bytes())),
            None => Err(Failure::with_hint(format!("the variable {} is not set", shown(name)), "Is it exported?")),
        };
    }
    let path = ["file://", "fileb://"].iter().find_map(|prefix| source.strip_prefix(prefix)).unwrap_or(source);
    File::open(path).and_then(whole).map_err(|error| {
        Failure::with_hint(
            format!("the file {} of {flag} cannot be read: {error}", shown(path)),
            if path.is_empty() {
                "It is empty. Is the variable set?"
            } else if source.contains("://") && source == path || source.starts_with("arn:") {
                "It is not fetched: get it first, and pass it with - on standard input."
            } else if flag == "--public-key" && path.bytes().all(|b| b.is_ascii_alphanumeric()) {
                "Is this the ID? Pass it with the file: ID=FILE."
            } else {
                "Relative paths start in the current folder; write absolute ones as file:///…; ~ does not work after file://."
            },
        )
    })
}

fn whole(mut source: impl Read) -> std::io::Result<Zeroizing<Vec<u8>>> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(ROOM));
    source.read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// A name as it was given, unless it is as long as a key that was passed by mistake.
fn shown(name: &str) -> &str {
    let is_base64 = name.bytes().all(|b| b.is_ascii_alphanumeric() || b"+/=_-".contains(&b));
    if name.len() > 255 || (name.len() > 64 && is_base64) { "(not shown: it may be a key)" } else { name }
}

/// The policy's JSON itself, a file's, or standard input's.
pub fn policy(source: &str) -> Result<String, Failure> {
    let (name, read) = match (source, source.strip_prefix("file://")) {
        ("-", _) => ("on standard input", std::io::read_to_string(Patient(std::io::stdin().lock()))),
        (_, Some(path)) => (path, fs::read_to_string(path)),
        (_, None) => return Ok(source.to_owned()),
    };
    read.map_err(|error| Failure::other(format!("the policy {name} cannot be read: {error}")))
}

/// Only one of these can come from standard input.
pub fn one_from_standard_input(sources: &[(&str, Option<&str>)]) -> Result<(), Failure> {
    let mut from_input = sources.iter().filter(|(_, source)| *source == Some("-")).map(|(name, _)| name);
    match (from_input.next(), from_input.next()) {
        (Some(one), Some(other)) => Err(Failure::usage(format!("{one} and {other} cannot both come from standard input"))),
        _ => Ok(()),
    }
}

/// What is typed or piped for one question: no more than a browser sends.
const LONGEST_COOKIES: u64 = 64 * 1024;

/// Cookies as they are, in whatever form the library reads: the argument itself, or standard input.
pub fn cookies(argument: &str) -> Result<String, Failure> {
    if argument != "-" {
        return Ok(argument.to_owned());
    }
    let mut text = String::new();
    let read = Patient(std::io::stdin().lock()).take(LONGEST_COOKIES).read_to_string(&mut text);
    read.map_err(|error| Failure::other(format!("standard input cannot be read: {error}")))?;
    Ok(text)
}

/// The moment that `--at` names.
pub fn moment(at: &str) -> Result<i64, Failure> {
    DateInput::from(at).resolve(Parameter::Now, date::now()?).map_err(|error| Failure::about(&error, Parameter::Now, "--at"))
}
