//! The connection under the IMAP client: it never blocks for ever, never reads
//! without end, and wakes when there is something to do.

use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::{Duration, Instant};

use imap::extensions::idle::SetReadTimeout;
use rustls::{ClientConnection, StreamOwned};

use super::orders::Orders;

/// How long a command may take.
pub(super) const COMMAND: Duration = Duration::from_secs(30);
/// Most bytes of the answer to one command: twice what we ever ask for.
const MOST: usize = 32 * 1024 * 1024;
/// How often orders are looked for while nothing comes.
const LOOK: Duration = Duration::from_millis(100);

enum Link {
    Plain(TcpStream),
    Tls(Box<StreamOwned<ClientConnection, TcpStream>>),
}

/// A connection to a mail server.
pub(super) struct Wire {
    link: Link,
    orders: Arc<Orders>,
    deadline: Instant,
    /// Nothing is expected: orders end the wait.
    waiting: bool,
    left: usize,
}

impl Wire {
    pub(super) fn plain(tcp: TcpStream, orders: Arc<Orders>) -> Self {
        Self::new(Link::Plain(tcp), orders)
    }

    pub(super) fn tls(tls: StreamOwned<ClientConnection, TcpStream>, orders: Arc<Orders>) -> Self {
        Self::new(Link::Tls(Box::new(tls)), orders)
    }

    fn new(link: Link, orders: Arc<Orders>) -> Self {
        Self {
            link,
            orders,
            deadline: Instant::now() + COMMAND,
            waiting: false,
            left: MOST,
        }
    }

    fn tcp(&self) -> &TcpStream {
        match &self.link {
            Link::Plain(tcp) => tcp,
            Link::Tls(tls) => &tls.sock,
        }
    }
}

impl Read for Wire {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let left = self.deadline.saturating_duration_since(Instant::now());
            if left.is_zero() || (self.waiting && self.orders.any()) {
                return Err(ErrorKind::TimedOut.into());
            }
            let slice = if self.waiting { left.min(LOOK) } else { left };
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
                    return Ok(count);
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
        self.deadline = Instant::now() + COMMAND;
        self.left = MOST;
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
        self.deadline = Instant::now() + timeout.unwrap_or(COMMAND);
        Ok(())
    }
}
