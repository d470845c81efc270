//! An iteration from its beginning to its end: what it waited for, and when.

use std::fmt::Write;

use super::super::escape::markup;
use super::super::{SlowLine, SpanKind, SpanLine};
use super::svg::{Scale, short_time};
use crate::numbers::time;

/// More parts than this are not drawn.
const MOST: usize = 40;
const ROW: f64 = 19.0;
const WIDTH: f64 = 900.0;
/// Room for the names.
const NAMES: f64 = 300.0;
const RIGHT: f64 = 64.0;
const HEAD: f64 = 20.0;
/// Characters of a name that fit.
const FIT: usize = 42;

/// The drawing, and how many parts were left out.
pub(super) fn draw(slow: &SlowLine) -> (String, usize) {
    let shown = longest(&slow.spans);
    let rows = u32::try_from(shown.len()).unwrap_or(0);
    let height = HEAD + ROW * f64::from(rows) + 6.0;
    let title = markup(&format!(
        "An iteration of {} that took {}, part by part",
        slow.scenario,
        time(slow.took)
    ));
    let mut out = format!(
        "<svg class=\"wide\" viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-label=\"{title}\"><title>{title}</title>"
    );
    let scale = Scale::Linear(0.0, slow.took.as_secs_f64().max(1e-9));
    let at = |seconds: f64| NAMES + scale.share(seconds) * (WIDTH - NAMES - RIGHT);
    for tick in scale.ticks() {
        let (x, end) = (at(tick), height - 4.0);
        // Writing to a string never fails.
        let _ = write!(
            out,
            "<path class=\"grid\" d=\"M{x:.1} {HEAD}V{end:.1}\"/><text x=\"{x:.1}\" y=\"14\" text-anchor=\"middle\">{}</text>",
            short_time(tick)
        );
    }
    for (index, span) in (0_u32..).zip(&shown) {
        out += &row(span, HEAD + ROW * f64::from(index), at);
    }
    out.push_str("</svg>");
    (out, slow.spans.len() - shown.len())
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

fn row(span: &SpanLine, top: f64, at: impl Fn(f64) -> f64) -> String {
    let start = span.start.as_secs_f64();
    let (left, right) = (at(start), at(start + span.took.as_secs_f64()));
    let width = (right - left).max(1.5);
    let (indent, weight) = match span.kind {
        SpanKind::Step => (4.0, "strong"),
        _ => (18.0, "part"),
    };
    let failed = if span.failed { ", failed" } else { "" };
    let told = markup(&format!(
        "{}{failed}: {} from {} on",
        span.name,
        time(span.took),
        time(span.start)
    ));
    let (bar, height) = match span.kind {
        SpanKind::Step => (top + 7.0, 5.0),
        _ => (top + 4.0, 11.0),
    };
    format!(
        "<g><title>{told}</title><text class=\"{weight}\" x=\"{indent}\" y=\"{:.1}\">{}</text>\
         <rect class=\"{}\" x=\"{left:.1}\" y=\"{bar:.1}\" width=\"{width:.1}\" height=\"{height}\"/>\
         <text x=\"{:.1}\" y=\"{:.1}\">{}{}</text></g>",
        top + 14.0,
        markup(&fit(&span.name)),
        class(span.kind),
        left + width + 5.0,
        top + 14.0,
        time(span.took),
        if span.failed { " ✗" } else { "" },
    )
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

fn fit(name: &str) -> String {
    if name.chars().count() <= FIT {
        return name.to_owned();
    }
    let head: String = name.chars().take(FIT - 1).collect();
    format!("{head}…")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::super::{SpanKind, SpanLine};
    use super::{MOST, longest};

    #[test]
    fn what_is_left_out_are_the_shortest_parts() {
        let span = |kind, n: u64| SpanLine {
            kind,
            name: String::new(),
            failed: false,
            start: Duration::from_millis(n),
            took: Duration::from_millis(n),
        };
        let mut spans: Vec<_> = (0..100).map(|n| span(SpanKind::Request, n)).collect();
        spans[3].kind = SpanKind::Step;
        let shown: Vec<_> = longest(&spans).iter().map(|span| span.took).collect();
        let expected: Vec<_> = std::iter::once(3).chain(61..100).collect();
        assert_eq!(shown.len(), MOST);
        assert_eq!(
            shown,
            expected
                .into_iter()
                .map(Duration::from_millis)
                .collect::<Vec<_>>()
        );
    }
}
