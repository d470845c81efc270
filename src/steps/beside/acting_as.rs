//! `acting_as`: another account plays the step.

use super::kind::{Beside, BesideKind, Draft, Next, Stage};
use crate::document::ReadContext;
use crate::expression::TextTemplate;
use crate::language::{Key, Node, Read, Shape};
use crate::steps::arguments::required;
use crate::steps::step::{Played, Step};
use crate::steps::user::VirtualUser;

pub(super) const ACTING_AS: BesideKind = BesideKind {
    key: Key::new(
        "acting_as",
        "login of the account that plays the step, when it is not the current one",
        || Shape::Text,
    )
    .example("ada@example.org"),
    read: &[(Stage::Play, read)],
};

/// The login.
struct ActingAs(TextTemplate);

/// Whoever logs in is who acts from then on: both at once would mean nothing.
fn read(node: &Node, draft: &mut Draft<'_>, cx: &mut ReadContext) {
    if draft.step.as_deref().is_some_and(Step::enters) {
        cx.problem(
            node.label(),
            format!("`acting_as` beside `{}`", draft.document.kind.text),
            "this step decides itself who acts from here on; `acting_as` is for those after it",
        );
    }
    if let Some(login) = TextTemplate::read(node, cx) {
        draft.beside.push(Box::new(ActingAs(login)));
    }
}

impl Beside for ActingAs {
    fn remark(&self) -> Option<String> {
        Some("by another account".to_owned())
    }

    fn play<'a>(&'a self, step: Next<'a>, user: &'a mut VirtualUser) -> Played<'a> {
        Box::pin(async move {
            let login = required("acting_as", &self.0, &user.scope)?;
            let before = user.act_as(&login)?;
            let outcome = step.play(user).await;
            user.act_again_as(before);
            outcome
        })
    }
}
