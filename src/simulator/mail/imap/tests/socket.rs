//! What only a socket shows: literals that are asked for, news without a
//! command, limits, and the end.

use std::sync::Arc;
use std::time::Duration;

use secrecy::ExposeSecret;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;

use crate::ceilings;
use crate::clock::Clock;
use crate::simulator::SimulatorError;
use crate::simulator::mail::imap::ImapServer;
use crate::simulator::mail::mailbox::Mailbox;
use crate::simulator::mail::mailbox::tests::message;

struct Running {
    server: ImapServer,
    mailbox: Arc<Mailbox>,
    closing: CancellationToken,
}

impl Running {
    async fn start() -> Self {
        let mailbox = Arc::new(Mailbox::new(&Clock::real()));
        let closing = CancellationToken::new();
        let address = "127.0.0.1:0".parse().unwrap();
        let most = ceilings::MAIL_CONNECTIONS;
        let server = ImapServer::start(address, Arc::clone(&mailbox), most, closing.clone());
        Self {
            server: server.await.unwrap(),
            mailbox,
            closing,
        }
    }

    async fn connect(&self) -> Client {
        let access = self.server.access();
        let stream = TcpStream::connect((access.host, access.port)).await;
        let mut client = Client(BufReader::new(stream.unwrap()));
        assert!(client.line().await.starts_with("* OK"));
        client
    }

    async fn reader(&self) -> Client {
        let mut client = self.connect().await;
        let access = self.server.access();
        let password = access.password.expose_secret();
        client
            .send(&format!("a LOGIN {} {password}\r\n", access.user))
            .await;
        assert!(client.line().await.starts_with("a OK"));
        client.send("a SELECT INBOX\r\n").await;
        while !client.line().await.starts_with("a OK") {}
        client
    }

    fn deliver(&self, sequence: u64) {
        self.mailbox
            .deliver(Arc::new(message(sequence, "ada@example.org", "x")));
    }
}

struct Client(BufReader<TcpStream>);

impl Client {
    async fn send(&mut self, text: &str) {
        self.0.write_all(text.as_bytes()).await.unwrap();
    }

    async fn line(&mut self) -> String {
        let mut line = String::new();
        let read = self.0.read_line(&mut line);
        tokio::time::timeout(Duration::from_secs(20), read)
            .await
            .unwrap()
            .unwrap();
        line.trim_end().to_owned()
    }

    /// Everything until the server hangs up. What it has not read makes the
    /// system reset the connection, now and then.
    async fn rest_or_reset(&mut self) -> Option<String> {
        let mut rest = String::new();
        let read = self.0.read_to_string(&mut rest);
        let read = tokio::time::timeout(Duration::from_secs(20), read).await;
        read.unwrap().ok().map(|_| rest)
    }

    /// Everything until the server hangs up, whenever that is.
    async fn end(&mut self) -> String {
        let mut rest = String::new();
        self.0.read_to_string(&mut rest).await.unwrap();
        rest
    }

    /// Everything until the server hangs up.
    async fn rest(&mut self) -> String {
        self.rest_or_reset().await.unwrap()
    }
}

#[tokio::test]
async fn a_client_waits_for_its_literal_to_be_asked_for() {
    let running = Running::start().await;
    let mut client = running.connect().await;
    client.send("a LOGIN {3}\r\n").await;
    assert_eq!(client.line().await, "+ go on");
    client.send("ada {5}\r\n").await;
    assert_eq!(client.line().await, "+ go on");
    client.send("wrong\r\n").await;
    assert!(client.line().await.starts_with("a NO"));
    client
        .send("b LOGIN {3+}\r\nada {5+}\r\nwrong\r\nc NOOP\r\n")
        .await;
    assert!(client.line().await.starts_with("b NO"));
    assert_eq!(client.line().await, "c OK NOOP completed");
}

#[tokio::test]
async fn bytes_may_come_one_by_one() {
    let running = Running::start().await;
    let mut client = running.reader().await;
    for byte in "b SEARCH SUBJECT \"none\"\r\n".chars() {
        client.send(&byte.to_string()).await;
    }
    assert_eq!(client.line().await, "* SEARCH");
    assert_eq!(client.line().await, "b OK SEARCH completed");
}

