//! The flags that a mail can have: the five of the system, no keywords.

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Flags(u8);

/// Each flag's bit and name.
const NAMES: [(Flags, &str); 5] = [
    (Flags::ANSWERED, "\\Answered"),
    (Flags::FLAGGED, "\\Flagged"),
    (Flags::DELETED, "\\Deleted"),
    (Flags::SEEN, "\\Seen"),
    (Flags::DRAFT, "\\Draft"),
];

impl Flags {
    pub(super) const NONE: Self = Self(0);
    pub(super) const ANSWERED: Self = Self(1);
    pub(super) const FLAGGED: Self = Self(1 << 1);
    pub(super) const DELETED: Self = Self(1 << 2);
    pub(super) const SEEN: Self = Self(1 << 3);
    pub(super) const DRAFT: Self = Self(1 << 4);

    /// The flag of a name, which begins with a backslash.
    pub(super) fn named(name: &str) -> Option<Self> {
        let mut known = NAMES.iter();
        known
            .find(|(_, known)| known.eq_ignore_ascii_case(name))
            .map(|(flag, _)| *flag)
    }

    pub(super) fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    pub(super) fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(super) fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// As IMAP lists them; `\Recent` is not stored, so it is passed.
    pub(super) fn list(self, recent: bool) -> String {
        let listed = NAMES.iter().filter(|(flag, _)| self.contains(*flag));
        let names = listed
            .map(|(_, name)| *name)
            .chain(recent.then_some("\\Recent"));
        format!("({})", names.collect::<Vec<_>>().join(" "))
    }
}

/// What `STORE` does with flags.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    Add,
    Remove,
    Replace,
}

impl Change {
    pub(super) fn apply(self, before: Flags, flags: Flags) -> Flags {
        match self {
            Self::Add => before.with(flags),
            Self::Remove => before.without(flags),
            Self::Replace => flags,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Change, Flags};

    #[test]
    fn flags_are_listed_by_name() {
        let flags = Flags::SEEN.with(Flags::DELETED);
        assert_eq!(flags.list(false), "(\\Deleted \\Seen)");
        assert_eq!(Flags::NONE.list(true), "(\\Recent)");
        assert_eq!(Flags::named("\\sEEN"), Some(Flags::SEEN));
        assert_eq!(Flags::named("\\Recent"), None);
    }

    #[test]
    fn changes_add_remove_and_replace() {
        let before = Flags::SEEN.with(Flags::DRAFT);
        assert_eq!(
            Change::Add.apply(before, Flags::FLAGGED),
            before.with(Flags::FLAGGED)
        );
        assert_eq!(Change::Remove.apply(before, Flags::SEEN), Flags::DRAFT);
        assert_eq!(
            Change::Replace.apply(before, Flags::FLAGGED),
            Flags::FLAGGED
        );
    }
}
