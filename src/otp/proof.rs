//! How we prove to a mail server who we are.

use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};

use super::SourceError;
use super::oauth::{Account, Token};
use super::server::Server;
use crate::clock::Clock;
use crate::document::{Field, ReadContext};
use crate::language::{Fields, Key};
use crate::shown::Secrets;

/// How we prove who we are.
#[derive(Debug)]
pub(super) enum Proof {
    Password(SecretString),
    /// A token that was given.
    Token(SecretString),
    /// Tokens that are asked for.
    Account(Arc<Account>),
}

/// Needed, unless there is `xoauth2` or `oauth2`.
const PASSWORD: Field<SecretString> = Field::new(
    "password",
    "password for the mailbox; or `xoauth2`, `oauth2`",
)
.shown();
const XOAUTH2: Field<SecretString> =
    Field::new("xoauth2", "an access token, instead of `password`");
const OAUTH2: Field<Arc<Account>> = Field::new(
    "oauth2",
    "where access tokens are asked for, instead of `password`",
);

/// Its keys.
pub(super) const KEYS: &[Key] = &[XOAUTH2.key(), OAUTH2.key(), PASSWORD.key()];

impl Proof {
    pub(super) fn read(fields: &mut Fields<'_>, cx: &mut ReadContext) -> Option<Self> {
        let given = KEYS.iter().map(|key| key.name);
        let given: Vec<_> = given.filter(|name| fields.has(name)).collect();
        if let [.., first, second] = given[..] {
            // Not where they are: that line would be shown.
            let message = format!("`otp` has both `{second}` and `{first}`");
            cx.problem(fields.span(), message, "remove one of them");
        }
        if fields.has("oauth2") {
            return fields.get(&OAUTH2, cx).map(Self::Account);
        }
        if fields.has("xoauth2") {
            return fields.get(&XOAUTH2, cx).map(Self::Token);
        }
        fields.require(&PASSWORD, cx).map(Self::Password)
    }

    /// A token, where one is the proof: in a thread that may wait.
    pub(super) fn token(&self, clock: &Clock) -> Result<Option<Token>, SourceError> {
        match self {
            Self::Password(_) => Ok(None),
            Self::Token(token) => Ok(Some(Token {
                token: token.clone(),
                is_new: true,
            })),
            Self::Account(account) => account.token_now(clock).map(Some),
        }
    }

    /// What a server says, without what we have proved it with: it may repeat that.
    pub(super) fn cut_from(&self, said: &str, token: Option<&Token>) -> String {
        let mut secrets = Secrets::default();
        let given = match self {
            Self::Password(secret) | Self::Token(secret) => Some(secret),
            Self::Account(_) => None,
        };
        for secret in given.into_iter().chain(token.map(|token| &token.token)) {
            secrets.add_named(secret.expose_secret());
        }
        secrets.cut(said)
    }

    /// The server has refused a token: whether another one may be taken.
    pub(super) fn refuse(&self, token: &Token) -> bool {
        match self {
            Self::Account(account) if !token.is_new => {
                account.refuse(token);
                true
            }
            _ => false,
        }
    }
}

/// How a token is shown to a server, and under which name (SASL): `bearer` is RFC
/// 7628's way, the other one Google's, which most servers know.
pub(super) fn sasl(
    server: &Server,
    user: &str,
    token: &Token,
    bearer: bool,
) -> (&'static str, SecretString) {
    let token = token.token.expose_secret();
    if bearer {
        let Server { host, port, .. } = server;
        let answer =
            format!("n,a={user},\x01host={host}\x01port={port}\x01auth=Bearer {token}\x01\x01");
        return ("OAUTHBEARER", answer.into());
    }
    let answer = format!("user={user}\x01auth=Bearer {token}\x01\x01");
    ("XOAUTH2", answer.into())
}
