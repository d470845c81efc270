//! The simulator's mail, read by strangers: curl, Python, the `imap` crate, and
//! a real mail server. `tests/run` installs what is missing.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Command;

use rehearse::language::{Environment, Source};
use rehearse::target::Target;

use crate::work::{Ended, Simulator, Work, entry, shipped};

/// A simulator with a mailbox.
struct Post {
    simulator: Simulator,
    target: Target,
    /// Settings of the mailbox, as the target has them.
    otp: HashMap<String, String>,
}

impl Post {
    fn start(work: &Work) -> Self {
        let simulator = work.simulate(&["--otp", "imap"]);
        let text = std::fs::read_to_string(work.path().join("target.yaml")).unwrap();
        let target = Target::parse(
            &Source::new("target.yaml", text.as_str()),
            &Environment::default(),
        )
        .unwrap();
        let written: serde_json::Value = serde_yaml::from_str(&text).unwrap();
        let settings = written["otp"].as_object().unwrap().iter();
        let plain = |value: &serde_json::Value| match value.as_str() {
            Some(text) => text.to_owned(),
            None => value.to_string(),
        };
        let otp = settings.map(|(key, value)| (key.clone(), plain(value)));
        Self {
            otp: otp.collect(),
            simulator,
            target,
        }
    }

    fn host(&self) -> String {
        format!("{}:{}", self.otp["host"], self.otp["port"])
    }

    /// Where a process is started, but for its request id.
    fn process(&self) -> String {
        let process = self.target.processes.patient_by_email.as_deref().unwrap();
        format!(
            "{}/{}/process/{process}",
            self.target.gateway_url, self.target.spec_id
        )
    }

    fn application(&self, email: &str) -> String {
        let responsible = self.target.responsible.as_deref().unwrap();
        serde_json::json!({
            "g-recaptcha-response": "yes",
            "from": email,
            "email": email,
            "hcpId": responsible,
        })
        .to_string()
    }

    /// Has a code sent to somebody.
    fn send_code(&self, request: &str, email: &str) {
        let body = self.application(email);
        let address = &self.simulator.address;
        let path = self.process();
        let path = path.split_once(address.as_str()).unwrap().1;
        let request = format!(
            "POST {path}/{request} HTTP/1.0\r\nHost: {address}\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let mut stream = TcpStream::connect(address).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.0 200"), "{answer}");
    }

    /// The codes that were sent, by the simulator's own account.
    fn codes(&self) -> Vec<String> {
        let page = self.simulator.get("/_simulator/outbox?after=0");
        let page: serde_json::Value = serde_json::from_str(&page).unwrap();
        let messages = page["messages"].as_array().unwrap().iter();
        messages
            .map(|message| code(message["body"].as_str().unwrap()))
            .collect()
    }

    fn curl(&self, path: &str, more: &[&str]) -> Ended {
        let mut command = Command::new("curl");
        command
            .args([
                "--silent",
                "--show-error",
                "--max-time",
                "20",
                "--noproxy",
                "*",
            ])
            .args([
                "--user",
                &format!("{}:{}", self.otp["user"], self.otp["password"]),
            ])
            .args(more)
            .arg(format!("imap://{}{path}", self.host()));
        Ended::new(
            &command
                .output()
                .expect("curl is there: tests/run installs it"),
        )
    }
}

/// The only run of six digits.
#[track_caller]
fn code(text: &str) -> String {
    let runs = text.split(|c: char| !c.is_ascii_digit());
    let mut runs: Vec<&str> = runs.filter(|run| run.len() == 6).collect();
    runs.dedup();
    let [code] = runs[..] else {
        panic!("not one code in {text}");
    };
    code.to_owned()
}

#[test]
fn curl_lists_searches_and_fetches() {
    let work = Work::new();
    let post = Post::start(&work);
    post.send_code("one", "ada@example.org");
    post.send_code("two", "bob@example.org");
    let codes = post.codes();

    let list = post.curl("/", &[]).expect(0).out;
    assert_eq!(list.trim(), "* LIST () \"/\" INBOX");
    let found = post.curl("/INBOX?TO%20bob@example.org", &[]).expect(0).out;
    assert_eq!(found.trim(), "* SEARCH 2");
    let mail = post.curl("/INBOX;UID=2", &[]).expect(0).out;
    assert!(mail.contains("\r\nTo: bob@example.org\r\n"), "{mail}");
    let text = post.curl("/INBOX;MAILINDEX=1;SECTION=1", &[]).expect(0).out;
    assert_eq!(code(&text), codes[0]);
    let status = post.curl("/", &["--request", "STATUS INBOX (MESSAGES UNSEEN)"]);
    assert!(status.expect(0).out.contains("(MESSAGES 2 UNSEEN 0)"));
    // 67: the login was refused.
    post.curl("/", &["--user", "ada:wrong"]).expect(67);
}

