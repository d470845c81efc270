//! A target from several files, one over the other, with what the command line
//! sets on top.
//!
//! Every file's places are moved behind those of the files before it, so that a
//! place belongs to one file however the files are merged.

mod merge;

use std::path::{Path, PathBuf};

use merge::{merge, refuse_variables, settle_paths};

use super::model::{TARGET, Target, read_target};
use super::simulator::{SIMULATOR, SimulatorOtp, simulator_file, simulator_target, stand_in};
use crate::document::ReadContext;
use crate::language::environment::Environment;
use crate::language::fields::no_mapping;
use crate::language::files_error::FilesError;
use crate::language::missing::file_help;
use crate::language::node::{Elsewhere, Map, Node, Text, Value};
use crate::language::problem::{Problem, Problems, Severity};
use crate::language::source::{Source, Span};
use crate::language::source_map::SourceMap;
use crate::language::yaml;
use crate::simulator::Simulator;

/// How deep files may extend one another.
const MAX_DEPTH: usize = 16;
/// Keys whose last word says that the value is nobody's to see.
const PRIVATE: &[&str] = &["password", "passwd", "token", "secret", "xoauth2"];

/// Target files, the last one on top, and the settings of the command line.
#[derive(Clone, Debug)]
pub struct Layers {
    /// The first is no file: it has the name of all of them.
    sources: SourceMap,
    root: Option<Node>,
    on_simulator: bool,
    environment: Environment,
    /// Where the files of the user's own begin.
    own_from: Option<usize>,
}

impl Layers {
    fn new(on_simulator: bool, environment: &Environment) -> Self {
        Self {
            sources: SourceMap::new(Source::new("the target", "")),
            root: None,
            on_simulator,
            environment: environment.clone(),
            own_from: None,
        }
    }

    /// Reads files, each over those before it, and sets `KEY=VALUE` on top. All
    /// that comes after the first so many files is the user's own.
    ///
    /// # Errors
    /// When a file cannot be read, or is no mapping in YAML.
    pub fn read(
        files: &[PathBuf],
        strangers: usize,
        on_simulator: bool,
        sets: &[String],
        environment: &Environment,
    ) -> Result<Self, FilesError> {
        let mut layers = Self::new(on_simulator, environment);
        let mut problems = Problems::default();
        for (index, path) in files.iter().enumerate() {
            let source = FilesError::read(path, environment)?;
            if index == strangers {
                layers.begin_own();
            }
            let node = layers.file(&source, &mut Vec::new(), &mut problems);
            layers.put(node, true);
        }
        layers.begin_own();
        for set in sets {
            let node = layers.set(set, &mut problems);
            layers.put(node, false);
        }
        if problems.is_empty() {
            Ok(layers)
        } else {
            Err(FilesError::problems(layers.sources, problems))
        }
    }

    /// The target of a file for its hosts and ids. Its mailbox is not read, so
    /// that the secrets of that need not be here.
    ///
    /// # Errors
    /// When a file cannot be read, or with all problems, by file.
    pub fn without_otp(file: &Path, environment: &Environment) -> Result<Target, FilesError> {
        let nobody = ["otp.source=static", "otp.code=''"].map(str::to_owned);
        Self::read(&[file.to_owned()], 0, false, &nobody, environment)?.target()
    }

    /// Whether the target is the simulator in this process, with changes.
    pub fn on_simulator(&self) -> bool {
        self.on_simulator
    }

    /// What is wrong with a target file and those that it extends; it is the
    /// user's own, or a scenario names it.
    pub fn check(
        source: &Source,
        is_own: bool,
        environment: &Environment,
    ) -> Vec<(Source, Problems)> {
        let mut layers = Self::new(false, environment);
        if is_own {
            layers.begin_own();
        }
        let mut cx = layers.context();
        let node = layers.file(source, &mut Vec::new(), &mut cx.problems);
        let base = layers
            .on_simulator
            .then(|| layers.open(&Source::new(SIMULATOR, stand_in()), &mut cx.problems));
        layers.put(base.flatten(), true);
        layers.put(node, true);
        if cx.problems.is_empty() {
            layers.target_into(&mut cx);
        }
        layers.by_file(&cx.problems)
    }

