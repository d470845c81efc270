//! A server that repeats what it was sent, in every way of writing it: no output
//! shows a secret of the request, nor the beginning of one.

use std::collections::HashSet;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use regex::{Regex, RegexBuilder};
use serde_json::{Value, json};

use crate::tap::Tap;
use crate::work::{Work, shipped};

const SECRETS: usize = 200;

type Way = fn(&str) -> String;

/// Ways of writing a text, by name.
const WAYS: [(&str, Way); 8] = [
    ("plain", str::to_owned),
    ("base64", |text| STANDARD.encode(text)),
    ("base64url", |text| URL_SAFE.encode(text)),
    ("hex", |text| hex::encode(text)),
    ("url", |text| {
        utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
    }),
    ("json", |text| {
        json!({"echo": json!(text).to_string()}).to_string()
    }),
    ("html", html),
    ("cut", |text| {
        let length = text.chars().count();
        text.chars().take(length - length / 3).collect()
    }),
];

fn html(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}

/// Secrets of 12 to 43 characters, of those that need escapes too.
fn secrets() -> Vec<String> {
    let letters: Vec<char> = ('!'..='~').filter(|c| !"\\{};,%".contains(*c)).collect();
    let mut state = 17_u64;
    let mut next = |below: usize| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap() % below
    };
    let mut secret = |number: usize| -> String {
        let length = 12 + number % 32;
        (0..length).map(|_| letters[next(letters.len())]).collect()
    };
    (0..SECRETS).map(&mut secret).collect()
}

/// The beginning of a secret in every way of writing it.
fn traces(secret: &str) -> HashSet<String> {
    let start: String = secret.chars().take(8).collect();
    let inside = |before: usize| {
        let encoded = STANDARD_NO_PAD.encode([&vec![0; before], start.as_bytes()].concat());
        let whole = (before * 8).div_ceil(6)..(before + start.len()) * 8 / 6;
        encoded[whole].to_owned()
    };
    let url_safe = |text: String| text.replace('+', "-").replace('/', "_");
    let mut all = HashSet::from([
        hex::encode(&start),
        hex::encode_upper(&start),
        utf8_percent_encode(&start, NON_ALPHANUMERIC).to_string(),
        json!(start).as_str().unwrap().to_owned(),
        json!(start).to_string().trim_matches('"').to_owned(),
        html(&start),
        start.clone(),
    ]);
    for before in 0..3 {
        all.extend([inside(before), url_safe(inside(before))]);
    }
    all
}

/// What finds anything of them in a text.
fn finder(secrets: &[String]) -> Regex {
    let traces: HashSet<String> = secrets.iter().flat_map(|secret| traces(secret)).collect();
    let mut literals: Vec<String> = traces.iter().map(|trace| regex::escape(trace)).collect();
    // Of none, it finds nothing.
    literals.push(r"[^\s\S]".to_owned());
    RegexBuilder::new(&literals.join("|"))
        .size_limit(1 << 28)
        .build()
        .unwrap()
}

/// Panics when there is anything of a secret in a text.
#[track_caller]
fn absent(what: &str, text: &str, finder: &Regex) {
    let found = finder.find(text);
    let around = found.map(|found| text[found.start()..].chars().take(80).collect::<String>());
    assert_eq!(around, None, "in {what}");
}

/// The same for every file below a folder; says how many there are.
#[track_caller]
fn absent_below(folder: &Path, finder: &Regex) -> usize {
    let entries = std::fs::read_dir(folder).unwrap();
    let files = entries.map(|entry| {
        let path = entry.unwrap().path();
        if path.is_dir() {
            return absent_below(&path, finder);
        }
        let text = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned();
        absent(&path.display().to_string(), &text, finder);
        1
    });
    files.sum()
}

/// Answers `/STATUS/WAY/NUMBER` with the secret of that number, written in that
/// way with something before and after it.
fn server() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || {
                let mut reader = BufReader::new(stream);
                while answer(&mut reader).is_some() {}
            });
        }
    });
    url
}

