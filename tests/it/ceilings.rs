//! What a file can ask for has a ceiling: nothing hangs, and nothing aborts.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use crate::work::Work;

const PIPE: &str = "it is a pipe, not a file";

fn work_with_a_pipe() -> Work {
    let work = Work::new();
    let made = Command::new("mkfifo")
        .arg(work.path().join("pipe"))
        .status();
    assert!(made.unwrap().success());
    work
}

/// Nobody writes to the pipe: opening it would wait for ever.
#[test]
fn a_pipe_is_refused_wherever_a_file_is_named() {
    let work = work_with_a_pipe();
    let steps = "scenarios: {a: {feed: p, steps: [{sleep: 1ms}]}}";
    let step = |step: &str| format!("name: f\nscenarios: {{a: {{steps: [{step}]}}}}\n");
    let target =
        "name: x\napi_url: http://127.0.0.1:1\ngateway_url: http://127.0.0.1:1\nspec_id: ic";
    let otp = "otp: {source: static, code: x}";
    let imap = "source: imap, host: localhost, user: u";
    for text in [
        format!("name: f\nfeeders: {{p: {{csv: pipe}}}}\n{steps}\n"),
        format!("name: f\nfeeders: {{p: {{json_lines: pipe}}}}\n{steps}\n"),
        step("{include: {file: pipe}}"),
        step("{http: {url: /x, file: pipe}}"),
        step("{http: {url: /x, schema: pipe}}"),
        format!("{target}\ntls: {{ca: pipe}}\n{otp}\n"),
        format!("{target}\nextends: pipe\n{otp}\n"),
        format!("{target}\ncaptcha_token: {{file: pipe}}\n{otp}\n"),
        format!("{target}\notp: {{{imap}, password: p, ca_file: pipe}}\n"),
        format!("{target}\notp: {{{imap}, password: {{file: pipe}}}}\n"),
    ] {
        let file = work.write("file.yaml", &text);
        let ended = work.run(&["check", &file]).expect(2);
        let said = format!("{}{}", ended.out, ended.err);
        let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(said.contains(PIPE), "{text}: {said}");
        assert!(said.contains("file.yaml:"), "{text}: {said}");
    }
}

#[test]
fn a_pipe_is_refused_on_the_command_line() {
    let work = work_with_a_pipe();
    work.write(
        "s.yaml",
        "name: f\nscenarios: {a: {steps: [{sleep: 1ms}]}}\n",
    );
    for arguments in [
        &["check", "pipe"][..],
        &["run", "pipe"],
        &["run", "s.yaml", "--target", "pipe"],
        &["import", "--from", "har", "pipe"],
        &["vault", "list", "--vault", "pipe"],
    ] {
        let ended = work.run(arguments);
        assert_ne!(ended.code, Some(0), "{arguments:?}");
        let said = format!("{}{}", ended.out, ended.err);
        assert!(said.contains(PIPE), "{arguments:?}: {said}");
    }
}

/// What `check` says of a file.
fn checked(text: &str) -> String {
    let work = Work::new();
    let file = work.write("s.yaml", text);
    let ended = work.run(&["check", &file]).expect(2);
    format!("{}{}", ended.out, ended.err)
}

