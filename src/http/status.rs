//! Which statuses make an answer a good one.

use std::borrow::Cow;
use std::fmt;
use std::ops::RangeInclusive;

use reqwest::StatusCode;

/// Statuses that are expected: single ones, and classes such as `2xx`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statuses(Cow<'static, [Expected]>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Expected {
    One(u16),
    /// `2` for `2xx`.
    Class(u16),
}

/// 2xx.
impl Default for Statuses {
    fn default() -> Self {
        Self(Cow::Borrowed(&[Expected::Class(2)]))
    }
}

impl Statuses {
    /// Reads words such as `404` and `2xx`.
    ///
    /// # Errors
    /// With the place of the first word that is none.
    pub fn parse<'a>(words: impl IntoIterator<Item = &'a str>) -> Result<Self, usize> {
        let read = |(place, word)| Expected::parse(word).ok_or(place);
        let expected: Result<Vec<_>, usize> = words.into_iter().enumerate().map(read).collect();
        expected.map(|list| Self(Cow::Owned(list)))
    }

    /// 101: the server speaks another protocol from here on.
    pub(super) const fn switching() -> Self {
        Self(Cow::Borrowed(&[Expected::One(101)]))
    }

    /// These, and the statuses of redirects that can be followed.
    #[must_use]
    pub fn or_redirects(&self) -> Self {
        let mut all = self.0.to_vec();
        all.extend([301, 302, 303, 307, 308].map(Expected::One));
        Self(Cow::Owned(all))
    }

    /// Those words of which every status is among `others`.
    pub fn covered_by(&self, others: &Self) -> Option<Self> {
        let covered = |word: &Expected| word.all().all(|status| others.has(status));
        let words: Vec<Expected> = self.0.iter().copied().filter(covered).collect();
        (!words.is_empty()).then_some(Self(Cow::Owned(words)))
    }

    /// A status that is among both.
    pub fn common(&self, others: &Self) -> Option<u16> {
        let all = self.0.iter().flat_map(|word| word.all());
        all.into_iter().find(|status| others.has(*status))
    }

    /// Whether this status is one of them.
    pub fn contain(&self, status: StatusCode) -> bool {
        self.has(status.as_u16())
    }

    fn has(&self, status: u16) -> bool {
        self.0.iter().any(|expected| match *expected {
            Expected::One(one) => one == status,
            Expected::Class(class) => class == status / 100,
        })
    }
}

impl Expected {
    fn all(self) -> RangeInclusive<u16> {
        match self {
            Self::One(status) => status..=status,
            Self::Class(class) => class * 100..=class * 100 + 99,
        }
    }

    fn parse(word: &str) -> Option<Self> {
        if let Some(class) = word.strip_suffix("xx") {
            let class = class.parse().ok()?;
            return (1..=5).contains(&class).then_some(Self::Class(class));
        }
        let status = word.parse().ok()?;
        (100..=599).contains(&status).then_some(Self::One(status))
    }
}

/// `200, 204 or 4xx`
impl fmt::Display for Statuses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, expected) in self.0.iter().enumerate() {
            f.write_str(match place {
                0 => "",
                _ if place + 1 == self.0.len() => " or ",
                _ => ", ",
            })?;
            match expected {
                Expected::One(status) => write!(f, "{status}")?,
                Expected::Class(class) => write!(f, "{class}xx")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use reqwest::StatusCode;

    use super::Statuses;

    #[test]
    fn single_statuses_and_classes_are_expected() {
        let statuses = Statuses::parse(["200", "304", "4xx"]).unwrap();
        assert_eq!(statuses.to_string(), "200, 304 or 4xx");
        for (status, expected) in [(200, true), (201, false), (304, true), (418, true)] {
            let status = StatusCode::from_u16(status).unwrap();
            assert_eq!(statuses.contain(status), expected, "{status}");
        }
        assert!(Statuses::default().contain(StatusCode::NO_CONTENT));
    }

    #[test]
    fn what_is_in_both_is_found() {
        let of = |words: &[&'static str]| Statuses::parse(words.iter().copied()).unwrap();
        let good = of(&["2xx", "404"]);
        let covered = |words: &[&'static str]| of(words).covered_by(&good).map(|it| it.to_string());
        assert_eq!(
            covered(&["404", "403", "200"]).as_deref(),
            Some("404 or 200")
        );
        assert_eq!(covered(&["2xx"]).as_deref(), Some("2xx"));
        assert_eq!(covered(&["4xx", "500"]), None);
        assert_eq!(of(&["4xx"]).common(&good), Some(404));
        assert_eq!(of(&["5xx", "403"]).common(&good), None);
    }

    #[test]
    fn what_is_no_status_is_refused_with_its_place() {
        for word in ["", "99", "600", "6xx", "xx", "2x", "ok", "-1xx"] {
            assert_eq!(Statuses::parse(["200", word]), Err(1), "{word}");
        }
    }
}
