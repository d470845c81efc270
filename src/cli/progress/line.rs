//! A run at a moment, in one line.

use std::fmt::Write;
use std::time::Duration;

use crate::engine::Counts;
use crate::language::format_duration;
use crate::metrics::{Row, per_second};
use crate::numbers::{plural, rate, time};

#[derive(Clone, Debug, Default)]
pub(super) struct View {
    /// `None` during setup.
    pub(super) elapsed: Option<Duration>,
    /// Set when the run is limited by time.
    pub(super) planned_time: Option<Duration>,
    /// 0 when it is not known.
    pub(super) planned: u64,
    pub(super) counts: Counts,
    /// At the end of the last interval; 0 before there was one.
    pub(super) users: u64,
    pub(super) busy: u64,
    pub(super) last: Option<Row>,
    pub(super) over: bool,
    pub(super) stopping: bool,
}

impl View {
    /// How far the bar is, and how far it goes.
    pub(super) fn position(&self) -> (u64, u64) {
        let milliseconds = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        match self.planned_time {
            Some(planned) => {
                let elapsed = self.elapsed.unwrap_or_default().min(planned);
                (milliseconds(elapsed), milliseconds(planned))
            }
            None => (self.counts.done, self.planned),
        }
    }
}

/// A run at a moment, in one line: how far it is, what it does, what it sees.
pub(super) fn line(view: &View) -> String {
    let Some(elapsed) = view.elapsed else {
        return "setup".into();
    };
    if view.over {
        return "teardown".into();
    }
    let mut line = String::new();
    // Writing to a text does not fail.
    let _ = write(&mut line, view, elapsed);
    line
}

/// The same where the rest is in a table: how far it is, and with how many users.
pub(super) fn heading(view: &View) -> String {
    let Some(elapsed) = view.elapsed.filter(|_| !view.over) else {
        return line(view);
    };
    let mut line = String::new();
    // Writing to a text does not fail.
    let _ = so_far(&mut line, view, elapsed).and_then(|()| users(&mut line, view));
    line
}

fn write(line: &mut String, view: &View, elapsed: Duration) -> std::fmt::Result {
    so_far(line, view, elapsed)?;
    if let Some(row) = &view.last {
        let ended = per_second(row.iterations + row.failed, row.length);
        write!(line, ", {}", rate(ended))?;
    }
    users(line, view)?;
    if let Some(row) = &view.last
        && row.iterations > 0
    {
        write!(line, ", p50 {} p95 {}", time(row.p50), time(row.p95))?;
    }
    for (count, word) in [
        (view.counts.failed, "failed"),
        (view.counts.skipped, "skipped"),
        (view.counts.dropped, "dropped"),
    ] {
        if count > 0 {
            write!(line, ", {count} {word}")?;
        }
    }
    match view.last.as_ref().map_or(0, |row| row.otps_pending) {
        0 => Ok(()),
        pending => write!(line, ", {} pending", plural(pending, "code", "codes")),
    }
}

fn so_far(line: &mut String, view: &View, elapsed: Duration) -> std::fmt::Result {
    let whole = |time: Duration| format_duration(Duration::from_secs(time.as_secs()));
    match view.planned_time {
        Some(planned) if elapsed < planned => {
            write!(line, "{} of {}, ", whole(elapsed), format_duration(planned))?;
        }
        _ => write!(line, "{}, ", whole(elapsed))?,
    }
    if view.stopping {
        line.push_str("stopping, ");
    } else if view.planned_time.is_some_and(|planned| elapsed >= planned) {
        line.push_str("finishing, ");
    }
    if view.planned_time.is_none() && view.planned > 0 {
        write!(line, "{} of ", view.counts.done)?;
        line.push_str(&plural(view.planned, "iteration", "iterations"));
    } else {
        line.push_str(&plural(view.counts.done, "iteration", "iterations"));
    }
    Ok(())
}

fn users(line: &mut String, view: &View) -> std::fmt::Result {
    if view.users == 0 {
        return Ok(());
    }
    let users = plural(view.users, "user", "users");
    write!(line, ", {} of {users} active", view.busy)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Counts, View, heading, line};
    use crate::metrics::Row;

    const SECOND: Duration = Duration::from_secs(1);

    fn view() -> View {
        View {
            elapsed: Some(SECOND * 12 + SECOND / 2),
            planned: 100,
            counts: Counts {
                done: 37,
                ..Counts::default()
            },
            users: 20,
            busy: 5,
            last: Some(Row {
                length: SECOND,
                iterations: 9,
                failed: 1,
                p50: Duration::from_micros(3200),
                p95: Duration::from_millis(12),
                ..Row::default()
            }),
            ..View::default()
        }
    }

    #[test]
    fn a_run_of_iterations_is_shown_by_iterations() {
        assert_eq!(
            line(&view()),
            "12s, 37 of 100 iterations, 10.0/s, 5 of 20 users active, p50 3.20ms p95 12.0ms"
        );
        assert_eq!(
            heading(&view()),
            "12s, 37 of 100 iterations, 5 of 20 users active"
        );
        assert_eq!(view().position(), (37, 100));
    }

    #[test]
    fn a_run_that_is_limited_by_time_is_shown_by_time() {
        let mut view = View {
            planned_time: Some(SECOND * 90),
            ..view()
        };
        (view.counts.failed, view.counts.dropped) = (2, 3);
        if let Some(row) = &mut view.last {
            row.otps_pending = 4;
        }
        assert_eq!(
            line(&view),
            "12s of 1m30s, 37 iterations, 10.0/s, 5 of 20 users active, \
             p50 3.20ms p95 12.0ms, 2 failed, 3 dropped, 4 codes pending"
        );
        assert_eq!(view.position(), (12_500, 90_000));
        view.elapsed = Some(SECOND * 91);
        assert!(
            line(&view).starts_with("1m31s, finishing, 37 iterations,"),
            "{}",
            line(&view)
        );
        assert_eq!(view.position(), (90_000, 90_000));
        view.stopping = true;
        assert!(
            line(&view).starts_with("1m31s, stopping, "),
            "{}",
            line(&view)
        );
    }

    #[test]
    fn a_second_without_a_good_iteration_has_no_quantiles() {
        let mut view = view();
        view.last = Some(Row {
            length: SECOND,
            ..Row::default()
        });
        assert_eq!(
            line(&view),
            "12s, 37 of 100 iterations, 0.00/s, 5 of 20 users active"
        );
        view.last = None;
        assert_eq!(
            line(&view),
            "12s, 37 of 100 iterations, 5 of 20 users active"
        );
    }

    #[test]
    fn setup_and_teardown_are_told_by_their_names() {
        assert_eq!(line(&View::default()), "setup");
        let over = View {
            over: true,
            ..view()
        };
        assert_eq!((&*line(&over), &*heading(&over)), ("teardown", "teardown"));
    }
}
