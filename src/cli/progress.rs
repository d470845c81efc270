//! Shows how far a run is: a bar on a terminal, plain lines elsewhere, and one
//! warning when the plan has too few virtual users.

use std::fmt::Write;
use std::io::IsTerminal;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use parking_lot::Mutex;
use tokio::task::JoinHandle;

use super::{note, try_note};
use crate::engine::{Observer, Progress, RunEvent, Stop, StopReason};
use crate::language::format_duration;
use crate::metrics::{Row, per_second};
use crate::numbers::{plural, rate, time};
use crate::record::Counts;

/// How often the bar moves.
const TICK: Duration = Duration::from_millis(100);
/// How often somebody looks whether there is something to warn of.
const LOOK: Duration = Duration::from_secs(1);
/// A plain line is written once in so many looks.
const LINE: u32 = 10;

/// A display of a run's progress, on standard error. Ends when dropped.
pub(super) struct Display {
    task: Option<JoinHandle<()>>,
    bar: Option<ProgressBar>,
    warning: Arc<Warning>,
    told: Arc<Told>,
}

/// What was told with the last interval.
#[derive(Default)]
struct Told(Mutex<(Counts, Option<Row>)>);

impl Display {
    /// Starts to show `progress`; when `quiet`, nothing but warnings.
    pub(super) fn start(progress: &Arc<Progress>, stop: &Stop, quiet: bool) -> Self {
        let told = Arc::<Told>::default();
        let warning = Arc::new(Warning {
            told: Arc::clone(&told),
            given: AtomicBool::new(false),
        });
        let mut display = Self {
            task: None,
            bar: None,
            warning: Arc::clone(&warning),
            told: Arc::clone(&told),
        };
        if quiet {
            return display;
        }
        let (progress, stop) = (Arc::clone(progress), stop.clone());
        if std::io::stderr().is_terminal() {
            let bar = ProgressBar::new(0).with_style(style());
            display.bar = Some(bar.clone());
            display.task = Some(tokio::spawn(async move {
                loop {
                    let view = View::of(&progress, &told, &stop);
                    let (position, length) = view.position();
                    bar.set_length(length);
                    bar.set_position(position);
                    bar.set_message(line(&view));
                    if let Some(text) = warning.once() {
                        bar.suspend(|| note(&text));
                    }
                    // One that was closed is a terminal no more.
                    if !std::io::stderr().is_terminal() {
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
                        warning.give();
                    }
                    if let Err(error) = try_note(&line(&View::of(&progress, &told, &stop)))
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
        if let RunEvent::Tick(tick) = event {
            let (counts, last) = &mut *self.told.0.lock();
            counts.add(tick);
            *last = Some(tick.row.clone());
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
        self.warning.give();
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

/// What is told once when iterations found no virtual user at once.
struct Warning {
    told: Arc<Told>,
    given: AtomicBool,
}

impl Warning {
    fn give(&self) {
        if let Some(text) = self.once() {
            note(&text);
        }
    }

    fn once(&self) -> Option<String> {
        let counts = self.told.0.lock().0;
        let text = shortage(counts.dropped_no_vu, counts.unplanned)?;
        let given = self.given.swap(true, Ordering::Relaxed);
        (!given).then_some(text)
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

/// What a line shows.
#[derive(Clone, Debug, Default)]
struct View {
    /// `None` during setup.
    elapsed: Option<Duration>,
    /// Set when the run is limited by time.
    planned_time: Option<Duration>,
    /// 0 when it is not known.
    planned: u64,
    done: u64,
    failed: u64,
    dropped: u64,
    users: u64,
    busy: u64,
    last: Option<Row>,
    over: bool,
    stopping: bool,
}

impl View {
    fn of(progress: &Progress, told: &Told, stop: &Stop) -> Self {
        let (counts, last) = told.0.lock().clone();
        Self {
            elapsed: progress.scenarios_elapsed(),
            planned_time: progress.planned_time(),
            planned: progress.planned(),
            done: counts.done,
            failed: counts.failed,
            dropped: counts.dropped,
            users: progress.users(),
            busy: progress.busy(),
            last,
            over: progress.is_over(),
            stopping: stop.is_draining(),
        }
    }

    /// How far the bar is, and how far it goes.
    fn position(&self) -> (u64, u64) {
        let milliseconds = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        match self.planned_time {
            Some(planned) => {
                let elapsed = self.elapsed.unwrap_or_default().min(planned);
                (milliseconds(elapsed), milliseconds(planned))
            }
            None => (self.done, self.planned),
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
        write!(line, "{} of ", view.done)?;
        line.push_str(&plural(view.planned, "iteration", "iterations"));
    } else {
        line.push_str(&plural(view.done, "iteration", "iterations"));
    }
    if let Some(row) = &view.last {
        let ended = per_second(row.iterations + row.failed, row.length);
        write!(line, ", {}", rate(ended))?;
    }
    write!(
        line,
        ", {} of {} active",
        view.busy,
        plural(view.users, "user", "users")
    )?;
    if let Some(row) = &view.last
        && row.iterations > 0
    {
        write!(line, ", p50 {} p95 {}", time(row.p50), time(row.p95))?;
    }
    for (count, word) in [(view.failed, "failed"), (view.dropped, "dropped")] {
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

    use super::{View, line, shortage};
    use crate::metrics::Row;

    const SECOND: Duration = Duration::from_secs(1);

    fn view() -> View {
        View {
            elapsed: Some(SECOND * 12 + SECOND / 2),
            planned: 100,
            done: 37,
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
            failed: 2,
            dropped: 3,
            ..view()
        };
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
