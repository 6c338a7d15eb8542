//! What every handler shares.

/// The state of the server. Cheap to clone.
#[derive(Clone)]
pub struct App;
