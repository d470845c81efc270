//! What the page says, and what it never says.

use std::time::Duration;

use super::super::Report;
use super::super::example::{HOSTILE, after, example, not_started};
use super::render;
use crate::metrics::{
    Histogram, Measure, Metric, Outcome, Row, Series, Snapshot, Span, TagKey, Tags, Timeline,
    Windows,
};

fn rendered(report: &Report) -> String {
    String::from_utf8(render(report).unwrap()).unwrap()
}

#[test]
fn no_name_becomes_markup() {
    let page = rendered(&example());
    assert!(!page.contains(HOSTILE));
    assert!(!page.contains("<script>alert"), "{page}");
    assert!(!page.contains("<b>"), "{page}");
    // The page's own, and nothing else.
    assert_eq!(page.matches("<script").count(), 1);
    assert!(page.contains("&lt;script&gt;alert("));
}

#[test]
fn a_run_that_did_not_start_is_a_page_that_says_why() {
    let page = super::not_started(&not_started()).unwrap();
    let page = String::from_utf8(page).unwrap();
    for told in [
        "did not start: the target does not answer at",
        "<p>hint: is the server | running?</p>",
        "<section id=\"run\">",
    ] {
        assert!(page.contains(told), "{told} in {page}");
    }
    assert!(!page.contains("<b>") && !page.contains("took"), "{page}");
}

#[test]
fn nothing_is_fetched() {
    let page = rendered(&example());
    for word in [
        "http://www",
        "https://",
        "src=",
        "url(",
        "@import",
        "<link rel=\"stylesheet",
    ] {
        assert!(!page.contains(word), "{word}");
    }
    assert!(page.contains("default-src 'none'"));
}

#[test]
fn every_part_is_there() {
    let page = rendered(&example());
    for id in [
        "thresholds",
        "steps",
        "time",
        "heat",
        "endpoints",
        "otp",
        "crypto",
        "slowest",
        "run",
    ] {
        assert!(page.contains(&format!("<section id=\"{id}\">")), "{id}");
    }
    // Each drawing says in words what it shows.
    assert!(page.matches("role=\"img\"").count() >= 8);
    for svg in page.split("role=\"img\"").skip(1) {
        assert!(
            svg.starts_with(" aria-label=\"") && svg.contains("<title>"),
            "{svg}"
        );
    }
}

#[test]
fn a_run_without_anything_is_a_page_too() {
    let mut report = example();
    report.snapshot = Snapshot::new(Windows::default(), Vec::new());
    report.timeline = Timeline::default();
    report.time_series.clear();
    report.slowest.clear();
    report.thresholds.clear();
    assert!(rendered(&report).contains("no iteration was played"));
    report.snapshot = after("setup", Outcome::Failed);
    assert!(rendered(&report).contains("setup failed"));
}

#[test]
fn an_hour_of_many_steps_is_less_than_a_megabyte() {
    let mut report = example();
    report.timeline = an_hour();
    let row = report.time_series[0].clone();
    report.time_series = (1..=3600)
        .map(|second| Row {
            at: Duration::from_secs(second),
            ..row.clone()
        })
        .collect();
    let slow = report.slowest[0].clone();
    report.slowest = vec![slow; 20];
    for slow in &mut report.slowest {
        let span = slow.spans[1].clone();
        slow.spans = vec![span; 200];
    }
    let page = rendered(&report);
    assert!(page.len() < 1_000_000, "{}", page.len());
    // Not by leaving out what there is to see.
    assert!(page.len() > 300_000, "{}", page.len());
}

/// Fifteen steps, their latencies spread as wide as can be.
fn an_hour() -> Timeline {
    let mut timeline = Timeline::default();
    let mut state = 1_u64;
    // As fine as the page shows it.
    for part in 0..120 {
        let mut histograms = vec![Histogram::new(); 15];
        for histogram in &mut histograms {
            for _ in 0..150 {
                state = state
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1);
                let spread = 10_u64.pow(3 + u32::try_from(state >> 61).unwrap());
                histogram.record(Duration::from_nanos(spread + (state >> 33) % spread));
            }
        }
        let measured: Vec<_> = histograms
            .into_iter()
            .enumerate()
            .map(|(step, histogram)| {
                let step = Tags::new().with(TagKey::Step, format!("step {step}"));
                Series {
                    metric: Metric::StepDuration,
                    tags: step,
                    measure: Measure::Duration(histogram),
                }
            })
            .collect();
        let span = Span {
            start: Duration::from_secs(part * 30),
            length: Duration::from_secs(30),
        };
        timeline.add(span, measured.iter());
    }
    timeline
}

#[test]
fn what_went_wrong_stands_beside_the_verdict() {
    let page = rendered(&example());
    let head = page.split("</header>").next().unwrap_or_default();
    for told in [
        "http_reqs rate &gt; 90/<wbr>s",
        "seen 1.5s",
        "login: http 500, 3 times",
    ] {
        assert!(head.contains(told), "{told}: {head}");
    }
    // A threshold that was met is no news.
    assert!(!head.contains("step_duration"), "{head}");
}
