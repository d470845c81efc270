//! The client against servers in memory: which connections it makes, keeps and
//! uses again, and what it sends a second time.

use std::io;
use std::num::NonZeroU64;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use h2::Reason;
use proptest::prelude::*;
use rcgen::{CertifiedKey, generate_simple_self_signed};
use reqwest::Method;
use reqwest::header::{CONNECTION, HeaderValue};
use rustls::crypto::ring;
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::{HandshakeKind, ServerConfig};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, DuplexStream, duplex};
use tokio_rustls::TlsAcceptor;
use url::Url;

use super::{
    Call, Client, ClientSettings, ConnectionSettings, Failure, Fault, NetworkSettings, Payload,
    Reconnect, RequestError, Response, Sharing, TlsSettings, Version,
};
use crate::clock::Clock;
use crate::metrics::{Measure, Meter, Metric, Recorder, StepContext, TagKey, Tags, Trace, Windows};

/// A network whose hosts are all served by `serve`, which is told the number
/// of the connection, from 0.
struct World {
    recorder: Recorder,
    connections: Arc<AtomicUsize>,
    client: Client,
}

impl World {
    fn new<F>(
        connections: ConnectionSettings,
        tls: TlsSettings,
        serve: impl Fn(usize, DuplexStream) -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let recorder = Recorder::new();
        let made = Arc::<AtomicUsize>::default();
        let counted = Arc::clone(&made);
        let network = move |_: &str, port: u16| {
            if port == 1 {
                return Err(io::ErrorKind::ConnectionRefused.into());
            }
            let (ours, theirs) = duplex(64 * 1024);
            tokio::spawn(serve(counted.fetch_add(1, Ordering::SeqCst), theirs));
            Ok(ours)
        };
        let client = Client::new(ClientSettings {
            connect_timeout: Duration::from_secs(5),
            request_timeout: Duration::from_secs(5),
            max_body: 100,
            limits: None,
            tls,
            listener: None,
            connections,
            network: NetworkSettings::default(),
            memory: Some(Arc::new(network)),
            recorder: recorder.clone(),
            clock: Clock::paused(),
        });
        Self {
            recorder,
            connections: made,
            client: client.unwrap(),
        }
    }

    /// Users of HTTP/1 with these connections.
    fn one<F>(
        connections: ConnectionSettings,
        serve: impl Fn(usize, DuplexStream) -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        Self::new(connections, TlsSettings::default(), serve)
    }

