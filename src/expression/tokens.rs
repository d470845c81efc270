//! Words and symbols of an expression, with places: enough to tell which names
//! it uses, where a template ends, and what a comparison compares. Its grammar
//! is minijinja's.

use std::ops::Range;

use crate::language::names::is_keyword;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Word,
    Number,
    /// A quoted text; `false` when it is not closed.
    Quoted(bool),
    Symbol,
}

/// A word or symbol.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Token<'t> {
    pub(crate) kind: Kind,
    pub(crate) text: &'t str,
    pub(crate) range: Range<usize>,
    /// How many brackets are open around it.
    pub(crate) depth: usize,
}

impl Token<'_> {
    pub(crate) fn is(&self, symbol: &str) -> bool {
        self.kind == Kind::Symbol && self.text == symbol
    }

    fn is_word(&self, word: &str) -> bool {
        self.kind == Kind::Word && self.text == word
    }
}

/// Cuts an expression into tokens. Whatever the text is, this ends.
pub(crate) fn tokens(text: &str) -> Tokens<'_> {
    Tokens {
        text,
        at: 0,
        depth: 0,
    }
}

pub(crate) struct Tokens<'t> {
    text: &'t str,
    at: usize,
    depth: usize,
}

const LONG_SYMBOLS: &[&str] = &["==", "!=", "<=", ">=", "//", "**", "&&", "||"];

impl<'t> Iterator for Tokens<'t> {
    type Item = Token<'t>;

    fn next(&mut self) -> Option<Token<'t>> {
        let rest = self.text[self.at..].trim_start();
        let start = self.text.len() - rest.len();
        let first = rest.chars().next()?;
        let span = |accepted: fn(char) -> bool| rest.find(|c| !accepted(c)).unwrap_or(rest.len());
        let (kind, length) = match first {
            '"' | '\'' => quoted(rest, first),
            '0'..='9' => (
                Kind::Number,
                span(|c| c.is_ascii_alphanumeric() || c == '_'),
            ),
            c if c.is_alphabetic() || c == '_' => {
                (Kind::Word, span(|c| c.is_alphanumeric() || c == '_'))
            }
            c => {
                let long = LONG_SYMBOLS.iter().find(|long| rest.starts_with(**long));
                (Kind::Symbol, long.map_or(c.len_utf8(), |long| long.len()))
            }
        };
        self.at = start + length;
        let text = &self.text[start..self.at];
        if kind == Kind::Symbol && matches!(text, ")" | "]" | "}") {
            self.depth = self.depth.saturating_sub(1);
        }
        let token = Token {
            kind,
            text,
            range: start..self.at,
            depth: self.depth,
        };
        if kind == Kind::Symbol && matches!(text, "(" | "[" | "{") {
            self.depth += 1;
        }
        Some(token)
    }
}

fn quoted(rest: &str, quote: char) -> (Kind, usize) {
    let mut escaped = false;
    for (at, letter) in rest.char_indices().skip(1) {
        match letter {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if c == quote => return (Kind::Quoted(true), at + 1),
            _ => {}
        }
    }
    (Kind::Quoted(false), rest.len())
}

/// Where the `}}` is that ends the template whose inside begins `text`.
pub(crate) fn closing(text: &str) -> Option<usize> {
    let mut before: Option<Token<'_>> = None;
    let mut open = 0_usize;
    for token in tokens(text) {
        if token.is("{") {
            open += 1;
        } else if token.is("}") {
            let adjacent = before.filter(|b| b.is("}") && b.range.end == token.range.start);
            match adjacent {
                Some(first) if open == 0 => return Some(first.range.start),
                // The first of the two closed a mapping that was open.
                _ if open > 0 => {
                    open -= 1;
                    before = None;
                    continue;
                }
                _ => {}
            }
        }
        before = Some(token);
    }
    None
}

/// A name that an expression uses: `found.content.en`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reference<'t> {
    /// First word and what follows after dots, each with its place.
    pub(crate) words: Vec<(&'t str, Range<usize>)>,
    /// Whether it is called: `fake.email()`.
    pub(crate) called: bool,
}

/// The variables of an expression.
pub(crate) fn references<'t>(tokens: &[Token<'t>]) -> Vec<Reference<'t>> {
    let mut found = Vec::new();
    for (index, token) in tokens.iter().enumerate() {
        if token.kind != Kind::Word || is_keyword(token.text) {
            continue;
        }
        let before = index.checked_sub(1).map(|before| &tokens[before]);
        let after = tokens.get(index + 1);
        let member = before.is_some_and(|t| t.is(".") || t.is("|") || t.is_word("is"));
        let negated_test = before.is_some_and(|t| t.is_word("not"))
            && index >= 2
            && tokens[index - 2].is_word("is");
        let argument_name = token.depth > 0 && after.is_some_and(|t| t.is("="));
        if !(member || negated_test || argument_name) {
            found.push(reference(&tokens[index..]));
        }
    }
    found
}

fn reference<'t>(tokens: &[Token<'t>]) -> Reference<'t> {
    let mut words = vec![(tokens[0].text, tokens[0].range.clone())];
    let mut rest = &tokens[1..];
    while let [dot, word, tail @ ..] = rest
        && dot.is(".")
        && word.kind == Kind::Word
    {
        words.push((word.text, word.range.clone()));
        rest = tail;
    }
    Reference {
        words,
        called: rest.first().is_some_and(|token| token.is("(")),
    }
}

