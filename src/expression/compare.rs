//! What can be compared with what. minijinja compares anything: `"5" == 5` is
//! false there, and `"5" > 38` true. Here a text that meets a number is an
//! error, and so is an order that means nothing.
//!
//! Before an expression is compiled, each of its comparisons becomes one of the
//! tests that are made here: `a < b` is `a is lt(b, 0)`.

use std::fmt;

use minijinja::value::{Rest, ValueKind};
use minijinja::{Environment, Error, ErrorKind, Value};
use secrecy::ExposeSecret;

use super::membership::is_hidden;
use super::secret::{same_as_text, take_secret};
use super::types::Type;
use crate::shown::{SHOWN, clipped, is_secret_name, may_lead_to_secret};

/// Longest value that a message shows, in characters.
const SHOWN_LENGTH: usize = 80;

/// An operator that compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operator {
    Equal,
    Different,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    In,
}

impl Operator {
    /// Every operator, with the names of minijinja's tests for it. The first is
    /// what expressions are rewritten to; filters such as `select` know all.
    const NAMES: [(Self, &'static [&'static str]); 7] = [
        (Self::Equal, &["eq", "equalto", "=="]),
        (Self::Different, &["ne", "!="]),
        (Self::Less, &["lt", "lessthan", "<"]),
        (Self::LessOrEqual, &["le", "<="]),
        (Self::Greater, &["gt", "greaterthan", ">"]),
        (Self::GreaterOrEqual, &["ge", ">="]),
        (Self::In, &["in"]),
    ];

    /// The test that it becomes.
    pub(crate) fn test(self) -> &'static str {
        let mut all = Self::NAMES.iter();
        let found = all.find(|(operator, _)| *operator == self);
        found.map_or("eq", |(_, names)| names[0])
    }

    /// The operator behind the name of a test.
    pub(crate) fn of_test(name: &str) -> Option<Self> {
        let mut all = Self::NAMES.iter();
        let (operator, _) = all.find(|(_, names)| names.contains(&name))?;
        Some(*operator)
    }

    /// Whether it asks if something is the same.
    pub(crate) fn is_equality(self) -> bool {
        matches!(self, Self::Equal | Self::Different)
    }

    /// Whether it asks what is more.
    pub(crate) fn is_order(self) -> bool {
        !self.is_equality() && self != Self::In
    }

    pub(crate) fn holds(self, left: &Value, right: &Value) -> bool {
        match self {
            Self::Equal => left == right,
            Self::Different => left != right,
            Self::Less => left < right,
            Self::LessOrEqual => left <= right,
            Self::Greater => left > right,
            Self::GreaterOrEqual => left >= right,
            Self::In => false,
        }
    }
}

/// The test that a chain such as `1 < x < 3` becomes.
pub(crate) const CHAIN: &str = "chain";

/// The test that all paths of an expression lead somewhere.
pub(crate) const THERE: &str = "there";

/// The path of this number leads nowhere.
#[derive(Debug)]
pub(crate) struct Missing(pub(crate) usize);

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("something is not defined")
    }
}

impl std::error::Error for Missing {}

/// `x.y is there(z.a, z.b)`
#[expect(clippy::needless_pass_by_value, reason = "minijinja's form of a test")]
fn there(first: &Value, others: Rest<Value>) -> Result<bool, Error> {
    let mut all = std::iter::once(first).chain(others.iter());
    match all.position(Value::is_undefined) {
        Some(place) => Err(Error::from(ErrorKind::UndefinedError).with_source(Missing(place))),
        None => Ok(true),
    }
}

/// What a side of a comparison is, as far as comparisons go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Undefined,
    Null,
    Bool,
    Number,
    Text,
    Secret,
    List,
    Mapping,
    /// Nothing that is compared.
    Other,
}

