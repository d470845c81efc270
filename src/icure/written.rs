//! Which contacts a session has stored.

use std::collections::VecDeque;

use crate::ceilings;

/// The last of them. What is changed in one of these is changed where it stands;
/// in another one it gets a contact of its own, as with an app that was started
/// anew (`contactsCache` of the clients).
#[derive(Clone, Default)]
pub(super) struct Written(VecDeque<String>);

impl Written {
    /// Remembers one; the oldest is forgotten when there are too many.
    pub(super) fn add(&mut self, contact: &str) {
        if self.0.len() >= ceilings::WRITTEN {
            self.0.pop_front();
        }
        self.0.push_back(contact.to_owned());
    }

    pub(super) fn has(&self, contact: &str) -> bool {
        self.0.iter().any(|known| known == contact)
    }
}

#[cfg(test)]
mod tests {
    use super::Written;
    use crate::ceilings;

    #[test]
    fn the_contacts_of_a_session_are_remembered_up_to_a_ceiling() {
        let mut written = Written::default();
        for number in 0..=ceilings::WRITTEN {
            written.add(&number.to_string());
        }
        assert!(!written.has("0") && written.has("1"));
        assert!(written.has(&ceilings::WRITTEN.to_string()));
    }
}
