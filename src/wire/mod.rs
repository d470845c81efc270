//! The documents that travel between a client and the platform.
//!
//! These are data only: field names and shapes as the public clients send and
//! expect them (`icc-api/model` of icure/icure-typescript-sdk 6.4.4,
//! `msgGtwMessageFactory` of icure/icure-medical-device-js-sdk 2.3.1, and the
//! models of icure/cardinal-sdk for what came later). The client and the
//! simulator share nothing else.
//!
//! Fields that we do not use are kept in `other`, because a document that is
//! read, changed and written back must not lose what somebody else put in it.

mod auth;
mod contact;
mod data_owner;
mod entity;
mod exchange_data;
mod gateway;
mod health_element;
pub(crate) mod integer;
mod maintenance_task;
mod other_fields;
mod security;
mod service_filter;
mod subscription;
mod user;

pub use auth::{AuthenticationResponse, LoginCredentials};
pub use contact::{Code, Contact, Delegation, Delegations, Identifier, Service};
pub use data_owner::{AesExchangeKeys, DataOwner, DataOwnerKind, DataOwnerWithType};
pub use entity::{Entity, IdAndRev, Ids, IdsAndRevs};
pub use exchange_data::{ByFingerprint, ExchangeData, ExchangeDataMap, ExchangeDataMaps};
pub use gateway::{
    CaptchaKind, KerberusChallenge, KerberusSolution, OutboxMessage, OutboxPage, ProcessRequest,
};
pub use health_element::HealthElement;
pub use maintenance_task::{
    CONCERNED_ID, CONCERNED_KEY, KEY_PAIR_UPDATE, MaintenanceTask, NEW_USER_OWN_DATA_ACCESS,
    NextPage, Page, Property, TaskFilter, TaskStatus,
};
pub use other_fields::OtherFields;
pub use security::{
    AccessLevel, BulkShare, EntityShare, EntryUpdate, MetadataUpdate, RejectedShare,
    RequestedPermission, SecureDelegation, SecurityMetadata, ShareRequest, ShareResult,
};
pub use service_filter::ServiceFilter;
pub use subscription::{EventType, FilterChain, Subscription};
pub use user::{AutoDelegations, User, UserGroup};
