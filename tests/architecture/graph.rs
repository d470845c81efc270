//! Who imports whom, file by file, read from the source with `syn`.
//!
//! An arrow runs from the file that names something to the file that declares
//! it: re-exports are followed. Code for tests is left out.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};

/// Segments of a path below the crate.
type Path = Vec<String>;

/// The files of a crate, by name below `src`.
pub type Files = BTreeMap<String, String>;

/// Imports of a crate.
#[derive(Debug, Default)]
pub struct Graph {
    /// From each file, those that it imports.
    pub arrows: BTreeMap<String, BTreeSet<String>>,
}

impl Graph {
    /// Reads the imports of `files`.
    pub fn read(files: &Files) -> Self {
        let mut modules = BTreeMap::new();
        for (name, text) in files {
            let file = syn::parse_file(text).unwrap_or_else(|error| panic!("{name}: {error}"));
            let mut module = Module::new(name);
            module.visit_file(&file);
            modules.insert(module_of(name), module);
        }
        let mut arrows: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (path, module) in &modules {
            let from = arrows.entry(module.file.clone()).or_default();
            for named in &module.named {
                let to = declaring(&modules, path, named, 0);
                from.extend(to.filter(|to| *to != module.file));
            }
        }
        Self { arrows }
    }

    /// Circles of more files than `most`, the largest first.
    pub fn circles(&self, most: usize) -> Vec<BTreeSet<String>> {
        let reached: BTreeMap<&str, BTreeSet<&str>> = self
            .arrows
            .keys()
            .map(|file| (file.as_str(), self.reached_from(file)))
            .collect();
        let mut circles: BTreeSet<BTreeSet<String>> = BTreeSet::new();
        for (file, there) in &reached {
            let back = |other: &&&str| reached.get(**other).is_some_and(|it| it.contains(file));
            let circle: BTreeSet<String> =
                there.iter().filter(back).map(ToString::to_string).collect();
            if circle.len() > most {
                circles.insert(circle);
            }
        }
        let mut circles: Vec<_> = circles.into_iter().collect();
        circles.sort_by_key(|circle| std::cmp::Reverse(circle.len()));
        circles
    }

    fn reached_from(&self, file: &str) -> BTreeSet<&str> {
        let mut reached = BTreeSet::new();
        let mut next: Vec<&str> = vec![file];
        while let Some(file) = next.pop() {
            for to in self.arrows.get(file).into_iter().flatten() {
                if reached.insert(to.as_str()) {
                    next.push(to);
                }
            }
        }
        reached
    }

    /// Arrows between folders, each with the first that shows it.
    pub fn between_folders(&self) -> BTreeMap<(String, String), String> {
        let mut between = BTreeMap::new();
        for (from, targets) in &self.arrows {
            for to in targets {
                let folders = (folder(from), folder(to));
                if folders.0 != folders.1 {
                    let shown = format!("{from} imports {to}");
                    between.entry(folders).or_insert(shown);
                }
            }
        }
        between
    }
}

/// The folder below `src`; of a file that is in none, its name.
fn folder(file: &str) -> String {
    let first = file.split('/').next().unwrap_or(file);
    first.trim_end_matches(".rs").to_owned()
}

/// `a/b.rs` and `a/b/mod.rs` are `a::b`.
fn module_of(file: &str) -> Path {
    let path = file.trim_end_matches(".rs");
    let mut segments: Path = path.split('/').map(str::to_owned).collect();
    let last = segments.last().map(String::as_str);
    if matches!(last, Some("mod" | "lib" | "main")) {
        segments.pop();
    }
    segments
}

/// What a file says of names.
struct Module {
    file: String,
    /// Paths that its code names.
    named: Vec<Path>,
    /// What `use` gives another place, under the name that it has here.
    uses: BTreeMap<String, Path>,
    /// Modules of which everything is here.
    globs: Vec<Path>,
    /// What is declared here.
    declared: BTreeSet<String>,
    /// Modules that are declared here.
    children: BTreeSet<String>,
}

impl Module {
    fn new(file: &str) -> Self {
        Self {
            file: file.to_owned(),
            named: Vec::new(),
            uses: BTreeMap::new(),
            globs: Vec::new(),
            declared: BTreeSet::new(),
            children: BTreeSet::new(),
        }
    }

    /// A `mod.rs` and the crate's root hand names on; that is no import.
    fn hands_on(&self, visibility: &syn::Visibility) -> bool {
        let face = self.file.ends_with("mod.rs") || self.file == "lib.rs";
        face && !matches!(visibility, syn::Visibility::Inherited)
    }

    fn read_use(&mut self, tree: &syn::UseTree, before: &Path, import: bool) {
        let longer = |name: String| before.iter().cloned().chain([name]).collect::<Path>();
        match tree {
            syn::UseTree::Path(path) => {
                self.read_use(&path.tree, &longer(path.ident.to_string()), import);
            }
            syn::UseTree::Group(group) => {
                for tree in &group.items {
                    self.read_use(tree, before, import);
                }
            }
            syn::UseTree::Glob(_) => self.globs.push(before.clone()),
            syn::UseTree::Name(name) => self.keep_use(name.ident.to_string(), None, before, import),
            syn::UseTree::Rename(rename) => {
                let here = rename.rename.to_string();
                self.keep_use(rename.ident.to_string(), Some(here), before, import);
            }
        }
    }

