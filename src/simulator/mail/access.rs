//! What a client must know to read the mailbox.

use std::net::{IpAddr, SocketAddr};

use secrecy::{ExposeSecret, SecretString};

use crate::simulator::digest::Digest;

/// The mailbox's address and its one account, which are new for each
/// simulator. There is no TLS: it is served on loopback only.
#[derive(Clone, Debug)]
pub struct ImapAccess {
    /// Of this machine, as there is no TLS.
    pub host: IpAddr,
    /// Chosen by the system, when 0 was asked for.
    pub port: u16,
    /// Name of the account.
    pub user: String,
    /// Random, and new with each start.
    pub password: SecretString,
}

impl ImapAccess {
    /// A new account at an address.
    pub(super) fn at(address: SocketAddr) -> Self {
        let password: [u8; 16] = rand::random();
        let user: [u8; 4] = rand::random();
        Self {
            host: address.ip(),
            port: address.port(),
            user: format!("rehearse-{}", hex::encode(user)),
            password: SecretString::from(hex::encode(password)),
        }
    }
}

/// The account as the server keeps it.
pub(super) struct Account {
    user: String,
    password: Digest,
}

impl Account {
    pub(super) fn of(access: &ImapAccess) -> Self {
        Self {
            user: access.user.clone(),
            password: Digest::of(access.password.expose_secret()),
        }
    }

    pub(super) fn admits(&self, user: &str, password: &str) -> bool {
        self.user == user && self.password == Digest::of(password)
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::{Account, ImapAccess};

    #[test]
    fn only_the_right_user_with_the_right_password_is_admitted() {
        let access = ImapAccess::at("127.0.0.1:1143".parse().unwrap());
        let other = ImapAccess::at("127.0.0.1:1143".parse().unwrap());
        let account = Account::of(&access);
        let password = access.password.expose_secret();
        assert!(account.admits(&access.user, password));
        assert!(!account.admits(&other.user, password));
        assert!(!account.admits(&access.user, other.password.expose_secret()));
        assert!(!account.admits(&access.user, ""));
    }

    #[test]
    fn the_password_is_not_in_its_debug_form() {
        let access = ImapAccess::at("127.0.0.1:1143".parse().unwrap());
        assert!(!format!("{access:?}").contains(access.password.expose_secret()));
    }
}
