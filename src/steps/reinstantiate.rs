//! `reinstantiate`: an authenticated client from saved credentials, no code.

use super::arguments::text;
use super::authentication::blocking;
use super::step::compile;
use super::user::{Identity, result};
use super::{Played, Step, StepError, StepKind, VirtualUser};
use crate::document::{Record, record};
use crate::expression::TextTemplate;
use crate::icure::{Role, Session};
use crate::metrics::{StepContext, TagKey, Trend};
use crate::vault::SavedCredentials;

pub(super) const KIND: StepKind = StepKind {
    name: "reinstantiate",
    about: "open a session from saved login, token and key pair",
    fields: Reinstantiate::TABLE,
    result,
    compile: compile::<Reinstantiate>,
};

record! {
    struct Reinstantiate of "`reinstantiate`" {
        /// name in the vault
        from: TextTemplate, required;
    }
}

impl Step for Reinstantiate {
    fn needs_vault(&self) -> bool {
        true
    }

    fn enters(&self) -> bool {
        true
    }

    fn never_measures(&self, metric: crate::metrics::Metric) -> bool {
        super::step::OF_OTPS.contains(&metric)
    }

    fn play<'a>(&'a self, user: &'a mut VirtualUser, cx: StepContext<'a>) -> Played<'a> {
        Box::pin(async move {
            let name = text("from", Some(&self.from), &user.scope)?.unwrap_or_default();
            let saved = saved(user, name, cx).await?;
            let platform = user.services.platform.of(cx);
            let session = Session::reinstantiate(platform, saved).await?;
            let known = user.identity(session.login()).cloned();
            let known = known.map(|identity| Identity {
                // Another device may have logged in since.
                key_pairs: session.key_pairs().to_vec(),
                ..identity
            });
            let identity = known.unwrap_or_else(|| {
                let role = if session.user().healthcare_party_id.is_some() {
                    Role::Practitioner
                } else {
                    Role::Patient
                };
                Identity::of(&session, role, None)
            });
            Ok(user.enter(session, identity))
        })
    }
}

/// Credentials out of the vault.
pub(super) async fn saved(
    user: &VirtualUser,
    name: String,
    cx: StepContext<'_>,
) -> Result<SavedCredentials, StepError> {
    let vault = user.vault()?.clone();
    let path = vault.path().display().to_string();
    let began = cx.clock.now();
    let backend = user.services.platform.crypto_backend();
    let (found, name) = blocking(move || (vault.get(&name, backend), name)).await;
    let found = found?;
    cx.record(
        Trend::VAULT_DURATION,
        &[(TagKey::Operation, "read")],
        cx.clock.since(began),
    );
    found.ok_or(StepError::NotSaved { vault: path, name })
}
