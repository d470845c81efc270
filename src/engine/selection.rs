//! Which scenarios of a file are played.

use std::str::FromStr;

use crate::document::{Document, Marks, ScenarioDoc};

/// Tags that the command line asks for: `smoke,!slow`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    wanted: Vec<String>,
    unwanted: Vec<String>,
}

impl FromStr for Selection {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut selection = Self::default();
        for word in text.split(',').map(str::trim) {
            let (list, tag) = match word.strip_prefix('!') {
                Some(tag) => (&mut selection.unwanted, tag),
                None => (&mut selection.wanted, word),
            };
            if tag.is_empty() {
                return Err("expected tags with commas between them, such as smoke,!slow".into());
            }
            list.push(tag.to_owned());
        }
        Ok(selection)
    }
}

/// Why a scenario is not played.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SkipReason {
    /// It says `skip`.
    Skipped,
    /// Others say `only`.
    NotOnly,
    /// By its tags.
    Tags,
}

impl SkipReason {
    /// In words.
    pub fn reason(self) -> &'static str {
        match self {
            Self::Skipped => "it has `skip`",
            Self::NotOnly => "others have `only`",
            Self::Tags => "by its tags",
        }
    }
}

impl Selection {
    /// Why a scenario is not played; `None` when it is.
    pub(super) fn leaves_out(
        &self,
        scenario: &ScenarioDoc,
        document: &Document,
    ) -> Option<SkipReason> {
        let has = |tags: &[String]| tags.iter().any(|tag| scenario.marks.tags.contains(tag));
        let only = document.scenarios.iter().any(|scenario| scenario.only);
        if scenario.marks.skip {
            Some(SkipReason::Skipped)
        } else if only && !scenario.only {
            Some(SkipReason::NotOnly)
        } else if has(&self.unwanted) || !(self.wanted.is_empty() || has(&self.wanted)) {
            Some(SkipReason::Tags)
        } else {
            None
        }
    }

    /// Whether a step of a scenario that is played is played as well: unless it
    /// has a tag that is not wanted. A step without tags belongs to all.
    pub(super) fn plays_step(&self, marks: &Marks) -> bool {
        !marks.skip && !marks.tags.iter().any(|tag| self.unwanted.contains(tag))
    }
}

#[cfg(test)]
mod tests {
    use super::Selection;

    #[test]
    fn tags_are_wanted_or_not() {
        let selection: Selection = "smoke, !slow,x".parse().unwrap();
        assert_eq!(selection.wanted, ["smoke", "x"]);
        assert_eq!(selection.unwanted, ["slow"]);
        for wrong in ["", "a,,b", "!", "a,"] {
            assert!(wrong.parse::<Selection>().is_err(), "{wrong}");
        }
    }
}
