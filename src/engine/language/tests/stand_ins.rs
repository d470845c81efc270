//! What an addition costs: a row of a table with its fields. Each of these is
//! read, in schema and reference, and told to whoever writes it wrongly.

use serde_json::Value;

use super::super::Kinds;
use crate::document::{BlockDoc, Defaulted, Field, Known, Marks, ReadContext, StepDoc};
use crate::engine::executor::{ExecutorKind, Overrides};
use crate::engine::flow::{BlockKind, Body, Compiler};
use crate::engine::selection::Selection;
use crate::expression::{TextTemplate, Type};
use crate::language::{
    Fields, Key, Language, Node, Problem, SchemaOf, Source, Table, Text, reference, schema, yaml,
};
use crate::otp::SourceKind;
use crate::steps::StepKind;

const WHOM: Field<TextTemplate> = Field::new("whom", "who is greeted")
    .required()
    .example("Ada");
const LOUD: Defaulted<bool> = Field::new("loud", "whether it is heard").or(&false);
const KEYS: &[&[Key]] = &[&[WHOM.key(), LOUD.key()]];
const FIELDS: Table = Table {
    what: "`greet`",
    keys: KEYS,
};

const STEP: StepKind = StepKind {
    name: "greet",
    about: "greet somebody",
    fields: FIELDS,
    result: || Type::Any,
    compile: |document, cx| read(FIELDS.open(&document.arguments, cx)?, cx),
};

const BLOCK: BlockKind = BlockKind {
    name: "greet",
    about: "greet somebody",
    body: Body::Fields(FIELDS),
    compile: |document, compiler| read(FIELDS.open(&document.body, compiler.cx)?, compiler.cx),
};

const EXECUTOR: ExecutorKind = ExecutorKind {
    name: "greet",
    about: "greet somebody",
    fields: KEYS,
    compile: |fields, _, _, cx| {
        fields.get(&WHOM, cx);
        fields.get_or(&LOUD, cx);
        None
    },
};

const SOURCE: SourceKind = SourceKind {
    name: "greet",
    about: "greet somebody",
    fields: FIELDS,
    compile: |arguments, cx| read(FIELDS.open(arguments, cx)?, cx),
};

/// Reads the fields. What would come of them is nothing here.
fn read<T>(mut fields: Fields<'_>, cx: &mut ReadContext) -> Option<T> {
    fields.get(&WHOM, cx)?;
    fields.get_or(&LOUD, cx);
    fields.finish(cx);
    None
}

/// What a reader says of a text.
fn told(text: &str, read: impl FnOnce(&Node, &mut ReadContext)) -> Vec<(String, String)> {
    let mut cx = ReadContext::default();
    let node = yaml::load(&Source::new("a", text), &mut cx.problems).unwrap();
    read(&node, &mut cx);
    let told = |problem: &Problem| {
        let help = problem.help().unwrap_or_default();
        (problem.message().to_owned(), help.to_owned())
    };
    cx.problems.iter().map(told).collect()
}

/// It takes what its table says, and says so to whoever writes something else.
fn is_read(read: fn(&Node, &mut ReadContext)) {
    assert_eq!(told("{whom: Ada, loud: true}", read), []);
    let one = |message: &str, help: &str| [(message.to_owned(), help.to_owned())];
    assert_eq!(
        told("{loud: true}", read),
        one(
            "`greet` needs `whom`",
            "add `whom:` with a text, as in `whom: Ada`"
        )
    );
    assert_eq!(
        told("{whom: Ada, lowd: true}", read),
        one("unknown key `lowd` in `greet`", "did you mean `loud`?")
    );
    assert_eq!(
        told("Ada", read),
        one(
            "expected a mapping, found a text",
            "write\n  greet:\n    whom: Ada"
        )
    );
}

