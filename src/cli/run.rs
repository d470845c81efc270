//! `rehearse run`: play a scenario file and report.

use std::num::{NonZeroU32, NonZeroU64};
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;

use super::dry_run::{Format, Sketch};
use super::live::{Live, LiveArguments};
use super::messages::cannot_start;
use super::output::{KeptArguments, OutputArguments};
use super::play::{exit, play};
use super::progress::Screen;
use super::report::wrote;
use super::scenario::ScenarioArguments;
use super::terminal::Terminal;
use super::{Exit, complain, say};
use super::{once, open_files};
use crate::clock::Clock;
use crate::engine::{Overrides, Plan, RunOptions, RunOutcome, Stop};
use crate::http::{LimitRule, LimitScope, RequestRate};
use crate::language::parse_duration;
use crate::record::Record;
use crate::report::{CryptoFigures, Kept, Report, RunFolder, SummaryForm};

/// Play a scenario file and report what was measured
///
/// The summary goes to standard output, progress to standard error. Ctrl-C
/// lets iterations under way finish and reports; a second one cuts them.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    scenario: ScenarioArguments,
    /// Virtual users, instead of what the file says
    #[arg(long, value_name = "N")]
    vus: Option<NonZeroU64>,
    /// Iterations of each virtual user, instead of what the file says
    #[arg(long, value_name = "N")]
    iterations: Option<NonZeroU64>,
    /// How long iterations start, instead of what the file says, such as `30s`
    #[arg(long, value_name = "TIME", value_parser = parse_duration)]
    duration: Option<Duration>,
    /// Ceiling on requests per second, all virtual users taken together
    #[arg(long, value_name = "RATE", value_parser = parse_rate)]
    rps: Option<RequestRate>,
    /// Figures of `rehearse crypto --json`, to be shown in the report
    #[arg(long, value_name = "FILE")]
    crypto_figures: Option<PathBuf>,
    /// How long iterations under way may go on after Ctrl-C or the scenario's end, such as `30s`
    #[arg(long, value_name = "TIME", value_parser = parse_duration)]
    graceful_stop: Option<Duration>,
    #[command(flatten)]
    live: LiveArguments,
    #[command(flatten)]
    output: OutputArguments,
    /// Say what would be played, and send nothing
    #[arg(long, conflicts_with = "trace")]
    dry_run: bool,
    /// How `--dry-run` says it
    #[arg(
        long,
        value_enum,
        default_value_t,
        value_name = "FORMAT",
        requires = "dry_run"
    )]
    format: Format,
    /// Play one iteration with one user, and show the requests and answers of this step, without
    /// secrets; `*` is every step; repeatable
    #[arg(long, value_name = "STEP", conflicts_with_all = ["vus", "iterations", "duration", "rps", "crypto_figures", "prometheus", "otlp", "out", "only_files", "summary"])]
    trace: Vec<String>,
}

impl Arguments {
    fn options(&self, plan: &Plan) -> RunOptions {
        RunOptions {
            limits: self.rps.map(ceiling).into_iter().collect(),
            graceful_stop: self.graceful_stop,
            ..self.scenario.options(plan)
        }
    }
}

pub(super) async fn run(arguments: Arguments, terminal: Terminal) -> Exit {
    let overrides = Overrides {
        vus: arguments.vus,
        iterations: arguments.iterations,
        duration: arguments.duration,
    };
    open_files::raise_limit();
    let plan = match arguments.scenario.plan(overrides, terminal.err) {
        Ok(plan) => plan,
        Err(exit) => return exit,
    };
    let form = arguments.output.form(terminal);
    if !arguments.trace.is_empty() {
        return Box::pin(once::trace(
            &arguments.scenario,
            plan,
            &arguments.trace,
            form,
        ))
        .await;
    }
    if arguments.dry_run {
        let options = arguments.options(&plan);
        let sketch = Sketch::new(&plan, &arguments.scenario, &options, &arguments.output.kept);
        say(&sketch.show(arguments.format));
        return Exit::Good;
    }
    let screen = Screen::new(terminal, arguments.output.quiet);
    play_and_report(&arguments, &plan, &screen, form).await
}

