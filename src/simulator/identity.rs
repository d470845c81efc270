//! What a simulator is called and what exists in it from the start.

use rand::random;
use rsa::PublicKey;
use rsa::pkcs8::DecodePublicKey;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::document::{self, first_rev};
use super::jwt::JwtKey;
use super::store::{Store, Table, Transaction};
use super::{Failure, SimulatorError};
use crate::wire::DataOwnerKind;

/// RSA-2048, SPKI, hex. The private half was never written to a file: nobody
/// can read what is shared with this practitioner.
const RESPONSIBLE_KEY: &str = include_str!("responsible.spki.hex");

const IDENTITY: &str = "identity";
const JWT_KEY: &str = "jwt_key";

/// The ids that a client must know beforehand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Identity {
    /// Id of the app at the message gateway.
    pub spec_id: String,
    /// Ids of the authentication processes.
    pub processes: ProcessIds,
    /// Id of a practitioner with whom patients can share.
    pub responsible: String,
    /// Id of the group, that is of the database, that accounts are in.
    pub group_id: String,
}

/// One authentication process for each kind of user and of address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProcessIds {
    /// Patients, by e-mail.
    pub patient_by_email: String,
    /// Patients, by SMS.
    pub patient_by_sms: String,
    /// Practitioners, by e-mail.
    pub hcp_by_email: String,
    /// Practitioners, by SMS.
    pub hcp_by_sms: String,
}

/// Where a process sends its code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Channel {
    Email,
    Sms,
}

impl ProcessIds {
    /// What the process of an id is for.
    pub(super) fn find(&self, id: &str) -> Option<(DataOwnerKind, Channel)> {
        let all = [
            (
                &self.patient_by_email,
                DataOwnerKind::Patient,
                Channel::Email,
            ),
            (&self.patient_by_sms, DataOwnerKind::Patient, Channel::Sms),
            (&self.hcp_by_email, DataOwnerKind::Hcp, Channel::Email),
            (&self.hcp_by_sms, DataOwnerKind::Hcp, Channel::Sms),
        ];
        all.into_iter()
            .find(|(own, ..)| *own == id)
            .map(|(_, kind, channel)| (kind, channel))
    }
}

impl Identity {
    /// Ids that nobody else has.
    pub fn generate() -> Self {
        let id = || Uuid::new_v4().to_string();
        Self {
            spec_id: id(),
            processes: ProcessIds {
                patient_by_email: id(),
                patient_by_sms: id(),
                hcp_by_email: id(),
                hcp_by_sms: id(),
            },
            responsible: id(),
            group_id: id(),
        }
    }
}

/// The public key of the responsible: the given one, or the one built in.
///
/// # Errors
/// When it is none.
pub(super) fn responsible_key(given: Option<&str>) -> Result<&str, SimulatorError> {
    let key = given.unwrap_or(RESPONSIBLE_KEY).trim();
    if is_rsa_public_key(key) {
        Ok(key)
    } else {
        Err(SimulatorError::ResponsibleKey)
    }
}

/// Codes that are there from the start.
const CODES: &str = include_str!("codes.json");

/// Stores the codes that are not there, of this type or of any.
pub(super) fn store_codes(tx: &mut Transaction<'_>, kind: Option<&str>) -> Result<(), Failure> {
    let codes: Vec<Value> =
        serde_json::from_str(CODES).map_err(|_| Failure::internal("the codes are damaged"))?;
    for mut code in codes {
        let text = |field: &str| code[field].as_str().unwrap_or_default().to_owned();
        if kind.is_some_and(|kind| text("type") != kind) {
            continue;
        }
        let id = format!("{}|{}|{}", text("type"), text("code"), text("version"));
        if tx.get(Table::Codes, &id).is_none() {
            code["id"] = id.as_str().into();
            code["rev"] = first_rev().into();
            document::put(tx, Table::Codes, &id, &code)?;
        }
    }
    Ok(())
}

/// The identity of a store and its key of JWTs; made when it has none.
pub(super) async fn establish(
    store: &Store,
    responsible_key: &str,
    wanted: Option<&Identity>,
) -> Result<(Identity, JwtKey), Failure> {
    let established = store.write(|tx| {
        store_codes(tx, None)?;
        if let Some(identity) = tx.json(Table::Meta, IDENTITY)?
            && let Some(key) = tx.get(Table::Meta, JWT_KEY)
            && let Ok(key) = <[u8; 32]>::try_from(key.as_ref())
        {
            return Ok((identity, JwtKey::new(key)));
        }
        let identity = wanted.cloned().unwrap_or_else(Identity::generate);
        let key: [u8; 32] = random();
        let responsible = json!({
            "id": identity.responsible,
            "rev": first_rev(),
            "firstName": "Responsible",
            "lastName": "Practitioner",
            "publicKey": responsible_key,
        });
        document::put(
            tx,
            Table::Practitioners,
            &identity.responsible,
            &responsible,
        )?;
        tx.put_json(Table::Meta, IDENTITY, &identity)?;
        tx.put(Table::Meta, JWT_KEY, key.to_vec());
        Ok((identity, JwtKey::new(key)))
    });
    established.await
}

fn is_rsa_public_key(text: &str) -> bool {
    hex::decode(text).is_ok_and(|der| PublicKey::from_public_key_der(&der).is_ok())
}

#[cfg(test)]
mod tests {
    use super::{Identity, establish, responsible_key};
    use crate::simulator::store::Store;

    #[test]
    fn the_built_in_key_is_an_rsa_public_key() {
        assert!(responsible_key(None).is_ok());
    }

    #[tokio::test]
    async fn two_simulators_are_two() {
        let one = establish(&Store::plain(), "", None).await.unwrap().0;
        let other = establish(&Store::plain(), "", None).await.unwrap().0;
        assert_ne!(one.spec_id, other.spec_id);
        assert_ne!(one.responsible, other.responsible);
    }

    #[tokio::test]
    async fn an_identity_is_taken_when_there_is_none_yet() {
        let wanted = Identity::generate();
        let store = Store::plain();
        let first = establish(&store, "", Some(&wanted)).await.unwrap().0;
        assert_eq!(first, wanted);
        let other = Identity::generate();
        let again = establish(&store, "", Some(&other)).await.unwrap().0;
        assert_eq!(again, wanted);
    }

    #[test]
    fn a_responsible_key_that_is_none_is_refused() {
        for key in ["", "abcd", "not hexadecimal"] {
            assert!(responsible_key(Some(key)).is_err(), "{key}");
        }
    }
}
