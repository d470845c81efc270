//! Filters of the platform as queries of the store.

use std::collections::BTreeMap;

use schemars::{Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value, json};

use super::filter_fields::{Given, Meaning};
use super::filters::{FilterKind, Filtered};
use crate::ceilings;
use crate::simulator::Failure;
use crate::simulator::store::{Field, Query, Table};

/// Reads a filter of a data owner, with the filters in it.
///
/// # Errors
/// 400 when it is none of those that are served, or lacks a field.
pub(in crate::simulator) fn read(
    what: Filtered,
    owner: &str,
    filter: &Value,
) -> Result<Query, Failure> {
    let mut left = ceilings::FILTERS;
    query((what, owner), filter, &mut left)
}

type Asked<'a> = (Filtered, &'a str);

fn query(asked: Asked, filter: &Value, left: &mut usize) -> Result<Query, Failure> {
    *left = left.checked_sub(1).ok_or_else(|| {
        Failure::bad_request(format!("more than {} filters in one", ceilings::FILTERS))
    })?;
    let what = asked.0;
    let fields = filter
        .as_object()
        .ok_or_else(|| Failure::bad_request("malformed filter: expected an object"))?;
    let name = present(fields, "$type")?.as_str();
    match name.ok_or_else(|| wrong("$type", "a text"))? {
        "UnionFilter" => all(asked, fields, left).map(Query::Any),
        "IntersectionFilter" => all(asked, fields, left).map(Query::Every),
        "ComplementFilter" => {
            let mut side = |field: &str| query(asked, present(fields, field)?, left).map(Box::new);
            Ok(Query::Without(side("superSet")?, side("subSet")?))
        }
        name => {
            let kind = what.filters().iter().find(|kind| kind.name == name);
            let kind = kind.ok_or_else(|| unknown(what))?;
            one(asked, kind, fields)
        }
    }
}

fn all(asked: Asked, fields: &Map<String, Value>, left: &mut usize) -> Result<Vec<Query>, Failure> {
    let filters = present(fields, "filters")?;
    let filters = filters.as_array();
    let filters = filters.ok_or_else(|| wrong("filters", "a list of filters"))?;
    let filters = filters.iter().map(|filter| query(asked, filter, left));
    filters.collect()
}

/// What stands in a field; null is as good as not there.
fn value<'a>(fields: &'a Map<String, Value>, field: &str) -> Option<&'a Value> {
    // Clients up to version 7 write this one otherwise (`JsonAlias`).
    let other = (field == "healthcarePartyId").then_some("healthCarePartyId");
    let value = fields.get(field).or_else(|| fields.get(other?));
    value.filter(|value| !value.is_null())
}

/// What stands in a field that must be there.
fn present<'a>(fields: &'a Map<String, Value>, field: &str) -> Result<&'a Value, Failure> {
    let value = value(fields, field);
    value.ok_or_else(|| Failure::bad_request(format!("the filter has no `{field}`")))
}

fn unknown(what: Filtered) -> Failure {
    let names: Vec<_> = what.filters().iter().map(|kind| kind.name).collect();
    Failure::bad_request(format!(
        "this filter is not served: expected `UnionFilter`, `IntersectionFilter`, `ComplementFilter` or one of {}",
        names.join(", ")
    ))
}

/// Each field that is there says something of the rows; all of it must hold.
fn one(asked: Asked, kind: &FilterKind, fields: &Map<String, Value>) -> Result<Query, Failure> {
    let (what, owner) = asked;
    let reading = Reading {
        what,
        owner,
        given: given(kind, fields)?,
    };
    let mut dates = (None, None);
    let mut queries = Vec::new();
    for (meaning, given) in reading.given.values() {
        match (meaning, given) {
            (Meaning::From, Given::Date(date)) => dates.0 = Some(*date),
            (Meaning::To, Given::Date(date)) => dates.1 = Some(*date),
            (Meaning::On, Given::Date(date)) => dates = (Some(*date), Some(*date)),
            (meaning, Given::Texts(texts)) => queries.extend(reading.of_texts(*meaning, texts)),
            (Meaning::Pair(term), Given::Pairs(pairs)) => {
                let terms = pairs.iter().map(|pair| Query::Term(*term, pair.clone()));
                queries.push(Query::Any(terms.collect()));
            }
            (_, Given::Date(_) | Given::Pairs(_)) => {}
        }
    }
    if dates != (None, None) {
        queries.push(Query::Dated(dates.0, dates.1));
    }
    if queries.is_empty() {
        return Ok(Query::All);
    }
    let found = Query::Every(queries);
    // Contacts are also found by the labels of what is in them.
    Ok(match kind.name {
        "ContactByServiceIdsFilter"
        | "ContactByDataOwnerServiceTagFilter"
        | "ContactByDataOwnerServiceCodeFilter" => Query::Holding(Box::new(found)),
        _ => found,
    })
}

