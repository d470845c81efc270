//! What can be written where the cursor stands. The text there is half a word, so a word
//! of ours is put in its place, and the reader of YAML says where that is.

use std::borrow::Cow;
use std::ops::Range;

use lsp_types::{
    CompletionItem, CompletionItemKind, CompletionTextEdit, Documentation, MarkupContent,
    MarkupKind, TextEdit,
};

use super::choices::{Choice, at as shapes_at, keys, words};
use super::cursor::{Cursor, Part, Step};
use super::hover::is_expression;
use super::names::names_at;
use super::position::range;
use crate::expression::Type;
use crate::expression::environment::FILTERS;
use crate::expression::fake::METHODS;
use crate::expression::scope::{PROCESS_KEYS, RUN_KEYS, TARGET_KEYS};
use crate::language::{FileKind, Language, Node, Problems, Shape, Source, Span, yaml};
use crate::steps::STEPS;

/// Stands for the word at the cursor.
const MARK: &str = "rehearse_cursor";

/// What can be written at a place of a file.
pub(super) fn complete(source: &Source, at: usize, language: &Language) -> Vec<CompletionItem> {
    let text = source.text();
    let word = word_at(text, at);
    for tried in patched(text, at, &word) {
        let patched = Source::new("", tried);
        let Some(root) = yaml::load(&patched, &mut Problems::default()) else {
            continue;
        };
        let kind = FileKind::of(&patched);
        let here = offered(
            &root,
            &patched,
            word.start,
            kind,
            language,
            &text[word.start..at],
        );
        let Some(here) = here else { continue };
        let span = Span {
            start: word.start,
            end: word.end,
        };
        let range = range(source, span);
        let followed = text[word.end..]
            .trim_start_matches([' ', '\t'])
            .starts_with(':');
        return here
            .into_iter()
            .map(|choice| item(choice, range, followed))
            .collect();
    }
    Vec::new()
}

/// What somebody can choose, and what is written then.
struct Offer {
    choice: Choice,
    kind: CompletionItemKind,
}

fn offered(
    root: &Node,
    patched: &Source,
    at: usize,
    kind: FileKind,
    language: &Language,
    typed: &str,
) -> Option<Vec<Offer>> {
    let cursor = Cursor::at(root, at);
    match cursor.part {
        Part::Key(key) if key.text == MARK => {
            let (last, before) = cursor.trail.split_last()?;
            let Step::Key(node, _) = last else {
                return None;
            };
            let shapes = shapes_at(language, kind, before);
            let mut all: Vec<Offer> = Vec::new();
            if node.entries().count() == 1 {
                all.extend(offers(
                    words(&shapes, language),
                    CompletionItemKind::ENUM_MEMBER,
                ));
            }
            let mut free = keys(&shapes, node);
            free.retain(|choice| node.entry(&choice.name).is_none());
            free.retain(|choice| all.iter().all(|known| known.choice.name != choice.name));
            free.sort_by_key(|choice| !choice.required);
            all.extend(offers(free, CompletionItemKind::PROPERTY));
            (!all.is_empty()).then_some(all)
        }
        Part::Value(node) => {
            let written = node.scalar().filter(|text| text.as_str().contains(MARK))?;
            let shapes = shapes_at(language, kind, &cursor.trail);
            if is_expression(&shapes, patched.text(), written.span, at) {
                return Some(in_expression(root, patched.text(), at, typed));
            }
            Some(offers(
                words(&shapes, language),
                CompletionItemKind::ENUM_MEMBER,
            ))
        }
        Part::Key(_) => None,
    }
}

fn offers(choices: Vec<Choice>, kind: CompletionItemKind) -> Vec<Offer> {
    let choices = choices.into_iter();
    choices.map(|choice| Offer { choice, kind }).collect()
}

/// Names, filters after a bar, and what is below a name that is built in.
fn in_expression(root: &Node, text: &str, at: usize, typed: &str) -> Vec<Offer> {
    let word = |name: &str, about: &str| Choice {
        name: name.to_owned(),
        about: about.to_owned(),
        shape: None,
        required: false,
    };
    let below = |path: &str, names: &[&str], after: &str| {
        let names = names.iter();
        let names = names.map(|name| word(&format!("{path}.{name}{after}"), ""));
        offers(names.collect(), CompletionItemKind::FIELD)
    };
    let before = text.get(..at).unwrap_or_default().trim_end();
    if before.ends_with('|') {
        let filters = FILTERS.iter().map(|name| word(name, "filter"));
        return offers(filters.collect(), CompletionItemKind::FUNCTION);
    }
    match typed.rsplit_once('.').map(|(path, _)| path) {
        Some("fake") => below("fake", METHODS, "()"),
        Some("target") => below("target", TARGET_KEYS, ""),
        Some("target.processes") => below("target.processes", &PROCESS_KEYS, ""),
        Some("run") => below("run", RUN_KEYS, ""),
        Some(path) => {
            let keys = result_keys(root, at, path);
            let keys: Vec<&str> = keys.iter().map(|key| &**key).collect();
            below(path, &keys, "")
        }
        None => {
            let mut names: Vec<Choice> = Vec::new();
            for name in names_at(root, at) {
                if name.at.is_none_or(|span| span.start != at)
                    && names.iter().all(|known| known.name != name.text)
                {
                    names.push(word(&name.text, &name.about));
                }
            }
            offers(names, CompletionItemKind::VARIABLE)
        }
    }
}

