//! Codes from a program, and fixed ones.

use std::time::Duration;

use secrecy::ExposeSecret;

use super::{source, source_with};
use crate::clock::Clock;
use crate::language::{Environment, Permissions};
use crate::otp::{Dispatcher, OtpError, OtpSource};

const LONG: Duration = Duration::from_secs(10);
const SHORT: Duration = Duration::from_millis(300);

async fn code(otp: &str, timeout: Duration) -> Result<String, OtpError> {
    code_of(source(otp).unwrap().as_ref(), timeout).await
}

async fn code_of(source: &dyn OtpSource, timeout: Duration) -> Result<String, OtpError> {
    let dispatcher = Dispatcher::start(source, &Clock::real()).await?;
    let otp = dispatcher
        .expect("ada@example.org", 6)
        .wait(timeout)
        .await?;
    Ok(otp.code.expose_secret().to_owned())
}

async fn error(otp: &str, timeout: Duration) -> String {
    code(otp, timeout).await.unwrap_err().to_string()
}

#[tokio::test]
async fn the_code_is_read_from_what_a_program_says() {
    let otp = "{source: command, program: echo, args: [code for, '{recipient}', is, '123456']}";
    assert_eq!(code(otp, LONG).await.unwrap(), "123456");
    let otp = "{source: command, program: echo, args: ['{recipient}'], pattern: '^(ada)@'}";
    assert_eq!(code(otp, LONG).await.unwrap(), "ada");
}

#[tokio::test]
async fn no_shell_reads_the_arguments() {
    let otp =
        "{source: command, program: echo, args: ['$(echo 123456); echo 123456 or', '654321']}";
    let shown = error(otp, SHORT).await;
    assert!(shown.starts_with("2 different runs of 6 digits"), "{shown}");
    assert!(shown.contains("$(echo"), "{shown}");
}

/// What our environment holds is not for every program.
#[tokio::test]
async fn a_program_has_the_variables_that_it_needs_and_no_others() {
    let otp = "{source: command, program: env, pattern: '(?s)^(.*)$'}";
    let said = code(otp, LONG).await.unwrap();
    let names = said
        .lines()
        .filter_map(|line| Some(line.split_once('=')?.0));
    assert!(names.clone().any(|name| name == "PATH"), "{said}");
    for name in names {
        assert!(["PATH", "HOME", "LANG"].contains(&name), "{said}");
    }
    let otp = "{source: command, program: env, env: [TOKEN], pattern: 'TOKEN=(.*)'}";
    let environment = [("TOKEN".to_owned(), "s3cret".to_owned())].into_iter();
    let environment = environment.collect::<Environment>();
    let source = source_with(otp, &environment.with(Permissions::all())).unwrap();
    assert!(!format!("{source:?}").contains("s3cret"));
    assert_eq!(code_of(source.as_ref(), LONG).await.unwrap(), "s3cret");
    let refused = source_with(otp, &Environment::default().with(Permissions::all()))
        .err()
        .unwrap();
    assert!(
        refused.contains("the environment holds no `TOKEN`"),
        "{refused}"
    );
}

#[tokio::test]
async fn a_recipient_is_not_read_as_an_option() {
    let ask = async |args: &str| {
        let otp = format!(
            "{{source: command, program: echo, poll: 1ms, pattern: 'n(.*)@', args: [{args}]}}"
        );
        let source = source(&otp).unwrap();
        let dispatcher = Dispatcher::start(source.as_ref(), &Clock::real()).await;
        let waiting = dispatcher.unwrap().expect("-n123456@x.example", 6);
        let otp = waiting.wait(SHORT).await;
        otp.map(|otp| otp.code.expose_secret().to_owned())
            .map_err(|error| error.to_string())
    };
    let error = ask("'{recipient}'").await.unwrap_err();
    assert!(error.contains("would take it for an option"), "{error}");
    assert_eq!(ask("'--to={recipient}'").await.unwrap(), "123456");
}

#[tokio::test]
async fn a_program_is_asked_again_until_it_knows() {
    let folder = tempfile::tempdir().unwrap();
    let script = "if [ -e \"$0\" ]; then echo 123456; else touch \"$0\"; exit 1; fi";
    let flag = folder.path().join("flag");
    let otp = format!(
        "{{source: command, program: sh, poll: 1ms, args: [-c, '{script}', {}]}}",
        flag.display()
    );
    assert_eq!(code(&otp, LONG).await.unwrap(), "123456");
}

#[tokio::test]
async fn a_program_that_fails_or_hangs_is_told_of() {
    let otp = "{source: command, program: sh, args: [-c, 'echo 123456; echo s3cret >&2; exit 3']}";
    assert_eq!(
        error(otp, SHORT).await,
        "no message for `ada@example.org` within 300ms: cannot read one-time passwords from the program `sh`: it ended with exit status: 3"
    );
    let otp = "{source: command, program: sleep, args: ['60'], timeout: 10ms}";
    assert_eq!(
        error(otp, SHORT).await,
        "no message for `ada@example.org` within 300ms: cannot read one-time passwords from the program `sleep`: it ran for 10ms"
    );
}

