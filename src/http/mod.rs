//! The HTTP client of a virtual user: own connections, rate limit, and the
//! measurement of each request.
//!
//! A request is named by its endpoint *template*, never by its URL: URLs hold
//! ids, and one of them (the gateway's `validate`) holds a one-time password.
//! So neither metrics nor errors ever see a raw URL.

mod asked;
mod bounded;
mod call;
mod client;
mod coding;
mod connection;
mod error;
mod fault;
mod learn;
mod limit;
mod listener;
mod measurement;
mod multipart;
mod payload;
mod request;
mod retry_after;
mod said;
mod socket;
mod status;
#[cfg(test)]
mod tests;
mod text;
mod tls;
mod transcript;
mod trust;

pub use asked::Asked;
pub use bounded::{BodyError, read_body};
pub use call::{Call, Response};
pub use client::{Client, ClientSettings};
pub use connection::{Answer, ConnectionSettings, Headers, NetworkSettings, Reconnect, Sharing};
pub use error::{ClientError, Failure, RequestError};
pub use fault::Fault;
pub use limit::{LimitRule, LimitScope, Pattern, RateLimits, RequestRate};
pub use listener::{Exchange, TraceListener};
pub use payload::Payload;
pub use said::Said;
#[cfg(test)]
pub(crate) use socket::in_memory;
pub use socket::{Socket, SocketEnd};
pub use status::Statuses;
pub use tls::{TlsSettings, Version, client_builder};
pub use transcript::Transcript;
pub use trust::trusting_listed;
