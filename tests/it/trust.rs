//! A file from a stranger: what it may do without a flag, and what is said of
//! the rest.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use serde_json::Value;

use crate::server::{Asked, Server};
use crate::work::{Ended, Simulator, Work};

/// Stands in a file outside, and in the environment.
const SECRET: &str = "OUTSIDE-THE-FOLDER";

/// A folder `in` with the stranger's files, and files beside it that are nobody's
/// business.
fn work() -> Work {
    let work = Work::new();
    fs::create_dir(work.path().join("in")).unwrap();
    for name in ["outside.yaml", "outside.csv", "outside.secret"] {
        work.write(name, &format!("{SECRET}: -----BEGIN\n"));
        let mode = fs::Permissions::from_mode(0o600);
        fs::set_permissions(work.path().join(name), mode).unwrap();
    }
    work.write("outside.pem", SECRET);
    symlink("../outside.yaml", work.path().join("in/link.yaml")).unwrap();
    symlink("..", work.path().join("in/folder")).unwrap();
    work
}

/// Plays in the stranger's folder, where `STRANGE` is set.
fn play(work: &Work, arguments: &[&str]) -> Ended {
    let mut command = work.rehearse(arguments);
    command.current_dir(work.path().join("in"));
    command.env("STRANGE", SECRET).env("UNNAMED", SECRET);
    Ended::new(&command.output().unwrap())
}

/// Writes a scenario with one step and other keys.
fn scenario(work: &Work, keys: &str, step: &str) {
    let text = format!("name: s\n{keys}\nscenarios:\n  a:\n    steps:\n      - {step}\n");
    work.write("in/s.yaml", &text);
}

/// The keys of a target at some host.
fn target(url: &str, keys: &str) -> String {
    format!(
        "name: t\napi_url: {url}\ngateway_url: {url}\nspec_id: ic\n\
         otp: {{source: static, code: '1'}}\n{keys}\n"
    )
}

/// How many requests had the secret in them.
fn secrets_sent(server: &Server) -> usize {
    let asked = server.asked().into_iter();
    let has = |text: &String| text.contains(SECRET);
    asked
        .filter(|asked| has(&asked.body) || asked.headers.iter().any(has))
        .count()
}

#[test]
fn no_file_outside_of_the_root_is_read_or_shown() {
    let nowhere = "http://127.0.0.1:1";
    let get = "http: {url: 'http://127.0.0.1:1/'}";
    for (keys, step, of_target) in [
        ("target: ../outside.yaml", get, ""),
        ("target: link.yaml", get, ""),
        ("target: folder/outside.yaml", get, ""),
        ("", "include: {file: ../outside.yaml}", ""),
        ("", "include: {file: link.yaml}", ""),
        ("", "include: {file: /proc/self/environ}", ""),
        ("", "http: {url: /, file: ../outside.csv}", ""),
        (
            "",
            "http: {url: /, multipart: {a: {file: folder/outside.csv}}}",
            "",
        ),
        ("", "http: {url: /, schema: ../outside.yaml}", ""),
        ("feeders: {p: {csv: ../outside.csv}}", get, ""),
        ("feeders: {p: {json_lines: ../outside.csv}}", get, ""),
        ("keys: {pool: ../outside.csv}", get, ""),
        ("target: t.yaml", get, "extends: ../outside.yaml"),
        ("target: t.yaml", get, "extends: link.yaml"),
        (
            "target: t.yaml",
            get,
            "captcha_token: {file: ../outside.secret}",
        ),
        ("target: t.yaml", get, "tls: {ca: ../outside.pem}"),
        (
            "target: t.yaml",
            get,
            "tls: {client_certificate: ../outside.pem, client_key: ../outside.secret}",
        ),
    ] {
        let work = work();
        scenario(&work, keys, step);
        work.write("in/t.yaml", &target(nowhere, of_target));
        for arguments in [
            &["run", "s.yaml"][..],
            &["check", "s.yaml"],
            &["check", "--format", "json", "s.yaml"],
            &["check", "--format", "sarif", "s.yaml"],
        ] {
            let ended = play(&work, arguments).expect(2);
            let said = ended.out + &ended.err;
            assert!(said.contains("is not below the file root"), "{said}");
            assert!(said.contains("--file-root DIR"), "{said}");
            assert!(!said.contains(SECRET), "{keys} {step} {of_target}: {said}");
        }
        // With the flag, the file is looked at; some hold what cannot be.
        for flags in [&["--file-root", ".."][..], &["--trust"]] {
            let ended = play(&work, &[&["check", "s.yaml"], flags].concat());
            let said = ended.out + &ended.err;
            let permitted = !said.contains("is not below the file root");
            assert_eq!(
                permitted,
                !step.contains("/proc") || flags.len() == 1,
                "{said}"
            );
        }
    }
}

