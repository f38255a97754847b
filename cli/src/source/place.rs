//! A place is how a person names a source on the command line.

use std::{convert::Infallible, fmt, path::PathBuf, str::FromStr};

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
}

/// Why a place cannot stand where it was put.
#[derive(Debug, thiserror::Error)]
pub enum PlaceError {
    /// `registry` where only something on this machine will do.
    #[error("`registry` cannot stand here")]
    NotHere,
    /// `-` for both.
    #[error("standard input can be only one of the two")]
    StdinTwice,
}

impl Explain for PlaceError {
    fn hint(&self) -> Option<Hint> {
        Some(match self {
            PlaceError::NotHere => Hint::new(
                "name a file, a folder, `-` or `git:REVISION`; `--against registry` is where a registry can stand",
            ),
            PlaceError::StdinTwice => Hint::new("put one of them into a file"),
        })
    }
}

impl FromStr for Place {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
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
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_reads_as_it_is_written() {
        for text in ["schemas/orders", "git:HEAD~1", "git:origin/main:schemas/a b", "registry"] {
            let Ok(place) = text.parse::<Place>();

            assert_eq!(place.to_string(), text);
        }
    }
}
