//! Attachments of data samples: the bytes of a *document*, which the content of
//! the data sample names. They are encrypted with the key of the document.

use bytes::Bytes;
use reqwest::Method;
use reqwest::header::{CONTENT_TYPE, HeaderValue};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::entity::{DOCUMENT, decrypting};
use super::sample_change::SampleChange;
use super::{IcureError, Session, StepPlatform};
use crate::crypto::Plain;
use crate::http::Payload;
use crate::wire::Entity;

/// What names a document in a content.
const DOCUMENT_ID: &str = "documentId";
const ATTACHMENT: &str = "/document/{id}/attachment";

/// Bytes that are going to be attached.
pub struct NewAttachment {
    /// They, in clear.
    pub bytes: Bytes,
    /// What the document is called, in clear.
    pub name: Option<String>,
    /// Uniform type identifier of what the bytes are.
    pub uti: Option<String>,
    /// Under which language the content names it.
    pub language: String,
}

/// Bytes that were attached.
pub struct Attached {
    /// Id of the document.
    pub document_id: String,
    /// Id of the contact that holds the data sample now.
    pub batch_id: Option<String>,
    /// SHA-256 of the bytes, hex.
    pub sha256: String,
}

/// An attachment that was read.
pub struct Attachment {
    /// Id of the document.
    pub document_id: String,
    /// What the document is called.
    pub name: Option<String>,
    /// Uniform type identifier of what the bytes are.
    pub uti: Option<String>,
    /// The bytes, in clear.
    pub bytes: Plain,
}

impl Session {
    /// Attaches bytes to a data sample, for all who can read it
    /// (`setDataSampleAttachment`): the document first, then the data sample that
    /// names it, then the bytes.
    ///
    /// # Errors
    /// When the data sample is not there or not ours, or a request fails.
    pub async fn attach(
        &mut self,
        platform: StepPlatform<'_>,
        sample: &str,
        new: NewAttachment,
    ) -> Result<Attached, IcureError> {
        let opened = self.open_sample(platform, sample).await?;
        let readers: Vec<String> = opened.contact.delegations.keys().cloned().collect();
        let sha256 = sha256(&new.bytes);
        let document = self.new_document(platform, &new, &sha256, &readers);
        let document = document.await?;
        let mut content = opened.clear.content.clone();
        let told = content.entry(new.language).or_insert_with(|| json!({}));
        if let Some(told) = told.as_object_mut() {
            told.insert(DOCUMENT_ID.to_owned(), document.id.clone().into());
        }
        let change = SampleChange {
            content: Some(content),
            ..SampleChange::default()
        };
        let sample = self.change_sample(platform, opened, change).await?;
        let key = self.key_of(platform, &DOCUMENT, &document).await?;
        let sealed = platform.crypto().encrypt_all(&key, new.bytes).await;
        let doing = || format!("encrypting the attachment of document `{}`", document.id);
        let sealed = sealed.map_err(|error| IcureError::crypto(doing(), error))?;
        let path = ["document", &document.id, "attachment"];
        let mut call = platform
            .api_call(Method::PUT, ATTACHMENT, path)
            .query("rev", document.rev.as_deref().unwrap_or_default());
        if let Some(uti) = &new.uti {
            call = call.query("utis", uti);
        }
        let bytes = HeaderValue::from_static("application/octet-stream");
        let call = call
            .header(CONTENT_TYPE, bytes)
            .body(Payload::shared(sealed.into()));
        let _: Entity = self.ask(platform, &DOCUMENT, call).await?;
        Ok(Attached {
            document_id: document.id,
            batch_id: sample.batch_id,
            sha256,
        })
    }

    /// `POST /document`
    async fn new_document(
        &mut self,
        platform: StepPlatform<'_>,
        new: &NewAttachment,
        sha256: &str,
        readers: &[String],
    ) -> Result<Entity, IcureError> {
        let id = Uuid::new_v4().to_string();
        let delegates = self.delegates_and(readers);
        let secrets = self.new_secrets(platform, &id, None, &delegates).await?;
        let mut other = Map::new();
        other.insert("size".to_owned(), new.bytes.len().into());
        other.insert("hash".to_owned(), sha256.into());
        let texts = [("name", &new.name), ("mainUti", &new.uti)];
        for (field, text) in texts {
            if let Some(text) = text {
                other.insert(field.to_owned(), text.as_str().into());
            }
        }
        let document = Entity {
            id,
            created: Some(platform.now_ms()),
            modified: Some(platform.now_ms()),
            author: Some(self.user.id.clone()),
            responsible: Some(self.data_owner_id().to_owned()),
            delegations: secrets.delegations,
            encryption_keys: secrets.encryption_keys,
            other,
            ..Entity::default()
        };
        self.write_entity(platform, &DOCUMENT, Method::POST, &document)
            .await
    }

    /// Reads an attachment of a data sample, the only one if none is named
    /// (`getDataSampleAttachmentContent`).
    ///
    /// # Errors
    /// When the data sample names no such document, or either is not there, not
    /// ours, or not opened by our keys.
    pub async fn attachment(
        &mut self,
        platform: StepPlatform<'_>,
        sample: &str,
        document: Option<&str>,
    ) -> Result<Attachment, IcureError> {
        let clear = self.sample(platform, sample).await?.content;
        let named = documents_of(&clear);
        let found = match document {
            Some(document) => named.into_iter().find(|named| named == document),
            None => named.into_iter().next(),
        };
        let id = found.ok_or_else(|| IcureError::NoAttachment {
            sample: sample.to_owned(),
        })?;
        let document: Entity = self.read_entity(platform, &DOCUMENT, &id).await?;
        let key = self.key_of(platform, &DOCUMENT, &document).await?;
        let path = ["document", &id, "attachment"];
        let call = platform.api_call(Method::GET, ATTACHMENT, path);
        let call = self
            .with_access_keys(platform, DOCUMENT.class, call)
            .await?;
        let answer = self.auth.send(platform, call).await?;
        let sealed = Bytes::copy_from_slice(answer.body());
        let bytes = platform.crypto().decrypt_all(&key, sealed).await;
        let bytes = bytes.map_err(|error| IcureError::crypto(decrypting(&DOCUMENT, &id), error))?;
        let text = |field: &str| document.other.get(field)?.as_str().map(str::to_owned);
        Ok(Attachment {
            document_id: id,
            name: text("name"),
            uti: text("mainUti"),
            bytes,
        })
    }

    /// Shares the documents that a content names.
    pub(super) async fn share_documents(
        &mut self,
        platform: StepPlatform<'_>,
        content: &Map<String, Value>,
        with: &[String],
    ) -> Result<(), IcureError> {
        for id in documents_of(content) {
            let mut document: Entity = self.read_entity(platform, &DOCUMENT, &id).await?;
            self.extend(platform, &mut document, with).await?;
            let written = self.write_entity(platform, &DOCUMENT, Method::PUT, &document);
            let _: Entity = written.await?;
        }
        Ok(())
    }
}

fn documents_of(content: &Map<String, Value>) -> Vec<String> {
    let ids = content
        .values()
        .filter_map(|one| one.get(DOCUMENT_ID)?.as_str());
    ids.map(str::to_owned).collect()
}

/// SHA-256 in hex, as documents have it.
pub fn sha256(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}
