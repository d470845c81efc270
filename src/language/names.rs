//! Names: which are well formed, and which one was meant.

/// Words that expressions give a meaning of their own.
const KEYWORDS: &[&str] = &[
    "and", "or", "not", "in", "is", "if", "else", "true", "false", "none", "True", "False", "None",
    "loop", "self",
];

/// Longest name that could be a slip of another one, in bytes.
const LONGEST: usize = 100;
/// Most names of a list.
const MOST: usize = 60;

/// True for a word of the expression language.
pub(crate) fn is_keyword(name: &str) -> bool {
    KEYWORDS.contains(&name)
}

/// True when an expression can refer to a variable of this name.
pub(crate) fn is_identifier(name: &str) -> bool {
    let mut letters = name.chars();
    letters
        .next()
        .is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
        && letters.all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
        && !is_keyword(name)
}

/// The known name that was probably meant.
pub(crate) fn nearest<'a>(written: &str, known: &[&'a str]) -> Option<&'a str> {
    if written.len() > LONGEST {
        return None;
    }
    let plain = |name: &str| name.to_lowercase().replace(['-', ' '], "_");
    let written = plain(written);
    // A third of the letters may be wrong, and at least one.
    let tolerance = (written.chars().count() / 3).max(1);
    known
        .iter()
        .filter(|name| name.len() <= LONGEST)
        .map(|name| (strsim::damerau_levenshtein(&written, &plain(name)), *name))
        .filter(|(distance, name)| *distance <= tolerance && *distance < name.len())
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

/// `did you mean …?`, else all that are known.
pub(crate) fn suggestion(written: &str, known: &[&str]) -> Option<String> {
    if let Some(name) = nearest(written, known) {
        return Some(format!("did you mean `{name}`?"));
    }
    match known {
        [] => None,
        [one] => Some(format!("there is only `{one}`")),
        many => Some(format!("one of {}", list(many))),
    }
}

/// `` `a`, `b`, `c` ``
pub(crate) fn list(names: &[&str]) -> String {
    let told = names.iter().take(MOST);
    let quoted: Vec<String> = told.map(|name| format!("`{name}`")).collect();
    match names.len().saturating_sub(MOST) {
        0 => quoted.join(", "),
        more => format!("{} and {more} more", quoted.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::{is_identifier, nearest, suggestion};

    #[test]
    fn a_slip_of_the_finger_is_understood() {
        let known = ["register", "login", "data_sample.get"];
        assert_eq!(nearest("registr", &known), Some("register"));
        assert_eq!(nearest("Login", &known), Some("login"));
        assert_eq!(nearest("data-sample.get", &known), Some("data_sample.get"));
        assert_eq!(nearest("lgoin", &known), Some("login"));
    }

    #[test]
    fn something_else_altogether_is_not_guessed_at() {
        assert_eq!(nearest("upload", &["register", "login"]), None);
        assert_eq!(nearest("x", &["y"]), None);
        assert_eq!(
            suggestion("upload", &["register", "login"]).as_deref(),
            Some("one of `register`, `login`")
        );
    }

    #[test]
    fn an_identifier_is_what_an_expression_can_refer_to() {
        assert!(is_identifier("key_pairs2") && is_identifier("_x"));
        for bad in ["", "2a", "a-b", "a.b", "é", "not", "true"] {
            assert!(!is_identifier(bad), "{bad}");
        }
    }
}
