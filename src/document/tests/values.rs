//! What templates and conditions give.

use minijinja::Value;

use super::{SMALL, explain, holds, read, rendered, target, text};
use crate::expression::Globals;

#[test]
fn a_value_that_is_only_an_expression_keeps_its_type() {
    assert_eq!(rendered("\"{{ n }}\"").unwrap(), Value::from(7));
    assert_eq!(rendered("\"{{ n + 1 }}\"").unwrap(), Value::from(8));
    assert_eq!(rendered("\"{{ n }}!\"").unwrap(), Value::from("7!"));
    assert_eq!(
        rendered("20220929083400").unwrap(),
        Value::from(20_220_929_083_400_i64)
    );
    assert_eq!(
        rendered("[1, \"1\", 0x1, true, \"{{ n == 7 }}\"]")
            .unwrap()
            .to_string(),
        "[1, '1', '0x1', True, True]"
    );
}

#[test]
fn templates_reach_into_mappings_and_lists() {
    let value =
        rendered("{b: [\"{{ greeting }} {{ vu }}\"], a: \"{{ registered.login }}\", c: {d: null}}");
    assert_eq!(
        serde_json::to_string(&value.unwrap()).unwrap(),
        r#"{"b":["Hello 3"],"a":"ada@example.org","c":{"d":null}}"#
    );
}

#[test]
fn a_text_is_what_was_written() {
    for (template, expected) in [
        ("0123", "0123"),
        ("+32470123456", "+32470123456"),
        ("1.10", "1.10"),
        ("no", "no"),
        ("12:30", "12:30"),
        ("\"{{ scenario }}-{{ vu }}-{{ iteration }}\"", "a-3-2"),
        ("\"{{ '}}' }} {{ {'a': {'b': 1}}.a.b }}\"", "}} 1"),
        ("'a {{- n -}} b'", "a7b"),
        ("'{{ -n }} {{ n == 7 }}'", "-7 true"),
        ("\"a } } { b\"", "a } } { b"),
        ("''", ""),
        ("|\n  two\n  lines {{ n }}\n", "two\nlines 7\n"),
    ] {
        assert_eq!(text(template).as_deref(), Ok(expected), "{template}");
    }
}

#[test]
fn what_is_no_text_is_not_put_into_one() {
    assert_eq!(
        text("\"{{ [1] }}\"").unwrap_err(),
        "`[1]` is a list, not a text (join it: `{{ [1]|join(\", \") }}`)"
    );
    assert_eq!(
        text("\"{{ none }}\"").unwrap_err(),
        "`none` is null, not a text"
    );
}

#[test]
fn what_is_not_there_is_an_error_and_never_different() {
    for condition in [
        "again.tokn != registered.token",
        "registered.token != again.tokn",
        "again.tokn == again.tokn",
        "again.n.x.y == 1",
        "not again.tokn",
        "n == 7 and again.tokn != 1",
        "again['tokn'] != 1",
        "again.tokn|length == 0",
        "again.tokn",
    ] {
        assert!(holds(condition).is_err(), "{condition}");
    }
    assert_eq!(
        holds("again.tokn != 1").unwrap_err(),
        "`again.tokn` is not defined"
    );
    assert_eq!(
        text("\"{{ again.tokn ~ 'x' }}\"").unwrap_err(),
        "`again.tokn` is not defined"
    );
}

#[test]
fn a_condition_may_ask_what_is_there() {
    assert_eq!(holds("again.tokn is not defined"), Ok(true));
    assert_eq!(
        holds("again.tokn is defined and again.tokn.x == 1"),
        Ok(false)
    );
    assert_eq!(holds("again.tokn|default('x') == 'x'"), Ok(true));
}

#[test]
fn conditions_are_minijinjas() {
    for condition in [
        "n == 7 and not vu == 4",
        "greeting|lower in ['hello', 'x']",
        "greeting|length > 3",
        "(1 if n > 6 else 2) == 1",
        "registered.login is endingwith('@example.org')",
        "target.responsible == 'r-1'",
        "range(3)|list == [0, 1, 2]",
    ] {
        assert_eq!(holds(condition), Ok(true), "{condition}");
    }
}

#[test]
fn an_explanation_gives_both_sides() {
    assert_eq!(
        explain("greeting == registered.login").unwrap(),
        r#"`greeting` is "Hello" and `registered.login` is "ada@example.org""#
    );
    assert_eq!(explain("n == 8").unwrap(), "`n` is 7");
    assert_eq!(explain("n == 8 and vu == 1").unwrap(), "it is false");
    assert_eq!(explain("again.x == 8").unwrap(), "`again.x` is not defined");
    let long = explain("range(1000)|list == n").unwrap();
    assert!(long.contains('…') && long.len() < 200, "{long}");
}

