//! `rehearse lsp`, spoken to as an editor does. `tests/editor/run` has a real one.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::{Value, json};

use crate::work::Work;

/// A server that does not answer is an error, not a test without end.
const PATIENCE: Duration = Duration::from_secs(60);

struct Editor {
    child: Child,
    input: Option<ChildStdin>,
    messages: Receiver<Value>,
    asked: u64,
    folder: String,
    /// What is wrong, by the name of the file.
    problems: BTreeMap<String, Vec<Value>>,
}

impl Editor {
    fn start(work: &Work) -> Self {
        let mut command = work.rehearse(&["lsp"]);
        let pipes = command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = pipes.stderr(Stdio::piped()).spawn().unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let (send, messages) = channel();
        std::thread::spawn(move || {
            while let Some(message) = next(&mut output) {
                if send.send(message).is_err() {
                    return;
                }
            }
        });
        Self {
            input: child.stdin.take(),
            child,
            messages,
            asked: 0,
            folder: format!("file://{}", work.path().canonicalize().unwrap().display()),
            problems: BTreeMap::new(),
        }
    }

    /// One that has said what it can do.
    fn new(work: &Work) -> Self {
        let mut editor = Self::start(work);
        let told = editor.ask("initialize", &json!({"capabilities": {}}));
        assert_eq!(told["serverInfo"]["name"], "rehearse");
        editor.tell("initialized", &json!({}));
        editor
    }

    fn write(&mut self, bytes: &[u8]) {
        self.input.as_mut().unwrap().write_all(bytes).unwrap();
    }

    fn send(&mut self, message: &Value) {
        let text = message.to_string();
        self.write(format!("Content-Length: {}\r\n\r\n{text}", text.len()).as_bytes());
    }

    fn tell(&mut self, method: &str, params: &Value) {
        self.send(&json!({"jsonrpc": "2.0", "method": method, "params": params}));
    }

    /// The answer, with what is wrong noted that comes before it.
    fn reply(&mut self, method: &str, params: &Value) -> Value {
        self.asked += 1;
        let id = self.asked;
        self.send(&json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}));
        loop {
            let message = self.messages.recv_timeout(PATIENCE).unwrap();
            assert_eq!(message["jsonrpc"], "2.0");
            if message["id"] == id {
                return message;
            }
            let params = &message["params"];
            let name = params["uri"].as_str().unwrap().rsplit('/').next();
            let found = params["diagnostics"].as_array().unwrap().clone();
            self.problems.insert(name.unwrap().to_owned(), found);
        }
    }

    fn ask(&mut self, method: &str, params: &Value) -> Value {
        let mut reply = self.reply(method, params);
        assert!(reply.get("error").is_none(), "{reply}");
        reply["result"].take()
    }

    fn open(&mut self, name: &str, text: &str) {
        let uri = format!("{}/{name}", self.folder);
        let document = json!({"uri": uri, "languageId": "yaml", "version": 1, "text": text});
        self.tell("textDocument/didOpen", &json!({"textDocument": document}));
    }

    fn change(&mut self, name: &str, text: &str) {
        let uri = format!("{}/{name}", self.folder);
        let params = json!({
            "textDocument": {"uri": uri, "version": 2},
            "contentChanges": [{"text": text}],
        });
        self.tell("textDocument/didChange", &params);
    }

    /// Asks about the place in an open text where `|` is.
    fn at(&mut self, method: &str, name: &str, marked: &str) -> Value {
        let before = &marked[..marked.find('|').unwrap()];
        let line = before.matches('\n').count();
        let character = before.rsplit('\n').next().unwrap().encode_utf16().count();
        let params = json!({
            "textDocument": {"uri": format!("{}/{name}", self.folder)},
            "position": {"line": line, "character": character},
        });
        self.ask(&format!("textDocument/{method}"), &params)
    }

    /// Opens the text without its `|`, and asks about the place where it was.
    fn asked_of(&mut self, method: &str, marked: &str) -> Value {
        self.open("a.yaml", &marked.replacen('|', "", 1));
        self.at(method, "a.yaml", marked)
    }

    fn labels(&mut self, marked: &str) -> Vec<String> {
        let items = self.asked_of("completion", marked);
        let items = items.as_array().unwrap().iter();
        items
            .map(|item| item["label"].as_str().unwrap().to_owned())
            .collect()
    }

    /// What is wrong with a file, once the server is quiet.
    fn problems_of(&mut self, name: &str) -> Vec<Value> {
        loop {
            if let Some(found) = self.problems.remove(name) {
                return found;
            }
            let message = self.messages.recv_timeout(PATIENCE).unwrap();
            let params = &message["params"];
            let told = params["uri"].as_str().unwrap().rsplit('/').next().unwrap();
            let found = params["diagnostics"].as_array().unwrap().clone();
            self.problems.insert(told.to_owned(), found);
        }
    }

    /// Ends it, and gives the exit code and what it said on standard error.
    fn end(mut self) -> (Option<i32>, String) {
        drop(self.input.take());
        let code = self.child.wait().unwrap().code();
        let mut said = String::new();
        let mut errors = self.child.stderr.take().unwrap();
        errors.read_to_string(&mut said).unwrap();
        (code, said)
    }
}

