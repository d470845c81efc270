//! Shows how far a run is: a table on a terminal, a line where that is small,
//! a line every ten seconds elsewhere, and one warning when the plan has too few
//! virtual users.

mod figures;
mod line;
mod table;

use std::sync::Arc;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle, TermLike};
use parking_lot::Mutex;
use tokio::task::JoinHandle;

use super::terminal::Terminal;
use super::{complain, note, try_note};
use crate::clock::{Clock, processor_time};
use crate::engine::{LogItem, LogLine, Observer, Plan, RunEvent, Stop, StopReason, Tick};
use crate::numbers::plural;
use crate::shown;
use crate::shown::terminal::{Canvas, Look, Stream};
use figures::{Figures, Outline, Recent, Seen};
use line::{View, heading, line};
use table::{clip, lay_out};

/// How often it is drawn.
const TICK: Duration = Duration::from_millis(250);
/// How often somebody looks whether there is something to warn of.
const LOOK: Duration = Duration::from_secs(1);
/// A plain line is written once in so many looks.
const LINE: u32 = 10;
/// Columns of the bar, where there is room for one.
const BAR: usize = 20;

/// Standard error during a run: messages go above what is drawn there.
#[derive(Clone)]
pub(super) struct Screen {
    bar: ProgressBar,
    shows: Shows,
}

/// What is shown of a run.
#[derive(Clone, Copy)]
enum Shows {
    /// Nothing but messages.
    Nothing,
    /// A line now and then.
    Lines,
    /// A table, or a line where there is no room for one.
    Table(Look),
}

impl Screen {
    /// What a terminal can show; when `quiet`, nothing but messages.
    pub(super) fn new(terminal: Terminal, quiet: bool) -> Self {
        let shows = match (quiet, terminal.is_drawn) {
            (true, _) => Shows::Nothing,
            (false, true) => Shows::Table(terminal.err),
            (false, false) => Shows::Lines,
        };
        let bar = ProgressBar::hidden();
        Self { bar, shows }
    }

    /// Nothing but messages.
    pub(super) fn quiet() -> Self {
        Self {
            bar: ProgressBar::hidden(),
            shows: Shows::Nothing,
        }
    }

    /// A message that has its own form.
    pub(super) fn note(&self, message: &str) {
        self.bar.suspend(|| note(message));
    }

    /// A message with the program's name.
    pub(super) fn complain(&self, message: &str) {
        self.bar.suspend(|| complain(message));
    }

    fn open(&self) {
        let target = ProgressDrawTarget::term_like(Box::new(Canvas::default()));
        // The template is a constant; the default is as good should it not parse.
        let style = ProgressStyle::with_template("{msg}");
        self.bar
            .set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        self.bar.set_draw_target(target);
    }
}

/// A display of a run's progress, on standard error. Ends when dropped.
pub(super) struct Display<'p> {
    plan: &'p Plan,
    clock: Clock,
    task: Option<JoinHandle<()>>,
    screen: Screen,
    told: Arc<Mutex<Told>>,
    recent: Recent,
    /// How long this program had used processors when the last interval ended.
    processors: Duration,
}

/// What the engine has told. Drawn by a thread of its own, a few times a second: a
/// terminal that takes nothing must hold up nobody who is measured.
#[derive(Default)]
struct Told {
    start: Option<Instant>,
    view: View,
    seen: Option<Arc<Seen>>,
    /// What scenarios have said, and nobody has read yet.
    log: Vec<String>,
    /// Whether it was told that users are missing.
    warned: bool,
}