fn answer(reader: &mut BufReader<TcpStream>) -> Option<()> {
    let (mut first, mut line, mut length) = (String::new(), String::new(), 0);
    reader.read_line(&mut first).ok()?;
    while reader.read_line(&mut line).ok()? > 2 {
        if let Some(told) = line.to_lowercase().strip_prefix("content-length: ") {
            length = told.trim().parse().unwrap();
        }
        line.clear();
    }
    reader.read_exact(&mut vec![0; length]).ok()?;
    let path = first.split([' ', '?']).nth(1)?;
    let mut parts = path.split('/').skip(1);
    let (status, way, number) = (parts.next()?, parts.next()?, parts.next()?);
    let number: usize = number.parse().unwrap();
    let secret = &secrets()[number - 1];
    let (_, write) = WAYS.iter().find(|(name, _)| *name == way)?;
    let around = &"abc"[..number % 3];
    // The beginning alone would not be one when it were at the end.
    let whole = if way == "cut" {
        secret.clone()
    } else {
        format!("{around}{secret}{around}")
    };
    let body = format!("no {} for you", write(&whole));
    let head = format!(
        "HTTP/1.1 {status} Echo\r\nX-Echo: {}\r\nContent-Length: {}\r\n\r\n",
        write(&whole).replace(['\r', '\n'], ""),
        body.len()
    );
    reader.get_mut().write_all((head + &body).as_bytes()).ok()
}

