//! `save`: the current user's credentials, and values of the scenario beside them.

use minijinja::Value;
use minijinja::value::Serde;

use super::arguments::{required, value};
use super::credentials::save;
use super::forms::Values;
use super::step::{OF_CRYPTO, OF_OTPS, compile};
use super::{Played, Step, StepError, StepKind, VirtualUser};
use crate::document::{Record, record};
use crate::expression::{TextTemplate, Type};
use crate::http::Asked;
use crate::metrics::{Metric, StepContext};
use crate::vault::Ids;

pub(super) const KIND: StepKind = StepKind {
    name: "save",
    about: "keep the current user's login, token and key pairs in the vault, and values beside them",
    fields: Save::TABLE,
    result: || Type::record([("ids", Type::Any.entries())]),
    compile: compile::<Save>,
};

record! {
    struct Save of "`save`" {
        /// name in the vault
        to: TextTemplate, required, example("ada");
        /// values that `reinstantiate` gives back as `ids`; those that the account has there are kept
        ids: Values, example(r#"{device: "{{ uuid() }}"}"#);
    }
}

impl Step for Save {
    fn needs_vault(&self) -> bool {
        true
    }

    fn requests(&self) -> Vec<Asked> {
        Vec::new()
    }

    fn never_measures(&self, metric: Metric) -> bool {
        OF_OTPS.contains(&metric) || OF_CRYPTO.contains(&metric)
    }

    fn play<'a>(&'a self, user: &'a mut VirtualUser, cx: StepContext<'a>) -> Played<'a> {
        Box::pin(async move {
            let name = required("to", &self.to, &user.scope)?;
            let ids = match &self.ids {
                Some(Values(ids)) => value("ids", "values by their names", ids, &user.scope)?,
                None => Ids::new(),
            };
            let session = user.session.as_ref().ok_or(StepError::NotAuthenticated)?;
            let result = Value::from(Serde(&ids));
            save(user, session, name, ids, cx).await?;
            Ok(minijinja::context! { ids => result })
        })
    }
}
