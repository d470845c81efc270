use super::{Format, Page};
use crate::compare::judge::Method;
use crate::compare::{
    Change, Comparison, Failure, Interval, LineChange, LineKind, LineName, Statistic, Verdict,
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
