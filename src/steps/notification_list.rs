//! `notification.list`: what was asked of oneself, and what one has asked.

use std::time::Duration;

use minijinja::Value;

use super::arguments::text;
use super::notification::{describe, result};
use super::step::{OF_OTPS, compile};
use super::{Played, Step, StepKind, VirtualUser};
use crate::document::{Record, record};
use crate::expression::{TextTemplate, Type};
use crate::icure::{LOOKED_BACK, NotificationSearch};
use crate::metrics::{Metric, StepContext};
use crate::wire::TaskStatus;

pub(super) const KIND: StepKind = StepKind {
    name: "notification.list",
    about: "find notifications to oneself, or by oneself, and decrypt them",
    fields: ListNotifications::TABLE,
    result: || Type::record([("notifications", result().list())]),
    compile: compile::<ListNotifications>,
};

record! {
    struct ListNotifications of "`notification.list`" {
        /// what is asked, such as `NEW_USER_OWN_DATA_ACCESS`
        kind as "type": TextTemplate, example("NEW_USER_OWN_DATA_ACCESS");
        /// how far somebody has come with it
        status: TaskStatus;
        /// made no longer ago than this
        since: Duration = LOOKED_BACK;
    }
}

impl Step for ListNotifications {
    fn never_measures(&self, metric: Metric) -> bool {
        OF_OTPS.contains(&metric)
    }

    fn play<'a>(&'a self, user: &'a mut VirtualUser, cx: StepContext<'a>) -> Played<'a> {
        Box::pin(async move {
            let search = NotificationSearch {
                task_type: text("type", self.kind.as_ref(), &user.scope)?,
                status: self.status,
                since: self.since,
            };
            let (services, session) = user.authenticated()?;
            let found = session.notifications(services.platform.of(cx), &search);
            let found: Vec<Value> = found.await?.iter().map(describe).collect();
            Ok(minijinja::context! { notifications => found })
        })
    }
}
