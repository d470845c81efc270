//! The connections that are open: how many there may be, and which have been
//! silent for too long.
//!
//! A connection tells its [`Pulse`] what happens on it, which costs a few
//! relaxed stores. Once a second somebody looks at all of them.

use std::collections::HashMap;
use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, AtomicU64, Ordering::Relaxed};
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::task::AtomicWaker;
use parking_lot::Mutex;
use rustix::process::{Resource, getrlimit};
use tokio_util::task::TaskTracker;

use crate::ceilings;

/// How often silent connections are looked for; times below are in these.
pub(super) const TICK: Duration = Duration::from_secs(1);

/// Younger ones have not had the time to say something.
const YOUNG: u32 = 2;

/// When one has to make room, this part of all that may be open goes at once.
const BATCH: usize = 16;

/// Connections that may be open at the same time: a part of the files that this
/// process may open, so that there are some for everything else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ceilings {
    pub(super) http: usize,
    pub(super) imap: usize,
}

impl Ceilings {
    pub(super) fn of_this_process() -> Self {
        Self::of(getrlimit(Resource::Nofile).current)
    }

    fn of(files: Option<u64>) -> Self {
        let files = files.and_then(|files| usize::try_from(files).ok());
        let files = files.unwrap_or(usize::MAX);
        Self {
            http: ceilings::CONNECTIONS.min(files / 4 * 3).max(1),
            imap: ceilings::MAIL_CONNECTIONS.min(files / 8).max(1),
        }
    }
}

/// How long a connection may take.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patience {
    /// From its beginning, or the first byte, to the whole head of a request.
    pub(super) head: Duration,
    /// From an answer to the next request.
    pub(super) idle: Duration,
}

/// What a connection is told to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    /// Answer what was asked, and end: the server ends.
    Finish,
    /// End: it was silent for too long, or others need its place.
    Leave,
}

/// All connections of a server.
pub(super) struct Crowd {
    ceiling: usize,
    /// In ticks.
    head: u32,
    idle: u32,
    now: Arc<AtomicU32>,
    next: AtomicU64,
    open: Mutex<HashMap<u64, Arc<Pulse>>>,
    tasks: TaskTracker,
}

impl Crowd {
    pub(super) fn new(ceiling: usize, patience: Patience) -> Arc<Self> {
        let ticks = |time: Duration| u32::try_from(time.as_secs()).unwrap_or(u32::MAX);
        Arc::new(Self {
            ceiling,
            head: ticks(patience.head),
            idle: ticks(patience.idle),
            now: Arc::default(),
            next: AtomicU64::new(0),
            open: Mutex::default(),
            tasks: TaskTracker::new(),
        })
    }

    /// A place for one more; `None` when all others are at work.
    pub(super) fn enter(self: &Arc<Self>) -> Option<Place> {
        if self.open.lock().len() >= self.ceiling {
            self.make_room();
        }
        let mut open = self.open.lock();
        if open.len() >= self.ceiling {
            return None;
        }
        let id = self.next.fetch_add(1, Relaxed);
        let pulse = Arc::new(Pulse::new(Arc::clone(&self.now)));
        open.insert(id, Arc::clone(&pulse));
        let crowd = Arc::clone(self);
        Some(Place { crowd, id, pulse })
    }

    /// Sends those away that have been silent longest; first those that have
    /// never asked for anything.
    pub(super) fn make_room(&self) {
        let now = self.now.load(Relaxed);
        let mut open = self.open.lock();
        let mut silent: Vec<_> = open
            .iter()
            .filter(|(_, pulse)| pulse.is_silent() && pulse.age(now) >= YOUNG)
            .map(|(id, pulse)| (pulse.served.load(Relaxed), pulse.since.load(Relaxed), *id))
            .collect();
        silent.sort_unstable();
        for (.., id) in silent.into_iter().take((self.ceiling / BATCH).max(1)) {
            if let Some(pulse) = open.remove(&id) {
                pulse.order(Order::Leave);
            }
        }
    }

    /// A second has passed.
    pub(super) fn tick(&self) {
        let now = self.now.fetch_add(1, Relaxed).wrapping_add(1);
        self.open.lock().retain(|_, pulse| {
            let over = pulse.is_over(now, self.head, self.idle);
            if over {
                pulse.order(Order::Leave);
            }
            !over
        });
    }

