//! Command lines, played by curl and by what `import` makes of them: the same
//! requests arrive.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::sync::{Arc, Mutex};

use crate::work::{Ended, Work};

const LINES: &str = include_str!("../../fixtures/import/curl.txt");
const SECRET: &str = "s3cr3t-0123456789";

/// A paragraph of the file.
struct Line {
    text: String,
    /// What curl is given, if it is something else.
    bash: Option<String>,
    told: Option<String>,
    /// Where it begins in the file that is imported.
    at: usize,
    lines: usize,
}

#[derive(Clone, Debug, PartialEq)]
struct Asked {
    method: String,
    path: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

/// A server that notes what it is asked.
fn serve() -> (String, Arc<Mutex<Vec<Asked>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let log = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&log);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            if let Some(asked) = read(&stream) {
                noted.lock().unwrap().push(asked);
            }
            let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
            let _ = (&stream).write_all(answer);
        }
    });
    (url, log)
}

fn read(stream: &TcpStream) -> Option<Asked> {
    let mut reader = BufReader::new(stream);
    let mut line = || {
        let mut text = String::new();
        reader.read_line(&mut text).ok()?;
        Some(text.trim_end_matches(['\r', '\n']).to_owned())
    };
    let first = line()?;
    let mut words = first.split(' ').map(str::to_owned);
    let (method, path) = (words.next()?, words.next()?);
    let mut headers = Vec::new();
    while let Some(header) = line().filter(|header| !header.is_empty()) {
        let (name, value) = header.split_once(':')?;
        headers.push((name.to_lowercase(), value.trim().to_owned()));
    }
    let of = |name: &str| headers.iter().find(|(known, _)| known == name);
    let length = of("content-length").map_or(0, |(_, length)| length.parse().unwrap());
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(Asked {
        method,
        path,
        headers,
        body,
    })
}

fn lines(url: &str) -> Vec<Line> {
    let mut at = 1;
    let paragraphs = LINES.split("\n\n").skip(1);
    // A paragraph may have an empty line, if the next one does not begin a command.
    let mut all: Vec<String> = Vec::new();
    for paragraph in paragraphs {
        match all.last_mut() {
            Some(last) if paragraph.starts_with("b^\"") => last.extend(["\n\n", paragraph]),
            _ => all.push(paragraph.to_owned()),
        }
    }
    let mut found = Vec::new();
    for (number, paragraph) in all.iter().enumerate() {
        let paragraph = paragraph.replace("@U", &format!("{url}/{number}"));
        let of = |key: &str| {
            let mut lines = paragraph.lines();
            lines
                .find_map(|line| line.strip_prefix(key))
                .map(str::to_owned)
        };
        let own: Vec<&str> = paragraph
            .lines()
            .filter(|line| !line.starts_with("%told ") && !line.starts_with("%bash "))
            .collect();
        found.push(Line {
            text: own.join("\n"),
            bash: of("%bash "),
            told: of("%told "),
            at,
            lines: own.len(),
        });
        at += own.len() + 1;
    }
    found
}

/// Requests of a line, by the number that its paths begin with.
fn of_line(log: &[Asked], number: usize) -> Vec<Asked> {
    let own = |asked: &&Asked| {
        let end = asked.path[1..]
            .find(['/', '?'])
            .map_or(asked.path.len(), |at| at + 1);
        asked.path[1..end] == number.to_string()
    };
    log.iter().filter(own).map(plain).collect()
}

/// A request without what the two clients say of themselves, and with the same
/// boundary between parts.
fn plain(asked: &Asked) -> Asked {
    let browser = |value: &str| value.starts_with("Mozilla/");
    let of_browser = asked
        .headers
        .iter()
        .any(|(name, value)| name.starts_with("sec-") || (name == "user-agent" && browser(value)));
    let own = [
        "host",
        "connection",
        "content-length",
        "accept-encoding",
        "traceparent",
        "user-agent",
        "expect",
    ];
    let mut body = asked.body.clone();
    let mut headers: Vec<(String, String)> = Vec::new();
    for (name, value) in &asked.headers {
        let made = match name.as_str() {
            "host" => value.starts_with("127.0.0.1"),
            "user-agent" => {
                of_browser || value.starts_with("curl/") || value.starts_with("rehearse")
            }
            "accept" => value == "*/*",
            "origin" | "referer" => of_browser,
            name => own.contains(&name) || name.starts_with("sec-"),
        };
        if made {
            continue;
        }
        let mut value = value.clone();
        if let Some((kind, boundary)) = value.clone().split_once("; boundary=") {
            body = String::from_utf8_lossy(&body)
                .replace(boundary, "B")
                .trim_start_matches('-')
                .replace("\r\n--B", "\r\nB")
                .replace("\r\n-", "\r\n")
                .replace(&"-".repeat(20), "")
                .into();
            kind.clone_into(&mut value);
        }
        headers.push((name.clone(), value));
    }
    headers.sort();
    Asked {
        headers,
        body,
        ..asked.clone()
    }
}

