//! Who gets which message.

use std::time::Duration;

use secrecy::ExposeSecret;
use tokio::sync::mpsc;

use crate::clock::Clock;
use crate::otp::{
    Access, Body, Content, Dispatcher, Message, News, OtpError, OtpSource, PendingOtp, PushSource,
    Reading, Reply, Sent, SourceError,
};

/// A mailbox that is filled by hand.
#[derive(Debug)]
struct Script {
    news: parking_lot::Mutex<Option<mpsc::UnboundedReceiver<News>>>,
    used: mpsc::UnboundedSender<u64>,
    reading: Reading,
}

struct Filled {
    news: mpsc::UnboundedReceiver<News>,
    used: mpsc::UnboundedSender<u64>,
}

impl OtpSource for Script {
    fn kind(&self) -> &'static str {
        "test"
    }

    fn connect<'a>(&'a self, _: &'a Clock) -> Reply<'a, Access> {
        let mailbox = Filled {
            news: self.news.lock().take().unwrap(),
            used: self.used.clone(),
        };
        Box::pin(async move { Ok(Access::Watched(Box::new(mailbox))) })
    }

    fn reading(&self) -> Reading {
        self.reading.clone()
    }
}

impl PushSource for Filled {
    fn next(&mut self) -> Reply<'_, News> {
        Box::pin(async move {
            let closed = || SourceError::new("script", "closed");
            self.news.recv().await.ok_or_else(closed)
        })
    }

    fn used(&mut self, handles: Vec<u64>) {
        for handle in handles {
            let _ = self.used.send(handle);
        }
    }
}

struct Scripted {
    dispatcher: Dispatcher,
    news: mpsc::UnboundedSender<News>,
    used: mpsc::UnboundedReceiver<u64>,
}

impl Scripted {
    async fn start() -> Self {
        Self::with_skew(Duration::from_secs(10)).await
    }

    async fn with_skew(clock_skew: Duration) -> Self {
        let (news, receiver) = mpsc::unbounded_channel();
        let (used, used_receiver) = mpsc::unbounded_channel();
        let source = Script {
            news: parking_lot::Mutex::new(Some(receiver)),
            used,
            reading: Reading {
                pattern: None,
                clock_skew,
            },
        };
        Self {
            dispatcher: Dispatcher::start(&source, &Clock::real()).await.unwrap(),
            news,
            used: used_receiver,
        }
    }

    fn expect(&self, recipient: &str) -> PendingOtp {
        self.dispatcher.expect(recipient, 6)
    }

    fn send(&self, message: Message) {
        assert!(self.news.send(News::Messages(vec![message])).is_ok());
    }

    /// Sends a message to somebody else and waits until he has it: everything
    /// that was sent before has been looked at then.
    async fn settle(&self) {
        let fence = self.expect("fence@example.org");
        self.send(mail(&["fence@example.org"], "000000"));
        fence.wait(LONG).await.unwrap();
    }
}

fn mail(recipients: &[&str], code: &str) -> Message {
    sent(recipients, code, Clock::real().unix_millis())
}

fn sent(recipients: &[&str], code: &str, at: i64) -> Message {
    Message {
        recipients: recipients.iter().map(|&one| one.into()).collect(),
        id: None,
        sent: Some(Sent { at, within: 0 }),
        content: Content::Text {
            plain: Some(Body::from(format!("your code: {code}"))),
            html: None,
        },
        handle: code.parse().unwrap_or_default(),
    }
}

async fn code(pending: PendingOtp) -> String {
    let otp = pending.wait(LONG).await.unwrap();
    otp.code.expose_secret().to_owned()
}

const LONG: Duration = Duration::from_secs(5);
const SHORT: Duration = Duration::from_millis(5);

#[tokio::test]
async fn each_recipient_gets_its_own_code() {
    let mailbox = Scripted::start().await;
    let ada = mailbox.expect("Ada@example.org");
    let bob = mailbox.expect("bob@example.org");
    mailbox.send(mail(&["bob@example.org"], "222222"));
    mailbox.send(mail(&["ada@EXAMPLE.org"], "111111"));
    assert_eq!(code(ada).await, "111111");
    assert_eq!(code(bob).await, "222222");
    assert_eq!(mailbox.dispatcher.counts().matched, 2);
}

