//! How a file is laid out: two spaces a level, one style of lists and mappings, and
//! nothing else of what it says.

use std::panic::catch_unwind;

use pretty_yaml::config::{FormatOptions, LanguageOptions, LayoutOptions};
use pretty_yaml::format_text;
// What `yaml` reads with: a formatter that read otherwise could not be held to it.
use serde_yaml::granit_parser::{Event, Parser, ScalarStyle, StructureStyle, options};

use super::problem::{Problem, Problems};
use super::source::{Source, Span};
use super::yaml;

/// Collections in braces and brackets that are longer are broken into lines.
const WIDTH: usize = 120;
/// Levels that the library lays out: it keeps the indents of 64 of them at most.
const LEVELS: usize = 24;
/// Of these, in braces and brackets: of what the library cannot read, it tries all
/// of them twice each.
const FLOW_LEVELS: usize = 8;
/// Times that a text is laid out, until it stays as it is.
const PASSES: usize = 3;

/// The text of a file, laid out.
///
/// # Errors
/// With what is wrong with the file, or with what cannot be laid out without
/// changing what it says; then it is to be left as it is.
pub fn format(source: &Source) -> Result<String, Problems> {
    let mut problems = Problems::default();
    yaml::load(source, &mut problems);
    if !problems.is_empty() {
        return Err(problems);
    }
    laid_out(source.text()).ok_or_else(|| {
        let message = "this file cannot be formatted with certainty that it says the same";
        let help = format!(
            "it is left as it is; nest at most {LEVELS} levels, {FLOW_LEVELS} of them in braces and brackets"
        );
        problems.push(Problem::new(Span::default(), message, help));
        problems
    })
}

fn laid_out(text: &str) -> Option<String> {
    let said = Said::read(text)?;
    let mut text = text.replace("\r\n", "\n");
    for _ in 0..PASSES {
        // What it panics on is not known; what it writes is held against what was there.
        let next = catch_unwind(|| format_text(&text, &style())).ok()?.ok()?;
        if next == text {
            return (Said::read(&text)? == said).then_some(text);
        }
        text = next;
    }
    None
}

fn style() -> FormatOptions {
    FormatOptions {
        layout: LayoutOptions {
            print_width: WIDTH,
            ..LayoutOptions::default()
        },
        language: LanguageOptions {
            brace_spacing: false,
            trailing_comma: false,
            ..LanguageOptions::default()
        },
    }
}

/// Everything that a file says, whatever its layout.
#[derive(Debug, Default, PartialEq)]
struct Said {
    parts: Vec<Part>,
    comments: Vec<String>,
}

