//! The repository around a path, asked through the real `git`.

use std::{
    io,
    path::{Component, Path, PathBuf},
    process::{Command, Output},
};

use super::GitError;
use crate::source::ObjectId;

/// The repository around a path: its working tree, or itself where it has none.
#[derive(Debug, Clone)]
pub struct Repository {
    root: PathBuf,
    is_bare: bool,
}

impl Repository {
    /// The repository that `path` is in.
    pub fn around(path: &Path) -> Result<Self, GitError> {
        // The path may be gone from the working tree: the nearest folder above it that stands will do.
        let absolute = std::path::absolute(path)
            .map_err(|cause| GitError::Broken(path.display().to_string(), cause))?;
        let mut folder = absolute.as_path();
        while !folder.is_dir() {
            match folder.parent() {
                Some(parent) => folder = parent,
                None => return Err(GitError::NoRepository(absolute)),
            }
        }
        let answer = git(folder)
            .args(["rev-parse", "--is-bare-repository", "--absolute-git-dir", "--show-toplevel"])
            .output()
            .map_err(GitError::NoGit)?;
        let said = String::from_utf8_lossy(&answer.stdout).into_owned();
        let mut lines = said.lines();
        let (bare, folder, root) = (lines.next(), lines.next(), lines.next());
        let root = match (bare, folder, root) {
            (Some("true"), Some(folder), _) => {
                return Ok(Repository { root: folder.into(), is_bare: true });
            }
            (_, _, Some(root)) if answer.status.success() => root,
            _ => return Err(GitError::NoRepository(path.to_owned())),
        };
        Ok(Repository { root: PathBuf::from(root), is_bare: false })
    }

    /// Where it stands.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Whether it has no working tree.
    pub fn is_bare(&self) -> bool {
        self.is_bare
    }

    /// The path from the root of the repository, with `/`.
    pub fn relative(&self, path: &Path) -> Result<String, GitError> {
        if self.is_bare && path.is_relative() {
            return Ok(slashed(path));
        }
        let outside = || GitError::NoRepository(path.to_owned());
        let mut real = std::path::absolute(path).map_err(|_| outside())?;
        let mut gone = Vec::new();
        let real = loop {
            if let Ok(real) = real.canonicalize() {
                break real;
            }
            gone.push(real.file_name().ok_or_else(outside)?.to_owned());
            if !real.pop() {
                return Err(outside());
            }
        };
        let root = self.root.canonicalize().map_err(|_| outside())?;
        let mut whole = real.strip_prefix(root).map_err(|_| outside())?.to_owned();
        whole.extend(gone.iter().rev());
        Ok(slashed(&whole))
    }

    /// The tree of a revision by its hash, and the revision by a name that people know. One that ends in `...` is the
    /// commit at which the current branch left it.
    pub fn tree(&self, revision: &str) -> Result<(String, String), GitError> {
        let unknown = || GitError::UnknownRevision {
            revision: revision.to_owned(),
            repository: self.root.clone(),
        };
        let named = match revision.strip_suffix("...") {
            None => revision.to_owned(),
            Some(other) => {
                let other = if other.is_empty() { "HEAD" } else { other };
                self.resolve(other)?.ok_or_else(unknown)?;
                self.merge_base(other)?
            }
        };
        match self.resolve(&format!("{named}^{{tree}}"))? {
            Some(tree) if !named.is_empty() => Ok((named, tree)),
            _ => Err(unknown()),
        }
    }

    /// The hash that a name stands for, if it stands for one.
    pub fn resolve(&self, name: &str) -> Result<Option<String>, GitError> {
        let answer = self.ask(&["rev-parse", "--verify", "--quiet", "--end-of-options", name])?;
        let hash = String::from_utf8_lossy(&answer.stdout).trim().to_owned();
        Ok((answer.status.success() && !hash.is_empty()).then_some(hash))
    }

    /// The commit at which the current branch left `other`, by as much of its hash as is unique.
    pub fn merge_base(&self, other: &str) -> Result<String, GitError> {
        let answer = self.ask(&["merge-base", "--end-of-options", other, "HEAD"])?;
        let base = String::from_utf8_lossy(&answer.stdout).trim().to_owned();
        if !answer.status.success() || base.is_empty() {
            let shallow = self.ask(&["rev-parse", "--is-shallow-repository"])?;
            return Err(GitError::NoMergeBase {
                revision: other.to_owned(),
                is_shallow: shallow.stdout.starts_with(b"true"),
            });
        }
        let short = self.ask(&["rev-parse", "--short=10", "--end-of-options", &base])?;
        let short = String::from_utf8_lossy(&short.stdout).lines().last().map(str::to_owned);
        Ok(short.filter(|short| !short.is_empty()).unwrap_or(base))
    }

    /// The files at and below `path`, with the names git has for what stands in them; links and submodules are none.
    pub fn files(&self, tree: &str, path: &str) -> Result<Vec<(String, ObjectId)>, GitError> {
        let mut command = git(&self.root);
        command.args(["--literal-pathspecs", "ls-tree", "-r", "-z", "--full-tree", tree]);
        if !path.is_empty() {
            command.arg("--").arg(path);
        }
        let answer = command.output().map_err(GitError::NoGit)?;
        if !answer.status.success() {
            let said = String::from_utf8_lossy(&answer.stderr).trim().to_owned();
            return Err(GitError::Broken(path.to_owned(), io::Error::other(said)));
        }
        let listed = String::from_utf8_lossy(&answer.stdout);
        Ok(listed
            .split('\0')
            .filter_map(|entry| entry.split_once('\t'))
            // `<mode> blob <hash>`
            .filter(|(about, _)| about.starts_with("100"))
            .filter_map(|(about, path)| {
                Some((path.to_owned(), ObjectId::named(about.rsplit(' ').next()?)))
            })
            .collect())
    }

    fn ask(&self, args: &[&str]) -> Result<Output, GitError> {
        git(&self.root).args(args).output().map_err(GitError::NoGit)
    }
}

fn slashed(path: &Path) -> String {
    let mut parts: Vec<_> = Vec::new();
    for part in path.components() {
        match part {
            Component::Normal(name) => parts.push(name.to_string_lossy()),
            Component::ParentDir => drop(parts.pop()),
            _ => {}
        }
    }
    parts.join("/")
}

/// Git, run in a folder, saying the same in every language and leaving no lock behind.
pub(super) fn git(folder: &Path) -> Command {
    let mut command = Command::new("git");
    command.arg("-C").arg(folder).env("LC_ALL", "C").env("GIT_OPTIONAL_LOCKS", "0");
    command
}
