//! Sources that go away and come back, by a clock of our own.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::time::Instant;

use crate::clock::Clock;
use crate::otp::polled::{Poll, Polled};
use crate::otp::{
    Access, Dispatcher, Message, OtpError, OtpSource, PollSource, Prospect, Reply, SourceError,
};

type Answer = Result<Vec<Message>, SourceError>;

/// Answers in turn, then nothing new each second; when it was asked.
#[derive(Clone, Default)]
struct Play {
    answers: Arc<Mutex<VecDeque<Answer>>>,
    asked: Arc<Mutex<Vec<Instant>>>,
    desk: bool,
}

impl std::fmt::Debug for Play {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("play")
    }
}

impl Play {
    fn of(answers: impl IntoIterator<Item = Answer>, desk: bool) -> Self {
        Self {
            answers: Arc::new(Mutex::new(answers.into_iter().collect())),
            asked: Arc::default(),
            desk,
        }
    }

    async fn answer(&self) -> Answer {
        self.asked.lock().push(Instant::now());
        let next = self.answers.lock().pop_front();
        if let Some(answer) = next {
            return answer;
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
        Ok(Vec::new())
    }
}

impl Poll for Play {
    fn poll(&mut self) -> Reply<'_, Vec<Message>> {
        Box::pin(self.answer())
    }
}

impl PollSource for Play {
    fn ask<'a>(&'a self, _: &'a str, _: i64) -> Reply<'a, Vec<Message>> {
        Box::pin(self.answer())
    }

    fn pause(&self) -> Duration {
        Duration::from_millis(100)
    }

    fn name(&self) -> String {
        "the play".to_owned()
    }
}

impl OtpSource for Play {
    fn kind(&self) -> &'static str {
        "test"
    }

    fn connect<'a>(&'a self, _: &'a Clock) -> Reply<'a, Access> {
        let access = if self.desk {
            Access::Asked(Arc::new(self.clone()))
        } else {
            Access::Watched(Box::new(Polled::new(self.clone())))
        };
        Box::pin(async move { Ok(access) })
    }
}

fn away() -> SourceError {
    SourceError::new("the play", "it answers 503")
}

fn mail() -> Message {
    super::super::queue::code_alone("ada@example.org", "123456".to_owned().into())
}

const LONG: Duration = Duration::from_secs(60);

#[tokio::test(start_paused = true)]
async fn an_interruption_delays_a_code_and_fails_nobody() {
    for desk in [false, true] {
        let failures = (0..12).map(|_| Err(away()));
        let play = Play::of(failures.chain([Ok(vec![mail()])]), desk);
        let dispatcher = Dispatcher::start(&play, &Clock::real()).await.unwrap();
        let began = Instant::now();
        let ada = dispatcher.expect("ada@example.org", 6);
        ada.wait(LONG).await.unwrap();
        assert_eq!(dispatcher.counts().reconnects, 1, "{desk}");
        // 0.1 + 0.2 + … + 5 s, and half of each at least.
        let took = began.elapsed().as_secs_f64();
        assert!((15.0..37.0).contains(&took), "{took}");
        let asked = play.asked.lock().clone();
        let waits = asked.windows(2).map(|two| two[1] - two[0]);
        let longest = waits.max().unwrap_or_default();
        assert!(longest <= Duration::from_millis(5001), "{longest:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_source_that_is_away_is_named_when_the_time_is_over() {
    for desk in [false, true] {
        let play = Play::of((0..1000).map(|_| Err(away())), desk);
        let dispatcher = Dispatcher::start(&play, &Clock::real()).await.unwrap();
        let ada = dispatcher.expect("ada@example.org", 6);
        let error = ada.wait(LONG).await.err().unwrap();
        assert_eq!(
            error.to_string(),
            "no message for `ada@example.org` within 60s: cannot read one-time passwords from the play: it answers 503"
        );
        assert_eq!(dispatcher.counts().reconnects, 0);
    }
}

#[tokio::test(start_paused = true)]
async fn a_source_that_refuses_us_fails_everybody_at_once() {
    for desk in [false, true] {
        let refused = || Err(away().lasting(Prospect::Permanent));
        let play = Play::of([Err(away()), refused(), refused()], desk);
        let dispatcher = Dispatcher::start(&play, &Clock::real()).await.unwrap();
        let began = Instant::now();
        for _ in 0..2 {
            let ada = dispatcher.expect("ada@example.org", 6);
            let error = ada.wait(LONG).await.err().unwrap();
            assert!(matches!(error, OtpError::Source(_)), "{error}");
        }
        assert!(began.elapsed() < Duration::from_secs(1));
    }
}

#[tokio::test(start_paused = true)]
async fn no_code_yet_is_not_a_lost_connection() {
    let not_yet = || Err(away().lasting(Prospect::NotYet));
    let play = Play::of([not_yet(), not_yet(), Ok(vec![mail()])], true);
    let dispatcher = Dispatcher::start(&play, &Clock::real()).await.unwrap();
    let ada = dispatcher.expect("ada@example.org", 6);
    ada.wait(LONG).await.unwrap();
    assert_eq!(dispatcher.counts().reconnects, 0);
}

#[tokio::test(start_paused = true)]
async fn nobody_asks_any_more_after_the_end() {
    let play = Play::of((0..1000).map(|_| Err(away())), false);
    drop(Dispatcher::start(&play, &Clock::real()).await.unwrap());
    tokio::time::sleep(LONG).await;
    assert!(play.asked.lock().len() <= 1);
}

#[tokio::test(start_paused = true)]
async fn the_time_in_which_the_process_stood_still_does_not_count() {
    let play = Play::of([], false);
    let dispatcher = Dispatcher::start(&play, &Clock::real()).await.unwrap();
    let ada = dispatcher.expect("ada@example.org", 6);
    let waiting = tokio::spawn(ada.wait(Duration::from_secs(10)));
    tokio::task::yield_now().await;
    // Nothing runs in between, as after SIGSTOP and SIGCONT.
    tokio::time::advance(Duration::from_secs(40)).await;
    play.answers.lock().push_back(Ok(vec![mail()]));
    waiting.await.unwrap().unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_desk_that_does_not_answer_is_told_of() {
    struct Silent;
    impl PollSource for Silent {
        fn ask<'a>(&'a self, _: &'a str, _: i64) -> Reply<'a, Vec<Message>> {
            Box::pin(std::future::pending())
        }
        fn pause(&self) -> Duration {
            LONG
        }
        fn name(&self) -> String {
            "the silent one".to_owned()
        }
    }
    #[derive(Debug)]
    struct Source;
    impl OtpSource for Source {
        fn kind(&self) -> &'static str {
            "test"
        }

        fn connect<'a>(&'a self, _: &'a Clock) -> Reply<'a, Access> {
            Box::pin(async { Ok(Access::Asked(Arc::new(Silent) as Arc<dyn PollSource>)) })
        }
    }
    let dispatcher = Dispatcher::start(&Source, &Clock::real()).await.unwrap();
    let ada = dispatcher.expect("ada@example.org", 6);
    let error = ada.wait(LONG).await.err().unwrap().to_string();
    assert!(
        error.ends_with("the silent one: it has not answered for 60 s"),
        "{error}"
    );
}
