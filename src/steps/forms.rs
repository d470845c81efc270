//! Arguments of a certain form, in which there may be expressions. What is
//! written out is checked when the file is read, and so is what an expression
//! gives, as far as that is known.

use crate::document::{Field, ReadContext};
use crate::expression::{Template, TextTemplate, Wanted};
use crate::language::{Node, Read, Shape, Table, entries};

/// True for a text with an expression in it: what it gives is known later.
pub(super) fn is_expression(node: &Node) -> bool {
    node.scalar().is_some_and(|text| text.text.contains("{{"))
}

/// Notes that something else was expected.
fn refuse(node: &Node, expected: &str, cx: &mut ReadContext) {
    let message = format!("expected {expected}, found {}", node.kind());
    cx.problem(node.label(), message, "");
}

/// Looks at what is written out of a list, only to be told what is wrong.
pub(super) fn read_list(
    node: &Node,
    expected: &str,
    cx: &mut ReadContext,
    read: impl Fn(&Node, &mut ReadContext) -> Option<()>,
) -> Option<()> {
    match node.list() {
        Some(items) => {
            let before = items.iter().filter(|item| !is_expression(item));
            let good: Vec<Option<()>> = before.map(|item| read(item, cx)).collect();
            good.into_iter().collect()
        }
        None if is_expression(node) => Some(()),
        None => {
            refuse(node, expected, cx);
            None
        }
    }
}

/// A text that may be a secret.
pub(super) struct Sealed(pub(super) Template);

impl Read<ReadContext> for Sealed {
    const EXPECTED: &'static str = "a text";

    fn read(node: &Node, cx: &mut ReadContext) -> Option<Self> {
        // Only to be told what is no text.
        TextTemplate::read(node, cx)?;
        Template::read(&node.as_texts(), cx).map(Self)
    }

    fn shape() -> Shape {
        Shape::Text
    }
}

/// A list of codes, `{type, code, version}`.
pub(super) struct Codes(pub(super) Template);

impl Read<ReadContext> for Codes {
    const EXPECTED: &'static str = "a list of codes such as `{type: IC-TEST, code: TEST}`";

    fn read(node: &Node, cx: &mut ReadContext) -> Option<Self> {
        read_list(node, Self::EXPECTED, cx, read_code)?;
        Template::of_kind(&node.as_texts(), Wanted::List, cx).map(Self)
    }

    fn shape() -> Shape {
        let code = CODE_FIELDS.shape().or(Shape::Expression);
        code.list().or(Shape::Expression)
    }
}

const TYPE: Field<TextTemplate> = Field::new("type", "the system of codes")
    .required()
    .example("IC-TEST");
const CODE: Field<TextTemplate> = Field::new("code", "the code").required().example("TEST");
const VERSION: Field<TextTemplate> = Field::new("version", "the version of the system");

const CODE_FIELDS: Table = Table {
    what: "a code",
    keys: &[&[TYPE.key(), CODE.key(), VERSION.key()]],
};

fn read_code(node: &Node, cx: &mut ReadContext) -> Option<()> {
    let mut fields = CODE_FIELDS.open(node, cx)?;
    let kind = fields.get(&TYPE, cx);
    let code = fields.get(&CODE, cx);
    fields.get(&VERSION, cx);
    fields.finish(cx);
    kind.and(code).map(drop)
}

/// One code.
pub(super) struct OneCode(pub(super) Template);

impl Read<ReadContext> for OneCode {
    const EXPECTED: &'static str = "a code such as `{type: IC-TEST, code: TEST}`";

    fn read(node: &Node, cx: &mut ReadContext) -> Option<Self> {
        if !is_expression(node) {
            read_code(node, cx)?;
        }
        Template::of_kind(&node.as_texts(), Wanted::Mapping, cx).map(Self)
    }

    fn shape() -> Shape {
        CODE_FIELDS.shape().or(Shape::Expression)
    }
}

/// One identifier.
pub(super) struct OneIdentifier(pub(super) Template);

impl Read<ReadContext> for OneIdentifier {
    const EXPECTED: &'static str = "an identifier such as `{system: mine, value: r-1}`";

    fn read(node: &Node, cx: &mut ReadContext) -> Option<Self> {
        if !is_expression(node) {
            read_identifier(node, cx)?;
        }
        Template::of_kind(&node.as_texts(), Wanted::Mapping, cx).map(Self)
    }

