//! The translator process.
fn main() {}