#[tokio::test]
async fn two_processes_of_one_recipient_are_served_in_order() {
    let mailbox = Scripted::start().await;
    let first = mailbox.expect("ada@example.org");
    let second = mailbox.expect("ada@example.org");
    mailbox.send(mail(&["ada@example.org"], "111111"));
    mailbox.send(mail(&["ada@example.org"], "222222"));
    assert_eq!(code(second).await, "222222");
    assert_eq!(code(first).await, "111111");
}

#[tokio::test]
async fn a_code_sent_before_is_never_taken() {
    let mailbox = Scripted::start().await;
    let pending = mailbox.expect("ada@example.org");
    mailbox.send(sent(
        &["ada@example.org"],
        "000000",
        Clock::real().unix_millis() - 60_000,
    ));
    mailbox.send(mail(&["ada@example.org"], "111111"));
    assert_eq!(code(pending).await, "111111");
    assert_eq!(mailbox.dispatcher.counts().unmatched, 1);
}

#[tokio::test]
async fn a_mail_that_was_refused_for_its_date_is_told_of() {
    let mailbox = Scripted::start().await;
    let pending = mailbox.expect("ada@example.org");
    mailbox.send(sent(
        &["ada@example.org"],
        "000000",
        Clock::real().unix_millis() - 42_000,
    ));
    mailbox.settle().await;
    let error = pending.wait(SHORT).await.err().unwrap().to_string();
    assert!(error.contains("clock_skew"), "{error}");
}

#[tokio::test]
async fn a_clock_that_is_off_within_the_limit_does_no_harm() {
    for skew in [-9_000, 9_000] {
        let mailbox = Scripted::start().await;
        for number in ["111111", "222222"] {
            let pending = mailbox.expect("ada@example.org");
            mailbox.send(sent(
                &["ada@example.org"],
                number,
                Clock::real().unix_millis() + skew,
            ));
            assert_eq!(code(pending).await, number);
        }
    }
}

#[tokio::test]
async fn the_tag_of_an_address_counts() {
    let mailbox = Scripted::start().await;
    let one = mailbox.expect("ada+1@example.org");
    let two = mailbox.expect("ada+2@example.org");
    let none = mailbox.expect("ada@example.org");
    // The server has cut the tag for its own header.
    mailbox.send(mail(&["ada@example.org", "ada+2@example.org"], "222222"));
    mailbox.send(mail(&["ada+3@example.org", "ada@example.org"], "333333"));
    mailbox.send(mail(&["ada+1@example.org"], "111111"));
    mailbox.send(mail(&["ada@example.org"], "444444"));
    assert_eq!(code(one).await, "111111");
    assert_eq!(code(two).await, "222222");
    assert_eq!(code(none).await, "444444");
    assert_eq!(mailbox.dispatcher.counts().unmatched, 1);
}

#[tokio::test]
async fn the_surest_of_several_recipients_is_served() {
    let mailbox = Scripted::start().await;
    let ada = mailbox.expect("ada@example.org");
    let _bob = mailbox.expect("bob@example.org");
    mailbox.send(mail(
        &["catch-all@box", "ada@example.org", "bob@example.org"],
        "111111",
    ));
    assert_eq!(code(ada).await, "111111");
    assert_eq!(mailbox.dispatcher.counts().pending, 1);
}

#[tokio::test]
async fn a_mail_that_comes_twice_counts_once() {
    let mailbox = Scripted::start().await;
    let first = mailbox.expect("ada@example.org");
    let second = mailbox.expect("ada@example.org");
    for number in ["111111", "111111", "222222"] {
        let mut message = mail(&["ada@example.org"], number);
        message.id = Some(format!("<{number}@example.org>"));
        mailbox.send(message);
    }
    assert_eq!(code(first).await, "111111");
    assert_eq!(code(second).await, "222222");
    let counts = mailbox.dispatcher.counts();
    assert_eq!((counts.seen, counts.matched, counts.duplicate), (3, 2, 1));
}

#[tokio::test]
async fn one_mail_to_two_users_is_delivered_to_each() {
    let mailbox = Scripted::start().await;
    let ada = mailbox.expect("ada@example.org");
    let bob = mailbox.expect("bob@example.org");
    for recipient in ["ada@example.org", "bob@example.org"] {
        let mut message = mail(&[recipient], "111111");
        message.id = Some("<same@example.org>".into());
        mailbox.send(message);
    }
    assert_eq!(code(ada).await, "111111");
    assert_eq!(code(bob).await, "111111");
}

