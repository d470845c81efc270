//! The command line: one file per sub-command.

mod check;
mod compare;
mod completions;
mod crypto;
mod dry_run;
mod env_files;
mod exit;
mod fmt;
mod help;
mod import;
mod init;
mod keys;
mod live;
mod lsp;
mod man;
mod merge;
mod messages;
mod once;
mod open_files;
mod otp;
mod output;
mod play;
mod progress;
mod report;
mod run;
mod scenario;
mod scenario_files;
mod schema;
mod secret;
mod signals;
mod simulate;
mod step_lines;
mod tally;
mod target;
mod terminal;
mod trend;
mod trust;
mod typos;
mod vault;
mod watch;
mod yaml_files;

use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

use crate::shown::{is_hidden, terminal::Stream};
use exit::Exit;
pub(crate) use messages::{complain, note, say, try_note};
use terminal::{Colour, Terminal};

/// Play scenarios against iCure's MedTech platform, with one user or thousands
#[derive(Debug, Parser)]
#[command(name = "rehearse", version, max_term_width = 100)]
#[command(after_help = help::after(&[("rehearse init rehearsals", "write a scenario to start from"), ("rehearse run rehearsals/scenario.yaml", "play it against the built-in simulator"), ("rehearse run --help", "print the options of a command")], &help::all()))]
struct Cli {
    /// When to colour messages and summaries
    #[arg(long, global = true, value_enum, default_value_t, value_name = "WHEN")]
    color: Colour,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Run(Box<run::Arguments>),
    Watch(Box<watch::Arguments>),
    Init(init::Arguments),
    Import(import::Arguments),
    Check(check::Arguments),
    Fmt(fmt::Arguments),
    Lsp(lsp::Arguments),
    Schema(schema::Arguments),
    Report(report::Arguments),
    Merge(merge::Arguments),
    Compare(compare::Arguments),
    Trend(trend::Arguments),
    Simulate(simulate::Arguments),
    Keys(keys::Arguments),
    Vault(vault::Arguments),
    Crypto(crypto::Arguments),
    Completions(completions::Arguments),
    Man(man::Arguments),
}

/// Whether an argument, such as the name of somebody's file, has in it what a
/// coloured message would hand on.
fn is_odd(argument: &std::ffi::OsStr) -> bool {
    argument.to_string_lossy().contains(is_hidden)
}

/// Parses the command line and does what it says.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(mut error) => {
            let words: Vec<String> = std::env::args_os()
                .map(|word| word.to_string_lossy().into_owned())
                .collect();
            typos::suggest(&mut error, &Cli::command(), &words);
            // Help and version are no errors; a closed pipe is nobody's fault.
            let wrong = error.use_stderr();
            let _ = if std::env::args_os().any(|given| is_odd(&given)) {
                let stream = if wrong { Stream::Err } else { Stream::Out };
                stream.write(&error.render().to_string())
            } else {
                error.print()
            };
            return if wrong { Exit::Wrong } else { Exit::Good }.into();
        }
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => {
            complain(&format!("cannot start the async runtime: {error}"));
            return Exit::Unreachable.into();
        }
    };
    let terminal = Terminal::of_process(cli.color);
    let exit = runtime.block_on(async {
        match cli.command {
            Command::Run(arguments) => Box::pin(run::run(*arguments, terminal)).await,
            Command::Watch(arguments) => Box::pin(watch::watch(*arguments, terminal)).await,
            Command::Init(arguments) => init::init(&arguments),
            Command::Import(arguments) => import::import(&arguments, terminal.err),
            Command::Check(arguments) => check::check(&arguments, terminal.out),
            Command::Fmt(arguments) => fmt::fmt(&arguments, terminal.err),
            Command::Lsp(arguments) => lsp::lsp(&arguments),
            Command::Schema(arguments) => schema::print(&arguments),
            Command::Report(arguments) => report::report(&arguments, terminal),
            Command::Merge(arguments) => merge::merge(&arguments, terminal),
            Command::Compare(arguments) => compare::compare(&arguments),
            Command::Trend(arguments) => trend::trend(&arguments),
            Command::Simulate(arguments) => simulate::simulate(arguments, terminal.err).await,
            Command::Keys(arguments) => keys::keys(arguments).await,
            Command::Vault(arguments) => vault::vault(arguments),
            Command::Crypto(arguments) => crypto::crypto(&arguments),
            Command::Completions(arguments) => completions::completions(&arguments, Cli::command()),
            Command::Man(arguments) => man::man(&arguments, Cli::command()),
        }
    });
    // Threads that still generate keys for a run that was cut are not waited for.
    runtime.shutdown_background();
    exit.into()
}