#[test]
fn more_users_and_stages_than_there_can_be_are_refused_with_the_place() {
    let scenario = |keys: &str| {
        format!("name: f\nscenarios:\n  a:\n    {keys}\n    steps: [{{sleep: 1ms}}]\n")
    };
    let ramp = |stages: &str| scenario(&format!("executor: ramping_vus\n    stages: [{stages}]"));
    let zigzag = "{duration: 1s, target: 1000000}, {duration: 1s, target: 0}, ".repeat(3);
    let arrivals = "executor: constant_arrival_rate\n    rate: 1/s\n    duration: 1s\n    ";
    for (text, expected) in [
        (
            scenario("vus: 1000000000"),
            "`vus` is more than 1000000: 1000000000",
        ),
        (
            scenario("iterations: 1000000000001"),
            "`iterations` is more than 1000000000: 1000000000001",
        ),
        (
            scenario(&format!("{arrivals}pre_allocated_vus: 1000001")),
            "`pre_allocated_vus` is more than 1000000: 1000001",
        ),
        (
            scenario(
                "executor: ramping_vus\n    start_vus: 1000001\n    stages: [{duration: 1s, target: 1}]",
            ),
            "`start_vus` is more than 1000000: 1000001",
        ),
        (
            scenario(
                "executor: constant_arrival_rate\n    rate: 10000001/s\n    duration: 1s\n    pre_allocated_vus: 1",
            ),
            "expected a rate such as",
        ),
        (
            scenario(&format!(
                "{arrivals}pre_allocated_vus: 1\n    max_vus: 1000001"
            )),
            "`max_vus` is more than 1000000: 1000001",
        ),
        (
            ramp("{duration: 1s, target: 1000001}"),
            "`stages` is more than 1000000: 1000001",
        ),
        (ramp(&zigzag), "`stages` is more than 4000000"),
        (
            ramp(&"{duration: 1s, target: 1}, ".repeat(10_001)),
            "`stages` is more than 10000: 10001",
        ),
        (
            scenario("steps: [{http: {url: /x}, repeat: 1000000001}]")
                .replace("    steps: [{sleep: 1ms}]\n", ""),
            "expected at most 1000000000 times, found 1000000001",
        ),
    ] {
        let said = checked(&text);
        assert!(said.contains(expected), "{text:.300}: {said}");
        assert!(said.contains("s.yaml:"), "{said}");
    }
}

#[test]
fn a_path_goes_down_everywhere_twice_at_most() {
    let step = "{http: {url: /x}, capture: {a: {jsonpath: $..a..b..c}}}";
    let said = checked(&format!("name: f\nscenarios: {{a: {{steps: [{step}]}}}}\n"));
    assert!(said.contains("there are more than 2 `..`"), "{said}");
    assert!(said.contains("s.yaml:2:"), "{said}");
}

#[test]
fn aliases_stand_for_so_much_and_no_more() {
    let long = "x".repeat(1 << 20);
    let aliases = "*a, ".repeat(17);
    let text = format!("name: f\nvars: {{a: &a {long}, b: [{aliases}]}}\n{STEPS}");
    let said = checked(&text);
    assert!(
        said.contains("aliases stand for more than 16 MiB"),
        "{said:.2000}"
    );
}

/// The parser of YAML and ours call themselves for each.
#[test]
fn brackets_in_brackets_of_a_file_are_refused() {
    for (depth, expected) in [
        (100, "too deep"),
        (5000, "recursion limit exceeded"),
        (500_000, "recursion limit exceeded"),
    ] {
        let (open, close) = ("[".repeat(depth), "]".repeat(depth));
        let said = checked(&format!("name: f\nvars: {{a: {open}{close}}}\n{STEPS}"));
        assert!(said.contains(expected), "{depth}: {said:.2000}");
    }
}

const STEPS: &str = "scenarios: {a: {steps: [{sleep: 1ms}]}}\n";

/// Each of these would take gigabytes.
#[test]
fn templates_do_not_grow_without_end() {
    let vars = |b: &str, c: &str| {
        format!(
            "name: f\nvars:\n  a: \"{{{{ range(90000)|list|string }}}}\"\n  b: \"{b}\"\n  c: \"{c}\"\n{STEPS}"
        )
    };
    let wide = "'%999999999d'|format(1)";
    let more = "it makes or looks through more than an expression may";
    for (b, expected) in [
        ("{{ a|replace(',', a) }}".to_owned(), more),
        ("{{ range(90000)|map('string')|join(a) }}".to_owned(), more),
        (format!("{{{{ {wide} ~ {wide} ~ {wide} }}}}"), more),
        (format!("{{{{ {} a }}}}", "a ~ ".repeat(50)), more),
        ("{{ a * 1000000000 }}".to_owned(), more),
        (
            "x{{ a }}".repeat(200),
            "the text that it is in has more than 64 MiB",
        ),
    ] {
        let work = Work::new();
        let file = work.write("s.yaml", &vars(&b, "{{ b|length }}"));
        let ended = work.run(&["run", &file, "-q"]);
        assert!(
            matches!(ended.code, Some(1 | 2)),
            "{b:.200}: {:?}",
            ended.code
        );
        let said = format!("{}{}", ended.out, ended.err);
        assert!(said.contains(expected), "{b:.200}: {said:.2000}");
    }
}

const MIB: u64 = 1 << 20;

impl Work {
    /// A file of zeros, which take no room.
    fn zeros(&self, name: &str, length: u64) {
        let path = self.path().join(name);
        File::create(&path).unwrap().set_len(length).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
    }

