//! A `.bru` file: blocks with entries or with a text.

/// `name { … }`
#[derive(Debug)]
pub(super) struct Block {
    pub name: String,
    lines: Vec<String>,
}

/// The blocks of a file.
pub(super) fn blocks(text: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Option<Block> = None;
    for line in text.lines() {
        match &mut open {
            Some(_) if line.starts_with(['}', ']']) => blocks.extend(open.take()),
            Some(block) => {
                let line = line.strip_prefix("  ").unwrap_or(line);
                block.lines.push(line.to_owned());
            }
            None => {
                let name = line.trim_end().strip_suffix(['{', '[']);
                open = name.map(|name| Block {
                    name: name.trim().to_owned(),
                    lines: Vec::new(),
                });
            }
        }
    }
    blocks.extend(open);
    blocks
}

impl Block {
    pub fn text(&self) -> String {
        self.lines.join("\n")
    }

    /// `name: value`; `~name` is switched off, and a value in `'''` can have
    /// several lines.
    pub fn entries(&self) -> Vec<(String, String)> {
        let mut entries = Vec::new();
        let mut lines = self.lines.iter();
        while let Some(line) = lines.next() {
            let Some((name, value)) = line.split_once(':') else {
                continue;
            };
            let mut value = value.trim().to_owned();
            if let Some(first) = value.strip_prefix("'''") {
                let mut whole = vec![first.to_owned()];
                if !first.contains("'''") {
                    let more = lines.by_ref().take_while(|line| line.trim() != "'''");
                    whole.extend(more.map(|line| line.trim_start().to_owned()));
                }
                let whole = whole.join("\n");
                whole.trim_end_matches("'''").trim().clone_into(&mut value);
            }
            let name = name.trim().trim_matches('"');
            if !name.starts_with('~') && !name.is_empty() {
                entries.push((name.to_owned(), value));
            }
        }
        entries
    }

    pub fn entry(&self, name: &str) -> Option<String> {
        let mut entries = self.entries().into_iter();
        entries
            .find(|(known, _)| known == name)
            .map(|(_, value)| value)
    }
}

/// A block of a file, by its name.
pub(super) fn block<'b>(blocks: &'b [Block], name: &str) -> Option<&'b Block> {
    blocks.iter().find(|block| block.name == name)
}

/// An entry of a block.
pub(super) fn said(blocks: &[Block], name: &str, entry: &str) -> String {
    let block = block(blocks, name);
    block
        .and_then(|block| block.entry(entry))
        .unwrap_or_default()
}
