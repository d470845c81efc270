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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numbers::size;

    /// Rows of the table: what, its ceiling, and what is said beyond it.
    fn rows() -> Vec<[String; 3]> {
        let row = |what: &str, most: String, says: &str| [what.to_owned(), most, says.to_owned()];
        let kib = |bytes: usize| size(bytes as u64);
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
