//! A place is how a person names a source on the command line.

use std::{fmt, path::PathBuf, str::FromStr};

use stele_api::selector::Selector;

use crate::error::{Explain, Hint};

/// A file, a folder, standard input, a git revision or a registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// `-`
    Stdin,
    /// A file or a folder.
    Path(PathBuf),
    /// `git:REVISION` or `git:REVISION:PATH`.
    Git {
        /// Whatever git takes for one: a branch, a tag, `HEAD~1`, `origin/main`.
        revision: String,
        /// Where in the repository; the path compared with where nothing is said.
        path: Option<PathBuf>,
    },
    /// `registry`: the one that `--registry` names.
    Registry,
    /// `registry:SUBJECT`, or `registry:SUBJECT@VERSION`.
    Registered {
        /// The subject.
        subject: String,
        /// Which of its versions; all of them where nothing is said.
        version: Option<Selector>,
    },
}

/// Why a place cannot stand where it was put.
#[derive(Debug, thiserror::Error)]
pub enum PlaceError {
    /// `registry` where only something on this machine will do.
    #[error("a registry cannot stand here")]
    NotHere,
    /// `-` for both.
    #[error("standard input can be only one of the two")]
    StdinTwice,
}

impl Explain for PlaceError {
    fn hint(&self) -> Option<Hint> {
        Some(match self {
            PlaceError::NotHere => Hint::new("name a file, a folder, `-` or `git:REVISION`"),
            PlaceError::StdinTwice => Hint::new("put one of them into a file"),
        })
    }
}

impl FromStr for Place {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Some(rest) = text.strip_prefix("registry:") {
            let (subject, version) = match rest.rsplit_once('@') {
                None => (rest, None),
                Some((subject, version)) => {
                    let version = version.parse().map_err(|_| {
                        format!("`{version}` is no version: expected 3, 1.2.0, ^1.2 or latest")
                    })?;
                    (subject, Some(version))
                }
            };
            return Ok(Place::Registered { subject: subject.to_owned(), version });
        }
        Ok(match text {
            "-" => Place::Stdin,
            "registry" => Place::Registry,
            path => match path.strip_prefix("git:") {
                None => Place::Path(PathBuf::from(path)),
                // A revision cannot hold a colon (git-check-ref-format); a path can.
                Some(rest) => match rest.split_once(':') {
                    None => Place::Git { revision: rest.to_owned(), path: None },
                    Some((revision, path)) => Place::Git {
                        revision: revision.to_owned(),
                        path: Some(PathBuf::from(if path.is_empty() { "." } else { path })),
                    },
                },
            },
        })
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Stdin => f.write_str("standard input"),
            Place::Path(path) => path.display().fmt(f),
            Place::Git { revision, path: None } => write!(f, "git:{revision}"),
            Place::Git { revision, path: Some(path) } => {
                write!(f, "git:{revision}:{}", path.display())
            }
            Place::Registry => f.write_str("registry"),
            Place::Registered { subject, version: None } => write!(f, "registry:{subject}"),
            Place::Registered { subject, version: Some(version) } => {
                write!(f, "registry:{subject}@{version}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_reads_as_it_is_written() {
        for text in [
            "schemas/orders",
            "git:HEAD~1",
            "git:origin/main:schemas/a b",
            "registry",
            "registry:OrderPlaced",
            "registry:OrderPlaced@^1.2",
        ] {
            assert_eq!(text.parse::<Place>().unwrap().to_string(), text);
        }
    }
}
