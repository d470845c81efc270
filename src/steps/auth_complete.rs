//! `auth.complete`: a code is handed in, and its owner logged in.

use std::sync::Arc;

use super::arguments::{secret, text};
use super::forms::Sealed;
use super::step::{OF_OTPS, compile};
use super::user::{Identity, result};
use super::{Played, Step, StepKind, VirtualUser};
use crate::document::{Record, record};
use crate::expression::TextTemplate;
use crate::icure::{KeySupply, Session};
use crate::metrics::{Metric, StepContext};

pub(super) const KIND: StepKind = StepKind {
    name: "auth.complete",
    about: "hand in a code, log in with it, make a key pair if none is known, obtain a token",
    fields: AuthComplete::TABLE,
    result,
    compile: compile::<AuthComplete>,
};

record! {
    struct AuthComplete of "`auth.complete`" {
        /// `request_id` of the process; the last one that was started otherwise
        of: TextTemplate, example("3f2b8c1e");
        /// the code
        code: Sealed, required, example(r#""123456""#);
        /// whether the code is handed in first; it is not after `auth.validate`
        validate: bool = true;
        /// whether another key pair is made although the account has one here, as on another device
        new_key: bool = false;
    }
}

impl Step for AuthComplete {
    fn needs_key(&self) -> bool {
        true
    }

    fn enters(&self) -> bool {
        true
    }

    fn never_measures(&self, metric: Metric) -> bool {
        OF_OTPS.contains(&metric)
    }

    fn play<'a>(&'a self, user: &'a mut VirtualUser, cx: StepContext<'a>) -> Played<'a> {
        Box::pin(async move {
            let of = text("of", self.of.as_ref(), &user.scope)?;
            let started = user.processes.find(of.as_deref())?;
            let code = secret("code", &self.code.0, &user.scope)?;
            let services = &user.services;
            if self.validate {
                let platform = &services.platform;
                platform
                    .validate_process(&started.request_id, &code, cx)
                    .await?;
            }
            let login = started.address.as_str();
            let known = user.identity(login).filter(|_| !self.new_key);
            let (keys, responsible) = if let Some(known) = known {
                (KeySupply::Given(known.key_pairs.clone()), None)
            } else {
                let responsible = started.responsible.clone();
                (KeySupply::New(Arc::clone(&services.keys)), responsible)
            };
            let platform = services.platform.of(cx);
            let session = Session::complete(platform, login, &code, keys, responsible).await?;
            let identity = Identity::of(&session, started.role, started.responsible);
            Ok(user.enter(session, identity))
        })
    }
}
