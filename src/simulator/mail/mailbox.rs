//! The one mailbox: e-mails of the outbox, shared with it, and their flags.

use std::collections::VecDeque;
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::watch;

use super::flags::{Change, Flags};
use crate::clock::Clock;
use crate::wire::OutboxMessage;

/// Mails that are kept; the outbox keeps as many messages.
const CAPACITY: usize = 100_000;

/// All mails, oldest first.
pub(in crate::simulator) struct Mailbox {
    inner: Mutex<Inner>,
    /// Changes with every change of the mailbox.
    changes: watch::Sender<u64>,
    uid_validity: u32,
}

#[derive(Default)]
struct Inner {
    /// UIDs grow.
    mails: VecDeque<Stored>,
    last_uid: u32,
    /// Mails up to this one were shown to a session that may change things.
    claimed: u32,
    /// Counts mails that went away.
    gone: u64,
    /// Counts changes of flags.
    marked: u64,
}

/// A mail with its flags.
#[derive(Clone)]
pub(super) struct Stored {
    pub(super) uid: u32,
    pub(super) message: Arc<OutboxMessage>,
    pub(super) flags: Flags,
    /// Count of the change that made the flags what they are.
    marked: u64,
}

/// What a session has seen of the mailbox.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Seen {
    last_uid: u32,
    gone: u64,
    marked: u64,
}

/// What happened since.
#[derive(Default)]
pub(super) struct News {
    /// UIDs of mails that came.
    pub(super) came: Vec<u32>,
    /// UIDs that are still there, when some went away.
    pub(super) left: Option<Vec<u32>>,
    /// Mails whose flags changed.
    pub(super) marked: Vec<(u32, Flags)>,
}

/// Figures of the mailbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Figures {
    pub(super) messages: usize,
    pub(super) unseen: usize,
    pub(super) recent: usize,
    pub(super) next_uid: u32,
    pub(super) uid_validity: u32,
}

impl Mailbox {
    /// An empty mailbox. It is another one than that of any earlier simulator,
    /// which its validity says.
    pub(super) fn new(clock: &Clock) -> Self {
        let seconds = clock.timestamp().as_second();
        Self {
            inner: Mutex::default(),
            changes: watch::Sender::new(0),
            uid_validity: u32::try_from(seconds).unwrap_or(u32::MAX).max(1),
        }
    }

    /// Takes a mail and wakes whoever watches.
    pub(super) fn deliver(&self, message: Arc<OutboxMessage>) {
        let mut inner = self.inner.lock();
        let Some(uid) = inner.last_uid.checked_add(1) else {
            return;
        };
        inner.last_uid = uid;
        inner.mails.push_back(Stored {
            uid,
            message,
            flags: Flags::NONE,
            marked: 0,
        });
        if inner.mails.len() > CAPACITY {
            inner.mails.pop_front();
            inner.gone += 1;
        }
        drop(inner);
        self.changed();
    }

    /// Wakes with every change from now on.
    pub(super) fn watch(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    pub(super) fn figures(&self) -> Figures {
        let inner = self.inner.lock();
        let unseen = |mail: &&Stored| !mail.flags.contains(Flags::SEEN);
        Figures {
            messages: inner.mails.len(),
            unseen: inner.mails.iter().filter(unseen).count(),
            recent: inner.mails.len() - inner.up_to(inner.claimed),
            next_uid: inner.last_uid.saturating_add(1),
            uid_validity: self.uid_validity,
        }
    }

    /// UID of the oldest mail that is unseen.
    pub(super) fn first_unseen(&self) -> Option<u32> {
        let inner = self.inner.lock();
        let mut unseen = inner
            .mails
            .iter()
            .filter(|mail| !mail.flags.contains(Flags::SEEN));
        unseen.next().map(|mail| mail.uid)
    }

    /// UID of the first mail that is recent. Whoever may change things
    /// makes all mails of now not recent for the next one.
    pub(super) fn recent_from(&self, claim: bool) -> u32 {
        let mut inner = self.inner.lock();
        let from = inner.claimed.saturating_add(1);
        if claim {
            inner.claimed = inner.last_uid;
        }
        from
    }

    /// What happened since a session looked last; it has seen it with this.
    /// Mails that went away are left for later unless `gone` says otherwise.
    pub(super) fn news(&self, seen: &mut Seen, gone: bool) -> News {
        let inner = self.inner.lock();
        let mut news = News::default();
        if inner.last_uid > seen.last_uid {
            let first = inner.up_to(seen.last_uid);
            news.came = inner.mails.range(first..).map(|mail| mail.uid).collect();
        }
        if inner.marked > seen.marked {
            let known = inner
                .mails
                .iter()
                .take_while(|mail| mail.uid <= seen.last_uid);
            let changed = known.filter(|mail| mail.marked > seen.marked);
            news.marked = changed.map(|mail| (mail.uid, mail.flags)).collect();
        }
        seen.last_uid = inner.last_uid;
        seen.marked = inner.marked;
        if gone && inner.gone > seen.gone {
            news.left = Some(inner.mails.iter().map(|mail| mail.uid).collect());
            seen.gone = inner.gone;
        }
        news
    }

    /// The mails of these UIDs that are still there.
    pub(super) fn find(&self, uids: &[u32]) -> Vec<Stored> {
        let inner = self.inner.lock();
        let found = uids
            .iter()
            .filter_map(|uid| inner.mails.get(inner.index(*uid)?));
        found.cloned().collect()
    }

    /// Changes flags and gives what they are then, of mails that are still
    /// there. Whoever had seen everything before has also seen this.
    pub(super) fn mark(
        &self,
        uids: &[u32],
        change: Change,
        flags: Flags,
        seen: &mut Seen,
    ) -> Vec<(u32, Flags)> {
        let mut inner = self.inner.lock();
        let (before, count) = (inner.marked, inner.marked + 1);
        let mut marked = Vec::with_capacity(uids.len());
        for uid in uids {
            let Some(index) = inner.index(*uid) else {
                continue;
            };
            if let Some(mail) = inner.mails.get_mut(index) {
                let after = change.apply(mail.flags, flags);
                if after != mail.flags {
                    mail.flags = after;
                    mail.marked = count;
                    inner.marked = count;
                }
                marked.push((*uid, after));
            }
        }
        if seen.marked == before {
            seen.marked = inner.marked;
        }
        let changed = inner.marked != before;
        drop(inner);
        if changed {
            self.changed();
        }
        marked
    }

    /// Removes the mails that are flagged as deleted, of those that `chosen`
    /// names.
    pub(super) fn expunge(&self, chosen: impl Fn(u32) -> bool) {
        let mut inner = self.inner.lock();
        let before = inner.mails.len();
        inner
            .mails
            .retain(|mail| !(mail.flags.contains(Flags::DELETED) && chosen(mail.uid)));
        let removed = before - inner.mails.len();
        inner.gone += removed as u64;
        drop(inner);
        if removed > 0 {
            self.changed();
        }
    }

    fn changed(&self) {
        self.changes
            .send_modify(|count| *count = count.wrapping_add(1));
    }
}

impl Seen {
    /// A UID above all that were seen.
    pub(super) fn next_uid(&self) -> u32 {
        self.last_uid.saturating_add(1)
    }
}

impl Inner {
    /// How many mails have at most this UID.
    fn up_to(&self, uid: u32) -> usize {
        self.mails.partition_point(|mail| mail.uid <= uid)
    }

