//! Where it was measured, and with what.

use std::path::Path;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::crypto::benchmark::Machine;
use crate::{ceilings, files};

/// The machine that sent the load. Empty is what the system does not tell.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MachineLine {
    /// What the processor calls itself.
    pub processor: String,
    /// How many threads run at once.
    pub threads: usize,
    /// Memory in MiB.
    pub memory_mib: u64,
    /// The operating system, by its name.
    pub system: String,
    /// `x86_64`, `aarch64`, ...
    pub architecture: String,
}

/// What the program was built from and with.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct VersionsLine {
    /// This program's version.
    pub rehearse: String,
    /// The commit that it was built from, if that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// The compiler, as it calls itself.
    pub rustc: String,
    /// False when it was built without optimisation: figures of cryptography
    /// say nothing then.
    pub optimised: bool,
}

impl MachineLine {
    /// This machine.
    pub fn this() -> Self {
        let machine = Machine::this();
        let read = |path| files::read_text(Path::new(path), ceilings::SYSTEM).unwrap_or_default();
        let kernel = read("/proc/sys/kernel/osrelease");
        let name = distribution(&read("/etc/os-release"));
        let name = name.unwrap_or_else(|| machine.system.to_owned());
        Self {
            processor: machine.processor,
            threads: machine.threads,
            memory_mib: memory(&read("/proc/meminfo")).unwrap_or_default(),
            system: match kernel.trim() {
                "" => name,
                kernel => format!("{name}, {} {kernel}", machine.system),
            },
            architecture: machine.architecture.to_owned(),
        }
    }
}

impl VersionsLine {
    /// This program.
    pub fn this() -> Self {
        Self {
            rehearse: env!("CARGO_PKG_VERSION").to_owned(),
            commit: option_env!("REHEARSE_COMMIT").map(str::to_owned),
            rustc: option_env!("REHEARSE_RUSTC").unwrap_or_default().to_owned(),
            optimised: !cfg!(debug_assertions),
        }
    }
}

/// `PRETTY_NAME` of `/etc/os-release`.
fn distribution(text: &str) -> Option<String> {
    let mut lines = text.lines();
    let name = lines.find_map(|line| line.strip_prefix("PRETTY_NAME="))?;
    Some(name.trim_matches(['"', '\'']).to_owned())
}

/// `MemTotal` of `/proc/meminfo`, which is in KiB.
fn memory(text: &str) -> Option<u64> {
    let mut lines = text.lines();
    let total = lines.find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kib: u64 = total.split_whitespace().next()?.parse().ok()?;
    Some(kib / 1024)
}

#[cfg(test)]
mod tests {
    use super::{distribution, memory};

    #[test]
    fn what_linux_tells_is_read() {
        let text = "ID=debian\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\n";
        assert_eq!(
            distribution(text).as_deref(),
            Some("Debian GNU/Linux 12 (bookworm)")
        );
        assert_eq!(
            memory("MemTotal:       16384000 kB\nMemFree: 1 kB"),
            Some(16000)
        );
        assert_eq!((distribution(""), memory("MemTotal: ?")), (None, None));
    }
}
