//! Against a server in memory, and against hyper as the reference.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Empty};
use hyper_util::rt::TokioIo;
use proptest::prelude::*;
use reqwest::Method;
use reqwest::header::{HeaderMap, HeaderValue};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use url::Url;

use super::super::broken::Broken;
use super::super::message::{Answer, Outgoing, Transfer};
use super::super::stream::{Carrier, Stream};
use super::Http1;
use crate::clock::Clock;

/// A connection whose server is the test; the pipe takes so many bytes.
fn connection(room: usize) -> (Http1, DuplexStream) {
    let (ours, server) = duplex(room);
    (
        Http1::new(Stream::Plain(Carrier::Memory(ours)), false),
        server,
    )
}

struct Asks {
    method: Method,
    url: Url,
    headers: HeaderMap,
    body: Vec<Bytes>,
    clock: Clock,
    max_body: u64,
}

impl Asks {
    fn new(method: Method, url: &str) -> Self {
        Self {
            method,
            url: Url::parse(url).unwrap(),
            headers: HeaderMap::new(),
            body: Vec::new(),
            clock: Clock::real(),
            max_body: 64 * 1024,
        }
    }

    async fn over(
        &self,
        connection: &mut Http1,
        transfer: &mut Transfer,
    ) -> Result<Answer, Broken> {
        let outgoing = Outgoing {
            method: &self.method,
            url: &self.url,
            headers: &self.headers,
            trace: None,
            body: &self.body.clone().into(),
            clock: &self.clock,
            max_body: self.max_body,
        };
        connection.exchange(outgoing, transfer).await
    }
}

/// What comes of an answer that comes in these pieces, after which the server
/// closes.
async fn answered(method: &Method, pieces: &[&[u8]]) -> (Result<Answer, Broken>, bool) {
    let (mut connection, mut server) = connection(1 << 20);
    let asks = Asks::new(method.clone(), "http://a.example/");
    let mut transfer = Transfer::default();
    let serving = async {
        for piece in pieces {
            server.write_all(piece).await.unwrap();
            tokio::task::yield_now().await;
        }
        drop(server);
    };
    let (answer, ()) = tokio::join!(asks.over(&mut connection, &mut transfer), serving);
    (answer, connection.is_reusable())
}

/// The same by hyper.
async fn by_hyper(method: &Method, pieces: &[&[u8]]) -> Option<Answer> {
    let (ours, mut server) = duplex(1 << 20);
    let (mut send, driver) = hyper::client::conn::http1::handshake(TokioIo::new(ours))
        .await
        .unwrap();
    let driving = tokio::spawn(driver);
    let request = http::Request::builder()
        .method(method)
        .uri("/")
        .header("host", "a.example")
        .body(Empty::<Bytes>::new())
        .unwrap();
    let asking = async {
        let answer = send.send_request(request).await.ok()?;
        let (head, body) = answer.into_parts();
        let body = body.collect().await.ok()?.to_bytes().to_vec();
        Some(Answer {
            status: head.status,
            headers: head.headers.into(),
            body: body.into(),
        })
    };
    let serving = async {
        // To hyper, what comes before the request is no answer.
        let _ = server.read(&mut [0; 1024]).await;
        for piece in pieces {
            let _ = server.write_all(piece).await;
            tokio::task::yield_now().await;
        }
        drop(server);
    };
    let (answer, ()) = tokio::join!(asking, serving);
    driving.abort();
    answer
}

/// A request arrives as RFC 9112 writes it.
#[tokio::test]
async fn a_request_has_its_host_first_and_its_length() {
    let (mut connection, mut server) = connection(1 << 20);
    let mut asks = Asks::new(Method::POST, "http://a.example:8080/x%20y?q=1#part");
    asks.headers.insert("x-a", HeaderValue::from_static("1"));
    asks.body = vec![Bytes::from_static(b"he"), Bytes::from_static(b"llo")];
    let mut transfer = Transfer::default();
    let serving = async {
        server
            .write_all(b"HTTP/1.1 204 No Content\r\n\r\n")
            .await
            .unwrap();
    };
    let (answer, ()) = tokio::join!(asks.over(&mut connection, &mut transfer), serving);
    assert_eq!(answer.unwrap().status, 204);
    assert!(connection.is_reusable());
    assert_eq!(transfer.sent, 5);
    drop(connection);
    let mut sent = String::new();
    server.read_to_string(&mut sent).await.unwrap();
    assert_eq!(
        sent,
        format!(
            "POST /x%20y?q=1 HTTP/1.1\r\nhost: a.example:8080\r\nuser-agent: rehearse/{}\r\naccept: */*\r\n\
             x-a: 1\r\ncontent-length: 5\r\n\r\nhello",
            env!("CARGO_PKG_VERSION")
        )
    );
}

