//! What files may do beyond themselves: their authors may be strangers.

use std::path::{Path, PathBuf};

use url::Host;

use super::problem::Problem;
use super::source::Span;

/// What the command line permits files that it does not name as its own target.
/// Made in one place, from flags, and handed down. By default nothing is
/// permitted; [`Permissions::all`] is for files of one's own.
#[derive(Clone, Debug)]
pub struct Permissions {
    /// Files are read below these folders, with links followed; anywhere when
    /// there is no list.
    pub file_roots: Option<Vec<PathBuf>>,
    /// Variables of the environment that are there; all when there is no list.
    pub variables: Option<Vec<String>>,
    /// Whether targets may start programs.
    pub programs: bool,
    /// Hosts that are asked beside those of the target and this machine; all when
    /// there is no list.
    pub hosts: Option<Vec<String>>,
    /// Hosts to which load is sent although their target does not say that it
    /// may be; all when there is no list.
    pub load: Option<Vec<String>>,
}

impl Default for Permissions {
    fn default() -> Self {
        Self {
            file_roots: Some(Vec::new()),
            variables: Some(Vec::new()),
            programs: false,
            hosts: Some(Vec::new()),
            load: Some(Vec::new()),
        }
    }
}

impl Permissions {
    /// Everything, as files of one's own may do it.
    pub const fn all() -> Self {
        Self {
            file_roots: None,
            variables: None,
            programs: true,
            hosts: None,
            load: None,
        }
    }

    /// Whether a variable of the environment may be read.
    pub(super) fn has_variable(&self, name: &str) -> bool {
        let variables = self.variables.as_ref();
        variables.is_none_or(|names| names.iter().any(|known| known == name))
    }

    /// Whether a file may be opened: it lies below the root, as every link on its
    /// way does, and is none of Git's own, where credentials can be.
    pub(crate) fn has_file(&self, path: &Path) -> bool {
        let Some(roots) = &self.file_roots else {
            return true;
        };
        real(path).is_some_and(|real| {
            let mut below = roots.iter().filter_map(|root| real.strip_prefix(root).ok());
            below.any(|path| path.components().all(|part| part.as_os_str() != ".git"))
        })
    }

    /// The file roots, for people.
    fn roots(&self) -> String {
        let roots = self.file_roots.iter().flatten();
        let roots: Vec<_> = roots.map(|root| root.display().to_string()).collect();
        roots.join(", ")
    }

    /// What is wrong with a file of the command line that is not below the root.
    pub(crate) fn link_out(&self) -> String {
        let roots = self.roots();
        format!(
            "it leads out of the file root {roots}: permit it with `--file-root DIR` or `--trust`"
        )
    }

    /// The problem with a file that may not be opened.
    pub(crate) fn refused_file(&self, path: &Path, at: Span) -> Problem {
        let (path, roots) = (path.display(), self.roots());
        let message = format!("`{path}` is not below the file root {roots}");
        let help = "permit another folder with `--file-root DIR`, or everything to files of your own with `--trust`; symbolic links are followed";
        refusal(at, message, help)
    }

    /// Whether a host may be asked that is neither the target's nor this machine.
    pub(crate) fn has_host(&self, host: &Host<&str>) -> bool {
        let hosts = self.hosts.as_ref();
        hosts.is_none_or(|hosts| is_among(host, hosts))
    }

    /// Whether load may be sent to a host whose target does not allow it.
    pub(crate) fn has_load(&self, host: &Host<&str>) -> bool {
        let hosts = self.load.as_ref();
        hosts.is_none_or(|hosts| is_among(host, hosts))
    }
}

/// Whether a host is one of those that were given, written as URLs write them.
fn is_among(host: &Host<&str>, given: &[String]) -> bool {
    given.contains(&host.to_string())
}

/// Whether a host is this machine, as long as nothing else is said of its name.
pub(crate) fn is_this_machine(host: &Host<&str>) -> bool {
    match host {
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
        Host::Domain(name) => *name == "localhost",
    }
}

/// The problem with a host that may not be asked.
pub(crate) fn refused_host(host: &Host<&str>, at: Span) -> Problem {
    let message = format!("`{host}` is no host of the target");
    let help = format!(
        "permit it with `--allow-host {host}`, or give the target that names it with `--target`"
    );
    refusal(at, message, help)
}

/// The problem with what is not permitted.
pub(crate) fn refusal(at: Span, message: String, help: impl Into<String>) -> Problem {
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
    use std::path::Path;

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
            file_roots: Some(vec![at("root").canonicalize().unwrap()]),
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
        assert!(Permissions::all().has_file(&at("d")));
    }

    #[test]
    fn nothing_is_permitted_unless_somebody_says_so() {
        let host = url::Host::Domain("other.example");
        for (permissions, expected) in [(Permissions::default(), false), (Permissions::all(), true)]
        {
            assert_eq!(permissions.has_file(Path::new("Cargo.toml")), expected);
            assert_eq!(permissions.has_variable("HOME"), expected);
            assert_eq!(permissions.programs, expected);
            assert_eq!(permissions.has_host(&host), expected);
            assert_eq!(permissions.has_load(&host), expected);
        }
    }
}
