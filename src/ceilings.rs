//! How much is read, kept or made at most, whoever asks for it. A reader of
//! something new takes its ceiling from here; `docs/ceilings.md` shows them all.

use std::time::Duration;

/// One MiB.
const MIB: u64 = 1024 * 1024;

/// Bytes of the body of an answer, unless `max_body` says otherwise.
pub const BODY: u64 = 64 * MIB;
/// Bytes of an answer that is not the scenario's: of a collector, of the outbox
/// of a simulator, of a mailbox.
pub const CONTROL_BODY: u64 = 16 * MIB;
/// Bytes of the answer to one command of IMAP or POP3, lines and literals together: twice
/// what is ever asked for.
pub const IMAP_ANSWER: usize = 32 * 1024 * 1024;
/// Bytes of a line that an IMAP or POP3 server says before TLS.
pub const IMAP_GREETING: usize = 4096;
/// Brackets in brackets of what an IMAP server says.
pub const NESTED: usize = 100;
/// Bytes of a mail, which are those at its beginning: no code comes later.
pub const MAIL: usize = 256 * 1024;
/// Bytes that a program of `source: command` may say.
pub const SAID: usize = 64 * 1024;
/// Codings of a body, one in another.
pub const CODINGS: usize = 5;
/// Bytes of the head of an answer.
pub const HEAD: u32 = 128 * 1024;
/// Headers of an answer.
pub const HEADERS: usize = 128;
/// Interim answers (1xx) before an answer.
pub const INTERIM: usize = 32;
/// Bytes of the line of a chunk, of all extensions of chunks, and of trailers.
pub const CHUNK_LINE: usize = 16 * 1024;

/// Bytes of a scenario, a library, a target: what people write.
pub const YAML: u64 = 16 * MIB;
/// Files of YAML in a folder that is played.
pub const SCENARIO_FILES: usize = 1000;
/// Bytes of a message of an editor: a file in JSON, most of it escaped.
pub const EDITOR_MESSAGE: u64 = 6 * YAML;
/// Files that an editor has open.
pub const EDITOR_DOCUMENTS: usize = 1000;
/// Bytes of a file that is sent, or that answers are held against.
pub const ATTACHED: u64 = 64 * MIB;
/// Bytes of all such files of a plan: they stay in memory.
pub const ALL_ATTACHED: u64 = 256 * MIB;
/// Bytes of a file with certificates.
pub const CERTIFICATES: u64 = 4 * MIB;
/// Bytes of a file with a secret.
pub const SECRET: u64 = 64 * 1024;
/// Bytes of a passphrase: beyond it, the file is another one.
pub const PASSPHRASE: usize = 4096;
/// Time in which nothing comes through a pipe with a passphrase.
pub const PASSPHRASE_PIPE: Duration = Duration::from_secs(300);
/// Bytes of a row of a feeder, and of the line that names its columns.
pub const ROW: u64 = MIB;
/// Rows of a feeder.
pub const ROWS: u64 = 100_000_000;
/// Bytes of what a run has measured, of figures, of a history.
pub const MEASURED: u64 = 256 * MIB;
/// Bytes of a line of a journal.
pub const JOURNAL_LINE: u64 = 64 * MIB;
/// Bytes of a recording or a description that is imported.
pub const IMPORTED: u64 = 256 * MIB;
/// Bytes of credentials that are imported.
pub const CREDENTIALS: u64 = 256 * MIB;
/// Bytes of the index of a vault or a key pool.
pub const INDEX: u64 = 256 * MIB;
/// Bytes of a pool of test keys, which is read as a whole.
pub const TEST_KEYS: u64 = 256 * MIB;
/// Bytes of what the system says of this machine and process.
pub const SYSTEM: u64 = MIB;

/// Bytes of a message on a WebSocket that a step has opened.
pub const SOCKET_MESSAGE: usize = 16 * 1024 * 1024;
/// Messages on one that no step has waited for yet.
pub const SOCKET_MESSAGES: usize = 10_000;
/// Bytes of all of them.
pub const SOCKET_WAITING: u64 = 64 * MIB;

