//! A text compared with a number: an error where it is written, or when it
//! happens, and never false or true.

use std::fmt::Write;

use rehearse::expression::Type;

use crate::http::play;
use crate::server::Server;
use crate::work::Work;

/// A scenario whose row comes from `people.csv`, with these conditions.
fn fed(conditions: &[&str]) -> String {
    let mut text = "name: typed
vars: {limit: 38, name: ada, many: [1, 2], row: {n: 1}}
feeders:
  p: {csv: people.csv}
  inline: {rows: [{n: 1, word: a}, {n: 2, extra: true}]}
  lines: {json_lines: people.jsonl}
scenarios:
  s:
    feed: [p, inline, lines]
    steps:
      - http: {url: /}
        as: answer
        expect:
"
    .to_owned();
    for condition in conditions {
        let _ = writeln!(text, "          - '{}'", condition.replace('\'', "''"));
    }
    text
}

fn work(conditions: &[&str]) -> (Work, String) {
    let work = Work::new();
    work.write("people.csv", "temp,name\n39.5,ada\n7,bob\n");
    work.write(
        "people.jsonl",
        "{\"n\": 1, \"x\": \"a\"}\n{\"n\": null, \"y\": {\"z\": 1}}\n",
    );
    let file = work.write("typed.yaml", &fed(conditions));
    (work, file)
}

/// What `check` says of conditions that must be wrong, each in one file.
fn told(conditions: &[&str]) -> String {
    let mut all = String::new();
    for condition in conditions {
        let (work, file) = work(&[condition]);
        let ended = work.run(&["check", "--env", "HOME", &file]).expect(2);
        let said = ended.out + &ended.err;
        let mut said = said.lines().map(str::trim);
        let message = said.by_ref().find(|line| line.starts_with('×'));
        let message = message.unwrap_or("");
        let help = said.find(|line| line.starts_with("help:")).unwrap_or("");
        let _ = writeln!(all, "{condition}\n  {message}\n  {help}");
    }
    all
}

#[test]
fn what_can_never_be_meant_is_told_with_what_to_write() {
    let told = told(&[
        "p.temp > 38",
        "38 < p.temp",
        "p.temp == 39.5",
        "p.temp > limit",
        "p.temp ~ 1 > 38",
        "not p.temp > 38 or p.name == \"ada\"",
        "(1 if p.temp >= 38 else 2) == 1",
        "1 < p.temp < 40",
        "\"5\" > 38",
        "\"5\" == 5",
        "\"ok\" == answer.status",
        "answer.status == \"200\"",
        "answer.body > 3",
        "answer.bytes == answer.body",
        "env.HOME != 3",
        "scenario == vu",
        "p.name == true",
        "inline.extra == \"true\"",
        "inline.word > inline.n",
        "lines.n == \"1\"",
        "run.seed == name",
        "target.api_url < 3",
        "target.captcha_token > \"x\"",
        "vu in p.name",
        "\"1\" in [1, 2]",
        "vu in [\"1\", \"2\"]",
        "many|select(\"gt\", \"1\")|list == []",
        "many > 1",
        "none < 3",
        "answer.statuss == 200",
        "p.tmp == \"x\"",
        "inline.m == 1",
        "lines.z == 1",
        "answer.status.code == 200",
        "[answer].status == 200",
    ]);
    insta::assert_snapshot!(told);
}

#[test]
fn the_place_is_the_comparison() {
    let (work, file) = work(&["vu == 1 and (p.temp) > 38"]);
    let ended = work.run(&["check", "--env", "HOME", &file]).expect(2);
    let said = ended.out.lines().skip_while(|line| !line.contains('×'));
    insta::assert_snapshot!(said.collect::<Vec<_>>().join("\n"));
}

