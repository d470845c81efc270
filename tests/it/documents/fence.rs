//! The fenced blocks of a document, and what each of them says it is.

use std::path::{Path, PathBuf};

/// A fenced block: ```` ```LANGUAGE KIND key=value ````
#[derive(Clone, Debug)]
pub struct Block {
    /// Where its text begins: the file, and the line from 1.
    pub place: String,
    pub language: String,
    /// The words after the language that are no `key=value`.
    pub kind: String,
    /// The file that it is, for what comes after it: `file=NAME`.
    pub file: Option<String>,
    /// Names that a list of steps takes from what stands before it: `given=a,b`.
    pub given: Vec<String>,
    /// The exit code of a command that must fail: `exit=N`.
    pub exit: i32,
    pub text: String,
}

/// README.md and all of `docs`, in a fixed order.
pub fn documents() -> Vec<PathBuf> {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut documents = vec![repository.join("README.md")];
    let mut folders = vec![repository.join("docs")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "md") {
                documents.push(path);
            }
        }
    }
    documents.sort();
    documents
}

/// The blocks of a document, in their order. A fence may stand in a list.
pub fn blocks(document: &Path) -> Vec<Block> {
    let name = document
        .strip_prefix(env!("CARGO_MANIFEST_DIR"))
        .unwrap_or(document);
    let text = std::fs::read_to_string(document).unwrap();
    let mut blocks = Vec::new();
    let mut open: Option<(usize, Block)> = None;
    for (number, line) in text.lines().enumerate() {
        let content = line.trim_start();
        let indent = line.len() - content.len();
        match &mut open {
            None => {
                if let Some(words) = content.strip_prefix("```") {
                    let place = format!("{}:{}", name.display(), number + 2);
                    open = Some((indent, begin(place, words)));
                }
            }
            Some(_) if content == "```" => blocks.extend(open.take().map(|(_, block)| block)),
            Some((indent, block)) => {
                let line = line.get(*indent..).unwrap_or_default();
                block.text.extend([line, "\n"]);
            }
        }
    }
    assert!(open.is_none(), "{}: a fence is not closed", name.display());
    blocks
}

fn begin(place: String, words: &str) -> Block {
    let mut words = words.split_whitespace();
    let mut block = Block {
        place,
        language: words.next().unwrap_or_default().to_owned(),
        kind: String::new(),
        file: None,
        given: Vec::new(),
        exit: 0,
        text: String::new(),
    };
    let mut kind = Vec::new();
    for word in words {
        match word.split_once('=') {
            None => kind.push(word),
            Some(("file", name)) => block.file = Some(name.to_owned()),
            Some(("given", names)) => block.given = names.split(',').map(str::to_owned).collect(),
            Some(("exit", code)) => block.exit = code.parse().unwrap(),
            Some(_) => panic!("{}: what is `{word}`?", block.place),
        }
    }
    block.kind = kind.join(" ");
    block
}
