//! A folder on this machine, read by the layout.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use super::{Reading, Shelf, Source, SourceError, file, layout, shelf::Texts};
use crate::error::Failure;

/// The files of a folder, each read once.
pub(super) struct Files {
    root: PathBuf,
    paths: Vec<String>,
    read: Mutex<BTreeMap<String, Option<Arc<str>>>>,
}

impl Files {
    pub(super) fn new(root: &Path, paths: Vec<String>) -> Self {
        Files { root: root.to_owned(), paths, read: Mutex::default() }
    }
}

impl Texts for Files {
    fn text(&self, path: &str) -> Result<Option<Arc<str>>, Failure> {
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(text) = read.get(path) {
            return Ok(text.clone());
        }
        let text = match file::content(&self.root.join(path)) {
            Ok(text) => Some(Arc::from(text)),
            Err(SourceError::Missing(_)) => None,
            Err(error) => return Err(error.into()),
        };
        Ok(read.entry(path.to_owned()).or_insert(text).clone())
    }

    fn origin(&self, path: &str) -> String {
        match self.root.as_os_str().to_str() {
            Some("." | "") => path.to_owned(),
            _ => self.root.join(path).display().to_string(),
        }
    }

    fn paths(&self) -> &[String] {
        &self.paths
    }
}

/// Reads all the schemas in a folder, and in the folders in it.
///
/// Hidden folders, `node_modules` and folders marked as a cache (`CACHEDIR.TAG`, as cargo's `target` is) are passed by.
pub fn read(root: &Path, reading: &Reading) -> Result<Source, Failure> {
    let mut paths = Vec::new();
    walk(root, "", &mut paths)?;
    paths.sort();
    let shelf = Shelf::new(Files::new(root, paths.clone()), reading.dialect);
    layout::arrange(&root.display().to_string(), &paths, &name(root)?, reading, &shelf)
}

/// Everything that stands directly in a folder.
pub(super) fn beside(folder: &Path) -> Result<Vec<String>, SourceError> {
    let entries = entries(folder)?.into_iter();
    let mut names: Vec<String> = entries
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter(|name| folder.join(name).is_file())
        .collect();
    names.sort();
    Ok(names)
}

fn walk(root: &Path, inside: &str, paths: &mut Vec<String>) -> Result<(), SourceError> {
    let folder = root.join(inside);
    let entries = entries(&folder)?;
    if !inside.is_empty() && entries.iter().any(|entry| entry.file_name() == "CACHEDIR.TAG") {
        return Ok(());
    }
    for entry in entries {
        // A name that is not text follows no convention.
        let Ok(name) = entry.file_name().into_string() else { continue };
        if name.starts_with('.') || name == "node_modules" {
            continue;
        }
        let path = if inside.is_empty() { name } else { format!("{inside}/{name}") };
        let kind = entry.file_type().map_err(|cause| unreadable(&entry.path(), cause))?;
        if kind.is_dir() {
            walk(root, &path, paths)?;
        } else if kind.is_file() || kind.is_symlink() && entry.path().is_file() {
            paths.push(path);
        }
    }
    Ok(())
}

fn entries(folder: &Path) -> Result<Vec<fs::DirEntry>, SourceError> {
    fs::read_dir(folder).and_then(Iterator::collect).map_err(|cause| unreadable(folder, cause))
}

/// The folder's own name, also where it is written as `.`.
pub(super) fn name(folder: &Path) -> Result<String, SourceError> {
    let whole = folder.canonicalize().map_err(|cause| unreadable(folder, cause))?;
    Ok(whole.file_name().unwrap_or_default().to_string_lossy().into_owned())
}

fn unreadable(path: &Path, cause: io::Error) -> SourceError {
    SourceError::Unreadable { origin: path.display().to_string(), cause }
}
