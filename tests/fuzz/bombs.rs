//! Files that are made to hurt.

use std::fmt::Write;

/// How many of something: what takes its square shows at a few thousands already.
const MANY: usize = if cfg!(debug_assertions) { 4000 } else { 20_000 };

/// Each with its name.
#[expect(clippy::too_many_lines, reason = "a table")]
pub fn all() -> Vec<(&'static str, String)> {
    let steps = |inside: &str| format!("scenarios:\n  s:\n    steps:\n{inside}");
    let url = |inside: &str| steps(&format!("      - http: {{url: \"/{inside}\"}}\n"));
    let key = "k".repeat(1_000_000);
    vec![
        ("a billion laughs", laughs("[", "]", 9)),
        ("a billion laughs in mappings", laughs("{", "}", 9)),
        ("a billion laughs by merging", merges(40)),
        ("merging many keys, many times", wide_merges()),
        ("an alias of what it is in", "a: &a [*a, *a]\n".to_owned()),
        ("100,000 brackets", "[".repeat(100_000)),
        (
            "100,000 brackets, closed",
            "[".repeat(100_000) + &"]".repeat(100_000),
        ),
        ("100,000 braces", "{a: ".repeat(100_000)),
        ("100,000 dashes", "- ".repeat(100_000)),
        (
            "100,000 levels of blanks",
            (0..400).fold(String::new(), |all, depth| {
                all + &" ".repeat(depth) + "a:\n"
            }),
        ),
        ("a key of 1 MB", format!("{key}: 1\nscenarios: {{}}\n")),
        (
            "a key of 1 MB in quotes",
            format!("\"{key}\": {{\"{key}\": 1}}\n"),
        ),
        ("a step of 1 MB", steps(&format!("      - {key}: {{}}\n"))),
        ("a value of 1 MB", url(&key)),
        ("a line of 4 MB", url(&"é".repeat(2_000_000))),
        ("many unknown keys", lines(MANY, |n| format!("key{n}: 1\n"))),
        ("the same key again and again", "a: 1\n".repeat(MANY)),
        (
            "many variables",
            format!(
                "vars:\n{}scenarios: {{s: {{steps: [reload]}}}}\n",
                lines(MANY, |n| format!("  v{n}: {n}\n"))
            ),
        ),
        (
            "many variables of variables",
            format!(
                "vars:\n{}scenarios: {{s: {{steps: [reload]}}}}\n",
                lines(MANY, |n| format!(
                    "  v{n}: \"{{{{ v{} }}}}\"\n",
                    n.max(1) - 1
                ))
            ),
        ),
        (
            "many wrong steps",
            steps(&"      - wrong: 1\n".repeat(MANY)),
        ),
        (
            "many unknown variables",
            steps(&lines(MANY, |n| {
                format!("      - http: {{url: \"/{{{{ v{n} }}}}\"}}\n")
            })),
        ),
        (
            "many captures",
            steps(&lines(MANY, |n| {
                format!(
                    "      - http: {{url: \"/{{{{ c{} }}}}\"}}\n        as: c{n}\n",
                    n.max(1) - 1
                )
            })),
        ),
        (
            "many parts captured at once",
            steps(&format!(
                "      - http: {{url: /x}}\n        capture:\n{}",
                lines(MANY, |n| format!("          c{n}: {{header: A}}\n"))
            )),
        ),
        (
            "many scenarios",
            format!(
                "scenarios:\n{}",
                lines(MANY, |n| format!(
                    "  s{n}: {{steps: [{{http: {{url: \"/{{{{ x{n} }}}}\"}}, as: a{n}}}]}}\n"
                ))
            ),
        ),
        (
            "many thresholds",
            format!(
                "scenarios: {{s: {{steps: [reload]}}}}\nthresholds:\n{}",
                lines(MANY, |n| format!(
                    "  step_duration{{step=s{n}}}: [p95 < 1s]\n"
                ))
            ),
        ),
        ("blocks in blocks", blocks(20)),
        ("many open braces", url(&"{{ ".repeat(MANY))),
        ("many expressions", url(&"{{ vu }}".repeat(MANY))),
        ("many empty expressions", url(&"{{}}".repeat(MANY))),
        (
            "many unknown names in one text",
            url(&lines(MANY, |n| format!("{{{{ u{n} }}}}"))),
        ),
        (
            "deep parentheses",
            url(&format!(
                "{{{{ {}1{} }}}}",
                "(".repeat(MANY),
                ")".repeat(MANY)
            )),
        ),
        (
            "parentheses that are deep enough",
            url(&format!(
                "{{{{ {}1{} }}}}",
                "(".repeat(140),
                ")".repeat(140)
            )),
        ),
        (
            "deep lists",
            url(&format!(
                "{{{{ {}1{} }}}}",
                "[".repeat(MANY),
                "]".repeat(MANY)
            )),
        ),
        (
            "many nots",
            url(&format!("{{{{ {}1 }}}}", "not ".repeat(MANY))),
        ),
        (
            "many minus signs",
            url(&format!("{{{{ {}1 }}}}", "-".repeat(MANY))),
        ),
        (
            "a long sum",
            url(&format!("{{{{ {}1 }}}}", "1 + ".repeat(MANY))),
        ),
        (
            "a long path",
            url(&format!("{{{{ vu{} }}}}", ".a".repeat(MANY))),
        ),
        (
            "many filters",
            url(&format!("{{{{ vu{} }}}}", "|abs".repeat(MANY))),
        ),
        (
            "many ifs",
            url(&format!("{{{{ {}1 }}}}", "1 if vu else ".repeat(MANY))),
        ),
        (
            "many powers",
            url(&format!("{{{{ {}1 }}}}", "2 ** ".repeat(MANY))),
        ),
        (
            "a condition of 1 MB",
            steps(&format!(
                "      - http: {{url: /x}}\n        check: \"{}1\"\n",
                "1 == ".repeat(200_000)
            )),
        ),
        ("a pattern that counts", pattern(r"((a{1000}){1000}){1000}")),
        (
            "a pattern that is nested",
            pattern(&format!("{}a{}", "(".repeat(MANY), ")*".repeat(MANY))),
        ),
        ("a pattern of many letters", pattern(r"[\p{L}\p{N}]{900}")),
        (
            "a path that is nested",
            path(&format!("$[?{}@.a{}]", "(".repeat(MANY), ")".repeat(MANY))),
        ),
        (
            "a path that is nested in itself",
            path(&format!("{}@.a{}", "$[?".repeat(2000), "]".repeat(2000))),
        ),
        (
            "a path of many steps",
            path(&format!("${}", ".a".repeat(100_000))),
        ),
        (
            "a path of many nots",
            path(&format!("$[?{}@.a]", "!".repeat(MANY))),
        ),
        ("a schema that refers to itself", schema("{$ref: \"#\"}")),
        (
            "schemas that refer to one another",
            schema(
                "{$defs: {a: {$ref: \"#/$defs/b\"}, b: {$ref: \"#/$defs/a\"}}, $ref: \"#/$defs/a\"}",
            ),
        ),
        (
            "a schema with a pattern that doubles",
            schema("{pattern: \"^(a+)+(?=b)$\"}"),
        ),
        (
            "a schema with a pattern that counts",
            schema("{pattern: \"((a{1000}){1000}){1000}\"}"),
        ),
        (
            "a schema of many alternatives",
            schema(&format!(
                "{{anyOf: [{}]}}",
                "{type: object, properties: {a: {type: string}}}, ".repeat(3000)
            )),
        ),
        (
            "a number that is long",
            steps(&format!("      - sleep: {}s\n", "9".repeat(100_000))),
        ),
        (
            "many stages",
            format!(
                "scenarios:\n  s:\n    executor: ramping_vus\n    stages:\n{}    steps: [reload]\n",
                "      - {duration: 1s, target: 5}\n".repeat(MANY)
            ),
        ),
        (
            "tags without end",
            format!(
                "scenarios: {{s: {{tags: [{}], steps: [reload]}}}}\n",
                "\"!\", ".repeat(MANY)
            ),
        ),
        (
            "a library that includes itself",
            "params: {a: 1}\nsteps:\n  - include: {file: input.yaml}\n".to_owned(),
        ),
        (
            "a library many times",
            steps(&"      - include: {file: library.yaml, with: {a: 1}}\n".repeat(2000)),
        ),
        (
            "a target that extends itself",
            "extends: input.yaml\n".to_owned(),
        ),
        ("nothing but comments", "# x\n".repeat(100_000)),
        ("nothing but line ends", "\r\n".repeat(500_000)),
        (
            "a file that does not end",
            "include: {file: /dev/zero}\nscenarios: {s: {steps: [{include: {file: /dev/zero}}]}}\n"
                .to_owned(),
        ),
        (
            "a body that does not end",
            steps(
                "      - http: {url: /x, file: /dev/zero}\n      - http: {url: /x, schema: /dev/zero}\n",
            ),
        ),
    ]
}

