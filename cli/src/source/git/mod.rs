//! A git revision, read from the object store through the real `git`: nothing is checked out, nothing is changed.

mod blobs;
mod repository;
pub mod since;

use std::{
    collections::BTreeMap,
    io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use self::blobs::Blobs;
pub use self::repository::Repository;
use super::{
    Document, ObjectId, Reading, Shape, Shelf, Source, Subject, layout, shelf::Texts, text,
};
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
    /// Two revisions that have no commit in common, as far as the clone reaches.
    #[error("`{revision}` and `HEAD` have no commit in common here")]
    NoMergeBase {
        /// The other revision.
        revision: String,
        /// Whether the clone holds only the newest commits.
        is_shallow: bool,
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

impl GitError {
    /// Whether the revision is there and the path in it is not.
    pub fn is_missing_path(&self) -> bool {
        matches!(self, GitError::MissingPath { .. })
    }
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
            GitError::NoMergeBase { is_shallow: true, .. } => Hint::new(
                "this clone is shallow: get the history (`git fetch --unshallow`, or `fetch-depth: 0` of actions/checkout), or compare with the tip of the branch, `--against git:origin/main`",
            ),
            GitError::NoMergeBase { .. } => {
                Hint::new("compare with a revision itself: `--against git:REVISION`")
            }
            GitError::MissingPath { .. } => Hint::new(
                "say where it was with `git:REVISION:PATH`; what is new there has nothing to be held against",
            ),
            GitError::Broken(..) => return None,
        })
    }
}

/// The files of a revision below a folder, each read once.
struct Tree {
    revision: String,
    /// The folder, from the root of the repository.
    folder: String,
    paths: Vec<String>,
    /// Every file of the revision that was listed, by its path from the root of the repository.
    ids: BTreeMap<String, ObjectId>,
    repository: Repository,
    /// The hash of the tree.
    root: String,
    blobs: Mutex<Blobs>,
}

impl Tree {
    /// A path of the source from the root of the repository; nothing where it leads out of it.
    fn whole(&self, path: &str) -> Option<String> {
        let mut parts: Vec<&str> = self.folder.split('/').filter(|part| !part.is_empty()).collect();
        for part in path.split('/').filter(|part| !part.is_empty()) {
            match part {
                ".." => drop(parts.pop()?),
                part => parts.push(part),
            }
        }
        Some(parts.join("/"))
    }
}

impl Texts for Tree {
    fn text(&self, path: &str) -> Result<Option<Arc<str>>, Failure> {
        let Some(whole) = self.whole(path) else { return Ok(None) };
        let id = match self.ids.get(&whole) {
            Some(id) => Some(id.clone()),
            // Outside of what was listed, where only a reference leads.
            None => self
                .repository
                .files(&self.root, &whole)?
                .into_iter()
                .find_map(|(path, id)| (path == whole).then_some(id)),
        };
        let Some(id) = id else { return Ok(None) };
        let bytes = self.blobs.lock().unwrap_or_else(PoisonError::into_inner).read(&id)?;
        Ok(Some(Arc::from(text(bytes, &self.origin(path))?)))
    }

    fn origin(&self, path: &str) -> String {
        let whole = self.whole(path).unwrap_or_else(|| path.to_owned());
        format!("git:{}:{whole}", self.revision)
    }

    fn paths(&self) -> &[String] {
        &self.paths
    }

    fn object_id(&self, path: &str) -> Option<&ObjectId> {
        self.ids.get(&self.whole(path)?)
    }
}

/// Reads what stood at `here` in `revision`. A revision that ends in `...` is where the current branch left it.
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
    let (revision, tree) = repository.tree(revision)?;
    let name = format!("git:{revision}");

    let folder = match layout::number(&path) {
        Some(_) if !named => path.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned(),
        _ => path.clone(),
    };
    let files = repository.files(&tree, &folder)?;
    if files.is_empty() {
        let path = if path.is_empty() { ".".to_owned() } else { path };
        return Err(GitError::MissingPath { path, revision }.into());
    }
    let blobs = Mutex::new(Blobs::open(repository.root())?);
    let root = repository.root().to_owned();
    let shelve = |folder: &str, paths: Vec<String>, files: Vec<(String, ObjectId)>| {
        let ids = files.into_iter().collect();
        let folder = folder.to_owned();
        Shelf::new(
            Tree { revision: revision.clone(), folder, paths, ids, repository, root: tree, blobs },
            reading.dialect,
        )
    };
    if let [(file, _)] = files.as_slice()
        && *file == folder
    {
        let (parent, file) = folder.rsplit_once('/').unwrap_or(("", &folder));
        let shelf = shelve(parent, vec![file.to_owned()], files.clone());
        let document = Document::shelved(&shelf, file, layout::number(file));
        document.schema()?;
        return Ok(Source::one(name, alone(&folder, reading, document)));
    }
    let start = if folder.is_empty() { 0 } else { folder.len() + 1 };
    let paths: Vec<String> =
        files.iter().filter_map(|(file, _)| file.get(start..)).map(str::to_owned).collect();
    let shelf = shelve(&folder, paths.clone(), files);
    let root = root.join(&folder);
    let root = root.file_name().unwrap_or_default().to_string_lossy();
    let mut source = layout::arrange(&name, &paths, &root, reading, &shelf)?;
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
