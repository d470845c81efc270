//! Scenario, target and library files, mutated and random, read as `rehearse
//! check` reads them: there is no panic, no hang, no end of the memory or the
//! stack.
//!
//! What ships with the tool and what its documents show is changed at random,
//! and there are files made to hurt ([`bombs`]). A few seconds by default;
//!
//! * `FUZZ_SECONDS=600` for longer,
//! * `FUZZ_SEED=7` for other inputs (the same seed gives the same ones),
//! * `FUZZ_ONLY=1234` for that one input of the seed.
//!
//! An input that takes too long or too much ends the process at once; it is left
//! in a file, whose name is printed. One that panics is made smaller first.

#![allow(
    clippy::unwrap_used,
    reason = "a test panics when something is not as it should be"
)]
#![allow(clippy::disallowed_methods, reason = "it ends by the machine's time")]

mod bombs;
mod corpus;
mod dice;
mod look;
mod minimise;
mod mutate;
mod watch;

use std::alloc::System;
use std::time::{Duration, Instant};

use cap::Cap;
use dice::Dice;
use look::Place;
use watch::Watch;

/// Counts what is allocated, and refuses what is beyond all bounds.
#[global_allocator]
static MEMORY: Cap<System> = Cap::new(System, watch::HARD_LIMIT);

/// The stack of a test thread and of a worker of the runtime; the main thread has
/// four times as much.
const STACK: usize = 2 * 1024 * 1024;

fn setting(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(
        text.parse()
            .unwrap_or_else(|_| panic!("{name} is a whole number")),
    )
}

#[test]
fn no_file_brings_the_reader_down() {
    let thread = std::thread::Builder::new().stack_size(STACK);
    if let Err(panic) = thread.spawn(fuzz).unwrap().join() {
        std::panic::resume_unwind(panic);
    }
}

fn fuzz() {
    let seed = setting("FUZZ_SEED").unwrap_or(1);
    let time = Duration::from_secs(setting("FUZZ_SECONDS").unwrap_or(4));
    let place = Place::new();
    let watch = Watch::start(&place);
    look::catch_panics();
    let mut tally = Tally::default();
    let only = setting("FUZZ_ONLY");
    if only.is_none() {
        for (name, text) in bombs::all() {
            tally.note(&format!("bomb `{name}`"), &text, &place, &watch);
        }
        tally.end("bombs");
    }
    let corpus = corpus::read();
    let bombs = std::mem::take(&mut tally);
    let began = Instant::now();
    let numbers = only.map_or(0..u64::MAX, |number| number..number + 1);
    for number in numbers {
        if only.is_none() && began.elapsed() > time {
            break;
        }
        let mut dice = Dice::new(seed, number);
        let text = mutate::input(&corpus, &mut dice);
        tally.note(
            &format!("input {number} of seed {seed}"),
            &text,
            &place,
            &watch,
        );
    }
    tally.end(&format!("changed files, seed {seed}"));
    let panics = [bombs.panics, tally.panics].concat();
    assert!(panics.is_empty(), "\n{}", panics.join("\n\n"));
}

/// What became of the inputs.
#[derive(Default)]
struct Tally {
    inputs: usize,
    bytes: usize,
    /// Files in which nothing is wrong by themselves.
    good: usize,
    slowest: (Duration, String),
    peak: usize,
    largest: String,
    panics: Vec<String>,
}

impl Tally {
    fn note(&mut self, name: &str, text: &str, place: &Place, watch: &Watch) {
        watch.begin(name);
        let began = Instant::now();
        let seen = look::look(text, place);
        let took = began.elapsed();
        watch.end();
        if took > Duration::from_secs(1) {
            println!("slow: {name}, {took:.1?}");
        }
        self.inputs += 1;
        self.bytes += text.len();
        if took > self.slowest.0 {
            self.slowest = (took, name.to_owned());
        }
        let peak = watch.take_peak();
        if peak > self.peak {
            self.peak = peak;
            name.clone_into(&mut self.largest);
        }
        match seen {
            Ok(problems) => self.good += usize::from(problems == 0),
            Err(panic) => {
                let small = minimise::minimise(text, &panic, place);
                // One of a kind is enough.
                if self.panics.iter().all(|known| !known.contains(&panic)) {
                    self.panics.push(format!("{name}: {panic}\n{small:?}"));
                }
            }
        }
    }

    fn end(&self, what: &str) {
        let Self {
            inputs,
            bytes,
            good,
            slowest: (took, slowest),
            peak,
            largest,
            panics,
        } = self;
        println!(
            "{what}: {inputs} inputs of {} KiB in all, {good} of them good; \
             slowest {took:.1?} ({slowest}); most memory {} KiB ({largest}); {} panics",
            bytes / 1024,
            peak / 1024,
            panics.len()
        );
    }
}