impl Kind {
    pub(crate) fn of(value: &Value) -> Self {
        match value.kind() {
            ValueKind::Undefined => Self::Undefined,
            ValueKind::None => Self::Null,
            ValueKind::Bool => Self::Bool,
            ValueKind::Number => Self::Number,
            ValueKind::String => Self::Text,
            ValueKind::Seq | ValueKind::Iterable => Self::List,
            ValueKind::Map => Self::Mapping,
            _ if take_secret(value).is_some() => Self::Secret,
            _ => Self::Other,
        }
    }

    /// The same for what is known before; `None` when that is nothing.
    pub(crate) fn of_type(of: &Type) -> Option<Self> {
        Some(match of {
            Type::Any => return None,
            Type::Null => Self::Null,
            Type::Bool => Self::Bool,
            Type::Number => Self::Number,
            Type::Text => Self::Text,
            Type::Secret => Self::Secret,
            Type::List(_) => Self::List,
            Type::Record(_) | Type::Entries(_) => Self::Mapping,
        })
    }

    fn is_text(self) -> bool {
        matches!(self, Self::Text | Self::Secret)
    }

    /// As in minijinja, `true` is 1 and `false` is 0.
    fn is_number(self) -> bool {
        matches!(self, Self::Number | Self::Bool)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Undefined => "not defined",
            Self::Null => "null",
            Self::Bool => "a boolean",
            Self::Number => "a number",
            Self::Text => "a text",
            Self::Secret => "a secret",
            Self::List => "a list",
            Self::Mapping => "a mapping",
            Self::Other => "no value",
        })
    }
}

/// Why two values cannot be compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Clash {
    /// A text and a number, or a text and a boolean.
    Apart,
    /// Two kinds of which one is never more, less or in the other.
    Senseless,
    /// A secret has no order.
    SecretOrder,
    /// Something is looked for in a secret, or in a list of secrets.
    Hidden,
    /// One side is not there.
    Undefined,
}

/// Whether values of these kinds can be compared. Null can be asked for
/// anywhere, and a list or mapping that is no text is different from it.
pub(crate) fn clash(operator: Operator, left: Kind, right: Kind) -> Option<Clash> {
    let apart = (left.is_text() && right.is_number()) || (left.is_number() && right.is_text());
    match operator {
        Operator::Equal | Operator::Different => apart.then_some(Clash::Apart),
        Operator::In => match right {
            Kind::Secret => Some(Clash::Hidden),
            Kind::Text if !left.is_text() => Some(Clash::Apart),
            Kind::Bool | Kind::Number | Kind::Null => Some(Clash::Senseless),
            _ => None,
        },
        _ if left == Kind::Secret || right == Kind::Secret => Some(Clash::SecretOrder),
        _ if apart => Some(Clash::Apart),
        _ => {
            let alike = (left.is_number() && right.is_number())
                || (left == right && matches!(left, Kind::Text | Kind::List));
            (!alike).then_some(Clash::Senseless)
        }
    }
}

/// A comparison that means nothing.
#[derive(Debug)]
pub(crate) struct Mismatch {
    pub(crate) clash: Clash,
    operator: Operator,
    /// Which comparison of its expression it is; none in a filter.
    pub(crate) number: Option<usize>,
    left: Found,
    right: Found,
}

/// What a side turned out to be.
#[derive(Debug)]
struct Found {
    kind: Kind,
    value: Option<String>,
    /// It is said of the items of the side.
    item: bool,
}

impl Found {
    fn new(kind: Kind, value: &Value) -> Self {
        let tell = matches!(kind, Kind::Text | Kind::Number | Kind::Bool);
        Self {
            kind,
            value: tell.then(|| shown(value, &str::to_owned)),
            item: false,
        }
    }

    fn item(kind: Kind) -> Self {
        Self {
            kind,
            value: None,
            item: true,
        }
    }

    fn side<'a>(&self, source: &'a str) -> Side<'a> {
        Side {
            source,
            kind: self.kind,
            value: self.value.clone().filter(|_| !may_lead_to_secret(source)),
            item: self.item,
        }
    }
}

