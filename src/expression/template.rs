//! Arguments with `{{ … }}` in them, compiled once.
//!
//! A text is cut into its literal parts and its expressions here, so that a
//! secret can be told from a text before anything is written out, and so that
//! errors know their column. There is no `{% … %}`: an expression has
//! `a if b else c`.

use std::ops::Range;

use minijinja::Value as Rendered;
use minijinja::value::ValueKind;
use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

use super::compare::shown_whole;
use super::compiled::{Compiled, TemplateError};
use super::condition::is_plain;
use super::mapping::mapping;
use super::names::{Names, Naming};
use super::scope::Scope;
use super::secret::{contains_secret, secret_value, take_secret};
use super::tokens::closing;
use super::types::Type;
use super::wanted::Wanted;
use crate::ceilings;
use crate::language::node::{Meaning, Node, Scalar, Text, Value};
use crate::language::problem::{Problem, Problems};
use crate::language::read::{Read, mismatch, scalar};
use crate::language::shape::Shape as Written;
use crate::numbers::size;
use crate::shown::{SHOWN, may_lead_to_secret};

/// A value of any shape, with expressions in it. A text that is only an
/// expression keeps the type of its value.
#[derive(Debug)]
pub struct Template(Shape);

#[derive(Debug)]
enum Shape {
    Fixed(Rendered),
    Text(TextTemplate),
    Expression(Compiled),
    List(Vec<Shape>),
    Map(Vec<(String, Shape)>),
}

/// A text with expressions in it.
#[derive(Debug)]
pub struct TextTemplate(Vec<Part>);

#[derive(Debug)]
enum Part {
    Literal(String),
    Expression(Compiled),
}

impl Template {
    /// A value that is the same at all times.
    pub(crate) fn fixed(value: Rendered) -> Self {
        Self(Shape::Fixed(value))
    }

    /// Reads what takes something of this kind: an expression that gives something
    /// else is a problem.
    pub fn of_kind<C: Naming>(node: &Node, wanted: Wanted, cx: &mut C) -> Option<Self> {
        let template = <Self as Read<C>>::read(node, cx)?;
        template.0.check(node, wanted, cx).then_some(template)
    }

    /// The same of each entry of a mapping, or an expression that gives a mapping.
    pub fn entries_of_kind<C: Naming>(node: &Node, wanted: Wanted, cx: &mut C) -> Option<Self> {
        let template = Self::of_kind(node, Wanted::Mapping, cx)?;
        let mut good = true;
        for (index, (_, entry)) in node.entries().enumerate() {
            good &= match &template.0 {
                Shape::Map(entries) => {
                    let shape = entries.get(index).map(|(_, shape)| shape);
                    shape.is_none_or(|shape| shape.check(entry, wanted, cx))
                }
                _ if entry.scalar().is_some() => true,
                _ => mismatch::<TextTemplate, C>(entry, cx).is_some(),
            };
        }
        good.then_some(template)
    }

    /// The value, if there is no expression in it.
    pub fn fixed_value(&self) -> Option<Rendered> {
        self.0.value()
    }

    /// What it gives, as far as that is known.
    pub fn of(&self) -> Type {
        self.0.of()
    }

    /// What a scalar without expressions means.
    pub(crate) fn constant(scalar: &Scalar) -> Rendered {
        match scalar.meaning() {
            Meaning::Bool(value) => Rendered::from(value),
            Meaning::Whole(number) => Rendered::from(number),
            Meaning::Fraction(number) => Rendered::from(number),
            Meaning::Text => Rendered::from(scalar.text.text.as_str()),
        }
    }

    /// The value, in which there may be secrets.
    ///
    /// # Errors
    /// When an expression has no value.
    pub fn render(&self, scope: &Scope) -> Result<Rendered, TemplateError> {
        self.0.render(scope)
    }

    /// The value, for what is sent as it is, secrets included: a text with a
    /// secret in it is a secret as a whole. The secrets that were put into texts
    /// go to `used`, for whoever must not show them.
    ///
    /// # Errors
    /// When an expression has no value.
    pub fn render_sealed(
        &self,
        scope: &Scope,
        used: &mut Vec<SecretString>,
    ) -> Result<Rendered, TemplateError> {
        self.0
            .render_with(&mut |text| text.sealed(scope, used), scope)
    }

    /// The value, for data that is sent or stored as it is.
    ///
    /// # Errors
    /// When an expression has no value, or there is a secret in it.
    pub fn render_open(&self, scope: &Scope) -> Result<Rendered, TemplateError> {
        let value = self.render(scope)?;
        if contains_secret(&value) {
            return Err(match &self.0 {
                Shape::Expression(whole) if value.kind() == ValueKind::Map => {
                    TemplateError::HasSecrets(whole.source().to_owned())
                }
                shape => TemplateError::Secret(shape.secret_part(scope)),
            });
        }
        Ok(value)
    }
}

