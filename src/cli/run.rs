//! `rehearse run`: play a scenario file and report.

use std::num::{NonZeroU32, NonZeroU64};
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use futures_util::FutureExt;

use super::dry_run::{Format, Sketch};
use super::help::{PLAYS, after};
use super::live::{Live, LiveArguments};
use super::messages::cannot_start;
use super::output::{KeptArguments, OutputArguments};
use super::play::{exit, play};
use super::progress::Screen;
use super::report::wrote;
use super::scenario::ScenarioArguments;
use super::scenario_files::expand;
use super::signals::StopSignals;
use super::tally::Tally;
use super::terminal::Terminal;
use super::{Exit, complain, note, say};
use super::{once, open_files};
use crate::clock::Clock;
use crate::engine::{Overrides, Plan, RunOptions, Stop};
use crate::http::{LimitRule, LimitScope, RequestRate};
use crate::language::{format_duration, parse_duration};
use crate::record::Record;
use crate::report::{CryptoFigures, Kept, RunFolder, RunResult, SummaryForm};

/// Play scenario files and report what was measured
///
/// The summary goes to standard output, progress to standard error. Ctrl-C lets iterations in
/// progress finish and writes the report; a second Ctrl-C cuts them. With several files, each is
/// played after the other and has a report of its own; the exit code is the worst of them.
#[derive(Debug, Args)]
#[command(after_help = after(&[("rehearse run smoke.yaml", "play a scenario as the file says"), ("rehearse run mine.yaml --vus 20 --duration 5m", "with 20 virtual users, for 5 minutes"), ("rehearse run smoke.yaml more/ --fail-fast", "several files and folders, until one fails"), ("rehearse run mine.yaml --target staging.yaml --wait-for-target 60s", "against a server that may still be starting"), ("rehearse run mine.yaml --env-file staging.env --var greeting=Hello", "with variables of a file, and one of the scenario"), ("rehearse import curl.txt | rehearse run -", "from standard input"), ("rehearse run mine.yaml --dry-run", "print the plan, send nothing"), ("rehearse run mine.yaml --trace login", "print the requests of one step"), ("rehearse run mine.yaml --summary none --out json=-", "print the report as JSON")], PLAYS))]
pub(super) struct Arguments {
    /// Scenario files, played one after the other; a folder stands for the scenarios in it and below
    /// it, `-` for standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    #[command(flatten)]
    scenario: ScenarioArguments,
    /// Number of virtual users, instead of what the file says
    #[arg(long, value_name = "N", value_parser = parse_count, help_heading = "Load")]
    vus: Option<NonZeroU64>,
    /// Iterations of each virtual user, instead of what the file says
    #[arg(long, value_name = "N", value_parser = parse_count, help_heading = "Load")]
    iterations: Option<NonZeroU64>,
    /// How long iterations are started, instead of what the file says, such as `30s`
    #[arg(long, value_name = "TIME", value_parser = parse_duration, help_heading = "Load")]
    duration: Option<Duration>,
    /// Limit on requests per second, over all virtual users
    #[arg(long, value_name = "RATE", value_parser = parse_rate, help_heading = "Load")]
    rps: Option<RequestRate>,
    /// Show these figures of `rehearse crypto --json` in the report
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    crypto_figures: Option<PathBuf>,
    /// How long iterations in progress may take to finish after Ctrl-C or the end of the scenario,
    /// such as `30s`
    #[arg(long, value_name = "TIME", value_parser = parse_duration, help_heading = "Load")]
    graceful_stop: Option<Duration>,
    /// Stop at the first failed iteration, and play no further file
    #[arg(long, help_heading = "Load")]
    fail_fast: bool,
    #[command(flatten)]
    live: LiveArguments,
    #[command(flatten)]
    output: OutputArguments,
    /// Print what would be played, and send nothing
    #[arg(long, conflicts_with = "trace", help_heading = "Inspection")]
    dry_run: bool,
    /// Format of what `--dry-run` prints
    #[arg(
        long,
        value_enum,
        default_value_t,
        value_name = "FORMAT",
        requires = "dry_run",
        help_heading = "Inspection"
    )]
    format: Format,
    /// Play one iteration with one user, and print the requests and responses of this step without
    /// secrets; `*` is every step; repeatable
    #[arg(long, value_name = "STEP", conflicts_with_all = ["vus", "iterations", "duration", "rps", "crypto_figures", "prometheus", "otlp", "out", "only_files", "summary"], help_heading = "Inspection")]
    trace: Vec<String>,
}

impl Arguments {
    fn overrides(&self) -> Overrides {
        Overrides {
            vus: self.vus,
            iterations: self.iterations,
            duration: self.duration,
        }
    }

    fn options(&self, plan: &Plan) -> RunOptions {
        RunOptions {
            limits: self.rps.map(ceiling).into_iter().collect(),
            graceful_stop: self.graceful_stop,
            fail_fast: self.fail_fast,
            ..self.scenario.options(plan)
        }
    }
}

pub(super) async fn run(arguments: Arguments, terminal: Terminal) -> Exit {
    open_files::raise_limit();
    let mut plans = match plans(&arguments, terminal) {
        Ok(plans) => plans,
        Err(exit) => return exit,
    };
    let form = arguments.output.form(terminal);
    let (scenario, steps) = (&arguments.scenario, &arguments.trace);
    match plans.pop() {
        Some(plan) if !steps.is_empty() => {
            return Box::pin(once::trace(scenario, plan, steps, form)).await;
        }
        last => plans.extend(last),
    }
    if arguments.dry_run {
        for plan in &plans {
            let options = arguments.options(plan);
            let sketch = Sketch::new(plan, scenario, &options, &arguments.output.kept);
            say(&sketch.show(arguments.format));
        }
        return Exit::Good;
    }
    let screen = Screen::new(terminal, arguments.output.quiet);
    play_all(&arguments, &plans, &screen, form).await
}

