//! Problems as a user sees them: the line, the place in it, how to correct it.

use std::fmt::{self, Write as _};
use std::ops::Range;

use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError,
    MietteSpanContents, SourceCode, SourceSpan, SpanContents,
};

use super::problem::{Problem, Problems, Severity};
use super::source::{Source, Span};
use super::source_map::SourceMap;
use crate::numbers::plural;
use crate::shown::terminal::Look;
use crate::shown::{Secrets, line as one_line, text};

/// Columns at which messages are broken.
const WIDTH: usize = 110;

/// The frame and colours of a message.
fn theme(look: Look) -> GraphicalTheme {
    match look {
        Look::Plain => GraphicalTheme::unicode_nocolor(),
        Look::Colour => GraphicalTheme::unicode(),
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
        let handler = GraphicalReportHandler::new_themed(theme(look))
            .with_links(false)
            .with_context_lines(1)
            .with_width(WIDTH);
        let mut text = String::new();
        for (severity, problem) in those {
            if !text.is_empty() {
                text.push('\n');
            }
            let (source, place) = sources.place(problem.span);
            let located = Excerpt::new(source, place).map(|excerpt| Located {
                problem,
                severity,
                excerpt,
            });
            let rendered = located.map(|it| handler.render_report(&mut text, &it));
            if !matches!(rendered, Some(Ok(()))) {
                // A place that is not in this source: the message still counts.
                text.push_str(&told(&problem.message));
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

/// What is shown of a text: no character is hidden, and what has the looks of a
/// secret is cut out. A file may hold one, and this goes to a log.
fn told(part: &str) -> String {
    Secrets::default().cut(&text(part))
}

/// A problem with the line that it is on.
#[derive(Debug)]
struct Located<'a> {
    problem: &'a Problem,
    severity: Severity,
    excerpt: Excerpt,
}

/// The line that a place is on, without its neighbours: they would only be in
/// the way of the next problem.
#[derive(Debug)]
struct Excerpt {
    file: String,
    line: usize,
    column: usize,
    text: String,
    /// The place in this text.
    marked: Range<usize>,
}

impl Excerpt {
    /// Of a place in a file. It is cut at the end of its first line: nobody wants
    /// to see a whole mapping underlined.
    fn new(source: &Source, place: Span) -> Option<Self> {
        let all = source.text();
        let start = place.start.min(all.len());
        let end = place.end.clamp(start, all.len());
        // No further than what is shown of a long line.
        let part = source.shown_at(start..end);
        let before = all.get(part.start..start)?;
        let from = all.get(start..part.end)?;
        let from = from.strip_suffix('\r').unwrap_or(from);
        let inside = from.get(..end - start).unwrap_or(from);
        let inside = match inside.trim_end() {
            "" => inside,
            visible => visible,
        };
        let (line, column) = source.position(start);
        let after = from.get(inside.len()..).unwrap_or_default();
        let parts = [before, inside, after].map(told);
        let whole = told(&[before, from].concat());
        let is_apart = whole == parts.concat();
        let first = parts[0].len();
        Some(Self {
            file: one_line(source.name()).into_owned(),
            line,
            column,
            // What is a secret only together with what stands before it.
            marked: if is_apart {
                first..first + parts[1].len()
            } else {
                0..whole.len()
            },
            text: whole,
        })
    }
}

impl fmt::Display for Located<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&told(&self.problem.message))
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
        Some(Box::new(told(help)))
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.excerpt)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let words = self.problem.label.as_deref().map(told);
        let marked = &self.excerpt.marked;
        let span = SourceSpan::new(marked.start.into(), marked.len());
        let label = LabeledSpan::new_with_span(words, span);
        Some(Box::new(std::iter::once(label)))
    }
}

/// Where context is asked for, it is the whole line. Without context it is the
/// span alone, which is how miette learns its line and column.
impl SourceCode for Excerpt {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        _after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let (range, column) = if before > 0 {
            (0..self.text.len(), 0)
        } else {
            (span.offset()..span.offset() + span.len(), self.column - 1)
        };
        let data = self.text.as_bytes().get(range.clone());
        let data = data.ok_or(MietteError::OutOfBounds)?;
        Ok(Box::new(MietteSpanContents::new_named(
            self.file.clone(),
            data,
            SourceSpan::new(range.start.into(), range.len()),
            self.line - 1,
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
    fn what_looks_like_a_secret_is_not_shown_wherever_the_mark_is() {
        let line = r#"url: "/x?access_token=QTOKEN", a: "Basic Ym9iOkhVTlRFUjI=", b: oops"#;
        let source = file(line);
        for part in ["oops", "url", "Ym9iOk", "QTOKEN", "Basic Ym9iOkhVTlRFUjI="] {
            let start = line.find(part).unwrap();
            let end = start + part.len();
            let text = one(Span { start, end }).render(&source, Look::Plain);
            let hidden = r#"url: "/x?access_token=[secret]", a: "Basic [secret]", b: oops"#;
            assert!(text.contains(hidden), "{text}");
            assert!(!text.contains("QTOKEN") && !text.contains("Ym9i"), "{text}");
        }
    }

    #[test]
    fn only_a_terminal_gets_control_sequences() {
        let source = file("name: x\n");
        let problems = one(Span { start: 0, end: 4 });
        assert!(!problems.render(&source, Look::Plain).contains('\u{1b}'));
        assert!(problems.render(&source, Look::Colour).contains('\u{1b}'));
    }

    #[test]
    fn what_a_file_holds_is_shown_and_marked_where_it_is() {
        let bad = "\u{1b}[31m\u{202e}";
        let source = SourceMap::new(Source::new("a\u{1b}[2J.yaml", format!("n: {bad}x\r\n")));
        let mut problems = Problems::default();
        let span = Span { start: 11, end: 12 };
        let said = Problem::new(span, format!("bad {bad}"), format!("mend {bad}"));
        problems.push(said.labelled(format!("here {bad}")));
        insta::assert_snapshot!(problems.render(&source, Look::Plain), @r"
          × bad \u{1b}[31m\u{202e}
           ╭─[a\u{1b}[2J.yaml:1:10]
         1 │ n: \u{1b}[31m\u{202e}x
           ·                      ┬
           ·                      ╰── here \u{1b}[31m\u{202e}
           ╰────
          help: mend \u{1b}[31m\u{202e}
        ");
        let colours = problems.render(&source, Look::Colour);
        let foreign = colours.split('\u{1b}').skip(1).any(|part| {
            let end = part.find('m').unwrap();
            !part[1..end]
                .bytes()
                .all(|byte| byte.is_ascii_digit() || byte == b';')
        });
        assert!(!foreign && !colours.contains('\u{202e}'), "{colours:?}");
    }

    #[test]
    fn a_place_beyond_the_file_is_no_panic() {
        let source = file("");
        let text = one(Span { start: 70, end: 90 }).render(&source, Look::Plain);
        assert!(text.contains("bad thing"));
    }
}
