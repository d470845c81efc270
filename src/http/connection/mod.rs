//! A user's own connections: made, used, kept and closed as a device does.

mod broken;
mod dial;
mod headers;
mod message;
mod network;
mod one;
mod open;
mod origin;
mod pool;
mod settings;
mod stream;
mod two;

pub use dial::MemoryNetwork;
pub use headers::Headers;
pub use message::Answer;
pub use network::NetworkSettings;
pub use settings::{ConnectionSettings, Reconnect, Sharing};

pub(super) use broken::{Broken, DialError};
pub(super) use dial::Dialler;
pub(super) use message::{Outgoing, TRACEPARENT, Transfer};
pub(super) use network::Network;
pub(super) use open::{Book, Open};
pub(super) use pool::{Lost, Pool, Switched};
pub(super) use stream::Stream;
