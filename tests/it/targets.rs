//! Targets from several files, and settings on the command line.

use std::path::Path;

use crate::work::{Ended, Work};

/// A scenario that asks the target once.
const ASK: &str = "name: ask
scenarios:
  s:
    steps:
      - http: {url: /json}
";

const BASE: &str = "name: base
api_url: http://127.0.0.1:1
gateway_url: http://127.0.0.1:1
spec_id: ic
timeouts: {connect: 1s, request: 2s}
otp: {source: imap, host: 127.0.0.1, security: plain, user: ada, password: {env: NOT_SET}}
";

fn work() -> Work {
    let work = Work::new();
    work.write("ask.yaml", ASK);
    std::fs::create_dir(work.path().join("targets")).unwrap();
    work.write("targets/base.yaml", BASE);
    work
}

fn static_otp(url: &str) -> String {
    format!("api_url: {url}\ngateway_url: {url}\notp: {{source: static, code: '123456'}}\n")
}

#[test]
fn a_target_is_made_of_what_it_extends_of_overlays_and_of_settings() {
    let work = work();
    let server = crate::server::Server::start();
    work.write(
        "targets/mine.yaml",
        &format!(
            "extends: base.yaml\nname: mine\nspec_id:\n{}",
            static_otp(&server.url)
        ),
    );
    // `spec_id:` with nothing after it takes the base's away.
    let ended = work.run(&["run", "ask.yaml", "--target", "targets/mine.yaml"]);
    assert!(
        ended.expect(2).err.contains("a target needs `spec_id`"),
        "what is taken away is missing"
    );
    work.write("over.yaml", "name: over\nspec_id: other\n");
    let more = ["--overlay", "over.yaml", "--set", "name=set"];
    let arguments = [
        &["run", "ask.yaml", "--target", "targets/mine.yaml"],
        &more[..],
    ];
    work.run(&arguments.concat()).expect(0);
    assert_eq!(work.report()["run"]["target"]["name"], "set");
    assert_eq!(server.asked().last().unwrap().line, "GET /json");
}

#[test]
fn a_target_can_have_anchors_under_keys_of_their_own() {
    let work = work();
    let server = crate::server::Server::start();
    let text = format!(
        "x-times: &times {{connect: 1s, request: 2s}}\nname: mine\nspec_id: ic\ntimeouts: *times\n{}",
        static_otp(&server.url)
    );
    work.write("mine.yaml", &text);
    work.run(&["check", "mine.yaml"]).expect(0);
    work.write(
        "over.yaml",
        "extends: mine.yaml\nx-own: &own over\nname: *own\n",
    );
    work.run(&["run", "ask.yaml", "--target", "over.yaml"])
        .expect(0);
    assert_eq!(work.report()["run"]["target"]["name"], "over");
    let text = text.replace("timeouts: *times", "timeouts: {<<: *times, requets: 3s}");
    work.write("mine.yaml", &text);
    let wrong = work.run(&["check", "mine.yaml"]).expect(2);
    assert!(wrong.out.contains("unknown key `requets`"), "{}", wrong.out);
}

#[test]
fn the_later_target_wins() {
    let work = work();
    let server = crate::server::Server::start();
    work.write("server.yaml", &static_otp(&server.url));
    let arguments = [
        "run",
        "ask.yaml",
        "--target",
        "targets/base.yaml",
        "--target",
        "server.yaml",
    ];
    work.run(&arguments).expect(0);
    assert_eq!(work.report()["run"]["target"]["name"], "base");
}

