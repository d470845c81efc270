//! The platform's client: what an app built on iCure's MedTech SDK sends, and
//! the cryptography it does on its own side.
//!
//! Facts come from icure/icure-medical-device-js-sdk 2.3.1 and
//! icure/icure-typescript-sdk 6.4.4 and 7.1.13; the data formats are those that
//! both versions of the latter read and write (`aesExchangeKeys`,
//! `delegations`, `encryptionKeys`, `cryptedForeignKeys`). Those of version 8 and
//! of Cardinal are read, not written (`securityMetadata`, exchange data).

mod access;
mod auth;
mod content;
mod delegation;
mod error;
mod exchange;
mod gateway;
mod metered_crypto;
mod notification;
mod platform;
mod requests;
mod sample;
mod sealing;
mod secure;
mod session;
mod token;

pub use access::{GivenAccess, SharedData};
pub use auth::Authenticator;
pub use error::IcureError;
pub use gateway::{Address, Captcha, ProcessStart};
pub use metered_crypto::{MeteredCrypto, OPERATIONS};
pub use platform::{Platform, PlatformSettings, Role, StepPlatform};
pub use requests::requests;
pub use sample::{NewSample, Sample, seal_json};
pub use session::{KeySupply, Session};