#[test]
fn what_may_be_meant_is_left_alone() {
    let good = [
        "p.temp|float > 38",
        "p.temp|float > limit and p.temp|int|string == \"39\"",
        "p.temp == \"39.5\" and p.name in [\"ada\", \"bob\"]",
        "answer.status == 200 and answer.status in [200, 204]",
        "answer.json.a.b.c is not defined or answer.json.n > 3",
        "answer.headers.etag is defined or answer.headers[\"content-type\"] is defined",
        "run.seed > 0 and lines.y|default(none) is none",
        "true == 1 and false < 1",
        "name == none or none != 3",
        "lines.y is not defined or lines.y.z == 1",
        "lines.n is none or lines.n == 1",
        "1 < many|length < 3",
        "env.HOME is defined and env.HOME|length > 0",
        "answer.duration > 0 and answer.bytes >= 0",
        "p.name < \"b\" and row.n == 1",
    ];
    let (work, file) = work(&good);
    let ended = work
        .run(&["check", "--strict", "--env", "HOME", &file])
        .expect(0);
    assert!(ended.err.is_empty(), "{}", ended.err);
}

#[test]
fn what_is_false_but_hardly_meant_is_a_warning() {
    for (condition, expected) in [
        ("p.temp > \"38\"", "texts are ordered by their letters"),
        ("many == 2", "`many` is a list and `2` is a number"),
        ("p.tmp is defined or vu == 1", "`p` has no `tmp`"),
        ("p.tmp|default(1) == 1", "`p` has no `tmp`"),
        ("row.m == 1", "`row` has no `m`"),
    ] {
        let (work, file) = work(&[condition]);
        let ended = work.run(&["check", &file]).expect(0);
        let said = ended.out + &ended.err;
        assert!(said.contains(expected), "{condition}: {said}");
    }
}

#[test]
fn results_of_all_kinds_of_steps_have_known_fields() {
    for (steps, condition, expected) in [
        (
            "register: {email: a@example.org, role: practitioner}",
            "me.key_pairs.fingerprint == \"x\"",
            "say of which item",
        ),
        (
            "register: {email: a@example.org, role: practitioner}",
            "me.tokn == \"x\"",
            "did you mean `token`?",
        ),
        (
            "register: {email: a@example.org, role: practitioner}",
            "me.user_id == 3",
            "`me.user_id` is a text",
        ),
        (
            "data_sample.get: {id: x}",
            "me.labels[0].cod == \"x\"",
            "did you mean `code`?",
        ),
        (
            "data_sample.get: {id: x}",
            "me.value_date == \"2022\"",
            "`me.value_date` is a number",
        ),
        ("share: {with: x}", "me.al == []", "did you mean `all`?"),
        (
            "give_access",
            "me.given[0].exchange_keys > \"1\"",
            "`me.given[0].exchange_keys` is a number",
        ),
        ("request_access", "1 in me.delegates", "`1` is a number"),
        ("reload", "me.login > 3", "`me.login` is a text"),
    ] {
        let work = Work::new();
        let text = format!(
            "scenarios:\n  s:\n    steps:\n      - {steps}\n        as: me\n        expect: '{condition}'\n"
        );
        let text = text.replace("- give_access\n", "- give_access: {}\n");
        let text = text.replace("- request_access\n", "- request_access: {}\n");
        let text = text.replace("- reload\n", "- reload: {}\n");
        let file = work.write("mine.yaml", &text);
        let ended = work.run(&["check", "--env", "HOME", &file]).expect(2);
        let said = ended.out + &ended.err;
        assert!(said.contains(expected), "{condition}: {said}");
    }
}

