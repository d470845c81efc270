//! `notification.create`: ask something of other data owners.

use std::collections::BTreeMap;

use super::arguments::{some_ids, text, value_of_texts};
use super::forms::{Ids, Texts};
use super::notification::{describe, result};
use super::step::{OF_OTPS, compile};
use super::{Played, Step, StepError, StepKind, VirtualUser};
use crate::document::{Record, record};
use crate::expression::{Scope, TextTemplate};
use crate::language::Read;
use crate::metrics::{Metric, StepContext};
use crate::wire::Property;

pub(super) const KIND: StepKind = StepKind {
    name: "notification.create",
    about: "ask something of other data owners: a notification, its properties encrypted",
    fields: CreateNotification::TABLE,
    result,
    compile: compile::<CreateNotification>,
};

/// What a notification of no known type is called by the clients.
const USUAL_TYPE: &str = "OTHER";

record! {
    struct CreateNotification of "`notification.create`" {
        /// data owner id of who is asked, or list of them
        to: Ids, required;
        /// what is asked; `OTHER` unless given
        kind as "type": TextTemplate, example("OTHER");
        /// texts by their names, encrypted
        properties: Texts, example("{reason: Please call back}");
    }
}

impl CreateNotification {
    fn properties(&self, scope: &Scope) -> Result<Vec<Property>, StepError> {
        let Some(Texts(properties)) = &self.properties else {
            return Ok(Vec::new());
        };
        let texts: BTreeMap<String, String> =
            value_of_texts("properties", Texts::EXPECTED, properties, scope)?;
        let properties = texts.iter().map(|(name, text)| Property::text(name, text));
        Ok(properties.collect())
    }
}

impl Step for CreateNotification {
    fn never_measures(&self, metric: Metric) -> bool {
        OF_OTPS.contains(&metric)
    }

    fn play<'a>(&'a self, user: &'a mut VirtualUser, cx: StepContext<'a>) -> Played<'a> {
        Box::pin(async move {
            let scope = &user.scope;
            let to = some_ids("to", &self.to.0, scope)?;
            let kind = text("type", self.kind.as_ref(), scope)?;
            let kind = kind.unwrap_or_else(|| USUAL_TYPE.to_owned());
            let properties = self.properties(scope)?;
            let (services, session) = user.authenticated()?;
            let platform = services.platform.of(cx);
            let made = session.notify(platform, &to, &kind, properties).await?;
            Ok(describe(&made))
        })
    }
}
