//! How we say who we are.

use imap::types::Capabilities;
use imap::{Authenticator, Client, Session};
use secrecy::{ExposeSecret, SecretString};

use super::failure::Failure;
use super::settings::Settings;
use super::wire::Wire;
use crate::otp::oauth::Token;
use crate::otp::proof::{Proof, sasl};

/// What a server offers before it knows us.
#[derive(Clone, Copy)]
pub(super) struct Ways {
    /// `LOGIN` is forbidden.
    no_login: bool,
    /// `AUTHENTICATE PLAIN`
    plain: bool,
    /// `AUTHENTICATE OAUTHBEARER`, and no other way to show a token.
    bearer: bool,
}

impl Ways {
    pub(super) fn of(capabilities: &Capabilities) -> Self {
        Self {
            no_login: capabilities.has_str("LOGINDISABLED"),
            plain: capabilities.has_str("AUTH=PLAIN"),
            bearer: capabilities.has_str("AUTH=OAUTHBEARER")
                && !capabilities.has_str("AUTH=XOAUTH2"),
        }
    }
}

/// Says who we are, in a way that the server takes.
pub(super) fn log_in(
    client: Client<Wire>,
    settings: &Settings,
    token: Option<&Token>,
    ways: Ways,
) -> Result<Session<Wire>, Failure> {
    let user = settings.user.as_str();
    let done = if let Some(token) = token {
        let (way, answer) = sasl(&settings.server, user, token, ways.bearer);
        client.authenticate(way, &Answer(answer))
    } else {
        let password = match &settings.proof {
            Proof::Password(password) => password.expose_secret(),
            _ => "",
        };
        // LOGIN knows no letters beyond ASCII.
        let is_plain = user.is_ascii() && password.is_ascii();
        if ways.plain && (ways.no_login || !is_plain) {
            let answer = format!("\0{user}\0{password}").into();
            client.authenticate("PLAIN", &Answer(answer))
        } else if ways.no_login {
            let reason = "the server takes no password on this connection (LOGINDISABLED)";
            return Err(Failure::new(reason)
                .hint("write `security: tls` or `starttls`, or `oauth2` if it wants a token")
                .for_good());
        } else {
            client.login(user, password)
        }
    };
    done.map_err(|(mut error, _)| {
        if let imap::Error::No(no) = &mut error {
            no.information = settings.proof.cut_from(&no.information, token);
        }
        let failure = Failure::from(error);
        if !failure.refused {
            return failure;
        }
        let hint = match &settings.proof {
            Proof::Password(_) => {
                "are `user` and `password` of the target's `otp` right? Gmail and Outlook want an app password or a token: `oauth2`"
            }
            Proof::Token(_) => {
                "is the token of `xoauth2` for this user, and not expired? `oauth2` renews tokens"
            }
            Proof::Account(_) => {
                "is the account of `oauth2` allowed to read the mailbox of `user` over IMAP, and its `scope` the one for IMAP?"
            }
        };
        failure
            .during(&format!("the server refuses `{user}`"))
            .hint(hint)
    })
}

/// What is answered when the server asks who we are, and to nothing else it says:
/// why it refuses, and it wants to hear nothing of ours before it does.
struct Answer(SecretString);

impl Authenticator for Answer {
    type Response = String;

    fn process(&self, challenge: &[u8]) -> String {
        if challenge.is_empty() {
            self.0.expose_secret().to_owned()
        } else {
            String::new()
        }
    }
}
