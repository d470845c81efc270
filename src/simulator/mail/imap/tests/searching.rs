//! What `SEARCH` finds.

use super::conversation::House;

const NONE: [u32; 0] = [];

/// The numbers that a search finds among three mails of different kinds.
#[track_caller]
fn found(keys: &str) -> Vec<u32> {
    let house = House::new();
    house.deliver(1, "ada@example.org", "first code 111111\n");
    house.deliver(2, "Bob@Example.org", "second code 222222 É\n");
    house.deliver(3, "ada@example.org", &"long ".repeat(500));
    let mut talk = house.reader();
    talk.say("a STORE 2 +FLAGS.SILENT (\\Seen \\Flagged)");
    let answer = talk.say(&format!("a SEARCH {keys}"));
    let line = answer.lines().next().unwrap();
    let numbers = line
        .strip_prefix("* SEARCH")
        .unwrap_or_else(|| panic!("{keys}: {answer}"));
    numbers
        .split_whitespace()
        .map(|number| number.parse().unwrap())
        .collect()
}

#[test]
fn flags_are_searched() {
    assert_eq!(found("ALL"), [1, 2, 3]);
    assert_eq!(found("SEEN"), [2]);
    assert_eq!(found("UNSEEN"), [1, 3]);
    assert_eq!(found("NEW"), [1, 3]);
    assert_eq!(found("OLD"), NONE);
    assert_eq!(found("FLAGGED UNSEEN"), NONE);
    assert_eq!(found("KEYWORD $Used"), NONE);
    assert_eq!(found("UNKEYWORD $Used UNDELETED"), [1, 2, 3]);
}

#[test]
fn texts_are_searched_whatever_their_case() {
    assert_eq!(found("TO ADA@example"), [1, 3]);
    assert_eq!(found("TO bob@EXAMPLE.org"), [2]);
    assert_eq!(found("FROM no-reply"), [1, 2, 3]);
    assert_eq!(found("SUBJECT verification"), [1, 2, 3]);
    assert_eq!(found("BODY 222222"), [2]);
    assert_eq!(found("BODY verification"), NONE);
    assert_eq!(found("TEXT verification TEXT first"), [1]);
    assert_eq!(found("CHARSET UTF-8 TEXT \"É\""), [2]);
    assert_eq!(found("HEADER To bob"), [2]);
    assert_eq!(found("HEADER Message-ID 3."), [3]);
    assert_eq!(found("HEADER Message-ID \"\""), [1, 2, 3]);
    assert_eq!(found("HEADER X-Nothing \"\""), NONE);
    assert_eq!(found("CC ada"), NONE);
}

#[test]
fn dates_sizes_and_sets_are_searched() {
    assert_eq!(found("ON 14-Nov-2023"), [1, 2, 3]);
    assert_eq!(found("SINCE 14-Nov-2023 BEFORE 15-Nov-2023"), [1, 2, 3]);
    assert_eq!(found("SINCE 15-Nov-2023"), NONE);
    assert_eq!(found("BEFORE 14-Nov-2023"), NONE);
    assert_eq!(found("LARGER 2000"), [3]);
    assert_eq!(found("SMALLER 2000"), [1, 2]);
    assert_eq!(found("2:*"), [2, 3]);
    assert_eq!(found("UID 1,3"), [1, 3]);
    assert_eq!(found("UID 7:*"), [3]);
}

#[test]
fn charsets_that_are_known_are_named() {
    let mut talk = House::with(1).reader();
    assert_eq!(
        talk.say("a SEARCH CHARSET latin1 ALL"),
        "a NO [BADCHARSET (UTF-8 US-ASCII)] unknown charset\n"
    );
}

#[test]
fn keys_are_combined() {
    assert_eq!(found("NOT TO ada"), [2]);
    assert_eq!(found("OR SEEN LARGER 2000"), [2, 3]);
    assert_eq!(found("NOT (OR SEEN LARGER 2000)"), [1]);
    assert_eq!(found("(TO ada) UNSEEN 3"), [3]);
}

#[test]
fn a_search_by_uid_gives_uids() {
    let house = House::with(3);
    let mut talk = house.reader();
    talk.say("a STORE 1 +FLAGS.SILENT \\Deleted");
    talk.say("a EXPUNGE");
    assert_eq!(
        talk.say("a SEARCH ALL"),
        "* SEARCH 1 2\na OK SEARCH completed\n"
    );
    assert_eq!(
        talk.say("a UID SEARCH ALL"),
        "* SEARCH 2 3\na OK SEARCH completed\n"
    );
    assert_eq!(
        talk.say("a UID SEARCH 1"),
        "* SEARCH 2\na OK SEARCH completed\n"
    );
    assert_eq!(
        talk.say("a SEARCH SEEN"),
        "* SEARCH\na OK SEARCH completed\n"
    );
}
