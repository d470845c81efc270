//! Pauses of a recording: the time in which a person read, or thought.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;

use super::entry::text;
use crate::import::found::Found;

/// Shorter ones are the browser's own.
const SHORTEST: Duration = Duration::from_millis(500);
/// Longer ones are somebody at lunch.
const LONGEST: Duration = Duration::from_secs(60);

#[derive(Default)]
pub(super) struct Pauses {
    /// When all that was asked for so far had come.
    end: Option<Timestamp>,
    /// Before the next request that is kept.
    pending: Duration,
    kept: usize,
    cut: usize,
}

impl Pauses {
    /// Looks at an entry, whether it is kept or not.
    pub fn see(&mut self, entry: &Value) {
        let Ok(start) = text(entry.get("startedDateTime")).parse::<Timestamp>() else {
            return;
        };
        let before = self.end.map(|end| start.duration_since(end));
        if let Some(pause) = before.and_then(|pause| Duration::try_from(pause).ok()) {
            self.pending += pause;
        }
        let took = entry.get("time").and_then(Value::as_f64).unwrap_or(0.0);
        let took = Duration::try_from_secs_f64(took / 1000.0).unwrap_or_default();
        let end = start.saturating_add(took).unwrap_or(start);
        self.end = Some(self.end.map_or(end, |known| known.max(end)));
    }

    /// The pause before a request that is kept.
    pub fn take(&mut self) -> Option<Duration> {
        let pause = std::mem::take(&mut self.pending);
        // Before the first one, nobody waited for anything.
        if pause < SHORTEST {
            return None;
        }
        self.kept += 1;
        self.cut += usize::from(pause > LONGEST);
        Some(pause.min(LONGEST))
    }

    pub fn tell(&self, found: &mut Found) {
        let note = match self.cut {
            0 => format!("{} pauses were kept as `sleep`", self.kept),
            cut => format!(
                "{} pauses were kept as `sleep`, {cut} of them cut to {LONGEST:?}",
                self.kept
            ),
        };
        found.notes.push(note);
    }
}