#[test]
fn what_is_known_goes_with_the_flow() {
    let (work, _) = work(&[]);
    let check = |steps: &str| {
        let text = format!(
            "setup:\n  - http: {{url: /}}\n    as: first\nscenarios:\n  s:\n    steps:\n{steps}"
        );
        let file = work.write("flow.yaml", &text);
        let ended = work.run(&["check", &file]);
        (ended.out.clone() + &ended.err).contains("is a number")
    };
    let step = |expect: &str| format!("      - http: {{url: /}}\n        expect: '{expect}'\n");
    // What setup captures is known to all.
    assert!(check(&step("first.status == \"x\"")));
    // A failure is no answer, and several plays give a list.
    let fails = "      - http: {url: /}\n        fails: x\n        as: it\n";
    assert!(!check(&(fails.to_owned() + &step("it.kind == \"x\""))));
    let repeat = "      - http: {url: /}\n        repeat: 2\n        as: it\n        expect: 'round == 1 or it.status == 200'\n";
    assert!(check(&(repeat.to_owned() + &step("it[0].status == \"x\""))));
    // Either of two.
    let either = "      - if:\n          condition: vu == 1\n          then:\n            - http: {url: /}\n              as: it\n          else:\n            - register: {email: a@example.org, role: practitioner}\n              as: it\n";
    assert!(!check(
        &(either.to_owned() + &step("it.status == \"x\" or it.login == \"x\""))
    ));
    // In a loop, what comes later may have come before.
    let looped = "      - http: {url: /}\n        as: it\n      - repeat:\n          times: 2\n          steps:\n            - http: {url: /}\n              check: 'it.login|default(\"\") == \"x\" or it.status == \"x\"'\n            - register: {email: a@example.org, role: practitioner}\n              as: it\n";
    assert!(!check(looped));
    // Parts.
    let parts = "      - http: {url: /}\n        capture:\n          kind: {header: content-type}\n          any: {jsonpath: $.n}\n          or_number: {regex: x, default: 3}\n";
    assert!(check(&(parts.to_owned() + &step("kind == 3"))));
    assert!(!check(
        &(parts.to_owned() + &step("any == 3 or any == \"3\" or or_number == 3"))
    ));
}

/// Plays one `http` step with conditions beside it; the answer has
/// `{"message": "here you are", "list": [1, {"deep": "x"}]}`.
fn played(beside: &str) -> (Work, crate::work::Ended) {
    let (work, server) = (Work::new(), Server::start());
    let steps = format!("      - http: {{url: \"{{{{ url }}}}/x\"}}\n        as: answer\n{beside}");
    let ended = play(&work, &server, &steps);
    (work, ended)
}

#[test]
fn what_a_server_sends_is_looked_at_when_it_comes() {
    for (condition, expected) in [
        (
            "answer.json.message > 3",
            "`answer.json.message` is the text \"here you are\" and `3` is a number: a text is made a number by a filter, `answer.json.message|float`",
        ),
        (
            "vu == 1 and not answer.json.list[0] == \"1\"",
            "`answer.json.list[0]` is the number 1 and `\"1\"` is a text: a number has no quotes, `1`",
        ),
        (
            "answer.json.list|select(\"gt\", 5)|list == []",
            "a mapping and the number 5",
        ),
        (
            "\"1\" in [answer.json.list[0]]",
            "what is in `[answer.json.list[0]]` is a number",
        ),
        (
            "0 < answer.json.list[0] < answer.json.message",
            "`answer.json.message` is the text \"here you are\"",
        ),
        (
            "answer.json.message != true",
            "compare with the text `\"true\"`",
        ),
    ] {
        let quoted = condition.replace('\'', "''");
        let (work, ended) = played(&format!("        expect: '{quoted}'\n"));
        ended.expect(1);
        let report = work.report();
        let said = report["errors"][0]["sample"].as_str().unwrap().to_owned();
        assert!(said.contains(expected), "{condition}: {said}");
    }
}

#[test]
fn a_condition_of_a_block_is_an_error_as_well() {
    let block = "      - if:\n          condition: answer.json.message > 3\n          then:\n            - http: {url: \"{{ url }}/then\"}\n";
    let (work, ended) = played(block);
    ended.expect(1);
    let said = work.report()["errors"][0]["sample"].to_string();
    assert!(said.contains("answer.json.message|float"), "{said}");
}

