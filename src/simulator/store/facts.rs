//! What a document is found by. Everything is read leniently: what is of
//! another form than expected is not found by it, and no more.

use serde_json::{Map, Value};

use super::index::{Field, Term};
use super::table::Table;

/// What is known of a row besides its bytes.
#[derive(Default)]
pub(super) struct Facts {
    pub(super) terms: Vec<Term>,
    pub(super) date: Option<i64>,
    /// Whether it is marked as deleted: nothing finds it any more but its id.
    pub(super) deleted: bool,
    /// The data samples of a contact.
    pub(super) parts: Vec<Part>,
}

/// The same of a data sample.
pub(super) struct Part {
    pub(super) id: String,
    pub(super) terms: Vec<Term>,
    pub(super) date: Option<i64>,
    pub(super) modified: Option<i64>,
}

/// Fields that hold one text, or a list of texts.
const TEXTS: [(&str, Field); 18] = [
    ("secretForeignKeys", Field::SecretKey),
    ("healthElementId", Field::HealthElement),
    ("healthcareElementId", Field::HealthElement),
    ("healthElementsIds", Field::HealthElement),
    ("taskType", Field::Kind),
    ("documentType", Field::Kind),
    ("transportGuid", Field::Kind),
    ("parentId", Field::Parent),
    ("formId", Field::Parent),
    ("externalId", Field::ExternalId),
    ("ssin", Field::ExternalId),
    ("patientId", Field::Owner),
    ("healthcarePartyId", Field::Owner),
    ("deviceId", Field::Owner),
    ("userId", Field::Owner),
    ("delegator", Field::Owner),
    ("delegate", Field::Owner),
    ("logicalUuid", Field::Parent),
];

/// What of a contact's terms is true of each of its data samples.
const INHERITED: [Field; 2] = [Field::Reader, Field::SecretKey];

/// Reads a row.
pub(super) fn read(table: Table, key: &str, value: &[u8]) -> Facts {
    let mut facts = Facts::default();
    match table {
        Table::Meta | Table::Invitations | Table::EndedSessions | Table::ExchangeDataMaps => {}
        Table::Logins => {
            let user = String::from_utf8_lossy(value).into_owned();
            facts.terms.push((Field::Owner, user));
        }
        Table::TokenKeys | Table::Attachments => {
            let owner = key.rsplit_once('/').map_or(key, |(owner, _)| owner);
            facts.terms.push((Field::Owner, owner.to_owned()));
        }
        _ => {
            if let Ok(Value::Object(document)) = serde_json::from_slice(value) {
                facts = of_document(table, &document);
            }
        }
    }
    facts
}

fn of_document(table: Table, document: &Map<String, Value>) -> Facts {
    if document.get("deletionDate").is_some_and(|at| !at.is_null()) {
        return Facts {
            deleted: true,
            ..Facts::default()
        };
    }
    let mut facts = Facts {
        terms: terms(document),
        date: date(document, table.dates()),
        ..Facts::default()
    };
    readers(document, &mut facts.terms);
    match table {
        Table::Contacts => facts.parts = parts(document, &facts.terms),
        Table::Users => addresses(document, &mut facts.terms),
        Table::Patients | Table::Practitioners | Table::Devices => {
            names(document, &mut facts.terms);
            delegates(document, &mut facts.terms);
            if table == Table::Devices {
                let responsible = texts(document.get("responsible"));
                let responsible = responsible.map(|id| (Field::Owner, id.to_owned()));
                facts.terms.extend(responsible);
            }
        }
        Table::Codes => {
            let text = |field: &str| document.get(field).and_then(Value::as_str);
            let (kind, code) = (text("type"), text("code"));
            facts.terms.extend(stub(Field::Kind, kind, code));
            names(document, &mut facts.terms);
        }
        _ => {}
    }
    facts
}

