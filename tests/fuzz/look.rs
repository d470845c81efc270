//! Reads a file as `rehearse check` does, and writes what is wrong in every form.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use rehearse::check::{FORMS, findings};
use rehearse::engine::{Overrides, Plan, Selection, inspect};
use rehearse::language::{Environment, Look, Permissions, Source};
use rehearse::target::TargetArguments;
use tempfile::TempDir;

thread_local! {
    static LAST: RefCell<String> = RefCell::default();
}

/// Keeps what a panic says, instead of printing it.
pub fn catch_panics() {
    let usual = std::panic::take_hook();
    let fuzzing = std::thread::current().id();
    std::panic::set_hook(Box::new(move |panic| {
        if std::thread::current().id() == fuzzing {
            LAST.with(|last| last.replace(panic.to_string().replace('\n', " ")));
        }
        // The last one, with what was found, is for the reader.
        if panic.to_string().contains("tests/fuzz/") {
            usual(panic);
        }
    }));
}

/// Where inputs are written, beside files that they can name.
pub struct Place {
    pub input: PathBuf,
    /// Stays when the process is cut short.
    _folder: TempDir,
}

impl Place {
    pub fn new() -> Self {
        let mut builder = tempfile::Builder::new();
        let folder = builder
            .prefix("fuzz-")
            .tempdir_in(env!("CARGO_TARGET_TMPDIR"))
            .unwrap();
        let write =
            |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        write(
            "library.yaml",
            "params: {a: }\nsteps: [{http: {url: \"/{{ a }}\"}, as: found}]\n",
        );
        write(
            "base.yaml",
            "spec_id: a\napi_url: http://127.0.0.1:1\ngateway_url: http://127.0.0.1:1\notp: {source: static, code: '1'}\n",
        );
        write(
            "outer.yaml",
            "scenarios: {s: {steps: [{include: {file: input.yaml}}]}}\n",
        );
        write("people.csv", "name,age\nAda,36\n");
        Self {
            input: folder.path().join("input.yaml"),
            _folder: folder,
        }
    }
}

/// How many problems the file has by itself, or the panic.
pub fn look(text: &str, place: &Place) -> Result<usize, String> {
    std::fs::write(&place.input, text).unwrap();
    let seen = catch_unwind(AssertUnwindSafe(|| {
        let problems = check(&place.input);
        // Also as a part of another file, and as something to play.
        if text.contains("steps:") {
            check(&place.input.with_file_name("outer.yaml"));
            let (overrides, selection) = (Overrides::default(), Selection::default());
            let (target, nothing) = (
                TargetArguments::default(),
                Environment::default().with(Permissions::all()),
            );
            let source = Source::read(&place.input).unwrap();
            let _ = Plan::of_source(&source, &nothing, &target, overrides, &[], &selection);
        }
        problems
    }));
    seen.map_err(|_| LAST.with(|last| last.borrow().clone()))
}

fn check(file: &Path) -> usize {
    let Ok(inspected) = inspect(file, &Environment::default().with(Permissions::all())) else {
        return 1;
    };
    for form in FORMS {
        let _ = (form.render)(&inspected, Look::Plain);
    }
    findings(&inspected).len()
}