/// The filters (`|upper`) of an expression.
pub(crate) fn filters<'a, 't>(tokens: &'a [Token<'t>]) -> impl Iterator<Item = &'a Token<'t>> {
    tokens
        .windows(2)
        .filter(|pair| pair[0].is("|") && pair[1].kind == Kind::Word)
        .map(|pair| &pair[1])
}

/// The tests (`is defined`, `is not none`) of an expression.
pub(crate) fn tests<'a, 't>(tokens: &'a [Token<'t>]) -> impl Iterator<Item = &'a Token<'t>> {
    tokens.iter().enumerate().filter_map(|(index, token)| {
        if !token.is_word("is") {
            return None;
        }
        let next = tokens.get(index + 1)?;
        if next.is_word("not") {
            tokens.get(index + 2)
        } else {
            Some(next)
        }
    })
}

/// An expression that is one comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Comparison<'t> {
    pub(crate) left: Range<usize>,
    pub(crate) operator: &'t str,
    pub(crate) right: Range<usize>,
}

/// Splits an expression that is one comparison and nothing else.
pub(crate) fn comparison<'t>(tokens: &[Token<'t>]) -> Option<Comparison<'t>> {
    let mut found = None;
    for (index, token) in tokens.iter().enumerate() {
        if token.depth > 0 {
            continue;
        }
        let logical = ["and", "or", "not", "if", "else", "is", "in"];
        if token.kind == Kind::Word && logical.contains(&token.text) {
            return None;
        }
        let compares = ["==", "!=", "<", "<=", ">", ">="].contains(&token.text);
        if token.kind == Kind::Symbol && compares && found.replace(index).is_some() {
            return None;
        }
    }
    let index = found?;
    let (left, right) = (tokens.get(..index)?, tokens.get(index + 1..)?);
    Some(Comparison {
        left: left.first()?.range.start..left.last()?.range.end,
        operator: tokens[index].text,
        right: right.first()?.range.start..right.last()?.range.end,
    })
}

#[cfg(test)]
mod unit {
    use proptest::prelude::*;

    use super::{closing, comparison, filters, references, tests, tokens};

    fn names(text: &str) -> Vec<String> {
        let tokens: Vec<_> = tokens(text).collect();
        references(&tokens)
            .iter()
            .map(|reference| {
                let words: Vec<_> = reference.words.iter().map(|(word, _)| *word).collect();
                format!(
                    "{}{}",
                    words.join("."),
                    if reference.called { "()" } else { "" }
                )
            })
            .collect()
    }

    #[test]
    fn the_variables_of_an_expression_are_found() {
        assert_eq!(
            names("found.content.en.x == greeting and not other"),
            ["found.content.en.x", "greeting", "other"]
        );
        assert_eq!(names("fake.email() ~ 'a.b' ~ \"c\\\"d\""), ["fake.email()"]);
        assert_eq!(names("a|default(b) is not defined"), ["a", "b"]);
        assert_eq!(names("range(a, step=2)[b.c]"), ["range()", "a", "b.c"]);
        assert_eq!(names("1.5 + true"), [""; 0]);
    }

    #[test]
    fn filters_and_tests_are_found() {
        let list: Vec<_> = tokens("a|upper|join(',') is not none and b is defined").collect();
        let words: Vec<_> = filters(&list).chain(tests(&list)).map(|t| t.text).collect();
        assert_eq!(words, ["upper", "join", "none", "defined"]);
    }

    #[test]
    fn a_template_ends_where_its_braces_do() {
        assert_eq!(closing(" a }} b }}"), Some(3));
        assert_eq!(closing(" '}}' }}"), Some(6));
        assert_eq!(closing(" {'a': {'b': 1}} }}"), Some(17));
        assert_eq!(closing(" {'a': {'b': 1}}}} x"), Some(16));
        assert_eq!(closing(" a } }"), None);
    }

    #[test]
    fn only_a_lone_comparison_is_split() {
        let split = |text: &str| {
            let tokens: Vec<_> = tokens(text).collect();
            comparison(&tokens).map(|c| {
                let sides = (text[c.left].to_owned(), text[c.right].to_owned());
                (sides.0, c.operator.to_owned(), sides.1)
            })
        };
        assert_eq!(
            split("a.b|length >= (1 < 2)"),
            Some(("a.b|length".into(), ">=".into(), "(1 < 2)".into()))
        );
        for whole in [
            "a",
            "a == b and c",
            "a < b < c",
            "a is defined",
            "== a",
            "a ==",
        ] {
            assert_eq!(split(whole), None, "{whole}");
        }
    }

    proptest! {
        #[test]
        fn tokens_cover_any_text_without_panic(text in ".*") {
            let list: Vec<_> = tokens(&text).collect();
            let _ = (references(&list), comparison(&list), closing(&text));
            let seen: String = list.iter().map(|token| token.text).collect();
            let written: String = text.split_whitespace().collect();
            let seen: String = seen.split_whitespace().collect();
            prop_assert_eq!(seen, written);
        }
    }
}
