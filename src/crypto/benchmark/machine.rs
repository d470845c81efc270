//! Where it was measured.

use std::path::Path;
use std::thread::available_parallelism;

use serde::Serialize;

use crate::{ceilings, files};

/// The machine, as far as it matters here.
#[derive(Clone, Debug, Serialize)]
pub struct Machine {
    /// What the processor calls itself; empty where the system does not tell.
    pub processor: String,
    /// How many threads run at once.
    pub threads: usize,
    /// `linux`, `macos`, ...
    pub system: &'static str,
    /// `x86_64`, `aarch64`, ...
    pub architecture: &'static str,
    /// Instructions for cryptography that the processor has.
    pub instructions: Vec<&'static str>,
    /// False when this program was built without optimisation: the figures say
    /// nothing about the machine then.
    pub optimised: bool,
}

impl Machine {
    /// This machine.
    pub fn this() -> Self {
        Self {
            processor: processor().unwrap_or_default(),
            threads: available_parallelism().map_or(1, usize::from),
            system: std::env::consts::OS,
            architecture: std::env::consts::ARCH,
            instructions: instructions(),
            optimised: !cfg!(debug_assertions),
        }
    }
}

/// From Linux's `/proc/cpuinfo`.
fn processor() -> Option<String> {
    let text = files::read_text(Path::new("/proc/cpuinfo"), ceilings::SYSTEM).ok()?;
    let line = text.lines().find(|line| line.starts_with("model name"))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

#[cfg(target_arch = "x86_64")]
fn instructions() -> Vec<&'static str> {
    use std::arch::is_x86_feature_detected as has;
    let all = [
        ("AES-NI", has!("aes")),
        ("PCLMULQDQ", has!("pclmulqdq")),
        ("VAES", has!("vaes")),
        ("VPCLMULQDQ", has!("vpclmulqdq")),
        ("SHA", has!("sha")),
        ("AVX2", has!("avx2")),
        ("AVX-512F", has!("avx512f")),
        ("AVX-512 IFMA", has!("avx512ifma")),
    ];
    all.into_iter()
        .filter_map(|(name, there)| there.then_some(name))
        .collect()
}

#[cfg(target_arch = "aarch64")]
fn instructions() -> Vec<&'static str> {
    use std::arch::is_aarch64_feature_detected as has;
    let all = [
        ("AES", has!("aes")),
        ("PMULL", has!("pmull")),
        ("SHA2", has!("sha2")),
    ];
    all.into_iter()
        .filter_map(|(name, there)| there.then_some(name))
        .collect()
}

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
fn instructions() -> Vec<&'static str> {
    Vec::new()
}