/// It is in the schema of a kind of file, and in the reference.
fn is_shown(change: fn(&mut Kinds), of: SchemaOf, good: &str, heading: &str) {
    let rows = [
        heading,
        "| `whom` | who is greeted | text, for example `Ada` | must be there |",
        "| `loud` | whether it is heard | `true` or `false` | `false` |",
    ];
    is_told(change, of, good, &rows);
    let mut kinds = Kinds::all();
    change(&mut kinds);
    let schema = schema(&kinds.language(), of).to_string();
    assert!(schema.contains(r#""examples":["Ada"]"#), "{schema}");
}

fn is_told(change: fn(&mut Kinds), of: SchemaOf, good: &str, rows: &[&str]) {
    let mut kinds = Kinds::all();
    change(&mut kinds);
    let language: Language = kinds.language();
    let valid = |language: &Language, text: &str| {
        let document: Value = serde_yaml::from_str(text).unwrap();
        jsonschema::draft7::is_valid(&schema(language, of), &document)
    };
    assert!(valid(&language, good), "{good}");
    assert!(!valid(&Kinds::all().language(), good), "{good}");
    assert!(!valid(&language, &good.replace("loud", "lowd")), "{good}");
    let page = reference(&language);
    for line in rows {
        assert!(page.contains(line), "{line}\n{page}");
    }
}

#[test]
fn a_kind_of_step_is_one_row() {
    is_read(|node, cx| {
        let document = StepDoc::bare(Text::bare("greet"), node.clone());
        drop((STEP.compile)(&document, cx));
    });
    is_shown(
        |kinds| kinds.steps.push(STEP.kind()),
        SchemaOf::Scenario,
        "scenarios: {a: {steps: [{greet: {whom: Ada, loud: true}}]}}",
        "### `greet`\n\nGreet somebody.",
    );
}

#[test]
fn a_kind_of_block_is_one_row() {
    is_read(|node, cx| {
        let document = BlockDoc {
            kind: Text::bare("greet"),
            body: node.clone(),
            marks: Marks::default(),
            strays: Vec::new(),
        };
        let known = Known {
            beside: &[],
            steps: &[],
            blocks: &["greet"],
            executors: &[],
        };
        let all = Selection::default();
        let mut compiler = Compiler::new(cx, &[BLOCK], known, &all);
        drop((BLOCK.compile)(&document, &mut compiler));
    });
    is_shown(
        |kinds| kinds.blocks.push(BLOCK.kind()),
        SchemaOf::Scenario,
        "scenarios: {a: {steps: [{greet: {whom: Ada, loud: true}}]}}",
        "### `greet`\n\nGreet somebody.",
    );
}

#[test]
fn a_kind_of_executor_is_one_row() {
    is_read(|node, cx| {
        let keys = EXECUTOR.fields.concat();
        let Some(mut fields) = Fields::of(node, "`greet`", keys, cx) else {
            return;
        };
        let name = Text::bare(EXECUTOR.name);
        drop((EXECUTOR.compile)(
            &mut fields,
            &name,
            Overrides::default(),
            cx,
        ));
        fields.finish(cx);
    });
    is_shown(
        |kinds| kinds.executors.push(EXECUTOR.kind()),
        SchemaOf::Scenario,
        "scenarios: {a: {executor: greet, whom: Ada, loud: true, steps: [reload]}}",
        "### `executor: greet`\n\nGreet somebody.",
    );
}

#[test]
fn a_source_of_one_time_passwords_is_one_row() {
    is_read(|node, cx| drop((SOURCE.compile)(node, cx)));
    is_shown(
        |kinds| kinds.sources.push(SOURCE.kind()),
        SchemaOf::Target,
        "{api_url: 'https://a.example', gateway_url: 'https://b.example', spec_id: a, \
         otp: {source: greet, whom: Ada, loud: true}}",
        "### `source: greet`\n\nGreet somebody.",
    );
}

/// That it is read is tested where its row is.
#[test]
fn a_key_beside_a_step_is_one_row() {
    is_told(
        |kinds| kinds.beside.push(LOUD.key()),
        SchemaOf::Scenario,
        "scenarios: {a: {steps: [{reload: {}, loud: true}]}}",
        &["| `loud` | whether it is heard | `true` or `false` | `false` |"],
    );
}
