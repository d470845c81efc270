//! `event.await`: an event of a subscription.

use std::time::Duration;

use minijinja::value::Serde;

use super::arguments::text;
use super::step::{OF_CRYPTO, OF_OTPS, compile};
use super::{Played, Step, StepKind, VirtualUser};
use crate::document::{Record, record};
use crate::expression::{TextTemplate, Type};
use crate::http::Asked;
use crate::metrics::{Metric, StepContext, Trend};

pub(super) const KIND: StepKind = StepKind {
    name: "event.await",
    about: "wait for an event of a subscription",
    fields: AwaitEvent::TABLE,
    result: || {
        Type::record([
            ("id", Type::Text),
            ("rev", Type::Text),
            ("document", Type::Any),
        ])
    },
    compile: compile::<AwaitEvent>,
};

/// How long an event is waited for, unless the scenario says otherwise.
const USUAL_WITHIN: Duration = Duration::from_secs(10);

record! {
    struct AwaitEvent of "`event.await`" {
        /// `subscription` of the subscription; the last one that was opened otherwise
        of: TextTemplate, example(r#""{{ told.subscription }}""#);
        /// id of what was written; the first event that nobody has waited for otherwise
        id: TextTemplate, example(r#""{{ made.id }}""#);
        /// how long to wait for it
        within: Duration = USUAL_WITHIN;
    }
}

impl Step for AwaitEvent {
    fn requests(&self) -> Vec<Asked> {
        Vec::new()
    }

    fn hears_events(&self) -> bool {
        true
    }

    fn never_measures(&self, metric: Metric) -> bool {
        OF_OTPS.contains(&metric) || OF_CRYPTO.contains(&metric)
    }

    fn play<'a>(&'a self, user: &'a mut VirtualUser, cx: StepContext<'a>) -> Played<'a> {
        Box::pin(async move {
            let of = text("of", self.of.as_ref(), &user.scope)?;
            let id = text("id", self.id.as_ref(), &user.scope)?;
            let subscription = user.subscriptions.find(of.as_deref())?;
            let waiting = cx.waiting_for("an event");
            let mut subscription = subscription.lock().await;
            let heard = subscription.wait(id.as_deref(), self.within, cx.clock);
            let heard = heard.await;
            waiting.end();
            let event = heard?;
            // A data sample is written with the contact that holds it.
            let written = [event.text("id"), event.text("contactId")];
            let written: Vec<&str> = written.into_iter().flatten().collect();
            if let Some(sent) = cx.trace.written(&written, event.at) {
                cx.record(Trend::EVENT_LATENCY, &[], event.at.duration_since(sent));
            }
            Ok(minijinja::context! {
                id => event.text("id"),
                rev => event.text("rev"),
                document => Serde(&event.document),
            })
        })
    }
}