#[test]
fn check_shows_no_line_of_what_a_link_that_it_is_given_leads_to() {
    let work = work();
    for format in ["human", "json", "sarif"] {
        let check = ["check", "--format", format, "link.yaml"];
        let ended = play(&work, &check).expect(2);
        let said = ended.out + &ended.err;
        assert!(!said.contains(SECRET), "{said}");
        assert!(said.contains("--file-root DIR"), "{said}");
    }
    let said = play(&work, &["check", "link.yaml", "--file-root", ".."]).expect(2);
    assert!(said.out.contains(SECRET), "{}", said.out);
}

#[test]
fn a_refused_file_is_told_with_its_place_and_the_flag() {
    let work = work();
    scenario(&work, "", "http: {url: /, file: ../outside.csv}");
    let root = fs::canonicalize(work.path().join("in")).unwrap();
    let said = play(&work, &["run", "s.yaml"]).expect(2).err;
    for part in [
        "`../outside.csv` is not below the file root",
        root.file_name().unwrap().to_str().unwrap(),
        "s.yaml:6:30",
        "`--file-root DIR`",
        "`--trust`",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
}

#[test]
fn the_root_is_the_worktree_the_current_folder_or_that_of_the_scenario() {
    let work = work();
    fs::create_dir(work.path().join("in/scenarios")).unwrap();
    work.write("in/rows.csv", "a\n1\n");
    let file =
        "feeders: {p: {csv: ../rows.csv}}\nscenarios: {s: {feed: p, steps: [{sleep: 1ms}]}}\n";
    work.write("in/scenarios/s.yaml", file);
    let check = |folder: &str, file: &str, code: i32| {
        let mut command = work.rehearse(&["check", file]);
        command.current_dir(work.path().join(folder));
        Ended::new(&command.output().unwrap()).expect(code);
    };
    // Below the current folder, by a path of any kind.
    check("in", "scenarios/s.yaml", 0);
    check("", "in/scenarios/s.yaml", 0);
    let absolute = work.path().join("in/scenarios/s.yaml");
    check("in", absolute.to_str().unwrap(), 0);
    // Not below it.
    check("in/scenarios", "s.yaml", 2);
    // In a worktree, its folder is the root wherever one stands.
    fs::create_dir(work.path().join("in/.git")).unwrap();
    check("in/scenarios", "s.yaml", 0);
    check("/", absolute.to_str().unwrap(), 0);
    // What Git keeps for itself is no part of it.
    work.write("in/.git/rows.csv", "a\n1\n");
    work.write(
        "in/scenarios/s.yaml",
        &file.replace("../rows", "../.git/rows"),
    );
    check("in", "scenarios/s.yaml", 2);
    // A home is no root but for what lies in it itself.
    fs::remove_file(work.path().join("in/.git/rows.csv")).unwrap();
    fs::remove_dir(work.path().join("in/.git")).unwrap();
    work.write("in/scenarios/s.yaml", file);
    let mut command = work.rehearse(&["check", "scenarios/s.yaml"]);
    command.current_dir(work.path().join("in"));
    command.env("HOME", work.path().join("in"));
    Ended::new(&command.output().unwrap()).expect(2);
}

#[test]
fn the_environment_is_not_sent_unless_a_flag_or_an_own_target_names_it() {
    let (work, server) = (work(), Server::start());
    let body = format!(
        "http: {{url: '{}/', body: '{{{{ env.STRANGE }}}}'}}",
        server.url
    );
    scenario(&work, "target: t.yaml", &body);
    // The target is the stranger's as well, so what it says of `env` is nothing.
    work.write("in/t.yaml", &target(&server.url, "env: [STRANGE]"));
    let said = play(&work, &["run", "s.yaml"]).expect(2).err;
    assert!(said.contains("this file may not read `STRANGE`"), "{said}");
    assert!(said.contains("--env STRANGE"), "{said}");
    assert!(said.contains("s.yaml:6:"), "{said}");
    play(&work, &["run", "s.yaml", "--env", "UNNAMED"]).expect(2);
    let checked = play(&work, &["check", "s.yaml"]).expect(0).out;
    assert!(checked.contains("--env STRANGE"), "{checked}");
    assert!(!checked.contains(SECRET), "{checked}");
    assert_eq!(secrets_sent(&server), 0);
    for flags in [
        &["--env", "STRANGE"][..],
        &["--trust"],
        &["--target", "t.yaml"],
    ] {
        play(&work, &[&["run", "s.yaml", "-q"], flags].concat()).expect(0);
    }
    assert_eq!(secrets_sent(&server), 3);
    // Where it may be missing, it is.
    let default = body.replace("env.STRANGE", "env.STRANGE|default(\"none\")");
    scenario(&work, "target: t.yaml", &default);
    play(&work, &["run", "s.yaml", "-q"]).expect(0);
    assert!(server.asked().last().unwrap().body.ends_with("none"));
}

#[test]
fn secrets_are_read_from_the_environment_for_a_target_of_the_command_line() {
    let (work, server) = (work(), Server::start());
    let step = format!(
        "http: {{url: '{}/', headers: {{x: '{{{{ target.captcha_token }}}}'}}}}",
        server.url
    );
    scenario(&work, "target: t.yaml", &step);
    for written in ["{env: STRANGE}", "'${STRANGE}'"] {
        let token = format!("captcha_token: {written}");
        work.write("in/base.yaml", &target(&server.url, &token));
        work.write("in/t.yaml", "extends: base.yaml\n");
        let before = secrets_sent(&server);
        let said = play(&work, &["run", "s.yaml"]).expect(2).err;
        assert!(said.contains("base.yaml:6:"), "{said}");
        assert!(said.contains("--env STRANGE"), "{said}");
        // An overlay of one's own does not make the rest one's own.
        work.write("in/mine.yaml", "name: mine\n");
        play(&work, &["run", "s.yaml", "--overlay", "mine.yaml"]).expect(2);
        assert_eq!(secrets_sent(&server), before);
        for flags in [
            &["--env", "STRANGE"][..],
            &["--target", "t.yaml"],
            &["--set", "captcha_token=${STRANGE}"],
            &["--trust"],
        ] {
            play(&work, &[&["run", "s.yaml", "-q"], flags].concat()).expect(0);
        }
        assert_eq!(secrets_sent(&server), before + 4);
    }
    // So are its files, wherever they are.
    work.write(
        "in/t.yaml",
        &target(&server.url, "captcha_token: {file: ../outside.secret}"),
    );
    play(&work, &["run", "s.yaml", "-q", "--target", "t.yaml"]).expect(0);
    assert!(Path::new(&work.path().join("in/reports")).exists());
}

#[test]
fn a_program_is_started_for_a_target_of_the_command_line_or_with_a_flag() {
    let (work, server) = (work(), Server::start());
    scenario(
        &work,
        "target: t.yaml",
        &format!("http: {{url: '{}/'}}", server.url),
    );
    let url = &server.url;
    let text = format!(
        "name: t\napi_url: {url}\ngateway_url: {url}\nspec_id: ic\n\
         otp: {{source: command, program: /bin/true}}\n"
    );
    work.write("in/t.yaml", &text);
    let said = play(&work, &["run", "s.yaml"]).expect(2).err;
    assert!(
        said.contains("this target may not start a program"),
        "{said}"
    );
    assert!(said.contains("--allow-command"), "{said}");
    assert!(said.contains("t.yaml:5:15"), "{said}");
    // A setting of one's own does not make the program one's own.
    play(&work, &["run", "s.yaml", "--set", "otp.timeout=1s"]).expect(2);
    let checked = play(&work, &["check", "s.yaml"]).expect(0).out;
    assert!(checked.contains("--allow-command"), "{checked}");
    play(&work, &["check", "--strict", "t.yaml"]).expect(0);
    for flags in [
        &["--allow-command"][..],
        &["--target", "t.yaml"],
        &["--trust"],
    ] {
        play(&work, &[&["run", "s.yaml", "-q"], flags].concat()).expect(0);
    }
}

#[test]
fn hosts_that_a_step_writes_out_are_told_before_anything_is_sent() {
    let (work, server) = (work(), Server::start());
    let local = server.url.replace("127.0.0.1", "localhost");
    for (url, host) in [
        ("http://other.invalid/", "other.invalid"),
        ("http://OTHER.invalid:81", "other.invalid"),
        ("http://other.invalid/{{ vu }}", "other.invalid"),
        ("http://other.invalid?{{ vu }}", "other.invalid"),
        ("http://10.0.0.1/", "10.0.0.1"),
        ("http://0x0a000001/", "10.0.0.1"),
        ("http://[2001:db8::1]/", "[2001:db8::1]"),
        ("http://localhost.evil.invalid/", "localhost.evil.invalid"),
    ] {
        scenario(&work, "", &format!("http: {{url: '{url}'}}"));
        let said = play(&work, &["run", "s.yaml"]).expect(2).err;
        let flag = format!("--allow-host {host}");
        assert!(said.contains(&flag) && said.contains("s.yaml:6:"), "{said}");
        let checked = play(&work, &["check", "s.yaml"]).expect(0).out;
        assert!(checked.contains(&flag), "{checked}");
        play(
            &work,
            &["check", "--strict", "s.yaml", "--allow-host", host],
        )
        .expect(0);
    }
    // This machine needs no flag, unless the target has another address for it.
    scenario(
        &work,
        "target: t.yaml",
        &format!("http: {{url: '{local}/'}}"),
    );
    work.write("in/t.yaml", &target(&server.url, ""));
    play(&work, &["run", "s.yaml", "-q"]).expect(0);
    work.write(
        "in/t.yaml",
        &target(&server.url, "network: {resolve: {localhost: 10.0.0.1}}"),
    );
    let said = play(&work, &["run", "s.yaml"]).expect(2).err;
    assert!(said.contains("--allow-host localhost"), "{said}");
}

#[test]
fn hosts_that_are_only_known_on_the_way_are_not_asked_either() {
    let (work, server) = (work(), Server::start());
    let there = format!("{}/to/302?http://other.invalid/", server.url);
    for step in [
        "http: {url: \"http://{{ 'other.invalid' }}/\"}".to_owned(),
        "http: {url: \"{{ 'http://other' ~ '.invalid/' }}\"}".to_owned(),
        format!("http: {{url: '{there}', redirects: follow}}"),
    ] {
        scenario(&work, "", &step);
        let said = play(&work, &["run", "s.yaml", "--no-history"]).expect(1);
        let said = said.out + &said.err;
        assert!(said.contains("--allow-host HOST"), "{said}");
        let flags = ["run", "s.yaml", "--allow-host", "other.invalid"];
        let said = play(&work, &flags).expect(1);
        let said = said.out + &said.err;
        assert!(!said.contains("--allow-host"), "{said}");
    }
}

#[test]
fn a_mailbox_or_proxy_elsewhere_needs_a_flag_when_the_scenario_names_the_target() {
    let work = work();
    scenario(&work, "target: t.yaml", "http: {url: /}");
    let mailbox = "{source: imap, host: imap.invalid, user: a, password: b}";
    let api = "{source: http, preset: mailpit, url: 'http://imap.invalid:8025'}";
    let proxy = "{source: static, code: '1'}\nnetwork: {proxy: 'http://imap.invalid:3128'}";
    let tokens = "{source: imap, host: 127.0.0.1, user: a, oauth2: {token_url: 'https://imap.invalid/token', client_id: a, client_secret: b}}";
    for otp in [mailbox, api, proxy, tokens] {
        let url = "http://127.0.0.1:1";
        let text =
            format!("name: t\napi_url: {url}\ngateway_url: {url}\nspec_id: ic\notp: {otp}\n");
        work.write("in/t.yaml", &text);
        let said = play(&work, &["run", "s.yaml"]).expect(2).err;
        assert!(said.contains("--allow-host imap.invalid"), "{said}");
        assert!(said.contains("t.yaml:"), "{said}");
        for flags in [
            &["--allow-host", "imap.invalid"][..],
            &["--target", "t.yaml"],
            &["--trust"],
        ] {
            let said = play(&work, &[&["run", "s.yaml", "--dry-run"], flags].concat());
            said.expect(0);
        }
        play(&work, &["check", "--strict", "t.yaml"]).expect(0);
    }
}

#[test]
fn load_goes_to_this_machine_or_where_its_owner_agrees() {
    let work = work();
    scenario(&work, "target: t.yaml", "http: {url: /}");
    let text = target("https://api.invalid", "").replace(
        "gateway_url: https://api.invalid",
        "gateway_url: https://gateway.invalid",
    );
    work.write("in/t.yaml", &text);
    let dry = ["run", "s.yaml", "--dry-run"];
    for flags in [&[][..], &["--target", "t.yaml"], &["--trust"]] {
        let said = play(&work, &[&dry, flags].concat()).expect(2).err;
        assert!(said.contains("--yes-load-test api.invalid"), "{said}");
        assert!(said.contains("--yes-load-test gateway.invalid"), "{said}");
        assert!(said.contains("`load_test_allowed: true`"), "{said}");
        assert!(said.contains("t.yaml:2:10"), "{said}");
    }
    let checked = play(&work, &["check", "t.yaml"]).expect(0).out;
    assert!(checked.contains("--yes-load-test api.invalid"), "{checked}");
    let one = ["--yes-load-test", "api.invalid"];
    let said = play(&work, &[&dry[..], &one].concat()).expect(2).err;
    assert!(!said.contains("--yes-load-test api.invalid"), "{said}");
    let both = [
        "--yes-load-test",
        "api.invalid",
        "--yes-load-test",
        "GATEWAY.invalid",
    ];
    play(&work, &[&dry[..], &both].concat()).expect(0);
    work.write("in/t.yaml", &format!("{text}load_test_allowed: true\n"));
    play(&work, &dry).expect(0);
    // A name of this machine for another one is another one.
    let text = target(
        "http://localhost:1",
        "network: {resolve: {localhost: 10.0.0.1}}",
    );
    work.write("in/t.yaml", &text);
    let said = play(&work, &dry).expect(2).err;
    assert!(said.contains("--yes-load-test localhost"), "{said}");
}

#[test]
fn the_ceiling_of_a_target_is_lifted_by_no_scenario() {
    let (work, server) = (work(), Server::start());
    work.write("in/t.yaml", &target(&server.url, "max_rate: 10/s"));
    let text = "name: s\ntarget: t.yaml\nrate_limits: [{rate: 1000/s, burst: 1000}]\n\
                scenarios: {a: {vus: 4, iterations: 4, steps: [{http: {url: /}}]}}\n";
    work.write("in/s.yaml", text);
    let begun = std::time::Instant::now();
    play(&work, &["run", "s.yaml", "-q"]).expect(0);
    // Sixteen, the first of them at once.
    assert!(begun.elapsed() >= std::time::Duration::from_millis(1450));
    work.write("in/t.yaml", &target(&server.url, "max_rate: 0/s"));
    let said = play(&work, &["run", "s.yaml"]).expect(2).err;
    assert!(said.contains("a rate limit of zero"), "{said}");
}

/// A simulator's accounts in the vault of the stranger's folder, and a scenario
/// with a target of its own that comes back with them.
fn with_saved_credentials() -> (Work, Simulator) {
    let work = work();
    let simulator = work.simulate(&[]);
    let register = "{email: ada@example.org, role: practitioner, save: ada}";
    scenario(&work, "", &format!("register: {register}"));
    play(&work, &["run", "s.yaml", "--target", "../target.yaml"]).expect(0);
    fs::remove_dir_all(work.path().join("in/reports")).unwrap();
    (work, simulator)
}

#[test]
fn saved_credentials_go_to_no_target_but_theirs() {
    let (work, simulator) = with_saved_credentials();
    let server = Server::start();
    let url = &server.url;
    let again = "reinstantiate: {from: ada}";
    scenario(&work, "target: t.yaml", again);
    let own = fs::read_to_string(work.path().join("target.yaml")).unwrap();
    // A stranger's server, on this machine and under a name that leads to it; then
    // the right one, by a way of the stranger's.
    let named = url.replace("127.0.0.1", "api.example.com");
    let elsewhere = target(&named, "network: {resolve: {api.example.com: 127.0.0.1}}");
    let resolved = format!("{own}network: {{resolve: {{127.0.0.1: 127.0.0.1}}}}\n");
    let proxied = format!("{own}network: {{proxy: '{url}'}}\n");
    for (text, told) in [
        (target(url, ""), "a simulator that is gone"),
        (elsewhere, "and this run plays http://api.example.com:"),
        (resolved, "other settings of `network` or `tls`"),
        (proxied, "other settings of `network` or `tls`"),
    ] {
        work.write("in/t.yaml", &text);
        let ended = play(
            &work,
            &["run", "s.yaml", "--yes-load-test", "api.example.com"],
        );
        assert_eq!(ended.code, Some(1), "{text}\n{}{}", ended.out, ended.err);
        assert!(
            ended
                .out
                .contains("nothing was sent: the credentials `ada` were"),
            "{}",
            ended.out
        );
        assert!(ended.out.contains(told), "{told}: {}", ended.out);
    }
    let with_credentials = |asked: &Asked| {
        let mut headers = asked.headers.iter();
        headers.any(|header| header.starts_with("authorization")) || asked.line.contains("/auth/")
    };
    assert!(!server.asked().iter().any(with_credentials));
    // The same target, named by the scenario, is theirs.
    work.write("in/t.yaml", &own);
    play(&work, &["run", "s.yaml"]).expect(0);
    simulator.stop();
}

#[test]
fn credentials_of_no_known_target_go_to_a_target_of_the_command_line_only() {
    let (work, simulator) = with_saved_credentials();
    let out = play(&work, &["vault", "export", "--reveal"]).expect(0).out;
    let mut all: Value = serde_json::from_str(&out).unwrap();
    all[0].as_object_mut().unwrap().remove("target").unwrap();
    work.write("in/ada.json", &all.to_string());
    play(&work, &["vault", "import", "ada.json", "--force"]).expect(0);
    scenario(&work, "target: t.yaml", "reinstantiate: {from: ada}");
    let own = fs::read_to_string(work.path().join("target.yaml")).unwrap();
    work.write("in/t.yaml", &own);
    let ended = play(&work, &["run", "s.yaml"]).expect(1);
    let told = "nothing was sent: the credentials `ada` do not say which target they belong to";
    assert!(ended.out.contains(told), "{}", ended.out);
    for flags in [&["--target", "t.yaml"][..], &["--trust"]] {
        play(&work, &[&["run", "s.yaml"], flags].concat()).expect(0);
    }
    simulator.stop();
}
