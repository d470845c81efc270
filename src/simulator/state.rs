//! What every handler shares.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use super::challenge::Challenges;
use super::jwt::JwtKey;
use super::mail::Carrier;
use super::otp::{Passwords, Processes};
use super::outbox::Outbox;
use super::store::Store;
use super::tickets::Tickets;
use super::token::forget_expired;
use super::unhandled::UnhandledLog;
use super::{Config, Failure, Identity, SimulatorError, identity};
use crate::ceilings;
use crate::clock::Clock;

/// Lifetimes, from the configuration.
pub(super) struct Lifetimes {
    pub(super) otp: Duration,
    pub(super) jwt: Duration,
    pub(super) refresh: Duration,
    /// Not a lifetime, but the time before one begins.
    pub(super) account_delay: Duration,
}

/// The simulator behind its HTTP face.
pub(super) struct Simulation {
    pub(super) identity: Identity,
    pub(super) lifetimes: Lifetimes,
    pub(super) clock: Clock,
    pub(super) store: Store,
    pub(super) jwt: JwtKey,
    pub(super) processes: Processes,
    pub(super) passwords: Passwords,
    pub(super) challenges: Challenges,
    pub(super) outbox: Outbox,
    pub(super) tickets: Tickets,
    /// Places for sockets.
    pub(super) sockets: Arc<Semaphore>,
    pub(super) unhandled: UnhandledLog,
    /// Cancelled when the simulator shuts down.
    pub(super) closing: CancellationToken,
}

/// The state of the router.
pub(super) type Shared = Arc<Simulation>;

impl Simulation {
    /// Opens the store and finds or makes what must be in it.
    pub(super) async fn open(config: &Config) -> Result<Shared, SimulatorError> {
        let responsible_key = identity::responsible_key(config.responsible_key.as_deref())?;
        let unhandled = UnhandledLog::open(config.log_unknown.as_deref())?;
        let store = match config.data.clone() {
            None => Store::in_memory(config.clock.clone(), config.retain),
            Some(folder) => {
                let (clock, retain) = (config.clock.clone(), config.retain);
                tokio::task::spawn_blocking(move || Store::open(&folder, clock, retain))
                    .await
                    .unwrap_or_else(|_| Err(unusable(config, "it cannot be opened")))?
            }
        };
        let carrier = Carrier::open(config).await?;
        let damaged = |_: Failure| unusable(config, "what is in it cannot be read or written");
        let (identity, jwt) =
            identity::establish(&store, responsible_key, config.identity.as_ref())
                .await
                .map_err(damaged)?;
        let outbox = Outbox::open(&store, carrier).await.map_err(damaged)?;
        forget_expired(&store, config.clock.unix_millis())
            .await
            .map_err(damaged)?;
        Ok(Arc::new(Self {
            identity,
            lifetimes: Lifetimes {
                otp: config.otp_lifetime,
                jwt: config.jwt_lifetime,
                refresh: config.refresh_lifetime,
                account_delay: config.account_delay,
            },
            clock: config.clock.clone(),
            store,
            jwt,
            processes: Processes::default(),
            passwords: Passwords::default(),
            challenges: Challenges::default(),
            outbox,
            tickets: Tickets::default(),
            sockets: Arc::new(Semaphore::new(ceilings::SOCKETS)),
            unhandled,
            closing: CancellationToken::new(),
        }))
    }
}

fn unusable(config: &Config, reason: &str) -> SimulatorError {
    SimulatorError::Folder {
        path: config.data.clone().unwrap_or_default(),
        reason: reason.to_owned(),
    }
}
