//! `rehearse simulate`: the simulator on its own.

use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use futures_util::FutureExt;
use secrecy::ExposeSecret;
use tokio::runtime::Handle;
use tokio::time::MissedTickBehavior;

use super::help::after;
use super::otp::Otp;
use super::trust::own_target;
use super::{Exit, complain, note, say};
use crate::clock::{Busy, is_saturated};
use crate::language::Look;
use crate::simulator::{Config, Identity, ImapAccess, Retain, Simulator, SmtpServer};
use crate::target::{Target, simulator_file};

/// So many seconds without a pause are no coincidence.
const SATURATED: u32 = 3;

/// Run the simulator alone, and print a target file that points at it
///
/// The target file goes to standard output, everything else to standard error. All messages are in
/// the simulator's outbox; e-mails are also in a mailbox, with `--imap`, or sent through a mail
/// server, with `--smtp`.
#[derive(Debug, Args)]
#[command(after_help = after(&[("rehearse simulate > target.yaml", "start the simulator; the target file points at it"), ("rehearse simulate --port 8080 --data data --target-out target.yaml", "on a fixed port, with data that is kept"), ("rehearse simulate --imap --otp imap > target.yaml", "with a mailbox")], &[(Exit::Good, "ended with Ctrl-C or SIGTERM"), (Exit::Wrong, "a file or the command line is wrong"), (Exit::Unreachable, "the address, the port or the data cannot be used")]))]
pub(super) struct Arguments {
    /// Address to listen on
    #[arg(
        long,
        default_value = "127.0.0.1",
        value_name = "ADDRESS",
        help_heading = "Address"
    )]
    bind: IpAddr,
    /// Port to listen on; 0 is any free one [default: that of `--like`, or 0]
    #[arg(long, help_heading = "Address")]
    port: Option<u16>,
    /// Keep accounts and data in this folder, instead of in memory
    #[arg(long, value_name = "DIR", help_heading = "Accounts and data")]
    data: Option<PathBuf>,
    /// Keep at most this many entities of each kind, or none older than this (`10000`, `30m`, `2h`,
    /// `7d`), so that a long run does not fill the memory
    #[arg(long, value_name = "COUNT|AGE", help_heading = "Accounts and data")]
    retain: Option<Retain>,
    /// Stand in for the environment of this target file: use its ids and its port
    #[arg(long, value_name = "TARGET", help_heading = "Accounts and data")]
    like: Option<PathBuf>,
    /// Write the target file to this file as well
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    target_out: Option<PathBuf>,
    /// How long a one-time password is valid, in seconds
    #[arg(
        long,
        default_value_t = 300,
        value_name = "SECONDS",
        help_heading = "Codes and mail"
    )]
    otp_lifetime: u64,
    /// How long a JWT is valid, in seconds
    #[arg(
        long,
        default_value_t = 3600,
        value_name = "SECONDS",
        help_heading = "Codes and mail"
    )]
    jwt_lifetime: u64,
    /// Serve a mailbox with all e-mails over IMAP on 127.0.0.1, on a free port unless one is given
    #[arg(
        long,
        value_name = "PORT",
        num_args = 0..=1,
        default_missing_value = "0",
        help_heading = "Codes and mail"
    )]
    imap: Option<u16>,
    /// Where the printed target reads one-time passwords; `imap` implies `--imap`
    #[arg(
        long,
        value_enum,
        default_value_t,
        value_name = "SOURCE",
        help_heading = "Codes and mail"
    )]
    otp: Otp,
    /// Deliver e-mails through this SMTP server, without TLS
    #[arg(
        long,
        value_name = "HOST:PORT",
        conflicts_with = "imap",
        help_heading = "Codes and mail"
    )]
    smtp: Option<String>,
    /// Permit an SMTP server on another machine: codes are sent there unencrypted
    #[arg(long, requires = "smtp", help_heading = "Codes and mail")]
    allow_remote_smtp: bool,
    /// Append requests that the simulator does not serve to this file, as JSON Lines
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    log_unknown: Option<PathBuf>,
}

