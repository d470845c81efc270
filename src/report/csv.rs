//! `series.csv`: the time series, a line a second, for spreadsheets and plots.

use std::fmt::Write;

use super::{Format, Report};
use crate::metrics::Row;
use crate::numbers::milliseconds;

pub(super) const FORMAT: Format = Format {
    name: "csv",
    file: "series.csv",
    render,
    not_started: None,
};

/// A column: its name, and its value of an interval, of which so many
/// milliseconds were measured.
type Column = (&'static str, fn(&Row, f64) -> f64);

#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
const COLUMNS: &[Column] = &[
    ("at_ms", |row, _| milliseconds(row.at)),
    ("length_ms", |row, _| milliseconds(row.length)),
    ("iterations", |row, _| row.iterations as f64),
    ("failed", |row, _| row.failed as f64),
    ("skipped", |row, _| row.skipped as f64),
    ("dropped", |row, _| row.dropped as f64),
    ("requests", |row, _| row.requests as f64),
    ("errors", |row, _| row.errors as f64),
    ("p50_ms", |row, _| milliseconds(row.p50)),
    ("p95_ms", |row, _| milliseconds(row.p95)),
    ("p99_ms", |row, _| milliseconds(row.p99)),
    ("max_ms", |row, _| milliseconds(row.max)),
    ("vus", |row, _| row.vus as f64),
    ("busy", |row, _| row.busy as f64),
    ("otps_pending", |row, _| row.otps_pending as f64),
    ("users", |row, _| row.users as f64),
    ("measured_ms", |_, measured_ms| measured_ms),
    ("measured_iterations", |row, _| {
        row.measured_iterations as f64
    }),
    ("measured_requests", |row, _| row.measured_requests as f64),
    ("unfinished", |row, _| row.unfinished as f64),
    ("stalled_ms", |row, _| milliseconds(row.stalled)),
    ("generator_busy_ms", |row, _| {
        milliseconds(row.generator_busy)
    }),
];

fn render(report: &Report) -> Result<Vec<u8>, String> {
    let mut out = String::new();
    write(&mut out, report).map_err(|error| error.to_string())?;
    Ok(out.into_bytes())
}

fn write(out: &mut String, report: &Report) -> std::fmt::Result {
    let names: Vec<&str> = COLUMNS.iter().map(|(name, _)| *name).collect();
    write!(out, "{}\r\n", names.join(","))?;
    for (row, measured_ms) in report.time_series.iter().zip(report.measured_ms()) {
        let values: Vec<String> = COLUMNS
            .iter()
            .map(|(_, value)| value(row, measured_ms).to_string())
            .collect();
        write!(out, "{}\r\n", values.join(","))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::example::example;
    use super::render;

    #[test]
    fn a_line_a_second_with_a_number_in_each_column() {
        let report = example();
        let text = String::from_utf8(render(&report).unwrap()).unwrap();
        let mut lines = text.split_terminator("\r\n");
        let columns = lines.next().unwrap().split(',').count();
        let lines: Vec<Vec<f64>> = lines
            .map(|line| line.split(',').map(|cell| cell.parse().unwrap()).collect())
            .collect();
        assert_eq!(lines.len(), report.time_series.len());
        assert!(lines.iter().all(|line| line.len() == columns));
        assert_eq!(lines[1][..4], [2000.0, 1000.0, 20.0, 1.0]);
    }
}
