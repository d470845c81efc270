//! `source: command`: a program that knows the code. It is started for each
//! code, without a shell, and again until it has one to tell.

use std::io::ErrorKind;
use std::num::NonZeroU64;
use std::pin::pin;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use tokio::io::AsyncReadExt;
use tokio::process::Command;
use tokio::sync::Semaphore;

use super::group::Group;
use super::reading::UNDATED;
use super::{
    Access, Body, Content, Message, OtpSource, PollSource, Prospect, Reading, Reply, SourceError,
};
use crate::ceilings::SAID;
use crate::clock::Clock;
use crate::document::{ReadContext, Record, record};
use crate::language::{Node, Table, Text};

/// How long one start of the program may take, unless the target says
/// otherwise.
const USUAL_TIMEOUT: Duration = Duration::from_secs(30);
/// How long to wait before the next start, unless the target says otherwise.
const USUAL_POLL: Duration = Duration::from_secs(2);
/// How many programs run at the same time, unless the target says otherwise.
const USUAL_PARALLEL: NonZeroU64 = NonZeroU64::MIN.saturating_add(15);
/// Variables of the environment that every program has; others may be secret.
const USUAL_ENVIRONMENT: [&str; 3] = ["PATH", "HOME", "LANG"];
/// Stands for the recipient in arguments.
const RECIPIENT: &str = "{recipient}";

record! {
    struct ProgramDoc of "`otp`" {
        /// a name that is in PATH, or a path seen from the current folder
        program: String, required, example("./read-otp");
        /// its arguments; `{recipient}` in them is the address or phone number
        args: Vec<String>, example(r#"["{recipient}"]"#);
        /// variables of the environment that it has beside `PATH`, `HOME` and `LANG`
        env: Vec<Text>, example("[MAILBOX_TOKEN]");
        /// how long one start of it may take
        timeout: Duration = USUAL_TIMEOUT;
        /// the wait before the next start
        poll: Duration = USUAL_POLL;
        /// how many of them run at the same time
        parallel: NonZeroU64 = USUAL_PARALLEL;
    }
}

pub(super) const FIELDS: Table = Table {
    what: "`otp`",
    keys: &[ProgramDoc::TABLE.keys[0], UNDATED],
};

/// `otp: {source: command, program: ./read-otp, args: ["{recipient}"]}`
#[derive(Clone, Debug)]
struct Program {
    path: String,
    args: Vec<String>,
    /// Variables of the environment, beside the usual ones.
    env: Vec<(String, SecretString)>,
    timeout: Duration,
    poll: Duration,
    parallel: Arc<Semaphore>,
    reading: Reading,
}

pub(super) fn compile(arguments: &Node, cx: &mut ReadContext) -> Option<Arc<dyn OtpSource>> {
    let mut fields = FIELDS.open(arguments, cx)?;
    let read = ProgramDoc::take(&mut fields, cx);
    let reading = Reading::read_undated(&mut fields, cx);
    fields.finish(cx);
    let read = read?;
    let parallel = usize::try_from(read.parallel.get()).unwrap_or(usize::MAX);
    Some(Arc::new(Program {
        path: read.program,
        args: read.args.unwrap_or_default(),
        env: environment(read.env.unwrap_or_default(), cx)?,
        timeout: read.timeout,
        poll: read.poll,
        parallel: Arc::new(Semaphore::new(parallel.min(Semaphore::MAX_PERMITS))),
        reading,
    }))
}

/// The values of variables that must be set, unless the file is only checked.
fn environment(names: Vec<Text>, cx: &mut ReadContext) -> Option<Vec<(String, SecretString)>> {
    let environment = cx.names.environment.clone();
    let values = names.into_iter().map(|name| {
        let value = environment.get_for(&name.text, cx.files.is_own(name.span));
        if value.is_none() {
            environment.missing(name.span, &name.text, &mut cx.problems);
        }
        let unset = environment.is_only_checked().then_some("");
        Some((name.text, SecretString::from(value.or(unset)?)))
    });
    let values: Vec<_> = values.collect();
    values.into_iter().collect()
}

impl OtpSource for Program {
    fn kind(&self) -> &'static str {
        "command"
    }

    fn connect<'a>(&'a self, _: &'a Clock) -> Reply<'a, Access> {
        Box::pin(async move {
            let desk = Arc::new(self.clone());
            desk.exists()?;
            Ok(Access::Asked(desk as Arc<dyn PollSource>))
        })
    }

    fn reading(&self) -> Reading {
        self.reading.clone()
    }
}

