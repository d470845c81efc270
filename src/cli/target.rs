//! Where the traffic goes, as flags.

use std::path::PathBuf;

use clap::Args;

use super::complain;
use crate::engine::Plan;
use crate::target::TargetArguments;

/// Shared by all commands that play a scenario.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Target")]
pub(super) struct TargetFlags {
    /// Where the traffic goes, instead of what the file says: `simulator` or a target file;
    /// repeatable, later files override earlier ones
    #[arg(long, value_name = "TARGET")]
    target: Vec<String>,
    /// Target file that overrides settings of the target, such as one with your own mailbox;
    /// repeatable
    #[arg(long, value_name = "FILE")]
    overlay: Vec<PathBuf>,
    /// Override a setting of the target, such as `timeouts.request=5s`; repeatable
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,
}

impl TargetFlags {
    pub(super) fn files(&self) -> Vec<PathBuf> {
        let targets = self.target.iter().filter(|name| *name != "simulator");
        targets
            .map(PathBuf::from)
            .chain(self.overlay.clone())
            .collect()
    }

    /// What was said.
    pub(super) fn given(&self) -> TargetArguments {
        TargetArguments {
            targets: self.target.clone(),
            overlays: self.overlay.clone(),
            sets: self.set.clone(),
        }
    }
}

/// Says loudly what must not be overlooked in a target.
pub(super) fn warn(plan: &Plan) {
    if plan.target.preview().tls.insecure {
        complain(
            "warning: `tls.insecure` is on: whoever answers is believed to be the target, and can read every password and token",
        );
    }
}
