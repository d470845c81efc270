//! `request_access`: ask everybody with whom the own data is shared for access
//! with a new key pair.

use super::step::compile;
use super::{Played, Step, StepKind, VirtualUser};
use crate::document::{Record, record};
use crate::expression::Type;
use crate::metrics::StepContext;

pub(super) const KIND: StepKind = StepKind {
    name: "request_access",
    about: "ask every delegate of one's own data for access, by a notification",
    fields: RequestAccess::TABLE,
    result,
    compile: compile::<RequestAccess>,
};

record! {
    struct RequestAccess of "`request_access`" {}
}

impl Step for RequestAccess {
    fn play<'a>(&'a self, user: &'a mut VirtualUser, cx: StepContext<'a>) -> Played<'a> {
        Box::pin(async move {
            let (services, session) = user.authenticated()?;
            let delegates = session.request_access(services.platform.of(cx)).await?;
            Ok(minijinja::context! { delegates => delegates })
        })
    }
}

/// What it gives.
fn result() -> Type {
    Type::record([("delegates", Type::Text.list())])
}
