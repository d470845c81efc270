//! What `FETCH` and `STORE` answer.

use super::conversation::House;

#[test]
fn everything_about_a_mail_can_be_fetched() {
    let mut talk = House::with(2).reader();
    let answer =
        talk.say("a FETCH 2 (UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODY BODYSTRUCTURE)");
    insta::assert_snapshot!(answer, @r#"
* 2 FETCH (UID 2 FLAGS (\Recent) INTERNALDATE "14-Nov-2023 22:13:20 +0000" RFC822.SIZE 578 ENVELOPE ("Tue, 14 Nov 2023 22:13:20 +0000" "Your verification code" (("rehearse simulator" NIL "no-reply" "rehearse.example")) (("rehearse simulator" NIL "no-reply" "rehearse.example")) (("rehearse simulator" NIL "no-reply" "rehearse.example")) ((NIL NIL "ada" "example.org")) NIL NIL NIL "<2.1700000000000@rehearse.example>") BODY (("TEXT" "PLAIN" ("CHARSET" "UTF-8") NIL NIL "QUOTED-PRINTABLE" 19 1)("TEXT" "HTML" ("CHARSET" "UTF-8") NIL NIL "QUOTED-PRINTABLE" 52 1) "ALTERNATIVE") BODYSTRUCTURE (("TEXT" "PLAIN" ("CHARSET" "UTF-8") NIL NIL "QUOTED-PRINTABLE" 19 1 NIL NIL NIL NIL)("TEXT" "HTML" ("CHARSET" "UTF-8") NIL NIL "QUOTED-PRINTABLE" 52 1 NIL NIL NIL NIL) "ALTERNATIVE" ("BOUNDARY" "=_rehearse_2") NIL NIL NIL))
a OK FETCH completed
"#);
}

#[test]
fn macros_fetch_what_they_stand_for() {
    let mut talk = House::with(1).reader();
    let fast = talk.say("a FETCH 1 FAST");
    assert!(
        fast.starts_with("* 1 FETCH (FLAGS (\\Recent) INTERNALDATE \"14-Nov-2023"),
        "{fast}"
    );
    assert!(talk.say("a FETCH 1 ALL").contains(" ENVELOPE (\""));
    assert!(talk.say("a FETCH 1 FULL").contains(" BODY (("));
}

#[test]
fn pieces_of_a_mail_are_fetched() {
    let mut talk = House::with(1).reader();
    insta::assert_snapshot!([
        "a FETCH 1 BODY.PEEK[HEADER.FIELDS (to Message-ID)]",
        "a FETCH 1 BODY.PEEK[HEADER.FIELDS.NOT (to from date message-id)]",
        "a FETCH 1 BODY.PEEK[1]",
        "a FETCH 1 BODY.PEEK[2.MIME]",
        "a FETCH 1 BODY.PEEK[]<6.8>",
        "a FETCH 1 BODY.PEEK[]<100000.8>",
        "a FETCH 1 (BODY.PEEK[3] BODY.PEEK[1.1])",
    ].map(|line| talk.say(line)).concat(), @r#"
* 1 FETCH (BODY[HEADER.FIELDS (to Message-ID)] {71}
To: ada@example.org
Message-ID: <1.1700000000000@rehearse.example>

)
a OK FETCH completed
* 1 FETCH (BODY[HEADER.FIELDS.NOT (to from date message-id)] {116}
Subject: Your verification code
MIME-Version: 1.0
Content-Type: multipart/alternative; boundary="=_rehearse_1"

)
a OK FETCH completed
* 1 FETCH (BODY[1] {19}
Your code: 111111
)
a OK FETCH completed
* 1 FETCH (BODY[2.MIME] {87}
Content-Type: text/html; charset=utf-8
Content-Transfer-Encoding: quoted-printable

)
a OK FETCH completed
* 1 FETCH (BODY[]<6> {8}
rehearse)
a OK FETCH completed
* 1 FETCH (BODY[]<100000> {0}
)
a OK FETCH completed
* 1 FETCH (BODY[3] NIL BODY[1.1] NIL)
a OK FETCH completed
"#);
}

/// The literals of an answer, with plain line breaks counted as two bytes.
fn literal(answer: &str) -> (usize, String) {
    let (before, after) = answer.split_once("}\n").unwrap();
    let length = before.rsplit('{').next().unwrap().parse().unwrap();
    let mut text = String::new();
    let mut left: usize = length;
    for c in after.chars() {
        let size = if c == '\n' { 2 } else { c.len_utf8() };
        if left < size {
            break;
        }
        left -= size;
        text.push(c);
    }
    assert_eq!(left, 0);
    (length, text)
}

#[test]
fn header_and_text_make_the_whole_mail() {
    let mut talk = House::with(1).reader();
    let (size, whole) = literal(&talk.say("a FETCH 1 RFC822"));
    let (of_header, header) = literal(&talk.say("a FETCH 1 RFC822.HEADER"));
    let (of_text, text) = literal(&talk.say("a FETCH 1 RFC822.TEXT"));
    assert_eq!(size, of_header + of_text);
    assert_eq!(whole, header + &text);
    for (one, other) in [
        ("BODY[]", "RFC822"),
        ("BODY[HEADER]", "RFC822.HEADER"),
        ("BODY[TEXT]", "RFC822.TEXT"),
    ] {
        let one = talk.say(&format!("a FETCH 1 {one}"));
        assert_eq!(
            literal(&one),
            literal(&talk.say(&format!("a FETCH 1 {other}")))
        );
    }
    let answer = talk.say("a FETCH 1 RFC822.SIZE");
    assert!(answer.contains(&format!("RFC822.SIZE {size})")), "{answer}");
}

#[test]
fn reading_makes_a_mail_seen_and_peeking_does_not() {
    let house = House::with(1);
    let mut talk = house.reader();
    talk.say("a FETCH 1 (BODY.PEEK[] RFC822.HEADER)");
    assert!(talk.say("a FETCH 1 FLAGS").contains("FLAGS (\\Recent)"));
    let answer = talk.say("a FETCH 1 BODY[1]");
    assert!(answer.contains(" FLAGS (\\Seen \\Recent))"), "{answer}");
    let answer = talk.say("a FETCH 1 BODY[1]");
    assert!(!answer.contains("FLAGS"), "{answer}");

    house.deliver(2, "ada@example.org", "x");
    let mut talk = house.known();
    talk.say("a EXAMINE INBOX");
    let answer = talk.say("a FETCH 2 (FLAGS BODY[])");
    assert!(!answer.contains("\\Seen"), "{answer}");
}

#[test]
fn sets_name_mails_by_number_or_uid() {
    let mut talk = House::with(5).reader();
    talk.say("a STORE 1,3 +FLAGS.SILENT \\Deleted");
    talk.say("a EXPUNGE");
    let numbers = |answer: String| -> Vec<String> {
        let lines = answer.lines().filter_map(|line| line.strip_prefix("* "));
        lines.map(|line| line.replace("FETCH ", "")).collect()
    };
    assert_eq!(
        numbers(talk.say("a FETCH 1:* UID")),
        ["1 (UID 2)", "2 (UID 4)", "3 (UID 5)"]
    );
    assert_eq!(
        numbers(talk.say("a FETCH *,1 UID")),
        ["1 (UID 2)", "3 (UID 5)"]
    );
    assert_eq!(
        numbers(talk.say("a UID FETCH 1:4 FLAGS")),
        ["1 (UID 2 FLAGS (\\Recent))", "2 (UID 4 FLAGS (\\Recent))"]
    );
    assert_eq!(numbers(talk.say("a UID FETCH 9:* UID")), ["3 (UID 5)"]);
    assert_eq!(talk.say("a UID FETCH 1 UID"), "a OK FETCH completed\n");
    assert_eq!(
        talk.say("a FETCH 4 UID"),
        "a BAD there is no mail of that number\n"
    );
    let mut empty = House::new().reader();
    assert_eq!(empty.say("a UID FETCH 1:* UID"), "a OK FETCH completed\n");
}

#[test]
fn flags_are_stored_and_answered() {
    let mut talk = House::with(2).reader();
    insta::assert_snapshot!([
        "a STORE 1 FLAGS (\\Seen \\Flagged)",
        "a STORE 1 -FLAGS \\Seen",
        "a UID STORE 1:2 +FLAGS ($Used \\Answered)",
        "a STORE 1:2 FLAGS.SILENT ()",
        "a FETCH 1:2 FLAGS",
    ].map(|line| talk.say(line)).concat(), @r#"
* 1 FETCH (FLAGS (\Flagged \Seen \Recent))
a OK STORE completed
* 1 FETCH (FLAGS (\Flagged \Recent))
a OK STORE completed
* 1 FETCH (UID 1 FLAGS (\Answered \Flagged \Recent))
* 2 FETCH (UID 2 FLAGS (\Answered \Recent))
a OK STORE completed
a OK STORE completed
* 1 FETCH (FLAGS (\Recent))
* 2 FETCH (FLAGS (\Recent))
a OK FETCH completed
"#);
    let mut reader = House::with(1).known();
    reader.say("a EXAMINE INBOX");
    assert_eq!(
        reader.say("a STORE 1 FLAGS \\Seen"),
        "a NO [READ-ONLY] opened by EXAMINE\n"
    );
    assert_eq!(
        reader.say("a EXPUNGE"),
        "a NO [READ-ONLY] opened by EXAMINE\n"
    );
}

#[test]
fn expunging_removes_the_deleted() {
    let house = House::with(5);
    let mut talk = house.reader();
    talk.say("a STORE 1,2,4 +FLAGS.SILENT \\Deleted");
    assert_eq!(
        talk.say("a UID EXPUNGE 2:3"),
        "* 2 EXPUNGE\na OK EXPUNGE completed\n"
    );
    assert_eq!(
        talk.say("a EXPUNGE"),
        "* 3 EXPUNGE\n* 1 EXPUNGE\na OK EXPUNGE completed\n"
    );
    talk.say("a STORE 1 +FLAGS.SILENT \\Deleted");
    assert_eq!(talk.say("a CLOSE"), "a OK CLOSE completed\n");
    let answer = talk.say("a STATUS INBOX (MESSAGES UIDNEXT)");
    assert!(answer.contains("(MESSAGES 1 UIDNEXT 6)"), "{answer}");
}
