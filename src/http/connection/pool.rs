//! The connections of a user, or those that several users share.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::BytesMut;
use parking_lot::Mutex;
use rustls::ClientConfig;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use url::Url;

use super::broken::{Broken, DialError};
use super::dial::{Dialler, Fresh};
use super::message::{Answer, Outgoing, Transfer};
use super::one::{Http1, asks_to_keep};
use super::open::Open;
use super::origin::Origin;
use super::settings::{ConnectionSettings, Reconnect};
use super::stream::Stream;
use super::two::Http2;
use crate::clock::Timer;
use crate::http::tls::speaking_one;

/// How often a request is sent again at most.
const MOST_RESENT: u32 = 3;

/// Connections of whoever has this.
pub(in crate::http) struct Pool {
    settings: ConnectionSettings,
    dialler: Arc<Dialler>,
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    /// TLS with the sessions of this user, to take up again.
    tls: Option<Arc<ClientConfig>>,
    /// A user asks one or two hosts.
    hosts: Vec<Host>,
}

impl Inner {
    /// TLS of this user, if it is spoken there.
    fn tls_of_user(&mut self, pool: &Pool, url: &Url) -> Option<Arc<ClientConfig>> {
        let of_user = || pool.dialler.tls.of_user(pool.settings.resume_tls);
        let secure = url.scheme() == "https";
        secure.then(|| Arc::clone(self.tls.get_or_insert_with(of_user)))
    }
}

/// The connections to one host.
struct Host {
    origin: Arc<Origin>,
    #[expect(
        clippy::vec_box,
        reason = "it goes to and fro between here and its exchanges, and is not moved"
    )]
    idle: Vec<Box<One>>,
    multiplexed: Vec<Two>,
    /// As many as there may be of HTTP/1.
    permits: Arc<Semaphore>,
    /// Held while a connection is made that others may share; `None` when the
    /// host is known to speak HTTP/1 only.
    dialling: Option<Arc<tokio::sync::Mutex<()>>>,
}

struct One {
    connection: Http1,
    timer: Timer,
    opened: Instant,
    used: Instant,
    open: Open,
}

#[derive(Clone)]
struct Two {
    connection: Http2,
    opened: Instant,
}

/// What there is for a request.
enum Found {
    Two(Two),
    /// One that was idle, which may be closed by now.
    Idle(OwnedSemaphorePermit, Box<One>),
    /// A new one can be made.
    Room(OwnedSemaphorePermit, Route),
    /// Others have to give one back first.
    Full(Arc<Semaphore>),
}

/// What is needed to make a connection.
struct Route {
    origin: Arc<Origin>,
    tls: Option<Arc<ClientConfig>>,
    dialling: Option<Arc<tokio::sync::Mutex<()>>>,
}

/// A connection for one exchange. Dropped before its end, it is closed.
struct Lease {
    connection: Leased,
    reused: bool,
}

enum Leased {
    One(OwnedSemaphorePermit, Box<One>),
    Two(Two),
}

/// A connection on which HTTP is spoken no more.
pub(in crate::http) struct Switched {
    pub(in crate::http) stream: Stream,
    /// What has come on it already.
    pub(in crate::http) heard: BytesMut,
    pub(in crate::http) open: Open,
}

#[cfg(test)]
impl Switched {
    /// One end of a pipe in memory.
    pub(in crate::http) fn in_memory(pipe: tokio::io::DuplexStream) -> Self {
        Self {
            stream: Stream::Plain(super::stream::Carrier::Memory(pipe)),
            heard: BytesMut::new(),
            open: Arc::new(super::open::Book::new(crate::metrics::Recorder::new())).open(),
        }
    }
}

/// Why there is no answer.
#[derive(Debug)]
pub(in crate::http) enum Lost {
    /// There was no connection.
    Unconnected(DialError),
    /// It broke; `reused` when it had served before.
    Broken { broken: Broken, reused: bool },
    /// The time was over.
    TimedOut,
}

impl Pool {
    /// No connections yet.
    pub(in crate::http) fn new(settings: ConnectionSettings, dialler: Arc<Dialler>) -> Self {
        Self {
            settings,
            dialler,
            inner: Mutex::default(),
        }
    }

    /// How connections are used.
    pub(in crate::http) fn settings(&self) -> ConnectionSettings {
        self.settings
    }

    /// A new iteration begins: with no connection, if that is wanted.
    pub(in crate::http) fn begin_iteration(&self) {
        if self.settings.reconnect == Reconnect::EachIteration {
            self.inner.lock().hosts.clear();
        }
    }