impl Shape {
    /// Says so when this gives something else than what is wanted.
    fn check<C: Naming>(&self, node: &Node, wanted: Wanted, cx: &mut C) -> bool {
        let (names, problems) = cx.naming();
        match self {
            Self::Expression(expression) => {
                wanted.check(node.label(), expression, (names, problems))
            }
            _ if wanted.takes(&self.of()) => true,
            Self::Text(_) => {
                let message = format!("expected {}, found a text", wanted.name());
                let help = "an expression keeps its type where it stands alone: `\"{{ … }}\"`";
                problems.push(Problem::new(node.label(), message, help));
                false
            }
            _ => {
                problems.push(Problem::mismatch(node, wanted.name()));
                false
            }
        }
    }

    fn of(&self) -> Type {
        match self {
            Self::Fixed(value) => Type::of(value),
            Self::Text(_) => Type::Text,
            Self::Expression(expression) => expression.of().clone(),
            Self::List(items) => Type::joined(items.iter().map(Self::of)).list(),
            Self::Map(entries) => Type::row(
                entries
                    .iter()
                    .map(|(name, shape)| (name.clone(), shape.of())),
            ),
        }
    }

    fn render(&self, scope: &Scope) -> Result<Rendered, TemplateError> {
        let mut open = |text: &TextTemplate| text.render(scope).map(Rendered::from);
        self.render_with(&mut open, scope)
    }

    /// Renders with a way to make texts that have expressions in them.
    fn render_with(
        &self,
        text: &mut dyn FnMut(&TextTemplate) -> Result<Rendered, TemplateError>,
        scope: &Scope,
    ) -> Result<Rendered, TemplateError> {
        match self {
            Self::Fixed(value) => Ok(value.clone()),
            Self::Text(template) => text(template),
            Self::Expression(expression) => expression.eval(scope),
            Self::List(items) => {
                let items = items.iter().map(|item| item.render_with(text, scope));
                let items: Result<Vec<Rendered>, _> = items.collect();
                items.map(Rendered::from)
            }
            Self::Map(entries) => {
                let entries: Result<Vec<(String, Rendered)>, TemplateError> = entries
                    .iter()
                    .map(|(key, shape)| Ok((key.clone(), shape.render_with(text, scope)?)))
                    .collect();
                entries.map(|entries| mapping(&entries))
            }
        }
    }

    /// The first expression whose value has a secret.
    fn secret_part(&self, scope: &Scope) -> String {
        let has = |shape: &Self| {
            shape
                .render(scope)
                .is_ok_and(|value| contains_secret(&value))
        };
        let inner = match self {
            Self::Expression(expression) => return expression.source().to_owned(),
            Self::List(items) => items.iter().find(|item| has(item)),
            Self::Map(entries) => entries
                .iter()
                .map(|(_, shape)| shape)
                .find(|shape| has(shape)),
            Self::Fixed(_) | Self::Text(_) => None,
        };
        inner.map_or_else(String::new, |shape| shape.secret_part(scope))
    }

    fn read(node: &Node, names: &mut Names, problems: &mut Problems) -> Option<Self> {
        match &node.value {
            Value::Nothing => Some(Self::Fixed(Rendered::from(()))),
            Value::Scalar(scalar) => Self::of_scalar(scalar, names, problems),
            Value::List(items) => {
                let items = items.iter().map(|item| Self::read(item, names, problems));
                let items: Vec<Option<Self>> = items.collect();
                items.into_iter().collect::<Option<_>>().map(Self::list)
            }
            Value::Map(map) => {
                let entries: Vec<Option<(String, Self)>> = map
                    .entries
                    .iter()
                    .map(|(key, node)| {
                        check_key(key, problems);
                        Some((key.text.clone(), Self::read(node, names, problems)?))
                    })
                    .collect();
                entries.into_iter().collect::<Option<_>>().map(Self::map)
            }
        }
    }

    fn of_scalar(scalar: &Scalar, names: &mut Names, problems: &mut Problems) -> Option<Self> {
        let mut parts = cut(&scalar.text, names, problems)?;
        match parts.pop() {
            Some((Part::Expression(only), _)) if parts.is_empty() => Some(Self::Expression(only)),
            Some((Part::Literal(_), _)) if parts.is_empty() => {
                Some(Self::Fixed(Template::constant(scalar)))
            }
            None => Some(Self::Fixed(Rendered::from(""))),
            Some(last) => {
                parts.push(last);
                TextTemplate::of(&scalar.text, parts, names, problems).map(Self::Text)
            }
        }
    }

