use std::path::Path;

use clap::Parser;

use super::{Arguments, Format, chosen, render};
use crate::report::{History, HistoryOutcome};

#[derive(Parser)]
struct Cli {
    #[command(flatten)]
    arguments: Arguments,
}

/// Eight nights, of which the sixth made `login` half as slow again.
fn history(folder: &Path) -> History {
    let lines = [20.0, 20.4, 19.8, 20.1, 20.2, 30.1, 30.3, 29.9].iter().enumerate().map(|(night, p95)| {
        format!(
            "{{\"schema\":\"rehearse/history/1\",\"at\":\"2026-01-0{}T03:00:00Z\",\"name\":\"nightly <x>\",\"folder\":\"reports/{night}\",\
             \"commit\":\"0123456789a{night}\",\"target\":\"simulator\",\"machine\":\"m\",\"verdict\":\"passed\",\"took_ms\":60000.0,\
             \"steps\":[{{\"scenario\":\"s\",\"step\":\"log|in\",\"ok\":99,\"failed\":1,\"throughput\":1.65,\
             \"mean_ms\":10.0,\"p50_ms\":9.0,\"p95_ms\":{p95},\"p99_ms\":40.0}},\
             {{\"scenario\":\"s\",\"step\":\"never\",\"ok\":0,\"failed\":2,\"throughput\":0.0}}]}}\n",
            night + 1
        )
    });
    let path = folder.join("history.jsonl");
    std::fs::write(&path, lines.collect::<String>()).unwrap();
    History::read(&path).unwrap()
}

fn shown(arguments: &[&str], format: Format) -> Result<String, String> {
    let folder = tempfile::tempdir().unwrap();
    let history = history(folder.path());
    assert!(history.unread.is_empty(), "{:?}", history.unread);
    let all = [&["trend"], arguments].concat();
    let cli = Cli::try_parse_from(all).map_err(|error| error.to_string())?;
    chosen(&history, &cli.arguments).and_then(|trend| render(&trend, format))
}

#[test]
fn bars_and_the_change() {
    insta::assert_snapshot!(shown(&[], Format::Text).unwrap(), @r"

      nightly <x>: p95 of each run

      s/log|in   8 runs, 19.8ms to 30.3ms, last 29.9ms
        ▁▁▁▁▁███
             ^
        ^ 2026-01-06 03:00  0123456789a5  20.2ms → 30.1ms  reports/5
    ");
}

#[test]
fn what_is_marked_does_not_depend_on_what_is_shown() {
    let text = shown(&["--last", "4", "--step", "log|in"], Format::Text).unwrap();
    assert!(
        text.contains("4 runs") && text.contains("    ▁███\n     ^\n"),
        "{text}"
    );
}

#[test]
fn failures_have_a_trend_too() {
    let text = shown(&["--stat", "error_rate"], Format::Text).unwrap();
    assert!(
        text.contains("s/never   8 runs, 100.00% to 100.00%"),
        "{text}"
    );
}

#[test]
fn as_markdown_json_and_a_drawing() {
    let text = shown(&[], Format::Markdown).unwrap();
    assert!(
        text.contains(
            "| 2026-01-06 03:00 | s/log\\|in | 0123456789a5 | 20.2ms | 30.1ms | reports/5 |"
        ),
        "{text}"
    );
    let text = shown(&[], Format::Json).unwrap();
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    let points = json["steps"][0]["points"].as_array().unwrap();
    let changed: Vec<bool> = points
        .iter()
        .map(|point| point["changed"] == true)
        .collect();
    assert_eq!(
        changed,
        [false, false, false, false, false, true, false, false]
    );
    assert_eq!(
        (&json["unit"], &points[5]["value"]),
        (&"ms".into(), &30.1.into())
    );
    let text = shown(&[], Format::Svg).unwrap();
    assert!(
        text.contains("nightly &lt;x&gt;") && !text.contains("<x>"),
        "{text}"
    );
    assert_eq!(text.matches("<circle").count(), 8);
    assert_eq!(text.matches("#d6452a").count(), 1);
}

#[test]
fn nights_that_failed_are_marked() {
    let folder = tempfile::tempdir().unwrap();
    let mut history = history(folder.path());
    let HistoryOutcome::Passed(figures) = history.lines[2].outcome.clone() else {
        panic!("all have passed");
    };
    history.lines[2].outcome = HistoryOutcome::Failed(figures);
    history.lines[3].outcome = HistoryOutcome::NotStarted {
        reason: "the <target> does\n not answer".into(),
    };
    let cli = Cli::try_parse_from(["trend"]).unwrap();
    let shown = |format| {
        let trend = chosen(&history, &cli.arguments).unwrap();
        render(&trend, format).unwrap()
    };
    let text = shown(Format::Text);
    insta::assert_snapshot!(text);
    insta::assert_snapshot!(shown(Format::Markdown));
    let json: serde_json::Value = serde_json::from_str(&shown(Format::Json)).unwrap();
    assert_eq!(json["runs"].as_array().unwrap().len(), 8);
    assert_eq!(json["runs"][2]["verdict"], "failed");
    assert_eq!(json["runs"][3]["verdict"], "did not start");
    assert_eq!(json["runs"][3]["reason"], "the <target> does\n not answer");
    assert_eq!(json["steps"][0]["points"].as_array().unwrap().len(), 7);
    let text = shown(Format::Svg);
    for (mark, times) in [
        ("<polyline", 2),
        ("✗", 2),
        (" failed<", 2),
        (" did not start<", 1),
    ] {
        assert_eq!(text.matches(mark).count(), times, "{mark} in {text}");
    }
}

#[test]
fn what_is_not_there_is_named() {
    let error = shown(&["--step", "logout"], Format::Text).unwrap_err();
    assert!(
        error.contains("no step `logout`") && error.contains("s/log|in"),
        "{error}"
    );
    let error = shown(&["--name", "other"], Format::Text).unwrap_err();
    assert!(error.contains("it has runs of `nightly <x>`"), "{error}");
    let error = shown(&["--stat", "p96"], Format::Text).unwrap_err();
    assert!(error.contains("expected one of: p50, p95"), "{error}");
}
