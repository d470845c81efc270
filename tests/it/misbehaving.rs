//! A server that does what its paths say, most of it wrong, and counts the
//! requests that it has read to their end.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use socket2::{Domain, SockRef, Socket, Type};

/// What becomes of connections before anything is read from them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// They are served.
    Open,
    /// Nobody listens.
    Shut,
    /// They are closed at once.
    Slammed,
    /// They are reset at once.
    Reset,
    /// They are closed in the middle of the request's head.
    Impatient,
    /// Nobody accepts them, and the queue is full.
    Full,
}

/// Listens on loopback until the test process ends.
pub struct Misbehaving {
    address: SocketAddr,
    requests: Arc<AtomicU64>,
    /// Keeps the queue full.
    _queue: Vec<TcpStream>,
}

impl Misbehaving {
    pub fn start(door: Door) -> Self {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        let any: SocketAddr = "127.0.0.1:0".parse().unwrap();
        socket.bind(&any.into()).unwrap();
        let address = socket.local_addr().unwrap().as_socket().unwrap();
        let requests = Arc::new(AtomicU64::new(0));
        let mut queue = Vec::new();
        if door == Door::Shut {
            // Bound and not listening: nobody else gets the port meanwhile.
            std::mem::forget(socket);
        } else {
            let backlog = if door == Door::Full { 0 } else { 1024 };
            socket.listen(backlog).unwrap();
            let listener = TcpListener::from(socket);
            if door == Door::Full {
                let short = Duration::from_millis(100);
                while let Ok(stream) = TcpStream::connect_timeout(&address, short) {
                    queue.push(stream);
                }
                std::mem::forget(listener);
            } else {
                let count = Arc::clone(&requests);
                std::thread::spawn(move || accept(&listener, door, &count));
            }
        }
        Self {
            address,
            requests,
            _queue: queue,
        }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Requests that were read to their end, once they are as many as were sent: what
    /// lies in a connection may be read after whoever sent it has ended.
    pub fn requests_of(&self, sent: u64) -> u64 {
        let begun = Instant::now();
        loop {
            let read = self.requests.load(Ordering::SeqCst);
            if read >= sent || begun.elapsed() > Duration::from_secs(1) {
                return read;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

fn accept(listener: &TcpListener, door: Door, requests: &Arc<AtomicU64>) {
    for stream in listener.incoming().flatten() {
        let count = Arc::clone(requests);
        match door {
            Door::Slammed => drop(stream),
            Door::Reset => reset(&stream),
            Door::Impatient => {
                std::thread::spawn(move || {
                    let mut head = [0; 10];
                    // Closing what is not read to its end resets it.
                    let _ = (&stream).read_exact(&mut head);
                });
            }
            _ => {
                std::thread::spawn(move || serve(stream, &count));
            }
        }
    }
}

/// Makes that the connection is reset when it is dropped.
fn reset(stream: &TcpStream) {
    let linger = Some(Duration::ZERO);
    SockRef::from(stream).set_linger(linger).unwrap();
}

fn serve(stream: TcpStream, requests: &AtomicU64) {
    stream.set_nodelay(true).unwrap();
    let mut reader = BufReader::new(stream);
    while let Some(path) = read(&mut reader, requests) {
        let nth = requests.load(Ordering::SeqCst);
        if answer(reader.get_mut(), &path, nth).is_none() {
            return;
        }
    }
}

/// The path of the next request, of which the body was read too unless its
/// path says otherwise. `None` when the client is gone.
fn read(reader: &mut BufReader<TcpStream>, requests: &AtomicU64) -> Option<String> {
    let mut line = || {
        let mut text = String::new();
        reader.read_line(&mut text).ok().filter(|read| *read > 0)?;
        Some(text.trim_end().to_lowercase())
    };
    let first = line()?;
    let path = first.split(' ').nth(1)?.to_owned();
    let mut length = 0_usize;
    loop {
        let header = line()?;
        if header.is_empty() {
            break;
        }
        if let Some(value) = header.strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
    }
    if path == "/early" || path == "/unread" {
        // Its head is all that is read of it.
        length = 0;
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    requests.fetch_add(1, Ordering::SeqCst);
    Some(path)
}

/// Answers of one piece, after which the connection is kept.
const WHOLE: &[(&str, &str)] = &[
    ("/ok", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"),
    (
        "/endless",
        "HTTP/1.1 200 OK\r\nContent-Length: 1099511627776\r\n\r\n{}",
    ),
    ("/no-content", "HTTP/1.1 204 No Content\r\n\r\n"),
    (
        "/not-found",
        "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
    ),
    ("/broken", "HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n"),
    (
        "/too-many",
        "HTTP/1.1 429 Slow Down\r\nContent-Length: 0\r\n\r\n",
    ),
    (
        "/moved",
        "HTTP/1.1 302 Found\r\nLocation: /ok\r\nContent-Length: 0\r\n\r\n",
    ),
    (
        "/circle",
        "HTTP/1.1 302 Found\r\nLocation: /circle\r\nContent-Length: 0\r\n\r\n",
    ),
    (
        "/html",
        "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 16\r\n\r\n<html>Oops</html",
    ),
    (
        "/empty",
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 0\r\n\r\n",
    ),
    (
        "/chunks",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    ),
    (
        "/patience",
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",
    ),
];

/// Answers of one piece, after which the connection is closed.
const LAST: &[(&str, &str)] = &[
    (
        "/closing",
        "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}",
    ),
    ("/until-the-end", "HTTP/1.0 200 OK\r\n\r\n{}"),
    ("/short", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{}"),
    (
        "/short-chunk",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n{}",
    ),
    (
        "/bad-chunk",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n{}\r\n",
    ),
    ("/half-a-head", "HTTP/1.1 200 OK\r\nContent-Le"),
    ("/garbage", "\u{1}\u{2}\u{3} what? \u{4}\r\n\r\n"),
    ("/old", "HTTP/9.7 200 OK\r\n\r\n"),
    (
        "/two-lengths",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{} ",
    ),
    (
        "/no-length",
        "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n{}",
    ),
    (
        "/bad-header",
        "HTTP/1.1 200 OK\r\nX Y: 1\r\nContent-Length: 2\r\n\r\n{}",
    ),
    (
        "/early",
        "HTTP/1.1 413 Too Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
    ),
    ("/nothing", ""),
];

/// `None` when the connection is closed.
fn answer(stream: &mut TcpStream, path: &str, nth: u64) -> Option<()> {
    let whole = WHOLE.iter().find(|(known, _)| *known == path);
    if let Some((_, answer)) = whole {
        return stream.write_all(answer.as_bytes()).ok();
    }
    if let Some((_, answer)) = LAST.iter().find(|(known, _)| *known == path) {
        let _ = stream.write_all(answer.as_bytes());
        return None;
    }
    let say = |stream: &mut TcpStream, text: &str| stream.write_all(text.as_bytes()).ok();
    let ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";
    let busy = "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n";
    match path {
        "/soon" => {
            std::thread::sleep(Duration::from_millis(30));
            say(stream, ok)
        }
        "/broken-later" => {
            std::thread::sleep(Duration::from_millis(150));
            say(stream, "HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n")
        }
        "/flaky" => say(stream, if nth.is_multiple_of(2) { ok } else { busy }),
        "/come-back" if !nth.is_multiple_of(2) => say(
            stream,
            "HTTP/1.1 429 Slow Down\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n",
        ),
        "/come-back" => say(stream, ok),
        "/reset" => {
            reset(stream);
            None
        }
        "/reset-body" => {
            say(stream, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")?;
            std::thread::sleep(Duration::from_millis(20));
            reset(stream);
            None
        }
        "/huge-head" => {
            let header = format!("X-Long: {}\r\n", "x".repeat(60_000));
            say(stream, "HTTP/1.1 200 OK\r\n")?;
            (0..20).try_for_each(|_| say(stream, &header))?;
            None
        }
        "/slow-head" => drip(stream, "HTTP/1.1 200 OK\r\n", "X-More: 1\r\n"),
        "/slow-body" => drip(
            stream,
            "HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n",
            "x",
        ),
        "/endless" => drip(stream, "HTTP/1.1 200 OK\r\n\r\n", &"x".repeat(1000)),
        "/unread" => {
            std::thread::sleep(Duration::from_millis(1500));
            None
        }
        // Never: until the client is gone.
        _ => drip(stream, "", ""),
    }
}

/// `first`, and then `more` again and again, for as long as anybody listens.
fn drip(stream: &mut TcpStream, first: &str, more: &str) -> Option<()> {
    stream.write_all(first.as_bytes()).ok()?;
    stream
        .set_read_timeout(Some(Duration::from_millis(50)))
        .unwrap();
    loop {
        stream.write_all(more.as_bytes()).ok()?;
        match stream.read(&mut [0]) {
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
            _ => return None,
        }
    }
}
