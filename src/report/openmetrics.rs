//! `metrics.prom`: every series in the text format of OpenMetrics 1.0, which
//! Prometheus and its relatives read. Times are in seconds.

use super::exposition::{Figures, Syntax, text};
use super::{Format, Report};

pub(super) const FORMAT: Format = Format {
    name: "openmetrics",
    file: "metrics.prom",
    render,
    not_started: None,
};

#[expect(clippy::unnecessary_wraps, reason = "a format may fail")]
fn render(report: &Report) -> Result<Vec<u8>, String> {
    let families = Figures::of(report).families();
    Ok(text(&families, Syntax::OpenMetrics).into_bytes())
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::super::example::example;
    use super::super::exposition::{Figures, Syntax, text};
    use super::render;

    fn rendered() -> String {
        String::from_utf8(render(&example()).unwrap()).unwrap()
    }

    #[test]
    fn every_kind_of_series() {
        insta::assert_snapshot!(rendered());
    }

    #[test]
    fn both_syntaxes_have_the_same_series() {
        let report = example();
        let plain = text(&Figures::of(&report).families(), Syntax::Prometheus);
        let series = |text: &str| -> Vec<String> {
            let lines = text.lines().filter(|line| !line.starts_with('#'));
            lines.map(str::to_owned).collect()
        };
        assert_eq!(series(&plain), series(&rendered()));
        assert!(!plain.contains("# EOF") && !plain.contains("# UNIT"));
        assert!(plain.contains("# TYPE rehearse_iterations_total counter\n"));
        assert!(plain.contains("# TYPE rehearse_run_info gauge\n"));
    }

    #[test]
    fn a_family_stands_together_and_the_end_is_marked() {
        let text = rendered();
        assert!(text.ends_with("\n# EOF\n"));
        let mut seen = HashSet::new();
        for line in text.lines().filter(|line| line.starts_with("# TYPE ")) {
            assert!(seen.insert(line), "{line} twice");
        }
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let (_, value) = line.rsplit_once(' ').unwrap();
            value.parse::<f64>().unwrap();
        }
    }

    #[test]
    fn buckets_grow_to_the_count() {
        let text = rendered();
        let of = |part: &str| -> Vec<u64> {
            let start = format!("rehearse_otp_wait_seconds_{part}{{");
            let lines = text.lines().filter(|line| line.starts_with(&start));
            let values = lines.map(|line| line.rsplit_once(' ').unwrap().1);
            values.map(|value| value.parse().unwrap()).collect()
        };
        let buckets = of("bucket");
        assert!(buckets.is_sorted(), "{buckets:?}");
        assert_eq!(buckets.len(), 26);
        assert_eq!(buckets.last(), of("count").last());
        // 20 ms, 40 ms, … 200 ms: five of ten are at or below 100 ms.
        assert!(text.contains("step=\"login\",le=\"0.1\"} 5\n"), "{text}");
    }
}
