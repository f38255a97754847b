//! A report is how a result is shown: one model, and one file for each way to show it.

pub mod advice;
pub mod human;
pub mod json;
pub mod lens;
pub mod model;
mod page;
pub mod pretty;
pub mod story;
pub mod table;
pub mod tree;

/// The ways to show a result.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For people.
    #[default]
    Human,
    /// For programs: stable keys, one document.
    Json,
}
