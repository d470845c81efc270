//! What can be seen at one place of a file.

use std::collections::{HashMap, HashSet};

use super::built_ins;
use super::capture_scope::CaptureScope;
use super::captures::{CaptureSite, Captured};
use super::types::Type;

/// Names that an expression can use where it stands. There may be thousands, and
/// each expression asks.
#[derive(Debug, Default)]
pub(crate) struct Visible {
    pub(crate) built_ins: &'static [&'static str],
    /// Variables, whose names captures cannot take.
    variables: HashMap<String, Variable>,
    /// Their names, in the order in which they were declared.
    declared: Vec<String>,
    /// What steps up to here have captured.
    pub(crate) captures: CaptureScope,
    /// Everything that was captured, also where it cannot be seen from here.
    pub(crate) ever_captured: Vec<String>,
    /// Where the steps of this list capture something, the later ones too.
    pub(crate) sites: Vec<CaptureSite>,
    /// Names that stand for results of several kinds of step, of which one may
    /// come before the other in a loop.
    ambiguous: HashSet<String>,
    pub(crate) rounds: bool,
}

#[derive(Debug, Default)]
struct Variable {
    /// What is known of it.
    of: Option<Type>,
    /// The command line can give it another value.
    settable: bool,
}

impl Visible {
    /// What variables can use, which are made once, before any user starts.
    pub(crate) fn in_variables() -> Self {
        Self {
            built_ins: built_ins::RUN_VARIABLES,
            ..Self::default()
        }
    }

    /// What steps can use in any case.
    pub(crate) fn in_steps() -> Self {
        Self {
            built_ins: built_ins::VARIABLES,
            ..Self::default()
        }
    }

    /// From here on, there is a variable of this name.
    pub(crate) fn declare(&mut self, name: &str, of: Type, settable: bool) {
        let variable = self.variables.entry(name.to_owned()).or_insert_with(|| {
            self.declared.push(name.to_owned());
            Variable::default()
        });
        // What is null in a file waits for the command line.
        if of != Type::Null {
            variable.of = Some(of);
        }
        variable.settable |= settable;
    }

    pub(crate) fn has_variable(&self, name: &str) -> bool {
        self.variables.contains_key(name)
    }

    /// Whether the command line can give a variable another value.
    pub(crate) fn is_settable(&self, name: &str) -> bool {
        let known = self.variables.get(name);
        known.is_some_and(|variable| variable.settable)
    }

    /// What is known of a variable or capture.
    pub(crate) fn of(&self, name: &str) -> Option<&Type> {
        let variable = || self.variables.get(name)?.of.as_ref();
        self.captures.of(name).or_else(variable)
    }

    /// Begins a list of steps, which capture something at these places.
    pub(crate) fn begin(&mut self, sites: Vec<CaptureSite>) {
        let mut forms: HashMap<&str, &str> = HashMap::new();
        self.ambiguous.clear();
        for site in &sites {
            let first = *forms.entry(&site.name).or_insert(&site.form);
            if first != site.form {
                self.ambiguous.insert(site.name.clone());
            }
        }
        self.sites = sites;
    }

    /// From here on, there is a capture of this name, which is this.
    pub(crate) fn capture(&mut self, name: &str, of: Type) {
        let ambiguous = self.ambiguous.contains(name);
        self.captures.see(&Captured {
            name: name.to_owned(),
            always: true,
            of: if ambiguous { Type::Any } else { of },
        });
    }

    /// Every name that is there: variables in their order, then captures.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        let mut captured: Vec<&str> = self.captures.names().collect();
        captured.sort_unstable();
        self.declared.iter().map(String::as_str).chain(captured)
    }
}
