//! Which target it is, by scenario and command line, and what a plan knows of it.

use std::path::{Path, PathBuf};

use super::layers::Layers;
use super::model::Target;
use super::simulator::SIMULATOR;
use crate::language::{Environment, FilesError};

/// Where the traffic goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TargetChoice {
    /// The simulator, in this process.
    Simulator,
    /// An environment, described by a file.
    File(PathBuf),
}

impl TargetChoice {
    /// Reads `simulator` or a path. A path in a scenario is relative to the
    /// folder of the scenario, one on the command line to the current folder.
    pub fn parse(text: &str, relative_to: &Path) -> Self {
        if text == SIMULATOR {
            Self::Simulator
        } else {
            Self::File(relative_to.join(text))
        }
    }
}

/// What the command line says of the target.
#[derive(Clone, Debug, Default)]
pub struct TargetArguments {
    /// `simulator` or target files, each over the one before it.
    pub targets: Vec<String>,
    /// Files over those, and over what the scenario names.
    pub overlays: Vec<PathBuf>,
    /// `KEY=VALUE`, over all files.
    pub sets: Vec<String>,
}

/// The target of a plan.
#[derive(Clone, Debug)]
pub enum PlannedTarget {
    /// An environment.
    Environment(Box<Target>),
    /// The simulator in this process, which does not run yet.
    Simulator {
        /// What files and command line change of it.
        changes: Box<Layers>,
        /// What it will be like, but for addresses and ids that are not known
        /// before it runs.
        preview: Box<Target>,
    },
}

impl PlannedTarget {
    /// What is known of it before the run.
    pub fn preview(&self) -> &Target {
        match self {
            Self::Environment(target)
            | Self::Simulator {
                preview: target, ..
            } => target,
        }
    }

    /// The target, unless it is the simulator.
    pub fn environment(&self) -> Option<&Target> {
        match self {
            Self::Environment(target) => Some(target),
            Self::Simulator { .. } => None,
        }
    }
}

impl TargetArguments {
    /// Reads everything over `first`, which the scenario or the command line
    /// names. Gives the files, too.
    ///
    /// # Errors
    /// When a file cannot be read, or with all problems, by file.
    pub fn load(
        &self,
        first: &TargetChoice,
        environment: &Environment,
    ) -> Result<(PlannedTarget, Vec<PathBuf>), FilesError> {
        let mut on_simulator = false;
        let mut files = Vec::new();
        let further = self.targets.iter().skip(1);
        let further = further.map(|text| TargetChoice::parse(text, Path::new("")));
        for choice in std::iter::once(first.clone()).chain(further) {
            match choice {
                TargetChoice::File(path) => files.push(path),
                TargetChoice::Simulator => {
                    // What came before is the simulator's to say.
                    files.clear();
                    on_simulator = true;
                }
            }
        }
        files.extend(self.overlays.iter().cloned());
        // The first one is the scenario's, unless the command line names another.
        let named_by_scenario = self.targets.is_empty() && matches!(first, TargetChoice::File(_));
        let strangers = usize::from(named_by_scenario);
        let layers = Layers::read(&files, strangers, on_simulator, &self.sets, environment)?;
        let files = layers.files();
        let target = if layers.on_simulator() {
            PlannedTarget::Simulator {
                preview: Box::new(layers.preview()?),
                changes: Box::new(layers),
            }
        } else {
            PlannedTarget::Environment(Box::new(layers.target()?))
        };
        Ok((target, files))
    }
}
