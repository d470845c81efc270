//! What files may do beyond themselves: their authors may be strangers.

use std::path::{Path, PathBuf};

use super::problem::Problem;
use super::source::Span;

/// What the command line permits files that it does not name as its own target.
/// Made in one place, from flags, and handed down; by default everything is
/// permitted, as files of one's own are.
#[derive(Clone, Debug, Default)]
pub struct Permissions {
    /// Files are read below this folder, with its links followed; anywhere when
    /// there is none.
    pub file_root: Option<PathBuf>,
    /// Variables of the environment that are there; all when there is no list.
    pub variables: Option<Vec<String>>,
}

impl Permissions {
    /// Whether a variable of the environment may be read.
    pub(super) fn has_variable(&self, name: &str) -> bool {
        let variables = self.variables.as_ref();
        variables.is_none_or(|names| names.iter().any(|known| known == name))
    }

    /// Whether a file may be opened: it lies below the root, as every link on its
    /// way does, and is none of Git's own, where credentials can be.
    pub(crate) fn has_file(&self, path: &Path) -> bool {
        let Some(root) = &self.file_root else {
            return true;
        };
        real(path).is_some_and(|real| match real.strip_prefix(root) {
            Ok(below) => below.components().all(|part| part.as_os_str() != ".git"),
            Err(_) => false,
        })
    }

    /// The problem with a file that may not be opened.
    pub(crate) fn refused_file(&self, path: &Path, at: Span) -> Problem {
        let root = self.file_root.as_deref().unwrap_or(Path::new(""));
        let (path, root) = (path.display(), root.display());
        let message = format!("`{path}` is not below the file root {root}");
        let help = "files name what is below it, symbolic links included: move the file, or permit a folder with `--file-root DIR`, or everything to a file of your own with `--trust`";
        refusal(at, message, help)
    }
}

/// The problem with what is not permitted.
pub(super) fn refusal(at: Span, message: String, help: impl Into<String>) -> Problem {
    Problem::new(at, message, help).of("not-permitted")
}

/// Where a file is, or where it would be if it were there.
fn real(path: &Path) -> Option<PathBuf> {
    if let Ok(real) = std::fs::canonicalize(path) {
        return Some(real);
    }
    // What is not there has no links; the system goes through no `..` of it.
    let absolute = std::path::absolute(path).ok()?;
    absolute
        .ancestors()
        .find_map(|folder| std::fs::canonicalize(folder).ok())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::Permissions;

    #[test]
    fn files_are_below_the_root_wherever_links_lead() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        for name in ["root/sub", "root/.git", "rooted"] {
            std::fs::create_dir_all(at(name)).unwrap();
        }
        for name in ["root/a", "root/sub/b", "root/.git/config", "rooted/c", "d"] {
            std::fs::write(at(name), "").unwrap();
        }
        symlink(at("root/a"), at("root/sub/inside")).unwrap();
        symlink("../d", at("root/outside")).unwrap();
        symlink(at("rooted"), at("root/folder")).unwrap();
        symlink("outside", at("root/twice")).unwrap();
        symlink(at("root"), at("way")).unwrap();
        let permissions = Permissions {
            file_root: Some(at("root").canonicalize().unwrap()),
            ..Permissions::default()
        };
        for good in ["a", "sub/b", "sub/../a", "sub/inside", "none", "no/ne"] {
            assert!(permissions.has_file(&at("root").join(good)), "{good}");
        }
        assert!(permissions.has_file(&at("way/a")));
        for bad in [
            "../d",
            "outside",
            "twice",
            "folder/c",
            "folder/none",
            ".git/config",
        ] {
            assert!(!permissions.has_file(&at("root").join(bad)), "{bad}");
        }
        for bad in ["../none", "sub/../../d", "/proc/self/environ", "/"] {
            assert!(!permissions.has_file(&at("root").join(bad)), "{bad}");
        }
        assert!(!permissions.has_file(&at("rooted/c")));
        assert!(Permissions::default().has_file(&at("d")));
    }
}
