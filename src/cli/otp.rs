//! Where the simulator's one-time passwords are read, as an argument.

use clap::ValueEnum;

use crate::target::SimulatorOtp;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Otp {
    /// The simulator's outbox: e-mails and SMS
    #[default]
    Simulator,
    /// The simulator's mailbox: e-mails
    Imap,
}

impl From<Otp> for SimulatorOtp {
    fn from(otp: Otp) -> Self {
        match otp {
            Otp::Simulator => Self::Outbox,
            Otp::Imap => Self::Imap,
        }
    }
}