/// Six ways of sending a secret, which the server repeats.
fn requests() -> [(&'static str, Value); 6] {
    let secret = "{{ secrets[N - 1] }}";
    [
        (
            "bearer",
            json!({"headers": {"Authorization": format!("Bearer {secret}")}}),
        ),
        ("key", json!({"headers": {"X-Api-Key": secret}})),
        ("query", json!({"query": {"access_token": secret}})),
        (
            "json",
            json!({"json": {"user": "ada", "newPassword": secret}}),
        ),
        (
            "form",
            json!({"form": {"user": "ada", "client_secret": secret}}),
        ),
        (
            "cookie",
            json!({"headers": {"Cookie": format!("theme=d; sid={secret}")}}),
        ),
    ]
}

/// A scenario of one request in every way of writing, for every secret: in as
/// many iterations, each of which fails otherwise, or in one of as many plays.
fn scenario(url: &str, request: &Value, plays: bool) -> String {
    let scenarios = WAYS.map(|(way, _)| {
        let number = if plays { "round" } else { "iteration" };
        let status = if plays { "200" } else { "{{ 399 + iteration }}" };
        let mut http = request.clone();
        http["url"] = json!(format!("{url}/{status}/{way}/{{{{ {number} }}}}"));
        let mut step = json!({"http": http, "name": way});
        if plays {
            step["repeat"] = json!(SECRETS);
        }
        let step: Value = serde_json::from_str(&step.to_string().replace("[N - 1]", &format!("[{number} - 1]"))).unwrap();
        let iterations = if plays { 1 } else { SECRETS };
        (way.to_owned(), json!({"executor": "per_vu_iterations", "vus": 1, "iterations": iterations, "steps": [step]}))
    });
    let scenarios: serde_json::Map<_, _> = scenarios.into_iter().collect();
    json!({"name": "echo", "vars": {"secrets": secrets()}, "scenarios": scenarios}).to_string()
}

#[test]
fn two_hundred_secrets_in_eight_ways_are_in_no_output() {
    let (url, finder) = (server(), finder(&secrets()));
    for (name, request) in requests() {
        let work = Work::new();
        let file = work.write("a.yaml", &scenario(&url, &request, false));
        let ended = work.run(&["run", &file]).expect(1);
        let errors = work.report()["errors"].as_array().unwrap().clone();
        // Each in a group of its own, so that each message is told.
        assert_eq!(errors.len(), WAYS.len() * SECRETS, "{name}");
        let hidden = |error: &&Value| error["sample"].as_str().unwrap().contains("[secret]");
        assert_eq!(errors.iter().filter(hidden).count(), errors.len(), "{name}");
        absent(&format!("{name}, standard output"), &ended.out, &finder);
        absent(&format!("{name}, standard error"), &ended.err, &finder);
        assert!(absent_below(&work.path().join("reports"), &finder) >= 9);
    }
}

#[test]
fn two_hundred_secrets_in_eight_ways_are_in_no_trace() {
    let (url, finder) = (server(), finder(&secrets()));
    for (name, request) in requests().into_iter().step_by(2) {
        let work = Work::new();
        let file = work.write("a.yaml", &scenario(&url, &request, true));
        let ended = work.run(&["run", &file, "--trace", "*"]).expect(0);
        let answers = ended.out.matches("← 200 OK").count();
        assert_eq!(answers, WAYS.len() * SECRETS, "{name}");
        absent(&format!("{name}, trace"), &ended.out, &finder);
        absent(&format!("{name}, standard error"), &ended.err, &finder);
    }
}

#[test]
fn the_journal_of_a_killed_run_has_none_either() {
    let (url, finder) = (server(), finder(&secrets()));
    let [_, (_, request), ..] = requests();
    let work = Work::new();
    let text = scenario(&url, &request, false);
    let mut plan: Value = serde_json::from_str(&text).unwrap();
    let wait = json!({"steps": [{"sleep": "2m"}]});
    plan["scenarios"]["wait"] = wait;
    let file = work.write("a.yaml", &plan.to_string());
    let mut command = work.rehearse(&["run", &file]);
    let mut child = command
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let journal = || {
        let folder = std::fs::read_dir(work.path().join("reports"))
            .ok()?
            .next()?;
        std::fs::read_to_string(folder.unwrap().path().join("journal.jsonl")).ok()
    };
    let began = Instant::now();
    let last = format!("http {}", 399 + SECRETS);
    while journal().is_none_or(|text| text.matches(&last).count() < WAYS.len()) {
        assert!(began.elapsed() < Duration::from_secs(120));
        std::thread::sleep(Duration::from_millis(100));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(journal().unwrap().contains("[secret]"));
    absent_below(&work.path().join("reports"), &finder);
}

#[test]
fn the_tutorial_against_a_server_that_repeats_its_requests_shows_no_secret() {
    let mut told = 0;
    for from in 0..24 {
        let work = Work::new();
        let simulator = work.simulate(&[]);
        let (_, write) = WAYS[from % WAYS.len()];
        let tap = Tap::echoing(&simulator.address, from, write);
        let path = work.path().join("target.yaml");
        let target = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, target.replace(&simulator.address, &tap.address)).unwrap();
        let file = shipped("tutorial.yaml");
        let ended = work.run(&["run", &file, "--target", "target.yaml"]);
        let secrets = tap.secrets().all();
        let long: Vec<String> = secrets
            .into_iter()
            .filter(|secret| secret.len() >= 8)
            .collect();
        let finder = finder(&long);
        absent("standard output", &ended.out, &finder);
        absent("standard error", &ended.err, &finder);
        absent_below(&work.path().join("reports"), &finder);
        told += ended.out.matches("500 Internal Server Error").count();
        if ended.code == Some(0) {
            break;
        }
    }
    assert!(told > 8, "{told}");
}

#[test]
fn what_was_asked_for_is_not_told_when_its_status_was_not() {
    let work = Work::new();
    let _simulator = work.simulate(&[]);
    let register = r#"      - register: {email: "{{ fake.email() }}", responsible: "{{ target.responsible }}"}
        as: me
"#;
    let token = r#"{url: "/rest/v2/user/token/{{ me.user_id }}/ci?tokenValidity=9", method: POST, auth: user"#;
    let login = r#"{url: /rest/v2/auth/login, method: POST, json: {username: "{{ me.login }}", password: "{{ me.token }}"}"#;
    let steps = [
        format!("      - http: {token}, status: 201}}\n        name: one\n"),
        format!("      - http: {login}, status: 201}}\n        name: one\n"),
        format!(
            "      - http: {login}}}\n        name: one\n        as: it\n        expect: it.json.token == 'x'\n"
        ),
        format!(
            "      - http: {login}}}\n        name: one\n        as: it\n        expect: it.json == 'x'\n"
        ),
        format!(
            "      - http: {login}}}\n        name: one\n        as: it\n        expect: it.body == 'x'\n"
        ),
        format!(
            "      - http: {token}}}\n        name: one\n        as: it\n        expect: it.body|upper == 'x'\n"
        ),
        format!(
            "      - http: {token}}}\n        name: one\n        as: it\n        expect: it.body|length < 3 or it.body|list|join('') == 'x'\n"
        ),
        format!(
            "      - http: {login}}}\n        name: one\n        capture: {{x: {{regex: '\"token\":\"([^\"]+)'}}}}\n        expect: x == 'y'\n"
        ),
        format!(
            "      - http: {login}}}\n        name: one\n        as: it\n        expect: it.json.token < 3\n"
        ),
    ];
    for step in steps {
        let file = work.write(
            "a.yaml",
            &format!("name: a\nscenarios:\n  s:\n    steps:\n{register}{step}"),
        );
        let ended = work
            .run(&["run", &file, "--target", "target.yaml"])
            .expect(1);
        let told = ended
            .out
            .split("✗ one, ")
            .nth(1)
            .unwrap_or_else(|| panic!("{}", ended.out));
        assert!(!told.contains("eyJ"), "{step}: {told}");
        // A token is a UUID or 32 digits.
        let long = |word: &str| {
            word.len() >= 30 && word.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
        };
        let token = told
            .split(|c: char| !c.is_ascii_alphanumeric() && c != '-')
            .find(|word| long(word));
        assert_eq!(token, None, "{step}: {told}");
    }
}
