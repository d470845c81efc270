//! `rehearse schema`: what can be written, for editors and for people.

use clap::{Args, ValueEnum};

use super::{Exit, complain, say};
use crate::engine::language;
use crate::language::{SchemaOf, reference, schema};
use crate::report::report_schema;

/// Print the JSON Schema of a kind of file
///
/// An editor that knows it completes and explains every key. Write it to a file,
/// and name that in the first line of a scenario:
/// `# yaml-language-server: $schema=rehearse.schema.json`
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Of which kind of file
    #[arg(value_enum, default_value_t = What::Scenario)]
    what: What,
    /// Everything that can be written in scenarios, libraries and targets, as a
    /// page in Markdown
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
