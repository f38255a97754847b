//! The registry process.
fn main() {}
