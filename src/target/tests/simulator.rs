//! The simulator as a target, and as a file.

use secrecy::ExposeSecret;

use crate::language::{Environment, Permissions, Source};
use crate::simulator::{Config, Simulator};
use crate::target::{SimulatorOtp, Target, simulator_file, simulator_target};

#[tokio::test]
async fn the_file_says_what_the_simulator_is() {
    let config = Config {
        imap: Some(([127, 0, 0, 1], 0).into()),
        ..Config::default()
    };
    let simulator = Simulator::start(config).await.unwrap();
    for otp in [SimulatorOtp::Outbox, SimulatorOtp::Imap] {
        let file = simulator_file(&simulator, otp);
        let own = Environment::default().with(Permissions::all());
        let read = Target::parse(&Source::new("target.yaml", file), &own).unwrap();
        let mut built = simulator_target(&simulator, otp);
        // What is read of a file is never in this process.
        assert!(std::mem::take(&mut built.is_in_process));
        assert_eq!(format!("{read:?}"), format!("{built:?}"));
        let tokens = [read, built].map(|target| target.captcha_token.unwrap());
        assert_eq!(tokens[0].expose_secret(), tokens[1].expose_secret());
    }
    simulator.shutdown().await;
}
