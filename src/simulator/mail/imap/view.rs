//! The mailbox as one session has been told of it: which number is which mail.

use super::set::{MailSet, Ranges};
use super::write::line;
use crate::simulator::mail::flags::Flags;
use crate::simulator::mail::mailbox::{Mailbox, News, Seen};

/// A selected mailbox.
pub(super) struct View {
    /// Of mail number one, two, and so on; they grow.
    uids: Vec<u32>,
    seen: Seen,
    /// Mails from this UID on are recent.
    recent_from: u32,
    pub(super) examine: bool,
}

/// A mail in a view.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Numbered {
    pub(super) number: usize,
    pub(super) uid: u32,
}

impl View {
    pub(super) fn open(mailbox: &Mailbox, examine: bool) -> Self {
        let mut view = Self {
            uids: Vec::new(),
            seen: Seen::default(),
            recent_from: mailbox.recent_from(!examine),
            examine,
        };
        view.uids = mailbox.news(&mut view.seen, true).came;
        view
    }

    pub(super) fn seen(&mut self) -> &mut Seen {
        &mut self.seen
    }

    pub(super) fn len(&self) -> usize {
        self.uids.len()
    }

    pub(super) fn recent(&self) -> usize {
        self.uids.len() - self.uids.partition_point(|uid| *uid < self.recent_from)
    }

    pub(super) fn is_recent(&self, uid: u32) -> bool {
        uid >= self.recent_from
    }

    /// Tells the client what happened to the mailbox. Numbers of mails change
    /// only when `gone` allows it.
    pub(super) fn tell(&mut self, mailbox: &Mailbox, gone: bool, out: &mut Vec<u8>) {
        let News { came, left, marked } = mailbox.news(&mut self.seen, gone);
        if let Some(left) = left {
            self.remove(&left, out);
        }
        if !came.is_empty() {
            self.uids.extend(came);
            line(&format!("* {} EXISTS", self.len()), out);
            line(&format!("* {} RECENT", self.recent()), out);
        }
        for (uid, flags) in marked {
            if let Some(number) = self.number(uid) {
                self.tell_flags(Numbered { number, uid }, flags, false, out);
            }
        }
    }

    pub(super) fn tell_flags(&self, mail: Numbered, flags: Flags, uid: bool, out: &mut Vec<u8>) {
        let Numbered { number, uid: id } = mail;
        let flags = flags.list(self.is_recent(id));
        let uid = if uid {
            format!("UID {id} ")
        } else {
            String::new()
        };
        line(&format!("* {number} FETCH ({uid}FLAGS {flags})"), out);
    }

    /// Keeps what is left; both are in order.
    fn remove(&mut self, left: &[u32], out: &mut Vec<u8>) {
        let mut left = left.iter().peekable();
        let mut gone = Vec::new();
        let mut number = 0;
        self.uids.retain(|uid| {
            number += 1;
            while left.next_if(|there| *there < uid).is_some() {}
            let there = left.peek() == Some(&uid);
            if !there {
                gone.push(number);
            }
            there
        });
        // From the last to the first, so that each number is still right when it
        // is told.
        for number in gone.iter().rev() {
            line(&format!("* {number} EXPUNGE"), out);
        }
    }

    fn number(&self, uid: u32) -> Option<usize> {
        self.uids.binary_search(&uid).ok().map(|index| index + 1)
    }

    /// A set of numbers or UIDs as ranges.
    pub(super) fn resolve(&self, set: &MailSet, uid: bool) -> Ranges {
        set.resolve(if uid {
            self.uids.last().copied()
        } else {
            number(self.len())
        })
    }

    /// The mails of a set. UIDs of no mail are left out.
    ///
    /// # Errors
    /// When a number is that of no mail.
    pub(super) fn pick(&self, set: &MailSet, uid: bool) -> Result<Vec<Numbered>, NoSuchMail> {
        let ranges = self.resolve(set, uid);
        if !uid && ranges.last() > number(self.len()) {
            return Err(NoSuchMail);
        }
        let all = self.all();
        let chosen = all.filter(|mail| {
            let number = if uid {
                Some(mail.uid)
            } else {
                number(mail.number)
            };
            number.is_some_and(|number| ranges.contains(number))
        });
        Ok(chosen.collect())
    }

    /// The UIDs of a set, or all, as far as the client knows of them.
    pub(super) fn resolve_known(&self, uids: Option<&MailSet>) -> Known<'_> {
        Known {
            uids: &self.uids,
            chosen: uids.map(|set| self.resolve(set, true)),
        }
    }

    /// A UID that no mail has that the client knows of.
    pub(super) fn next_uid(&self) -> u32 {
        self.seen.next_uid()
    }

    pub(super) fn first_unseen(&self, mailbox: &Mailbox) -> Option<usize> {
        self.number(mailbox.first_unseen()?)
    }

    /// Every mail, in order.
    pub(super) fn all(&self) -> impl Iterator<Item = Numbered> {
        let numbered = self.uids.iter().enumerate();
        numbered.map(|(index, uid)| Numbered {
            number: index + 1,
            uid: *uid,
        })
    }
}

/// UIDs that a client knows of.
pub(super) struct Known<'a> {
    uids: &'a [u32],
    chosen: Option<Ranges>,
}

impl Known<'_> {
    pub(super) fn contains(&self, uid: u32) -> bool {
        let chosen = self.chosen.as_ref();
        chosen.is_none_or(|chosen| chosen.contains(uid)) && self.uids.binary_search(&uid).is_ok()
    }
}

/// A number above that of the last mail.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct NoSuchMail;

/// None for none.
fn number(count: usize) -> Option<u32> {
    u32::try_from(count).ok().filter(|count| *count > 0)
}
