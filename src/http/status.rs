//! Which statuses make an answer a good one.

use std::borrow::Cow;
use std::fmt;

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

    /// Whether this status is one of them.
    pub fn contain(&self, status: StatusCode) -> bool {
        let status = status.as_u16();
        self.0.iter().any(|expected| match *expected {
            Expected::One(one) => one == status,
            Expected::Class(class) => class == status / 100,
        })
    }
}

impl Expected {
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
    fn what_is_no_status_is_refused_with_its_place() {
        for word in ["", "99", "600", "6xx", "xx", "2x", "ok", "-1xx"] {
            assert_eq!(Statuses::parse(["200", word]), Err(1), "{word}");
        }
    }
}
