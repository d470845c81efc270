//! An iteration from its beginning to its end: what it waited for, and when.

use serde::Serialize;

use super::super::{SlowLine, SpanKind, SpanLine};
use super::svg::Scale;
use crate::numbers::time;

/// More parts than this are not shown.
const MOST: usize = 40;
/// A bar's row is so long, and stretches to the room that there is.
const LENGTH: f64 = 1000.0;

/// An iteration, part by part.
#[derive(Serialize)]
pub(super) struct Waterfall {
    parts: Vec<Part>,
    /// How many more there were.
    left_out: usize,
    /// Its beginning, its middle and its end.
    ticks: [String; 3],
}

/// A part of an iteration.
#[derive(Serialize)]
struct Part {
    name: String,
    step: bool,
    failed: bool,
    took: String,
    /// From when it went on.
    from: String,
    /// Class of its colour.
    class: &'static str,
    left: String,
    width: String,
}

/// The parts of an iteration; of many, the longest.
pub(super) fn of(slow: &SlowLine) -> Waterfall {
    let shown = longest(&slow.spans);
    let scale = Scale::Linear(0.0, slow.took.as_secs_f64().max(1e-9));
    Waterfall {
        left_out: slow.spans.len() - shown.len(),
        parts: shown.into_iter().map(|span| part(span, scale)).collect(),
        ticks: ["0".into(), time(slow.took / 2), time(slow.took)],
    }
}

/// Steps, and of their parts the longest, in the order of their beginning.
fn longest(spans: &[SpanLine]) -> Vec<&SpanLine> {
    let mut places: Vec<usize> = (0..spans.len()).collect();
    places.sort_by_key(|place| {
        let span = &spans[*place];
        (span.kind != SpanKind::Step, std::cmp::Reverse(span.took))
    });
    places.truncate(MOST);
    places.sort_unstable();
    places.into_iter().map(|place| &spans[place]).collect()
}

fn part(span: &SpanLine, scale: Scale) -> Part {
    let at = |moment: std::time::Duration| LENGTH * scale.share(moment.as_secs_f64());
    let left = at(span.start);
    // The shortest is seen, too, and lies within.
    let width = (at(span.start + span.took) - left).max(3.0);
    let left = left.min(LENGTH - width);
    Part {
        name: span.name.clone(),
        step: span.kind == SpanKind::Step,
        failed: span.failed,
        took: time(span.took),
        from: time(span.start),
        class: class(span.kind),
        left: format!("{left:.0}"),
        width: format!("{width:.0}"),
    }
}

/// Class of a kind's colour.
pub(super) fn class(kind: SpanKind) -> &'static str {
    match kind {
        SpanKind::Step => "k-step",
        SpanKind::Request => "k-request",
        SpanKind::Otp => "k-otp",
        SpanKind::Crypto => "k-crypto",
        SpanKind::Vault => "k-vault",
        SpanKind::Wait => "k-wait",
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::super::{SpanKind, SpanLine};
    use super::{MOST, longest, part};
    use crate::report::html::svg::Scale;

    fn span(kind: SpanKind, n: u64) -> SpanLine {
        SpanLine {
            kind,
            name: String::new(),
            failed: false,
            start: Duration::from_millis(n),
            took: Duration::from_millis(n),
        }
    }

    #[test]
    fn what_is_left_out_are_the_shortest_parts() {
        let mut spans: Vec<_> = (0..100).map(|n| span(SpanKind::Request, n)).collect();
        spans[3].kind = SpanKind::Step;
        let shown: Vec<_> = longest(&spans).iter().map(|span| span.took).collect();
        let expected: Vec<_> = std::iter::once(3).chain(61..100).collect();
        let expected: Vec<_> = expected.into_iter().map(Duration::from_millis).collect();
        assert_eq!(shown.len(), MOST);
        assert_eq!(shown, expected);
    }

    #[test]
    fn a_bar_is_seen_and_lies_within() {
        for (n, within) in [(0, 1000.0), (1, 1000.0), (500, 1.0), (2000, 1.0)] {
            let part = part(&span(SpanKind::Step, n), Scale::Linear(0.0, within));
            let [left, width] = [&part.left, &part.width].map(|text| text.parse::<u32>().unwrap());
            assert!(width >= 3 && left + width <= 1000, "{left} {width}");
        }
    }
}