    fn shape() -> Shape {
        IDENTIFIER_FIELDS.shape().or(Shape::Expression)
    }
}

/// A list of `{system, value}`.
pub(super) struct Identifiers(pub(super) Template);

const SYSTEM: Field<TextTemplate> = Field::new("system", "the system of names")
    .required()
    .example("mine");
const VALUE: Field<TextTemplate> = Field::new("value", "the name in it")
    .required()
    .example("r-1");

const IDENTIFIER_FIELDS: Table = Table {
    what: "an identifier",
    keys: &[&[SYSTEM.key(), VALUE.key()]],
};

impl Read<ReadContext> for Identifiers {
    const EXPECTED: &'static str = "a list of identifiers such as `{system: mine, value: r-1}`";

    fn read(node: &Node, cx: &mut ReadContext) -> Option<Self> {
        read_list(node, Self::EXPECTED, cx, read_identifier)?;
        Template::of_kind(&node.as_texts(), Wanted::List, cx).map(Self)
    }

    fn shape() -> Shape {
        let one = IDENTIFIER_FIELDS.shape().or(Shape::Expression);
        one.list().or(Shape::Expression)
    }
}

fn read_identifier(node: &Node, cx: &mut ReadContext) -> Option<()> {
    let mut fields = IDENTIFIER_FIELDS.open(node, cx)?;
    let system = fields.get(&SYSTEM, cx);
    let value = fields.get(&VALUE, cx);
    fields.finish(cx);
    system.and(value).map(drop)
}

/// One id, or a list of them.
pub(super) struct Ids(pub(super) Template);

impl Read<ReadContext> for Ids {
    const EXPECTED: &'static str = "an id or a list of them";

    fn read(node: &Node, cx: &mut ReadContext) -> Option<Self> {
        // Only to be told what is no id.
        let items = node.list().unwrap_or_default().iter();
        let read: Vec<_> = items.map(|item| TextTemplate::read(item, cx)).collect();
        read.into_iter().collect::<Option<Vec<TextTemplate>>>()?;
        if node.is_mapping() || node.is_nothing() {
            refuse(node, Self::EXPECTED, cx);
            return None;
        }
        Template::of_kind(&node.as_texts(), Wanted::Ids, cx).map(Self)
    }

    fn shape() -> Shape {
        Shape::Text.one_or_list()
    }
}

/// Any values, by their names.
pub(super) struct Values(pub(super) Template);

impl Read<ReadContext> for Values {
    const EXPECTED: &'static str = "values by their names such as `{sample: \"{{ sample.id }}\"}`";

    fn read(node: &Node, cx: &mut ReadContext) -> Option<Self> {
        drop(entries(node, "`ids`", "sample: \"{{ sample.id }}\"", cx)?);
        Template::read(node, cx).map(Self)
    }

    fn shape() -> Shape {
        Shape::Any.entries()
    }
}

/// Texts, by their names.
pub(super) struct Texts(pub(super) Template);

impl Read<ReadContext> for Texts {
    const EXPECTED: &'static str = "texts by their names such as `{reason: Please call back}`";

    fn read(node: &Node, cx: &mut ReadContext) -> Option<Self> {
        let texts = entries(node, "`properties`", "reason: Please call back", cx)?;
        // Only to be told what is no text.
        let read = texts.map(|(_, text)| TextTemplate::read(text, cx));
        let read: Vec<_> = read.collect();
        read.into_iter().collect::<Option<Vec<TextTemplate>>>()?;
        Template::read(&node.as_texts(), cx).map(Self)
    }

    fn shape() -> Shape {
        Shape::Text.entries()
    }
}

/// A filter of the platform.
pub(super) struct Filter(pub(super) Template);

impl Read<ReadContext> for Filter {
    const EXPECTED: &'static str = "a filter such as `{$type: HealthElementByIdsFilter, ids: [a]}`";

    fn read(node: &Node, cx: &mut ReadContext) -> Option<Self> {
        if !is_expression(node) && node.entry("$type").is_none() {
            refuse(node, Self::EXPECTED, cx);
            return None;
        }
        Template::read(node, cx).map(Self)
    }

    fn shape() -> Shape {
        Shape::Any.entries().or(Shape::Expression)
    }
}