/// Connections to a simulator at the same time; fewer when this process may not
/// open as many files.
pub const CONNECTIONS: usize = 65_536;
/// Connections to its mailbox.
pub const MAIL_CONNECTIONS: usize = 256;
/// Bytes of the body of a request to a simulator.
pub const REQUEST_BODY: usize = 16 * 1024 * 1024;
/// Sockets that tell events of a simulator.
pub const SOCKETS: usize = 1024;
/// Bytes of what a client says on one.
pub const SUBSCRIPTION: usize = 1024 * 1024;
/// Writes of which the slowest of them is still to be told.
pub const EVENTS: usize = 4096;
/// Tokens for one request that were not used yet.
pub const TICKETS: usize = 65_536;
/// Filters in one that is sent to it.
pub const FILTERS: usize = 64;
/// Time for the head of a request to it, from the beginning of the connection
/// or the first byte.
pub const REQUEST_HEAD: Duration = Duration::from_secs(30);
/// Time for the body of a request to it, and the answer.
pub const REQUEST: Duration = Duration::from_secs(60);
/// Time between two requests to it.
pub const BETWEEN_REQUESTS: Duration = Duration::from_secs(90);
/// Time for a command to its mailbox, and for logging in.
pub const MAIL_COMMAND: Duration = Duration::from_secs(60);

/// Data samples of one batch, and of a page.
pub const SAMPLES: usize = 1000;
/// Bytes of the data samples of a batch, encrypted.
pub const BATCH: u64 = 64 * MIB;
/// Contacts that a session knows to have stored itself.
pub const WRITTEN: usize = 256;

