//! What servers, files and mails say is shown, never sent: no output holds a
//! character that commands a terminal, turns a line, or cannot be seen.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::work::{Ended, Work};

/// One of each kind. As YAML and JSON write it in a text: [`WRITTEN`].
const BAD: &str = "\u{1b}[9A\u{1b}]0;t\u{7}\u{9b}31m\u{7f}\r\u{202e}\u{2066}\u{200f}\u{61c}\u{200b}\u{feff}\u{2028}";
const WRITTEN: &str = r"\u001b[9A\u001b]0;t\u0007\u009b31m\u007f\r\u202e\u2066\u200f\u061c\u200b\ufeff\u2028\n  ✓ forged";

fn is_raw(c: char) -> bool {
    matches!(c, '\u{0}'..='\u{8}' | '\u{b}'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{61c}' | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e0fff}')
}

#[track_caller]
fn is_clean(what: &str, text: &str) {
    let text = text.replace("\r\n", "\n");
    let raw = text.chars().find(|c| is_raw(*c));
    let line = text.lines().find(|line| line.contains(is_raw));
    assert_eq!(raw, None, "in {what}: {line:?}");
    // A page breaks its lines itself.
    let forged = text.contains("\n  ✓ forged") && !what.contains("report.html");
    assert!(!forged, "in {what}:\n{text}");
}

#[track_caller]
fn said_cleanly(what: &str, ended: &Ended) {
    is_clean(&format!("{what}, standard output"), &ended.out);
    is_clean(&format!("{what}, standard error"), &ended.err);
}

#[track_caller]
fn wrote_cleanly(folder: &Path) -> usize {
    let entries = std::fs::read_dir(folder).unwrap();
    let files = entries.map(|entry| {
        let path = entry.unwrap().path();
        if path.is_dir() {
            return wrote_cleanly(&path);
        }
        let text = String::from_utf8(std::fs::read(&path).unwrap()).unwrap();
        is_clean(&path.display().to_string(), &text);
        1
    });
    files.sum()
}

/// Answers each request, by its path, with the rest of an answer after `HTTP/1.1 `.
fn serve(mut answer: impl FnMut(&str) -> String + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            let mut first = String::new();
            let _ = reader.read_line(&mut first);
            let mut line = String::new();
            while reader.read_line(&mut line).is_ok_and(|read| read > 2) {
                line.clear();
            }
            let said = answer(first.split(' ').nth(1).unwrap_or_default());
            let _ = stream.write_all(format!("HTTP/1.1 {said}").as_bytes());
        }
    });
    url
}

/// Answers everything with the worst that it can think of.
fn server() -> String {
    serve(|path| {
        let json = format!("{{\"message\": \"{WRITTEN}\", \"{WRITTEN}\": \"{WRITTEN}\"}}");
        let page = format!("<title>x {BAD}\n  ✓ forged</title>");
        let (status, body) = match path {
            "/text" => (500, BAD.to_owned()),
            "/json" => (500, json),
            "/page" => (500, page),
            _ => (200, json),
        };
        let length = body.len();
        format!(
            "{status} \u{9b}31m\u{202e}\r\nX-Odd: \u{9b}31m\u{202e}\r\nContent-Type: a/b\u{202e}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
        )
    })
}

/// A mailbox with one mail, which comes once somebody waits for it. `written` puts
/// a text into its headers.
fn mailbox(kind: &'static str, written: fn(&str) -> String) -> String {
    let mut asked = 0;
    serve(move |path| {
        let body = if path.ends_with("/raw") {
            let now = jiff::Timestamp::now().strftime("%a, %d %b %Y %H:%M:%S +0000");
            let bad = written(BAD);
            format!(
                "From: {bad} <{bad}@example.org>\r\nTo: {bad} <ada@example.org>\r\nSubject: {bad} your code\r\n\
                 Message-ID: <{bad}>\r\nX-{bad}: {bad}\r\nDate: {now}\r\nContent-Type: {kind}\r\n\r\n\
                 none {BAD}\n  ✓ forged\r\n"
            )
        } else {
            asked += 1;
            let first = asked > 1 && path.contains("start=0");
            let list = if first { "{\"ID\": \"a\"}" } else { "" };
            format!("{{\"messages\": [{list}]}}")
        };
        let length = body.len();
        format!("200 OK\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}")
    })
}