    #[track_caller]
    fn says(&self, arguments: &[&str], expected: &str) {
        let ended = self.run(arguments);
        assert!(
            matches!(ended.code, Some(2 | 3)),
            "{arguments:?}: {:?}",
            ended.code
        );
        let said = format!("{}{}", ended.out, ended.err);
        let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(said.contains(expected), "{arguments:?}: {said:.2000}");
    }
}

#[test]
fn a_file_that_is_named_in_a_file_is_read_up_to_its_ceiling() {
    let work = Work::new();
    let step = |step: &str| format!("name: f\nscenarios: {{a: {{steps: [{step}]}}}}\n");
    let target =
        "name: x\napi_url: http://127.0.0.1:1\ngateway_url: http://127.0.0.1:1\nspec_id: ic";
    let otp = "otp: {source: static, code: x}";
    let imap = "source: imap, host: localhost, user: u, password: p";
    for (text, most, expected) in [
        (step("{include: {file: zeros}}"), 16 * MIB, "16 MiB"),
        (
            format!("target: zeros\n{}", step("{sleep: 1ms}")),
            16 * MIB,
            "16 MiB",
        ),
        (
            format!("{target}\nextends: zeros\n{otp}\n"),
            16 * MIB,
            "16 MiB",
        ),
        (step("{http: {url: /x, file: zeros}}"), 64 * MIB, "64 MiB"),
        (step("{http: {url: /x, schema: zeros}}"), 64 * MIB, "64 MiB"),
        (
            format!("{target}\ntls: {{ca: zeros}}\n{otp}\n"),
            4 * MIB,
            "4 MiB",
        ),
        (
            format!("{target}\notp: {{{imap}, ca_file: zeros}}\n"),
            4 * MIB,
            "4 MiB",
        ),
        (
            format!("{target}\ncaptcha_token: {{file: zeros}}\n{otp}\n"),
            64 << 10,
            "64 KiB",
        ),
    ] {
        work.zeros("zeros", most + 1);
        let file = work.write("file.yaml", &text);
        work.says(&["check", &file], &format!("it has more than {expected}"));
        work.says(&["check", &file], "file.yaml:");
    }
}

#[test]
fn a_file_of_the_command_line_is_read_up_to_its_ceiling() {
    let work = Work::new();
    work.write("s.yaml", &format!("name: f\n{STEPS}"));
    for (name, most, expected, arguments) in [
        (
            "zeros",
            16,
            "it has more than 16 MiB",
            &["check", "zeros"][..],
        ),
        ("zeros", 16, "it has more than 16 MiB", &["run", "zeros"]),
        (
            "zeros",
            16,
            "it has more than 16 MiB",
            &["run", "s.yaml", "--target", "zeros"],
        ),
        (
            "zeros",
            256,
            "it has more than 256 MiB",
            &["import", "--from", "har", "zeros"],
        ),
        (
            "zeros",
            256,
            "it has more than 256 MiB",
            &["vault", "import", "zeros"],
        ),
        (
            "zeros",
            256,
            "it has more than 256 MiB",
            &["run", "s.yaml", "--crypto-figures", "zeros"],
        ),
        (
            "measurements.json",
            256,
            "it has more than 256 MiB",
            &["report", "."],
        ),
        (
            "history.jsonl",
            256,
            "it has more than 256 MiB",
            &["trend", "--reports", "."],
        ),
    ] {
        work.zeros(name, most * MIB + 1);
        work.says(arguments, expected);
        fs::remove_file(work.path().join(name)).unwrap();
    }
    work.zeros("journal.jsonl", 64 * MIB + 1);
    work.says(&["report", "."], "a line has more than 64 MiB");
    let pool = work.write("a.pool", "rehearse test keys, format 1");
    let opened = fs::OpenOptions::new()
        .write(true)
        .open(work.path().join(&pool));
    opened.unwrap().set_len(256 * MIB + 1).unwrap();
    work.says(&["keys", "info", &pool], "it has more than 256 MiB");
}

/// Answers each connection with a head, once it has asked, and then with the
/// same bytes again and again.
fn without_end(head: &'static str, again: &'static str) -> String {
    serve(move |stream| {
        let mut line = String::new();
        let mut reader = BufReader::new(stream.try_clone()?);
        while reader.read_line(&mut line)? > 2 {
            line.clear();
        }
        stream.write_all(head.as_bytes())?;
        let again = again.repeat(4096);
        loop {
            stream.write_all(again.as_bytes())?;
        }
    })
}