#[tokio::test]
async fn a_mail_after_its_user_gave_up_is_late() {
    let mailbox = Scripted::start().await;
    let gone = mailbox.expect("ada@example.org");
    assert!(gone.wait(SHORT).await.is_err());
    mailbox.send(mail(&["ada@example.org"], "111111"));
    mailbox.send(mail(&["ada@example.org"], "222222"));
    mailbox.settle().await;
    let counts = mailbox.dispatcher.counts();
    assert_eq!((counts.late, counts.unmatched), (1, 1));
}

#[tokio::test]
async fn a_mail_without_a_code_is_passed_over() {
    let mailbox = Scripted::start().await;
    let pending = mailbox.expect("ada@example.org");
    mailbox.send(mail(&["ada@example.org"], "soon"));
    mailbox.send(mail(&["ada@example.org"], "111111"));
    assert_eq!(code(pending).await, "111111");
}

#[tokio::test]
async fn when_only_mails_without_a_code_come_they_are_shown() {
    let mailbox = Scripted::start().await;
    for (number, expected) in [
        (
            "soon",
            "no run of 6 digits in the message `your code: soon`",
        ),
        (
            "111111 or 222222",
            "2 different runs of 6 digits in the message `your code: •••••• or ••••••`: say which with \
             `pattern`, such as 'your\\s+code:\\s+([0-9]{6})'",
        ),
    ] {
        let pending = mailbox.expect("ada@example.org");
        mailbox.send(mail(&["ada@example.org"], number));
        mailbox.settle().await;
        let error = pending.wait(SHORT).await.err().unwrap();
        assert_eq!(error.to_string(), expected);
    }
}

#[tokio::test]
async fn giving_up_leaves_nothing_behind() {
    let mailbox = Scripted::start().await;
    let pending = mailbox.expect("ada@example.org");
    assert_eq!(mailbox.dispatcher.counts().pending, 1);
    let error = pending.wait(SHORT).await.err().unwrap();
    assert!(
        matches!(error, OtpError::Timeout { too_old: None, .. }),
        "{error}"
    );
    drop(mailbox.expect("bob@example.org"));
    assert_eq!(mailbox.dispatcher.counts().pending, 0);
}

#[tokio::test]
async fn a_lost_connection_fails_nobody_who_gets_his_code_in_time() {
    let mailbox = Scripted::start().await;
    let ada = mailbox.expect("ada@example.org");
    let bob = mailbox.expect("bob@example.org");
    let lost = News::Lost(SourceError::new("script", "cut"));
    assert!(mailbox.news.send(lost).is_ok());
    mailbox.settle().await;
    let error = bob.wait(SHORT).await.err().unwrap();
    assert!(error.to_string().ends_with("cut"), "{error}");
    assert!(mailbox.news.send(News::Back).is_ok());
    mailbox.send(mail(&["ada@example.org"], "111111"));
    assert_eq!(code(ada).await, "111111");
    assert_eq!(mailbox.dispatcher.counts().reconnects, 1);
    let again = mailbox.expect("bob@example.org");
    let error = again.wait(SHORT).await.err().unwrap();
    assert!(matches!(error, OtpError::Timeout { .. }), "{error}");
}

#[tokio::test]
async fn a_broken_mailbox_wakes_everybody() {
    let mailbox = Scripted::start().await;
    let before = mailbox.expect("ada@example.org");
    drop(mailbox.news);
    assert!(matches!(before.wait(LONG).await, Err(OtpError::Source(_))));
    let after = mailbox.dispatcher.expect("ada@example.org", 6);
    assert!(matches!(after.wait(LONG).await, Err(OtpError::Source(_))));
}

#[tokio::test]
async fn the_mailbox_hears_which_messages_were_used() {
    let mut mailbox = Scripted::start().await;
    let pending = mailbox.expect("ada@example.org");
    mailbox.send(mail(&["bob@example.org"], "222222"));
    mailbox.send(mail(&["ada@example.org"], "111111"));
    assert_eq!(code(pending).await, "111111");
    assert_eq!(mailbox.used.recv().await, Some(111_111));
}

#[tokio::test]
async fn an_exact_clock_leaves_no_room() {
    let mailbox = Scripted::with_skew(Duration::ZERO).await;
    let pending = mailbox.expect("ada@example.org");
    mailbox.send(sent(
        &["ada@example.org"],
        "000000",
        Clock::real().unix_millis() - 1000,
    ));
    mailbox.send(mail(&["ada@example.org"], "111111"));
    assert_eq!(code(pending).await, "111111");
}
