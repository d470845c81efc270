//! `reinstantiate`: an authenticated client from saved credentials, no code.

use minijinja::Value;
use minijinja::value::Serde;

use super::arguments::required;
use super::credentials::saved;
use super::step::compile;
use super::user::{Identity, result};
use super::{Played, Step, StepKind, VirtualUser};
use crate::document::{Record, record};
use crate::expression::{TextTemplate, Type};
use crate::icure::{Role, Session};
use crate::metrics::StepContext;

pub(super) const KIND: StepKind = StepKind {
    name: "reinstantiate",
    about: "open a session from saved login, token and key pair",
    fields: Reinstantiate::TABLE,
    result: result_with_ids,
    compile: compile::<Reinstantiate>,
};

/// That of every step that logs in, and what was kept beside the credentials.
fn result_with_ids() -> Type {
    let ids = Type::record([("ids", Type::Any.entries())]);
    result().or(ids)
}

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
            let name = required("from", &self.from, &user.scope)?;
            let mut saved = saved(user, name, cx).await?;
            let ids = std::mem::take(&mut saved.ids);
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
            let result = user.enter(session, identity);
            Ok(minijinja::context! { ids => Value::from(Serde(ids)), ..result })
        })
    }
}
