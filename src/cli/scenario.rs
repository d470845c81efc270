//! The scenario file, and what it is played with, as arguments.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;

use super::env_files::FileVariables;
use super::messages::refuse;
use super::otp::Otp;
use super::secret::SecretArguments;
use super::target::{TargetFlags, warn};
use super::trust::TrustFlags;
use super::{Exit, complain, note, scenario_files};
use crate::crypto::CryptoBackend;
use crate::engine::{Overrides, Plan, RunOptions, Selection};
use crate::language::{Look, parse_duration};
use crate::trace_context::Sampling;

/// Shared by all commands that play a scenario.
#[derive(Clone, Debug, Args)]
pub(super) struct ScenarioArguments {
    #[command(flatten)]
    pub(super) target: TargetFlags,
    #[command(flatten)]
    trust: TrustFlags,
    /// Where one-time passwords are read when the target is the built-in simulator
    #[arg(
        long,
        value_enum,
        default_value_t,
        value_name = "SOURCE",
        help_heading = "Target"
    )]
    otp: Otp,
    /// Set a variable of the scenario; repeatable
    #[arg(long = "var", value_name = "NAME=VALUE", value_parser = parse_variable, help_heading = "Scenario")]
    vars: Vec<(String, String)>,
    /// Play only scenarios with one of these tags, and none with those after `!`, such as
    /// `smoke,!slow`
    #[arg(long, value_name = "TAGS", help_heading = "Scenario")]
    tags: Option<Selection>,
    /// Seed of names, addresses and other random values; random by default
    #[arg(long, value_name = "NUMBER", help_heading = "Scenario")]
    seed: Option<u64>,
    /// File with saved credentials
    #[arg(
        long,
        value_name = "FILE",
        env = "REHEARSE_VAULT",
        help_heading = "Vault and key pool"
    )]
    vault: Option<PathBuf>,
    /// Key pool (key pairs made in advance), instead of what the scenario says
    #[arg(long, value_name = "FILE", help_heading = "Vault and key pool")]
    keys: Option<PathBuf>,
    /// Trace sampling in `traceparent`, instead of what the scenario says: which iterations servers
    /// keep, such as `1%` or `10/s`; `off` sends no header
    #[arg(long, value_name = "WHICH", help_heading = "Scenario")]
    traceparent: Option<Sampling>,
    /// Wait up to this long for the target to answer over HTTP, such as `60s`
    #[arg(long, value_name = "TIME", value_parser = parse_duration, default_value = "0s", hide_default_value = true, help_heading = "Target")]
    wait_for_target: Duration,
    #[command(flatten)]
    secret: SecretArguments,
    /// Cryptography library, instead of what the target says
    #[arg(long, value_name = "BACKEND", value_parser = super::crypto::backend(), help_heading = "Target")]
    crypto_backend: Option<CryptoBackend>,
}

impl ScenarioArguments {
    /// What the files with variables hold.
    pub(super) fn variables(&self) -> Result<FileVariables, Exit> {
        self.trust.variables()
    }

    /// Reads a scenario file and those that it names, and says what is wrong with them.
    pub(super) fn plan(
        &self,
        file: &Path,
        variables: &FileVariables,
        overrides: Overrides,
        look: Look,
    ) -> Result<Plan, Exit> {
        let target = self.target.given();
        let selection = self.tags.clone().unwrap_or_default();
        let environment = self.trust.environment(file, variables);
        let source = scenario_files::read(file).map_err(|error| refuse(&error.into(), look))?;
        let plan = Plan::of_source(
            &source,
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
            wait_for_target: self.wait_for_target,
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
