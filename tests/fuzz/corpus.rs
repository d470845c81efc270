//! Files that are good, to begin with.

use std::path::{Path, PathBuf};

/// Everything that ships, and the examples of the documents.
pub fn read() -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files: Vec<PathBuf> = ["scenarios", "fixtures/targets", "src/cli/init/templates"]
        .iter()
        .flat_map(|folder| std::fs::read_dir(root.join(folder)).unwrap())
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "yaml"))
        .collect();
    files.sort();
    let mut corpus: Vec<String> = files
        .iter()
        .map(|path| std::fs::read_to_string(path).unwrap())
        .collect();
    let mut documents: Vec<PathBuf> = std::fs::read_dir(root.join("docs"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "md"))
        .collect();
    documents.sort();
    for document in documents {
        let text = std::fs::read_to_string(document).unwrap();
        corpus.extend(text.split("```yaml\n").skip(1).map(|block| {
            let block = block.split("```").next().unwrap_or_default();
            as_a_file(block)
        }));
    }
    corpus.extend(EXTRA.iter().map(|text| (*text).to_owned()));
    assert!(corpus.len() > 40, "{}", corpus.len());
    corpus
}

/// A list of steps becomes the steps of a scenario.
fn as_a_file(block: &str) -> String {
    if !block.starts_with("- ") {
        return block.to_owned();
    }
    let indented: String = block
        .lines()
        .flat_map(|line| ["      ", line, "\n"])
        .collect();
    format!("scenarios:\n  s:\n    steps:\n{indented}")
}

/// What the others do not have.
const EXTRA: &[&str] = &[
    "a: &a {x: 1}\nscenarios: &s\n  one: &one {steps: [{http: {url: /x}}]}\n  two: {<<: *one, vus: 2}\n",
    "params: {a: , b: \"{{ a }}\"}\nsteps:\n  - http: {url: \"/{{ b }}\"}\n    as: answer\n",
    "scenarios: {s: {steps: [{http: {url: /x, multipart: {a: {text: b, type: a/b}}, schema: {type: object, properties: {a: {pattern: '^a+$'}}}}, capture: {a: {jsonpath: '$.a[?@.b == 1]'}, b: {regex: '(a|b)*'}, c: {header: ETag, default: 1}, d: {cookie: A, secret: false}}, check: [a == b, c ~ d]}]}}\n",
    "extends: base.yaml\napi_url: http://127.0.0.1:1\ntimeouts: {request: 1s}\n",
    "scenarios:\n  s:\n    steps:\n      - include: {file: library.yaml, with: {a: 1}}\n",
    "vars: {a: \"{{ 1 + 2 * (3 - 4) }}\", b: \"{{ a|default('x')|upper }} {{ [1, {'k': a}][1].k }}\"}\nscenarios: {s: {steps: [{sleep: 1s, }]}}\n",
];