#[test]
fn python_reads_and_waits_for_mails() {
    let work = Work::new();
    let post = Post::start(&work);
    let script = format!(
        "{}/tests/mail/imaplib_client.py",
        env!("CARGO_MANIFEST_DIR")
    );
    let mut command = Command::new("python3");
    command.arg(script);
    for setting in ["host", "port", "user", "password"] {
        command.arg(&post.otp[setting]);
    }
    command.args([post.process(), post.application("ada@example.org")]);
    let ended = Ended::new(
        &command
            .output()
            .expect("python3 is there: tests/run installs it"),
    );
    let ended = ended.expect(0);
    let read: Vec<&str> = ended.out.lines().collect();
    assert_eq!(read, post.codes());
}

#[test]
fn the_imap_crate_reads_and_waits_for_mails() {
    let work = Work::new();
    let post = Post::start(&work);
    let stream = TcpStream::connect(post.host()).unwrap();
    let mut client = imap::Client::new(stream);
    client.read_greeting().unwrap();
    let session = client.login(&post.otp["user"], &post.otp["password"]);
    let mut session = session.map_err(|(error, _)| error).unwrap();
    assert!(session.capabilities().unwrap().has_str("IDLE"));
    let inbox = session.select("INBOX").unwrap();
    assert_eq!((inbox.exists, inbox.uid_next), (0, Some(1)));

    std::thread::scope(|scope| {
        scope.spawn(|| post.send_code("one", "ada+tag@example.org"));
        let mut heard = Vec::new();
        let mut idle = session.idle();
        idle.timeout(std::time::Duration::from_secs(20));
        let outcome = idle.wait_while(|response| {
            heard.push(format!("{response:?}"));
            false
        });
        assert_eq!(
            outcome.unwrap(),
            imap::extensions::idle::WaitOutcome::MailboxChanged
        );
        assert!(heard[0].contains("Exists(1)"), "{heard:?}");
    });
    assert_eq!(
        session.uid_search("UNSEEN TO ada+tag@example.org").unwrap(),
        [1].into()
    );
    let fetched = session.uid_fetch(
        "1",
        "(UID FLAGS INTERNALDATE ENVELOPE BODYSTRUCTURE BODY[])",
    );
    let fetched = fetched.unwrap();
    let mail = fetched.iter().next().unwrap();
    assert_eq!(mail.uid, Some(1));
    assert!(mail.internal_date().is_some() && mail.bodystructure().is_some());
    let to = mail.envelope().unwrap().to.as_ref().unwrap();
    assert_eq!(to[0].mailbox.as_deref(), Some(b"ada+tag".as_slice()));
    let body = String::from_utf8_lossy(mail.body().unwrap());
    assert_eq!(code(&body), post.codes()[0]);
    drop(body);
    session.uid_store("1", "+FLAGS (\\Deleted)").unwrap();
    assert_eq!(session.uid_expunge("1").unwrap().seqs().count(), 1);
    session.logout().unwrap();
}

#[test]
fn the_tutorial_passes_over_the_simulators_own_mailbox() {
    let work = Work::new();
    let simulator = work.simulate(&["--otp", "imap"]);
    work.run(&[
        "run",
        &shipped("tutorial.yaml"),
        "--target",
        "target.yaml",
        "--vus",
        "3",
    ])
    .expect(0);
    assert_eq!(work.report()["totals"]["users"], 3);
    simulator.stop();
}

#[test]
fn the_mailbox_password_is_in_the_target_and_nowhere_else() {
    let work = Work::new();
    let mut command = work.rehearse(&["simulate", "--imap"]);
    let command = command.stdout(std::process::Stdio::piped());
    let mut child = command
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut errors = BufReader::new(child.stderr.take().unwrap());
    let mut said = String::new();
    errors.read_line(&mut said).unwrap();
    crate::work::interrupt(&child);
    let mut target = String::new();
    child
        .stdout
        .take()
        .unwrap()
        .read_to_string(&mut target)
        .unwrap();
    errors.read_to_string(&mut said).unwrap();
    assert!(child.wait().unwrap().success());
    assert!(target.contains("source: \"simulator\""), "{target}");
    let comment = target.lines().last().unwrap();
    assert!(
        comment.starts_with("# mailbox: imap://127.0.0.1:"),
        "{target}"
    );
    let password = comment.rsplit(' ').next().unwrap();
    assert_eq!(password.len(), 32);
    assert!(!said.contains(password), "{said}");
}

#[test]
fn mail_options_that_cannot_be_are_refused() {
    let work = Work::new();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    for (arguments, exit, said) in [
        (vec!["--imap", &port], 3, port.as_str()),
        (
            vec!["--imap", "--smtp", "127.0.0.1:25"],
            2,
            "cannot be used with",
        ),
        (
            vec!["--otp", "imap", "--smtp", "127.0.0.1:25"],
            2,
            "target file",
        ),
        (vec!["--smtp", "192.0.2.1:25"], 3, "--allow-remote-smtp"),
        (vec!["--smtp", "127.0.0.1"], 3, "HOST:PORT"),
        (vec!["--allow-remote-smtp"], 2, "--smtp"),
        (vec!["--like", "nothing.yaml"], 2, "nothing.yaml"),
    ] {
        let arguments = [vec!["simulate"], arguments].concat();
        let ended = work.run(&arguments).expect(exit);
        assert!(ended.err.contains(said), "{arguments:?}: {}", ended.err);
    }
}

