//! A tap on the line between a run and the simulator: hands every byte on, and
//! keeps it, so that a test knows the secrets that nobody else tells.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// Listens on loopback until the test process ends.
pub struct Tap {
    pub address: String,
    kept: Arc<Mutex<Vec<Vec<u8>>>>,
}

impl Tap {
    /// In front of the server at `address`.
    pub fn to(address: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let tap = Self {
            address: listener.local_addr().unwrap().to_string(),
            kept: Arc::default(),
        };
        let (kept, address) = (Arc::clone(&tap.kept), address.to_owned());
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let Ok(server) = TcpStream::connect(&address) else {
                    return;
                };
                for (from, to) in [(&client, &server), (&server, &client)] {
                    let (from, to) = (from.try_clone().unwrap(), to.try_clone().unwrap());
                    let kept = Arc::clone(&kept);
                    std::thread::spawn(move || hand_on(from, to, &kept));
                }
            }
        });
        tap
    }

    /// The same, but requests from the one with that number on are answered with
    /// 500 and themselves, from their credentials on, written like this. What is
    /// asked of the simulator itself passes.
    pub fn echoing(address: &str, from: usize, write: fn(&str) -> String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let tap = Self {
            address: listener.local_addr().unwrap().to_string(),
            kept: Arc::default(),
        };
        let (kept, address) = (Arc::clone(&tap.kept), address.to_owned());
        let count = Arc::new(AtomicUsize::new(0));
        std::thread::spawn(move || {
            for mut client in listener.incoming().flatten() {
                let (kept, address) = (Arc::clone(&kept), address.clone());
                let count = Arc::clone(&count);
                std::thread::spawn(move || {
                    let Some(asked) = request(&mut client) else {
                        return;
                    };
                    let counts = !asked.contains("/_simulator/");
                    let answer = if counts && count.fetch_add(1, Ordering::SeqCst) >= from {
                        let part = asked.to_lowercase().find("authorization: ");
                        let body = write(&asked[part.unwrap_or(0)..]);
                        format!("HTTP/1.1 500 Echo\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}", body.len())
                            .into_bytes()
                    } else {
                        answer(&address, &asked)
                    };
                    let _ = client.write_all(&answer);
                    kept.lock().unwrap().extend([asked.into_bytes(), answer]);
                });
            }
        });
        tap
    }

    /// Everything that passed, one text for each direction of a connection.
    fn texts(&self) -> Vec<String> {
        let kept = self.kept.lock().unwrap();
        kept.iter()
            .map(|bytes| String::from_utf8_lossy(bytes).into_owned())
            .collect()
    }

    /// Every secret that passed: one-time passwords, JWTs, long-lived tokens,
    /// and what a header `Authorization` is made of.
    pub fn secrets(&self) -> Secrets {
        let mut secrets = Secrets::default();
        for text in self.texts() {
            let found = |before: &str, ends: &[char]| after(&text, before, ends);
            secrets.passwords.extend(found("\"password\":\"", &['"']));
            secrets.jwts.extend(found("\"token\":\"", &['"']));
            secrets.jwts.extend(found("\"refreshToken\":\"", &['"']));
            secrets.jwts.extend(found("Bearer ", &['\r']));
            secrets.basic.extend(found("Basic ", &['\r']));
            let validations = found("/process/validate/", &[' ']);
            // A UUID, a hyphen, the code.
            let codes = validations.iter().map(|last| last[37..].to_owned());
            secrets.codes.extend(codes);
        }
        secrets
    }
}

/// Secrets of each kind, some of them more than once.
#[derive(Default)]
pub struct Secrets {
    pub passwords: Vec<String>,
    pub jwts: Vec<String>,
    pub basic: Vec<String>,
    pub codes: Vec<String>,
}

impl Secrets {
    pub fn all(&self) -> Vec<String> {
        let all = [&self.passwords, &self.jwts, &self.basic, &self.codes];
        let mut all: Vec<String> = all.into_iter().flatten().cloned().collect();
        all.sort();
        all.dedup();
        all
    }
}

/// What stands between `before` and the first of `ends`, each time.
fn after(text: &str, before: &str, ends: &[char]) -> Vec<String> {
    let parts = text.split(before).skip(1);
    let found = parts.filter_map(|part| part.split_once(ends).map(|(found, _)| found));
    found.map(str::to_owned).collect()
}

fn hand_on(mut from: TcpStream, mut to: TcpStream, kept: &Mutex<Vec<Vec<u8>>>) {
    let place = {
        let mut kept = kept.lock().unwrap();
        kept.push(Vec::new());
        kept.len() - 1
    };
    let mut buffer = [0; 16 * 1024];
    while let Ok(length @ 1..) = from.read(&mut buffer) {
        // Kept first: what has arrived can be looked up.
        kept.lock().unwrap()[place].extend_from_slice(&buffer[..length]);
        if to.write_all(&buffer[..length]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Write);
}

/// One request, head and body.
fn request(client: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 16 * 1024];
    loop {
        let length = client.read(&mut buffer).ok().filter(|length| *length > 0)?;
        bytes.extend_from_slice(&buffer[..length]);
        let text = String::from_utf8_lossy(&bytes);
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let told = after(&head.to_lowercase(), "content-length: ", &['\r']);
            let told = told.first().map_or(0, |length| length.parse().unwrap());
            if body.len() >= told {
                return Some(text.into_owned());
            }
        }
    }
}

/// What the server at `address` answers, which then closes.
fn answer(address: &str, asked: &str) -> Vec<u8> {
    let mut server = TcpStream::connect(address).unwrap();
    let asked = asked.replacen("\r\n", "\r\nConnection: close\r\n", 1);
    server.write_all(asked.as_bytes()).unwrap();
    let mut answer = Vec::new();
    let _ = server.read_to_end(&mut answer);
    answer
}
