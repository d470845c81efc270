//! A mail server for tests: raw lines over TCP, and every bad habit on demand.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use parking_lot::{Mutex, MutexGuard};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// How the server protects its connections.
#[derive(Clone)]
pub(super) enum Cover {
    Plain,
    Tls(Arc<ServerConfig>),
    StartTls(Arc<ServerConfig>),
}

/// When a server tells of new mail that has agreed to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Tells {
    AtOnce,
    WhenIdleEnds,
    /// Never: it only says that it is still there.
    Never,
}

/// What is in the mailbox, and how the server behaves.
pub(super) struct State {
    pub(super) validity: u32,
    pub(super) next: u32,
    pub(super) mails: BTreeMap<u32, String>,
    pub(super) flags: Vec<String>,
    pub(super) capabilities: &'static str,
    /// Connections that are still to be cut while they idle.
    pub(super) cut_idle: u32,
    /// Connections that are still to be refused.
    pub(super) refuse: u32,
    /// Connections that still get no answer, once they idle.
    pub(super) freeze_idle: u32,
    /// Connections that still get a BYE, once they idle.
    pub(super) bye_idle: u32,
    /// When an `IDLE` tells of new mail.
    pub(super) tells: Tells,
    /// `LOGIN` is answered with this instead, after the tag.
    pub(super) login_answer: Option<&'static str>,
    /// The token that is taken, and how it may be shown.
    pub(super) token: &'static str,
    pub(super) offers: &'static str,
    /// `IDLE` is answered with this instead.
    pub(super) idle_answer: Option<&'static str>,
    pub(super) read_only: bool,
    /// Every line that a client sent.
    pub(super) heard: Vec<String>,
    pub(super) connections: u32,
    pub(super) open: u32,
}

#[derive(Clone)]
pub(super) struct Server {
    state: Arc<Mutex<State>>,
    pub(super) port: u16,
}