type Said = BTreeMap<&'static str, (Meaning, Given)>;

/// The fields that a filter of this kind has, all of them as they are described.
fn given(kind: &FilterKind, fields: &Map<String, Value>) -> Result<Said, Failure> {
    let mut said = Said::new();
    for (name, form, meaning) in kind.fields() {
        let value = if kind.needs.contains(&name) {
            Some(present(fields, name)?)
        } else {
            value(fields, name)
        };
        if let Some(value) = value {
            let given = form.read(value).ok_or_else(|| wrong(name, form.words()))?;
            said.insert(name, (meaning, given));
        }
    }
    Ok(said)
}

struct Reading<'a> {
    what: Filtered,
    /// Who asks: of itself nothing has to be looked for, since it finds what
    /// it may read and no more.
    owner: &'a str,
    given: Said,
}

impl Reading<'_> {
    fn of_texts(&self, meaning: Meaning, texts: &[String]) -> Option<Query> {
        Some(match meaning {
            Meaning::Ids => Query::Ids(texts.to_vec()),
            Meaning::Term(Field::Reader) if self.is_own(texts) => return None,
            Meaning::Term(term) => self.terms(term, texts),
            Meaning::Stub(term, code, prefix) => {
                let kind = texts.first()?;
                if let Some(prefix) = self.text(prefix) {
                    Query::Beginning(term, format!("{kind}|{prefix}"))
                } else {
                    let code = self.text(code).unwrap_or_default();
                    self.labelled(term, format!("{kind}|{code}"))
                }
            }
            Meaning::Words => self.words(texts.first()?),
            _ => return None,
        })
    }

    fn text(&self, name: &str) -> Option<&str> {
        match self.given.get(name)? {
            (_, Given::Texts(texts)) => texts.first().map(String::as_str),
            _ => None,
        }
    }

    fn is_own(&self, texts: &[String]) -> bool {
        let users = self.what == Filtered::Entities(Table::Users);
        !users && texts == [self.owner]
    }

    /// A label of its own, or of a data sample in it.
    fn labelled(&self, term: Field, text: String) -> Query {
        let own = Query::Term(term, text);
        if self.what == Filtered::Entities(Table::Contacts) {
            Query::Any(vec![own.clone(), Query::Holding(Box::new(own))])
        } else {
            own
        }
    }

    fn terms(&self, term: Field, texts: &[String]) -> Query {
        let users = self.what == Filtered::Entities(Table::Users);
        let codes = self.what == Filtered::Entities(Table::Codes);
        let terms = texts.iter().map(|text| match term {
            Field::Reader if users => Query::Term(Field::Owner, text.clone()),
            Field::Kind if codes => self.code(text),
            _ => Query::Term(term, text.clone()),
        });
        Query::Any(terms.collect())
    }

    /// Codes of a type. A version says nothing without a code.
    fn code(&self, kind: &str) -> Query {
        match (self.text("code"), self.text("version")) {
            (Some(code), Some(version)) => Query::Ids(vec![format!("{kind}|{code}|{version}")]),
            (code, _) => Query::Term(Field::Kind, format!("{kind}|{}", code.unwrap_or_default())),
        }
    }

    /// Every word of the text begins one of the name; of an account, the text
    /// may begin an address too.
    fn words(&self, text: &str) -> Query {
        let text = text.to_lowercase();
        let words = text.split(|c: char| !c.is_alphanumeric());
        let words = words.filter(|word| !word.is_empty());
        let named = words.map(|word| Query::Beginning(Field::Name, word.to_owned()));
        let named = Query::Every(named.collect());
        if self.what == Filtered::Entities(Table::Users) {
            Query::Any(vec![Query::Beginning(Field::Address, text), named])
        } else {
            named
        }
    }
}

