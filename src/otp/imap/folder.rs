//! Opens the folder.

use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use imap::types::Mailbox;
use imap::{Error, Session};

use super::failure::Failure;
use super::settings::{After, Settings};
use super::wire::Wire;
use crate::otp::link::shown;

/// The folder, and the number that its next message will have.
pub(super) fn open(
    session: &mut Session<Wire>,
    settings: &Settings,
) -> Result<(Mailbox, u32), Failure> {
    let folder = settings.folder.as_str();
    let name = if folder.starts_with('\\') {
        find(session, folder)?
    } else {
        encoded(folder)
    };
    let opened = match settings.after {
        After::Keep => session.examine(&name),
        After::Seen | After::Delete => session.select(&name),
    };
    let opened = opened.map_err(|error| refused(error, folder))?;
    if opened.is_read_only && settings.after != After::Keep {
        return Err(
            Failure::new(format!("the folder `{folder}` can only be read"))
                .hint("write `after: keep`, or use another user"),
        );
    }
    let next = match opened.uid_next {
        Some(next) => next,
        None if opened.exists == 0 => 1,
        // A server that does not say must be asked for its last message.
        None => {
            let last = session.uid_fetch("*", "(UID)")?;
            let last = last.iter().filter_map(|message| message.uid).max();
            last.unwrap_or_default().saturating_add(1)
        }
    };
    Ok((opened, next))
}

fn refused(error: Error, folder: &str) -> Failure {
    // No secret is in what was asked, so none is in the answer.
    let words = match &error {
        Error::Bad(bad) => Some(shown(&bad.information)),
        _ => None,
    };
    let failure = Failure::from(error);
    if failure.is_busy() {
        return failure;
    }
    if let Some(words) = words {
        return Failure::new(words)
            .during(&format!("the server cannot open the folder `{folder}`"))
            .hint("Microsoft 365 says so when `user` has no mailbox of its own, or the token is another user's");
    }
    if !failure.refused {
        return failure;
    }
    failure
        .during(&format!("the server does not open the folder `{folder}`"))
        .hint("is `folder` of the target's `otp` right? Every mailbox has `INBOX`")
}

/// The folder of which the server says that it is for this (RFC 6154): it has
/// another name in each language.
fn find(session: &mut Session<Wire>, what: &str) -> Result<String, Failure> {
    let all = session.list(Some("\"\""), Some("*"))?;
    let found = all.iter().find(|one| {
        let mut attributes = one.attributes().iter();
        attributes.any(|attribute| format!("\\{attribute:?}").eq_ignore_ascii_case(what))
    });
    found.map(|one| one.name().to_owned()).ok_or_else(|| {
        Failure::new(format!("the server has no folder for `{what}`"))
            .hint("write the folder's name as `folder` of the target's `otp`")
            .for_good()
    })
}

/// A name as IMAP writes it: what is not ASCII stands in a base64 of its own
/// (RFC 3501, section 5.1.3).
fn encoded(name: &str) -> String {
    let mut text = String::new();
    let mut foreign = Vec::new();
    for letter in name.chars().map(Some).chain([None]) {
        if let Some(letter) = letter.filter(|letter| !matches!(letter, ' '..='~')) {
            let units = letter.encode_utf16(&mut [0; 2]).to_vec();
            foreign.extend(units.into_iter().flat_map(u16::to_be_bytes));
            continue;
        }
        if !foreign.is_empty() {
            let base64 = STANDARD_NO_PAD.encode(std::mem::take(&mut foreign));
            // Writing to a text does not fail.
            let _ = write!(text, "&{}-", base64.replace('/', ","));
        }
        match letter {
            Some('&') => text.push_str("&-"),
            letter => text.extend(letter),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::encoded;

    #[test]
    fn names_are_written_as_imap_does() {
        for (name, expected) in [
            ("INBOX", "INBOX"),
            ("Q & A", "Q &- A"),
            ("Entwürfe", "Entw&APw-rfe"),
            ("~peter/mail/台北/日本語", "~peter/mail/&U,BTFw-/&ZeVnLIqe-"),
            ("Courrier indésirable", "Courrier ind&AOk-sirable"),
        ] {
            assert_eq!(encoded(name), expected);
        }
    }
}