/// Work of one expression: operations, of which one pays for 64 bytes that are
/// made. So it bounds the length of a text too.
pub const EXPRESSION: u64 = 1 << 20;
/// `..` of a path in JSON.
pub const DESCENTS: usize = 2;
/// Bytes of a text with expressions in it.
pub const TEXT: u64 = 64 * MIB;
/// Bytes of the texts and answers in the list of a step with `repeat`.
pub const LIST: u64 = 256 * MIB;
/// Values in the list of a step with `repeat`.
pub const LISTED: usize = 1_000_000;
/// Bytes of values that aliases stand for in a file of YAML.
pub const ALIASES: usize = 16 * 1024 * 1024;
/// Virtual users of a scenario.
pub const VUS: u64 = 1_000_000;
/// Times that something is repeated, and iterations of a scenario.
pub const TIMES: u64 = 1_000_000_000;
/// Stages of an executor.
pub const STAGES: u64 = 10_000;
/// Users who come or leave in the stages of `ramping_vus`.
pub const CHANGES: u64 = 4_000_000;
/// Arrivals in a second, whatever the unit of the rate.
pub const RATE: f64 = 1e7;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numbers::size;

    /// A row of the table: what, its ceiling, what is said beyond it, and the tests
    /// that hold it, which `documents::held` looks for.
    type Row = [String; 4];

    #[expect(clippy::needless_pass_by_value, reason = "rows are easier to read")]
    fn row(what: &str, most: impl ToString, says: &str, held: &[&str]) -> Row {
        let held: Vec<String> = held.iter().map(|name| format!("`{name}`")).collect();
        [
            what.to_owned(),
            most.to_string(),
            says.to_owned(),
            held.join(", "),
        ]
    }

    fn kib(bytes: usize) -> String {
        size(bytes as u64)
    }

    fn of_answers() -> Vec<Row> {
        vec![
            row(
                "body of an answer to a step, packed and unpacked",
                format!("{}, or `max_body`", size(BODY)),
                "the answer is longer than `max_body`: an error of the kind `answer too long`",
                &[
                    "a_body_is_read_up_to_its_ceiling",
                    "a_body_without_end_is_a_failure_of_its_own",
                    "what_unpacks_to_more_than_it_may_is_refused",
                ],
            ),
            row(
                "message on a WebSocket that `subscribe` has opened",
                kib(SOCKET_MESSAGE),
                "`a message is longer than …`, kind `subscription ended`",
                &["a_message_on_a_socket_has_a_ceiling"],
            ),
            row(
                "events that no step has waited for",
                format!("{SOCKET_MESSAGES}, {}", size(SOCKET_WAITING)),
                "`more than … are not waited for`, kind `subscription ended`",
                &["events_that_nobody_waits_for_have_a_ceiling"],
            ),
            row(
                "answer of a mailbox, a simulator's outbox, an OTLP collector",
                size(CONTROL_BODY),
                "`the answer has more than …`",
                &["a_mailbox_an_outbox_and_a_collector_are_heard_up_to_their_ceiling"],
            ),
            row(
                "codings of a body, one in another",
                CODINGS,
                "`more than … codings`, an `unexpected answer`",
                &["what_unpacks_to_more_than_it_may_is_refused"],
            ),
            row(
                "head of an answer",
                size(HEAD.into()),
                "`the head of the answer is longer than …`, kind `protocol`",
                &["heads_and_lines_without_end_are_given_up"],
            ),
            row(
                "headers of an answer, and trailers",
                HEADERS,
                "`the answer has more than … headers`, kind `protocol`",
                &["heads_and_lines_without_end_are_given_up"],
            ),
            row(
                "interim answers (1xx) before an answer",
                INTERIM,
                "`more than … interim answers`, kind `protocol`",
                &[
                    "interim_answers_without_end_are_given_up",
                    "heads_and_lines_without_end_are_given_up",
                ],
            ),
            row(
                "line of a chunk, all extensions of chunks, trailers",
                kib(CHUNK_LINE),
                "`longer than …`, kind `protocol`",
                &["heads_and_lines_without_end_are_given_up"],
            ),
        ]
    }

    fn of_mails() -> Vec<Row> {
        vec![
            row(
                "answer to a command of IMAP or POP3",
                kib(IMAP_ANSWER),
                "`the server's answer does not end`",
                &[
                    "a_mail_server_is_heard_up_to_its_ceiling",
                    "a_pop3_server_is_heard_up_to_its_ceiling",
                ],
            ),
            row(
                "line of a mail server before TLS",
                kib(IMAP_GREETING),
                "`the server closed the connection`",
                &["a_mail_server_is_heard_up_to_its_ceiling"],
            ),
            row(
                "brackets in brackets of an IMAP server",
                NESTED,
                "`the server's answer is nested too deep`",
                &["brackets_are_counted_wherever_the_parser_calls_itself_for_them"],
            ),
            row(
                "mail",
                kib(MAIL),
                "the rest is not read",
                &["a_mail_is_read_up_to_its_ceiling"],
            ),
            row(
                "output of a program that knows codes",
                kib(SAID),
                "the rest is not read, and the program is ended",
                &["a_program_that_never_ends_its_output_is_cut"],
            ),
        ]
    }

    fn of_files() -> Vec<Row> {
        let beyond = "`it has more than …`, with the place that names the file";
        vec![
            row(
                "a scenario, a library, a target",
                size(YAML),
                beyond,
                &[
                    "a_file_that_is_named_in_a_file_is_read_up_to_its_ceiling",
                    "a_file_of_the_command_line_is_read_up_to_its_ceiling",
                ],
            ),
            row(
                "files of YAML in a folder that `run` is given",
                SCENARIO_FILES,
                "`more than … YAML files are in the folder`",
                &["a_folder_of_more_files_than_anybody_plays_is_refused"],
            ),
            row(
                "message of an editor to `rehearse lsp`",
                size(EDITOR_MESSAGE),
                "the language server ends: `a message is longer than any file may be`",
                &["messages_are_read_one_after_the_other_and_have_an_end"],
            ),
            row(
                "files that an editor has open",
                EDITOR_DOCUMENTS.to_string(),
                "the next one is not looked at",
                &["so_many_documents_are_open_and_no_more"],
            ),
            row(
                "a file of `file`, `schema`; all of them in a plan",
                format!("{}; {}", size(ATTACHED), size(ALL_ATTACHED)),
                beyond,
                &[
                    "a_file_that_is_named_in_a_file_is_read_up_to_its_ceiling",
                    "the_files_of_a_plan_have_a_ceiling_in_all",
                ],
            ),
            row(
                "row of a feeder, with the blank lines before it",
                size(ROW),
                "`a line has more than …`, with the file's place",
                &["a_row_and_what_is_between_rows_have_a_ceiling"],
            ),
            row(
                "rows of a feeder",
                ROWS,
                "`it has more than … rows`, with the file's place",
                &["there_are_so_many_rows_and_no_more"],
            ),
            row(
                "file with certificates",
                size(CERTIFICATES),
                beyond,
                &["a_file_that_is_named_in_a_file_is_read_up_to_its_ceiling"],
            ),
            row(
                "file with a secret",
                size(SECRET),
                beyond,
                &["a_file_that_is_named_in_a_file_is_read_up_to_its_ceiling"],
            ),
            row(
                "passphrase, in a file, a pipe or the standard input",
                kib(PASSPHRASE),
                "`holds more than a passphrase`",
                &["a_passphrase_file_that_others_can_access_or_that_holds_none_is_refused"],
            ),
            row(
                "time in which nothing comes through a pipe with a passphrase",
                format!("{} s", PASSPHRASE_PIPE.as_secs()),
                "`nothing has come through the pipe for …`",
                &["a_pipe_that_was_typed_is_waited_for_so_long_and_no_longer"],
            ),
        ]
    }

    fn of_kept_files() -> Vec<Row> {
        let told = "`it has more than …`, with the file's name";
        vec![
            row(
                "measurements of a run, a history, figures of cryptography",
                size(MEASURED),
                told,
                &["a_file_of_the_command_line_is_read_up_to_its_ceiling"],
            ),
            row(
                "line of a journal",
                size(JOURNAL_LINE),
                "`a line has more than …`, with the file's name",
                &["a_file_of_the_command_line_is_read_up_to_its_ceiling"],
            ),
            row(
                "recording or description that is imported",
                size(IMPORTED),
                told,
                &["a_file_of_the_command_line_is_read_up_to_its_ceiling"],
            ),
            row(
                "credentials that are imported",
                size(CREDENTIALS),
                told,
                &["a_file_of_the_command_line_is_read_up_to_its_ceiling"],
            ),
            row(
                "index of a vault or a key pool; pool of test keys",
                format!("{}; {}", size(INDEX), size(TEST_KEYS)),
                "`its index has more than …`; `it has more than …`",
                &[
                    "an_index_has_a_ceiling",
                    "a_file_of_the_command_line_is_read_up_to_its_ceiling",
                ],
            ),
        ]
    }

    fn of_plans() -> Vec<Row> {
        vec![
            row(
                "values of a file that aliases stand for",
                kib(ALIASES),
                "`aliases stand for more than … of this file`, with the place",
                &["aliases_stand_for_so_much_and_no_more"],
            ),
            row(
                "work of an expression",
                format!(
                    "{EXPRESSION} operations, or texts of {}",
                    size(EXPRESSION * 64)
                ),
                "`it makes or looks through more than an expression may`",
                &["templates_do_not_grow_without_end"],
            ),
            row(
                "text with expressions in it",
                size(TEXT),
                "`the text that it is in has more than …`",
                &["templates_do_not_grow_without_end"],
            ),
            row(
                "`..` of a path in JSON",
                DESCENTS,
                "there are more than … `..`, with the place",
                &["a_path_goes_down_everywhere_twice_at_most"],
            ),
            row(
                "what a step with `repeat` lists under a name",
                format!("{LISTED} values, {}", size(LIST)),
                "what `…` is to list has more than …: an error of the kind `argument`",
                &[
                    "what_a_step_lists_has_a_ceiling",
                    "what_is_listed_weighs_what_its_texts_do",
                ],
            ),
            row(
                "`vus`, `pre_allocated_vus`, `max_vus`, `start_vus`, a stage's users",
                VUS,
                "`… is more than …`, with the place",
                &["more_users_and_stages_than_there_can_be_are_refused_with_the_place"],
            ),
            row(
                "users who come or leave in `stages`",
                CHANGES,
                "`… is more than …`, with the place",
                &["more_users_and_stages_than_there_can_be_are_refused_with_the_place"],
            ),
            row(
                "`stages` of an executor",
                STAGES,
                "`… is more than …`, with the place",
                &["more_users_and_stages_than_there_can_be_are_refused_with_the_place"],
            ),
            row(
                "number of a rate",
                RATE,
                "`expected a rate such as …`, with the place",
                &["more_users_and_stages_than_there_can_be_are_refused_with_the_place"],
            ),
            row(
                "`iterations`, `repeat`",
                TIMES,
                "`… is more than …`, `expected at most … times`, with the place",
                &["more_users_and_stages_than_there_can_be_are_refused_with_the_place"],
            ),
        ]
    }

    fn of_data() -> Vec<Row> {
        vec![
            row(
                "data samples of a `data_sample.create_many`, a `data_sample.get_many`, a page of `data_sample.filter`",
                SAMPLES,
                "`expected at most …`, an error of the kind `argument`; of a page with the place",
                &[
                    "a_batch_has_a_ceiling",
                    "what_is_wrong_with_these_steps_is_told_before_anything_is_sent",
                ],
            ),
            row(
                "`size` of an attachment",
                size(ATTACHED),
                "`expected from 1 byte to …`, with the place",
                &["what_is_wrong_with_these_steps_is_told_before_anything_is_sent"],
            ),
            row(
                "what the data samples of a batch say, encrypted",
                size(BATCH),
                "`is longer than …`, an error of the kind `too large`",
                &["a_batch_weighs_so_much_and_no_more"],
            ),
            row(
                "contacts that a session knows to have stored itself",
                WRITTEN,
                "the oldest are forgotten: what is in them is changed as from a later session",
                &["the_contacts_of_a_session_are_remembered_up_to_a_ceiling"],
            ),
        ]
    }

    fn of_what_simulators_find_and_tell() -> Vec<Row> {
        vec![
            row(
                "filters in one",
                FILTERS,
                "400",
                &["what_is_no_filter_is_refused_and_not_repeated"],
            ),
            row(
                "sockets that tell events",
                SOCKETS,
                "503",
                &["sockets_have_a_ceiling"],
            ),
            row(
                "message of a client on such a socket",
                kib(SUBSCRIPTION),
                "the socket is closed",
                &["what_is_said_on_a_socket_has_a_ceiling"],
            ),
            row(
                "writes of which a socket is still to be told",
                EVENTS,
                "the socket is closed: `more happens than is read`",
                &["who_reads_too_slowly_is_told_so_and_sent_away"],
            ),
            row(
                "tokens for one request that were not used",
                TICKETS,
                "503",
                &["tokens_for_one_request_have_a_ceiling_and_an_end"],
            ),
        ]
    }

    fn of_simulators() -> Vec<Row> {
        let seconds = |time: Duration| format!("{} s", time.as_secs());
        vec![
            row(
                "connections to a simulator",
                format!("{CONNECTIONS}, or three quarters of the files that may be open"),
                "those that have been silent longest are closed; if none is silent, 503 and `Connection: close`",
                &[
                    "half_open_connections_starve_nobody",
                    "they_are_a_part_of_the_files_that_may_be_open",
                ],
            ),
            row(
                "connections to its mailbox",
                format!("{MAIL_CONNECTIONS}, or an eighth of the files that may be open"),
                "the same; if none is silent, `BYE too many connections`",
                &["one_connection_too_many_is_told_so"],
            ),
            row(
                "body of a request to it",
                kib(REQUEST_BODY),
                "413",
                &["a_body_that_is_too_long_is_413"],
            ),
            row(
                "time for the head of a request to it",
                seconds(REQUEST_HEAD),
                "the connection is closed",
                &[
                    "half_a_head_is_not_waited_for",
                    "a_head_that_comes_byte_by_byte_is_not_waited_for",
                ],
            ),
            row(
                "time for the body of a request to it, and for the answer",
                seconds(REQUEST),
                "408 and `Connection: close`",
                &["half_a_body_is_refused"],
            ),
            row(
                "time between two requests on a connection to it",
                seconds(BETWEEN_REQUESTS),
                "the connection is closed",
                &["who_has_been_answered_may_wait_longer"],
            ),
            row(
                "time for a command to its mailbox, and before a log-in",
                seconds(MAIL_COMMAND),
                "`BYE nothing was heard for too long`",
                &["who_does_not_log_in_or_end_a_command_has_to_leave"],
            ),
        ]
    }

    #[test]
    fn the_table_of_the_documents_has_these_ceilings() {
        let rows = [
            of_answers(),
            of_mails(),
            of_files(),
            of_kept_files(),
            of_plans(),
            of_data(),
            of_simulators(),
            of_what_simulators_find_and_tell(),
        ]
        .concat();
        let lines = rows.iter().map(|row| format!("| {} |\n", row.join(" | ")));
        let head = "| what | at most | beyond it | held by |\n| --- | --- | --- | --- |\n";
        let table = format!("{head}{}", lines.collect::<String>());
        let page = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/ceilings.md");
        let text = std::fs::read_to_string(page).unwrap();
        if std::env::var_os("UPDATE_DOCS").is_some() {
            let (before, _) = text.split_once("| what |").unwrap();
            std::fs::write(page, format!("{before}{table}")).unwrap();
            return;
        }
        assert!(
            text.ends_with(&table),
            "the table of docs/ceilings.md is another one; UPDATE_DOCS=1 writes it anew:\n{table}"
        );
    }
}
