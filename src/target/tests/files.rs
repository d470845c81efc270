//! Target files, alone.

use secrecy::{ExposeSecret, SecretString};

use crate::document::ReadContext;
use crate::language::{Environment, Look, Permissions, Read, Source, SourceMap, yaml};
use crate::target::{ApiVersion, Target};

const GOOD: &str = "name: staging\napi_url: https://api.example.org\ngateway_url: https://gw.example.org\nspec_id: ic\notp: {source: imap, host: mail.example.org, port: 993, user: ada, password: x}\n";

fn shown(text: &str) -> String {
    let source = Source::new("target.yaml", text);
    match Target::parse(&source, &Environment::default().with(Permissions::all())) {
        Ok(_) => String::new(),
        Err(problems) => problems.render(&SourceMap::new(source), Look::Plain),
    }
}

#[test]
fn a_short_target_has_usual_values() {
    let target = Target::parse(
        &Source::new("fixtures/staging.yaml", GOOD),
        &Environment::default().with(Permissions::all()),
    )
    .unwrap();
    assert_eq!(target.name, "staging");
    assert_eq!(target.api_version, ApiVersion::V2);
    assert_eq!(target.token_validity.as_secs(), 315_360_000);
    assert_eq!(target.otp.kind(), "imap");
    let mailbox = format!("{:?}", target.otp);
    for setting in ["host: \"mail.example.org\"", "port: 993"] {
        assert!(mailbox.contains(setting), "{mailbox}");
    }
}