/// JSON, which is YAML too, with nothing in it but ASCII.
fn json(value: &Value) -> String {
    let escaped = |c: char| {
        if is_raw(c) {
            format!("\\u{:04x}", u32::from(c))
        } else {
            c.to_string()
        }
    };
    value.to_string().chars().map(escaped).collect()
}

/// A scenario of which everything has a bad name, and every step fails by what
/// others said.
fn scenario(work: &Work, url: &str) -> String {
    let name = format!("a {BAD}\n  ✓ forged");
    let ask = |path: &str| json!({"url": format!("{url}{path}")});
    let steps = [
        json!({"http": ask("/text")}),
        json!({"http": ask("/json")}),
        json!({"http": ask("/page")}),
        json!({"http": ask("/good"), "capture": {"x": {"jsonpath": "$.nothing"}}}),
        json!({"http": ask("/good"), "capture": {"x": {"header": "X-None"}}}),
        json!({"http": ask("/good"), "as": "it", "expect": "it.json.message == 'x'"}),
        json!({"http": ask("/good"), "as": "it", "check": format!("it.json.message == '{name}y'")}),
        json!({"http": ask("/good"), "as": "it", "expect": "it.headers['x-odd'] == 'y'"}),
        json!({"http": ask("/good"), "as": "it", "expect": "f.cell == 'y'"}),
        json!({"http": {"url": format!("{url}/good"), "schema": {"required": [name]}}}),
        json!({"http": {"url": format!("{url}/good"), "headers": {"X": "{{ f.cell }}\r"}}}),
    ];
    let scenarios = steps.into_iter().enumerate().map(|(number, mut step)| {
        step["name"] = json!(format!("{number} {name}"));
        (
            format!("{number} {name}"),
            json!({"feed": "f", "steps": [step]}),
        )
    });
    work.write("rows.csv", &format!("cell\n\"{BAD}\n  ✓ forged\"\n"));
    let plan = json!({
        "name": name,
        "feeders": {"f": {"csv": "rows.csv"}},
        "thresholds": {"step_duration": ["p95 < 1ns"]},
        "scenarios": scenarios.collect::<serde_json::Map<_, _>>(),
    });
    work.write(&format!("{BAD}\n  ✓ forged.yaml"), &json(&plan))
}

#[test]
fn a_run_shows_what_others_said_and_sends_none_of_it() {
    let (work, url) = (Work::new(), server());
    let file = scenario(&work, &url);
    let ended = work.run(&["run", &file]).expect(1);
    said_cleanly("run", &ended);
    assert!(
        ended
            .out
            .contains(r"\u{1b}]0;t\u{7}\u{9b}31m\u{7f}\r\u{202e}"),
        "{}",
        ended.out
    );
    assert!(wrote_cleanly(&work.path().join("reports")) >= 9);
    said_cleanly("trace", &work.run(&["run", &file, "--trace", "*"]));
    for format in ["text", "json"] {
        let ended = work
            .run(&["run", &file, "--dry-run", "--format", format])
            .expect(0);
        said_cleanly("dry-run", &ended);
        if format == "json" {
            serde_json::from_str::<Value>(&ended.out).unwrap();
        }
    }
    work.run(&["run", &file]);
    let folders = std::fs::read_dir(work.path().join("reports")).unwrap();
    let folders = folders
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir());
    let folders: Vec<String> = folders.map(|path| path.display().to_string()).collect();
    for format in ["text", "json", "markdown"] {
        let compared = work.run(&["compare", &folders[0], &folders[1], "--format", format]);
        said_cleanly("compare", &compared);
        assert!(!compared.out.is_empty(), "{}", compared.err);
    }
    for format in ["text", "json", "markdown", "svg"] {
        let ended = work.run(&["trend", "--stat", "error_rate", "--format", format]);
        said_cleanly("trend", &ended);
        assert!(!ended.out.is_empty(), "{}", ended.err);
    }
    for folder in &folders {
        said_cleanly("report", &work.run(&["report", folder]));
    }
    wrote_cleanly(&work.path().join("reports"));
}

