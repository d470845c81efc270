//! `rehearse keys`: key pairs made in advance.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::available_parallelism;
use std::time::{Duration, Instant};

use clap::{Args, Subcommand};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::help::{OPENS, after};
use super::secret::{SecretArguments, refuse};
use super::signals::stop_signal;
use super::{Exit, complain, note, say};
use crate::clock::Clock;
use crate::crypto::{CryptoBackend, KeyBits};
use crate::keys::{KeyPool, KeysError, Made, Making, Order, generate};
use crate::numbers::plural;
use crate::shown::terminal::Stream;

/// Make key pairs in advance, and check them
///
/// A run takes the key pairs of users who register from the pool that its scenario or `--keys`
/// names, and does not spend its time on generating them.
#[derive(Debug, Args)]
#[command(after_help = after(&[("rehearse keys generate --count 1000 --out keys.pool", "make 1000 key pairs"), ("rehearse keys info keys.pool", "check a pool")], OPENS))]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    secret: SecretArguments,
}

#[derive(Debug, Subcommand)]
enum Command {
    Generate(GenerateArguments),
    Info(InfoArguments),
}

/// Fill a key pool; an existing pool is continued
///
/// Ctrl-C keeps what was made. The file is encrypted like a vault, unless it is a pool of test
/// keys.
#[derive(Debug, Args)]
#[command(after_help = after(&[("rehearse keys generate --count 1000 --out keys.pool", "make 1000 key pairs of 2048 bits"), ("rehearse keys generate --count 20 --bits 4096 --out long.pool --threads 2", "longer keys, with two threads")], &[(Exit::Good, "the pool has as many key pairs as asked for"), (Exit::Wrong, "the file, the passphrase or the command line is wrong"), (Exit::Unreachable, "the pool cannot be opened or written"), (Exit::Interrupted, "stopped with Ctrl-C; the same command continues")]))]
struct GenerateArguments {
    /// Number of key pairs
    #[arg(long, value_name = "N", help_heading = "The keys")]
    count: NonZeroUsize,
    /// Length of the keys: 2048, 3072 or 4096 bits
    #[arg(long, value_name = "BITS", default_value = "2048", value_parser = parse_bits, help_heading = "The keys")]
    bits: KeyBits,
    /// File of the pool; an existing pool is continued
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Number of keys generated at once [default: the number of processors]
    #[arg(long, value_name = "N", help_heading = "The keys")]
    threads: Option<NonZeroUsize>,
    /// Make keys for tests only: the file is not encrypted, and says so
    #[arg(long, help_heading = "The keys")]
    test_keys: bool,
    /// Show no progress
    #[arg(long, short)]
    quiet: bool,
}

/// Print what a key pool holds, and check that it is intact
#[derive(Debug, Args)]
#[command(after_help = after(&[("rehearse keys info keys.pool", "print how many key pairs it has")], OPENS))]
struct InfoArguments {
    /// The file
    file: PathBuf,
}

pub(super) async fn keys(arguments: Arguments) -> Exit {
    match arguments.command {
        Command::Generate(made) => make(made, &arguments.secret).await,
        Command::Info(looked_at) => info(&looked_at.file, &arguments.secret),
    }
}

async fn make(arguments: GenerateArguments, secret: &SecretArguments) -> Exit {
    let key = match secret.source(&arguments.out) {
        Ok(key) => key,
        Err(error) => return refuse(&error, error.is_user_error()),
    };
    let order = Order {
        clock: Clock::real(),
        path: arguments.out,
        key,
        backend: CryptoBackend::default(),
        bits: arguments.bits,
        count: arguments.count.get(),
        threads: arguments
            .threads
            .or_else(|| available_parallelism().ok())
            .unwrap_or(NonZeroUsize::MIN),
        test_keys: arguments.test_keys,
    };
    let stop = Arc::new(AtomicBool::new(false));
    let stopping = Arc::clone(&stop);
    let signal = tokio::spawn(async move {
        stop_signal().await;
        stopping.store(true, Ordering::Relaxed);
    });
    let quiet = arguments.quiet;
    let working = tokio::task::spawn_blocking(move || {
        let clock = order.clock.clone();
        let start = clock.now();
        let mut display = Display::new(&order, quiet);
        let made = generate(&order, &stop, &mut |making| display.show(making));
        display.bar.finish_and_clear();
        (order, made, clock.since(start))
    });
    let worked = working.await;
    signal.abort();
    match worked {
        Ok((order, Ok(made), took)) => tell(&order, made, took),
        Ok((_, Err(error), _)) => refuse(&error, error.is_user_error()),
        Err(_) => {
            complain("generating keys was broken off by a fault in rehearse: please report it");
            Exit::Unreachable
        }
    }
}

