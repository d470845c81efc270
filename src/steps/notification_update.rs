//! `notification.update`: say how far one has come with what was asked.

use super::arguments::text;
use super::notification::{describe, result};
use super::step::{OF_OTPS, compile};
use super::{Played, Step, StepKind, VirtualUser};
use crate::document::{Record, record};
use crate::expression::TextTemplate;
use crate::metrics::{Metric, StepContext};
use crate::wire::TaskStatus;

pub(super) const KIND: StepKind = StepKind {
    name: "notification.update",
    about: "say how far one has come with a notification",
    fields: UpdateNotification::TABLE,
    result,
    compile: compile::<UpdateNotification>,
};

record! {
    struct UpdateNotification of "`notification.update`" {
        /// id of the notification
        id: TextTemplate, required;
        /// how far one has come
        status: TaskStatus, required;
    }
}

impl Step for UpdateNotification {
    fn never_measures(&self, metric: Metric) -> bool {
        OF_OTPS.contains(&metric)
    }

    fn play<'a>(&'a self, user: &'a mut VirtualUser, cx: StepContext<'a>) -> Played<'a> {
        Box::pin(async move {
            let id = text("id", Some(&self.id), &user.scope)?.unwrap_or_default();
            let (services, session) = user.authenticated()?;
            let platform = services.platform.of(cx);
            let updated = session.update_notification(platform, &id, self.status);
            Ok(describe(&updated.await?))
        })
    }
}
