//! What every backend must do, and that they do it alike.

mod aes;
mod answers;
mod rsa;

use super::CryptoBackend;

/// Runs a check with each backend, and says which one it failed with.
fn each_backend(check: impl Fn(CryptoBackend)) {
    for backend in CryptoBackend::ALL {
        // Shown by the test harness when the check fails.
        println!("backend {backend}");
        check(backend);
    }
}