#[tokio::test]
async fn a_program_that_is_not_there_ends_the_run_before_it_starts() {
    let source = source("{source: command, program: 'get code'}").unwrap();
    let error = Dispatcher::start(source.as_ref(), &Clock::real())
        .await
        .err()
        .unwrap();
    assert!(
        error.to_string().ends_with("there is no such program"),
        "{error}"
    );
    assert!(error.hint.unwrap().contains("not a line for a shell"));
}

#[tokio::test]
async fn a_program_that_never_ends_its_output_is_cut() {
    let otp = "{source: command, program: yes, args: ['123456'], timeout: 5s}";
    assert_eq!(code(otp, LONG).await.unwrap(), "123456");
}

#[tokio::test]
async fn everybody_has_the_fixed_code_whatever_its_length() {
    let source = source("{source: static, code: '0000'}").unwrap();
    let dispatcher = Dispatcher::start(source.as_ref(), &Clock::real())
        .await
        .unwrap();
    let pending: Vec<_> = ["ada@example.org", "ada@example.org", "+32470123456"]
        .map(|recipient| dispatcher.expect(recipient, 6))
        .into();
    for pending in pending {
        let otp = pending.wait(LONG).await.unwrap();
        assert_eq!(otp.code.expose_secret(), "0000");
        assert_eq!(otp.sent_at, None);
    }
    assert!(!format!("{source:?}").contains("0000"));
}

/// A program that starts another and writes its number to `pid`, then does
/// `more`; and waits until that is known.
struct Family {
    folder: tempfile::TempDir,
}

impl Family {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    fn otp(&self, more: &str) -> String {
        let script = format!("sleep 300 & echo $! > \"$0\"; {more}");
        let file = self.folder.path().join("pid");
        format!(
            "{{source: command, program: sh, poll: 1ms, args: [-c, '{script}', {}]{}}}",
            file.display(),
            ", timeout: 5s"
        )
    }

    /// Waits until the grandchild is known, and gives its number.
    async fn started(&self) -> String {
        let file = self.folder.path().join("pid");
        loop {
            let pid = std::fs::read_to_string(&file).unwrap_or_default();
            if pid.ends_with('\n') {
                return pid.trim().to_owned();
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

/// Waits until a process is gone; one that nobody has waited for counts.
async fn gone(pid: &str) {
    let deadline = tokio::time::Instant::now() + LONG;
    loop {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        let state = stat.rsplit(") ").next().unwrap_or_default();
        if stat.is_empty() || state.starts_with('Z') {
            return;
        }
        assert!(
            tokio::time::Instant::now() < deadline,
            "still there: {stat}"
        );
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn what_a_program_has_started_ends_with_it() {
    // The grandchild holds the output open: it is not waited for.
    let family = Family::new();
    let began = std::time::Instant::now();
    let read = code(&family.otp("echo code 123456"), LONG).await;
    assert_eq!(read.unwrap(), "123456");
    assert!(began.elapsed() < Duration::from_secs(4));
    gone(&family.started().await).await;
}

#[tokio::test]
async fn what_a_program_has_started_ends_when_the_user_gives_up_or_is_cut() {
    for given_up in [true, false] {
        let family = Family::new();
        let source = source(&family.otp("sleep 300")).unwrap();
        let dispatcher = Dispatcher::start(source.as_ref(), &Clock::real())
            .await
            .unwrap();
        let timeout = if given_up { LONG / 5 } else { LONG };
        let ada = dispatcher.expect("ada@example.org", 6);
        let waiting = tokio::spawn(ada.wait(timeout));
        let pid = family.started().await;
        if !given_up {
            waiting.abort();
        }
        gone(&pid).await;
        drop(waiting);
    }
}

#[tokio::test]
async fn what_a_program_has_started_ends_when_it_takes_too_long() {
    let family = Family::new();
    let otp = family.otp("sleep 300").replace("5s", "200ms");
    let source = source(&otp.replace("1ms", "10s")).unwrap();
    let dispatcher = Dispatcher::start(source.as_ref(), &Clock::real())
        .await
        .unwrap();
    let waiting = tokio::spawn(dispatcher.expect("ada@example.org", 6).wait(LONG));
    gone(&family.started().await).await;
    assert!(!waiting.is_finished());
    waiting.abort();
}

#[tokio::test]
async fn a_program_that_cannot_be_started_is_told_of() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("read-code");
    let write = |mode| {
        std::fs::write(&file, "#!/bin/sh\necho 123456\n").unwrap();
        std::fs::set_permissions(&file, PermissionsExt::from_mode(mode)).unwrap();
    };
    write(0o644);
    let otp = format!(
        "{{source: command, program: {}, poll: 1ms}}",
        file.display()
    );
    // For good: nobody waits for it.
    let shown = code(&otp, LONG).await.unwrap_err().to_string();
    assert!(shown.contains("ermission denied"), "{shown}");
    // Away for a while, as when it is being replaced.
    write(0o755);
    let dispatcher = Dispatcher::start(source(&otp).unwrap().as_ref(), &Clock::real())
        .await
        .unwrap();
    std::fs::remove_file(&file).unwrap();
    let waiting = tokio::spawn(dispatcher.expect("ada@example.org", 6).wait(LONG));
    tokio::time::sleep(SHORT).await;
    write(0o755);
    waiting.await.unwrap().unwrap();
    assert_eq!(dispatcher.counts().reconnects, 1);
}
