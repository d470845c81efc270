//! The long poll that reads the outbox.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Json;
use axum::extract::{ConnectInfo, State};
use axum::http::Uri;

use super::endpoint::{Endpoint, get};
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
/// 403 for a caller on another machine: messages hold codes, and there is no
/// password here.
async fn read(
    State(simulation): State<Shared>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    uri: Uri,
) -> Result<Json<OutboxPage>, Failure> {
    if !peer.ip().to_canonical().is_loopback() {
        return Err(Failure::forbidden(
            "the outbox is read from the simulator's own machine only",
        ));
    }
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
    use axum::extract::{ConnectInfo, State};

    use super::read;
    use crate::simulator::Config;
    use crate::simulator::outbox::tests::draft;
    use crate::simulator::state::Simulation;

    #[tokio::test]
    async fn another_machine_is_refused() {
        let simulation = Simulation::open(&Config::default()).await.unwrap();
        let ask = |peer: &str| {
            let peer = ConnectInfo(peer.parse().unwrap());
            read(State(simulation.clone()), peer, "/".parse().unwrap())
        };
        assert!(ask("192.0.2.1:80").await.is_err());
        assert!(ask("[2001:db8::1]:80").await.is_err());
        for peer in ["127.0.0.1:80", "[::1]:80", "[::ffff:127.0.0.1]:80"] {
            assert!(ask(peer).await.is_ok(), "{peer}");
        }
    }

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
            let peer = ConnectInfo("127.0.0.1:80".parse().unwrap());
            let page = read(State(simulation.clone()), peer, uri.parse().unwrap());
            let page = page.await.unwrap();
            assert_eq!(page.messages.len(), count, "{instance}");
            assert_eq!(page.instance, own);
        }
    }
}
