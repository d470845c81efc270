//! `rehearse run`: play a scenario file and report.

use std::num::{NonZeroU32, NonZeroU64};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use jiff::Timestamp;
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::progress::Display;
use super::record::Record;
use super::report::wrote;
use super::secret::SecretArguments;
use super::simulate::Otp;
use super::{Exit, complain, note, say};
use crate::crypto::CryptoBackend;
use crate::engine::{
    Outcome, Overrides, Plan, PlanError, Progress, RunError, RunOptions, Selection, Stop,
};
use crate::http::{LimitRule, LimitScope, RequestRate};
use crate::report::{CryptoFigures, Report, RunFolder, summary};
use crate::scenario::{Look, parse_duration};

/// Play a scenario file and report what was measured
///
/// The summary goes to standard output, progress to standard error. Ctrl-C
/// lets iterations under way finish and reports; a second one cuts them.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The scenario file
    file: PathBuf,
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
    /// Where the traffic goes, instead of what the file says: `simulator` or a target file
    #[arg(long, value_name = "TARGET")]
    target: Option<String>,
    /// Where the simulator's one-time passwords are read, when it is the target
    #[arg(long, value_enum, default_value_t, value_name = "SOURCE")]
    otp: Otp,
    /// A variable of the scenario, instead of what the file says
    #[arg(long = "var", value_name = "NAME=VALUE", value_parser = parse_variable)]
    vars: Vec<(String, String)>,
    /// Only scenarios with one of these tags, and none with those after `!`, such as `smoke,!slow`
    #[arg(long, value_name = "TAGS")]
    tags: Option<Selection>,
    /// Makes names, addresses and the like the same again; random otherwise
    #[arg(long, value_name = "NUMBER")]
    seed: Option<u64>,
    /// File with saved credentials
    #[arg(long, value_name = "FILE", env = "REHEARSE_VAULT")]
    vault: Option<PathBuf>,
    /// File with key pairs made in advance, instead of what the scenario says
    #[arg(long, value_name = "FILE")]
    keys: Option<PathBuf>,
    #[command(flatten)]
    secret: SecretArguments,
    /// Whose cryptography is used, instead of what the target says: `rustcrypto` or `aws-lc`
    #[arg(long, value_name = "BACKEND")]
    crypto_backend: Option<CryptoBackend>,
    /// Figures of `rehearse crypto --json`, to be shown in the report
    #[arg(long, value_name = "FILE")]
    crypto_figures: Option<PathBuf>,
    /// Folder below which the run's folder is made
    #[arg(long, value_name = "DIR", default_value = "reports")]
    reports: PathBuf,
    /// How long iterations under way may go on after Ctrl-C or the scenario's end, such as `30s`
    #[arg(long, value_name = "TIME", value_parser = parse_duration)]
    graceful_stop: Option<Duration>,
    /// Show no progress
    #[arg(long, short)]
    quiet: bool,
}

pub(super) async fn run(arguments: Arguments) -> Exit {
    let plan = match plan(&arguments) {
        Ok(plan) => plan,
        Err(error) => return refuse(&error),
    };
    if plan.target.is_some() && arguments.otp != Otp::default() {
        complain(
            "`--otp` is for the simulator in this process; a target file says under `otp` where one-time passwords are read",
        );
        return Exit::Wrong;
    }
    let figures = arguments.crypto_figures.as_deref();
    let figures = match figures.map(CryptoFigures::read).transpose() {
        Ok(figures) => figures,
        Err(error) => {
            complain(&format!(
                "{error}\nhint: make them with `rehearse crypto --json FILE`"
            ));
            return Exit::Wrong;
        }
    };
    let folder = match RunFolder::create(&arguments.reports, &plan.name, Timestamp::now()) {
        Ok(folder) => folder,
        Err(error) => {
            complain(&format!(
                "{error}\nhint: choose another folder with `--reports`"
            ));
            return Exit::Wrong;
        }
    };
    let backend = arguments.crypto_backend.or(plan.crypto_backend());
    let backend = backend.unwrap_or_default();
    // Before the first key is made, one of the vault's included.
    backend.select();
    let seed = arguments.seed.or(plan.seed()).unwrap_or_else(random_seed);
    let options = RunOptions {
        limits: arguments.rps.map(ceiling).into_iter().collect(),
        vault: arguments.vault,
        simulator_otp: arguments.otp.into(),
        keys: arguments.keys,
        passphrase: arguments.secret.given(),
        seed,
        graceful_stop: arguments.graceful_stop,
    };
    let mut record = Record::new(&plan, folder.path(), seed, backend, figures);
    let outcome = match play(&plan, options, arguments.quiet, &mut record).await {
        Ok(outcome) => outcome,
        Err(error) => {
            folder.discard_if_empty();
            complain(&error.to_string());
            if let Some(hint) = error.hint() {
                note(&format!("hint: {hint}"));
            }
            return if error.is_the_users() {
                Exit::Wrong
            } else {
                Exit::Unreachable
            };
        }
    };
    let report = record.report(&plan, outcome);
    say(&summary(&report));
    match folder.write(&report) {
        Ok(files) => {
            record.finish();
            say(&wrote(folder.path(), &files));
            exit(&report)
        }
        Err(error) => {
            complain(&format!(
                "{error}\nhint: what was measured is above, and in the journal"
            ));
            Exit::Wrong
        }
    }
}

