//! The workspace's end-to-end tests: real processes on free ports.
//!
//! The binaries are those that `cargo build --workspace` has put beside this test; `./tests/run` builds them first.

#![expect(clippy::panic, clippy::expect_used, reason = "a test that cannot go on fails")]

pub mod process;
pub mod registry;

use std::path::{Path, PathBuf};

/// The root of the workspace.
///
/// # Panics
///
/// Where this package does not stand in a workspace.
pub fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the tests stand in the workspace")
}

/// A binary of the workspace, in the profile that this test was built in.
///
/// # Panics
///
/// Where it has not been built.
pub fn binary(name: &str) -> PathBuf {
    let test = std::env::current_exe().expect("a test knows where it is");
    // A test stands in `deps`, a binary beside that.
    let file = test.ancestors().skip(1).map(|folder| folder.join(name)).find(|file| file.is_file());
    file.unwrap_or_else(|| panic!("`{name}` is not built: run `cargo build --workspace` first"))
}
