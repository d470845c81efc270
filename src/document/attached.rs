//! Files that a scenario names for what is in them: bodies of requests, schemas.
//! Each is read once, when the plan is made.

use std::path::{Path, PathBuf};

use bytes::Bytes;

use super::files::{Attached, Files};
use crate::language::node::{Node, Text};
use crate::language::problem::Problems;
use crate::language::source::Source;
use crate::numbers::size;
use crate::{ceilings, files};

impl Files {
    /// What is in the file at `path`, which is relative to the file that it is
    /// written in.
    pub fn attached(&mut self, path: &Text, problems: &mut Problems) -> Option<Bytes> {
        let file = self.beside(path, problems)?;
        if let Some(known) = self.attached.iter().find(|known| known.path == file) {
            return Some(known.content.clone());
        }
        let sizes = self.attached.iter().map(|file| file.content.len() as u64);
        match read(&file, ceilings::ALL_ATTACHED.saturating_sub(sizes.sum())) {
            Ok(content) => {
                self.attached.push(Attached {
                    path: file,
                    content: content.clone(),
                });
                Some(content)
            }
            Err(reason) => {
                let help = "the path is relative to the file that it is written in";
                let message = format!("cannot read {}: {reason}", file.display());
                problems.problem(path.span, message, help);
                None
            }
        }
    }

    /// The document in the YAML file at `path`, with its places.
    pub fn attached_yaml(&mut self, path: &Text, problems: &mut Problems) -> Option<Node> {
        let content = self.attached(path, problems)?;
        let file = self.beside(path, problems)?;
        let Ok(text) = std::str::from_utf8(&content) else {
            let message = format!("{} is not UTF-8", file.display());
            problems.problem(path.span, message, "save the file as UTF-8");
            return None;
        };
        let opened = self.known(&file).cloned().unwrap_or_else(|| {
            let source = Source::new(file.display().to_string(), text);
            self.open(file, &source, problems)
        });
        opened.map(|library| library.root)
    }

    /// Where a file is whose path is written in the file that is being read.
    fn beside(&self, path: &Text, problems: &mut Problems) -> Option<PathBuf> {
        if path.text.contains("{{") {
            let help = "the file is read once, before any user starts: write the path out";
            problems.problem(path.span, "the path of a file cannot be a template", help);
            return None;
        }
        let file = self.folder.join(&path.text);
        self.may_open(&file, path.span, problems).then_some(file)
    }
}

fn read(path: &Path, room: u64) -> Result<Bytes, String> {
    let file = files::open(path).map_err(|error| error.to_string())?;
    let length = file.metadata().map_err(|error| error.to_string())?.len();
    if length <= ceilings::ATTACHED && length > room {
        let most = size(ceilings::ALL_ATTACHED);
        return Err(format!(
            "the files of this plan have more than {most} in all"
        ));
    }
    let content = files::read_opened(file, ceilings::ATTACHED.min(room));
    let mut content = content.map_err(|error| error.to_string())?;
    Ok(Bytes::from(std::mem::take(&mut *content)))
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn the_files_of_a_plan_have_a_ceiling_in_all() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "12345").unwrap();
        assert_eq!(&*read(file.path(), 5).unwrap(), b"12345");
        let error = read(file.path(), 4).unwrap_err();
        assert_eq!(
            error,
            "the files of this plan have more than 256 MiB in all"
        );
    }
}
