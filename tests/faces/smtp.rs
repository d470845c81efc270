//! An SMTP server that answers as it likes, and mails for it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use rehearse::simulator::Simulator;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

use crate::dice::Dice;
use crate::{exchange, is_alive, mutate, seed, time};

const PATIENCE: Duration = Duration::from_millis(50);

pub struct Server {
    pub address: SocketAddr,
    answers: Arc<AtomicU64>,
}

/// Listens, and answers each line with something else.
pub async fn serve(corpus: Vec<Vec<u8>>) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let answers = Arc::new(AtomicU64::new(0));
    let (corpus, count) = (Arc::new(corpus), Arc::clone(&answers));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(answer(stream, Arc::clone(&corpus), Arc::clone(&count)));
        }
    });
    Server { address, answers }
}

async fn answer(mut stream: TcpStream, corpus: Arc<Vec<Vec<u8>>>, count: Arc<AtomicU64>) {
    let mut ignored = [0; 4096];
    let mut said: Vec<u8> = b"220 here\r\n".to_vec();
    while stream.write_all(&said).await.is_ok() {
        // Who waits for more of the answer is left, or one would wait for seconds.
        match timeout(PATIENCE, stream.read(&mut ignored)).await {
            Ok(Ok(read)) if read > 0 => {}
            _ => return,
        }
        let mut dice = Dice::new(seed(), count.fetch_add(1, Relaxed));
        said = mutate::input(&corpus, &mut dice);
        if dice.once_in(8) {
            let _ = stream.write_all(&said).await;
            return;
        }
    }
}

/// Asks for a code by e-mail; whether there was room for the mail.
pub async fn post(simulator: &Simulator, number: usize) -> bool {
    let identity = simulator.identity();
    let (spec, process) = (&identity.spec_id, &identity.processes.patient_by_email);
    let to = format!("ada{number}@example.org");
    let body = serde_json::json!({
        "g-recaptcha-response": "yes",
        "firstName": "Ada",
        "lastName": "Lovelace",
        "from": to,
        "email": to,
        "hcpId": identity.responsible,
    })
    .to_string();
    let length = body.len();
    let asked = format!(
        "POST /gateway/{spec}/process/{process}/r{number} HTTP/1.1\r\nHost: localhost\r\n\
         Connection: close\r\nContent-Length: {length}\r\n\r\n{body}"
    );
    let answer = exchange(simulator.address(), asked.as_bytes()).await;
    answer.starts_with(b"HTTP/1.1 200 ")
}

pub async fn play(sender: &Simulator, server: &Server) {
    let began = Instant::now();
    let mut mails = 0;
    while began.elapsed() < time() {
        if post(sender, mails).await {
            mails += 1;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    is_alive(sender.address()).await;
    let answers = server.answers.load(Relaxed);
    println!("SMTP: {answers} executions, seed {}, {mails} mails", seed());
    assert!(answers > 100 && mails > 10, "{answers}, {mails}");
}
