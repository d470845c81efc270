//! The language as a whole: what users write, and what they are told.

mod expressions;
mod messages;
mod secrets;
mod shipped;
mod types;
mod values;

use std::num::NonZeroU64;
use std::time::Duration;

use crate::document::{
    Document, Field, ItemDoc, Known, ReadContext, StepDoc, begin_steps, parse, read_items,
};
use crate::expression::{Expression, Scope, Template, TextTemplate, Type};
use crate::language::{
    Environment, Fields, Key, Look, Node, Permissions, Problems, Read, Source, Table,
};
use crate::target::Target;

const KNOWN: Known<'_> = Known {
    beside: crate::steps::BESIDE_NAMES,
    steps: &[
        "register",
        "login",
        "reinstantiate",
        "data_sample.create",
        "data_sample.get",
        "data_sample.share",
        "share",
        "stop_sharing",
        "request_access",
        "give_access",
        "reload",
        "http",
    ],
    blocks: &["choose"],
    executors: &[
        "per_vu_iterations",
        "shared_iterations",
        "constant_vus",
        "constant_arrival_rate",
        "ramping_arrival_rate",
    ],
};

const VUS: Field<NonZeroU64> = Field::new("vus", "a test");
const ITERATIONS: Field<NonZeroU64> = Field::new("iterations", "a test");
const SCENARIO: Table = Table {
    what: "a scenario",
    keys: &[&[VUS.key(), ITERATIONS.key()]],
};
const ID: Field<TextTemplate> = Field::new("id", "a test").required();
const EMAIL: Field<TextTemplate> = Field::new("email", "a test");
const PHONE: Field<TextTemplate> = Field::new("phone", "a test");
const OTP_TIMEOUT: Field<Duration> = Field::new("otp_timeout", "a test");
const CODE_LENGTH: Field<u64> = Field::new("code_length", "a test");
const AGAIN: Field<bool> = Field::new("again", "a test");
const CONTENT: Field<Template> = Field::new("content", "a test");
const ARGUMENTS: [Key; 6] = [
    EMAIL.key(),
    PHONE.key(),
    OTP_TIMEOUT.key(),
    CODE_LENGTH.key(),
    AGAIN.key(),
    CONTENT.key(),
];

fn environment() -> Environment {
    Environment::from_iter([("HOME".to_owned(), "/home/ada".to_owned())]).with(Permissions::all())
}

/// Reads a file with steps that take the arguments which the tests use.
fn read(text: &str) -> (Source, Option<Document>, ReadContext) {
    let source = Source::new("mine.yaml", text);
    let (document, mut cx) = parse(&source, &KNOWN, &environment());
    if let Some(document) = &document {
        cx.begin_setup(document);
        document
            .setup
            .iter()
            .for_each(|steps| read_steps(steps, &mut cx));
        for scenario in &document.scenarios {
            cx.begin_after_setup(document);
            if let Some(mut fields) = SCENARIO.open(&scenario.settings, &mut cx) {
                fields.get(&VUS, &mut cx);
                fields.get(&ITERATIONS, &mut cx);
                fields.finish(&mut cx);
            }
            scenario
                .steps
                .iter()
                .for_each(|steps| read_steps(steps, &mut cx));
        }
    }
    (source, document, cx)
}

fn read_steps(steps: &Node, cx: &mut ReadContext) {
    begin_steps(steps, &KNOWN, cx);
    for item in read_items(steps, &KNOWN, cx) {
        if let ItemDoc::Step(step) = item {
            read_step(&step, cx);
        }
    }
}

