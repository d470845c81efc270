//! Threads that play: one to a core, each with its own users, timers and
//! connections, so that nobody has to be woken on another one.

use std::future::Future;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;
use tokio::task::JoinSet;

use crate::clock::Clock;

/// Where users are played. Clones are the same threads.
#[derive(Clone, Default)]
pub(super) struct Workers(Option<Arc<Threads>>);

struct Threads {
    handles: Vec<Handle>,
    next: AtomicUsize,
    /// Dropped with this, and then the threads end.
    _until: Vec<oneshot::Sender<()>>,
}

impl Workers {
    /// One to a core, where the clock is the machine's. Should this machine have
    /// no thread or descriptor left for them, users are played by the present
    /// runtime: not as fast, but as well.
    pub(super) fn of(clock: &Clock) -> Self {
        if clock.is_real() {
            Self::start().unwrap_or_default()
        } else {
            Self::default()
        }
    }

    /// One to a core.
    fn start() -> io::Result<Self> {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let mut handles = Vec::with_capacity(cores);
        let mut until = Vec::with_capacity(cores);
        for number in 0..cores {
            let runtime = Builder::new_current_thread().enable_all().build()?;
            let (sender, ended) = oneshot::channel::<()>();
            handles.push(runtime.handle().clone());
            until.push(sender);
            std::thread::Builder::new()
                .name(format!("users-{number}"))
                .spawn(move || {
                    // Ends when the sender is dropped.
                    let _ = runtime.block_on(ended);
                    runtime.shutdown_background();
                })?;
        }
        Ok(Self(Some(Arc::new(Threads {
            handles,
            next: AtomicUsize::new(0),
            _until: until,
        }))))
    }

    /// How many there are; the present runtime is one where there are none, as
    /// in a test whose time is paused.
    pub(super) fn count(&self) -> usize {
        self.0.as_ref().map_or(1, |threads| threads.handles.len())
    }

    /// Their runtimes.
    pub(super) fn runtimes(&self) -> &[Handle] {
        self.0.as_ref().map_or(&[], |threads| &threads.handles)
    }

    /// Has a task played by the thread whose turn it is.
    pub(super) fn spawn(
        &self,
        tasks: &mut JoinSet<()>,
        task: impl Future<Output = ()> + Send + 'static,
    ) {
        let next = |threads: &Arc<Threads>| threads.next.fetch_add(1, Ordering::Relaxed);
        let turn = self.0.as_ref().map_or(0, next);
        self.spawn_on(turn, tasks, task);
    }

    /// Has a task played by a certain thread, counted round.
    pub(super) fn spawn_on(
        &self,
        turn: usize,
        tasks: &mut JoinSet<()>,
        task: impl Future<Output = ()> + Send + 'static,
    ) {
        match &self.0 {
            Some(threads) => {
                let handle = &threads.handles[turn % threads.handles.len()];
                tasks.spawn_on(task, handle);
            }
            None => {
                tasks.spawn(task);
            }
        }
    }
}
