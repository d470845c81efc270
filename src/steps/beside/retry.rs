//! `retry`: a step that is tried again when it fails.

use super::kind::{BesideKind, Stage};
use crate::language::{Key, Read, Shape};
use crate::steps::retry::Retry;

pub(super) const RETRY: BesideKind = BesideKind {
    key: Key::new("retry", "how it is tried again when it fails", || {
        Shape::Named("retry")
    })
    .example("3"),
    read: &[(Stage::Turns, |node, draft, cx| {
        draft.beside.retry = Retry::read(node, cx);
        let remark = draft
            .beside
            .retry
            .as_ref()
            .map(|_| "with retries".to_owned());
        draft.beside.remarks.extend(remark);
    })],
};
