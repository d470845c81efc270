//! Mail that arrives, however the server behaves.

use std::fmt::Write;

use super::server::{Cover, Server};
use super::{LONG, code, mail, otp, start, until};

#[tokio::test]
async fn a_mail_that_arrives_during_idle_is_handed_over() {
    let server = Server::start(Cover::Plain);
    let dispatcher = start(&otp(&server, "")).await.unwrap();
    let ada = dispatcher.expect("ada@example.org", 6);
    server.deliver(mail("ada@example.org", "123456"));
    assert_eq!(code(ada).await, "123456");
    // Old mail was not looked at, and nothing in the folder was changed.
    let counts = dispatcher.counts();
    assert_eq!((counts.seen, counts.matched), (1, 1));
    let heard = server.state().heard.clone();
    assert!(
        heard.iter().any(|line| line.contains("EXAMINE \"INBOX\"")),
        "{heard:?}"
    );
    assert!(
        !heard.iter().any(|line| line.contains("STORE")),
        "{heard:?}"
    );
}

#[tokio::test]
async fn a_server_without_idle_is_looked_at() {
    let server = Server::start(Cover::Plain);
    server.state().capabilities = "IMAP4rev1";
    let dispatcher = start(&otp(&server, ", poll: 10ms")).await.unwrap();
    let ada = dispatcher.expect("ada@example.org", 6);
    server.deliver(mail("ada@example.org", "123456"));
    assert_eq!(code(ada).await, "123456");
    assert!(
        !server
            .state()
            .heard
            .iter()
            .any(|line| line.contains("IDLE"))
    );
}

#[tokio::test]
async fn a_server_whose_idle_does_not_work_is_looked_at() {
    // Untagged and final without `+`: the `imap` crate panics on the second.
    for answer in ["TAG NO not now\r\n", "TAG OK what?\r\n"] {
        let server = Server::start(Cover::Plain);
        server.state().idle_answer = Some(answer);
        let dispatcher = start(&otp(&server, ", poll: 10ms")).await.unwrap();
        until("a second connection", || server.state().connections == 2).await;
        let ada = dispatcher.expect("ada@example.org", 6);
        server.deliver(mail("ada@example.org", "123456"));
        assert_eq!(code(ada).await, "123456", "{answer}");
        assert_eq!(dispatcher.counts().reconnects, 1);
    }
}

#[tokio::test]
async fn a_server_that_closes_during_idle_loses_nothing() {
    let server = Server::start(Cover::Plain);
    server.state().cut_idle = 2;
    let dispatcher = start(&otp(&server, "")).await.unwrap();
    let ada = dispatcher.expect("ada@example.org", 6);
    server.state().refuse = 1;
    server.deliver(mail("ada@example.org", "123456"));
    assert_eq!(code(ada).await, "123456");
    let bob = dispatcher.expect("bob@example.org", 6);
    until("a connection that holds", || server.state().cut_idle == 0).await;
    server.deliver(mail("bob@example.org", "654321"));
    assert_eq!(code(bob).await, "654321");
    assert!(dispatcher.counts().reconnects >= 1);
}

#[tokio::test]
async fn a_folder_that_was_made_anew_is_read_from_its_start() {
    let server = Server::start(Cover::Plain);
    let dispatcher = start(&otp(&server, "")).await.unwrap();
    let ada = dispatcher.expect("ada@example.org", 6);
    {
        let mut state = server.state();
        state.validity = 2;
        state.mails.clear();
        state.mails.insert(1, mail("ada@example.org", "123456"));
        state.next = 2;
        state.cut_idle = 1;
    }
    assert_eq!(code(ada).await, "123456");
    let bob = dispatcher.expect("bob@example.org", 6);
    server.deliver(mail("bob@example.org", "654321"));
    assert_eq!(code(bob).await, "654321");
    assert_eq!(dispatcher.counts().duplicate, 0);
}

#[tokio::test]
async fn two_thousand_users_wait_and_old_mail_is_left_alone() {
    let server = Server::start(Cover::Plain);
    let dispatcher = start(&otp(&server, "")).await.unwrap();
    let address = |number: u32| format!("user+{number}@example.org");
    let waiting: Vec<_> = (0..2000)
        .map(|number| (number, dispatcher.expect(&address(number), 6)))
        .collect();
    for number in (0..2000).rev() {
        server.deliver(mail(&address(number), &format!("{:06}", 100_000 + number)));
    }
    for (number, pending) in waiting {
        assert_eq!(code(pending).await, format!("{}", 100_000 + number));
    }
    let counts = dispatcher.counts();
    assert_eq!(
        (counts.seen, counts.matched, counts.pending),
        (2000, 2000, 0)
    );
    let state = server.state();
    // Each mail was fetched once, and what is new was asked for by number.
    let bodies = state.heard.iter().filter(|line| line.contains("BODY.PEEK"));
    let fetched: usize = bodies.map(|line| line.matches(',').count() + 1).sum();
    assert_eq!(fetched, 2000);
    let lists = state
        .heard
        .iter()
        .filter(|line| line.contains("RFC822.SIZE"));
    assert!(
        lists.clone().all(|line| line.contains(" UID FETCH 5")),
        "{lists:?}"
    );
}