fn wrong(field: &str, expected: &str) -> Failure {
    Failure::bad_request(format!("`{field}` of the filter must be {expected}"))
}

/// What a filter looks like: one of those that are served, or several joined.
pub(in crate::simulator) fn schema(what: Filtered, generator: &mut SchemaGenerator) -> Schema {
    let name = format!("FilterOf{}", what.name());
    let this = json!({"$ref": format!("#/components/schemas/{name}")});
    if !generator.definitions().contains_key(&name) {
        let kinds = what.filters().iter();
        let mut one: Vec<Value> = kinds.map(|kind| described(kind, generator)).collect();
        let filters = json!({"type": "array", "items": this});
        for name in ["UnionFilter", "IntersectionFilter"] {
            one.push(object(name, &["filters"], json!({"filters": filters})));
        }
        let sides = ["superSet", "subSet"];
        one.push(object(
            "ComplementFilter",
            &sides,
            json!({"superSet": this, "subSet": this}),
        ));
        let definitions = generator.definitions_mut();
        let about = format!(
            "Of at most {} filters, those in it counted",
            ceilings::FILTERS
        );
        definitions.insert(name, json!({"description": about, "anyOf": one}));
    }
    json_schema!({"$ref": this["$ref"]})
}

fn described(kind: &FilterKind, generator: &mut SchemaGenerator) -> Value {
    let mut properties = Map::new();
    for (name, form, _) in kind.fields() {
        let schema = form.schema(generator);
        let value = if kind.needs.contains(&name) {
            schema.to_value()
        } else {
            // Nothing is as good as not there.
            json!({"anyOf": [schema, {"type": "null"}]})
        };
        properties.insert(name.to_owned(), value);
    }
    object(kind.name, kind.needs, Value::Object(properties))
}

fn object(name: &str, needs: &[&str], mut properties: Value) -> Value {
    properties["$type"] = json!({"const": name});
    let required: Vec<_> = std::iter::once(&"$type").chain(needs).collect();
    json!({"type": "object", "properties": properties, "required": required})
}

#[cfg(test)]
mod tests {
    use schemars::generate::SchemaSettings;
    use serde_json::{Value, json};
    use strum::VariantArray;

    use super::super::filter_fields::{Form, field};
    use super::{Field, Filtered, Query, Table, read, schema};
    use crate::ceilings;

    const CONTACTS: Filtered = Filtered::Entities(Table::Contacts);

    fn term(field: Field, text: &str) -> Query {
        Query::Term(field, text.to_owned())
    }

    #[test]
    fn every_field_that_is_there_must_hold() {
        let filter = json!({
            "$type": "ServiceByHcPartyTagCodeDateFilter",
            "healthcarePartyId": "ada", "patientSecretForeignKeys": ["s", "t"],
            "tagType": "T", "tagCode": "C", "codeType": null, "startValueDate": 20_220_929,
        });
        let both = vec![term(Field::SecretKey, "s"), term(Field::SecretKey, "t")];
        let expected = Query::Every(vec![
            Query::Any(vec![term(Field::Reader, "ada")]),
            Query::Any(both),
            term(Field::Tag, "T|C"),
            Query::Dated(Some(20_220_929_000_000), None),
        ]);
        assert_eq!(read(Filtered::Services, "bob", &filter).unwrap(), expected);
    }

    fn all() -> impl Iterator<Item = Filtered> {
        let tables = Table::VARIANTS.iter().copied().map(Filtered::Entities);
        tables.chain([Filtered::Services])
    }

    /// What may stand in some field, or in none.
    fn values() -> Vec<Value> {
        vec![
            json!(null),
            json!(true),
            json!("x"),
            json!(20_220_929),
            json!(1.0),
            json!(1.5),
            json!([]),
            json!(["x"]),
            json!(["x", 1]),
            json!([null]),
            json!([{"system": "y", "value": "1"}]),
            json!([{"system": null, "value": "1", "other": 1}]),
            json!([{"system": 1, "value": "1"}]),
            json!([{}]),
            json!([["y", "1"]]),
            json!({}),
            json!({"T": ["A", "B"]}),
            json!({"T": "A"}),
            json!({"T": null}),
        ]
    }

