//! The `rehearse` command.

use std::process::ExitCode;

/// Answers are many small blocks that live for a moment.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    rehearse::cli::main()
}
