//! From what a scenario says under `target` to a platform with a mailbox.

use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret, SecretString};

use crate::scenario::{Node, OtpDoc, Processes, Target, Text};
use crate::simulator::Simulator;

/// Where the traffic goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TargetChoice {
    /// The simulator, in this process.
    Simulator,
    /// An environment, described by a file.
    File(PathBuf),
}

/// Where one-time passwords of the simulator in this process are read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SimulatorOtp {
    /// In its outbox: e-mails and SMS.
    #[default]
    Outbox,
    /// In its mailbox, over IMAP: e-mails.
    Imap,
}

/// What a user writes for the simulator in this process.
const SIMULATOR: &str = "simulator";

impl TargetChoice {
    /// Reads `simulator` or a path. A path in a scenario is relative to the
    /// folder of the scenario, one on the command line to the current folder.
    pub fn parse(text: &str, relative_to: &Path) -> Self {
        if text == SIMULATOR {
            Self::Simulator
        } else {
            Self::File(relative_to.join(text))
        }
    }
}

/// How one-time passwords are read from the simulator's own mailbox, when it
/// is served over IMAP.
pub fn simulator_mailbox(simulator: &Simulator) -> Option<OtpDoc> {
    let access = simulator.imap()?;
    let text = |key: &str, text: &str| (key.to_owned(), Node::text(text));
    Some(OtpDoc {
        source: Text::bare("imap"),
        arguments: Node::mapping([
            text("host", &access.host),
            ("port".to_owned(), Node::number(access.port.into())),
            text("security", "plain"),
            text("user", &access.user),
            text("password", access.password.expose_secret()),
        ]),
    })
}

/// The target that a running simulator is, with the outbox as its mailbox.
pub fn simulator_target(simulator: &Simulator) -> Target {
    let identity = simulator.identity();
    let processes = &identity.processes;
    Target {
        name: SIMULATOR.to_owned(),
        spec_id: identity.spec_id.clone(),
        processes: Processes {
            patient_by_email: Some(processes.patient_by_email.clone()),
            patient_by_sms: Some(processes.patient_by_sms.clone()),
            hcp_by_email: Some(processes.hcp_by_email.clone()),
            hcp_by_sms: Some(processes.hcp_by_sms.clone()),
        },
        responsible: Some(identity.responsible.clone()),
        // The simulator takes every token but the one that says it is invalid.
        captcha_token: Some(SecretString::from("simulated-captcha")),
        ..Target::new(
            simulator.api_url(),
            simulator.gateway_url(),
            OtpDoc::simulator(&simulator.outbox_url()),
        )
    }
}
