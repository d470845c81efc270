//! The source against a scripted server.

mod away;
mod refusals;
mod server;
mod shapes;
mod tls;
mod tokens;
mod watching;

use std::time::Duration;

use secrecy::ExposeSecret;
use server::Server;
pub(in crate::otp) use server::secured;
pub(in crate::otp) use tls::certificate;

use crate::clock::Clock;
use crate::otp::tests::source;
use crate::otp::{Dispatcher, SourceError};

/// Longer than anything here takes.
const LONG: Duration = Duration::from_secs(20);

/// The source of a server without TLS, with more settings.
fn otp(server: &Server, more: &str) -> String {
    format!(
        "{{source: imap, host: 127.0.0.1, port: {}, security: plain, user: ada, password: s3cret{more}}}",
        server.port
    )
}

async fn start(otp: &str) -> Result<Dispatcher, SourceError> {
    Dispatcher::start(source(otp).unwrap().as_ref(), &Clock::real()).await
}

/// A mail, dated now.
fn mail(to: &str, code: &str) -> String {
    let now = jiff::Timestamp::now().strftime("%a, %d %b %Y %H:%M:%S +0000");
    format!(
        "Delivered-To: catch-all@example.org\r\nTo: {to}\r\nSubject: ticket 777777\r\n\
         Message-ID: <{to}/{code}>\r\nDate: {now}\r\n\r\nyour code is {code}\r\n"
    )
}

async fn code(pending: crate::otp::PendingOtp) -> String {
    let otp = pending.wait(LONG).await.unwrap();
    otp.code.expose_secret().to_owned()
}

/// Waits until something holds; panics when it never does.
async fn until(what: &str, holds: impl Fn() -> bool) {
    let deadline = tokio::time::Instant::now() + LONG;
    while !holds() {
        assert!(tokio::time::Instant::now() < deadline, "never: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