impl<'p> Display<'p> {
    /// Starts to show a run of `plan` that `stop` ends.
    pub(super) fn start(plan: &'p Plan, clock: &Clock, stop: &Stop, screen: &Screen) -> Self {
        let told = Arc::<Mutex<Told>>::default();
        let drawing = Drawing {
            screen: screen.clone(),
            told: Arc::clone(&told),
            outline: Outline::of(plan),
            clock: clock.clone(),
            stop: stop.clone(),
            made: Mutex::default(),
        };
        let task = match screen.shows {
            Shows::Nothing => None,
            Shows::Lines => Some(tokio::spawn(drawing.write_lines())),
            Shows::Table(look) => {
                screen.open();
                Some(tokio::spawn(Arc::new(drawing).draw_on(look)))
            }
        };
        Self {
            plan,
            clock: clock.clone(),
            task,
            screen: screen.clone(),
            told,
            recent: Recent::default(),
            processors: processor_time(),
        }
    }

    fn tick(&mut self, tick: &Tick<'_>) {
        let now = processor_time();
        let processors = now.saturating_sub(std::mem::replace(&mut self.processors, now));
        self.recent.add(self.plan, tick);
        let seen = Seen::new(tick, &self.recent, self.plan, processors);
        let told = &mut *self.told.lock();
        told.seen = Some(Arc::new(seen));
        told.view.counts = tick.counts;
        (told.view.users, told.view.busy) = (tick.row.vus, tick.row.busy);
        told.view.last = Some(tick.row.clone());
        if self.task.is_some() {
            told.log.extend(tick.log.iter().flat_map(logged));
        }
    }
}

impl Observer for Display<'_> {
    fn hear(&mut self, event: &RunEvent<'_>) {
        match event {
            RunEvent::Started { .. } => {}
            RunEvent::ScenariosStarted { iterations, time } => {
                let told = &mut *self.told.lock();
                told.start = Some(self.clock.now());
                (told.view.planned, told.view.planned_time) = (*iterations, *time);
            }
            RunEvent::Tick(tick) => self.tick(tick),
            RunEvent::ScenariosEnded => self.told.lock().view.over = true,
        }
    }
}

impl Drop for Display<'_> {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            task.abort();
        }
        self.screen.bar.finish_and_clear();
        // A short run can be over before anybody has looked.
        warn(&self.screen, &self.told);
    }
}

/// What a drawing is made of.
struct Drawing {
    screen: Screen,
    told: Arc<Mutex<Told>>,
    outline: Outline,
    clock: Clock,
    stop: Stop,
    /// The figures of the last interval: it is drawn several times.
    made: Mutex<Option<(Arc<Seen>, Arc<Figures>)>>,
}

impl Drawing {
    async fn draw_on(self: Arc<Self>, look: Look) {
        loop {
            let drawing = Arc::clone(&self);
            // It fails only by a panic, and nobody is measured by it.
            let _ = tokio::task::spawn_blocking(move || drawing.draw(look)).await;
            // One that was closed is a terminal no more.
            if !Stream::Err.is_terminal() {
                self.stop.give_up(StopReason::Unread);
            }
            tokio::time::sleep(TICK).await;
        }
    }

    async fn write_lines(self) {
        loop {
            for _ in 0..LINE {
                tokio::time::sleep(LOOK).await;
                warn(&self.screen, &self.told);
            }
            let view = self.told.lock().view(&self.clock, &self.stop);
            if let Err(error) = try_note(&line(&view))
                && is_unread(&error)
            {
                self.stop.give_up(StopReason::Unread);
            }
        }
    }

    fn draw(&self, look: Look) {
        warn(&self.screen, &self.told);
        let (view, seen) = {
            let told = self.told.lock();
            (told.view(&self.clock, &self.stop), told.seen.clone())
        };
        let canvas = Canvas::default();
        let size = (usize::from(canvas.width()), usize::from(canvas.height()));
        // Before the scenarios and after them there is one thing to wait for.
        let seen = seen.filter(|_| view.elapsed.is_some() && !view.over);
        let table = seen.and_then(|seen| {
            let heading = with_bar(&view, &heading(&view));
            lay_out(&heading, &self.figures(&seen), size, look)
        });
        let text = table.map_or_else(|| one_line(&view, size.0), |lines| lines.join("\n"));
        self.screen.bar.set_message(text);
    }