    /// The files, with those that they extend.
    pub fn files(&self) -> Vec<PathBuf> {
        let names = self.sources.all().skip(1).map(Source::name);
        let files = names.filter(|name| !matches!(*name, SET | SIMULATOR));
        files.map(PathBuf::from).collect()
    }

    /// The target that they make.
    ///
    /// # Errors
    /// With all problems, by file.
    pub fn target(&self) -> Result<Target, FilesError> {
        let mut cx = self.context();
        match self.target_into(&mut cx) {
            Some(target) if cx.problems.is_empty() => Ok(target),
            _ => Err(FilesError::problems(self.sources.clone(), cx.problems)),
        }
    }

    fn context(&self) -> ReadContext {
        let mut cx = ReadContext::new(self.sources.first(), &self.environment);
        cx.files.own_from = self.own_from;
        cx
    }

    /// The next file is the user's own, and so are those after it.
    fn begin_own(&mut self) {
        self.own_from.get_or_insert(self.sources.end());
    }

    fn target_into(&self, cx: &mut ReadContext) -> Option<Target> {
        let root = self.root.as_ref()?;
        let named = self.sources.all().filter(|source| source.name() != SET);
        let target = read_target(root, named.last()?, cx);
        refuse_variables(root, &cx.files.secrets, &mut cx.problems);
        target
    }

    /// The same over a simulator that runs.
    ///
    /// # Errors
    /// With all problems, by file.
    pub fn over(&self, simulator: &Simulator, otp: SimulatorOtp) -> Result<Target, FilesError> {
        if self.root.is_none() {
            return Ok(simulator_target(simulator, otp));
        }
        self.over_file(simulator_file(simulator, otp))
    }

    /// The same over a simulator that does not run yet.
    ///
    /// # Errors
    /// With all problems, by file.
    pub fn preview(&self) -> Result<Target, FilesError> {
        self.over_file(stand_in())
    }

    fn over_file(&self, simulator: String) -> Result<Target, FilesError> {
        let mut all = self.clone();
        let mut problems = Problems::default();
        let source = Source::new(SIMULATOR, simulator);
        let base = all.open(&source, &mut problems);
        all.root = match (base, all.root.take()) {
            (Some(base), Some(over)) => Some(merge(base, over)),
            (base, over) => base.or(over),
        };
        all.target()
    }

    fn put(&mut self, node: Option<Node>, is_file: bool) {
        let Some(node) = node else { return };
        let at = node.at;
        self.root = Some(match self.root.take() {
            None => node,
            Some(lower) => {
                let mut merged = merge(lower, node);
                if is_file {
                    merged.at = at;
                }
                merged
            }
        });
    }

    /// Reads a file behind all others.
    fn open(&mut self, source: &Source, problems: &mut Problems) -> Option<Node> {
        let base = self.sources.add(source.clone());
        yaml::load_after(base, source, problems)
    }

    /// A file over what it extends.
    fn file(
        &mut self,
        source: &Source,
        trail: &mut Vec<PathBuf>,
        problems: &mut Problems,
    ) -> Option<Node> {
        let path = PathBuf::from(source.name());
        let folder = path.parent().unwrap_or(Path::new("")).to_owned();
        let mut node = self.open(source, problems)?;
        let Value::Map(map) = &mut node.value else {
            problems.push(no_mapping(&node, TARGET.form()));
            return None;
        };
        settle_paths(map, &folder);
        let Some(place) = map
            .entries
            .iter()
            .position(|(key, _)| key.text == "extends")
        else {
            return Some(node);
        };
        let (_, extends) = map.entries.remove(place);
        trail.extend(std::fs::canonicalize(&path));
        let base = self.extended(&extends, &folder, trail, problems);
        trail.pop();
        Some(match base {
            Some(base) => {
                let at = node.at;
                let mut merged = merge(base, node);
                merged.at = at;
                merged
            }
            None => node,
        })
    }