#[test]
fn a_mail_is_shown_without_its_commands_whatever_its_subject_and_its_sender() {
    let work = Work::new();
    let user = "{email: ada@example.org, responsible: '{{ target.responsible }}', otp_timeout: 2s}";
    let text = format!("name: a\nscenarios: {{a: {{steps: [{{register: {user}}}]}}}}\n");
    let file = work.write("a.yaml", &text);
    let raw: fn(&str) -> String = |text| text.replace('\r', "");
    let coded: fn(&str) -> String = |text| format!("=?utf-8?b?{}?=", STANDARD.encode(text));
    let (plain, html) = ("text/plain; charset=utf-8", "text/html; charset=utf-8");
    for (kind, written) in [(plain, raw), (plain, coded), (html, coded)] {
        let url = mailbox(kind, written);
        let otp = format!("otp: {{source: http, preset: mailpit, url: '{url}', poll: 10ms}}");
        work.write("t.yaml", &format!("extends: simulator\n{otp}\n"));
        let run = ["run", &file, "--target", "t.yaml"];
        let ended = work.run(&run).expect(1);
        said_cleanly("run", &ended);
        let shown = r"in the message `none \u{1b}[";
        assert!(ended.out.contains(shown), "{}", ended.out);
        assert!(wrote_cleanly(&work.path().join("reports")) >= 9);
        said_cleanly("trace", &work.run(&[&run[..], &["--trace", "*"]].concat()));
    }
}

#[test]
fn what_is_wrong_with_a_file_is_told_without_its_commands() {
    let work = Work::new();
    let name = format!("{BAD}\n  ✓ forged");
    let files = [
        json!({"name": name, name.clone(): 1, "scenarios": {"a": {"steps": [{name.clone(): {}}]}}}),
        json!({"name": "a", "target": name, "scenarios": {name.clone(): {"steps": [{"sleep": name}]}}}),
        json!({"name": "a", "scenarios": {"a": {"steps": [{"http": {"url": format!("{{{{ {name} }}}}")}}]}}}),
        json!({"name": "a", "thresholds": {name.clone(): ["p95 < 1s"]}, "scenarios": {"a": {"feed": name, "steps": [{"sleep": "1ms"}]}}}),
        json!({"name": "a", "scenarios": {"a": {"executor": name, "steps": [{"include": {"file": name}}]}}}),
    ];
    for (number, file) in files.iter().enumerate() {
        let path = work.write(&format!("{number}{name}.yaml"), &json(file));
        for format in ["human", "json", "sarif"] {
            let ended = work.run(&["check", &path, "--format", format]).expect(2);
            said_cleanly("check", &ended);
            if format != "human" {
                serde_json::from_str::<Value>(&ended.out).unwrap();
            }
        }
        said_cleanly("run", &work.run(&["run", &path]).expect(2));
    }
    // As it is, which YAML refuses at different places.
    for c in BAD.chars() {
        let path = work.write(
            "raw.yaml",
            &format!("name: a{c}b\nscenarios: {{a{c}: {{steps: [{{x{c}: 1}}]}}}}\n"),
        );
        said_cleanly("check", &work.run(&["check", &path]));
    }
    for arguments in [
        &["run", &name][..],
        &["run", "none.yaml", &name],
        &["run", "none.yaml", "--target", &name],
        &["run", "none.yaml", "--seed", &name],
        &["report", &name],
        &["compare", &name, &name],
        &["trend", "--reports", &name],
        &["import", &name],
        &["vault", "show", &name, "--vault", &name],
        &["--format", &name],
    ] {
        let ended = work.run(arguments);
        assert_ne!(ended.code, Some(0));
        let (out, err) = (
            ended.out.replace("\n  ✓ forged", ""),
            ended.err.replace("\n  ✓ forged", ""),
        );
        said_cleanly("a command line", &Ended { out, err, ..ended });
    }
}