    /// Tells all what to do.
    pub(super) fn order(&self, order: Order) {
        for pulse in self.open.lock().values() {
            pulse.order(order);
        }
    }

    #[cfg(test)]
    pub(super) fn count(&self) -> usize {
        self.open.lock().len()
    }

    #[cfg(test)]
    pub(super) fn has_served(&self) -> bool {
        let open = self.open.lock();
        open.values().any(|pulse| pulse.served.load(Relaxed))
    }

    /// Serves a connection in a task of its own.
    pub(super) fn spawn(&self, connection: impl Future<Output = ()> + Send + 'static) {
        self.tasks.spawn(connection);
    }

    /// Waits until the last connection has ended.
    pub(super) async fn ended(&self) {
        self.tasks.close();
        self.tasks.wait().await;
    }
}

/// The place of a connection, free again when it is dropped.
pub(super) struct Place {
    crowd: Arc<Crowd>,
    id: u64,
    pub(super) pulse: Arc<Pulse>,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.crowd.open.lock().remove(&self.id);
    }
}

/// What happens on a connection.
pub(super) struct Pulse {
    now: Arc<AtomicU32>,
    /// When the present silence began.
    since: AtomicU32,
    /// It waits for the first byte of a request; otherwise for the rest of one.
    idle: AtomicBool,
    /// Several requests at once (HTTP/2): bytes that come between them are not
    /// the beginning of one.
    shared: AtomicBool,
    /// Something that it asked for was answered.
    served: AtomicBool,
    /// Requests under way.
    active: AtomicU32,
    /// Those of them of which the body has not come.
    unread: AtomicU32,
    order: AtomicU8,
    waker: AtomicWaker,
}

impl Pulse {
    fn new(now: Arc<AtomicU32>) -> Self {
        Self {
            since: AtomicU32::new(now.load(Relaxed)),
            now,
            idle: AtomicBool::new(false),
            shared: AtomicBool::new(false),
            served: AtomicBool::new(false),
            active: AtomicU32::new(0),
            unread: AtomicU32::new(0),
            order: AtomicU8::new(0),
            waker: AtomicWaker::new(),
        }
    }

    /// Bytes have come.
    pub(super) fn heard(&self) {
        let begins = self.idle.load(Relaxed) && !self.shared.load(Relaxed);
        if begins && self.active.load(Relaxed) == 0 {
            self.idle.store(false, Relaxed);
            self.begin_silence();
        }
    }

    /// A request has come, as far as its head.
    pub(super) fn asked(&self) {
        self.active.fetch_add(1, Relaxed);
    }

    /// A request is answered, or is not to be; `served` when it was one that
    /// earns its connection a place.
    pub(super) fn answered(&self, served: bool) {
        if served {
            self.served.store(true, Relaxed);
        }
        self.idle.store(true, Relaxed);
        self.begin_silence();
        self.active.fetch_sub(1, Relaxed);
    }

    /// There may be several requests at once.
    pub(super) fn share(&self) {
        self.shared.store(true, Relaxed);
    }

    /// A body is to come.
    pub(super) fn body_begins(&self) {
        self.unread.fetch_add(1, Relaxed);
        self.begin_silence();
    }

    /// A body has come, or nobody waits for it.
    pub(super) fn body_ends(&self) {
        self.unread.fetch_sub(1, Relaxed);
    }

    /// Looks whether there is an order, and is woken when there is one.
    pub(super) fn poll_order(&self, context: &Context<'_>) -> Poll<Order> {
        self.waker.register(context.waker());
        match self.order.load(std::sync::atomic::Ordering::Acquire) {
            0 => Poll::Pending,
            1 => Poll::Ready(Order::Finish),
            _ => Poll::Ready(Order::Leave),
        }
    }

    /// Waits for an order.
    pub(super) async fn ordered(&self) -> Order {
        poll_fn(|context| self.poll_order(context)).await
    }

    fn order(&self, order: Order) {
        let order = match order {
            Order::Finish => 1,
            Order::Leave => 2,
        };
        self.order
            .fetch_max(order, std::sync::atomic::Ordering::Release);
        self.waker.wake();
    }

    fn begin_silence(&self) {
        self.since.store(self.now.load(Relaxed), Relaxed);
    }