#[test]
fn a_check_that_is_an_error_is_told() {
    let (work, ended) = played(
        "        check:\n          - answer.json.list[0] == \"1\"\n          - answer.status == 200\n",
    );
    // The step goes on; the check has not held.
    ended.expect(1);
    let report = work.report();
    assert_eq!(report["totals"]["iterations_ok"], 1);
    assert_eq!(report["checks"][0]["held"], 0, "{}", report["checks"]);
    let error = &report["errors"][0];
    assert_eq!(error["kind"], "check");
    let said = error["sample"].as_str().unwrap();
    assert!(
        said.starts_with("the check `answer.json.list[0] == \"1\"` is neither true nor false"),
        "{said}"
    );
}

#[test]
fn a_variable_of_the_command_line_is_looked_at_when_it_is_compared() {
    let (work, file) = work(&["vu < limit"]);
    work.run(&["run", &file]).expect(0);
    let ended = work.run(&["run", "--var", "limit=many", &file]).expect(1);
    let said = "`limit` is the text \"many\"";
    assert!(ended.out.contains(said), "{}", ended.out);
}

/// A condition that holds when a value is what is said of it.
fn condition(path: &str, of: &Type) -> String {
    let kind = match of {
        Type::Any => return format!("{path} is defined or true"),
        Type::Bool => "boolean",
        Type::Number => "number",
        Type::Text => "string",
        Type::Secret => return format!("{path} != \"\""),
        Type::List(_) => "sequence",
        Type::Entries(_) => "mapping",
        Type::Record(fields) => {
            let names: Vec<String> = fields.iter().map(|(name, _)| format!("{name:?}")).collect();
            let inside = fields.iter();
            let inside = inside.map(|(name, of)| condition(&format!("{path}.{name}"), of));
            let inside: Vec<String> = inside.collect();
            return format!(
                "{path}|list|sort == [{}]|sort and {}",
                names.join(", "),
                inside.join(" and ")
            );
        }
        Type::Null => "none",
    };
    let items = match of {
        Type::List(item) if matches!(**item, Type::Record(_)) => {
            let first = condition(&format!("{path}[0]"), item);
            format!(" and ({path} == [] or {first})")
        }
        _ => String::new(),
    };
    format!("({path} is none or {path} is {kind}){items}")
}

#[test]
fn results_are_what_is_known_of_them() {
    let work = Work::new();
    let mut text = String::from("scenarios:\n  s:\n    steps:\n");
    let mut step = |kind: &str, arguments: &str, name: &str| {
        let mut kinds = rehearse::steps::STEPS.iter();
        let of = (kinds.find(|known| known.name == kind).unwrap().result)();
        let condition = condition(name, &of);
        let _ = writeln!(
            text,
            "      - {kind}: {arguments}\n        as: {name}\n        expect: '{condition}'"
        );
    };
    step(
        "register",
        "{email: \"{{ fake.email() }}\", role: practitioner}",
        "doctor",
    );
    step(
        "register",
        "{email: \"{{ fake.email() }}\", responsible: \"{{ doctor.data_owner_id }}\", save: me}",
        "me",
    );
    step(
        "data_sample.create",
        "{content: {en: {stringValue: x}}, labels: [{type: a, code: b, version: \"1\"}], value_date: 20220929083400}",
        "made",
    );
    step("data_sample.get", "{id: \"{{ made.id }}\"}", "found");
    let doctor = "{with: \"{{ doctor.data_owner_id }}\"}";
    step(
        "data_sample.share",
        "{id: \"{{ made.id }}\", with: \"{{ doctor.data_owner_id }}\"}",
        "shared",
    );
    step("share", doctor, "sharing");
    step("stop_sharing", doctor, "stopped");
    step("request_access", "{}", "asked");
    step("reload", "{}", "again");
    step("login", "{email: \"{{ me.login }}\"}", "back");
    step("reinstantiate", "{from: me}", "device");
    step("give_access", "{}", "given");
    step("http", "{url: /rest/v2/user/current, auth: user}", "answer");
    let file = work.write("all.yaml", &text);
    work.run(&["run", &file]).expect(0);
}
