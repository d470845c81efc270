//! One user, one iteration: to look at, not to measure.

use std::sync::Arc;

use super::messages::{cannot_start, say_in};
use super::play::{exit, play};
use super::progress::Screen;
use super::scenario::ScenarioArguments;
use super::{Exit, complain, say};
use crate::engine::{Plan, RunOptions, Stop};
use crate::http::{TraceListener, Transcript};
use crate::language::Problem;
use crate::record::Record;
use crate::report::{Report, SummaryForm, summary};

/// `rehearse run --trace STEP`
pub(super) async fn trace(
    arguments: &ScenarioArguments,
    plan: Plan,
    steps: &[String],
    form: SummaryForm,
) -> Exit {
    let known = plan.step_names();
    for step in steps {
        if step != "*" && !known.contains(&step.as_str()) {
            let help = Problem::suggest(step, &known);
            complain(&format!("`--trace {step}`: there is no such step; {help}"));
            return Exit::Wrong;
        }
    }
    let plan = plan.once();
    let plan = plan.only(|label| steps.iter().any(|step| step == "*" || step == label));
    let transcript = Arc::new(Transcript::of(steps));
    let listener: Arc<dyn TraceListener> = Arc::<Transcript>::clone(&transcript);
    let played = once(arguments, &plan, Some(listener)).await;
    // Of an iteration that failed, it says most.
    say(&transcript.show());
    match played {
        Ok(report) => {
            say_in(form.look, &summary(&report, form));
            exit(&report)
        }
        Err(exit) => exit,
    }
}

/// Plays a plan whose scenarios are played once, and keeps no report.
pub(super) async fn once(
    arguments: &ScenarioArguments,
    plan: &Plan,
    listener: Option<Arc<dyn TraceListener>>,
) -> Result<Report, Exit> {
    let options = RunOptions {
        listener,
        ..arguments.options(plan)
    };
    let stop = Stop::new();
    let mut record = Record::new(plan, &options, &stop);
    let (outcome, _) = play(plan, options, &Screen::quiet(), &stop, &mut record).await;
    let outcome = outcome.map_err(|error| cannot_start(&error))?;
    Ok(record.report(outcome))
}