    /// A list without expressions is made once.
    fn list(items: Vec<Self>) -> Self {
        let fixed: Option<Vec<Rendered>> = items.iter().map(Self::value).collect();
        fixed.map_or(Self::List(items), |values| Self::Fixed(values.into()))
    }

    /// A mapping without expressions is made once.
    fn map(entries: Vec<(String, Self)>) -> Self {
        let fixed: Option<Vec<(String, Rendered)>> = entries
            .iter()
            .map(|(key, shape)| Some((key.clone(), shape.value()?)))
            .collect();
        fixed.map_or(Self::Map(entries), |values| Self::Fixed(mapping(&values)))
    }

    fn value(&self) -> Option<Rendered> {
        match self {
            Self::Fixed(value) => Some(value.clone()),
            _ => None,
        }
    }
}

fn check_key(key: &Text, problems: &mut Problems) {
    if let Some(at) = key.text.find("{{") {
        let help = "templates are for values: write the key out";
        problems.push(Problem::inside(
            key,
            at..at + 2,
            "a key cannot be a template",
            help,
        ));
    }
}

impl TextTemplate {
    /// Of parts, each of which must be one of a text.
    fn of(
        text: &Text,
        parts: Vec<(Part, Range<usize>)>,
        names: &Names,
        problems: &mut Problems,
    ) -> Option<Self> {
        let mut good = true;
        for (part, at) in &parts {
            if let Part::Expression(expression) = part {
                let place = match parts.len() {
                    1 => text.span,
                    _ => text.part(at.clone()),
                };
                good &= Wanted::Text.check(place, expression, (names, problems));
            }
        }
        good.then(|| Self(parts.into_iter().map(|(part, _)| part).collect()))
    }

    /// Reads a text that is only told to people, where a value may be anything.
    pub fn read_told<C: Naming>(node: &Node, cx: &mut C) -> Option<Self> {
        let text = &scalar::<Self, C>(node, cx)?.text;
        let (names, problems) = cx.naming();
        let parts = cut(text, names, problems)?;
        Some(Self(parts.into_iter().map(|(part, _)| part).collect()))
    }

    /// The text.
    ///
    /// # Errors
    /// When an expression has no value, or one that is no text: a secret, a
    /// list, a mapping or null.
    pub fn render(&self, scope: &Scope) -> Result<String, TemplateError> {
        let mut text = String::new();
        self.fill(&mut text, scope, push)?;
        Ok(text)
    }
}

impl TextTemplate {
    /// Adds its parts one after the other; `write` adds the value of an expression.
    fn fill(
        &self,
        text: &mut String,
        scope: &Scope,
        mut write: impl FnMut(&mut String, &Compiled, &Rendered) -> Result<(), TemplateError>,
    ) -> Result<(), TemplateError> {
        for part in &self.0 {
            match part {
                Part::Literal(literal) => text.push_str(literal),
                Part::Expression(expression) => {
                    let value = expression.eval(scope)?;
                    write(text, expression, &value)?;
                }
            }
        }
        Ok(())
    }

    /// The text, or a secret when there is one in it.
    fn sealed(
        &self,
        scope: &Scope,
        used: &mut Vec<SecretString>,
    ) -> Result<Rendered, TemplateError> {
        let mut text = Zeroizing::new(String::new());
        let mut sealed = false;
        self.fill(&mut text, scope, |text, expression, value| {
            let Some(secret) = take_secret(value) else {
                return push(text, expression, value);
            };
            text.push_str(secret.expose_secret());
            used.push(secret);
            sealed = true;
            Ok(())
        })?;
        Ok(if sealed {
            secret_value(SecretString::from(text.as_str()))
        } else {
            Rendered::from(text.as_str())
        })
    }

    /// The text for people: values of any kind as JSON, secrets as `[secret]`, those
    /// too that `cut` knows.
    ///
    /// # Errors
    /// When an expression has no value.
    pub fn told(
        &self,
        scope: &Scope,
        cut: &dyn Fn(&str) -> String,
    ) -> Result<String, TemplateError> {
        let mut text = String::new();
        self.fill(&mut text, scope, |text, expression, value| {
            match value.as_str() {
                _ if may_lead_to_secret(expression.source()) && !is_plain(value) => {
                    text.push_str(SHOWN);
                }
                Some(word) => text.push_str(word),
                None => text.push_str(&shown_whole(value, cut)),
            }
            Ok(())
        })?;
        Ok(cut(&text))
    }