#[test]
fn the_simulator_can_be_changed() {
    let work = Work::new();
    work.write(
        "ask.yaml",
        &ASK.replace("/json", "/_simulator/outbox?after=0&wait=0"),
    );
    work.write("sim.yaml", "extends: simulator\nname: changed\n");
    work.run(&["run", "ask.yaml", "--target", "sim.yaml"])
        .expect(0);
    assert_eq!(work.report()["run"]["target"]["name"], "changed");
    let wrong = work.run(&["run", "ask.yaml", "--set", "timeouts.requets=5s"]);
    insta::assert_snapshot!(wrong.expect(2).err, @r"
     × unknown key `requets` in `timeouts`
      ╭─[--set:1:10]
    1 │ timeouts.requets=5s
      ·          ───┬───
      ·             ╰── no such key
      ╰────
     help: did you mean `request`?
    ");
}

fn refused(work: &Work, more: &[&str]) -> String {
    let target = ["run", "ask.yaml", "--target", "targets/over.yaml"];
    let Ended { err, .. } = work.run(&[&target, more].concat()).expect(2);
    assert!(!work.path().join("reports").exists());
    err
}

#[test]
fn each_problem_is_shown_in_the_file_that_it_is_in() {
    let work = work();
    work.write(
        "targets/base.yaml",
        &BASE.replace("connect: 1s", "connect: soon"),
    );
    work.write(
        "targets/over.yaml",
        "extends: base.yaml\napi_version: ${VERSION}\nprocesses: {patient: x}\n",
    );
    insta::assert_snapshot!(refused(&work, &["--set", "api_url=http://a b"]), @r"
     × `${VERSION}` stands for a secret, and this is none
      ╭─[targets/over.yaml:2:14]
    2 │ api_version: ${VERSION}
      ·              ──────────
      ╰────
     help: write the value here, or give it with `--set`: the environment is for secrets

     × unknown key `patient` in `processes`
      ╭─[targets/over.yaml:3:13]
    3 │ processes: {patient: x}
      ·             ───┬───
      ·                ╰── no such key
      ╰────
     help: one of `patient_by_email`, `patient_by_sms`, `hcp_by_email`, `hcp_by_sms`

     × `soon` is not a duration
      ╭─[targets/base.yaml:5:21]
    5 │ timeouts: {connect: soon, request: 2s}
      ·                     ────
      ╰────
     help: the units are `d`, `h`, `m`, `s` and `ms`, as in `500ms`, `2s` or `1m30s`

     × the environment holds no `NOT_SET`
      ╭─[targets/base.yaml:6:82]
    6 │ otp: {source: imap, host: 127.0.0.1, security: plain, user: ada, password: {env: NOT_SET}}
      ·                                                                                  ───────
      ╰────
     help: set the variable before the run

     × `http://a b` is not an address of a host
      ╭─[--set:1:9]
    1 │ api_url=http://a b
      ·         ──────────
      ╰────
     help: invalid international domain name; expected an address such as `https://api.icure.cloud`
    ");
}

#[test]
fn what_cannot_be_extended() {
    let work = work();
    work.write("targets/over.yaml", "extends: under.yaml\n");
    work.write("targets/under.yaml", "extends: ./over.yaml\n");
    insta::assert_snapshot!(refused(&work, &[]), @r"
     × `targets/./over.yaml` extends itself
      ╭─[targets/under.yaml:1:10]
    1 │ extends: ./over.yaml
      ·          ───────────
      ╰────
     help: a target cannot be under itself: remove one `extends`
    ");
    let checked = work.run(&["check", "targets/over.yaml"]).expect(2);
    let told = checked.out + &checked.err;
    assert!(told.contains("extends itself"), "{told}");
    work.write("targets/good.yaml", "extends: base.yaml\n");
    work.run(&["check", "targets/good.yaml"]).expect(0);
    work.write("targets/over.yaml", "extends: [a, b]\n");
    assert!(refused(&work, &[]).contains("`extends` is the path of one file"));
    work.write("targets/over.yaml", "extends: nowhere.yaml\n");
    assert!(refused(&work, &[]).contains("cannot read targets/nowhere.yaml"));
}

#[test]
fn a_setting_that_is_wrong_is_named_without_a_secret() {
    let work = work();
    work.write("targets/over.yaml", "extends: base.yaml\n");
    for wrong in ["", "timeouts", "a..b=1", "=x", "name=", "name=[a"] {
        let err = refused(&work, &["--set", wrong]);
        assert!(err.contains("--set"), "{wrong}: {err}");
    }
    let err = refused(&work, &["--set", "otp.passwords.password=hunter2"]);
    assert!(
        err.contains("passwords.password=…") && !err.contains("hunter2"),
        "{err}"
    );
}

#[test]
fn every_shipped_target_is_read_with_what_it_extends() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/targets");
    let work = work();
    let mut read = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        if !text.contains("\nextends:") {
            continue;
        }
        let file = path.display().to_string();
        let arguments = ["run", "ask.yaml", "--target", &file, "--set", "api_url=x"];
        let mut command = work.rehearse(&arguments);
        command.env("ICURE_CAPTCHA_TOKEN", "x");
        let ended = Ended::new(&command.output().unwrap()).expect(2);
        // Nothing is wrong but what was made wrong.
        assert_eq!(ended.err.matches(" × ").count(), 1, "{}", ended.err);
        assert!(ended.err.contains("[--set:1:9]"), "{}", ended.err);
        read += 1;
    }
    assert!(read >= 2);
}