impl Mismatch {
    /// Whether it is the left side that is not there.
    pub(crate) fn is_left_undefined(&self) -> bool {
        self.left.kind == Kind::Undefined
    }

    /// What is wrong, where the sides are written like this.
    pub(crate) fn explain(&self, left: &str, right: &str) -> String {
        let (left, right) = (self.left.side(left), self.right.side(right));
        let advice = advice(self.operator, &left, &right);
        let colon = if advice.is_empty() { "" } else { ": " };
        format!("{left} and {right}{colon}{advice}")
    }
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.clash {
            Clash::SecretOrder => f.write_str(NO_ORDER),
            Clash::Hidden => f.write_str("nobody can look into secrets"),
            _ => f.write_str(&self.explain("", "")),
        }
    }
}

impl std::error::Error for Mismatch {}

/// Why secrets are not more or less than something.
pub(crate) const NO_ORDER: &str = "secrets can be equal or different, they have no order";

/// One side of a comparison, for a message.
pub(crate) struct Side<'a> {
    /// As it is written; empty where that is not known.
    pub(crate) source: &'a str,
    pub(crate) kind: Kind,
    /// What it is this time.
    pub(crate) value: Option<String>,
    /// It is said of the items of the side.
    pub(crate) item: bool,
}

impl Side<'_> {
    fn is_literal(&self) -> bool {
        let first = self.source.chars().next();
        let rest = self.source.get(1..).unwrap_or_default();
        match first {
            Some(quote @ ('"' | '\'')) => rest.find(quote) == Some(rest.len().saturating_sub(1)),
            Some('-' | '0'..='9') => self.source.parse::<f64>().is_ok(),
            _ => matches!(self.source, "true" | "false" | "none"),
        }
    }

    /// The text between quotes, when it could be a number.
    pub(crate) fn quoted_number(&self) -> Option<&str> {
        let inside = self.source.trim_matches(['"', '\'']);
        let quoted = self.is_literal() && self.kind == Kind::Text;
        (quoted && inside.trim().parse::<f64>().is_ok()).then_some(inside)
    }

    /// What is written to apply a filter to it.
    pub(crate) fn filtered(&self, filter: &str) -> String {
        let simple = |c: char| c.is_alphanumeric() || "_.[]|\"'".contains(c);
        match self.source {
            "" => format!("`|{filter}`"),
            source if source.chars().all(simple) => format!("`{source}|{filter}`"),
            source => format!("`({source})|{filter}`"),
        }
    }
}

impl fmt::Display for Side<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = self.kind.to_string();
        let value = self.value.as_ref().filter(|_| !self.is_literal());
        let what = match value {
            Some(value) => format!("the {} {value}", kind.trim_start_matches("a ")),
            None => kind,
        };
        match (self.item, self.source) {
            (false, "") => f.write_str(&what),
            (true, "") => write!(f, "an item that is {what}"),
            (false, source) => write!(f, "`{source}` is {what}"),
            (true, source) => write!(f, "what is in `{source}` is {what}"),
        }
    }
}

fn made_text(number: &Side<'_>) -> String {
    let filtered = number.filtered("string");
    format!("a number is made a text by a filter, {filtered}")
}

