//! What a measurement costs: `cargo bench --bench recording`.
//!
//! `sample` is the recording path with the series at hand (target: under 50 ns
//! a sample); `sample by tags` finds the series first, as a request with its
//! method, endpoint, status and outcome does; `kept for a waterfall` adds a look at the
//! clock and a place in a list; `two threads` shows that threads
//! do not wait for one another.

#![allow(clippy::disallowed_methods, reason = "it measures")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::{Criterion, criterion_group, criterion_main};
use rehearse::clock::Clock;
use rehearse::metrics::{Counter, Meter, Recorder, StepContext, TagKey, Tags, Trace, Trend};

/// Durations as they come: between 100 µs and about 100 ms.
fn durations() -> Vec<Duration> {
    let mut state = 1_u64;
    (0..4096)
        .map(|_| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            Duration::from_nanos(100_000 + (state >> 33) % 100_000_000)
        })
        .collect()
}

const TAGS: [(TagKey, &str); 4] = [
    (TagKey::Method, "GET"),
    (TagKey::Endpoint, "/contact/service/{id}"),
    (TagKey::Status, "200"),
    (TagKey::Outcome, "ok"),
];

fn recording(c: &mut Criterion) {
    let recorder = Recorder::new();
    let tags = Tags::new()
        .with(TagKey::Scenario, "daenerys")
        .with(TagKey::Phase, "main")
        .with(TagKey::Step, "data_sample.get");
    let meter = Meter::new(recorder.clone(), tags.clone());
    let series = recorder.series(recorder.base(&tags), Trend::HTTP_REQ_DURATION, &TAGS);
    let durations = durations();

    c.bench_function("sample", |b| {
        let mut next = durations.iter().cycle();
        b.iter(|| recorder.record(series, *black_box(next.next().unwrap_or(&Duration::ZERO))));
    });
    c.bench_function("sample by tags", |b| {
        let mut next = durations.iter().cycle();
        b.iter(|| {
            let took = *next.next().unwrap_or(&Duration::ZERO);
            meter.record(Trend::HTTP_REQ_DURATION, black_box(&TAGS), took);
        });
    });
    c.bench_function("sample by tags, kept for a waterfall", |b| {
        let trace = Trace::default();
        let clock = Clock::real();
        let cx = StepContext::bare(&meter, &trace, &clock);
        let mut next = durations.iter().cycle();
        let mut spans = 0_u32;
        b.iter(|| {
            // As many as an iteration of the tutorial has.
            spans += 1;
            if spans == 100 {
                spans = 0;
                trace.begin(None);
            }
            let took = *next.next().unwrap_or(&Duration::ZERO);
            cx.record(Trend::HTTP_REQ_DURATION, black_box(&TAGS), took);
        });
    });
    c.bench_function("count by tags", |b| {
        b.iter(|| meter.record(Counter::HTTP_REQS, black_box(&TAGS), 1));
    });
    c.bench_function("two threads, a sample each", |b| {
        b.iter_custom(|iterations| {
            let start = Instant::now();
            std::thread::scope(|scope| {
                for _ in 0..2 {
                    scope.spawn(|| {
                        let mut next = durations.iter().cycle();
                        for _ in 0..iterations {
                            recorder.record(series, *next.next().unwrap_or(&Duration::ZERO));
                        }
                    });
                }
            });
            start.elapsed()
        });
    });
    c.bench_function("collect a second of 40 series", |b| {
        let ids: Vec<_> = (0..40)
            .map(|index| {
                let tags = [(TagKey::Operation, &*format!("operation {index}"))];
                recorder.series(recorder.base(&Tags::new()), Trend::CRYPTO_DURATION, &tags)
            })
            .collect();
        b.iter_custom(|iterations| {
            let mut took = Duration::ZERO;
            for _ in 0..iterations {
                for (id, duration) in ids.iter().cycle().zip(&durations) {
                    recorder.record(*id, *duration);
                }
                let start = Instant::now();
                black_box(recorder.collect());
                took += start.elapsed();
            }
            took
        });
    });
}

criterion_group!(benches, recording);
criterion_main!(benches);
