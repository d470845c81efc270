//! A mailbox over POP3, against a server that shows it as it was when a session
//! began.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use rustls::ServerConfig;
use secrecy::ExposeSecret;

use super::http::{Web, account, dispatcher, mail};
use super::source;
use crate::clock::Clock;
use crate::otp::Dispatcher;
use crate::otp::imap::tests::{certificate, secured};

const LONG: Duration = Duration::from_secs(10);

/// What is in the mailbox, and how the server behaves.
#[derive(Default)]
struct State {
    mails: Vec<(String, String)>,
    /// Answers to `PASS` in place of the usual one.
    refusals: Vec<&'static str>,
    /// The list has no end.
    endless: bool,
    /// The token that is taken.
    token: &'static str,
    heard: Vec<String>,
}

#[derive(Clone, Default)]
struct Server(Arc<Mutex<State>>);

impl Server {
    fn start(&self) -> u16 {
        self.start_with(None)
    }

    /// With a certificate, TLS begins after a command.
    fn start_with(&self, config: Option<Arc<ServerConfig>>) -> u16 {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let server = self.clone();
        std::thread::spawn(move || {
            for tcp in listener.incoming().flatten() {
                let _ = server.accept(tcp, config.clone());
            }
        });
        port
    }

    fn accept(&self, mut tcp: TcpStream, config: Option<Arc<ServerConfig>>) -> std::io::Result<()> {
        tcp.write_all(b"+OK POP3 ready <1896.697170952@example.org>\r\n")?;
        let Some(config) = config else {
            return self.serve(BufReader::new(tcp));
        };
        let mut line = String::new();
        BufReader::new(&tcp).read_line(&mut line)?;
        assert_eq!(line, "STLS\r\n");
        tcp.write_all(b"+OK begin\r\n")?;
        self.serve(BufReader::new(secured(tcp, config)))
    }

    fn serve(&self, mut stream: BufReader<impl Read + Write>) -> std::io::Result<()> {
        let mails = self.0.lock().mails.clone();
        let mut line = String::new();
        while stream.read_line(&mut line)? > 0 {
            let said = line.trim_end().to_owned();
            line.clear();
            let answer = self.answer(&said, &mails, &mut stream)?;
            self.0.lock().heard.push(said);
            stream.get_mut().write_all(answer.as_bytes())?;
        }
        Ok(())
    }

    fn answer(
        &self,
        said: &str,
        mails: &[(String, String)],
        stream: &mut BufReader<impl Read + Write>,
    ) -> std::io::Result<String> {
        let (command, rest) = said.split_once(' ').unwrap_or((said, ""));
        let mut state = self.0.lock();
        Ok(match command {
            "CAPA" => "+OK\r\nUIDL\r\nSASL PLAIN OAUTHBEARER\r\n.\r\n".to_owned(),
            "AUTH" => {
                let token = state.token;
                drop(state);
                stream.get_mut().write_all(b"+ \r\n")?;
                let mut line = String::new();
                stream.read_line(&mut line)?;
                let shown = base64::Engine::decode(
                    &base64::engine::general_purpose::STANDARD,
                    line.trim_end(),
                );
                let shown = String::from_utf8(shown.unwrap()).unwrap();
                assert_eq!(rest, "OAUTHBEARER");
                if shown.starts_with("n,a=ada,\x01host=127.0.0.1\x01port=")
                    && shown.ends_with(&format!("\x01auth=Bearer {token}\x01\x01"))
                {
                    return Ok("+OK\r\n".to_owned());
                }
                stream
                    .get_mut()
                    .write_all(b"+ eyJzdGF0dXMiOiI0MDEifQ==\r\n")?;
                line.clear();
                stream.read_line(&mut line)?;
                "-ERR [AUTH] bad token\r\n".to_owned()
            }
            "USER" | "QUIT" => "+OK\r\n".to_owned(),
            "PASS" if !state.refusals.is_empty() => state.refusals.remove(0).to_owned(),
            "PASS" if rest == "s3cret" => "+OK\r\n".to_owned(),
            // There are servers that repeat what they do not know.
            "PASS" => format!("-ERR [AUTH] wrong password {rest}\r\n"),
            "UIDL" if state.endless => {
                format!(
                    "+OK\r\n{}",
                    format!("{}\r\n", "1 x".repeat(1000)).repeat(12_000)
                )
            }
            "UIDL" => {
                let lines = mails.iter().enumerate();
                let lines = lines.map(|(at, (id, _))| format!("{} {id}\r\n", at + 1));
                format!("+OK\r\n{}.\r\n", lines.collect::<String>())
            }
            "RETR" => {
                let (_, raw) = &mails[rest.parse::<usize>().unwrap() - 1];
                let raw = raw.replace("\r\n.", "\r\n..");
                format!("+OK\r\n{raw}.\r\n")
            }
            _ => "-ERR what?\r\n".to_owned(),
        })
    }