#[test]
fn a_target_that_is_wrong() {
    insta::assert_snapshot!(shown("api_url: api.example.org\ngateway_url: https://u:pw@gw.example.org\nspecid: ic\napi_version: 2\nprocesses: {patient_by_mail: x}\ntoken_validity: 10y\nmail_domain: ada@example.org\ncaptcha_token: ${CAPTCHA\n"), @r##"
     × a target needs `otp`
      ╭─[target.yaml:1:1]
    1 │ api_url: api.example.org
      · ────────────────────────
      ╰────
     help: add `otp:` with a mapping with `source` and its settings, as in `otp: {source: imap, host:
           imap.example.org, user: ada, password: "[secret]"}`

     × `api.example.org` is not an address of a host
      ╭─[target.yaml:1:10]
    1 │ api_url: api.example.org
      ·          ───────────────
      ╰────
     help: relative URL without a base; expected an address such as `https://api.icure.cloud`

     × an address must hold no user name and no password
      ╭─[target.yaml:2:14]
    2 │ gateway_url: https://u:pw@gw.example.org
      ·              ───────────────────────────
      ╰────
     help: addresses are shown in reports: remove what is before the `@`

     × unknown key `specid` in a target
      ╭─[target.yaml:3:1]
    3 │ specid: ic
      · ───┬──
      ·    ╰── no such key
      ╰────
     help: did you mean `spec_id`?

     × expected `v1` or `v2`, found `2`
      ╭─[target.yaml:4:14]
    4 │ api_version: 2
      ·              ─
      ╰────
     help: did you mean `v2`?

     × unknown key `patient_by_mail` in `processes`
      ╭─[target.yaml:5:13]
    5 │ processes: {patient_by_mail: x}
      ·             ───────┬───────
      ·                    ╰── no such key
      ╰────
     help: did you mean `patient_by_email`?

     × `10y` is not a duration
      ╭─[target.yaml:6:17]
    6 │ token_validity: 10y
      ·                 ───
      ╰────
     help: the units are `d`, `h`, `m`, `s` and `ms`, as in `500ms`, `2s` or `1m30s`

     × `ada@example.org` is not a domain
      ╭─[target.yaml:7:14]
    7 │ mail_domain: ada@example.org
      ·              ───────────────
      ╰────
     help: write what comes after the `@`, such as `mail.example.org`

     × a variable of the environment is not written like this
      ╭─[target.yaml:8:16]
    8 │ captcha_token: ${CAPTCHA
      ·                ─────────
      ╰────
     help: write `${NAME}` and nothing else, or `{env: NAME}`
    "##);
}

#[test]
fn the_mailbox_is_read_while_its_place_is_known() {
    let text = GOOD.replace("port: 993, user: ada", "prot: 993");
    let source = Source::new("target.yaml", text);
    let problems =
        Target::parse(&source, &Environment::default().with(Permissions::all())).unwrap_err();
    insta::assert_snapshot!(problems.render(&SourceMap::new(source), Look::Plain), @r##"
     × `otp` needs `user`
      ╭─[target.yaml:5:1]
    5 │ otp: {source: imap, host: mail.example.org, prot: 993, password: x}
      · ───
      ╰────
     help: add `user:` with a text, as in `user: ada`

     × unknown key `prot` in `otp`
      ╭─[target.yaml:5:45]
    5 │ otp: {source: imap, host: mail.example.org, prot: 993, password: x}
      ·                                             ──┬─
      ·                                               ╰── no such key
      ╰────
     help: did you mean `port`?
    "##);
}

fn secret(text: &str) -> Result<String, String> {
    let token = ("TOKEN".to_owned(), "from the environment".to_owned());
    let source = Source::new("t", text);
    let environment = Environment::from_iter([token]).with(Permissions::all());
    let mut cx = ReadContext::new(&source, &environment);
    let node = yaml::load(&source, &mut cx.problems).unwrap();
    let secret = SecretString::read(&node, &mut cx);
    secret
        .map(|secret| secret.expose_secret().to_owned())
        .ok_or_else(|| cx.problems.to_string())
}

#[test]
fn a_secret_can_come_from_the_environment() {
    assert_eq!(
        secret("{env: TOKEN}").as_deref(),
        Ok("from the environment")
    );
    assert_eq!(secret("plain").as_deref(), Ok("plain"));
    assert_eq!(
        secret("{env: TOKN}").unwrap_err(),
        "the environment holds no `TOKN` (set the variable before the run)"
    );
    assert_eq!(secret("${TOKEN}").as_deref(), Ok("from the environment"));
    assert!(secret("${TOKN}").unwrap_err().contains("`TOKN`"));
    assert!(secret("${TOKEN}x").unwrap_err().contains("`${NAME}`"));
    assert!(
        secret("{env: TOKEN, file: x}")
            .unwrap_err()
            .contains("both")
    );
    assert!(secret("{from: TOKEN}").unwrap_err().contains("env: TOKEN"));
}

#[test]
fn a_secret_can_come_from_a_file_that_is_nobody_elses() {
    use std::os::unix::fs::PermissionsExt;

    let file = tempfile::NamedTempFile::new().unwrap();
    let path = file.path().display();
    std::fs::write(file.path(), "open sesame\r\n").unwrap();
    let read = || secret(&format!("{{file: {path}}}"));
    assert_eq!(read().as_deref(), Ok("open sesame"));
    std::fs::set_permissions(file.path(), PermissionsExt::from_mode(0o640)).unwrap();
    assert_eq!(
        read().unwrap_err(),
        format!(
            "cannot take a secret from {path}: others can read it or write to it (mode 0640) (make it yours alone: `chmod 600`)"
        )
    );
    std::fs::set_permissions(file.path(), PermissionsExt::from_mode(0o600)).unwrap();
    std::fs::write(file.path(), "\n").unwrap();
    assert!(read().unwrap_err().contains("it is empty"));
    assert!(
        secret("{file: /nowhere/at/all}")
            .unwrap_err()
            .contains("No such file")
    );
}

#[test]
fn no_target_shows_its_captcha_token() {
    let text = format!("{GOOD}captcha_token: very-s3cret\n");
    let target = Target::parse(
        &Source::new("t", text),
        &Environment::default().with(Permissions::all()),
    )
    .unwrap();
    assert!(!format!("{target:?}").contains("s3cret"));
}
