//! Problems as a user sees them: the line, the place in it, how to correct it.

use std::fmt::{self, Write as _};
use std::io::IsTerminal;

use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError,
    MietteSpanContents, SourceCode, SourceSpan, SpanContents,
};

use super::problem::{Problem, Problems, Severity};
use super::source::{Source, Span};
use super::source_map::SourceMap;
use crate::numbers::plural;

/// Columns at which messages are broken.
const WIDTH: usize = 110;

/// Whether messages are coloured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// No control sequences.
    Plain,
    /// ANSI colours.
    Colour,
}

impl Look {
    /// What suits standard error: colours on a terminal, unless `NO_COLOR` is
    /// set.
    pub fn for_stderr() -> Self {
        let unwanted = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        if std::io::stderr().is_terminal() && !unwanted {
            Self::Colour
        } else {
            Self::Plain
        }
    }

    /// What suits standard output.
    pub fn for_stdout() -> Self {
        let unwanted = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        if std::io::stdout().is_terminal() && !unwanted {
            Self::Colour
        } else {
            Self::Plain
        }
    }

    fn theme(self) -> GraphicalTheme {
        match self {
            Self::Plain => GraphicalTheme::unicode_nocolor(),
            Self::Colour => GraphicalTheme::unicode(),
        }
    }
}

impl Problems {
    /// All errors, each with its line, ready to be printed.
    pub fn render(&self, sources: &SourceMap, look: Look) -> String {
        let errors = self.iter().map(|problem| (Severity::Error, problem));
        self.render_those(errors, sources, look)
    }

    /// Errors and warnings, each with its line, ready to be printed.
    pub fn render_all(&self, sources: &SourceMap, look: Look) -> String {
        self.render_those(self.all().into_iter(), sources, look)
    }

    fn render_those<'p>(
        &self,
        those: impl Iterator<Item = (Severity, &'p Problem)>,
        sources: &SourceMap,
        look: Look,
    ) -> String {
        let handler = GraphicalReportHandler::new_themed(look.theme())
            .with_links(false)
            .with_context_lines(1)
            .with_width(WIDTH);
        let mut text = String::new();
        for (severity, problem) in those {
            if !text.is_empty() {
                text.push('\n');
            }
            let (source, place) = sources.place(problem.span);
            let located = Located {
                problem,
                severity,
                source,
                place,
            };
            if handler.render_report(&mut text, &located).is_err() {
                // A place that is not in this source: the message still counts.
                text.push_str(&problem.message);
                text.push('\n');
            }
        }
        if self.left_out() > 0 {
            let more = plural(self.left_out() as u64, "more problem", "more problems");
            let _ = writeln!(text, "\n  and {more}, told once these are corrected");
        }
        text
    }
}

/// A problem together with its file.
#[derive(Debug)]
struct Located<'a> {
    problem: &'a Problem,
    severity: Severity,
    source: &'a Source,
    /// In that file.
    place: Span,
}

impl Located<'_> {
    /// The place, cut at the end of its first line: nobody wants to see a
    /// whole mapping underlined.
    fn marked(&self) -> SourceSpan {
        let text = self.source.text();
        let start = self.place.start.min(text.len());
        let end = self.place.end.clamp(start, text.len());
        let marked = text.get(start..end).unwrap_or_default();
        let line = marked.lines().next().unwrap_or_default();
        // No further than what is shown of a long line.
        let shown = self.source.shown_at(start..end).end.saturating_sub(start);
        let line = line.get(..shown).unwrap_or(line);
        let visible = line.trim_end().len();
        let length = if visible == 0 { line.len() } else { visible };
        SourceSpan::new(start.into(), length)
    }
}

impl fmt::Display for Located<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.problem.message)
    }
}

impl std::error::Error for Located<'_> {}

impl Diagnostic for Located<'_> {
    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.severity {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
        })
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        let help = self.problem.help.as_ref()?;
        Some(Box::new(help))
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(self.source)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let label = LabeledSpan::new_with_span(self.problem.label.clone(), self.marked());
        Some(Box::new(std::iter::once(label)))
    }
}

/// Where context is asked for, it is the line that the span is on; its
/// neighbours would only be in the way of the next problem. Without context it
/// is the span alone, which is how miette learns its line and column.
impl SourceCode for Source {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        _after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let text = self.text();
        let (start, end) = (span.offset(), span.offset() + span.len());
        let (line, column) = self.position(start);
        let (range, column) = if before > 0 {
            (self.shown_at(start..end), 0)
        } else {
            (start..end, column - 1)
        };
        let data = text.as_bytes().get(range.clone());
        let data = data.ok_or(MietteError::OutOfBounds)?;
        Ok(Box::new(MietteSpanContents::new_named(
            self.name().to_owned(),
            data,
            SourceSpan::new(range.start.into(), range.len()),
            line - 1,
            column,
            1,
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::Look;
    use crate::language::problem::{Problem, Problems};
    use crate::language::source::{Source, Span};
    use crate::language::source_map::SourceMap;

    fn file(text: &str) -> SourceMap {
        SourceMap::new(Source::new("mine.yaml", text))
    }

    fn one(span: Span) -> Problems {
        let mut problems = Problems::default();
        problems.push(Problem::new(span, "bad thing", "mend it").labelled("here"));
        problems
    }

    #[test]
    fn a_problem_shows_its_line_and_how_to_mend_it() {
        let source = file("name: x\nvars: {a: 1}\n");
        let text = one(Span { start: 14, end: 20 }).render(&source, Look::Plain);
        insta::assert_snapshot!(text, @r"
          × bad thing
           ╭─[mine.yaml:2:7]
         2 │ vars: {a: 1}
           ·       ───┬──
           ·          ╰── here
           ╰────
          help: mend it
        ");
    }

    #[test]
    fn only_a_terminal_gets_control_sequences() {
        let source = file("name: x\n");
        let problems = one(Span { start: 0, end: 4 });
        assert!(!problems.render(&source, Look::Plain).contains('\u{1b}'));
        assert!(problems.render(&source, Look::Colour).contains('\u{1b}'));
    }

    #[test]
    fn a_place_beyond_the_file_is_no_panic() {
        let source = file("");
        let text = one(Span { start: 70, end: 90 }).render(&source, Look::Plain);
        assert!(text.contains("bad thing"));
    }
}
