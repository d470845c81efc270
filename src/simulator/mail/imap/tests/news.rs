//! When a client is told of mails that come and go.

use super::conversation::House;

#[test]
fn mails_that_come_are_told_with_the_next_command() {
    let house = House::with(1);
    let mut talk = house.reader();
    house.deliver(2, "ada@example.org", "x");
    house.deliver(3, "ada@example.org", "x");
    assert_eq!(
        talk.say("a NOOP"),
        "* 3 EXISTS\n* 3 RECENT\na OK NOOP completed\n"
    );
    assert_eq!(talk.say("a CHECK"), "a OK NOOP completed\n");
    house.deliver(4, "ada@example.org", "x");
    // Its own search is of what the client knows.
    assert_eq!(
        talk.say("a SEARCH ALL"),
        "* SEARCH 1 2 3\n* 4 EXISTS\n* 4 RECENT\na OK SEARCH completed\n"
    );
}

#[test]
fn numbers_hold_while_a_client_uses_them() {
    let house = House::with(3);
    let mut one = house.reader();
    let mut other = house.reader();
    other.say("a STORE 1 +FLAGS.SILENT \\Deleted");
    other.say("a EXPUNGE");
    // Mail one is gone, and mail two is still mail two.
    assert_eq!(
        one.say("a FETCH 1:2 UID"),
        "* 2 FETCH (UID 2)\na OK [EXPUNGEISSUED] FETCH completed\n"
    );
    assert_eq!(
        one.say("a STORE 1:2 +FLAGS \\Seen"),
        "* 2 FETCH (FLAGS (\\Seen \\Recent))\na OK [EXPUNGEISSUED] STORE completed\n"
    );
    house.deliver(4, "ada@example.org", "x");
    assert_eq!(
        one.say("a SEARCH ALL"),
        "* SEARCH 2 3\n* 4 EXISTS\n* 4 RECENT\na OK [EXPUNGEISSUED] SEARCH completed\n"
    );
    assert_eq!(one.say("a NOOP"), "* 1 EXPUNGE\na OK NOOP completed\n");
    assert_eq!(
        one.say("a FETCH 1 UID"),
        "* 1 FETCH (UID 2)\na OK FETCH completed\n"
    );
}

#[test]
fn commands_by_uid_may_change_numbers() {
    let house = House::with(2);
    let mut one = house.reader();
    let mut other = house.reader();
    other.say("a STORE 1 +FLAGS.SILENT \\Deleted");
    other.say("a EXPUNGE");
    assert_eq!(
        one.say("a UID FETCH 2 UID"),
        "* 2 FETCH (UID 2)\n* 1 EXPUNGE\na OK FETCH completed\n"
    );
}

#[test]
fn flags_that_another_client_sets_are_told() {
    let house = House::with(2);
    let mut one = house.reader();
    let mut other = house.reader();
    other.say("a STORE 2 +FLAGS \\Flagged");
    assert_eq!(
        one.say("a NOOP"),
        "* 2 FETCH (FLAGS (\\Flagged \\Recent))\na OK NOOP completed\n"
    );
    assert_eq!(other.say("a NOOP"), "a OK NOOP completed\n");
}

#[test]
fn an_expunge_does_not_touch_what_the_client_has_not_heard_of() {
    let house = House::with(1);
    let mut one = house.reader();
    house.deliver(2, "ada@example.org", "x");
    let mut other = house.reader();
    other.say("a STORE 2 +FLAGS.SILENT \\Deleted");
    let answer = one.say("a EXPUNGE");
    assert!(!answer.contains("EXPUNGE\na"), "{answer}");
    assert!(answer.contains("* 2 EXISTS"), "{answer}");
}

#[test]
fn an_idle_client_is_told_at_once() {
    let house = House::with(1);
    let mut talk = house.reader();
    house.deliver(2, "ada@example.org", "x");
    // What came before the command is told with it.
    assert_eq!(talk.say("a IDLE"), "+ idling\n* 2 EXISTS\n* 2 RECENT\n");
    assert_eq!(talk.hear(), "");
    house.deliver(3, "ada@example.org", "x");
    assert_eq!(talk.hear(), "* 3 EXISTS\n* 3 RECENT\n");
    let mut other = house.reader();
    other.say("a STORE 1 +FLAGS.SILENT \\Deleted");
    other.say("a EXPUNGE");
    assert_eq!(talk.hear(), "* 1 EXPUNGE\n");
    assert_eq!(talk.say("done"), "a OK IDLE completed\n");
    talk.say("b IDLE");
    assert_eq!(talk.say("NOOP"), "b BAD expected DONE\n");
    assert_eq!(talk.say("c NOOP"), "c OK NOOP completed\n");
}

#[test]
fn a_large_mailbox_is_handled_in_pieces() {
    let house = House::with(1000);
    let mut talk = house.reader();
    let answer = talk.say("a FETCH 1:* UID");
    assert_eq!(answer.lines().count(), 1001);
    assert!(answer.contains("* 1000 FETCH (UID 1000)\na OK"), "{answer}");
    let answer = talk.say("a STORE 1:* +FLAGS.SILENT \\Seen");
    assert_eq!(answer, "a OK STORE completed\n");
    assert_eq!(
        talk.say("a SEARCH UNSEEN"),
        "* SEARCH\na OK SEARCH completed\n"
    );
}
