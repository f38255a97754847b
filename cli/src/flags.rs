//! The flags that several commands share.

use std::path::PathBuf;

use clap::{Args as Flags, ValueEnum};
use stele_evolution::{containment::ContentModel, policy::Level, schema::Dialect};

use crate::{judging::Terms, report::Style, showing::ToFile};

/// How to show what was found in schemas.
#[derive(Debug, Clone, Flags)]
pub struct Showing {
    /// How to show the result
    #[arg(long, env = "STELE_FORMAT", value_enum, default_value_t)]
    pub format: Style,
    /// Write the result to a file instead of standard output
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Show it in one more format, in a file; may be said several times
    #[arg(long = "report", value_name = "FORMAT=FILE")]
    pub reports: Vec<ToFile>,
}

/// Which registry.
#[derive(Debug, Clone, Flags)]
pub struct Registry {
    /// The address of the registry
    #[arg(
        long,
        env = "STELE_REGISTRY",
        value_name = "URL",
        default_value = "http://127.0.0.1:8081"
    )]
    pub registry: String,
}

/// How to judge.
#[derive(Debug, Clone, Flags)]
pub struct Judging {
    /// What a new version may do [default: as subject.yaml or the registry says, else `ADDITIONS_ONLY`]
    #[arg(long, env = "STELE_COMPATIBILITY", value_name = "LEVEL")]
    pub compatibility: Option<Level>,
    /// What the schemas mean for the events that flow [default: as subject.yaml or the registry says, else event]
    #[arg(long, env = "STELE_CONTENT_MODEL", value_enum, value_name = "MODEL")]
    pub content_model: Option<Model>,
}

impl From<&Judging> for Terms {
    fn from(judging: &Judging) -> Terms {
        Terms { level: judging.compatibility, model: judging.content_model.map(ContentModel::from) }
    }
}

/// How to read.
#[derive(Debug, Clone, Flags)]
pub struct Reading {
    /// The dialect of a schema without `$schema`: 4, 6, 7, 2019-09, 2020-12, or a `$schema` URI
    #[arg(long, env = "STELE_DIALECT", default_value = "2020-12", value_parser = dialect)]
    pub dialect: Dialect,
    /// The subject, where a file does not say it by its name
    #[arg(long, value_name = "NAME")]
    pub subject: Option<String>,
}

fn dialect(name: &str) -> Result<Dialect, String> {
    Dialect::from_name(name)
        .ok_or_else(|| "expected 4, 6, 7, 2019-09, 2020-12, or a `$schema` URI".to_owned())
}

impl From<&Reading> for crate::source::Reading {
    fn from(reading: &Reading) -> Self {
        crate::source::Reading {
            dialect: reading.dialect,
            subject: reading.subject.clone(),
            ..crate::source::Reading::default()
        }
    }
}

/// What the schemas mean for the events that flow.
#[derive(Debug, Clone, Copy, Default, ValueEnum)]
pub enum Model {
    /// Producers send declared names only, readers ignore the rest
    #[default]
    Event,
    /// The schemas as written
    Strict,
}

impl From<Model> for ContentModel {
    fn from(model: Model) -> ContentModel {
        match model {
            Model::Event => ContentModel::Event,
            Model::Strict => ContentModel::Strict,
        }
    }
}
