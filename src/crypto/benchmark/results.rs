//! What is measured, and what came out.

use std::time::Duration;

use super::machine::Machine;
use super::measure::Figures;
use super::openssl::OpenSsl;
use super::operation::Operation;
use crate::clock::Clock;
use crate::crypto::CryptoBackend;

/// What to measure.
#[derive(Clone, Debug)]
pub struct Bench {
    /// The time.
    pub clock: Clock,
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
