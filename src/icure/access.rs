//! Access: given back to somebody with a new key pair, given to further data
//! owners, and no longer given.

use reqwest::Method;

use super::exchange::{self, Resealed};
use super::{IcureError, Session, StepPlatform};
use crate::crypto::PublicKey;
use crate::wire::{AutoDelegations, DataOwnerWithType, TaskStatus, User};

/// Access that was given back.
#[derive(Clone, Debug)]
pub struct GivenAccess {
    /// To whom.
    pub owner: String,
    /// Fingerprint of the public key that it was given to.
    pub fingerprint: String,
    /// How many exchange keys were sealed for that key; none when all were
    /// already.
    pub exchange_keys: usize,
}

/// Which data is shared (`SharedDataType`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SharedData {
    /// Everything.
    All,
    /// Medical information, and so data samples.
    MedicalInformation,
}

impl Session {
    /// Gives access to whoever has asked for it and was not answered yet, and
    /// says so in the notification. Whoever has asked twice is answered once.
    ///
    /// # Errors
    /// When a request cannot be read or answered.
    pub async fn answer_requests(
        &mut self,
        platform: StepPlatform<'_>,
    ) -> Result<Vec<GivenAccess>, IcureError> {
        let mut given: Vec<GivenAccess> = Vec::new();
        for request in self.pending_requests(platform).await? {
            let is_given = given.iter().any(|given| {
                given.owner == request.owner && request.key.ends_with(&given.fingerprint)
            });
            if !is_given {
                let (owner, key) = (&request.owner, &request.key);
                given.push(self.give_access(platform, owner, key).await?);
            }
            let done = TaskStatus::Completed;
            self.set_status(platform, &request.task.id, done).await?;
        }
        Ok(given)
    }

    /// Seals the exchange keys between `owner` and us for a public key of the
    /// owner, `key`: first those from us, then those to us (`giveAccessBackTo`).
    ///
    /// # Errors
    /// When the key is not the owner's, or there is no exchange key that we can
    /// open.
    pub async fn give_access(
        &mut self,
        platform: StepPlatform<'_>,
        owner: &str,
        key: &str,
    ) -> Result<GivenAccess, IcureError> {
        let own = self.data_owner_id().to_owned();
        let mut other = None;
        if owner != own {
            let auth = &mut self.auth;
            other = Some(exchange::fetch_data_owner(auth, platform, owner).await?);
        }
        let of = &other.as_ref().unwrap_or(&self.owner).data_owner;
        let key = exchange::published_key(of, key, platform.crypto_backend())?;
        let ours = self
            .reseal_ours(platform, owner, other.as_ref(), &key)
            .await?;
        let theirs = match &mut other {
            Some(other) => self.reseal_theirs(platform, other, &key).await?,
            None => Resealed::default(),
        };
        if ours.now + ours.before + theirs.now + theirs.before == 0 {
            let owner = owner.to_owned();
            return Err(IcureError::NothingShared { owner, own });
        }
        self.unsaved |= ours.now > 0;
        self.save_owner(platform).await?;
        if let Some(other) = other.filter(|_| theirs.now > 0) {
            exchange::put_data_owner(&mut self.auth, platform, &other).await?;
        }
        Ok(GivenAccess {
            owner: owner.to_owned(),
            fingerprint: key.fingerprint().as_str().to_owned(),
            exchange_keys: ours.now + theirs.now,
        })
    }

    /// Those from us to them.
    async fn reseal_ours(
        &mut self,
        platform: StepPlatform<'_>,
        owner: &str,
        other: Option<&DataOwnerWithType>,
        key: &PublicKey,
    ) -> Result<Resealed, IcureError> {
        let crypto = platform.crypto();
        let mut document = self.owner.data_owner.clone();
        let of = other.map_or(&self.owner.data_owner, |other| &other.data_owner);
        let pairs = &self.key_pairs;
        let resealed = exchange::reseal_keys(&mut document, owner, of, key, pairs, crypto).await?;
        self.owner.data_owner = document;
        Ok(resealed)
    }

    /// Those from them to us.
    async fn reseal_theirs(
        &self,
        platform: StepPlatform<'_>,
        other: &mut DataOwnerWithType,
        key: &PublicKey,
    ) -> Result<Resealed, IcureError> {
        let crypto = platform.crypto();
        let of = other.data_owner.clone();
        let (own, pairs) = (self.data_owner_id(), &self.key_pairs);
        exchange::reseal_keys(&mut other.data_owner, own, &of, key, pairs, crypto).await
    }

    /// From now on shares new data with these data owners
    /// (`shareAllFutureDataWith`).
    ///
    /// # Errors
    /// When a request fails.
    pub async fn share_future(
        &mut self,
        platform: StepPlatform<'_>,
        with: &[String],
        data: SharedData,
    ) -> Result<&AutoDelegations, IcureError> {
        self.change_sharing(platform, |shared| {
            let delegates = of_kind(shared, data);
            let new = with.iter().filter(|id| !delegates.contains(id));
            let new: Vec<String> = new.cloned().collect();
            delegates.extend(new);
        })
        .await
    }

    /// From now on shares new data with these data owners no more
    /// (`stopSharingDataWith`): data of one kind, or any data. What was shared
    /// before stays shared.
    ///
    /// # Errors
    /// When a request fails.
    pub async fn stop_sharing(
        &mut self,
        platform: StepPlatform<'_>,
        with: &[String],
        data: Option<SharedData>,
    ) -> Result<&AutoDelegations, IcureError> {
        let stopped = |id: &String| with.contains(id);
        self.responsible = self.responsible.take().filter(|id| !stopped(id));
        self.change_sharing(platform, |shared| {
            for kind in [SharedData::All, SharedData::MedicalInformation] {
                if data.is_none_or(|only| only == kind) {
                    of_kind(shared, kind).retain(|id| !stopped(id));
                }
            }
        })
        .await
    }

    /// `GET /user/current`, then `PUT /user` if there is a change.
    async fn change_sharing(
        &mut self,
        platform: StepPlatform<'_>,
        change: impl FnOnce(&mut AutoDelegations),
    ) -> Result<&AutoDelegations, IcureError> {
        let mut user = super::session::current_user(&mut self.auth, platform).await?;
        let before = user.auto_delegations.clone();
        change(&mut user.auto_delegations);
        if user.auto_delegations != before {
            let call = platform
                .api_call(Method::PUT, "/user", ["user"])
                .json(&user)?;
            user = self.auth.send(platform, call).await?.json::<User>()?;
        }
        self.user = user;
        Ok(&self.user.auto_delegations)
    }
}

fn of_kind(shared: &mut AutoDelegations, data: SharedData) -> &mut Vec<String> {
    match data {
        SharedData::All => &mut shared.all,
        SharedData::MedicalInformation => &mut shared.medical_information,
    }
}
