//! `stele lens`: how an event crosses from one version to the next; one folder for each thing to do with a lens.
//!
//! All of them but `plan registry` work offline.

mod apply;
mod check;
mod new;
mod plan;
mod suggest;
mod test;

use clap::Subcommand;
use stele_evolution::version::Version;

use crate::{
    error::{Explain, Failure, Hint},
    exit::Exit,
    source::{self, Document, Neighbours, Place, SourceError},
    terminal::Terminal,
};

/// `stele lens`
#[derive(Debug, Subcommand)]
pub enum Lens {
    /// Check that a lens carries every event from one schema to the other, and back
    Check(check::Check),
    /// Propose a lens for what changed between two schemas, every guess marked
    Suggest(suggest::Suggest),
    /// Run the examples that lenses bring along
    Test(test::Test),
    /// Show how events get from one version of a subject to another, or where the way ends
    Plan(plan::Plan),
    /// Carry an event through a lens, showing what every operation does to it
    Apply(apply::Apply),
    /// Write the skeleton of a lens
    New(new::New),
}

/// Does one thing with a lens.
pub async fn run(lens: &Lens, terminal: &mut Terminal) -> Result<Exit, Failure> {
    match lens {
        Lens::Check(args) => check::run(args, terminal),
        Lens::Suggest(args) => suggest::run(args, terminal),
        Lens::Test(args) => test::run(args, terminal),
        Lens::Plan(args) => plan::run(args, terminal).await,
        Lens::Apply(args) => apply::run(args, terminal),
        Lens::New(args) => new::run(args, terminal),
    }
}

/// The files say other versions than the lens.
#[derive(Debug, thiserror::Error)]
#[error("the lens leads from version {from} to {to}, but `{origin}` is version {version}")]
struct OtherEdge {
    from: Version,
    to: Version,
    origin: String,
    version: Version,
}

impl Explain for OtherEdge {
    fn hint(&self) -> Option<Hint> {
        Some(Hint::new(
            "name the two files: first the version it comes from, then the one it leads to",
        ))
    }
}

/// The one document at a place.
fn document(place: &Place, other: &Place, reading: &source::Reading) -> Result<Document, Failure> {
    Ok(subject(place, other, reading)?.1)
}

/// The one document at a place, with the name of its subject.
fn subject(
    place: &Place,
    other: &Place,
    reading: &source::Reading,
) -> Result<(String, Document), Failure> {
    let reading = source::Reading { neighbours: Neighbours::ButLenses, ..reading.clone() };
    let source = source::read(place, Some(other), &reading)?;
    let (subject, document) =
        source.only().ok_or_else(|| SourceError::Several(source.name.clone()))?;
    Ok((subject.name.clone(), document.clone()))
}
