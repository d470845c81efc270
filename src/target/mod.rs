//! Where the traffic goes: files and flags are parsed, once, into a [`Target`]
//! that runs: hosts, ids of processes, TLS, and where one-time passwords are.

mod belonging;
mod choice;
mod connections;
mod layers;
mod model;
mod network;
mod otp;
mod permitted;
mod rate;
mod simulator;
mod tls;

pub use belonging::OtherTarget;
pub use choice::{PlannedTarget, TargetArguments, TargetChoice};
pub use connections::CONNECTIONS;
pub use layers::Layers;
pub use model::{ApiVersion, Processes, TARGET, Target};
pub use otp::SOURCE;
pub use simulator::{SimulatorOtp, simulator_file, simulator_target};

#[cfg(test)]
mod tests;
