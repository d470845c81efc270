//! From what a scenario says under `target` to a platform with a mailbox.

use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret, SecretString};

use crate::document::ReadContext;
use crate::http::{TlsSettings, Version};
use crate::language::{Node, Text};
use crate::simulator::Simulator;
use crate::target::{HttpVersion, Layers, LayersError, OtpDoc, Processes, Target};

/// Where the traffic goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TargetChoice {
    /// The simulator, in this process.
    Simulator,
    /// An environment, described by a file.
    File(PathBuf),
}

/// What the command line says of the target.
#[derive(Clone, Debug, Default)]
pub struct TargetArguments {
    /// `simulator` or target files, each over the one before it.
    pub targets: Vec<String>,
    /// Files over those, and over what the scenario names.
    pub overlays: Vec<PathBuf>,
    /// `KEY=VALUE`, over all files.
    pub sets: Vec<String>,
}

/// A target that was read.
pub(super) enum LoadedTarget {
    /// The simulator in this process, as it is.
    Simulator,
    /// The simulator, with changes that were checked with a stand-in.
    Changed(Layers, Box<Target>),
    /// An environment.
    Environment(Box<Target>),
}

impl TargetArguments {
    /// Reads everything over `first`, which the scenario or the command line
    /// names.
    pub(super) fn load(
        &self,
        first: &TargetChoice,
        check_otp: impl FnOnce(&OtpDoc, &mut ReadContext),
    ) -> Result<(LoadedTarget, Vec<PathBuf>), LayersError> {
        let mut on_simulator = false;
        let mut files = Vec::new();
        let further = self.targets.iter().skip(1);
        let further = further.map(|text| TargetChoice::parse(text, Path::new("")));
        for choice in std::iter::once(first.clone()).chain(further) {
            match choice {
                TargetChoice::File(path) => files.push(path),
                TargetChoice::Simulator => {
                    // What came before is the simulator's to say.
                    files.clear();
                    on_simulator = true;
                }
            }
        }
        files.extend(self.overlays.iter().cloned());
        if on_simulator && files.is_empty() && self.sets.is_empty() {
            return Ok((LoadedTarget::Simulator, Vec::new()));
        }
        let layers = Layers::read(&files, on_simulator, &self.sets)?;
        let files = layers.files();
        if layers.on_simulator() {
            let preview = layers.over(&stand_in(), check_otp)?;
            Ok((LoadedTarget::Changed(layers, Box::new(preview)), files))
        } else {
            let target = layers.target(check_otp)?;
            Ok((LoadedTarget::Environment(Box::new(target)), files))
        }
    }
}

/// A simulator that does not run, for checks before one does.
pub(super) fn stand_in() -> Target {
    // Both are addresses: this cannot fail, and a data URL would be no host.
    let [api, outbox] =
        ["http://127.0.0.1:1/", "http://127.0.0.1:1/outbox"].map(str::parse::<url::Url>);
    match (api, outbox) {
        (Ok(api), Ok(outbox)) => Target {
            name: SIMULATOR.to_owned(),
            spec_id: SIMULATOR.to_owned(),
            ..Target::new(api.clone(), api, OtpDoc::simulator(&outbox))
        },
        _ => unreachable!("two addresses that are written above"),
    }
}

/// How the target's connections are made.
pub(super) fn tls_settings(target: &Target) -> TlsSettings {
    TlsSettings {
        authorities: target.tls.authorities.clone(),
        identity: target.tls.identity.clone(),
        insecure: target.tls.insecure,
        version: match target.http_version {
            HttpVersion::Auto => Version::Agreed,
            HttpVersion::One => Version::One,
            HttpVersion::Two => Version::Two,
        },
    }
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
