//! The files that a scenario file names, while it is read.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;

use crate::language::environment::Environment;
use crate::language::node::Node;
use crate::language::permissions::Permissions;
use crate::language::problem::Problems;
use crate::language::source::{Source, Span};
use crate::language::source_map::SourceMap;
use crate::language::yaml;

/// A file that another one includes. Its places come after those of the file
/// that was read first, so that each place of a run belongs to one file.
#[derive(Clone, Debug)]
pub struct Library {
    /// Where it is, in the file system's own words.
    pub(crate) path: PathBuf,
    /// What it holds.
    pub root: Node,
}

/// A file whose content was asked for.
#[derive(Clone)]
pub(super) struct Attached {
    pub(super) path: PathBuf,
    pub(super) content: Bytes,
}

/// What is in it may be personal.
impl fmt::Debug for Attached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (path, length) = (self.path.display(), self.content.len());
        write!(f, "[{path} of {length} bytes]")
    }
}

/// Files that are read.
#[derive(Debug)]
pub struct Files {
    /// Folder of the file that is being read: paths are relative to it.
    pub folder: PathBuf,
    /// Where places are.
    pub sources: SourceMap,
    /// Files in YAML that were opened, with nothing for what cannot be read.
    opened: Vec<(PathBuf, Option<Library>)>,
    /// Files that are sent, or that answers are held against.
    pub(super) attached: Vec<Attached>,
    /// Libraries that are being read, from the outermost.
    pub(super) trail: Vec<PathBuf>,
    /// How many the steps of a scenario have included.
    pub(super) includes: usize,
    /// Where secrets stand.
    pub(crate) secrets: Vec<Span>,
    /// What files may open.
    permissions: Arc<Permissions>,
    /// What files are read with.
    pub(super) environment: Environment,
    /// Nothing will be played, so that even the user's own files stay below the
    /// root: they were given to be looked at.
    only_checked: bool,
    /// From here on, places are in files of the user's own.
    pub(crate) own_from: Option<usize>,
}

impl Files {
    pub(super) fn new(source: &Source, environment: &Environment) -> Self {
        let folder = Path::new(source.name()).parent();
        Self {
            folder: folder.unwrap_or(Path::new("")).to_owned(),
            sources: SourceMap::new(source.clone()),
            opened: Vec::new(),
            attached: Vec::new(),
            trail: Vec::new(),
            includes: 0,
            secrets: Vec::new(),
            environment: environment.clone(),
            permissions: Arc::clone(environment.permissions()),
            only_checked: environment.is_only_checked(),
            own_from: None,
        }
    }

    /// Whether a place is in a target that the command line names.
    pub(crate) fn is_own(&self, at: Span) -> bool {
        self.own_from.is_some_and(|own| own <= at.start)
    }

    /// Whether a file may be opened that is named at a place; if not, that is a
    /// problem.
    pub fn may_open(&self, path: &Path, at: Span, problems: &mut Problems) -> bool {
        let own = self.is_own(at) && !self.only_checked;
        let permitted = own || self.permissions.has_file(path);
        if !permitted {
            problems.push(self.permissions.refused_file(path, at));
        }
        permitted
    }

    /// Files that were read beside the first one.
    pub fn included(&self) -> impl Iterator<Item = &Path> {
        let attached = self.attached.iter().map(|file| file.path.as_path());
        let opened = self.opened.iter().map(|(path, _)| path.as_path());
        opened.chain(attached)
    }

    /// A file in YAML that was opened before; `Some(None)` when it cannot be read.
    pub(super) fn known(&self, path: &Path) -> Option<&Option<Library>> {
        let mut opened = self.opened.iter();
        let (_, library) = opened.find(|(known, _)| known == path)?;
        Some(library)
    }

    /// Opens a file in YAML: what is wrong with it is told this once.
    pub(super) fn open(
        &mut self,
        path: PathBuf,
        source: &Source,
        problems: &mut Problems,
    ) -> Option<Library> {
        let base = self.sources.add(source.clone());
        let root = yaml::load_after(base, source, problems);
        let library = root.map(|root| Library {
            path: path.clone(),
            root,
        });
        self.opened.push((path, library.clone()));
        library
    }
}