    #[test]
    fn what_is_described_is_what_is_read() {
        for what in all().filter(|what| !what.filters().is_empty()) {
            let mut generator = SchemaSettings::draft2020_12()
                .with(|settings| settings.definitions_path = "/components/schemas".into())
                .into_generator();
            let mut described = schema(what, &mut generator).to_value();
            described["components"] = json!({"schemas": generator.take_definitions(false)});
            let validator = jsonschema::validator_for(&described).unwrap();
            let agree = |filter: &Value| {
                let read = read(what, "bob", filter);
                assert_eq!(
                    validator.is_valid(filter),
                    read.is_ok(),
                    "{filter}: {read:?}"
                );
                read.err()
            };
            for kind in what.filters() {
                let mut whole = json!({"$type": kind.name});
                for name in kind.needs {
                    whole[*name] = match field(name).unwrap().0 {
                        Form::Text => json!("x"),
                        Form::Texts => json!(["x"]),
                        Form::Date => json!(20_220_929),
                        Form::Identifiers => json!([{"value": "x"}]),
                        Form::Codes => json!({"T": ["A"]}),
                    };
                }
                assert!(agree(&whole).is_none(), "{whole}");
                for name in kind.needs.iter().chain(kind.takes) {
                    let mut lacking = whole.clone();
                    lacking.as_object_mut().unwrap().remove(*name);
                    agree(&lacking);
                    for value in values() {
                        let mut changed = whole.clone();
                        changed[*name] = value;
                        let refusal = format!("{:?}", agree(&changed));
                        assert!(
                            refusal == "None" || refusal.contains(&format!("`{name}`")),
                            "{refusal}"
                        );
                    }
                }
                for filters in [json!([whole]), json!([{}]), json!(whole), json!(null)] {
                    agree(&json!({"$type": "UnionFilter", "filters": filters}));
                    agree(
                        &json!({"$type": "ComplementFilter", "superSet": whole, "subSet": filters}),
                    );
                }
            }
        }
    }

    #[test]
    fn a_field_is_read_as_clients_up_to_version_7_write_it() {
        let of = |field: &str| {
            let filter = json!({"$type": "HealthElementByHcPartyTagCodeFilter", field: "ada"});
            read(Filtered::Entities(Table::HealthElements), "bob", &filter)
        };
        let expected = of("healthcarePartyId").unwrap();
        assert_eq!(of("healthCarePartyId").unwrap(), expected);
        assert!(of("hcpId").is_err());
    }

    #[test]
    fn every_field_of_a_filter_is_known() {
        for kind in all().flat_map(Filtered::filters) {
            for name in kind.needs.iter().chain(kind.takes) {
                assert!(field(name).is_some(), "{name} of {}", kind.name);
            }
        }
    }

    #[test]
    fn what_is_no_filter_is_refused_and_not_repeated() {
        let mut deep = json!({"$type": "ContactByHcPartyFilter", "hcpId": "x"});
        for _ in 0..ceilings::FILTERS {
            deep = json!({"$type": "UnionFilter", "filters": [deep]});
        }
        for filter in [
            Value::Null,
            json!({}),
            json!({"$type": "hunter2"}),
            json!({"$type": "ServiceByIdsFilter", "ids": []}),
            json!({"$type": "ContactByHcPartyFilter"}),
            json!({"$type": "ContactByHcPartyFilter", "hcpId": 1}),
            json!({"$type": "ContactByServiceIdsFilter", "ids": [1]}),
            json!({"$type": "UnionFilter"}),
            json!({"$type": "ComplementFilter", "superSet": 1}),
            json!({"$type": "ContactByHcPartyIdentifiersFilter", "identifiers": [{}]}),
            deep,
        ] {
            let refusal = read(CONTACTS, "bob", &filter).unwrap_err();
            let shown = format!("{refusal:?}");
            assert!(
                shown.contains("400") && !shown.contains("hunter2"),
                "{shown}"
            );
        }
    }
}