fn terms(document: &Map<String, Value>) -> Vec<Term> {
    let mut terms = Vec::new();
    for (name, field) in TEXTS {
        for text in texts(document.get(name)) {
            terms.push((field, text.to_owned()));
        }
    }
    for (name, field) in [("tags", Field::Tag), ("codes", Field::Code)] {
        for code in list(document.get(name)) {
            let text = |field: &str| code.get(field).and_then(Value::as_str);
            terms.extend(stub(field, text("type"), text("code")));
        }
    }
    let identifiers = ["identifier", "identifiers"].map(|field| list(document.get(field)));
    for identifier in identifiers.concat() {
        let text = |field: &str| identifier.get(field).and_then(Value::as_str);
        if let Some(value) = text("value") {
            let system = text("system").unwrap_or_default();
            terms.push((Field::Identifier, format!("{system}|{value}")));
        }
    }
    terms
}

/// `type|` and `type|code`.
fn stub(field: Field, kind: Option<&str>, code: Option<&str>) -> Vec<Term> {
    let Some(kind) = kind else {
        return Vec::new();
    };
    let mut terms = vec![(field, format!("{kind}|"))];
    terms.extend(code.map(|code| (field, format!("{kind}|{code}"))));
    terms
}

/// Whom `delegations` and `securityMetadata` name, and the keys of the latter.
fn readers(document: &Map<String, Value>, terms: &mut Vec<Term>) {
    let mut add = |reader: &str| terms.push((Field::Reader, reader.to_owned()));
    for owner in keys(document.get("delegations")) {
        add(owner);
    }
    let metadata = document.get("securityMetadata");
    let delegations = metadata.and_then(|metadata| metadata.get("secureDelegations"));
    for (key, delegation) in delegations.and_then(Value::as_object).into_iter().flatten() {
        add(key);
        for side in ["delegator", "delegate"] {
            if let Some(owner) = delegation.get(side).and_then(Value::as_str) {
                add(owner);
            }
        }
    }
}

fn addresses(document: &Map<String, Value>, terms: &mut Vec<Term>) {
    for field in ["login", "email", "mobilePhone"] {
        for text in texts(document.get(field)) {
            terms.push((Field::Address, text.to_lowercase()));
        }
    }
    for text in texts(document.get("name")) {
        words(text, terms);
    }
}

/// Whom the exchange keys of a data owner are for.
fn delegates(document: &Map<String, Value>, terms: &mut Vec<Term>) {
    let mut add = |id: &str| terms.push((Field::Delegate, id.to_owned()));
    keys(document.get("hcPartyKeys")).for_each(&mut add);
    let by_key = document.get("aesExchangeKeys").and_then(Value::as_object);
    for by_delegate in by_key.into_iter().flat_map(Map::values) {
        keys(Some(by_delegate)).for_each(&mut add);
    }
}

fn names(document: &Map<String, Value>, terms: &mut Vec<Term>) {
    for field in ["firstName", "lastName", "name"] {
        for text in texts(document.get(field)) {
            words(text, terms);
        }
    }
    let labels = document.get("label").and_then(Value::as_object);
    for label in labels.into_iter().flat_map(Map::values) {
        for text in texts(Some(label)) {
            words(text, terms);
        }
    }
}

fn words(text: &str, terms: &mut Vec<Term>) {
    let words = text.split(|c: char| !c.is_alphanumeric());
    let words = words.filter(|word| !word.is_empty());
    terms.extend(words.map(|word| (Field::Name, word.to_lowercase())));
}

/// The data samples of a contact, with the health elements that its
/// sub-contacts file them under.
fn parts(contact: &Map<String, Value>, own: &[Term]) -> Vec<Part> {
    let inherited = own.iter().filter(|(field, _)| INHERITED.contains(field));
    let inherited: Vec<Term> = inherited.cloned().collect();
    let filed = filed(contact);
    let mut parts = Vec::new();
    for service in list(contact.get("services")) {
        let Some((service, id)) = service
            .as_object()
            .and_then(|fields| Some((fields, fields.get("id")?.as_str()?)))
        else {
            continue;
        };
        let mut terms = terms(service);
        terms.extend_from_slice(&inherited);
        terms.push((Field::Part, id.to_owned()));
        let filed = filed.iter().filter(|(service, _)| *service == id);
        terms.extend(filed.map(|(_, element)| (Field::HealthElement, (*element).to_owned())));
        parts.push(Part {
            id: id.to_owned(),
            terms,
            date: date(service, &["valueDate", "openingDate"]),
            modified: date(service, &["modified", "created"]),
        });
    }
    parts
}

