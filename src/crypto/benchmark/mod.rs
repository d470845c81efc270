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
mod results;
mod table;
mod work;

pub use document::render;
pub use machine::Machine;
pub use measure::Figures;
pub use openssl::OpenSsl;
pub use operation::Operation;
pub use results::{Bench, Measured, Results};
pub use table::table;

use super::CryptoError;
use work::Keys;

impl Bench {
    /// How many measurements there are.
    pub fn measurements(&self) -> usize {
        self.operations.len() * self.backends.len() * self.threads.len()
    }

    /// Measures everything, on this thread and on threads of its own.
    /// `progress` is told what comes next.
    ///
    /// # Errors
    /// When a backend fails.
    pub fn run(&self, mut progress: impl FnMut(&str)) -> Result<Vec<Measured>, CryptoError> {
        let mut keys = Keys::default();
        let mut measured = Vec::with_capacity(self.measurements());
        for &threads in &self.threads {
            for &operation in &self.operations {
                for &backend in &self.backends {
                    progress(&format!("{backend}: {}", operation.name()));
                    let pair = operation.key().map(|bits| keys.pair(bits, backend));
                    let pair = pair.transpose()?;
                    let make = || work::prepare(operation, backend, pair.as_ref());
                    let pace = operation.pace();
                    let figures = measure::measure(make, pace, threads, self.time, &self.clock)?;
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