impl PollSource for Program {
    fn ask<'a>(&'a self, recipient: &'a str, _since: i64) -> Reply<'a, Vec<Message>> {
        Box::pin(async move {
            // Never closed.
            let _permit = self.parallel.acquire().await;
            let text = match tokio::time::timeout(self.timeout, self.output(recipient)).await {
                Ok(output) => output?,
                Err(_) => return Err(self.no_code(format!("it ran for {:?}", self.timeout))),
            };
            Ok(text
                .map(|text| message(recipient, &text))
                .into_iter()
                .collect())
        })
    }

    fn pause(&self) -> Duration {
        self.poll
    }

    fn name(&self) -> String {
        format!("the program `{}`", self.path)
    }
}

impl Program {
    /// Whether a program of this name can be found, before anything is sent.
    fn exists(&self) -> Result<(), SourceError> {
        let found = if self.path.contains('/') {
            std::path::Path::new(&self.path).is_file()
        } else {
            let path = std::env::var_os("PATH").unwrap_or_default();
            std::env::split_paths(&path).any(|folder| folder.join(&self.path).is_file())
        };
        if found {
            return Ok(());
        }
        let error = self.failure("there is no such program".to_owned());
        Err(error.with_hint(
            "`program` is a name that is in PATH, or a path seen from the current folder; it is not a line for a shell",
        ))
    }

    /// Its arguments. Nobody but the target says its options, so none may come
    /// from a recipient.
    fn arguments(&self, recipient: &str) -> Result<Vec<String>, SourceError> {
        let is_option = |arg: &&String| recipient.starts_with('-') && arg.starts_with(RECIPIENT);
        if self.args.iter().any(|arg| is_option(&arg)) {
            let reason = "the recipient begins with `-`: the program would take it for an option";
            return Err(self.no_code(reason.to_owned()));
        }
        let args = self.args.iter();
        Ok(args.map(|arg| arg.replace(RECIPIENT, recipient)).collect())
    }

    /// What the program says; `None` when that is nothing.
    #[expect(clippy::disallowed_methods, reason = "it reads up to `SAID`")]
    async fn output(&self, recipient: &str) -> Result<Option<SecretString>, SourceError> {
        let mut command = Command::new(&self.path);
        let usual = USUAL_ENVIRONMENT.map(|name| Some((name, std::env::var_os(name)?)));
        let named = self.env.iter();
        command
            .args(self.arguments(recipient)?)
            .env_clear()
            .envs(usual.into_iter().flatten())
            .envs(named.map(|(name, value)| (name, value.expose_secret())))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            // What goes wrong there may hold secrets.
            .stderr(Stdio::null());
        let mut group = Group::start(&mut command).map_err(|error| self.not_started(&error))?;
        let broken = |error: std::io::Error| self.failure(error.to_string());
        let mut bytes = Vec::new();
        let mut ended = None;
        if let Some(out) = group.leader.stdout.take() {
            let mut out = out.take(SAID as u64);
            let mut read = pin!(out.read_to_end(&mut bytes));
            tokio::select! {
                done = &mut read => drop(done.map_err(broken)?),
                status = group.leader.wait() => {
                    ended = Some(status.map_err(broken)?);
                    // Its children would keep the output open.
                    group.kill();
                    read.await.map_err(broken)?;
                }
            }
        }
        // One that has more to say is not waited for.
        if bytes.len() < SAID {
            let status = match ended {
                Some(status) => status,
                None => group.leader.wait().await.map_err(broken)?,
            };
            if !status.success() {
                return Err(self.no_code(format!("it ended with {status}")));
            }
        }
        let text = String::from_utf8_lossy(&bytes);
        let said = !text.trim().is_empty();
        Ok(said.then(|| SecretString::from(text.into_owned())))
    }

    fn failure(&self, reason: String) -> SourceError {
        SourceError::new(self.name(), reason)
    }

    /// It ran, and may know the code next time.
    fn no_code(&self, reason: String) -> SourceError {
        self.failure(reason).lasting(Prospect::NotYet)
    }

    fn not_started(&self, error: &std::io::Error) -> SourceError {
        let failure = self.failure(error.to_string());
        if error.kind() == ErrorKind::PermissionDenied {
            let failure = failure.lasting(Prospect::Permanent);
            return failure.with_hint("a program must be executable: `chmod +x`");
        }
        failure
    }
}

fn message(recipient: &str, text: &SecretString) -> Message {
    Message {
        recipients: vec![recipient.to_owned()],
        id: None,
        sent: None,
        content: Content::Text {
            plain: Some(Body::from(text.expose_secret())),
            html: None,
        },
        handle: 0,
    }
}