/// `(service, health element)` of all sub-contacts.
fn filed(contact: &Map<String, Value>) -> Vec<(&str, &str)> {
    let mut filed = Vec::new();
    for part in list(contact.get("subContacts")) {
        let Some(element) = part.get("healthElementId").and_then(Value::as_str) else {
            continue;
        };
        for service in list(part.get("services")) {
            if let Some(id) = service.get("serviceId").and_then(Value::as_str) {
                filed.push((id, element));
            }
        }
    }
    filed
}

/// The first of these fields that holds a number, as [`comparable`] makes it.
fn date(document: &Map<String, Value>, fields: &[&str]) -> Option<i64> {
    let mut dates = fields.iter().filter_map(|field| document.get(*field));
    dates.find_map(Value::as_i64).map(comparable)
}

/// A fuzzy date without a time is the beginning of that day: `YYYYMMDD` and
/// `YYYYMMDDhhmmss` stand in one order.
pub(in crate::simulator) fn comparable(date: i64) -> i64 {
    if (0..=99_999_999).contains(&date) {
        date * 1_000_000
    } else {
        date
    }
}

fn list(value: Option<&Value>) -> &[Value] {
    value.and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn texts(value: Option<&Value>) -> impl Iterator<Item = &str> {
    let one = value.and_then(Value::as_str);
    one.into_iter()
        .chain(list(value).iter().filter_map(Value::as_str))
}

fn keys(value: Option<&Value>) -> impl Iterator<Item = &str> {
    let fields = value.and_then(Value::as_object);
    fields.into_iter().flatten().map(|(key, _)| key.as_str())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Field, Table, comparable, read};

    #[test]
    fn a_contact_is_found_by_its_services_and_they_by_its_readers() {
        let contact = json!({
            "id": "c", "openingDate": 20_220_929,
            "delegations": {"ada": []},
            "securityMetadata": {"secureDelegations": {"k": {"delegate": "bob"}}},
            "secretForeignKeys": ["s"],
            "subContacts": [{"healthElementId": "h", "services": [{"serviceId": "x"}]}],
            "services": [{"id": "x", "tags": [{"type": "T", "code": "C"}], "modified": 7}, 1, {}],
        });
        let facts = read(Table::Contacts, "c", contact.to_string().as_bytes());
        let has = |field, text: &str| facts.terms.contains(&(field, text.to_owned()));
        for reader in ["ada", "k", "bob"] {
            assert!(has(Field::Reader, reader), "{reader}");
        }
        assert_eq!(facts.date, Some(20_220_929_000_000));
        let [part] = facts.parts.as_slice() else {
            panic!("one part");
        };
        for (field, text) in [
            (Field::Part, "x"),
            (Field::Reader, "bob"),
            (Field::SecretKey, "s"),
            (Field::Tag, "T|"),
            (Field::Tag, "T|C"),
            (Field::HealthElement, "h"),
        ] {
            assert!(part.terms.contains(&(field, text.to_owned())), "{text}");
        }
        assert_eq!(part.modified, Some(comparable(7)));
    }

    #[test]
    fn what_is_deleted_or_of_another_form_is_found_by_nothing() {
        for (table, value) in [
            (
                Table::Contacts,
                r#"{"deletionDate":1,"delegations":{"a":[]}}"#,
            ),
            (
                Table::Patients,
                r#"{"tags":{},"codes":[1,[]],"identifier":[{}]}"#,
            ),
            (Table::Contacts, r#"{"services":{},"subContacts":[1]}"#),
            (Table::Contacts, "no JSON"),
            (Table::EndedSessions, r#"{"delegations":{"a":[]}}"#),
        ] {
            let facts = read(table, "k", value.as_bytes());
            assert!(facts.terms.is_empty() && facts.parts.is_empty(), "{value}");
        }
    }
}