#[tokio::test]
async fn an_answer_that_comes_while_sending_is_the_answer() {
    let (mut connection, mut server) = connection(1024);
    let mut asks = Asks::new(Method::PUT, "http://a.example/");
    asks.body = vec![Bytes::from(vec![b'x'; 1 << 20])];
    let mut transfer = Transfer::default();
    let serving = async {
        let early: &[u8] =
            b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 413 Too Large\r\ncontent-length: 3\r\n\r\nno!";
        server.write_all(early).await.unwrap();
        server
    };
    let (answer, server) = tokio::join!(asks.over(&mut connection, &mut transfer), serving);
    let answer = answer.unwrap();
    assert_eq!((answer.status.as_u16(), &**answer.body), (413, &b"no!"[..]));
    assert!(transfer.sent < 1 << 20, "{}", transfer.sent);
    assert!(!connection.is_reusable());
    drop(server);
}

#[tokio::test]
async fn a_connection_serves_again_only_after_a_whole_answer_that_keeps_it() {
    let reusable = [
        ("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok", true),
        (
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
            true,
        ),
        (
            "HTTP/1.1 200 OK\r\nconnection: Close\r\ncontent-length: 2\r\n\r\nok",
            false,
        ),
        ("HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\nok", false),
        (
            "HTTP/1.0 200 OK\r\nconnection: keep-alive\r\ncontent-length: 2\r\n\r\nok",
            true,
        ),
        ("HTTP/1.1 200 OK\r\n\r\nok", false),
        // More than was announced: what follows is no answer to anything.
        ("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nokay", false),
    ];
    for (text, expected) in reusable {
        let (answer, reusable) = answered(&Method::GET, &[text.as_bytes()]).await;
        assert_eq!(&**answer.unwrap().body, b"ok", "{text}");
        assert_eq!(reusable, expected, "{text}");
    }
}

#[tokio::test]
async fn an_idle_connection_that_says_something_is_not_quiet() {
    let (mut connection, mut server) = connection(64);
    assert!(connection.is_quiet());
    server.write_all(b"?").await.unwrap();
    assert!(!connection.is_quiet());
    let (mut connection, server) = self::connection(64);
    drop(server);
    assert!(!connection.is_quiet());
}

/// What a server can say without end is not read without end.
#[tokio::test]
async fn heads_and_lines_without_end_are_given_up() {
    let interim = "HTTP/1.1 100 Continue\r\n\r\n".repeat(40);
    let headers = format!("HTTP/1.1 200 OK\r\n{}", "a: b\r\n".repeat(200));
    let long = format!("HTTP/1.1 200 OK\r\na: {}", "b".repeat(200 * 1024));
    let chunk = format!(
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1;{}",
        "x".repeat(20 * 1024)
    );
    let chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
    let extension = format!("1;{}\r\nx\r\n", "x".repeat(1024));
    let extensions = format!("{chunked}{}", extension.repeat(20));
    let trailers = format!("{chunked}0\r\n{}", "a: b\r\n".repeat(200));
    let trailer = format!("{chunked}0\r\na: {}", "b".repeat(20 * 1024));
    for (text, expected) in [
        (
            extensions,
            "extensions of its chunks are longer than 16 KiB",
        ),
        (trailers, "invalid trailers"),
        (trailer, "16 KiB"),
        (interim, "interim"),
        (headers, "128 headers"),
        (long, "128 KiB"),
        (chunk, "16 KiB"),
    ] {
        let (answer, _) = answered(&Method::GET, &[text.as_bytes()]).await;
        let Err(Broken::Protocol(what)) = answer else {
            panic!("{expected}");
        };
        assert!(what.contains(expected), "{what}");
    }
}

/// A body of more bytes than it may have is not waited for.
#[tokio::test]
async fn a_body_is_read_up_to_its_ceiling() {
    let most = 64 * 1024;
    let chunk = |length: usize| format!("{length:x}\r\n{}\r\n", "x".repeat(length));
    let chunked = "transfer-encoding: chunked\r\n\r\n";
    for (length, long) in [(most, false), (most + 1, true)] {
        let body = "x".repeat(length);
        for rest in [
            format!("content-length: {length}\r\n\r\n{body}"),
            format!("{chunked}{}0\r\n\r\n", chunk(length)),
            format!("{chunked}{}{}0\r\n\r\n", chunk(length - 1), chunk(1)),
            format!("\r\n{body}"),
        ] {
            let text = format!("HTTP/1.1 200 OK\r\n{rest}");
            let (answer, _) = answered(&Method::GET, &[text.as_bytes()]).await;
            match answer {
                Ok(answer) => assert_eq!((answer.body.len(), long), (most, false)),
                Err(Broken::TooLong(told)) => assert_eq!((told, long), (most as u64, true)),
                Err(other) => panic!("{other:?}"),
            }
        }
    }
    // It says so itself: nothing is read.
    let mut transfer = Transfer::default();
    let (mut connection, mut server) = connection(1 << 20);
    let told = b"HTTP/1.1 200 OK\r\ncontent-length: 18446744073709551615\r\n\r\n";
    server.write_all(told).await.unwrap();
    let asks = Asks::new(Method::GET, "http://a.example/");
    let answer = asks.over(&mut connection, &mut transfer).await;
    assert!(matches!(answer.err(), Some(Broken::TooLong(_))));
    assert_eq!(transfer.received, 0);
}