/// The address of a server of which each connection is served like this.
fn serve(
    talk: impl Fn(&mut TcpStream) -> std::io::Result<()> + Send + Sync + Copy + 'static,
) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            std::thread::spawn(move || talk(&mut stream));
        }
    });
    address
}

/// A scenario that waits for a code, and one that does not.
fn waits_for_a_code(work: &Work, otp: &str) -> [&'static str; 5] {
    let user = "{email: ada@example.org, responsible: '{{ target.responsible }}', otp_timeout: 3s}";
    work.write(
        "code.yaml",
        &format!("name: f\nscenarios: {{a: {{steps: [{{register: {user}}}]}}}}\n"),
    );
    work.write("t.yaml", &format!("extends: simulator\notp: {otp}\n"));
    ["run", "code.yaml", "--target", "t.yaml", "-q"]
}

#[test]
fn a_mailbox_an_outbox_and_a_collector_are_heard_up_to_their_ceiling() {
    let work = Work::new();
    let address = without_end("HTTP/1.1 200 OK\r\n\r\n", "[1,");
    let more = "the answer has more than 16 MiB";
    for otp in [
        format!("{{source: http, preset: mailpit, url: 'http://{address}'}}"),
        format!("{{source: simulator, url: 'http://{address}/_simulator/outbox'}}"),
    ] {
        let ended = work.run(&waits_for_a_code(&work, &otp));
        assert!(matches!(ended.code, Some(1 | 3)), "{otp}: {:?}", ended.code);
        let said = format!("{}{}", ended.out, ended.err);
        assert!(said.contains(more), "{otp}: {said}");
    }
    work.write("s.yaml", &format!("name: f\n{STEPS}"));
    let url = format!("http://{address}");
    let ended = work.run(&["run", "s.yaml", "-q", "--otlp", &url]).expect(0);
    let said = format!("{}{}", ended.out, ended.err);
    assert!(said.contains(more), "{said}");
}

#[test]
fn a_mail_server_is_heard_up_to_its_ceiling() {
    let work = Work::new();
    let imap = |address: &str, security: &str| {
        let port = address.rsplit(':').next().unwrap();
        format!(
            "{{source: imap, host: localhost, port: {port}, security: {security}, user: u, password: p}}"
        )
    };
    // Before TLS, a line; later, an answer to a command.
    let greeting = serve(|stream| {
        loop {
            stream.write_all(&[b'x'; 4096])?;
        }
    });
    let answer = serve(|stream| {
        stream.write_all(b"* OK hello\r\n")?;
        let news = "* 1 EXISTS\r\n".repeat(4096);
        let mut asked = [0];
        std::io::Read::read_exact(stream, &mut asked)?;
        loop {
            stream.write_all(news.as_bytes())?;
        }
    });
    for (otp, expected) in [
        (
            imap(&greeting, "starttls"),
            "the server closed the connection",
        ),
        (imap(&answer, "plain"), "the server's answer does not end"),
    ] {
        let arguments = waits_for_a_code(&work, &otp);
        work.says(&arguments, expected);
    }
}

/// Each answer stays in memory as long as the list does.
#[test]
fn what_a_step_lists_has_a_ceiling() {
    let address = serve(|stream| {
        let body = "x".repeat(30 << 20);
        let mut reader = BufReader::new(stream.try_clone()?);
        let mut line = String::new();
        loop {
            line.clear();
            while reader.read_line(&mut line)? > 2 {
                line.clear();
            }
            write!(
                stream,
                "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n",
                body.len()
            )?;
            stream.write_all(body.as_bytes())?;
        }
    });
    let work = Work::new();
    let step = format!("{{http: {{url: 'http://{address}/'}}, as: rows, repeat: 20}}");
    let file = work.write(
        "s.yaml",
        &format!("name: f\nscenarios: {{a: {{steps: [{step}]}}}}\n"),
    );
    let ended = work.run(&["run", &file, "-q"]).expect(1);
    let expected = "what `rows` is to list has more than 1000000 values or 256 MiB";
    assert!(ended.out.contains(expected), "{}", ended.out);
}