    /// Sends a request and reads the answer to its end. A request that the
    /// server has certainly not begun to work on is sent again, and so is one
    /// that may be repeated and got nothing back on a connection that had
    /// served before (RFC 9110, 9.2.2; RFC 9113, 8.7). `resent` is called then.
    /// It is asked for at `now`, and all of it has to be over when `timeout` is.
    pub(in crate::http) async fn exchange(
        &self,
        request: &Outgoing<'_>,
        now: Instant,
        timeout: Duration,
        transfer: &mut Transfer,
        resent: impl Fn(),
    ) -> Result<Answer, Lost> {
        let deadline = now + timeout;
        let mut times = 0;
        loop {
            let lease = tokio::select! {
                biased;
                lease = self.lease(request.url, now, times > 0) => lease.map_err(Lost::Unconnected)?,
                () = request.clock.sleep_until(deadline) => return Err(Lost::TimedOut),
            };
            let reused = lease.reused;
            let begun_before = std::mem::take(transfer).begun;
            let exchange = self.exchange_on(lease, *request, deadline, transfer);
            let broken = match exchange.await {
                Some(Ok(answer)) => return Ok(answer),
                Some(Err(broken)) => broken,
                None => return Err(Lost::TimedOut),
            };
            let untouched = reused && !transfer.begun;
            let stale = reused && !transfer.heard && broken.is_gone();
            let again =
                untouched || broken.was_not_taken() || stale && request.method.is_idempotent();
            transfer.begun |= begun_before;
            if !again || times == MOST_RESENT {
                return Err(Lost::Broken { broken, reused });
            }
            times += 1;
            resent();
        }
    }

    /// Asks for another protocol, on a connection that is made for it. Gives the
    /// answer and, if the server agrees, the bare connection.
    pub(in crate::http) async fn switch(
        &self,
        request: &Outgoing<'_>,
        now: Instant,
        timeout: Duration,
        transfer: &mut Transfer,
    ) -> Result<(Answer, Option<Switched>), Lost> {
        let tls = self.inner.lock().tls_of_user(self, request.url);
        let tls = tls.map(|config| speaking_one(&config));
        let origin = Origin::of(request.url);
        let switching = async {
            let dialling = self.dialler.dial_one(&origin, tls.as_ref());
            let (mut one, open) = dialling.await.map_err(Lost::Unconnected)?;
            let answer = one.exchange(*request, transfer).await;
            let answer = answer.map_err(|broken| Lost::Broken {
                broken,
                reused: false,
            })?;
            let switched = one.switched();
            let switched = switched.map(|(stream, heard)| Switched {
                stream,
                heard,
                open,
            });
            Ok((answer, switched))
        };
        tokio::select! {
            biased;
            switched = switching => switched,
            () = request.clock.sleep_until(now + timeout) => Err(Lost::TimedOut),
        }
    }

    /// `None` when the time was over, and then the connection is closed.
    async fn exchange_on(
        &self,
        lease: Lease,
        request: Outgoing<'_>,
        deadline: Instant,
        transfer: &mut Transfer,
    ) -> Option<Result<Answer, Broken>> {
        let url = request.url;
        let clock = request.clock;
        match lease.connection {
            Leased::Two(mut two) => tokio::select! {
                biased;
                answer = Box::pin(two.connection.exchange(request, transfer)) => Some(answer),
                () = clock.sleep_until(deadline) => None,
            },
            Leased::One(permit, mut one) => {
                // Whoever says `Connection: close` has closed it.
                let keeps = self.settings.reconnect != Reconnect::EachRequest
                    && asks_to_keep(request.headers);
                let answer = tokio::select! {
                    biased;
                    answer = one.connection.exchange(request, transfer) => answer,
                    () = one.timer.until(deadline) => return None,
                };
                let end = clock.now();
                transfer.ended = answer.is_ok().then_some(end);
                let by_server = match &answer {
                    Ok(_) => keeps,
                    Err(broken) => broken.is_gone(),
                };
                if answer.is_ok() && one.connection.is_reusable() && keeps {
                    one.used = end;
                    self.keep(url, one);
                } else if by_server {
                    one.open.close_by_server();
                }
                drop(permit);
                Some(answer)
            }
        }
    }

    /// A connection to the host of `url`: one that there is, unless it is to be
    /// `fresh`.
    async fn lease(&self, url: &Url, now: Instant, mut fresh: bool) -> Result<Lease, DialError> {
        fresh |= self.settings.reconnect == Reconnect::EachRequest;
        let mut waited_for: Option<OwnedSemaphorePermit> = None;
        loop {
            match self.find(url, now, fresh, waited_for.take()) {
                Found::Two(two) => return Ok(self.again(Leased::Two(two))),
                Found::Idle(permit, mut one) => {
                    if one.connection.is_quiet() {
                        return Ok(self.again(Leased::One(permit, one)));
                    }
                    one.open.close_by_server();
                }
                Found::Full(permits) => waited_for = permits.acquire_owned().await.ok(),
                Found::Room(permit, route) => {
                    let Some(dialling) = &route.dialling else {
                        return self.dial(url, permit, &route).await;
                    };
                    let _alone = dialling.lock().await;
                    // Meanwhile another may have made one for all.
                    if let Some(two) = self.multiplexed(url, now).filter(|_| !fresh) {
                        return Ok(self.again(Leased::Two(two)));
                    }
                    return self.dial(url, permit, &route).await;
                }
            }
        }
    }

