use super::{SummaryForm, SummarySize, summary};
use crate::report::Report;
use crate::report::example::{example, hung};
use crate::shown::terminal::Look;

fn plain(size: SummarySize, width: usize) -> SummaryForm {
    SummaryForm {
        size,
        look: Look::Plain,
        width: Some(width),
    }
}

fn widest_line(text: &str) -> usize {
    let widths = text.lines().map(|line| line.chars().count());
    widths.max().unwrap()
}

/// The example, with names as long as people make them.
fn long() -> Report {
    let mut report = example();
    report.run.target.url = format!("https://api.{}.example.org/", "very-".repeat(9));
    report.run.scenarios[0].executor =
        "200/s for 30m, then 1000/s for 2h with 100 to 3000 virtual users, each with its own connection".into();
    report.snapshot = hung();
    report
}

#[test]
fn every_size_fits_its_terminal() {
    for width in [80, 100, 132, 200] {
        for size in [SummarySize::Verdict, SummarySize::Steps, SummarySize::Parts] {
            for report in [example(), long()] {
                let text = summary(&report, plain(size, width));
                let longest = text.lines().max_by_key(|line| line.chars().count());
                assert!(widest_line(&text) <= width, "{width} {size:?}: {longest:?}");
            }
        }
    }
}

#[test]
fn steps_in_eighty_columns() {
    insta::assert_snapshot!(summary(&example(), plain(SummarySize::Steps, 80)));
}

#[test]
fn what_was_not_finished_has_a_column() {
    insta::assert_snapshot!(summary(&long(), plain(SummarySize::Steps, 80)));
}

#[test]
fn the_verdict_has_a_line_for_each_scenario() {
    let mut report = long();
    let told = summary(&report, plain(SummarySize::Verdict, 132));
    assert!(told.contains("✗ http_reqs rate > 90/s  1.5s"), "{told}");
    assert!(told.contains("✗ login, http 500: 3 times"), "{told}");
    assert!(!told.contains("step_duration{step=login}"), "{told}");
    report.thresholds.clear();
    report.errors.clear();
    assert_eq!(
        summary(&report, plain(SummarySize::Verdict, 132)),
        "✗ <script>alert(\"1\")</script> & | `x`: failed: 10 iterations were not finished\n  \
         people  90 ok, 0 failed, 10 not finished, p50 50.0ms, p95 > 30.0s\n"
    );
}

#[test]
fn parts_are_for_whoever_asks() {
    let of = |size| summary(&example(), plain(size, 100));
    assert!(!of(SummarySize::Steps).contains("GET /x/{id}"));
    assert!(of(SummarySize::Steps).contains("--details"));
    assert!(of(SummarySize::Parts).contains("GET /x/{id}"));
}

#[test]
fn colours_add_nothing_and_take_nothing_away() {
    let form = SummaryForm {
        look: Look::Colour,
        ..plain(SummarySize::Parts, 100)
    };
    let coloured = summary(&long(), form);
    let bare = regex::Regex::new("\u{1b}\\[[0-9;]*m").unwrap();
    assert!(coloured.contains("\u{1b}[31m"));
    assert_eq!(
        bare.replace_all(&coloured, ""),
        summary(&long(), plain(SummarySize::Parts, 100))
    );
}
