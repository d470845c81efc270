//! The long poll that reads the outbox.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::Uri;

use super::endpoint::{Endpoint, get};
use super::own_machine::OwnMachine;
use super::state::Shared;
use super::{Failure, request};
use crate::wire::OutboxPage;

/// Longest wait of one request.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

pub(super) fn endpoints() -> [Endpoint; 1] {
    [get("/outbox", read)
        .about("The messages that were sent")
        .number("after", 0..=u64::MAX, "Sequence of the last message seen")
        .text(
            "instance",
            "Which simulator has numbered it, from the last answer",
        )
        .number(
            "wait",
            0..=u64::MAX,
            "Milliseconds to wait for a message, 30000 at most",
        )
        .gives::<OutboxPage>()
        .refuses(&[403])]
}

/// `GET /_simulator/outbox?after={sequence}&instance={id}&wait={ms}`
///
/// # Errors
/// 403 for whoever is not on this machine: messages hold codes, and there is no
/// password here.
async fn read(
    State(simulation): State<Shared>,
    _: OwnMachine,
    uri: Uri,
) -> Result<Json<OutboxPage>, Failure> {
    let after = request::number(&uri, "after")?.unwrap_or_default();
    let wait = Duration::from_millis(request::number(&uri, "wait")?.unwrap_or_default());
    let outbox = &simulation.outbox;
    if request::text(&uri, "instance").is_some_and(|known| outbox.is_new_to(&known)) {
        return Ok(Json(outbox.page(0)));
    }
    let page = tokio::select! {
        page = outbox.next_page(after, wait.min(LONGEST_WAIT)) => page,
        () = simulation.closing.cancelled() => outbox.page(after),
    };
    Ok(Json(page))
}

#[cfg(test)]
mod tests {
    use axum::extract::State;

    use super::{OwnMachine, read};
    use crate::simulator::Config;
    use crate::simulator::outbox::tests::draft;
    use crate::simulator::state::Simulation;

    #[tokio::test]
    async fn who_knows_another_outbox_is_given_all_of_this_one() {
        let simulation = Simulation::open(&Config::default()).await.unwrap();
        let outbox = &simulation.outbox;
        let own = outbox.page(0).instance;
        for _ in 0..3 {
            let posted = outbox.post(&simulation.store, draft("x".to_owned()), 0);
            posted.await.unwrap();
        }
        for (instance, count) in [("another", 3), ("", 1), (&*own, 1)] {
            let uri = format!("/?after=2&instance={instance}");
            let page = read(State(simulation.clone()), OwnMachine, uri.parse().unwrap());
            let page = page.await.unwrap();
            assert_eq!(page.messages.len(), count, "{instance}");
            assert_eq!(page.instance, own);
        }
    }
}
