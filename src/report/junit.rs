//! `junit.xml`: a test case for each threshold, step and check, for the CI
//! servers that read it. Valid by the schema of Jenkins' xUnit plugin.

use std::fmt::Write;
use std::time::Duration;

use super::escape::markup;
use super::{ErrorLine, Format, Line, NotStarted, Reason, Report, RunLine, StepBreakdown};
use crate::metrics::{Condition, Metric};
use crate::numbers::{plural, time};

pub(super) const FORMAT: Format = Format {
    name: "junit",
    file: "junit.xml",
    render,
    not_started: Some(not_started),
};

struct Suite {
    name: &'static str,
    cases: Vec<Case>,
}

struct Case {
    class: String,
    name: String,
    time: Duration,
    outcome: CaseResult,
}

enum CaseResult {
    Passed,
    /// Type and message, and more lines.
    Failed(&'static str, String, String),
    /// It could not be tried: type and message, and more lines.
    Error(&'static str, String, String),
    Skipped(&'static str),
    /// Something failed that a threshold allows.
    Allowed(String),
}

fn render(report: &Report) -> Result<Vec<u8>, String> {
    let suites = [
        Suite {
            name: "run",
            cases: whole(report),
        },
        Suite {
            name: "thresholds",
            cases: thresholds(report),
        },
        Suite {
            name: "steps",
            cases: report
                .steps()
                .iter()
                .map(|step| case(report, step))
                .collect(),
        },
        Suite {
            name: "checks",
            cases: checks(report),
        },
    ];
    written(&report.run, report.took, &suites)
}

/// One case, in error.
fn not_started(not_started: &NotStarted) -> Result<Vec<u8>, String> {
    let run = &not_started.run;
    let hint = not_started.hint.as_ref();
    let hint = hint.map_or_else(String::new, |hint| format!("hint: {hint}"));
    let kind = not_started.missing.name();
    let start = Case {
        class: run.name.clone(),
        name: "start".into(),
        time: Duration::ZERO,
        outcome: CaseResult::Error(kind, not_started.told(), hint),
    };
    let suite = Suite {
        name: "run",
        cases: vec![start],
    };
    written(run, Duration::ZERO, &[suite])
}

fn written(run: &RunLine, took: Duration, suites: &[Suite]) -> Result<Vec<u8>, String> {
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    write(&mut out, run, took, suites).map_err(|error| error.to_string())?;
    Ok(out.into_bytes())
}

/// The run as a whole. With these, some case fails whenever the run has.
fn whole(report: &Report) -> Vec<Case> {
    let verdict = report.verdict();
    let about = |name: &'static str, mine: fn(&Reason) -> bool| {
        let reasons: Vec<&Reason> = verdict.reasons.iter().filter(|it| mine(it)).collect();
        let told: Vec<String> = reasons.iter().map(ToString::to_string).collect();
        let outcome = match (&reasons[..], report.stopped()) {
            ([first, ..], _) if verdict.failed() => {
                CaseResult::Failed(first.kind(), told.join(", "), messages(report, |_| true))
            }
            ([_, ..], _) => CaseResult::Allowed(told.join(", ")),
            ([], Some(stopped)) => CaseResult::Allowed(stopped),
            ([], None) => CaseResult::Passed,
        };
        Case {
            class: report.run.name.clone(),
            name: name.into(),
            time: report.took,
            outcome,
        }
    };
    let mut cases = vec![
        about("setup", |reason| matches!(reason, Reason::Setup(_))),
        about("iterations", Reason::is_about_iterations),
    ];
    let mut scenarios = report.run.scenarios.iter();
    if scenarios.any(|scenario| &*scenario.name == "teardown") {
        let mine = |reason: &Reason| matches!(reason, Reason::Teardown(_));
        cases.push(about("teardown", mine));
    }
    cases
}

fn thresholds(report: &Report) -> Vec<Case> {
    let cases = report.thresholds.iter().map(|line| {
        let name = line.threshold.to_string();
        let seen = &line.verdict.seen;
        Case {
            class: report.run.name.clone(),
            outcome: if line.verdict.passed {
                CaseResult::Passed
            } else {
                let message = format!("expected {name}, seen {seen}");
                CaseResult::Failed("threshold", message, String::new())
            },
            name,
            time: Duration::ZERO,
        }
    });
    cases.collect()
}

fn case(report: &Report, step: &StepBreakdown) -> Case {
    let Line {
        good, failed, cut, ..
    } = &step.step;
    let (good, failed, cut) = (good.count(), failed.count(), cut.count());
    let times = |total| plural(total, "time", "times");
    let outcome = if failed + cut > 0 {
        let (kind, mut message) = match failed {
            0 => ("unfinished", String::new()),
            _ => (
                "step",
                format!("{failed} of {} failed", times(good + failed)),
            ),
        };
        if cut > 0 {
            let before = if failed > 0 { ", " } else { "" };
            let (waited, began) = (time(step.step.cut.max()), times(good + failed + cut));
            let _ = write!(
                message,
                "{before}{cut} of {began} not finished, after up to {waited}"
            );
        }
        let more = messages(report, |line| {
            // Earlier reports did not say of which scenario an error is.
            let here = line.scenario == step.scenario || line.scenario.is_empty();
            here && line.step == step.step.name
        });
        // No threshold is about those unless it says so.
        let around = matches!(&*step.scenario, "setup" | "teardown");
        if !around && report.tolerates(Condition::is_about_failures) {
            CaseResult::Allowed(format!("{message}, which a threshold allows\n{more}"))
        } else {
            CaseResult::Failed(kind, message, more)
        }
    } else if good == 0 && !played_otherwise(step) {
        CaseResult::Skipped("it was not played")
    } else {
        CaseResult::Passed
    };
    Case {
        class: format!("{}.{}", report.run.name, step.scenario),
        name: step.step.name.to_string(),
        time: step.step.good.mean(),
        outcome,
    }
}

/// Whether it has failed as it had to, which is good.
fn played_otherwise(step: &StepBreakdown) -> bool {
    step.parts
        .iter()
        .any(|part| part.metric == Metric::StepDuration)
}

fn checks(report: &Report) -> Vec<Case> {
    let allowed = report.tolerates(|_, metric| metric == Metric::Checks);
    let cases = report.checks().into_iter().map(|line| {
        let message = format!("held {} of {} times", line.held, line.total);
        Case {
            class: format!(
                "{}.{}",
                report.run.name,
                report.step_name(&line.scenario, &line.step)
            ),
            name: format!("{}: {}", line.kind, line.condition),
            time: Duration::ZERO,
            outcome: if line.held == line.total {
                CaseResult::Passed
            } else if allowed {
                CaseResult::Allowed(format!("{message}, which a threshold judges"))
            } else {
                CaseResult::Failed("check", message, String::new())
            },
        }
    });
    cases.collect()
}

fn messages(report: &Report, about: impl Fn(&ErrorLine) -> bool) -> String {
    let mut text = String::new();
    for line in report.errors.iter().filter(|line| about(line)) {
        let times = plural(line.count, "time", "times");
        let _ = writeln!(
            text,
            "{}: {times}, first: {}",
            report.error_name(line),
            line.sample
        );
    }
    text
}

fn write(out: &mut String, run: &RunLine, took: Duration, suites: &[Suite]) -> std::fmt::Result {
    let all = |wanted: fn(&Case) -> bool| {
        let cases = suites.iter().flat_map(|suite| &suite.cases);
        cases.filter(|case| wanted(case)).count()
    };
    let (name, took) = (markup(&run.name), seconds(took));
    writeln!(
        out,
        r#"<testsuites name="{name}" tests="{}" failures="{}" errors="{}" time="{took}">"#,
        all(|_| true),
        all(Case::failed),
        all(Case::in_error),
    )?;
    for suite in suites.iter().filter(|suite| !suite.cases.is_empty()) {
        let count = |wanted: fn(&Case) -> bool| suite.cases.iter().filter(|c| wanted(c)).count();
        writeln!(
            out,
            r#"  <testsuite name="{}" tests="{}" failures="{}" errors="{}" skipped="{}" time="{took}" timestamp="{}">"#,
            suite.name,
            suite.cases.len(),
            count(Case::failed),
            count(Case::in_error),
            count(|case| matches!(case.outcome, CaseResult::Skipped(_))),
            run.started_at.strftime("%Y-%m-%dT%H:%M:%S"),
        )?;
        for case in &suite.cases {
            write_case(out, case)?;
        }
        writeln!(out, "  </testsuite>")?;
    }
    writeln!(out, "</testsuites>")
}

fn write_case(out: &mut String, case: &Case) -> std::fmt::Result {
    write!(
        out,
        r#"    <testcase classname="{}" name="{}" time="{}""#,
        markup(&case.class),
        markup(&case.name),
        seconds(case.time)
    )?;
    let inside = match &case.outcome {
        CaseResult::Passed => return writeln!(out, "/>"),
        CaseResult::Failed(kind, message, more) => told("failure", kind, message, more),
        CaseResult::Error(kind, message, more) => told("error", kind, message, more),
        CaseResult::Skipped(why) => format!(r#"<skipped message="{why}"/>"#),
        CaseResult::Allowed(what) => format!("<system-out>{}</system-out>", markup(what)),
    };
    writeln!(out, ">\n      {inside}\n    </testcase>")
}

fn told(element: &str, kind: &str, message: &str, more: &str) -> String {
    let (message, more) = (markup(message), markup(more));
    format!(r#"<{element} type="{kind}" message="{message}">{more}</{element}>"#)
}

impl Case {
    fn failed(&self) -> bool {
        matches!(self.outcome, CaseResult::Failed(..))
    }

    fn in_error(&self) -> bool {
        matches!(self.outcome, CaseResult::Error(..))
    }
}

/// The schema allows three decimals.
fn seconds(duration: Duration) -> String {
    format!("{:.3}", duration.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::super::ScenarioLine;
    use super::super::example::{after, example, hung, not_started};
    use super::render;
    use crate::metrics::Outcome;

    fn rendered(report: &super::Report) -> String {
        String::from_utf8(render(report).unwrap()).unwrap()
    }

    #[test]
    fn thresholds_steps_and_checks_are_cases() {
        insta::assert_snapshot!(rendered(&example()));
    }

    #[test]
    fn what_a_threshold_allows_is_no_failure_of_a_step() {
        let mut report = example();
        assert!(rendered(&report).contains(r#"<failure type="step""#));
        let threshold = crate::report::example::threshold("errors", "count < 10", true);
        report.thresholds.push(threshold);
        let text = rendered(&report);
        assert!(!text.contains(r#"<failure type="step""#), "{text}");
        assert!(text.contains("which a threshold allows"), "{text}");
    }

    #[test]
    fn a_setup_that_failed_is_a_failure() {
        let mut report = example();
        report.snapshot = after("setup", Outcome::Failed);
        let text = rendered(&report);
        assert!(text.contains(r#"<failure type="setup""#), "{text}");
        assert!(
            text.contains("setup failed at `clean up` (http 503)"),
            "{text}"
        );
    }

    #[test]
    fn a_teardown_that_failed_is_a_failure_whatever_thresholds_allow() {
        let mut report = example();
        report.snapshot = after("teardown", Outcome::Failed);
        report.run.scenarios.push(ScenarioLine {
            name: "teardown".into(),
            executor: "once".into(),
            steps: vec!["clean up".into()],
        });
        let threshold = crate::report::example::threshold("errors", "count < 10", true);
        report.thresholds = vec![threshold];
        let text = rendered(&report);
        assert!(text.contains(r#"<failure type="teardown""#), "{text}");
    }

    #[test]
    fn a_run_that_did_not_start_is_one_case_in_error() {
        let text = String::from_utf8(super::not_started(&not_started()).unwrap()).unwrap();
        insta::assert_snapshot!(text);
    }

    #[test]
    fn what_was_not_finished_is_a_failure_and_not_skipped() {
        let mut report = example();
        report.thresholds.clear();
        report.errors.clear();
        report.snapshot = hung();
        let text = rendered(&report);
        insta::assert_snapshot!(text);
        assert!(!text.contains("<skipped"), "{text}");
    }
}