/// Parts of answers, right and wrong.
fn answer() -> impl Strategy<Value = Vec<u8>> {
    let version = prop_oneof![8 => Just("HTTP/1.1"), 1 => Just("HTTP/1.0"), 1 => Just("HTTP/2.0")];
    let status = prop_oneof![
        6 => Just("200 OK"), 1 => Just("204 No Content"), 1 => Just("304 Not Modified"),
        1 => Just("500"), 1 => Just("100 Continue"), 1 => Just("2000 OK"), 1 => Just("20 OK")
    ];
    let header = prop_oneof![
        2 => Just("content-length: 5"), 1 => Just("Content-Length: 3"), 1 => Just("content-length: +5"),
        1 => Just("content-length: 5, 5"), 1 => Just("content-length: 18446744073709551616"),
        3 => Just("Transfer-Encoding: chunked"), 1 => Just("transfer-encoding: gzip, chunked"),
        1 => Just("transfer-encoding: chunked, gzip"), 1 => Just("connection: close"),
        1 => Just("x-a:b"), 1 => Just("x-a: \t b "), 1 => Just("x b: c"), 1 => Just(": c"),
        1 => Just("x-u: \u{e9}"), 1 => Just("x-n: a\u{0}b")
    ];
    let body = prop_oneof![
        2 => Just("hello"), 1 => Just("hel"), 1 => Just(""), 2 => Just("5\r\nhello\r\n0\r\n\r\n"),
        1 => Just("5;a=b\r\nhello\r\n0\r\na: b\r\n\r\n"), 1 => Just("5\r\nhello!\r\n0\r\n\r\n"),
        1 => Just("g\r\nhello\r\n"), 1 => Just("5\r\nhel"), 1 => Just("ffffffffffffffff1\r\nx"),
        1 => Just("3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n"), 1 => Just("5\nhello\n0\n\n")
    ];
    let headers = prop::collection::vec(header, 0..4);
    let blank = prop_oneof![8 => Just("\r\n"), 1 => Just("\n"), 1 => Just("")];
    (version, status, headers, blank, body).prop_map(|(version, status, headers, blank, body)| {
        let headers: String = headers.iter().flat_map(|line| [line, "\r\n"]).collect();
        format!("{version} {status}\r\n{headers}{blank}{body}").into_bytes()
    })
}

/// Where hyper and we differ, and mean to.
fn stricter_here(answer: &[u8]) -> bool {
    let text = String::from_utf8_lossy(answer).to_ascii_lowercase();
    // hyper reads a list of equal lengths as none (RFC 9110, 8.6 allows both).
    text.contains("content-length: 5, 5")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]
    /// Whatever comes, and however it is cut into pieces: the same answer as
    /// hyper reads, or none where it reads none.
    #[test]
    fn answers_are_read_as_hyper_reads_them(
        answer in answer(),
        cuts in prop::collection::vec(0usize..200, 0..4),
        head in any::<bool>(),
    ) {
        prop_assume!(!stricter_here(&answer));
        let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(answer.len())).collect();
        cuts.extend([0, answer.len()]);
        cuts.sort_unstable();
        let pieces: Vec<&[u8]> = cuts.windows(2).map(|cut| &answer[cut[0]..cut[1]]).collect();
        let pieces: Vec<&[u8]> = pieces.into_iter().filter(|piece| !piece.is_empty()).collect();
        let method = if head { Method::HEAD } else { Method::GET };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let (ours, theirs) = runtime.block_on(async {
            tokio::time::timeout(Duration::from_secs(20), async {
                (answered(&method, &pieces).await.0, by_hyper(&method, &pieces).await)
            }).await.unwrap()
        });
        let text = String::from_utf8_lossy(&answer).into_owned();
        match (ours, theirs) {
            (Ok(ours), Some(theirs)) => {
                prop_assert_eq!(ours.status, theirs.status, "{}", &text);
                prop_assert_eq!(&*ours.body, &*theirs.body, "{}", &text);
                // Asked for one by one before they are a map, and after.
                for name in theirs.headers.map().keys() {
                    let (ours, theirs) = (ours.headers.values(name), theirs.headers.values(name));
                    prop_assert!(ours.eq(theirs), "{}: {}", name, &text);
                }
                prop_assert_eq!(ours.headers.map(), theirs.headers.map(), "{}", &text);
            }
            (Err(_), None) => {}
            (Ok(_), None) => prop_assert!(false, "only we read {:?}", text),
            (Err(error), Some(_)) => prop_assert!(false, "only hyper reads {:?}: {:?}", text, error),
        }
    }
}
