//! The cryptography of a run's virtual users, and the cores that it may take.

use std::sync::Arc;
use std::thread::available_parallelism;
use std::time::Duration;

use tokio::sync::Semaphore;

use super::backend::CryptoBackend;
use crate::clock::Clock;

/// Whose code is used, and how much of it runs at once. Clones share the cores.
#[derive(Clone, Debug)]
pub struct ClientCrypto {
    backend: CryptoBackend,
    cores: Arc<Semaphore>,
    clock: Clock,
}

impl ClientCrypto {
    /// On all cores of this machine, timed by this clock.
    pub fn new(backend: CryptoBackend, clock: &Clock) -> Self {
        let cores = available_parallelism().map_or(1, usize::from);
        Self {
            backend,
            cores: Arc::new(Semaphore::new(cores)),
            clock: clock.clone(),
        }
    }

    /// What keys are made with.
    pub fn backend(&self) -> CryptoBackend {
        self.backend
    }

    /// Runs `work` off the threads that drive the network, and gives its result
    /// and the time it took, without the wait for a thread.
    ///
    /// No more work runs at once than there are cores, in the order of asking:
    /// hundreds of users who search a key at the same moment would otherwise be
    /// hundreds of threads, each slow, and the network's threads among them. Work
    /// that has begun goes on when the caller is dropped, and keeps its core.
    ///
    /// When the runtime is shut down before the work has begun, this never
    /// returns: whoever awaits it is about to be dropped too.
    ///
    /// # Panics
    /// When `work` does, with the same payload.
    pub async fn offload<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> (T, Duration) {
        // Only a closed semaphore refuses, and nobody closes this one.
        let core = Arc::clone(&self.cores).acquire_owned().await.ok();
        let clock = self.clock.clone();
        let timed = move || {
            let _core = core;
            let start = clock.now();
            let value = work();
            (value, clock.since(start))
        };
        match tokio::task::spawn_blocking(timed).await {
            Ok(done) => done,
            Err(error) => match error.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                Err(_cancelled) => std::future::pending().await,
            },
        }
    }
}

impl Default for ClientCrypto {
    fn default() -> Self {
        Self::new(CryptoBackend::default(), &Clock::real())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::thread::{available_parallelism, sleep};
    use std::time::{Duration, Instant};

    use super::ClientCrypto;

    /// On a task of its own.
    fn offload<T: Send + 'static, W: FnOnce() -> T + Send + 'static>(
        crypto: &ClientCrypto,
        work: W,
    ) -> impl Future<Output = (T, Duration)> + Send + use<T, W> {
        let crypto = crypto.clone();
        async move { crypto.offload(work).await }
    }

    #[tokio::test]
    async fn no_more_runs_at_once_than_there_are_cores() {
        let running = Arc::new(AtomicUsize::new(0));
        let most = Arc::new(AtomicUsize::new(0));
        let crypto = ClientCrypto::default();
        let mut waiting = tokio::task::JoinSet::new();
        for _ in 0..64 {
            let (running, most) = (running.clone(), most.clone());
            waiting.spawn(offload(&crypto, move || {
                most.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                sleep(Duration::from_millis(2));
                running.fetch_sub(1, Ordering::SeqCst);
            }));
        }
        waiting.join_all().await;
        let most = most.load(Ordering::SeqCst);
        assert!(
            (1..=available_parallelism().unwrap().get()).contains(&most),
            "{most}"
        );
    }

    #[tokio::test]
    async fn the_time_is_that_of_the_work_and_not_of_the_wait() {
        let cores = available_parallelism().unwrap().get();
        let crypto = ClientCrypto::default();
        let mut waiting = tokio::task::JoinSet::new();
        // The second half waits 300 ms for the first.
        for _ in 0..2 * cores {
            waiting.spawn(offload(&crypto, || {
                let start = Instant::now();
                sleep(Duration::from_millis(300));
                start.elapsed()
            }));
        }
        for (worked, took) in waiting.join_all().await {
            let beyond = took.checked_sub(worked).unwrap();
            assert!(beyond.as_millis() < 150, "{beyond:?} more than {worked:?}");
        }
    }

    #[tokio::test]
    async fn a_panic_reaches_the_caller_and_frees_the_core() {
        let crypto = ClientCrypto::default();
        for _ in 0..=available_parallelism().unwrap().get() {
            let task = tokio::spawn(offload(&crypto, || std::panic::panic_any("boom")));
            let panic = task.await.unwrap_err().into_panic();
            assert_eq!(panic.downcast_ref(), Some(&"boom"));
        }
        assert_eq!(crypto.offload(|| 1).await.0, 1);
    }

    #[test]
    fn a_runtime_shuts_down_quietly_over_queued_work() {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .max_blocking_threads(1)
            .build()
            .unwrap();
        let crypto = ClientCrypto::default();
        let begun = Arc::new(AtomicUsize::new(0));
        for _ in 0..16 {
            let begun = begun.clone();
            runtime.spawn(offload(&crypto, move || {
                begun.fetch_add(1, Ordering::SeqCst);
                sleep(Duration::from_millis(50));
            }));
        }
        sleep(Duration::from_millis(20));
        drop(runtime);
        assert!(begun.load(Ordering::SeqCst) < 16);
        // The cores are free again for the next runtime.
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        assert_eq!(runtime.block_on(crypto.offload(|| 7)).0, 7);
    }
}
