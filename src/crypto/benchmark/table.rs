//! The results as a person reads them.

use std::fmt::Write;

use super::operation::Pace;
use super::{Figures, Operation, Results};
use crate::crypto::CryptoBackend;
use crate::numbers::three_digits;

/// Columns of an operation's name.
const NAME: usize = 22;
/// Columns of one backend's figures.
const BLOCK: usize = 34;
/// Below this share of a processor, wall-clock figures are not the machine's.
const BUSY: f64 = 0.95;

/// The tables as text, without colours.
pub fn table(results: &Results) -> String {
    let mut out = String::new();
    // Writing to a string never fails.
    let _ = write(&mut out, results);
    out
}

fn write(out: &mut String, results: &Results) -> std::fmt::Result {
    let machine = &results.machine;
    writeln!(
        out,
        "\n  {}, {} {}, {} threads at once",
        machine.processor, machine.system, machine.architecture, machine.threads
    )?;
    if !machine.instructions.is_empty() {
        writeln!(out, "  {}", machine.instructions.join(", "))?;
    }
    if !machine.optimised {
        writeln!(
            out,
            "\n  warning: this is a debug build, and slower than a release build"
        )?;
    }
    for &threads in &results.bench.threads {
        head(out, results, threads)?;
        rows(out, results, threads)?;
    }
    if let Some(openssl) = &results.openssl {
        comparison(out, results, &openssl.version)?;
    }
    notes(out, results)
}

fn head(out: &mut String, results: &Results, threads: usize) -> std::fmt::Result {
    let title = match threads {
        1 => "one thread".to_owned(),
        _ => format!("{threads} threads together"),
    };
    write!(out, "\n  {title:NAME$}")?;
    for backend in &results.bench.backends {
        write!(out, "  {:^BLOCK$}", backend.name())?;
    }
    if let [first, _] = results.bench.backends[..] {
        write!(out, "  vs {first}  auto")?;
    }
    write!(out, "\n  {:NAME$}", "")?;
    for _ in &results.bench.backends {
        write!(
            out,
            "  {:>8} {:>7} {:>8} {:>8}",
            "op/s", "MiB/s", "p50", "p99"
        )?;
    }
    writeln!(out)
}

fn rows(out: &mut String, results: &Results, threads: usize) -> std::fmt::Result {
    let mut algorithm = String::new();
    for &operation in &results.bench.operations {
        if operation.algorithm() != algorithm {
            algorithm = operation.algorithm();
            writeln!(out, "  {algorithm}")?;
        }
        write!(out, "    {:1$}", operation.short_name(), NAME - 2)?;
        let figures = |backend: &CryptoBackend| results.find(operation, *backend, threads);
        let figures: Vec<_> = results.bench.backends.iter().map(figures).collect();
        for figures in &figures {
            write!(
                out,
                "  {:BLOCK$}",
                figures.map_or_else(String::new, |f| block(operation, f))
            )?;
        }
        if let [Some(first), Some(second)] = figures[..] {
            let ratio = ratio(second.per_second, first.per_second);
            let auto = CryptoBackend::Auto.library(&operation.name());
            write!(out, "  {ratio:>13}  {auto}")?;
        }
        writeln!(out)?;
    }
    Ok(())
}

fn block(operation: Operation, figures: &Figures) -> String {
    let volume = match (per_second_in_mib(operation, figures), operation.pace()) {
        (Some(volume), _) => three_digits(volume),
        // Few enough to count.
        (None, Pace::Single) => format!("n={}", figures.operations),
        (None, Pace::Batches) => "-".into(),
    };
    format!(
        "{:>8} {:>7} {:>8} {:>8}",
        quantity(figures.per_second),
        volume,
        time(figures.quantile(0.5)),
        time(figures.quantile(0.99))
    )
}

/// MiB a second, where the operation has a payload.
#[expect(clippy::cast_precision_loss, reason = "payloads are small")]
pub(super) fn per_second_in_mib(operation: Operation, figures: &Figures) -> Option<f64> {
    let payload = operation.payload()? as f64;
    Some(figures.per_second * payload / (1024.0 * 1024.0))
}

