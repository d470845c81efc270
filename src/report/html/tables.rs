//! The tables of the page.

use super::super::bins::float;
use super::super::{CryptoFigures, Report, RunLine};
use super::table::{Cell, Table, none, number, text};
use crate::metrics::{Bound, Histogram, Metric, Spans};
use crate::numbers::{bytes, from_nanoseconds, grouped, three_digits, time};

/// Columns of time spans.
const SPANS: [&str; 5] = ["#mean", "#p50", "#p95", "#p99", "#max"];

/// Thresholds and what was seen.
pub(super) fn thresholds(report: &Report) -> Option<Table> {
    let mut table = Table::new("Thresholds", &["", "threshold", "#seen"]);
    for line in &report.thresholds {
        table.push(vec![
            verdict(line.verdict.passed),
            text(line.threshold.to_string()).long(),
            text(line.verdict.seen.clone()),
        ]);
    }
    table.unless_empty()
}

/// Checks and expectations.
pub(super) fn checks(report: &Report) -> Option<Table> {
    let mut table = Table::new(
        "Checks and expectations",
        &["", "condition", "step", "#held", "#of"],
    );
    for line in report.checks() {
        table.push(vec![
            verdict(line.held == line.total),
            text(line.condition).long(),
            text(report.step_name(&line.scenario, &line.step)).name(),
            count(line.held),
            count(line.total),
        ]);
    }
    table.unless_empty()
}

/// Steps, each as a whole.
pub(super) fn steps(report: &Report) -> Option<Table> {
    let steps = report.steps();
    // Only where there are any: it is bad news.
    let unfinished = steps.iter().any(|step| !step.step.cut.is_empty());
    let mut columns = vec!["scenario", "step", "#ok", "#failed"];
    columns.extend(unfinished.then_some("#unfinished"));
    columns.extend(SPANS);
    let mut table = Table::new("Steps", &columns).sortable();
    for step in steps {
        let (failed, cut) = (step.step.failed.count(), step.step.cut.count());
        let mut row = vec![
            text(&*step.scenario).name(),
            text(&*step.step.name).name(),
            count(step.step.good.count()),
            count(failed).bad(failed > 0),
        ];
        row.extend(unfinished.then(|| count(cut).bad(cut > 0)));
        row.extend(bounds(&step.step.spans()));
        table.push(row);
    }
    table.unless_empty()
}

/// Endpoints, whichever step asked them.
pub(super) fn endpoints(report: &Report) -> Option<Table> {
    let endpoints = report.endpoints();
    let unfinished = endpoints.iter().any(|line| !line.requests.cut.is_empty());
    let mut columns = vec!["method", "endpoint", "#ok", "#failed"];
    columns.extend(unfinished.then_some("#unfinished"));
    columns.push("#received");
    columns.extend(SPANS);
    let mut table = Table::new("Endpoints", &columns).sortable();
    for line in endpoints {
        let (failed, cut) = (line.requests.failed.count(), line.requests.cut.count());
        let spans = bounds(&line.requests.spans());
        let mut row = vec![
            text(line.method),
            text(line.endpoint).long(),
            count(line.requests.good.count()),
            count(failed).bad(failed > 0),
        ];
        row.extend(unfinished.then(|| count(cut).bad(cut > 0)));
        row.push(number(bytes(line.received), float(line.received)));
        row.extend(spans);
        table.push(row);
    }
    table.unless_empty()
}

/// What became of connections.
pub(super) fn connections(report: &Report) -> Option<Table> {
    let columns = [&["", "#times", "#failed"][..], &SPANS].concat();
    let mut table = Table::new("Connections", &columns);
    for line in report.connections() {
        let failed = line.times.as_ref().map(|times| times.failed.count());
        let failed = failed.map_or_else(none, |failed| count(failed).bad(failed > 0));
        let mut row = vec![text(line.name), count(line.count), failed];
        row.extend(bounds(
            &line
                .times
                .map_or_else(Spans::default, |times| times.spans()),
        ));
        table.push(row);
    }
    table.unless_empty()
}