    fn index(&self, uid: u32) -> Option<usize> {
        self.mails.binary_search_by_key(&uid, |mail| mail.uid).ok()
    }
}

#[cfg(test)]
pub(super) mod tests {
    use std::sync::Arc;

    use super::{CAPACITY, Change, Clock, Flags, Mailbox, Seen};
    use crate::wire::OutboxMessage;

    /// An e-mail of the outbox.
    pub(in crate::simulator::mail) fn message(
        sequence: u64,
        to: &str,
        body: &str,
    ) -> OutboxMessage {
        OutboxMessage {
            sequence,
            channel: "email".to_owned(),
            to: to.to_owned(),
            sent_at: 1_700_000_000_000,
            subject: Some("Your verification code".to_owned()),
            body: body.to_owned().into(),
            html: false,
        }
    }

    fn filled(count: u64) -> Mailbox {
        let mailbox = Mailbox::new(&Clock::real());
        for number in 1..=count {
            mailbox.deliver(Arc::new(message(number, "ada@example.org", "x")));
        }
        mailbox
    }

    #[test]
    fn news_are_told_once() {
        let mailbox = filled(3);
        let mut seen = Seen::default();
        assert_eq!(mailbox.news(&mut seen, true).came, [1, 2, 3]);
        assert!(mailbox.news(&mut seen, true).came.is_empty());
        mailbox.deliver(Arc::new(message(4, "ada@example.org", "x")));
        assert_eq!(mailbox.news(&mut seen, true).came, [4]);
    }

    #[test]
    fn mails_go_away_only_when_they_are_flagged_and_chosen() {
        let mailbox = filled(4);
        let mut seen = Seen::default();
        let mut other = Seen::default();
        mailbox.news(&mut seen, true);
        mailbox.news(&mut other, true);
        mailbox.mark(&[2, 3], Change::Add, Flags::DELETED, &mut seen);
        mailbox.expunge(|uid| uid != 3);
        assert_eq!(mailbox.news(&mut seen, true).left, Some(vec![1, 3, 4]));
        let news = mailbox.news(&mut other, false);
        assert_eq!(news.marked, [(3, Flags::DELETED)]);
        assert_eq!(news.left, None);
        assert_eq!(mailbox.news(&mut other, true).left, Some(vec![1, 3, 4]));
        assert_eq!(mailbox.figures().next_uid, 5);
    }

    #[test]
    fn ones_own_changes_are_no_news() {
        let mailbox = filled(2);
        let mut seen = Seen::default();
        mailbox.news(&mut seen, true);
        let marked = mailbox.mark(&[1, 9], Change::Add, Flags::SEEN, &mut seen);
        assert_eq!(marked, [(1, Flags::SEEN)]);
        assert!(mailbox.news(&mut seen, true).marked.is_empty());
        assert_eq!(mailbox.figures().unseen, 1);
    }

    #[test]
    fn mails_are_recent_until_somebody_claims_them() {
        let mailbox = filled(2);
        assert_eq!(mailbox.recent_from(false), 1);
        assert_eq!(mailbox.figures().recent, 2);
        assert_eq!(mailbox.recent_from(true), 1);
        assert_eq!(mailbox.recent_from(true), 3);
        assert_eq!(mailbox.figures().recent, 0);
    }

    #[test]
    fn a_full_mailbox_forgets_the_oldest() {
        let mailbox = filled(CAPACITY as u64 + 2);
        assert_eq!(mailbox.figures().messages, CAPACITY);
        assert!(mailbox.find(&[2]).is_empty());
        assert_eq!(mailbox.find(&[3])[0].uid, 3);
        let mut seen = Seen::default();
        assert_eq!(mailbox.news(&mut seen, true).came.len(), CAPACITY);
    }

    #[tokio::test]
    async fn a_watcher_wakes_when_a_mail_comes() {
        let mailbox = filled(1);
        let mut watch = mailbox.watch();
        mailbox.deliver(Arc::new(message(2, "ada@example.org", "x")));
        watch.changed().await.unwrap();
    }
}
