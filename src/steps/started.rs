//! Authentication processes that a user has started.

use std::sync::Arc;

use parking_lot::Mutex;

use super::StepError;
use crate::icure::{Address, Role};
use crate::otp::PendingOtp;

/// A process that waits for its code.
#[derive(Clone)]
pub(super) struct Started {
    /// What the gateway knows it by.
    pub(super) request_id: String,
    /// Where the code is sent.
    pub(super) address: Address,
    /// Who asks.
    pub(super) role: Role,
    /// The practitioner in charge.
    pub(super) responsible: Option<String>,
    /// When the gateway took it, in milliseconds since 1970.
    pub(super) accepted_at: i64,
}

/// A process, and its code until somebody reads it.
struct Process {
    started: Started,
    pending: Option<PendingOtp>,
}

/// Those of an iteration. Branches share them.
#[derive(Clone, Default)]
pub(super) struct Processes(Arc<Mutex<Vec<Process>>>);

impl Processes {
    pub(super) fn add(&self, started: Started, pending: Option<PendingOtp>) {
        self.0.lock().push(Process { started, pending });
    }

    /// The process of this request, or the last one that was started.
    ///
    /// # Errors
    /// When there is none.
    pub(super) fn find(&self, request: Option<&str>) -> Result<Started, StepError> {
        self.with(request, |process| process.started.clone())
    }

    /// The same, and the code that is waited for.
    ///
    /// # Errors
    /// When there is none, or its code was read before.
    pub(super) fn take(&self, request: Option<&str>) -> Result<(Started, PendingOtp), StepError> {
        let (started, pending) = self.with(request, |process| {
            (process.started.clone(), process.pending.take())
        })?;
        match pending {
            Some(pending) => Ok((started, pending)),
            None => Err(StepError::NoProcess {
                reason: format!(
                    "the code of the process `{}` was read before: keep it with `as`",
                    started.request_id
                ),
            }),
        }
    }

    fn with<T>(
        &self,
        request: Option<&str>,
        each: impl FnOnce(&mut Process) -> T,
    ) -> Result<T, StepError> {
        let is_it = |process: &&mut Process| {
            request.is_none_or(|request| process.started.request_id == request)
        };
        let mut all = self.0.lock();
        if let Some(process) = all.iter_mut().rev().find(is_it) {
            return Ok(each(process));
        }
        let reason = match request {
            Some(request) => format!("no process `{request}` was started in this iteration"),
            None => "no process was started in this iteration: put `auth.start` before".into(),
        };
        Err(StepError::NoProcess { reason })
    }
}