/// Errors by step and kind.
pub(super) fn errors(report: &Report) -> Option<Table> {
    let mut table = Table::new(
        "Errors",
        &["step", "kind", "#total", "first message", "trace id"],
    )
    .sortable();
    for line in &report.errors {
        table.push(vec![
            text(report.step_name(&line.scenario, &line.step)).name(),
            text(line.kind.clone()),
            count(line.count),
            text(line.sample.clone()).long(),
            text(line.trace.as_ref().map_or("", |trace| &*trace.id)).long(),
        ]);
    }
    table.unless_empty()
}

/// Why iterations were skipped.
pub(super) fn skips(report: &Report) -> Option<Table> {
    let mut table = Table::new("Skipped iterations", &["step", "#times", "reason"]).sortable();
    for line in &report.skips {
        table.push(vec![
            text(report.step_name(&line.scenario, &line.step)),
            count(line.count),
            text(line.reason.to_string()).long(),
        ]);
    }
    table.unless_empty()
}

/// What scenarios have said by `log`.
pub(super) fn log(report: &Report) -> Option<Table> {
    let columns = ["scenario", "item", "#at", "#user", "#iteration", "text"];
    let mut table = Table::new("Log", &columns);
    for said in &report.log {
        for line in &said.lines {
            table.push(vec![
                text(said.scenario.clone()).name(),
                text(said.item.clone()).name(),
                text(format!("{:.1}s", line.at_ms / 1000.0)),
                count(line.vu),
                count(line.iteration),
                text(line.text.clone()).long(),
            ]);
        }
        if said.withheld > 0 {
            let more = format!("{} more were withheld", said.withheld);
            let cells = [&said.scenario, &said.item, "", "", "", &*more];
            table.push(cells.iter().map(|cell| text((*cell).to_owned())).collect());
        }
    }
    table.unless_empty()
}

/// One-time passwords.
pub(super) fn otp(report: &Report) -> Option<Table> {
    let columns = [&["", "#count"][..], &SPANS].concat();
    let mut table = Table::new("One-time passwords", &columns);
    for (name, metric) in [
        ("waiting for the code", Metric::OtpWait),
        ("mail delivery (Date header)", Metric::OtpDelivery),
    ] {
        let histogram = report.spans(metric);
        if !histogram.is_empty() {
            let mut row = vec![text(name), count(histogram.count())];
            row.extend(spans(&histogram));
            table.push(row);
        }
    }
    table.unless_empty()
}

/// Cryptography, step by step.
pub(super) fn crypto_by_step(report: &Report) -> Option<Table> {
    let columns = [
        "scenario",
        "step",
        "operation",
        "#times",
        "#mean",
        "#p95",
        "#in all",
        "#share of the step",
    ];
    let mut table = Table::new("Cryptography by step", &columns).sortable();
    for step in report.steps() {
        let whole = (step.step.good.sum() + step.step.failed.sum()).as_secs_f64();
        let parts = step.parts.iter();
        for part in parts.filter(|part| part.metric == Metric::CryptoDuration) {
            let spans = &part.good;
            let share = if whole > 0.0 {
                spans.sum().as_secs_f64() / whole
            } else {
                0.0
            };
            table.push(vec![
                text(&*step.scenario).name(),
                text(&*step.step.name).name(),
                text(&*part.name),
                count(spans.count()),
                duration(spans.mean()),
                duration(spans.quantile(0.95)),
                duration(spans.sum()),
                number(format!("{:.1}%", share * 100.0), share),
            ]);
        }
    }
    table.unless_empty()
}

/// What a processor does in a second, by what the run has seen.
pub(super) fn crypto_throughput(report: &Report) -> Option<Table> {
    let columns = [
        "operation",
        "#times",
        "#mean",
        "#p99",
        "#per second",
        "#bytes",
        "#MiB/s",
    ];
    let mut table = Table::new("Throughput of one processor, in this run", &columns).sortable();
    for line in report.operations() {
        table.push(vec![
            text(&*line.operation),
            count(line.spans.count()),
            duration(line.spans.mean()),
            duration(line.spans.quantile(0.99)),
            number(three_digits(line.per_second()), line.per_second()),
            match line.bytes {
                0 => none(),
                sum => number(bytes(sum), float(sum)),
            },
            line.mib_per_second()
                .map_or_else(none, |mib| number(three_digits(mib), mib)),
        ]);
    }
    table.unless_empty()
}

