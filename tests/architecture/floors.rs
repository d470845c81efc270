//! The floor plan.

/// Folders and files of `src` from the top: each imports only from those below
/// it.
pub const FLOORS: &[&str] = &[
    "cli",
    "record",
    "lsp",
    "check",
    "import",
    "compare",
    "live",
    "engine",
    "steps",
    "icure",
    "target",
    "feeder",
    "otp",
    "document",
    "expression",
    "language",
    "keys",
    "vault",
    "http",
    "report",
    "simulator",
    "metrics",
    "crypto",
    "trace_context",
    "wire",
    "files",
    "ceilings",
    "glob",
    "clock",
    "numbers",
    "wiped",
    "shown",
];

/// Folders that must not know others, although those stand below them.
pub const STRANGERS: &[(&str, &[&str])] = &[("simulator", &["metrics"])];

/// Crates that have no place on some floors.
pub const CRATES: &[(&[&str], &[&str])] = &[(
    &["language", "expression", "document"],
    &["reqwest", "tokio", "rustls", "hyper"],
)];
