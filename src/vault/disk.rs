//! Files that only their owner can read, replaced as a whole, and the lock
//! between processes.

use std::ffi::OsString;
use std::fs::{self, DirBuilder, File, Metadata, OpenOptions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use crate::files;

/// Read and write for the owner, nothing for anybody else.
const OWNER_ONLY: u32 = 0o600;

/// What tells two states of a file apart. A file that is open keeps its inode,
/// so a new file never has the stamp of one that we hold.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Stamp {
    device: u64,
    inode: u64,
    length: u64,
    modified: (i64, i64),
}

impl Stamp {
    pub(super) fn of(file: &Metadata) -> Self {
        Self {
            device: file.dev(),
            inode: file.ino(),
            length: file.len(),
            modified: (file.mtime(), file.mtime_nsec()),
        }
    }
}

/// The path with something after its last name: `vault` and `.key` give
/// `vault.key`.
pub(super) fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(ending);
    PathBuf::from(name)
}

/// The folder of a file; that of a bare name is the current one.
pub(super) fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// Makes the folder of a file, for the owner only. One that exists stays as it
/// is.
pub(super) fn create_folder(path: &Path) -> io::Result<()> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder(path))
}

/// Makes the names in a folder durable.
#[expect(clippy::disallowed_methods, reason = "nothing is read of it")]
pub(super) fn sync_folder(path: &Path) -> io::Result<()> {
    File::open(folder(path))?.sync_all()
}

/// Waits for the lock of `path` and holds it until the returned file is
/// dropped. The lock file stays: removing it would let two processes hold two
/// locks of one name.
pub(super) fn lock(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    let options = options
        .write(true)
        .create(true)
        .truncate(false)
        .mode(OWNER_ONLY);
    let lock = files::through_no_link(options).open(beside(path, ".lock"))?;
    loop {
        match lock.lock() {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            locked => return locked.map(|()| lock),
        }
    }
}

/// Replaces `path` with what `write` writes, at once and durably, and gives the
/// new file, still open. Whoever calls this holds the [`lock`] of `path`: a
/// leftover of a crash can then be told from somebody else's work.
pub(crate) fn replace(
    path: &Path,
    write: impl FnOnce(&File) -> io::Result<()>,
) -> io::Result<File> {
    let draft = draft_path(path);
    match fs::remove_file(&draft) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .create_new(true)
        .mode(OWNER_ONLY)
        .open(&draft)?;
    let written = write(&file)
        .and_then(|()| file.sync_all())
        .and_then(|()| fs::rename(&draft, path));
    if let Err(error) = written {
        // The first error says more than that of tidying up.
        let _ = fs::remove_file(&draft);
        return Err(error);
    }
    sync_folder(path)?;
    Ok(file)
}

/// Where a file is written before it gets its name: it begins with a dot and
/// ends like the file, so that whatever ignores the one ignores the other.
pub(super) fn draft_path(path: &Path) -> PathBuf {
    let mut name = OsString::from(".new.");
    name.push(path.file_name().unwrap_or_default());
    folder(path).join(name)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::{self, Write};
    use std::os::unix::fs::PermissionsExt;
    use std::path::Path;

    use super::{beside, create_folder, draft_path, folder, lock, replace};

    #[test]
    fn a_replacement_that_fails_leaves_the_old_file_and_nothing_else() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("a.vault");
        replace(&path, |mut file| file.write_all(b"old")).unwrap();
        let failed = replace(&path, |mut file| {
            file.write_all(b"half of the n")?;
            Err(io::Error::other("disk full"))
        });
        assert_eq!(failed.unwrap_err().to_string(), "disk full");
        assert_eq!(fs::read(&path).unwrap(), b"old");
        assert_eq!(fs::read_dir(place.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_lock_that_leads_elsewhere_is_not_followed() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("a.vault");
        let elsewhere = place.path().join("elsewhere");
        std::os::unix::fs::symlink(&elsewhere, beside(&path, ".lock")).unwrap();
        assert!(lock(&path).is_err());
        assert!(!elsewhere.exists());
    }

    #[test]
    fn a_draft_that_a_crash_left_is_in_nobodys_way() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("a.vault");
        fs::write(draft_path(&path), "half of something longer").unwrap();
        replace(&path, |mut file| file.write_all(b"whole")).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"whole");
        assert!(!draft_path(&path).exists());
    }

    #[test]
    fn folders_are_made_for_the_owner_only() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("one").join("two").join("a.vault");
        create_folder(&path).unwrap();
        create_folder(&path).unwrap();
        for made in [folder(&path), folder(folder(&path))] {
            let mode = fs::metadata(made).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o700);
        }
    }

    #[test]
    fn names_are_made_from_the_name_of_the_vault() {
        assert_eq!(
            beside(Path::new("x/a.vault"), ".key"),
            Path::new("x/a.vault.key")
        );
        assert_eq!(
            draft_path(Path::new("x/a.vault")),
            Path::new("x/.new.a.vault")
        );
        assert_eq!(folder(Path::new("a.vault")), Path::new("."));
    }
}
