//! `request_access`: ask everybody with whom the own data is shared for access
//! with a new key pair.

use super::{Played, Step, StepKind, VirtualUser};
use crate::document::{ReadContext, StepDoc};
use crate::expression::Type;
use crate::language::Table;
use crate::metrics::StepContext;

pub(super) const KIND: StepKind = StepKind {
    name: "request_access",
    about: "ask every delegate of one's own data for access, by a notification",
    fields: FIELDS,
    result,
    compile,
};

const FIELDS: Table = Table {
    what: "`request_access`",
    keys: &[],
};

struct RequestAccess;

fn compile(document: &StepDoc, cx: &mut ReadContext) -> Option<Box<dyn Step>> {
    FIELDS.open(&document.arguments, cx)?.finish(cx);
    Some(Box::new(RequestAccess))
}

impl Step for RequestAccess {
    fn play<'a>(&'a self, user: &'a mut VirtualUser, cx: StepContext<'a>) -> Played<'a> {
        Box::pin(async move {
            let (services, session) = user.authenticated()?;
            let delegates = session.request_access(&services.platform, cx).await?;
            Ok(minijinja::context! { delegates => delegates })
        })
    }
}

/// What it gives.
fn result() -> Type {
    Type::record([("delegates", Type::Text.list())])
}
