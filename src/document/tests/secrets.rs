//! Attempts to get a secret out.

use proptest::prelude::*;

use super::{SMALL, explain, holds, rendered, scope, text, value};
use crate::expression::{Template, take_secret};

/// Ways of writing a secret out that somebody may try.
const ATTEMPTS: &[&str] = &[
    "registered.token",
    "registered",
    "[registered.token]",
    "{'a': {'b': registered}}",
    "registered.token|upper",
    "registered.token|string",
    "registered.token|trim",
    "registered.token|replace('t', 'x')",
    "registered.token|title",
    "registered.token|capitalize",
    "registered.token|tojson",
    "registered|tojson",
    "registered.token|pprint",
    "registered.token|list",
    "registered.token|join(',')",
    "[registered.token]|join(',')",
    "registered|dictsort",
    "registered|items",
    "[registered, again]|map(attribute='token')|join",
    "[registered.token, again.token]|sort|first",
    "[registered.token, again.token]|min",
    "registered.token|first",
    "registered.token|last",
    "registered.token|reverse",
    "registered.token|length",
    "registered.token|split('-')",
    "registered.token|int",
    "registered.token|float",
    "registered.token|bool",
    "registered.token|default('x')",
    "registered.token|format",
    "'%s'|format(registered.token)",
    "'%r'|format(registered.token)",
    "registered.token ~ ''",
    "'' ~ registered.token",
    "registered.token + ''",
    "registered.token * 2",
    "registered.token[0]",
    "registered.token[0:3]",
    "registered.token.upper()",
    "registered.token.expose_secret()",
    "'t' in registered.token",
    "registered.token is startingwith('t')",
    "dict(a=registered.token)",
    "debug()",
    "debug(registered.token)",
    "target.captcha_token",
    "target",
    "target.captcha_token ~ ''",
    "fake",
    "range(registered.token)",
    "now(registered.token)",
    "fake.words(registered.token)",
];

#[test]
fn no_text_gets_a_secret() {
    for attempt in ATTEMPTS {
        let shown = format!("{:?}", text(&format!("\"x {{{{ {attempt} }}}}\"")));
        assert!(!shown.contains("s3cret"), "{attempt}: {shown}");
        assert!(!shown.contains("T0KEN"), "{attempt}: {shown}");
    }
}

#[test]
fn no_value_that_is_written_out_shows_a_secret() {
    for attempt in ATTEMPTS {
        let Ok(value) = rendered(&format!("\"{{{{ {attempt} }}}}\"")) else {
            continue;
        };
        let json = serde_json::to_string(&value).unwrap_or_default();
        let shown = format!("{value} {value:?} {json}");
        assert!(!shown.contains("s3cret"), "{attempt}: {shown}");
    }
}

#[test]
fn no_explanation_shows_a_secret() {
    for attempt in ATTEMPTS {
        let condition = format!("{attempt} == 'x'");
        let held = format!("{:?}", holds(&condition));
        assert!(!held.contains("s3cret"), "{attempt}: {held}");
    }
    let shown = explain("registered.token == again.token").unwrap();
    assert_eq!(
        shown,
        "`registered.token` is [secret] and `again.token` is [secret]"
    );
    let shown = explain("registered == again").unwrap();
    assert!(
        !shown.contains("s3cret") && shown.contains("[secret]"),
        "{shown}"
    );
}

#[test]
fn a_secret_in_a_text_is_an_error_that_names_the_expression() {
    for attempt in ["registered.token", "target.captcha_token"] {
        assert_eq!(
            text(&format!("\"{{{{ {attempt} }}}}\"")),
            Err(format!(
                "`{attempt}` is a secret: it can be compared and passed on whole, not put into a text"
            ))
        );
    }
    let whole = text("\"{{ registered }}\"");
    assert_eq!(whole, Err("`registered` is a mapping, not a text".into()));
}

#[test]
fn a_secret_is_compared_and_passed_on() {
    assert_eq!(holds("registered.token == registered.token"), Ok(true));
    assert_eq!(holds("registered.token == again.token"), Ok(false));
    assert_eq!(holds("registered.token != again.token"), Ok(true));
    assert_eq!(holds("registered.token == 't0ken-s3cret'"), Ok(true));
    assert_eq!(holds("'t0ken-s3cret' != registered.token"), Ok(false));
    assert_eq!(holds("registered.token != ''"), Ok(true));
    let value = rendered("\"{{ target.captcha_token }}\"").unwrap();
    assert!(take_secret(&value).is_some());
}

#[test]
fn secrets_have_no_order_by_which_they_could_be_guessed() {
    for condition in ["registered.token < 'u'", "again.token >= registered.token"] {
        let error = holds(condition).unwrap_err();
        assert!(error.contains("no order"), "{error}");
    }
}

#[test]
fn nobody_can_look_into_a_secret_for_something_that_is_not_there() {
    for condition in [
        "'x' not in registered.token",
        "'x' not in (registered.token|string)",
        "'x' in registered.token or true",
        "'x' not in [registered, again]|map(attribute='token')|list or vu in registered.token",
    ] {
        let error = holds(condition).unwrap_err();
        assert!(error.contains("nobody can look into them"), "{error}");
    }
    assert_eq!(holds("registered.token in [again.token]"), Ok(false));
    assert_eq!(holds("'a' in 'abc' and 'x' not in 'abc'"), Ok(true));
}

#[test]
fn data_with_a_secret_in_it_is_refused_where_it_would_be_stored() {
    let template: Template = value("{en: {a: [x, \"{{ registered.token }}\"]}}").unwrap();
    let error = template.render_open(&scope(SMALL)).unwrap_err().to_string();
    assert!(
        error.starts_with("`registered.token` is a secret"),
        "{error}"
    );
}

proptest! {
    #[test]
    fn no_combination_of_filters_shows_a_secret(
        filters in prop::collection::vec(0..crate::expression::environment::FILTERS.len(), 1..4),
    ) {
        let mut expression = "registered.token".to_owned();
        for index in filters {
            expression.push('|');
            expression.push_str(crate::expression::environment::FILTERS[index]);
        }
        for source in [expression.clone(), format!("[{expression}]|string"), format!("({expression}) ~ 'x'")] {
            let shown = format!("{:?}", rendered(&format!("\"{{{{ {source} }}}}\"")));
            let lower = shown.to_lowercase();
            prop_assert!(!lower.contains("s3cret") && !lower.contains("t0ken"), "{} {}", source, shown);
        }
    }
}
