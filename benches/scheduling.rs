//! What deciding when to start costs: `cargo bench --bench scheduling`.

use std::hint::black_box;
use std::num::NonZeroU32;
use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use rehearse::clock::Clock;
use rehearse::engine::schedule::{Arrivals, Profile, SeededRng, Spacing, Stage};
use rehearse::http::{LimitRule, LimitScope, Pattern, RateLimits, RequestRate};

/// 100,000 arrivals in four stages.
fn profile() -> Profile {
    let stage = |seconds, target| Stage {
        duration: Duration::from_secs(seconds),
        target,
    };
    Profile::new(
        0.0,
        &[
            stage(20, 1000.0),
            stage(70, 1000.0),
            stage(10, 2000.0),
            stage(10, 0.0),
        ],
    )
}

fn arrivals(c: &mut Criterion) {
    let mut group = c.benchmark_group("arrivals");
    for (name, spacing) in [("uniform", Spacing::Uniform), ("poisson", Spacing::Poisson)] {
        let all = || Arrivals::new(profile(), spacing, SeededRng::new(1, "bench", 0, 0));
        group.throughput(Throughput::Elements(all().count() as u64));
        group.bench_function(name, |b| b.iter(|| black_box(all()).count()));
    }
    group.finish();
}

fn permits(c: &mut Criterion) {
    let rule = |scope, rate| {
        Some(LimitRule {
            scope,
            rate: RequestRate::per_second(rate)?,
            burst: NonZeroU32::MIN,
        })
    };
    let rules: Vec<LimitRule> = [
        rule(LimitScope::Run, 1e9),
        rule(LimitScope::Scenario("login".into()), 1e9),
        rule(LimitScope::Endpoint(Pattern::new("/user/*")), 1e9),
    ]
    .into_iter()
    .flatten()
    .collect();
    let limits = RateLimits::new(&rules, &Clock::real());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let Ok(runtime) = runtime else { return };
    c.bench_function("a permit of three ceilings", |b| {
        b.iter(|| runtime.block_on(limits.permit("login", "GET", "/user/current")));
    });
}

criterion_group!(benches, arrivals, permits);
criterion_main!(benches);
