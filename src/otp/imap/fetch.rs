//! Fetches what is new in a folder, and what becomes of it afterwards.

use std::collections::BTreeMap;
use std::fmt::Write;

use imap::types::Fetches;

use super::dial::Folder;
use super::failure::Failure;
use super::settings::After;
use crate::ceilings::MAIL;
use crate::otp::{Message, mail};

/// Most mails, and most bytes, that are fetched at once.
const BATCH: usize = 64;
const BATCH_BYTES: usize = 4 * 1024 * 1024;
/// How many of the last messages are looked at when their numbers start anew.
const LAST: u32 = 1000;

/// What is known of a message before it is fetched.
#[derive(Clone, Copy)]
struct Listed {
    size: usize,
    /// When it arrived, in milliseconds since 1970.
    arrived: Option<i64>,
}

impl Folder {
    /// Fetches everything from the message `next` on, in batches; `next` goes
    /// up with each batch that was handed over.
    pub(super) fn fetch_new(
        &mut self,
        next: &mut u32,
        hand_over: &mut dyn FnMut(Vec<Message>) -> bool,
    ) -> Result<(), Failure> {
        let range = format!("{next}:*");
        let listed = self
            .session
            .uid_fetch(range, "(UID RFC822.SIZE INTERNALDATE)")?;
        let mut listed = list(&listed);
        // `n:*` names the last message even when that is before `n`.
        let listed = listed.split_off(next);
        self.fetch(&listed, next, hand_over)
    }

    /// Fetches what arrived after `since` (milliseconds since 1970), of the
    /// last messages of the folder.
    pub(super) fn fetch_since(
        &mut self,
        since: i64,
        hand_over: &mut dyn FnMut(Vec<Message>) -> bool,
    ) -> Result<(), Failure> {
        if self.exists == 0 {
            return Ok(());
        }
        let range = format!("{}:*", self.exists.saturating_sub(LAST - 1).max(1));
        let listed = self
            .session
            .fetch(range, "(UID RFC822.SIZE INTERNALDATE)")?;
        let mut listed = list(&listed);
        listed.retain(|_, message| message.arrived.is_none_or(|arrived| arrived >= since));
        self.fetch(&listed, &mut 0, hand_over)
    }

    fn fetch(
        &mut self,
        listed: &BTreeMap<u32, Listed>,
        next: &mut u32,
        hand_over: &mut dyn FnMut(Vec<Message>) -> bool,
    ) -> Result<(), Failure> {
        for batch in batches(listed) {
            let query = format!("(UID BODY.PEEK[]<0.{MAIL}>)");
            let fetched = self.session.uid_fetch(set(&batch), query)?;
            let mut messages = BTreeMap::new();
            for mail in fetched.iter() {
                // A server may tell of other messages in between.
                if let (Some(uid), Some(body)) = (mail.uid, mail.body())
                    && let Some(known) = listed.get(&uid)
                {
                    let body = &body[..body.len().min(MAIL)];
                    messages.insert(uid, mail::read(body, known.arrived, uid.into()));
                }
            }
            if let Some(last) = batch.last() {
                *next = last.saturating_add(1);
            }
            if !hand_over(messages.into_values().collect()) {
                break;
            }
        }
        Ok(())
    }

    /// Does with used messages what the target says.
    pub(super) fn settle(&mut self, used: &[u64], after: After) -> Result<(), Failure> {
        let uids: Vec<u32> = used
            .iter()
            .filter_map(|&uid| u32::try_from(uid).ok())
            .collect();
        for uids in uids.chunks(BATCH) {
            let set = set(uids);
            let done = match after {
                After::Keep => return Ok(()),
                After::Seen => self
                    .session
                    .uid_store(&set, "+FLAGS.SILENT (\\Seen)")
                    .map(drop),
                After::Delete => {
                    let marked = self.session.uid_store(&set, "+FLAGS.SILENT (\\Deleted)");
                    // A plain EXPUNGE would take what others have marked.
                    match marked {
                        Ok(_) if self.has_uidplus => self.session.uid_expunge(&set).map(drop),
                        other => other.map(drop),
                    }
                }
            };
            match done.map_err(Failure::from) {
                // Somebody else has removed them.
                Err(failure) if failure.refused && !failure.is_busy() => {}
                done => done?,
            }
        }
        Ok(())
    }
}

fn list(fetched: &Fetches) -> BTreeMap<u32, Listed> {
    let messages = fetched.iter().filter_map(|message| {
        let listed = Listed {
            size: message.size.map_or(MAIL, |size| size as usize).min(MAIL),
            arrived: message.internal_date().map(|date| date.timestamp_millis()),
        };
        Some((message.uid?, listed))
    });
    messages.collect()
}

/// Messages in the order of their numbers, few enough at once.
fn batches(listed: &BTreeMap<u32, Listed>) -> Vec<Vec<u32>> {
    let mut batches: Vec<Vec<u32>> = Vec::new();
    let mut bytes = 0;
    for (&uid, message) in listed {
        bytes += message.size;
        match batches.last_mut() {
            Some(batch) if batch.len() < BATCH && bytes <= BATCH_BYTES => batch.push(uid),
            _ => {
                bytes = message.size;
                batches.push(vec![uid]);
            }
        }
    }
    batches
}

/// `3,4,9`
fn set(uids: &[u32]) -> String {
    let mut text = String::new();
    for uid in uids {
        let comma = if text.is_empty() { "" } else { "," };
        // Writing to a text does not fail.
        let _ = write!(text, "{comma}{uid}");
    }
    text
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{BATCH, BATCH_BYTES, Listed, MAIL, batches, set};

    #[test]
    fn batches_are_small_and_complete() {
        let size = |uid: u32| if uid < 100 { MAIL } else { 100 };
        let listed: BTreeMap<u32, Listed> = (1..=500)
            .map(|uid| {
                (
                    uid,
                    Listed {
                        size: size(uid),
                        arrived: None,
                    },
                )
            })
            .collect();
        let batches = batches(&listed);
        let all: Vec<u32> = batches.concat();
        assert_eq!(all, (1..=500).collect::<Vec<_>>());
        for batch in &batches {
            let bytes: usize = batch.iter().map(|uid| listed[uid].size).sum();
            assert!(batch.len() <= BATCH && bytes <= BATCH_BYTES, "{batch:?}");
        }
    }

    #[test]
    fn a_set_is_written_as_servers_want_it() {
        assert_eq!(set(&[3, 4, 9]), "3,4,9");
    }
}
