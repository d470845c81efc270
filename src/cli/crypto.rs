//! `rehearse crypto`: how fast this machine does the cryptography.

use std::io::Write;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use indicatif::{ProgressBar, ProgressStyle};
use tempfile::NamedTempFile;

use super::help::after;
use super::{Exit, complain, say};
use crate::clock::Clock;
use crate::crypto::CryptoBackend;
use crate::crypto::benchmark::{Bench, Machine, OpenSsl, Operation, Results, render, table};
use crate::shown::terminal::Stream;

/// Measure what cryptography costs on this machine, with every backend
///
/// Each operation runs for a fixed time. The table goes to standard output, progress to standard
/// error.
#[derive(Debug, Args)]
#[command(after_help = after(&[("rehearse crypto", "measure all operations"), ("rehearse crypto --only rsa-2048 --seconds 2 --json crypto.json", "some of them, longer, and keep the figures")], &[(Exit::Good, "measured"), (Exit::Wrong, "the command line is wrong, or the figures cannot be written")]))]
pub(super) struct Arguments {
    /// Time for each operation and backend, in seconds
    #[arg(long, default_value = "0.5", value_name = "SECONDS", value_parser = parse_seconds, help_heading = "What is measured")]
    seconds: Duration,
    /// Measure this many threads together as well
    #[arg(long, value_name = "N", help_heading = "What is measured")]
    threads: Option<NonZeroUsize>,
    /// Measure only this backend; `auto` takes the faster one for each operation
    #[arg(long, value_name = "BACKEND", value_parser = backend(), help_heading = "What is measured")]
    backend: Option<CryptoBackend>,
    /// Measure only operations with this in their name, such as `rsa-2048` or `gcm*16KiB`;
    /// repeatable
    #[arg(long, value_name = "PATTERN", help_heading = "What is measured")]
    only: Vec<String>,
    /// Run `openssl speed` for the same operations, and compare
    #[arg(long, help_heading = "Output")]
    openssl: bool,
    /// Write the figures to this file as well, as JSON
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    json: Option<PathBuf>,
}

pub(super) fn crypto(arguments: &Arguments) -> Exit {
    let operations = match choose(&arguments.only) {
        Ok(operations) => operations,
        Err(message) => {
            complain(&message);
            return Exit::Wrong;
        }
    };
    // What would be lost at the end is found now.
    let file = match arguments.json.as_deref().map(draft).transpose() {
        Ok(file) => file,
        Err(message) => {
            complain(&message);
            return Exit::Wrong;
        }
    };
    let openssl = match arguments.openssl.then(OpenSsl::find).transpose() {
        Ok(openssl) => openssl,
        Err(error) => {
            complain(&format!(
                "{error}\nhint: install it, or leave out `--openssl`"
            ));
            return Exit::Wrong;
        }
    };
    let more = arguments.threads.map(usize::from).filter(|&more| more > 1);
    let bench = Bench {
        clock: Clock::real(),
        operations,
        backends: arguments.backend.map_or_else(
            || CryptoBackend::LIBRARIES.to_vec(),
            |backend| vec![backend],
        ),
        time: arguments.seconds,
        threads: std::iter::once(1).chain(more).collect(),
    };
    let results = match measure(bench, openssl) {
        Ok(results) => results,
        Err(message) => {
            complain(&message);
            return Exit::Unreachable;
        }
    };
    say(&table(&results));
    if let (Some(file), Some(path)) = (file, &arguments.json) {
        if let Err(message) = keep(file, path, &results) {
            complain(&message);
            return Exit::Wrong;
        }
        say(&format!("\n  figures: {}\n", path.display()));
    }
    Exit::Good
}

/// The operations that one of the patterns names; all of them when there is
/// none.
fn choose(patterns: &[String]) -> Result<Vec<Operation>, String> {
    let all = Operation::all();
    if let Some(wrong) = patterns
        .iter()
        .find(|pattern| !all.iter().any(|operation| operation.matches(pattern)))
    {
        let names: Vec<String> = all.iter().map(|operation| operation.name()).collect();
        return Err(format!(
            "no operation has `{wrong}` in its name\nhint: there are\n  {}",
            names.join("\n  ")
        ));
    }
    let wanted = |operation: &Operation| {
        patterns.is_empty() || patterns.iter().any(|pattern| operation.matches(pattern))
    };
    Ok(all.into_iter().filter(wanted).collect())
}

fn measure(bench: Bench, mut openssl: Option<OpenSsl>) -> Result<Results, String> {
    let questions = openssl
        .as_ref()
        .map_or(0, |_| OpenSsl::questions(&bench.operations));
    let bar = bar(bench.measurements() + questions);
    let mut first = true;
    let mut next = |what: &str| {
        if !std::mem::take(&mut first) {
            bar.inc(1);
        }
        bar.set_message(what.to_owned());
    };
    let measured = bench.run(&mut next).map_err(|error| error.to_string())?;
    if let Some(openssl) = &mut openssl {
        openssl
            .run(&bench.operations, bench.time, &mut next)
            .map_err(|error| error.to_string())?;
    }
    bar.finish_and_clear();
    Ok(Results {
        machine: Machine::this(),
        bench,
        measured,
        openssl,
    })
}

/// A bar on a terminal, nothing elsewhere.
fn bar(length: usize) -> ProgressBar {
    if !Stream::Err.is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{bar:32} {pos} of {len}, {eta} left, {msg}")
        // The template is a constant; the default is as good should it not parse.
        .unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(length as u64).with_style(style)
}

/// A file beside `path`, which takes its place when it is complete.
fn draft(path: &Path) -> Result<NamedTempFile, String> {
    let folder = path.parent().filter(|folder| *folder != Path::new(""));
    let folder = folder.unwrap_or(Path::new("."));
    NamedTempFile::new_in(folder)
        .map_err(|error| format!("cannot write to {}: {error}", folder.display()))
}

fn keep(mut file: NamedTempFile, path: &Path, results: &Results) -> Result<(), String> {
    let bytes = render(results)?;
    let failed = |error: std::io::Error| format!("cannot write {}: {error}", path.display());
    file.write_all(&bytes).map_err(failed)?;
    file.persist(path)
        .map(drop)
        .map_err(|error| failed(error.error))
}

/// Reads the name of a backend.
pub(super) fn backend() -> impl TypedValueParser<Value = CryptoBackend> {
    let names = CryptoBackend::ALL.map(CryptoBackend::name);
    PossibleValuesParser::new(names).try_map(|name| name.parse::<CryptoBackend>())
}

fn parse_seconds(text: &str) -> Result<Duration, String> {
    let seconds: Option<f64> = text.parse().ok();
    seconds
        .filter(|seconds| *seconds > 0.0 && *seconds <= 3600.0)
        .map(Duration::from_secs_f64)
        .ok_or_else(|| "expected a number of seconds above 0 and up to 3600, such as 0.5".into())
}
