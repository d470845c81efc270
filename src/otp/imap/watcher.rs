//! The thread of a mailbox: waits for mail, hands it over, and connects again
//! when the connection is lost.

use std::io::ErrorKind;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use imap::extensions::idle::WaitOutcome;
use imap::types::UnsolicitedResponse;
use tokio::sync::{mpsc, oneshot};

use super::dial::{Folder, dial};
use super::failure::Failure;
use super::orders::Orders;
use super::settings::{After, Settings};
use super::wire::LOOK;
use crate::otp::backoff::Backoff;
use crate::otp::{Message, News, SourceError};

/// Servers may log off who says nothing for 30 minutes (RFC 2177).
const IDLE: Duration = Duration::from_secs(28 * 60);
/// Most refusals in a row that are not explained: a server that restarts may
/// refuse for a moment, and many would lock the account.
const REFUSALS: u32 = 3;

/// How long a server is waited for that is too busy when a run begins.
const BUSY: Duration = Duration::from_secs(30);

/// A connection that held this long was a good one.
const GOOD: Duration = Duration::from_secs(10);

/// Where news go.
pub(super) type Outlet = mpsc::Sender<Result<News, SourceError>>;

/// What the thread knows.
pub(super) struct Watcher {
    settings: Arc<Settings>,
    news: Outlet,
    orders: Arc<Orders>,
    /// Numbers of messages mean something under this only.
    validity: Option<u32>,
    /// The first message that was not read yet.
    next: u32,
    /// When the folder was last looked at, in milliseconds since 1970.
    looked: i64,
    /// IDLE works, as far as is known.
    idle: bool,
}

impl Watcher {
    pub(super) fn new(settings: Arc<Settings>, news: Outlet, orders: Arc<Orders>) -> Self {
        Self {
            idle: settings.idle,
            settings,
            news,
            validity: None,
            next: 1,
            looked: orders.clock.unix_millis(),
            orders,
        }
    }

    /// Runs until told to end. `ready` hears how the first attempt to connect
    /// went; later ones are repeated.
    pub(super) fn run(mut self, ready: oneshot::Sender<Result<(), SourceError>>) {
        let mut folder = match self.first() {
            Ok(folder) => folder,
            Err(failure) => {
                // Whoever asked is gone when this fails.
                let _ = ready.send(Err(failure.into_error(&self.settings)));
                return;
            }
        };
        (self.validity, self.next) = (folder.validity, folder.next);
        self.looked = self.orders.clock.unix_millis();
        if ready.send(Ok(())).is_err() {
            return;
        }
        let mut backoff = Backoff::default();
        loop {
            let began = self.orders.clock.now();
            // The `imap` crate panics on some answers that no server should give.
            let served = catch_unwind(AssertUnwindSafe(|| self.serve(folder)));
            let failure = match served {
                Ok(Ok(())) => return,
                Ok(Err(failure)) => failure,
                Err(_) => {
                    self.idle = false;
                    Failure::new("the server's answer makes no sense")
                }
            };
            if self.orders.clock.since(began) > GOOD {
                backoff.reset();
            }
            match self.reconnect(failure, &mut backoff) {
                Some(again) => folder = again,
                None => return,
            }
        }
    }

    /// Connects; again and again while the server wants us to wait.
    fn first(&self) -> Result<Folder, Failure> {
        let began = self.orders.clock.now();
        let mut backoff = Backoff::default();
        loop {
            match dial(&self.settings, &self.orders) {
                Err(failure) if self.orders.clock.since(began) < BUSY => {
                    let Some(asked) = failure.busy else {
                        return Err(failure);
                    };
                    if asked > BUSY || !self.orders.sleep(asked.max(backoff.next())) {
                        return Err(failure);
                    }
                }
                done => return done,
            }
        }
    }

    /// Connects again and again; `None` when the thread is to end.
    fn reconnect(&self, mut failure: Failure, backoff: &mut Backoff) -> Option<Folder> {
        let mut refusals = 0;
        loop {
            if !self.wait_out(failure, backoff) {
                return None;
            }
            match dial(&self.settings, &self.orders) {
                Ok(folder) => return self.tell(News::Back).then_some(folder),
                Err(again) => failure = again,
            }
            let unexplained = failure.refused && failure.is_final.is_none();
            refusals = if unexplained { refusals + 1 } else { 0 };
            if refusals == REFUSALS {
                failure.is_final = Some(true);
            }
            if failure.is_final == Some(true) {
                // Nobody listens when this fails.
                let _ = self
                    .news
                    .blocking_send(Err(failure.into_error(&self.settings)));
                return None;
            }
        }
    }

    /// Tells of what is wrong, and waits; false when the thread is to end.
    fn wait_out(&self, failure: Failure, backoff: &mut Backoff) -> bool {
        let pause = backoff.next().max(failure.busy.unwrap_or_default());
        let lost = News::Lost(failure.into_error(&self.settings));
        self.tell(lost) && self.orders.sleep(pause)
    }