fn plan(arguments: &Arguments) -> Result<Plan, PlanError> {
    let overrides = Overrides {
        vus: arguments.vus,
        iterations: arguments.iterations,
        duration: arguments.duration,
    };
    let target = arguments.target.as_deref();
    let selection = arguments.tags.clone().unwrap_or_default();
    let plan = Plan::load(
        &arguments.file,
        target,
        overrides,
        &arguments.vars,
        &selection,
    )?;
    for (name, why) in &plan.left_out {
        note(&format!(
            "rehearse: `{name}` is not played: {}",
            why.reason()
        ));
    }
    Ok(plan)
}

async fn play(
    plan: &Plan,
    options: RunOptions,
    quiet: bool,
    record: &mut Record,
) -> Result<Outcome, RunError> {
    let stop = Stop::new();
    let progress = Arc::new(Progress::default());
    let signals = tokio::spawn(listen(stop.clone()));
    let display = Display::start(&progress, &stop, quiet);
    let outcome = crate::engine::run(plan, options, &stop, &progress, record).await;
    drop(display);
    signals.abort();
    outcome
}

fn exit(report: &Report) -> Exit {
    match (report.passed(), report.stopped.is_some()) {
        (false, _) => Exit::Failed,
        (true, true) => Exit::Interrupted,
        (true, false) => Exit::Good,
    }
}

fn refuse(error: &PlanError) -> Exit {
    match error {
        PlanError::Problems { file, problems } => {
            note(problems.render(file, Look::for_stderr()).trim_end());
        }
        PlanError::Unreadable { .. } => {
            complain(&format!(
                "{error}\nhint: is the path right, seen from this folder?"
            ));
        }
        PlanError::Variable(_) | PlanError::NothingSelected(_) => complain(&error.to_string()),
    }
    Exit::Wrong
}

/// The first signal asks politely, the second one does not.
async fn listen(stop: Stop) {
    let mut signals = StopSignals::new();
    loop {
        signals.next().await;
        note(if stop.is_draining() {
            "rehearse: cutting what is under way"
        } else {
            "rehearse: letting iterations under way finish; once more to cut them"
        });
        stop.escalate();
    }
}

/// Resolves when the process is asked to end, by Ctrl-C or SIGTERM.
pub(super) async fn stop_signal() {
    StopSignals::new().next().await;
}

/// Ctrl-C and SIGTERM. None is lost between two of them.
struct StopSignals {
    interrupt: Option<Signal>,
    terminate: Option<Signal>,
}

impl StopSignals {
    fn new() -> Self {
        // Without a handler, a signal ends the process at once, as it does by
        // default.
        Self {
            interrupt: signal(SignalKind::interrupt()).ok(),
            terminate: signal(SignalKind::terminate()).ok(),
        }
    }

    async fn next(&mut self) {
        tokio::select! {
            () = arrival(&mut self.interrupt) => {}
            () = arrival(&mut self.terminate) => {}
        }
    }
}

async fn arrival(signal: &mut Option<Signal>) {
    match signal {
        // Never `None`: the stream does not end.
        Some(signal) => drop(signal.recv().await),
        None => std::future::pending().await,
    }
}

/// 53 bits, so that every reader of JSON keeps the number.
fn random_seed() -> u64 {
    rand::random::<u64>() >> 11
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

fn parse_variable(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("expected NAME=VALUE, such as greeting=Hello".into()),
    }
}