/// What stands below a path in the result of a step, as far as that is known: what an
/// answer has is the server's to say.
fn result_keys(root: &Node, at: usize, path: &str) -> Vec<Cow<'static, str>> {
    let mut parts = path.split('.');
    let first = parts.next().unwrap_or_default();
    let mut names = names_at(root, at).into_iter();
    let step = names
        .find(|name| name.text == first)
        .and_then(|name| name.step);
    let kind = STEPS.iter().find(|kind| step.as_deref() == Some(kind.name));
    let mut of = kind.map_or(Type::Any, |kind| (kind.result)());
    for part in parts {
        of = match of {
            Type::Record(fields) => {
                let mut fields = fields.into_iter();
                fields
                    .find(|(name, _)| name == part)
                    .map_or(Type::Any, |(_, of)| of)
            }
            _ => Type::Any,
        };
    }
    match of {
        Type::Record(fields) => fields.into_iter().map(|(name, _)| name).collect(),
        _ => Vec::new(),
    }
}

fn item(offer: Offer, range: lsp_types::Range, followed: bool) -> CompletionItem {
    let Offer { choice, kind } = offer;
    // A mapping or a list begins on the next line, mostly.
    let below = choice.shape.as_ref().is_some_and(|shape| {
        matches!(
            shape,
            Shape::Mapping(_) | Shape::List(_) | Shape::Entries(_) | Shape::Tagged(_)
        ) || matches!(shape, Shape::Named("steps"))
    });
    let written = match choice.shape {
        Some(_) if followed => choice.name.clone(),
        Some(_) if below => format!("{}:", choice.name),
        Some(_) => format!("{}: ", choice.name),
        None => choice.name.clone(),
    };
    let documentation = (!choice.about.is_empty()).then_some({
        Documentation::MarkupContent(MarkupContent {
            kind: MarkupKind::Markdown,
            value: choice.about,
        })
    });
    CompletionItem {
        label: choice.name,
        kind: Some(kind),
        documentation,
        text_edit: Some(CompletionTextEdit::Edit(TextEdit::new(range, written))),
        ..CompletionItem::default()
    }
}

/// The word that a place is in.
fn word_at(text: &str, at: usize) -> Range<usize> {
    let part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.');
    let start = text[..at].trim_end_matches(part).len();
    let end = text.len() - text[at..].trim_start_matches(part).len();
    start..end
}

/// The text with [`MARK`] in the place of a word: as a key or as a value, with all of the
/// line, or without what is after the cursor and with the brackets closed that are open.
fn patched(text: &str, at: usize, word: &Range<usize>) -> Vec<String> {
    let start = text[..at].rfind('\n').map_or(0, |end| end + 1);
    let end = text[at..].find('\n').map_or(text.len(), |end| at + end);
    let (head, before) = (&text[..start], &text[start..word.start]);
    let (after, tail) = (&text[word.end..end], &text[end..]);
    let (closers, quoted) = open_in(before);
    let is_value = quoted || before.trim_end().ends_with(':');
    let has_colon = after.trim_start().starts_with(':');
    let marks: &[&str] = match (is_value, has_colon) {
        (true, _) => &[""],
        (false, true) => &["", ": "],
        (false, false) => &[": ", ""],
    };
    let mut tried = Vec::new();
    for colon in marks {
        tried.push(format!("{head}{before}{MARK}{colon}{after}{tail}"));
        tried.push(format!("{head}{before}{MARK}{colon}{closers}{tail}"));
    }
    tried
}

/// What closes the quotes, braces and brackets that are open at the end of a line, and
/// whether that is in quotes.
fn open_in(line: &str) -> (String, bool) {
    let mut open: Vec<char> = Vec::new();
    let mut quote = None;
    let mut last = ' ';
    for c in line.chars() {
        match (quote, c) {
            (Some(q), _) if q == c => quote = None,
            // Elsewhere it is an apostrophe.
            (None, '"' | '\'') if matches!(last, ' ' | '[' | '{' | ',') => quote = Some(c),
            (None, '{') => open.push('}'),
            (None, '[') => open.push(']'),
            (None, '}' | ']') => {
                open.pop();
            }
            _ => {}
        }
        last = c;
    }
    let mut closers = String::new();
    if let Some(quote) = quote {
        let inner = line
            .rfind("{{")
            .is_some_and(|at| !line[at..].contains("}}"));
        closers += if inner { " }}" } else { "" };
        closers.push(quote);
    }
    closers.extend(open.into_iter().rev());
    (closers, quote.is_some())
}
