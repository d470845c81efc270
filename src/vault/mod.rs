//! Saved credentials, encrypted at rest.