fn comparison(out: &mut String, results: &Results, version: &str) -> std::fmt::Result {
    writeln!(
        out,
        "\n  against `openssl speed` of {version}: one thread, processor time"
    )?;
    write!(out, "  {:NAME$} {:>13}", "", "openssl op/s")?;
    for backend in &results.bench.backends {
        write!(out, "  {:>10}", backend.name())?;
    }
    writeln!(out)?;
    let mut algorithm = String::new();
    for &operation in &results.bench.operations {
        let Some(theirs) = results.openssl.as_ref().and_then(|o| o.rate(operation)) else {
            continue;
        };
        if operation.algorithm() != algorithm {
            algorithm = operation.algorithm();
            writeln!(out, "  {algorithm}")?;
        }
        write!(
            out,
            "    {:2$} {:>13}",
            operation.short_name(),
            quantity(theirs),
            NAME - 2
        )?;
        for &backend in &results.bench.backends {
            let ours = results.find(operation, backend, 1);
            let ours = ours.map(|f| f.per_processor_second.unwrap_or(f.per_second));
            let text = ours.map_or_else(|| "-".into(), |ours| ratio(ours, theirs));
            write!(out, "  {text:>10}")?;
        }
        writeln!(out)?;
    }
    Ok(())
}

fn notes(out: &mut String, results: &Results) -> std::fmt::Result {
    writeln!(
        out,
        "\n  Keys are expanded before; fresh IVs, nonces, seeds and salts are included. Times of short\n  \
         operations are means of batches that take at least 20µs. n: how many keys were searched."
    )?;
    if results.bench.backends.len() > 1 {
        writeln!(
            out,
            "  auto: what a run takes that names no backend, by the table in docs/crypto.md."
        )?;
    }
    let mut samples: Vec<_> = results
        .measured
        .iter()
        .filter(|line| line.figures.batches < 100)
        .map(|line| (line.figures.batches, line))
        .collect();
    samples.sort_by_key(|(count, _)| *count);
    if let Some((count, line)) = samples.first() {
        writeln!(
            out,
            "  Few samples, so rough p50 and p99: {} (fewest: {count}, {} with {}).",
            match samples.len() {
                1 => "one line".to_owned(),
                lines => format!("{lines} lines"),
            },
            line.operation.name(),
            line.backend
        )?;
    }
    // With more threads than the machine runs at once, some must wait.
    let possible = |threads| threads <= results.machine.threads;
    let waited = results
        .measured
        .iter()
        .filter(|line| possible(line.threads));
    let share = waited.filter_map(|line| line.figures.processor_share);
    let (count, sum) = share.fold((0.0, 0.0), |(count, sum), share| (count + 1.0, sum + share));
    if count > 0.0 && sum / count < BUSY {
        writeln!(
            out,
            "  warning: other programs were busy: threads had a processor for {:.0}% of the time, so op/s\n  \
             are lower than this machine can do",
            100.0 * sum / count
        )?;
    }
    Ok(())
}

/// `950`, `1.23k`, `45.6k`, `3.21M`.
fn quantity(value: f64) -> String {
    if value < 999.5 {
        three_digits(value)
    } else if value < 999_500.0 {
        format!("{}k", three_digits(value / 1e3))
    } else {
        format!("{}M", three_digits(value / 1e6))
    }
}

/// Nanoseconds with their unit.
fn time(nanoseconds: f64) -> String {
    if nanoseconds < 999.5 {
        format!("{}ns", three_digits(nanoseconds))
    } else if nanoseconds < 999_500.0 {
        format!("{}µs", three_digits(nanoseconds / 1e3))
    } else if nanoseconds < 999.5e6 {
        format!("{}ms", three_digits(nanoseconds / 1e6))
    } else {
        format!("{}s", three_digits(nanoseconds / 1e9))
    }
}

fn ratio(ours: f64, theirs: f64) -> String {
    format!("{}×", three_digits(ours / theirs))
}

#[cfg(test)]
mod tests {
    use super::{quantity, time};

    #[test]
    fn numbers_have_three_digits_and_a_unit() {
        assert_eq!(quantity(0.5), "0.50");
        assert_eq!(quantity(999.4), "999");
        assert_eq!(quantity(12_345.0), "12.3k");
        assert_eq!(quantity(3_214_000.0), "3.21M");
        assert_eq!(time(61.27), "61.3ns");
        assert_eq!(time(999.6), "1.00µs");
        assert_eq!(time(1_234_567.0), "1.23ms");
        assert_eq!(time(2.5e9), "2.50s");
    }
}