fn play(work: &Work, url: &str, lines: &[Line]) -> Ended {
    let text: Vec<&str> = lines.iter().map(|line| line.text.as_str()).collect();
    work.write("lines.curl", &(text.join("\n\n") + "\n"));
    let imported = work
        .run(&[
            "import",
            "lines.curl",
            "--from",
            "curl",
            "--out",
            "lines.yaml",
        ])
        .expect(0);
    work.run(&["check", "lines.yaml"]).expect(0);
    let written = std::fs::read_to_string(work.path().join("lines.yaml")).unwrap();
    assert!(!written.contains(SECRET), "{written}");
    let mut arguments = vec!["run".to_owned(), "lines.yaml".to_owned()];
    let vars = written
        .split("vars:\n")
        .nth(1)
        .unwrap()
        .split("\n\n")
        .next()
        .unwrap();
    for line in vars.lines() {
        let name = line.trim().split(':').next().unwrap();
        let value = match name {
            name if name.starts_with("secret_user") => format!("ada:{SECRET}"),
            name if name.to_lowercase().starts_with("secret_cookie") => format!("sid={SECRET}"),
            _ => SECRET.to_owned(),
        };
        arguments.extend(["--var".to_owned(), format!("{name}={value}")]);
    }
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    work.run(&arguments).expect(0);
    assert!(url.starts_with("http://127"));
    imported
}

#[test]
fn the_same_arrives_as_from_curl() {
    let work = Work::new();
    work.write("body.json", "{\"a\":1}");
    work.write("photo.bin", "\u{1}\u{2}photo");
    let (url, log) = serve();
    let lines = lines(&url);
    let imported = play(&work, &url, &lines);
    let ours = std::mem::take(&mut *log.lock().unwrap());
    for (number, line) in lines.iter().enumerate() {
        let command = line.bash.as_ref().unwrap_or(&line.text);
        if !command.contains("curl")
            || !command.contains(&format!("{url}/{number}"))
            || command.starts_with("wget")
        {
            continue;
        }
        let mut bash = Command::new("bash");
        bash.args(["-c", command]).current_dir(work.path());
        bash.env("TOKEN", SECRET)
            .env("no_proxy", "*")
            .output()
            .unwrap();
    }
    let theirs = log.lock().unwrap().clone();
    let (mut equal, mut told, mut wrong) = (0, 0, Vec::new());
    for (number, line) in lines.iter().enumerate() {
        let (our, their) = (of_line(&ours, number), of_line(&theirs, number));
        let said: Vec<&str> = (line.at..line.at + line.lines)
            .flat_map(|at| {
                let place = format!(", line {at}: ");
                imported
                    .err
                    .lines()
                    .filter(move |said| said.contains(&place))
            })
            .collect();
        if let Some(wanted) = &line.told {
            if said.iter().any(|said| said.contains(wanted.as_str())) {
                told += 1;
            } else {
                wrong.push(format!(
                    "{}\n  not told: {wanted}\n  but: {said:?}",
                    line.text
                ));
            }
            // What was told may be missing, or be the same.
            if !our.is_empty() && our != their {
                wrong.push(format!("{}\n  ours  {our:?}\n  curl  {their:?}", line.text));
            }
        } else if our == their && !our.is_empty() {
            equal += 1;
        } else {
            wrong.push(format!(
                "{}\n  ours  {our:?}\n  curl  {their:?}\n  said {said:?}",
                line.text
            ));
        }
    }
    println!(
        "{} lines: {equal} equal, {told} told, {} differ",
        lines.len(),
        wrong.len()
    );
    assert!(
        wrong.is_empty(),
        "{} of {}:\n{}",
        wrong.len(),
        lines.len(),
        wrong.join("\n")
    );
    assert!(lines.len() >= 200, "{}", lines.len());
}
