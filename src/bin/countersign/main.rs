//! The command line: arguments in, text out. The library decides what is signed.

#![allow(unreachable_pub, reason = "nothing reaches into a program")]

mod arguments;
mod in_order;
mod inputs;
mod inspect;
mod key_group;
mod keygen;
mod logs;
mod manifest;
mod manual;
mod many;
mod output;
mod patient;
mod progress;
#[cfg(not(target_family = "wasm"))]
mod serve;
mod sign;
mod verify;

use std::process::ExitCode;

use clap::FromArgMatches as _;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use arguments::{Arguments, Command, Format};
use output::{Failure, print, tell};

fn main() -> ExitCode {
    // WebAssembly has no current folder until it is told one.
    #[cfg(target_os = "wasi")]
    if let Some(folder) = std::env::var_os("PWD") {
        // If the folder is gone, reading a file in it will say so.
        let _ = std::env::set_current_dir(folder);
    }
    // Before clap sees the key: it repeats what it does not understand.
    if std::env::args_os().any(|argument| argument.to_string_lossy().contains("-----BEGIN")) {
        let failure = Failure::usage(
            "an argument contains a key, and other users of this machine can see it; pass file://PATH, env:NAME, or - and the key \
             on standard input"
                .to_owned(),
        );
        return report(&failure, Format::Text);
    }
    let arguments = match manual::command().try_get_matches().and_then(|matches| Arguments::from_arg_matches(&matches)) {
        Ok(arguments) => arguments,
        Err(error) => return misused(&error),
    };
    let format = arguments.command.format();
    match run(&arguments.command) {
        Ok(status) => ExitCode::from(status),
        Err(failure) => report(&failure, format),
    }
}

/// The exit status.
fn run(command: &Command) -> Result<u8, Failure> {
    match command {
        Command::Sign(arguments) => sign::sign(arguments),
        Command::SignCookies(arguments) => sign::sign_cookies(arguments),
        Command::Manifest(arguments) => manifest::manifest(arguments),
        Command::Verify(arguments) => verify::verify(arguments),
        #[cfg(not(target_family = "wasm"))]
        Command::Serve(arguments) => serve::serve(arguments),
        #[cfg(target_family = "wasm")]
        Command::Serve { .. } => Err(Failure::with_hint(
            "serve is not in the npm package: WebAssembly cannot open ports".to_owned(),
            "Use the binary: cargo install countersign --features cli",
        )),
        Command::Inspect(arguments) => inspect::inspect(arguments),
        Command::Logs(arguments) => logs::logs(arguments),
        Command::Keygen(arguments) => keygen::keygen(arguments),
        Command::PublicKey(arguments) => sign::public_key(arguments),
        Command::Completions { shell } => print(&completions(*shell)).map(|()| 0),
        Command::Man { command } => print(&manual::roff(command.as_deref())?).map(|()| 0),
    }
}

impl Command {
    /// How answers are printed, errors among them. `sign-cookies` prints JSON by itself, and its errors as every command.
    fn format(&self) -> Format {
        match self {
            Self::Sign(arguments) => arguments.output,
            Self::Verify(arguments) => arguments.output,
            Self::Inspect(arguments) => arguments.output,
            Self::Logs(arguments) => arguments.output,
            _ => Format::Text,
        }
    }
}

/// Clap's words, and for `verify` without a key the command that needs none.
fn misused(error: &clap::Error) -> ExitCode {
    let _ = error.print();
    let is_verify = std::env::args_os().nth(1).is_some_and(|command| command == "verify");
    let lacks_key = match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::Strings(arguments)) => arguments.iter().any(|argument| argument.starts_with("--public-key ")),
        _ => false,
    };
    if is_verify && lacks_key && error.kind() == ErrorKind::MissingRequiredArgument {
        tell(&"hint: No public key at hand? countersign inspect needs none.");
    }
    ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
}

fn report(failure: &Failure, format: Format) -> ExitCode {
    match format {
        // On one line, since the answers before it may be lines.
        Format::Json if print(&format!("{}\n", failure.to_json())).is_ok() => {}
        _ => tell(failure),
    }
    ExitCode::from(failure.exit_status())
}

fn completions(shell: clap_complete::Shell) -> String {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut manual::command(), "countersign", &mut script);
    String::from_utf8_lossy(&script).into_owned()
}
