//! Where connections come in: each gets a place in the [`Crowd`], or does not.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Interval, MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use super::crowd::{Crowd, Place, TICK};

/// Pause when the system gives no connection, most likely for want of
/// descriptors.
const PAUSE: Duration = Duration::from_millis(10);

pub(super) struct Door {
    listener: TcpListener,
    crowd: Arc<Crowd>,
    closing: CancellationToken,
    seconds: Interval,
}

/// Somebody who has come.
pub(super) struct Visitor {
    pub(super) stream: TcpStream,
    pub(super) peer: SocketAddr,
    /// `None` when there is no place.
    pub(super) place: Option<Place>,
}

impl Door {
    pub(super) fn new(
        listener: TcpListener,
        crowd: Arc<Crowd>,
        closing: CancellationToken,
    ) -> Self {
        let mut seconds = interval(TICK);
        // A machine that stood still has not been silent.
        seconds.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self {
            listener,
            crowd,
            closing,
            seconds,
        }
    }

    /// The next one; `None` when nobody is let in any more.
    pub(super) async fn next(&mut self) -> Option<Visitor> {
        loop {
            let accepted = tokio::select! {
                accepted = self.listener.accept() => accepted,
                _ = self.seconds.tick() => {
                    self.crowd.tick();
                    continue;
                }
                () = self.closing.cancelled() => return None,
            };
            let Ok((stream, peer)) = accepted else {
                self.crowd.make_room();
                tokio::time::sleep(PAUSE).await;
                continue;
            };
            // Answers are small and wait for nobody: Nagle's algorithm only delays.
            let _ = stream.set_nodelay(true);
            let place = self.crowd.enter();
            return Some(Visitor {
                stream,
                peer,
                place,
            });
        }
    }
}
