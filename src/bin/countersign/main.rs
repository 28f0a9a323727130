//! The command line: arguments in, text out; what is signed is decided in the library.

#![allow(unreachable_pub, reason = "nothing reaches into a program")]

mod arguments;
mod inputs;
mod inspect;
mod key_group;
mod keygen;
mod output;
mod serve;
mod sign;
mod verify;

use std::io::{ErrorKind, Write as _};
use std::process::ExitCode;

use clap::{CommandFactory as _, Parser as _};

use arguments::{Arguments, Command};
use output::{Failure, tell};

fn main() -> ExitCode {
    // Before clap, which repeats what it does not understand.
    if std::env::args_os().any(|argument| argument.to_string_lossy().contains("-----BEGIN")) {
        let failure = Failure::usage(
            "an argument holds a key itself, which other users of this machine can see; pass file://PATH, env:NAME, or - and the key \
             on standard input"
                .to_owned(),
        );
        return report(&failure);
    }
    let printed = match Arguments::parse().command {
        Command::Sign(arguments) => sign::sign(&arguments),
        Command::SignCookies(arguments) => sign::sign_cookies(&arguments),
        Command::Verify(arguments) => return verified(verify::verify(&arguments)),
        Command::Serve(arguments) => serve::serve(&arguments).map(|()| String::new()),
        Command::Inspect(arguments) => inspect::inspect(&arguments),
        Command::Keygen(arguments) => keygen::keygen(&arguments),
        Command::PublicKey(arguments) => sign::public_key(&arguments),
        Command::Completions { shell } => Ok(completions(shell)),
        Command::Man { command } => man(command.as_deref()),
    };
    match printed {
        Ok(text) => write(&text),
        Err(failure) => report(&failure),
    }
}

/// The status tells a script the decision.
fn verified(decided: Result<(String, bool), Failure>) -> ExitCode {
    match decided {
        Ok((text, is_allowed)) => {
            let written = write(&text);
            if written == ExitCode::SUCCESS && !is_allowed { ExitCode::from(3) } else { written }
        }
        Err(failure) => report(&failure),
    }
}

fn report(failure: &Failure) -> ExitCode {
    tell(failure);
    ExitCode::from(failure.exit_status())
}

/// Only the result goes to standard output; a reader that has gone, as `head` does, is no failure.
fn write(text: &str) -> ExitCode {
    let mut stdout = std::io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            report(&Failure::other(format!("the result cannot be written: {error}")))
        }
        _ => ExitCode::SUCCESS,
    }
}

fn completions(shell: clap_complete::Shell) -> String {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "countersign", &mut script);
    String::from_utf8_lossy(&script).into_owned()
}

/// The page of one command, or the main page with those of all commands after it.
fn man(wanted: Option<&str>) -> Result<String, Failure> {
    let mut main = Arguments::command();
    main.build();
    let pages: Vec<clap::Command> = match wanted {
        None => std::iter::once(main.clone())
            .chain(main.get_subcommands().filter(|command| command.get_name() != "help").cloned())
            .collect(),
        Some(name) => match main.find_subcommand(name) {
            Some(command) => vec![command.clone()],
            None => return Err(Failure::usage(format!("there is no command {name}"))),
        },
    };
    let mut roff = Vec::new();
    for page in pages {
        clap_mangen::Man::new(page)
            .render(&mut roff)
            .map_err(|error| Failure::other(format!("the page cannot be made: {error}")))?;
    }
    Ok(String::from_utf8_lossy(&roff).into_owned())
}
