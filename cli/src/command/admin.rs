//! `stele admin`: what keeps a registry: its log out and in, a backup, tokens.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};

use clap::{Args as Flags, Subcommand};
use stele_client::{Client, ClientError};
use stele_registry::access::{self, Grant, MintError};

use crate::{
    error::{Explain, Failure, Hint},
    exit::Exit,
    flags::Registry,
    terminal::Terminal,
};

/// `stele admin`
#[derive(Debug, Subcommand)]
pub enum Admin {
    /// Write down everything that ever happened in a registry, as lines of JSON
    #[command(after_help = "Examples:\n  stele admin export log.ndjson")]
    Export(ToFile),
    /// Take in what was exported, into a registry in which nothing has happened
    #[command(
        after_help = "Examples:\n  stele admin import log.ndjson --registry http://127.0.0.1:8081"
    )]
    Import(FromFile),
    /// Copy the log of a registry while it runs; `stele-registry --data` starts from the copy
    #[command(after_help = "Examples:\n  stele admin backup stele.db")]
    Backup(ToFile),
    /// Make a token: it goes to standard output, the line for the file of `--tokens` to standard error
    #[command(
        after_help = "Examples:\n  stele admin token orders-ci --grant writer@.orders 2>> tokens > ci.token"
    )]
    Token(Token),
}

/// Something that goes to a file.
#[derive(Debug, Flags)]
pub struct ToFile {
    /// The file, which must not be there yet
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Which registry
    #[command(flatten)]
    pub registry: Registry,
}

/// Something that comes from a file.
#[derive(Debug, Flags)]
pub struct FromFile {
    /// The file
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Which registry
    #[command(flatten)]
    pub registry: Registry,
}

/// `stele admin token`
#[derive(Debug, Flags)]
pub struct Token {
    /// Whose it is
    #[arg(value_name = "NAME")]
    pub name: String,
    /// What it may do: `reader`, `writer` or `admin`, `@`, and in which contexts; may be said several times
    #[arg(long = "grant", value_name = "ROLE@CONTEXT", required = true)]
    pub grants: Vec<Grant>,
}

/// Why it did not come to its end.
#[derive(Debug, thiserror::Error)]
enum AdminError {
    #[error("cannot write `{}`", file.display())]
    Write {
        file: PathBuf,
        #[source]
        cause: io::Error,
    },
    #[error("cannot read `{}`", file.display())]
    Read {
        file: PathBuf,
        #[source]
        cause: io::Error,
    },
    #[error("the answer of the registry breaks off")]
    CutOff(#[source] reqwest::Error),
    #[error("cannot make a token")]
    Token(#[source] MintError),
}

impl Explain for AdminError {
    fn exit(&self) -> Exit {
        match self {
            AdminError::CutOff(_) => Exit::Unreachable,
            _ => Exit::Usage,
        }
    }

    fn hint(&self) -> Option<Hint> {
        match self {
            AdminError::Write { cause, .. } if cause.kind() == io::ErrorKind::AlreadyExists => {
                Some(Hint::new("name a file that is not there yet: nothing is overwritten"))
            }
            AdminError::CutOff(_) => Some(Hint::new("try again; what was written is gone")),
            _ => None,
        }
    }
}

/// Does it.
pub async fn run(admin: &Admin, terminal: &mut Terminal) -> Result<Exit, Failure> {
    match admin {
        Admin::Export(args) => {
            let client = Client::new(&args.registry.registry)?;
            let bytes = save(&args.file, || client.export()).await?;
            terminal.message(format_args!("wrote {} ({bytes} bytes)", args.file.display()));
        }
        Admin::Backup(args) => {
            let client = Client::new(&args.registry.registry)?;
            let bytes = save(&args.file, || client.backup()).await?;
            terminal.message(format_args!("wrote {} ({bytes} bytes)", args.file.display()));
        }
        Admin::Import(args) => {
            let file = &args.file;
            let unread = |cause| AdminError::Read { file: file.clone(), cause };
            let lines = fs::read(file).map_err(unread)?;
            let events = Client::new(&args.registry.registry)?.import(lines).await?;
            terminal.message(format_args!("took in {events} events"));
        }
        Admin::Token(args) => {
            let minted = access::mint(&args.name, &args.grants).map_err(AdminError::Token)?;
            terminal.message(minted.line);
            terminal.result(format_args!("{}\n", minted.token))?;
        }
    }
    Ok(Exit::Compatible)
}

/// Writes an answer to a new file, all of it or none.
async fn save<F>(file: &Path, ask: impl FnOnce() -> F) -> Result<u64, Failure>
where
    F: Future<Output = Result<reqwest::Response, ClientError>>,
{
    let unwritten = |cause| AdminError::Write { file: file.to_owned(), cause };
    let mut written = File::create_new(file).map_err(unwritten)?;
    let saved = async {
        let mut answer = ask().await?;
        let mut bytes: u64 = 0;
        while let Some(piece) = answer.chunk().await.map_err(AdminError::CutOff)? {
            written.write_all(&piece).map_err(unwritten)?;
            bytes += u64::try_from(piece.len()).unwrap_or_default();
        }
        written.sync_all().map_err(unwritten)?;
        Ok(bytes)
    }
    .await;
    if saved.is_err() {
        // Half of a log is worse than none; that it cannot be removed changes nothing about the failure.
        let _ = fs::remove_file(file);
    }
    saved
}
