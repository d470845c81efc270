//! Documents: JSON objects with an id and a revision. Nothing else in them is
//! looked at, except who may read them.

use std::collections::HashMap;

use axum::body::Bytes;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::access::{self, ShownKeys};
use super::store::{Table, Tables, Transaction};
use super::{Failure, shape};
use crate::wire::{AccessLevel, SecurityMetadata};

/// The part of a document that the simulator acts on.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Head {
    pub(super) id: String,
    /// Revision, `{number}-{random}`.
    pub(super) rev: Option<String>,
    /// Id of the user who wrote it.
    pub(super) author: Option<String>,
    /// Whoever is named here may read it.
    #[expect(
        clippy::zero_sized_map_values,
        reason = "an object on the wire, of which only the keys matter"
    )]
    delegations: Option<HashMap<String, IgnoredAny>>,
    /// Who may read and write it, as clients from version 8 on say.
    #[serde(rename = "securityMetadata")]
    pub(super) security_metadata: Option<SecurityMetadata>,
}

impl Head {
    /// Whether `delegations` name a data owner.
    pub(super) fn is_delegated_to(&self, owner: &str) -> bool {
        self.delegations
            .as_ref()
            .is_some_and(|delegations| delegations.contains_key(owner))
    }

    /// What a data owner may do with the document.
    pub(super) fn level(&self, owner: &str, shown: &ShownKeys) -> Option<AccessLevel> {
        if self.is_delegated_to(owner) {
            return Some(AccessLevel::Write);
        }
        let metadata = self.security_metadata.as_ref()?;
        shown.level(metadata, owner)
    }

    /// Checks that a change leaves the secure delegations alone: there are
    /// requests of their own for these.
    ///
    /// # Errors
    /// 400
    pub(super) fn keeps_delegations(&self, changed: &Self) -> Result<(), Failure> {
        match &self.security_metadata {
            Some(metadata) if changed.security_metadata.as_ref() != Some(metadata) => {
                Err(Failure::bad_request(
                    "`securityMetadata` does not change with a document: use `bulkSharedMetadataUpdate`",
                ))
            }
            Some(_) => Ok(()),
            None => changed.check_delegations(),
        }
    }

    /// Checks the secure delegations of a document that is sent.
    ///
    /// # Errors
    /// 400
    pub(super) fn check_delegations(&self) -> Result<(), Failure> {
        self.security_metadata
            .as_ref()
            .map_or(Ok(()), access::check)
    }

    /// The next revision.
    ///
    /// # Errors
    /// 409 unless `named`, the revision in the request, is this document's.
    pub(super) fn next_rev(&self, named: Option<&str>) -> Result<String, Failure> {
        if named.is_none() || named != self.rev.as_deref() {
            return Err(Failure::conflict(
                "`rev` is not the current one: read the document again and repeat the change",
            ));
        }
        let number = named
            .and_then(|rev| rev.split('-').next()?.parse::<u64>().ok())
            .unwrap_or_default();
        Ok(rev(number.saturating_add(1)))
    }
}

pub(super) fn first_rev() -> String {
    rev(1)
}

fn rev(number: u64) -> String {
    format!("{number}-{}", Uuid::new_v4().simple())
}

/// A document as it was sent.
#[derive(Default, Serialize)]
#[serde(transparent)]
pub(super) struct Document(Map<String, Value>);

impl Document {
    /// Reads a document from the body of a request, with its head. `T` is what
    /// it must have the form of; fields that `T` does not know are kept.
    ///
    /// # Errors
    /// 400 when it is no JSON object, or a field is malformed.
    pub(super) fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<(Self, Head), Failure> {
        Self::parse_with::<T>(body).map(|(document, head, _)| (document, head))
    }

    /// The same, with what `T` made of it.
    ///
    /// # Errors
    /// As [`Document::parse`].
    pub(super) fn parse_with<T: DeserializeOwned>(body: &[u8]) -> Result<(Self, Head, T), Failure> {
        let document: Map<String, Value> = super::request::json(body)?;
        let head = Head::deserialize(&document).map_err(|_| {
            Failure::bad_request(
                "malformed document: `id`, `rev` and `author` are texts, `delegations` and `securityMetadata` are objects",
            )
        })?;
        if head.id.is_empty() {
            return Err(Failure::bad_request("the document has no `id`"));
        }
        // From the bytes again: only so does the refusal name line and column.
        let read = super::request::json(body)?;
        Ok((Self(document), head, read))
    }