async fn play_and_report(
    arguments: &Arguments,
    plan: &Plan,
    screen: &Screen,
    form: SummaryForm,
) -> Exit {
    let figures = match figures(arguments.crypto_figures.as_deref()) {
        Ok(figures) => figures,
        Err(message) => {
            complain(&message);
            return Exit::Wrong;
        }
    };
    let mut live = match Live::open(&arguments.live).await {
        Ok(live) => live,
        Err(exit) => return exit,
    };
    let folder = match folder(&arguments.output.kept, &plan.name) {
        Ok(folder) => folder,
        Err(exit) => return exit,
    };
    let options = arguments.options(plan);
    let stop = Stop::new();
    let mut record = Record::new(plan, &options, &stop)
        .with_crypto_figures(figures)
        .shown_by(live.feed());
    if let Some(folder) = &folder {
        let screen = screen.clone();
        record = record.journalled(folder.path(), move |message| screen.complain(message));
    }
    let discard = || folder.as_ref().map(RunFolder::discard_if_empty);
    let name = folder
        .as_ref()
        .map_or_else(|| plan.name.clone(), RunFolder::name);
    if let Err(exit) = live.export(&name, screen) {
        discard();
        return exit;
    }
    let (outcome, mut signals) = play(plan, options, screen, &stop, &mut record).await;
    let outcome = match outcome {
        Ok(outcome) => outcome,
        Err(error) => {
            discard();
            return cannot_start(&error);
        }
    };
    let (report, exit) = finish(record, outcome, folder.as_ref(), &arguments.output, form);
    Box::pin(live.finish(&report, &mut signals)).await;
    exit
}

/// The folder of a run that is kept.
fn folder(kept: &KeptArguments, name: &str) -> Result<Option<RunFolder>, Exit> {
    if kept.no_report {
        return Ok(None);
    }
    let now = Clock::real().timestamp();
    match RunFolder::create(&kept.reports, name, now) {
        Ok(folder) => Ok(Some(folder.with_formats(kept.formats()))),
        Err(error) => {
            complain(&format!(
                "{error}\nhint: choose another folder with `--reports`"
            ));
            Err(Exit::Wrong)
        }
    }
}

fn finish(
    mut record: Record,
    outcome: RunOutcome,
    folder: Option<&RunFolder>,
    output: &OutputArguments,
    form: SummaryForm,
) -> (Report, Exit) {
    let report = record.report(outcome);
    output.say(&report, form);
    let written = output.write(&report);
    let Some(folder) = folder else {
        let exit = if written == Exit::Good {
            exit(&report)
        } else {
            written
        };
        return (report, exit);
    };
    let kept = match record.keep(&report, folder, output.kept.history()) {
        Ok(kept) => {
            output.add(&wrote(&kept.folder, &kept.files, form), form);
            tell_where(&kept, folder.path());
            kept.refused.is_none()
        }
        Err(error) => {
            complain(&format!(
                "error: the report of this run can be written nowhere: {error}\nhint: what was measured is above, and what the journal holds can be made a report of with `rehearse report {}` once there is room",
                folder.path().display()
            ));
            false
        }
    };
    let exit = match (kept, written) {
        (true, Exit::Good) => exit(&report),
        _ => Exit::NotKept,
    };
    (report, exit)
}

/// Tells what has become of a report that is not simply where it should be.
fn tell_where(kept: &Kept, asked_for: &Path) {
    let folder = kept.folder.display();
    if let Some(refused) = &kept.refused {
        complain(&format!(
            "error: the report is not where it was asked for: {refused}\nhint: it is in {folder}: move it to a place where it is kept"
        ));
    } else if kept.removed {
        complain(&format!(
            "warning: {} was removed while the run went on; it was made again for the report",
            asked_for.display()
        ));
    }
}

/// Figures of `rehearse crypto`, when there are any.
fn figures(path: Option<&Path>) -> Result<Option<CryptoFigures>, String> {
    let figures = path.map(CryptoFigures::read).transpose();
    figures.map_err(|error| format!("{error}\nhint: make them with `rehearse crypto --json FILE`"))
}

/// `--rps`: evenly, so that a limit of 10/s never shows as ten at once.
fn ceiling(rate: RequestRate) -> LimitRule {
    LimitRule {
        scope: LimitScope::Run,
        rate,
        burst: NonZeroU32::MIN,
    }
}

fn parse_rate(text: &str) -> Result<RequestRate, String> {
    text.parse()
        .ok()
        .and_then(RequestRate::per_second)
        .ok_or_else(|| "expected a positive number of requests per second, such as 50".into())
}