fn lines(count: usize, line: impl Fn(usize) -> String) -> String {
    (0..count).map(line).collect()
}

fn laughs(open: &str, close: &str, depth: usize) -> String {
    let mut text = String::from("a0: &a0 lol\n");
    for level in 1..=depth {
        let items = (0..10).map(|n| match open {
            "{" => format!("k{n}: *a{}", level - 1),
            _ => format!("*a{}", level - 1),
        });
        let items: Vec<String> = items.collect();
        let items = items.join(", ");
        let _ = writeln!(text, "a{level}: &a{level} {open}{items}{close}");
    }
    text + "scenarios: *a1\n"
}

fn merges(depth: usize) -> String {
    let mut text = String::from("a0: &a0 {x0: 1}\n");
    for level in 1..=depth {
        let below = level - 1;
        let _ = writeln!(
            text,
            "a{level}: &a{level} {{<<: [*a{below}, *a{below}], y{level}: *a{below}, z{level}: *a{below}}}"
        );
    }
    text
}

fn wide_merges() -> String {
    let keys = lines(2000, |n| format!("  k{n}: 1\n"));
    format!(
        "a: &a\n{keys}b:\n{}",
        lines(40, |n| format!("  m{n}: {{<<: *a, own{n}: 1}}\n"))
    )
}

/// Ever more blocks in blocks, as deep as YAML may be.
fn blocks(depth: usize) -> String {
    let mut inside = String::from("[{http: {url: \"/{{ x }}\"}, as: a}]");
    for level in 0..depth {
        inside = match level % 3 {
            0 => format!("[{{if: {{condition: vu == 1, then: {inside}, else: {inside}}}}}]"),
            1 => format!("[{{parallel: [{inside}]}}]"),
            _ => format!("[{{repeat: {{times: 2, steps: {inside}}}}}]"),
        };
        if inside.len() > 500_000 {
            break;
        }
    }
    format!("scenarios: {{s: {{steps: {inside}}}}}\n")
}

fn capture(key: &str, value: &str) -> String {
    format!(
        "scenarios:\n  s:\n    steps:\n      - http: {{url: /x}}\n        capture: {{a: {{{key}: '{value}'}}}}\n        check: a == 1\n"
    )
}

fn pattern(pattern: &str) -> String {
    capture("regex", pattern)
}

fn path(path: &str) -> String {
    capture("jsonpath", path)
}

fn schema(schema: &str) -> String {
    format!("scenarios: {{s: {{steps: [{{http: {{url: /x, schema: {schema}}}}}]}}}}\n")
}
