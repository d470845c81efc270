//! `give_access`: seal exchange keys for the new key pair of whoever has lost
//! access.

use minijinja::Value;

use super::arguments::text;
use super::{Played, Step, StepKind, VirtualUser};
use crate::document::{ReadContext, Record, StepDoc, record};
use crate::expression::{TextTemplate, Type};
use crate::icure::GivenAccess;
use crate::metrics::StepContext;

pub(super) const KIND: StepKind = StepKind {
    name: "give_access",
    about: "give those who have asked, or one data owner, access back with a new key pair",
    fields: GiveAccess::TABLE,
    result,
    compile,
};

record! {
    struct GiveAccess of "`give_access`" {
        /// data owner who gets access; whoever asked for it otherwise
        to: TextTemplate, shown;
        /// the new public key of that data owner
        public_key: TextTemplate, shown;
    }
}

fn compile(document: &StepDoc, cx: &mut ReadContext) -> Option<Box<dyn Step>> {
    let mut fields = GiveAccess::TABLE.open(&document.arguments, cx)?;
    let step = GiveAccess::take(&mut fields, cx)?;
    for (given, missing, help) in [
        (
            "public_key",
            "to",
            "say whose key it is, for example `to: \"{{ registered.data_owner_id }}\"`",
        ),
        (
            "to",
            "public_key",
            "say which key pair gets access, for example \
             `public_key: \"{{ again.key_pairs[0].public_key }}\"`",
        ),
    ] {
        if let (Some(span), false) = (fields.span_of(given), fields.has(missing)) {
            cx.problem(span, format!("`{given}` without `{missing}`"), help);
        }
    }
    fields.finish(cx);
    Some(Box::new(step))
}

impl Step for GiveAccess {
    fn play<'a>(&'a self, user: &'a mut VirtualUser, cx: StepContext<'a>) -> Played<'a> {
        Box::pin(async move {
            let scope = &user.scope;
            let to = text("to", self.to.as_ref(), scope)?;
            let to = to.zip(text("public_key", self.public_key.as_ref(), scope)?);
            let (services, session) = user.authenticated()?;
            let platform = services.platform.of(cx);
            let given = match &to {
                Some((to, key)) => vec![session.give_access(platform, to, key).await?],
                None => session.answer_requests(platform).await?,
            };
            Ok(minijinja::context! { given => given.iter().map(describe).collect::<Vec<_>>() })
        })
    }
}

fn describe(given: &GivenAccess) -> Value {
    minijinja::context! {
        to => &given.owner,
        fingerprint => &given.fingerprint,
        exchange_keys => given.exchange_keys,
    }
}

/// What it gives.
fn result() -> Type {
    let given = Type::record([
        ("to", Type::Text),
        ("fingerprint", Type::Text),
        ("exchange_keys", Type::Number),
    ]);
    Type::record([("given", given.list())])
}
