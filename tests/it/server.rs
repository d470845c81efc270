//! A server that tells what it was asked, and answers as its path says.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// What a request was, as it came.
#[derive(Clone, Debug)]
pub struct Asked {
    /// `GET /path?query`
    pub line: String,
    /// In lower case, as `name: value`.
    pub headers: Vec<String>,
    pub body: String,
}

/// Listens on loopback until the test process ends.
///
/// `/status/N` is answered with that status, `/echo` with the body and the
/// query of the request, `/json` with its body alone, `/to/N?URL` with that status and `Location: URL`,
/// `/cookie?NAME=VALUE` sets a cookie, `/slow` takes a second, `/slow/N` N
/// milliseconds and so does `/pausing?N`, `/flaky/N` is answered with 503 for the first N times;
/// everything else is answered with a small JSON document.
pub struct Server {
    pub url: String,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Server {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&asked);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let log = Arc::clone(&log);
                std::thread::spawn(move || serve(stream, &log));
            }
        });
        Self { url, asked }
    }

    /// All requests until now.
    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }
}

fn serve(stream: TcpStream, log: &Mutex<Vec<Asked>>) {
    let mut reader = BufReader::new(stream);
    while let Some(asked) = read(&mut reader) {
        let mut answer = answer(&asked);
        let path = asked.line.split(' ').nth(1).unwrap().to_owned();
        // Noted first: once the client has its answer, the test may look.
        let before = {
            let mut log = log.lock().unwrap();
            log.push(asked.clone());
            log.iter().filter(|other| other.line == asked.line).count() - 1
        };
        let number = |prefix| {
            let rest = path.strip_prefix(prefix)?;
            rest.split('/').next()?.parse::<u64>().ok()
        };
        if number("/flaky/").is_some_and(|times| (before as u64) < times) {
            answer = b"HTTP/1.1 503 Whatever\r\nContent-Length: 0\r\n\r\n".to_vec();
        }
        if let Some(milliseconds) = number("/slow/") {
            std::thread::sleep(std::time::Duration::from_millis(milliseconds));
        }
        if reader.get_mut().write_all(&answer).is_err() {
            return;
        }
    }
}

/// `None` when the client is gone.
fn read(reader: &mut BufReader<TcpStream>) -> Option<Asked> {
    let mut line = || {
        let mut text = String::new();
        reader.read_line(&mut text).ok().filter(|read| *read > 0)?;
        Some(text.trim_end().to_owned())
    };
    let first = line()?;
    let mut headers = Vec::new();
    loop {
        let header = line()?;
        if header.is_empty() {
            break;
        }
        let (name, value) = header.split_once(':')?;
        headers.push(format!("{}: {}", name.to_lowercase(), value.trim()));
    }
    let length = headers
        .iter()
        .find_map(|h| h.strip_prefix("content-length: "));
    let mut body = vec![0; length.map_or(0, |length| length.parse().unwrap())];
    reader.read_exact(&mut body).ok()?;
    Some(Asked {
        line: first.trim_end_matches(" HTTP/1.1").to_owned(),
        headers,
        body: String::from_utf8_lossy(&body).into_owned(),
    })
}

fn answer(asked: &Asked) -> Vec<u8> {
    let (_, path) = asked.line.split_once(' ').unwrap();
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let status = ["/status/", "/to/"]
        .iter()
        .find_map(|prefix| path.strip_prefix(prefix));
    let status = status.unwrap_or("200");
    let more = match path {
        _ if path.starts_with("/bytes/") => {
            format!("Content-Type: {}\r\n", query.replace('+', " "))
        }
        "/cookie" => format!("Set-Cookie: {query}; Path=/; HttpOnly\r\n"),
        _ if path.starts_with("/to/") && !query.is_empty() => format!("Location: {query}\r\n"),
        _ => String::new(),
    };
    if path == "/slow" {
        std::thread::sleep(std::time::Duration::from_secs(1));
    }
    if path == "/pausing" {
        std::thread::sleep(std::time::Duration::from_millis(query.parse().unwrap()));
    }
    let body = match path {
        "/echo" => format!("{} {query} {}", asked.body, asked.headers.join(" ")).into_bytes(),
        "/text" => b"just a text".to_vec(),
        "/json" => asked.body.clone().into_bytes(),
        _ => match path.strip_prefix("/bytes/") {
            Some(digits) => hex::decode(digits).unwrap(),
            None => br#"{"message": "here you are", "list": [1, {"deep": "x"}]}"#.to_vec(),
        },
    };
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status} Whatever\r\nX-Test: One\r\nX-Test: two\r\n{more}Content-Length: {length}\r\n\r\n"
    );
    [head.into_bytes(), body].concat()
}
