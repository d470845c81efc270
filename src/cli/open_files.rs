//! How many files, connections among them, this process may have open.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Raises the soft limit to the hard one: it is low for programs that cannot
/// deal with more, which this one can.
pub(super) fn raise_limit() {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: limit.maximum,
        maximum: limit.maximum,
    };
    // Where it is refused, as on systems with a lower limit of another kind,
    // the run is told by what then fails.
    let _ = setrlimit(Resource::Nofile, raised);
}
