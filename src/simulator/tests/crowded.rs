//! Clients that are silent, slow or too many, and pages from elsewhere.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::world::World;
use crate::ceilings;

async fn open(world: &World, sent: &str) -> TcpStream {
    let mut stream = TcpStream::connect(world.simulator.address()).await.unwrap();
    stream.write_all(sent.as_bytes()).await.unwrap();
    stream
}

/// Everything that comes until the other side hangs up.
async fn rest(mut stream: TcpStream) -> String {
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

const ALIVE: &str = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";

#[tokio::test(start_paused = true)]
async fn half_a_head_is_not_waited_for() {
    let world = World::new().await;
    for half in [
        "",
        "G",
        "GET / HTTP/1.1\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\n",
        "PRI * HTTP/2.0",
    ] {
        let began = tokio::time::Instant::now();
        let stream = open(&world, half).await;
        assert_eq!(rest(stream).await, "", "{half}");
        let took = began.elapsed();
        let most = ceilings::REQUEST_HEAD + Duration::from_secs(3);
        assert!(
            took >= ceilings::REQUEST_HEAD && took < most,
            "{half}: {took:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_head_that_comes_byte_by_byte_is_not_waited_for() {
    let world = World::new().await;
    let mut stream = open(&world, ALIVE).await;
    let mut count = 0;
    while stream.write_all(b"x").await.is_ok() && count < 100 {
        tokio::time::sleep(Duration::from_secs(1)).await;
        count += 1;
    }
    assert!((28..40).contains(&count), "{count}");
}

#[tokio::test(start_paused = true)]
async fn half_a_body_is_refused() {
    let world = World::new().await;
    let head = "POST /rest/v2/auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
    for body in [
        "Content-Length: 99\r\n\r\n{",
        "Transfer-Encoding: chunked\r\n\r\n9\r\n{",
    ] {
        let answer = rest(open(&world, &format!("{head}{body}")).await).await;
        assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
        assert!(answer.contains("connection: close\r\n"), "{answer}");
        assert!(answer.contains("\"the request took too long\""), "{answer}");
    }
}

#[tokio::test(start_paused = true)]
async fn who_has_been_answered_may_wait_longer() {
    let world = World::new().await;
    let began = tokio::time::Instant::now();
    let answer = rest(open(&world, ALIVE).await).await;
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    assert!(began.elapsed() >= ceilings::BETWEEN_REQUESTS);
}

#[tokio::test]
async fn a_page_from_elsewhere_reads_no_messages() {
    let world = World::new().await;
    for (header, status) in [
        ("Host: localhost", "200"),
        ("Host: evil.example", "403"),
        ("Host: localhost\r\nOrigin: http://localhost:3000", "200"),
        ("Host: localhost\r\nOrigin: https://evil.example", "403"),
    ] {
        let asked =
            format!("GET /_simulator/outbox HTTP/1.1\r\n{header}\r\nConnection: close\r\n\r\n");
        let answer = rest(open(&world, &asked).await).await;
        assert_eq!(answer.split(' ').nth(1), Some(status), "{header}: {answer}");
    }
}
