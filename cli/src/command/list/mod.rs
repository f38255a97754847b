//! `stele list`: the subjects of a registry.

pub mod args;

use owo_colors::Style;
use stele_api::{kind::Kind, stream::SubjectSummary};
use stele_client::Client;

use self::args::List;
use crate::{
    error::Failure,
    exit::Exit,
    report::{Format, json, table},
    terminal::Terminal,
};

/// Lists every subject with its newest version.
pub async fn run(args: &List, terminal: &mut Terminal) -> Result<Exit, Failure> {
    let client = Client::new(&args.registry.registry)?;
    let subjects = client.subjects().await?;

    match args.format {
        Format::Json => terminal.result(json::render(&subjects)?)?,
        Format::Human if subjects.is_empty() => {
            terminal.message("no subject yet: `stele register` puts one in");
        }
        Format::Human => {
            let rows: Vec<_> = subjects.iter().map(row).collect();
            let plain = Style::new();
            terminal.result(table::render(
                ["subject", "kind", "version", "release"],
                [plain.bold(), plain, plain, plain],
                &rows,
            ))?;
        }
    }
    Ok(Exit::Compatible)
}

fn row(summary: &SubjectSummary) -> [String; 4] {
    let latest = summary.latest.as_ref();
    [
        summary.subject.to_string(),
        kind(summary.kind).to_owned(),
        latest.map_or_else(|| "-".to_owned(), |latest| latest.version.to_string()),
        latest.map_or_else(|| "-".to_owned(), |latest| latest.release.to_string()),
    ]
}

/// A kind as people read it.
pub(super) fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Event => "event",
        Kind::Command => "command",
        Kind::State => "state",
    }
}