impl Drop for Editor {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn next(output: &mut impl BufRead) -> Option<Value> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        if output.read_line(&mut line).unwrap() == 0 {
            return None;
        }
        if line == "\r\n" {
            break;
        }
        length = line
            .strip_prefix("Content-Length: ")?
            .trim()
            .parse()
            .unwrap();
    }
    let mut body = vec![0; length];
    output.read_exact(&mut body).unwrap();
    Some(serde_json::from_slice(&body).unwrap())
}

const WRONG: &str = "scenarios:
  ä:
    steps:
      - include: {file: lib.yaml}
      - registr: {}
      - http: {url: \"/𝄞{{ nobody }}\"}
";

#[test]
fn what_is_wrong_is_what_check_says_of_the_text_that_is_open() {
    let work = Work::new();
    work.write("lib.yaml", "steps: [reload]\n");
    // On the disk it is right: what is open counts, of the library too.
    work.write("wrong.yaml", "scenarios: {a: {steps: [reload]}}\n");
    let mut editor = Editor::new(&work);
    let library = "steps:\n  - http: {ulr: /}\n";
    editor.open("lib.yaml", library);
    editor.open("wrong.yaml", WRONG);
    let mut told: Vec<(String, Value)> = Vec::new();
    for name in ["lib.yaml", "wrong.yaml"] {
        let found = loop {
            let found = editor.problems_of(name);
            if !found.is_empty() {
                break found;
            }
        };
        told.extend(found.into_iter().map(|one| (name.to_owned(), one)));
    }
    work.write("lib.yaml", library);
    work.write("wrong.yaml", WRONG);
    let ended = work
        .run(&["check", "--format", "json", "wrong.yaml"])
        .expect(2);
    let checked: Value = serde_json::from_str(&ended.out).unwrap();
    let checked = checked["problems"].as_array().unwrap();
    assert_eq!(checked.len(), told.len(), "{told:#?}");
    for problem in checked {
        let message = problem["message"].as_str().unwrap();
        let same = told.iter().find(|(name, one)| {
            let text = one["message"].as_str().unwrap();
            problem["file"] == **name && text.lines().next() == message.lines().next()
        });
        let (_, same) = same.unwrap_or_else(|| panic!("{problem} in {told:#?}"));
        assert_eq!(same["code"], problem["rule"]);
        let line = problem["line"].as_u64().unwrap() - 1;
        assert_eq!(same["range"]["start"]["line"], line);
    }
    // Units of UTF-16: the sign before the name is two of them, and one character.
    let (_, undefined) = told
        .iter()
        .find(|(_, it)| it["code"] == "undefined")
        .unwrap();
    let column = WRONG.lines().nth(5).unwrap();
    let before = &column[..column.find("nobody").unwrap()];
    assert_eq!(
        undefined["range"]["start"]["character"],
        before.encode_utf16().count()
    );
    // Put right, nothing is left; and closed, the file on the disk counts again.
    editor.change("lib.yaml", "steps: [reload]\n");
    assert_eq!(editor.problems_of("lib.yaml"), Vec::<Value>::new());
}

#[test]
fn yaml_of_others_is_left_alone() {
    let work = Work::new();
    work.write("compose.yaml", "services: {a: {}}\n");
    work.write("broken.yaml", "services: [\n");
    let mut editor = Editor::new(&work);
    for name in ["compose.yaml", "broken.yaml"] {
        let text = std::fs::read_to_string(work.path().join(name)).unwrap();
        editor.open(name, &text);
        assert_eq!(editor.problems_of(name), Vec::<Value>::new());
    }
}

#[test]
fn a_key_a_word_and_a_name_say_what_they_are() {
    let work = Work::new();
    let mut editor = Editor::new(&work);
    let schema = include_str!("../../docs/scenario.schema.json");
    let schema: Value = serde_json::from_str(schema).unwrap();
    let step = &schema["definitions"]["step"]["anyOf"][0]["properties"];
    let mut said = |text: &str| {
        let hover = editor.asked_of("hover", text);
        hover["contents"]["value"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    };
    for (text, described) in [
        (
            "scenarios: {s: {steps: [{re|gister: {email: x}}]}}",
            &step["register"],
        ),
        (
            "scenarios:\n  s:\n    steps:\n      - register:\n          respons|ible: x\n",
            &step["register"]["anyOf"][0]["properties"]["responsible"],
        ),
        ("scen|arios: {}", &schema["properties"]["scenarios"]),
    ] {
        let described = described["description"].as_str().unwrap();
        let said = said(text);
        assert!(said.contains(described), "{said:?} has no {described:?}");
    }
    let said_of_word = said("scenarios: {s: {executor: ramping|_vus, steps: []}}");
    assert!(
        said_of_word.starts_with("`ramping_vus`: "),
        "{said_of_word}"
    );
    let text = "vars: {a: 1}\nscenarios: {s: {steps: [{http: {url: \"/{{ |a }}\"}}]}}";
    assert_eq!(said(text), "`a`: variable of `vars`: `1`");
    assert_eq!(said("scenarios: {s: {steps: [re|lo: 1]}}"), "");
}

/// A text with the cursor in it, what is offered there, and what is not.
const COMPLETED: &[(&str, &[&str], &[&str])] = &[
    (
        "scenarios:\n  s:\n    steps:\n      - http: {url: /}\n        expect:\n          |\n",
        &["status", "json", "header"],
        &["contains"],
    ),
    (
        "scenarios:\n  s:\n    steps:\n      - http: {url: /}\n        expect:\n          json:\n            name:\n              |\n",
        &["contains", "starts_with", "exists"],
        &["status"],
    ),
    ("|", &["scenarios", "target", "thresholds"], &["steps"]),
    ("na|\nscenarios: {}\n", &["name", "vars"], &["scenarios"]),
    (
        "scenarios:\n  s:\n    |\n",
        &["steps", "executor", "vus"],
        &["name"],
    ),
    (
        "scenarios:\n  s:\n    executor: constant_arrival_rate\n    |\n    steps: [reload]\n",
        &["rate", "pre_allocated_vus"],
        &["stages", "steps", "executor"],
    ),
    (
        "scenarios:\n  s:\n    executor: |\n    steps: [reload]\n",
        &["ramping_vus", "constant_arrival_rate"],
        &["steps"],
    ),
    (
        "scenarios:\n  s:\n    steps:\n      - |\n",
        &["register", "data_sample.create", "parallel", "reload"],
        &["executor"],
    ),
    (
        "scenarios:\n  s:\n    steps:\n      - data_s|\n      - reload\n",
        &["data_sample.create"],
        &[],
    ),
    (
        "scenarios:\n  s:\n    steps:\n      - register:\n          email: a@example.org\n          resp|\n",
        &["responsible", "save"],
        &["email", "as"],
    ),
    (
        "scenarios:\n  s:\n    steps:\n      - register: {email: a@example.org, |\n      - reload\n",
        &["responsible"],
        &["email"],
    ),
    (
        "scenarios:\n  s:\n    steps:\n      - reload: {}\n        |\n",
        &["as", "expect", "retry"],
        &["login"],
    ),
    (
        "scenarios:\n  s:\n    steps:\n      - login:\n          email: x\n        |as: found\n",
        &["expect"],
        &["email"],
    ),
    (
        "api_url: http://a\notp:\n  source: imap\n  |\n",
        &["host", "password"],
        &["url"],
    ),
    (
        "steps:\n  - http: {url: /, method: |}\n",
        &["GET", "POST"],
        &[],
    ),
    (
        "vars: {city: Liège}\nsetup:\n  - reload: {}\n    as: early\nscenarios:\n  s:\n    steps:\n      - reload: {}\n        as: first\n      - http: {url: \"/{{ |\n  t:\n    steps:\n      - reload: {}\n        as: other\n",
        &["city", "early", "first", "vu", "fake"],
        &["other"],
    ),
    (
        "vars: {city: Liège}\nscenarios:\n  s:\n    steps:\n      - reload: {}\n        expect: ci|\n",
        &["city", "iteration"],
        &["steps"],
    ),
    (
        "scenarios:\n  s:\n    steps:\n      - http: {url: \"/{{ fake.em| }}\"}\n",
        &["fake.email"],
        &["city"],
    ),
    (
        "scenarios:\n  s:\n    steps:\n      - patient.get: {}\n        as: created\n      - http: {url: \"/{{ created.| }}\"}\n",
        &["created.id", "created.date_of_birth"],
        &["created", "created.status"],
    ),
    (
        "scenarios:\n  s:\n    steps:\n      - data_sample.create: {content: {en: {stringValue: x}}}\n        as: many\n        repeat: 2\n      - http: {url: /x}\n        as: answer\n      - http: {url: /y}\n        when: answer.st|\n",
        &["answer.status"],
        &["many.id"],
    ),
    (
        "scenarios:\n  s:\n    steps:\n      - reload: {}\n        as: all\n        repeat: 2\n      - http: {url: \"/{{ all.| }}\"}\n",
        &[],
        &["all.login"],
    ),
];

#[test]
fn keys_steps_words_and_names_are_completed_while_they_are_typed() {
    let work = Work::new();
    let mut editor = Editor::new(&work);
    for &(text, there, not_there) in COMPLETED {
        let labels = editor.labels(text);
        let has = |name: &&str| {
            labels
                .iter()
                .any(|label| label.trim_end_matches("()") == *name)
        };
        for name in there {
            assert!(has(name), "no {name} in {labels:?} of {text}");
        }
        for name in not_there {
            assert!(!has(name), "{name} in {labels:?} of {text}");
        }
    }
    // The word is replaced, and what was typed is no part of another key.
    let text = "scenarios:\n  s:\n    ste|\n";
    let items = editor.asked_of("completion", text);
    let items = items.as_array().unwrap();
    let steps = items.iter().find(|item| item["label"] == "steps").unwrap();
    assert_eq!(steps["textEdit"]["newText"], "steps:");
    assert_eq!(
        steps["textEdit"]["range"]["start"],
        json!({"line": 2, "character": 4})
    );
}

#[test]
fn a_name_leads_to_the_step_and_a_file_to_the_file() {
    let work = Work::new();
    work.write("lib.yaml", "steps:\n  - reload: {}\n    as: deep\n");
    work.write("target.yaml", "api_url: http://127.0.0.1:1\n");
    work.write("a.yaml", "");
    let mut editor = Editor::new(&work);
    let text = "target: target.yaml
vars: {city: Liège}
scenarios:
  s:
    steps:
      - reload: {}
        as: first
      - include: {file: lib.yaml}
      - http: {url: \"/{{ city }}/{{ first.user.id }}\"}
        when: deep is defined and vu == 1
";
    editor.open("a.yaml", text);
    for (word, file, line, character) in [
        ("city }}", "a.yaml", 1, 7),
        ("first.user", "a.yaml", 6, 12),
        ("user.id", "a.yaml", 6, 12),
        ("deep is", "lib.yaml", 2, 8),
        ("lib.yaml", "lib.yaml", 0, 0),
        ("target.yaml", "target.yaml", 0, 0),
    ] {
        let marked = text.replacen(word, &format!("|{word}"), 1);
        let place = editor.at("definition", "a.yaml", &marked);
        let uri = place["uri"].as_str().unwrap_or_default();
        assert!(uri.ends_with(file), "{word}: {place}");
        let start = json!({"line": line, "character": character});
        assert_eq!(place["range"]["start"], start, "{word}");
    }
    let marked = text.replacen("vu ==", "|vu ==", 1);
    assert_eq!(editor.at("definition", "a.yaml", &marked), Value::Null);
}

#[test]
fn a_text_is_formatted_as_fmt_does_it() {
    let work = Work::new();
    let ugly = "# why\nscenarios:\n    a:   {steps: [ reload ]}\n";
    work.write("a.yaml", ugly);
    let mut editor = Editor::new(&work);
    editor.open("a.yaml", ugly);
    let params = json!({
        "textDocument": {"uri": format!("{}/a.yaml", editor.folder)},
        "options": {"tabSize": 8, "insertSpaces": false},
    });
    let edits = editor.ask("textDocument/formatting", &params);
    work.run(&["fmt", "a.yaml"]).expect(0);
    let formatted = std::fs::read_to_string(work.path().join("a.yaml")).unwrap();
    assert_eq!(edits[0]["newText"], *formatted);
    assert_eq!(edits[0]["range"]["end"], json!({"line": 3, "character": 0}));
    for text in [&*formatted, "scenarios: ["] {
        editor.change("a.yaml", text);
        assert_eq!(editor.ask("textDocument/formatting", &params), Value::Null);
    }
}

#[test]
fn a_conversation_has_an_order_and_an_end() {
    let work = Work::new();
    let mut editor = Editor::start(&work);
    let early = editor.reply("textDocument/hover", &json!({}));
    assert_eq!(early["error"]["code"], -32002);
    editor.ask("initialize", &json!({"capabilities": {}}));
    assert_eq!(
        editor.reply("nothing/known", &json!({}))["error"]["code"],
        -32601
    );
    assert_eq!(
        editor.reply("textDocument/hover", &json!({}))["error"]["code"],
        -32602
    );
    assert_eq!(editor.ask("shutdown", &Value::Null), Value::Null);
    assert_eq!(
        editor.reply("textDocument/hover", &json!({}))["error"]["code"],
        -32600
    );
    editor.tell("exit", &Value::Null);
    assert_eq!(editor.end(), (Some(0), String::new()));
    // One that is gone without a word.
    assert_eq!(Editor::new(&work).end().0, Some(1));
    for nonsense in [
        "Content-Length: 999999999999\r\n\r\n",
        "Content-Length: 3\r\n\r\nno!",
        "GET / HTTP/1.1\r\n\r\n",
    ] {
        let mut editor = Editor::new(&work);
        editor.write(nonsense.as_bytes());
        let (code, said) = editor.end();
        assert_eq!(code, Some(2), "{said}");
        assert!(
            said.contains("the language server has stopped: a message"),
            "{said}"
        );
    }
}
