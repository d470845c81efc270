//! Fields that the platform's documents always have.
//!
//! Its servers write empty lists and maps where nothing was said (Kotlin's
//! defaults under `JsonInclude.NON_NULL`, in `dto/` of icure/kraken-common), and
//! clients count on them: `@icure/api` 6.x puts keys into the `hcPartyKeys` that
//! it has read without asking whether there are any. Fields that only some of
//! the clients know are left out: Cardinal's refuse a document that has others.
//! The platform asks them for the version of their schema, and filters by it.

use serde_json::{Map, Value, json};

use super::store::Table;

/// What stands in a field of which nothing was said.
#[derive(Clone, Copy)]
enum Blank {
    List,
    Map,
    Text(&'static str),
    True,
}

use Blank::{List, Map as Object, Text, True};

type Blanks = &'static [(&'static str, Blank)];

const USER: Blanks = &[
    ("identifier", List),
    ("properties", List),
    ("permissions", List),
    ("roles", List),
    ("autoDelegations", Object),
    ("authenticationTokens", Object),
];

/// What patients and practitioners have in common.
const OWNER: Blanks = &[
    ("identifier", List),
    ("tags", List),
    ("codes", List),
    ("names", List),
    ("languages", List),
    ("addresses", List),
    ("properties", List),
    ("financialInstitutionInformation", List),
    ("hcPartyKeys", Object),
    ("aesExchangeKeys", Object),
    ("transferKeys", Object),
    ("privateKeyShamirPartitions", Object),
    ("publicKeysForOaepWithSha256", List),
];

const PATIENT: Blanks = &[
    ("gender", Text("unknown")),
    ("birthSex", Text("unknown")),
    ("personalStatus", Text("unknown")),
    ("active", True),
    ("deactivationReason", Text("none")),
    ("mergedIds", List),
    ("notes", List),
    ("insurabilities", List),
    ("partnerships", List),
    ("patientHealthCareParties", List),
    ("medicalHouseContracts", List),
    ("patientProfessions", List),
    ("parameters", Object),
];

const PRACTITIONER: Blanks = &[("specialityCodes", List)];

const CONTACT: Blanks = &[
    ("tags", List),
    ("codes", List),
    ("identifier", List),
    ("subContacts", List),
    ("services", List),
];

const SERVICE: Blanks = &[
    ("identifier", List),
    ("content", Object),
    ("textIndexes", Object),
    ("invoicingCodes", List),
    ("notes", List),
    ("qualifiedLinks", Object),
    ("codes", List),
    ("tags", List),
];

const LABELLED: Blanks = &[("tags", List), ("codes", List)];

const HEALTH_ELEMENT: Blanks = &[
    ("identifiers", List),
    ("plansOfAction", List),
    ("episodes", List),
    ("careTeam", List),
];

const DOCUMENT: Blanks = &[
    ("otherUtis", List),
    ("secondaryAttachments", Object),
    ("deletedAttachments", List),
];

const DEVICE: Blanks = &[
    ("identifiers", List),
    ("properties", List),
    ("hcPartyKeys", Object),
    ("aesExchangeKeys", Object),
    ("transferKeys", Object),
    ("privateKeyShamirPartitions", Object),
    ("publicKeysForOaepWithSha256", List),
];

const TASK: Blanks = &[
    ("identifier", List),
    ("tags", List),
    ("codes", List),
    ("properties", List),
    ("status", Text("pending")),
];

/// What says who may read an entity, and with which key.
const SHARED: Blanks = &[
    ("secretForeignKeys", List),
    ("cryptedForeignKeys", Object),
    ("delegations", Object),
    ("encryptionKeys", Object),
];

/// Adds the fields that a document of this table must have and does not.
pub(super) fn complete(table: Table, document: &mut Map<String, Value>) {
    let shapes: &[Blanks] = match table {
        Table::Users => &[USER],
        Table::Patients => &[OWNER, PATIENT, SHARED],
        Table::Practitioners => &[OWNER, PRACTITIONER],
        Table::Contacts => &[CONTACT, SHARED],
        Table::MaintenanceTasks => &[TASK, SHARED],
        Table::HealthElements => &[LABELLED, HEALTH_ELEMENT, SHARED],
        Table::Documents => &[LABELLED, DOCUMENT, SHARED],
        Table::Devices => &[LABELLED, DEVICE],
        Table::Messages
        | Table::Forms
        | Table::Invoices
        | Table::CalendarItems
        | Table::Classifications
        | Table::AccessLogs => &[LABELLED, SHARED],
        _ => &[],
    };
    for shape in shapes {
        fill(shape, document);
    }
    if table == Table::Contacts
        && let Some(Value::Array(services)) = document.get_mut("services")
    {
        for service in services.iter_mut().filter_map(Value::as_object_mut) {
            fill(SERVICE, service);
        }
    }
}

/// Null is as good as missing, as it is to the platform.
fn fill(shape: Blanks, document: &mut Map<String, Value>) {
    for (field, blank) in shape {
        if document.get(*field).is_none_or(Value::is_null) {
            let blank = match blank {
                List => json!([]),
                Object => json!({}),
                Text(text) => json!(text),
                True => json!(true),
            };
            document.insert((*field).to_owned(), blank);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::complete;
    use crate::simulator::store::Table;

    fn completed(table: Table, document: &Value) -> Value {
        let mut fields = document.as_object().unwrap().clone();
        complete(table, &mut fields);
        Value::Object(fields)
    }

    #[test]
    fn what_was_said_stays() {
        let said =
            json!({"id": "a", "hcPartyKeys": {"b": ["1", "2"]}, "gender": "male", "tags": null});
        let patient = completed(Table::Patients, &said);
        assert_eq!(patient["hcPartyKeys"], said["hcPartyKeys"]);
        assert_eq!(patient["gender"], "male");
        assert_eq!(patient["tags"], json!([]));
        assert_eq!(patient["aesExchangeKeys"], json!({}));
        assert_eq!(completed(Table::Patients, &patient), patient);
    }

    #[test]
    fn services_are_completed_too() {
        let contact = completed(
            Table::Contacts,
            &json!({"id": "c", "services": [{"id": "s"}]}),
        );
        assert_eq!(contact["delegations"], json!({}));
        assert_eq!(contact["services"][0]["content"], json!({}));
    }

    #[test]
    fn other_rows_are_left_alone() {
        let row = json!({"userId": "u", "expiresAt": 1});
        assert_eq!(completed(Table::Tokens, &row), row);
    }
}
