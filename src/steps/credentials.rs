//! Credentials into the vault and out of it.

use super::{StepError, VirtualUser};
use crate::icure::Session;
use crate::metrics::{StepContext, TagKey, Trend};
use crate::vault::{Ids, SavedCredentials, Vault, VaultError};

/// Saves a session's credentials under a name, with values beside them. Those
/// that the same account has there already are kept.
pub(super) async fn save(
    user: &VirtualUser,
    session: &Session,
    name: String,
    ids: Ids,
    cx: StepContext<'_>,
) -> Result<(), StepError> {
    let vault = user.vault()?.clone();
    let credentials = SavedCredentials {
        login: session.login().to_owned(),
        token: session.token().clone(),
        user_id: session.user().id.clone(),
        group_id: session.user().group_id.clone(),
        data_owner_id: Some(session.data_owner_id().to_owned()),
        key_pairs: session.key_pairs().to_vec(),
        token_expires_at: session.token_expires_at(),
        saved_at: cx.clock.unix_millis(),
        target: Some(user.services.platform.target().to_saved()),
        ids,
    };
    let began = cx.clock.now();
    blocking(move || put(&vault, &name, credentials)).await?;
    cx.record(
        Trend::VAULT_DURATION,
        &[(TagKey::Operation, "save")],
        cx.clock.since(began),
    );
    Ok(())
}

fn put(vault: &Vault, name: &str, mut credentials: SavedCredentials) -> Result<(), VaultError> {
    if let Some(before) = vault.summary(name)?
        && before.user_id == credentials.user_id
        && before.target == credentials.target
    {
        let new = std::mem::replace(&mut credentials.ids, before.ids);
        credentials.ids.extend(new);
    }
    vault.put(name, credentials)
}

/// Credentials out of the vault, if they belong to the target that is played.
pub(super) async fn saved(
    user: &VirtualUser,
    name: String,
    cx: StepContext<'_>,
) -> Result<SavedCredentials, StepError> {
    let vault = user.vault()?.clone();
    let path = vault.path().display().to_string();
    let began = cx.clock.now();
    let platform = &user.services.platform;
    let backend = platform.crypto_backend();
    let (found, name) = blocking(move || (vault.get(&name, backend), name)).await;
    let found = found?;
    cx.record(
        Trend::VAULT_DURATION,
        &[(TagKey::Operation, "read")],
        cx.clock.since(began),
    );
    let Some(found) = found else {
        return Err(StepError::NotSaved { vault: path, name });
    };
    match platform.target().takes(found.target.as_ref()) {
        Ok(()) => Ok(found),
        Err(reason) => Err(StepError::OtherTarget { name, reason }),
    }
}

/// Runs file access off the async threads. A panic there is ours; when the
/// runtime shuts down before the work has begun, nobody waits for it any more.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(value) => value,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(_) => std::future::pending().await,
        },
    }
}
