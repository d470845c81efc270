//! Filters of the platform as queries of the store.

use schemars::{Schema, json_schema};
use serde_json::{Map, Value, json};

use super::filters::{FilterKind, Filtered};
use crate::ceilings;
use crate::simulator::Failure;
use crate::simulator::store::{Field, Query, Table, comparable};

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
    let name = fields.get("$type").and_then(Value::as_str);
    let name = name.ok_or_else(|| Failure::bad_request("the filter has no `$type`"))?;
    match name {
        "UnionFilter" => all(asked, fields, left).map(Query::Any),
        "IntersectionFilter" => all(asked, fields, left).map(Query::Every),
        "ComplementFilter" => {
            let mut side = |field: &str| {
                let side = fields.get(field).unwrap_or(&Value::Null);
                query(asked, side, left).map(Box::new)
            };
            Ok(Query::Without(side("superSet")?, side("subSet")?))
        }
        _ => {
            let kind = what.filters().iter().find(|kind| kind.name == name);
            let kind = kind.ok_or_else(|| unknown(what))?;
            one(asked, kind, fields)
        }
    }
}

fn all(asked: Asked, fields: &Map<String, Value>, left: &mut usize) -> Result<Vec<Query>, Failure> {
    let filters = fields.get("filters").and_then(Value::as_array);
    let filters = filters.ok_or_else(|| Failure::bad_request("the filter has no `filters`"))?;
    let filters = filters.iter().map(|filter| query(asked, filter, left));
    filters.collect()
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
    let given = |field: &str| fields.get(field).filter(|value| !value.is_null());
    for field in kind.needs {
        if given(field).is_none() {
            return Err(Failure::bad_request(format!("the filter has no `{field}`")));
        }
    }
    let (what, owner) = asked;
    let read = Reading {
        what,
        owner,
        fields,
    };
    let mut queries = Vec::new();
    let mut dates = (None, None);
    for field in kind.needs.iter().chain(kind.takes).copied() {
        if given(field).is_none() {
            continue;
        }
        match meaning(field) {
            Meaning::From => dates.0 = Some(read.date(field)?),
            Meaning::To => dates.1 = Some(read.date(field)?),
            Meaning::On => dates = (Some(read.date(field)?), Some(read.date(field)?)),
            other => queries.extend(read.query(field, other)?),
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

/// What a field says.
#[derive(Clone, Copy)]
enum Meaning {
    From,
    To,
    On,
    Ids,
    /// One text, or several of which one must be there.
    Term(Field),
    /// System and value.
    Identifiers,
    /// A type; the code, or how it begins, is in the second field, or in the
    /// third.
    Stub(Field, &'static str, &'static str),
    /// Codes by type.
    Stubs(Field),
    /// Beginnings of words.
    Words,
    /// Read with another field, or of no effect.
    Beside,
}

fn meaning(field: &str) -> Meaning {
    match field {
        "startOfContactOpeningDate"
        | "startValueDate"
        | "startDate"
        | "startOfHealthElementDate"
        | "minDateOfBirth"
        | "date" => Meaning::From,
        "endOfContactOpeningDate"
        | "endValueDate"
        | "endDate"
        | "endOfHealthElementDate"
        | "maxDateOfBirth" => Meaning::To,
        "dateOfBirth" => Meaning::On,
        "ids" => Meaning::Ids,
        "healthcarePartyId" | "hcpId" | "hcPartyId" | "dataOwnerId" => Meaning::Term(Field::Reader),
        "patientId" => Meaning::Term(Field::Owner),
        "patientSecretForeignKey"
        | "patientSecretForeignKeys"
        | "secretForeignKeys"
        | "secretPatientKeys" => Meaning::Term(Field::SecretKey),
        "healthElementIds" => Meaning::Term(Field::HealthElement),
        "type" | "documentType" => Meaning::Term(Field::Kind),
        "parentId" | "parentIds" => Meaning::Term(Field::Parent),
        "externalId" | "ssin" | "ssins" => Meaning::Term(Field::ExternalId),
        "identifiers" => Meaning::Identifiers,
        "tagType" => Meaning::Stub(Field::Tag, "tagCode", "tagCodePrefix"),
        "codeType" => Meaning::Stub(Field::Code, "codeCode", "codeCodePrefix"),
        "tagCodes" => Meaning::Stubs(Field::Tag),
        "codeCodes" => Meaning::Stubs(Field::Code),
        "name" | "searchString" | "label" => Meaning::Words,
        _ => Meaning::Beside,
    }
}

struct Reading<'a> {
    what: Filtered,
    /// Who asks: of itself nothing has to be looked for, since it finds what
    /// it may read and no more.
    owner: &'a str,
    fields: &'a Map<String, Value>,
}

impl Reading<'_> {
    fn query(&self, field: &str, meaning: Meaning) -> Result<Option<Query>, Failure> {
        let query = match meaning {
            Meaning::Ids => Query::Ids(self.texts(field)?),
            Meaning::Term(Field::Reader) if self.is_own(field) => return Ok(None),
            Meaning::Term(term) => self.terms(field, term)?,
            Meaning::Identifiers => self.identifiers(field)?,
            Meaning::Stub(term, code, prefix) => {
                let kind = self.text(field)?;
                if self.fields.get(prefix).is_some_and(Value::is_string) {
                    Query::Beginning(term, format!("{kind}|{}", self.text(prefix)?))
                } else {
                    let code = match self.fields.get(code) {
                        None | Some(Value::Null) => String::new(),
                        Some(_) => self.text(code)?,
                    };
                    self.labelled(term, format!("{kind}|{code}"))
                }
            }
            Meaning::Stubs(term) => self.stubs(field, term)?,
            Meaning::Words => self.words(field)?,
            Meaning::From | Meaning::To | Meaning::On | Meaning::Beside => return Ok(None),
        };
        Ok(Some(query))
    }

    fn is_own(&self, field: &str) -> bool {
        let users = self.what == Filtered::Entities(Table::Users);
        !users && self.fields.get(field).and_then(Value::as_str) == Some(self.owner)
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

    fn terms(&self, field: &str, term: Field) -> Result<Query, Failure> {
        let users = self.what == Filtered::Entities(Table::Users);
        let codes = self.what == Filtered::Entities(Table::Codes);
        let texts = self.texts(field)?;
        let terms = texts.into_iter().map(|text| match term {
            Field::Reader if users => Query::Term(Field::Owner, text),
            Field::Kind if codes => Query::Term(Field::Kind, format!("{text}|")),
            _ => Query::Term(term, text),
        });
        Ok(Query::Any(terms.collect()))
    }

    fn identifiers(&self, field: &str) -> Result<Query, Failure> {
        let malformed = || wrong(field, "a list of `{system, value}`");
        let list = self.fields.get(field).and_then(Value::as_array);
        let mut terms = Vec::new();
        for identifier in list.ok_or_else(malformed)? {
            let text = |field: &str| identifier.get(field).and_then(Value::as_str);
            let value = text("value").ok_or_else(malformed)?;
            let system = text("system").unwrap_or_default();
            terms.push(Query::Term(Field::Identifier, format!("{system}|{value}")));
        }
        Ok(Query::Any(terms))
    }

    fn stubs(&self, field: &str, term: Field) -> Result<Query, Failure> {
        let malformed = || wrong(field, "lists of codes by type");
        let by_type = self.fields.get(field).and_then(Value::as_object);
        let mut terms = Vec::new();
        for (kind, codes) in by_type.ok_or_else(malformed)? {
            for code in codes.as_array().ok_or_else(malformed)? {
                let code = code.as_str().ok_or_else(malformed)?;
                terms.push(Query::Term(term, format!("{kind}|{code}")));
            }
        }
        Ok(Query::Any(terms))
    }

    /// Every word of the text begins one of the name; of an account, the text
    /// may begin an address too.
    fn words(&self, field: &str) -> Result<Query, Failure> {
        let text = self.text(field)?.to_lowercase();
        let words = text.split(|c: char| !c.is_alphanumeric());
        let words = words.filter(|word| !word.is_empty());
        let named = words.map(|word| Query::Beginning(Field::Name, word.to_owned()));
        let named = Query::Every(named.collect());
        Ok(if self.what == Filtered::Entities(Table::Users) {
            Query::Any(vec![Query::Beginning(Field::Address, text), named])
        } else {
            named
        })
    }

    fn text(&self, field: &str) -> Result<String, Failure> {
        let text = self.fields.get(field).and_then(Value::as_str);
        text.map(str::to_owned)
            .ok_or_else(|| wrong(field, "a text"))
    }

    fn texts(&self, field: &str) -> Result<Vec<String>, Failure> {
        let malformed = || wrong(field, "a text or a list of texts");
        match self.fields.get(field) {
            Some(Value::String(text)) => Ok(vec![text.clone()]),
            Some(Value::Array(texts)) => {
                let texts = texts.iter().map(|text| text.as_str().map(str::to_owned));
                texts.collect::<Option<_>>().ok_or_else(malformed)
            }
            _ => Err(malformed()),
        }
    }

    fn date(&self, field: &str) -> Result<i64, Failure> {
        let date = self.fields.get(field).and_then(Value::as_i64);
        date.map(comparable)
            .ok_or_else(|| wrong(field, "a whole number"))
    }
}

fn wrong(field: &str, expected: &str) -> Failure {
    Failure::bad_request(format!("`{field}` of the filter must be {expected}"))
}

/// What a filter looks like: one of those that are served, or several joined.
/// Filters in filters may be joined again, which is not described.
pub(in crate::simulator) fn schema(what: Filtered) -> Schema {
    let mut one: Vec<Value> = what.filters().iter().map(described).collect();
    let of = json!({"type": "array", "items": {"anyOf": one.clone()}, "maxItems": ceilings::FILTERS - 1});
    for name in ["UnionFilter", "IntersectionFilter"] {
        one.push(json!({
            "type": "object",
            "properties": {"$type": {"const": name}, "filters": of},
            "required": ["$type", "filters"],
        }));
    }
    json_schema!({ "anyOf": one })
}

fn described(kind: &FilterKind) -> Value {
    let mut properties = Map::new();
    properties.insert("$type".to_owned(), json!({"const": kind.name}));
    for field in kind.needs {
        properties.insert((*field).to_owned(), described_field(field));
    }
    for field in kind.takes {
        // Nothing is as good as not there.
        let value = json!({"anyOf": [described_field(field), {"type": "null"}]});
        properties.insert((*field).to_owned(), value);
    }
    let required: Vec<_> = std::iter::once(&"$type").chain(kind.needs).collect();
    json!({"type": "object", "properties": properties, "required": required})
}

fn described_field(field: &str) -> Value {
    let text = json!({"type": "string"});
    match meaning(field) {
        Meaning::From | Meaning::To | Meaning::On => {
            json!({"type": "integer", "minimum": i64::MIN, "maximum": i64::MAX})
        }
        Meaning::Identifiers => json!({"type": "array", "items": {
            "type": "object",
            "properties": {"system": text, "value": text},
            "required": ["value"],
        }}),
        Meaning::Stubs(_) => json!({
            "type": "object",
            "additionalProperties": {"type": "array", "items": text},
        }),
        _ if field.ends_with('s') => json!({"type": "array", "items": text}),
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Field, Filtered, Query, Table, read};
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
