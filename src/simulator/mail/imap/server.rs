//! Connections: bytes in, bytes out. Everything else is the session's.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use zeroize::Zeroize;

use super::frame::{Framed, Framer};
use super::session::Session;
use crate::ceilings;
use crate::simulator::SimulatorError;
use crate::simulator::crowd::{Crowd, Order, Patience, Pulse};
use crate::simulator::door::{Door, Visitor};
use crate::simulator::mail::access::{Account, ImapAccess};
use crate::simulator::mail::mailbox::Mailbox;

/// How long a client may be silent: when it has logged in, as long as RFC 3501
/// (5.4) says.
const PATIENCE: Patience = Patience {
    head: ceilings::MAIL_COMMAND,
    idle: Duration::from_secs(30 * 60),
};

/// A client that takes nothing for this long is gone.
const STALLED: Duration = Duration::from_secs(60);

/// Answers are sent when there is this much of them.
const CHUNK: usize = 32 * 1024;

/// Most that is read at once.
const READ: usize = 16 * 1024;

pub(in crate::simulator) struct ImapServer {
    access: ImapAccess,
    crowd: Arc<Crowd>,
    accepting: TaskTracker,
}

impl ImapServer {
    /// Listens, and serves so many connections until `closing`.
    ///
    /// # Errors
    /// When the address is not loopback or cannot be listened on.
    pub(in crate::simulator) async fn start(
        address: SocketAddr,
        mailbox: Arc<Mailbox>,
        ceiling: usize,
        closing: CancellationToken,
    ) -> Result<Self, SimulatorError> {
        if !address.ip().to_canonical().is_loopback() {
            return Err(SimulatorError::ImapNotLoopback { address });
        }
        let bind_error = |reason| SimulatorError::ImapBind { address, reason };
        let listener = TcpListener::bind(address).await.map_err(bind_error)?;
        let access = ImapAccess::at(listener.local_addr().map_err(bind_error)?);
        let account = Arc::new(Account::of(&access));
        let crowd = Crowd::new(ceiling, PATIENCE);
        let door = Door::new(listener, Arc::clone(&crowd), closing);
        let accepting = TaskTracker::new();
        accepting.spawn(accept(door, mailbox, account, Arc::clone(&crowd)));
        Ok(Self {
            access,
            crowd,
            accepting,
        })
    }

    pub(in crate::simulator) fn access(&self) -> &ImapAccess {
        &self.access
    }

    /// Waits until the last connection has ended; they end by themselves once
    /// the server was told to close.
    pub(in crate::simulator) async fn ended(&self) {
        self.accepting.close();
        self.accepting.wait().await;
        self.crowd.ended().await;
    }
}

async fn accept(mut door: Door, mailbox: Arc<Mailbox>, account: Arc<Account>, crowd: Arc<Crowd>) {
    while let Some(Visitor { stream, place, .. }) = door.next().await {
        let Some(place) = place else {
            refuse(&stream);
            continue;
        };
        let (mailbox, account) = (Arc::clone(&mailbox), Arc::clone(&account));
        crowd.spawn(async move {
            let pulse = Arc::clone(&place.pulse);
            Connection::new(stream, pulse, mailbox, account)
                .serve(&place.pulse)
                .await;
        });
    }
    crowd.order(Order::Finish);
}

/// Says why without waiting for the peer to listen.
fn refuse(stream: &TcpStream) {
    let _ = stream.try_write(b"* BYE too many connections\r\n");
}

struct Connection {
    stream: TcpStream,
    pulse: Arc<Pulse>,
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
    fn new(
        stream: TcpStream,
        pulse: Arc<Pulse>,
        mailbox: Arc<Mailbox>,
        account: Arc<Account>,
    ) -> Self {
        let mut out = Vec::new();
        let session = Session::open(mailbox, account, &mut out);
        Self {
            stream,
            pulse,
            news: session.watch(),
            session,
            received: Vec::new(),
            framer: Framer::default(),
            asked: 0,
            out,
        }
    }

    async fn serve(mut self, pulse: &Pulse) {
        let ended = tokio::select! {
            ended = self.converse() => ended,
            order = pulse.ordered() => {
                self.out.clear();
                let why = match order {
                    Order::Finish => "the simulator ends",
                    Order::Leave => "nothing was heard for too long",
                };
                self.session.bye(why, &mut self.out);
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
        self.pulse.asked();
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
        self.pulse.answered(self.session.is_logged_in());
        if !self.received.is_empty() {
            self.pulse.heard();
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
            read = self.stream.read_buf(&mut self.received) => match read {
                Ok(count) if count > 0 => {
                    debug_assert_eq!(self.received.len(), start + count);
                    self.pulse.heard();
                    Ok(())
                }
                _ => Err(Gone),
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
