use super::{Format, Page};
use crate::compare::judge::Method;
use crate::compare::{
    Change, Comparison, Doubt, Failure, Interval, LineChange, LineKind, LineName, Statistic,
    Verdict,
};

fn comparison() -> Comparison {
    let slower = Change {
        statistic: Statistic::P95,
        unfinished: false,
        base: Some(12_300_000.0),
        new: Some(14_800_000.0),
        by: Some(0.203),
        interval: Some(Interval {
            low: 0.15,
            high: 0.26,
        }),
        chance: Some(0.0004),
        verdict: Verdict::Slower,
        doubt: Doubt::Noise,
    };
    let unsure = Change {
        statistic: Statistic::ErrorRate,
        unfinished: false,
        base: Some(0.0),
        new: Some(0.002),
        by: Some(0.002),
        interval: None,
        chance: None,
        verdict: Verdict::Inconclusive,
        doubt: Doubt::FewPlays { seen: 1, least: 20 },
    };
    let name = |kind, of: &str, name: &str| LineName {
        kind,
        of: of.into(),
        name: name.into(),
    };
    Comparison {
        method: Method::Seconds,
        lines: vec![
            LineChange {
                name: name(LineKind::Step, "people", "log|in"),
                changes: vec![slower],
            },
            LineChange {
                name: name(LineKind::Endpoint, "GET", "/x/{id}"),
                changes: vec![unsure],
            },
        ],
        missing: vec![name(LineKind::Step, "people", "new")],
    }
}

fn rendered(format: Format) -> String {
    let comparison = comparison();
    let line = &comparison.lines[0];
    let page = Page {
        sides: [vec!["reports/a".into()], vec!["reports/b".into()]],
        warnings: vec!["other machines: <x>, y".into()],
        comparison: &comparison,
        failures: vec![Failure {
            limit: "p95 > +10%".into(),
            line: line.name.clone(),
            change: line.changes[0].clone(),
            sure: true,
        }],
        limits: 1,
        judged: 1,
    };
    assert!(page.failed());
    page.render(format).unwrap()
}

#[test]
fn on_the_terminal() {
    insta::assert_snapshot!(rendered(Format::Text));
}

#[test]
fn as_markdown() {
    insta::assert_snapshot!(rendered(Format::Markdown));
}

#[test]
fn as_json() {
    insta::assert_snapshot!(rendered(Format::Json));
}

#[test]
fn what_is_inconclusive_is_a_line_with_its_remedy_and_no_good_mark() {
    let mut comparison = comparison();
    comparison.lines.remove(0);
    let page = |limits, judged| Page {
        sides: [vec!["a".into()], vec!["b".into()]],
        warnings: Vec::new(),
        comparison: &comparison,
        failures: Vec::new(),
        limits,
        judged,
    };
    let text = page(1, 0).render(Format::Text).unwrap();
    let line = "? 1 figure inconclusive: 1 run each: 20 needed (play longer, or at a higher rate)";
    assert!(text.contains(line), "{text}");
    assert!(
        text.contains("? 1 of 1 limits could not be judged"),
        "{text}"
    );
    assert!(
        !text.contains('✓') && !text.contains("GET /x/{id}"),
        "{text}"
    );
    let markdown = page(0, 0).render(Format::Markdown).unwrap();
    assert!(markdown.starts_with("## ❔ 1 inconclusive"), "{markdown}");
}

#[test]
fn how_many_runs_each_figure_needs_is_said_once() {
    let mut comparison = comparison();
    let changes = &mut comparison.lines[1].changes;
    let needing = |statistic, seen, least| Change {
        statistic,
        doubt: Doubt::FewPlays { seen, least },
        ..changes[0].clone()
    };
    let more = [
        needing(Statistic::P50, 12, 20),
        needing(Statistic::P95, 1, 100),
        needing(Statistic::P95, 12, 100),
        needing(Statistic::P99, 12, 500),
    ];
    changes.extend(more);
    let page = Page {
        sides: [vec!["a".into()], vec!["b".into()]],
        warnings: Vec::new(),
        comparison: &comparison,
        failures: Vec::new(),
        limits: 0,
        judged: 0,
    };
    let text = page.render(Format::Text).unwrap();
    let told = "5 figures inconclusive: 1 to 12 runs each: 20 needed, 100 for p95, 12 runs each: 500 needed for p99 (play longer";
    assert!(text.contains(told), "{text}");
}
