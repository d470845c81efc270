//! Which mails a search finds.

use std::cell::OnceCell;

use super::date::day;
use super::keys::Key;
use super::view::{Numbered, View};
use crate::simulator::mail::mailbox::Stored;
use crate::simulator::mail::render::{DOMAIN, Mail, SENDER, SENDER_NAME};

/// A search in a mailbox.
pub(super) struct Matcher(Key);

/// A mail that is looked at.
pub(super) struct Candidate<'a> {
    mail: Numbered,
    stored: &'a Stored,
    recent: bool,
    /// Most searches do without.
    rendered: OnceCell<Mail>,
}

impl Matcher {
    /// What `*` is does not change while it is searched.
    pub(super) fn new(mut key: Key, view: &View) -> Self {
        resolve(&mut key, view);
        Self(key)
    }

    pub(super) fn matches(&self, candidate: &Candidate<'_>) -> bool {
        candidate.satisfies(&self.0)
    }
}

fn resolve(key: &mut Key, view: &View) {
    match key {
        Key::Numbers(set) => *key = Key::NumberIn(view.resolve(set, false)),
        Key::Uids(set) => *key = Key::UidIn(view.resolve(set, true)),
        Key::Not(inner) => resolve(inner, view),
        Key::Either(one, other) => {
            resolve(one, view);
            resolve(other, view);
        }
        Key::All(keys) => keys.iter_mut().for_each(|key| resolve(key, view)),
        _ => {}
    }
}

impl<'a> Candidate<'a> {
    pub(super) fn new(mail: Numbered, stored: &'a Stored, recent: bool) -> Self {
        Self {
            mail,
            stored,
            recent,
            rendered: OnceCell::new(),
        }
    }

    fn satisfies(&self, key: &Key) -> bool {
        let message = &self.stored.message;
        let sent = || day(message.sent_at);
        match key {
            Key::Everything => true,
            // Resolved before it is searched.
            Key::Nothing | Key::Numbers(_) | Key::Uids(_) => false,
            Key::Flag(flag) => self.stored.flags.contains(*flag),
            Key::Recent => self.recent,
            Key::From(text) => has(&format!("{SENDER_NAME} <{SENDER}@{DOMAIN}>"), text),
            Key::To(text) => has(&message.to, text),
            Key::Subject(text) => has(message.subject.as_deref().unwrap_or_default(), text),
            Key::Header(name, text) => self.header_has(name, text),
            Key::Body(text) => has(&message.body, text),
            Key::Text(text) => self.text_has(text),
            Key::Before(date) => sent() < *date,
            Key::On(date) => sent() == *date,
            Key::Since(date) => sent() >= *date,
            Key::Larger(size) => self.size() > u64::from(*size),
            Key::Smaller(size) => self.size() < u64::from(*size),
            Key::NumberIn(ranges) => {
                u32::try_from(self.mail.number).is_ok_and(|number| ranges.contains(number))
            }
            Key::UidIn(ranges) => ranges.contains(self.mail.uid),
            Key::Not(key) => !self.satisfies(key),
            Key::Either(one, other) => self.satisfies(one) || self.satisfies(other),
            Key::All(keys) => keys.iter().all(|key| self.satisfies(key)),
        }
    }

    /// Decoded where a header field can be encoded.
    fn header_has(&self, name: &str, text: &str) -> bool {
        let message = &self.stored.message;
        match name {
            "to" => has(&message.to, text),
            "subject" => has(message.subject.as_deref().unwrap_or_default(), text),
            _ => {
                let header = String::from_utf8_lossy(self.mail().header());
                let mut fields = header.lines().filter_map(|line| line.split_once(':'));
                fields.any(|(found, value)| found.eq_ignore_ascii_case(name) && has(value, text))
            }
        }
    }

    /// In the header or in the decoded body.
    fn text_has(&self, text: &str) -> bool {
        let message = &self.stored.message;
        has(&message.body, text)
            || has(&message.to, text)
            || has(message.subject.as_deref().unwrap_or_default(), text)
            || has(&String::from_utf8_lossy(self.mail().header()), text)
    }

    fn size(&self) -> u64 {
        self.mail().bytes().len() as u64
    }

    fn mail(&self) -> &Mail {
        self.rendered.get_or_init(|| Mail::of(&self.stored.message))
    }
}

/// `part` is in lower case.
fn has(text: &str, part: &str) -> bool {
    text.to_lowercase().contains(part)
}
