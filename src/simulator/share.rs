//! Changing the secure delegations of a document, as the platform does it
//! (`EntityWithEncryptionMetadataLogic` of icure/kraken-common).

use std::collections::{BTreeMap, BTreeSet};

use super::access::{self, ShownKeys, delegation_key};
use crate::wire::{
    AccessLevel, ByFingerprint, EntityShare, EntryUpdate, MetadataUpdate, RejectedShare,
    RequestedPermission, SecureDelegation, SecurityMetadata, ShareRequest, ShareResult,
};

/// What somebody who may read a document asks for.
pub(super) struct Asked<'a> {
    /// Id of the data owner.
    pub(super) owner: &'a str,
    /// What it shows to be its own.
    pub(super) shown: &'a ShownKeys,
    /// Whether it may make a delegation that depends on no other.
    pub(super) may_be_root: bool,
    /// What it asks for, by its own key of each request.
    pub(super) requests: &'a EntityShare,
}

/// What came of it.
#[derive(Default)]
pub(super) struct Outcome {
    /// The delegations afterwards, when anything changed.
    pub(super) metadata: Option<SecurityMetadata>,
    /// Delegation key → encrypted ids of its exchange data.
    pub(super) maps: Vec<(String, ByFingerprint)>,
    /// By id of the request.
    pub(super) rejected: BTreeMap<String, RejectedShare>,
}

type Refusal = (u16, &'static str);

impl Asked<'_> {
    /// The answer when nothing is done.
    pub(super) fn refuse_all<E: Default>(
        requests: &EntityShare,
        id: String,
        code: u16,
        reason: &'static str,
    ) -> ShareResult<E> {
        let ids = requests.requests.keys().cloned();
        ShareResult {
            entity_id: id,
            rejected_requests: ids.map(|id| (id, rejected((code, reason)))).collect(),
            ..ShareResult::default()
        }
    }

    /// Carries out what can be: first the delegation without parents, which
    /// can be a parent of the others, then these, then changes.
    pub(super) fn apply(&self, before: Option<&SecurityMetadata>) -> Outcome {
        let before = before.cloned().unwrap_or_default();
        let mut work = Work {
            parents: self.parents(&before),
            after: before.clone(),
            outcome: Outcome::default(),
        };
        let (roots, others): (Vec<_>, Vec<_>) =
            self.requests.requests.iter().partition(|(_, r)| {
                let share = r.share.as_ref();
                share.is_some_and(|share| share.requested_permissions == RequestedPermission::Root)
            });
        for (id, request) in roots.into_iter().chain(others) {
            let done = match (&request.share, &request.update) {
                (Some(share), None) => self.share(share, &mut work),
                (None, Some(update)) => self.update(update, &mut work),
                _ => Err((400, "a request has either `share` or `update`")),
            };
            if let Err(refusal) = done {
                work.outcome.rejected.insert(id.clone(), rejected(refusal));
            }
        }
        if work.after != before {
            work.outcome.metadata = Some(work.after);
        }
        work.outcome
    }

    /// Those of the named parents that there are and that are the caller's.
    fn parents(&self, before: &SecurityMetadata) -> BTreeSet<String> {
        let named = self.requests.potential_parent_delegations.iter();
        named
            .filter(|key| {
                let delegation = before.secure_delegations.get(*key);
                delegation.is_some_and(|own| self.shown.open(key, own, self.owner))
            })
            .cloned()
            .collect()
    }

    fn share(&self, share: &ShareRequest, work: &mut Work) -> Result<(), Refusal> {
        if share
            .explicit_delegator
            .as_deref()
            .is_some_and(|id| id != self.owner)
        {
            return Err((403, "`explicitDelegator` must be the caller"));
        }
        let key = key_of(share)?;
        if work.after.secure_delegations.contains_key(&key) {
            return Err((400, "there is a delegation of this key: ask for an update"));
        }
        let is_root = share.requested_permissions == RequestedPermission::Root;
        if is_root && !self.may_be_root {
            return Err((403, "a root delegation is for the creator and for patients"));
        }
        if !is_root && work.parents.is_empty() {
            return Err((400, "name a parent delegation of yours, or ask for `ROOT`"));
        }
        let most = work.most();
        let permissions = match share.requested_permissions {
            RequestedPermission::Root => AccessLevel::Write,
            RequestedPermission::MaxWrite => most,
            RequestedPermission::FullWrite if most == AccessLevel::Write => most,
            RequestedPermission::FullWrite => return Err((403, "you may only read")),
            RequestedPermission::MaxRead | RequestedPermission::FullRead => AccessLevel::Read,
        };
        let parents = if is_root {
            BTreeSet::new()
        } else {
            work.lowest_parents()
        };
        work.add(key, share, parents, permissions)
    }

    fn update(&self, update: &MetadataUpdate, work: &mut Work) -> Result<(), Refusal> {
        let key = &update.metadata_access_control_hash;
        let delegations = &work.after.secure_delegations;
        let current = delegations
            .get(key)
            .ok_or((404, "there is no such delegation"))?;
        let own = delegations
            .iter()
            .filter(|(key, delegation)| self.shown.open(key, delegation, self.owner));
        let is_own = own
            .into_iter()
            .any(|(own, _)| own == key || access::descends_from(&work.after, key, own));
        if !is_own {
            return Err((
                403,
                "the delegation is neither yours nor below one of yours",
            ));
        }
        let mut changed = current.clone();
        for (secrets, changes) in [
            (&mut changed.secret_ids, &update.secret_ids),
            (&mut changed.encryption_keys, &update.encryption_keys),
            (&mut changed.owning_entity_ids, &update.owning_entity_ids),
        ] {
            for (secret, change) in changes {
                let fits = match change {
                    EntryUpdate::Create => secrets.insert(secret.clone()),
                    EntryUpdate::Delete => secrets.remove(secret),
                };
                if !fits {
                    return Err((400, "an entry is there already, or is not there"));
                }
            }
        }
        work.after.secure_delegations.insert(key.clone(), changed);
        Ok(())
    }
}

