//! `rehearse schema`: what can be written, for editors and for people.

use clap::{Args, ValueEnum};

use super::help::after;
use super::{Exit, complain, say};
use crate::engine::language;
use crate::language::{SchemaOf, reference, schema};
use crate::report::report_schema;

/// Print the JSON Schema of a kind of file
///
/// With it, an editor completes and explains every key. Write it to a file, and name the file in
/// the first line of a scenario: `# yaml-language-server: $schema=rehearse.schema.json`
#[derive(Debug, Args)]
#[command(after_help = after(&[("rehearse schema > rehearse.schema.json", "the schema of scenarios"), ("rehearse schema target > target.schema.json", "the schema of targets"), ("rehearse schema --markdown", "the reference as a page")], &[(Exit::Good, "printed"), (Exit::Wrong, "the command line is wrong")]))]
pub(super) struct Arguments {
    /// Kind of file
    #[arg(value_enum, default_value_t = What::Scenario)]
    what: What,
    /// Print the reference of scenarios, libraries and targets in Markdown instead
    #[arg(long, conflicts_with = "what")]
    markdown: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum What {
    /// Scenario files
    Scenario,
    /// Libraries of steps
    Library,
    /// Target files
    Target,
    /// report.json
    Report,
}

pub(super) fn print(arguments: &Arguments) -> Exit {
    let text = match arguments.what {
        _ if arguments.markdown => reference(&language()),
        What::Scenario => schema_text(SchemaOf::Scenario),
        What::Library => schema_text(SchemaOf::Library),
        What::Target => schema_text(SchemaOf::Target),
        What::Report => match report_schema() {
            Ok(text) => text,
            Err(reason) => {
                complain(&format!("cannot make the schema: {reason}"));
                return Exit::Wrong;
            }
        },
    };
    say(&text);
    Exit::Good
}

pub(super) fn schema_text(of: SchemaOf) -> String {
    format!("{:#}\n", schema(&language(), of))
}