    fn figures(&self, seen: &Arc<Seen>) -> Arc<Figures> {
        let mut made = self.made.lock();
        if let Some((of, figures)) = &*made
            && Arc::ptr_eq(of, seen)
        {
            return Arc::clone(figures);
        }
        let figures = Arc::new(Figures::of(seen, &self.outline));
        *made = Some((Arc::clone(seen), Arc::clone(&figures)));
        figures
    }
}

fn one_line(view: &View, width: usize) -> String {
    let line = line(view);
    let line = if width > 3 * BAR {
        with_bar(view, &line)
    } else {
        line
    };
    clip(&line, width.saturating_sub(1), 0)
}

/// A line behind a bar that says how far the run is, where that is known.
fn with_bar(view: &View, line: &str) -> String {
    let (position, length) = view.position();
    if length == 0 || view.elapsed.is_none() {
        return line.to_owned();
    }
    let columns = u128::from(position.min(length)) * BAR as u128 / u128::from(length);
    let done = usize::try_from(columns).unwrap_or(BAR);
    format!("{}{} {line}", "█".repeat(done), "░".repeat(BAR - done))
}

/// Whether whoever should read this has gone away, or closed the terminal.
fn is_unread(error: &std::io::Error) -> bool {
    let number = rustix::io::Errno::from_io_error(error);
    matches!(
        number,
        Some(rustix::io::Errno::PIPE | rustix::io::Errno::IO)
    )
}

fn warn(screen: &Screen, told: &Mutex<Told>) {
    let warning = told.lock().warning();
    if let Some(text) = warning {
        screen.note(&text);
    }
}

impl Told {
    /// What scenarios have said, and, once, that iterations found no virtual user.
    fn warning(&mut self) -> Option<String> {
        let short = shortage(self.view.counts.dropped_no_vu, self.view.counts.unplanned);
        let short = short.filter(|_| !self.warned);
        self.warned |= short.is_some();
        let mut told = std::mem::take(&mut self.log);
        told.extend(short);
        (!told.is_empty()).then(|| told.join("\n"))
    }

    fn view(&self, clock: &Clock, stop: &Stop) -> View {
        View {
            elapsed: self.start.map(|start| clock.since(start)),
            stopping: stop.is_draining(),
            ..self.view.clone()
        }
    }
}

/// The lines of an item since they were last shown, and how many there were besides.
fn logged(item: &LogItem) -> Vec<String> {
    let (scenario, name) = (&item.scenario, &item.item);
    let line = |line: &LogLine| {
        let (vu, iteration) = (line.vu, line.iteration);
        let text = shown::line(&line.text);
        format!("{scenario} {name}, user {vu}, iteration {iteration}: {text}")
    };
    let mut lines: Vec<String> = item.lines.iter().map(line).collect();
    if item.withheld > 0 {
        let more = plural(item.withheld, "line", "lines");
        lines.push(format!("{scenario} {name}: {more} withheld"));
    }
    lines
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::line::View;
    use super::{one_line, shortage, with_bar};

    #[test]
    fn there_is_a_warning_when_users_are_too_few() {
        assert_eq!(shortage(0, 0), None);
        let text = |dropped_no_vu, unplanned| shortage(dropped_no_vu, unplanned).unwrap();
        assert!(text(0, 1).contains("wait until further ones are made"));
        assert!(text(1, 1).contains("iterations are dropped"));
    }

    #[test]
    fn a_line_fits_and_has_a_bar_where_there_is_room() {
        let mut view = View {
            elapsed: Some(Duration::from_secs(15)),
            planned_time: Some(Duration::from_secs(30)),
            ..View::default()
        };
        assert_eq!(with_bar(&view, "x"), "██████████░░░░░░░░░░ x");
        assert!(one_line(&view, 61).starts_with('█'));
        assert_eq!(one_line(&view, 50), "15s of 30s, 0 iterations");
        assert_eq!(one_line(&view, 12), "15s of 30s…");
        view.elapsed = None;
        assert_eq!(one_line(&view, 80), "setup");
    }
}
