//! The simulator's faces - HTTP, IMAP, and the answers of an SMTP server - given
//! what somebody changed at random: there is no panic and no hang, and others are
//! served as before.
//!
//! * `FACES_SECONDS=60` for longer than 20 s,
//! * `FUZZ_SEED=7` for other inputs.

#![allow(
    clippy::unwrap_used,
    reason = "a test panics when something is not as it should be"
)]
#![allow(clippy::disallowed_methods, reason = "it ends by the machine's time")]

#[path = "../fuzz/dice.rs"]
mod dice;
mod mutate;
mod smtp;

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::{Duration, Instant};

use dice::Dice;
use rehearse::simulator::{Config, Simulator, SmtpServer};
use secrecy::ExposeSecret;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// An input that is not answered to its end by then hangs.
const HANGS: Duration = Duration::from_secs(20);

/// Time for the first answer, as many inputs have none.
const SAID: Duration = Duration::from_millis(20);

/// Inputs at the same time.
const AT_ONCE: u64 = 8;

static PANICS: AtomicUsize = AtomicUsize::new(0);

fn setting(name: &str, otherwise: u64) -> u64 {
    let text = std::env::var(name).ok();
    text.map_or(otherwise, |text| text.parse().unwrap())
}

fn seed() -> u64 {
    setting("FUZZ_SEED", 1)
}

fn time() -> Duration {
    Duration::from_secs(setting("FACES_SECONDS", 20))
}

/// Panics of a task are nobody's otherwise.
fn count_panics() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        PANICS.fetch_add(1, Relaxed);
        usual(panic);
    }));
}

fn corpus(face: &str, known: &[(&str, &str)]) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/faces");
    let entries = std::fs::read_dir(folder.join(face)).unwrap();
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let filled = paths.iter().map(|path| {
        let bytes = std::fs::read(path).unwrap();
        let Ok(mut text) = String::from_utf8(bytes.clone()) else {
            return bytes;
        };
        for (name, value) in known {
            text = text.replace(name, value);
        }
        text.into_bytes()
    });
    filled.collect()
}

/// Sends bytes and reads until the other side hangs up.
async fn exchange(address: SocketAddr, sent: &[u8]) -> Vec<u8> {
    let mut answer = Vec::new();
    let exchanged = timeout(HANGS, async {
        let mut stream = TcpStream::connect(address).await.unwrap();
        // It may answer, and hang up, before it has read everything.
        let _ = stream.write_all(sent).await;
        // Who goes away is not answered: not before something was said.
        let _ = timeout(SAID, stream.read_buf(&mut answer)).await;
        let _ = stream.shutdown().await;
        let _ = stream.read_to_end(&mut answer).await;
    });
    let text = String::from_utf8_lossy(sent);
    assert!(exchanged.await.is_ok(), "not answered to its end: {text:?}");
    answer
}

async fn is_alive(address: SocketAddr) {
    let asked = b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    let answer = exchange(address, asked).await;
    assert!(answer.starts_with(b"HTTP/1.1 200 "), "{answer:?}");
}

/// Gives changed inputs to one face until the time is over.
async fn play(name: &str, face: SocketAddr, http: SocketAddr, corpus: Vec<Vec<u8>>) {
    let corpus = Arc::new(corpus);
    let began = Instant::now();
    let workers = (0..AT_ONCE).map(|worker| {
        let corpus = Arc::clone(&corpus);
        tokio::spawn(async move {
            let (mut number, mut bytes) = (worker, 0);
            while began.elapsed() < time() {
                let mut dice = Dice::new(seed(), number);
                let answer = exchange(face, &mutate::input(&corpus, &mut dice)).await;
                bytes += answer.len();
                let fault = b"HTTP/1.1 500 ";
                assert!(
                    !answer.starts_with(fault),
                    "input {number} is a fault of ours"
                );
                number += AT_ONCE;
            }
            ((number - worker) / AT_ONCE, bytes)
        })
    });
    let (mut inputs, mut bytes) = (0, 0);
    for worker in workers.collect::<Vec<_>>() {
        let (more, answered) = worker.await.unwrap();
        inputs += more;
        bytes += answered;
    }
    is_alive(http).await;
    println!(
        "{name}: {inputs} executions, seed {}, {bytes} bytes of answers",
        seed()
    );
    assert!(inputs > 100 && bytes > 1000, "{inputs}, {bytes}");
}

async fn all() {
    let imap = Some(SocketAddr::from(([127, 0, 0, 1], 0)));
    let config = Config {
        imap,
        ..Config::default()
    };
    let simulator = Simulator::start(config).await.unwrap();
    let http = simulator.address();
    let access = simulator.imap().unwrap();
    let mailbox = SocketAddr::new(access.host, access.port);
    let identity = simulator.identity();
    let requests = corpus(
        "http",
        &[
            ("{spec}", &identity.spec_id),
            ("{process}", &identity.processes.patient_by_email),
        ],
    );
    let password = access.password.expose_secret();
    let sessions = corpus(
        "imap",
        &[("{user}", &access.user), ("{password}", password)],
    );
    for number in 0..3 {
        while !smtp::post(&simulator, number).await {}
    }
    let server = smtp::serve(corpus("smtp", &[])).await;
    let sender = Simulator::start(Config {
        smtp: Some(SmtpServer {
            address: server.address.to_string(),
            allow_remote: false,
        }),
        ..Config::default()
    });
    let sender = sender.await.unwrap();
    tokio::join!(
        play("HTTP", http, http, requests),
        play("IMAP", mailbox, http, sessions),
        smtp::play(&sender, &server),
    );
    assert_eq!(PANICS.load(Relaxed), 0);
    simulator.shutdown().await;
    sender.shutdown().await;
}

#[test]
fn no_input_brings_the_simulator_down() {
    count_panics();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build();
    runtime.unwrap().block_on(all());
}