    fn deliver(&self, id: &str, raw: String) {
        self.0.lock().mails.push((id.to_owned(), raw));
    }
}

fn otp(port: u16, proof: &str) -> String {
    format!(
        "{{source: pop3, host: 127.0.0.1, port: {port}, security: plain, user: ada, {proof}, poll: 10ms}}"
    )
}

#[tokio::test]
async fn each_look_is_a_session_that_reads_what_is_new() {
    let server = Server::default();
    server.deliver("old", mail("ada@example.org", "999999"));
    let dispatcher = dispatcher(&otp(server.start(), "password: s3cret")).await;
    let ada = dispatcher.expect("ada@example.org", 6);
    server.deliver(
        "a",
        format!("{}.\r\n.. \r\n", mail("ada@example.org", "111111")),
    );
    assert_eq!(ada.wait(LONG).await.unwrap().code.expose_secret(), "111111");
    // In use, and refused twice without a reason: all of it passes.
    server.0.lock().refusals = vec!["-ERR [IN-USE] locked\r\n", "-ERR no\r\n", "-ERR no\r\n"];
    let bob = dispatcher.expect("bob@example.org", 6);
    server.deliver("b", mail("bob@example.org", "222222"));
    assert_eq!(bob.wait(LONG).await.unwrap().code.expose_secret(), "222222");
    let counts = dispatcher.counts();
    assert_eq!((counts.seen, counts.reconnects), (2, 1));
    let heard = server.0.lock().heard.clone();
    let read: Vec<_> = heard
        .iter()
        .filter(|line| line.starts_with("RETR"))
        .collect();
    assert_eq!(read, ["RETR 2", "RETR 3"]);
}

#[tokio::test]
async fn a_log_in_that_is_refused_ends_the_run_or_fails_everybody() {
    let server = Server::default();
    let port = server.start();
    let wrong = source(&otp(port, "password: wr0ng")).unwrap();
    let error = Dispatcher::start(wrong.as_ref(), &Clock::real())
        .await
        .err()
        .unwrap();
    assert_eq!(
        error.reason,
        "the server refuses `ada`: wrong password [secret]"
    );
    assert!(!format!("{error:?} {wrong:?}").contains("wr0ng"));
    let dispatcher = dispatcher(&otp(port, "password: s3cret")).await;
    let ada = dispatcher.expect("ada@example.org", 6);
    server.0.lock().refusals = vec!["-ERR no\r\n"; 3];
    let error = ada.wait(LONG).await.err().unwrap();
    assert!(matches!(error, crate::otp::OtpError::Source(_)), "{error}");
}

#[tokio::test]
async fn a_token_that_is_refused_is_renewed() {
    let (server, web) = (Server::default(), Web::default());
    let host = web.start();
    web.answer("/token", r#"{"access_token": "first", "expires_in": 3600}"#);
    server.0.lock().token = "first";
    let dispatcher = dispatcher(&otp(server.start(), &account(&host))).await;
    let ada = dispatcher.expect("ada@example.org", 6);
    web.answer(
        "/token",
        r#"{"access_token": "second", "expires_in": 3600}"#,
    );
    server.0.lock().token = "second";
    server.deliver("a", mail("ada@example.org", "111111"));
    assert_eq!(ada.wait(LONG).await.unwrap().code.expose_secret(), "111111");
    assert_eq!(dispatcher.counts().reconnects, 0);
    assert_eq!(web.asked().len(), 2);
}

#[tokio::test]
async fn a_connection_is_made_safe_before_the_password_is_sent() {
    let server = Server::default();
    let (config, file) = certificate("localhost");
    let otp = format!(
        "{{source: pop3, host: localhost, port: {}, security: starttls, ca_file: {}, user: ada, password: s3cret, poll: 10ms}}",
        server.start_with(Some(config)),
        file.path().display()
    );
    let dispatcher = dispatcher(&otp).await;
    let ada = dispatcher.expect("ada@example.org", 6);
    server.deliver("a", mail("ada@example.org", "111111"));
    assert_eq!(ada.wait(LONG).await.unwrap().code.expose_secret(), "111111");
}

#[tokio::test]
async fn a_pop3_server_is_heard_up_to_its_ceiling() {
    let server = Server::default();
    server.0.lock().endless = true;
    let source = source(&otp(server.start(), "password: s3cret")).unwrap();
    let started = Dispatcher::start(source.as_ref(), &Clock::real()).await;
    let error = started.err().unwrap();
    assert_eq!(error.reason, "the server's answer does not end");
}