    fn age(&self, now: u32) -> u32 {
        now.wrapping_sub(self.since.load(Relaxed))
    }

    /// Whether nothing is done for it: nobody has asked, or not to the end.
    fn is_silent(&self) -> bool {
        self.unread.load(Relaxed) >= self.active.load(Relaxed)
    }

    fn is_over(&self, now: u32, head: u32, idle: u32) -> bool {
        let rests = self.idle.load(Relaxed) && self.served.load(Relaxed);
        let most = if rests { idle } else { head };
        self.active.load(Relaxed) == 0 && self.age(now) > most
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use super::{Ceilings, Crowd, Order, Patience, Place};
    use crate::ceilings;

    fn crowd(ceiling: usize) -> Arc<Crowd> {
        let [head, idle] = [10, 60].map(Duration::from_secs);
        Crowd::new(ceiling, Patience { head, idle })
    }

    fn pass(crowd: &Crowd, seconds: u32) {
        for _ in 0..seconds {
            crowd.tick();
        }
    }

    fn is_told(place: &Place) -> bool {
        use futures_util::FutureExt;
        place.pulse.ordered().now_or_never() == Some(Order::Leave)
    }

    fn serve(place: &Place) {
        place.pulse.heard();
        place.pulse.asked();
        place.pulse.answered(true);
    }

    #[test]
    fn they_are_a_part_of_the_files_that_may_be_open() {
        let of = |files| {
            let Ceilings { http, imap } = Ceilings::of(files);
            (http, imap)
        };
        assert_eq!(of(Some(256)), (192, 32));
        assert_eq!(of(Some(1024)), (768, 128));
        assert_eq!(of(Some(1)), (1, 1));
        let most = (ceilings::CONNECTIONS, ceilings::MAIL_CONNECTIONS);
        for many in [None, Some(1 << 20), Some(u64::MAX)] {
            assert_eq!(of(many), most);
        }
    }

    #[test]
    fn who_never_asks_or_never_ends_asking_has_to_leave() {
        let crowd = crowd(9);
        let [mute, slow, idle] = [(); 3].map(|()| crowd.enter().unwrap());
        serve(&slow);
        serve(&idle);
        pass(&crowd, 9);
        slow.pulse.heard();
        pass(&crowd, 1);
        assert!(!is_told(&mute));
        pass(&crowd, 1);
        assert!(is_told(&mute));
        // A byte now and then is not a request.
        slow.pulse.heard();
        pass(&crowd, 8);
        assert!(!is_told(&slow));
        slow.pulse.heard();
        pass(&crowd, 1);
        assert!(is_told(&slow));
        assert!(!is_told(&idle));
        pass(&crowd, 50);
        assert!(is_told(&idle));
    }

    #[test]
    fn who_is_served_stays() {
        let crowd = crowd(2);
        let [first, second] = [(); 2].map(|()| crowd.enter().unwrap());
        first.pulse.asked();
        second.pulse.share();
        serve(&second);
        pass(&crowd, 59);
        // A ping of HTTP/2 is not the beginning of a request.
        second.pulse.heard();
        pass(&crowd, 1);
        second.pulse.asked();
        pass(&crowd, 100);
        assert!(!is_told(&first) && !is_told(&second));
        assert!(crowd.enter().is_none());
        drop(first);
        assert!(crowd.enter().is_some());
    }

    #[test]
    fn the_silent_make_room_for_others() {
        let crowd = crowd(4);
        let [busy, idle, sends, mute] = [(); 4].map(|()| crowd.enter().unwrap());
        busy.pulse.asked();
        serve(&idle);
        sends.pulse.asked();
        sends.pulse.body_begins();
        assert!(crowd.enter().is_none(), "all are young");
        pass(&crowd, 2);
        let mut new = Vec::new();
        for (number, silent) in [&sends, &mute, &idle].into_iter().enumerate() {
            assert!(!is_told(silent), "{number}");
            new.push(crowd.enter().unwrap());
            assert!(is_told(silent), "{number}");
        }
        assert!(!is_told(&busy));
        assert!(crowd.enter().is_none());
        // A body that has come is at work.
        sends.pulse.body_ends();
        assert!(!sends.pulse.is_silent());
    }
}