/// Requests under way.
struct Work {
    parents: BTreeSet<String>,
    after: SecurityMetadata,
    outcome: Outcome,
}

impl Work {
    /// The most that the parents can pass on.
    fn most(&self) -> AccessLevel {
        let parents = self.parents.iter();
        let levels = parents.filter_map(|key| self.after.secure_delegations.get(key));
        levels
            .map(|parent| parent.permissions)
            .max()
            .unwrap_or_default()
    }

    /// Parents that have no other of the parents above them.
    fn lowest_parents(&self) -> BTreeSet<String> {
        let is_below = |key: &&String| {
            let mut others = self.parents.iter();
            others.any(|other| access::descends_from(&self.after, key, other))
        };
        let parents = self.parents.iter();
        parents.filter(|key| !is_below(key)).cloned().collect()
    }

    fn add(
        &mut self,
        key: String,
        share: &ShareRequest,
        parent_delegations: BTreeSet<String>,
        permissions: AccessLevel,
    ) -> Result<(), Refusal> {
        let is_root = parent_delegations.is_empty();
        let delegation = SecureDelegation {
            delegator: share.explicit_delegator.clone(),
            delegate: share.explicit_delegate.clone(),
            secret_ids: share.secret_ids.clone(),
            encryption_keys: share.encryption_keys.clone(),
            owning_entity_ids: share.owning_entity_ids.clone(),
            parent_delegations,
            exchange_data_id: share.exchange_data_id.clone(),
            permissions,
            ..SecureDelegation::default()
        };
        let mut after = self.after.clone();
        after.secure_delegations.insert(key.clone(), delegation);
        if access::check(&after).is_err() {
            return Err((
                400,
                "`exchangeDataId` belongs to a delegation that names both sides",
            ));
        }
        self.after = after;
        if is_root {
            self.parents.insert(key.clone());
        }
        if !share.encrypted_exchange_data_id.is_empty() {
            let ids = share.encrypted_exchange_data_id.clone();
            self.outcome.maps.push((key, ids));
        }
        Ok(())
    }
}

/// Key of the new delegation: of several, the first in order.
fn key_of(share: &ShareRequest) -> Result<String, Refusal> {
    let keys = share.access_control_keys.iter().map(hex::decode);
    let keys: Vec<_> = keys
        .collect::<Result<_, _>>()
        .map_err(|_| (400, "an access control key is not hexadecimal"))?;
    let keys = keys.iter().map(|key| delegation_key(key));
    keys.min().ok_or((400, "`accessControlKeys` is empty"))
}

fn rejected((code, reason): Refusal) -> RejectedShare {
    RejectedShare {
        code,
        should_retry: false,
        reason: reason.to_owned(),
    }
}
