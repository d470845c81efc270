//! Where the traffic goes: hosts, ids of processes, TLS, where one-time passwords
//! and secrets are.

pub(crate) mod layers;
pub(crate) mod model;
pub(crate) mod secret_place;
pub(crate) mod tls;
pub(crate) mod write;

pub use layers::{Layers, LayersError};
pub use model::{ApiVersion, OtpDoc, Processes, SOURCE, TARGET, Target, Timeouts};
pub use secret_place::secret_shape;
pub use tls::{HttpVersion, Tls};
