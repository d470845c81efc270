//! What expressions can name wherever they stand.

/// Variables that every iteration has.
pub(crate) const VARIABLES: &[&str] = &[
    "vu",
    "iteration",
    "scenario",
    "target",
    "fake",
    "run",
    "env",
];
/// Those of them that are there before any user is.
pub(crate) const RUN_VARIABLES: &[&str] = &["target", "fake", "run", "env"];
/// The number of a play, where a step is played several times.
pub(crate) const ROUND: &str = "round";
/// Functions that are called by name.
pub(crate) const FUNCTIONS: &[&str] = &["now", "range", "dict", "uuid", "random_int"];

/// Whether nothing else can have this name.
pub(crate) fn is_built_in(name: &str) -> bool {
    name == ROUND || VARIABLES.contains(&name) || FUNCTIONS.contains(&name)
}
