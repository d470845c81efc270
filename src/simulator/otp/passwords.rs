//! Codes that were handed in, as passwords.

use std::collections::{HashMap, VecDeque};

use parking_lot::Mutex;

use crate::simulator::digest::Digest;

/// One-time passwords by user.
#[derive(Default)]
pub(in crate::simulator) struct Passwords {
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    by_user: HashMap<String, Vec<Password>>,
    /// Users with the time at which one of their passwords expires, in the
    /// order in which they were added.
    to_forget: VecDeque<(i64, String)>,
}

struct Password {
    salt: [u8; 16],
    digest: Digest,
    /// Milliseconds since 1970.
    valid_from: i64,
    valid_until: i64,
}

impl Password {
    fn is_valid(&self, now: i64) -> bool {
        (self.valid_from..self.valid_until).contains(&now)
    }
}

impl Passwords {
    /// Makes a code a password of a user for some time.
    pub(in crate::simulator) fn add(
        &self,
        user: &str,
        code: &str,
        now: i64,
        valid_from: i64,
        valid_until: i64,
    ) {
        let salt: [u8; 16] = rand::random();
        let password = Password {
            salt,
            digest: Digest::salted(&salt, code),
            valid_from,
            valid_until,
        };
        let mut inner = self.inner.lock();
        inner.forget(now);
        let passwords = inner.by_user.entry(user.to_owned()).or_default();
        passwords.push(password);
        inner.to_forget.push_back((valid_until, user.to_owned()));
    }

    /// Whether a code is a password of a user.
    pub(in crate::simulator) fn accepts(&self, user: &str, code: &str, now: i64) -> bool {
        let inner = self.inner.lock();
        inner.by_user.get(user).is_some_and(|passwords| {
            passwords
                .iter()
                .any(|one| one.is_valid(now) && one.digest == Digest::salted(&one.salt, code))
        })
    }
}

impl Inner {
    fn forget(&mut self, now: i64) {
        while let Some((at, _)) = self.to_forget.front()
            && *at <= now
        {
            let Some((_, user)) = self.to_forget.pop_front() else {
                return;
            };
            if let Some(passwords) = self.by_user.get_mut(&user) {
                passwords.retain(|one| one.valid_until > now);
                if passwords.is_empty() {
                    self.by_user.remove(&user);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Passwords;

    #[test]
    fn a_password_is_one_users_and_for_some_time() {
        let passwords = Passwords::default();
        passwords.add("ada", "123456", 0, 5, 10);
        assert!(!passwords.accepts("ada", "123456", 4));
        assert!(passwords.accepts("ada", "123456", 5));
        assert!(!passwords.accepts("ada", "123457", 5));
        assert!(!passwords.accepts("bob", "123456", 5));
        assert!(!passwords.accepts("ada", "123456", 10));
    }

    #[test]
    fn a_second_password_leaves_the_first_alone() {
        let passwords = Passwords::default();
        passwords.add("ada", "111111", 0, 0, 10);
        passwords.add("ada", "222222", 5, 5, 15);
        assert!(passwords.accepts("ada", "111111", 6));
        assert!(passwords.accepts("ada", "222222", 6));
        passwords.add("bob", "333333", 12, 12, 22);
        assert!(!passwords.accepts("ada", "111111", 12));
        assert!(passwords.accepts("ada", "222222", 12));
    }

    #[test]
    fn what_has_expired_is_forgotten() {
        let passwords = Passwords::default();
        passwords.add("ada", "111111", 0, 0, 10);
        passwords.add("bob", "222222", 10, 10, 20);
        let inner = passwords.inner.lock();
        assert_eq!(inner.by_user.keys().collect::<Vec<_>>(), ["bob"]);
    }
}
