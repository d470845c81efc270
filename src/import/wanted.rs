//! What a person chooses of what there is.

/// What is taken over, where there is a choice.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Of a recording: static resources and requests to other sites too.
    pub everything: bool,
    /// Of a recording: the pauses between requests.
    pub think_time: bool,
    /// Of a description: only parameters and fields that must be there.
    pub required_only: bool,
    /// Of a collection: what its variables stand for, by an environment.
    pub variables: Vec<(String, String)>,
}