/// What to write instead.
pub(crate) fn advice(operator: Operator, left: &Side<'_>, right: &Side<'_>) -> String {
    if operator == Operator::In && right.kind.is_text() && left.kind == Kind::Number {
        return made_text(left);
    }
    let (text, other) = if left.kind.is_text() {
        (left, right)
    } else {
        (right, left)
    };
    match (text.kind, other.kind) {
        (Kind::Text, Kind::Number) => {
            if let Some(number) = text.quoted_number() {
                format!("a number has no quotes, `{number}`")
            } else if text.is_literal() {
                made_text(other)
            } else {
                format!(
                    "a text is made a number by a filter, {}",
                    text.filtered("float")
                )
            }
        }
        (Kind::Text, Kind::Bool) if text.is_literal() => {
            format!(
                "a boolean has no quotes, `{}`",
                text.source.trim_matches(['"', '\''])
            )
        }
        (Kind::Text, Kind::Bool) if other.is_literal() => {
            format!("compare with the text `\"{}\"`", other.source)
        }
        (Kind::Text, Kind::Bool) => {
            format!(
                "a boolean is made a text by a filter, {}",
                other.filtered("string|lower")
            )
        }
        (Kind::Undefined, _) | (_, Kind::Undefined) => {
            "ask with `is defined`, or give another value with `default`".to_owned()
        }
        (Kind::Null, _) | (_, Kind::Null) => {
            "ask with `is not none`, or give another value with `default(…, true)`".to_owned()
        }
        (Kind::List | Kind::Mapping, _) => {
            format!("how many there are is {}", text.filtered("length"))
        }
        (_, Kind::List | Kind::Mapping) => {
            format!("how many there are is {}", other.filtered("length"))
        }
        _ => String::new(),
    }
}

/// A value for a message, as JSON, cut when it is long. `cut` cuts secrets out.
pub(crate) fn shown(value: &Value, cut: &dyn Fn(&str) -> String) -> String {
    clipped(shown_whole(value, cut), SHOWN_LENGTH)
}

/// The same however long it is.
pub(crate) fn shown_whole(value: &Value, cut: &dyn Fn(&str) -> String) -> String {
    if take_secret(value).is_some() {
        return SHOWN.to_owned();
    }
    match serde_json::to_value(value) {
        Ok(mut json) => {
            hide(&mut json);
            cut(&json.to_string())
        }
        Err(_) => value.kind().to_string(),
    }
}

/// Whether something in a document stands under the name of a secret.
pub(crate) fn names_secrets(json: &serde_json::Value) -> bool {
    match json {
        serde_json::Value::Array(items) => items.iter().any(names_secrets),
        serde_json::Value::Object(entries) => entries.iter().any(|(name, value)| {
            (is_secret_name(name) && !value.is_null()) || names_secrets(value)
        }),
        _ => false,
    }
}

/// Hides what stands under names of secrets in a document.
fn hide(json: &mut serde_json::Value) {
    match json {
        serde_json::Value::Array(items) => items.iter_mut().for_each(hide),
        serde_json::Value::Object(entries) => {
            for (name, value) in entries {
                if is_secret_name(name) && !value.is_null() {
                    *value = SHOWN.into();
                }
                hide(value);
            }
        }
        _ => {}
    }
}

/// Makes the tests that comparisons are rewritten to, and those that filters
/// such as `select("gt", 5)` name.
pub(crate) fn add_tests(environment: &mut Environment<'static>) {
    for (operator, names) in Operator::NAMES {
        for name in names {
            environment.add_test(
                *name,
                move |left: &Value, right: &Value, number: Option<usize>, lax: Option<u64>| {
                    compare(
                        operator,
                        left,
                        right,
                        number,
                        lax.unwrap_or(if number.is_none() { u64::MAX } else { 0 }),
                    )
                },
            );
        }
    }
    environment.add_test(CHAIN, chain);
    environment.add_test(THERE, there);
}

/// `x is chain("lt", y, "le", z, 4, 0)`: the numbers of the comparisons begin with
/// that one.
#[expect(clippy::needless_pass_by_value, reason = "minijinja's form of a test")]
fn chain(first: &Value, rest: Rest<Value>) -> Result<bool, Error> {
    let wrong = || Error::new(ErrorKind::InvalidOperation, "no chain of comparisons");
    let [links @ .., number, lax] = rest.as_slice() else {
        return Err(wrong());
    };
    let number = usize::try_from(number.clone())?;
    let lax = u64::try_from(lax.clone())?;
    let mut left = first;
    for (place, link) in links.chunks(2).enumerate() {
        let [name, right] = link else {
            return Err(wrong());
        };
        let name = name.as_str().unwrap_or_default();
        let (name, negated) = name
            .strip_prefix("not ")
            .map_or((name, false), |n| (n, true));
        let operator = Operator::of_test(name).ok_or_else(wrong)?;
        let holds = compare(
            operator,
            left,
            right,
            Some(number + place),
            lax >> place.min(62),
        )?;
        if holds == negated {
            return Ok(false);
        }
        left = right;
    }
    Ok(true)
}

