//! The connection under the IMAP client: it never blocks for ever, never reads
//! without end, and wakes when there is something to do.

use std::io::{self, ErrorKind, Read, Write};
use std::rc::Rc;
use std::time::{Duration, Instant};

use imap::extensions::idle::SetReadTimeout;

use super::idle::Idle;
use super::nesting::Nesting;
use super::sieve::Sieve;
use crate::ceilings;
use crate::otp::link::{Link, SILENCE};

/// How long a command may take.
const COMMAND: Duration = Duration::from_secs(60);
/// How long it may say nothing when it has been silent already.
const PROBE: Duration = Duration::from_millis(if cfg!(test) { 1000 } else { 6000 });
/// How often orders, and whoever waits, are looked for while nothing comes.
pub(super) const LOOK: Duration = Duration::from_millis(20);
/// Bytes that are read at once.
const CHUNK: usize = 16 * 1024;

/// A connection to a mail server.
pub(super) struct Wire {
    link: Link,
    idle: Rc<Idle>,
    deadline: Instant,
    /// When something was sent or came last.
    last: Instant,
    patience: Duration,
    /// Nothing is expected: orders end the wait.
    waiting: bool,
    /// When a command was sent whose answer has not begun.
    asked: Option<Instant>,
    /// The server has let us in before we said who we are.
    let_in: bool,
    left: usize,
    nesting: Nesting,
    sieve: Sieve,
    /// The response that is coming.
    response: Vec<u8>,
    /// What the client is given, and how much of it has been taken.
    ready: Vec<u8>,
    taken: usize,
}

impl Wire {
    /// With `let_in`, the client's log-in is not sent and succeeds: the server has
    /// said in its greeting that it knows us.
    pub(super) fn new(link: Link, idle: Rc<Idle>, let_in: bool) -> Self {
        let last = idle.orders.clock.now();
        Self {
            link,
            idle,
            deadline: last + COMMAND,
            last,
            patience: SILENCE,
            waiting: false,
            asked: None,
            let_in,
            left: ceilings::IMAP_ANSWER,
            nesting: Nesting::default(),
            sieve: Sieve::default(),
            response: Vec::new(),
            ready: Vec::new(),
            taken: 0,
        }
    }

    fn now(&self) -> Instant {
        self.idle.orders.clock.now()
    }

    /// Something came.
    fn hear(&mut self, said: &[u8]) -> io::Result<()> {
        self.last = self.now();
        self.patience = SILENCE;
        if let Some(asked) = self.asked.take() {
            self.idle.answered_in(self.last.duration_since(asked));
        }
        let left = self.left.checked_sub(said.len());
        self.left = left.ok_or_else(|| io::Error::other("the server's answer does not end"))?;
        for line in said.split_inclusive(|byte| *byte == b'\n') {
            self.nesting.follow(line).map_err(io::Error::other)?;
            self.response.extend_from_slice(line);
            if self.nesting.is_between() {
                self.sieve
                    .pass(&self.response, &self.idle, &mut self.ready)?;
                self.response.clear();
            }
        }
        Ok(())
    }

    /// Gives the client what is ready for it.
    fn give(&mut self, buffer: &mut [u8]) -> usize {
        let ready = &self.ready[self.taken..];
        let count = ready.len().min(buffer.len());
        buffer[..count].copy_from_slice(&ready[..count]);
        self.taken += count;
        if self.taken == self.ready.len() {
            self.ready.clear();
            self.taken = 0;
        }
        count
    }
}

impl Read for Wire {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut chunk = [0; CHUNK];
        loop {
            if !self.ready.is_empty() {
                return Ok(self.give(buffer));
            }
            if self.waiting && self.idle.is_over() {
                if self.idle.was_silent() {
                    self.patience = PROBE;
                }
                return Err(ErrorKind::TimedOut.into());
            }
            let (end, longest) = if self.waiting {
                (self.deadline, LOOK)
            } else {
                (self.deadline.min(self.last + self.patience), COMMAND)
            };
            let left = end.saturating_duration_since(self.now());
            let slice = left.min(longest);
            // Zero would mean no limit at all.
            let slice = slice.max(Duration::from_millis(1));
            self.link.tcp().set_read_timeout(Some(slice))?;
            match self.link.read(&mut chunk) {
                Ok(0) => return Ok(0),
                Ok(count) => self.hear(&chunk[..count])?,
                // After the read: what came while this process stood still is there.
                Err(error) if is_pause(&error) && left.is_zero() => {
                    if !self.waiting {
                        self.idle.fail();
                    }
                    return Err(ErrorKind::TimedOut.into());
                }
                Err(error) if is_pause(&error) => {}
                Err(error) => return Err(error),
            }
        }
    }
}

fn is_pause(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted
    )
}

/// Each write is a command, whose answer has its own time and size.
impl Write for Wire {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        if self.idle.is_dead() {
            return Err(ErrorKind::TimedOut.into());
        }
        self.last = self.now();
        self.deadline = self.last + COMMAND;
        self.left = ceilings::IMAP_ANSWER;
        let log_in = self.sieve.ask(buffer);
        if let (true, Some(tag)) = (self.let_in, log_in) {
            self.ready = format!("{tag} OK\r\n").into_bytes();
            return Ok(buffer.len());
        }
        self.asked = Some(self.last);
        self.link.write_all(buffer)?;
        Ok(buffer.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.link.flush()
    }
}

/// The `imap` crate calls this around an IDLE.
impl SetReadTimeout for Wire {
    fn set_read_timeout(&mut self, timeout: Option<Duration>) -> imap::Result<()> {
        self.waiting = timeout.is_some();
        if self.waiting {
            self.idle.begin();
        }
        self.last = self.now();
        self.deadline = self.last + timeout.unwrap_or(COMMAND);
        Ok(())
    }
}
