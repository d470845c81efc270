//! Shows how far a run is: a bar on a terminal, plain lines elsewhere.

use std::fmt::Write;
use std::io::IsTerminal;
use std::sync::Arc;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use tokio::task::JoinHandle;

use super::note;
use crate::engine::Progress;
use crate::numbers::{plural, rate, time};

/// How often the bar moves.
const TICK: Duration = Duration::from_millis(100);
/// How often a plain line is written.
const LINE: Duration = Duration::from_secs(10);

/// A display of a run's progress, on standard error.
pub(super) struct Display {
    task: JoinHandle<()>,
    bar: Option<ProgressBar>,
}

impl Display {
    /// Starts to show `progress`.
    pub(super) fn start(progress: Arc<Progress>) -> Self {
        if std::io::stderr().is_terminal() {
            let bar = ProgressBar::new(progress.planned());
            bar.set_style(style());
            let shown = bar.clone();
            let task = tokio::spawn(async move {
                loop {
                    shown.set_length(progress.planned());
                    shown.set_position(progress.done());
                    shown.set_message(state(&progress));
                    tokio::time::sleep(TICK).await;
                }
            });
            return Self {
                task,
                bar: Some(bar),
            };
        }
        let task = tokio::spawn(async move {
            let start = Instant::now();
            loop {
                tokio::time::sleep(LINE).await;
                let (done, planned) = (progress.done(), progress.planned());
                let pace = rate(done, start.elapsed());
                note(&format!(
                    "{done} of {} at {pace}, {}",
                    plural(planned, "iteration", "iterations"),
                    state(&progress)
                ));
            }
        });
        Self { task, bar: None }
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        self.task.abort();
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

fn state(progress: &Progress) -> String {
    let mut state = plural(progress.busy(), "active user", "active users");
    for (count, word) in [
        (progress.failed(), "failed"),
        (progress.dropped(), "dropped"),
    ] {
        if count > 0 {
            let _ = write!(state, ", {count} {word}");
        }
    }
    if let Some(row) = progress.last() {
        let _ = write!(state, ", p50 {} p95 {}", time(row.p50), time(row.p95));
        if row.otps_pending > 0 {
            let _ = write!(state, ", {} codes pending", row.otps_pending);
        }
    }
    state
}

fn style() -> ProgressStyle {
    ProgressStyle::with_template("{bar:32} {pos}/{len} iterations  {per_sec}  {msg}  {elapsed}")
        // The template is a constant; the default is as good should it not parse.
        .unwrap_or_else(|_| ProgressStyle::default_bar())
}
