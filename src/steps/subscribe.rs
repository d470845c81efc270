//! `subscribe`: be told of what is written, from here on.

use std::time::Duration;

use super::arguments::value;
use super::forms::Filter;
use super::step::{OF_CRYPTO, OF_OTPS, compile};
use super::subscriptions::Subscription;
use super::{Played, Step, StepError, StepKind, VirtualUser};
use crate::document::{Record, record};
use crate::expression::Type;
use crate::icure::Subject;
use crate::language::{Choice, Read};
use crate::metrics::{Metric, StepContext};
use crate::wire::EventType;

pub(super) const KIND: StepKind = StepKind {
    name: "subscribe",
    about: "open a WebSocket that tells what is written, until the iteration ends; `event.await` waits for it",
    fields: Subscribe::TABLE,
    result: || Type::record([("subscription", Type::Text)]),
    compile: compile::<Subscribe>,
};

/// How long the server's first word is waited for, unless the scenario says otherwise.
const USUAL_SETTLE: Duration = Duration::from_secs(1);

record! {
    struct Subscribe of "`subscribe`" {
        /// what is written
        to: Subject, required;
        /// what happens to it, one or several; `create` unless given
        events: Vec<EventType>;
        /// a filter of the platform; all that one may read otherwise
        filter: Filter, example("{$type: HealthElementByIdsFilter, ids: [a]}");
        /// how long the server's first word, a `ping`, is waited for
        settle: Duration = USUAL_SETTLE;
    }
}

/// `to: health_element | …`
impl Choice for Subject {
    const EXPECTED: &'static str =
        "`data_sample`, `health_element`, `notification`, `patient` or `user`";
    const CHOICES: &'static [(&'static str, Self)] = &[
        ("data_sample", Self::DataSample),
        ("health_element", Self::HealthElement),
        ("notification", Self::Notification),
        ("patient", Self::Patient),
        ("user", Self::User),
    ];
}

/// `events: create | update | delete`
impl Choice for EventType {
    const EXPECTED: &'static str = "`create`, `update` or `delete`";
    const CHOICES: &'static [(&'static str, Self)] = &[
        ("create", Self::Create),
        ("update", Self::Update),
        ("delete", Self::Delete),
    ];
}

impl Step for Subscribe {
    fn never_measures(&self, metric: Metric) -> bool {
        OF_OTPS.contains(&metric) || OF_CRYPTO.contains(&metric)
    }

    fn play<'a>(&'a self, user: &'a mut VirtualUser, cx: StepContext<'a>) -> Played<'a> {
        Box::pin(async move {
            let filter = match &self.filter {
                Some(Filter(filter)) => {
                    Some(value("filter", Filter::EXPECTED, filter, &user.scope)?)
                }
                None => None,
            };
            let events = self.events.as_deref().unwrap_or(&[EventType::Create]);
            let (services, session) = user.authenticated()?;
            let wanted = session.wanted(self.to, events, filter);
            let mut socket = session.open_events(services.platform.of(cx)).await?;
            let said = socket.send(wanted).await;
            said.map_err(|end| StepError::SubscriptionEnded {
                reason: end.to_string(),
            })?;
            let subscription = Subscription::listen(socket, cx.clock.clone());
            let waiting = cx.waiting_for("the first word of the subscription");
            let settled = subscription.settled(self.settle, cx.clock).await;
            waiting.end();
            settled?;
            let result = minijinja::context! { subscription => &subscription.id };
            user.subscriptions.add(subscription);
            Ok(result)
        })
    }
}
