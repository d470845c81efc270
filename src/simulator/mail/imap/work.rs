//! Commands that touch many mails: done in pieces, so that answers are sent
//! while they are made and other sessions have their turn.

use std::collections::VecDeque;

use super::fetch::write_fetched;
use super::items::Item;
use super::keys::Key;
use super::parse::Store;
use super::search::{Candidate, Matcher};
use super::view::{Numbered, View};
use super::write::line;
use crate::simulator::mail::flags::{Change, Flags};
use crate::simulator::mail::mailbox::{Mailbox, Stored};

/// Mails in one piece.
const PIECE: usize = 128;

/// A command under way.
pub(super) struct Work {
    tag: String,
    /// Mails that are still to be looked at.
    mails: VecDeque<Numbered>,
    uid: bool,
    task: Task,
    /// Mails that were gone.
    missing: bool,
}

enum Task {
    Fetch { items: Vec<Item> },
    Store(Store),
    Search { matcher: Matcher, found: Vec<u32> },
}

impl Work {
    fn new(tag: String, mails: impl IntoIterator<Item = Numbered>, uid: bool, task: Task) -> Self {
        Self {
            tag,
            mails: mails.into_iter().collect(),
            uid,
            task,
            missing: false,
        }
    }

    pub(super) fn fetch(
        tag: String,
        mails: Vec<Numbered>,
        uid: bool,
        mut items: Vec<Item>,
    ) -> Self {
        if uid && !items.contains(&Item::Uid) {
            items.insert(0, Item::Uid);
        }
        Self::new(tag, mails, uid, Task::Fetch { items })
    }

    pub(super) fn store(tag: String, mails: Vec<Numbered>, uid: bool, store: Store) -> Self {
        Self::new(tag, mails, uid, Task::Store(store))
    }

    pub(super) fn search(tag: String, view: &View, uid: bool, key: Key) -> Self {
        let matcher = Matcher::new(key, view);
        let found = Vec::new();
        Self::new(tag, view.all(), uid, Task::Search { matcher, found })
    }

    /// Does a piece of it; whether that was the last.
    pub(super) fn go_on(&mut self, mailbox: &Mailbox, view: &mut View, out: &mut Vec<u8>) -> bool {
        let piece: Vec<Numbered> = self.mails.drain(..PIECE.min(self.mails.len())).collect();
        let uids: Vec<u32> = piece.iter().map(|mail| mail.uid).collect();
        let there = match &self.task {
            Task::Store(store) => store_flags(*store, mailbox, view, &piece, self.uid, out),
            _ => self.look(mailbox, view, &piece, &uids, out),
        };
        self.missing |= there < piece.len();
        self.mails.is_empty()
    }

    /// Fetches or searches a piece; gives how many mails are still there.
    fn look(
        &mut self,
        mailbox: &Mailbox,
        view: &mut View,
        piece: &[Numbered],
        uids: &[u32],
        out: &mut Vec<u8>,
    ) -> usize {
        let stored = mailbox.find(uids);
        let there = stored.len();
        match &mut self.task {
            Task::Fetch { items } => {
                let marks = !view.examine && items.iter().any(Item::marks);
                for (mail, stored) in joined(piece, stored) {
                    let newly_seen = marks && !stored.flags.contains(Flags::SEEN);
                    let mut flags = stored.flags;
                    if newly_seen {
                        let seen = view.seen();
                        mailbox.mark(&[mail.uid], Change::Add, Flags::SEEN, seen);
                        flags = flags.with(Flags::SEEN);
                    }
                    let listed = flags.list(view.is_recent(mail.uid));
                    write_fetched(mail, &stored.message, &listed, items, newly_seen, out);
                }
            }
            Task::Search { matcher, found } => {
                for (mail, stored) in joined(piece, stored) {
                    let candidate = Candidate::new(mail, &stored, view.is_recent(mail.uid));
                    if matcher.matches(&candidate) {
                        let number = u32::try_from(mail.number).unwrap_or(u32::MAX);
                        found.push(if self.uid { mail.uid } else { number });
                    }
                }
            }
            Task::Store(_) => {}
        }
        there
    }

    /// Whether mails are named by UID, so that their numbers may change.
    pub(super) fn by_uid(&self) -> bool {
        self.uid
    }

    /// Writes what was found, and apart from it the line that ends the command.
    pub(super) fn finish(self, out: &mut Vec<u8>, end: &mut Vec<u8>) {
        let name = match self.task {
            Task::Fetch { .. } => "FETCH",
            Task::Store(_) => "STORE",
            Task::Search { found, .. } => {
                let found = found.iter().map(|number| format!(" {number}"));
                line(&format!("* SEARCH{}", found.collect::<String>()), out);
                "SEARCH"
            }
        };
        let note = if self.missing && !self.uid {
            "[EXPUNGEISSUED] "
        } else {
            ""
        };
        line(&format!("{} OK {note}{name} completed", self.tag), end);
    }
}

fn store_flags(
    store: Store,
    mailbox: &Mailbox,
    view: &mut View,
    piece: &[Numbered],
    uid: bool,
    out: &mut Vec<u8>,
) -> usize {
    let uids: Vec<u32> = piece.iter().map(|mail| mail.uid).collect();
    let marked = mailbox.mark(&uids, store.change, store.flags, view.seen());
    let there = marked.len();
    if !store.silent {
        let mut mails = piece.iter();
        for (id, flags) in marked {
            if let Some(mail) = mails.find(|mail| mail.uid == id) {
                view.tell_flags(*mail, flags, uid, out);
            }
        }
    }
    there
}

/// Numbers with the mails that are still there; both are in order.
fn joined(piece: &[Numbered], stored: Vec<Stored>) -> impl Iterator<Item = (Numbered, Stored)> {
    let mut mails = piece.iter();
    stored
        .into_iter()
        .filter_map(move |stored| Some((*mails.find(|mail| mail.uid == stored.uid)?, stored)))
}