/// Reads all files: nothing is sent while something is wrong with one of them.
fn plans(arguments: &Arguments, terminal: Terminal) -> Result<Vec<Plan>, Exit> {
    let wrong = |message: String| {
        complain(&message);
        Exit::Wrong
    };
    let files = expand(&arguments.files).map_err(wrong)?;
    let for_one = match &arguments.trace[..] {
        [] => arguments.output.for_one(),
        _ => Some(("--trace", "name the file that has the step")),
    };
    if let (Some((flag, hint)), true) = (for_one, files.len() > 1) {
        let count = files.len();
        return Err(wrong(format!(
            "`{flag}` is for one scenario file, and {count} are named\nhint: {hint}"
        )));
    }
    let scenario = &arguments.scenario;
    let variables = scenario.variables()?;
    let plan =
        |file: &PathBuf| scenario.plan(file, &variables, arguments.overrides(), terminal.err);
    // Each of them first, so that the problems of all are told.
    let read: Vec<Result<Plan, Exit>> = files.iter().map(plan).collect();
    read.into_iter().collect()
}

/// Plays one after the other, and says how many passed when there are several.
async fn play_all(
    arguments: &Arguments,
    plans: &[Plan],
    screen: &Screen,
    form: SummaryForm,
) -> Exit {
    let mut tally = Tally::new(plans.len());
    // Between two of them as well.
    let mut signals = StopSignals::new();
    for (number, plan) in (1..).zip(plans) {
        if plans.len() > 1 && !arguments.output.quiet {
            let (file, files) = (plan.file.display(), plans.len());
            note(&format!("rehearse: {file}, {number} of {files}"));
        }
        let (result, exit) = play_and_report(arguments, plan, screen, form).await;
        tally.add(result.as_ref(), exit);
        let stopped = signals.next().now_or_never().is_some();
        if stopped || (arguments.fail_fast && exit != Exit::Good) {
            break;
        }
    }
    if plans.len() > 1 {
        arguments.output.add(&tally.line(), form);
    }
    tally.exit()
}

async fn play_and_report(
    arguments: &Arguments,
    plan: &Plan,
    screen: &Screen,
    form: SummaryForm,
) -> (Option<RunResult>, Exit) {
    match played(arguments, plan, screen, form).await {
        Ok((result, exit)) => (Some(result), exit),
        Err(exit) => (None, exit),
    }
}

async fn played(
    arguments: &Arguments,
    plan: &Plan,
    screen: &Screen,
    form: SummaryForm,
) -> Result<(RunResult, Exit), Exit> {
    let figures = figures(arguments.crypto_figures.as_deref()).map_err(|message| {
        complain(&message);
        Exit::Wrong
    })?;
    let mut live = Live::open(&arguments.live).await?;
    let folder = folder(&arguments.output.kept, &plan.name)?;
    let options = arguments.options(plan);
    if !options.wait_for_target.is_zero() && !arguments.output.quiet {
        let time = format_duration(options.wait_for_target);
        note(&format!(
            "rehearse: waiting up to {time} for the target to answer"
        ));
    }
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
        return Err(exit);
    }
    let (outcome, mut signals) = play(plan, options, screen, &stop, &mut record).await;
    let (result, exit) = match outcome {
        Ok(outcome) => {
            let report = record.report(outcome);
            let exit = exit(&report);
            (RunResult::from(report), exit)
        }
        Err(error) => {
            let exit = cannot_start(&error);
            let Some(not_started) = record.not_started(&error) else {
                discard();
                return Err(exit);
            };
            (not_started.into(), exit)
        }
    };
    let exit = finish(
        record,
        &result,
        exit,
        folder.as_ref(),
        &arguments.output,
        form,
    );
    if let RunResult::Played(report) = &result {
        Box::pin(live.finish(report, &mut signals)).await;
    }
    Ok((result, exit))
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

/// Says and writes what has come of a run; gives `exit`, unless something cannot
/// be written.
fn finish(
    record: Record,
    result: &RunResult,
    exit: Exit,
    folder: Option<&RunFolder>,
    output: &OutputArguments,
    form: SummaryForm,
) -> Exit {
    output.say(result, form);
    let written = output.write(result);
    let Some(folder) = folder else {
        return if written == Exit::Good { exit } else { written };
    };
    let kept = match record.keep(result, folder, output.kept.history()) {
        Ok(kept) => {
            if kept.files.is_empty() {
                // Of a run that did not start, only figures were asked for.
                folder.discard_if_empty();
            } else {
                output.add(&wrote(&kept.folder, &kept.files, form), form);
            }
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
    match (kept, written) {
        (true, Exit::Good) => exit,
        _ => Exit::NotKept,
    }
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

fn parse_count(text: &str) -> Result<NonZeroU64, String> {
    if text.parse() == Ok(0) {
        return Err(
            "0 would play nothing: give 1 or more, or leave the option out for what the file says"
                .into(),
        );
    }
    text.parse()
        .map_err(|_| "expected a whole number from 1, such as 20".into())
}

fn parse_rate(text: &str) -> Result<RequestRate, String> {
    text.parse()
        .ok()
        .and_then(RequestRate::per_second)
        .ok_or_else(|| "expected a positive number of requests per second, such as 50".into())
}
