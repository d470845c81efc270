//! `/ws/v2/notification/subscribe`: a WebSocket that tells what is written.
//!
//! A client says in its first message which events it wants. It is told each
//! as the document, and is sent `ping` now and then, which it answers `pong`.

mod subscription;

use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket, WebSocketUpgrade, close_code};
use axum::extract::{FromRequestParts, Path, Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{interval, timeout};

use subscription::Subscription;

use super::Failure;
use super::access::ShownKeys;
use super::auth::Caller;
use super::endpoint::{Endpoint, get};
use super::request;
use super::state::Shared;
use super::store::Event;
use crate::ceilings;

/// Time between two pings. Clients give up 20 seconds after one.
const PING: Duration = Duration::from_secs(10);

/// Pings after which a client that says nothing, not even `pong`, is gone.
const UNANSWERED: u32 = 6;

/// How long a client may take to take a message.
const SILENCE: Duration = Duration::from_secs(60);

/// The end of a path that carries a token: `subscribe;tokenid={token}`.
const TOKEN: &str = ";tokenid=";

pub(super) fn endpoints() -> [Endpoint; 1] {
    [get("/notification/{subscribe}", subscribe)
        .about("A WebSocket that tells what is written; the first message says of what")
        .signed_in()
        .text("jwt", "The access JWT, for whoever cannot send a header")
        .refuses(&[404, 503])]
}

async fn subscribe(
    State(simulation): State<Shared>,
    Path(subscribe): Path<String>,
    request: Request,
) -> Result<Response, Failure> {
    let (mut parts, _) = request.into_parts();
    let (name, token) = match subscribe.split_once(TOKEN) {
        Some((name, token)) => (name, Some(token)),
        None => (subscribe.as_str(), None),
    };
    let caller = if let Some(token) = token {
        let path = parts.uri.path();
        let path = path.split(TOKEN).next().unwrap_or_default();
        by_ticket(&simulation, token, path)?
    } else if let Some(jwt) = request::text(&parts.uri, "jwt") {
        Caller::by_jwt(&simulation, &jwt)?
    } else {
        Caller::from_request_parts(&mut parts, &simulation).await?
    };
    if name != "subscribe" {
        return Err(Failure::not_found("there is no such socket"));
    }
    let upgrade = WebSocketUpgrade::from_request_parts(&mut parts, &simulation).await;
    let upgrade = upgrade.map_err(|_: WebSocketUpgradeRejection| {
        Failure::bad_request("expected the handshake of a WebSocket, over HTTP/1.1")
    })?;
    let place = place(&simulation.sockets)?;
    let upgrade = upgrade
        .max_message_size(ceilings::SUBSCRIPTION)
        .max_frame_size(ceilings::SUBSCRIPTION);
    Ok(upgrade.on_upgrade(async move |socket| {
        converse(socket, simulation, caller).await;
        drop(place);
    }))
}

/// A place for one more socket.
fn place(sockets: &Arc<Semaphore>) -> Result<OwnedSemaphorePermit, Failure> {
    Arc::clone(sockets).try_acquire_owned().map_err(|_| {
        let status = StatusCode::SERVICE_UNAVAILABLE;
        Failure::new(status, "too many sockets are open")
    })
}

fn by_ticket(simulation: &Shared, token: &str, path: &str) -> Result<Caller, Failure> {
    let now = simulation.clock.unix_millis();
    let holder = simulation.tickets.spend(token, "GET", path, now)?;
    Ok(Caller {
        simulation: Shared::clone(simulation),
        user_id: holder.user_id,
        owner_id: holder.owner_id,
        kind: holder.kind,
        shown: ShownKeys::default(),
        claims: None,
    })
}

/// Bytes of a reason that a frame has room for.
const REASON: usize = 123;

/// Why a socket is closed.
type Ended = (u16, &'static str);

const LATE: Ended = (close_code::POLICY, "nothing was said for too long");
const CLOSING: Ended = (close_code::AWAY, "the simulator is shutting down");
const SLOW: Ended = (close_code::AGAIN, "more happens than is read");

/// Until either side has enough. Who leaves is not told so.
async fn converse(mut socket: WebSocket, simulation: Shared, caller: Caller) {
    // From here on, so that nothing is missed that comes after the answer.
    let events = simulation.store.events();
    let ended = match first(&mut socket).await {
        Err(ended) => ended,
        Ok(text) => match Subscription::read(&text, caller) {
            Err(refusal) => Some((close_code::POLICY, refusal.into_message())),
            Ok(subscription) => tell(&mut socket, &simulation, &subscription, events)
                .await
                .map(|(code, reason)| (code, reason.into())),
        },
    };
    if let Some((code, reason)) = ended {
        let end = (0..=reason.len().min(REASON)).rev();
        let end = end.into_iter().find(|end| reason.is_char_boundary(*end));
        let reason = Utf8Bytes::from(&reason[..end.unwrap_or_default()]);
        let close = Message::Close(Some(CloseFrame { code, reason }));
        let _ = timeout(PING, socket.send(close)).await;
    }
}

type EndedInWords = (u16, std::borrow::Cow<'static, str>);

/// The first text of a client.
async fn first(socket: &mut WebSocket) -> Result<Utf8Bytes, Option<EndedInWords>> {
    let (code, reason) = LATE;
    loop {
        match timeout(ceilings::REQUEST_HEAD, socket.recv()).await {
            Err(_) => return Err(Some((code, reason.into()))),
            Ok(Some(Ok(Message::Text(text)))) => return Ok(text),
            Ok(Some(Ok(Message::Ping(_) | Message::Pong(_)))) => {}
            Ok(_) => return Err(None),
        }
    }
}

/// Tells events and pings. Gives why it ends, if the other side is still there.
async fn tell(
    socket: &mut WebSocket,
    simulation: &Shared,
    subscription: &Subscription,
    mut events: Receiver<Arc<[Event]>>,
) -> Option<Ended> {
    let mut pings = interval(PING);
    let mut unanswered = 0;
    loop {
        tokio::select! {
            () = simulation.closing.cancelled() => return Some(CLOSING),
            said = socket.recv() => match said {
                Some(Ok(Message::Close(_)) | Err(_)) | None => return None,
                Some(Ok(_)) => unanswered = 0,
            },
            event = events.recv() => match event {
                Ok(events) => {
                    let documents = events.iter().flat_map(|event| subscription.told(event));
                    for document in documents {
                        let text = Utf8Bytes::try_from(document).ok()?;
                        send(socket, text).await?;
                    }
                }
                Err(RecvError::Lagged(_)) => return Some(SLOW),
                Err(RecvError::Closed) => return Some(CLOSING),
            },
            _ = pings.tick() => {
                if unanswered > UNANSWERED {
                    return Some(LATE);
                }
                unanswered += 1;
                send(socket, Utf8Bytes::from_static("ping")).await?;
            }
        }
    }
}

/// `None` when the other side takes nothing.
async fn send(socket: &mut WebSocket, text: Utf8Bytes) -> Option<()> {
    timeout(SILENCE, socket.send(Message::Text(text)))
        .await
        .ok()?
        .ok()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use axum::response::IntoResponse;
    use tokio::sync::Semaphore;

    use super::place;

    #[test]
    fn sockets_have_a_ceiling() {
        let sockets = Arc::new(Semaphore::new(1));
        let first = place(&sockets).unwrap();
        let refused = place(&sockets).unwrap_err();
        assert_eq!(refused.into_response().status(), 503);
        drop(first);
        assert!(place(&sockets).is_ok());
    }
}
