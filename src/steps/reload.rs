//! `reload`: read again what others may have changed.

use super::step::compile;
use super::user::{describe, result};
use super::{Played, Step, StepKind, VirtualUser};
use crate::document::{Record, record};
use crate::metrics::StepContext;

pub(super) const KIND: StepKind = StepKind {
    name: "reload",
    about: "read one's own user and data owner again, and forget the exchange keys",
    fields: Reload::TABLE,
    result,
    compile: compile::<Reload>,
};

record! {
    struct Reload of "`reload`" {}
}

impl Step for Reload {
    fn play<'a>(&'a self, user: &'a mut VirtualUser, cx: StepContext<'a>) -> Played<'a> {
        Box::pin(async move {
            let (services, session) = user.authenticated()?;
            session.reload(services.platform.of(cx)).await?;
            Ok(describe(session))
        })
    }
}