/// What `rehearse crypto` has measured.
pub(super) fn crypto_figures(figures: &CryptoFigures) -> Option<Table> {
    let columns = [
        "operation",
        "backend",
        "#threads",
        "#per second",
        "#MiB/s",
        "#p50",
        "#p99",
    ];
    let mut table = Table::new("Throughput by backend, measured alone", &columns).sortable();
    for figure in &figures.measured {
        let rate = figure.operations_per_second;
        let seconds = |ns: f64| number(time(from_nanoseconds(ns)), ns);
        table.push(vec![
            text(figure.operation.clone()),
            text(figure.backend.clone()),
            count(figure.threads),
            number(three_digits(rate), rate),
            figure
                .mib_per_second
                .map_or_else(none, |mib| number(three_digits(mib), mib)),
            seconds(figure.p50_ns),
            seconds(figure.p99_ns),
        ]);
    }
    table.unless_empty()
}

/// What was played, where, with what.
pub(super) fn facts(report: &Report) -> Option<Table> {
    let count = |metric| report.count(metric);
    let keys = format!(
        "{} generated ({} ahead), {} from a pool, {} used again",
        count(Metric::KeysGenerated),
        count(Metric::KeysAhead),
        count(Metric::KeysFromPool),
        count(Metric::KeysReused)
    );
    let measured = [
        ("took", time(report.took)),
        ("measured", time(report.measured_time())),
        ("accounts", report.users.to_string()),
        ("codes read", count(Metric::OtpsRead).to_string()),
        ("key pairs", keys),
    ];
    facts_of(&report.run, &measured)
}

/// The same of a run, with what was measured of it.
pub(super) fn facts_of(run: &RunLine, measured: &[(&str, String)]) -> Option<Table> {
    let mut table = Table::new("The run", &["", ""]);
    let mut fact = |name: &str, value: String| {
        if !value.is_empty() {
            table.push(vec![text(name).name(), text(value).long()]);
        }
    };
    fact("file", run.file.clone());
    fact("target", run.target.told());
    fact(
        "started",
        run.started_at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string(),
    );
    for (name, value) in measured {
        fact(name, value.clone());
    }
    fact("seed", run.seed.to_string());
    for scenario in &run.scenarios {
        fact(
            &format!("scenario {}", scenario.name),
            scenario.executor.clone(),
        );
    }
    fact("cryptography", run.crypto_backend.in_words().into());
    let machine = &run.machine;
    if machine.threads > 0 {
        fact(
            "processor",
            format!("{}, {} threads", machine.processor, machine.threads),
        );
        fact("memory", bytes(machine.memory_mib << 20));
        fact(
            "system",
            format!("{}, {}", machine.system, machine.architecture),
        );
    }
    let versions = &run.versions;
    let commit = versions.commit.as_ref();
    let commit = commit.map_or_else(String::new, |commit| format!(" ({commit})"));
    let built = if versions.optimised {
        ""
    } else {
        ", built without optimisation"
    };
    fact("rehearse", format!("{}{commit}{built}", versions.rehearse));
    fact("compiler", versions.rustc.clone());
    table.unless_empty()
}

fn verdict(passed: bool) -> Cell {
    let cell = text(if passed { "✓ passed" } else { "✗ failed" });
    cell.good(passed).bad(!passed)
}

fn count(count: u64) -> Cell {
    number(grouped(count), float(count))
}

fn duration(duration: std::time::Duration) -> Cell {
    number(time(duration), duration.as_secs_f64())
}

fn spans(histogram: &Histogram) -> Vec<Cell> {
    bounds(&Spans::of_finished(histogram.clone()))
}

fn bounds(spans: &Spans) -> Vec<Cell> {
    if spans.is_empty() {
        return SPANS.map(|_| none()).into();
    }
    let cell = |figure: Bound| number(figure.to_string(), figure.value().as_secs_f64());
    spans.figures().map(cell).into()
}
