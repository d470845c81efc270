//! What a file can ask for has a ceiling: nothing hangs, and nothing aborts.

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
        &[
            "vault",
            "list",
            "--vault",
            "pipe",
            "--passphrase-file",
            "pipe",
        ],
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
