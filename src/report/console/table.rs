//! The table of steps, made to fit a width.

use super::{Page, SummarySize};
use crate::metrics::{Metric, Spans};
use crate::numbers::grouped;
use crate::report::{Line, Report};
use crate::shown::line as one_line;

/// Columns that a name keeps, whatever is beside it.
const NAME: usize = 26;

/// The most that it takes where there is no terminal.
const LONG_NAME: usize = 46;

/// Figures, and the order in which they make room for names.
const FIGURES: [&str; 5] = ["mean", "p50", "p95", "p99", "max"];
const DISPENSABLE: [usize; 2] = [0, 3];

struct Row {
    name: String,
    failed: bool,
    is_part: bool,
    cells: Vec<String>,
}

/// Writes each step in a line, and its parts when they are wanted.
pub(super) fn write(page: &mut Page, report: &Report) {
    let steps = report.steps();
    let with_parts = page.form.size == SummarySize::Parts;
    let parts = || steps.iter().flat_map(|step| &step.parts);
    // Only where there are any: it is bad news.
    let unfinished = steps.iter().map(|step| &step.step).chain(parts());
    let unfinished = unfinished.into_iter().any(|line| !line.cut.is_empty());
    let mut rows = Vec::new();
    for step in &steps {
        let name = report.step_name(&step.scenario, &step.step.name);
        rows.push(row(&name, &step.step, unfinished, false));
        let part = |part: &Line| row(&format!("  {}", part.name), part, unfinished, true);
        // A step that fails as it must has no other line of its own.
        let shown = |part: &&Line| with_parts || part.metric == Metric::StepDuration;
        rows.extend(step.parts.iter().filter(shown).map(part));
    }
    let mut head = vec!["ok", "failed"];
    head.extend(unfinished.then_some("unfinished"));
    head.extend(FIGURES);
    let counts = head.len() - FIGURES.len();
    let widths: Vec<usize> = head
        .iter()
        .enumerate()
        .map(|(column, title)| {
            let cells = rows.iter().map(|row| row.cells[column].chars().count());
            cells.chain([title.len()]).max().unwrap_or(0)
        })
        .collect();
    let longest = rows.iter().map(|row| row.name.chars().count());
    let longest = longest.max().unwrap_or(0).max("step".len());
    let mut kept: Vec<usize> = (0..head.len()).collect();
    let room = |kept: &[usize]| {
        let taken: usize = kept.iter().map(|column| widths[*column] + 2).sum();
        let left = |width: usize| width.saturating_sub(2 + taken);
        page.form.width.map_or(LONG_NAME, left)
    };
    for figure in DISPENSABLE {
        if room(&kept) < longest.min(NAME) {
            kept.retain(|column| *column != counts + figure);
        }
    }
    let name_width = longest.min(room(&kept).max(NAME));
    let title: Vec<String> = kept
        .iter()
        .map(|column| format!("  {:>1$}", head[*column], widths[*column]))
        .collect();
    let title = title.concat();
    page.blank();
    page.line(&page.strong(&format!("  {:name_width$}{title}", "step")));
    for row in &rows {
        let mut line = format!("  {:name_width$}", fit(&row.name, name_width));
        for column in &kept {
            let cell = format!("  {:>1$}", row.cells[*column], widths[*column]);
            let bad = row.failed && (1..counts).contains(column) && row.cells[*column] != "0";
            line.push_str(&if bad { page.bad(&cell) } else { cell });
        }
        page.line(&if row.is_part && !row.failed {
            page.dim(&line)
        } else {
            line
        });
    }
    if !with_parts && parts().next().is_some() {
        page.line(&page.dim("  requests, waits and cryptography of each step: --details"));
    }
}

fn row(name: &str, line: &Line, unfinished: bool, is_part: bool) -> Row {
    let mut cells = vec![grouped(line.good.count()), grouped(line.failed.count())];
    cells.extend(unfinished.then(|| grouped(line.cut.count())));
    // Times of failed ones are not mixed in; where there are no good ones,
    // there is nothing to show.
    cells.extend(figures(&line.spans()));
    Row {
        name: one_line(name).into_owned(),
        failed: line.failed.count() + line.cut.count() > 0,
        is_part,
        cells,
    }
}

fn figures(spans: &Spans) -> [String; 5] {
    if spans.is_empty() {
        return std::array::from_fn(|_| "-".into());
    }
    spans.figures().map(|figure| figure.to_string())
}

/// A name that does not fit its column loses its middle.
fn fit(name: &str, width: usize) -> String {
    let length = name.chars().count();
    if length <= width {
        return name.to_owned();
    }
    let keep = width.saturating_sub(1);
    let head: String = name.chars().take(keep / 2).collect();
    let tail: String = name.chars().skip(length - (keep - keep / 2)).collect();
    format!("{head}…{tail}")
}