fn read_step(step: &StepDoc, cx: &mut ReadContext) {
    let what = format!("`{}`", step.kind.text);
    let known = KNOWN.steps.contains(&step.kind.text.as_str());
    let mut keys = ARGUMENTS.to_vec();
    let id = (step.kind.text == "data_sample.get").then(|| ID.key());
    keys.extend(id);
    if known && let Some(mut fields) = Fields::of(&step.arguments, &what, keys, cx) {
        if id.is_some() {
            fields.get(&ID, cx);
        }
        fields.get(&EMAIL, cx);
        fields.get(&PHONE, cx);
        fields.get(&OTP_TIMEOUT, cx);
        fields.get(&CODE_LENGTH, cx);
        fields.get(&AGAIN, cx);
        fields.get(&CONTENT, cx);
        fields.finish(cx);
    }
    if known && let Some(name) = &step.as_ {
        cx.names.capture(&name.text, Type::Any);
    }
    let conditions = ["expect", "check"].map(|name| step.beside(name).map_or(&[][..], Node::items));
    for condition in conditions.into_iter().flatten() {
        Expression::read(condition, cx);
    }
}

/// All messages for a file.
fn messages(text: &str) -> String {
    let (_, _, cx) = read(text);
    cx.problems.render(&cx.files.sources, Look::Plain)
}

/// Messages for one step, with two variables before it.
fn messages_of_step(step: &str) -> String {
    messages(&format!(
        "vars: {{greeting: Hello}}\nscenarios:\n  a:\n    steps:\n      - register: {{}}\n        as: registered\n{step}\n"
    ))
}

fn target() -> Target {
    let url: url::Url = "http://localhost:1/".parse().unwrap();
    let mut target = Target::new(url.clone(), url.clone(), crate::otp::outbox(url));
    target.responsible = Some("r-1".into());
    target.captcha_token = Some("captcha-s3cret".into());
    target
}

/// The scope of user 3 in iteration 2, with what steps would have captured.
fn scope(text: &str) -> Scope {
    let (_, document, cx) = read(text);
    let shown = cx.problems.render(&cx.files.sources, Look::Plain);
    assert!(cx.problems.is_empty(), "{shown}");
    let globals = document
        .unwrap()
        .globals(&target().values(), 1, &crate::clock::Clock::real())
        .unwrap();
    let mut scope = globals.scope(&"a".into(), 3, 2);
    let token = || crate::expression::secret_value("t0ken-s3cret".into());
    scope.set(
        &"registered".into(),
        minijinja::context! { login => "ada@example.org", token => token() },
    );
    scope.set(
        &"again".into(),
        minijinja::context! { token => crate::expression::secret_value("other-s3cret".into()), n => 3 },
    );
    scope
}

const SMALL: &str = "vars: {greeting: Hello, n: 7}\nscenarios: {a: {steps: [{register: {}, as: registered}, {login: {}, as: again}]}}\n";

/// Reads one value where everything in [`scope`] is declared.
fn value<T: Read<ReadContext>>(text: &str) -> Result<T, String> {
    let (_, document, mut cx) = read(SMALL);
    cx.begin_setup(&document.unwrap());
    let source = Source::new("value", text);
    cx.names.capture("registered", Type::Any);
    cx.names.capture("again", Type::Any);
    let mut syntax = Problems::default();
    let node = crate::language::yaml::load(&source, &mut syntax);
    let read = node.and_then(|node| T::read(&node, &mut cx));
    match read {
        Some(value) if cx.problems.is_empty() && syntax.is_empty() => Ok(value),
        _ => Err(format!("{}{syntax}", cx.problems)),
    }
}

fn holds(condition: &str) -> Result<bool, String> {
    let expression: Expression = value(&format!("'{}'", condition.replace('\'', "''")))?;
    expression
        .holds(&scope(SMALL))
        .map_err(|error| error.to_string())
}

fn explain(condition: &str) -> Option<String> {
    let expression: Expression = value(&format!("'{}'", condition.replace('\'', "''"))).unwrap();
    expression.explain(&scope(SMALL), &str::to_owned)
}

fn text(template: &str) -> Result<String, String> {
    let template: TextTemplate = value(template)?;
    template
        .render(&scope(SMALL))
        .map_err(|error| error.to_string())
}

fn rendered(template: &str) -> Result<minijinja::Value, String> {
    let template: Template = value(template)?;
    template
        .render(&scope(SMALL))
        .map_err(|error| error.to_string())
}
