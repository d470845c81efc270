//! How we say who we are.

use imap::types::Capabilities;
use imap::{Authenticator, Client, Session};
use secrecy::{ExposeSecret, SecretString};

use super::failure::Failure;
use super::settings::{Proof, Settings};
use super::wire::Wire;

/// What a server offers before it knows us.
#[derive(Clone, Copy)]
pub(super) struct Ways {
    /// `LOGIN` is forbidden.
    no_login: bool,
    /// `AUTHENTICATE PLAIN`
    plain: bool,
}

impl Ways {
    pub(super) fn of(capabilities: &Capabilities) -> Self {
        Self {
            no_login: capabilities.has_str("LOGINDISABLED"),
            plain: capabilities.has_str("AUTH=PLAIN"),
        }
    }
}

/// Says who we are, in a way that the server takes.
pub(super) fn log_in(
    client: Client<Wire>,
    settings: &Settings,
    ways: Ways,
) -> Result<Session<Wire>, Failure> {
    let user = settings.user.as_str();
    let done = match &settings.proof {
        Proof::Password(password) => {
            let password = password.expose_secret();
            // LOGIN knows no letters beyond ASCII.
            let is_plain = user.is_ascii() && password.is_ascii();
            if ways.plain && (ways.no_login || !is_plain) {
                let answer = format!("\0{user}\0{password}").into();
                client.authenticate("PLAIN", &Answer(answer))
            } else if ways.no_login {
                let reason = "the server takes no password on this connection (LOGINDISABLED)";
                return Err(Failure::new(reason)
                    .hint("write `security: tls` or `starttls`, or `xoauth2` if it wants a token")
                    .for_good());
            } else {
                client.login(user, password)
            }
        }
        Proof::Token(token) => {
            let token = token.expose_secret();
            let answer = format!("user={user}\x01auth=Bearer {token}\x01\x01").into();
            client.authenticate("XOAUTH2", &Answer(answer))
        }
    };
    done.map_err(|(error, _)| {
        let failure = Failure::from(error);
        if !failure.refused {
            return failure;
        }
        let hint = match &settings.proof {
            Proof::Password(_) => {
                "are `user` and `password` of the target's `otp` right? Gmail and Outlook want an app password or `xoauth2`"
            }
            Proof::Token(_) => "is the token of `xoauth2` for this user, and not expired?",
        };
        failure.during(&format!("the server refuses `{user}`")).hint(hint)
    })
}

/// What is answered when the server asks who we are.
struct Answer(SecretString);

impl Authenticator for Answer {
    type Response = String;

    fn process(&self, challenge: &[u8]) -> String {
        if challenge.is_empty() {
            self.0.expose_secret().to_owned()
        } else {
            // It says why it refuses, and wants to hear nothing before it does.
            String::new()
        }
    }
}
