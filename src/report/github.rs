//! Annotations of a run, as GitHub Actions reads them from a job's log.
//!
//! Source: the workflow commands of GitHub Actions, `::error file=F,title=T::M`.

use std::fmt::Write;

use super::{NotStarted, Report};
use crate::shown::line as one_line;

/// As many of a kind as GitHub shows of a step; more would push others away.
const MOST: usize = 10;

/// What has failed as errors, and what the machine or the plan was short of as warnings.
pub fn annotations(report: &Report) -> String {
    let verdict = report.verdict();
    let mut errors = Vec::new();
    if verdict.failed() {
        errors.push((report.run.name.clone(), verdict.to_string()));
    }
    let missed = report.thresholds.iter();
    let missed = missed.filter(|line| !line.verdict.passed);
    errors.extend(missed.map(|line| {
        let message = format!("{}: seen {}", line.threshold, line.verdict.seen);
        ("threshold".to_owned(), message)
    }));
    if verdict.failed() {
        errors.extend(report.errors.iter().map(|line| {
            let step = report.step_name(&line.scenario, &line.step);
            (format!("{step}, {}", line.kind), line.sample.clone())
        }));
        let checks = report.checks().into_iter();
        errors.extend(checks.filter(|line| line.held < line.total).map(|line| {
            let step = report.step_name(&line.scenario, &line.step);
            let held = format!("{}: held {} of {}", line.condition, line.held, line.total);
            (step, held)
        }));
    }
    let warnings = report.warnings().into_iter();
    let warnings =
        warnings.map(|(what, hint)| (report.run.name.clone(), format!("{what}; {hint}")));
    let mut out = String::new();
    let file = property(&report.run.file);
    let errors = errors.into_iter().map(|told| ("error", told)).take(MOST);
    let warnings = warnings.map(|told| ("warning", told)).take(MOST);
    for (level, (title, message)) in errors.chain(warnings) {
        let (title, message) = (property(&title), value(&message));
        // Writing to a text does not fail.
        let _ = writeln!(out, "::{level} file={file},title={title}::{message}");
    }
    out
}

/// A run that did not start, as an error.
pub fn annotation(not_started: &NotStarted) -> String {
    let hint = not_started.hint.as_ref();
    let hint = hint.map_or_else(String::new, |hint| format!("\nhint: {hint}"));
    let (run, told) = (&not_started.run, not_started.told() + &hint);
    let (file, title) = (property(&run.file), property(&run.name));
    format!("::error file={file},title={title}::{}\n", value(&told))
}

/// A message, whose line breaks GitHub would take for the end of it.
fn value(text: &str) -> String {
    let lines: Vec<_> = text.lines().map(one_line).collect();
    lines.join("\n").replace('%', "%25").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    value(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::{annotation, annotations};
    use crate::report::example::{example, not_started};

    #[test]
    fn what_has_failed_is_an_error_in_one_line() {
        let mut report = example();
        report.notes = vec![("100 % busy".into(), "use another\nmachine".into())];
        let text = annotations(&report);
        let lines: Vec<&str> = text.lines().collect();
        assert!(
            lines.iter().all(
                |line| line.starts_with("::error file=scenarios/x.yaml,title=")
                    || line.starts_with("::warning file=scenarios/x.yaml,title=")
            ),
            "{text}"
        );
        assert!(
            lines.contains(
                &"::error file=scenarios/x.yaml,title=threshold::http_reqs rate > 90/s: seen 1.5s"
            ),
            "{text}"
        );
        let error = "::error file=scenarios/x.yaml,title=login%2C http 500::GET api /x: expected 2xx, got 500 <b>\"oh\"</b>%0Aand more";
        assert!(lines.contains(&error), "{text}");
        let busy = "::100 %25 busy; use another%0Amachine";
        assert!(lines.last().unwrap().ends_with(busy), "{text}");
    }

    #[test]
    fn a_run_that_did_not_start_is_one_error() {
        let text = annotation(&not_started());
        let start = "::error file=scenarios/x.yaml,title=";
        assert!(
            text.starts_with(start) && text.lines().count() == 1,
            "{text}"
        );
        let told = "::did not start: the target does not answer at http://127.0.0.1:9/";
        assert!(text.contains(told), "{text}");
        assert!(
            text.ends_with("%0Ahint: is the server | running?\n"),
            "{text}"
        );
    }

    #[test]
    fn a_run_that_has_passed_says_nothing() {
        let mut report = example();
        report.snapshot = crate::report::example::after("teardown", crate::metrics::Outcome::Ok);
        report.thresholds.clear();
        report.errors.clear();
        assert_eq!(annotations(&report), "");
    }
}
