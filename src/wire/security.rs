//! `securityMetadata`: who may read a document, and what opens it, as clients
//! from version 8 on and Cardinal write it.
//!
//! Names and rules are those of icure/kraken-common (`SecurityMetadata`,
//! `SecureDelegation`, `EntityShareRequest`).

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::de::{DeserializeOwned, Error};
use serde::{Deserialize, Deserializer, Serialize};
use serde_with::skip_serializing_none;

use super::OtherFields;

// Sets are described as lists: what stands in one twice is taken, and kept once.

/// What somebody may do with a document; less comes first.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "UPPERCASE")]
pub enum AccessLevel {
    /// Read it.
    #[default]
    Read,
    /// Read and change it.
    Write,
}

/// Delegations by their key: the SHA-256, hex, of an access control key, which
/// only those know who hold the exchange data.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SecurityMetadata {
    /// By delegation key.
    pub secure_delegations: BTreeMap<String, SecureDelegation>,
    /// Whatever else it holds.
    #[serde(flatten)]
    pub other: OtherFields,
}

/// What one data owner shares with another, or keeps for itself. Secrets are
/// AES-CBC under the exchange key of the two, base64, after the bytes `Cure`.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct SecureDelegation {
    /// Who shares; not said when it is somebody who stays unnamed.
    pub delegator: Option<String>,
    /// Who receives; not said when it is somebody who stays unnamed.
    pub delegate: Option<String>,
    /// Secret ids of the document.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    #[schemars(with = "Vec<String>")]
    pub secret_ids: BTreeSet<String>,
    /// Keys of the document.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    #[schemars(with = "Vec<String>")]
    pub encryption_keys: BTreeSet<String>,
    /// Ids of what the document belongs to: the patient of a contact.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    #[schemars(with = "Vec<String>")]
    pub owning_entity_ids: BTreeSet<String>,
    /// Keys of the delegations that this one was made by. None for the root.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    #[schemars(with = "Vec<String>")]
    pub parent_delegations: BTreeSet<String>,
    /// Id of the exchange data; said when both sides are named.
    pub exchange_data_id: Option<String>,
    /// What the two may do.
    pub permissions: AccessLevel,
    /// Whatever else it holds.
    #[serde(flatten)]
    pub other: OtherFields,
}

/// Body of `PUT /{entity}/bulkSharedMetadataUpdate`.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct BulkShare {
    /// By id of the document.
    #[serde(deserialize_with = "objects")]
    pub requests_by_entity_id: BTreeMap<String, EntityShare>,
}

/// What to change in one document.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct EntityShare {
    /// By an id that the client makes, to find them in the answer.
    #[serde(deserialize_with = "objects")]
    pub requests: BTreeMap<String, ShareOrUpdate>,
    /// Keys of the delegations that can be parents of a new one.
    #[schemars(with = "Vec<String>")]
    pub potential_parent_delegations: BTreeSet<String>,
}

/// One of the two.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct ShareOrUpdate {
    /// A new delegation.
    #[serde(deserialize_with = "object")]
    pub share: Option<ShareRequest>,
    /// A change of one that there is.
    #[serde(deserialize_with = "object")]
    pub update: Option<MetadataUpdate>,
}

/// Reads an object, or `null`. A list of its values would pass for it otherwise.
fn object<'de, D, T>(reader: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: DeserializeOwned,
{
    let fields = Option::<OtherFields>::deserialize(reader)?;
    fields
        .map(|fields| T::deserialize(fields).map_err(D::Error::custom))
        .transpose()
}

/// The same of all values.
fn objects<'de, D, T>(reader: D) -> Result<BTreeMap<String, T>, D::Error>
where
    D: Deserializer<'de>,
    T: DeserializeOwned,
{
    let fields = BTreeMap::<String, OtherFields>::deserialize(reader)?;
    let read = |(key, fields)| Ok((key, T::deserialize(fields).map_err(D::Error::custom)?));
    fields.into_iter().map(read).collect()
}

/// A new delegation, from the caller to somebody.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct ShareRequest {
    /// Who shares, when it is named.
    pub explicit_delegator: Option<String>,
    /// Who receives, when it is named.
    pub explicit_delegate: Option<String>,
    /// Access control keys, hex; their SHA-256 is the key of the delegation.
    #[schemars(with = "Vec<String>")]
    pub access_control_keys: BTreeSet<String>,
    /// See [`SecureDelegation::secret_ids`].
    #[schemars(with = "Vec<String>")]
    pub secret_ids: BTreeSet<String>,
    /// See [`SecureDelegation::encryption_keys`].
    #[schemars(with = "Vec<String>")]
    pub encryption_keys: BTreeSet<String>,
    /// See [`SecureDelegation::owning_entity_ids`].
    #[schemars(with = "Vec<String>")]
    pub owning_entity_ids: BTreeSet<String>,
    /// See [`SecureDelegation::exchange_data_id`].
    pub exchange_data_id: Option<String>,
    /// The same id, encrypted for the keys of the side that is named when the
    /// other is not; goes to the exchange data map.
    pub encrypted_exchange_data_id: BTreeMap<String, String>,
    /// What the delegate is to have.
    pub requested_permissions: RequestedPermission,
}

/// How much a delegate is to have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum RequestedPermission {
    /// As much reading as the delegator has.
    MaxRead,
    /// Reading.
    FullRead,
    /// As much as the delegator has.
    #[default]
    MaxWrite,
    /// Writing; refused when the delegator has less.
    FullWrite,
    /// A delegation without parents.
    Root,
}

/// A change of the secrets in a delegation.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct MetadataUpdate {
    /// Key of the delegation.
    pub metadata_access_control_hash: String,
    /// Encrypted secret id → what happens to it.
    pub secret_ids: BTreeMap<String, EntryUpdate>,
    /// Encrypted key → what happens to it.
    pub encryption_keys: BTreeMap<String, EntryUpdate>,
    /// Encrypted id of an owner → what happens to it.
    pub owning_entity_ids: BTreeMap<String, EntryUpdate>,
}

/// What happens to one secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum EntryUpdate {
    /// It is added.
    Create,
    /// It is taken away.
    Delete,
}

/// Answer to [`BulkShare`], one for each document.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ShareResult<E> {
    /// The document as it is now, when anything was changed.
    pub updated_entity: Option<E>,
    /// Id of the document.
    pub entity_id: String,
    /// Its revision before.
    pub entity_rev: Option<String>,
    /// By id of the request.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub rejected_requests: BTreeMap<String, RejectedShare>,
}

/// Why a request was not carried out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RejectedShare {
    /// As a status of HTTP.
    pub code: u16,
    /// Whether the same request may succeed later.
    #[serde(default)]
    pub should_retry: bool,
    /// In words.
    pub reason: String,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::BulkShare;

    #[test]
    fn a_list_is_no_request() {
        let whole = json!({"requestsByEntityId": {"c": {
            "requests": {"r": {"share": {"accessControlKeys": ["00"]}, "update": null}},
            "potentialParentDelegations": [],
        }}});
        assert!(serde_json::from_value::<BulkShare>(whole).is_ok());
        for share in [
            json!([{}, []]),
            json!({"requests": {"r": [null, null]}, "potentialParentDelegations": []}),
            json!({"requests": {"r": {"share": [null, null]}}, "potentialParentDelegations": []}),
        ] {
            let wrong = json!({"requestsByEntityId": {"c": share}});
            assert!(
                serde_json::from_value::<BulkShare>(wrong.clone()).is_err(),
                "{wrong}"
            );
        }
    }
}
