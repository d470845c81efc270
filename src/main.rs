//! The `rehearse` command.

fn main() {}
