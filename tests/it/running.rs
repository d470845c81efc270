//! How a run is begun and ended: standard input, several files and folders, files with
//! variables, the first failure, a target that is still starting.

use std::io::Write;
use std::net::TcpListener;
use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;

use crate::schema::in_reference;
use crate::server::Server;
use crate::work::{Ended, Work, interrupt};

fn scenario(name: &str, steps: &str) -> String {
    format!("name: {name}\nscenarios: {{s: {{steps: [{steps}]}}}}\n")
}

const GOOD: &str = "{sleep: 1ms}";
/// The simulator serves nothing there.
const BAD: &str = "{http: {url: \"{{ target.api_url }}/\"}}";

/// Runs with this on standard input.
fn with_input(work: &Work, arguments: &[&str], input: &[u8]) -> Ended {
    let mut child = work
        .rehearse(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // One that has seen enough reads no more.
    let _ = child.stdin.take().unwrap().write_all(input);
    Ended::new(&child.wait_with_output().unwrap())
}

#[test]
fn a_scenario_can_come_from_standard_input() {
    let work = Work::new();
    work.write("rows.csv", "name\nada\n");
    let text = "name: piped\nfeeders: {p: {csv: rows.csv}}\nscenarios: {s: {feed: p, steps: [{sleep: 1ms}]}}\n";
    let ended = with_input(&work, &["run", "-", "-q"], text.as_bytes()).expect(0);
    assert!(ended.out.contains("piped: passed"), "{}", ended.out);
    assert_eq!(work.report()["run"]["file"], "<stdin>");
    let wrong = text.replace("sleep", "slep");
    let wrong = with_input(&work, &["run", "-", "--dry-run"], wrong.as_bytes()).expect(2);
    assert!(wrong.err.contains("[<stdin>:3:"), "{}", wrong.err);
    let twice = work.run(&["run", "-", "-"]).expect(2);
    assert!(twice.err.contains("can be read once"), "{}", twice.err);
    let endless = vec![b'#'; 16 * 1024 * 1024 + 1];
    let endless = with_input(&work, &["run", "-"], &endless).expect(2);
    insta::assert_snapshot!(endless.err, @r"
    rehearse: cannot read <stdin>: it has more than 16 MiB
    hint: paths are relative to the current directory
    ");
}

#[test]
fn files_and_folders_are_played_one_after_the_other() {
    let work = Work::new();
    std::fs::create_dir_all(work.path().join("more/deep/.hidden")).unwrap();
    for (file, steps) in [
        ("first.yaml", GOOD),
        ("more/b.yml", BAD),
        ("more/a.yaml", GOOD),
        ("more/deep/c.yaml", GOOD),
        ("more/deep/.hidden/d.yaml", BAD),
    ] {
        let name = file.trim_end_matches(".yaml").replace(['/', '.'], "-");
        work.write(file, &scenario(&name, steps));
    }
    work.write("more/target.yaml", "api_url: http://127.0.0.1:1\n");
    work.write("more/library.yaml", "steps: [{sleep: 1ms}]\n");
    work.write("more/notes.txt", "scenarios:\n");
    let ended = work.run(&["run", "first.yaml", "more/", "-q"]).expect(1);
    let verdicts: Vec<&str> = ended
        .out
        .lines()
        .filter(|line| line.starts_with(['✓', '✗']))
        .collect();
    assert_eq!(
        verdicts
            .iter()
            .map(|line| line.split(':').next().unwrap())
            .collect::<Vec<_>>(),
        [
            "✓ first",
            "✓ more-a",
            "✗ more-b-yml",
            "✓ more-deep-c",
            "✗ 4 files"
        ],
        "{}",
        ended.out
    );
    let last = ended.out.lines().last().unwrap();
    assert!(
        last.starts_with("✗ 4 files: 3 passed, 1 failed; 4 iterations, 1 failed, in "),
        "{last}"
    );
    assert!(
        ended
            .err
            .contains("having no `scenarios`: more/library.yaml, more/target.yaml"),
        "{}",
        ended.err
    );
    let reports = std::fs::read_dir(work.path().join("reports")).unwrap();
    let reports =
        reports.filter(|entry| entry.as_ref().unwrap().path().join("report.json").is_file());
    assert_eq!(reports.count(), 4);

    let fast = work
        .run(&["run", "more", "first.yaml", "--fail-fast", "--no-report"])
        .expect(1);
    let last = fast.out.lines().last().unwrap();
    assert!(
        last.starts_with("✗ 4 files: 1 passed, 1 failed, 2 not played; "),
        "{last}"
    );

    // What is for people is not among what is for programs.
    let json = [
        "run",
        "first.yaml",
        "more/a.yaml",
        "--summary",
        "json",
        "--no-report",
    ];
    let json = work.run(&json).expect(0);
    let reports = serde_json::Deserializer::from_str(&json.out).into_iter::<Value>();
    let names: Vec<Value> = reports
        .map(|report| report.unwrap()["run"]["name"].clone())
        .collect();
    assert_eq!(names, ["first", "more-a"]);
}

#[test]
fn several_files_are_read_before_any_is_played_and_share_no_single_file() {
    let work = Work::new();
    work.write("a.yaml", &scenario("a", GOOD));
    work.write("b.yaml", &scenario("b", "{slep: 1ms}"));
    work.write("c.yaml", &scenario("c", "{sleeep: 1ms}"));
    let wrong = work.run(&["run", "a.yaml", "b.yaml", "c.yaml"]).expect(2);
    assert!(
        wrong.err.contains("[b.yaml:") && wrong.err.contains("[c.yaml:"),
        "{}",
        wrong.err
    );
    assert!(!work.path().join("reports").exists());
    let out = work
        .run(&["run", "a.yaml", "a.yaml", "--out", "json=x.json"])
        .expect(2);
    insta::assert_snapshot!(out.err, @r"
    rehearse: `--out` is for one scenario file, and 2 are named
    hint: each file's reports are in a folder of its own below `--reports`; or write to standard output, as in `--out json=-`
    ");
    let trace = work
        .run(&["run", "a.yaml", "a.yaml", "--trace", "http"])
        .expect(2);
    assert!(
        trace.err.contains("`--trace` is for one scenario file"),
        "{}",
        trace.err
    );
    std::fs::create_dir(work.path().join("empty")).unwrap();
    work.write("empty/other.yaml", "a: b\n");
    let empty = work.run(&["run", "empty"]).expect(2);
    insta::assert_snapshot!(empty.err, @r"
    rehearse: there is no scenario in empty: none of these has `scenarios`: empty/other.yaml
    hint: name a scenario file, or a folder that has some
    ");
}

#[test]
fn a_folder_of_more_files_than_anybody_plays_is_refused() {
    let work = Work::new();
    for number in 0..1001 {
        work.write(&format!("{number}.yaml"), "");
    }
    let wrong = work.run(&["run", "."]).expect(2);
    assert!(
        wrong
            .err
            .contains("more than 1000 YAML files are in the folder"),
        "{}",
        wrong.err
    );
}

#[test]
fn an_interrupt_ends_all_files() {
    let work = Work::new();
    let long = "name: long\nscenarios: {s: {executor: constant_vus, vus: 1, duration: 1h, steps: [{sleep: 10ms}]}}\n";
    work.write("a.yaml", long);
    let child = work
        .rehearse(&["run", "a.yaml", "a.yaml", "a.yaml", "--no-report", "-q"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    std::thread::sleep(Duration::from_secs(2));
    interrupt(&child);
    let ended = Ended::new(&child.wait_with_output().unwrap()).expect(130);
    let last = ended.out.lines().last().unwrap();
    assert!(
        last.starts_with("! 3 files: 0 passed, 1 stopped early, 2 not played; "),
        "{last}"
    );
}

#[test]
fn variables_come_from_files_beside_the_environment() {
    let work = Work::new();
    let server = Server::start();
    let step = format!(
        "{{http: {{url: \"{}/{{{{ env.A }}}}/{{{{ env.B }}}}/{{{{ env.C }}}}/{{{{ env.D }}}}\"}}}}",
        server.url
    );
    let file = work.write("s.yaml", &scenario("s", &step));
    work.write(".env", "A=a-dot\nB=b-dot\nC=c-dot\nD=d-dot\n");
    work.write("one.env", "A=a-one\nB=b-one\nC=c-one\n");
    work.write("two.env", "export A='a two' # the later one\nB=b-two\n");
    let files = [
        "run",
        &file,
        "--no-report",
        "-q",
        "--env-file",
        "one.env",
        "--env-file",
        "two.env",
    ];
    // `.env` is not named, so that its variables are permitted like the environment's.
    let refused = work.run(&files).expect(2);
    assert!(refused.err.contains("may not read `D`"), "{}", refused.err);
    let mut command = work.rehearse(&[&files[..], &["--env", "D"]].concat());
    command.env("B", "b-real");
    Ended::new(&command.output().unwrap()).expect(0);
    assert_eq!(server.asked()[0].line, "GET /a%20two/b-real/c-one/d-dot");

    // A target reads them as it reads the environment, and the process's own is as it was.
    work.write("target.yaml", "api_url: http://127.0.0.1:1\ngateway_url: http://127.0.0.1:1\nspec_id: ic\notp: {source: static, code: '1'}\ncaptcha_token: {env: A}\n");
    work.run(&[
        "run",
        &file,
        "--dry-run",
        "--target",
        "target.yaml",
        "--trust",
    ])
    .expect(0);
}

#[test]
fn a_file_of_variables_that_is_wrong_is_told_without_its_values() {
    let work = Work::new();
    let file = work.write("s.yaml", &scenario("s", "{sleep: 1ms}"));
    work.write("wrong.env", "A=1\nB=two s3cret\n");
    let wrong = work
        .run(&["run", &file, "--env-file", "wrong.env"])
        .expect(2);
    insta::assert_snapshot!(wrong.err, @r"
    rehearse: wrong.env:2:7: expected NAME=value
    hint: quote a value that has spaces, `#`, quotes or backslashes: NAME='a value'; `$` stands for itself
    ");
    let missing = work.run(&["run", &file, "--env-file", "no.env"]).expect(2);
    assert!(
        missing.err.contains("cannot read no.env"),
        "{}",
        missing.err
    );
    // Other programs have a file of this name, too.
    work.write(".env", "A=1\nB=two s3cret\n");
    let warned = work.run(&["run", &file, "--no-report"]).expect(0);
    assert!(
        warned.err.contains("warning: .env is not used: .env:2:7"),
        "{}",
        warned.err
    );
    assert!(!warned.err.contains("s3cret"), "{}", warned.err);
    // Once, however many files there are.
    work.write("second.yaml", &scenario("second", GOOD));
    for arguments in [
        &["run", &file, "second.yaml", "--no-report"][..],
        &["check", &file, "second.yaml"],
    ] {
        let said = work.run(arguments).err;
        assert_eq!(said.matches("is not used").count(), 1, "{said}");
    }
}

#[test]
fn nothing_of_the_environment_comes_into_a_file_of_variables() {
    let work = Work::new();
    let server = Server::start();
    let step = format!("{{http: {{url: \"{}/{{{{ env.A }}}}\"}}}}", server.url);
    let file = work.write("s.yaml", &scenario("s", &step));
    work.write(".env", "A=x${SECRET}$SECRET\n");
    let mut command = work.rehearse(&["run", &file, "--no-report", "--env", "A"]);
    command.env("SECRET", "s3cret");
    Ended::new(&command.output().unwrap()).expect(0);
    assert_eq!(server.asked()[0].line, "GET /x$%7BSECRET%7D$SECRET");
}

#[test]
fn the_first_failed_iteration_ends_the_run_if_it_is_to() {
    let work = Work::new();
    // A threshold that tolerates failures does not tolerate what has ended the run.
    let file = work.write(
        "s.yaml",
        "name: s
scenarios:
  s:
    vus: 1
    iterations: 50
    steps:
      - sleep: 1ms
      - if: {condition: iteration == 4, then: [{http: {url: \"{{ target.api_url }}/\"}}]}
thresholds: {iteration_duration: [error_rate < 99%]}
",
    );
    let ended = work.run(&["run", &file, "--fail-fast"]).expect(1);
    assert!(
        ended.out.contains("s: failed")
            && ended
                .out
                .contains("stopped at the first failed iteration (--fail-fast)"),
        "{}",
        ended.out
    );
    let report = work.report();
    assert_eq!(report["totals"]["iterations_ok"], 3);
    assert_eq!(report["totals"]["iterations_failed"], 1);
    assert_eq!(report["totals"]["iterations_cut"], 0);
    assert_eq!(
        report["run"]["stopped"],
        "stopped at the first failed iteration (--fail-fast)"
    );
}

/// A target at this address.
fn target(work: &Work, address: &str) {
    let target = format!(
        "api_url: http://{address}\ngateway_url: http://{address}\nspec_id: ic\notp: {{source: static, code: '123456'}}\n"
    );
    work.write("target.yaml", &target);
}

#[test]
fn a_target_that_is_starting_is_waited_for() {
    let work = Work::new();
    let file = work.write("s.yaml", &scenario("s", GOOD));
    let address = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    target(&work, &address.to_string());
    let run = ["run", &file, "--target", "target.yaml", "--no-report", "-q"];
    let child = work
        .rehearse(&[&run[..], &["--wait-for-target", "60s"]].concat())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    std::thread::sleep(Duration::from_millis(1500));
    let simulator = work.simulate(&["--port", &address.port().to_string()]);
    Ended::new(&child.wait_with_output().unwrap()).expect(0);
    drop(simulator);
    let late = work
        .run(&[&run[..], &["--wait-for-target", "1500ms"]].concat())
        .expect(3);
    let told = late.err.replace(&address.to_string(), "[address]");
    assert!(
        told.starts_with("rehearse: the target has not answered at http://[address]/ within 1s, asked 2 times; the last time: "),
        "{told}"
    );
    assert!(told.contains("hint: is the server running"), "{told}");
}

/// A server that takes connections and says nothing, and its address.
fn silent() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    (listener, address)
}

#[test]
fn a_target_that_says_nothing_is_waited_for_no_longer_than_that() {
    let work = Work::new();
    let file = work.write("s.yaml", &scenario("s", GOOD));
    let (_listener, address) = silent();
    target(&work, &address);
    let run = ["run", &file, "--target", "target.yaml", "--no-report", "-q"];
    let began = std::time::Instant::now();
    let ended = work
        .run(&[&run[..], &["--wait-for-target", "1s"]].concat())
        .expect(3);
    // A request may take half a minute by itself.
    assert!(began.elapsed() < Duration::from_secs(15));
    let told =
        format!("the target has not answered at http://{address}/ within 1s, asked 1 time\n");
    assert!(ended.err.contains(&told), "{}", ended.err);
}

#[test]
fn nobody_must_wait_for_a_target_to_the_end() {
    for waiting in [&["--wait-for-target", "60s"][..], &[]] {
        let work = Work::new();
        let file = work.write("s.yaml", &scenario("s", GOOD));
        let (listener, address) = silent();
        target(&work, &address);
        let run = ["run", &file, "--target", "target.yaml", "--no-report", "-q"];
        let child = work
            .rehearse(&[&run[..], waiting].concat())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // From here on it waits for an answer.
        let _connection = listener.accept().unwrap();
        interrupt(&child);
        let ended = Ended::new(&child.wait_with_output().unwrap()).expect(130);
        let told = format!("stopped before the target answered at http://{address}/");
        assert!(ended.err.contains(&told), "{}", ended.err);
    }
}

#[test]
fn a_dry_run_keeps_conditions_and_counts() {
    let work = Work::new();
    work.write(
        "library.yaml",
        "steps: [{http: {url: /in-library}, name: included}]\n",
    );
    let file = work.write(
        "s.yaml",
        "name: s
vars: {rows: 3}
scenarios:
  s:
    steps:
      - http: {url: /a}
        name: a
        repeat: 2
        as: found
      - if:
          condition: found[0].status == 200
          then:
            - repeat:
                times: 3
                steps: [{sleep: 5s}, {http: {url: /b}, name: b}]
          else:
            - http: {url: /c}
              name: c
              when: vu == 1
      - repeat: {times: \"{{ rows }}\", steps: [{http: {url: /d}, name: d}]}
      - while: {condition: vu > 1, max: 4, timeout: 2m, steps: [{http: {url: /e}, name: e}]}
      - choose:
          - {weight: 80, steps: [{http: {url: /f}, name: f}]}
          - {weight: 20, steps: [{http: {url: /g}, name: g}]}
      - parallel: {at_once: 1, branches: [[{http: {url: /h}, name: h}], [{http: {url: /i}, name: i}]]}
      - group: {name: last, steps: [{include: {file: library.yaml}}]}
",
    );
    let ended = work.run(&["run", &file, "--dry-run"]).expect(0);
    let plan = ended.out.split("at most 1 user at once\n").nth(1).unwrap();
    let plan = plan.split("\n\n").next().unwrap();
    insta::assert_snapshot!(plan, @r"
     1. a (http), repeated: 2 times
        if found[0].status == 200:
          repeat 3 times:
            sleep 5s
     2.     b (http)
        else:
     3.   c (http), when vu == 1
        repeat {{ rows }} times:
     4.   d (http)
        while vu > 1, at most 4 times, for at most 2m:
     5.   e (http)
        choose, weight 80 of 100:
     6.   f (http)
        choose, weight 20 of 100:
     7.   g (http)
        in parallel, branch 1 of 2, 1 at once:
     8.   h (http)
        in parallel, branch 2 of 2, 1 at once:
     9.   i (http)
        group last:
          include library.yaml:
    10.     last included (http)
    ");
    let json = work
        .run(&["run", &file, "--dry-run", "--format", "json"])
        .expect(0);
    let json: Value = serde_json::from_str(&json.out).unwrap();
    let line = &json["parts"][0]["steps"][1];
    assert_eq!(
        (&line["kind"], &line["name"]),
        (&"block".into(), &"if found[0].status == 200:".into())
    );
}

#[test]
fn a_dry_run_shows_every_item_of_the_file() {
    let work = Work::new();
    work.write("library.yaml", "steps: [{http: {url: /in-library}}]\n");
    // Each kind of block once: one that is new belongs here, too.
    let file = work.write(
        "s.yaml",
        r#"
name: s
scenarios:
  s:
    steps:
      - set: {who: "user {{ vu }}", limit: 3}
      - log: "{{ who }} begins"
      - if: {condition: limit > 5, then: [{abort: "{{ limit }} is too much"}], else: [{fail: "not {{ limit }}"}]}
      - repeat: {times: 2, steps: [{sleep: 5s}]}
      - while: {condition: limit > 5, max: 4, steps: [{log: still there}]}
      - choose: [{weight: 1, steps: [{log: chosen}]}]
      - parallel: [[{log: at once}]]
      - if: {condition: vu > 9, then: [{skip_iteration: "{{ who }} has enough"}]}
      - group: {name: last, steps: [{include: {file: library.yaml}}]}
      - http: {url: /a}
        name: one that is left out
        skip: true
      - group: {name: g, steps: [{http: {url: /b}}]}
        tags: slow
"#,
    );
    let ended = work.run(&["run", &file, "--dry-run", "--tags", "!slow"]);
    let plan = ended.expect(0).out;
    let plan = plan.split("at most 1 user at once\n").nth(1).unwrap();
    let plan = plan.split("\n\n").next().unwrap();
    insta::assert_snapshot!(plan, @r"
            set who, limit
            log: {{ who }} begins
            if limit > 5:
              abort: {{ limit }} is too much
            else:
              fail: not {{ limit }}
            repeat 2 times:
              sleep 5s
            while limit > 5, at most 4 times:
              log: still there
            choose, weight 1 of 1:
              log: chosen
            in parallel, branch 1 of 1:
              log: at once
            if vu > 9:
              skip_iteration: {{ who }} has enough
            group last:
              include library.yaml:
         1.     last http (http)
            not played: one that is left out
            not played: group
    ");
    for block in in_reference("Blocks") {
        let of_it = |line: &str| {
            line.trim_start()
                .trim_start_matches("in ")
                .starts_with(&block)
        };
        assert!(plan.lines().any(of_it), "`{block}` is not in\n{plan}");
    }
}

#[test]
fn typos_are_answered_with_what_was_meant() {
    let work = Work::new();
    work.write("mine.yaml", &scenario("mine", "{sleep: 1ms}"));
    std::fs::create_dir(work.path().join("folder")).unwrap();
    for (line, meant) in [
        ("rnu mine.yaml", "'run'"),
        // The nearest one alone.
        ("chekc mine.yaml", "subcommand exists: 'check'"),
        ("schem", "subcommand exists: 'schema'"),
        ("mine.yaml", "write 'rehearse run mine.yaml'"),
        ("validate mine.yaml", "'check'"),
        ("test mine.yaml", "'run'"),
        ("wacth mine.yaml", "'watch'"),
        ("simulaet", "'simulate'"),
        ("cmopare a b", "'compare'"),
        ("vault lsit", "'list'"),
        ("keys genrate", "'generate'"),
        ("run mine.yaml --vsu 3", "'--vus'"),
        ("run mine.yaml --iteratoins 3", "'--iterations'"),
        ("run mine.yaml --dryrun", "'--dry-run'"),
        ("run mine.yaml --summary jsno", "'json'"),
        ("run mine.yaml --only-files jnuit", "'junit'"),
        ("run mine.yaml --color alwyas", "'always'"),
        ("run mine.yaml --otp imp", "'imap'"),
        ("run mine.yaml --out jsno=x", "`json`"),
        ("run mine.yaml --crypto-backend rustcrpyto", "rustcrypto"),
        ("import --from pstman x", "'postman'"),
        ("schema tagret", "'target'"),
        ("completions bsah", "'bash'"),
        ("trend --format jsn", "'json'"),
        ("init --template htpt x", "`http`"),
        ("run mien.yaml", "did you mean `mine.yaml`?"),
        ("check mien.yaml", "did you mean `mine.yaml`?"),
        (
            "run mine.yaml --target mien.yaml",
            "did you mean `mine.yaml`?",
        ),
        (
            "check folder",
            "there is no scenario, target or library in folder",
        ),
        (
            "run mine.yaml --target folder",
            "it is a folder: name a file in it",
        ),
        (
            "run mine.yaml --vus 0",
            "0 would play nothing: give 1 or more",
        ),
        (
            "run mine.yaml --iterations 0",
            "0 would play nothing: give 1 or more",
        ),
        (
            "watch folder",
            "it is a folder: name a file in it, as in folder/scenario.yaml",
        ),
        ("watch -", "play it once with `rehearse run -`"),
    ] {
        let words: Vec<&str> = line.split(' ').collect();
        let ended = work.run(&words).expect(2);
        assert!(ended.err.contains(meant), "{line}\n{}", ended.err);
    }
}

#[test]
fn help_is_in_groups_with_examples_and_exit_codes() {
    let work = Work::new();
    let help = work.run(&["run", "--help"]).expect(0).out;
    let headings: Vec<&str> = help
        .lines()
        .filter(|line| line.ends_with(':') && !line.starts_with(' '))
        .collect();
    for heading in [
        "Load:",
        "Inspection:",
        "Scenario:",
        "Target:",
        "What files may do:",
        "Vault and key pool:",
        "Live metrics:",
        "Output:",
        "Examples:",
        "Exit codes:",
    ] {
        assert_eq!(
            headings.iter().filter(|it| **it == heading).count(),
            1,
            "{heading}\n{help}"
        );
    }
    assert!(help.contains("\n  130  stopped early"), "{help}");
    // Nothing is wider than a terminal that shows a page.
    assert!(
        help.lines().all(|line| line.chars().count() <= 100),
        "{help}"
    );
}