    /// How it is written: literal parts, and the sources of expressions.
    pub fn outline(&self) -> impl Iterator<Item = Outline<'_>> {
        self.0.iter().map(|part| match part {
            Part::Literal(text) => Outline::Literal(text),
            Part::Expression(expression) => Outline::Expression(expression.source()),
        })
    }
}

/// A part of a text as it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outline<'a> {
    /// What is the same each time.
    Literal(&'a str),
    /// An expression, without its braces.
    Expression(&'a str),
}

fn push(text: &mut String, expression: &Compiled, value: &Rendered) -> Result<(), TemplateError> {
    put(text, expression, value)?;
    if text.len() as u64 > ceilings::TEXT {
        return Err(TemplateError::Failed {
            expression: expression.source().to_owned(),
            reason: format!(
                "the text that it is in has more than {}",
                size(ceilings::TEXT)
            ),
        });
    }
    Ok(())
}

fn put(text: &mut String, expression: &Compiled, value: &Rendered) -> Result<(), TemplateError> {
    if take_secret(value).is_some() {
        return Err(TemplateError::Secret(expression.source().to_owned()));
    }
    if let Some(word) = value.as_str() {
        text.push_str(word);
        return Ok(());
    }
    let kind = match value.kind() {
        ValueKind::Number => {
            text.push_str(&value.to_string());
            return Ok(());
        }
        ValueKind::Bool => {
            text.push_str(if value.is_true() { "true" } else { "false" });
            return Ok(());
        }
        ValueKind::None => "null".to_owned(),
        ValueKind::Seq | ValueKind::Iterable => "a list".to_owned(),
        ValueKind::Map => "a mapping".to_owned(),
        other => other.to_string(),
    };
    Err(TemplateError::NotText {
        expression: expression.source().to_owned(),
        kind,
    })
}

/// Cuts a text at its expressions, and says where each part is. An empty text has
/// none.
fn cut(
    text: &Text,
    names: &mut Names,
    problems: &mut Problems,
) -> Option<Vec<(Part, Range<usize>)>> {
    let all = text.text.as_str();
    let mut parts = Vec::new();
    let mut at = 0;
    let mut good = true;
    let mut trim_next = false;
    while at < all.len() {
        let open = all[at..].find("{{").map_or(all.len(), |found| at + found);
        check_statements(text, at..open, problems, &mut good);
        let mut literal = &all[at..open];
        if trim_next {
            literal = literal.trim_start();
        }
        let mut inside = open + 2;
        if all[open..].starts_with("{{-") {
            literal = literal.trim_end();
            inside += 1;
        }
        if !literal.is_empty() {
            parts.push((Part::Literal(literal.to_owned()), at..open));
        }
        if open == all.len() {
            break;
        }
        let Some(length) = closing(&all[inside..]) else {
            let help = "close it with `}}`";
            problems.push(Problem::inside(
                text,
                open..open + 2,
                "this `{{` is not closed",
                help,
            ));
            return None;
        };
        let mut end = inside + length;
        at = end + 2;
        trim_next = all[inside..end].ends_with('-');
        end -= usize::from(trim_next);
        match Compiled::read(text, inside..end, (names, problems)) {
            Some(expression) => parts.push((Part::Expression(expression), open..at)),
            None => good = false,
        }
    }
    good.then_some(parts)
}

fn check_statements(text: &Text, literal: Range<usize>, problems: &mut Problems, good: &mut bool) {
    if let Some(found) = text.text[literal.clone()].find("{%") {
        let at = literal.start + found;
        let help = "use an expression, such as `{{ a if b else c }}`";
        let message = "templates have no statements";
        problems.push(Problem::inside(text, at..at + 2, message, help));
        *good = false;
    }
}

impl<C: Naming> Read<C> for Template {
    const EXPECTED: &'static str = "a value";

    fn read(node: &Node, cx: &mut C) -> Option<Self> {
        if matches!(node.value, Value::Nothing) {
            return mismatch(node, cx);
        }
        let (names, problems) = cx.naming();
        Shape::read(node, names, problems).map(Self)
    }

    fn shape() -> Written {
        Written::Any
    }
}

impl<C: Naming> Read<C> for TextTemplate {
    const EXPECTED: &'static str = "a text";

    fn read(node: &Node, cx: &mut C) -> Option<Self> {
        let text = &scalar::<Self, C>(node, cx)?.text;
        let (names, problems) = cx.naming();
        let parts = cut(text, names, problems)?;
        Self::of(text, parts, names, problems)
    }

    fn shape() -> Written {
        Written::Text
    }
}