    fn keep_use(&mut self, name: String, here: Option<String>, before: &Path, import: bool) {
        let mut path = before.clone();
        if name == "self" {
            let last = before.last().cloned().unwrap_or_default();
            self.uses.insert(here.unwrap_or(last), path.clone());
        } else {
            path.push(name.clone());
            self.uses.insert(here.unwrap_or(name), path.clone());
        }
        if import {
            self.named.push(path);
        }
    }

    /// Macros are not parsed: what looks like a path in one is taken for one.
    fn read_tokens(&mut self, tokens: TokenStream) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let mut index = 0;
        while index < tokens.len() {
            if let TokenTree::Group(group) = &tokens[index] {
                self.read_tokens(group.stream());
            }
            let (path, end) = path_at(&tokens, index);
            if path.len() > 1 {
                self.named.push(path);
            }
            index = end.max(index + 1);
        }
    }
}

/// A path that begins at a token, and where it ends.
fn path_at(tokens: &[TokenTree], start: usize) -> (Path, usize) {
    let mut path = Path::new();
    let mut index = start;
    while let Some(TokenTree::Ident(ident)) = tokens.get(index) {
        path.push(ident.to_string());
        let colon =
            |at: usize| matches!(tokens.get(at), Some(TokenTree::Punct(it)) if it.as_char() == ':');
        if !(colon(index + 1) && colon(index + 2)) {
            return (path, index + 1);
        }
        index += 3;
    }
    (path, index)
}

fn is_for_tests(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let cfg = attribute.path().is_ident("cfg");
        cfg && attribute
            .parse_args::<syn::Path>()
            .is_ok_and(|path| path.is_ident("test"))
    })
}

impl<'ast> Visit<'ast> for Module {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        let (attributes, name) = attributes_and_name(item);
        if is_for_tests(attributes) {
            return;
        }
        self.declared.extend(name);
        match item {
            syn::Item::Use(item) => {
                let import = !self.hands_on(&item.vis);
                self.read_use(&item.tree, &Path::new(), import);
            }
            syn::Item::Mod(item) if item.content.is_none() => {
                self.children.insert(item.ident.to_string());
            }
            _ => visit::visit_item(self, item),
        }
    }

    fn visit_impl_item(&mut self, item: &'ast syn::ImplItem) {
        let for_tests = match item {
            syn::ImplItem::Fn(item) => is_for_tests(&item.attrs),
            syn::ImplItem::Const(item) => is_for_tests(&item.attrs),
            _ => false,
        };
        if !for_tests {
            visit::visit_impl_item(self, item);
        }
    }

    /// `pub(in crate::steps)` imports nothing.
    fn visit_visibility(&mut self, _: &'ast syn::Visibility) {}

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let segments: Path = path
            .segments
            .iter()
            .map(|it| it.ident.to_string())
            .collect();
        if segments.len() > 1 {
            self.named.push(segments);
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, item: &'ast syn::Macro) {
        self.read_tokens(item.tokens.clone());
        visit::visit_macro(self, item);
    }
}

fn attributes_and_name(item: &syn::Item) -> (&[syn::Attribute], Option<String>) {
    let (attributes, name) = match item {
        syn::Item::Const(it) => (&it.attrs, Some(&it.ident)),
        syn::Item::Enum(it) => (&it.attrs, Some(&it.ident)),
        syn::Item::Fn(it) => (&it.attrs, Some(&it.sig.ident)),
        syn::Item::Impl(it) => (&it.attrs, None),
        syn::Item::Macro(it) => (&it.attrs, it.ident.as_ref()),
        syn::Item::Mod(it) => (&it.attrs, None),
        syn::Item::Static(it) => (&it.attrs, Some(&it.ident)),
        syn::Item::Struct(it) => (&it.attrs, Some(&it.ident)),
        syn::Item::Trait(it) => (&it.attrs, Some(&it.ident)),
        syn::Item::Type(it) => (&it.attrs, Some(&it.ident)),
        syn::Item::Use(it) => (&it.attrs, None),
        _ => return (&[], None),
    };
    (attributes, name.map(ToString::to_string))
}

/// The file that declares what `path` names in the module `here`; `None` for
/// what is no part of this crate.
fn declaring(
    modules: &BTreeMap<Path, Module>,
    here: &Path,
    path: &[String],
    depth: usize,
) -> Option<String> {
    // Two modules may hand the same name to each other.
    if depth > 16 {
        return None;
    }
    let mut base = here.clone();
    let mut rest = path;
    match rest.first()?.as_str() {
        "crate" => {
            base.clear();
            rest = &rest[1..];
        }
        "self" => rest = &rest[1..],
        "super" => {
            while rest.first().is_some_and(|segment| segment == "super") {
                base.pop();
                rest = &rest[1..];
            }
        }
        first => {
            let module = modules.get(here)?;
            if !module.children.contains(first) {
                // `stage::read`, where `use super::stage` was said: that counts.
                return None;
            }
        }
    }
    loop {
        let module = modules.get(&base)?;
        let Some(name) = rest.first() else {
            return Some(module.file.clone());
        };
        if module.children.contains(name) {
            base.push(name.clone());
            rest = &rest[1..];
        } else if let Some(target) = module.uses.get(name) {
            let full: Path = target.iter().chain(&rest[1..]).cloned().collect();
            return declaring(modules, &base, &full, depth + 1);
        } else if module.declared.contains(name) {
            return Some(module.file.clone());
        } else {
            let through = |glob: &Path| {
                let full: Path = glob.iter().chain(rest).cloned().collect();
                declaring(modules, &base, &full, depth + 1)
            };
            let found = module.globs.iter().find_map(through);
            return found.or_else(|| Some(module.file.clone()));
        }
    }
}
