//! Servers as they are: what they say is in `fixtures/mailboxes/imap`, whose
//! README tells how it is written.

use std::io::{self, BufRead, BufReader, ErrorKind, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use parking_lot::Mutex;

use super::{code, mail, start};

const FOLDER: &str = "fixtures/mailboxes/imap";

/// What is answered to a command.
struct Rule {
    /// Words that are in the command, in this order.
    words: Vec<String>,
    /// After the mail has arrived.
    mail: bool,
    answer: Vec<String>,
    /// It is not the last one for its command.
    once: bool,
    used: bool,
}

/// A server, and what is expected of it.
#[derive(Default)]
struct Script {
    settings: String,
    error: Option<String>,
    rules: Mutex<Vec<Rule>>,
    arrived: AtomicBool,
    log: Mutex<Vec<String>>,
}

impl Script {
    fn read(text: &str) -> Self {
        let mut script = Self::default();
        let rules = script.rules.get_mut();
        for line in text.lines() {
            match line.split_at_checked(2) {
                Some(("# ", _)) => {}
                Some(("! ", settings)) => settings.clone_into(&mut script.settings),
                Some(("= ", error)) => script.error = Some(error.to_owned()),
                Some(("> ", command)) => {
                    let words = command.strip_prefix("mail ");
                    let written = words.unwrap_or(command).split(' ').map(str::to_owned);
                    rules.push(Rule {
                        words: written.collect(),
                        mail: words.is_some(),
                        answer: Vec::new(),
                        once: false,
                        used: false,
                    });
                }
                _ => rules.last_mut().unwrap().answer.push(line.to_owned()),
            }
        }
        for index in 0..rules.len() {
            let (rule, later) = rules[index..].split_first_mut().unwrap();
            let same = |other: &Rule| other.words == rule.words && other.mail == rule.mail;
            rule.once = later.iter().any(same);
        }
        script
    }

    fn answer(&self, line: &str) -> Option<Vec<String>> {
        let arrived = self.arrived.load(Ordering::SeqCst);
        let mut rules = self.rules.lock();
        let fits = |rule: &&mut Rule| {
            let mut rest = line;
            let has = |word: &String| {
                let at = rest.find(word.as_str());
                rest = at.map_or("", |at| &rest[at + word.len()..]);
                at.is_some()
            };
            !(rule.once && rule.used) && (arrived || !rule.mail) && rule.words.iter().all(has)
        };
        // What holds after the mail has arrived comes before what always does.
        let mut fitting: Vec<&mut Rule> = rules.iter_mut().filter(fits).collect();
        fitting.sort_by_key(|rule| !rule.mail);
        let rule = fitting.into_iter().next()?;
        rule.used = true;
        Some(rule.answer.clone())
    }

    fn serve(&self, tcp: TcpStream) -> io::Result<()> {
        tcp.set_nodelay(true)?;
        let mut stream = BufReader::new(tcp);
        let mut tag = String::new();
        if !self.say(&mut stream, "GREETING", &tag)? {
            return Ok(());
        }
        let mut told = false;
        let mut idling = false;
        loop {
            stream
                .get_ref()
                .set_read_timeout(Some(Duration::from_millis(2)))?;
            let mut line = String::new();
            match stream.read_line(&mut line) {
                Ok(0) => return Ok(()),
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    if idling && !told && self.arrived.load(Ordering::SeqCst) {
                        told = true;
                        self.say(&mut stream, "ARRIVES", &tag)?;
                    }
                    continue;
                }
                Err(error) => return Err(error),
            }
            self.log.lock().push(line.clone());
            let line = line.trim_end();
            if let Some((word, _)) = line.split_once(' ') {
                word.clone_into(&mut tag);
            }
            idling = line.ends_with(" IDLE");
            if !self.say(&mut stream, line, &tag)? {
                return Ok(());
            }
        }
    }

    /// False when the connection is to end.
    fn say(&self, stream: &mut BufReader<TcpStream>, command: &str, tag: &str) -> io::Result<bool> {
        let mail = mail("ada@example.org", "123456");
        let now = jiff::Timestamp::now().strftime("%d-%b-%Y %H:%M:%S +0000");
        for line in self.answer(command).unwrap_or_default() {
            if line == "CLOSE" {
                return Ok(false);
            }
            let (first, rest) = line.split_once(' ').unwrap_or((&line, ""));
            let line = match first {
                "TAG" => format!("{tag} {rest}"),
                "tag" => format!("{} {rest}", tag.to_lowercase()),
                _ => line.replace("MAIL", &format!("{{{}}}\r\n{mail}", mail.len())),
            };
            let line = line.replace("WHEN", &now.to_string());
            stream
                .get_mut()
                .write_all(format!("{line}\r\n").as_bytes())?;
        }
        Ok(true)
    }
}

async fn play(name: &str, text: &str) {
    let script = Arc::new(Script::read(text));
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let served = Arc::clone(&script);
    std::thread::spawn(move || {
        for tcp in listener.incoming().flatten() {
            let _ = served.serve(tcp);
        }
    });
    let security = if script.settings.contains("security:") {
        ""
    } else {
        ", security: plain"
    };
    let otp = format!(
        "{{source: imap, host: 127.0.0.1, port: {port}{security}, user: ada, password: s3cret{}}}",
        script.settings
    );
    let started = start(&otp).await;
    if let Some(expected) = &script.error {
        let error = started.err().unwrap();
        assert!(error.reason.starts_with(expected), "{name}: {error}");
        return;
    }
    let dispatcher = started.unwrap_or_else(|error| panic!("{name}: {error}: {:?}", script.log));
    let ada = dispatcher.expect("ada@example.org", 6);
    tokio::time::sleep(Duration::from_millis(30)).await;
    script.arrived.store(true, Ordering::SeqCst);
    let waited = tokio::time::timeout(super::LONG, code(ada)).await;
    assert_eq!(waited.as_deref(), Ok("123456"), "{name}: {:?}", script.log);
    // Nothing was asked that this server was not made for.
    let log = script.log.lock();
    let known = |line: &String| line == "DONE\r\n" || script.answer(line.trim_end()).is_some();
    let unknown: Vec<&String> = log.iter().filter(|line| !known(line)).collect();
    assert!(unknown.is_empty(), "{name}: {unknown:?}");
}

#[tokio::test]
async fn the_code_is_read_from_servers_as_they_are() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(FOLDER);
    let mut played = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        play(&name, &std::fs::read_to_string(&path).unwrap()).await;
        played += 1;
    }
    assert!(played >= 14, "{played}");
}