#[derive(Debug, PartialEq)]
enum Part {
    /// A text, and whether it stands without quotes, so that it may be a number.
    Text(String, bool),
    Alias(usize),
    Anchor(String),
    Begin(&'static str, StructureStyle),
    End,
}

impl Said {
    /// `None` when it cannot be read, or is nested too deep.
    fn read(text: &str) -> Option<Self> {
        let options = options! { emit_comments: true, emit_anchor_events: true };
        let mut said = Self::default();
        let (mut levels, mut flow) = (0, 0);
        for event in Parser::new_from_str_with_options(text, options) {
            let part = match event.ok()?.0 {
                Event::Comment(text, _) => {
                    said.comments.push(text.trim_end().to_owned());
                    continue;
                }
                Event::Scalar(text, style, ..) => {
                    Part::Text(text.into_owned(), style == ScalarStyle::Plain)
                }
                Event::Alias(id) => Part::Alias(id),
                Event::Anchor(_, name) => Part::Anchor(name.into_owned()),
                Event::SequenceStart(style, ..) => Part::Begin("list", style),
                Event::MappingStart(style, ..) => Part::Begin("mapping", style),
                Event::SequenceEnd | Event::MappingEnd => Part::End,
                _ => continue,
            };
            match part {
                Part::Begin(_, style) => {
                    levels += 1;
                    flow += usize::from(style == StructureStyle::Flow);
                }
                // What is in braces has nothing else in it.
                Part::End => (levels, flow) = (levels - 1, usize::saturating_sub(flow, 1)),
                _ => {}
            }
            if levels > LEVELS || flow > FLOW_LEVELS {
                return None;
            }
            said.parts.push(part);
        }
        Some(said)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use proptest::prelude::*;

    use super::{Part, Said, format};
    use crate::language::source::Source;

    fn formatted(text: &str) -> Option<String> {
        format(&Source::new("a.yaml", text)).ok()
    }

    #[test]
    fn the_layout_changes_and_nothing_else() {
        let text = "#first\nscenarios:\n\n\n  a:\n      executor:   per_vu_iterations\r
      steps:\n      - http: { url: '/x' ,method: GET }   \n      - http:
          url: \"it's\"   # c\n          headers: [ 1,2,\n             3 ]\n          body: |2-
               exact  \n             text   \n\n          x: >\n            folded
            text\n          g: &a   {a: 1}\n          h: *a\n      # trailing\n      -   reload\n# end";
        let laid_out = [
            "#first",
            "scenarios:",
            "  a:",
            "    executor: per_vu_iterations",
            "    steps:",
            "      - http: {url: \"/x\", method: GET}",
            "      - http:",
            "          url: \"it's\" # c",
            "          headers: [1, 2, 3]",
            "          body: |2-",
            "               exact  ",
            "             text   ",
            "",
            "          x: >",
            "            folded",
            "            text",
            "          g: &a {a: 1}",
            "          h: *a",
            "      # trailing",
            "      - reload",
            "# end",
        ];
        assert_eq!(formatted(text).unwrap(), laid_out.join("\n") + "\n");
    }

    #[test]
    fn what_cannot_be_read_is_told_as_check_tells_it() {
        let problems = format(&Source::new("a.yaml", "a: [1\nb: 2\n")).unwrap_err();
        assert!(!problems.is_empty());
    }

    /// What is nested deep is left as it is, and that is known at once.
    #[test]
    fn nesting_has_an_end() {
        let begun = Instant::now();
        for (open, close) in [("[", "]"), ("{a: ", "}"), ("- ", ""), ("[? ", "]")] {
            for levels in [8, 24, 25, 60] {
                let text = format!("{}x{}\n", open.repeat(levels), close.repeat(levels));
                let _ = formatted(&text);
            }
            assert_eq!(
                formatted(&format!("{}x{}", open.repeat(60), close.repeat(60))),
                None
            );
        }
        assert!(formatted(&format!("{}x{}", "[".repeat(8), "]".repeat(8))).is_some());
        assert!(begun.elapsed().as_secs() < 20);
    }

    /// Lines of a file as somebody might write them, with any indents.
    fn line() -> impl Strategy<Value = String> {
        let part = prop_oneof![
            Just("a: 1"),
            Just("b:   'x'"),
            Just("- c"),
            Just("-   d: {e: 1 ,f: [ 2,3 ]}"),
            Just("# comment"),
            Just("g: \"it's\"  # why"),
            Just("h: |"),
            Just("i: >-"),
            Just("j: &k"),
            Just("l: *k"),
            Just("m: &n {o: é}"),
            Just("p:"),
            Just("-"),
            Just("? q"),
            Just("free text  "),
            Just(""),
            Just("[r,"),
            Just("]"),
            Just("\"s\\n\": 1e3"),
        ];
        (0..4_usize, part).prop_map(|(indent, part)| format!("{}{part}\n", "  ".repeat(indent)))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1500))]
        #[test]
        fn it_says_the_same_and_stays(lines in proptest::collection::vec(line(), 1..14)) {
            let text = lines.concat();
            if let Some(once) = formatted(&text) {
                prop_assert!(Said::read(&text) == Said::read(&once), "{text}\n---\n{once}");
                prop_assert_eq!(formatted(&once), Some(once.clone()));
                prop_assert!(once.ends_with('\n'));
                // Empty lines in a text are a part of it.
                let in_text = |part: &Part| matches!(part, Part::Text(text, _) if text.contains('\n'));
                let in_text = Said::read(&text).is_some_and(|said| said.parts.iter().any(in_text));
                prop_assert!(in_text || !once.contains("\n\n\n"), "{once}");
            }
        }
    }
}
