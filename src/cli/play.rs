//! Plays a plan with a display, until it is over or signals stop it.

use tokio_util::sync::CancellationToken;

use super::Exit;
use super::progress::{Display, Screen};
use super::signals::StopSignals;
use crate::engine::{Observer, Plan, RunError, RunOptions, RunOutcome, Stop};
use crate::record::Record;
use crate::report::Report;

/// Plays a plan until it is over or signals stop it. Gives back the signals too,
/// so that none is lost which comes after the end.
pub(super) async fn play(
    plan: &Plan,
    options: RunOptions,
    screen: &Screen,
    stop: &Stop,
    record: &mut Record,
) -> (Result<RunOutcome, RunError>, StopSignals) {
    let over = CancellationToken::new();
    let listening = listen(
        StopSignals::new(),
        stop.clone(),
        over.clone(),
        screen.clone(),
    );
    let signals = tokio::spawn(listening);
    let mut display = Display::start(plan, &options.clock, stop, screen);
    let mut observers: Vec<&mut dyn Observer> = vec![record, &mut display];
    let outcome = crate::engine::run(plan, options, stop, &mut observers).await;
    drop(observers);
    drop(display);
    over.cancel();
    // It fails only by a panic.
    let signals = signals.await.unwrap_or_else(|_| StopSignals::new());
    (outcome, signals)
}

pub(super) fn exit(report: &Report) -> Exit {
    let code = report.exit_code();
    let known = Exit::ALL.iter().find(|exit| exit.code() == code);
    *known.unwrap_or(&Exit::Failed)
}

/// The first signal asks politely, the second one does not. Once the run is
/// over, signals are left to whoever waits next.
async fn listen(
    mut signals: StopSignals,
    stop: Stop,
    over: CancellationToken,
    screen: Screen,
) -> StopSignals {
    loop {
        tokio::select! {
            biased;
            () = over.cancelled() => return signals,
            () = signals.next() => {}
        }
        screen.note(if stop.is_draining() {
            "rehearse: cutting what is under way"
        } else {
            "rehearse: letting iterations under way finish; once more to cut them"
        });
        stop.escalate();
    }
}
