//! Expressions as other tools write them, and how they are written here.

/// Words between two values in other tools, and how that is written: what stands
/// before them, between them, and after both; whether the two change places.
const WORDS: &[(&str, [&str; 3], bool)] = &[
    ("contains", ["", " in ", ""], true),
    ("includes", ["", " in ", ""], true),
    ("matches", ["", " is matching(", ")"], false),
    ("startsWith", ["", " is startingwith(", ")"], false),
    ("endsWith", ["", " is endingwith(", ")"], false),
    ("equals", ["", " == ", ""], false),
    ("eq", ["", " == ", ""], false),
];

/// How an expression is written that has a word of another tool in it.
pub(super) fn form(source: &str) -> Option<String> {
    let source = source.trim();
    if let Some(name) = source.strip_prefix('$') {
        return Some(format!("names have no `$`: write `{name}`"));
    }
    if let Some(value) = source.strip_suffix(" exists") {
        return Some(format!("write `{} is defined`", value.trim()));
    }
    WORDS
        .iter()
        .find_map(|(word, [before, between, after], exchanged)| {
            let (left, right) = source.split_once(&format!(" {word} "))?;
            let (left, right) = (left.trim(), right.trim());
            let (first, second) = if *exchanged {
                (right, left)
            } else {
                (left, right)
            };
            Some(format!("write `{before}{first}{between}{second}{after}`"))
        })
}

#[cfg(test)]
mod tests {
    use super::form;
    use crate::expression::environment::ENVIRONMENT;

    #[test]
    fn what_is_shown_instead_is_an_expression() {
        for (foreign, here) in [
            ("page contains \"a\"", "\"a\" in page"),
            ("page matches \"a+\"", "page is matching(\"a+\")"),
            ("page startsWith \"a\"", "page is startingwith(\"a\")"),
            ("page endsWith \"a\"", "page is endingwith(\"a\")"),
            ("page exists", "page is defined"),
            ("page eq 1", "page == 1"),
            ("$page", "page"),
        ] {
            let help = form(foreign).unwrap();
            assert!(help.ends_with(&format!("`{here}`")), "{help}");
            ENVIRONMENT.compile_expression(here).unwrap();
        }
        assert_eq!(form("page =="), None);
    }
}