#[test]
fn what_is_imported_stays_what_it_was() {
    let work = Work::new();
    let name = format!("{BAD}\n  ✓ forged");
    let har = json!({"log": {"version": "1.2", "creator": {"name": "x", "version": "1"}, "entries": [{
        "request": {
            "method": "POST", "url": "http://127.0.0.1:1/x",
            "headers": [{"name": "X-Name", "value": BAD.replace('\r', "")}],
            "queryString": [{"name": name, "value": name}],
            "postData": {"mimeType": "text/plain", "text": name},
        },
        "response": {"status": 200, "headers": [], "content": {"size": 0, "mimeType": "text/html"}},
    }]}});
    let file = work.write("a.har", &har.to_string());
    let ended = work.run(&["import", "--from", "har", &file]).expect(0);
    said_cleanly("import", &ended);
    work.write("imported.yaml", &ended.out);
    work.run(&["check", "imported.yaml"]).expect(0);
    assert!(
        ended
            .out
            .contains(r"\u001b[9A\u001b]0;t\u0007\u009b31m\u007f\r\u202e"),
        "{}",
        ended.out
    );
}

/// Nothing that a tampered file says brings the program down, or is believed.
#[test]
fn tampered_recordings_and_reports_are_refused_in_words() {
    let work = Work::new();
    let text = "name: a\nscenarios: {a: {steps: [{sleep: 1ms}]}}\n";
    let file = work.write("a.yaml", text);
    work.run(&["run", &file, "-q"]).expect(0);
    let report = work.report_path();
    let folder = report.parent().unwrap();
    let measured = folder.join("measurements.json");
    let whole = std::fs::read_to_string(&measured).unwrap();
    let numbers = regex::Regex::new(r"-?\d+(\.\d+)?(e[+-]?\d+)?").unwrap();
    let deep = "[".repeat(100_000);
    for tampered in [
        deep.clone(),
        format!("{{\"a\": {deep}"),
        numbers.replace_all(&whole, "-1e308").into_owned(),
        numbers
            .replace_all(&whole, "18446744073709551615")
            .into_owned(),
        whole[..whole.len() / 2].to_owned(),
    ] {
        std::fs::write(&measured, tampered).unwrap();
        let ended = work.run(&["report", folder.to_str().unwrap()]).expect(2);
        said_cleanly("report", &ended);
        // Of numbers that are others, that of the form is one.
        let told = [
            "not the measurements of a run",
            "expected `rehearse/measurements/",
        ];
        let is_told = told.iter().any(|words| ended.err.contains(words));
        assert!(is_told, "{}", ended.err);
    }
    let renamed = whole.replace("\"a\"", &format!("\"{WRITTEN}\""));
    assert_ne!(renamed, whole);
    std::fs::write(&measured, renamed).unwrap();
    said_cleanly(
        "report",
        &work.run(&["report", folder.to_str().unwrap()]).expect(0),
    );
    wrote_cleanly(folder);
    let entry = |url: &str| {
        format!(
            "{{\"log\": {{\"entries\": [{{\"request\": {{\"method\": \"{WRITTEN}\", \"url\": \"{url}\"}}}}]}}}}"
        )
    };
    for recording in [
        deep.clone(),
        format!("{{\"log\": {deep}"),
        entry("file:///etc/passwd"),
        entry(WRITTEN),
    ] {
        work.write("a.har", &recording);
        let ended = work.run(&["import", "--from", "har", "a.har"]).expect(2);
        said_cleanly("import", &ended);
        assert!(ended.err.contains("a.har"), "{}", ended.err);
    }
}