pub(super) async fn simulate(arguments: Arguments, look: Look) -> Exit {
    if arguments.otp == Otp::Imap && arguments.smtp.is_some() {
        complain(
            "`--otp imap` is the simulator's own mailbox, which is empty with `--smtp`; write the mailbox that the SMTP server delivers to into a target file",
        );
        return Exit::Wrong;
    }
    let config = match configuration(&arguments, look) {
        Ok(config) => config,
        Err(exit) => return exit,
    };
    if !arguments.bind.is_loopback() {
        complain(
            "warning: this address is not loopback: anybody who reaches it can use the simulator",
        );
    }
    super::open_files::raise_limit();
    let simulator = match Simulator::start(config).await {
        Ok(simulator) => simulator,
        Err(error) => {
            complain(&error.to_string());
            return Exit::Unreachable;
        }
    };
    let mut stop = std::pin::pin!(super::signals::stop_signal());
    // Listened for before anybody can know that there is something to stop.
    let stopped = stop.as_mut().now_or_never().is_some();
    let unread = simulator.imap().filter(|_| arguments.otp != Otp::Imap);
    let comment = unread.map(described).unwrap_or_default();
    let target = simulator_file(&simulator, arguments.otp.into()) + &comment;
    if let Some(path) = &arguments.target_out
        && let Err(error) = std::fs::write(path, &target)
    {
        complain(&format!(
            "cannot write the target to {}: {error}",
            path.display()
        ));
        return Exit::Wrong;
    }
    say(&target);
    note(&format!(
        "simulator: listening on {}, Ctrl-C ends it",
        simulator.api_url()
    ));
    if !stopped {
        tokio::select! {
            () = stop => {}
            never = watch_load() => match never {},
        }
    }
    simulator.shutdown().await;
    note("simulator: ended");
    Exit::Good
}

/// Says when the simulator has no time left: what is measured against it then
/// is its own speed. Once for as long as it lasts.
async fn watch_load() -> Infallible {
    const SECOND: Duration = Duration::from_secs(1);
    let mut busy = Busy::of([&Handle::current()]);
    let mut seconds = tokio::time::interval(SECOND);
    seconds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    seconds.tick().await;
    let mut saturated = 0_u32;
    loop {
        seconds.tick().await;
        saturated = if is_saturated(busy.look(), SECOND) {
            saturated.saturating_add(1)
        } else {
            0
        };
        if saturated == SATURATED {
            note(
                "simulator: saturated: its threads are busy all the time, so answers wait for \
                 the simulator, and latencies are its own",
            );
        }
    }
}

/// The mailbox, for whoever reads it by other means: a comment of the target
/// file, which is as secret as the password.
fn described(access: &ImapAccess) -> String {
    let ImapAccess {
        host, port, user, ..
    } = access;
    let password = access.password.expose_secret();
    format!("# mailbox: imap://{host}:{port}/INBOX user {user} password {password}\n")
}

/// What is wrong has been said when it fails.
fn configuration(arguments: &Arguments, look: Look) -> Result<Config, Exit> {
    let like = arguments.like.as_deref();
    let like = like.map(|path| own_target(path, look)).transpose()?;
    let port_of_like = like.as_ref().and_then(|target| target.api_url.port());
    let imap = match arguments.otp {
        Otp::Imap => Some(arguments.imap.unwrap_or_default()),
        Otp::Simulator => arguments.imap,
    };
    Ok(Config {
        bind: SocketAddr::new(
            arguments.bind,
            arguments.port.or(port_of_like).unwrap_or_default(),
        ),
        data: arguments.data.clone(),
        retain: arguments.retain,
        identity: like.as_ref().map(identity_of),
        otp_lifetime: Duration::from_secs(arguments.otp_lifetime),
        jwt_lifetime: Duration::from_secs(arguments.jwt_lifetime),
        imap: imap.map(|port| (Ipv4Addr::LOCALHOST, port).into()),
        smtp: arguments.smtp.clone().map(|address| SmtpServer {
            address,
            allow_remote: arguments.allow_remote_smtp,
        }),
        log_unknown: arguments.log_unknown.clone(),
        ..Config::default()
    })
}

/// The ids of a target; new ones for those that it does not have.
fn identity_of(target: &Target) -> Identity {
    let mut identity = Identity::generate();
    let wanted = &target.processes;
    let own = &mut identity.processes;
    for (own, wanted) in [
        (&mut identity.spec_id, Some(&target.spec_id)),
        (&mut identity.responsible, target.responsible.as_ref()),
        (&mut own.patient_by_email, wanted.patient_by_email.as_ref()),
        (&mut own.patient_by_sms, wanted.patient_by_sms.as_ref()),
        (&mut own.hcp_by_email, wanted.hcp_by_email.as_ref()),
        (&mut own.hcp_by_sms, wanted.hcp_by_sms.as_ref()),
    ] {
        if let Some(wanted) = wanted {
            own.clone_from(wanted);
        }
    }
    identity
}
