//! Signals that ask the process to end.

use std::path::Path;

use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::{ceilings, files};

/// Resolves when the process is asked to end, by Ctrl-C, SIGTERM or SIGHUP.
pub(super) async fn stop_signal() {
    StopSignals::new().next().await;
}

/// Ctrl-C, SIGTERM and SIGHUP. None is lost between two of them.
pub(super) struct StopSignals {
    interrupt: Option<Signal>,
    terminate: Option<Signal>,
    hangup: Option<Signal>,
    came: bool,
}

impl StopSignals {
    pub(super) fn new() -> Self {
        // Without a handler, a signal ends the process at once, as it does by
        // default.
        Self {
            interrupt: signal(SignalKind::interrupt()).ok(),
            terminate: signal(SignalKind::terminate()).ok(),
            hangup: (!is_hangup_ignored())
                .then(|| signal(SignalKind::hangup()).ok())
                .flatten(),
            came: false,
        }
    }

    pub(super) async fn next(&mut self) {
        tokio::select! {
            () = arrival(&mut self.interrupt) => {}
            () = arrival(&mut self.terminate) => {}
            () = arrival(&mut self.hangup) => {
                // A terminal that closes is told by the system and by the shell.
                self.hangup = None;
            }
        }
        self.came = true;
    }

    /// Whether there was one already.
    pub(super) fn came(&self) -> bool {
        self.came
    }
}

/// Whether we were started to outlive our terminal, as `nohup` does it.
fn is_hangup_ignored() -> bool {
    // Where there is no such file, nobody can tell.
    let status = files::read_text(Path::new("/proc/self/status"), ceilings::SYSTEM);
    let status = status.unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    // SIGHUP is signal 1, the lowest bit.
    ignored.is_some_and(|mask| mask & 1 == 1)
}

async fn arrival(signal: &mut Option<Signal>) {
    match signal {
        // Never `None`: the stream does not end.
        Some(signal) => drop(signal.recv().await),
        None => std::future::pending().await,
    }
}
