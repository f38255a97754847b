//! Since when: the revision that a check holds the working tree against where nobody says which.

use std::path::Path;

use super::{GitError, Repository};
use crate::error::{Explain, Hint};

/// Why there is nothing to hold the working tree against.
#[derive(Debug, thiserror::Error)]
pub enum SinceError {
    /// A bare repository holds no working tree to check.
    #[error("the repository at `{0}` is bare: there is no working tree to check")]
    Bare(String),
    /// The branch that CI names is not there.
    #[error("`{name}`, which {variable} names, is not in this clone")]
    Unfetched {
        /// The branch.
        name: String,
        /// The variable of the CI system.
        variable: &'static str,
    },
}

impl Explain for SinceError {
    fn hint(&self) -> Option<Hint> {
        Some(match self {
            SinceError::Bare(_) => Hint::new(
                "name two revisions: `stele check git:BRANCH:schemas --against git:main:schemas`",
            ),
            SinceError::Unfetched { .. } => Hint::new(
                "fetch it with its history: `fetch-depth: 0` of actions/checkout, `GIT_DEPTH: 0` in GitLab",
            ),
        })
    }
}

/// Why no revision was found.
#[derive(Debug, thiserror::Error)]
pub enum Unfound {
    /// Git says why.
    #[error(transparent)]
    Git(#[from] GitError),
    /// There is none.
    #[error(transparent)]
    Since(#[from] SinceError),
}

impl Explain for Unfound {
    fn hint(&self) -> Option<Hint> {
        match self {
            Unfound::Git(GitError::NoRepository(_)) => Some(Hint::new(
                "say what to hold it against: `--against FOLDER`, `--against git:REVISION` or `--against registry`",
            )),
            Unfound::Git(error) => error.hint(),
            Unfound::Since(error) => error.hint(),
        }
    }
}

/// The revision before what is being changed at `here`; nothing where nothing was committed yet. It is where the branch left the main branch of `origin` (the target,
/// in the merge request of a CI system), or `HEAD` on the main branch itself and where there is no other branch.
pub fn revision(here: &Path) -> Result<Option<String>, Unfound> {
    let repository = Repository::around(here)?;
    let root = || repository.root().display().to_string();
    if repository.is_bare() {
        return Err(SinceError::Bare(root()).into());
    }
    let Some(head) = repository.resolve("HEAD^{commit}")? else {
        return Ok(None);
    };
    for (variable, prefix) in TARGETS {
        let Some(name) = std::env::var(variable).ok().filter(|name| !name.is_empty()) else {
            continue;
        };
        let name = format!("{prefix}{name}");
        if repository.resolve(&format!("{name}^{{commit}}"))?.is_none() {
            return Err(SinceError::Unfetched { name, variable }.into());
        }
        return Ok(Some(repository.merge_base(&name)?));
    }
    for main in MAINS {
        let Some(tip) = repository.resolve(&format!("{main}^{{commit}}"))? else { continue };
        if tip == head {
            break;
        }
        let base = repository.merge_base(main)?;
        // A main branch that was pushed: what is not committed yet is what changes.
        let base_hash = repository.resolve(&format!("{base}^{{commit}}"))?;
        return Ok(Some(if base_hash.as_deref() == Some(&*head) {
            "HEAD".to_owned()
        } else {
            base
        }));
    }
    Ok(Some("HEAD".to_owned()))
}

/// Where a CI system says what a merge request leads to, and where that branch is in its clones.
const TARGETS: [(&str, &str); 2] =
    [("GITHUB_BASE_REF", "origin/"), ("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "origin/")];

/// The main branch, by the names it may have.
const MAINS: [&str; 6] = [
    "refs/remotes/origin/HEAD",
    "refs/remotes/origin/main",
    "refs/remotes/origin/master",
    "refs/heads/main",
    "refs/heads/master",
    "refs/heads/trunk",
];