/// The variables of a file in which nothing is wrong.
fn globals(text: &str) -> Globals {
    let (_, document, cx) = read(text);
    assert!(cx.problems.is_empty(), "{}", cx.problems);
    let clock = crate::clock::Clock::real();
    let globals = document.unwrap().globals(&target().values(), 5, &clock);
    globals.unwrap()
}

#[test]
fn variables_are_made_once_and_in_order() {
    let text = "vars: {a: x, b: \"{{ a }}y\", c: \"{{ fake.uuid() }}\", d: \"{{ fake.uuid() }}\"}\nscenarios: {s: {steps: [login]}}\n";
    let globals = globals(text);
    let get = |vu, name: &str| {
        globals
            .scope(&"s".into(), vu, 1)
            .root()
            .get_attr(name)
            .unwrap()
    };
    assert_eq!(get(1, "b"), Value::from("xy"));
    assert_eq!(get(1, "c"), get(2, "c"));
    assert_ne!(get(1, "c"), get(1, "d"));
}

#[test]
fn expressions_see_the_environment_that_is_given() {
    let text = "vars: {a: \"{{ env.HOME }}\", b: \"{{ env.PATH is defined }}\"}\nscenarios: {s: {steps: [login]}}\n";
    let globals = globals(text);
    let root = globals.scope(&"s".into(), 1, 1).root();
    assert_eq!(root.get_attr("a").unwrap(), Value::from("/home/ada"));
    assert_eq!(root.get_attr("b").unwrap(), Value::from(false));
}

#[test]
fn a_variable_that_cannot_be_made_is_named() {
    let text = "vars: {a: \"{{ 1 / 0 }}\"}\nscenarios: {s: {steps: [login]}}\n";
    let (_, document, _) = read(text);
    let (name, error) = document
        .unwrap()
        .globals(&target().values(), 5, &crate::clock::Clock::real())
        .err()
        .unwrap();
    assert_eq!(name, "a");
    assert!(error.to_string().starts_with("`1 / 0`: "), "{error}");
}

#[test]
fn the_command_line_can_give_variables_other_values() {
    let (_, document, _) = read(SMALL);
    let mut document = document.unwrap();
    let set = |document: &mut crate::document::Document, value: &str| {
        document.set_variable("n", value).unwrap();
        let globals = document
            .globals(&target().values(), 5, &crate::clock::Clock::real())
            .unwrap();
        globals
            .scope(&"a".into(), 1, 1)
            .root()
            .get_attr("n")
            .unwrap()
    };
    assert_eq!(set(&mut document, "12"), Value::from(12));
    assert_eq!(set(&mut document, "true"), Value::from(true));
    assert_eq!(set(&mut document, "1.10"), Value::from("1.10"));
    assert_eq!(set(&mut document, "0123"), Value::from("0123"));
    assert_eq!(set(&mut document, "{{ vu }}"), Value::from("{{ vu }}"));
    assert_eq!(
        document
            .set_variable("greting", "x")
            .unwrap_err()
            .to_string(),
        "the scenario has no variable `greting`: did you mean `greeting`?"
    );
}

#[test]
fn each_user_and_iteration_invents_its_own_people() {
    let (_, document, _) = read(SMALL);
    let mut target = target();
    target.mail_domain = Some("catch-all.example.com".into());
    let globals = document
        .unwrap()
        .globals(&target.values(), 5, &crate::clock::Clock::real())
        .unwrap();
    let email = |vu, iteration| {
        let template: crate::expression::TextTemplate =
            super::value("\"{{ fake.email() }}\"").unwrap();
        template
            .render(&globals.scope(&"a".into(), vu, iteration))
            .unwrap()
    };
    assert_eq!(email(1, 1), email(1, 1));
    assert_ne!(email(1, 1), email(1, 2));
    assert_ne!(email(1, 11), email(11, 1));
    assert!(email(1, 1).ends_with("-1-1@catch-all.example.com"));
}

#[test]
fn now_is_the_time_of_the_runs_clock() {
    let (_, document, _) = read(SMALL);
    let clock = crate::clock::Clock::manual();
    let globals = document.unwrap();
    let globals = globals.globals(&target().values(), 5, &clock).unwrap();
    let scope = globals.scope(&"a".into(), 1, 1);
    let template: crate::expression::TextTemplate = super::value("\"{{ now() }}\"").unwrap();
    let told = || template.render(&scope).unwrap();
    assert_eq!(told(), clock.unix_millis().to_string());
    let before = told();
    clock.advance(std::time::Duration::from_millis(1500));
    assert_eq!(told(), (before.parse::<i64>().unwrap() + 1500).to_string());
}
