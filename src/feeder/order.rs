//! Who gets which row.

use crate::language::Choice;

/// Who gets which row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// Each iteration the next one, from the beginning again after the last.
    #[default]
    Sequential,
    /// Each iteration any one, drawn from the seed.
    Random,
    /// Each user one of its own, in all its iterations.
    UniquePerVu,
    /// Each iteration the next one, and none after the last.
    Once,
}

impl Choice for Order {
    const EXPECTED: &'static str = "`sequential`, `random`, `unique_per_vu` or `once`";
    const CHOICES: &'static [(&'static str, Self)] = &[
        ("sequential", Self::Sequential),
        ("random", Self::Random),
        ("unique_per_vu", Self::UniquePerVu),
        ("once", Self::Once),
    ];
}
