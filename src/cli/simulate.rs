//! `rehearse simulate`: the simulator on its own.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::{Exit, complain, note, say};
use crate::engine::simulator_target;
use crate::simulator::{Config, Simulator};

/// Run the simulator alone and print the target file that points at it
///
/// The target goes to standard output, everything else to standard error:
/// `rehearse simulate > target.yaml`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Address to listen on; loopback unless you say otherwise
    #[arg(long, default_value = "127.0.0.1", value_name = "ADDRESS")]
    bind: IpAddr,
    /// Port to listen on; 0 takes a free one
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// Keep accounts and data in this folder; in memory otherwise
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Write the target file here too
    #[arg(long, value_name = "FILE")]
    target_out: Option<PathBuf>,
    /// How long a one-time password is valid, in seconds
    #[arg(long, default_value_t = 300, value_name = "SECONDS")]
    otp_lifetime: u64,
    /// How long a JWT is valid, in seconds
    #[arg(long, default_value_t = 3600, value_name = "SECONDS")]
    jwt_lifetime: u64,
}

pub(super) async fn simulate(arguments: Arguments) -> Exit {
    let config = Config {
        bind: SocketAddr::new(arguments.bind, arguments.port),
        data: arguments.data,
        otp_lifetime: Duration::from_secs(arguments.otp_lifetime),
        jwt_lifetime: Duration::from_secs(arguments.jwt_lifetime),
        ..Config::default()
    };
    if !arguments.bind.is_loopback() {
        complain(
            "warning: this address is not loopback: anybody who reaches it can use the simulator",
        );
    }
    let simulator = match Simulator::start(config).await {
        Ok(simulator) => simulator,
        Err(error) => {
            complain(&error.to_string());
            return Exit::Unreachable;
        }
    };
    let target = simulator_target(&simulator).to_yaml();
    if let Some(path) = &arguments.target_out
        && let Err(error) = std::fs::write(path, &target)
    {
        complain(&format!(
            "cannot write the target to {}: {error}",
            path.display()
        ));
        return Exit::Wrong;
    }
    say(&target);
    note(&format!(
        "simulator: listening on {}, Ctrl-C ends it",
        simulator.api_url()
    ));
    super::run::stop_signal().await;
    simulator.shutdown().await;
    note("simulator: ended");
    Exit::Good
}