/// What was made, in one line.
fn tell(order: &Order, made: Made, took: Duration) -> Exit {
    let path = order.path.display();
    let (now, new) = (made.now, made.now - made.before);
    if new == 0 && now >= order.count {
        say(&format!("{path}: {}, nothing to do\n", key_pairs(now)));
        return Exit::Good;
    }
    let seconds = took.as_secs_f64();
    #[expect(clippy::cast_precision_loss, reason = "a rate with one decimal")]
    let rate = new as f64 / seconds.max(f64::EPSILON);
    say(&format!(
        "{path}: {} of {} bits, {new} of them new, in {seconds:.1} s ({rate:.1}/s)\n",
        key_pairs(now),
        order.bits.bits(),
    ));
    if now >= order.count {
        return Exit::Good;
    }
    note(&format!(
        "rehearse: stopped with {now} of {}; the same command goes on from there",
        order.count
    ));
    Exit::Interrupted
}

fn info(file: &Path, secret: &SecretArguments) -> Exit {
    let pool = secret
        .source(file)
        .and_then(|key| KeyPool::open(file, key))
        .and_then(|pool| pool.check().map(|()| pool))
        .map_err(KeysError::from);
    let pool = match pool {
        Ok(pool) => pool,
        Err(error) => return refuse(&error, error.is_user_error()),
    };
    let bits = pool
        .bits()
        .map(|bits| format!(" of {} bits", bits.bits()))
        .unwrap_or_default();
    let kind = if pool.is_for_tests() {
        "TEST KEYS, not encrypted: never use them for a real account"
    } else {
        "encrypted"
    };
    say(&format!(
        "{}: {}{bits}, all of them whole\n{kind}\n",
        file.display(),
        key_pairs(pool.len())
    ));
    Exit::Good
}

fn key_pairs(count: usize) -> String {
    plural(count as u64, "key pair", "key pairs")
}

/// A bar on a terminal; elsewhere a line now and then.
struct Display {
    clock: Clock,
    bar: ProgressBar,
    lines: bool,
    count: usize,
    next: Instant,
}

/// Between two lines, where there is no terminal.
const LINE_EVERY: Duration = Duration::from_secs(5);

impl Display {
    fn new(order: &Order, quiet: bool) -> Self {
        let terminal = console_is_a_terminal();
        let target = if quiet || !terminal {
            ProgressDrawTarget::hidden()
        } else {
            ProgressDrawTarget::stderr()
        };
        let bar = ProgressBar::with_draw_target(Some(order.count as u64), target);
        let template = "{bar:40} {pos} of {len} key pairs, {per_sec}, {eta} to go";
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        Self {
            clock: order.clock.clone(),
            bar,
            lines: !quiet && !terminal,
            count: order.count,
            next: order.clock.now() + LINE_EVERY,
        }
    }

    fn show(&mut self, making: Making) {
        if self.bar.position() == 0 {
            // What was there before does not count into the rate.
            self.bar.set_position(making.before as u64);
            self.bar.reset_eta();
        }
        let there = making.before + making.found;
        self.bar.set_position(there as u64);
        if self.lines && self.clock.now() >= self.next {
            self.next += LINE_EVERY;
            let saved = making.before + making.saved;
            note(&format!(
                "rehearse: {there} of {} key pairs, {saved} of them saved",
                self.count
            ));
        }
    }
}

fn console_is_a_terminal() -> bool {
    Stream::Err.is_terminal()
}

fn parse_bits(text: &str) -> Result<KeyBits, String> {
    let bits = text.parse().ok().and_then(KeyBits::from_bits);
    bits.ok_or_else(|| "expected 2048, 3072 or 4096".into())
}
