//! `rehearse fmt`: the layout changes, and nothing else.

use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::process::Stdio;

use crate::work::{Ended, Work};

const UGLY: &str = "# what it is for
scenarios:


    a:   # a person
        steps:
        - http: { url: '/x' ,method: GET }
";
const NEAT: &str = "# what it is for
scenarios:
  a: # a person
    steps:
      - http: {url: \"/x\", method: GET}
";

/// The command in the folder of the repository.
fn in_repository(arguments: &[&str]) -> Ended {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut command = Work::new().rehearse(arguments);
    Ended::new(&command.current_dir(root).output().unwrap())
}

#[test]
fn what_is_shipped_is_formatted() {
    let ended = in_repository(&["fmt", "--check", "scenarios", "fixtures/targets"]).expect(0);
    assert_eq!((&*ended.out, &*ended.err), ("", ""));
    for template in ["tutorial", "login-storm", "http", "soak"] {
        let work = Work::new();
        work.run(&["init", "--template", template, "new"]).expect(0);
        let ended = work.run(&["fmt", "--check", "new"]).expect(0);
        assert_eq!(ended.out, "", "{template}");
    }
}

#[test]
fn a_file_is_formatted_and_keeps_its_owner_and_its_link() {
    let work = Work::new();
    work.write("a.yaml", UGLY);
    let path = work.path().join("a.yaml");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
    std::os::unix::fs::symlink(&path, work.path().join("link.yaml")).unwrap();
    let ended = work.run(&["fmt", "link.yaml"]).expect(0);
    assert_eq!(ended.out, "formatted link.yaml\n");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), NEAT);
    assert!(work.path().join("link.yaml").is_symlink());
    let written = path.metadata().unwrap();
    assert_eq!(written.permissions().mode() & 0o777, 0o640);
    // Once more: it is not touched.
    let ended = work.run(&["fmt", "a.yaml"]).expect(0);
    assert_eq!(ended.out, "");
    assert_eq!(path.metadata().unwrap().ino(), written.ino());
}

#[test]
fn check_lists_what_would_change_in_a_folder_and_writes_nothing() {
    let work = Work::new();
    std::fs::create_dir_all(work.path().join("all/.hidden")).unwrap();
    for (name, text) in [
        ("all/ugly.yaml", UGLY),
        ("all/neat.yaml", NEAT),
        ("all/library.yml", "steps:\n- reload\n"),
        // What is somebody else's.
        ("all/compose.yaml", "services:\n    a:   {}\n"),
        ("all/.hidden/ugly.yaml", UGLY),
        ("all/notes.md", UGLY),
    ] {
        work.write(name, text);
    }
    let ended = work.run(&["fmt", "--check", "all"]).expect(1);
    assert_eq!(ended.out, "all/library.yml\nall/ugly.yaml\n");
    assert!(
        ended.err.starts_with("2 files are not formatted"),
        "{}",
        ended.err
    );
    let ugly = work.path().join("all/ugly.yaml");
    assert_eq!(std::fs::read_to_string(&ugly).unwrap(), UGLY);
    work.run(&["fmt", "all"]).expect(0);
    work.run(&["fmt", "--check", "all"]).expect(0);
    assert_eq!(std::fs::read_to_string(&ugly).unwrap(), NEAT);
    let others = std::fs::read_to_string(work.path().join("all/compose.yaml")).unwrap();
    assert_eq!(others, "services:\n    a:   {}\n");
}

#[test]
fn what_cannot_be_read_is_told_and_left_as_it_is() {
    let work = Work::new();
    let wrong = "scenarios:\n  a: [1,\n  b: 2\n";
    work.write("wrong.yaml", wrong);
    work.write("ugly.yaml", UGLY);
    let told = work.run(&["check", "wrong.yaml"]).expect(2).out;
    let ended = work.run(&["fmt", "wrong.yaml", "ugly.yaml"]).expect(2);
    let place = told
        .lines()
        .find(|line| line.contains("wrong.yaml:"))
        .unwrap();
    assert!(ended.err.contains(place), "{}", ended.err);
    assert_eq!(
        std::fs::read_to_string(work.path().join("wrong.yaml")).unwrap(),
        wrong
    );
    // The others are formatted all the same.
    assert_eq!(ended.out, "formatted ugly.yaml\n");
    let ended = work.run(&["fmt", "nowhere.yaml"]).expect(2);
    assert!(
        ended.err.contains("cannot read nowhere.yaml"),
        "{}",
        ended.err
    );
}

#[test]
fn standard_input_goes_to_standard_output() {
    let work = Work::new();
    work.write("ugly.yaml", UGLY);
    for (arguments, code, out) in [
        (&["fmt", "-"][..], 0, NEAT),
        (&["fmt", "--check", "-"], 1, "standard input\n"),
    ] {
        let input = std::fs::File::open(work.path().join("ugly.yaml")).unwrap();
        let mut command = work.rehearse(arguments);
        let output = command.stdin(Stdio::from(input)).output().unwrap();
        assert_eq!(Ended::new(&output).expect(code).out, out);
    }
}
