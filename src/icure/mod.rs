//! The platform's client: what an app built on iCure's MedTech SDK sends, and
//! the cryptography it does on its own side.
//!
//! Facts come from icure/icure-medical-device-js-sdk 2.3.1 and
//! icure/icure-typescript-sdk 6.4.4 and 7.1.13; the data formats are those that
//! both versions of the latter read and write (`aesExchangeKeys`,
//! `delegations`, `encryptionKeys`, `cryptedForeignKeys`). Those of version 8 and
//! of Cardinal are read, not written (`securityMetadata`, exchange data).

mod access;
mod attachment;
mod auth;
mod content;
mod delegation;
mod entity;
mod error;
mod events;
mod exchange;
mod gateway;
mod health_element;
mod invite;
mod metered_crypto;
mod notification;
mod paged;
mod patient;
mod platform;
mod requests;
mod sample;
mod sample_change;
mod sample_find;
mod sealing;
mod secure;
mod session;
mod token;
mod written;

pub use access::{GivenAccess, SharedData};
pub use attachment::{NewAttachment, sha256};
pub use auth::Authenticator;
pub use entity::seal_json;
pub use error::IcureError;
pub use events::Subject;
pub use gateway::{Address, Captcha, ProcessStart};
pub use health_element::{HealthElementDetails, HealthElementFilter};
pub use invite::Invitation;
pub use metered_crypto::{MeteredCrypto, OPERATIONS};
pub use notification::{LOOKED_BACK, NotificationSearch};
pub use paged::Page;
pub use patient::{Patient, PatientChange};
pub use platform::{Platform, PlatformSettings, Role, StepPlatform};
pub use requests::requests;
pub use sample::{Batch, NewSample, Sample};
pub use sample_change::SampleChange;
pub use sample_find::SampleFilter;
pub use session::{KeySupply, Session};
