//! Waits for a pipe that would block: the parent process may have made it non-blocking, as Node does.

use std::io::{ErrorKind, Read, Result, Write};
use std::time::Duration;

pub struct Patient<T>(pub T);

fn at_last<R>(mut attempt: impl FnMut() -> Result<R>) -> Result<R> {
    loop {
        match attempt() {
            Err(error) if error.kind() == ErrorKind::WouldBlock => std::thread::sleep(Duration::from_millis(1)),
            result => return result,
        }
    }
}

impl<T: Read> Read for Patient<T> {
    fn read(&mut self, place: &mut [u8]) -> Result<usize> {
        at_last(|| self.0.read(place))
    }
}

impl<T: Write> Write for Patient<T> {
    fn write(&mut self, bytes: &[u8]) -> Result<usize> {
        at_last(|| self.0.write(bytes))
    }

    fn flush(&mut self) -> Result<()> {
        at_last(|| self.0.flush())
    }
}
