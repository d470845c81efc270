//! The results as programs read them. Fields may be added under the same schema
//! number; a change of meaning gets a new one. A report can hold this document
//! as it is.

use serde::Serialize;
use serde_with::skip_serializing_none;

use super::table::per_second_in_mib;
use super::{Machine, Measured, Results};
use crate::crypto::CryptoBackend;
use crate::shown;

/// Name and number of the layout.
const SCHEMA: &str = "rehearse/crypto/1";

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    rehearse: &'static str,
    at: String,
    machine: &'a Machine,
    seconds: f64,
    measured: Vec<Line>,
    #[serde(skip_serializing_if = "Option::is_none")]
    openssl: Option<Comparison<'a>>,
}

#[skip_serializing_none]
#[derive(Serialize)]
struct Line {
    operation: String,
    algorithm: String,
    action: &'static str,
    payload_bytes: Option<usize>,
    backend: &'static str,
    taken_by_auto: bool,
    threads: usize,
    operations: u64,
    batches: u64,
    operations_per_batch: u64,
    operations_per_second: f64,
    operations_per_processor_second: Option<f64>,
    processor_share: Option<f64>,
    mib_per_second: Option<f64>,
    mean_ns: f64,
    min_ns: f64,
    p50_ns: f64,
    p90_ns: f64,
    p99_ns: f64,
    max_ns: f64,
    openssl_ratio: Option<f64>,
}

#[derive(Serialize)]
struct Comparison<'a> {
    version: &'a str,
    operations_per_processor_second: Vec<Theirs>,
}

#[derive(Serialize)]
struct Theirs {
    operation: String,
    rate: f64,
}

/// The document, as JSON.
///
/// # Errors
/// Never.
pub fn render(results: &Results) -> Result<Vec<u8>, String> {
    let openssl = results.openssl.as_ref().map(|openssl| Comparison {
        version: &openssl.version,
        operations_per_processor_second: openssl
            .rates
            .iter()
            .map(|(operation, rate)| Theirs {
                operation: operation.name(),
                rate: *rate,
            })
            .collect(),
    });
    let document = Document {
        schema: SCHEMA,
        rehearse: env!("CARGO_PKG_VERSION"),
        at: results.bench.clock.timestamp().to_string(),
        machine: &results.machine,
        seconds: results.bench.time.as_secs_f64(),
        measured: results
            .measured
            .iter()
            .map(|measured| line(results, measured))
            .collect(),
        openssl,
    };
    let text = serde_json::to_string_pretty(&document).map_err(|error| error.to_string())?;
    let mut bytes = shown::json(text).into_bytes();
    bytes.push(b'\n');
    Ok(bytes)
}

fn line(results: &Results, measured: &Measured) -> Line {
    let (operation, figures) = (measured.operation, &measured.figures);
    // The comparison is of one thread with one thread.
    let theirs = results.openssl.as_ref().filter(|_| measured.threads == 1);
    let ours = figures.per_processor_second.unwrap_or(figures.per_second);
    Line {
        operation: operation.name(),
        algorithm: operation.algorithm(),
        action: operation.action(),
        payload_bytes: operation.payload(),
        backend: measured.backend.name(),
        taken_by_auto: measured.backend == CryptoBackend::Auto.library(&operation.name()),
        threads: measured.threads,
        operations: figures.operations,
        batches: figures.batches,
        operations_per_batch: figures.batch,
        operations_per_second: figures.per_second,
        operations_per_processor_second: figures.per_processor_second,
        processor_share: figures.processor_share,
        mib_per_second: per_second_in_mib(operation, figures),
        mean_ns: figures.mean,
        min_ns: figures.quantile(0.0),
        p50_ns: figures.quantile(0.5),
        p90_ns: figures.quantile(0.9),
        p99_ns: figures.quantile(0.99),
        max_ns: figures.quantile(1.0),
        openssl_ratio: theirs
            .and_then(|openssl| openssl.rate(operation))
            .map(|rate| ours / rate),
    }
}