    /// A connection that serves once more.
    fn again(&self, connection: Leased) -> Lease {
        self.dialler.book.reuse();
        Lease {
            connection,
            reused: true,
        }
    }

    async fn dial(
        &self,
        url: &Url,
        permit: OwnedSemaphorePermit,
        route: &Route,
    ) -> Result<Lease, DialError> {
        // Boxed: most requests need none of it.
        let dialling = Box::pin(self.dialler.dial(&route.origin, route.tls.as_ref()));
        let fresh = dialling.await?;
        let opened = self.dialler.clock.now();
        let connection = match fresh {
            Fresh::One(connection, open) => {
                self.with_host(url, |host| host.dialling = None);
                let one = One {
                    connection,
                    timer: Timer::of(&self.dialler.clock),
                    opened,
                    used: opened,
                    open,
                };
                Leased::One(permit, Box::new(one))
            }
            Fresh::Two(connection) => {
                let two = Two { connection, opened };
                if self.settings.reconnect != Reconnect::EachRequest {
                    self.with_host(url, |host| host.multiplexed.insert(0, two.clone()));
                }
                Leased::Two(two)
            }
        };
        Ok(Lease {
            connection,
            reused: false,
        })
    }

    fn find(
        &self,
        url: &Url,
        now: Instant,
        fresh: bool,
        permit: Option<OwnedSemaphorePermit>,
    ) -> Found {
        let mut inner = self.inner.lock();
        let tls = inner.tls_of_user(self, url);
        let host = self.host(&mut inner, url);
        if let Some(two) = self.multiplexed_of(host, now).filter(|_| !fresh) {
            return Found::Two(two);
        }
        let permits = Arc::clone(&host.permits);
        let permit = permit.or_else(|| Arc::clone(&permits).try_acquire_owned().ok());
        let Some(permit) = permit else {
            return Found::Full(permits);
        };
        if fresh {
            host.idle.clear();
        }
        while let Some(one) = host.idle.pop() {
            if self.still_serves(now, one.opened, Some(one.used)) {
                return Found::Idle(permit, one);
            }
        }
        let (origin, dialling) = (Arc::clone(&host.origin), host.dialling.clone());
        Found::Room(
            permit,
            Route {
                origin,
                tls,
                dialling,
            },
        )
    }

    /// A connection that takes a further stream.
    fn multiplexed(&self, url: &Url, now: Instant) -> Option<Two> {
        self.with_host(url, |host| self.multiplexed_of(host, now))
    }

    fn multiplexed_of(&self, host: &mut Host, now: Instant) -> Option<Two> {
        let all = &mut host.multiplexed;
        all.retain_mut(|two| two.connection.is_open() && self.still_serves(now, two.opened, None));
        let mut all = all.iter();
        all.find(|two| two.connection.has_room()).cloned()
    }

    fn keep(&self, url: &Url, one: Box<One>) {
        self.with_host(url, |host| host.idle.push(one));
    }

    fn with_host<T>(&self, url: &Url, work: impl FnOnce(&mut Host) -> T) -> T {
        work(self.host(&mut self.inner.lock(), url))
    }

    fn host<'i>(&self, inner: &'i mut Inner, url: &Url) -> &'i mut Host {
        let known = inner.hosts.iter().position(|host| host.origin.is_of(url));
        let place = known.unwrap_or_else(|| {
            let origin = Origin::of(url);
            let most = usize::try_from(self.settings.most()).unwrap_or(usize::MAX);
            let permits = most.min(Semaphore::MAX_PERMITS);
            let may_share = self.dialler.may_speak_two(&origin);
            inner.hosts.push(Host {
                origin: Arc::new(origin),
                idle: Vec::new(),
                multiplexed: Vec::new(),
                permits: Arc::new(Semaphore::new(permits)),
                dialling: may_share.then(Arc::default),
            });
            inner.hosts.len() - 1
        });
        &mut inner.hosts[place]
    }

    /// Whether a connection is neither too old nor too long idle, which one that
    /// many use at once never is.
    fn still_serves(&self, now: Instant, opened: Instant, used: Option<Instant>) -> bool {
        let since = |moment| now.saturating_duration_since(moment);
        let limit = self.settings.idle_timeout.zip(used);
        let expired = limit.is_some_and(|(most, used)| since(used) >= most);
        let renewed =
            matches!(self.settings.reconnect, Reconnect::After(most) if since(opened) >= most);
        !expired && !renewed
    }
}
