//! Shows how far a run is: a bar on a terminal, plain lines elsewhere, and one
//! warning when the plan has too few virtual users.

use std::fmt::Write;
use std::sync::Arc;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use parking_lot::Mutex;
use tokio::task::JoinHandle;

use super::{note, try_note};
use crate::clock::Clock;
use crate::engine::{Counts, Observer, RunEvent, Stop, StopReason};
use crate::language::format_duration;
use crate::metrics::{Row, per_second};
use crate::numbers::{plural, rate, time};
use crate::shown::terminal::Stream;

const TICK: Duration = Duration::from_millis(100);
/// How often somebody looks whether there is something to warn of.
const LOOK: Duration = Duration::from_secs(1);
/// A plain line is written once in so many looks.
const LINE: u32 = 10;

/// A display of a run's progress, on standard error. Ends when dropped.
pub(super) struct Display {
    clock: Clock,
    task: Option<JoinHandle<()>>,
    bar: Option<ProgressBar>,
    told: Arc<Mutex<Told>>,
}

/// What the engine has told. Drawn by a task of its own, ten times a second: a
/// terminal that takes nothing must hold up nobody who is measured.
#[derive(Default)]
struct Told {
    start: Option<Instant>,
    view: View,
    /// Whether it was told that users are missing.
    warned: bool,
}

impl Display {
    /// Starts to show a run that `stop` ends; when `quiet`, nothing but warnings.
    pub(super) fn start(clock: &Clock, stop: &Stop, quiet: bool) -> Self {
        let told = Arc::<Mutex<Told>>::default();
        let mut display = Self {
            clock: clock.clone(),
            task: None,
            bar: None,
            told: Arc::clone(&told),
        };
        if quiet {
            return display;
        }
        let (clock, stop) = (clock.clone(), stop.clone());
        if Stream::Err.is_terminal() {
            let bar = ProgressBar::new(0).with_style(style());
            display.bar = Some(bar.clone());
            display.task = Some(tokio::spawn(async move {
                loop {
                    let view = told.lock().view(&clock, &stop);
                    let (position, length) = view.position();
                    bar.set_length(length);
                    bar.set_position(position);
                    bar.set_message(line(&view));
                    let warning = told.lock().warning();
                    if let Some(text) = warning {
                        bar.suspend(|| note(&text));
                    }
                    // One that was closed is a terminal no more.
                    if !Stream::Err.is_terminal() {
                        stop.give_up(StopReason::Unread);
                    }
                    tokio::time::sleep(TICK).await;
                }
            }));
        } else {
            display.task = Some(tokio::spawn(async move {
                loop {
                    for _ in 0..LINE {
                        tokio::time::sleep(LOOK).await;
                        warn(&told);
                    }
                    let view = told.lock().view(&clock, &stop);
                    if let Err(error) = try_note(&line(&view))
                        && is_unread(&error)
                    {
                        stop.give_up(StopReason::Unread);
                    }
                }
            }));
        }
        display
    }
}

impl Observer for Display {
    fn hear(&mut self, event: &RunEvent<'_>) {
        let told = &mut *self.told.lock();
        match event {
            RunEvent::Started { .. } => {}
            RunEvent::ScenariosStarted { iterations, time } => {
                told.start = Some(self.clock.now());
                (told.view.planned, told.view.planned_time) = (*iterations, *time);
            }
            RunEvent::Tick(tick) => {
                told.view.counts = tick.counts;
                (told.view.users, told.view.busy) = (tick.row.vus, tick.row.busy);
                told.view.last = Some(tick.row.clone());
            }
            RunEvent::ScenariosEnded => told.view.over = true,
        }
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            task.abort();
        }
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
        // A short run can be over before anybody has looked.
        warn(&self.told);
    }
}

/// Whether whoever should read this has gone away, or closed the terminal.
fn is_unread(error: &std::io::Error) -> bool {
    let number = rustix::io::Errno::from_io_error(error);
    matches!(
        number,
        Some(rustix::io::Errno::PIPE | rustix::io::Errno::IO)
    )
}

fn style() -> ProgressStyle {
    ProgressStyle::with_template("{bar:32} {msg}")
        // The template is a constant; the default is as good should it not parse.
        .unwrap_or_else(|_| ProgressStyle::default_bar())
}

fn warn(told: &Mutex<Told>) {
    let warning = told.lock().warning();
    if let Some(text) = warning {
        note(&text);
    }
}

impl Told {
    /// What is told once when iterations found no virtual user at once.
    fn warning(&mut self) -> Option<String> {
        let text = shortage(self.view.counts.dropped_no_vu, self.view.counts.unplanned)?;
        (!std::mem::replace(&mut self.warned, true)).then_some(text)
    }

    fn view(&self, clock: &Clock, stop: &Stop) -> View {
        View {
            elapsed: self.start.map(|start| clock.since(start)),
            stopping: stop.is_draining(),
            ..self.view.clone()
        }
    }
}

/// The warning, if there is reason for one.
fn shortage(dropped_no_vu: u64, unplanned: u64) -> Option<String> {
    let what = match (dropped_no_vu, unplanned) {
        (0, 0) => return None,
        (0, _) => "iterations wait until further ones are made",
        _ => "iterations are dropped",
    };
    let hint = "raise `pre_allocated_vus` and `max_vus`";
    Some(format!(
        "rehearse: warning: more virtual users are needed, {what}\nhint: {hint}"
    ))
}

#[derive(Clone, Debug, Default)]
struct View {
    /// `None` during setup.
    elapsed: Option<Duration>,
    /// Set when the run is limited by time.
    planned_time: Option<Duration>,
    /// 0 when it is not known.
    planned: u64,
    counts: Counts,
    /// At the end of the last interval; 0 before there was one.
    users: u64,
    busy: u64,
    last: Option<Row>,
    over: bool,
    stopping: bool,
}

impl View {
    /// How far the bar is, and how far it goes.
    fn position(&self) -> (u64, u64) {
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
fn line(view: &View) -> String {
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

fn write(line: &mut String, view: &View, elapsed: Duration) -> std::fmt::Result {
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
    if let Some(row) = &view.last {
        let ended = per_second(row.iterations + row.failed, row.length);
        write!(line, ", {}", rate(ended))?;
    }
    if view.users > 0 {
        let users = plural(view.users, "user", "users");
        write!(line, ", {} of {users} active", view.busy)?;
    }
    if let Some(row) = &view.last
        && row.iterations > 0
    {
        write!(line, ", p50 {} p95 {}", time(row.p50), time(row.p95))?;
    }
    for (count, word) in [
        (view.counts.failed, "failed"),
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Counts, View, line, shortage};
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
        assert_eq!(line(&over), "teardown");
    }

    #[test]
    fn there_is_a_warning_when_users_are_too_few() {
        assert_eq!(shortage(0, 0), None);
        let text = |dropped_no_vu, unplanned| shortage(dropped_no_vu, unplanned).unwrap();
        assert!(text(0, 1).contains("wait until further ones are made"));
        assert!(text(1, 1).contains("iterations are dropped"));
    }
}