    fn made(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    fn count(&self, metric: Metric) -> u64 {
        let all = self.recorder.snapshot(Windows::default());
        match all.total(metric, &Tags::new()) {
            Measure::Count(count) => count,
            _ => panic!("{metric} is no counter"),
        }
    }

    /// Connections that were closed by whom.
    fn closed_by(&self, whom: &str) -> u64 {
        let all = self.recorder.snapshot(Windows::default());
        all.count(Metric::HttpConnectionsClosed, &[(TagKey::Kind, whom)])
    }

    async fn ask(&self, client: &Client, method: Method) -> Result<Response, RequestError> {
        let call = Call::new(method, "/", Url::parse("http://a.example/").unwrap());
        self.send(client, call).await
    }

    async fn send(&self, client: &Client, call: Call) -> Result<Response, RequestError> {
        let call = call.body(Payload::wiped(b"body".to_vec()));
        let meter = Meter::new(self.recorder.clone(), Tags::new());
        let (trace, clock) = (Trace::default(), Clock::paused());
        client
            .send(call, StepContext::bare(&meter, &trace, &clock))
            .await
    }
}

const OK: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";

/// Reads one request with its four bytes of body; `false` at the end.
async fn request(stream: &mut (impl AsyncRead + Unpin)) -> bool {
    let mut seen = Vec::new();
    while !seen.ends_with(b"body") {
        if !matches!(stream.read_buf(&mut seen).await, Ok(1..)) {
            return false;
        }
    }
    true
}

/// Answers every request well.
async fn good(_: usize, mut stream: impl AsyncRead + AsyncWrite + Unpin) {
    while request(&mut stream).await {
        if stream.write_all(OK).await.is_err() {
            return;
        }
    }
}

/// Answers well as often as `most` says, then closes without an answer.
async fn good_until(most: usize, mut stream: DuplexStream) {
    for _ in 0..most {
        if !request(&mut stream).await || stream.write_all(OK).await.is_err() {
            return;
        }
    }
    request(&mut stream).await;
}

fn with(reconnect: Reconnect) -> ConnectionSettings {
    ConnectionSettings {
        reconnect,
        ..ConnectionSettings::default()
    }
}

#[tokio::test(start_paused = true)]
async fn each_user_has_a_connection_and_keeps_it() {
    let world = World::one(ConnectionSettings::default(), good);
    let users = [world.client.of_user(), world.client.of_user()];
    for _ in 0..3 {
        for user in &users {
            world.ask(user, Method::GET).await.unwrap();
        }
    }
    assert_eq!(world.made(), 2);
    assert_eq!(world.count(Metric::HttpConnectionsOpened), 2);
    assert_eq!(world.count(Metric::HttpConnectionsReused), 4);
}

#[tokio::test(start_paused = true)]
async fn several_users_share_as_many_as_they_are_told() {
    let sharing = Sharing::Shared(NonZeroU64::new(3).unwrap());
    let settings = ConnectionSettings {
        sharing,
        ..ConnectionSettings::default()
    };
    let world = World::one(settings, good);
    let users: Vec<Client> = (0..20).map(|_| world.client.of_user()).collect();
    for _ in 0..5 {
        let all = users.iter().map(|user| world.ask(user, Method::GET));
        for answer in futures_util::future::join_all(all).await {
            answer.unwrap();
        }
    }
    assert_eq!(world.made(), 3);
}

/// As a browser: more requests at once make more connections, up to six.
#[tokio::test(start_paused = true)]
async fn a_user_has_up_to_six_connections_at_once() {
    let world = World::one(ConnectionSettings::default(), good);
    let user = world.client.of_user();
    let all = (0..20).map(|_| world.ask(&user, Method::GET));
    for answer in futures_util::future::join_all(all).await {
        answer.unwrap();
    }
    assert_eq!(world.made(), 6);
}

#[tokio::test(start_paused = true)]
async fn a_new_connection_is_made_when_that_is_wanted() {
    let half = Duration::from_millis(500);
    for (reconnect, expected) in [
        (Reconnect::Never, 1),
        (Reconnect::EachIteration, 3),
        (Reconnect::EachRequest, 6),
        // Six requests at 0 to 2.5 s: at 0, 1 and 2 s there is none.
        (Reconnect::After(half * 2), 3),
    ] {
        let world = World::one(with(reconnect), good);
        let user = world.client.of_user();
        for _ in 0..3 {
            user.begin_iteration();
            for _ in 0..2 {
                world.ask(&user, Method::GET).await.unwrap();
                tokio::time::sleep(half).await;
            }
        }
        assert_eq!(world.made(), expected, "{reconnect:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_idle_connection_is_closed_in_time() {
    let settings = ConnectionSettings {
        idle_timeout: Some(Duration::from_secs(2)),
        ..ConnectionSettings::default()
    };
    let world = World::one(settings, good);
    let user = world.client.of_user();
    for (pause, made) in [(0, 1), (1, 1), (1, 1), (3, 2)] {
        tokio::time::sleep(Duration::from_secs(pause)).await;
        world.ask(&user, Method::GET).await.unwrap();
        assert_eq!(world.made(), made);
    }
}

/// The race of a server that closes what it thinks idle.
#[tokio::test(start_paused = true)]
async fn a_request_that_may_be_repeated_is_sent_again_when_its_connection_was_closed() {
    let world = World::one(ConnectionSettings::default(), |_, stream| {
        good_until(2, stream)
    });
    let user = world.client.of_user();
    for _ in 0..6 {
        world.ask(&user, Method::GET).await.unwrap();
    }
    assert_eq!(world.made(), 3);
    assert_eq!(world.count(Metric::HttpResent), 2);
    assert_eq!(world.count(Metric::HttpReqs), 6);
}

#[tokio::test(start_paused = true)]
async fn one_that_may_not_be_repeated_fails_and_says_that_the_connection_had_served() {
    let world = World::one(ConnectionSettings::default(), |_, stream| {
        good_until(1, stream)
    });
    let user = world.client.of_user();
    world.ask(&user, Method::POST).await.unwrap();
    let Err(error) = world.ask(&user, Method::POST).await else {
        panic!("answered");
    };
    assert!(matches!(
        error.failure,
        Failure::Transport {
            fault: Fault::Closed,
            ..
        }
    ));
    assert!(
        error
            .to_string()
            .contains("kept open since an earlier request"),
        "{error}"
    );
    assert_eq!(world.count(Metric::HttpResent), 0);
    // The next one has a new connection.
    world.ask(&user, Method::POST).await.unwrap();
}

/// A server that closes every connection after a while, seen before asking.
#[tokio::test(start_paused = true)]
async fn a_connection_that_is_seen_to_be_closed_is_not_used() {
    let closing = |_, mut stream: DuplexStream| async move {
        request(&mut stream).await;
        let _ = stream.write_all(OK).await;
    };
    let world = World::one(ConnectionSettings::default(), closing);
    let user = world.client.of_user();
    for _ in 0..3 {
        world.ask(&user, Method::POST).await.unwrap();
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    assert_eq!((world.made(), world.count(Metric::HttpResent)), (3, 0));
}

#[tokio::test(start_paused = true)]
async fn whoever_asks_for_the_end_of_a_connection_has_closed_it() {
    let user_says = |value: &'static str| async move {
        let world = World::one(ConnectionSettings::default(), |_, stream| {
            good_until(1, stream)
        });
        let user = world.client.of_user();
        let call = Call::new(Method::GET, "/", Url::parse("http://a.example/").unwrap());
        let call = call.header(CONNECTION, HeaderValue::from_static(value));
        world.send(&user, call).await.unwrap();
        world.ask(&user, Method::GET).await.unwrap();
        (world.closed_by("client"), world.closed_by("server"))
    };
    assert_eq!(user_says("close").await, (1, 0));
    assert_eq!(user_says("keep-alive").await, (0, 1));
    // A connection that we give up is not the server's doing.
    let world = World::one(ConnectionSettings::default(), |_, mut stream| async move {
        request(&mut stream).await;
        let _ = stream.write_all(b"no HTTP at all\r\n\r\n").await;
        request(&mut stream).await;
    });
    let user = world.client.of_user();
    assert!(world.ask(&user, Method::GET).await.is_err());
    assert_eq!(
        (world.closed_by("client"), world.closed_by("server")),
        (1, 0)
    );
}

#[tokio::test(start_paused = true)]
async fn a_user_takes_up_sessions_of_tls_unless_told_otherwise() {
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed(["a.example".to_owned()]).unwrap();
    let listed = BASE64.encode(cert.der());
    let pem = format!("-----BEGIN CERTIFICATE-----\n{listed}\n-----END CERTIFICATE-----\n");
    let server = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![cert.der().clone()],
            PrivatePkcs8KeyDer::from(signing_key.serialize_der()).into(),
        );
    let acceptor = TlsAcceptor::from(Arc::new(server.unwrap()));
    for (resume_tls, expected) in [(true, 2), (false, 0)] {
        let settings = ConnectionSettings {
            resume_tls,
            ..with(Reconnect::EachRequest)
        };
        let tls = TlsSettings {
            authorities: Some(pem.clone().into_bytes()),
            ..TlsSettings::default()
        };
        let resumed = Arc::<AtomicUsize>::default();
        let (acceptor, counted) = (acceptor.clone(), Arc::clone(&resumed));
        let world = World::new(settings, tls, move |number, stream| {
            let (acceptor, counted) = (acceptor.clone(), Arc::clone(&counted));
            async move {
                let stream = acceptor.accept(stream).await.unwrap();
                let kind = stream.get_ref().1.handshake_kind();
                counted.fetch_add(
                    usize::from(kind == Some(HandshakeKind::Resumed)),
                    Ordering::SeqCst,
                );
                good(number, stream).await;
            }
        });
        let user = world.client.of_user();
        for _ in 0..3 {
            let url = Url::parse("https://a.example/").unwrap();
            let call = Call::new(Method::GET, "/", url);
            world.send(&user, call).await.unwrap();
        }
        assert_eq!(resumed.load(Ordering::SeqCst), expected, "{resume_tls}");
    }
}

/// HTTP/2: answers `most` streams of a connection well, then says that it goes
/// away and takes no stream above the last.
async fn goes_away(most: usize, stream: DuplexStream) {
    let mut connection = h2::server::handshake(stream).await.unwrap();
    for _ in 0..most {
        let Some(Ok((_, mut respond))) = connection.accept().await else {
            return;
        };
        let answer = http::Response::new(());
        let mut body = respond.send_response(answer, false).unwrap();
        body.send_data(Bytes::from_static(b"ok"), true).unwrap();
    }
    connection.graceful_shutdown();
    while let Some(Ok((_, respond))) = connection.accept().await {
        drop(respond);
    }
}

fn two<F>(serve: impl Fn(usize, DuplexStream) -> F + Send + Sync + 'static) -> World
where
    F: Future<Output = ()> + Send + 'static,
{
    let tls = TlsSettings {
        version: Version::Two,
        ..TlsSettings::default()
    };
    World::new(ConnectionSettings::default(), tls, serve)
}

#[tokio::test(start_paused = true)]
async fn a_server_that_goes_away_is_asked_again_on_a_new_connection() {
    let world = two(|_, stream| goes_away(3, stream));
    let user = world.client.of_user();
    for _ in 0..10 {
        let answer = world.ask(&user, Method::POST).await.unwrap();
        assert_eq!(answer.body(), b"ok");
    }
    assert!(world.made() >= 3, "{}", world.made());
    assert_eq!(world.count(Metric::HttpReqs), 10);
}

/// Also what may not be repeated: the server has not begun to work on it.
#[tokio::test(start_paused = true)]
async fn a_stream_that_is_refused_is_sent_again() {
    let refusing = |number: usize, stream: DuplexStream| async move {
        let mut connection = h2::server::handshake(stream).await.unwrap();
        while let Some(Ok((_, mut respond))) = connection.accept().await {
            if number == 0 {
                respond.send_reset(Reason::REFUSED_STREAM);
            } else {
                respond
                    .send_response(http::Response::new(()), true)
                    .unwrap();
            }
        }
    };
    let world = two(refusing);
    let user = world.client.of_user();
    world.ask(&user, Method::POST).await.unwrap();
    assert_eq!((world.made(), world.count(Metric::HttpResent)), (2, 1));
}

/// A stream that was given up for another reason may have been worked on.
#[tokio::test(start_paused = true)]
async fn a_stream_that_is_broken_off_is_not_sent_again() {
    let breaking = |_, stream: DuplexStream| async move {
        let mut connection = h2::server::handshake(stream).await.unwrap();
        while let Some(Ok((_, mut respond))) = connection.accept().await {
            respond.send_reset(Reason::INTERNAL_ERROR);
        }
    };
    let world = two(breaking);
    let user = world.client.of_user();
    assert!(world.ask(&user, Method::GET).await.is_err());
    assert_eq!(world.count(Metric::HttpResent), 0);
}

#[tokio::test(start_paused = true)]
async fn a_further_connection_is_made_when_streams_run_out() {
    let few = |_, stream: DuplexStream| async move {
        let mut builder = h2::server::Builder::new();
        let handshake = builder
            .max_concurrent_streams(2)
            .handshake::<_, Bytes>(stream);
        let mut connection = handshake.await.unwrap();
        while let Some(Ok((_, mut respond))) = connection.accept().await {
            tokio::spawn(async move {
                tokio::time::sleep(Duration::from_secs(1)).await;
                let _ = respond.send_response(http::Response::new(()), true);
            });
        }
    };
    let world = two(few);
    let user = world.client.of_user();
    // A new connection is believed to take a hundred, until it says otherwise.
    let mut took = 0;
    for _ in 0..3 {
        let all = (0..6).map(|_| world.ask(&user, Method::GET));
        let began = tokio::time::Instant::now();
        for answer in futures_util::future::join_all(all).await {
            answer.unwrap();
        }
        took = began.elapsed().as_secs();
    }
    assert_eq!((world.made(), took), (3, 1));
}

/// Those who wait while a connection is made for all use it again, like those
/// who come later.
#[tokio::test(start_paused = true)]
async fn who_waited_for_a_connection_of_another_is_in_the_books() {
    let world = two(|_, stream| goes_away(100, stream));
    let user = world.client.of_user();
    let all = (0..6).map(|_| world.ask(&user, Method::GET));
    for answer in futures_util::future::join_all(all).await {
        answer.unwrap();
    }
    assert_eq!(world.count(Metric::HttpConnectionsOpened), 1);
    assert_eq!(world.count(Metric::HttpConnectionsReused), 5);
}

/// Bodies of more than a hundred bytes are too long here.
#[tokio::test(start_paused = true)]
async fn a_body_without_end_is_a_failure_of_its_own() {
    let endless = |_, mut stream: DuplexStream| async move {
        request(&mut stream).await;
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await;
        while stream.write_all(&[b'x'; 1024]).await.is_ok() {}
    };
    let endless_two = |told: bool| {
        move |_, stream: DuplexStream| async move {
            let mut connection = h2::server::handshake(stream).await.unwrap();
            while let Some(Ok((_, mut respond))) = connection.accept().await {
                let mut head = http::Response::new(());
                if told {
                    head.headers_mut().insert("content-length", 101.into());
                }
                let mut body = respond.send_response(head, false).unwrap();
                let _ = body.send_data(Bytes::from(vec![b'x'; if told { 1 } else { 101 }]), false);
                tokio::spawn(async move {
                    tokio::time::sleep(Duration::from_secs(60)).await;
                    drop(body);
                });
            }
        }
    };
    for world in [
        World::one(ConnectionSettings::default(), endless),
        two(endless_two(false)),
        two(endless_two(true)),
    ] {
        let user = world.client.of_user();
        let error = world.ask(&user, Method::GET).await.err().unwrap();
        assert_eq!(error.kind(), "answer too long");
        assert_eq!(
            error.to_string(),
            "GET /: the answer is longer than `max_body`, 100 B"
        );
        assert_eq!(world.count(Metric::HttpResent), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn interim_answers_without_end_are_given_up() {
    let world = two(|_, stream| async move {
        let mut connection = h2::server::handshake(stream).await.unwrap();
        while let Some(Ok((_, mut respond))) = connection.accept().await {
            for _ in 0..40 {
                let mut interim = http::Response::new(());
                *interim.status_mut() = http::StatusCode::PROCESSING;
                let _ = respond.send_informational(interim);
            }
            tokio::spawn(async move {
                tokio::time::sleep(Duration::from_secs(60)).await;
                drop(respond);
            });
        }
    });
    let user = world.client.of_user();
    let error = world.ask(&user, Method::GET).await.err().unwrap();
    assert_eq!(error.kind(), "protocol");
    assert!(
        error.to_string().contains("more than 32 interim answers"),
        "{error}"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    /// However servers close: each request is in the books once, and so is each
    /// connection.
    #[test]
    fn books_balance_under_reconnects(
        lives in prop::collection::vec(0usize..4, 1..6),
        methods in prop::collection::vec(any::<bool>(), 1..30),
        each in prop_oneof![
            Just(Reconnect::Never), Just(Reconnect::EachIteration), Just(Reconnect::EachRequest)
        ],
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let serve = move |number: usize, stream| good_until(lives[number % lives.len()], stream);
            let world = World::one(with(each), serve);
            let user = world.client.of_user();
            let (mut good, mut bad) = (0, 0);
            for post in &methods {
                user.begin_iteration();
                let method = if *post { Method::POST } else { Method::GET };
                match world.ask(&user, method).await {
                    Ok(_) => good += 1,
                    Err(_) => bad += 1,
                }
            }
            let requests = methods.len() as u64;
            assert_eq!(good + bad, requests);
            assert_eq!(world.count(Metric::HttpReqs), requests);
            drop(user);
            let opened = world.count(Metric::HttpConnectionsOpened);
            assert_eq!(opened, world.made() as u64);
            assert_eq!(world.count(Metric::HttpConnectionsClosed), opened);
            let served = opened + world.count(Metric::HttpConnectionsReused);
            assert_eq!(served, requests + world.count(Metric::HttpResent));
        });
    }
}