#[tokio::test]
async fn a_thousand_unrelated_mails_and_a_stranger_change_nothing() {
    let server = Server::start(Cover::Plain);
    let dispatcher = start(&otp(&server, "")).await.unwrap();
    let ada = dispatcher.expect("ada@example.org", 6);
    for number in 0..1000 {
        server.deliver(mail(&format!("news{number}@example.org"), "111111"));
    }
    server.deliver(mail("mallory@example.org", "666666"));
    server.deliver(mail("ada@example.org.evil.example", "666666"));
    server.deliver(mail("ada@example.org", "123456"));
    assert_eq!(code(ada).await, "123456");
    let counts = dispatcher.counts();
    assert_eq!((counts.seen, counts.unmatched), (1003, 1002));
}

#[tokio::test]
async fn mails_that_are_huge_or_broken_do_no_harm() {
    let server = Server::start(Cover::Plain);
    let dispatcher = start(&otp(&server, "")).await.unwrap();
    let ada = dispatcher.expect("ada@example.org", 6);
    let bob = dispatcher.expect("bob@example.org", 6);
    let mut huge =
        mail("ada@example.org", "123456").replace("Subject", "Content-Type: text/html\r\nSubject");
    while huge.len() < 5 * 1024 * 1024 {
        let _ = write!(huge, "<div class='filler'>lorem ipsum dolor</div>\r\n");
    }
    server.deliver("");
    server.deliver("Content-Type: multipart/mixed; boundary=\r\n\r\n--\r\n");
    server.deliver("\r\n\r\n\u{fffd}\0\0\0");
    server.deliver(huge);
    server.deliver(mail("bob@example.org", "654321"));
    assert_eq!(code(ada).await, "123456");
    assert_eq!(code(bob).await, "654321");
    assert_eq!(dispatcher.counts().reconnects, 0);
}

#[tokio::test]
async fn used_mails_are_marked_or_deleted_and_others_left_alone() {
    for (after, expected) in [
        ("seen", vec!["UID STORE 50002 +FLAGS.SILENT (\\Seen)"]),
        (
            "delete",
            vec![
                "UID STORE 50002 +FLAGS.SILENT (\\Deleted)",
                "UID EXPUNGE 50002",
            ],
        ),
    ] {
        let server = Server::start(Cover::Plain);
        let dispatcher = start(&otp(&server, &format!(", after: {after}")))
            .await
            .unwrap();
        let ada = dispatcher.expect("ada@example.org", 6);
        server.deliver(mail("mallory@example.org", "666666"));
        server.deliver(mail("ada@example.org", "123456"));
        assert_eq!(code(ada).await, "123456");
        until(after, || server.state().flags == expected).await;
    }
}

#[tokio::test]
async fn the_connection_ends_with_the_dispatcher() {
    let server = Server::start(Cover::Plain);
    let dispatcher = start(&otp(&server, "")).await.unwrap();
    until("an idle connection", || {
        server
            .state()
            .heard
            .iter()
            .any(|line| line.ends_with("IDLE"))
    })
    .await;
    drop(dispatcher);
    until("a closed connection", || server.state().open == 0).await;
    let heard = server.state().heard.clone();
    assert!(
        heard.iter().any(|line| line.ends_with("LOGOUT")),
        "{heard:?}"
    );
}

#[tokio::test]
async fn a_lost_server_is_named_when_the_time_is_over() {
    let server = Server::start(Cover::Plain);
    let dispatcher = start(&otp(&server, "")).await.unwrap();
    {
        let mut state = server.state();
        state.cut_idle = 1;
        state.refuse = u32::MAX;
    }
    let pending = dispatcher.expect("ada@example.org", 6);
    until("a refused connection", || server.state().connections >= 2).await;
    let error = pending.wait(LONG / 20).await.err().unwrap().to_string();
    assert!(
        error.ends_with("the server closed the connection"),
        "{error}"
    );
}
