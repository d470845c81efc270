//! How fast this machine does the cryptography: every operation, with every
//! backend, in a fixed time each.
//!
//! What is measured is what a session does. Keys are read and expanded before;
//! fresh initialisation vectors, nonces, seeds and salts are part of an
//! operation; results go into buffers that are used again, but for RSA, where
//! they are new each time. Short operations are timed in batches of at least 20
//! µs, so that looking at the clock costs under a percent; a quantile is then
//! one of the batches' means.

mod document;
mod machine;
mod measure;
mod openssl;
mod operation;
mod table;
mod work;

use std::time::Duration;

pub use document::render;
pub use machine::Machine;
pub use measure::Figures;
pub use openssl::{OpenSsl, OpenSslError};
pub use operation::Operation;
pub use table::table;

use super::{CryptoBackend, CryptoError};
use work::Keys;

/// What to measure.
#[derive(Clone, Debug)]
pub struct Bench {
    /// Operations, in the order of the table.
    pub operations: Vec<Operation>,
    /// Backends, in the order of the columns.
    pub backends: Vec<CryptoBackend>,
    /// Time for each operation, backend and number of threads.
    pub time: Duration,
    /// Numbers of threads; the first is one.
    pub threads: Vec<usize>,
}

/// One operation, with one backend, on so many threads.
#[derive(Clone, Debug)]
pub struct Measured {
    /// What was done.
    pub operation: Operation,
    /// By whom.
    pub backend: CryptoBackend,
    /// How many did it together.
    pub threads: usize,
    /// How fast it was.
    pub figures: Figures,
}

/// Everything that was measured.
#[derive(Clone, Debug)]
pub struct Results {
    /// Where.
    pub machine: Machine,
    /// What was asked for.
    pub bench: Bench,
    /// What came out, in the order of the operations.
    pub measured: Vec<Measured>,
    /// What OpenSSL says of itself, if it was asked.
    pub openssl: Option<OpenSsl>,
}

impl Bench {
    /// How many measurements there are.
    pub fn len(&self) -> usize {
        self.operations.len() * self.backends.len() * self.threads.len()
    }

    /// True when nothing is measured.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Measures everything, on this thread and on threads of its own.
    /// `progress` is told what comes next.
    ///
    /// # Errors
    /// When a backend fails.
    pub fn run(&self, mut progress: impl FnMut(&str)) -> Result<Vec<Measured>, CryptoError> {
        let mut keys = Keys::default();
        let mut measured = Vec::with_capacity(self.len());
        for &threads in &self.threads {
            for &operation in &self.operations {
                for &backend in &self.backends {
                    progress(&format!("{backend}: {}", operation.name()));
                    let pair = operation.key().map(|bits| keys.pair(bits, backend));
                    let pair = pair.transpose()?;
                    let make = || work::prepare(operation, backend, pair.as_ref());
                    let pace = operation.pace();
                    let figures = measure::measure(make, pace, threads, self.time)?;
                    measured.push(Measured {
                        operation,
                        backend,
                        threads,
                        figures,
                    });
                }
            }
        }
        Ok(measured)
    }
}

impl Results {
    /// What was measured of an operation.
    pub fn find(
        &self,
        operation: Operation,
        backend: CryptoBackend,
        threads: usize,
    ) -> Option<&Figures> {
        let found = self.measured.iter().find(|line| {
            (line.operation, line.backend, line.threads) == (operation, backend, threads)
        });
        found.map(|line| &line.figures)
    }
}