    /// What a file extends, if that is a file.
    fn extended(
        &mut self,
        extends: &Node,
        folder: &Path,
        trail: &mut Vec<PathBuf>,
        problems: &mut Problems,
    ) -> Option<Node> {
        let Some(word) = extends.scalar() else {
            let message = format!("expected a target file, found {}", extends.kind());
            let help = "`extends` is the path of one file, or `simulator`";
            problems.push(Problem::new(extends.label(), message, help));
            return None;
        };
        if word.text == SIMULATOR {
            self.on_simulator = true;
            return None;
        }
        let path = folder.join(&word.text);
        let real = std::fs::canonicalize(&path);
        if real.is_ok_and(|real| trail.contains(&real)) {
            let message = format!("`{}` extends itself", path.display());
            let help = "a target cannot be under itself: remove one `extends`";
            problems.push(Problem::new(word.span, message, help));
            return None;
        }
        if trail.len() >= MAX_DEPTH {
            let message = format!("more than {MAX_DEPTH} files extend one another");
            problems.push(Problem::new(word.span, message, ""));
            return None;
        }
        let files = self.context().files;
        if !files.may_open(&path, word.span, problems) {
            return None;
        }
        match self.environment.read(&path) {
            Ok(source) => self.file(&source, trail, problems),
            Err(error) => {
                let message = format!("cannot read {}: {error}", path.display());
                let help = file_help(&path);
                problems.push(Problem::new(word.span, message, help));
                None
            }
        }
    }

    /// `timeouts.request=5s`, as a mapping in a mapping.
    fn set(&mut self, text: &str, problems: &mut Problems) -> Option<Node> {
        let (path, value) = text.split_once('=').unwrap_or((text, ""));
        let private = path.rsplit(['.', '_']).next();
        let private = private.is_some_and(|word| PRIVATE.contains(&word));
        let shown = if private {
            format!("{path}=…")
        } else {
            text.to_owned()
        };
        let base = self.sources.add(Source::new(SET, shown));
        let whole = Span {
            start: base,
            end: base + path.len(),
        };
        if path.len() == text.len() || path.split('.').any(str::is_empty) {
            let message = format!("`--set {path}` is not a setting");
            let help = "expected `--set KEY=VALUE`, such as `--set timeouts.request=5s`";
            problems.push(Problem::new(whole, message, help));
            return None;
        }
        let place = base + path.len() + 1;
        let mut own = Problems::default();
        let node = if matches!(value, "~" | "null") {
            let mut nothing = Node::empty(Span::default());
            nothing.value = Value::Nothing;
            Some(nothing)
        } else {
            yaml::load(&Source::new(SET, value), &mut own)
        };
        if value.is_empty() || !own.is_empty() {
            let message = format!("`--set {path}` has no value that can be read");
            let help = "write the value as in a target file; what has `: ` or ` #` in it is put in quotes of its own";
            problems.push(Problem::new(whole, message, help));
            return None;
        }
        let mut node = node?.moved(place);
        let mut end = base + path.len();
        for key in path.rsplit('.') {
            let span = Span {
                start: end - key.len(),
                end,
            };
            end = end.saturating_sub(key.len() + 1);
            node.at = span;
            let key = Text {
                text: key.to_owned(),
                span,
                verbatim: Some(span.start),
            };
            let mut outer = Node::empty(whole);
            outer.value = Value::Map(Map {
                entries: vec![(key, node)],
                elsewhere: Elsewhere::default(),
            });
            node = outer;
        }
        if let Value::Map(map) = &mut node.value {
            settle_paths(map, Path::new(""));
        }
        Some(node)
    }

    /// The same problems by file, each at its place there.
    fn by_file(&self, problems: &Problems) -> Vec<(Source, Problems)> {
        let mut by_file: Vec<(Source, Problems)> = Vec::new();
        for (severity, problem) in problems.all() {
            let (source, span) = self.sources.place(problem.span);
            let is_next = |(last, _): &(Source, _)| last.name() != source.name();
            if by_file.last().is_none_or(is_next) {
                by_file.push((source.clone(), Problems::default()));
            }
            let own = by_file.iter_mut().map(|(_, own)| own).next_back();
            let mut problem = problem.clone();
            problem.span = span;
            match severity {
                Severity::Error => own.map(|own| own.push(problem)),
                Severity::Warning => own.map(|own| own.warn(problem)),
            };
        }
        by_file
    }
}

/// What messages call the command line's settings.
const SET: &str = "--set";
