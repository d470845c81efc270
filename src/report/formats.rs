//! The formats in which a report is written.

use super::format::Format;
use super::{csv, hlog, html, json, junit, markdown, openmetrics, saved};

/// Every format.
pub const FORMATS: &[Format] = &[
    json::FORMAT,
    csv::FORMAT,
    hlog::FORMAT,
    html::FORMAT,
    junit::FORMAT,
    markdown::FORMAT,
    openmetrics::FORMAT,
    saved::FORMAT,
];

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::super::example::{HOSTILE, example, played};
    use super::super::{
        Missing, NotStarted, Report, StopKind, StopLine, SummaryForm, SummarySize,
        not_started_summary, read_saved, summary,
    };
    use super::{FORMATS, saved};
    use crate::shown::is_hidden;
    use crate::shown::terminal::Look;

    const SIZES: [SummarySize; 3] = [SummarySize::Verdict, SummarySize::Steps, SummarySize::Parts];

    /// A report of a run in which everything that others may name has this name.
    fn named(name: &str) -> Report {
        let mut document = String::from_utf8((saved::FORMAT.render)(&example()).unwrap()).unwrap();
        for old in [
            HOSTILE,
            "people",
            "and more",
            "/x/{id}",
            "a < \"b\"",
            "http 500",
        ] {
            let quoted = |text: &str| {
                let text = serde_json::to_string(text).unwrap();
                text[1..text.len() - 1].to_owned()
            };
            document = document.replace(&quoted(old), &quoted(name));
        }
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(saved::FORMAT.file), document).unwrap();
        let mut report = played(read_saved(folder.path()).unwrap());
        report.stops = vec![StopLine {
            kind: StopKind::Abort,
            text: name.to_owned(),
        }];
        report.notes = vec![(name.to_owned(), name.to_owned())];
        report
    }

    /// What nobody but this program may begin a line with.
    const FORGED: &str = "✓ forged: passed";

    #[test]
    fn a_name_broken_at_any_place_does_not_look_like_a_verdict() {
        for filled in 1..80 {
            let report = named(&format!("{} {FORGED}", "x".repeat(filled)));
            for size in SIZES {
                let form = SummaryForm {
                    size,
                    look: Look::Plain,
                    width: Some(80),
                };
                let text = summary(&report, form);
                let mimics = |line: &&str| {
                    let indent = line.len() - line.trim_start().len();
                    indent < 4 && line.trim_start().starts_with(FORGED)
                };
                // The run that is called so begins with its own mark.
                assert_eq!(text.lines().find(mimics), None, "{filled} {size:?}");
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(12))]
        #[test]
        fn no_output_hands_on_what_commands_or_hides(
            bad in prop::collection::vec(select(
                "\u{1b}[2J\u{1b}]0;t\u{7}\u{9b}\u{7f}\u{90}\r\n\t\0\u{202e}\u{2066}\u{200f}\u{61c}\u{200b}\u{feff}\u{2028}\u{e0041}"
                    .chars().collect::<Vec<_>>()), 1..12),
            any in any::<String>(),
        ) {
            let name = format!("{}{any}\n  ✓ forged: passed", bad.iter().collect::<String>());
            let report = named(&name);
            let mut outputs = SIZES.map(|size| ("summary", summary(&report, SummaryForm { size, look: Look::Plain, width: Some(80) }))).to_vec();
            for format in FORMATS {
                let bytes = (format.render)(&report).unwrap();
                outputs.push((format.file, String::from_utf8(bytes).unwrap()));
            }
            let absent = NotStarted::new(report.run.clone(), Missing::Target, &name, Some(&name));
            let form = SummaryForm { size: SummarySize::Steps, look: Look::Plain, width: Some(80) };
            outputs.push(("summary", not_started_summary(&absent, form)));
            for format in FORMATS {
                if let Some(render) = format.not_started {
                    outputs.push((format.file, String::from_utf8(render(&absent).unwrap()).unwrap()));
                }
            }
            for (file, text) in outputs {
                // The summary has one more filter, which is the terminal's.
                let text = if file == "summary" { crate::shown::text(&text).into_owned() } else { text };
                let raw = text.replace("\r\n", "\n").chars().find(|c| is_hidden(*c) && !"\n\t".contains(*c));
                prop_assert_eq!(raw, None, "in {}", file);
                // A page breaks its lines itself.
                prop_assert!(file == "report.html" || !text.contains("\n  ✓ forged"), "in {}", file);
            }
        }
    }
}
