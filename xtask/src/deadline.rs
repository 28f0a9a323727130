//! Commands that end. In a test run that nobody watches, one that hangs is killed with everything it started, and has failed, so
//! that the run comes to its summary.

use std::io::{BufRead, BufReader, IsTerminal, Write};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::OnceLock;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

/// The longest that one command of the tests may take: more than twice what the longest takes on two cores.
const LONGEST: Duration = Duration::from_mins(15);

/// The longest that all suites may take. CI ends a run after 90 minutes, and then nobody sees what was found.
const LONGEST_RUN: Duration = Duration::from_mins(75);

/// How long the last lines of a program that has ended are waited for. What it started may still hold its output open.
const LAST_LINES: Duration = Duration::from_secs(5);

/// When the deadline of a test run is. Other chores, such as the benchmark, take as long as they take.
static RUN: OnceLock<Instant> = OnceLock::new();

/// From now on commands are held to their time, unless somebody watches: at a terminal Ctrl-C has to reach everything.
pub fn begin_run() {
    if !std::io::stdin().is_terminal() {
        RUN.get_or_init(|| Instant::now() + LONGEST_RUN);
    }
}

/// No further suite can be begun.
pub fn run_is_over() -> bool {
    RUN.get().is_some_and(|end| Instant::now() > *end)
}

/// Runs a command to its end.
pub fn status(command: &mut Command) -> Result<ExitStatus> {
    end(&mut start(command)?, LONGEST)
}

/// Runs a command to its end and gives back what it prints, showing it at once if so wanted.
pub fn output(command: &mut Command, is_shown: bool) -> Result<(ExitStatus, String)> {
    output_within(command, LONGEST, is_shown)
}

/// The same for a command that may not take as long as others.
pub fn output_within(command: &mut Command, longest: Duration, is_shown: bool) -> Result<(ExitStatus, String)> {
    let mut child = start(command.stdout(Stdio::piped()))?;
    let lines = lines(&mut child, is_shown);
    let status = end(&mut child, longest);
    let mut printed = String::new();
    let last = Instant::now() + LAST_LINES;
    loop {
        match lines.recv_timeout(last.saturating_duration_since(Instant::now())) {
            Ok(line) => printed.push_str(&line),
            Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) => {
                eprintln!("==> something that was started still holds the output open");
                kill_group(&child);
                break;
            }
        }
    }
    if status.is_err() && !is_shown {
        // It says where the command hung.
        print!("{printed}");
    }
    Ok((status?, printed))
}

/// A command that is held to its time is a group of its own, which can be killed whole.
fn start(command: &mut Command) -> Result<Child> {
    #[cfg(unix)]
    if RUN.get().is_some() {
        std::os::unix::process::CommandExt::process_group(command, 0);
    }
    Ok(command.spawn()?)
}

fn end(child: &mut Child, longest: Duration) -> Result<ExitStatus> {
    let deadline = RUN.get().map(|end| *end.min(&(Instant::now() + longest)));
    let mut pause = Duration::from_millis(1);
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        if deadline.is_some_and(|deadline| Instant::now() > deadline) {
            kill_group(child);
            child.kill()?;
            child.wait()?;
            bail!("did not end within {} minutes, or the whole run not within {}", minutes(longest), minutes(LONGEST_RUN));
        }
        std::thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(100));
    }
}

fn minutes(duration: Duration) -> u64 {
    duration.as_secs() / 60
}

/// Without `unsafe`, a group is killed by the system's own program.
fn kill_group(child: &Child) {
    if cfg!(unix) && RUN.get().is_some() {
        let group = format!("-{}", child.id());
        let _ = Command::new("sh").args(["-c", "kill -s KILL -- \"$0\" 2>/dev/null"]).arg(group).status();
    }
}

/// What a program prints, line by line. Read in a thread of its own, which ends with the program's last line or with this process.
fn lines(child: &mut Child, is_shown: bool) -> Receiver<String> {
    let (sender, receiver) = channel();
    let Some(stdout) = child.stdout.take() else { return receiver };
    std::thread::spawn(move || {
        let mut reader = BufReader::new(stdout);
        let mut line = Vec::new();
        while reader.read_until(b'\n', &mut line).is_ok_and(|length| length > 0) {
            let text = String::from_utf8_lossy(&line).into_owned();
            if is_shown {
                let _ = std::io::stdout().write_all(text.as_bytes());
            }
            if sender.send(text).is_err() {
                break;
            }
            line.clear();
        }
    });
    receiver
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_program_whose_child_holds_the_output_has_ended_when_it_has() {
        RUN.get_or_init(|| Instant::now() + LONGEST_RUN);
        let (status, printed) = output(Command::new("sh").args(["-c", "echo one; sleep 600 2>&1 & echo two"]), false).unwrap();
        assert!(status.success());
        assert_eq!(printed, "one\ntwo\n");
    }

    #[test]
    fn a_group_is_killed_with_what_it_started() {
        RUN.get_or_init(|| Instant::now() + LONGEST_RUN);
        let mut child = start(Command::new("sh").args(["-c", "sleep 600 2>&1 & echo one; wait"]).stdout(Stdio::piped())).unwrap();
        let lines = lines(&mut child, false);
        assert_eq!(lines.recv().unwrap(), "one\n");
        kill_group(&child);
        assert!(!child.wait().unwrap().success());
        // Its child held the other end of the pipe, which is closed now.
        assert!(matches!(lines.recv_timeout(Duration::from_mins(1)), Err(RecvTimeoutError::Disconnected)));
    }
}
