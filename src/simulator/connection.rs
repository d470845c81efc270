//! Serves the connections of HTTP.

use std::convert::Infallible;
use std::future::poll_fn;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, HttpBody};
use axum::extract::ConnectInfo;
use axum::http::{Request, Response, StatusCode, Version};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tower_service::Service;

use super::crowd::{Crowd, Order, Place, Pulse};
use super::door::{Door, Visitor};
use super::failure::unheard;
use super::heard::{Heard, Sent};
use crate::clock::Clock;

/// Those without a place who are told so at the same time; others are left
/// without a word.
const REFUSALS: usize = 8;

/// How long somebody without a place is listened to.
const FAREWELL: Duration = Duration::from_secs(1);

/// Serves until `closing`, and until the last request is answered.
pub(super) async fn serve(
    listener: TcpListener,
    router: Router,
    crowd: Arc<Crowd>,
    clock: Clock,
    closing: CancellationToken,
) {
    let builder = Arc::new(Builder::new(TokioExecutor::new()));
    let refusals = Arc::new(Semaphore::new(REFUSALS));
    let mut door = Door::new(listener, Arc::clone(&crowd), closing);
    while let Some(Visitor {
        stream,
        peer,
        place,
    }) = door.next().await
    {
        if let Some(place) = place {
            let (builder, router) = (Arc::clone(&builder), router.clone());
            crowd.spawn(async move { converse(stream, peer, place, &builder, router).await });
        } else if let Ok(permit) = Arc::clone(&refusals).try_acquire_owned() {
            let message = "too many connections are open";
            let said = unheard(&clock, StatusCode::SERVICE_UNAVAILABLE, message);
            crowd.spawn(async move {
                let _permit = permit;
                let _ = timeout(FAREWELL, refuse(stream, said)).await;
            });
        }
    }
    drop(door);
    crowd.order(Order::Finish);
    crowd.ended().await;
}

/// Says why, and reads what was sent: a connection that is closed before would
/// take the answer with it.
async fn refuse(mut stream: TcpStream, said: Vec<u8>) -> std::io::Result<()> {
    stream.write_all(&said).await?;
    stream.shutdown().await?;
    let mut ignored = [0; 1024];
    while stream.read(&mut ignored).await? > 0 {}
    Ok(())
}

async fn converse(
    stream: TcpStream,
    peer: SocketAddr,
    place: Place,
    builder: &Builder<TokioExecutor>,
    router: Router,
) {
    let pulse = Arc::clone(&place.pulse);
    let io = TokioIo::new(Heard {
        stream,
        pulse: Arc::clone(&pulse),
    });
    let service = service_fn(|request| {
        let (pulse, router) = (Arc::clone(&pulse), router.clone());
        answer(request, peer, pulse, router)
    });
    let mut connection = pin!(builder.serve_connection_with_upgrades(io, service));
    let mut finishes = false;
    poll_fn(|context| {
        match place.pulse.poll_order(context) {
            Poll::Ready(Order::Leave) => return Poll::Ready(()),
            Poll::Ready(Order::Finish) if !finishes => {
                finishes = true;
                connection.as_mut().graceful_shutdown();
            }
            _ => {}
        }
        // A connection that fails ends by itself: there is nobody to tell.
        connection.as_mut().poll(context).map(|_| ())
    })
    .await;
}

/// A request under way, until it is answered or given up.
struct UnderWay(Arc<Pulse>);

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.answered(true);
    }
}

fn answer(
    request: Request<Incoming>,
    peer: SocketAddr,
    pulse: Arc<Pulse>,
    mut router: Router,
) -> impl Future<Output = Result<Response<Body>, Infallible>> + Send {
    pulse.asked();
    if request.version() == Version::HTTP_2 {
        pulse.share();
    }
    let mut request = request.map(|body| {
        if body.is_end_stream() {
            Body::new(body)
        } else {
            Body::new(Sent::new(body, Arc::clone(&pulse)))
        }
    });
    request.extensions_mut().insert(ConnectInfo(peer));
    let under_way = UnderWay(pulse);
    let answered = router.call(request);
    async move {
        let answered = answered.await;
        drop(under_way);
        answered
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use axum::Router;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::{TcpListener, TcpStream};
    use tokio_util::sync::CancellationToken;

    use super::serve;
    use crate::clock::Clock;
    use crate::simulator::crowd::{Crowd, Patience};

    const CEILING: usize = 4;

    struct Running {
        address: std::net::SocketAddr,
        crowd: Arc<Crowd>,
        closing: CancellationToken,
        server: tokio::task::JoinHandle<()>,
    }

    impl Running {
        /// Everything is answered `here`, at once.
        async fn start() -> Self {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let address = listener.local_addr().unwrap();
            let [head, idle] = [1000, 1000].map(Duration::from_secs);
            let crowd = Crowd::new(CEILING, Patience { head, idle });
            let closing = CancellationToken::new();
            let router = Router::new().fallback(async || "here");
            let server = serve(
                listener,
                router,
                Arc::clone(&crowd),
                Clock::real(),
                closing.clone(),
            );
            Self {
                address,
                crowd,
                closing,
                server: tokio::spawn(server),
            }
        }

        async fn open(&self, sent: &str) -> TcpStream {
            let mut stream = TcpStream::connect(self.address).await.unwrap();
            stream.write_all(sent.as_bytes()).await.unwrap();
            stream
        }

        async fn ask(&self) -> String {
            let asked = "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
            rest(self.open(asked).await).await
        }

        async fn wait_until_full(&self) {
            while self.crowd.count() < CEILING {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        }
    }

    async fn rest(mut stream: TcpStream) -> String {
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    }

    #[tokio::test]
    async fn half_open_connections_starve_nobody() {
        let running = Running::start().await;
        let mut half = Vec::new();
        for _ in 0..CEILING {
            half.push(running.open("GET / HTTP/1.1\r\nHost: x\r\n").await);
        }
        running.wait_until_full().await;
        let refused = running.ask().await;
        assert!(refused.starts_with("HTTP/1.1 503 "), "{refused}");
        assert!(refused.contains("Connection: close\r\n"), "{refused}");
        assert!(refused.ends_with(r#""message":"too many connections are open","path":""}"#));
        running.crowd.tick();
        running.crowd.tick();
        for _ in 0..3 {
            let answer = running.ask().await;
            assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
        }
        // One was enough, and it was the oldest.
        assert_eq!(rest(half.remove(0)).await, "");
        half[0]
            .write_all(b"Connection: close\r\n\r\n")
            .await
            .unwrap();
        assert!(rest(half.remove(0)).await.ends_with("here"));
    }

    #[tokio::test]
    async fn it_ends_when_those_under_way_have_ended() {
        let running = Running::start().await;
        let idle = running.open("GET / HTTP/1.1\r\nHost: x\r\n\r\n").await;
        while !running.crowd.has_served() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        running.closing.cancel();
        running.server.await.unwrap();
        assert!(rest(idle).await.ends_with("here"));
    }
}
