//! A program and all that it starts, which end together.

use std::io;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::process::{Child, Command};

/// A running program in a process group of its own. What is left of the group
/// is killed when this is dropped.
pub(super) struct Group {
    pub(super) leader: Child,
    id: Option<Pid>,
}

impl Group {
    pub(super) fn start(command: &mut Command) -> io::Result<Self> {
        let leader = command.process_group(0).kill_on_drop(true).spawn()?;
        let id = leader.id().and_then(|id| i32::try_from(id).ok());
        Ok(Self {
            leader,
            id: id.and_then(Pid::from_raw),
        })
    }

    /// Kills what is left of it: once, because the number is another's later.
    pub(super) fn kill(&mut self) {
        if let Some(id) = self.id.take() {
            // Usually there is nothing left.
            let _ = kill_process_group(id, Signal::KILL);
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.kill();
    }
}
