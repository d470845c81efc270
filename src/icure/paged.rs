//! What filters find, page by page.

use reqwest::Method;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::entity::Kind;
use super::{IcureError, Session, StepPlatform};
use crate::wire::{self, FilterChain};

/// Most entities of a page.
const MOST: u64 = 1000;

/// Which page of what a filter finds.
#[derive(Clone, Debug)]
pub struct Page {
    /// Id of the entity that it begins with; the first one otherwise.
    pub start: Option<String>,
    /// How many entities it has at most.
    pub limit: u64,
}

impl Default for Page {
    fn default() -> Self {
        Self {
            start: None,
            limit: MOST,
        }
    }
}

impl Session {
    /// `POST /{entity}/filter`: a page of what a filter finds, and where the next one
    /// begins.
    pub(super) async fn filtered<T: DeserializeOwned>(
        &mut self,
        platform: StepPlatform<'_>,
        kind: &Kind,
        endpoint: &'static str,
        filter: &(impl Serialize + Sync),
        page: &Page,
    ) -> Result<(Vec<T>, Option<String>), IcureError> {
        let path = endpoint.trim_start_matches('/').split('/');
        let mut call = platform
            .api_call(Method::POST, endpoint, path)
            .query("limit", &page.limit.to_string());
        if let Some(start) = &page.start {
            call = call.query("startDocumentId", start);
        }
        let call = call.json(&FilterChain { filter })?;
        let found: wire::Page<T> = self.ask(platform, kind, call).await?;
        let next = found.next_key_pair.and_then(|next| next.start_key_doc_id);
        // A page that begins where this one did would never end.
        let next = next.filter(|next| page.start.as_ref() != Some(next));
        Ok((found.rows, next))
    }
}
