//! The scenario file, and what it is played with, as arguments.

use std::path::PathBuf;

use clap::Args;

use super::messages::refuse;
use super::otp::Otp;
use super::secret::SecretArguments;
use super::target::{TargetFlags, warn};
use super::trust::TrustFlags;
use super::{Exit, complain, note};
use crate::crypto::CryptoBackend;
use crate::engine::{Overrides, Plan, RunOptions, Selection};
use crate::language::Look;
use crate::trace_context::Sampling;

/// Shared by all commands that play a scenario.
#[derive(Clone, Debug, Args)]
pub(super) struct ScenarioArguments {
    /// The scenario file
    pub(super) file: PathBuf,
    #[command(flatten)]
    pub(super) target: TargetFlags,
    #[command(flatten)]
    trust: TrustFlags,
    /// Where the simulator's one-time passwords are read, when it is the target
    #[arg(long, value_enum, default_value_t, value_name = "SOURCE")]
    otp: Otp,
    /// A variable of the scenario, instead of what the file says
    #[arg(long = "var", value_name = "NAME=VALUE", value_parser = parse_variable)]
    vars: Vec<(String, String)>,
    /// Only scenarios with one of these tags, and none with those after `!`, such as `smoke,!slow`
    #[arg(long, value_name = "TAGS")]
    tags: Option<Selection>,
    /// Makes names, addresses and the like the same again; random otherwise
    #[arg(long, value_name = "NUMBER")]
    seed: Option<u64>,
    /// File with saved credentials
    #[arg(long, value_name = "FILE", env = "REHEARSE_VAULT")]
    vault: Option<PathBuf>,
    /// File with key pairs made in advance, instead of what the scenario says
    #[arg(long, value_name = "FILE")]
    keys: Option<PathBuf>,
    /// Trace sampling in `traceparent`, instead of what the scenario says:
    /// which iterations are to be kept by the server, such as `1%` or `10/s`; `off` sends no header
    #[arg(long, value_name = "WHICH")]
    traceparent: Option<Sampling>,
    #[command(flatten)]
    secret: SecretArguments,
    /// Whose cryptography is used, instead of what the target says: `auto`, `rustcrypto` or `aws-lc`
    #[arg(long, value_name = "BACKEND")]
    crypto_backend: Option<CryptoBackend>,
}

impl ScenarioArguments {
    /// Reads the files, and says what is wrong with them.
    pub(super) fn plan(&self, overrides: Overrides, look: Look) -> Result<Plan, Exit> {
        let target = self.target.given();
        let selection = self.tags.clone().unwrap_or_default();
        let environment = self.trust.environment(&self.file);
        let plan = Plan::load(
            &self.file,
            &environment,
            &target,
            overrides,
            &self.vars,
            &selection,
        );
        let plan = plan.map_err(|error| refuse(&error, look))?;
        warn(&plan);
        for (name, why) in &plan.skipped {
            let why = why.reason();
            note(&format!("rehearse: `{name}` is not played: {why}"));
        }
        if plan.target.environment().is_some() && self.otp != Otp::default() {
            complain(
                "`--otp` is for the simulator in this process; a target file says under `otp` where one-time passwords are read",
            );
            return Err(Exit::Wrong);
        }
        Ok(plan)
    }

    /// Whose cryptography is used.
    pub(super) fn backend(&self, plan: &Plan) -> CryptoBackend {
        let backend = self.crypto_backend.or(plan.crypto_backend());
        backend.unwrap_or_default()
    }

    /// What a run takes from here.
    pub(super) fn options(&self, plan: &Plan) -> RunOptions {
        RunOptions {
            vault: self.vault.clone(),
            simulator_otp: self.otp.into(),
            keys: self.keys.clone(),
            passphrase: self.secret.given(),
            crypto_backend: self.backend(plan),
            seed: self.seed.or(plan.seed()).unwrap_or_else(random_seed),
            traceparent: self.traceparent,
            ..RunOptions::default()
        }
    }

    /// The seed, if any was said.
    pub(super) fn seed(&self, plan: &Plan) -> Option<u64> {
        self.seed.or(plan.seed())
    }

    pub(super) fn vault(&self) -> PathBuf {
        self.vault
            .clone()
            .unwrap_or_else(crate::vault::default_path)
    }
}

/// 53 bits, so that every reader of JSON keeps the number.
fn random_seed() -> u64 {
    rand::random::<u64>() >> 11
}

fn parse_variable(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("expected NAME=VALUE, such as greeting=Hello".into()),
    }
}