/// Which sides may be away, since the expression asks itself whether they are
/// there: the first has the lowest bit. Of a long chain, the last ones have one.
pub(crate) fn lax_sides(sides: impl Iterator<Item = bool>) -> u64 {
    let bits = sides
        .enumerate()
        .map(|(place, lax)| u64::from(lax) << place.min(63));
    bits.fold(0, |all, bit| all | bit)
}

/// Whether a comparison of two values holds; `None` when they cannot be compared.
pub(crate) fn holds(operator: Operator, left: &Value, right: &Value) -> Option<bool> {
    compare(operator, left, right, None, u64::MAX).ok()
}

/// Compares two values. `lax` says which of them the expression asks for itself:
/// what is not there may be equal or different then.
fn compare(
    operator: Operator,
    left: &Value,
    right: &Value,
    number: Option<usize>,
    lax: u64,
) -> Result<bool, Error> {
    let kinds = (Kind::of(left), Kind::of(right));
    let refuse = |clash, item: Option<Kind>| {
        let right = item.map_or_else(|| Found::new(kinds.1, right), Found::item);
        let mismatch = Mismatch {
            clash,
            operator,
            number,
            left: Found::new(kinds.0, left),
            right,
        };
        let message = mismatch.to_string();
        Err(Error::new(ErrorKind::InvalidOperation, message).with_source(mismatch))
    };
    let is_refused =
        |kind, bit: u64| kind == Kind::Undefined && (lax & bit == 0 || operator == Operator::In);
    if is_refused(kinds.0, 1) || is_refused(kinds.1, 2) {
        return refuse(Clash::Undefined, None);
    }
    if let Some(clash) = clash(operator, kinds.0, kinds.1) {
        return refuse(clash, None);
    }
    if operator == Operator::In {
        return match within(left, kinds.0, right) {
            Ok(found) => Ok(found),
            Err((clash, item)) => refuse(clash, item),
        };
    }
    if (kinds.0 == Kind::Secret || kinds.1 == Kind::Secret)
        && let Some(same) = same_as_text(left, right)
    {
        return Ok(same == (operator == Operator::Equal));
    }
    Ok(operator.holds(left, right))
}

/// Whether something is in a text, in a list or among the names of a mapping.
/// When it is not, and all that is there is of another kind, it is an error.
fn within(item: &Value, kind: Kind, container: &Value) -> Result<bool, (Clash, Option<Kind>)> {
    if is_hidden(Some(item), container) {
        return Err((Clash::Hidden, None));
    }
    if let Some(text) = container.as_str() {
        let secret = take_secret(item);
        let secret = secret.as_ref().map(ExposeSecret::expose_secret);
        return Ok(text.contains(secret.or(item.as_str()).unwrap_or_default()));
    }
    let of_map = container.kind() == ValueKind::Map;
    if of_map
        && container
            .get_item(item)
            .is_ok_and(|found| !found.is_undefined())
    {
        return Ok(true);
    }
    let (mut alike, mut apart) = (false, None);
    for other in container.try_iter().into_iter().flatten() {
        if same_as_text(item, &other).unwrap_or_else(|| *item == other) {
            return Ok(true);
        }
        let other = Kind::of(&other);
        match clash(Operator::Equal, kind, other) {
            Some(_) => apart = Some(other),
            None => alike |= other != Kind::Null,
        }
    }
    match apart {
        Some(other) if !alike => Err((Clash::Apart, Some(other))),
        _ => Ok(false),
    }
}
