//! What this machine has run out of: never the target's fault.

/// Something that a request needs of this machine and did not get.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OwnShortage {
    /// A file descriptor, which every connection is.
    Descriptors,
    /// A local port to connect from.
    Ports,
}

impl OwnShortage {
    /// All of them.
    pub const ALL: &'static [Self] = &[Self::Descriptors, Self::Ports];

    /// The kind of the error, and the tag `status` of the request.
    pub fn kind(self) -> &'static str {
        match self {
            Self::Descriptors => "no descriptors",
            Self::Ports => "no ports",
        }
    }

    /// What was missing.
    pub fn what(self) -> &'static str {
        match self {
            Self::Descriptors => "file descriptor",
            Self::Ports => "local port",
        }
    }

    /// What to do about it.
    pub fn hint(self) -> &'static str {
        match self {
            Self::Descriptors => {
                "this is not the target's fault: raise the hard limit of open files (`ulimit -Hn`), or play with fewer users"
            }
            Self::Ports => {
                "this is not the target's fault: make fewer new connections, or widen `net.ipv4.ip_local_port_range`"
            }
        }
    }
}