impl Server {
    pub(super) fn start(cover: Cover) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = State {
            validity: 1,
            next: 50_001,
            mails: BTreeMap::from([(50_000, "To: old@example.org\r\n\r\ncode 999999\r\n".into())]),
            flags: Vec::new(),
            capabilities: "IMAP4rev1 IDLE UIDPLUS STARTTLS",
            cut_idle: 0,
            refuse: 0,
            freeze_idle: 0,
            bye_idle: 0,
            tells: Tells::AtOnce,
            login_answer: None,
            token: "t0ken",
            offers: "",
            idle_answer: None,
            read_only: false,
            heard: Vec::new(),
            connections: 0,
            open: 0,
        };
        let server = Self {
            state: Arc::new(Mutex::new(state)),
            port,
        };
        let shared = server.clone();
        std::thread::spawn(move || {
            for tcp in listener.incoming().flatten() {
                let server = shared.clone();
                let cover = cover.clone();
                std::thread::spawn(move || {
                    server.state().open += 1;
                    let _ = server.accept(tcp, cover);
                    server.state().open -= 1;
                });
            }
        });
        server
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock()
    }

    /// Puts a mail into the mailbox.
    pub(super) fn deliver(&self, raw: impl Into<String>) -> u32 {
        let mut state = self.state();
        let uid = state.next;
        state.next += 1;
        state.mails.insert(uid, raw.into());
        uid
    }

    fn accept(&self, mut tcp: TcpStream, cover: Cover) -> io::Result<()> {
        tcp.set_read_timeout(Some(Duration::from_secs(30)))?;
        tcp.set_nodelay(true)?;
        {
            let mut state = self.state();
            state.connections += 1;
            if state.refuse > 0 {
                state.refuse -= 1;
                return Ok(());
            }
        }
        match cover {
            Cover::Plain => {
                tcp.write_all(b"* OK ready\r\n")?;
                self.talk(tcp)
            }
            Cover::Tls(config) => {
                let mut tls = secured(tcp, config);
                tls.write_all(b"* OK ready\r\n")?;
                self.talk(tls)
            }
            Cover::StartTls(config) => {
                tcp.write_all(b"* OK ready\r\n")?;
                let mut line = String::new();
                BufReader::new(&tcp).read_line(&mut line)?;
                assert_eq!(line, "s STARTTLS\r\n");
                tcp.write_all(b"s OK go ahead\r\n")?;
                self.talk(secured(tcp, config))
            }
        }
    }

    fn talk<S: Read + Write + Socket>(&self, stream: S) -> io::Result<()> {
        let mut stream = BufReader::new(stream);
        // The first mail that this client was not told of.
        let mut told = 0;
        loop {
            let mut line = String::new();
            if stream.read_line(&mut line)? == 0 {
                return Ok(());
            }
            let line = line.trim_end().to_owned();
            self.state().heard.push(line.clone());
            let (tag, command) = line.split_once(' ').unwrap_or((&line, ""));
            if !self.answer(&mut stream, tag, command, &mut told)? {
                return Ok(());
            }
        }
    }

    fn answer<S: Read + Write + Socket>(
        &self,
        stream: &mut BufReader<S>,
        tag: &str,
        command: &str,
        told: &mut u32,
    ) -> io::Result<bool> {
        let mut out = String::new();
        let ok = format!("{tag} OK done\r\n");
        if command == "CAPABILITY" {
            let state = self.state();
            out = format!(
                "* CAPABILITY {} {}\r\n{ok}",
                state.capabilities, state.offers
            );
        } else if command.starts_with("LOGIN") {
            let refusal = self.state().login_answer;
            out = if let Some(refusal) = refusal {
                format!("{tag} {refusal}\r\n")
            } else if command == "LOGIN \"ada\" \"s3cret\"" {
                ok
            } else {
                format!("{tag} NO [AUTHENTICATIONFAILED] wrong password\r\n")
            };
        } else if let Some(way) = command.strip_prefix("AUTHENTICATE ") {
            let token = self.state().token;
            let good = match way {
                "XOAUTH2" => format!("user=ada\x01auth=Bearer {token}\x01\x01"),
                "OAUTHBEARER" => format!(
                    "n,a=ada,\x01host=127.0.0.1\x01port={}\x01auth=Bearer {token}\x01\x01",
                    self.port
                ),
                _ => String::new(),
            };
            return authenticate(stream, tag, &STANDARD.encode(good));
        } else if command.starts_with("SELECT") || command.starts_with("EXAMINE") {
            *told = self.state().next;
            out = self.open(tag, command);
        } else if let Some(rest) = command.strip_prefix("UID FETCH ") {
            out = self.fetch(rest, true) + &ok;
        } else if let Some(rest) = command.strip_prefix("FETCH ") {
            out = self.fetch(rest, false) + &ok;
        } else if command == "NOOP" {
            out = format!("* {} EXISTS\r\n{ok}", self.state().mails.len());
        } else if command == "IDLE" {
            return self.idle(stream, tag, told);
        } else if command.starts_with("UID STORE") || command.starts_with("UID EXPUNGE") {
            self.state().flags.push(command.to_owned());
            out = ok;
        } else if command == "LOGOUT" {
            out = format!("* BYE\r\n{ok}");
        }
        stream.get_mut().write_all(out.as_bytes())?;
        stream.get_mut().flush()?;
        Ok(!out.is_empty())
    }

    fn open(&self, tag: &str, command: &str) -> String {
        let state = self.state();
        if !command.ends_with("\"INBOX\"") {
            return format!("{tag} NO [NONEXISTENT] no such folder\r\n");
        }
        let access = if state.read_only || command.starts_with("EXAMINE") {
            "READ-ONLY"
        } else {
            "READ-WRITE"
        };
        format!(
            "* {} EXISTS\r\n* OK [UIDVALIDITY {}] x\r\n* OK [UIDNEXT {}] x\r\n{tag} OK [{access}] done\r\n",
            state.mails.len(),
            state.validity,
            state.next
        )
    }

    fn fetch(&self, arguments: &str, by_uid: bool) -> String {
        let state = self.state();
        let (set, query) = arguments.split_once(' ').unwrap();
        let last = state.mails.keys().last().copied().unwrap_or_default();
        let asked = |sequence: u32, uid: u32| {
            let number = if by_uid { uid } else { sequence };
            let last = if by_uid {
                last
            } else {
                u32::try_from(state.mails.len()).unwrap()
            };
            set.split(',').any(|part| match part.split_once(':') {
                // `n:*` is `*:n` when n is beyond the last.
                Some((from, _)) => number >= from.parse::<u32>().unwrap().min(last),
                None => part == number.to_string(),
            })
        };
        let mut out = String::new();
        for (index, (uid, raw)) in state.mails.iter().enumerate() {
            let sequence = u32::try_from(index).unwrap() + 1;
            if !asked(sequence, *uid) {
                continue;
            }
            let now = jiff::Timestamp::now().strftime("%d-%b-%Y %H:%M:%S +0000");
            if query.contains("BODY.PEEK") {
                let part = &raw[..raw.len().min(256 * 1024)];
                let _ = write!(
                    out,
                    "* {sequence} FETCH (UID {uid} BODY[]<0> {{{}}}\r\n{part})\r\n",
                    part.len()
                );
            } else {
                let _ = write!(
                    out,
                    "* {sequence} FETCH (UID {uid} RFC822.SIZE {} INTERNALDATE \"{now}\")\r\n",
                    raw.len()
                );
            }
        }
        out
    }

    fn idle<S: Read + Write + Socket>(
        &self,
        stream: &mut BufReader<S>,
        tag: &str,
        told: &mut u32,
    ) -> io::Result<bool> {
        if let Some(answer) = self.state().idle_answer {
            let answer = answer.replace("TAG", tag);
            stream.get_mut().write_all(answer.as_bytes())?;
            return Ok(!answer.is_empty());
        }
        stream.get_mut().write_all(b"+ idling\r\n")?;
        stream.get_mut().flush()?;
        let mut line = String::new();
        stream.get_ref().wait_for(Duration::from_millis(2));
        for round in 1.. {
            match stream.read_line(&mut line) {
                Ok(0) => return Ok(false),
                Ok(_) => break,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Err(error),
            }
            let (next, exists) = {
                let mut state = self.state();
                if state.freeze_idle > 0 {
                    state.freeze_idle -= 1;
                    drop(state);
                    std::thread::sleep(Duration::from_secs(60));
                    return Ok(false);
                }
                if state.bye_idle > 0 {
                    state.bye_idle -= 1;
                    stream.get_mut().write_all(b"* BYE shutting down\r\n")?;
                    return Ok(false);
                }
                if state.cut_idle > 0 {
                    state.cut_idle -= 1;
                    return Ok(false);
                }
                (state.next, state.mails.len())
            };
            if round % 20 == 0 && self.state().tells == Tells::Never {
                stream.get_mut().write_all(b"* OK Still here\r\n")?;
            }
            if next > *told && self.state().tells == Tells::AtOnce {
                *told = next;
                let line = format!("* {exists} EXISTS\r\n");
                stream.get_mut().write_all(line.as_bytes())?;
                stream.get_mut().flush()?;
            }
        }
        stream.get_ref().wait_for(Duration::from_secs(30));
        self.state().heard.push(line.trim_end().to_owned());
        let mut ok = format!("{tag} OK done\r\n");
        if self.state().tells == Tells::WhenIdleEnds && self.state().next > *told {
            *told = self.state().next;
            ok = format!("* {} EXISTS\r\n{ok}", self.state().mails.len());
        }
        stream.get_mut().write_all(ok.as_bytes())?;
        stream.get_mut().flush()?;
        Ok(true)
    }
}

