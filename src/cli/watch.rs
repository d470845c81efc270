//! `rehearse watch`: one iteration at each save.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use notify::{RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use zeroize::Zeroizing;

use super::help::after;
use super::messages::say_in;
use super::once::once;
use super::scenario::ScenarioArguments;
use super::signals::StopSignals;
use super::step_lines::Play;
use super::terminal::Terminal;
use super::{Exit, complain, note, say};
use crate::clock::Clock;
use crate::engine::Overrides;
use crate::language::path_help;
use crate::report::{SummarySize, summary};
use crate::shown::terminal::Stream;
use crate::{ceilings, files};

/// An editor writes in several steps: this long after the last one, it is done.
const QUIET: Duration = Duration::from_millis(100);

/// Play one iteration of a scenario file whenever it is saved
///
/// Saves of its target and feeder files count too. Each scenario is played once, by one user;
/// a line for each step says how it went and what changed since the last time. No report is
/// written. Ctrl-C ends it.
#[derive(Debug, Args)]
#[command(after_help = after(&[("rehearse watch mine.yaml", "play one iteration now and whenever a file is saved"), ("rehearse watch mine.yaml --target staging.yaml", "against your own server")], &[(Exit::Good, "ended with Ctrl-C"), (Exit::Wrong, "the command line is wrong, or files cannot be watched")]))]
pub(super) struct Arguments {
    /// The scenario file
    file: PathBuf,
    #[command(flatten)]
    scenario: ScenarioArguments,
}

pub(super) async fn watch(arguments: Arguments, terminal: Terminal) -> Exit {
    let scenario = &arguments.scenario;
    if arguments.file == Path::new("-") {
        complain(
            "standard input cannot be watched\nhint: name a file, or play it once with `rehearse run -`",
        );
        return Exit::Wrong;
    }
    if arguments.file.is_dir() {
        complain(&format!(
            "cannot watch a folder\nhint: {}",
            path_help(&arguments.file)
        ));
        return Exit::Wrong;
    }
    super::open_files::raise_limit();
    let mut watched = match Watched::new() {
        Ok(watched) => watched,
        Err(error) => {
            complain(&format!("cannot watch files: {error}"));
            return Exit::Wrong;
        }
    };
    // From here on: one that came between two waits would be lost otherwise.
    let mut stop = StopSignals::new();
    watched.add(std::iter::once(arguments.file.clone()).chain(scenario.target.files()));
    let (mut last, mut saved) = (None, String::new());
    loop {
        // Before it is read: a save in between is played again.
        watched.look();
        Stream::Out.clear();
        say(&saved);
        let plan = scenario.variables().and_then(|variables| {
            let all = Overrides::default();
            scenario.plan(&arguments.file, &variables, all, terminal.err)
        });
        if let Ok(plan) = plan {
            watched.add(plan.files.clone());
            let thresholds = plan.thresholds.len();
            let plan = plan.once();
            let unjudged = thresholds - plan.thresholds.len();
            // Otherwise it was said why. Somebody may correct it.
            if let Ok(report) = once(scenario, &plan, None).await {
                let (form, played) = (terminal.summary(SummarySize::Verdict), Play::of(&report));
                say_in(form.look, &played.show(last.as_ref(), form.look));
                say_in(form.look, &format!("\n{}", summary(&report, form)));
                say(&not_judged(unjudged));
                if !report.stops.is_empty() {
                    return Exit::Good;
                }
                last = Some(played);
            }
        }
        note(&format!(
            "rehearse: waiting for a change of {}; Ctrl-C ends",
            arguments.file.display()
        ));
        let changed = tokio::select! {
            changed = watched.change() => changed,
            () = stop.next() => return Exit::Good,
        };
        let now = Clock::real().timestamp();
        let now = now.strftime("%H:%M:%S UTC");
        saved = format!("\n── {now} {} was saved\n\n", changed.display());
    }
}

/// What is said of thresholds that one iteration cannot meet.
fn not_judged(count: usize) -> String {
    match count {
        0 => String::new(),
        1 => "  1 threshold needs more than one iteration: not judged here\n".to_owned(),
        _ => format!("  {count} thresholds need more than one iteration: not judged here\n"),
    }
}

/// Files, and what was in them.
struct Watched {
    watcher: RecommendedWatcher,
    events: UnboundedReceiver<()>,
    folders: BTreeSet<PathBuf>,
    files: Vec<(PathBuf, Option<Zeroizing<Vec<u8>>>)>,
}

impl Watched {
    fn new() -> Result<Self, notify::Error> {
        let (send, events) = unbounded_channel();
        let watcher = notify::recommended_watcher(move |_| {
            // Nobody listens any more when the program ends.
            let _ = send.send(());
        })?;
        Ok(Self {
            watcher,
            events,
            folders: BTreeSet::new(),
            files: Vec::new(),
        })
    }

    /// Watches these too. It is their folders that are watched: many editors
    /// put a new file in the place of the old one.
    fn add(&mut self, files: impl IntoIterator<Item = PathBuf>) {
        for file in files {
            if self.files.iter().any(|(known, _)| *known == file) {
                continue;
            }
            let folder = match file.parent() {
                Some(folder) if folder != Path::new("") => folder.to_owned(),
                _ => PathBuf::from("."),
            };
            if self.folders.insert(folder.clone())
                && let Err(error) = self.watcher.watch(&folder, RecursiveMode::NonRecursive)
            {
                complain(&format!("cannot watch {}: {error}", folder.display()));
            }
            let found = content(&file);
            self.files.push((file, found));
        }
    }

    /// Notes what is in the files. Gives one that has changed, and is there.
    fn look(&mut self) -> Option<PathBuf> {
        let mut changed = None;
        for (file, known) in &mut self.files {
            let found = content(file);
            if found.is_some() && found != *known {
                changed.get_or_insert_with(|| file.clone());
                *known = found;
            }
        }
        changed
    }

    /// Waits until one of the files is another one. What was saved while an
    /// iteration was played counts.
    async fn change(&mut self) -> PathBuf {
        loop {
            if let Some(file) = self.look() {
                // It may be half written, also when that was going on before we
                // began to wait.
                self.quiet().await;
                self.look();
                return file;
            }
            if self.events.recv().await.is_none() {
                std::future::pending::<()>().await;
            }
            self.quiet().await;
        }
    }

    /// Waits until nothing has happened for a while.
    async fn quiet(&mut self) {
        while tokio::time::timeout(QUIET, self.events.recv())
            .await
            .is_ok()
        {}
    }
}

/// What is in a file, if it can be read.
fn content(file: &Path) -> Option<Zeroizing<Vec<u8>>> {
    files::read(file, ceilings::ATTACHED).ok()
}