    /// Fills in whose it is, where that is missing.
    ///
    /// # Errors
    /// 403, with this refusal, when it is somebody else's.
    pub(super) fn claim(
        &mut self,
        field: &str,
        own: &str,
        refusal: &'static str,
    ) -> Result<(), Failure> {
        match self.get(field).and_then(Value::as_str) {
            None => self.set(field, own),
            Some(given) if given == own => {}
            Some(_) => return Err(Failure::forbidden(refusal)),
        }
        Ok(())
    }

    /// Reads a document of the store.
    ///
    /// # Errors
    /// 500 when it is damaged.
    pub(super) fn stored(bytes: &[u8]) -> Result<Self, Failure> {
        serde_json::from_slice(bytes)
            .map(Self)
            .map_err(|_| Failure::internal("a stored document is damaged"))
    }

    pub(super) fn get(&self, field: &str) -> Option<&Value> {
        self.0.get(field)
    }

    pub(super) fn take(&mut self, field: &str) -> Option<Value> {
        self.0.remove(field)
    }

    pub(super) fn set(&mut self, field: &str, value: impl Into<Value>) {
        self.0.insert(field.to_owned(), value.into());
    }

    pub(super) fn to_bytes(&self) -> Result<Bytes, Failure> {
        // Without the room that a growing text leaves behind it.
        serde_json::to_vec(&self.0)
            .map(|bytes| Bytes::from(bytes.into_boxed_slice()))
            .map_err(|_| Failure::internal("a document has no JSON form"))
    }

    /// Stores the document under `rev`, completed with the fields that such a
    /// document always has, and gives it as it is stored.
    pub(super) fn store(
        &mut self,
        transaction: &mut Transaction<'_>,
        table: Table,
        id: &str,
        rev: String,
    ) -> Result<Bytes, Failure> {
        self.set("rev", rev);
        shape::complete(table, &mut self.0);
        let bytes = self.to_bytes()?;
        transaction.put(table, id, bytes.clone());
        Ok(bytes)
    }
}

/// Stores a document that the simulator made itself.
///
/// # Errors
/// 500 when it is no JSON object.
pub(super) fn put(
    transaction: &mut Transaction<'_>,
    table: Table,
    id: &str,
    document: impl Serialize,
) -> Result<(), Failure> {
    let Ok(Value::Object(mut fields)) = serde_json::to_value(document) else {
        return Err(Failure::internal("a document has no JSON form"));
    };
    shape::complete(table, &mut fields);
    transaction.put(table, id, Document(fields).to_bytes()?);
    Ok(())
}

impl From<Map<String, Value>> for Document {
    fn from(fields: Map<String, Value>) -> Self {
        Self(fields)
    }
}

/// A stored document with its head.
///
/// # Errors
/// 404 with `missing` when it is not there.
pub(super) fn find<'a>(
    tables: &'a Tables,
    table: Table,
    id: &str,
    missing: &str,
) -> Result<(&'a Bytes, Head), Failure> {
    let head = tables.json(table, id)?;
    match (tables.get(table, id), head) {
        (Some(bytes), Some(head)) => Ok((bytes, head)),
        _ => Err(Failure::not_found(format!("there is no such {missing}"))),
    }
}

#[cfg(test)]
mod tests {
    use serde::de::IgnoredAny;

    use super::{Document, Head, first_rev};

    #[test]
    fn revisions_count_up_and_differ() {
        let head = Head {
            rev: Some("9-abc".to_owned()),
            ..Head::default()
        };
        assert!(head.next_rev(Some("9-abc")).unwrap().starts_with("10-"));
        assert_ne!(first_rev(), first_rev());
    }

    #[test]
    fn another_revision_or_none_is_refused() {
        let head = Head {
            rev: Some("2-b".to_owned()),
            ..Head::default()
        };
        assert!(head.next_rev(Some("1-a")).is_err());
        assert!(head.next_rev(None).is_err());
        assert!(Head::default().next_rev(None).is_err());
    }

    #[test]
    fn unknown_fields_survive() {
        let sent = br#"{"id":"a","z":null,"b":[1,{"c":1.50}],"delegations":{"x":[]}}"#;
        let (document, head) = Document::parse::<IgnoredAny>(sent).unwrap();
        assert!(head.is_delegated_to("x") && !head.is_delegated_to("y"));
        let kept: serde_json::Value =
            serde_json::from_slice(&document.to_bytes().unwrap()).unwrap();
        assert_eq!(
            kept,
            serde_json::from_slice::<serde_json::Value>(sent).unwrap()
        );
    }

    #[test]
    fn what_is_no_document_is_refused() {
        for sent in [
            "",
            "[]",
            "{}",
            r#"{"id":1}"#,
            r#"{"id":"a","delegations":[]}"#,
            r#"{"id":"#,
        ] {
            assert!(
                Document::parse::<IgnoredAny>(sent.as_bytes()).is_err(),
                "{sent}"
            );
        }
    }
}
