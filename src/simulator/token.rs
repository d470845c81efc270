//! Long-lived tokens as they are stored, and how they end.

use serde::{Deserialize, Serialize};

use super::Failure;
use super::store::{Store, Table};

/// A long-lived token, by its digest.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TokenRow {
    pub(super) user_id: String,
    /// Milliseconds since 1970.
    pub(super) expires_at: i64,
}

/// Drops tokens and logged-out sessions that have come to their end by
/// themselves. Done once, at the start: the rows are small.
pub(super) async fn forget_expired(store: &Store, now: i64) -> Result<(), Failure> {
    let forget = store.write(|tx| {
        tx.retain(Table::EndedSessions, |row| {
            serde_json::from_slice::<i64>(row).is_ok_and(|end| now < end)
        });
        tx.retain(Table::Tokens, |row| {
            serde_json::from_slice::<TokenRow>(row).is_ok_and(|token| now < token.expires_at)
        });
        Ok(())
    });
    forget.await
}
