//! Delivery to SMTP servers that do as they are told.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

use super::{QUEUE, Smtp, SmtpServer, hide_numbers};
use crate::simulator::SimulatorError;
use crate::simulator::mail::mailbox::tests::message;

/// What a server got.
type Received = mpsc::UnboundedReceiver<(String, String)>;

/// An SMTP server that answers the first mails as it is told, and then takes
/// all. Recipient and text of those that it takes come out.
async fn server(refusals: &[&'static str]) -> (SmtpServer, Received) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let (sender, received) = mpsc::unbounded_channel();
    let refusals = Arc::new(Mutex::new(refusals.iter().copied().collect()));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream, sender.clone(), Arc::clone(&refusals)));
        }
    });
    let allow_remote = false;
    (
        SmtpServer {
            address,
            allow_remote,
        },
        received,
    )
}

async fn serve(
    stream: TcpStream,
    taken: mpsc::UnboundedSender<(String, String)>,
    refusals: Arc<Mutex<VecDeque<&'static str>>>,
) -> Option<()> {
    let mut stream = BufReader::new(stream);
    stream.write_all(b"220 test\r\n").await.ok()?;
    let mut to = String::new();
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await.ok()? == 0 {
            return None;
        }
        let answer = match line.split_whitespace().next().unwrap_or_default() {
            "EHLO" => "250-test\r\n250 8BITMIME",
            "RCPT" => {
                to = line.split(['<', '>']).nth(1)?.to_owned();
                let refusal = refusals.lock().pop_front();
                match refusal {
                    // The connection breaks.
                    Some("") => return None,
                    refusal => refusal.unwrap_or("250 ok"),
                }
            }
            "DATA" => {
                stream.write_all(b"354 go on\r\n").await.ok()?;
                let mut text = String::new();
                while !text.ends_with("\r\n.\r\n") {
                    stream.read_line(&mut text).await.ok()?;
                }
                taken.send((to.clone(), text)).ok()?;
                "250 taken"
            }
            _ => "250 ok",
        };
        stream
            .write_all(format!("{answer}\r\n").as_bytes())
            .await
            .ok()?;
    }
}

fn send(smtp: &Smtp, sequence: u64, to: &str, body: &str) {
    smtp.place(to)
        .unwrap()
        .take(Arc::new(message(sequence, to, body)));
}

async fn next(received: &mut Received) -> (String, String) {
    let next = tokio::time::timeout(Duration::from_secs(20), received.recv());
    next.await.unwrap().unwrap()
}

#[tokio::test]
async fn a_mail_arrives_as_it_was_rendered() {
    let (server, mut received) = server(&[]).await;
    let smtp = Smtp::start(&server).await.unwrap();
    send(&smtp, 7, "ada@example.org", "Your code: 123456\n.\n");
    let (to, text) = next(&mut received).await;
    assert_eq!(to, "ada@example.org");
    assert!(text.contains("\r\nTo: ada@example.org\r\n"), "{text}");
    // A line that is a dot does not end the mail.
    assert!(text.contains("\r\nYour code: 123456\r\n..\r\n"), "{text}");
    assert!(text.ends_with("--=_rehearse_7--\r\n.\r\n"), "{text}");
}

#[tokio::test]
async fn a_server_that_is_busy_is_tried_again_and_order_is_kept() {
    let (server, mut received) = server(&["451 later", "", "421 later"]).await;
    let smtp = Smtp::start(&server).await.unwrap();
    send(&smtp, 1, "ada@example.org", "111111");
    send(&smtp, 2, "Ada@example.org", "222222");
    assert!(next(&mut received).await.1.contains("111111"));
    assert!(next(&mut received).await.1.contains("222222"));
}

#[tokio::test]
async fn a_mail_that_is_refused_holds_up_nobody() {
    let (server, mut received) = server(&["550 no such user"]).await;
    let smtp = Smtp::start(&server).await.unwrap();
    send(&smtp, 1, "ada@example.org", "111111");
    send(&smtp, 2, "ada@example.org", "222222");
    assert!(next(&mut received).await.1.contains("222222"));
}

#[tokio::test]
async fn what_waits_is_delivered_at_the_end() {
    let (server, mut received) = server(&[]).await;
    let smtp = Smtp::start(&server).await.unwrap();
    for sequence in 1..=20 {
        send(&smtp, sequence, &format!("user{sequence}@example.org"), "x");
    }
    smtp.finish().await;
    for _ in 0..20 {
        received.try_recv().unwrap();
    }
}

#[tokio::test]
async fn a_queue_that_is_full_refuses() {
    // Nobody listens there any more; the queue empties slowly at best.
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr();
    let server = SmtpServer {
        address: closed.unwrap().to_string(),
        allow_remote: false,
    };
    let smtp = Smtp::start(&server).await.unwrap();
    let mut accepted = 0;
    // Without a pause between them, so that no delivery comes in between.
    while let Ok(place) = smtp.place("ada@example.org") {
        place.take(Arc::new(message(accepted, "ada@example.org", "x")));
        accepted += 1;
    }
    assert_eq!(accepted, QUEUE as u64);
}

#[tokio::test]
async fn a_remote_server_needs_permission() {
    let start = async |address: &str, allow_remote| {
        let address = address.to_owned();
        Smtp::start(&SmtpServer {
            address,
            allow_remote,
        })
        .await
        .err()
    };
    let error = start("192.0.2.1:25", false).await.unwrap();
    assert!(
        matches!(error, SimulatorError::SmtpRemote { .. }),
        "{error}"
    );
    assert!(start("192.0.2.1:25", true).await.is_none());
    assert!(start("[::1]:25", false).await.is_none());
    let error = start("127.0.0.1", false).await.unwrap();
    assert!(error.to_string().contains("HOST:PORT"), "{error}");
}

#[test]
fn numbers_that_could_be_codes_are_not_shown() {
    assert_eq!(
        hide_numbers("permanent error (550): 5.7.1 spam: code 123456, 0042!"),
        "permanent error (550): 5.7.1 spam: code …, …!"
    );
}