#[tokio::test]
async fn an_idle_client_hears_of_a_mail_without_asking() {
    let running = Running::start().await;
    let mut idle = running.reader().await;
    let mut other = running.reader().await;
    idle.send("b IDLE\r\n").await;
    assert_eq!(idle.line().await, "+ idling");
    running.deliver(1);
    assert_eq!(idle.line().await, "* 1 EXISTS");
    assert_eq!(idle.line().await, "* 1 RECENT");
    running.deliver(2);
    assert_eq!(idle.line().await, "* 2 EXISTS");
    assert_eq!(idle.line().await, "* 2 RECENT");
    idle.send("DONE\r\n").await;
    assert_eq!(idle.line().await, "b OK IDLE completed");
    // One that is not idle hears of it when it asks.
    other.send("b NOOP\r\n").await;
    assert_eq!(other.line().await, "* 2 EXISTS");
}

#[tokio::test]
async fn too_much_ends_the_connection() {
    let running = Running::start().await;
    for flood in [
        "a".repeat(200_000),
        "a LOGIN {4294967296}\r\n".to_owned(),
        "a LOGIN {200000+}\r\n".to_owned(),
        format!(
            "a LOGIN {0} {0} {0}",
            format!("{{60000+}}\r\n{}", "x".repeat(60_000))
        ),
    ] {
        let mut client = running.connect().await;
        // It may hang up before all is sent.
        let _ = client.0.write_all(flood.as_bytes()).await;
        let answer = client.rest_or_reset().await;
        assert!(answer.is_none_or(|answer| answer == "* BYE that command is too long\r\n"));
    }
    // The others do not notice.
    running.reader().await;
}

#[tokio::test]
async fn one_connection_too_many_is_told_so() {
    let running = Running::start().await;
    let mut clients = Vec::new();
    for _ in 0..ceilings::MAIL_CONNECTIONS {
        clients.push(running.connect().await);
    }
    let access = running.server.access();
    let stream = TcpStream::connect((access.host, access.port)).await;
    let mut refused = Client(BufReader::new(stream.unwrap()));
    assert_eq!(refused.rest().await, "* BYE too many connections\r\n");
}

const SILENT: &str = "* BYE nothing was heard for too long\r\n";

#[tokio::test(start_paused = true)]
async fn who_does_not_log_in_or_end_a_command_has_to_leave() {
    let running = Running::start().await;
    let mut stranger = running.connect().await;
    let mut slow = running.reader().await;
    slow.send("b SEARCH").await;
    assert_eq!(stranger.end().await, SILENT);
    assert_eq!(slow.end().await, SILENT);
}

#[tokio::test(start_paused = true)]
async fn who_is_idle_stays_for_half_an_hour() {
    let running = Running::start().await;
    let mut idle = running.reader().await;
    idle.send("b IDLE\r\n").await;
    assert_eq!(idle.line().await, "+ idling");
    tokio::time::sleep(Duration::from_secs(29 * 60)).await;
    running.deliver(1);
    assert_eq!(idle.line().await, "* 1 EXISTS");
    assert!(idle.end().await.ends_with(SILENT));
}

#[tokio::test]
async fn everybody_is_told_when_the_server_ends() {
    let running = Running::start().await;
    let mut idle = running.reader().await;
    let mut stranger = running.connect().await;
    idle.send("b IDLE\r\n").await;
    assert_eq!(idle.line().await, "+ idling");
    running.closing.cancel();
    assert_eq!(idle.rest().await, "* BYE the simulator ends\r\n");
    assert_eq!(stranger.rest().await, "* BYE the simulator ends\r\n");
    running.server.ended().await;
}

#[tokio::test]
async fn other_machines_are_not_served() {
    for address in ["0.0.0.0:0", "[::]:0", "192.0.2.1:0"] {
        let mailbox = Arc::new(Mailbox::new(&Clock::real()));
        let closing = CancellationToken::new();
        let error = ImapServer::start(address.parse().unwrap(), mailbox, 1, closing).await;
        let error = error.err().unwrap();
        assert!(
            matches!(error, SimulatorError::ImapNotLoopback { .. }),
            "{error}"
        );
    }
}
