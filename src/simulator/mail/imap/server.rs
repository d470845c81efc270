//! Connections: bytes in, bytes out. Everything else is the session's.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use zeroize::Zeroize;

use super::frame::{Framed, Framer};
use super::session::Session;
use crate::simulator::SimulatorError;
use crate::simulator::mail::access::{Account, ImapAccess};
use crate::simulator::mail::mailbox::Mailbox;

/// Connections at the same time.
pub(super) const CONNECTIONS: usize = 256;

/// A client that says nothing for this long is gone (RFC 3501, 5.4).
const SILENCE: Duration = Duration::from_secs(30 * 60);

/// A client that takes nothing for this long is gone.
const STALLED: Duration = Duration::from_secs(60);

/// Answers are sent when there is this much of them.
const CHUNK: usize = 32 * 1024;

/// Most that is read at once.
const READ: usize = 16 * 1024;

pub(in crate::simulator) struct ImapServer {
    access: ImapAccess,
    tasks: TaskTracker,
}

impl ImapServer {
    /// Listens, and serves until `closing`.
    ///
    /// # Errors
    /// When the address is not loopback or cannot be listened on.
    pub(in crate::simulator) async fn start(
        address: SocketAddr,
        mailbox: Arc<Mailbox>,
        closing: CancellationToken,
    ) -> Result<Self, SimulatorError> {
        if !address.ip().to_canonical().is_loopback() {
            return Err(SimulatorError::ImapNotLoopback { address });
        }
        let bind_error = |reason| SimulatorError::ImapBind { address, reason };
        let listener = TcpListener::bind(address).await.map_err(bind_error)?;
        let access = ImapAccess::at(listener.local_addr().map_err(bind_error)?);
        let account = Arc::new(Account::of(&access));
        let tasks = TaskTracker::new();
        tasks.spawn(accept(listener, mailbox, account, closing, tasks.clone()));
        Ok(Self { access, tasks })
    }

    pub(in crate::simulator) fn access(&self) -> &ImapAccess {
        &self.access
    }

    /// Waits until the last connection has ended; they end by themselves once
    /// the server was told to close.
    pub(in crate::simulator) async fn ended(&self) {
        self.tasks.close();
        self.tasks.wait().await;
    }
}

async fn accept(
    listener: TcpListener,
    mailbox: Arc<Mailbox>,
    account: Arc<Account>,
    closing: CancellationToken,
    tasks: TaskTracker,
) {
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = closing.cancelled() => return,
        };
        let Ok((stream, _)) = accepted else {
            // Too many open files, most likely: some will be closed.
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        let Ok(place) = Arc::clone(&places).try_acquire_owned() else {
            refuse(&stream);
            continue;
        };
        let (mailbox, account) = (Arc::clone(&mailbox), Arc::clone(&account));
        let closing = closing.clone();
        tasks.spawn(async move {
            let _place = place;
            Connection::new(stream, mailbox, account)
                .serve(&closing)
                .await;
        });
    }
}

/// Says why without waiting for the peer to listen.
fn refuse(stream: &TcpStream) {
    let _ = stream.try_write(b"* BYE too many connections\r\n");
}

struct Connection {
    stream: TcpStream,
    session: Session,
    news: watch::Receiver<u64>,
    /// Bytes of commands that are not yet whole; they may hold a password.
    received: Vec<u8>,
    framer: Framer,
    /// How often the peer was asked to go on with this command.
    asked: usize,
    out: Vec<u8>,
}

/// What ends a connection early: the peer is gone, or has to go.
struct Gone;

impl Connection {
    fn new(stream: TcpStream, mailbox: Arc<Mailbox>, account: Arc<Account>) -> Self {
        // Answers are small and wait for nobody: Nagle's algorithm only delays.
        let _ = stream.set_nodelay(true);
        let mut out = Vec::new();
        let session = Session::open(mailbox, account, &mut out);
        Self {
            stream,
            news: session.watch(),
            session,
            received: Vec::new(),
            framer: Framer::default(),
            asked: 0,
            out,
        }
    }

    async fn serve(mut self, closing: &CancellationToken) {
        let ended = tokio::select! {
            ended = self.converse() => ended,
            () = closing.cancelled() => {
                self.out.clear();
                self.session.bye("the simulator ends", &mut self.out);
                Ok(())
            }
        };
        if ended.is_ok() {
            let last = self.flush();
            let _ = timeout(Duration::from_secs(1), last).await;
        }
        self.received.zeroize();
    }

    async fn converse(&mut self) -> Result<(), Gone> {
        self.flush().await?;
        while !self.session.is_over() {
            match self.framer.look(&self.received) {
                Framed::Whole(length) => self.command(length).await?,
                Framed::Partial { asked } => {
                    for _ in self.asked..asked {
                        self.out.extend(b"+ go on\r\n");
                    }
                    self.asked = asked;
                    self.flush().await?;
                    self.receive().await?;
                }
                Framed::TooLong => self.session.bye("that command is too long", &mut self.out),
            }
        }
        Ok(())
    }

    async fn command(&mut self, length: usize) -> Result<(), Gone> {
        self.asked = 0;
        if let Some(bytes) = self.received.get(..length) {
            self.session.accept(bytes, &mut self.out);
        }
        let rest = self.received.len() - length;
        self.received.copy_within(length.., 0);
        if let Some(left_over) = self.received.get_mut(rest..) {
            left_over.zeroize();
        }
        self.received.truncate(rest);
        while self.session.go_on(&mut self.out) {
            if self.out.len() >= CHUNK {
                self.flush().await?;
            }
            // A long search lets others have their turn.
            tokio::task::yield_now().await;
        }
        // Several commands that came at once are answered at once.
        if self.out.len() >= CHUNK {
            self.flush().await?;
        }
        Ok(())
    }

    /// Waits for bytes, and for news when the client is idle.
    async fn receive(&mut self) -> Result<(), Gone> {
        let start = self.received.len();
        // Bytes that are read stay when the other branch wins: the buffer is
        // the connection's.
        self.received.reserve(READ);
        tokio::select! {
            read = timeout(SILENCE, self.stream.read_buf(&mut self.received)) => match read {
                Ok(Ok(count)) if count > 0 => {
                    debug_assert_eq!(self.received.len(), start + count);
                    Ok(())
                }
                Ok(_) => Err(Gone),
                Err(_) => {
                    self.session.bye("nothing was heard for too long", &mut self.out);
                    Ok(())
                }
            },
            changed = self.news.changed(), if self.session.is_idle() => {
                changed.map_err(|_| Gone)?;
                self.session.tell(&mut self.out);
                Ok(())
            }
        }
    }

    async fn flush(&mut self) -> Result<(), Gone> {
        if self.out.is_empty() {
            return Ok(());
        }
        let written = timeout(STALLED, self.stream.write_all(&self.out)).await;
        self.out.clear();
        match written {
            Ok(Ok(())) => Ok(()),
            _ => Err(Gone),
        }
    }
}
