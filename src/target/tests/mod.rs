//! Targets from files, and the simulator as one.

mod files;
mod simulator;