#[test]
fn a_simulator_stands_in_for_a_target() {
    let work = Work::new();
    let simulator = work.simulate(&["--like", &fixture(), "--port", "0"]);
    let own = std::fs::read_to_string(work.path().join("target.yaml")).unwrap();
    let own = Target::parse(&Source::new("target.yaml", own), &Environment::default()).unwrap();
    let like = std::fs::read_to_string(fixture()).unwrap();
    assert_eq!(own.spec_id, "rehearse-dovecot");
    for id in [
        own.responsible,
        own.processes.patient_by_email,
        own.processes.hcp_by_email,
    ] {
        assert!(like.contains(&id.unwrap()));
    }
    assert!(own.processes.patient_by_sms.is_some());
    simulator.stop();
}

fn fixture() -> String {
    format!(
        "{}/fixtures/targets/dovecot.yaml",
        env!("CARGO_MANIFEST_DIR")
    )
}

/// These need the servers of `tests/mail/dovecot.sh`; `tests/run` starts them.
mod real_mail_server {
    use super::*;

    /// A setting of the servers.
    fn setting(name: &str) -> String {
        let name = format!("REHEARSE_MAIL_{name}");
        std::env::var(&name).unwrap_or_else(|_| panic!("{name} is not set: run `bash tests/run`"))
    }

    /// A simulator that sends through the server, and the shipped target with
    /// the ports of now.
    fn start(work: &Work) -> Simulator {
        let smtp = format!("127.0.0.1:{}", setting("SMTP_PORT"));
        let like = std::fs::read_to_string(fixture()).unwrap();
        work.write("like.yaml", &like);
        let simulator = work.simulate(&["--like", "like.yaml", "--port", "0", "--smtp", &smtp]);
        let target = like
            .replace("127.0.0.1:10080", &simulator.address)
            .replace("10993", &setting("IMAPS_PORT"))
            .replace("/tmp/rehearse-mail", &setting("DIR"));
        work.write("dovecot.yaml", &target);
        simulator
    }

    #[test]
    #[ignore = "needs mail servers: `bash tests/run` starts them"]
    fn the_tutorial_passes_over_smtp_and_imap_with_tls() {
        let work = Work::new();
        let simulator = start(&work);
        work.run(&["run", &shipped("tutorial.yaml"), "--target", "dovecot.yaml"])
            .expect(0);
        let report = work.report();
        assert_eq!(report["verdict"], "passed");
        for step in ["register", "login"] {
            assert_eq!(entry(&report["steps"], "name", step)["ok"]["count"], 1);
        }
        simulator.stop();
    }

    #[test]
    #[ignore = "needs mail servers: `bash tests/run` starts them"]
    fn many_users_share_one_mailbox() {
        let work = Work::new();
        let simulator = start(&work);
        let run = [
            "run",
            &shipped("tutorial.yaml"),
            "--target",
            "dovecot.yaml",
            "--vus",
            "20",
        ];
        work.run(&run).expect(0);
        assert_eq!(work.report()["totals"]["users"], 20);
        simulator.stop();
    }

    #[test]
    #[ignore = "needs mail servers: `bash tests/run` starts them"]
    fn a_mail_that_the_server_refuses_is_named_without_its_code() {
        let work = Work::new();
        let smtp = format!("127.0.0.1:{}", setting("SMTP_PORT"));
        let mut command = work.rehearse(&[
            "simulate",
            "--like",
            &fixture(),
            "--port",
            "0",
            "--smtp",
            &smtp,
        ]);
        let command = command.stdout(std::process::Stdio::null());
        let mut child = command
            .stderr(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        let mut errors = BufReader::new(child.stderr.take().unwrap());
        let mut said = String::new();
        errors.read_line(&mut said).unwrap();
        let address = said
            .split("http://")
            .nth(1)
            .unwrap()
            .split('/')
            .next()
            .unwrap()
            .to_owned();
        let body = r#"{"g-recaptcha-response": "yes", "email": "ada@elsewhere.example",
            "hcpId": "2c1b7a0e-6a6e-4f0e-9d0b-5f4b6b1f6d03"}"#;
        let path = "/gateway/rehearse-dovecot/process/2c1b7a0e-6a6e-4f0e-9d0b-5f4b6b1f6d01/one";
        let request = format!(
            "POST {path} HTTP/1.0\r\nHost: x\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let mut stream = TcpStream::connect(&address).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut line = String::new();
        errors.read_line(&mut line).unwrap();
        crate::work::interrupt(&child);
        child.wait().unwrap();
        assert!(
            line.contains("the mail to ada@elsewhere.example was not delivered"),
            "{line}"
        );
        assert!(line.contains("Relay access denied"), "{line}");
        let long = line
            .split(|c: char| !c.is_ascii_digit())
            .any(|run| run.len() >= 4);
        assert!(!long, "{line}");
    }
}
