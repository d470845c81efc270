//! A file that is not there: which one was meant.

use std::path::Path;

use super::names::nearest;

/// What helps when a file that another one names cannot be read: one beside it
/// with nearly the same name, or from where paths count.
pub fn file_help(path: &Path) -> String {
    let written = path.to_string_lossy();
    if let Some(at) = written.find("https:/").or_else(|| written.find("http:/")) {
        let help = "this is an address, and no file; a target file has it as its `api_url`";
        return format!("{help}\n  api_url: {}", &written[at..]);
    }
    let usual = "the path is relative to the file that it is written in";
    meant(path).map_or_else(
        || usual.to_owned(),
        |name| format!("did you mean `{name}`?"),
    )
}

/// What helps when a file cannot be read that the command line names.
pub fn path_help(path: &Path) -> String {
    if path.is_dir() {
        return format!(
            "it is a folder: name a file in it, as in {}/scenario.yaml",
            path.display()
        );
    }
    match meant(path) {
        Some(name) => format!("did you mean `{}`?", path.with_file_name(name).display()),
        None => "paths are relative to the current directory".to_owned(),
    }
}

/// The name of a file in the same folder that was probably meant.
fn meant(path: &Path) -> Option<String> {
    if path.exists() {
        return None;
    }
    let folder = match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    let entries = std::fs::read_dir(folder).ok()?;
    let names: Vec<String> = entries
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let written = path.file_name()?.to_str()?;
    nearest(written, &names).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::file_help;

    #[test]
    fn a_file_with_nearly_the_same_name_was_meant() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("staging.yaml"), "").unwrap();
        let help = |name: &str| file_help(&folder.path().join(name));
        assert_eq!(help("stagging.yaml"), "did you mean `staging.yaml`?");
        assert!(help("production.yaml").contains("relative"));
        assert!(help("nowhere/staging.yaml").contains("relative"));
        // It is there, and cannot be read for another reason.
        assert!(help("staging.yaml").contains("relative"));
    }
}
