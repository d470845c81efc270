//! Accounts: a user with the patient or practitioner that it is.

use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::Failure;
use super::address::{Address, normalise_login};
use super::digest::Digest;
use super::document::{self, first_rev};
use super::store::{Table, Tables, Transaction};
use crate::wire::{AutoDelegations, DataOwnerKind, User};

/// Who asked for a code, and so whose account it opens.
#[derive(Clone)]
pub(super) struct Applicant {
    /// Where the code went; the login of the account.
    pub(super) address: Address,
    pub(super) kind: DataOwnerKind,
    pub(super) first_name: String,
    pub(super) last_name: String,
    /// The practitioner with whom a patient shares by default.
    pub(super) responsible: Option<String>,
}

/// What is kept of an account that somebody made for another.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Invitation {
    /// Id of the user who made it, and who may have a token for it.
    pub(super) by: String,
    /// Digest of the password that it was given, with its salt.
    password: Option<(String, String)>,
}

impl Invitation {
    pub(super) fn new(by: &str, password: Option<&str>) -> Self {
        let salt = Uuid::new_v4().to_string();
        let digest = password.map(|password| Digest::salted(salt.as_bytes(), password).to_hex());
        Self {
            by: by.to_owned(),
            password: digest.map(|digest| (salt, digest)),
        }
    }

    /// Whether this is the password.
    pub(super) fn accepts(&self, password: &str) -> bool {
        self.password.as_ref().is_some_and(|(salt, digest)| {
            let given = Digest::salted(salt.as_bytes(), password).to_hex();
            Digest::of(&given) == Digest::of(digest)
        })
    }
}

/// The invitation of an account, if it was made for another.
pub(super) fn invitation(tables: &Tables, user: &str) -> Result<Option<Invitation>, Failure> {
    tables.json(Table::Invitations, user)
}

/// The account that a login names: an e-mail address, a phone number or a user
/// id.
pub(super) fn find(tables: &Tables, login: &str) -> Result<Option<User>, Failure> {
    let id = tables
        .text(Table::Logins, &normalise_login(login))
        .unwrap_or(login);
    tables.json(Table::Users, id)
}

/// The account of an applicant; made when the login is new, and left as it is
/// when not. Also says whether it was made.
pub(super) fn find_or_create(
    tx: &mut Transaction<'_>,
    applicant: &Applicant,
    group_id: &str,
    now: i64,
) -> Result<(User, bool), Failure> {
    let login = applicant.address.login();
    if let Some(user) = find(tx, &login)? {
        return Ok((user, false));
    }
    let owner_id = Uuid::new_v4().to_string();
    let is_patient = applicant.kind == DataOwnerKind::Patient;
    let responsible = applicant.responsible.clone().filter(|_| is_patient);
    let mut owner = json!({
        "id": owner_id,
        "rev": first_rev(),
        "firstName": applicant.first_name,
        "lastName": applicant.last_name,
    });
    if let Some(responsible) = &responsible {
        owner["responsible"] = json!(responsible);
    }
    let table = if is_patient {
        Table::Patients
    } else {
        // Of a patient, clients encrypt these two, and take none in clear.
        owner["created"] = json!(now);
        owner["modified"] = json!(now);
        Table::Practitioners
    };
    document::put(tx, table, &owner_id, &owner)?;
    let user = new_user(applicant, owner_id, responsible, group_id);
    document::put(tx, Table::Users, &user.id, &user)?;
    tx.put(Table::Logins, login, user.id.clone());
    Ok((user, true))
}

fn new_user(
    applicant: &Applicant,
    owner_id: String,
    responsible: Option<String>,
    group_id: &str,
) -> User {
    let (email, mobile_phone) = match &applicant.address {
        Address::Email(email) => (Some(email.clone()), None),
        Address::Phone(phone) => (None, Some(phone.clone())),
    };
    let (patient_id, healthcare_party_id) = match applicant.kind {
        DataOwnerKind::Patient => (Some(owner_id), None),
        _ => (None, Some(owner_id)),
    };
    User {
        id: Uuid::new_v4().to_string(),
        rev: Some(first_rev()),
        login: Some(applicant.address.as_str().to_owned()),
        email,
        mobile_phone,
        group_id: Some(group_id.to_owned()),
        patient_id,
        healthcare_party_id,
        auto_delegations: AutoDelegations {
            medical_information: responsible.into_iter().collect(),
            ..AutoDelegations::default()
        },
        ..User::default()
    }
}

#[cfg(test)]
mod tests {
    use super::{Applicant, find, find_or_create};
    use crate::simulator::address::Address;
    use crate::simulator::store::Store;
    use crate::wire::DataOwnerKind;

    fn applicant(address: Address, kind: DataOwnerKind) -> Applicant {
        Applicant {
            address,
            kind,
            first_name: "Ada".to_owned(),
            last_name: String::new(),
            responsible: Some("hcp".to_owned()),
        }
    }

    #[tokio::test]
    async fn an_account_is_made_once_and_found_by_login_or_id() {
        let store = Store::plain();
        let by = |text: &str| applicant(Address::email(text).unwrap(), DataOwnerKind::Patient);
        let (user, made) = store
            .write(|tx| find_or_create(tx, &by("Ada@example.org"), "group", 1))
            .await
            .unwrap();
        assert!(made);
        assert_eq!(user.auto_delegations.medical_information, ["hcp"]);
        let (again, made) = store
            .write(|tx| find_or_create(tx, &by("ada@EXAMPLE.org"), "group", 2))
            .await
            .unwrap();
        assert!(!made);
        assert_eq!(again.id, user.id);
        store.read(|tables| {
            for login in ["ADA@example.org", &user.id] {
                assert_eq!(find(tables, login).unwrap().unwrap().id, user.id);
            }
            assert!(find(tables, "bob@example.org").unwrap().is_none());
        });
    }

    #[tokio::test]
    async fn a_practitioner_has_no_default_delegate() {
        let store = Store::plain();
        let by_phone = applicant(
            Address::phone("+32 475 123456").unwrap(),
            DataOwnerKind::Hcp,
        );
        let (user, _) = store
            .write(|tx| find_or_create(tx, &by_phone, "group", 1))
            .await
            .unwrap();
        assert!(user.auto_delegations.is_empty());
        assert!(user.healthcare_party_id.is_some() && user.patient_id.is_none());
        let found = store.read(|tables| find(tables, "+32475123456")).unwrap();
        assert_eq!(found.unwrap().id, user.id);
    }
}