/// Takes one answer and refuses all others.
fn authenticate<S: Read + Write>(
    stream: &mut BufReader<S>,
    tag: &str,
    good: &str,
) -> io::Result<bool> {
    stream.get_mut().write_all(b"+ \r\n")?;
    let mut line = String::new();
    stream.read_line(&mut line)?;
    let answer = if line.trim_end() == good {
        format!("{tag} OK done\r\n")
    } else {
        // {"status":"401"}
        stream
            .get_mut()
            .write_all(b"+ eyJzdGF0dXMiOiI0MDEifQ==\r\n")?;
        line.clear();
        stream.read_line(&mut line)?;
        assert_eq!(line, "\r\n");
        format!("{tag} NO invalid credentials\r\n")
    };
    stream.get_mut().write_all(answer.as_bytes())?;
    Ok(true)
}

pub(in crate::otp) fn secured(
    tcp: TcpStream,
    config: Arc<ServerConfig>,
) -> StreamOwned<ServerConnection, TcpStream> {
    StreamOwned::new(ServerConnection::new(config).unwrap(), tcp)
}

/// How long a read may take.
pub(super) trait Socket {
    fn wait_for(&self, time: Duration);
}

impl Socket for TcpStream {
    fn wait_for(&self, time: Duration) {
        self.set_read_timeout(Some(time)).unwrap();
    }
}

impl Socket for StreamOwned<ServerConnection, TcpStream> {
    fn wait_for(&self, time: Duration) {
        self.sock.wait_for(time);
    }
}
