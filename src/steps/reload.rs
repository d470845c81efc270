//! `reload`: read again what others may have changed.

use super::user::{describe, result};
use super::{Played, Step, StepKind, VirtualUser};
use crate::document::{ReadContext, StepDoc};
use crate::language::Table;
use crate::metrics::StepContext;

pub(super) const KIND: StepKind = StepKind {
    name: "reload",
    about: "read one's own user and data owner again, and forget the exchange keys",
    fields: FIELDS,
    result,
    compile,
};

const FIELDS: Table = Table {
    what: "`reload`",
    keys: &[],
};

struct Reload;

fn compile(document: &StepDoc, cx: &mut ReadContext) -> Option<Box<dyn Step>> {
    FIELDS.open(&document.arguments, cx)?.finish(cx);
    Some(Box::new(Reload))
}

impl Step for Reload {
    fn play<'a>(&'a self, user: &'a mut VirtualUser, cx: StepContext<'a>) -> Played<'a> {
        Box::pin(async move {
            let (services, session) = user.authenticated()?;
            session.reload(&services.platform, cx).await?;
            Ok(describe(session))
        })
    }
}
