//! How much is read, kept or made at most, whoever asks for it. A reader of
//! something new takes its ceiling from here; `docs/ceilings.md` shows them all.

/// One MiB.
const MIB: u64 = 1024 * 1024;

/// Bytes of the body of an answer, unless `max_body` says otherwise.
pub const BODY: u64 = 64 * MIB;
/// Bytes of an answer that is not the scenario's: of a collector, of the outbox
/// of a simulator, of a mailbox.
pub const CONTROL_BODY: u64 = 16 * MIB;
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
/// Bytes of a file that is sent, or that answers are held against.
pub const ATTACHED: u64 = 64 * MIB;
/// Bytes of all such files of a plan: they stay in memory.
pub const ALL_ATTACHED: u64 = 256 * MIB;
/// Bytes of a file with certificates.
pub const CERTIFICATES: u64 = 4 * MIB;
/// Bytes of a file with a secret.
pub const SECRET: u64 = 64 * 1024;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numbers::size;

    /// Rows of the table: what, its ceiling, and what is said beyond it.
    fn rows() -> Vec<[String; 3]> {
        let row = |what: &str, most: String, says: &str| [what.to_owned(), most, says.to_owned()];
        let kib = |bytes: usize| size(bytes as u64);
        let beyond = "`it has more than …`, with the place that names the file";
        let told = "`it has more than …`, with the file's name";
        vec![
            row(
                "body of an answer to a step, packed and unpacked",
                format!("{}, or `max_body`", size(BODY)),
                "the answer is longer than `max_body`: an error of the kind `answer too long`",
            ),
            row(
                "answer of a mailbox, a simulator's outbox, an OTLP collector",
                size(CONTROL_BODY),
                "`the answer has more than …`",
            ),
            row(
                "codings of a body, one in another",
                CODINGS.to_string(),
                "`more than … codings`, an `unexpected answer`",
            ),
            row(
                "head of an answer",
                size(HEAD.into()),
                "`the head of the answer is longer than …`, kind `protocol`",
            ),
            row(
                "headers of an answer, and trailers",
                HEADERS.to_string(),
                "`the answer has more than … headers`, kind `protocol`",
            ),
            row(
                "interim answers (1xx) before an answer",
                INTERIM.to_string(),
                "`more than … interim answers`, kind `protocol`",
            ),
            row("a scenario, a library, a target", size(YAML), beyond),
            row(
                "a file of `file`, `schema`; all of them in a plan",
                format!("{}; {}", size(ATTACHED), size(ALL_ATTACHED)),
                beyond,
            ),
            row(
                "row of a feeder, with the blank lines before it",
                size(ROW),
                "`a line has more than …`, with the file's place",
            ),
            row(
                "rows of a feeder",
                ROWS.to_string(),
                "`it has more than … rows`, with the file's place",
            ),
            row("file with certificates", size(CERTIFICATES), beyond),
            row("file with a secret", size(SECRET), beyond),
            row(
                "measurements of a run, a history, figures of cryptography",
                size(MEASURED),
                told,
            ),
            row(
                "line of a journal",
                size(JOURNAL_LINE),
                "`a line has more than …`, with the file's name",
            ),
            row(
                "recording or description that is imported",
                size(IMPORTED),
                told,
            ),
            row("credentials that are imported", size(CREDENTIALS), told),
            row(
                "index of a vault or a key pool; pool of test keys",
                format!("{}; {}", size(INDEX), size(TEST_KEYS)),
                "`its index has more than …`; `it has more than …`",
            ),
            row(
                "line of a chunk, all extensions of chunks, trailers",
                kib(CHUNK_LINE),
                "`longer than …`, kind `protocol`",
            ),
        ]
    }

    #[test]
    fn the_table_of_the_documents_has_these_ceilings() {
        let rows = rows();
        let lines = rows.iter().map(|row| format!("| {} |\n", row.join(" | ")));
        let head = "| what | at most | beyond it |\n| --- | --- | --- |\n";
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
