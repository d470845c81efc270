//! Requests that no client sends on purpose: answered like any other, never
//! with a fault of ours.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::world::World;

/// Sends bytes and gives the status and everything that comes back.
async fn send(world: &World, request: &[u8]) -> (u16, String) {
    let mut stream = TcpStream::connect(world.simulator.address()).await.unwrap();
    // The server may answer, and hang up, before it has read everything.
    let _ = stream.write_all(request).await;
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let status = answer.split(' ').nth(1).and_then(|word| word.parse().ok());
    (status.unwrap_or_default(), answer)
}

fn request(line: &[u8], rest: &str) -> Vec<u8> {
    let rest = format!(" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{rest}\r\n");
    [line, rest.as_bytes()].concat()
}

#[tokio::test]
async fn odd_lines_are_answered() {
    let world = World::new().await;
    let long = format!("GET /{}", "x".repeat(60_000));
    let cases: [(&[u8], u16); 17] = [
        (b"HEAD /", 200),
        (b"HEAD /rest/v2/contact/x", 401),
        (b"HEAD /rest/v2/contact", 405),
        (b"OPTIONS /rest/v2/contact", 405),
        (b"OPTIONS *", 501),
        (b"CONNECT example.org:443", 501),
        (b"GET http://example.org/rest/v2/user/current", 401),
        (b"HUNTER2 /rest/v2/contact", 405),
        (b"GET /rest/v2/contact/", 501),
        (b"GET /rest/v2//contact/x", 501),
        (b"GET /rest/v2/user/current/", 501),
        (b"GET /rest/v2/../v2/user/current", 501),
        (b"GET /%FF%00", 501),
        (b"GET /rest/v2/contact/%FF", 400),
        (b"GET /gateway/x/process/validate/%FF-1", 400),
        (b"GET /_simulator/outbox?after=%FF", 400),
        (long.as_bytes(), 501),
    ];
    for (line, status) in cases {
        let (answered, text) = send(&world, &request(line, "")).await;
        let line = String::from_utf8_lossy(line);
        let line = line.chars().take(80).collect::<String>();
        assert_eq!(answered, status, "{line}: {text}");
        assert!(!text.contains("HUNTER2"), "{text}");
    }
}

#[tokio::test]
async fn what_is_not_http_is_400() {
    let world = World::new().await;
    for line in [&b"GET /\xFF\xFE"[..], b"GET  /", b"G\x00T /", b"hello"] {
        let (status, text) = send(&world, &request(line, "")).await;
        assert!(status == 400 || status == 501, "{line:?}: {text}");
    }
}

#[tokio::test]
async fn headers_that_are_too_long_or_too_many_are_431() {
    let world = World::new().await;
    let long = format!("X: {}\r\n", "x".repeat(1024 * 1024));
    let many = "X: y\r\n".repeat(1000);
    for headers in [long, many] {
        let (status, _) = send(&world, &request(b"GET /", &headers)).await;
        assert_eq!(status, 431);
    }
}

#[tokio::test]
async fn odd_credentials_are_401() {
    let world = World::new().await;
    let long = format!("Basic {}", "QUFB".repeat(10_000));
    for value in [
        "",
        " ",
        "Basic",
        "Basic ",
        "Basic %",
        "Bearer ",
        "Bearer .",
        "Bearer ..",
        "é",
        &long,
    ] {
        let header = format!("Authorization: {value}\r\n");
        let (status, text) = send(&world, &request(b"GET /rest/v2/user/current", &header)).await;
        assert_eq!(status, 401, "{value}: {text}");
    }
}

#[tokio::test]
async fn an_empty_body_is_400_and_a_wrong_length_hurts_nobody() {
    let world = World::new().await;
    let login = b"POST /rest/v2/auth/login";
    let (status, text) = send(&world, &request(login, "")).await;
    assert_eq!(status, 400, "{text}");
    let (status, text) = send(&world, &request(login, "Content-Length: x\r\n")).await;
    assert_eq!(status, 400, "{text}");
    let chunked = "Transfer-Encoding: chunked\r\n\r\nzz\r\n";
    let (status, text) = send(&world, &request(login, chunked)).await;
    assert_eq!(status, 400, "{text}");
}
