//! The simulator as a target, and as the file that says the same.

use secrecy::{ExposeSecret, SecretString};

use super::model::{Processes, TOKEN_VALIDITY, Target, Timeouts};
use crate::language::duration::format_duration;
use crate::otp::{local_mailbox, outbox};
use crate::simulator::{Identity, ImapAccess, Simulator};

/// What a user writes for the simulator in this process.
pub(super) const SIMULATOR: &str = "simulator";
/// The simulator takes every token but the one that says it is invalid. No word of
/// messages begins like this one, as it would be cut out as a part of a secret.
const CAPTCHA_TOKEN: &str = "valid-in-the-simulator";

/// Where one-time passwords of the simulator in this process are read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SimulatorOtp {
    /// In its outbox: e-mails and SMS.
    #[default]
    Outbox,
    /// In its mailbox, over IMAP, when it has one: e-mails.
    Imap,
}

impl SimulatorOtp {
    fn mailbox(self, simulator: &Simulator) -> Option<&ImapAccess> {
        simulator.imap().filter(|_| self == Self::Imap)
    }
}

/// The target that a running simulator is.
pub fn simulator_target(simulator: &Simulator, otp: SimulatorOtp) -> Target {
    let Identity {
        spec_id,
        processes,
        responsible,
        ..
    } = simulator.identity().clone();
    let otp = match otp.mailbox(simulator) {
        Some(ImapAccess {
            host,
            port,
            user,
            password,
        }) => local_mailbox(*host, *port, user.clone(), password.clone()),
        None => outbox(simulator.outbox_url()),
    };
    Target {
        name: SIMULATOR.to_owned(),
        spec_id,
        processes: Processes {
            patient_by_email: Some(processes.patient_by_email),
            patient_by_sms: Some(processes.patient_by_sms),
            hcp_by_email: Some(processes.hcp_by_email),
            hcp_by_sms: Some(processes.hcp_by_sms),
        },
        responsible: Some(responsible),
        captcha_token: Some(SecretString::from(CAPTCHA_TOKEN)),
        is_in_process: true,
        ..Target::new(simulator.api_url(), simulator.gateway_url(), otp)
    }
}

/// The same as a target file. The password of a mailbox is in it: the file is
/// as secret as that.
pub fn simulator_file(simulator: &Simulator, otp: SimulatorOtp) -> String {
    let otp = match otp.mailbox(simulator) {
        Some(access) => imap_settings(access),
        None => outbox_settings(simulator.outbox_url().as_str()),
    };
    let urls = [simulator.api_url(), simulator.gateway_url()];
    file(
        urls.each_ref().map(AsRef::as_ref),
        simulator.identity(),
        &otp,
    )
}

/// The file of a simulator that does not run, for checks before one does.
pub(super) fn stand_in() -> String {
    let [host, outbox] = ["http://127.0.0.1:1/", "http://127.0.0.1:1/outbox"];
    file(
        [host, host],
        &Identity::generate(),
        &outbox_settings(outbox),
    )
}

fn outbox_settings(url: &str) -> String {
    format!("  source: \"simulator\"\n  url: {}\n", quoted(url))
}

fn imap_settings(access: &ImapAccess) -> String {
    format!(
        "  source: \"imap\"\n  host: \"{}\"\n  port: {}\n  security: \"plain\"\n  user: {}\n  password: {}\n",
        access.host,
        access.port,
        quoted(&access.user),
        quoted(access.password.expose_secret()),
    )
}

fn file([api_url, gateway_url]: [&str; 2], identity: &Identity, otp: &str) -> String {
    let usual = Timeouts::default();
    let processes = &identity.processes;
    format!(
        "name: \"{SIMULATOR}\"\n\
         api_url: {}\n\
         gateway_url: {}\n\
         load_test_allowed: true\n\
         api_version: v2\n\
         spec_id: {}\n\
         processes:\n  \
           patient_by_email: {}\n  \
           patient_by_sms: {}\n  \
           hcp_by_email: {}\n  \
           hcp_by_sms: {}\n\
         responsible: {}\n\
         captcha_token: \"{CAPTCHA_TOKEN}\"\n\
         token_validity: {}\n\
         timeouts:\n  \
           connect: {}\n  \
           request: {}\n\
         otp:\n{otp}",
        quoted(api_url),
        quoted(gateway_url),
        quoted(&identity.spec_id),
        quoted(&processes.patient_by_email),
        quoted(&processes.patient_by_sms),
        quoted(&processes.hcp_by_email),
        quoted(&processes.hcp_by_sms),
        quoted(&identity.responsible),
        format_duration(TOKEN_VALIDITY),
        format_duration(usual.connect),
        format_duration(usual.request),
    )
}

/// A text in double quotes; those of JSON are YAML too.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{file, outbox_settings};
    use crate::language::{Environment, Source};
    use crate::simulator::Identity;
    use crate::target::Target;

    proptest! {
        #[test]
        fn any_text_survives(spec_id in "\\PC*", id in "\\PC*", responsible in "\\PC*") {
            let mut identity = Identity::generate();
            identity.spec_id = spec_id;
            identity.processes.hcp_by_sms = id;
            identity.responsible = responsible;
            let url = "http://localhost/";
            let text = file([url, url], &identity, &outbox_settings(url));
            let back = Target::parse(&Source::new("t", text.as_str()), &Environment::default());
            let back = back.map_err(|problems| TestCaseError::fail(format!("{problems}\n{text}")))?;
            prop_assert_eq!(back.spec_id, identity.spec_id);
            prop_assert_eq!(back.processes.hcp_by_sms, Some(identity.processes.hcp_by_sms));
            prop_assert_eq!(back.responsible, Some(identity.responsible));
        }
    }
}
