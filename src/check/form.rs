//! What a form of telling findings is.

use crate::engine::Inspected;
use crate::language::Look;

/// A form in which findings are told.
pub struct Form {
    /// Its name on the command line.
    pub name: &'static str,
    /// Writes what was found in these files.
    pub render: fn(&[Inspected], Look) -> String,
}
