//! What is said of settings that are wrong.

use super::source;

pub(super) fn shown(otp: &str) -> String {
    source(otp).err().unwrap_or_default()
}

#[test]
fn an_imap_mailbox_that_is_wrong() {
    insta::assert_snapshot!(shown("{source: imap, host: 'mail example', port: 70000, security: ssl, user: ada, password: x, xoauth2: y, ca_file: /nowhere, poll: 1ms, after: move}"), @r#"
 × `otp` has both `password` and `xoauth2`
  ╭─[target.yaml:4:1]
4 │ otp: {source: imap, host: 'mail example', port: 70000, security: ssl, user: ada, password: x, xoauth2: y, ca_file: /nowhere, poll: 1ms, after: move}
  · ───
  ╰────
 help: remove one of them

 × `mail example` is not the name of a host
  ╭─[target.yaml:4:27]
4 │ otp: {source: imap, host: 'mail example', port: 70000, security: ssl, user: ada, password: x, xoauth2: y, ca_file: /nowhere, poll: 1ms, after: move}
  ·                           ──────────────
  ╰────
 help: expected a name such as `imap.example.org`

 × 70000 is not a port
  ╭─[target.yaml:4:49]
4 │ otp: {source: imap, host: 'mail example', port: 70000, security: ssl, user: ada, password: x, xoauth2: y, ca_file: /nowhere, poll: 1ms, after: move}
  ·                                                 ─────
  ╰────
 help: ports are 1 to 65535

 × expected `tls`, `starttls` or `plain`, found `ssl`
  ╭─[target.yaml:4:66]
4 │ otp: {source: imap, host: 'mail example', port: 70000, security: ssl, user: ada, password: x, xoauth2: y, ca_file: /nowhere, poll: 1ms, after: move}
  ·                                                                  ───
  ╰────
 help: write one of
         security: tls
         security: starttls
         security: plain

 × cannot read certificates from `/nowhere`: No such file or directory (os error 2)
  ╭─[target.yaml:4:116]
4 │ otp: {source: imap, host: 'mail example', port: 70000, security: ssl, user: ada, password: x, xoauth2: y, ca_file: /nowhere, poll: 1ms, after: move}
  ·                                                                                                                    ────────
  ╰────
 help: a PEM file, its path seen from the current folder

 × `poll` is too short
  ╭─[target.yaml:4:132]
4 │ otp: {source: imap, host: 'mail example', port: 70000, security: ssl, user: ada, password: x, xoauth2: y, ca_file: /nowhere, poll: 1ms, after: move}
  ·                                                                                                                                    ───
  ╰────
 help: the shortest is `10ms`

 × expected `keep`, `seen` or `delete`, found `move`
  ╭─[target.yaml:4:144]
4 │ otp: {source: imap, host: 'mail example', port: 70000, security: ssl, user: ada, password: x, xoauth2: y, ca_file: /nowhere, poll: 1ms, after: move}
  ·                                                                                                                                                ────
  ╰────
 help: write one of
         after: keep
         after: seen
         after: delete
"#);
}

#[test]
fn a_password_does_not_cross_the_network_in_the_clear() {
    insta::assert_snapshot!(shown("{source: imap, host: mail.example.org, security: plain, user: ada, password: x}"), @r#"
 × without TLS, a password would cross the network in the clear
  ╭─[target.yaml:4:55]
4 │ otp: {source: imap, host: mail.example.org, security: plain, user: ada, password: x}
  ·                                                       ─────
  ╰────
 help: write `security: tls` or `starttls`; `plain` is for mailboxes on this machine, `127.0.0.1` or
       `localhost`
"#);
    for host in ["127.0.0.1", "localhost", "'::1'", "127.8.9.1"] {
        let otp = format!("{{source: imap, host: {host}, security: plain, user: a, password: x}}");
        assert_eq!(shown(&otp), "", "{host}");
    }
}

#[test]
fn a_pattern_that_captures_nothing_or_too_much() {
    insta::assert_snapshot!(shown("{source: command, program: x, pattern: 'code \\d+'}"), @r#"
 × `pattern` needs one capture group, it has 0
  ╭─[target.yaml:4:45]
4 │ otp: {source: command, program: x, pattern: 'code \d+'}
  ·                                             ──────────
  ╰────
 help: put the code in parentheses, as in `code is (\d{6})`, and other groups in `(?:…)`
"#);
    insta::assert_snapshot!(shown("{source: command, program: x, pattern: '(code'}"), @r#"
 × `pattern` is not a regular expression
  ╭─[target.yaml:4:45]
4 │ otp: {source: command, program: x, pattern: '(code'}
  ·                                             ───────
  ╰────
 help: unclosed group
"#);
}

#[test]
fn an_http_mailbox_that_says_too_little() {
    insta::assert_snapshot!(shown("{source: http, url: 'http://u:p@host/{user}', message_url: 'ftp://host/{id}'}"), @r#"
 × `{user}` cannot be filled in
  ╭─[target.yaml:4:43]
4 │ otp: {source: http, url: 'http://u:p@host/{user}', message_url: 'ftp://host/{id}'}
  ·                                           ──────
  ╰────
 help: one of `{recipient}`, `{since}`, `{id}`, `{offset}`, `{page}`

 × `ftp://host/{id}` is not an address of a mailbox
  ╭─[target.yaml:4:65]
4 │ otp: {source: http, url: 'http://u:p@host/{user}', message_url: 'ftp://host/{id}'}
  ·                                                                 ─────────────────
  ╰────
 help: expected an address such as `https://mail.example.org/api/messages`
"#);
    insta::assert_snapshot!(shown("{source: http, url: 'http://host/{recipient}', body: /text}"), @r#"
 × `otp` needs `messages`
  ╭─[target.yaml:4:1]
4 │ otp: {source: http, url: 'http://host/{recipient}', body: /text}
  · ───
  ╰────
 help: add `messages:` with the path of the list in the answer; `/` is the answer itself

 × `otp` needs `date`
  ╭─[target.yaml:4:1]
4 │ otp: {source: http, url: 'http://host/{recipient}', body: /text}
  · ───
  ╰────
 help: older codes of the recipient must be told apart: add `date:` with the path of the date in a message,
       or put `{since}` into `url`
"#);
}

#[test]
fn a_preset_that_is_unknown_or_lacks_its_keys() {
    insta::assert_snapshot!(shown("{source: http, preset: mailpitt, url: 'http://host'}"), @r#"
 × expected the name of a known mailbox, found `mailpitt`
  ╭─[target.yaml:4:29]
4 │ otp: {source: http, preset: mailpitt, url: 'http://host'}
  ·                             ────────
  ╰────
 help: did you mean `mailpit`?
"#);
    insta::assert_snapshot!(shown("{source: http, preset: mailtrap, account: '1/2', password: x}"), @r#"
 × `otp` needs `inbox`
  ╭─[target.yaml:4:1]
4 │ otp: {source: http, preset: mailtrap, account: '1/2', password: x}
  · ───
  ╰────
 help: add `inbox:` with a text, as in `inbox: 34`

 × `otp` has a `password` but no `user`
  ╭─[target.yaml:4:1]
4 │ otp: {source: http, preset: mailtrap, account: '1/2', password: x}
  · ───
  ╰────
 help: add `user:`

 × `1/2` is not an id of mailtrap
  ╭─[target.yaml:4:48]
4 │ otp: {source: http, preset: mailtrap, account: '1/2', password: x}
  ·                                                ─────
  ╰────
 help: it has letters and digits only
"#);
}

#[test]
fn no_source_shows_its_secrets() {
    for otp in [
        "{source: imap, host: mail.example.org, user: ada, password: s3cret}",
        "{source: imap, host: mail.example.org, user: ada, xoauth2: s3cret}",
        "{source: http, preset: mailpit, url: 'http://host', user: ada, password: s3cret, headers: {X-Token: s3cret}}",
        "{source: static, code: s3cret}",
        "{source: pop3, host: mail.example.org, user: ada, password: s3cret}",
        "{source: jmap, url: 'https://host', user: ada, password: s3cret, headers: {X-Token: s3cret}}",
        "{source: imap, host: h, user: ada, oauth2: {token_url: 'https://h/t', client_id: s3cret, client_secret: s3cret, refresh_token: s3cret}}",
    ] {
        let shown = format!("{:?}", source(otp).unwrap());
        assert!(!shown.contains("s3cret"), "{shown}");
    }
}
