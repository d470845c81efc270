//! Latency by percentile, in the manner of `HdrHistogram`: each nine takes as
//! much room as the one before.

use super::super::bins::float;
use super::svg::{Plot, Scale, short_time};
use crate::metrics::Histogram;
use crate::numbers::time;

pub(super) struct Curve<'a> {
    pub(super) name: String,
    pub(super) histogram: &'a Histogram,
}

/// The plot; nothing when nothing was measured.
pub(super) fn draw(title: &str, curves: &[Curve<'_>]) -> Option<String> {
    let most = curves.iter().map(|curve| curve.histogram.count()).max()?;
    if most == 0 {
        return None;
    }
    // As many nines as there are values to tell them, and not fewer than one.
    let nines = float(most).log10().ceil().clamp(1.0, 6.0);
    let x = Scale::Linear(0.0, nines);
    let mut plot = Plot::new(title, 300.0, x, heights(curves));
    plot.y_axis(short_time);
    let ticks: Vec<f64> = (0..=6_u32).map(f64::from).filter(|n| *n <= nines).collect();
    plot.x_axis(&ticks, |tick| format!("{}%", percent(tick)));
    for (index, curve) in curves.iter().enumerate() {
        let histogram = curve.histogram;
        let own = float(histogram.count()).log10().min(nines);
        let points = (0..=200_u32).map(|n| nines * f64::from(n) / 200.0);
        // Beyond the last value the curve would go on at its maximum.
        let points = points.take_while(|nine| *nine <= own + 0.05);
        let at = |nine: f64| histogram.quantile(1.0 - 10_f64.powf(-nine)).as_secs_f64();
        let points: Vec<_> = points.map(|nine| Some((nine, at(nine)))).collect();
        if histogram.count() > 0 {
            plot.line(&format!("s{}", index % 14), points.into_iter());
        }
        for nine in (1..=6_u32).map(f64::from).filter(|nine| *nine <= own) {
            let value = histogram.quantile(1.0 - 10_f64.powf(-nine));
            let (cx, cy) = (plot.at_x(nine), plot.at_y(value.as_secs_f64()));
            let text = format!("{}: {}% within {}", curve.name, percent(nine), time(value));
            let text = super::super::escape::markup(&text);
            plot.add(format_args!(
                "<circle class=\"dot s{}\" cx=\"{cx:.1}\" cy=\"{cy:.1}\" r=\"3.5\"><title>{text}</title></circle>",
                index % 14
            ));
        }
    }
    Some(plot.finish())
}

/// From a little below the median of the fastest to the slowest of all.
fn heights(curves: &[Curve<'_>]) -> Scale {
    let all = || {
        curves
            .iter()
            .map(|curve| curve.histogram)
            .filter(|h| !h.is_empty())
    };
    let least = all()
        .map(|h| h.min().as_secs_f64())
        .fold(f64::MAX, f64::min);
    let most = all().map(|h| h.max().as_secs_f64()).fold(0.0, f64::max);
    let least = least.clamp(1e-9, 1e6);
    Scale::Log(least * 0.8, most.max(least * 2.0) * 1.2)
}

/// 0, 90, 99, 99.9, ...
fn percent(nines: f64) -> String {
    let decimals = (nines - 2.0).max(0.0);
    match decimals {
        d if d < 0.5 => format!("{:.0}", 100.0 - 10_f64.powf(2.0 - nines)),
        d if d < 1.5 => "99.9".into(),
        d if d < 2.5 => "99.99".into(),
        d if d < 3.5 => "99.999".into(),
        _ => "99.9999".into(),
    }
}
