//! The connection under the IMAP client: it never blocks for ever, never reads
//! without end, and wakes when there is something to do.

use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::rc::Rc;
use std::time::{Duration, Instant};

use imap::extensions::idle::SetReadTimeout;
use rustls::{ClientConnection, StreamOwned};

use super::idle::Idle;
use super::nesting::Nesting;
use crate::ceilings;

/// How long a command may take, and how long the server may say nothing.
const COMMAND: Duration = Duration::from_secs(60);
pub(super) const SILENCE: Duration = Duration::from_secs(10);
/// How long it may say nothing when it has been silent already.
const PROBE: Duration = Duration::from_millis(if cfg!(test) { 1000 } else { 3000 });
/// How often orders are looked for while nothing comes.
const LOOK: Duration = Duration::from_millis(100);

enum Link {
    Plain(TcpStream),
    Tls(Box<StreamOwned<ClientConnection, TcpStream>>),
}

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
    /// What comes belongs to an IDLE.
    idling: bool,
    left: usize,
    nesting: Nesting,
}

impl Wire {
    pub(super) fn plain(tcp: TcpStream, idle: Rc<Idle>) -> Self {
        Self::new(Link::Plain(tcp), idle)
    }

    pub(super) fn tls(tls: StreamOwned<ClientConnection, TcpStream>, idle: Rc<Idle>) -> Self {
        Self::new(Link::Tls(Box::new(tls)), idle)
    }

    fn new(link: Link, idle: Rc<Idle>) -> Self {
        let last = idle.orders.clock.now();
        Self {
            link,
            idle,
            deadline: last + COMMAND,
            last,
            patience: SILENCE,
            waiting: false,
            idling: false,
            left: ceilings::IMAP_ANSWER,
            nesting: Nesting::default(),
        }
    }

    fn now(&self) -> Instant {
        self.idle.orders.clock.now()
    }

    fn tcp(&self) -> &TcpStream {
        match &self.link {
            Link::Plain(tcp) => tcp,
            Link::Tls(tls) => &tls.sock,
        }
    }

    /// Something came.
    fn hear(&mut self, said: &[u8]) {
        self.last = self.now();
        self.patience = SILENCE;
        if self.idling {
            self.idle.hear(said);
        }
    }
}

impl Read for Wire {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
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
            self.tcp().set_read_timeout(Some(slice))?;
            let read = match &mut self.link {
                Link::Plain(tcp) => tcp.read(buffer),
                Link::Tls(tls) => tls.read(buffer),
            };
            match read {
                Ok(count) => {
                    self.left = self
                        .left
                        .checked_sub(count)
                        .ok_or_else(|| io::Error::other("the server's answer does not end"))?;
                    let followed = self.nesting.follow(&buffer[..count]);
                    followed.map_err(io::Error::other)?;
                    self.hear(&buffer[..count]);
                    return Ok(count);
                }
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
        self.idling &= buffer == b"DONE\r\n";
        match &mut self.link {
            Link::Plain(tcp) => tcp.write(buffer),
            Link::Tls(tls) => tls.write(buffer),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.link {
            Link::Plain(tcp) => tcp.flush(),
            Link::Tls(tls) => tls.flush(),
        }
    }
}

/// The `imap` crate calls this around an IDLE.
impl SetReadTimeout for Wire {
    fn set_read_timeout(&mut self, timeout: Option<Duration>) -> imap::Result<()> {
        self.waiting = timeout.is_some();
        if self.waiting {
            self.idling = true;
            self.idle.begin();
        }
        self.last = self.now();
        self.deadline = self.last + timeout.unwrap_or(COMMAND);
        Ok(())
    }
}
