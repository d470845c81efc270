//! The fields of filters: what stands in each, and what it says. One table, of
//! which the description is made and by which a filter is read.

use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Deserialize;
use serde_json::Value;

use crate::simulator::store::{Field, comparable};
use crate::wire::integer;

/// What stands in a field.
#[derive(Clone, Copy, Debug)]
pub(super) enum Form {
    Text,
    Texts,
    /// A date, or another whole number.
    Date,
    Identifiers,
    /// Lists of codes by type.
    Codes,
}

/// What a filter says in a field.
#[derive(Clone, Debug)]
pub(super) enum Given {
    Texts(Vec<String>),
    Date(i64),
    /// Terms: two parts with a bar between.
    Pairs(Vec<String>),
}

#[derive(Deserialize, JsonSchema)]
struct Identifier {
    system: Option<String>,
    value: String,
}

type Codes = BTreeMap<String, Vec<String>>;

impl Form {
    /// What the value says, if it is of this form.
    pub(super) fn read(self, value: &Value) -> Option<Given> {
        match self {
            Self::Text => {
                let text = value.as_str()?.to_owned();
                Some(Given::Texts(vec![text]))
            }
            Self::Texts => Vec::deserialize(value).ok().map(Given::Texts),
            Self::Date => {
                let date = integer::optional(value).ok()??;
                Some(Given::Date(comparable(date)))
            }
            Self::Identifiers => {
                // A list may stand for a structure, and is none to the description.
                let objects = value.as_array()?.iter().all(Value::is_object);
                let all = Vec::<Identifier>::deserialize(value).ok()?;
                let pairs = all.into_iter().map(|Identifier { system, value }| {
                    format!("{}|{value}", system.unwrap_or_default())
                });
                objects.then(|| Given::Pairs(pairs.collect()))
            }
            Self::Codes => {
                let by_type = Codes::deserialize(value).ok()?;
                let pairs = by_type.iter().flat_map(|(kind, codes)| {
                    codes.iter().map(move |code| format!("{kind}|{code}"))
                });
                Some(Given::Pairs(pairs.collect()))
            }
        }
    }

    pub(super) fn schema(self, generator: &mut SchemaGenerator) -> Schema {
        match self {
            Self::Text => generator.subschema_for::<String>(),
            Self::Texts => generator.subschema_for::<Vec<String>>(),
            Self::Date => generator.subschema_for::<i64>(),
            Self::Identifiers => generator.subschema_for::<Vec<Identifier>>(),
            Self::Codes => generator.subschema_for::<Codes>(),
        }
    }

    /// What was expected, in a refusal.
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Text => "a text",
            Self::Texts => "a list of texts",
            Self::Date => "a whole number",
            Self::Identifiers => "a list of `{system, value}`",
            Self::Codes => "lists of codes by type",
        }
    }
}

/// What a field says of the rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    From,
    To,
    On,
    Ids,
    /// One of its texts must be there.
    Term(Field),
    /// One of its pairs must be there.
    Pair(Field),
    /// A type; the code, or how it begins, is in the second field, or in the
    /// third.
    Stub(Field, &'static str, &'static str),
    /// Beginnings of words.
    Words,
    /// Read with another field, or of no effect.
    Beside,
}

use Form::{Codes as ByType, Date, Identifiers, Text, Texts};
use Meaning::{Beside, From, Ids, On, Pair, Stub, Term, To, Words};

const FIELDS: [(&str, Form, Meaning); 47] = [
    ("startOfContactOpeningDate", Date, From),
    ("startValueDate", Date, From),
    ("startDate", Date, From),
    ("startOfHealthElementDate", Date, From),
    ("minDateOfBirth", Date, From),
    ("date", Date, From),
    ("endOfContactOpeningDate", Date, To),
    ("endValueDate", Date, To),
    ("endDate", Date, To),
    ("endOfHealthElementDate", Date, To),
    ("maxDateOfBirth", Date, To),
    ("dateOfBirth", Date, On),
    ("ids", Texts, Ids),
    ("healthcarePartyId", Text, Term(Field::Reader)),
    ("hcpId", Text, Term(Field::Reader)),
    ("hcPartyId", Text, Term(Field::Reader)),
    ("dataOwnerId", Text, Term(Field::Reader)),
    ("patientId", Text, Term(Field::Owner)),
    ("responsibleId", Text, Term(Field::Owner)),
    ("patientSecretForeignKey", Text, Term(Field::SecretKey)),
    ("patientSecretForeignKeys", Texts, Term(Field::SecretKey)),
    ("secretForeignKeys", Texts, Term(Field::SecretKey)),
    ("secretPatientKeys", Texts, Term(Field::SecretKey)),
    ("healthElementIds", Texts, Term(Field::HealthElement)),
    ("type", Text, Term(Field::Kind)),
    ("documentType", Text, Term(Field::Kind)),
    ("parentId", Text, Term(Field::Parent)),
    ("parentIds", Texts, Term(Field::Parent)),
    ("externalId", Text, Term(Field::ExternalId)),
    ("ssin", Text, Term(Field::ExternalId)),
    ("ssins", Texts, Term(Field::ExternalId)),
    ("identifiers", Identifiers, Pair(Field::Identifier)),
    (
        "tagType",
        Text,
        Stub(Field::Tag, "tagCode", "tagCodePrefix"),
    ),
    (
        "codeType",
        Text,
        Stub(Field::Code, "codeCode", "codeCodePrefix"),
    ),
    ("tagCode", Text, Beside),
    ("tagCodePrefix", Text, Beside),
    ("codeCode", Text, Beside),
    ("codeCodePrefix", Text, Beside),
    ("tagCodes", ByType, Pair(Field::Tag)),
    ("codeCodes", ByType, Pair(Field::Code)),
    ("name", Text, Words),
    ("searchString", Text, Words),
    ("label", Text, Words),
    ("region", Text, Beside),
    ("language", Text, Beside),
    ("code", Text, Beside),
    ("version", Text, Beside),
];

/// What is known of a field.
pub(super) fn field(name: &str) -> Option<(Form, Meaning)> {
    let row = FIELDS.iter().find(|(known, ..)| *known == name)?;
    Some((row.1, row.2))
}
