//! The workspace's end-to-end tests: real processes on free ports.
