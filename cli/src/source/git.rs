//! A git revision, read from the object store through the real `git`: nothing is checked out, nothing is changed.

use std::{
    io::{self, BufRead, BufReader, Read, Write},
    path::{Component, Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

use super::{Document, Reading, Shape, Source, SourceError, Subject, layout, schema, text};
use crate::error::{Explain, Failure, Hint};

/// Why a revision cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum GitError {
    /// There is no git to ask.
    #[error("cannot run `git`")]
    NoGit(#[source] io::Error),
    /// The path is in no repository.
    #[error("`{}` is not in a git repository", .0.display())]
    NoRepository(PathBuf),
    /// The repository has no such revision.
    #[error("`{revision}` is not a revision of the repository at `{}`", .repository.display())]
    UnknownRevision {
        /// What was asked for.
        revision: String,
        /// Where it was looked for.
        repository: PathBuf,
    },
    /// The revision has no such path.
    #[error("`{path}` does not exist at revision `{revision}`")]
    MissingPath {
        /// The path from the root of the repository.
        path: String,
        /// The revision.
        revision: String,
    },
    /// Git answered something else than it promises.
    #[error("git cannot read `{0}`")]
    Broken(String, #[source] io::Error),
}

impl Explain for GitError {
    fn hint(&self) -> Option<Hint> {
        Some(match self {
            GitError::NoGit(_) => Hint::new("install git, or compare with a folder"),
            GitError::NoRepository(_) => {
                Hint::new("`git:REVISION` reads the repository that the compared path is in")
            }
            GitError::UnknownRevision { .. } => Hint::new(
                "fetch it first: a CI job often has a shallow clone (`git fetch origin main`, then `git:origin/main`)",
            ),
            GitError::MissingPath { .. } => Hint::new(
                "say where it was with `git:REVISION:PATH`; what is new there has nothing to be held against",
            ),
            GitError::Broken(..) => return None,
        })
    }
}

/// Reads what stood at `here` in `revision`.
///
/// A numbered file brings its whole subject, so that the newest version before it is found; that it is absent itself
/// is no error then. `named` says whether the person named the path for this revision.
pub fn read(
    revision: &str,
    here: &Path,
    named: bool,
    reading: &Reading,
) -> Result<Source, Failure> {
    let repository = Repository::around(here)?;
    let path = repository.relative(here)?;
    let tree = repository.tree(revision)?;
    let name = format!("git:{revision}");
    let mut blobs = Blobs::open(&repository.root)?;
    let mut content = |path: &str| -> Result<(String, String), Failure> {
        let origin = format!("git:{revision}:{path}");
        let bytes = blobs.read(&format!("{tree}:{path}"))?;
        Ok((text(bytes, &origin)?, origin))
    };

    let folder = match layout::number(&path) {
        Some(_) if !named => path.rsplit_once('/').map_or("", |(folder, _)| folder),
        _ => &path,
    };
    let files = repository.files(&tree, folder)?;
    if files.is_empty() {
        let path = if path.is_empty() { ".".to_owned() } else { path };
        return Err(GitError::MissingPath { path, revision: revision.to_owned() }.into());
    }
    if files == [folder] {
        let (text, origin) = content(folder)?;
        let schema = schema(&text, &origin, reading)?;
        let subject = alone(
            folder,
            reading,
            Document { version: layout::number(folder), release: None, schema, origin },
        );
        return Ok(Source::one(name, subject));
    }
    let below = |path: &str| match folder {
        "" => path.to_owned(),
        folder => path[folder.len() + 1..].to_owned(),
    };
    let whole = |path: &str| match folder {
        "" => path.to_owned(),
        folder => format!("{folder}/{path}"),
    };
    let files: Vec<String> = files.iter().map(|file| below(file)).collect();
    let root = repository.root.join(folder);
    let root = root.file_name().unwrap_or_default().to_string_lossy();
    // `arrange` knows nothing of git, so what git says of a file waits here.
    let mut failed = None;
    let arranged = layout::arrange(&name, &files, &root, reading, |path| {
        content(&whole(path)).map_err(|failure| {
            failed = Some(failure);
            SourceError::NotText(whole(path))
        })
    });
    if let Some(failure) = failed {
        return Err(failure);
    }
    let mut source = arranged?;
    if folder != path {
        source.shape = Shape::Part;
    }
    Ok(source)
}

fn alone(path: &str, reading: &Reading, document: Document) -> Subject {
    let mut parts = layout::stem(path).rsplit('/');
    let stem = parts.next().unwrap_or_default();
    let name = match document.version {
        Some(_) => parts.next().unwrap_or(stem),
        None => stem,
    };
    let name = reading.subject.as_deref().unwrap_or(name);
    Subject::new(name.to_owned(), name.to_owned(), None, vec![document])
}

/// The repository around a path.
struct Repository {
    root: PathBuf,
}

impl Repository {
    fn around(path: &Path) -> Result<Self, GitError> {
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
        let answer =
            git(folder).args(["rev-parse", "--show-toplevel"]).output().map_err(GitError::NoGit)?;
        let root =
            String::from_utf8_lossy(&answer.stdout).trim_end_matches(['\r', '\n']).to_owned();
        if !answer.status.success() || root.is_empty() {
            return Err(GitError::NoRepository(path.to_owned()));
        }
        Ok(Repository { root: PathBuf::from(root) })
    }

    /// The path from the root of the repository, with `/`.
    fn relative(&self, path: &Path) -> Result<String, GitError> {
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
        let parts: Vec<_> = whole
            .components()
            .filter_map(|part| match part {
                Component::Normal(name) => Some(name.to_string_lossy()),
                _ => None,
            })
            .collect();
        Ok(parts.join("/"))
    }

    /// The tree of a revision, by its hash.
    fn tree(&self, revision: &str) -> Result<String, GitError> {
        let answer = git(&self.root)
            .args(["rev-parse", "--verify", "--quiet", "--end-of-options"])
            .arg(format!("{revision}^{{tree}}"))
            .output()
            .map_err(GitError::NoGit)?;
        let hash = String::from_utf8_lossy(&answer.stdout).trim().to_owned();
        if !answer.status.success() || hash.is_empty() || revision.is_empty() {
            return Err(GitError::UnknownRevision {
                revision: revision.to_owned(),
                repository: self.root.clone(),
            });
        }
        Ok(hash)
    }

    /// The files at and below `path`; links and submodules are none.
    fn files(&self, tree: &str, path: &str) -> Result<Vec<String>, GitError> {
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
            .filter(|(about, _)| about.starts_with("100"))
            .map(|(_, path)| path.to_owned())
            .collect())
    }
}

/// The objects of a repository, read through one `git cat-file --batch`.
struct Blobs {
    child: Child,
    ask: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Blobs {
    fn open(root: &Path) -> Result<Self, GitError> {
        let mut child = git(root)
            .args(["cat-file", "--batch"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(GitError::NoGit)?;
        match (child.stdin.take(), child.stdout.take()) {
            (ask, Some(answers)) => Ok(Blobs { child, ask, answers: BufReader::new(answers) }),
            _ => Err(GitError::NoGit(io::Error::other("it has no standard output"))),
        }
    }

    fn read(&mut self, object: &str) -> Result<Vec<u8>, GitError> {
        self.answer(object).map_err(|cause| GitError::Broken(object.to_owned(), cause))
    }

    fn answer(&mut self, object: &str) -> io::Result<Vec<u8>> {
        let unexpected = |answer: &str| io::Error::other(format!("it answers `{}`", answer.trim()));
        if object.contains('\n') {
            return Err(io::Error::other("the path holds a line break"));
        }
        let ask = self.ask.as_mut().ok_or_else(|| unexpected(""))?;
        ask.write_all(format!("{object}\n").as_bytes())?;
        ask.flush()?;
        // `<hash> blob <size>`, the bytes, a line break.
        let mut header = String::new();
        self.answers.read_line(&mut header)?;
        let size = match header.trim().rsplit_once(' ') {
            Some((about, size)) if about.ends_with(" blob") => {
                size.parse().map_err(|_| unexpected(&header))?
            }
            _ => return Err(unexpected(&header)),
        };
        let mut bytes = vec![0; size];
        self.answers.read_exact(&mut bytes)?;
        self.answers.read_exact(&mut [0])?;
        Ok(bytes)
    }
}

impl Drop for Blobs {
    fn drop(&mut self) {
        // Git ends at the end of its input.
        drop(self.ask.take());
        let _ = self.child.wait();
    }
}

fn git(folder: &Path) -> Command {
    let mut command = Command::new("git");
    command.arg("-C").arg(folder).env("LC_ALL", "C").env("GIT_OPTIONAL_LOCKS", "0");
    command
}