    /// Hands over what comes, until told to end or something breaks. A server that
    /// wants us to wait has not broken anything.
    fn serve(&mut self, mut folder: Folder) -> Result<(), Failure> {
        let mut backoff = Backoff::default();
        let (mut resumed, mut busy) = (false, false);
        loop {
            let done = if resumed {
                self.round(&mut folder)
            } else {
                self.resume(&mut folder)
            };
            match done {
                Ok(()) => {
                    resumed = true;
                    if std::mem::take(&mut busy) && !self.tell(News::Back) {
                        return Ok(());
                    }
                }
                Err(failure) if failure.is_busy() => {
                    busy = true;
                    folder.idle.throttle();
                    self.wait_out(failure, &mut backoff);
                }
                Err(failure) => return Err(failure),
            }
            if self.orders.is_over() {
                // It is over in any case.
                let _ = folder.session.logout();
                return Ok(());
            }
        }
    }

    /// Waits for news once, and hands them over.
    fn round(&mut self, folder: &mut Folder) -> Result<(), Failure> {
        self.settle(folder)?;
        // The answer to the last command may have told of more.
        let told = folder.idle.take_more() || self.wait(folder)?;
        if !told && !self.is_due(folder) {
            return Ok(());
        }
        let before = self.next;
        self.look(folder)?;
        if !told && self.next > before {
            folder.has_idle = false;
            // The loop ends in any case when nobody listens.
            self.tell(News::Untold);
        }
        Ok(())
    }

    /// Whether the folder is looked at although the server told of nothing.
    fn is_due(&self, folder: &Folder) -> bool {
        let patience = i64::try_from(folder.idle.patience().as_millis()).unwrap_or(i64::MAX);
        self.orders.clock.unix_millis() - self.looked >= patience
    }

    /// Reads what came while there was no connection.
    fn resume(&mut self, folder: &mut Folder) -> Result<(), Failure> {
        if folder.validity == self.validity {
            return self.look(folder);
        }
        // The folder was made anew, and what was known of it means nothing. What
        // arrived since is there all the same.
        self.orders.take_used();
        let skew = i64::try_from(self.settings.reading.clock_skew.as_millis()).unwrap_or(i64::MAX);
        let since = self.looked.saturating_sub(skew).saturating_sub(1000);
        let looked = self.orders.clock.unix_millis();
        let news = self.news.clone();
        folder.fetch_since(since, &mut |messages| hand_over(&news, messages))?;
        (self.validity, self.next) = (folder.validity, folder.next);
        self.looked = looked;
        self.look(folder)
    }

    /// Reads what is new, until the server tells of no more.
    fn look(&mut self, folder: &mut Folder) -> Result<(), Failure> {
        loop {
            let looked = self.orders.clock.unix_millis();
            let news = self.news.clone();
            folder.fetch_new(&mut self.next, &mut |messages| hand_over(&news, messages))?;
            self.looked = looked;
            if !folder.idle.take_more() || self.orders.is_over() {
                return Ok(());
            }
        }
    }

    fn settle(&mut self, folder: &mut Folder) -> Result<(), Failure> {
        let used = self.orders.take_used();
        if self.settings.after == After::Keep || used.is_empty() {
            return Ok(());
        }
        let done = folder.settle(&used, self.settings.after);
        if done.as_ref().is_err_and(Failure::is_busy) {
            self.orders.used(used);
        }
        done
    }

    /// Sleeps until the folder is to be looked at, which somebody who begins to
    /// wait can make sooner.
    fn rest(&self, folder: &Folder) {
        let began = self.orders.clock.now();
        while !self.orders.any() {
            let past = self.orders.clock.since(began);
            let left = folder.idle.pace().saturating_sub(past);
            if left.is_zero() {
                return;
            }
            self.orders.nap(left.min(LOOK));
        }
    }

    /// Waits until there may be something new, or something to do. False when
    /// the server was to tell of new mail, and was silent for too long.
    fn wait(&mut self, folder: &mut Folder) -> Result<bool, Failure> {
        if !(self.idle && folder.has_idle) {
            self.rest(folder);
            folder.session.noop()?;
            return Ok(true);
        }
        let mut handle = folder.session.idle();
        handle.timeout(IDLE).keepalive(false);
        let waited = handle.wait_while(|told| !matches!(told, UnsolicitedResponse::Exists(_)));
        // Ends the IDLE; whether that is answered shows in the connection.
        drop(handle);
        let failure = match waited {
            Ok(WaitOutcome::MailboxChanged | WaitOutcome::TimedOut) if !folder.idle.is_dead() => {
                folder.has_idled = true;
                let told = folder.idle.take_told();
                return Ok(told || !folder.idle.was_silent());
            }
            Ok(_) => Failure::from(imap::Error::Io(ErrorKind::TimedOut.into())),
            Err(error) => Failure::from(error),
        };
        // Where it never works, looking from time to time does.
        if (failure.refused && !failure.is_busy()) || (failure.timed_out && !folder.has_idled) {
            self.idle = false;
        }
        Err(failure.during("IDLE"))
    }

    /// False when nobody listens any more.
    fn tell(&self, news: News) -> bool {
        self.news.blocking_send(Ok(news)).is_ok()
    }
}

/// False when nobody listens any more.
fn hand_over(news: &Outlet, messages: Vec<Message>) -> bool {
    messages.is_empty() || news.blocking_send(Ok(News::Messages(messages))).is_ok()
}
