//! Bounds of time and memory. Who goes beyond them cannot be stopped, so the
//! process ends, and the input stays where it is.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::MEMORY;
use crate::look::Place;

/// Longest time for one input, on a busy machine and without optimisation.
const TIME: Duration = Duration::from_secs(if cfg!(debug_assertions) { 20 } else { 5 });
/// Most memory for one input, beyond what was there before it.
const LIMIT: usize = 256 * 1024 * 1024;
/// Here the allocator gives nothing more.
pub const HARD_LIMIT: usize = 1024 * 1024 * 1024;

pub struct Watch {
    current: Arc<Mutex<Option<Current>>>,
    peak: Arc<AtomicUsize>,
}

struct Current {
    name: String,
    began: Instant,
    before: usize,
}

impl Watch {
    pub fn start(place: &Place) -> Self {
        let watch = Self {
            current: Arc::default(),
            peak: Arc::default(),
        };
        let (current, peak) = (Arc::clone(&watch.current), Arc::clone(&watch.peak));
        let input = place.input.display().to_string();
        std::thread::spawn(move || {
            loop {
                std::thread::sleep(Duration::from_micros(500));
                let current = current.lock().unwrap();
                let Some(current) = &*current else { continue };
                let memory = MEMORY.allocated().saturating_sub(current.before);
                peak.fetch_max(memory, Ordering::Relaxed);
                let took = current.began.elapsed();
                if took > TIME || memory > LIMIT {
                    let kib = memory / 1024;
                    eprintln!(
                        "{}: {took:.1?} and {kib} KiB; it is in {input}",
                        current.name
                    );
                    std::process::abort();
                }
            }
        });
        watch
    }

    pub fn begin(&self, name: &str) {
        *self.current.lock().unwrap() = Some(Current {
            name: name.to_owned(),
            began: Instant::now(),
            before: MEMORY.allocated(),
        });
    }

    pub fn end(&self) {
        *self.current.lock().unwrap() = None;
    }

    /// Most memory that was seen since the last call.
    pub fn take_peak(&self) -> usize {
        self.peak.swap(0, Ordering::Relaxed)
    }
}
